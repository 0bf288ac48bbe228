/* model.c - see model.h. Written to be believed, not to be fast: no masks, no runs, no words. */
#include "tests/unit/model.h"

#include <string.h>

#define PAGE 4096

static pfn_t end_pfn_of(const struct model *model)
{
	return model->start_pfn + model->n_pages;
}

static bool is_inside(const struct model *model, pfn_t pfn)
{
	return model->start_pfn <= pfn && pfn < end_pfn_of(model);
}

void model_init(struct model *model, pfn_t start_pfn, uint64_t n_pages, uint8_t value)
{
	memset(model, 0, sizeof *model);
	model->start_pfn = start_pfn;
	model->n_pages = n_pages;
	model_paint(model, start_pfn, start_pfn + n_pages, value);
}

void model_paint(struct model *model, pfn_t start_pfn, pfn_t end_pfn, uint8_t value)
{
	for (uint64_t i = 0; i < model->n_pages; i++) {
		if (start_pfn <= model->start_pfn + i && model->start_pfn + i < end_pfn)
			model->cells[i] = value;
	}
}

void model_paint_max(struct model *model, pfn_t start_pfn, pfn_t end_pfn, uint8_t value)
{
	for (uint64_t i = 0; i < model->n_pages; i++) {
		if (start_pfn <= model->start_pfn + i && model->start_pfn + i < end_pfn &&
		    model->cells[i] < value)
			model->cells[i] = value;
	}
}

uint8_t model_at(const struct model *model, pfn_t pfn)
{
	return model->cells[pfn - model->start_pfn];
}

uint64_t model_count(const struct model *model, uint8_t value)
{
	uint64_t n = 0;

	for (uint64_t i = 0; i < model->n_pages; i++)
		n += model->cells[i] == value;
	return n;
}

/* The pages that lie in [start_paddr, end_paddr) with their first and their last byte. */
static bool holds_page(paddr_t start_paddr, paddr_t end_paddr, pfn_t pfn)
{
	return start_paddr <= pfn * PAGE && pfn * PAGE + (PAGE - 1) < end_paddr;
}

bool model_can_free(const struct model *model, paddr_t start_paddr, paddr_t end_paddr)
{
	for (pfn_t pfn = start_paddr / PAGE; pfn * PAGE < end_paddr; pfn++) {
		if (!holds_page(start_paddr, end_paddr, pfn))
			continue;
		if (!is_inside(model, pfn) || model_at(model, pfn) == MODEL_FREE)
			return false;
	}
	return true;
}

void model_free(struct model *model, paddr_t start_paddr, paddr_t end_paddr)
{
	if (start_paddr >= end_paddr)
		return;
	if (start_paddr < model->search_paddr)
		model->search_paddr = start_paddr;
	for (pfn_t pfn = start_paddr / PAGE; pfn * PAGE < end_paddr; pfn++) {
		if (!holds_page(start_paddr, end_paddr, pfn))
			continue;
		model_paint(model, pfn, pfn + 1, MODEL_FREE);
		if (model->tail_paddr / PAGE == pfn)
			model->tail_paddr = 0;
	}
}

void model_reserve(struct model *model, paddr_t start_paddr, paddr_t end_paddr)
{
	for (paddr_t paddr = start_paddr; paddr < end_paddr; paddr = (paddr / PAGE + 1) * PAGE)
		model_paint(model, paddr / PAGE, paddr / PAGE + 1, MODEL_RESERVED);
}

/* Can a block of @bytes bytes start at page @pfn, and end at @limit_pfn at the latest? */
static bool fits_at(const struct model *model, pfn_t pfn, uint64_t bytes, uint64_t align,
                    pfn_t limit_pfn)
{
	if (pfn * PAGE % align != 0)
		return false;
	for (uint64_t done = 0; done < bytes; done += PAGE, pfn++) {
		if (pfn >= limit_pfn || !is_inside(model, pfn) ||
		    model_at(model, pfn) != MODEL_FREE)
			return false;
	}
	return true;
}

/* The first page at or after @paddr where it can, or the end of the model. */
static pfn_t search(const struct model *model, paddr_t paddr, uint64_t bytes, uint64_t align,
                    pfn_t limit_pfn)
{
	pfn_t pfn = model->start_pfn;

	while (pfn < end_pfn_of(model) &&
	       (pfn * PAGE < paddr || !fits_at(model, pfn, bytes, align, limit_pfn)))
		pfn++;
	return pfn;
}

paddr_t model_alloc(struct model *model, uint64_t bytes, uint64_t align, paddr_t goal_paddr,
                    paddr_t limit_paddr)
{
	pfn_t limit_pfn = limit_paddr == 0 ? end_pfn_of(model) : limit_paddr / PAGE, pfn;
	paddr_t from = 0, start_paddr;

	if (align == 0)
		align = 1;
	if (limit_pfn > end_pfn_of(model))
		limit_pfn = end_pfn_of(model);
	/* A goal counts if there is a page at or after it; then so does where the last block was.
	 */
	if (goal_paddr >= model->start_pfn * PAGE && goal_paddr <= (limit_pfn - 1) * PAGE) {
		from = goal_paddr;
		if (goal_paddr != 0 && model->search_paddr > from &&
		    model->search_paddr <= (limit_pfn - 1) * PAGE)
			from = model->search_paddr;
	}
	if (limit_pfn == 0)
		return UINT64_MAX;
	pfn = search(model, from, bytes, align, limit_pfn);
	if (pfn == end_pfn_of(model))
		pfn = search(model, 0, bytes, align, limit_pfn);
	if (pfn == end_pfn_of(model))
		return UINT64_MAX;

	model->search_paddr = start_paddr = pfn * PAGE;
	if (align < PAGE && model->tail_paddr != 0 && model->tail_paddr / PAGE + 1 == pfn) {
		start_paddr = model->tail_paddr;
		while (start_paddr % align != 0)
			start_paddr++;
	}
	for (uint64_t i = 0; i < bytes; i++) /* every byte of the block, in whichever page */
		model->cells[(start_paddr + i) / PAGE - model->start_pfn] = MODEL_RESERVED;
	model->tail_paddr = (start_paddr + bytes) % PAGE == 0 ? 0 : start_paddr + bytes;
	return start_paddr;
}

uint64_t model_bitmap(const struct model *model, unsigned word_bytes, uint8_t *bitmap)
{
	uint64_t bytes = 0;

	while (bytes * 8 < model->n_pages)
		bytes += word_bytes;
	for (uint64_t bit = 0; bit < bytes * 8; bit++) {
		bool is_one = bit >= model->n_pages || model->cells[bit] != MODEL_FREE;

		if (bit % 8 == 0)
			bitmap[bit / 8] = 0;
		if (is_one)
			bitmap[bit / 8] = (uint8_t)(bitmap[bit / 8] | 1 << bit % 8);
	}
	return bytes;
}
