"""`chain = next' on OVMF's own variables, which plant.efi sets in a boot before; and what esp/install-esp writes, there.
What cannot be started goes on to the entry behind it, so one boot has many of them."""

import re

import pytest

import load_option
import machine

GUID = "0b007e3e-0000-4000-8000-000000000002"  # of tests/qemu/image's EFI system partition
OTHER_GUID = "0b007e3e-0000-4000-8000-00000000000f"
TOOL = 0x109  # active, hidden, of the category of applications: as OVMF's own setup
# PciRoot(0x0)/Pci(0x1F,0x2)/Sata(0x0,0xFFFF,0x0): where tests/qemu/run has the disk.
DISK = (load_option.node((2, 1), (0x0a0341d0).to_bytes(4, "little") + bytes(4)) +
        load_option.node((1, 1), bytes([2, 0x1f])) + load_option.node((3, 18), bytes([0, 0, 0xff, 0xff, 0, 0])))
CONF = "chain = next\npin = yes\non-error = continue\n"



def words(text):
    return (text + "\0").encode("utf-16-le")


def boot(directory, firmware, entries, conf=CONF):
    """entries: what the firmware tries, one after the other; a path for each, or all of an entry. `Boot0100' is
    the first, `Boot0101' the next one. The partition's numbers are those that the image has."""
    options = [entry if isinstance(entry, bytes) else load_option.load_option("row", *entry) for entry in entries]
    variables = {f"Boot{0x100 + i:04X}": option for i, option in enumerate(options)}
    variables["BootOrder"] = load_option.order(*range(0x100, 0x100 + len(options)))
    image = machine.make_image(directory, {
        machine.removable(firmware): machine.loader(firmware, "plant"),
        "/plant.conf": "".join(f"variable {name} \\{name}\n" for name in variables),
        "/bootmem.efi": machine.loader(firmware), "/chained.efi": machine.loader(firmware, "chained"),
        "/bootmem.conf": conf, **{f"/{name}": contents for name, contents in variables.items()}}, "--gpt")
    run = (directory, image, "--firmware", firmware, "--write", "--keep-vars", directory / "vars.fd")
    seen = machine.run(*run)
    assert len(seen.lines("plant: variable ")) == seen.text.count(": error 0") == len(variables), seen.text
    return machine.run(*run, "--own-order")


# The image is made of the entries: its one partition is where tests/qemu/image always has it, and as large.
HD = load_option.hd(1, 2048, 131072, GUID)


def file(path, head=HD):
    return head + load_option.file(path)


BOOTMEM = (file("\\bootmem.efi"),)


def in_order(seen, *patterns):
    at = 0
    for pattern in patterns:
        found = re.compile(pattern, re.MULTILINE).search(seen.text, at)
        assert found, f"{pattern}\n{seen.text}"
        at = found.end()


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_the_next_entry_is_started_with_its_options(firmware, tmp_path):
    """Those of the firmware that no boot tries are passed over."""
    seen = boot(tmp_path, firmware, [BOOTMEM, (file("\\plant.efi"), b"", TOOL),
                                     (file("\\chained.efi"), words("log 100 exit"))])
    in_order(seen, r"^bootmem: .*Starting Boot0102 \\chained.efi, pinned at 0x[0-9a-f]+\r?$",
             r"^plant: record error 0, .* served 1, refused 0 of 0 bytes, untyped 0, owner chained.efi\r?$")
    assert seen.verdict == "PASS", seen.text


def test_whatever_is_next_the_boot_goes_on(tmp_path):
    """Each is tried by bootmem, and then by the firmware itself, without a hook; the last one boots, by its
    full path."""
    firmwares_own = load_option.node((4, 6), bytes(range(16)))
    seen = boot(tmp_path, "x64", [
        BOOTMEM, (file("\\gone.efi"),),
        BOOTMEM, (file("\\chained.efi", load_option.hd(1, 2048, 131072, OTHER_GUID)),),
        BOOTMEM, (firmwares_own,),
        BOOTMEM, (file("\\bootmem.conf"),),
        BOOTMEM, (file("\\chained.efi"), words("log 100 free")),
        BOOTMEM, BOOTMEM,
        (file("\\chained.efi", DISK + HD), words("log 100 exit"))])
    in_order(
        seen, r"Starting Boot0101 \\gone.efi, pinned at", r"^bootmem: error: chain Boot0101 \\gone.efi: cannot be loaded \(",
        r"^bootmem: error: chain = next: the partition of Boot0103 \\chained.efi is not there \(NOT_FOUND\)",
        r"^bootmem: error: chain = next: Boot0105 names no file of a partition: the firmware starts it itself, "
        r"without pin \(UNSUPPORTED\)",
        r"^bootmem: error: chain Boot0107 \\bootmem.conf: cannot be loaded \(",
        r"Starting Boot0109 \\chained.efi, pinned at", r"^plant: error 0 at",
        r"Boot0109 \\chained.efi has come back \(NOT_FOUND\): the firmware's next boot entry runs",
        r"^plant: chained", r"^plant: free error 0",  # the firmware's own start of it
        r"^bootmem: error: chain Boot010B \\bootmem.efi: that is bootmem itself",
        # The second of the two is started by the firmware; the one behind it by that.
        r"Starting Boot010C \\chained.efi, pinned at", r"^plant: record error 0,")
    assert seen.verdict == "PASS", seen.text
    blocks = [int(paddr, 16) for paddr in re.findall(r"pinned at 0x([0-9a-f]+)", seen.text)]
    by_pin, by_firmware, by_last_pin = (int(paddr, 16) for paddr in re.findall(r"^plant: error 0 at 0x([0-9a-f]+)",
                                                                              seen.text, re.MULTILINE))
    assert len(set(blocks)) == 1 and by_pin == by_last_pin == blocks[0]
    assert not blocks[0] <= by_firmware < blocks[0] + (32 << 12), seen.text
