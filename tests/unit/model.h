/*
 * model.h - the second opinion: physical memory as an array with one byte a page, painted page by
 * page, with nothing clever about it. Tests compare the real code with it.
 *
 * What the bytes mean is up to the test: e820 types, or MODEL_FREE and MODEL_RESERVED, which the
 * second half, a bootmem allocator, uses.
 */
#ifndef TESTS_UNIT_MODEL_H
#define TESTS_UNIT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "bootmem/pfn.h"

#define MODEL_MAX_PAGES 4096

enum { MODEL_FREE, MODEL_RESERVED };

struct model {
	pfn_t start_pfn; /* of cells[0] */
	uint64_t n_pages;
	uint8_t cells[MODEL_MAX_PAGES];

	/* The allocator's memory. */
	paddr_t search_paddr; /* 2.6.24: last_success */
	paddr_t tail_paddr;   /* first unused byte after the last block, if inside a page; else 0 */
};

/* @n_pages pages from @start_pfn on, all @value. */
void model_init(struct model *model, pfn_t start_pfn, uint64_t n_pages, uint8_t value);

/* Pages [start_pfn, end_pfn) become @value; what is outside the model is passed over. */
void model_paint(struct model *model, pfn_t start_pfn, pfn_t end_pfn, uint8_t value);

/* The same, where @value is higher than what is there: e820's rule for overlaps. */
void model_paint_max(struct model *model, pfn_t start_pfn, pfn_t end_pfn, uint8_t value);

/* What page @pfn of the model is. */
uint8_t model_at(const struct model *model, pfn_t pfn);

/* How many pages are @value. */
uint64_t model_count(const struct model *model, uint8_t value);

/* Is every page that [start_paddr, end_paddr) holds whole in the model, and not free? */
bool model_can_free(const struct model *model, paddr_t start_paddr, paddr_t end_paddr);

/* free_bootmem(), reserve_bootmem(), alloc_bootmem_core(): the contracts of bootmem/bootmem.h. */
void model_free(struct model *model, paddr_t start_paddr, paddr_t end_paddr);
void model_reserve(struct model *model, paddr_t start_paddr, paddr_t end_paddr);
paddr_t model_alloc(struct model *model, uint64_t bytes, uint64_t align, paddr_t goal_paddr,
                    paddr_t limit_paddr);

/* The bitmap: 1 for what is not MODEL_FREE, and for padding up to a whole word. Returns its bytes;
 * @bitmap has room for MODEL_MAX_PAGES / 8. */
uint64_t model_bitmap(const struct model *model, unsigned word_bytes, uint8_t *bitmap);

#endif
