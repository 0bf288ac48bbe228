"""mapdiff translate on maps that no firmware would make, and on real ones: all of it is what replay.py says."""

import random

import pytest

import replay
from naive import PAGE, RUNTIME, SP, WB, WITH_UEFI, capture, e820_of, name_of, ram_ranges

RULES = ("bootmem", "linux", "linux-6.12", "linux-ia32", "grub", "old-grub")
LIMIT = 1 << 47
EDGES = (0, 0x8000, 0x9F000, 0xA0000, 0x100000, 0x200000, 0x1000000, 0x2000000, 0x37FFF000, 0x38000000, 1 << 32)
FAR = (1 << 52, 1 << 63, (1 << 64) - 2 * PAGE)
KINDS = [7] * 8 + [1, 2, 3, 4] * 2 + [*range(17), 0x70000001, 0x80000001, 0xFFFFFFFF]
ATTRIBUTES = [0xF] * 10 + [0, 1, 7, WB, 0xF | SP, 0xF | RUNTIME, 0xF | SP | RUNTIME, (1 << 64) - 1]


def hostile_map(draw):
    uefi = []
    for _ in range(draw.choice([1, 2, 3, 5, 8, 20, 40])):
        start = draw.choice(EDGES) + draw.choice([0, 0, draw.randrange(300), draw.randrange(4096)]) * PAGE
        if draw.random() < 0.4 and uefi:
            start = uefi[-1][3]
        if draw.random() < 0.03:
            start = draw.choice(FAR)
        n_pages = draw.choice([0, 1, 1, 2, 16, 256, draw.randrange(1, 6000), draw.randrange(1, 0x40000)])
        end = start + n_pages * PAGE
        if end < 1 << 64:
            uefi.append((draw.choice(KINDS), draw.choice(ATTRIBUTES), start, end))
    if draw.random() < 0.8:
        uefi += [(7, 0xF, 0, 0x9F000), (7, 0xF, 0x100000, 0x100000 + draw.choice([0x100, 0x200, 0x4000, 0x3F000]) * PAGE)]
    if draw.random() < 0.5:
        draw.shuffle(uefi)
    return uefi


def hostile_lines(draw):
    """(lines of a capture, what they reserve, where RAM ends)."""
    lines, spans, limit = [], [], LIMIT
    for _ in range(draw.choice([0, 0, 2])):
        start, size = draw.randrange(0x1000, 0x3000000), draw.randrange(1, 9000)
        spans.append((start, start + size))
        lines.append(f'acpi {start:#018x} {size:#x} - 1 ok "SSDT" XSDT')
    if draw.random() < 0.3:
        start = draw.randrange(0x1000, 0x3000000)
        spans.append((start, start + 0x300000))
        lines.append(f"framebuffer {start:#018x} {start + 0x300000:#018x}")
    if draw.random() < 0.3:
        limit = draw.choice([0x1800000, 0x9F800, 0x38000000, 0x123456])
        lines.append(f"mem-limit {limit:#x}")
    return lines, spans, limit


def fate(pfn, ram, low, free):
    if not any(start <= pfn < end for start, end in ram):
        return "not RAM"
    if pfn >= low:
        return "above low"
    return "free" if any(start <= pfn < end for start, end in free) else "reserved"


def check_runs(name, target, e820):
    """Each page has one fate, and the reservation that took it is the first that has it."""
    ram = [(-(-start // PAGE), end // PAGE) for start, end in ram_ranges(e820, name)]
    reserved = [(int(row["start"], 0) // PAGE, -(-int(row["end"], 0) // PAGE)) for row in target["reserved"]]
    at = 0
    for run in target["runs"]:
        start, end = int(run["start"], 0) // PAGE, int(run["end"], 0) // PAGE
        assert start == at < end
        at = end
        for pfn in (start, end - 1):
            assert run["fate"] == fate(pfn, ram, target["max_low_pfn"], target["free"]), hex(pfn)
            first = next(i for i, span in enumerate(reserved) if span[0] <= pfn < span[1]) \
                if run["fate"] == "reserved" else None
            assert run["reservation"] == first, hex(pfn)
    assert at == target["max_pfn"]


def compare(got, rules, policy, uefi, spans=(), limit=LIMIT):
    full = replay.translate(rules, uefi)
    e820 = replay.limit_ram(full, limit)
    assert e820_of(got) == (e820 if rules == "bootmem" else full)
    for name, target in got["targets"].items():
        try:
            expected = replay.set_up(name, policy, e820, uefi, spans)
        except replay.NoBitmap:
            assert "failure" in target, name
            continue
        assert "failure" not in target, target["failure"]
        reserved = [(int(row["start"], 0), int(row["end"], 0), row["origin"]) for row in target["reserved"]]
        assert (target["max_pfn"], target["max_low_pfn"], target["free"], reserved) == expected, name
        check_runs(name, target, e820)


@pytest.mark.parametrize("seed", range(150))
def test_hostile_maps(report, seed):
    draw = random.Random(seed)
    uefi = hostile_map(draw)
    lines, spans, limit = hostile_lines(draw)
    rules, policy = RULES[seed % 12] if seed % 12 < 6 else "bootmem", ("safe", "linux-2.6.24")[seed // 12 % 2]
    if not uefi:
        return
    got = report("translate", "--rules", rules, "--policy", policy, "-", stdin=capture(uefi, lines=lines))
    compare(got, rules, policy, uefi, spans, limit)


SMALL = [map for map in WITH_UEFI if max((row[3] for row in map.uefi if row[0] in (1, 2, 3, 4, 7)), default=0) < 1 << 36]


@pytest.mark.parametrize("policy", ["safe", "linux-2.6.24"])
@pytest.mark.parametrize("map", SMALL, ids=name_of)
def test_real_maps(report, map, policy):
    """Their descriptors alone."""
    compare(report("translate", "--policy", policy, "-", stdin=capture(map.uefi)), "bootmem", policy, map.uefi)
