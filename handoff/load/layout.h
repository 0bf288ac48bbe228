/*
 * layout.h - how much is handed over -> where it lies in the pages that a kernel gets beside itself
 * and its bitmap. A function of its arguments: the firmware is not asked, and nothing is kept.
 *
 *     block        header, command line with its 0 byte, UEFI map, e820 ranges, reservations
 *     stack        at entry; it ends where the GDT starts
 *     GDT          a page
 *     page tables  of an AMD64 kernel
 *
 * In the block the map comes before the arrays since the firmware writes it there itself, in the
 * last call before it is gone: nothing is moved afterwards.
 */
#ifndef HANDOFF_LOAD_LAYOUT_H
#define HANDOFF_LOAD_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

/* There are never more pages: all of it lies below 4 GiB. */
#define LAYOUT_MAX_PAGES (UINT64_C(1) << 20)

/* What there has to be room for. */
struct layout_needs {
	uint32_t cmdline_bytes; /* without the 0 byte */
	uint64_t uefi_map_bytes;
	uint64_t n_e820_ranges;
	uint64_t n_reservations;
	uint64_t page_table_pages; /* 0: an IA-32 kernel */
};

/* Offsets are from the first page, where the block starts. */
struct layout {
	uint64_t uefi_map_offset; /* a multiple of 8 */
	uint64_t block_bytes;     /* the most that the block takes */
	uint64_t stack_offset;    /* here and below: of a page */
	uint64_t gdt_offset;
	uint64_t page_tables_offset;
	uint64_t page_table_pages;
	uint64_t n_pages; /* of all */
};

/*
 * Lay @needs out. False, and *ret_layout undefined, if the block is larger than
 * HANDOFF_MAX_BLOCK_BYTES, or all of it than LAYOUT_MAX_PAGES.
 */
bool layout_of(const struct layout_needs *needs, struct layout *ret_layout);

/* Where the UEFI map begins; a multiple of 8. */
uint64_t layout_uefi_map_offset(uint32_t cmdline_bytes);

#endif
