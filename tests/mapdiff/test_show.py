"""mapdiff show: what a record has, as it is, and what it lacks, computed; where the RAM went; the text."""

import pytest

from naive import ALL, PAGE, RUNTIME, WB, WITH_UEFI, capture, e820_of, name_of

MIB = 1 << 20
UEFI = [(7, WB, 0, 0xA0000), (7, WB, MIB, 64 * MIB), (10, WB, 64 * MIB, 65 * MIB), (0, WB, 65 * MIB, 66 * MIB)]
E820 = [(0, 0xA0000, 1), (MIB, 64 * MIB, 1), (64 * MIB, 65 * MIB, 4), (65 * MIB, 66 * MIB, 2)]
RESERVE = 'reserve ia32 {:#018x} {:#018x} extension forever 13 "{}" "{}"'
BITMAP = [
    "policy linux-2.6.24",
    "max-pfn ia32 0x4000",
    "max-low-pfn ia32 0x4000",
    "free ia32 0x200 0x300",
    "free ia32 0x301 0x400",
    RESERVE.format(0x300800, 0x300900, "UEFI runtime", "half a page of it"),
    "no-bitmap amd64 it did not want to",
]


@pytest.mark.parametrize("map", [map for map in ALL if map.e820], ids=name_of)
def test_e820_is_the_recorded_one(report, map):
    got = report("show", map.path)
    assert e820_of(got) == map.e820
    assert got["e820_computed"] is False


def test_recorded_bitmaps_are_shown_as_they_are(report):
    targets = report("show", "-", stdin=capture(UEFI, E820, BITMAP))["targets"]
    assert targets["ia32"]["recorded"] and targets["amd64"]["recorded"]
    assert targets["ia32"]["free"] == [[0x200, 0x300], [0x301, 0x400]]
    assert targets["ia32"]["free_pages"] == 0x1FF
    assert [row["reason"] for row in targets["ia32"]["reserved"]] == ["half a page of it"]
    assert targets["amd64"]["failure"] == "it did not want to"


def test_translate_looks_at_nothing_recorded(report):
    targets = report("translate", "-", stdin=capture(UEFI, E820, BITMAP))["targets"]
    assert not targets["ia32"]["recorded"] and not targets["amd64"]["recorded"]
    assert targets["amd64"]["free_pages"] > 0x3000


@pytest.mark.parametrize("map", ALL, ids=name_of)
def test_the_ledger_adds_up(report, map):
    got = report("show", map.path)
    ram = sum(end - start for start, end, kind in e820_of(got) if kind == 1)
    assert {row["what"]: row["bytes"] for row in got["ledger"]}["usable"] == ram
    assert all(row["bytes"] > 0 for row in got["ledger"])


LEDGER = [
    # what is lost                            descriptor at 66 MiB, 1 MiB of it
    ("ACPI NVS",                              (10, WB)),
    ("ACPI data",                             (9, WB)),
    ("unusable",                              (8, WB)),
    ("persistent",                            (14, WB)),
    ("UEFI runtime services",                 (6, WB | RUNTIME)),
    ("not accepted",                          (15, WB)),
    ("RAM that is not write-back",            (4, 1)),
    ("RAM that the runtime services claim",   (7, WB | RUNTIME)),
    ("soft reserved (specific purpose)",      (7, WB | 0x40000)),
    ("of an unknown type",                   (0x70000000, WB)),
    ("reserved",                              (0, WB)),
    (None,                                    (11, 1 | RUNTIME)),  # a device: no RAM
]


@pytest.mark.parametrize("installed", [None, 128 * MIB])
@pytest.mark.parametrize("what, kind", LEDGER)
def test_losses_have_their_cause(report, what, kind, installed):
    uefi = [(7, WB, MIB, 64 * MIB), (*kind, 64 * MIB, 65 * MIB), (7, WB, 65 * MIB, 66 * MIB)]
    lines = [f"installed-bytes {installed:#x}"] if installed else []
    got = report("translate", "-", stdin=capture(uefi, lines=lines))
    expected = {"usable": 64 * MIB, **({what: MIB} if what else {})}
    if installed:
        expected["in no map"] = installed - sum(expected.values())
    assert {row["what"]: row["bytes"] for row in got["ledger"]} == expected


def test_cut_ram_is_a_loss(report):
    got = report("translate", "--mem", "32M", "-", stdin=capture([(7, WB, MIB, 64 * MIB)]))
    assert [(row["what"], row["bytes"]) for row in got["ledger"]] == [
        ("usable", 31 * MIB), ("cut off by a limit", 32 * MIB)]


@pytest.mark.parametrize("map", ALL[::3], ids=name_of)
def test_the_ledgers_of_the_text_add_up_to_the_byte(mapdiff, map):
    lines = mapdiff("show", map.path)[1].split("Where the RAM went\n")[1].splitlines()
    sums, heads, usable = [], [], None
    for line in lines:
        words = line.split()
        if "of which:" in line:
            heads.append(int(words[0]))
            sums.append(0)
        elif line.startswith("  usable, for"):
            heads.append(usable)
            sums.append(0)
        else:
            sums[-1] += int(words[0])
            if line.endswith(" usable"):
                usable = int(words[0])
    assert sums == heads and len(heads) == 3


def rows(ledger):
    return {row["what"]: row["bytes"] for row in ledger}


def test_what_a_target_cannot_use_has_its_cause(report):
    e820 = [(0, 0xB0000, 1), (MIB, 64 * MIB + 0x400, 1), (1 << 32, (1 << 32) + MIB, 1)]
    data = capture(e820=e820, lines=["origin a log", "cpu-address-bits 32"])
    got = {name: rows(target["ledger"]) for name, target in report("show", "-", stdin=data)["targets"].items()}
    assert got["ia32"]["640 KiB to 1 MiB, no RAM for IA-32"] == 0x10000
    assert got["amd64"]["low memory of PCs"] == 3 * PAGE + 0x10000
    for ledger in got.values():
        assert ledger["above the limit of memory"] == MIB and ledger["parts of pages"] == 0x400


def test_ram_that_a_log_leaves_out_is_not_called_cut_off(report):
    """Its e820 map does not follow from its UEFI map: why, nobody knows."""
    got = report("show", "-", stdin=capture(UEFI, [(MIB, 64 * MIB, 1)], ["origin a log"]))
    assert rows(got["ledger"])["RAM that the e820 map leaves out"] == 0xA0000


@pytest.mark.parametrize(
    "lines, args, policy",
    [(BITMAP, [], "linux-2.6.24"), (BITMAP[1:], [], None), ([], [], "safe"), ([], ["-p", "linux-2.6.24"], "linux-2.6.24"),
     (BITMAP, ["-p", "safe"], "linux-2.6.24")],
)
def test_the_policy_is_that_of_the_bitmaps(report, mapdiff, lines, args, policy):
    data = capture(UEFI, E820, lines)
    assert report("show", *args, "-", stdin=data)["policy"] == policy
    assert f"policy {policy or 'not recorded'}" in mapdiff("show", *args, "-", stdin=data)[1]


@pytest.mark.parametrize("installed, words", [(0x1000000, "16 MiB"), ((1 << 64) - 1, "15.9 EiB")])
def test_installed_memory_that_cannot_be_is_not_believed(mapdiff, installed, words):
    out = mapdiff("show", "-", stdin=capture(UEFI, lines=[f"installed-bytes {installed:#x}"]))[1]
    assert f"that the map tells of (installed: {words}, which cannot be), of which:" in out


@pytest.mark.parametrize("text, size", [("0x8000000", 128 * MIB), (f"{128 * MIB}", 128 * MIB), (f"0{128 * MIB}", 128 * MIB),
                                        ("8000000h", None), ("0x", None), (f"{1 << 64}", None)])
def test_numbers_are_decimal_or_hexadecimal_and_never_octal(report, text, size):
    got = report("show", "-", stdin=capture(UEFI, lines=[f"installed-bytes {text}"]))
    assert got["installed_bytes"] == size


@pytest.mark.parametrize(
    "args, data, is_linux",
    [
        (["show"], capture(UEFI, E820, ["origin a log"]), True),
        (["show"], capture(UEFI, E820), False),  # bootmem's own
        (["show"], capture(UEFI, E820, ["origin a log", "e820-view kernel"]), False),
        (["translate"], capture(UEFI), False),
        (["translate", "--rules=linux"], capture(UEFI), True),
    ],
)
def test_only_a_map_of_linux_has_the_checksum_of_hibernation(mapdiff, args, data, is_linux):
    out = mapdiff(*args, "-", stdin=data)[1]
    assert ("CRC-32 that hibernation compares: 0x" in out) == is_linux
    assert ("CRC-32 of this map, which is not the one that hibernation compares: 0x" in out) != is_linux


def test_without_a_uefi_map_the_e820_map_tells_the_fates(mapdiff):
    lines = mapdiff("show", "-", stdin=capture(e820=E820, lines=["origin a log"]))[1].splitlines()
    at = lines.index("e820 map, and what becomes of it")
    assert lines[at + 1].split() == ["#", "range", "size", "type", "ia32", "amd64"]
    assert lines[at + 2].split()[2:] == "640 KiB usable 157 of 160 free 155 of 160 free".split()
    assert "      amd64  0x6000-0x8000, 2 pages: SMP trampoline: where other CPUs start, in real mode" in lines
    assert any(line.split()[1:] == "0x4000000-0x4100000 1 MiB ACPI NVS not RAM not RAM".split() for line in lines)
    assert all(line == line.rstrip() for line in lines)


@pytest.mark.parametrize("map", WITH_UEFI, ids=name_of)
def test_text_has_every_descriptor(mapdiff, map):
    status, out, err = mapdiff("translate", map.path)
    assert (status, err) == (0, "")
    lines = out.splitlines()
    for index, (_, _, start, end) in enumerate(map.uefi):
        assert any(line.startswith(f"{index:4}  {start:#x}-{end:#x} ") for line in lines), index
    assert all(line == line.rstrip() and "\t" not in line for line in lines)


@pytest.mark.parametrize("target", ["ia32", "amd64"])
def test_one_target_has_one_column(mapdiff, target):
    lines = mapdiff("translate", "-t", target, "-", stdin=capture(UEFI))[1].splitlines()
    assert all(line == line.rstrip() for line in lines)
    assert any(line.split()[-2:] == ["e820", target] for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        "   1  0x100000-0x4000000   16128  Conventional",
        "both   0x100000-0x200000, 256 pages: kernel: assumed to be here",
        "   2  0x4000000-0x4100000    256  ACPIMemoryNVS  WB          ACPI NVS  not RAM",
        "computed for a kernel at 0x100000-0x200000 (assumed)",
        "ia32: bitmap and reservations, computed, policy safe",
        "Where the RAM went",
    ],
)
def test_text(mapdiff, words):
    assert words in mapdiff("show", "-", stdin=capture(UEFI))[1]


@pytest.mark.parametrize(
    "descriptor, words",
    [
        ((7, WB, 0x5000, 0x5000), "1 with no pages: passed over"),
        ((7, WB, 0x300800, 0x301800), "1 with a start inside a page"),
        ((9, WB, 0x200000, 0x201000), "1 with memory that another range has, too"),
    ],
)
def test_what_is_odd_about_a_map_is_told(mapdiff, descriptor, words):
    assert words in mapdiff("show", "-", stdin=capture([*UEFI, descriptor]))[1]


@pytest.mark.parametrize("words", ("RAM         1 byte usable;", "e820 map    1 range, as", "UEFI map    1 descriptor\n", "  1 byte  usable\nCRC", " 1 byte      1 byte  usable\n"))
def test_of_one_there_is_no_plural(mapdiff, words):
    data = capture([(0, WB, 0x1000, 0x2000)], [(0x1000, 0x1001, 1)])
    assert words in mapdiff("show", "-", stdin=data)[1]


def test_reserved_runs_of_a_large_descriptor_are_not_all_listed(mapdiff):
    lines = [f'acpi {0x1000000 + i * 2 * PAGE:#018x} 0x100 - 1 ok "SSDT" XSDT' for i in range(3000)]
    out = mapdiff("translate", "-", stdin=capture(UEFI, lines=lines))[1]
    assert "and more: see the reservations" in out


def test_a_reason_of_both_is_listed_where_the_first_has_more_before_it_than_are_listed(mapdiff):
    """ia32 has seven of its own, and both one at the end, and one before: each is said once."""
    def target(name, pages):
        return [f"max-pfn {name} 0x4000", f"max-low-pfn {name} 0x4000",
                *(f"free {name} {page + 1:#x} {page + 2:#x}" for page in range(0x200, 0x300, 2)),
                *(RESERVE.replace("ia32", name).format(page << 12, (page + 1) << 12, f"page {page:#x}", "why")
                  for page in pages)]

    first, last = 0x200, 0x240
    lines = [*target("ia32", [first, *range(0x210, 0x21E, 2), last]), *target("amd64", [first, last])]
    out = mapdiff("show", "-", stdin=capture(UEFI, E820, lines))[1]
    said = [line.split() for line in out.split("bitmap and reservations")[0].splitlines() if ": page 0x" in line]
    said = [(words[0], words[words.index("page", 4) + 1]) for words in said]
    assert said == [("both", "0x200:"), *(("ia32", f"{page:#x}:") for page in range(0x210, 0x21A, 2)), ("both", "0x240:")]
    assert "ia32   and more: see the reservations" in out and "amd64  and more" not in out
