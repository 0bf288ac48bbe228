/* literal_bootmem.c - see literal_bootmem.h. To be read beside mm/bootmem.c of 2.6.24. */
#include "tests/unit/literal_bootmem.h"

#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(4096)

static uint64_t page_of(uint64_t paddr)
{
	return paddr / PAGE;
}

static uint64_t next_page_of(uint64_t paddr)
{
	return paddr / PAGE + (paddr % PAGE != 0);
}

/* ALIGN(): the kernel's masks make 0 of everything if @to is 0. */
static uint64_t round_up(uint64_t n, uint64_t to)
{
	if (to == 0)
		return 0;
	return n % to == 0 ? n : n - n % to + to;
}

static bool has(const struct literal_node *node, enum literal_fault fault)
{
	return (node->faults & fault) != 0;
}

void literal_init_bootmem(struct literal_node *node, uint64_t start_pfn, uint64_t end_pfn,
                          unsigned faults)
{
	memset(node, 0, sizeof *node);
	node->start_pfn = start_pfn;
	node->end_pfn = end_pfn;
	node->faults = faults;
	node->is_reserved = malloc((size_t)(end_pfn - start_pfn) + 1);
	if (node->is_reserved == NULL)
		abort();
	memset(node->is_reserved, 1, (size_t)(end_pfn - start_pfn));
}

void literal_node_free(struct literal_node *node)
{
	free(node->is_reserved);
	memset(node, 0, sizeof *node);
}

void literal_free_bootmem(struct literal_node *node, uint64_t paddr, uint64_t size)
{
	uint64_t first = next_page_of(paddr), end = page_of(paddr + size);

	if (size == 0 || first < node->start_pfn || end > node->end_pfn) {
		node->is_bug = true;
		return;
	}
	for (uint64_t pfn = first; pfn < end; pfn++)
		if (node->is_reserved[pfn - node->start_pfn] == 0)
			node->is_bug = true;
	if (node->is_bug)
		return;
	if (paddr < node->last_success)
		node->last_success = paddr;
	for (uint64_t pfn = first; pfn < end; pfn++) {
		node->is_reserved[pfn - node->start_pfn] = 0;
		if (pfn - node->start_pfn == node->last_pos && !has(node, LITERAL_FREED_TAIL))
			node->last_offset = 0;
	}
}

void literal_reserve_bootmem(struct literal_node *node, uint64_t paddr, uint64_t size)
{
	uint64_t first = page_of(paddr), end = next_page_of(paddr + size);

	if (size == 0 || first < node->start_pfn || first >= node->end_pfn || end > node->end_pfn) {
		node->is_bug = true;
		return;
	}
	for (uint64_t pfn = first; pfn < end; pfn++)
		node->is_reserved[pfn - node->start_pfn] = 1;
}

/* The next page from @page on, counted from the node, at which a block may start. */
static uint64_t align_page(const struct literal_node *node, uint64_t page, uint64_t incr)
{
	if (has(node, LITERAL_ALIGNS_IN_NODE))
		return round_up(page, incr);
	return round_up(node->start_pfn + page, incr) - node->start_pfn;
}

/* The first of @n_pages free pages in a row, in [from, end). */
static uint64_t scan(const struct literal_node *node, uint64_t from, uint64_t end, uint64_t n_pages,
                     uint64_t incr)
{
	uint64_t page = from, clash;

	while (page < end) {
		while (page < end && node->is_reserved[page] != 0)
			page++;
		page = align_page(node, page, incr);
		if (page >= end)
			break;
		if (node->is_reserved[page] != 0) {
			page += incr;
			continue;
		}
		for (clash = page + 1; clash - page < n_pages; clash++)
			if (clash >= end || node->is_reserved[clash] != 0)
				break;
		if (clash - page >= n_pages)
			return page;
		page = align_page(node, clash, incr);
		if (has(node, LITERAL_STEPS_OVER))
			page += incr;
	}
	return LITERAL_NONE;
}

/* May the search start at @hint, in bytes from the node? */
static bool is_below_limit(const struct literal_node *node, uint64_t hint, uint64_t end,
                           uint64_t limit_pfn)
{
	if (has(node, LITERAL_LIMIT_UNITS))
		return limit_pfn == 0 || limit_pfn > hint;
	return page_of(hint) < end;
}

/* Where the search starts, in bytes from the node. */
static uint64_t preferred_byte(const struct literal_node *node, uint64_t goal, uint64_t end,
                               uint64_t limit_pfn)
{
	uint64_t start = node->start_pfn * PAGE, preferred, hint = node->last_success;

	if (goal == 0 || goal < start)
		return 0;
	preferred = goal - start;
	if (!has(node, LITERAL_GOAL_IN_PAGE))
		preferred = next_page_of(preferred) * PAGE;
	if (page_of(preferred) >= end)
		return 0;
	if (!has(node, LITERAL_HINT_IN_NODE))
		hint = hint > start ? hint - start : 0;
	if (!has(node, LITERAL_HINT_IN_PAGE))
		hint = next_page_of(hint) * PAGE;
	if (hint >= preferred && is_below_limit(node, hint, end, limit_pfn))
		preferred = hint;
	return preferred;
}

/* Hand out @size bytes, if need be from the rest of the page before @first on. */
static uint64_t hand_out(struct literal_node *node, uint64_t first, uint64_t size, uint64_t align)
{
	uint64_t start = node->start_pfn * PAGE, n_pages = next_page_of(size);
	uint64_t paddr = start + first * PAGE;

	if (align < PAGE && node->last_offset != 0 && node->last_pos + 1 == first) {
		uint64_t offset = round_up(node->last_offset, align), rest = PAGE - offset;

		paddr = start + node->last_pos * PAGE + offset;
		if (size < rest) {
			n_pages = 0;
			node->last_offset = (offset + size) % PAGE;
		} else {
			n_pages = next_page_of(size - rest);
			node->last_pos = first + n_pages - 1;
			node->last_offset = (size - rest) % PAGE;
		}
	} else {
		node->last_pos = first + n_pages - 1;
		node->last_offset = size % PAGE;
	}
	for (uint64_t page = first; page < first + n_pages; page++)
		node->is_reserved[page] = 1;
	return paddr;
}

uint64_t literal_alloc_bootmem_core(struct literal_node *node, uint64_t size, uint64_t align,
                                    uint64_t goal, uint64_t limit)
{
	uint64_t start = node->start_pfn * PAGE, limit_pfn = page_of(limit),
		 end_pfn = node->end_pfn;
	uint64_t offset = 0, preferred, incr, end, found;

	if (size == 0 || (align & (align - 1)) != 0) {
		node->is_bug = true;
		return LITERAL_NONE;
	}
	if (align == 0 && !has(node, LITERAL_ALIGN_0))
		align = 1;
	if (limit != 0 && start >= limit)
		return LITERAL_NONE;
	if (limit != 0 && limit_pfn == 0 && !has(node, LITERAL_SMALL_LIMIT))
		return LITERAL_NONE;
	if (limit_pfn != 0 && end_pfn > limit_pfn)
		end_pfn = limit_pfn;
	end = end_pfn - node->start_pfn;
	if (align != 0 && start % align != 0 && has(node, LITERAL_ALIGNS_IN_NODE))
		offset = page_of(align - start % align);
	preferred = preferred_byte(node, goal, end, limit_pfn);
	if (has(node, LITERAL_ALIGNS_IN_NODE))
		preferred = page_of(round_up(preferred, align)) + offset;
	else
		preferred = page_of(round_up(start + preferred, align) - start);
	incr = page_of(align) != 0 ? page_of(align) : 1;
	found = scan(node, preferred, end, next_page_of(size), incr);
	if (found == LITERAL_NONE && preferred > offset)
		found = scan(node, offset, end, next_page_of(size), incr);
	if (found == LITERAL_NONE)
		return LITERAL_NONE;
	node->last_success = found * PAGE + (has(node, LITERAL_HINT_IN_NODE) ? 0 : start);
	return hand_out(node, found, size, align);
}

uint64_t literal_get_mapsize(const struct literal_node *node, unsigned long_bytes)
{
	return round_up((node->end_pfn - node->start_pfn + 7) / 8, long_bytes);
}

void literal_bitmap(const struct literal_node *node, unsigned long_bytes, uint8_t *bitmap)
{
	memset(bitmap, 0xff, (size_t)literal_get_mapsize(node, long_bytes));
	for (uint64_t page = 0; page < node->end_pfn - node->start_pfn; page++)
		if (node->is_reserved[page] == 0)
			bitmap[page / 8] -= (uint8_t)(1 << page % 8);
}

uint64_t literal_free_all_bootmem(const struct literal_node *node, unsigned long_bytes)
{
	uint64_t n = next_page_of(literal_get_mapsize(node, long_bytes));

	for (uint64_t page = 0; page < node->end_pfn - node->start_pfn; page++)
		n += node->is_reserved[page] == 0;
	return n;
}
