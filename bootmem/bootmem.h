/*
 * bootmem.h - the bootmem allocator: one bit a page frame, 1 = reserved, 0 = free.
 *
 * After mm/bootmem.c of Linux 2.6.24, under its names. The sharp edges, which are the design:
 *
 *  - Every page starts as reserved. RAM is freed explicitly, then exceptions are reserved again.
 *  - free_bootmem() rounds inward and reserve_bootmem() outward: a page that is only partly free
 *    is reserved, a page that is only partly reserved is reserved.
 *  - Reserving twice is allowed. Freeing a free page is a bug of the caller.
 *
 * What differs from 2.6.24, each with its reason:
 *
 *  - Ranges are [start, end) in bytes instead of (address, size): a size of 0 and an end past
 *    2^64 need no rule. An empty range does nothing where 2.6.24 has BUG_ON(!size).
 *  - Pages that nothing has been said about are reserved without having been written (see
 *    node_written_bits), so that building a bitmap in address order writes each word once.
 *    bootmem_complete() writes the rest, and must come before others read the map.
 *  - Nothing here touches the memory that it manages: this floor does not know where it is mapped.
 *    alloc_bootmem() returns a physical address, and the caller clears what it wants cleared.
 *  - Page numbers are 64 bits: 2.6.24 computes bit numbers as int, and fails from 8 TiB on.
 *
 * A call against a contract ends in bootmem_assert_fail(), the only symbol that a program which
 * links this must supply. It must not return.
 */
#ifndef BOOTMEM_BOOTMEM_H
#define BOOTMEM_BOOTMEM_H

#include <stdbool.h>
#include <stdint.h>

#include "bootmem/pfn.h"

/* What a search from the start of the node has learned: no run of @n_pages free pages that starts
 * at a multiple of @align_pages in memory begins below bit @below. */
struct bootmem_no_fit {
	uint64_t n_pages;
	uint64_t align_pages;
	uint64_t below;
};

#define BOOTMEM_NO_FITS \
	32 /* more kinds of blocks than these: the one that was learned first goes */

typedef struct bootmem_data {
	paddr_t node_boot_start; /* address of the page of bit 0 */
	pfn_t node_low_pfn;      /* one past the last page of the node */
	void *node_bootmem_map; /* the bitmap, as this program sees it; whole pages, page-aligned */
	uint64_t last_offset;   /* bytes used in the page last_pos; 0: all of it */
	pfn_t last_pos;         /* last page handed out, counted from node_boot_start */
	paddr_t last_success;   /* address of the last block handed out: where to search from */

	/* Not in 2.6.24. */
	pfn_t node_bootmem_map_pfn; /* where the bitmap lies: free_all_bootmem() gives it away */
	unsigned word_bytes;        /* sizeof(long) of the kernel: 4 on IA-32, 8 on AMD64 */
	uint64_t node_written_bits; /* bits from here on are reserved, whatever is written there: at
	                             * most as many as the node has pages */
	uint64_t node_first_free;   /* no bit below this one is 0: where a search may start */
	/*
	 * The largest range that was freed in one piece: all bits of [first, end) are 0, so that
	 * nobody need look. Most of a large machine is in it. BOOTMEM_NONE, 0: not known, as it is
	 * of a map that was not built here, and once something has been handed out of it.
	 */
	uint64_t node_free_first, node_free_end;
	/* If the last block was a page: its goal, and the bit from which the next one with that
	 * goal is looked for. Else BOOTMEM_NONE, both. */
	paddr_t page_goal_paddr;
	uint64_t page_from;
	struct bootmem_no_fit no_fits[BOOTMEM_NO_FITS]; /* as many as were learned, then by turns */
	unsigned n_no_fits;                             /* how many were learned */
} bootmem_data_t;

/* No address: what the allocator returns when nothing fits; and no bit. */
#define BOOTMEM_NONE UINT64_MAX

/* The alignment and the goals of the alloc_bootmem() family: SMP_CACHE_BYTES, MAX_DMA_ADDRESS and
 * ARCH_LOW_ADDRESS_LIMIT of 2.6.24 on x86. A limit of 0 is none. */
#define BOOTMEM_CACHE_BYTES     UINT64_C(128)
#define BOOTMEM_MAX_DMA_PADDR   UINT64_C(0x1000000)
#define BOOTMEM_LOW_PADDR_LIMIT UINT64_C(0xffffffff)

/* How many pages a bitmap for @n_pages pages takes. */
uint64_t bootmem_bootmap_pages(uint64_t n_pages);

/* How many bytes of the bitmap are in use: one bit a page, rounded up to a word of the kernel. */
uint64_t get_mapsize(const bootmem_data_t *bdata);

/*
 * Make a node of the pages [start_pfn, end_pfn), all of them reserved, with its bitmap at @map,
 * which is page @map_pfn: bootmem_bootmap_pages() pages, kept by the caller, their contents of no
 * matter. Returns get_mapsize(). Linux: init_bootmem_core(pgdat, mapstart, start, end).
 */
uint64_t init_bootmem_core(bootmem_data_t *bdata, void *map, pfn_t map_pfn, pfn_t start_pfn,
                           pfn_t end_pfn, unsigned word_bytes);

/* The same for a node that starts at page 0 and has @n_pages pages. Linux: init_bootmem(). */
uint64_t init_bootmem(bootmem_data_t *bdata, void *map, pfn_t map_pfn, pfn_t n_pages,
                      unsigned word_bytes);

/*
 * Make the whole pages inside [start_paddr, end_paddr) free: start rounded up, end rounded down.
 * A bug: an end past the node or a start before it (both rounded), or any page of them already
 * free.
 */
void free_bootmem(bootmem_data_t *bdata, paddr_t start_paddr, paddr_t end_paddr);

/*
 * Make all pages that [start_paddr, end_paddr) touches reserved: start rounded down, end rounded
 * up. Already reserved pages may be among them. A bug: a page outside the node.
 */
void reserve_bootmem(bootmem_data_t *bdata, paddr_t start_paddr, paddr_t end_paddr);

/*
 * Write what is reserved but not yet written, to the end of the map (its padding is 1 for ever).
 * From here on the get_mapsize() bytes at node_bootmem_map are the bitmap.
 */
void bootmem_complete(bootmem_data_t *bdata);

/* Is page @pfn of the node free? */
bool bootmem_is_free(const bootmem_data_t *bdata, pfn_t pfn);

/* How many pages of the node are free. */
uint64_t bootmem_free_pages(const bootmem_data_t *bdata);

/*
 * The first run of free pages at or after @from_pfn: returns its first page and puts one past its
 * last in @ret_end_pfn; both are node_low_pfn when there is none. For reports and for walking.
 */
pfn_t bootmem_next_free_run(const bootmem_data_t *bdata, pfn_t from_pfn, pfn_t *ret_end_pfn);

/* Hears of @n_pages free pages from @first_pfn on. */
typedef void bootmem_free_pages_fn(void *context, pfn_t first_pfn, uint64_t n_pages);

/*
 * Call @run for every maximal run of free pages of the node, in ascending order. Returns how many
 * pages that is: what bootmem_free_pages() says.
 */
uint64_t bootmem_each_free_run(const bootmem_data_t *bdata, bootmem_free_pages_fn *run,
                               void *context);

/*
 * Allocate @bytes bytes, aligned to @align (a power of two; 0 counts as 1), at or above
 * @goal_paddr if something fits there and anywhere in the node else, ending at or below
 * @limit_paddr (0: no limit). With a goal, the search starts where the last block was if that is
 * higher; what was freed since then is found, what was too small then only by the second search,
 * from the start of the node. Without one it is a first fit.
 *
 * Blocks smaller than a page share pages, as in 2.6.24: a block with align < 4096 starts in the
 * unused tail of the page that the last block ended in, if its own first page is the next one
 * (so perhaps just below the goal). Returns the address, or BOOTMEM_NONE. A bug: @bytes is 0,
 * or @align no power of two.
 *
 * Linux 2.6.24 __alloc_bootmem_core(), with faults of it not kept:
 *
 *  - after a clash at an alignment above a page it stepped over one candidate that was good;
 *  - it compared a limit in pages with last_success in bytes;
 *  - it aligned within the node instead of in memory;
 *  - it started below a goal that is inside a page;
 *  - it started below a last_success inside a page, as free_bootmem() may leave it;
 *  - it set last_success relative to the node, which free_bootmem() lowers to an address;
 *  - a limit below a page was none;
 *  - with align 0 a goal was none, and what shared a page began at the start of that page, over the
 *    block before;
 *  - it handed out the tail of a page that had been freed since.
 */
paddr_t alloc_bootmem_core(bootmem_data_t *bdata, uint64_t bytes, uint64_t align,
                           paddr_t goal_paddr, paddr_t limit_paddr);

/* Cache-aligned, preferably above the 16 MiB that ISA DMA can reach. */
static inline paddr_t alloc_bootmem(bootmem_data_t *bdata, uint64_t bytes)
{
	return alloc_bootmem_core(bdata, bytes, BOOTMEM_CACHE_BYTES, BOOTMEM_MAX_DMA_PADDR, 0);
}

/* Cache-aligned, as low as possible, below 4 GiB. */
static inline paddr_t alloc_bootmem_low(bootmem_data_t *bdata, uint64_t bytes)
{
	return alloc_bootmem_core(bdata, bytes, BOOTMEM_CACHE_BYTES, 0, BOOTMEM_LOW_PADDR_LIMIT);
}

static inline paddr_t alloc_bootmem_pages(bootmem_data_t *bdata, uint64_t bytes)
{
	return alloc_bootmem_core(bdata, bytes, PAGE_BYTES, BOOTMEM_MAX_DMA_PADDR, 0);
}

static inline paddr_t alloc_bootmem_low_pages(bootmem_data_t *bdata, uint64_t bytes)
{
	return alloc_bootmem_core(bdata, bytes, PAGE_BYTES, 0, BOOTMEM_LOW_PADDR_LIMIT);
}

/*
 * Hand every free page, then the pages of the bitmap itself, to @free_pages, which is the door to
 * the allocator that comes after, in ascending runs as long as they are (2.6.24 hands out words and
 * single pages). The node has no bitmap afterwards, and nothing more can be asked of it. Returns
 * the number of pages handed over.
 */
uint64_t free_all_bootmem(bootmem_data_t *bdata, bootmem_free_pages_fn *free_pages, void *context);

/* Supplied by the program: report @what (function and broken rule), and do not return. */
_Noreturn void bootmem_assert_fail(const char *what);

#endif
