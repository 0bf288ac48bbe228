"""Kernels with one thing wrong: made from a good ELF file, by changing a few bytes of it."""

import struct

# Offsets and formats of the fields that rows change. gABI, chapters 4 and 5.
_HEADER = {
    32: {"class": (4, "B"), "endian": (5, "B"), "version": (6, "B"), "type": (16, "H"),
         "machine": (18, "H"), "entry": (24, "I"), "phoff": (28, "I"), "shoff": (32, "I"), "phentsize": (42, "H"),
         "phnum": (44, "H"), "shnum": (48, "H")},
    64: {"class": (4, "B"), "endian": (5, "B"), "version": (6, "B"), "type": (16, "H"),
         "machine": (18, "H"), "entry": (24, "Q"), "phoff": (32, "Q"), "shoff": (40, "Q"), "phentsize": (54, "H"),
         "phnum": (56, "H"), "shnum": (60, "H")},
}
_SEGMENT = {
    32: {"type": (0, "I"), "offset": (4, "I"), "vaddr": (8, "I"), "paddr": (12, "I"),
         "filesz": (16, "I"), "memsz": (20, "I"), "flags": (24, "I"), "align": (28, "I")},
    64: {"type": (0, "I"), "flags": (4, "I"), "offset": (8, "Q"), "vaddr": (16, "Q"), "paddr": (24, "Q"),
         "filesz": (32, "Q"), "memsz": (40, "Q"), "align": (48, "Q")},
}
# Of a section: the size of its header, and of that type, offset, size and link; of a symbol: all of it.
_SECTION = {32: (40, "<4xI8xIII"), 64: (64, "<4xI16xQQI")}
_SYMBOL = {32: "<II8x", 64: "<I4xQ8x"}
SHT_SYMTAB = 2
PT_LOAD = 1
PF_W = 2


class Elf:
    """The bytes of an ELF file, little-endian, with its fields by name."""

    def __init__(self, data):
        self.data = bytearray(data)
        self.bits = {1: 32, 2: 64}[self.data[4]]

    def get(self, name):
        offset, code = _HEADER[self.bits][name]
        return struct.unpack_from("<" + code, self.data, offset)[0]

    def set(self, name, value):
        offset, code = _HEADER[self.bits][name]
        struct.pack_into("<" + code, self.data, offset, value)
        return self

    def _segment_at(self, index):
        """Of the index-th PT_LOAD: where its program header is."""
        size = self.get("phentsize")
        headers = range(self.get("phoff"), self.get("phoff") + size * self.get("phnum"), size)
        loads = [at for at in headers if struct.unpack_from("<I", self.data, at)[0] == PT_LOAD]
        return loads[index]

    def get_segment(self, index, name):
        offset, code = _SEGMENT[self.bits][name]
        return struct.unpack_from("<" + code, self.data, self._segment_at(index) + offset)[0]

    def set_segment(self, index, **values):
        at = self._segment_at(index)
        for name, value in values.items():
            offset, code = _SEGMENT[self.bits][name]
            struct.pack_into("<" + code, self.data, at + offset, value)
        return self

    def make_load(self, header):
        """A program header, by its number, becomes a PT_LOAD."""
        struct.pack_into("<I", self.data, self.get("phoff") + header * self.get("phentsize"), PT_LOAD)

    def _sections(self):
        size, fields = _SECTION[self.bits]
        return [struct.unpack_from(fields, self.data, self.get("shoff") + i * size)
                for i in range(self.get("shnum"))]

    def symbol(self, name):
        """Its address."""
        sections, wanted = self._sections(), name.encode() + b"\0"
        for _, offset, size, link in (each for each in sections if each[0] == SHT_SYMTAB):
            names = sections[link][1]
            for at, value in struct.iter_unpack(_SYMBOL[self.bits], self.data[offset:offset + size]):
                if self.data[names + at:names + at + len(wanted)] == wanted:
                    return value
        raise KeyError(name)

    def offset_of(self, vaddr):
        """Where in the file the byte is that the first segment has at vaddr."""
        return vaddr - self.get_segment(0, "vaddr") + self.get_segment(0, "offset")

    def bytes(self):
        return bytes(self.data)


def truncated(data):
    """The last segment's bytes are not all there."""
    elf = Elf(data)
    ends = [elf.get_segment(i, "offset") + elf.get_segment(i, "filesz")
            for i in range(_loads(elf))]
    return elf.bytes()[:max(ends) - 1]


def header_alone(data):
    """Half an ELF header."""
    return data[:20]


def empty(_data):
    return b""


def not_elf(data):
    return b"MZ" + data[2:]


def big_endian(data):
    return Elf(data).set("endian", 2).bytes()


def for_arm(data):
    return Elf(data).set("machine", 40).bytes()


def relocatable(data):
    return Elf(data).set("type", 1).bytes()


def overlapping_segments(data):
    elf = Elf(data)
    return elf.set_segment(1, paddr=elf.get_segment(0, "paddr")).bytes()


def wrapping_segment(data):
    elf = Elf(data)
    return elf.set_segment(0, paddr=(1 << elf.bits) - 4096).bytes()


def smaller_in_memory(data):
    elf = Elf(data)
    return elf.set_segment(0, memsz=elf.get_segment(0, "filesz") - 1).bytes()


def entry_outside(data):
    return Elf(data).set("entry", 0x10).bytes()


def halting(data):
    """It does nothing: cli; hlt; and that again if it is woken."""
    elf = Elf(data)
    at = elf.offset_of(elf.get("entry"))
    elf.data[at:at + 4] = b"\xfa\xf4\xeb\xfd"
    return elf.bytes()


def hanging_in(function):
    """It never comes back from that one: jmp to itself."""
    def hang(data):
        elf = Elf(data)
        at = elf.offset_of(elf.symbol(function))
        elf.data[at:at + 2] = b"\xeb\xfe"
        return elf.bytes()
    return hang


def huge_in_memory(data):
    """No machine of the tests has room for it."""
    return Elf(data).set_segment(_loads(Elf(data)) - 1, memsz=0xe0000000).bytes()


def moved_to(paddr):
    """All segments and the entry point stand at paddr and up: linked there, it would seem."""
    def move(data):
        elf = Elf(data)
        by = paddr - elf.get_segment(0, "paddr")
        for i in range(_loads(elf)):
            elf.set_segment(i, paddr=elf.get_segment(i, "paddr") + by,
                            vaddr=elf.get_segment(i, "vaddr") + by)
        return elf.set("entry", elf.get("entry") + by).bytes()
    return move


def in_odd_pieces(data):
    """Each segment as several, which begin and end at odd addresses and share pages: what is moved
    by words has bytes left over. The new program headers stand at the end."""
    elf, headers = Elf(data), []
    for i in range(_loads(elf)):
        segment = {name: elf.get_segment(i, name) for name in _SEGMENT[elf.bits]}
        segment["align"] = 1
        # The last piece has all that is cleared.
        for size in (1, 4099, 2, 509, 3, 8191):
            if segment["filesz"] > size:
                headers.append({**segment, "filesz": size, "memsz": size})
                for name in ("offset", "vaddr", "paddr"):
                    segment[name] += size
                for name in ("filesz", "memsz"):
                    segment[name] -= size
        headers.append(segment)
    size = elf.get("phentsize")
    elf.set("phoff", len(elf.data)).set("phnum", len(headers))
    elf.data += bytes(size * len(headers))
    for i, segment in enumerate(headers):
        at = elf.get("phoff") + i * size
        for name, value in segment.items():
            offset, code = _SEGMENT[elf.bits][name]
            struct.pack_into("<" + code, elf.data, at + offset, value)
    return elf.bytes()


def loaded_bytes(data):
    """Where in memory which bytes of the file go, for each PT_LOAD that nothing writes to."""
    elf = Elf(data)
    for i in range(_loads(elf)):
        if not elf.get_segment(i, "flags") & PF_W:
            offset, size = elf.get_segment(i, "offset"), elf.get_segment(i, "filesz")
            yield elf.get_segment(i, "paddr"), elf.bytes()[offset:offset + size]


def _loads(elf):
    count = 0
    try:
        while True:
            elf.get_segment(count, "paddr")
            count += 1
    except IndexError:
        return count
