"""mapdiff translate: the e820 map that loaders make of a UEFI map, and the bitmaps that follow."""

import random

import pytest

from naive import (LOW_PAGES, PAGE, RUNTIME, SOFT, SP, TRANSLATED, WB, WITH_UEFI, capture, capture_of, crc32_of,
                   e820_of, free_pages, linux, name_of, reserved_of, runs_of, written)

MIB = 1 << 20
RAM = [(7, WB, 0, 0xA0000), (7, WB, MIB, 64 * MIB)]


@pytest.mark.parametrize("map", TRANSLATED, ids=name_of)
def test_rules_of_the_loader_give_what_linux_printed(report, map):
    assert e820_of(report("translate", "--rules", map.rules, map.path)) == map.e820


# What each makes of a descriptor: an e820 type, 0 for a hole.
TYPES = [
    # type        attribute      bootmem linux 6.12  ia32  grub  old-grub
    (0,           WB,            (2,     2,    2,    2,    2,    2)),
    (1,           WB,            (1,     1,    1,    1,    1,    1)),
    (2,           WB,            (1,     1,    1,    1,    1,    1)),
    (3,           WB,            (1,     1,    1,    1,    1,    1)),
    (4,           WB,            (1,     1,    1,    1,    1,    1)),
    (5,           WB | RUNTIME,  (2,     2,    2,    2,    20,   5)),
    (6,           WB | RUNTIME,  (2,     2,    2,    2,    2,    2)),
    (7,           WB,            (1,     1,    1,    1,    1,    1)),
    (8,           WB,            (5,     5,    5,    5,    5,    5)),
    (9,           WB,            (3,     3,    3,    3,    3,    3)),
    (10,          WB,            (4,     4,    4,    4,    4,    4)),
    (11,          1 | RUNTIME,   (2,     2,    2,    2,    2,    2)),
    (12,          1 | RUNTIME,   (2,     2,    2,    2,    2,    2)),
    (13,          WB,            (2,     2,    2,    2,    2,    2)),
    (14,          WB,            (7,     7,    7,    7,    7,    7)),
    (15,          WB,            (2,     0,    1,    0,    2,    2)),
    (16,          WB,            (2,     0,    0,    0,    2,    2)),
    (0x70000001,  WB,            (2,     0,    0,    0,    2,    2)),
    (0x80000001,  WB,            (2,     0,    0,    0,    2,    2)),
    (7,           1,             (2,     1,    1,    1,    1,    1)),
    (7,           WB | RUNTIME,  (2,     1,    1,    1,    1,    1)),
    (7,           WB | SP,       (SOFT,  SOFT, SOFT, 1,    1,    1)),
    (9,           WB | SP,       (3,     3,    3,    3,    3,    3)),
]
RULES = ("bootmem", "linux", "linux-6.12", "linux-ia32", "grub", "old-grub")


@pytest.mark.parametrize("rules", RULES)
def test_types(report, rules):
    """Each descriptor stands alone, from an odd MiB to the next."""
    at = [(2 * i + 65) * MIB for i in range(len(TYPES))]
    uefi = [*RAM, *((kind, attribute, start, start + MIB) for start, (kind, attribute, _) in zip(at, TYPES))]
    got = {row[0]: row[2] for row in e820_of(report("translate", "--rules", rules, "-", stdin=capture(uefi)))}
    for start, (kind, attribute, expected) in zip(at, TYPES):
        assert got.get(start, 0) == expected[RULES.index(rules)], (kind, hex(attribute))


# --- what happens to a map on its way into Linux ---


@pytest.mark.parametrize("map", TRANSLATED, ids=name_of)
def test_the_naive_model_gives_what_linux_printed(map):
    descriptors = [(kind, attribute, start, (end - start) // PAGE) for kind, attribute, start, end in map.uefi]
    if map.rules != "old-grub":
        assert linux(written(map.rules, descriptors)) == (map.e820, "")


def random_map(rng, n):
    """Descriptors that overlap, touch, and are empty, over so few pages that they meet."""
    n_pages = rng.choice([16, 64, 4 * n])
    at, rows = 0, []
    for _ in range(n):
        at = rng.choice([at, at, rng.randrange(n_pages)])
        pages = rng.choice([0, 1, 1, 2, rng.randrange(n_pages)])
        kind, attribute = rng.choice([(7, WB), (7, WB | SP), (4, WB | SP), (2, WB), (0, WB), (5, WB), (9, WB), (16, WB)])
        rows.append((kind, attribute, at * PAGE, pages))
        at += pages
    if rng.random() < 0.3:  # none of these is a map
        rows[rng.randrange(n)] = (rng.choice([0, 7]), WB, *rng.choice(
            [(2**64 - PAGE, 2), (2**64 - PAGE, 1), (8 * PAGE, 2**52 - 4), (PAGE, 2**52), (2 * PAGE, 2**52 + 3)]))
    return rows


@pytest.mark.parametrize("rules", ["linux", "linux-ia32", "grub"])
@pytest.mark.parametrize("seed", range(20))
def test_random_maps_are_translated_as_step_by_step(report, rules, seed):
    rng = random.Random(seed)
    for n in (rng.randrange(1, 5), rng.randrange(5, 30), rng.randrange(129, 300)):
        descriptors = random_map(rng, n)
        e820, answer = linux(written(rules, descriptors))
        got = report("translate", "--rules", rules, "-", stdin=capture_of(descriptors))
        assert e820_of(got) == e820, descriptors
        assert answer in got["linux"] and bool(answer) == bool(got["linux"]), descriptors
        assert got["e820_crc32"] == (None if answer else f"{crc32_of(e820):#010x}"), descriptors


def odd_ones(n, *rest):
    """RAM, and @n - 1 entries above it that do not merge; then others."""
    return [(7, WB, 0, 256), *((0 if i % 2 else 9, WB, (1024 + i) * PAGE, 1) for i in range(n - 1)), *rest]


@pytest.mark.parametrize(
    "rule, rules, descriptors, expected",
    [
        ("soft reserved ranges that touch are one", "linux",
         [(7, WB | SP, 0, 4), (7, WB | SP, 4 * PAGE, 4), (0, WB, 64 * PAGE, 1)], [(0, 8, SOFT), (64, 65, 2)]),
        ("but not with an empty descriptor between them", "linux",
         [(7, WB | SP, 0, 4), (0, WB, 4 * PAGE, 0), (7, WB | SP, 4 * PAGE, 4)], [(0, 4, SOFT), (4, 8, SOFT)]),
        ("nor with one that is elsewhere", "linux",
         [(7, WB | SP, 0, 4), (0, WB, 0, 0), (7, WB | SP, 4 * PAGE, 4)], [(0, 4, SOFT), (4, 8, SOFT)]),
        ("one of a type that the stub leaves out is nothing", "linux",
         [(7, WB | SP, 0, 4), (16, WB, 4 * PAGE, 0), (7, WB | SP, 4 * PAGE, 4), (0, WB, 64 * PAGE, 1)],
         [(0, 8, SOFT), (64, 65, 2)]),
        ("and one of their own type goes into them", "linux",
         [(7, WB | SP, 0, 4), (7, WB | SP, 4 * PAGE, 0), (7, WB | SP, 4 * PAGE, 4), (0, WB, 64 * PAGE, 1)],
         [(0, 8, SOFT), (64, 65, 2)]),
        ("the 129th entry meets RAM that has merged", "linux",
         [(7, WB, 0, 8), *((0 if i % 2 else 9, WB, (64 + i) * PAGE, 1) for i in range(126)),
          (7, WB, 8 * PAGE, 8), (7, WB | SP, 0, 16)],
         [(0, 16, SOFT), *((64 + i, 65 + i, 2 if i % 2 else 3) for i in range(126))]),
        ("the 128th does not", "linux",
         [(7, WB, 0, 8), *((0 if i % 2 else 9, WB, (64 + i) * PAGE, 1) for i in range(125)),
          (7, WB, 8 * PAGE, 8), (7, WB | SP, 0, 16)],
         [(0, 8, SOFT), (8, 16, SOFT), *((64 + i, 65 + i, 2 if i % 2 else 3) for i in range(125))]),
        ("more than 2^52 pages are what is left of them", "linux",
         [(7, WB, 0, 4), (0, WB, 8 * PAGE, 2**52 + 2)], [(0, 4, 1), (8, 10, 2)]),
        ("GRUB keeps the type that started first", "grub", [(7, WB, 0, 8), (0, WB, 4 * PAGE, 8)],
         [(0, 8, 1), (8, 12, 2)]),
        ("Linux's stub the highest", "linux", [(7, WB, 0, 8), (0, WB, 4 * PAGE, 8)], [(0, 4, 1), (4, 12, 2)]),
        ("then GRUB's is that of who started last", "grub",
         [(7, WB, 0, 4), (9, WB, PAGE, 8), (0, WB, 2 * PAGE, 8)], [(0, 4, 1), (4, 10, 2)]),
    ],
)
def test_on_the_way_into_linux(report, rule, rules, descriptors, expected):
    got = report("translate", "--rules", rules, "-", stdin=capture_of(descriptors))
    assert e820_of(got) == [(start * PAGE, end * PAGE, kind) for start, end, kind in expected], rule
    assert got["linux"] == "" and got["e820_crc32"] == f"{crc32_of(e820_of(got)):#010x}", rule


PAST, AT = (0, WB, 2**64 - PAGE, 2), (0, WB, 2**64 - PAGE, 1)


@pytest.mark.parametrize(
    "descriptors, lines, words",
    [
        ([(7, WB, 0, 256), PAST], [], "Linux refuses this map: an entry ends past 2^64"),
        ([(7, WB, 0, 256), AT], [], "Linux takes this map as it is, unsorted"),
        (odd_ones(127, PAST), [], "Linux refuses this map: an entry ends past 2^64"),
        (odd_ones(128, PAST), [], "Linux drops a part of this map"),
        (odd_ones(128, AT), [], "Linux takes this map as it is, unsorted"),
        ([(7, WB, 0, 256)], [], "Linux before 7.0 refuses this map: it has fewer than two entries"),
        ([(7, WB, 0, 256)], ["kernel-version 6.19.0"], "Linux before 7.0 refuses this map: it has fewer than two entries"),
        ([(7, WB, 0, 256)], ["kernel-version 7.0.0"], ""),
        ([PAST], ["kernel-version 7.1.2"], "Linux refuses this map: an entry ends past 2^64"),
        ([(7, WB, 0, 256), (16, *PAST[1:])], ["kernel-version 7.0.0"], ""),  # the stub leaves it out
    ],
)
def test_linux_refuses_a_map(report, mapdiff, descriptors, lines, words):
    data = capture_of(descriptors, lines)
    got = report("translate", "-", stdin=data)
    assert got["linux"].startswith(words) and bool(got["linux"]) == bool(words)
    text = mapdiff("translate", "--rules", "linux", "-", stdin=data)[1]
    assert ("CRC-32 that hibernation compares: not known. " + words in text) == bool(words), text
    found = [row for row in report("lint", "-", stdin=data)["findings"] if row["rule"] == "linux-refuses"]
    assert len(found) == bool(words)


NO_MAPS_OF_A_PC = {
    "arm64": "[    0.000000] Linux version 5.10.0-8-arm64 (x) (gcc) #1 SMP\n[    0.000000] efi: Processing EFI memory map:\n"
             "[    0.000000] efi:   0x000040000000-0x00005858ffff [Conventional|   |  |  |  |  |  |  |  |  |   |WB|WT|WC|UC]\n",
    "U-Boot": "=> efidebug memmap\nType             Start            End              Attributes\n"
              "================ ================ ================ ==========\nCONVENTIONAL     0000000080000000-0000000087efb000 WB\n",
    "runtime services alone": "/sys/firmware/efi/runtime-map/0/attribute:0x800000000000000f\n/sys/firmware/efi/runtime-map/0/num_pages:0x100\n"
                              "/sys/firmware/efi/runtime-map/0/phys_addr:0x1eaa0000\n/sys/firmware/efi/runtime-map/0/type:0x6\n"
                              "/sys/firmware/efi/runtime-map/0/virt_addr:0xfffffffeff900000\n",
}


@pytest.mark.parametrize("name", NO_MAPS_OF_A_PC)
def test_what_linux_on_a_pc_never_sees_it_does_not_refuse(report, mapdiff, name):
    """One entry is too few for a PC's whole map alone."""
    content = NO_MAPS_OF_A_PC[name].encode()
    assert report("translate", "-", stdin=content)["linux"] == ""
    for args in (["show"], ["translate", "--rules", "linux"], ["diff", "-"]):
        status, out, err = mapdiff(*args, "-", stdin=content)
        assert "refuses" not in out + err, args


@pytest.mark.parametrize("policy", ["safe", "linux-2.6.24"])
@pytest.mark.parametrize("map", WITH_UEFI, ids=name_of)
def test_bitmap_is_what_e820_and_reservations_say(report, map, policy):
    got = report("translate", "--policy", policy, map.path)
    for name, target in got["targets"].items():
        assert "failure" not in target, target
        n_pages = target["max_low_pfn"]
        assert target["max_pfn"] == max(row[1] // PAGE for row in e820_of(got) if row[2] == 1)
        assert n_pages == (min(target["max_pfn"], LOW_PAGES) if name == "ia32" else target["max_pfn"])
        assert sum(end - start for start, end in target["free"]) == target["free_pages"]
        if n_pages <= 1 << 25:  # a byte a page
            assert target["free"] == runs_of(free_pages(e820_of(got), reserved_of(target), name, n_pages))
        assert all(row["owner"] and row["reason"] for row in target["reserved"])


def owners(target):
    return {row["owner"]: (int(row["start"], 0), int(row["end"], 0)) for row in target["reserved"]}


def translate(report, *args, uefi=RAM, lines=()):
    return report("translate", *args, "-", stdin=capture(uefi, lines=lines))


@pytest.mark.parametrize(
    "rule, args, uefi, expected",
    [
        ("a kernel is assumed at 1 MiB", [], RAM, (MIB, 2 * MIB)),
        ("it is where the user says", ["--kernel=0x400000-0x480000"], RAM, (4 * MIB, 4 * MIB + 0x80000)),
        ("where 1 MiB is not RAM, in the next that has room",
         [], [(7, WB, 0, 0xA0000), (0, WB, MIB, 3 * MIB), (7, WB, 3 * MIB, 64 * MIB)], (3 * MIB, 4 * MIB)),
        ("RAM that is too small is passed over",
         [], [(7, WB, MIB, MIB + 0xFF000), (7, WB, 8 * MIB, 64 * MIB)], (8 * MIB, 9 * MIB)),
    ],
)
def test_kernel(report, rule, args, uefi, expected):
    for target in translate(report, *args, uefi=uefi)["targets"].values():
        assert owners(target)["kernel"] == expected, rule


@pytest.mark.parametrize(
    "rule, args, uefi, lines, words",
    [
        ("a kernel that is not in RAM", ["--kernel=0x8000000-0x8100000"], RAM, [], "is not in RAM"),
        ("a kernel past all memory", ["--kernel=0x1000-0xfffffffffffff000"], RAM, [], "not in memory that it can map"),
        ("no room for a kernel", [], [(7, WB, 0, 0xA0000)], [], "no RAM for a kernel"),
        ("no RAM at all", [], [(0, WB, 0, 64 * MIB)], [], "no RAM"),
        ("an initrd past all memory", ["--initrd=0x200000-0xfffffffffffffff0"], RAM, [], "initrd ends above"),
        ("mem= below the kernel", ["--mem", "0x80000"], RAM, [], "no RAM for a kernel"),
    ],
)
def test_no_bitmap(report, rule, args, uefi, lines, words):
    for target in translate(report, *args, uefi=uefi, lines=lines)["targets"].values():
        assert words in target["failure"], rule
        assert target["free"] == [], rule


def test_initrd_above_low_memory_is_refused_for_ia32_alone(report):
    uefi = [(7, WB, MIB, 2048 * MIB)]
    got = translate(report, "--initrd=0x40000000-0x40001000", uefi=uefi)["targets"]
    assert "initrd" in got["ia32"]["failure"]
    assert owners(got["amd64"])["initrd"] == (0x40000000, 0x40001000)


@pytest.mark.parametrize(
    "rule, uefi, lines, args, max_pfn",
    [
        ("RAM above what can be mapped is cut off", [*RAM, (7, WB, 1 << 52, (1 << 52) + MIB)], [], [], 64 * 256),
        ("RAM in the last pages of all", [*RAM, (7, WB, (1 << 64) - (4 << 20), (1 << 64) - PAGE)], [], [], 64 * 256),
        ("RAM above the CPU's address lines", [*RAM, (7, WB, 1 << 36, (1 << 36) + MIB)],
         ["cpu-address-bits 36"], [], 64 * 256),
        ("mem= of the record", RAM, ["mem-limit 0x2000000"], [], 32 * 256),
        ("mem= of the user", RAM, ["mem-limit 0x2000000"], ["--mem", "16M"], 16 * 256),
    ],
)
def test_limits(report, rule, uefi, lines, args, max_pfn):
    got = translate(report, *args, uefi=uefi, lines=lines)
    assert [target["max_pfn"] for target in got["targets"].values()] == [max_pfn, max_pfn], rule
    assert max(row[1] for row in e820_of(got) if row[2] == 1) == max_pfn * PAGE, rule


def test_twelve_tebibytes(mapdiff, report):
    uefi = [(7, WB, MIB, 1 << 31), (7, WB, 1 << 32, 0xC2000000000)]
    target = translate(report, uefi=uefi)["targets"]["amd64"]
    assert target["free_pages"] > 0xC2000000000 // PAGE - (1 << 20)
    status, out, _ = mapdiff("translate", "-", stdin=capture([*RAM, (7, WB, 1 << 32, 1 << 46)]))
    assert status == 0 and "no bitmap: the bitmap would take" in out


def test_tables_in_ram_are_reserved(report):
    lines = ["framebuffer 0x0000000001000000 0x0000000001300000",
             "smbios 0x0000000000f00000 0x0000000000f00018 entry point",
             'acpi 0x0000000000f80010 0x100 - 1 ok "DSDT" FADT']
    for target in translate(report, lines=lines)["targets"].values():
        got = owners(target)
        assert got["framebuffer"] == (0x1000000, 0x1300000)
        assert got["SMBIOS entry point"] == (0xF00000, 0xF00018)
        assert got["ACPI DSDT"] == (0xF80010, 0xF80110)


def test_one_target(report):
    assert list(translate(report, "--target", "ia32")["targets"]) == ["ia32"]


def test_boot_services_can_be_kept(report):
    uefi = [*RAM, (4, WB, 64 * MIB, 65 * MIB)]
    for args, end in (([], 65 * 256), (["--keep-boot-services"], 64 * 256)):
        assert translate(report, *args, uefi=uefi)["targets"]["amd64"]["free"][-1][1] == end


@pytest.mark.parametrize(
    "rule, descriptor, words",
    [
        ("RAM without WB", (7, 1, 64 * MIB, 65 * MIB), "not write-back is no RAM"),
        ("RAM of the runtime services", (7, WB | RUNTIME, 64 * MIB, 65 * MIB), "runtime services claim"),
        ("unaccepted memory", (15, WB, 64 * MIB, 65 * MIB), "unaccepted memory is reserved"),
        ("types of nobody", (0x80000000, WB, 64 * MIB, 65 * MIB), "unknown types"),
    ],
)
def test_intended_differences_are_told(mapdiff, rule, descriptor, words):
    for args in ([], ["--rules", "linux"]):
        _, out, _ = mapdiff("translate", *args, "-", stdin=capture([*RAM, descriptor]))
        assert words in out and "1 MiB, the first is 2" in out, rule
    assert words not in mapdiff("translate", "-", stdin=capture(RAM))[1], rule


def test_without_a_uefi_map_e820_is_where_it_starts(report, mapdiff):
    data = capture(e820=[(0, 0x9FC00, 1), (MIB, 64 * MIB, 1)])
    got = report("translate", "-", stdin=data)
    assert got["e820_computed"] is False
    assert got["targets"]["amd64"]["max_pfn"] == 64 * 256
    assert "UEFI map    none in this file" in mapdiff("translate", "-", stdin=data)[1]


def test_no_map_at_all(mapdiff):
    status, _, err = mapdiff("translate", "-", stdin=capture(lines=["program nothing"]))
    assert status == 2 and "no memory map" in err
