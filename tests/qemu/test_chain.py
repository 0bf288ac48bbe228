"""Boots that start another loader (`chain ='), which is served from a block at one address (`pin = yes'):
chained.efi (tests/efi/chained.c) does with that memory what loaders do, and what none should. Below plant.efi
it comes back, and not a page may have moved."""

import pathlib
import re

import pytest

import machine

# Where the block lies on OVMF with 512 MiB (it is the middle of what is free) is found by the first boot,
# which leaves it in this file.
PIN_CONF = "/bootmem/pin.conf"
CHAIN = "chain = \\chained.efi\n"
PIN = CHAIN + "pin = yes\n"


def volume(directory, firmware, conf, plant=True, lines="", **more):
    loader, name = machine.loader(firmware), machine.removable(firmware)
    files = {"/bootmem.conf": conf, "/chained.efi": machine.loader(firmware, "chained"), **more}
    if plant:
        files |= {name: machine.loader(firmware, "plant"), "/loader.efi": loader,
                  "/plant.conf": f"{lines}start \\loader.efi\n"}
    else:
        files |= {name: loader}
    return machine.make_image(directory, files, "--gpt")


def boot(directory, image, firmware, *options):
    return machine.run(directory, image, "--firmware", machine.width(firmware), "--write", *options)


def said(seen, word):
    """What chained.efi said after a word, line by line."""
    return [line.removeprefix("plant: ") for line in seen.lines("plant: " + word)]


def block_of(seen):
    found = seen.find(r"^bootmem: .*Starting \\chained.efi, pinned at 0x([0-9a-f]+)\r?$")
    assert found, seen.text
    return int(found[1], 16)


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_what_comes_back_leaves_nothing(firmware, tmp_path):
    """Started up to three times in one boot, by plant.efi: each time the block is had and given back."""
    image = volume(tmp_path, firmware, PIN + "chain-options = types log 9341 pages 2 twice part free\n")
    seen = boot(tmp_path, image, firmware)
    block = block_of(seen)
    # The firmware's own memory, types 3 and 4, is its drivers'.
    assert not seen.find(r"^plant: memory (leaked|lost) \d+ pages of type (?![34]$)"), seen.text
    assert "plant: done" in seen.text, seen.text
    assert seen.find(r"chained.efi has come back \(NOT_FOUND\)"), seen.text
    rounds = len(said(seen, "chained"))
    assert rounds == len(said(seen, "returned error 14")) >= 1, seen.text
    assert said(seen, "error") == [f"error 0 at {block:#x}", f"error 0 at {block + 0x3000:#x}"] * rounds
    assert said(seen, "types") == ["types 1 2"] * rounds
    assert said(seen, "once") == ["once error 0"] * rounds
    assert said(seen, "twice") == ["twice error 14"] * rounds
    assert said(seen, "nobody's") == ["nobody's error 14"] * rounds
    assert said(seen, "middle") == ["middle error 0"] * rounds
    assert said(seen, "all") == ["all error 14"] * rounds
    assert said(seen, "last") == ["last error 0"] * rounds
    assert said(seen, "free") == ["free error 0"] * rounds


@pytest.mark.parametrize("firmware", ["x64", "ia32"])
def test_the_record_outlives_the_exit(firmware, tmp_path):
    """A block that overflows; a second boot has the same address."""
    image = volume(tmp_path, firmware, PIN + "pin-pages = 8\nchain-options = log 20000 log 20000 exit\n",
                   plant=False)
    seen = boot(tmp_path, image, firmware)
    block = block_of(seen)
    assert seen.verdict == "PASS", seen.text
    assert seen.find(rf"^plant: record error 0, attributes 6, block {block:#x}, served 1, refused 1 of 20000 "
                     r"bytes, untyped 0, owner chained.efi\r?$"), seen.text
    conf = machine.partition(image, 1)
    assert f"address {block:#x}" in machine.read_file(conf, PIN_CONF).decode(), seen.text
    again = boot(tmp_path, image, firmware, "--memory", "768M")
    assert block_of(again) == block and again.verdict == "PASS", again.text


def test_a_block_that_cannot_be_had_costs_no_boot(tmp_path):
    """Half of the memory that the address was found with."""
    image = volume(tmp_path, "x64", PIN + "chain-options = log 100 exit\n", plant=False)
    block = block_of(boot(tmp_path, image, "x64", "--memory", "768M"))
    seen = boot(tmp_path, image, "x64", "--memory", "256M")
    assert block > 256 << 20 and seen.verdict == "PASS", seen.text
    assert seen.find(r"^bootmem: warning: not pinned: its place is not free in this boot"), seen.text
    assert seen.find(r"Starting \\chained.efi, NOT PINNED\r?$"), seen.text
    assert re.search(r"^plant: record error 14,", seen.text, re.MULTILINE), seen.text


def test_a_loader_of_another_esp(tmp_path):
    """It is on a second disk; and a path that is nowhere goes on to the next entry, the same loader's Shell."""
    second = tmp_path / "second"
    second.mkdir()
    other = machine.make_image(second, {"/efi/other.efi": machine.loader("x64", "chained")}, "--gpt")
    image = volume(tmp_path, "x64", "chain = /EFI/OTHER.EFI\nchain-options = exit\n", plant=False)
    seen = boot(tmp_path, image, "x64", "--second-image", other)
    assert seen.verdict == "PASS", seen.text
    assert seen.find(r"Starting /EFI/OTHER.EFI on partition 1 of another disk\r?$"), seen.text


def test_an_entry_that_is_no_file_is_the_firmwares(tmp_path):
    """The one behind that of the disk is in the firmware itself: bootmem says so, and it is run."""
    image = volume(tmp_path, "x64", "chain = next\npin = yes\non-error = continue\n", plant=False)
    seen = machine.run(tmp_path, image, "--write",
                       at_line=("BdsDxe: failed to start", lambda control: control.execute("quit")))
    assert seen.find(r"^bootmem: error: chain = next: Boot000\d names no file of a partition: the firmware starts it "
                     r"itself, without pin \(UNSUPPORTED\)$"), seen.text


@pytest.mark.parametrize("hooks, record", [
    (("exit-refused 1", "no-con-in", "map-stride 56"), "error 0, attributes 6, block 0x[0-9a-f]+, served 1, "),
    (("set-variable-error 9", "null-handles", "no-std-err", "map-grows 2"), "error 14, ")])
def test_firmware_that_fails_costs_no_boot(tmp_path, hooks, record):
    """The exit succeeds when the loader tries once more, and the record is written before the first, or never."""
    image = volume(tmp_path, "x64", PIN + "chain-options = log 100 exit\n",
                   lines="".join(f"hook {hook}\n" for hook in hooks))
    seen = boot(tmp_path, image, "x64")
    assert "plant: cannot hook" not in seen.text and seen.verdict == "PASS", seen.text
    assert said(seen, "error") == [f"error 0 at {block_of(seen):#x}"] and seen.find(f"^plant: record {record}"), seen.text


# Debian's, without a signature, and without Secure Boot: it starts whatever its second stage is.
SHIM = pathlib.Path("/usr/lib/shim/shimx64.efi")
SHIM_CONF = "chain = \\EFI\\debian\\shimx64.efi\npin = yes\n"


def shim_volume(directory, conf, **more):
    files = {"/EFI/debian/shimx64.efi": SHIM, "/EFI/debian/grubx64.efi": machine.loader("x64", "chained")}
    return volume(directory, "x64", conf, **{**files, **more})


def test_what_shim_starts_is_served(tmp_path):
    """The first word of its options is its second stage, which gets the others."""
    image = shim_volume(tmp_path, SHIM_CONF + "chain-options = grubx64.efi types log 100 exit\n")
    seen = boot(tmp_path, image, "x64")
    found = seen.find(r"Starting \\EFI\\debian\\shimx64.efi, pinned at (0x[0-9a-f]+)\r?$")
    assert found and seen.verdict == "PASS", seen.text
    assert said(seen, "types") == ["types 1 2"] and said(seen, "error") == [f"error 0 at {found[1]}"], seen.text
    assert seen.find(rf"^plant: record error 0, attributes 6, block {found[1]}, served 1, refused 0 of 0 "), seen.text


def test_a_second_stage_that_comes_back_twice_costs_no_boot(tmp_path):
    """shim tries it once more, and comes back itself. What it leaves behind is its own, and in no type that stays."""
    seen = boot(tmp_path, shim_volume(tmp_path, SHIM_CONF), "x64")
    assert len(said(seen, "chained")) == 2 and "plant: done" in seen.text, seen.text
    assert seen.find(r"^bootmem: warning: \\EFI\\debian\\shimx64.efi has come back \(NOT_FOUND\): "), seen.text
    assert not seen.find(r"^plant: memory (leaked|lost) \d+ pages of type (?![1234]$)"), seen.text


def press(key):
    return lambda control: control.execute("send-key", keys=[{"type": "qcode", "data": key}])


def test_a_key_shows_the_answer(tmp_path):
    """One that was pressed before bootmem was started; the next one starts the loader."""
    image = volume(tmp_path, "x64", CHAIN + "chain-options = exit\n", lines="key\n")
    seen = machine.run(tmp_path, image, "--write", at_line=("plant: waiting for a key", press("spc")),
                       at_start=("bootmem: Starts the loader in 30 s. Any key stops.", press("ret")))
    assert seen.verdict == "PASS", seen.text
    keys = seen.text.index("bootmem: Enter start the loader  D details")
    assert seen.text.index("bootmem: 1 FIRST BOOT") < keys < seen.text.index("Starting \\chained.efi"), seen.text


def test_without_a_key_there_is_one_line(tmp_path):
    image = volume(tmp_path, "x64", CHAIN + "chain-options = exit\n", plant=False)
    seen = boot(tmp_path, image, "x64")
    assert seen.verdict == "PASS", seen.text
    assert [line.rstrip() for line in seen.lines("bootmem: ")] == [
        "bootmem: FIRST BOOT: first capture of this machine. Starting \\chained.efi", "bootmem: verdict PASS"]
