"""A third opinion on the bitmap: recomputed from a copy of the guest's memory, a byte a page.

After the stub kernel's verdict the machine stands still, and its memory is copied. Here the block
is found in it, and the bitmap is made again from the raw UEFI map and the list of reservations,
with nothing but the two documents that a kernel author has: handoff.h and PROTOCOL.md.
"""

import dataclasses
import struct

PAGE = 4096
MAGIC = b"BOOTMEM1"

# struct handoff_block, in the order of its fields; all little-endian.
_BLOCK = [
    ("magic", "8s"), ("version_major", "H"), ("version_minor", "H"), ("header_bytes", "I"),
    ("block_bytes", "Q"), ("checksum", "Q"), ("target", "I"), ("firmware_bits", "I"),
    ("policy", "I"), ("at_end", "I"),
    ("node_boot_start", "Q"), ("node_low_pfn", "Q"), ("last_offset", "Q"), ("last_pos", "Q"),
    ("last_success", "Q"), ("map_paddr", "Q"), ("map_bytes", "Q"), ("map_checksum", "Q"),
    ("free_pages", "Q"), ("min_low_pfn", "Q"), ("max_low_pfn", "Q"), ("max_pfn", "Q"),
    ("e820_paddr", "Q"), ("e820_count", "I"), ("e820_entry_bytes", "I"),
    ("uefi_map_paddr", "Q"), ("uefi_map_bytes", "I"), ("uefi_descriptor_bytes", "I"),
    ("uefi_descriptor_version", "I"), ("uefi_map_growth", "I"),
    ("reservations_paddr", "Q"), ("reservations_count", "I"), ("reservations_entry_bytes", "I"),
    ("rsdp_paddr", "Q"), ("smbios_paddr", "Q"), ("smbios3_paddr", "Q"),
    ("framebuffer_paddr", "Q"), ("framebuffer_bytes", "Q"), ("width", "I"), ("height", "I"),
    ("pitch_bytes", "I"), ("format", "I"), ("red", "I"), ("green", "I"), ("blue", "I"),
    ("framebuffer_reserved", "I"),
    ("cmdline_paddr", "Q"), ("cmdline_bytes", "I"), ("exit_attempts", "I"),
    ("initrd_start_paddr", "Q"), ("initrd_end_paddr", "Q"), ("kernel_start_paddr", "Q"),
    ("kernel_end_paddr", "Q"), ("kernel_entry_paddr", "Q"), ("efi_system_table_paddr", "Q"),
    ("stack_start_paddr", "Q"), ("stack_end_paddr", "Q"), ("page_table_paddr", "Q"),
    ("mapped_end_paddr", "Q"),
    ("answer", "I"), ("reserved_1_1", "I"), ("answer_line_1", "72s"), ("answer_line_2", "72s"),
    ("answer_brief", "80s"), ("answer_to_do", "144s"), ("capture_name", "16s"),
    ("secure_boot", "I"), ("sums", "I"), ("kernel_sha256", "32s"), ("initrd_sha256", "32s"),
]
_BLOCK_FORMAT = struct.Struct("<" + "".join(code for _, code in _BLOCK))

TARGET_IA32, TARGET_AMD64 = 1, 2
POLICY_SAFE, POLICY_LINUX = 0, 1
FLAG_LINUX, FLAG_CHECKED = 1, 2
KIND_INITRD, KIND_ACPI, KIND_SMBIOS = 6, 10, 11
LIFETIME_FOREVER, LIFETIME_ACPI = 0, 2
KIND_GATES = 16  # the one thing that 2.6.24 does not have, under either policy

RAM, RESERVED, ACPI, NVS, UNUSABLE, PMEM, SOFT_RESERVED = 1, 2, 3, 4, 5, 7, 0xefffffff
# By EFI_MEMORY_TYPE; ACPI 6.5 §15.3, Table 15.6. What is not in the table is reserved.
E820_OF_UEFI = {0: RESERVED, 1: RAM, 2: RAM, 3: RAM, 4: RAM, 5: RESERVED, 6: RESERVED, 7: RAM,
                8: UNUSABLE, 9: ACPI, 10: NVS, 14: PMEM}
UEFI_RUNTIME_TYPES = (5, 6)
ATTRIBUTE_WB, ATTRIBUTE_SP, ATTRIBUTE_RUNTIME = 1 << 3, 1 << 18, 1 << 63

LOW_MEMORY_END = {TARGET_IA32: 896 << 20, TARGET_AMD64: 1 << 46}
WORD_BYTES = {TARGET_IA32: 4, TARGET_AMD64: 8}


def checksum(data):
    """handoff_checksum(): sum of the words, and sum of the sums."""
    data = data + bytes(-len(data) % 4)
    low = high = 0
    for (word,) in struct.iter_unpack("<I", data):
        low += word
        high += low
    return (high & 0xffffffff) << 32 | low & 0xffffffff


@dataclasses.dataclass
class Descriptor:
    type: int
    start: int
    end: int
    attribute: int

    @property
    def e820_type(self):
        e820_type = E820_OF_UEFI.get(self.type, RESERVED)
        if e820_type != RAM:
            return e820_type
        if not self.attribute & ATTRIBUTE_WB or self.attribute & ATTRIBUTE_RUNTIME:
            return RESERVED
        return SOFT_RESERVED if self.attribute & ATTRIBUTE_SP else RAM


@dataclasses.dataclass
class Reservation:
    start: int
    end: int
    checksum: int
    kind: int
    lifetime: int
    flags: int
    owner: str
    reason: str


class Block:
    """The block that was handed over, and what it points at, in a copy of memory from 0 on."""

    def __init__(self, memory):
        self.memory = memory
        self.paddr = self._find()
        self.__dict__.update(self._fields(self.paddr))
        self.descriptors = [self._descriptor(at) for at in range(
            self.uefi_map_paddr,
            self.uefi_map_paddr + self.uefi_map_bytes - self.uefi_descriptor_bytes + 1,
            self.uefi_descriptor_bytes)]
        self.e820 = [struct.unpack_from("<QQI", memory, self.e820_paddr + i * self.e820_entry_bytes)
                     for i in range(self.e820_count)]
        self.reservations = [
            self._reservation(self.reservations_paddr + i * self.reservations_entry_bytes)
            for i in range(self.reservations_count)]
        self.bitmap = memory[self.map_paddr:self.map_paddr + self.map_bytes]
        self.cmdline = memory[self.cmdline_paddr:self.cmdline_paddr + self.cmdline_bytes].decode()
        self.initrd = memory[self.initrd_start_paddr:self.initrd_end_paddr]

    def _fields(self, at):
        values = _BLOCK_FORMAT.unpack_from(self.memory, at)
        return dict(zip((name for name, _ in _BLOCK), values))

    def _find(self):
        """The one place where the magic is followed by a block whose checksum is right."""
        found, at = [], self.memory.find(MAGIC)
        while at >= 0:
            fields = self._fields(at)
            if at % 8 == 0 and fields["header_bytes"] >= _BLOCK_FORMAT.size and \
                    fields["block_bytes"] < 1 << 24:
                data = bytearray(self.memory[at:at + fields["block_bytes"]])
                data[0x18:0x20] = bytes(8)
                if checksum(data) == fields["checksum"]:
                    found.append(at)
            at = self.memory.find(MAGIC, at + 1)
        assert len(found) == 1, f"sealed blocks at {[hex(at) for at in found]}: there must be one"
        return found[0]

    def _descriptor(self, at):
        uefi_type, start, _, n_pages, attribute = struct.unpack_from("<I4xQQQQ", self.memory, at)
        return Descriptor(uefi_type, start, start + n_pages * PAGE, attribute)

    def _reservation(self, at):
        *numbers, owner, reason = struct.unpack_from("<QQQHHI24s72s", self.memory, at)
        return Reservation(*numbers, owner.split(b"\0")[0].decode(),
                           reason.split(b"\0")[0].decode())


def e820_of(descriptors, mem_limit=None):
    """The sanitized map: [start, end, type], the highest type where descriptors overlap."""
    pieces = [(d.start, d.end, d.e820_type) for d in descriptors if d.start < d.end]
    edges = sorted({edge for start, end, _ in pieces for edge in (start, end)} |
                   ({mem_limit} if mem_limit else set()))
    ranges = []
    for start, end in zip(edges, edges[1:]):
        types = [t for s, e, t in pieces if s <= start and end <= e]
        if not types or (max(types) == RAM and mem_limit and start >= mem_limit):
            continue
        last = ranges[-1] if ranges else None
        if last and last[1] == start and last[2] == max(types) != SOFT_RESERVED:
            last[1] = end
        else:
            ranges.append([start, end, max(types)])
    return [tuple(r) for r in ranges]


def painted_bitmap(block, e820):
    """A byte a page, 1 = reserved."""
    limit = min(max((end // PAGE for start, end, t in e820 if t == RAM), default=0),
                LOW_MEMORY_END[block.target] // PAGE)
    pages = bytearray(b"\1" * limit)

    def paint(first, end, value):
        end = min(end, limit)
        if first < end:
            pages[first:end] = bytes([value]) * (end - first)

    for start, end, e820_type in e820:
        if e820_type == RAM:
            paint(-(-start // PAGE), end // PAGE, 0)
    if block.target == TARGET_IA32:  # copy_e820_map() of 2.6.24 cuts 640 KiB to 1 MiB out
        paint(0xa0000 // PAGE, 0x100000 // PAGE, 1)
    for reservation in block.reservations:
        paint(reservation.start // PAGE, -(-reservation.end // PAGE), 1)
    return pages


BITS_OF_BYTE = [bytes(value >> bit & 1 for bit in range(8)) for value in range(256)]


def bits_of(bitmap, n_pages):
    return bytearray(b"".join(map(BITS_OF_BYTE.__getitem__, bitmap)))[:n_pages]


def first_difference(ours, theirs):
    if ours == theirs[:len(ours)]:
        return None
    for pfn, (a, b) in enumerate(zip(ours, theirs)):
        if a != b:
            return f"page {pfn:#x}: the model says {a}, the bitmap {b}"
    return None


def must_be_reserved(block):
    """(start, end, what): what a kernel must never be given, whatever the list says."""
    bitmap_end = block.map_paddr + block.map_bytes
    yield 0, PAGE, "page 0"
    yield block.paddr, block.paddr + block.block_bytes, "the block"
    yield block.map_paddr, bitmap_end, "the bitmap"
    yield block.kernel_start_paddr, block.kernel_end_paddr, "the kernel"
    yield block.stack_start_paddr, block.stack_end_paddr, "the stack"
    if block.target == TARGET_AMD64:
        yield block.page_table_paddr, block.page_table_paddr + PAGE, "the page table"
    if block.initrd_end_paddr:
        yield block.initrd_start_paddr, block.initrd_end_paddr, "the initrd"
    if block.policy == POLICY_SAFE and block.rsdp_paddr:
        yield block.rsdp_paddr, block.rsdp_paddr + 36, "the RSDP"
    for d in block.descriptors:
        if d.type in UEFI_RUNTIME_TYPES or d.attribute & ATTRIBUTE_RUNTIME:
            yield d.start, d.end, "a runtime range"


def check_contents(block):
    """What nobody writes any more has its checksum, so that a kernel notices who does; the FACS, in
    which the firmware has a lock for ever, has none (ACPI 6.5 §5.2.10)."""
    n_tables = 0
    for entry in block.reservations:
        is_facs = entry.kind == KIND_ACPI and entry.owner == "ACPI FACS"
        is_settled = entry.kind in (KIND_ACPI, KIND_SMBIOS, KIND_INITRD) and not is_facs
        assert bool(entry.flags & FLAG_CHECKED) == is_settled, entry
        if entry.kind == KIND_ACPI:
            n_tables += 1
            assert entry.lifetime == (LIFETIME_FOREVER if is_facs else LIFETIME_ACPI), entry
        if is_settled and entry.end <= len(block.memory):
            assert entry.checksum == checksum(block.memory[entry.start:entry.end]), entry
    assert n_tables > 1 or not block.rsdp_paddr or block.policy != POLICY_SAFE, "no ACPI tables"


def check(memory, mem_limit=None, has_gates=True):
    """Asserts all of it; returns the block. Without gates, policy linux has not a bit that is not
    2.6.24's."""
    block = Block(memory)
    e820 = e820_of(block.descriptors, mem_limit)
    assert block.e820 == e820, "e820 of the block is not what its UEFI map says"

    expected = painted_bitmap(block, e820)
    word = WORD_BYTES[block.target]
    assert block.node_low_pfn == block.max_low_pfn == len(expected)
    assert block.max_pfn == max(end // PAGE for _, end, t in e820 if t == RAM)
    assert block.map_bytes == (-(-len(expected) // 8) + word - 1) // word * word
    assert block.min_low_pfn == block.map_paddr // PAGE
    assert checksum(block.bitmap) == block.map_checksum, "the bitmap has changed since it was made"

    bits = bits_of(block.bitmap, len(block.bitmap) * 8)
    assert first_difference(expected, bits) is None, first_difference(expected, bits)
    assert all(bits[len(expected):]), "bits past the last page are not 1"
    assert block.free_pages == expected.count(0)

    for start, end, what in must_be_reserved(block):
        pages = range(start // PAGE, min(-(-end // PAGE), len(bits)))
        free = [hex(pfn) for pfn in pages if not bits[pfn]]
        assert not free, f"pages of {what} are free: {free[:4]}"
    for reservation in block.reservations:
        assert reservation.owner and reservation.reason, "a reservation without owner or reason"
        is_linux = bool(reservation.flags & FLAG_LINUX)
        assert block.policy == POLICY_SAFE or is_linux != (reservation.kind == KIND_GATES), (
            f"2.6.24 and {reservation.owner}")
    assert [entry.kind for entry in block.reservations].count(KIND_GATES) == has_gates
    check_contents(block)
    return block
