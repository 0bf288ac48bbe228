"""Each rule of lint: the smallest map that shows what it finds, and the same map without that."""

import re

import pytest

import formats_other as formats
from conftest import ROOT

WB = 0xf
RT = WB | formats.RUNTIME
LOW = (7, WB, 0x1000, 0xa0000)
RAM = (7, WB, 0x100000, 0x40000000)
TABLES = (9, WB, 0x40000000, 0x40010000)
NVS = (10, WB, 0x40010000, 0x40020000)
GOOD = [LOW, RAM, TABLES, NVS]


def table(signature, start, size=0x100):
    return f'acpi 0x{start:016x} {size} - 1 ok "{signature}" XSDT'


def many(n, kinds):
    """@n ranges of 64 KiB from 16 MiB on, of @kinds in turn."""
    return [LOW] + [(kinds[i % len(kinds)], WB, 0x1000000 + i * 0x10000, 0x1010000 + i * 0x10000) for i in range(n)]


def pieces(n):
    """So many of runtime services memory, each of two descriptors."""
    return [LOW, RAM] + [(kind, RT, start, start + 0x1000) for i in range(n)
                         for kind, start in ((5, 0x50000000 + i * 0x3000), (6, 0x50001000 + i * 0x3000))]


# The rule; what has it, and what has not: descriptors, lines of a capture.
RULES = [
    ("overlap", (GOOD + [(0, WB, 0x3ffff000, 0x40000000)], []), (GOOD, [])),
    ("overlap", ([LOW, RAM, (9, WB, 0x200000, 0x201000), (10, WB, 0x300000, 0x301000)], []), (GOOD, [])),
    ("wrap", (GOOD, ["uefi 0xfffffffffffff000 0xfffffffffffff000 0 0xf Reserved pages=0x2"]),
     (GOOD, ["uefi 0xffffffffffffe000 0xfffffffffffff000 0 0xf Reserved"])),
    ("linux-refuses", (GOOD, ["uefi 0xfffffffffffff000 0xfffffffffffff000 0 0xf Reserved pages=0x2"]),
     (GOOD, ["uefi 0xffffffffffffe000 0xfffffffffffff000 0 0xf Reserved"])),
    ("linux-refuses", (GOOD[1:2], []), (GOOD[:2], [])),
    ("unaligned", ([LOW, (7, WB, 0x100800, 0x200800)], []), ([LOW, (7, WB, 0x100000, 0x200000)], [])),
    ("unknown-type", (GOOD + [(16, WB, 0x50000000, 0x50001000)], []), (GOOD + [(15, WB, 0x50000000, 0x50001000)], [])),
    ("unknown-type", (GOOD + [(0x6fffffff, WB, 0x50000000, 0x50001000)], []),
     (GOOD + [(0x70000000, WB, 0x50000000, 0x50001000)], [])),
    ("oem-type", (GOOD + [(0x80000000, WB, 0x50000000, 0x50001000)], []),
     (GOOD + [(0x6fffffff, WB, 0x50000000, 0x50001000)], [])),
    ("zero-pages", (GOOD + [(0, 0, 0, 0)], []), (GOOD, [])),
    ("many-descriptors", (many(256, [7]), []), (many(255, [7]), [])),
    ("many-entries", (many(128, [7, 0]), []), (many(127, [7, 0]), [])),
    ("runtime-without-attribute", (GOOD + [(6, WB, 0x50000000, 0x50001000)], []),
     (GOOD + [(6, RT, 0x50000000, 0x50001000)], [])),
    ("runtime-attribute-on-ram", ([LOW, (4, RT, 0x100000, 0x200000)], []), ([LOW, (4, WB, 0x100000, 0x200000)], [])),
    ("runtime-attribute-on-acpi", ([LOW, RAM, (10, RT, 0x40000000, 0x40001000)], []), (GOOD, [])),
    ("ram-not-wb", ([LOW, (7, 0x7, 0x100000, 0x200000)], []), ([LOW, (7, 0x8, 0x100000, 0x200000)], [])),
    ("acpi-in-ram", (GOOD, [table("SSDT", 0x3ffff000)]), (GOOD, [table("SSDT", 0x40000000)])),
    ("acpi-in-ram", ([(7, WB, 0, 0xa0000), RAM], [table("SSDT", 1)]), ([(7, WB, 0, 0xa0000), RAM], [table("DSDT", 0)])),
    ("acpi-in-ram", (GOOD, [table("DSDT", 0x3fffff80)]), (GOOD, [table("DSDT", 0xffff888012345678)])),
    ("acpi-in-ram", ([LOW, (4, WB, 0x100000, 0x200000)], [table("BGRT", 0x180000)]),
     ([LOW, (4, WB, 0x100000, 0x200000)], [table("BGRT image", 0x180000)])),
    ("acpi-in-ram", (GOOD, [table("BGRT image", 0x200000)]), (GOOD, [table("BGRT image", 0x40000000)])),
    ("acpi-outside", (GOOD + [(0, WB, 0x50000000, 0x50001000)], [table("SSDT", 0x50000000)]),
     (GOOD, [table("SSDT", 0x4000ff80)])),  # in both kinds of ACPI memory
    ("acpi-outside", (GOOD, [table("RSDP", 0x50000000, 36)]), (GOOD, [table("RSDP", 0xf0000, 36)])),
    ("acpi-outside", (GOOD, ["config-table 0x0000000050000014 - ACPI 2.0"]),
     (GOOD, ["config-table 0x0000000040000014 - ACPI 2.0"])),
    ("rsdp-in-nvs", (GOOD, [table("RSDP", 0x40010000, 36)]), (GOOD, [table("RSDP", 0x40000000, 36)])),
    ("rsdp-in-nvs", (GOOD, ["config-table 0x0000000040010014 - ACPI 2.0"]),
     (GOOD, ["config-table 0x0000000040010014 - SMBIOS"])),
    ("facs-in-reclaim", (GOOD, [table("FACS", 0x40000000, 64)]), (GOOD, [table("FACS", 0x40010000, 64)])),
    ("bgrt-in-boot-services", ([LOW, (4, WB, 0x100000, 0x200000)], [table("BGRT image", 0x180000)]),
     ([LOW, (0, WB, 0x100000, 0x200000)], [table("BGRT image", 0x180000)])),
    ("smbios-in-ram", (GOOD, ["smbios 0x0000000000200000 0x0000000000200100 structures"]),
     (GOOD, ["smbios 0x00000000000f04c0 0x00000000000f05e0 structures"])),
    ("framebuffer-in-ram", (GOOD, ["framebuffer 0x000000003ff00000 0x0000000040100000"]),
     (GOOD, ["framebuffer 0x0000000080000000 0x0000000080400000"])),
    ("no-low-memory", ([(7, WB, 0, 0x1000), RAM], []), ([(7, WB, 0, 0xa000), RAM], [])),
    ("no-low-memory", ([(7, WB, 0xa0000, 0x100000), RAM], []), ([(4, WB, 0x9f000, 0x100000), RAM], [])),
    ("little-low-memory", ([(7, WB, 0, 0x8000), RAM], []), ([(7, WB, 0, 0x9000), RAM], [])),
    ("mmio-in-ram", ([LOW, (7, WB, 0x100000, 0x200000), (11, 1, 0x200000, 0x201000), (7, WB, 0x201000, 0x300000)], []),
     ([LOW, (7, WB, 0x100000, 0x200000), (11, 1, 0x200000, 0x201000), (0, WB, 0x201000, 0x300000)], [])),
    ("beyond-address-width", (GOOD + [(7, WB, 1 << 38, 1 << 39)], ["cpu-address-bits 38"]),
     (GOOD + [(7, WB, 1 << 38, 1 << 39)], ["cpu-address-bits 39"])),
    ("hole", ([LOW, (7, WB, 0x100000, 0x200000), (7, WB, 0x201000, 0x300000)], []),
     ([LOW, (7, WB, 0x100000, 0x200000), (7, WB, 1 << 32, 1 << 33)], [])),
    ("hole", ([(7, WB, 0x1000, 0x58000), (7, WB, 0x59000, 0xa0000), RAM], []), ([LOW, RAM], [])),
    ("hole", (GOOD + [(7, WB, 1 << 32, 1 << 33), (7, WB, 3 << 32, 1 << 34)], []),
     (GOOD + [(7, WB, 1 << 33, 1 << 34)], [])),
    # What OVMF has: bins of this boot, and the variable as it was raised for the next one.
    ("bin-overflow", (GOOD + [(10, WB, 0x60000000, 0x60010000)], ["bin 10 20 ACPIMemoryNVS"]),
     (GOOD + [(10, WB, 0x60000000, 0x60010000)], ["bin 10 16 ACPIMemoryNVS"])),
    ("bin-overflow", (GOOD + [(10, WB, 0x60000000, 0x60010000)], ["bin 10 32 ACPIMemoryNVS"]),
     (GOOD + [(10, WB, 0x40020000, 0x40030000)], ["bin 10 32 ACPIMemoryNVS"])),  # in two descriptors
    ("bin-outside", (GOOD, ["bin 9 15 ACPIReclaim"]), (GOOD, ["bin 9 16 ACPIReclaim", "bin 0 1 Reserved"])),
    ("bin-outside", (GOOD + [(10, WB, 0x60000000, 0x60001000)], ["bin 10 16 ACPIMemoryNVS"]),
     (GOOD + [(10, WB, 0x60000000, 0x60001000)], ["bin 10 17 ACPIMemoryNVS"])),
    ("bin-unused", (GOOD, ["bin 10 17 ACPIMemoryNVS"]), (GOOD, ["bin 10 16 ACPIMemoryNVS", "bin 4 99 BootServicesData"])),
    *((rule, (GOOD + [(0, WB, 0x80000000, 0xC0000000)], [f"{key} {BAD}"]), (GOOD + [(0, WB, 0x80000000, 0xC0000000)], [f"{key} {good}"]))
      for rule, key, BAD, goods in (
          ("window-covered", "host-window", "0x0000000090000000 0x00000000b0000000",
           ("0x0000000090000000 0x00000000c0001000", "0x000000007ffff000 0x00000000c0000000")),
          ("window-covered", "host-window", "0x0000000080000000 0x00000000c0000000", ("0x00000000c0000000 0x00000000d0000000",)),
          ("mcfg-not-reserved", "window", "0x00000000c0000000 0x00000000d0000000 PCI configuration space",
           ("0x0000000080000000 0x00000000c0000000 PCI configuration space", "0x00000000c0000000 0x00000000d0000000 PCI 0000:00:02.0")),
          ("mcfg-not-reserved", "window", "0x00000000b0000000 0x00000000c0001000 PCI configuration space",
           ("0x00000000b0000000 0x00000000c0000000 PCI configuration space\nmotherboard 0x00000000c0000000 0x00000000d0000000",)))
      for good in goods),
    ("mcfg-not-reserved", (GOOD, ["window 0x00000000c0000000 0x00000000d0000000 PCI configuration space"]),
     (GOOD, ["window 0x00000000c0000000 0x00000000d0000000 PCI configuration space", "motherboard 0x00000000b0000000 0x00000000d0000000"])),
    ("window-covered", (GOOD + [(0, WB, 0xC0000000, 1 << 32)], ["host-window 0x00000000febff000 0x00000000ff000000"]),
     (GOOD + [(0, WB, 0xC0000000, 1 << 32)], ["host-window 0x00000000fec00000 0x00000000ff000000"])),
    ("window-covered", ([LOW, (0, WB, 0xA0000, 0x200000)], ["host-window 0x0000000000100000 0x0000000000200000"]),
     ([LOW, (0, WB, 0xA0000, 0x200000)], ["host-window 0x00000000000a0000 0x00000000000c0000"])),
    ("stack-in-ram", (GOOD, ["in-use 0x0000000000200000 0x0000000000201000 IDT"]), (GOOD, [])),
    ("runtime-pieces", (pieces(9), []), (pieces(8), [])),
    ("mtrr-not-write-back", (GOOD, ["mtrr 0x0 0x10000000000000 MTRR default uncachable", "mtrr 0x0 0x20000000 MTRR write-back"]),
     (GOOD, ["mtrr 0x0 0x10000000000000 MTRR default uncachable", "mtrr 0x0 0x40000000 MTRR write-back"])),
    ("attributes-gap", (GOOD + [(6, RT, 0x50000000, 0x50002000)], ["memory-attributes 0x50000000 0x50001000"]),
     (GOOD + [(6, RT, 0x50000000, 0x50002000)], ["memory-attributes 0x50000000 0x50001000", "memory-attributes 0x50001000 0x50002000"])),
    ("sub-page", ([LOW, (7, WB, 0x100000, 0x200000), (0, WB, 0x200800, 0x201800)], ["kernel-version 6.1.134"]),
     ([LOW, (7, WB, 0x100000, 0x200000), (0, WB, 0x200800, 0x201800)], ["kernel-version 6.1.135"])),
    ("no-memory-attributes", (GOOD, ["uefi-revision 2.70", "config-table 0x0000000040000014 - ACPI 2.0"]),
     (GOOD, ["uefi-revision 2.70", "config-table 0x0000000040000014 - MEMATTR"])),
    ("no-memory-attributes", (GOOD, ["uefi-revision 2.70", "config-table 0x0000000040000014 - ACPI 2.0"]),
     (GOOD, ["uefi-revision 2.31", "config-table 0x0000000040000014 - ACPI 2.0"])),
]
# All that the rows have, in one map.
ALL_AT_ONCE = ("all", ([entry for _, (uefi, _), _ in RULES for entry in uefi],
                       [line for _, (_, lines), _ in RULES for line in lines]), None)


def places_of(report, text):
    """All places of all findings, each as if it were one."""
    return [{**finding, **place} for finding in report("lint", "-", stdin=text.encode())["findings"] for place in finding["places"]]


def rules_of(report, text):
    return {finding["rule"] for finding in report("lint", "-", stdin=text.encode())["findings"]}


@pytest.mark.parametrize("rule, bad, good", RULES, ids=[f"{rule}-{i}" for i, (rule, *_) in enumerate(RULES)])
def test_a_rule_finds_what_it_is_for(report, rule, bad, good):
    (bad_map, bad_lines), (good_map, good_lines) = bad, good
    assert rule in rules_of(report, formats.capture(*bad_lines, uefi=bad_map))
    assert rule not in rules_of(report, formats.capture(*good_lines, uefi=good_map))


def test_configuration_space_that_is_reserved_from_its_middle_on(report):
    """It is said from where on it is not."""
    window = "window 0x00000000c0000000 0x00000000d0000000 PCI configuration space"
    for kept, said in (((0xC8000000, 0xD0000000), "from 0xc0000000 on it is not"), ((0xC0000000, 0xC8000000), "from 0xc8000000 on it is not")):
        content = formats.capture(window, uefi=[*GOOD, (0, WB, *kept)])
        [text] = [place["text"] for place in places_of(report, content) if place["rule"] == "mcfg-not-reserved"]
        assert said in text


def test_pieces_of_runtime_memory_from_the_first_to_the_last(report):
    [place] = [place for place in places_of(report, formats.capture(uefi=pieces(9))) if place["rule"] == "runtime-pieces"]
    runtime = [row for row in pieces(9) if row[0] in (5, 6)]
    assert (int(place["start"], 0), int(place["end"], 0)) == (runtime[0][2], runtime[-1][3])


def test_the_manual_has_all_rules_in_the_order_of_reports(report):
    """What the program says of the maps above: each rule, and how bad it is. A rule of the source that no
    row above finds is missed here."""
    reports = [report("lint", "-", stdin=formats.capture(*lines, uefi=uefi).encode())["findings"]
               for _, (uefi, lines), _ in RULES + [ALL_AT_ONCE]]
    found = {finding["rule"]: finding["severity"] for findings in reports for finding in findings}
    manual = re.findall(r"^\.It Cm ([a-z-]+) Pq (note|warning|error)$", (ROOT / "mapdiff/mapdiff.1").read_text(), re.M)
    assert dict(manual) == found and len(manual) == len(found)
    sources = "".join(path.read_text() for path in (ROOT / "mapdiff/lint").glob("*.c"))
    assert set(re.findall(r'"([a-z-]+)", SEVERITY_', sources)) == set(found)
    for findings in reports:
        ids = list(dict.fromkeys(finding["rule"] for finding in findings))
        assert ids == [rule for rule, _ in manual if rule in ids]
    assert len(ids) > 20


# Ranges of an e820 map, and lines. No UEFI map is known.
E820_GOOD = [(0x0, 0x9f000, 1), (0x9f000, 0x100000, 2), (0x100000, 0x40000000, 1), (0x40000000, 0x40010000, 3)]


@pytest.mark.parametrize("rule, e820, lines", [
    (None, E820_GOOD, [table("FACP", 0x40000000)]),
    ("acpi-in-ram", E820_GOOD, [table("FACP", 0x200000)]),
    ("acpi-outside", E820_GOOD, [table("FACP", 0x50000000), "uefi-revision 2.70"]),
    (None, E820_GOOD, [table("FACP", 0x50000000)]),  # no machine with UEFI
    ("no-low-memory", E820_GOOD[1:], []),
    ("hole", E820_GOOD + [(0x40020000, 0x50000000, 1)], []),
    ("many-entries", E820_GOOD + [(0x50000000 + i * 0x2000, 0x50001000 + i * 0x2000, 2) for i in range(125)], []),
    ("overlap", E820_GOOD + [(0x3ffff000, 0x40000000, 2)], []),
])
def test_an_e820_map_alone_has_rules_too(report, rule, e820, lines):
    found = rules_of(report, formats.capture("origin a log", *lines, e820=e820))
    assert found == ({rule} if rule else set())


def test_an_overlap_is_named_with_both_sides(report):
    text = formats.capture(uefi=GOOD + [(0, WB, 0x3ffff000, 0x40002000)])
    first, second = [place for place in places_of(report, text) if place["rule"] == "overlap"]
    assert (first["start"], first["end"]) == ("0x3ffff000", "0x40000000")
    assert first["text"] == "Reserved, and Conventional of 0x100000-0x40000000"
    assert (second["start"], second["end"]) == ("0x40000000", "0x40002000")


OVERLAPS = [
    ("the one before", [(9, WB, 0x3ffff000, 0x40001000)], [("0x3ffff000", "0x40000000")]),
    ("one before the last", [(9, WB, 0x200000, 0x201000), (10, WB, 0x300000, 0x301000)],
     [("0x200000", "0x201000"), ("0x300000", "0x301000")]),
    ("one that touches", [(9, WB, 0x40000000, 0x40001000)], []),
    ("behind one that ends first", [(9, WB, 0x200000, 0x40001000), (10, WB, 0x40000000, 0x40002000)],
     [("0x200000", "0x40000000"), ("0x40000000", "0x40001000")]),
]


@pytest.mark.parametrize("rule, uefi, overlaps", OVERLAPS, ids=[row[0] for row in OVERLAPS])
def test_each_overlap_is_found(report, rule, uefi, overlaps):
    """With the range before that ends last, which need not be the last one."""
    places = places_of(report, formats.capture(uefi=[LOW, RAM, *uefi]))
    assert [(row["start"], row["end"]) for row in places if row["rule"] == "overlap"] == overlaps, rule


@pytest.mark.parametrize("uefi, status", [
    pytest.param(GOOD, 0, id="nothing"),
    pytest.param([*GOOD, (0x80000000, WB, 0x50000000, 0x50001000)], 0, id="a note"),
    pytest.param(GOOD + [(0, 0, 0, 0)], 1, id="a warning"),
    pytest.param(GOOD + [RAM], 1, id="an error"),
])
def test_the_exit_status_tells_of_warnings_and_errors(mapdiff, uefi, status):
    assert mapdiff("lint", "-", stdin=formats.capture(uefi=uefi).encode())[0] == status


def test_findings_come_the_worst_first_and_say_what_they_mean(mapdiff):
    text = formats.capture(uefi=[RAM, LOW, TABLES, RAM, (0, 0, 0, 0), (6, WB, 0x50000000, 0x50001000)])
    _, out, _ = mapdiff("lint", "-", stdin=text.encode())
    heads = [line for line in out.splitlines() if line.startswith(("error:", "warning:", "note:"))]
    assert [line.rsplit("[", 1)[1] for line in heads] == ["overlap]", "runtime-without-attribute]", "zero-pages]"]
    assert out.startswith("- (capture): 2 errors, 1 warning, 0 notes\n6 UEFI descriptors, 0 e820 ranges; the address goes down 2 times; ")
    assert "  - 0x50000000-0x50001000  RuntimeServicesData, attributes 0xf\n" in out
    assert "UEFI 2.10 §7.2.3\n" in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_large_map_takes_no_time(mapdiff):
    """Ranges that all overlap, tables in all of them: linear but for the sorting."""
    uefi = [(7, WB, i << 12, 1 << 40) for i in range(20000)]
    lines = [table("SSDT", i << 13, 0xffffffff) for i in range(20000)]
    status, out, _ = mapdiff("lint", "-", stdin=formats.capture(*lines, uefi=uefi).encode(), fast=True)
    assert status == 1
    assert "[overlap]" in out and "[acpi-in-ram]" in out


PAGE = 0x1000
TEXT = "uefi 0xfffffffffffff000 0xfffffffffffff000 %s 0xf name pages=0x2"
MEM = (7, WB, 0x100000, 0x200000)
BEHIND = (7, WB, 0x300000, 0x400000)
WHOLE = (0, 0)  # a finding about the map as a whole


def acpi(*places):
    """GOOD, with these tables: (signature, start, bytes)."""
    return GOOD, [table(*place) for place in places]


FINDINGS = (
    # the rule, descriptors and lines of a capture; start, end and words of all its findings
    ("zero-pages", (GOOD + [(0, 0, 0, 0)], []), [(0, 1, "Reserved")]),
    ("zero-pages", (GOOD + [(4, 0, 0x5000, 0x5000), (0, 0, 0, 0)], []), [(0, 1, "Reserved"), (0x5000, 0x5001, "BootServicesData")]),
    ("zero-pages", (GOOD + [(0, 0, 0, 0)] * 7, []), [(0, 1, "Reserved, 7 times")]),
    ("many-descriptors", (many(256, [7]), []), [(0x1FF0000, 0x2000000, "257 descriptors, of which this is number 257")]),
    ("many-entries", (many(128, [7, 0]), []), [(0x17F0000, 0x1800000, "129 entries, of which this is number 129")]),
    ("wrap", (GOOD, [TEXT % 0, TEXT % 7]), [(0xFFFFFFFFFFFFF000, (1 << 64) - 1, "Conventional, 0x2 pages"),
                                            (0xFFFFFFFFFFFFF000, (1 << 64) - 1, "Reserved, 0x2 pages")]),
    ("wrap", (GOOD, [(TEXT % 0).replace("pages=0x2", "pages=0x1")]), [(0xFFFFFFFFFFFFF000, (1 << 64) - 1, "Reserved, 0x1 page")]),
    ("unaligned", ([LOW, (7, WB, 0x100001, 0x101001), (0, WB, 0x1FFFFF, 0x2FFFFF)], []),
     [(0x100001, 0x101001, "Conventional"), (0x1FFFFF, 0x2FFFFF, "Reserved")]),
    ("overlap", ([MEM, (0, WB, 0x100000, 0x101000)], []),
     [(0x100000, 0x101000, "Conventional, and Reserved of 0x100000-0x101000")]),
    ("overlap", ([MEM, (0, WB, 0x1FF000, 0x201000), (11, WB, 0x200000, 0x202000)], []),
     [(0x1FF000, 0x200000, "Reserved, and Conventional of 0x100000-0x200000"),
      (0x200000, 0x201000, "MemoryMappedIO, and Reserved of 0x1ff000-0x201000")]),
    ("unknown-type", (GOOD + [(16, WB, 0x50000000, 0x50001000), (15, WB, 0x50001000, 0x50002000)], []),
     [(0x50000000, 0x50001000, "type 0x10")]),
    ("oem-type", (GOOD + [(0x70000000, WB, 0x50000000, 0x50001000), (0xFFFFFFFF, WB, 0x50001000, 0x50002000)], []),
     [(0x50000000, 0x50001000, "type 0x70000000"), (0x50001000, 0x50002000, "type 0xffffffff")]),
    ("runtime-without-attribute",
     (GOOD + [(5, WB, 0x50000000, 0x50001000), (6, RT, 0x50001000, 0x50002000), (6, WB, 0x50002000, 0x50003000)], []),
     [(0x50000000, 0x50001000, "RuntimeServicesCode, attributes 0xf"),
      (0x50002000, 0x50003000, "RuntimeServicesData, attributes 0xf")]),
    ("runtime-attribute-on-ram", ([LOW] + [(kind, RT, kind << 20, (kind + 1) << 20) for kind in range(1, 16)], []),
     [(kind << 20, (kind + 1) << 20, f"{name}, attributes 0x800000000000000f") for kind, name in (
         (1, "LoaderCode"), (2, "LoaderData"), (3, "BootServicesCode"), (4, "BootServicesData"), (7, "Conventional"))]),
    ("runtime-attribute-on-acpi", ([LOW] + [(kind, RT, kind << 20, (kind + 1) << 20) for kind in range(16)], []),
     [(9 << 20, 10 << 20, "ACPIReclaim, attributes 0x800000000000000f"),
      (10 << 20, 11 << 20, "ACPIMemoryNVS, attributes 0x800000000000000f")]),
    ("ram-not-wb", ([LOW, (7, 7, 0x100000, 0x200000), (0, 7, 0x200000, 0x300000)], []),
     [(0x100000, 0x200000, "Conventional, attributes 0x7")]),

    ("no-low-memory", ([(7, WB, 0, 0x1000), RAM], []), [(0, 0xA0000, "no page of it is RAM, beside page 0")]),
    ("no-low-memory", ([(7, WB, 0, 0x2000), RAM], []), []),
    ("no-low-memory", ([(0, WB, 0, 0xA0000)], []), []),
    ("little-low-memory", ([(7, WB, 0, 0x8000), RAM], []), [(0x1000, 0x8000, "28 KiB in one piece is the most")]),
    ("little-low-memory", ([(7, WB, 0x1000, 0x2000), (7, WB, 0x3000, 0x6000), (7, WB, 0x7000, 0x8000), RAM], []),
     [(0x3000, 0x6000, "12 KiB in one piece is the most")]),
    ("little-low-memory", ([(7, WB, 0x98000, 0x200000)], []), []),
    ("little-low-memory", ([(7, WB, 0x99000, 0x200000)], []), [(0x99000, 0xA0000, "28 KiB in one piece is the most")]),
    ("little-low-memory", ([(0, WB, 0x1000, 0xA0000), (7, WB, 0x9F000, 0xA0000), RAM], []), []),
    ("beyond-address-width", (GOOD + [(7, WB, 1 << 38, (1 << 39) + PAGE)], ["cpu-address-bits 39"]),
     [(1 << 38, (1 << 39) + PAGE, "Conventional; the CPU has 39 address bits")]),
    ("beyond-address-width", (GOOD + [(0, WB, 1 << 38, 1 << 40)], ["cpu-address-bits 39"]), []),
    ("beyond-address-width", (GOOD + [(7, WB, 1 << 32, 1 << 33)], ["cpu-address-bits 32"]),
     [(1 << 32, 1 << 33, "Conventional; the CPU has 32 address bits")]),
    ("beyond-address-width", (GOOD + [(7, WB, 1 << 32, 1 << 33)], ["cpu-address-bits 31"]), []),
    ("beyond-address-width", (GOOD + [(7, WB, 1 << 52, 1 << 53)], ["cpu-address-bits 52"]),
     [(1 << 52, 1 << 53, "Conventional; the CPU has 52 address bits")]),
    ("beyond-address-width", (GOOD + [(7, WB, 1 << 52, 1 << 54)], ["cpu-address-bits 53"]), []),
    *(("mmio-in-ram", ([LOW, MEM, (kind, 1, 0x200000, 0x300000), BEHIND], []), [(0x200000, 0x300000, name)]) for kind, name in (
        (11, "MemoryMappedIO"), (12, "MemoryMappedIOPortSpace"))),
    ("mmio-in-ram", ([LOW, MEM, (0, 1, 0x200000, 0x300000), BEHIND], []), []),
    ("mmio-in-ram", ([LOW, MEM, (11, 1, 0x201000, 0x300000), BEHIND], []), []),
    ("mmio-in-ram", ([LOW, MEM, (11, 1, 0x200000, 0x2FF000), BEHIND], []), []),
    ("mmio-in-ram", ([LOW, (0, WB, 0x100000, 0x200000), (11, 1, 0x200000, 0x300000), BEHIND], []), []),
    ("mmio-in-ram", ([(11, 1, 0, 0x1000), (7, WB, 0x1000, 0x2000)], []), []),
    ("mmio-in-ram", ([MEM, (11, 1, 0x200000, 0x300000)], []), []),
    ("hole", ([LOW, MEM, BEHIND], []), [(0x200000, 0x300000, "1 MiB")]),
    ("hole", ([LOW, MEM, (0, WB, 0x200000, 0x280000), BEHIND], []), [(0x280000, 0x300000, "512 KiB")]),
    ("hole", ([LOW, MEM, BEHIND, (7, WB, 0x500000, 0x600000)], []),
     [(0x200000, 0x300000, "1 MiB"), (0x400000, 0x500000, "1 MiB")]),
    ("hole", ([LOW, (7, WB, 0x100000, 0x400000), (0, WB, 0x200000, 0x300000), (7, WB, 0x400000, 0x500000)], []), []),
    ("hole", ([LOW, (0, WB, 0x100000, 0x200000), BEHIND], []), []),
    ("hole", ([LOW, MEM, (0, WB, 0x300000, 0x400000)], []), []),
    ("hole", ([(7, WB, 0x1000, 0x9F000), (0, WB, 0xA0000, 0x100000), RAM], []), []),
    ("hole", ([(7, WB, 0x1000, 0x9E000), (7, WB, 0x9F000, 0xA0000), RAM], []), [(0x9E000, 0x9F000, "4 KiB")]),
    ("hole", ([LOW, (7, WB, 0x101000, 0x200000)], []), []),
    ("hole", ([LOW, MEM, (7, WB, (1 << 32) - PAGE, 1 << 32)], []), [(0x200000, (1 << 32) - PAGE, "3.9 GiB")]),
    ("hole", ([LOW, MEM, (7, WB, (1 << 32) - PAGE, (1 << 32) + PAGE)], []), [(0x200000, (1 << 32) - PAGE, "3.9 GiB")]),
    ("hole", ([LOW, MEM, (7, WB, 1 << 32, 1 << 33), (7, WB, 3 << 32, 1 << 34)], []), [(1 << 33, 3 << 32, "4 GiB")]),

    *((name, (GOOD, [f"bin 9 {bin_} ACPIReclaim"]),
       [(0x40000000, 0x40010000, f"ACPIReclaim: {bin_} pages by the variable; the map has 16, 16 of them in one piece")])
      for name, bin_ in (("bin-unused", 17), ("bin-outside", 15))),
    ("bin-unused", (GOOD, ["bin 9 16 ACPIReclaim", "bin 6 1 RuntimeServicesData", "bin 5 0 RuntimeServicesCode"]),
     [(*WHOLE, "RuntimeServicesData: 1 page by the variable; the map has 0, 0 of them in one piece")]),
    ("bin-unused", (GOOD, [f"bin {kind} 99 name" for kind in (0, 1, 2, 3, 4, 7, 8, 11, 12, 13, 14, 15)]), []),
    ("bin-overflow", (GOOD + [(9, WB, 0x60000000, 0x60008000)], ["bin 9 17 ACPIReclaim"]),
     [(0x40000000, 0x40010000, "ACPIReclaim: 17 pages by the variable; the map has 24, 16 of them in one piece")]),
    ("bin-overflow", (GOOD + [(9, WB, 0x60000000, 0x60008000), (9, WB, 0x60008000, 0x60010000)], ["bin 9 17 ACPIReclaim"]),
     [(0x40000000, 0x40010000, "ACPIReclaim: 17 pages by the variable; the map has 32, 16 of them in one piece")]),
    ("bin-overflow", (GOOD + [(9, WB, 0x60000000, 0x60008000), (9, WB, 0x60008000, 0x60011000)], ["bin 9 17 ACPIReclaim"]), []),

    ("acpi-in-ram", acpi(("SSDT", 0x100000, 0x100), ("FACP", 0x3FFFFFFF, 1)),
     [(0x100000, 0x100100, "SSDT, in Conventional"), (0x3FFFFFFF, 0x40000000, "FACP, in Conventional")]),
    ("acpi-in-ram", acpi(("SSDT", 0xFFF80, 0x80)), []),
    ("acpi-in-ram", acpi(("SSDT", 0xFFF80, 0x81)), [(0xFFF80, 0x100001, "SSDT, in Conventional")]),
    ("acpi-in-ram", acpi(("SSDT", 0x200000, 0)), [(0x200000, 0x200001, "SSDT, in Conventional")]),
    ("acpi-in-ram", acpi(("SSDT", 0, 0x2000)), []),
    ("acpi-in-ram", ([(7, WB, 0x1000, 0x1000)], [table("SSDT", 0x1000)]), []),
    ("acpi-in-ram", ([*GOOD, (7, WB, 1 << 51, 1 << 53)], [table("SSDT", (1 << 52) - 1, 1), table("FACP", 1 << 52, 1)]),
     [((1 << 52) - 1, 1 << 52, "SSDT, in Conventional")]),
    ("acpi-in-ram", ([LOW, (4, WB, 0x100000, 0x200000), (7, WB, 0x200000, 0x300000)],
                     [table("BGRT image", 0x1FFFFF, 2), table("BGRT image", 0x200000, 2)]),
     [(0x200000, 0x200002, "BGRT image, in Conventional")]),
    ("acpi-outside", acpi(("SSDT", 0x40020000, 0x100), ("FACP", 0x4001FFFF, 2)),
     [(0x4001FFFF, 0x40020001, "FACP, in what the map does not describe"),
      (0x40020000, 0x40020100, "SSDT, in what the map does not describe")]),
    ("acpi-outside",
     (GOOD + [(0, WB, 0x40020000, 0x40030000)], [table("SSDT", 0x40020000, 0x10000), table("FACP", 0x4001F000, 0x1001)]),
     [(0x4001F000, 0x40020001, "FACP, in what the map does not describe"), (0x40020000, 0x40030000, "SSDT, in Reserved")]),
    ("acpi-outside", acpi(("SSDT", 0x40000000, 0x20000), ("FACP", 0x4001FF00, 0x100)), []),
    ("acpi-outside", ([LOW, (0, WB, 0x100000, 0x200000)], [table("SSDT", 0x100000)]), [(0x100000, 0x100100, "SSDT, in Reserved")]),
    ("acpi-outside", acpi(("SSDT", 0xFFFFF, 1), ("BGRT image", 0x50000000, 1)), []),
    ("acpi-outside", ([LOW, RAM, TABLES, (10, WB, 0x40011000, 0x40020000)], [table("SSDT", 0x4000FF00, 0x1200)]),
     [(0x4000FF00, 0x40011100, "SSDT, in what the map does not describe")]),
    ("acpi-outside", (GOOD, ["config-table 0x0000000050000014 - ACPI 2.0", "config-table 0x0000000050000000 - ACPI"]),
     [(0x50000000, 0x50000001, "RSDP, in what the map does not describe")]),
    ("acpi-outside", (GOOD, ["config-table 0x0000000050000014 - ACPI 2.0", table("RSDP", 0x60000000, 36)]),
     [(0x60000000, 0x60000024, "RSDP, in what the map does not describe")]),
    ("acpi-outside", (GOOD, ["config-table 0x0000000050000014 - SMBIOS 3.0"]), []),
    ("facs-in-reclaim", acpi(("FACS", 0x40000000, 64), ("FACP", 0x40001000, 64)), [(0x40000000, 0x40000040, "FACS")]),
    ("facs-in-reclaim", acpi(("FACS", 0x4000FFFF, 64)), []),
    ("rsdp-in-nvs", acpi(("RSDP", 0x40010000, 36), ("FACS", 0x40011000, 64)), [(0x40010000, 0x40010024, "RSDP")]),
    ("bgrt-in-boot-services", ([LOW, (4, WB, 0x100000, 0x200000), (3, WB, 0x200000, 0x300000)],
                               [table("BGRT image", 0x180000), table("BGRT", 0x190000), table("BGRT image", 0x280000)]),
     [(0x180000, 0x180100, "BGRT image")]),
    ("framebuffer-in-ram", (GOOD, ["framebuffer 0x000000003ff00000 0x0000000040100000"]),
     [(0x3FF00000, 0x40100000, "framebuffer, in Conventional")]),
    ("framebuffer-in-ram", (GOOD, ["smbios 0x0000000000200000 0x0000000000200100 structures"]), []),
    ("smbios-in-ram",
     (GOOD, ["smbios 0x0000000000200000 0x0000000000200100 structures", "config-table 0x0000000000300000 - SMBIOS 3.0",
                              "framebuffer 0x000000003ff00000 0x0000000040100000",
                              "initrd 0x0000000000500000 0x0000000000600000"]),
     [(0x200000, 0x200100, "SMBIOS structures, in Conventional"), (0x300000, 0x300001, "SMBIOS 3.0, in Conventional")]),
    ("no-memory-attributes", (GOOD, ["uefi-revision 2.60", "config-table 0x0000000040000014 - ACPI 2.0"]),
     [(*WHOLE, "UEFI 2.60; what there is: ACPI 2.0 at 0x40000014")]),
    ("no-memory-attributes", (GOOD, ["uefi-revision 2.50", "config-table 0x0000000040000014 - ACPI 2.0"]), []),
    ("no-memory-attributes", (GOOD, ["uefi-revision 2.70"]), []),
    ("no-memory-attributes", (GOOD, ["uefi-revision 2.70", "smbios 0x0000000000200000 0x0000000000200100 x"]), []),
    ("no-memory-attributes", (GOOD, ["config-table 0x0000000040000014 - ACPI 2.0"]), []),
)


@pytest.mark.parametrize("rule, what, findings", FINDINGS, ids=[f"{row[0]}-{place}" for place, row in enumerate(FINDINGS)])
def test_where_a_rule_finds_what(report, rule, what, findings):
    uefi, lines = what
    got = places_of(report, formats.capture(*lines, uefi=uefi))
    assert [(int(row["start"] or "0", 16), int(row["end"] or "0", 16), row["text"]) for row in got
            if row["rule"] == rule] == findings


def test_the_order_of_findings(report):
    """The worst first; of one badness in the order of the manual; one rule's by address, then by text."""
    content = formats.capture(*(table(name, 0x50000000) for name in ("SSDT", "FACP")), table("XSDT", 0x60000000),
                              uefi=[TABLES, RAM, LOW, (16, WB, 0x50000000, 0x50001000)] + [(0, 0, 0, 0)])
    got = [(row["severity"], row["rule"], row["text"].split(",")[0])
           for row in places_of(report, content)]
    assert got == [("error", "unknown-type", "type 0x10"), ("warning", "zero-pages", "Reserved"),
                   ("warning", "acpi-outside", "FACP"),
                   ("warning", "acpi-outside", "SSDT"), ("warning", "acpi-outside", "XSDT")]


def test_the_order_of_notes(report):
    """Whatever their addresses are."""
    content = formats.capture("smbios 0x0000000000150000 0x0000000000150100 x", table("RSDP", 0x40010000, 36),
                              table("BGRT image", 0x380000),
                              "bin 9 15 ACPIReclaim", "bin 10 17 ACPIMemoryNVS", "uefi-revision 2.70",
                              "config-table 0x0000000000000014 - ESRT",
                              uefi=[RAM[:2] + (0x400000, 0x40000000), TABLES, NVS, LOW, MEM, (4, WB, 0x300000, 0x400000),
                                    (0x70000000, WB, 0xA0000, 0xA1000)])
    got = [row["rule"] for row in report("lint", "-", stdin=content.encode())["findings"] if row["severity"] == "note"]
    assert got == ["hole", "smbios-in-ram", "oem-type", "rsdp-in-nvs", "bgrt-in-boot-services", "bin-outside",
                   "bin-unused", "no-memory-attributes"]


OF_E820 = {"acpi-in-ram": "SSDT, in usable", "smbios-in-ram": "SMBIOS x, in usable",
           "framebuffer-in-ram": "framebuffer, in usable"}


def test_which_rules_an_e820_map_alone_has(report):
    """Those of types and attributes of UEFI have nothing to look at, and the picture of the BGRT may be where it should."""
    lines = ["origin a log", table("SSDT", 0x100000), table("BGRT image", 0x200000), table("FACS", 0x300000),
             "smbios 0x400000 0x401000 x",
             "framebuffer 0x500000 0x600000", "cpu-address-bits 32", "bin 9 99 ACPIReclaim", "uefi-revision 2.70",
             "config-table 0x0000000040000014 - ESRT"]
    e820 = [(0x1000, 0x8000, 1), (0x100000, 0x300000, 1), (0x300000, 0x301000, 3), (0x301000, 0x1000000, 1),
            (1 << 32, 1 << 33, 1)]
    got = {row["rule"]: row["text"] for row in places_of(report, formats.capture(*lines, e820=e820))}
    assert got == {**OF_E820, "beyond-address-width": "usable; the CPU has 32 address bits", "no-memory-attributes": "UEFI 2.70; what there is: ESRT at 0x40000014",
                   "little-low-memory": "28 KiB in one piece is the most"}


# --- what was not checked, and whom the rules are about ---


def log(*lines):
    return "".join(f"[    0.000000] {line}\n" for line in ("Linux version 6.1.0 (user@host) (gcc 12) #1 SMP",
                                                           "BIOS-provided physical RAM map:", *lines))


def e820_lines(*rows):
    return [f"BIOS-e820: [mem 0x{start:016x}-0x{end - 1:016x}] {name}" for start, end, name in rows]


HEALTHY = e820_lines((0, 0xA0000, "usable"), (0x100000, 0x1EAAA000, "usable"), (0x1EAAA000, 0x1ECAB000, "reserved"),
                     (0x1ECAB000, 0x1ECBD000, "ACPI data"), (0x1ECBD000, 0x1ED3D000, "ACPI NVS"), (0x1ED3D000, 0x20000000, "usable"))
UEFI_LINE = ["efi: EFI v2.70 by EDK II", "efi: ACPI=0x1ecbc000 ACPI 2.0=0x1ecbc014 SMBIOS=0x1eaaa000 MEMATTR=0x1d000018"]
RUNTIME = [f"efi: mem{i:02}: [{name}|RUN|  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x{start:016x}-0x{start + 0xfff:016x}] (0MB)"
           for i, (name, start) in enumerate((("Runtime Data", 0x1EAAA000), ("Runtime Code", 0x1EBAB000), ("Boot Data   ", 0x1DD05000)))]
NOT_WHOLE = "its UEFI map is not whole: all descriptors are of runtime services, as kexec hands them on"
NO_UEFI = 'no sign of UEFI in it (a line "efi:"), whose rules do not apply then'
NO_MAP = "no UEFI map (boot with efi=debug)"
DSDT = "ACPI: DSDT 0x000000001ECAC000 %s"
BODY = "0105BE (v02 ALASKA A M I    0107200A INTL 20240927)"
OLD_DSDT = "ACPI: DSDT 000000001ecac000 %s"

JUDGED = (
    # the log; what it finds, the reason for which UEFI's rules were not asked
    ("a healthy machine", HEALTHY + UEFI_LINE, set(), NO_MAP),
    ("one that kexec started", HEALTHY + UEFI_LINE + RUNTIME + [DSDT % BODY], set(), NOT_WHOLE),
    ("and what its e820 map shows", HEALTHY + UEFI_LINE + RUNTIME + ["ACPI: DSDT 0x0000000010000000 " + BODY], {"acpi-in-ram"}, NOT_WHOLE),
    ("a BIOS with its tables in reserved memory", HEALTHY + ["ACPI: DSDT 0x000000001EAAA000 " + BODY], set(), NO_UEFI),
    ("the same with UEFI", HEALTHY + UEFI_LINE + ["ACPI: DSDT 0x000000001EAAA000 " + BODY], {"acpi-outside"}, NO_MAP),
    ("a BIOS with a table in RAM", HEALTHY + ["ACPI: DSDT 0x0000000010000000 " + BODY], {"acpi-in-ram"}, NO_UEFI),
    ("a table that the user overrides", HEALTHY + UEFI_LINE + [DSDT % "Physical table override, new table: 0x0000000010000000",
                                                               "ACPI: DSDT 0x0000000010000000 " + BODY], set(), NO_MAP),
    ("an older kernel's words", HEALTHY + UEFI_LINE + [OLD_DSDT % "Physical table override, new table: 0000000010000000",
                                                       "ACPI: DSDT 0000000010000000 105BE (v02 ALASKA A M I    0107200A INTL 20240927)"],
     set(), NO_MAP),
    ("a table that the user adds", HEALTHY + UEFI_LINE + ["ACPI: Table Upgrade: install [SSDT-  HACK-   EXTRA]",
                                                          "ACPI: SSDT 0x0000000010000000 000123 (v02 HACK   EXTRA)"], set(), NO_MAP),
    ("and the firmware's own behind it", HEALTHY + UEFI_LINE + ["ACPI: Table Upgrade: install [SSDT-  HACK-   EXTRA]",
                                                                "ACPI: SSDT 0x0000000010000000 000123 (v02 HACK   EXTRA)",
                                                                "ACPI: SSDT 0x0000000010001000 000123 (v02 VENDOR THEIRS)"],
     {"acpi-in-ram"}, NO_MAP),
)


@pytest.mark.parametrize("name, lines, found, why_not", JUDGED, ids=[row[0] for row in JUDGED])
def test_whom_the_rules_are_about(report, mapdiff, name, lines, found, why_not):
    got = report("lint", "-", stdin=log(*lines).encode())
    assert {finding["rule"] for finding in got["findings"]} == found
    rules = {row["rule"]: row["why_not"] for row in got["rules"]}
    assert rules["wrap"] == why_not and rules["overlap"] is None
    n, n_checked = len(rules), sum(row["checked"] for row in got["rules"])
    assert got["rules_checked"] == n_checked < n
    text = " ".join(mapdiff("lint", "-", stdin=log(*lines).encode())[1].split())
    assert f"; {n_checked} of {n} rules checked " in text
    assert f"{sum(why == why_not for why in rules.values())} of {n} rules not checked: {why_not}: wrap, " in text


@pytest.mark.parametrize("name, text, why", [
    ("a crash kernel", log("Command line: elfcorehdr=0x1 quiet", *HEALTHY), "this is a crash kernel"),
    ("dom0", log(*(line.replace("BIOS-e820", "Xen") for line in HEALTHY)), "this is a kernel that Xen started"),
], ids=["kdump", "dom0"])
def test_where_no_rule_can_be_checked_that_is_trouble(mapdiff, name, text, why):
    """No errors would be no news."""
    status, out, err = mapdiff("lint", "-", stdin=text.encode())
    assert status == 2 and "no rule could be checked" in err and why in err
    assert "0 of " in out and "not checked: its map is not the machine's" in out


def test_a_fault_is_one_finding_however_many_places_have_it(report, mapdiff):
    content = formats.capture(*(table("SSDT", 0x50000000 + i * 0x1000) for i in range(41)), uefi=GOOD).encode()
    got = report("lint", "-", stdin=content)
    assert got["counts"] == {"error": 0, "warning": 1, "note": 0}
    assert [len(finding["places"]) for finding in got["findings"]] == [41]
    assert "0 errors, 1 warning, 0 notes\n" in mapdiff("lint", "-", stdin=content)[1]


def test_the_order_of_descriptors_is_a_number(report, mapdiff):
    content = formats.capture(uefi=[RAM, LOW, NVS, TABLES]).encode()
    got = report("lint", "-", stdin=content)
    assert got["descents"] == 2 and got["findings"] == []
    assert "4 UEFI descriptors, 0 e820 ranges; the address goes down 2 times; " in mapdiff("lint", "-", stdin=content)[1]


# --- of a log ---

WINDOW = "pci_bus 0000:00: root bus resource [mem 0x%08x-0x%08x%s]"
COVERED = e820_lines((0, 0xA0000, "usable"), (0x100000, 0x4B35B000, "usable"), (0x4BC50000, 0xD0000000, "reserved"),
                     (0x100000000, 0x42AC00000, "usable"))
ECAM = "PCI: ECAM [mem 0xe0000000-0xefffffff] (base 0xe0000000) for domain 0000 [bus 00-ff]"
MMCONFIG = "PCI: MMCONFIG for domain 0000 [bus 00-ff] at [mem 0xe0000000-0xefffffff] (base 0xe0000000)"
DEVICES = (
    # the rule; does it fire, or is it not even checked (None); the lines of a log
    ("window-covered", True, COVERED + [WINDOW % (0x65400000, 0xBFFFFFFF, " window")]),
    ("window-covered", True, COVERED + [WINDOW % (0xA0000, 0xBFFFF, " window"), WINDOW % (0x65400000, 0xBFFFFFFF, "")]),
    ("window-covered", False, COVERED + [WINDOW % (0x65400000, 0xDFFFFFFF, " window")]),
    ("window-covered", False, COVERED + [WINDOW % (0xA0000, 0xBFFFF, " window"), WINDOW % (0xFED40000, 0xFED44FFF, " window")]),
    ("window-covered", None, COVERED + ["pci_bus 0000:00: root bus resource [io  0x0000-0x0cf7 window]"]),
    ("mcfg-not-reserved", True, COVERED + [ECAM]),
    ("mcfg-not-reserved", True, COVERED + [MMCONFIG]),
    ("mcfg-not-reserved", False, COVERED + [ECAM, "PCI: ECAM [mem 0xe0000000-0xefffffff] reserved as ACPI motherboard resource"]),
    ("mcfg-not-reserved", False, COVERED + [MMCONFIG, "PCI: MMCONFIG at [mem 0xe0000000-0xefffffff] reserved in ACPI motherboard resources"]),
    # Linux took it out of its e820 map, as it is of a device.
    ("mcfg-not-reserved", False, COVERED + [ECAM, "PCI: ECAM [mem 0xe0000000-0xefffffff] reserved as EfiMemoryMappedIO"]),
    ("mcfg-not-reserved", False, COVERED + [MMCONFIG, "PCI: MMCONFIG at [mem 0xe0000000-0xefffffff] reserved as EfiMemoryMappedIO"]),
    ("mcfg-not-reserved", True, COVERED + [MMCONFIG, "PCI: MMCONFIG at [mem 0xe0000000-0xefffffff] not reserved in ACPI motherboard resources"]),
    ("mcfg-not-reserved", False, COVERED[:3] + e820_lines((0xE0000000, 0xF0000000, "reserved")) + [ECAM]),
    ("mcfg-not-reserved", True, COVERED[:3] + e820_lines((0xE0000000, 0xEFFFF000, "reserved")) + [ECAM]),
    ("mcfg-not-reserved", None, COVERED),
)


@pytest.mark.parametrize("rule, fires, lines", DEVICES, ids=[f"{row[0]}-{place}" for place, row in enumerate(DEVICES)])
def test_what_a_log_says_of_devices(report, mapdiff, rule, fires, lines):
    got = report("lint", "-", stdin=log(*lines).encode())
    assert (rule in {finding["rule"] for finding in got["findings"]}) == (fires is True)
    assert [row["checked"] for row in got["rules"] if row["rule"] == rule] == [fires is not None]
    capture = mapdiff("convert", "-", stdin=log(*lines).encode())[1]
    assert report("lint", "-", stdin=capture.encode())["findings"] == got["findings"]


KERNELS = (
    # of a log with a range that ends in a page: is the fault there? None: it cannot be said
    ("6.15.0-rc2", "", False), ("6.15.0-25-generic", "", False), ("7.0.0", "", False), ("6.14.2", "", True), ("6.14.3", "", None),
    ("6.14.0-rc5", "", True), ("6.13.0", "", True), ("6.12.24-1-lts", "", False), ("6.12.23-1-lts", "", True), ("5.4.293", "", False), ("5.4.292", "", True), ("5.10.237", "", False),
    ("5.10.236", "", True), ("5.15.181", "", False), ("5.15.180", "", True), ("6.6.88", "", False), ("6.6.87", "", True), ("6.13.12", "", False), ("6.13.11", "", True),
    ("5.15.0-139-generic", "", None), ("6.1.0-18-amd64", "", None), ("4.19.0", "", True), ("3.2.0-4-686-pae", "", None),
    ("6.1.0-18-amd64", "(gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP Debian 6.1.76-1 (2024-02-01)", True),
    ("6.1.0-37-amd64", "(gcc-12 (Debian 12.2.0-14) 12.2.0) #1 SMP Debian 6.1.140-1 (2025-05-22)", False),
)


@pytest.mark.parametrize("version, build, fires", KERNELS, ids=[f"{row[0]} {row[2]}" for row in KERNELS])
def test_which_kernels_err_within_a_page(report, version, build, fires):
    text = log(*e820_lines((0, 0x9FC00, "usable"), (0x9FC00, 0xA0000, "reserved"), (0x100000, 0x3FF40400, "usable")))
    got = report("lint", "-", stdin=text.replace("6.1.0 (user@host) (gcc 12) #1 SMP", f"{version} (a@b) {build}").encode())
    assert [row["checked"] for row in got["rules"] if row["rule"] == "sub-page"] == [fires is not None]
    places = [place for finding in got["findings"] if finding["rule"] == "sub-page" for place in finding["places"]]
    assert [place["start"] for place in places] == (["0x100000"] if fires else [])


def test_a_window_is_nobodys(report, tmp_path):
    """What lies in one is still whose it was."""
    lines = (WINDOW % (0x80000000, 0xBFFFFFFF, " window"),)
    paths = [tmp_path / name for name in "ab"]
    for path, end in zip(paths, (0x80010000, 0x80020000)):
        path.write_text(log(*e820_lines((0, 0xA0000, "usable"), (0x100000, 0x40000000, "usable"), (0x80000000, end, "reserved")), *lines))
    assert [row["owner"] for row in report(*paths)["changes"]] == ["unknown without a UEFI map"]


UC, WB_DEFAULT = "MTRR default type: uncachable", "MTRR default type: write-back"
INTEL, RYZEN = "smpboot: CPU0: Intel(R) Core(TM) i7 (family: 0x6, model: 0x8e)", "smpboot: CPU0: AMD Ryzen 5 (family: 0x17, model: 0x18)"
MTRR = "  %u base %09X mask %09X %s"
FOUR = 1 << 32
MIB_256 = 0x10000000


def masked(bytes):
    return (1 << 36) - bytes


MTRRS = (
    # lines of a log with RAM in 1 MiB-512 MiB and 4 GiB-5 GiB; where it is not write-back; None: not checked
    ("all of it", [UC, INTEL, MTRR % (0, 0, masked(1 << 30), "write-back"), MTRR % (1, FOUR, masked(1 << 30), "write-back")], []),
    ("not the end of it", [UC, INTEL, MTRR % (0, 0, masked(MIB_256), "write-back"), MTRR % (1, FOUR, masked(1 << 30), "write-back")],
     [(MIB_256, 2 * MIB_256)]),
    ("a hole in it", [UC, INTEL, MTRR % (0, 0, masked(1 << 33), "write-back"), MTRR % (1, 0x8000000, masked(0x4000000), "uncachable")],
     [(0x8000000, 0xC000000)]),
    ("nothing above 4 GiB", [UC, INTEL, MTRR % (0, 0, masked(1 << 30), "write-back")], [(FOUR, FOUR + (1 << 30))]),
    ("which an AMD CPU needs not", [UC, RYZEN, MTRR % (0, 0, masked(1 << 30), "write-back")], []),
    ("nor is it known of another", [UC, MTRR % (0, 0, masked(1 << 30), "write-back")], []),
    ("TOM2 says it", [UC, RYZEN, MTRR % (0, 0, masked(1 << 30), "write-back"), "TOM2: 0000000120000000 aka 4608M"],
     [(0x120000000, FOUR + (1 << 30))]),
    ("write-back without a register", [WB_DEFAULT, INTEL, MTRR % (0, 0xC0000000, masked(1 << 30), "uncachable"), "  1 disabled"], []),
    ("write-through is another type", [WB_DEFAULT, INTEL, MTRR % (0, 0, masked(MIB_256), "write-through")], [(0x100000, MIB_256)]),
    ("one is missing", [UC, INTEL, MTRR % (1, 0, masked(MIB_256), "write-back")], None),
    ("the default is missing", [INTEL, MTRR % (0, 0, masked(MIB_256), "write-back")], None),
    ("a mask of no range", [UC, INTEL, MTRR % (0, 0, 0xA00000000, "write-back")], None),
    ("no line of them", [INTEL], None),
)


@pytest.mark.parametrize("name, lines, places", MTRRS, ids=[row[0] for row in MTRRS])
def test_the_mtrrs_of_a_log(report, mapdiff, name, lines, places):
    text = log(*e820_lines((0, 0xA0000, "usable"), (0x100000, 0x20000000, "usable"), (FOUR, FOUR + (1 << 30), "usable")), *lines)
    got = report("lint", "-", stdin=text.encode())
    assert [row["checked"] for row in got["rules"] if row["rule"] == "mtrr-not-write-back"] == [places is not None]
    assert [(int(place["start"], 16), int(place["end"], 16)) for finding in got["findings"]
            for place in finding["places"] if finding["rule"] == "mtrr-not-write-back"] == (places or [])
    capture = mapdiff("convert", "-", stdin=text.encode())[1]
    assert report("lint", "-", stdin=capture.encode())["findings"] == got["findings"]


def test_the_memory_attributes_of_a_log(report):
    """Each entry a line, with efi=debug; those that Linux does not take have a mark."""
    whole = [f"efi: mem00: [Conventional|   |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x{0x100000:016x}-0x{0x1fffff:016x}] (1MB)",
             f"efi: mem01: [Runtime Data|RUN|  |  |  |  |  |  |  |  |   |WB|WT|WC|UC] range=[0x{0x1EAAA000:016x}-0x{0x1EBAAFFF:016x}] (1MB)"]
    entry = "efi: memattr: %s 0x%012x-0x%012x [Runtime Data|RUN|  |XP|  |  |  |  |  |  |   |  |  |  |  ]"
    for entries, places in (
        ([], None), ([entry % ("", 0x1EAAA000, 0x1EBAAFFF)], []),
        ([entry % ("", 0x1EAAB000, 0x1EBAAFFF)], ["RuntimeServicesData; from 0x1eaaa000 on there is no entry"]),
        ([entry % ("", 0x1EAAA000, 0x1EB00FFF), entry % ("", 0x1EB01000, 0x1EBAAFFF)], []),
        ([entry % ("", 0x1EAAA000, 0x1EB00FFF), entry % ("!", 0x1EB01000, 0x1EBAAFFF)],
         ["RuntimeServicesData; from 0x1eb01000 on there is no entry"]),
    ):
        got = report("lint", "-", stdin=log(*HEALTHY, *UEFI_LINE, *whole, *entries).encode())
        assert [row["checked"] for row in got["rules"] if row["rule"] == "attributes-gap"] == [places is not None]
        assert [place["text"] for finding in got["findings"] if finding["rule"] == "attributes-gap"
                for place in finding["places"]] == (places or [])
