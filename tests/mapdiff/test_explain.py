"""mapdiff explain: a page, and all that happened to it."""

import pytest

from naive import ALL, PAGE, WB, capture, e820_of

MIB = 1 << 20
UEFI = [(7, WB, 0, 0xA0000), (7, WB, MIB, 64 * MIB), (9, WB, 64 * MIB, 64 * MIB + PAGE)]
STEMS = ("x64-q35-512M", "lenovo-x240", "grub-q35-512M")
BITS = {True: "bit 0: the page is free", False: "bit 1: the page is reserved"}


def boundaries(map):
    """Each address at which the map changes, and its neighbours."""
    edges = {edge for row in map.e820 for edge in row[:2]}
    return sorted({edge + offset for edge in edges for offset in (-1, 0)} - {-1})


@pytest.mark.parametrize("map", [map for map in ALL if map.path.stem in STEMS], ids=lambda map: map.path.stem)
def test_it_agrees_with_the_bitmap(report, map):
    targets = report("show", map.path)["targets"]
    for address in boundaries(map):
        steps = report("explain", map.path, hex(address))["steps"]
        for name, target in targets.items():
            pfn = address // PAGE
            is_free = any(start <= pfn < end for start, end in target["free"])
            last = [step["text"] for step in steps if step["stage"] == name][-1]
            assert last == BITS[is_free] or (pfn >= target["max_low_pfn"] and last.startswith("no bit")), hex(address)
            assert any(step["decisive"] for step in steps if step["stage"] == name)


@pytest.mark.parametrize(
    "rule, address, stage, words",
    [
        ("the descriptor, by number", "0x200000", "UEFI map", "descriptor 1 of 3: 0x100000-0x4000000, type 7"),
        ("attributes in words", "0x200000", "UEFI map", "attributes 0x8 (WB)"),
        ("the rule that applies", "0x4000000", "UEFI map", "by the rules of bootmem: ACPI data"),
        ("the e820 range", "0x4000000", "e820", "range 2 of 3, translated: 0x4000000-0x4001000 ACPI data"),
        ("who freed it", "0x300000", "ia32", "register_bootmem_low_pages(): free, in the usable range"),
        ("who freed it, on AMD64", "0x300000", "amd64", "free_bootmem_with_active_regions(): free"),
        ("who reserved it, and why", "0x7fff", "amd64", "for SMP trampoline: where other CPUs start"),
        ("whether Linux does so, too", "0x7fff", "amd64", "(as 2.6.24)"),
        ("what is no RAM stays reserved", "0xa0000", "ia32", "not RAM, so it stays reserved"),
        ("a hole has neighbours", "0xa0000", "UEFI map", "the one below ends at 0xa0000, the one above starts at 0x100000"),
        ("and something that usually is there", "0xb8000", "e820", "what usually lies there: the VGA window"),
        ("the local APICs", "0xfee00000", "e820", "the local APICs"),
        ("flash", "0xffff0000", "UEFI map", "flash memory"),
        ("above everything", "0xffffffffffffffff", "e820", "none is above"),
        ("what has no bit", "0xfee00000", "amd64", "no bit: page 0xfee00 is not below the end of RAM"),
        ("what has a name there", "0x500010", "landmark", "framebuffer at 0x500000-0x600000"),
    ],
)
def test_steps(report, rule, address, stage, words):
    data = capture(UEFI, lines=["framebuffer 0x0000000000500000 0x0000000000600000"])
    steps = report("explain", "-", address, stdin=data)["steps"]
    assert any(words in step["text"] for step in steps if step["stage"] == stage), (rule, steps)


def test_overlaps_are_decided(report):
    data = capture([*UEFI, (10, WB, 2 * MIB, 3 * MIB)])
    texts = [step["text"] for step in report("explain", "-", "0x200000", stdin=data)["steps"]]
    assert "descriptor 1 of 4" in texts[0] and "descriptor 3 of 4" in texts[1]
    assert texts[2].startswith("2 descriptors overlap here")
    assert "ACPI NVS" in texts[3]


def test_the_first_reservation_decides(report):
    """Two of one page: the kernel's came before the framebuffer's."""
    data = capture(UEFI, lines=["framebuffer 0x0000000000180000 0x0000000000300000"])
    steps = report("explain", "-", "0x180000", stdin=data)["steps"]
    reserves = [step for step in steps if step["stage"] == "amd64" and "reserve_bootmem" in step["text"]]
    assert [step["decisive"] for step in reserves] == [True, False]
    assert "for kernel" in reserves[0]["text"] and "for framebuffer" in reserves[1]["text"]


def test_only_whole_pages_are_free(report):
    data = capture(e820=[(0, 0x9FC00, 1), (MIB, 64 * MIB, 1)])
    steps = report("explain", "-", "0x9f000", stdin=data)["steps"]
    assert any("in the usable range 0x0-0x9fc00, but only whole pages are freed" in step["text"] for step in steps)
    assert steps[-1]["text"] == BITS[False]


WHOLE = [(7, WB, 0, 64 * MIB)]
PARTS = [(7, WB, 0, 0x9F000), (7, WB, MIB, 64 * MIB), (9, WB, 64 * MIB + 0x800, 65 * MIB + 0x800)]


@pytest.mark.parametrize(
    "rule, uefi, args, address, stage, words",
    [
        ("RAM in the ISA hole", WHOLE, [], "0xb8000", "ia32",
         "in the usable range 0x0-0x4000000, but 640 KiB to 1 MiB are no RAM for IA-32, whatever the map says"),
        ("which AMD64 believes", WHOLE, [], "0xb8000", "amd64", "free, in the usable range 0x0-0x4000000"),
        ("a limit", UEFI, ["--mem=32M", "--rules=linux"], "0x3000000", "amd64",
         "no bit: page 0x3000 is not below the end of RAM, 0x2000; the rest of RAM is above a limit"),
        ("the rest of a page", PARTS, [], "0x4000000", "UEFI map", "in the same page: descriptor 2, 0x4000800-0x4100800"),
        ("the same in e820", PARTS, [], "0x4000000", "e820", "in the same page: range 2, 0x4000800-0x4100800 ACPI data"),
        ("nothing of another page", PARTS, [], "0x4101000", "UEFI map", "no descriptor holds it"),
    ],
)
def test_reasons(report, rule, uefi, args, address, stage, words):
    steps = report("explain", *args, "-", address, stdin=capture(uefi))["steps"]
    assert any(words in step["text"] for step in steps if step["stage"] == stage), (rule, steps)


def test_a_descriptor_that_wraps_is_named(report):
    line = "uefi 0xfffffffffff00000 0xfffffffffff00000 7 0xf Conventional pages=0x200"
    data = capture(UEFI, lines=[line])
    steps = report("explain", "-", "0xffffffffffffffff", stdin=data)["steps"]
    assert "type 7 (Conventional), starts at 0xfffffffffff00000 and ends past 2^64: it is passed over" in steps[0]["text"]
    assert not any("past 2^64" in step["text"] for step in report("explain", "-", "0x0", stdin=data)["steps"])


@pytest.mark.parametrize(
    "found, words",
    [(20, "that follows by the rules of GRUB 2.06"), (5, "that follows by the rules of GRUB 1.9x or ELILO"),
     (4, "that does not follow from the descriptor by any rules known"), (2, None)],
)
def test_whose_type_it_is(report, found, words):
    data = capture([*UEFI, (5, WB, 65 * MIB, 66 * MIB)], [(MIB, 64 * MIB, 1), (65 * MIB, 66 * MIB, found)], ["loader x"])
    texts = [step["text"] for step in report("explain", "-", "65M", stdin=data)["steps"] if step["stage"] == "e820"]
    assert texts[1:] == ([words] if words else [])


@pytest.mark.parametrize("lines, args", [(["mem-limit 0x2000000"], []), ([], ["--mem=32M"])])
def test_a_limit_is_named(report, lines, args):
    for recorded in ([], [(0, 0xA0000, 1), (MIB, 32 * MIB, 1)]):
        if recorded and args:
            continue
        steps = report("explain", *args, "-", "48M", stdin=capture(UEFI, recorded, lines))["steps"]
        texts = [step["text"] for step in steps if step["stage"] == "e820"]
        assert texts[-1] == "RAM is cut off at 0x2000000" and len(texts) == 2


def test_text(mapdiff):
    status, out, _ = mapdiff("explain", "-", "0x7fff", stdin=capture(UEFI))
    assert status == 0
    assert out.startswith("0x7fff, in page 0x7, of ") and out.endswith("* decides\n")
    assert all(len(line) <= 100 for line in out.splitlines())


def test_e820_of_the_report_is_there_too(report):
    assert e820_of(report("explain", "-", "0x0", stdin=capture(UEFI)))[0] == (0, 0xA0000, 1)
