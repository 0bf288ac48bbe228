"""A second opinion on maps: short, slow, and from the rules alone. Reads tests/maps, writes captures of
made-up maps, translates, and paints bitmaps page by page."""

import struct
import zlib

from conftest import MAPS

SOFT = 0xEFFFFFFF
WB, SP, RUNTIME = 0x8, 0x40000, 1 << 63
PAGE = 4096
LOW_PAGES = (896 << 20) // PAGE

# tests/maps: who translated the map -> whose rules that are.
RULES_OF_LOADER = {"efi-stub": "linux", "efi-stub-ia32": "linux-ia32", "grub": "grub", "old-grub": "old-grub"}


class Map:
    """A recorded map: uefi is a list of (type, attribute, start, end), e820 of (start, end, type)."""

    def __init__(self, path):
        self.path, self.uefi, self.e820, self.loader = path, [], [], None
        for line in path.read_text().splitlines():
            key, _, rest = line.partition(" ")
            words = rest.split()
            if key == "uefi":
                start, end, kind, attribute = (int(word, 0) for word in words[:4])
                self.uefi.append((kind, attribute, start, end))
            elif key == "e820":
                self.e820.append(tuple(int(word, 0) for word in words[:3]))
            elif key == "loader":
                self.loader = rest

    @property
    def rules(self):
        return RULES_OF_LOADER[self.loader]


ALL = [Map(path) for path in sorted(MAPS.glob("*.map"))]
WITH_UEFI = [map for map in ALL if map.uefi]
TRANSLATED = [map for map in WITH_UEFI if map.e820]


def name_of(value):
    """For the ids of rows."""
    return value.path.stem if isinstance(value, Map) else None


def capture(uefi=(), e820=(), lines=()):
    """A capture of made-up maps, as bytes for standard input."""
    text = "bootmem-capture 1\n"
    for kind, attribute, start, end in uefi:
        text += f"uefi {start:#018x} {end:#018x} {kind if kind < 16 else hex(kind)} {attribute:#018x} x\n"
    for start, end, kind in e820:
        text += f"e820 {start:#018x} {end:#018x} {kind if kind < 100 else hex(kind)} x\n"
    text += "".join(line + "\n" for line in lines)
    return f"{text}checksum {zlib.crc32(text.encode()):#010x}\n".encode()


def capture_of(descriptors, lines=()):
    """The same of (type, attribute, start, pages), which may be no pages, or end past 2^64."""
    text = "bootmem-capture 1\n"
    for kind, attribute, start, pages in descriptors:
        end = start + pages * PAGE
        rest = "" if end < 1 << 64 else f" pages={pages:#x}"
        text += f"uefi {start:#018x} {start if rest else end:#018x} {kind} {attribute:#018x} x{rest}\n"
    text += "".join(line + "\n" for line in lines)
    return f"{text}checksum {zlib.crc32(text.encode()):#010x}\n".encode()


def crc32_of(e820):
    """Linux: compute_e820_crc32()."""
    return zlib.crc32(struct.pack("<I", len(e820)) + b"".join(
        struct.pack("<QQI", start, end - start, kind) for start, end, kind in e820))


# --- what loaders and Linux make of a map, step by step as they do it ---

BY_TYPE = {0: 2, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 1, 8: 5, 9: 3, 10: 4, 11: 2, 12: 2, 13: 2, 14: 7}


def written_type(rules, kind, attribute):
    if rules == "grub":
        return 20 if kind == 5 else BY_TYPE.get(kind, 2)
    if BY_TYPE.get(kind) == 1 and attribute & SP and rules != "linux-ia32":
        return SOFT
    return BY_TYPE.get(kind, 1 if kind == 15 and rules == "linux-6.12" else 0)


def add_entry(table, start, size, kind):
    """[start, size, type], or more of the last one."""
    if table and table[-1][2] == kind and (table[-1][0] + table[-1][1]) % 2**64 == start:
        table[-1][1] = (table[-1][1] + size) % 2**64
    else:
        table.append([start, size, kind])


def swept(regions):
    """GRUB: starts and ends in order; who is first in the list counts, who comes in stands second."""
    points = [(start, False, kind) for start, _, kind in regions]
    points += [((start + size) % 2**64, True, kind) for start, size, kind in regions]
    table, present, since, last = [], [], 0, None
    for at, is_end, kind in sorted(points, key=lambda point: point[:2]):
        if not is_end:
            present.insert(1, kind)
        elif kind in present:
            present.remove(kind)
        now = present[0] if present else None
        if now != last:
            if last is not None and since != at:
                add_entry(table, since, at - since, last)
            last, since = now, at
    return table


def written(rules, descriptors):
    """The table that a loader writes for Linux."""
    table, regions = [], []
    for kind, attribute, start, pages in descriptors:
        e820_type, size = written_type(rules, kind, attribute), pages * PAGE % 2**64
        if e820_type:
            add_entry(table, start, size, e820_type)
            regions.append((start, size, e820_type))
    return swept(regions) if rules == "grub" else table


def sanitized(ranges):
    """Of (start, end, type): the highest type between each two edges; soft reserved is never merged."""
    edges = sorted({edge for start, end, _ in ranges if start < end for edge in (start, end)})
    out = []
    for start, end in zip(edges, edges[1:]):
        kinds = [kind for s, e, kind in ranges if s <= start and end <= e]
        if not kinds:
            continue
        if out and out[-1][1] == start and out[-1][2] == max(kinds) != SOFT:
            out[-1] = (out[-1][0], end, max(kinds))
        else:
            out.append((start, end, max(kinds)))
    return out


def linux(table, least=2):
    """(the e820 map, a word of Linux's answer): what cannot be taken is passed over."""
    ends = [start + size for start, size, _ in table]
    ranges = [(start, start + size, kind) for start, size, kind in table]
    first, rest = ([row for row in part if row[1] < 2**64] for part in (ranges[:128], ranges[128:]))
    e820 = sanitized(first)
    if len(table) > 128:
        e820 = sanitized(e820 + rest)
    if len(table) < least:
        return e820, "fewer than two"
    if any(end > 2**64 for end in ends[:128]):
        return e820, "refuses this map: an entry ends past 2^64"
    if 2**64 in ends[:128]:
        return e820, "unsorted"
    if any(end > 2**64 for end in ends[128:]):
        return e820, "drops a part"
    return e820, "unsorted" if 2**64 in ends[128:] else ""


def e820_of(report):
    """The e820 map of a report, as in Map."""
    return [(int(row["start"], 0), int(row["end"], 0), row["type"]) for row in report["e820"]]


def reserved_of(target):
    return [(int(row["start"], 0), int(row["end"], 0)) for row in target["reserved"]]


def ram_ranges(e820, name):
    """What the target takes for RAM: IA-32 cuts the ISA hole out."""
    for start, end, kind in e820:
        if kind != 1:
            continue
        if name == "ia32" and start < 0x100000:
            yield start, min(end, 0xA0000)
            start = 0x100000
        if start < end:
            yield start, end


def free_pages(e820, reserved, name, n_pages):
    """One byte a page: 1 is free. Ranges are freed rounded inward, and reserved rounded outward."""
    pages = bytearray(n_pages)
    for start, end in ram_ranges(e820, name):
        first, last = -(-start // PAGE), min(end // PAGE, n_pages)
        if first < last:
            pages[first:last] = b"\1" * (last - first)
    for start, end in reserved:
        first, last = start // PAGE, min(-(-end // PAGE), n_pages)
        if first < last:
            pages[first:last] = bytes(last - first)
    return pages


def runs_of(pages):
    """The runs of 1 in it."""
    runs, at = [], pages.find(1)
    while at >= 0:
        end = pages.find(0, at)
        end = len(pages) if end < 0 else end
        runs.append([at, end])
        at = pages.find(1, end)
    return runs
