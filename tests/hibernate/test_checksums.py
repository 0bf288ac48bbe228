"""Debian's packaged kernel, started by its own stub behind bootmem: with `pin = yes' its memory map is the same,
however long the TPM's log is, whatever is plugged in, and whichever loader starts that stub; without, it is
another one. A boot is ended when it has printed its map.

`make test-hibernate' fetches the kernel, and runs these."""

import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "qemu"))

import machine  # noqa: E402

OPTIONS = "console=ttyS0 earlyprintk=serial nokaslr"
STUB = f"chain = \\vmlinuz.efi\nchain-options = {OPTIONS}\n"
LOADER = "chain = \\loader.efi\n"
SYSTEMD_BOOT = pathlib.Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
GRUB_CFG = f"search --file /vmlinuz.efi --set=root\nchainloader /vmlinuz.efi {OPTIONS}\nboot\n"
GRUB_MODULES = ("fat", "part_gpt", "chain", "search", "search_fs_file", "normal", "boot")
# The first line behind the map.
BEHIND_MAP = "[    0.000000] efi: EFI v"
DEVICES = ("--", "-device", "virtio-rng-pci", "-device", "e1000")


@pytest.fixture(name="kernel", scope="session")
def fixture_kernel():
    folder = machine.BUILD / "hibernate"
    done = subprocess.run([HERE / "kernel", folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(done.stderr.strip())
    return folder / "vmlinuz"


def grub(directory):
    """GRUB's own images read their modules from a disk that is not there."""
    (directory / "grub.cfg").write_text(GRUB_CFG)
    subprocess.run(["grub-mkimage", "-O", "x86_64-efi", "-p", "/grub", "-o", directory / "grub.efi",
                    "-c", directory / "grub.cfg", *GRUB_MODULES], check=True)
    return {"/loader.efi": directory / "grub.efi"}


def systemd_boot(_):
    return {"/loader.efi": SYSTEMD_BOOT, "/loader/loader.conf": "default linux\ntimeout 0\n",
            "/loader/entries/linux.conf": f"title Linux\nlinux /vmlinuz.efi\noptions {OPTIONS}\n"}


def boot(directory, kernel, pin, events, options=(), loader=None):
    """The e820 map that the kernel prints, and where bootmem's block is."""
    directory.mkdir()
    files = loader(directory) if loader else {}
    image = machine.make_image(directory, {
        machine.removable("x64"): machine.loader("x64", "plant"),
        "/plant.conf": f"events {events}\nstart \\bootmem.efi\n",
        "/bootmem.efi": machine.loader("x64"), "/vmlinuz.efi": kernel,
        "/bootmem.conf": f"{LOADER if loader else STUB}pin = {pin}\n", **files}, "--gpt")
    seen = machine.run(directory, image, "--write", "--tpm", "crb", *options,
                       at_line=(BEHIND_MAP, lambda control: control.execute("quit")))
    assert f"plant: {events} events" in seen.text, seen.text
    ranges = re.findall(r"BIOS-e820: \[mem (0x[0-9a-f]+)-(0x[0-9a-f]+)\] (.*?)\r?$", seen.text, re.MULTILINE)
    block = seen.find(r"Starting \\\w+.efi, pinned at 0x([0-9a-f]+)\r?$")
    assert len(ranges) > 8 and bool(block) == (pin == "yes"), seen.text
    return ranges, block and int(block[1], 16)


def test_pinned_all_maps_are_one(kernel, tmp_path):
    short, block = boot(tmp_path / "short", kernel, "yes", 2)
    assert (f"{block:#018x}", f"{block + 0x1ffff:#018x}", "ACPI data") in short
    assert boot(tmp_path / "long", kernel, "yes", 40) == (short, block)
    assert boot(tmp_path / "devices", kernel, "yes", 40, DEVICES) == (short, block)
    assert boot(tmp_path / "systemd-boot", kernel, "yes", 40, loader=systemd_boot) == (short, block)
    assert boot(tmp_path / "grub", kernel, "yes", 2, loader=grub) == (short, block)


def test_without_a_pin_a_longer_log_moves_the_map(kernel, tmp_path):
    short, _ = boot(tmp_path / "short", kernel, "no", 2)
    assert boot(tmp_path / "again", kernel, "no", 2)[0] == short
    assert boot(tmp_path / "long", kernel, "no", 40)[0] != short
