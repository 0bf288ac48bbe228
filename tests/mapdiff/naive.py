"""A second opinion on maps: short, slow, and from the rules alone. Reads tests/maps, writes captures of
made-up maps, translates, and paints bitmaps page by page."""

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
