/*
 * naive.c - see naive.h. Written against the specification and the header of the protocol; that it
 * has its own table of types, its own reading of descriptors and its own bit test is the point.
 */
#include "handoff/stub/naive.h"

#include "bootmem/count.h"

#define WB      UINT64_C(0x0000000000000008)
#define SP      UINT64_C(0x0000000000040000)
#define RUNTIME UINT64_C(0x8000000000000000)

#define ISA_HOLE_START_PADDR UINT64_C(0xa0000)
#define ISA_HOLE_END_PADDR   UINT64_C(0x100000)

/* ACPI 6.5 §15.3, Table 15.6, by EFI_MEMORY_TYPE (UEFI 2.10 §7.2). What is not accepted yet (15)
 * faults when it is touched, so it is reserved, as all numbers are that have no row. */
static const uint32_t types[] = {
	[0] = HANDOFF_E820_RESERVED,  /* reserved */
	[1] = HANDOFF_E820_RAM,       /* loader code */
	[2] = HANDOFF_E820_RAM,       /* loader data */
	[3] = HANDOFF_E820_RAM,       /* boot services code */
	[4] = HANDOFF_E820_RAM,       /* boot services data */
	[5] = HANDOFF_E820_RESERVED,  /* runtime services code */
	[6] = HANDOFF_E820_RESERVED,  /* runtime services data */
	[7] = HANDOFF_E820_RAM,       /* conventional */
	[8] = HANDOFF_E820_UNUSABLE,  /* unusable */
	[9] = HANDOFF_E820_ACPI,      /* ACPI reclaim */
	[10] = HANDOFF_E820_NVS,      /* ACPI NVS */
	[11] = HANDOFF_E820_RESERVED, /* memory-mapped I/O */
	[12] = HANDOFF_E820_RESERVED, /* memory-mapped I/O port space */
	[13] = HANDOFF_E820_RESERVED, /* PAL code */
	[14] = HANDOFF_E820_PMEM,     /* persistent */
	[15] = HANDOFF_E820_RESERVED, /* unaccepted */
};

static const void *at_paddr(paddr_t paddr)
{
	return (const void *)(uintptr_t)paddr;
}

struct naive_view naive_view_of(const struct handoff_block *block)
{
	return (struct naive_view){
		.uefi_map = at_paddr(block->uefi_map_paddr),
		/* 32 bits by 32 bits: no helper of the compiler's is needed for the division. */
		.n_descriptors = block->uefi_map_bytes / block->uefi_descriptor_bytes,
		.descriptor_bytes = block->uefi_descriptor_bytes,
		.e820 = at_paddr(block->e820_paddr),
		.n_ranges = block->e820_count,
		.range_bytes = block->e820_entry_bytes,
		.reservations = at_paddr(block->reservations_paddr),
		.n_reservations = block->reservations_count,
		.reservation_bytes = block->reservations_entry_bytes,
		.node_low_pfn = block->node_low_pfn,
		.cuts_isa_hole = block->target == HANDOFF_TARGET_IA32,
	};
}

/* A little-endian number of @bytes bytes. */
static uint64_t number_at(const unsigned char *at, unsigned bytes)
{
	uint64_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | at[bytes];
	return number;
}

struct naive_descriptor naive_descriptor(const struct naive_view *view, size_t index)
{
	const unsigned char *at = view->uefi_map + index * view->descriptor_bytes;
	struct naive_descriptor descriptor = {
		.type = (uint32_t)number_at(at, 4),
		.start_paddr = number_at(at + 8, 8),
		.end_paddr = number_at(at + 8, 8),
		.attribute = number_at(at + 32, 8),
	};
	uint64_t n_pages = number_at(at + 24, 8);

	if (n_pages <= (UINT64_MAX - descriptor.start_paddr) / PAGE_BYTES)
		descriptor.end_paddr += n_pages * PAGE_BYTES;
	return descriptor;
}

/* The block aligns its arrays to 8 bytes, and a stride is a multiple of that. */
const struct handoff_range *naive_range(const struct naive_view *view, size_t index)
{
	return (const void *)(view->e820 + index * view->range_bytes);
}

const struct handoff_reservation *naive_reservation(const struct naive_view *view, size_t index)
{
	return (const void *)(view->reservations + index * view->reservation_bytes);
}

uint32_t naive_type_of(const struct naive_descriptor *descriptor)
{
	uint32_t type = HANDOFF_E820_RESERVED;

	if (descriptor->type < COUNT(types))
		type = types[descriptor->type];
	if (type != HANDOFF_E820_RAM)
		return type;
	if ((descriptor->attribute & WB) == 0 || (descriptor->attribute & RUNTIME) != 0)
		return HANDOFF_E820_RESERVED;
	return (descriptor->attribute & SP) != 0 ? HANDOFF_E820_SOFT_RESERVED : type;
}

/* Does [start, end) hold @paddr? And whether or not, no answer about @paddr holds beyond its next
 * boundary: *end_paddr comes down to it. */
static bool holds(paddr_t start_paddr, paddr_t range_end_paddr, paddr_t paddr, paddr_t *end_paddr)
{
	if (start_paddr >= range_end_paddr || paddr >= range_end_paddr)
		return false;
	if (paddr < start_paddr) {
		*end_paddr = min_u64(*end_paddr, start_paddr);
		return false;
	}
	*end_paddr = min_u64(*end_paddr, range_end_paddr);
	return true;
}

uint32_t naive_uefi_type(const struct naive_view *view, paddr_t paddr, paddr_t *ret_end_paddr)
{
	uint32_t highest = 0;

	*ret_end_paddr = UINT64_MAX;
	for (size_t i = 0; i < view->n_descriptors; i++) {
		struct naive_descriptor descriptor = naive_descriptor(view, i);

		if (holds(descriptor.start_paddr, descriptor.end_paddr, paddr, ret_end_paddr) &&
		    naive_type_of(&descriptor) > highest)
			highest = naive_type_of(&descriptor);
	}
	return highest;
}

uint32_t naive_e820_type(const struct naive_view *view, paddr_t paddr, paddr_t *ret_end_paddr)
{
	uint32_t highest = 0;

	*ret_end_paddr = UINT64_MAX;
	for (size_t i = 0; i < view->n_ranges; i++) {
		const struct handoff_range *range = naive_range(view, i);

		if (holds(range->start_paddr, range->end_paddr, paddr, ret_end_paddr) &&
		    range->type > highest)
			highest = range->type;
	}
	return highest;
}

pfn_t naive_max_pfn(const struct naive_view *view, naive_type_fn *type_at)
{
	paddr_t ram_start_paddr = 0, end_paddr;
	pfn_t highest_pfn = 0;

	for (paddr_t at = 0; at != UINT64_MAX; at = end_paddr) {
		if (type_at(view, at, &end_paddr) != HANDOFF_E820_RAM)
			ram_start_paddr = end_paddr; /* at the earliest */
		else if (pfn_up(ram_start_paddr) < pfn_down(end_paddr))
			highest_pfn = pfn_down(end_paddr);
	}
	return highest_pfn;
}

bool naive_e820_is_canonical(const struct naive_view *view, size_t *ret_index)
{
	for (size_t i = 0; i < view->n_ranges; i++) {
		const struct handoff_range *range = naive_range(view, i);
		bool is_last = i + 1 == view->n_ranges;
		const struct handoff_range *next = is_last ? range : naive_range(view, i + 1);

		*ret_index = i;
		if (range->start_paddr >= range->end_paddr)
			return false;
		if (!is_last && next->start_paddr < range->end_paddr)
			return false;
		if (!is_last && next->start_paddr == range->end_paddr &&
		    next->type == range->type && range->type != HANDOFF_E820_SOFT_RESERVED)
			return false;
	}
	return true;
}

/* The end of e820's RAM: a limit that was put on it is not above. */
static paddr_t end_of_e820_ram(const struct naive_view *view)
{
	paddr_t end_paddr = 0;

	for (size_t i = 0; i < view->n_ranges; i++) {
		const struct handoff_range *range = naive_range(view, i);

		if (range->type == HANDOFF_E820_RAM)
			end_paddr = max_u64(end_paddr, range->end_paddr);
	}
	return end_paddr;
}

static bool in_isa_hole(const struct naive_view *view, paddr_t paddr)
{
	return view->cuts_isa_hole && paddr >= ISA_HOLE_START_PADDR && paddr < ISA_HOLE_END_PADDR;
}

bool naive_maps_agree(const struct naive_view *view, struct naive_clash *ret_clash)
{
	paddr_t limit_paddr = end_of_e820_ram(view);
	paddr_t uefi_end_paddr, e820_end_paddr;

	for (paddr_t at = 0; at != UINT64_MAX; at = min_u64(uefi_end_paddr, e820_end_paddr)) {
		uint32_t uefi_type = naive_uefi_type(view, at, &uefi_end_paddr);
		uint32_t e820_type = naive_e820_type(view, at, &e820_end_paddr);
		bool is_cut = uefi_type == HANDOFF_E820_RAM && e820_type == 0 &&
		              (at >= limit_paddr || in_isa_hole(view, at));

		if (uefi_type != e820_type && !is_cut) {
			*ret_clash = (struct naive_clash){ at, uefi_type, e820_type };
			return false;
		}
	}
	return true;
}

/* Is all of page @pfn RAM by this map? The answer holds up to *until_pfn at most. */
static bool page_is_ram(const struct naive_view *view, naive_type_fn *type_at, pfn_t pfn,
                        pfn_t *until_pfn)
{
	paddr_t end_paddr;
	bool is_ram = true;

	for (paddr_t at = pfn_paddr(pfn); at < pfn_paddr(pfn + 1); at = end_paddr)
		is_ram &= type_at(view, at, &end_paddr) == HANDOFF_E820_RAM;
	/* A page with a boundary inside is an answer of its own, as is the one that ends there. */
	type_at(view, pfn_paddr(pfn), &end_paddr);
	*until_pfn = min_u64(*until_pfn, max_u64(pfn_down(end_paddr), pfn + 1));
	return is_ram;
}

/* A descriptor that touches page @pfn and is not RAM, or NAIVE_NONE: nothing describes it. */
static size_t opponent(const struct naive_view *view, pfn_t pfn)
{
	for (size_t i = 0; i < view->n_descriptors; i++) {
		struct naive_descriptor descriptor = naive_descriptor(view, i);

		if (descriptor.start_paddr < pfn_paddr(pfn + 1) &&
		    descriptor.end_paddr > pfn_paddr(pfn) &&
		    naive_type_of(&descriptor) != HANDOFF_E820_RAM)
			return i;
	}
	return NAIVE_NONE;
}

/* The reservation that touches page @pfn and reaches farthest, or NAIVE_NONE. */
static size_t reserver(const struct naive_view *view, pfn_t pfn, pfn_t *until_pfn)
{
	size_t found = NAIVE_NONE;
	pfn_t next_pfn = *until_pfn, found_end_pfn = pfn;

	for (size_t i = 0; i < view->n_reservations; i++) {
		const struct handoff_reservation *reservation = naive_reservation(view, i);
		pfn_t start_pfn = pfn_down(reservation->start_paddr);
		pfn_t end_pfn = pfn_up(reservation->end_paddr); /* rounded outward */

		if (reservation->start_paddr >= reservation->end_paddr)
			continue;
		if (start_pfn > pfn)
			next_pfn = min_u64(next_pfn, start_pfn);
		else if (end_pfn > found_end_pfn) {
			found = i;
			found_end_pfn = end_pfn;
		}
	}
	*until_pfn = min_u64(*until_pfn, found == NAIVE_NONE ? next_pfn : found_end_pfn);
	return found;
}

static pfn_t isa_boundary(const struct naive_view *view, pfn_t pfn)
{
	if (!view->cuts_isa_hole || pfn >= pfn_down(ISA_HOLE_END_PADDR))
		return UINT64_MAX;
	return pfn < pfn_down(ISA_HOLE_START_PADDR) ? pfn_down(ISA_HOLE_START_PADDR)
	                                            : pfn_down(ISA_HOLE_END_PADDR);
}

struct naive_page naive_page(const struct naive_view *view, pfn_t pfn)
{
	struct naive_page page = { NAIVE_FREE, NAIVE_NONE, view->node_low_pfn };
	bool is_uefi_ram = page_is_ram(view, naive_uefi_type, pfn, &page.until_pfn);
	bool is_e820_ram = page_is_ram(view, naive_e820_type, pfn, &page.until_pfn);

	page.until_pfn = min_u64(page.until_pfn, isa_boundary(view, pfn));
	if (!is_uefi_ram) {
		page.why = NAIVE_NOT_RAM;
		page.index = opponent(view, pfn);
	} else if (in_isa_hole(view, pfn_paddr(pfn))) {
		page.why = NAIVE_ISA_HOLE;
	} else if (!is_e820_ram) {
		page.why = NAIVE_CUT_OFF;
	} else {
		page.index = reserver(view, pfn, &page.until_pfn);
		page.why = page.index == NAIVE_NONE ? NAIVE_FREE : NAIVE_RESERVED;
	}
	return page;
}

/* The first byte of [at, end) that is not all 0 or all 1, as @all is, or @end. Eight at a time
 * where they lie on a multiple of that: a bitmap may have gigabytes. */
static const unsigned char *skip_bytes(const unsigned char *at, const unsigned char *end,
                                       unsigned char all)
{
	typedef uint64_t __attribute__((may_alias)) eight_bytes_t;
	const eight_bytes_t eight = all == 0 ? 0 : UINT64_MAX;

	while (at < end && (uintptr_t)at % 8 != 0 && *at == all)
		at++;
	if ((uintptr_t)at % 8 == 0)
		while (end - at >= 8 && *(const eight_bytes_t *)at == eight)
			at += 8;
	while (at < end && *at == all)
		at++;
	return at;
}

/* The first page of [pfn, end_pfn) whose bit is not @is_reserved, or end_pfn. */
static pfn_t first_other(const unsigned char *bitmap, pfn_t pfn, pfn_t end_pfn, bool is_reserved)
{
	const unsigned char all = is_reserved ? 0xff : 0;

	while (pfn < end_pfn) {
		if (pfn % 8 == 0 && end_pfn - pfn >= 8 && bitmap[pfn / 8] == all) {
			pfn = 8 * (pfn_t)(skip_bytes(bitmap + pfn / 8, bitmap + end_pfn / 8, all) -
			                  bitmap);
			continue;
		}
		if ((bitmap[pfn / 8] >> pfn % 8 & 1) != is_reserved)
			break;
		pfn++;
	}
	return pfn;
}

bool naive_bitmap_is_right(const struct naive_view *view, const unsigned char *bitmap,
                           struct naive_wrong *ret_wrong, uint64_t *ret_free_pages)
{
	*ret_free_pages = 0;
	for (pfn_t pfn = 0; pfn < view->node_low_pfn;) {
		struct naive_page page = naive_page(view, pfn);
		bool is_reserved = page.why != NAIVE_FREE;
		pfn_t other_pfn = first_other(bitmap, pfn, page.until_pfn, is_reserved);

		if (!is_reserved)
			*ret_free_pages += other_pfn - pfn;
		if (other_pfn < page.until_pfn) {
			*ret_wrong = (struct naive_wrong){ other_pfn, page };
			return false;
		}
		pfn = page.until_pfn;
	}
	return true;
}

bool naive_padding_is_set(const struct naive_view *view, const unsigned char *bitmap,
                          uint64_t bitmap_bytes)
{
	return first_other(bitmap, view->node_low_pfn, bitmap_bytes * 8, true) == bitmap_bytes * 8;
}

pfn_t naive_first_unreserved(const struct naive_view *view, paddr_t start_paddr, paddr_t end_paddr)
{
	pfn_t pfn = pfn_down(start_paddr), end_pfn = pfn_up(end_paddr);

	while (pfn < end_pfn) {
		pfn_t until_pfn = UINT64_MAX;

		if (reserver(view, pfn, &until_pfn) == NAIVE_NONE)
			break;
		pfn = until_pfn;
	}
	return min_u64(pfn, end_pfn);
}

const struct handoff_reservation *naive_first_of(const struct naive_view *view, uint32_t kind)
{
	for (size_t i = 0; i < view->n_reservations; i++)
		if (naive_reservation(view, i)->kind == kind)
			return naive_reservation(view, i);
	return NULL;
}

bool naive_is_kept(const struct naive_view *view, uint32_t kind, paddr_t start_paddr,
                   paddr_t end_paddr)
{
	for (size_t i = 0; i < view->n_reservations; i++) {
		const struct handoff_reservation *kept = naive_reservation(view, i);

		if (kept->kind == kind && start_paddr >= kept->start_paddr &&
		    end_paddr <= kept->end_paddr)
			return true;
	}
	return false;
}
