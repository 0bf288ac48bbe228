"""Other loaders that Debian has, started on the machine that ours is measured on, and counted with the same
plugin: from their first instruction to that of the kernel that they load.

They do less: neither reads a memory map, and systemd-boot does not leave the firmware. A peer that is not
installed is named, and skipped.
"""

import dataclasses
import pathlib
import shutil
import subprocess

import boots
import elves
import machine

GRUB = pathlib.Path("/usr/lib/grub/x86_64-efi")
SYSTEMD_BOOT = pathlib.Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
MULTIBOOT_PADDR = "0x4000000"
GRUB_MODULES = ("part_gpt", "part_msdos", "fat", "multiboot2", "boot")


class NotInstalled(Exception):
    """The text says of which package."""


@dataclasses.dataclass(frozen=True)
class Started:
    """A loader as a file, what it needs on its volume, and the first bytes of what it starts."""

    loader: bytes
    files: dict
    kernel_entry: bytes


def our_loader_as_a_kernel():
    """An EFI application, which is what systemd-boot starts."""
    return machine.loader("x64").read_bytes()


def systemd_boot(_directory):
    if not SYSTEMD_BOOT.exists():
        raise NotInstalled("systemd-boot-efi")
    kernel = our_loader_as_a_kernel()
    files = {"/loader/loader.conf": "timeout 0\ndefault kernel\n",
             "/loader/entries/kernel.conf": "title kernel\nefi /kernel.efi\n", "/kernel.efi": kernel}
    return Started(SYSTEMD_BOOT.read_bytes(), files, boots.entry_of_loader(kernel))


def multiboot_kernel(directory):
    kernel = directory / "multiboot2.elf"
    subprocess.run(["gcc", "-m32", "-nostdlib", "-static", "-Wl,--build-id=none,-z,noexecstack,-z,max-page-size=4096,"
                    f"-Ttext={MULTIBOOT_PADDR}", "-o", kernel, boots.ROOT / "tests/bench/multiboot2.S"], check=True)
    return kernel.read_bytes()


def entry_of_segment(data):
    """The bytes at the entry point of an ELF file, in whichever segment that is."""
    elf = elves.Elf(data)
    for i in range(elf.get("phnum")):
        offset = elf.get("entry") - elf.get_segment(i, "vaddr")
        if 0 <= offset < elf.get_segment(i, "filesz"):
            at = elf.get_segment(i, "offset") + offset
            return bytes(elf.data[at:at + boots.KERNEL_BYTES])
    raise ValueError("no segment has the entry point")


def grub(directory):
    if not (GRUB / "multiboot2.mod").exists() or not shutil.which("grub-mkimage"):
        raise NotInstalled("grub-efi-amd64-bin grub-common")
    kernel = multiboot_kernel(directory)
    image, conf = directory / "grub.efi", directory / "grub.cfg"
    conf.write_text("multiboot2 /kernel.elf\nboot\n", encoding="ascii")
    subprocess.run(["grub-mkimage", "-O", "x86_64-efi", "-d", GRUB, "-o", image, "-p", "/", "-c", conf, *GRUB_MODULES],
                   check=True)
    return Started(image.read_bytes(), {"/kernel.elf": kernel}, entry_of_segment(kernel))


PEERS = {"systemd-boot, an EFI application": systemd_boot, "GRUB, minimal, a multiboot2 kernel": grub}


def cost_of(directory, plugin, started, memory="512M"):
    """(all, own), in instructions."""
    image = machine.make_image(directory, {machine.REMOVABLE["x64"]: started.loader, **started.files})
    entry, size = boots.entry_and_size(started.loader)
    lines = boots.run(f"{plugin},from={boots.entry_of_loader(started.loader).hex()},to={started.kernel_entry.hex()},"
                      f"entry={entry},size={size}", directory / "count", "--firmware", "x64", "--memory", memory,
                      "--image", image, "--", "-vga", "none")
    image.unlink()
    return int(lines[0]), int(lines[1].split()[1])


def peer_costs(directory):
    """Yields each peer with its cost, or with a sentence why it has none."""
    plugin = boots.build_plugin(directory)
    for name, start in PEERS.items():
        try:
            yield name, cost_of(directory, plugin, start(directory)), None
        except NotInstalled as missing:
            yield name, None, f"not installed, skipped: apt-get install {missing}"
        except (RuntimeError, ValueError, subprocess.CalledProcessError) as error:
            yield name, None, f"could not be measured: {str(error).splitlines()[0]}"
