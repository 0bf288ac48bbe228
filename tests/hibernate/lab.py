"""A machine that boots Debian's packaged kernel behind bootmem, by the loaders that start it: what its map is, and
whether it resumes. Paths of the volume are keys; where a loader looks for its files is the loader's way."""

import dataclasses
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "qemu"))

import machine  # noqa: E402

SYSTEMD = pathlib.Path("/usr/lib/systemd/boot/efi")
SHIM = pathlib.Path("/usr/lib/shim/shimx64.efi.signed")
# It is slow and busy, and a resume reads what was written.
SECONDS = "900"
# So many still find room in the firmware's log, and it has an end.
FULL_EVENTS = 40
# The first line behind the map.
BEHIND_MAP = "[    0.000000] efi: EFI v"
OPTIONS = "console=ttyS0 earlyprintk=serial nokaslr"


@dataclasses.dataclass(frozen=True)
class Linux:
    """A kernel, and what it starts with."""

    kernel: pathlib.Path
    initramfs: pathlib.Path = None
    options: str = OPTIONS

    @property
    def files(self):
        return {"/vmlinuz.efi": self.kernel, **({"/initramfs": self.initramfs} if self.initramfs else {})}

    @property
    def stub_options(self):
        """The stub itself reads the initramfs."""
        return self.options + (" initrd=\\initramfs" if self.initramfs else "")


def stub(_directory, linux):
    """The kernel itself is the application."""
    return linux.files, f"chain = \\vmlinuz.efi\nchain-options = {linux.stub_options}\n"


def systemd_boot(_directory, linux):
    entry = f"title Linux\nlinux /vmlinuz.efi\noptions {linux.options}\n"
    entry += "initrd /initramfs\n" if linux.initramfs else ""
    return {**linux.files, "/loader.efi": SYSTEMD / "systemd-bootx64.efi", "/loader/entries/linux.conf": entry,
            "/loader/loader.conf": "default linux\ntimeout 0\n"}, "chain = \\loader.efi\n"


def make_uki(directory, linux):
    """As ukify does: each part is a section, at a place of its own behind the stub's."""
    parts = {".cmdline": linux.options.encode(), ".linux": linux.kernel.read_bytes(),
             ".initrd": linux.initramfs.read_bytes() if linux.initramfs else b"\0" * 4}
    place, arguments = 0x30000, []
    for name, contents in parts.items():
        (directory / name[1:]).write_bytes(contents)
        arguments += ["--add-section", f"{name}={directory / name[1:]}", "--change-section-vma", f"{name}={place:#x}"]
        place += (len(contents) + 0xffff) & ~0xffff
    subprocess.run(["objcopy", *arguments, SYSTEMD / "linuxx64.efi.stub", directory / "uki.efi"], check=True)
    return directory / "uki.efi"


def uki(directory, linux):
    return {"/uki.efi": make_uki(directory, linux)}, "chain = \\uki.efi\n"


def make_grub(directory, script, modules):
    """GRUB's own images read their modules from a disk that is not there."""
    (directory / "grub.cfg").write_text(f"search --file /vmlinuz.efi --set=root\n{script}boot\n")
    subprocess.run(["grub-mkimage", "-O", "x86_64-efi", "-p", "/grub", "-o", directory / "grub.efi",
                    "-c", directory / "grub.cfg", "fat", "part_gpt", "search", "search_fs_file", "normal", "boot",
                    *modules], check=True)
    return directory / "grub.efi"


def grub_chainloader(directory, linux):
    image = make_grub(directory, f"chainloader /vmlinuz.efi {linux.stub_options}\n", ["chain"])
    return {**linux.files, "/grub.efi": image}, "chain = \\grub.efi\n"


def make_grub_linux(directory, linux):
    initrd = "initrd /initramfs\n" if linux.initramfs else ""
    return make_grub(directory, f"linux /vmlinuz.efi {linux.options}\n{initrd}", ["linux"])


def grub_linux(directory, linux):
    """It enters the kernel behind its stub: GRUB 2.06 without Secure Boot."""
    return {**linux.files, "/grub.efi": make_grub_linux(directory, linux)}, "chain = \\grub.efi\n"


def shim_uki(directory, linux):
    """shim's second stage lies beside it."""
    return {"/shim.efi": SHIM, "/grubx64.efi": make_uki(directory, linux)}, "chain = \\shim.efi\n"


def shim_grub_linux(directory, linux):
    return {**linux.files, "/shim.efi": SHIM, "/grubx64.efi": make_grub_linux(directory, linux)}, \
        "chain = \\shim.efi\n"


def mixed(_directory, linux):
    """The kernel of 64 bits on firmware of 32 bits. Its stub reads no initrd= there: good for maps alone."""
    return {**linux.files, "/mixed.efi": machine.loader("ia32", "mixed")}, \
        f"chain = \\mixed.efi\nchain-options = \\vmlinuz.efi {linux.options}\n"


@dataclasses.dataclass(frozen=True)
class Setup:
    """What may differ between two boots of one machine."""

    loader: object = stub
    events: int = 2  # of 1024 bytes, more than the firmware's in the TPM's log
    pin: bool = False
    devices: tuple = ()
    memory: str = "512M"

    @property
    def firmware(self):
        return "ia32" if self.loader is mixed else "x64"

    @property
    def qemu(self):
        return [part for device in self.devices for part in ("-device", device)]


RNG = "virtio-rng-pci"
NIC = "e1000"


def boot(directory, setup, linux, at_line, qemu=(), variables=None):
    """What is said, until what at_line is for."""
    directory.mkdir()
    files, chain = setup.loader(directory, linux)
    image = machine.make_image(directory, {
        machine.removable(setup.firmware): machine.loader(setup.firmware, "plant"),
        "/plant.conf": f"events {setup.events}\nstart \\bootmem.efi\n",
        "/bootmem.efi": machine.loader(setup.firmware),
        "/bootmem.conf": f"{chain}pin = {'yes' if setup.pin else 'no'}\n", **files}, "--gpt")
    seen = machine.run(directory, image, "--firmware", setup.firmware, "--memory", setup.memory, "--write",
                       "--tpm", "crb", "--timeout", SECONDS, *(("--keep-vars", variables) if variables else ()),
                       "--", *setup.qemu, *qemu, at_line=at_line)
    added = int(seen.find(r"plant: (\d+) events")[1])
    assert added == setup.events or FULL_EVENTS < added < setup.events, seen.text
    block = seen.find(r"Starting \\\w+.efi, pinned at 0x([0-9a-f]+)\r?$")
    assert bool(block) == setup.pin, seen.text
    return seen, block and int(block[1], 16)


def e820(text):
    """What the firmware and the loaders left, as the kernel prints it: (first, last, type)."""
    return re.findall(r"BIOS-e820: \[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)\] (.*?)\r?$", text, re.MULTILINE)


def map_of(directory, setup, linux, variables=None):
    """The kernel's map, and where bootmem's block is; the boot ends there."""
    seen, block = boot(directory, setup, linux, (BEHIND_MAP, lambda control: control.execute("quit")),
                       variables=variables)
    ranges = e820(seen.text)
    assert len(ranges) > 8, seen.text
    return ranges, block
