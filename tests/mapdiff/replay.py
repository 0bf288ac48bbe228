"""Linux 2.6.24's set-up once more, as the book has it and without a line of the C code: UEFI descriptors -> e820 map,
end of RAM, free runs, reservations. Short and slow, for maps of some GiB. Descriptors are (type, attribute, start, end)."""

from naive import LOW_PAGES, PAGE, RUNTIME, SOFT, SP, WB, free_pages, ram_ranges, runs_of, swept

MIB = 1 << 20
E820 = {0: 2, 1: 1, 2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 1, 8: 5, 9: 3, 10: 4, 11: 2, 12: 2, 13: 2, 14: 7}
# What each loader makes of runtime services code, of unaccepted memory, of types that nobody knows; 0: a hole.
OTHERS = {"linux": (2, 0, 0), "linux-6.12": (2, 1, 0), "linux-ia32": (2, 0, 0), "grub": (20, 2, 2), "old-grub": (5, 2, 2)}


class NoBitmap(Exception):
    """The loader refuses."""


def e820_type(rules, kind, attribute):
    if rules == "bootmem":
        found = E820.get(kind, 2)
        if found == 1 and (attribute & RUNTIME or not attribute & WB):
            return 2
        return SOFT if found == 1 and attribute & SP else found
    runtime_code, unaccepted, unknown = OTHERS[rules]
    found = {**E820, 5: runtime_code, 15: unaccepted}.get(kind, unknown)
    return SOFT if kind < 8 and found == 1 and attribute & SP and rules in ("linux", "linux-6.12") else found


def sanitize(ranges):
    """From each address where something changes to the next: the highest type that is there."""
    points = sorted({edge for start, end, _ in ranges for edge in (start, end)})
    out = []
    for start, end in zip(points, points[1:]):
        kind = max((kind for low, high, kind in ranges if low <= start and end <= high), default=0)
        if kind and out and out[-1][1:] == (start, kind) and kind != SOFT:
            out[-1] = (out[-1][0], end, kind)
        elif kind:
            out.append((start, end, kind))
    return out


def translate(rules, uefi):
    if rules == "grub":
        return [(start, start + size, kind) for start, size, kind in swept(
            [(start, end - start, e820_type(rules, kind, attribute)) for kind, attribute, start, end in uefi])]
    raw = []
    for kind, attribute, start, end in uefi:
        found = e820_type(rules, kind, attribute)
        if found and raw and raw[-1][1:] == (start, found):
            raw[-1] = (raw[-1][0], end, found)
        elif found:
            raw.append((start, end, found))
    return sanitize([row for row in raw if row[0] < row[1]])


def limit_ram(e820, limit):
    cut = [(start, min(end, limit) if kind == 1 else end, kind) for start, end, kind in e820]
    return [row for row in cut if row[0] < row[1]]


def find_kernel(e820, name):
    """A kernel of 1 MiB is taken to be at 1 MiB, or in the next RAM that has room."""
    for start, end, kind in e820:
        start = -(-max(start, MIB) // PAGE) * PAGE
        if kind == 1 and start + MIB <= end:
            if start + MIB > (LOW_PAGES * PAGE if name == "ia32" else 1 << 46):
                raise NoBitmap
            return start, start + MIB
    raise NoBitmap


def find_area(e820, lowest, end, size, kernel):
    """find_e820_area(), and bad_addr(): what touches a bad area is refused, too."""
    for low, high, kind in e820:
        at, high = -(-max(low, lowest) // PAGE) * PAGE, min(high, end) // PAGE * PAGE
        while kind == 1 and at < high:
            bad = [to for first, to in ((0, 0x8000), kernel) if at < to and at + size >= first]
            if not bad:
                break
            at = -(-bad[0] // PAGE) * PAGE
        if kind == 1 and at + size <= high and at < high:
            return at
    raise NoBitmap


def extensions(uefi, lines):
    """Of policy safe: the ISA hole, what the record names (@lines), and the runtime services."""
    runtime = []
    for kind, attribute, start, end in uefi:
        if start < end and (kind in (5, 6) or attribute & RUNTIME):
            if runtime and runtime[-1][1] == start:
                runtime[-1] = (runtime[-1][0], end)
            else:
                runtime.append((start, end))
    return [(0xA0000, MIB), *lines, *runtime]


def find_home(name, policy, e820, uefi, more, kernel, low, size):
    if policy == "safe":
        busy = [(start, end, 2) for kind, _, start, end in uefi if kind != 7 and start < end]
        vacant = sanitize([*e820, *busy, *((start, end, 2) for start, end in more)])
        return find_area(vacant, MIB, low * PAGE, size, kernel)
    if name == "amd64":
        return find_area(e820, 0, low * PAGE, size, kernel)
    home = kernel[1]  # unasked; the loader asks
    at = home
    for start, end in ram_ranges(e820, name):
        at = end if start <= at < end else at
    if at < home + size or home + size > low * PAGE:
        raise NoBitmap
    return home


def set_up(name, policy, e820, uefi, lines=()):
    """(max_pfn, max_low_pfn, free runs, reservations with their origin) of @name; @e820 is limited."""
    kernel = find_kernel(e820, name)
    max_pfn = max((end // PAGE for start, end in ram_ranges(e820, name) if -(-start // PAGE) < end // PAGE), default=0)
    low = min(max_pfn, LOW_PAGES) if name == "ia32" else max_pfn
    if not low:
        raise NoBitmap
    word = 4 if name == "ia32" else 8
    map_bytes = -(-((low + 7) // 8) // word) * word
    more = extensions(uefi, lines)
    home = find_home(name, policy, e820, uefi, more, kernel, low, -(-((low + 7) // 8) // PAGE) * PAGE)
    reserved = [(home, home + map_bytes), kernel]
    if policy != "safe" and name == "ia32":  # in one, and a page more
        reserved = [(kernel[0], home + map_bytes + PAGE - 1)]
    reserved += [(0, PAGE), (0x1000, 0x2000) if name == "ia32" else (0x6000, 0x8000)]
    rows = [(*span, "linux") for span in reserved]
    if policy == "safe":
        rows += [(*span, "extension") for span in more]
    wakeup = b"\1" * (1 if name == "ia32" else 2)
    at = free_pages(e820, [row[:2] for row in rows], name, low)[:1 << 20].find(wakeup)
    if at < 0:
        raise NoBitmap
    rows.append((at * PAGE, (at + len(wakeup)) * PAGE, "linux"))
    return max_pfn, low, runs_of(free_pages(e820, [row[:2] for row in rows], name, low)), rows
