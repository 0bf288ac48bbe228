"""Would `pin = yes' help? What mapdiff says of pairs of real boots, of which it is known; and each reason
that there is, alone."""

import json

import boots
import jsonschema
import pytest
from conftest import MAPS, ROOT, run_mapdiff

HIBERNATED = (
    # a pair of tests/maps/hibernate: what the step says of a pinned block
    ("add-e1000", "no", "not needed"),
    ("direct-to-grub", "no", "loaders"),
    ("direct-to-sdboot", "no", "not needed"),
    ("grubplant-reserved-to-runtimecode", "no", "firmware"),
    ("k612-to-k61", "no", "not the map"),
    ("mem-512-to-768M", "no", "RAM"),
    ("opt-mem-400M", "no", "not the map"),
    ("plant-acpi-moved-1page", "unknown", "owner unknown"),
    ("plant-loader-boot-data", "no", "not needed"),
    ("raw-order", "no", "not needed"),
    ("same-direct-nokaslr", "no", "not needed"),
    ("same-grub", "no", "not needed"),
    ("smp-1-to-2", "no", "CPU count"),
    ("vars-lost", "no", "not needed"),
)
# u1 and u2 are not pinned, v1 and v2 are: to a block of 64 pages. The log of u2 and v2 is longer.
PINNED = (
    ("u1", "u2", "no", "kernel stub", "yes", 32, "stub memory"),
    ("u2", "u1", "no", "kernel stub", "yes", 32, "stub memory"),
    ("u1", "v1", "no", "kernel stub", "yes", 64, "one boot"),
    ("v2", "u2", "no", "kernel stub", "yes", 64, "one boot"),
    ("v1", "v2", "yes", "unknown", "no", 0, "at work"),
    ("v2", "v1", "yes", "unknown", "no", 0, "at work"),
)


def verdict(pin):
    return (pin["helps"], pin["pages"], pin["reason"])


@pytest.mark.parametrize("name, helps, reason", HIBERNATED, ids=[row[0] for row in HIBERNATED])
def test_real_pairs_without_a_tpm(report, name, helps, reason):
    pin = report(*[MAPS / "hibernate" / f"{name}-{boot}.map" for boot in (1, 2)])["pin"]
    assert verdict(pin) == (helps, 0, reason), pin["text"]


def test_every_real_pair_has_a_row():
    assert {path.stem[:-2] for path in (MAPS / "hibernate").glob("*.map")} == {row[0] for row in HIBERNATED}
    assert {path.stem for path in (MAPS / "pin").glob("*.map")} == {name for row in PINNED for name in row[:2]} | BOOTS.keys()


@pytest.mark.parametrize("before, after, resumes, cause, helps, pages, reason", PINNED, ids=[f"{row[0]}-{row[1]}" for row in PINNED])
def test_real_pairs_with_a_tpm(mapdiff, report, before, after, resumes, cause, helps, pages, reason):
    """In JSON, text, Markdown and as a step of a series alike."""
    files = [MAPS / "pin" / f"{name}.map" for name in (before, after)]
    diff, (step,) = report(*files), report("series", *files)["steps"]
    assert (diff["resume"]["verdict"], diff["cause"], *verdict(diff["pin"])) == (resumes, cause, helps, pages, reason)
    assert step["pin"] == diff["pin"]
    for args in ((), ("-f", "markdown"), *([("series",)] if resumes == "no" else [])):
        text = mapdiff(*args, *files)[1].replace("\\", "").replace("&quot;", '"')
        assert diff["pin"]["text"] in " ".join(text.split()), args


# Boots of Debian's kernels with a TPM, behind bootmem: the checksum, as Linux printed the map; is it pinned; the kernel.
BOOTS = {
    "stub": ("0x44a7cbdb", False, "6.12"),
    "stub-log": ("0xd926f39e", False, "6.12"),
    "stub-rng": ("0xb4d8bee2", False, "6.12"),
    "stub-rng-nic": ("0x478db1f6", False, "6.12"),
    "stub61-rng": ("0x44a7cbdb", False, "6.1"),
    "stub61-log": ("0xd926f39e", False, "6.1"),
    "sdboot-log": ("0x8112929e", False, "6.12"),
    "sdboot-rng": ("0x538ed734", False, "6.12"),
    "grub-rng": ("0xb4d8bee2", False, "6.12"),
    "grub-rng-log": ("0x1903d4ec", False, "6.12"),
    "pinned-rng": ("0x0d779ca0", True, "6.12"),
    "pinned-rng-nic-log": ("0x0d779ca0", True, "6.12"),
    "pinned61": ("0x0d779ca0", True, "6.1"),
    "pinned-sdboot-rng-log": ("0x0d779ca0", True, "6.12"),
    "pinned-grub": ("0x0d779ca0", True, "6.12"),
}


def known(before, after):
    """What a block would do, by what is known of these boots: pinned, they all have one checksum."""
    if (before[2], after[2]) == ("6.12", "6.1"):
        return "no", ("no", 0, "not the map")  # 6.1 cannot read that image
    if before[0] == after[0]:
        return "yes", ("no", 0, "at work" if before[1] else "not needed")
    return "no", ("yes", 32, "one boot" if before[1] != after[1] else "stub memory")


@pytest.mark.parametrize("before", BOOTS)
def test_boots_behind_bootmem(report, before):
    """From each to each other: a longer log, a random number generator, a network card, another kernel, another loader."""
    for after in BOOTS.keys() - {before}:
        diff = report(*[MAPS / "pin" / f"{name}.map" for name in (before, after)])
        assert diff["resume"]["e820_crc32"] == [BOOTS[before][0], BOOTS[after][0]]
        assert (diff["resume"]["verdict"], verdict(diff["pin"])) == known(BOOTS[before], BOOTS[after]), (after, diff["pin"]["text"])
        assert BOOTS[before][0] == BOOTS[after][0] or diff["cause"] == "kernel stub", (after, diff["because"])


SSDT = "ACPI: SSDT 0x000000007F900000 000100 (v01 OEM    TABLE    00000001 INTL 00000001)"
EFI = "efi: ACPI=0x7f801000 ACPI 2.0=0x7f801014 INITRD=0x7d000018 "
NAMED = [EFI, SSDT]
NO_DATA = boots.LAPTOP[:1] + ((0x100000, 0x7F800000, 1),) + boots.LAPTOP[4:]
NVS = boots.LAPTOP[:4] + ((0x7F801000, 0x7F900000, 4),) + boots.LAPTOP[5:]
GRUB = boots.LAPTOP[:5] + ((0x7F900000, 0x7FA00000, 20),) + boots.LAPTOP[6:]
LARGER = boots.LAPTOP[:-1] + ((0x100000000, 0x1C0000000, 1),)


def small(pages, size=3, base=boots.LAPTOP):
    return boots.moved(pages, size, base)


def two(first, second):
    """Two ranges of ACPI data of three pages each, so many pages up."""
    a, b = (0x7F000000 + 0x1000 * n for n in (first, second))
    return boots.LAPTOP[:1] + ((0x100000, a, 1), (a, a + 0x3000, 3), (a + 0x3000, b, 1), (b, b + 0x3000, 3),
                               (b + 0x3000, 0x7F800000, 1)) + boots.LAPTOP[4:]


def log_at(address, name="TPMEventLog"):
    return [EFI + f"{name}={address:#x} ", SSDT]


STEPS = (
    # the rule; the first boot, the second; what is said
    ("the copy of the firmware's map", {"e820": small(0)}, {"e820": small(5)}, "yes", 32, "stub memory"),
    ("that a card makes a page longer", {"e820": small(0)}, {"e820": small(0, 4), "more": [*NAMED, "pci 0000:02:00.0: [8086:15fb] type 00 class 0x020000"]},
     "yes", 32, "stub memory"),
    ("that comes with another kernel", {"e820": NO_DATA, "kernel": "6.1.0-56-amd64"}, {"e820": small(0), "kernel": "6.12.9-amd64"},
     "yes", 32, "stub memory"),
    ("of 8 pages", {"e820": small(0, 8)}, {"e820": small(9, 8)}, "yes", 32, "stub memory"),
    ("9 are too many for it", {"e820": small(0, 9)}, {"e820": small(10, 9)}, "unknown", 0, "owner unknown"),
    ("a boot has one", {"e820": two(0, 9)}, {"e820": two(4, 16)}, "unknown", 0, "owner unknown"),
    ("Linux 6.0 makes none", {"e820": small(0), "kernel": "6.0.9-amd64"}, {"e820": small(5), "kernel": "6.0.9-amd64"},
     "unknown", 0, "owner unknown"),
    ("nor does one that does not say what it is", {"e820": small(0), "kernel": "x"}, {"e820": small(5), "kernel": "x"}, "unknown", 0, "owner unknown"),
    ("without a line efi: it may be another table", {"e820": small(0), "more": [SSDT]}, {"e820": small(5), "more": [SSDT]},
     "unknown", 0, "owner unknown"),
    ("without ACPI tables it may be theirs", {"e820": small(0), "more": [EFI]}, {"e820": small(5), "more": [EFI]},
     "unknown", 0, "no tables"),
    ("GRUB's own translation starts no stub", {"e820": small(0, base=GRUB)}, {"e820": small(5, base=GRUB)}, "unknown", 0, "owner unknown"),
    ("a table lies in it", {"e820": small(0), "more": [EFI, SSDT.replace("7F900000", "7F000000")]},
     {"e820": small(5), "more": [EFI, SSDT.replace("7F900000", "7F005000")]}, "no", 0, "firmware"),
    ("beside tables that stay", {"e820": small(0), "more": [EFI, SSDT.replace("7F900000", "7F000000")]},
     {"e820": small(0, 5), "more": [EFI, SSDT.replace("7F900000", "7F000000")]}, "yes", 32, "stub memory"),
    ("too much beside tables that stay", {"e820": small(0), "more": [EFI, SSDT.replace("7F900000", "7F000000")]},
     {"e820": small(0, 12), "more": [EFI, SSDT.replace("7F900000", "7F000000")]}, "unknown", 0, "owner unknown"),
    ("the event log", {"e820": small(0, 13), "more": log_at(0x7f000018)}, {"e820": small(9, 15), "more": log_at(0x7f009018)}, "yes", 32, "stub memory"),
    ("of any kernel", {"e820": small(0, 13), "more": log_at(0x7f000018), "kernel": "5.10.0-1"},
     {"e820": small(9, 15), "more": log_at(0x7f009018), "kernel": "5.10.0-1"}, "yes", 32, "stub memory"),
    ("a long one takes a larger block", {"e820": small(0, 13), "more": log_at(0x7f000018)},
     {"e820": small(9, 60), "more": log_at(0x7f009018)}, "yes", 64, "stub memory"),
    ("the seed", {"e820": small(0, 1), "more": log_at(0x7f000018, "RNG")}, {"e820": small(9, 1), "more": log_at(0x7f009018, "RNG")}, "yes", 32, "stub memory"),
    ("NVS moves", {}, {"e820": NVS}, "no", 0, "other type"),
    ("NVS and the log move", {"more": log_at(0x7f000018)}, {"e820": boots.moved(5, base=NVS), "more": log_at(0x7f005018)}, "no", 0, "other type"),
    ("another loader", {}, {"e820": GRUB}, "no", 0, "loaders"),
    ("another loader, and the log moves", {"more": log_at(0x7f000018)}, {"e820": boots.moved(5, base=GRUB), "more": log_at(0x7f005018)},
     "no", 0, "loaders"),
    ("more RAM", {}, {"e820": LARGER}, "no", 0, "RAM"),
    ("one map", {}, {}, "no", 0, "not needed"),
    ("one map, and another format of the image", {"kernel": "6.12.1"}, {"kernel": "6.1.0"}, "no", 0, "not the map"),
    ("the log moves, and the format is another", {"kernel": "6.12.1", "more": log_at(0x7f000018)},
     {"kernel": "6.1.0", "e820": boots.moved(5), "more": log_at(0x7f005018)}, "no", 0, "not the map"),
    ("pages that follow from the map", {"kib": 4000000, "e820": small(0)}, {"kib": 3999980, "e820": small(0, 8)}, "yes", 32, "stub memory"),
    ("pages that do not", {"kib": 4000000, "e820": small(0)}, {"kib": 3999984, "e820": small(0, 8)}, "no", 0, "not the map"),
    ("a block", {"e820": boots.moved(0, 32), "more": log_at(0x7f000000)}, {"e820": boots.moved(0, 32), "more": log_at(0x7f000000)}, "no", 0, "at work"),
    ("a block comes", {"e820": small(5), "more": NAMED}, {"e820": boots.moved(-99, 32), "more": log_at(0x7ef9d000)}, "yes", 32, "one boot"),
    ("a block is elsewhere", {"e820": boots.moved(0, 32), "more": log_at(0x7f000000)},
     {"e820": boots.moved(-99, 32), "more": log_at(0x7ef9d000)}, "no", 0, "elsewhere"),
    ("a crash kernel", {}, {"line": "elfcorehdr=0x1"}, "unknown", 0, "not alike"),
)


@pytest.mark.parametrize("rule, before, after, helps, pages, reason", STEPS, ids=[row[0] for row in STEPS])
def test_each_reason_alone(report, tmp_path, rule, before, after, helps, pages, reason):
    paths = boots.write(tmp_path, *(boots.log(**{"more": NAMED, **boot}) for boot in (before, after)))
    pin = report(*paths)["pin"]
    assert verdict(pin) == (helps, pages, reason), (rule, pin["text"])


def test_the_block_overflows(report, tmp_path):
    """Both are pinned; what found no room lies where the firmware put it."""
    block = (0x70000000, 0x70008000, 3)
    head = boots.LAPTOP[:1] + ((0x100000, 0x70000000, 1), block)
    after = head + ((0x70008000, 0x7F000000, 1),) + boots.LAPTOP[2:]
    before = head + ((0x70008000, 0x7F800000, 1),) + boots.LAPTOP[4:]
    seed = "RNG=0x70000000 "
    pin = report(*boots.write(tmp_path, boots.log(before, more=[EFI + seed, SSDT]),
                              boots.log(after, more=[EFI + seed + "TPMEventLog=0x7f000018 ", SSDT])))["pin"]
    assert verdict(pin) == ("yes", 32, "too small"), pin["text"]


def test_a_block_that_one_log_alone_tells_of(report, tmp_path):
    """Nothing in the other has a name at its beginning, and the range is the same."""
    e820 = boots.moved(0, 32)
    told, untold = boots.log(e820, more=log_at(0x7f000000)), boots.log(e820, more=NAMED)
    for texts in ((told, untold), (untold, told)):
        assert verdict(report(*boots.write(tmp_path, *texts))["pin"]) == ("no", 0, "at work")
    assert verdict(report(*boots.write(tmp_path, untold, untold))["pin"]) == ("no", 0, "not needed")


def test_the_copy_of_the_map_is_named(mapdiff, report, tmp_path):
    """Its cause is the stub, whatever was plugged in; and what it is, a sentence says."""
    paths = boots.write(tmp_path, boots.log(small(0), more=NAMED), boots.log(small(5), more=NAMED, line="quiet splash"))
    diff = report(*paths)
    assert [(row["owner"], row["cause"]) for row in diff["changes"] if not row["consequence"]] == [("boot memory map", "kernel stub")]
    assert "copy of the firmware's memory map that Linux's EFI stub makes" in " ".join(mapdiff(*paths)[1].split())
    assert diff["resume"]["to_do"].startswith("Start afresh: this image is lost. Start Linux through bootmem with pin = yes")


def test_captures_are_taken_before_the_kernel(report, tmp_path):
    """What moved in them, a block does not keep; what a kernel does later, they do not show."""
    same = report(*boots.write(tmp_path, boots.capture(), boots.capture()))["pin"]
    assert verdict(same) == ("unknown", 0, "captures")
    other = report(*boots.write(tmp_path, boots.capture(), boots.capture(boots.moved(3))))["pin"]
    assert verdict(other) == ("no", 0, "before")
    mixed = report(*boots.write(tmp_path, boots.capture(), boots.log()))["pin"]
    assert verdict(mixed) == ("unknown", 0, "not alike")


BLOCK = ((0x0, 0xA0000, 1), (0x100000, 0x20000000, 1), (0x20000000, 0x20020000, 3),
         (0x20020000, 0x7F000000, 1)) + boots.LAPTOP[2:]
PIN = ["pin 0x0000000020000000 0x0000000020020000"]


def test_captures_say_which_boots_are_pinned(report, tmp_path):
    both = report(*boots.write(tmp_path, boots.capture(BLOCK, PIN), boots.capture(BLOCK, PIN)))
    assert verdict(both["pin"]) == ("no", 0, "at work")
    for texts in ((boots.capture(), boots.capture(BLOCK, PIN)), (boots.capture(BLOCK, PIN), boots.capture())):
        one = report(*boots.write(tmp_path, *texts))
        assert verdict(one["pin"]) == ("yes", 32, "one boot"), one["pin"]["text"]
        assert [(row["owner"], row["cause"]) for row in one["changes"] if not row["consequence"]] == [
            ("the pinned block", "boot loader")]
        assert "bootmem's pin = yes, which is on in boot " in one["because"]
        assert one["resume"]["to_do"] == "Start afresh: this image is lost, once. Keep bootmem's pin = yes in each boot."
    other = [line.replace("20000000 0x0000000020020000", "30000000 0x0000000030020000") for line in PIN]
    there = tuple((start + 0x10000000, end + 0x10000000, kind) if kind == 3 and start == 0x20000000 else
                  (start, end + 0x10000000, kind) if end == 0x20000000 else
                  (start + 0x10000000, end, kind) if start == 0x20020000 else (start, end, kind) for start, end, kind in BLOCK)
    two_homes = report(*boots.write(tmp_path, boots.capture(BLOCK, PIN), boots.capture(there, other)))
    assert verdict(two_homes["pin"]) == ("no", 0, "elsewhere") and two_homes["cause"] == "boot loader"


def test_a_block_is_a_range_with_a_name(report, tmp_path):
    """In the report of one boot, as the schema has it."""
    (path,) = boots.write(tmp_path, boots.capture(BLOCK, PIN))
    got = report("show", path)
    jsonschema.validate(got, json.loads((ROOT / "mapdiff" / "report.schema.json").read_text()))
    assert {"start": "0x20000000", "end": "0x20020000", "kind": "pinned block", "name": "the pinned block"} in got["boot"]["landmarks"]


def test_what_moves_beside_a_block_is_not_its_doing(report, tmp_path):
    """The firmware's NVS grew when pin was switched on: one is the loader's, the other is not."""
    grown = tuple((start + 0x1000 * (kind == 4), end, kind) for start, end, kind in BLOCK)
    diff = report(*boots.write(tmp_path, boots.capture(), boots.capture(grown, PIN)))
    assert verdict(diff["pin"]) == ("no", 0, "before")
    assert {row["cause"] for row in diff["changes"] if "NVS" in row["meaning"]} <= {"firmware", "unknown"}


def test_the_page_says_it(browser, page):
    diff = page(*[MAPS / "pin" / f"{name}.map" for name in ("u1", "u2")])
    assert diff["pin"]["text"] in browser.run("document.querySelector('.verdict').innerText").replace("\n", " ")
    page("series", *[MAPS / "pin" / f"{name}.map" for name in ("u1", "u2")])
    assert "pin = yes helps" in browser.run("document.body.textContent")


# --- what a block served: the lines of a capture, and the variable of a running Linux ---

LAST = ["last-pin 0x0000000020000000 0x0000000020020000 0x45c0 0x0",
        "last-pin-owner 0x000000001d000000 0xb8c000 0x4580 0x0 vmlinuz.efi",
        "last-pin-owner 0x000000001e3f2010 0x0 0x40 0x0",
        "last-pin-asked 6 1 0x4000"]


def test_the_lines_of_a_capture_are_no_conditions(mapdiff, report, tmp_path):
    """Two boots whose blocks served other things are no other boots; `convert' writes the lines as they were."""
    other = [line.replace("0x45c0", "0x5000") for line in LAST]
    paths = boots.write(tmp_path, boots.capture(BLOCK, PIN + LAST), boots.capture(BLOCK, PIN + other))
    assert report(*paths)["conditions"] == []
    status, text, err = mapdiff("convert", paths[0])
    assert (status, err) == (0, "")
    assert [line for line in text.splitlines() if "pin" in line.split()[0]] == PIN + LAST


@pytest.mark.parametrize("line", (
    "last-pin 0x0000000020000000 0x0000000020020000 0x45c0", "last-pin 0x2000 0x1000 0x0 0x0", "last-pin-owner 0x1000 0x0 0x0",
    "last-pin-asked 6 1", "last-pin-asked 0x100000000 1 0x0"))
def test_a_damaged_line_of_a_capture(mapdiff, tmp_path, line):
    lines = [line] if line.startswith("last-pin ") else [LAST[0], line]
    (path,) = boots.write(tmp_path, boots.capture(BLOCK, PIN + lines))
    status, _, err = mapdiff("show", path)
    assert status == 2 and "this is no line of a capture" in err


@pytest.mark.parametrize("lines", (LAST[1:2], LAST[:1] + LAST[1:2] * 13, LAST[:1] + LAST[3:] * 6), ids=("no block", "owners", "types"))
def test_too_many_lines_of_a_capture(mapdiff, tmp_path, lines):
    (path,) = boots.write(tmp_path, boots.capture(BLOCK, PIN + lines))
    status, _, err = mapdiff("show", path)
    assert status == 2 and "this is no line of a capture" in err


HOSTILE = (
    # what is wrong, the bytes, and what is said
    ("empty", b"", "it is cut off: it has 0 bytes"),
    ("attributes alone", boots.pin_variable()[:4], "it is cut off: it has 4 bytes"),
    ("cut off", boots.pin_variable()[:-1], "it is cut off: it has 923 bytes, and not 924"),
    ("cut off in its head", boots.pin_variable()[:11], "it is cut off: it has 11 bytes"),
    ("too long", boots.pin_variable() + b"x", "it is too long: it has 925 bytes, and not 924"),
    ("of another version", boots.pin_variable(version=2), "it is of version 2, and only 1 is known here"),
    ("of another length", boots.pin_variable(n_bytes=919), "byte 8 says that it has 919 bytes, and version 1 has 920"),
    ("no pages", boots.pin_variable(pages=0), "its block has 0 pages"),
    ("too many pages", boots.pin_variable(pages=4097), "its block has 4097 pages"),
    ("an odd address", boots.pin_variable(paddr=0x20000800), "no block lies at 0x20000800"),
    ("an address above 2 GiB", boots.pin_variable(paddr=0x80000000), "no block lies at 0x80000000"),
    ("the end above 2 GiB", boots.pin_variable(paddr=0x7ffff000), "no block lies at 0x7ffff000"),
    ("more than there is", boots.pin_variable(most=0x20001), "0x20001 bytes of the block were in use, which has fewer"),
    ("too many owners", boots.pin_variable(n_owners=13), "it has 13 owners: there is room for 12"),
)


@pytest.mark.parametrize("what, data, says", HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_damaged_variable(mapdiff, tmp_path, what, data, says):
    path = tmp_path / "BootmemPin-4f1b2d6e-93c8-4a57-b01e-6c2f885d37a4"
    path.write_bytes(data)
    status, out, err = mapdiff("show", path)
    assert (status, out) == (2, ""), what
    assert f"this is bootmem's record of a pinned block (BootmemPin), and {says}" in err, what


@pytest.mark.parametrize("name", ("BootmemPin-4f1b2d6e-93c8-4a57-b01e-6c2f885d37a4", "copy"))
def test_the_variable_has_no_map(mapdiff, tmp_path, name):
    """Known by its name, or by how it begins."""
    path = tmp_path / name
    path.write_bytes(boots.pin_variable())
    status, _, err = mapdiff("show", path)
    assert status == 2 and "what a pinned block served, and has no memory map: mapdiff pin shows it" in err


# --- mapdiff pin: whether, where, how large ---

MIB = 1 << 20
HOMES = (
    # the rule; what is free in each boot, in MiB; how many pages; where the block lies: its start in MiB, or None
    ("the middle of the largest", [((64, 512), (768, 1792))], 32, 1280),
    ("that is free in all", [((64, 512), (768, 1792)), ((64, 512), (768, 832), (900, 1400))], 32, 1150),
    ("descriptors that follow each other", [((768, 1280), (64, 512), (1280, 1792))], 32, 1280),
    ("even if each is short", [((768, 800), (800, 832), (832, 864), (864, 896), (896, 928))], 32, 848),
    ("that lie over each other", [((768, 1400), (900, 1792))], 32, 1280),
    ("above 64 MiB", [((0, 192),)], 32, 127.875),
    ("not in its top 64 MiB", [((64, 140),)], 32, 75.875),
    ("below 2 GiB", [((1024, 4096),)], 32, 1536),
    ("none is long enough", [((64, 128), (256, 320))], 32, None),
    ("none is free in both", [((64, 512),), ((768, 1792),)], 32, None),
)


def uefi(free):
    lines = ["uefi-map 48 1"]
    return lines + [f"uefi 0x{int(start * MIB):016x} 0x{int(end * MIB):016x} 7 0xf Conventional" for start, end in free]


@pytest.mark.parametrize("rule, boots_free, pages, start", HOMES, ids=[row[0] for row in HOMES])
def test_where_a_block_lies(tmp_path, rule, boots_free, pages, start):
    """The rule of x86/pin_home.h, by which bootmem chooses."""
    paths = boots.write(tmp_path, *(boots.capture(more=uefi(free)) for free in boots_free))
    _, out, err = run_mapdiff("pin", *paths, "-f", "json")
    got = json.loads(out)
    assert got["maps"] == len(boots_free) and not got["pinned"], err
    place = got["block"] and (int(got["block"]["start"], 16), int(got["block"]["end"], 16))
    assert place == (start and (start * MIB, start * MIB + pages * 0x1000)), (rule, got["where"])


def pin(*args):
    status, out, err = run_mapdiff("pin", *args, "-f", "json")
    return status, json.loads(out) if out else None, err


def test_the_answer_is_that_of_the_steps():
    u1, u2, v1, v2 = (MAPS / "pin" / f"{name}.map" for name in ("u1", "u2", "v1", "v2"))
    for files, status, helps, pages, reason, refused, helped in (
            ((u1, u2), 0, "yes", 32, "stub memory", 1, 1), ((u1, u2, v1, v2), 0, "yes", 64, "stub memory", 2, 2),
            ((v1, v2), 1, "no", 32, "at work", 0, 0), ((u1,), 2, "unknown", 32, "alone", 0, 0)):
        got_status, got, err = pin(*files)
        assert (got_status, err) == (status, "")
        assert (*verdict(got["pin"]), got["refused"], got["helped"]) == (helps, pages, reason, refused, helped)
        assert [(step["from"], step["to"]) for step in got["steps"]] == [(i, i + 1) for i in range(len(files) - 1)]
    assert "Would pin = yes help? it is on, and does" in run_mapdiff("pin", v1, v2)[1]
    direct, grub = (MAPS / "hibernate" / f"direct-to-grub-{boot}.map" for boot in (1, 2))
    assert verdict(pin(direct, grub)[1]["pin"]) == ("no", 32, "loaders")


def test_a_block_that_is_there_stays(mapdiff):
    """The address is that of pin.conf, and bootmem never changes it."""
    files = [MAPS / "pin" / f"{name}.map" for name in ("u1", "v1")]
    got = pin(*files)[1]
    assert got["pinned"] and got["block"] == {"start": "0x10000000", "end": "0x10040000"}
    assert "0x10000000-0x10040000: it is there." in mapdiff("pin", *files)[1]


def test_what_it_served(mapdiff, tmp_path):
    """Of a running Linux, and of the boot before a capture: to whom, by name or by address."""
    variable = tmp_path / "BootmemPin-4f1b2d6e-93c8-4a57-b01e-6c2f885d37a4"
    variable.write_bytes(boots.pin_variable())
    (capture,) = boots.write(tmp_path, boots.capture(BLOCK, PIN + LAST))
    served = [pin(path)[1]["served"] for path in (variable, capture)]
    assert [row.pop("this_boot") for row in served] == [True, False]
    assert [row.pop("by") for row in served] == [str(variable), str(capture)]
    assert served[0] == served[1] == {
        "block": {"start": "0x20000000", "end": "0x20020000"}, "served": 0x45c0, "refused": 0,
        "owners": [{"name": "vmlinuz.efi", "address": "0x1d000000", "served": 0x4580, "refused": 0},
                   {"name": "code at 0x1e3f2010", "address": "0x1e3f2010", "served": 0x40, "refused": 0}],
        "asked": [{"type": 6, "name": "RuntimeServicesData", "requests": 1, "bytes": 0x4000}]}
    text = mapdiff("pin", capture)[1]
    assert "in the boot before: 17856 bytes" in text and "17792 bytes  vmlinuz.efi" in text
    assert "Not served: 1 request of RuntimeServicesData, 16384 bytes" in text


def test_a_block_that_was_too_small(mapdiff, tmp_path):
    owners = ((0x1d000000, 0xb8c000, 3, 0x4580, 0x10000, b"vmlinuz.efi"), (2 ** 64 - 1, 0, 1, 0x40, 0, b""))
    path = tmp_path / "BootmemPin-x"
    path.write_bytes(boots.pin_variable(pages=8, most=0x8000, refused=0x10000, owners=owners))
    status, got, _ = pin(path)
    assert (status, *verdict(got["pin"])) == (0, "yes", 32, "too small")
    assert [row["name"] for row in got["served"]["owners"]] == ["vmlinuz.efi", "others"]
    text = mapdiff("pin", path)[1]
    assert "65536 bytes found no room: an overflow is as bad as no pin" in text
    path.write_bytes(boots.pin_variable(refused=2 ** 63))
    assert verdict(pin(path)[1]["pin"]) == ("yes", 4096, "too small")


def test_a_name_of_an_image_is_no_secret(tmp_path):
    path = tmp_path / "BootmemPin-x"
    path.write_bytes(boots.pin_variable(owners=((0x1d000000, 1, 1, 1, 0, b"0123456789abcdef0123456789abcdef"),)))
    assert pin(path)[1]["served"]["owners"][0]["name"] == "...1"
    assert pin("--private", path)[1]["served"]["owners"][0]["name"] == "0123456789abcdef0123456789abcdef"


def test_two_machines_have_two_blocks(tmp_path):
    paths = boots.write(tmp_path, boots.log(dmi="One/Board, BIOS 1"), boots.log(dmi="Other/Board, BIOS 1"))
    status, got, err = pin(*paths)
    assert (status, got) == (2, None) and "these are boots of 2 machines: a block is of one" in err


def test_a_file_that_cannot_be_used_is_said(tmp_path):
    paths = boots.write(tmp_path, boots.log(small(0), more=NAMED), boots.log(small(5), more=NAMED), "nothing")
    status, got, err = pin(*paths)
    assert status == 2 and "boot3" in err and verdict(got["pin"]) == ("yes", 32, "stub memory")
    status, got, err = pin(paths[2])
    assert (status, got) == (2, None) and "there is no boot to look at" in err
