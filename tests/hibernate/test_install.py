"""make install-esp and make uninstall-esp on a machine: Debian's kernel and efibootmgr, OVMF's own variables. Its
initramfs has the program, with Python, and what it needs."""

import dataclasses
import os
import re
import shutil
import subprocess

import pytest

import lab
from lab import HERE, machine

OPTIONS = "console=ttyS0 nokaslr"
LINUX = "\\EFI\\BOOT\\BOOTX64.EFI"
SCRIPT = machine.ROOT / "esp" / "install-esp"
PYTHON = "/usr/bin/python3"
# Says which files a run of it has read.
LIST_MODULES = """
import encodings.utf_16_le, runpy, sys
sys.argv = [sys.argv[1], "--help"]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit:
    pass
for module in list(sys.modules.values()):
    for name in (getattr(module, "__file__", None), getattr(module, "__cached__", None)):
        print(name or "", file=sys.stderr)
"""
# A machine is slow, and shared: this is when it has hung.
SECONDS = "900"
INSTALL = """
efibootmgr --quiet --create --disk /dev/vda --part 1 --label Linux --loader '\\EFI\\BOOT\\BOOTX64.EFI'
state
say install
run install-esp --build /build --conf /build/esp.conf /boot/efi
state
"""
REMOVE = """
state
say remove
run install-esp --remove --captures /boot/efi
state
"""


def libraries(programs):
    said = subprocess.run(["ldd", *programs], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(/\S+\.so\S*) \(0x", said))


def python_files():
    said = subprocess.run([PYTHON, "-c", LIST_MODULES, SCRIPT], capture_output=True, text=True, check=True).stderr
    return {name for name in said.splitlines() if name.startswith("/usr/lib/python") and os.path.exists(name)}


def make_initramfs(directory, kernel):
    """Paths are those of this machine, which is what finds them there."""
    root = directory / "root"
    programs = {os.path.realpath(PYTHON), shutil.which("efibootmgr"), shutil.which("blkid", path="/usr/sbin:/sbin")}
    modules = python_files()
    files = programs | modules | libraries([*programs, *(name for name in modules if name.endswith(".so"))])
    for name in files:
        (root / name.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(name, root / name.lstrip("/"))
    (root / PYTHON.lstrip("/")).symlink_to(os.path.realpath(PYTHON))
    for folder in ("bin", "build", "modules"):
        (root / folder).mkdir(exist_ok=True)
    shutil.copy(HERE / "init-esp", root / "init")
    shutil.copy("/bin/busybox", root / "bin/busybox")
    shutil.copy(SCRIPT, root / "usr/bin/install-esp")
    for number, folder in enumerate(("modules", "modules-esp")):
        shutil.copytree(kernel / folder, root / "modules" / str(number))
    (root / "build/x64").mkdir()
    shutil.copy(machine.loader("x64"), root / "build/x64/bootmem.efi")
    conf = (machine.ROOT / "esp/bootmem.conf").read_text()
    for line in ("chain = next", "pin = yes", "remember = yes"):  # the last one leaves variables behind
        conf = re.sub(f"^{line.partition('=')[0]}=.*$", line, conf, flags=re.MULTILINE)
    (root / "build/esp.conf").write_text(conf)
    with open(directory / "initramfs", "wb") as file:
        names = "\n".join(sorted(str(path.relative_to(root)) for path in root.rglob("*")))
        subprocess.run(["busybox", "cpio", "-o", "-H", "newc"], cwd=root, input=names.encode(), stdout=file,
                       stderr=subprocess.DEVNULL, check=True)
    return directory / "initramfs"


def make_linux(directory, linux):
    """One image, as firmware starts it without options."""
    own = dataclasses.replace(linux, initramfs=make_initramfs(directory, linux.kernel.parent), options=OPTIONS)
    return lab.make_uki(directory, own)


class Pc:
    def __init__(self, directory, linux):
        self.directory = directory
        self.image = machine.make_image(directory, {machine.removable("x64"): make_linux(directory, linux),
                                                    "/todo": ""}, "--gpt")

    def boot(self, todo):
        """What is said: by bootmem, by the kernel, and by what there is to do."""
        (self.directory / "todo").write_text(todo)
        done = machine.mtools("mcopy", machine.partition(self.image, 1), "-o", self.directory / "todo", "::/todo")
        assert done.returncode == 0, done.stderr
        seen = machine.run(self.directory, self.image, "--write", "--own-order", "--disk", "virtio-blk", "--keep-vars",
                           self.directory / "vars.fd", "--timeout", SECONDS)
        lines = re.findall(r"^\[ *[\d.]+\] esp: (.*?)\r?$", seen.text, re.MULTILINE)
        assert lines and lines[-1] == "done", seen.text
        return seen, lines


def states(lines):
    """What is before a line of another kind, and what is behind: the two states of a boot."""
    found, last = [], ""
    for line in lines:
        if line.startswith("state "):
            if not last.startswith("state "):
                found.append([])
            found[-1].append(line)
        last = line
    return found


@pytest.mark.deep
def test_it_is_installed_booted_and_removed(linux, tmp_path):
    """Without a trace: the files, the boot entries and their order are as they were before."""
    pc = Pc(tmp_path, linux)
    seen, lines = pc.boot(INSTALL)
    before, installed = states(lines)
    assert not seen.lines("bootmem:") and "bootmem: installed" in lines, seen.text
    assert f"chain = next starts Boot0003 Linux, {LINUX}" in lines, lines
    assert len(installed) == len(before) + 4, lines  # the entry; the image, its folder, the configuration

    seen, lines = pc.boot(REMOVE)
    assert seen.find(r"^bootmem: .*Starting Boot0003 \\EFI\\BOOT\\BOOTX64.EFI, pinned at 0x[0-9a-f]+\r?$"), seen.text
    booted, removed = states(lines)
    for name in ("BootmemPin-", "BootmemStage-", "captures/0001.map", "bootmem/pin.conf"):
        assert any(name in line for line in booted), "\n".join(lines)
    assert "bootmem: removed" in lines, "\n".join(lines)
    assert removed == before, "\n".join(lines)

    seen, lines = pc.boot("state\n")
    assert not seen.lines("bootmem:") and states(lines) == [before], seen.text
