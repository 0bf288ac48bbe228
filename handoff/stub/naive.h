/*
 * naive.h - a second opinion on every page: re-derived from the raw UEFI map of the block, the
 * slow and obvious way, and sharing no code with what built the bitmap.
 *
 * Nothing is sorted, merged or kept: each question walks all descriptors, all e820 ranges or all
 * reservations. An answer carries how far it holds, so that the next question can be asked there.
 * Pure: reads what the view points to, and prints nothing.
 */
#ifndef HANDOFF_STUB_NAIVE_H
#define HANDOFF_STUB_NAIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"
#include "handoff/handoff.h"

/* A descriptor of the UEFI map: the 40 bytes that all versions share (UEFI 2.10 §7.2.3). */
struct naive_descriptor {
	uint32_t type;
	paddr_t start_paddr;
	paddr_t end_paddr; /* = start for one that describes nothing, or ends at or past 2^64 */
	uint64_t attribute;
};

/* What opinions are formed on. All of it is the caller's, and only read. */
struct naive_view {
	const unsigned char *uefi_map;
	size_t n_descriptors;
	size_t descriptor_bytes;   /* the stride */
	const unsigned char *e820; /* handoff_range, and perhaps more, in range_bytes each */
	size_t n_ranges;
	size_t range_bytes;
	const unsigned char *reservations; /* handoff_reservation, likewise */
	size_t n_reservations;
	size_t reservation_bytes;
	pfn_t node_low_pfn;
	bool cuts_isa_hole; /* IA-32: no RAM from 640 KiB to 1 MiB, whatever e820 says */
};

/* The view of a block whose bounds have been checked, at its addresses. */
struct naive_view naive_view_of(const struct handoff_block *block);

struct naive_descriptor naive_descriptor(const struct naive_view *view, size_t index);
const struct handoff_range *naive_range(const struct naive_view *view, size_t index);
const struct handoff_reservation *naive_reservation(const struct naive_view *view, size_t index);

/* The e820 type of a descriptor, by ACPI 6.5 §15.3, Table 15.6, and by its attributes. */
uint32_t naive_type_of(const struct naive_descriptor *descriptor);

/*
 * The type of the byte at @paddr by the UEFI map (the highest number of all descriptors that hold
 * it), or by the e820 map; 0 where nothing is described. It holds up to *ret_end_paddr.
 */
typedef uint32_t naive_type_fn(const struct naive_view *view, paddr_t paddr,
                               paddr_t *ret_end_paddr);
naive_type_fn naive_uefi_type, naive_e820_type;

/* One past the highest page that is all RAM, by the one map or by the other. */
pfn_t naive_max_pfn(const struct naive_view *view, naive_type_fn *type_at);

/* Sorted, without overlaps, nothing empty, no two neighbours that should be one? Else the first
 * range that is not, in *ret_index. */
bool naive_e820_is_canonical(const struct naive_view *view, size_t *ret_index);

/*
 * Do the two maps agree on the type of every byte? Two differences are right: RAM may end at a
 * limit (mem=, the CPU's address width) from which on e820 has none, and IA-32 may have none in the
 * ISA hole. Else the first address where they differ, and both types.
 */
struct naive_clash {
	paddr_t paddr;
	uint32_t uefi_type;
	uint32_t e820_type;
};
bool naive_maps_agree(const struct naive_view *view, struct naive_clash *ret_clash);

/* Why a page is what it is. */
enum naive_why {
	NAIVE_FREE,
	NAIVE_NOT_RAM,  /* by the UEFI map, not all of it */
	NAIVE_CUT_OFF,  /* not RAM of e820's: beyond a limit */
	NAIVE_ISA_HOLE, /* see cuts_isa_hole */
	NAIVE_RESERVED, /* reservation .index touches it */
};

struct naive_page {
	enum naive_why why;
	size_t index;    /* of the reservation; of a descriptor that says no, or NAIVE_NONE */
	pfn_t until_pfn; /* the same holds for all pages up to this one */
};
#define NAIVE_NONE SIZE_MAX

/* What page @pfn must be. */
struct naive_page naive_page(const struct naive_view *view, pfn_t pfn);

/*
 * Is every bit of the bitmap for [0, node_low_pfn) right? Else the first page that is not, and what
 * it should be. *ret_free_pages is how many should be free, as far as it was looked.
 */
struct naive_wrong {
	pfn_t pfn;
	struct naive_page expected;
};
bool naive_bitmap_is_right(const struct naive_view *view, const unsigned char *bitmap,
                           struct naive_wrong *ret_wrong, uint64_t *ret_free_pages);

/* Are all bits from node_low_pfn to the end of the @bitmap_bytes bytes 1? */
bool naive_padding_is_set(const struct naive_view *view, const unsigned char *bitmap,
                          uint64_t bitmap_bytes);

/* The first page that [start_paddr, end_paddr) touches and no reservation does; pfn_up(end_paddr)
 * if there is none. */
pfn_t naive_first_unreserved(const struct naive_view *view, paddr_t start_paddr, paddr_t end_paddr);

/* Does one reservation of this kind, HANDOFF_KIND_..., hold all of [start_paddr, end_paddr)? And
 * the first one of a kind, or NULL. */
bool naive_is_kept(const struct naive_view *view, uint32_t kind, paddr_t start_paddr,
                   paddr_t end_paddr);
const struct handoff_reservation *naive_first_of(const struct naive_view *view, uint32_t kind);

#endif
