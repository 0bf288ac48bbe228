"""A machine to boot: a disk image with bootmem on it, and what a run of it said.

All that the tests expect of the Makefile - which file is built where - stands in this file.
"""

import dataclasses
import os
import pathlib
import re
import struct
import subprocess

import pytest

import qmp

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / os.environ.get("BOOTMEM_BUILD", "build")
HERE = ROOT / "tests" / "qemu"

REMOVABLE = {"x64": "/EFI/BOOT/BOOTX64.EFI", "ia32": "/EFI/BOOT/BOOTIA32.EFI"}
BITS = {"x64": 64, "ia32": 32}
UBOOT = "uboot-"  # before the width: U-Boot in place of OVMF
PLANTED = "/EFI/bootmem/BOOTMEM.EFI"  # where the loader is when plant.efi starts it

# A row that takes longer has hung. A boot takes four seconds on an idle machine.
TIMEOUT_SECONDS = 120


def built(path):
    """A file that `make' has built."""
    file = BUILD / path
    if not file.exists():
        pytest.fail(f"build/{path} is missing: `make' builds it", pytrace=False)
    return file


def width(firmware):
    """x64 or ia32, of a --firmware of tests/qemu/run."""
    return firmware.removeprefix(UBOOT)


def removable(firmware):
    """The path from which that firmware starts a stick."""
    return REMOVABLE[width(firmware)]


def loader(firmware, variant="bootmem"):
    """An EFI application: bootmem, or bootmem-fail, plant, chained."""
    return built(f"{width(firmware)}/{variant}.efi")


def kernel(target, variant="stub"):
    """A kernel for ia32 or amd64: stub, stub-moved, stub-pie, example, allocate."""
    return built(f"kernel-{target}/{variant}.elf")


@dataclasses.dataclass
class Boot:
    """What a boot said."""

    status: int  # of tests/qemu/run: 0 for PASS, 1 for anything else that ran
    text: str  # on the serial port
    complaint: str  # of tests/qemu/run
    debugcon: bytes
    shutdown_reason: str = None  # with a control socket only

    def lines(self, start):
        return [line for line in self.text.splitlines() if line.startswith(start)]

    @property
    def verdict(self):
        """PASS, FAIL and what follows it, or None."""
        verdicts = self.lines("bootmem: verdict ")
        return verdicts[-1].removeprefix("bootmem: verdict ") if verdicts else None

    @property
    def checks(self):
        """Of the stub kernel: the name of each check, and ok, FAIL or n/a."""
        found = re.findall(r"^bootmem: check (\S+)\s+(ok|FAIL|n/a)", self.text, re.MULTILINE)
        return dict(found)

    def find(self, pattern):
        return re.search(pattern, self.text, re.MULTILINE)


# In bits, as BITS of firmware.
KERNEL_BITS = {"amd64": 64, "ia32": 32}


def may_be_na(firmware="x64", target="amd64", policy="safe", has_initrd=False):
    """The checks that may have nothing to look at: where no initrd is loaded; tables that Linux 2.6.24 does
    not reserve; where the kernel cannot call the firmware, or that has no clock, as U-Boot; and `others'
    everywhere, as all else that is reserved may change."""
    names = {"others"}
    if not has_initrd:
        names.add("initrd")
    if policy != "safe":
        names |= {"acpi", "smbios"}
    if firmware.startswith(UBOOT) or BITS[width(firmware)] != KERNEL_BITS[target]:
        names.add("runtime")
    return names


def assert_pass(seen, named=None):
    """It is the verdict, and each check has looked at something, but for the named ones; if none are, those of
    a boot of OVMF without an initrd. A kernel that is not the stub has no checks."""
    if named is None:
        said = seen.find(r"^bootmem: pages free .* \(policy (\S+), target (\w+), firmware (\d+)\)$")
        named = may_be_na({"64": "x64", "32": "ia32"}[said[3]], said[2], said[1]) if said else ()
    assert seen.verdict == "PASS" and seen.status == 0, f"{seen.complaint}\n{seen.text}"
    assert seen.lines("bootmem: verdict ") == ["bootmem: verdict PASS"]
    for name, result in seen.checks.items():
        assert result == "ok" or (result == "n/a" and name in named), \
            f"check {name}: {result}\n{seen.text}"


def make_image(directory, files, *options):
    """A disk image. files: path on the volume -> a path on the host, or the contents."""
    image = directory / "disk.img"
    arguments = []
    for number, (target, source) in enumerate(files.items()):
        if not isinstance(source, pathlib.Path):
            contents = source.encode() if isinstance(source, str) else source
            source = directory / f"file-{number}"
            source.write_bytes(contents)
        arguments.append(f"{source}={target}")
    subprocess.run([HERE / "image", image, *options, *arguments], check=True)
    return image


def partition(image, number):
    """A partition as mtools know it: the image, and where it begins (UEFI 2.10 §5.3.3)."""
    return f"{image}@@{partition_offset(image, number)}"


def partition_offset(image, number):
    return struct.unpack_from("<32xQ", partition_table(image), 128 * (number - 1))[0] * 512


def partition_table(image):
    with open(image, "rb") as file:
        file.seek(2 * 512)
        return file.read(128 * 128)


def partition_bytes(image, number):
    first, last = struct.unpack_from("<32xQQ", partition_table(image), 128 * (number - 1))
    with open(image, "rb") as file:
        file.seek(first * 512)
        return file.read((last + 1 - first) * 512)


def mtools(command, image, *arguments):
    """Run a command of mtools on an image without a partition table, or on a partition."""
    return subprocess.run([command, "-i", image, *arguments], capture_output=True, check=False,
                          env={**os.environ, "MTOOLSRC": "/dev/null", "MTOOLS_SKIP_CHECK": "1"})


def read_file(image, path):
    """The bytes of a file on an image; None if it is not there."""
    done = mtools("mtype", image, "::" + path)
    return done.stdout if done.returncode == 0 else None


def _begun(lines):
    """Each line when it is whole, and before that whenever it has grown: (text, is whole)."""
    text = b""
    while more := os.read(lines.fileno(), 65536):
        *whole, text = (text + more).split(b"\n")
        for line in whole:
            yield line + b"\n", True
        if text:
            yield text, False
    if text:
        yield text, True


def watch(lines, control, at_line=None, at_start=None):
    """Each whole line. at_line = (start, call): call(control) for the lines that start so, when they
    are whole; at_start: the same before they are, once a line."""
    is_told = False
    for line, is_whole in _begun(lines):
        if at_start and not is_told and line.startswith(at_start[0].encode()):
            at_start[1](control)
            is_told = True
        if is_whole:
            is_told = False
            if at_line and line.startswith(at_line[0].encode()):
                at_line[1](control)
            yield line


def run(directory, image, *options, at_verdict=None, at_line=None, at_start=None):
    """Boot the image with tests/qemu/run.

    at_verdict, if given, is called with the control socket when the verdict has been said, and has
    to see to it that the machine ends. at_line = (start, call): the same for the lines that start so,
    without that duty. at_start: the same before they are whole, once a line: what ends the machine
    there loses the rest of the line.
    """
    debugcon = directory / "debugcon"
    command = [HERE / "run", "--image", image, "--timeout", str(TIMEOUT_SECONDS),
               "--debugcon", debugcon]
    socket = directory / "qmp"
    has_control = at_verdict or at_line or at_start
    if has_control:
        command += ["--qmp", socket]
    with open(directory / "complaint", "w+", encoding="utf-8") as complaint:
        process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=complaint)
        control = qmp.Qmp(socket) if has_control else None
        lines = []
        for line in watch(process.stdout, control, at_line, at_start):
            lines.append(line)
            if at_verdict and line.startswith(b"bootmem: verdict "):
                at_verdict(control)
        status = process.wait()
        complaint.seek(0)
        return Boot(status=status,
                    text=b"".join(lines).decode("utf-8", "replace"),
                    complaint=complaint.read(),
                    debugcon=debugcon.read_bytes() if debugcon.exists() else b"",
                    shutdown_reason=control.shutdown_reason() if control else None)
