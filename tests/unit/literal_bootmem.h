/*
 * literal_bootmem.h - mm/bootmem.c of Linux 2.6.24 in the plainest words: a byte a page, a loop
 * over pages, faults and all. It includes and calls nothing of ours.
 *
 * Each fault that bootmem/bootmem.h does not keep is a bit that can be left out. So the list there
 * is held from both sides: without all of them this is our allocator, call by call, and with any
 * one of them it is not.
 */
#ifndef TESTS_UNIT_LITERAL_BOOTMEM_H
#define TESTS_UNIT_LITERAL_BOOTMEM_H

#include <stdbool.h>
#include <stdint.h>

enum literal_fault {
	/* After a clash at an alignment above a page, one candidate is stepped over. */
	LITERAL_STEPS_OVER = 1 << 0,
	/* The limit is in pages when it is compared with last_success, which is in bytes. */
	LITERAL_LIMIT_UNITS = 1 << 1,
	/* Page numbers are aligned as they count from the node. */
	LITERAL_ALIGNS_IN_NODE = 1 << 2,
	/* A goal inside a page means the page. */
	LITERAL_GOAL_IN_PAGE = 1 << 3,
	/* A limit below one page is page 0, which is none. */
	LITERAL_SMALL_LIMIT = 1 << 4,
	/* The rest of the last page is handed out though the page has been freed. */
	LITERAL_FREED_TAIL = 1 << 5,
	/* Rounding up to a multiple of 0 gives 0: of the goal, and of where the last block ended.
	 */
	LITERAL_ALIGN_0 = 1 << 6,
	/* The allocator counts last_success from the node; free_bootmem() lowers it to an address.
	 */
	LITERAL_HINT_IN_NODE = 1 << 7,
	/* A last_success inside a page means the page. */
	LITERAL_HINT_IN_PAGE = 1 << 8,
	LITERAL_FAULTS = (1 << 9) - 1,
};

#define LITERAL_NONE UINT64_MAX

struct literal_node {
	uint64_t start_pfn, end_pfn;
	uint8_t *is_reserved; /* of each page of the node: 1 or 0 */
	uint64_t last_offset, last_pos, last_success;
	unsigned faults; /* enum literal_fault: those that it has */
	bool is_bug;     /* BUG() has been reached */
};

/* All pages of a node, reserved. To be given to literal_node_free(). */
void literal_init_bootmem(struct literal_node *node, uint64_t start_pfn, uint64_t end_pfn,
                          unsigned faults);
void literal_node_free(struct literal_node *node);

/* With an address and a size, as there. What is a bug sets is_bug, and changes no page. */
void literal_free_bootmem(struct literal_node *node, uint64_t paddr, uint64_t size);
void literal_reserve_bootmem(struct literal_node *node, uint64_t paddr, uint64_t size);

/* The address, or LITERAL_NONE. */
uint64_t literal_alloc_bootmem_core(struct literal_node *node, uint64_t size, uint64_t align,
                                    uint64_t goal, uint64_t limit);

/* get_mapsize() for a kernel with longs of @long_bytes, and the bitmap: 1 for what is reserved, and
 * for the padding. */
uint64_t literal_get_mapsize(const struct literal_node *node, unsigned long_bytes);
void literal_bitmap(const struct literal_node *node, unsigned long_bytes, uint8_t *bitmap);

/* What free_all_bootmem() returns: free pages, and pages of the bitmap. */
uint64_t literal_free_all_bootmem(const struct literal_node *node, unsigned long_bytes);

#endif
