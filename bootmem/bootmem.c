/*
 * bootmem.c - page ranges -> one bit a page, and blocks of memory out of the pages that are free.
 *
 * For the loader, which builds the bitmap, and for the kernel that receives it. After mm/bootmem.c
 * of Linux 2.6.24; bootmem.h says where it differs. The surprising thing is the watermark,
 * node_written_bits: from there on all pages are reserved, whatever stands in the map. So nothing
 * is written before it must be, and nothing is searched where there is nothing to find.
 */
#include "bootmem/bootmem.h"

#include <stddef.h>

#include "bootmem/bits.h"

#define MAX_PFN (UINT64_MAX >> PAGE_SHIFT) /* the last page of a 64-bit address space */

static inline void bug_on(bool is_broken, const char *what)
{
	if (is_broken)
		bootmem_assert_fail(what);
}

static inline pfn_t node_start_pfn(const bootmem_data_t *bdata)
{
	return pfn_down(bdata->node_boot_start);
}

static inline uint64_t node_bits(const bootmem_data_t *bdata)
{
	return bdata->node_low_pfn - node_start_pfn(bdata);
}

uint64_t bootmem_bootmap_pages(uint64_t n_pages)
{
	return pages_of(n_pages / 8 + (n_pages % 8 != 0));
}

uint64_t get_mapsize(const bootmem_data_t *bdata)
{
	return align_up((node_bits(bdata) + 7) / 8, bdata->word_bytes);
}

uint64_t init_bootmem_core(bootmem_data_t *bdata, void *map, pfn_t map_pfn, pfn_t start_pfn,
                           pfn_t end_pfn, unsigned word_bytes)
{
	bug_on(start_pfn > end_pfn, "init_bootmem_core: the node ends before it starts");
	bug_on(end_pfn > MAX_PFN, "init_bootmem_core: the node ends past the address space");
	bug_on(word_bytes != 4 && word_bytes != 8, "init_bootmem_core: words of 4 or 8 bytes");
	bug_on((uintptr_t)map % 8 != 0, "init_bootmem_core: the map is not aligned");
	*bdata = (bootmem_data_t){
		.node_boot_start = pfn_paddr(start_pfn),
		.node_low_pfn = end_pfn,
		.node_bootmem_map = map,
		.node_bootmem_map_pfn = map_pfn,
		.word_bytes = word_bytes,
		.node_first_free = end_pfn - start_pfn,
		.node_free_first = BOOTMEM_NONE,
		.page_goal_paddr = BOOTMEM_NONE,
		.page_from = BOOTMEM_NONE,
	};
	return get_mapsize(bdata);
}

uint64_t init_bootmem(bootmem_data_t *bdata, void *map, pfn_t map_pfn, pfn_t n_pages,
                      unsigned word_bytes)
{
	return init_bootmem_core(bdata, map, map_pfn, 0, n_pages, word_bytes);
}

/* The next page is looked for anew: pages without a goal have told where the lowest free one may
 * be. */
static inline void end_pages(bootmem_data_t *bdata)
{
	if (bdata->page_goal_paddr == BOOTMEM_NONE)
		return;
	if (bdata->page_goal_paddr == 0)
		bdata->node_first_free = max_u64(bdata->node_first_free, bdata->page_from);
	bdata->page_goal_paddr = bdata->page_from = BOOTMEM_NONE;
}

/* How many of the no_fits there are. */
static inline unsigned known_no_fits(const bootmem_data_t *bdata)
{
	return bdata->n_no_fits < BOOTMEM_NO_FITS ? bdata->n_no_fits : BOOTMEM_NO_FITS;
}

/* Page @first and perhaps pages above it became free: a run that fits now has one of them. */
static void forget_no_fits(bootmem_data_t *bdata, uint64_t first)
{
	for (unsigned i = 0; i < known_no_fits(bdata); i++) {
		struct bootmem_no_fit *known = &bdata->no_fits[i];
		uint64_t reach = min_u64(first, known->n_pages - 1);

		known->below = min_u64(known->below, first - reach);
	}
}

/* [first, end) is known to be free, if that is more than what was known. */
static void know_free(bootmem_data_t *bdata, uint64_t first, uint64_t end)
{
	bool is_known = bdata->node_free_first < bdata->node_free_end;
	uint64_t n_known = is_known ? bdata->node_free_end - bdata->node_free_first : 0;

	if (first >= end || end - first <= n_known)
		return;
	bdata->node_free_first = first;
	bdata->node_free_end = end;
}

static inline void forget_free(bootmem_data_t *bdata)
{
	bdata->node_free_first = BOOTMEM_NONE;
	bdata->node_free_end = 0;
}

/* [first, end) is reserved: what is left of what was known to be free is the larger side. */
static void cut_free(bootmem_data_t *bdata, uint64_t first, uint64_t end)
{
	uint64_t known_first = bdata->node_free_first, known_end = bdata->node_free_end;

	if (end <= known_first || first >= known_end)
		return;
	forget_free(bdata);
	know_free(bdata, known_first, first);
	know_free(bdata, end, known_end);
}

void free_bootmem(bootmem_data_t *bdata, paddr_t start_paddr, paddr_t end_paddr)
{
	pfn_t start_pfn = pfn_up(start_paddr), end_pfn = pfn_down(end_paddr);
	uint64_t first, end, written_end;

	if (start_paddr >= end_paddr)
		return;
	bug_on(bdata->node_bootmem_map == NULL, "free_bootmem: the node has no map any more");
	bug_on(start_pfn < node_start_pfn(bdata), "free_bootmem: a start before the node");
	bug_on(end_pfn > bdata->node_low_pfn, "free_bootmem: an end past the node");
	end_pages(bdata);
	bdata->last_success = min_u64(bdata->last_success, start_paddr);
	if (start_pfn >= end_pfn)
		return;

	first = start_pfn - node_start_pfn(bdata);
	end = end_pfn - node_start_pfn(bdata);
	written_end = min_u64(end, bdata->node_written_bits);
	bug_on(bits_next_zero(bdata->node_bootmem_map, first, written_end) != written_end,
	       "free_bootmem: a page is free already");
	bits_set(bdata->node_bootmem_map, bdata->node_written_bits, first);
	bits_clear(bdata->node_bootmem_map, first, end);
	bdata->node_written_bits = max_u64(bdata->node_written_bits, end);
	bdata->node_first_free = min_u64(bdata->node_first_free, first);
	forget_no_fits(bdata, first);
	know_free(bdata, first, end);
	if (first <= bdata->last_pos && bdata->last_pos < end)
		bdata->last_offset = 0; /* its tail went with it: not for the next block */
}

/* Make [first, end) reserved: what was the lowest free page may be among them. */
static inline void mark_reserved(bootmem_data_t *bdata, uint64_t first, uint64_t end)
{
	bits_word_t run = bits_in_word(first, end);

	if (run != 0 && end <= bdata->node_written_bits)
		((bits_word_t *)bdata->node_bootmem_map)[first / BITS_PER_WORD] |= run;
	else
		bits_set(bdata->node_bootmem_map, first, min_u64(end, bdata->node_written_bits));
	if (first <= bdata->node_first_free)
		bdata->node_first_free = max_u64(bdata->node_first_free, end);
}

void reserve_bootmem(bootmem_data_t *bdata, paddr_t start_paddr, paddr_t end_paddr)
{
	pfn_t start_pfn = pfn_down(start_paddr), end_pfn = pfn_up(end_paddr);

	if (start_paddr >= end_paddr)
		return;
	bug_on(bdata->node_bootmem_map == NULL, "reserve_bootmem: the node has no map any more");
	bug_on(start_pfn < node_start_pfn(bdata), "reserve_bootmem: a start before the node");
	bug_on(end_pfn > bdata->node_low_pfn, "reserve_bootmem: an end past the node");
	cut_free(bdata, start_pfn - node_start_pfn(bdata), end_pfn - node_start_pfn(bdata));
	mark_reserved(bdata, start_pfn - node_start_pfn(bdata), end_pfn - node_start_pfn(bdata));
}

void bootmem_complete(bootmem_data_t *bdata)
{
	uint64_t map_bits = get_mapsize(bdata) * 8;

	bug_on(bdata->node_bootmem_map == NULL, "bootmem_complete: the node has no map any more");
	bits_set(bdata->node_bootmem_map, bdata->node_written_bits, map_bits);
	bdata->node_written_bits = node_bits(bdata);
}

bool bootmem_is_free(const bootmem_data_t *bdata, pfn_t pfn)
{
	uint64_t bit = pfn - node_start_pfn(bdata);

	return pfn >= node_start_pfn(bdata) && bit < bdata->node_written_bits &&
	       bits_next_zero(bdata->node_bootmem_map, bit, bit + 1) == bit;
}

/* What is known to be free of [0, node_written_bits), or an empty range at its end. */
static void known_free(const bootmem_data_t *bdata, uint64_t *ret_first, uint64_t *ret_end)
{
	*ret_first = min_u64(bdata->node_free_first, bdata->node_written_bits);
	*ret_end = max_u64(*ret_first, min_u64(bdata->node_free_end, bdata->node_written_bits));
}

uint64_t bootmem_free_pages(const bootmem_data_t *bdata)
{
	const void *map = bdata->node_bootmem_map;
	uint64_t known_first, known_end;

	known_free(bdata, &known_first, &known_end);
	return bits_count_zero(map, bdata->node_first_free, known_first) + known_end - known_first +
	       bits_count_zero(map, known_end, bdata->node_written_bits);
}

pfn_t bootmem_next_free_run(const bootmem_data_t *bdata, pfn_t from_pfn, pfn_t *ret_end_pfn)
{
	pfn_t node_pfn = node_start_pfn(bdata);
	uint64_t from = max_u64(from_pfn, node_pfn) - node_pfn, end = bdata->node_written_bits;
	uint64_t first =
		bits_next_zero(bdata->node_bootmem_map, max_u64(from, bdata->node_first_free), end);
	uint64_t known_first, known_end, stop;

	if (first == end) {
		*ret_end_pfn = bdata->node_low_pfn;
		return bdata->node_low_pfn;
	}
	known_free(bdata, &known_first, &known_end);
	stop = first < known_first ? bits_next_one(bdata->node_bootmem_map, first, known_first)
	                           : known_first;
	if (stop == known_first)
		stop = bits_next_one(bdata->node_bootmem_map, max_u64(first, known_end), end);
	*ret_end_pfn = node_pfn + stop;
	return node_pfn + first;
}

/* Runs that touch are one: what is known to be free, and what is found on its two sides. */
struct joined_runs {
	bootmem_free_pages_fn *run;
	void *context;
	pfn_t first_pfn;
	uint64_t n_pages;
};

static void join_run(void *context, uint64_t first_pfn, uint64_t n_pages)
{
	struct joined_runs *joined = context;

	if (n_pages > 0 && joined->first_pfn + joined->n_pages == first_pfn) {
		joined->n_pages += n_pages;
		return;
	}
	if (joined->n_pages > 0)
		joined->run(joined->context, joined->first_pfn, joined->n_pages);
	joined->first_pfn = first_pfn;
	joined->n_pages = n_pages;
}

uint64_t bootmem_each_free_run(const bootmem_data_t *bdata, bootmem_free_pages_fn *run,
                               void *context)
{
	struct joined_runs joined = { run, context, 0, 0 };
	const void *map = bdata->node_bootmem_map;
	pfn_t node_pfn = node_start_pfn(bdata);
	uint64_t known_first, known_end, n_pages;

	known_free(bdata, &known_first, &known_end);
	if (known_first == known_end)
		return bits_each_zero_run(map, 0, bdata->node_written_bits, node_pfn, run, context);
	n_pages = bits_each_zero_run(map, 0, known_first, node_pfn, join_run, &joined);
	join_run(&joined, node_pfn + known_first, known_end - known_first);
	n_pages += bits_each_zero_run(map, known_end, bdata->node_written_bits, node_pfn, join_run,
	                              &joined);
	join_run(&joined, 0, 0);
	return n_pages + known_end - known_first;
}

/*
 * Where to look first: at the goal, or where the last block was if that is higher, provided that
 * the goal is in the node and below @limit; else at the start of the node.
 */
static inline uint64_t preferred(const bootmem_data_t *bdata, paddr_t goal_paddr, uint64_t limit)
{
	pfn_t node_pfn = node_start_pfn(bdata);
	uint64_t goal = pfn_up(goal_paddr) - node_pfn, hint;

	if (goal_paddr == 0 || goal_paddr < bdata->node_boot_start || goal >= limit)
		return 0;
	if (bdata->last_success < goal_paddr)
		return goal;
	/* Rounded up: it is an address of the node, and so never near 2^64. */
	hint = pfn_down(bdata->last_success + PAGE_BYTES - 1) - node_pfn;
	return hint < limit ? hint : goal;
}

/*
 * find_fit() as far as the word that bit @from is in: most often it is there, and small. @end if
 * it is not.
 */
static inline uint64_t find_near(const bootmem_data_t *bdata, uint64_t from, uint64_t end,
                                 uint64_t n_pages, uint64_t align_pages)
{
	const bits_word_t *word =
		(const bits_word_t *)bdata->node_bootmem_map + from / BITS_PER_WORD;
	bits_word_t zeros = from < end ? ~*word >> from % BITS_PER_WORD : 0, run;
	pfn_t node_pfn = node_start_pfn(bdata);
	uint64_t first;

	if (zeros == 0)
		return end;
	first = align_up(node_pfn + from + bits_lowest(zeros), align_pages) - node_pfn;
	run = bits_in_word(first, first + n_pages);
	if (run == 0 || first / BITS_PER_WORD != from / BITS_PER_WORD || (*word & run) != 0 ||
	    first + n_pages > end)
		return end;
	return first;
}

/*
 * The first run of @n_pages free pages in [from, end) that starts at a multiple of @align_pages
 * in physical memory; @end if there is none. Where there was no free page at all, none is looked
 * for again: the bounds node_first_free and node_written_bits are drawn closer.
 */
static __attribute__((noinline)) uint64_t find_fit(bootmem_data_t *bdata, uint64_t from,
                                                   uint64_t end, uint64_t n_pages,
                                                   uint64_t align_pages)
{
	const void *map = bdata->node_bootmem_map;
	pfn_t node_pfn = node_start_pfn(bdata);

	from = max_u64(from, bdata->node_first_free);
	while (from < end) {
		uint64_t zero = bits_next_zero(map, from, end);
		uint64_t first = align_up(node_pfn + zero, align_pages) - node_pfn, stop;

		if (from == bdata->node_first_free)
			bdata->node_first_free = zero;
		if (zero == end && end == bdata->node_written_bits)
			bdata->node_written_bits = from;
		if (first >= end || n_pages > end - first)
			return end;
		stop = bits_next_one(map, first, first + n_pages);
		if (stop == first + n_pages)
			return first;
		from = stop + 1;
	}
	return end;
}

/* For a kind of block that has none: what smaller ones know is true of it. */
static struct bootmem_no_fit *new_no_fit(bootmem_data_t *bdata, uint64_t n_pages,
                                         uint64_t align_pages)
{
	unsigned n_known = known_no_fits(bdata);
	struct bootmem_no_fit *made = &bdata->no_fits[bdata->n_no_fits++ % BOOTMEM_NO_FITS];
	uint64_t below = 0;

	for (unsigned i = 0; i < n_known; i++) {
		const struct bootmem_no_fit *known = &bdata->no_fits[i];

		if (known->n_pages <= n_pages && known->align_pages <= align_pages)
			below = max_u64(below, known->below);
	}
	*made = (struct bootmem_no_fit){ n_pages, align_pages, below };
	return made;
}

static inline struct bootmem_no_fit *no_fit_of(bootmem_data_t *bdata, uint64_t n_pages,
                                               uint64_t align_pages)
{
	struct bootmem_no_fit *known = bdata->no_fits, *end = known + known_no_fits(bdata);

	for (; known < end; known++)
		if (known->n_pages == n_pages && known->align_pages == align_pages)
			return known;
	return new_no_fit(bdata, n_pages, align_pages);
}

/*
 * find_fit() from the start of the node, which is a first fit. Holes that earlier blocks of this
 * kind found too small are not looked at again, so that no search grows with the number of blocks.
 */
static uint64_t find_first_fit(bootmem_data_t *bdata, uint64_t end, uint64_t n_pages,
                               uint64_t align_pages)
{
	struct bootmem_no_fit *known = no_fit_of(bdata, n_pages, align_pages);
	uint64_t first = find_fit(bdata, known->below, end, n_pages, align_pages);
	/* take() takes them, but for one page at most. And what ends above @end was not looked at.
	 */
	uint64_t below = first < end ? first + n_pages - 1 : end - min_u64(end, n_pages - 1);

	known->below = max_u64(known->below, below);
	return first;
}

/*
 * Hand out @bytes bytes that start at page @first or, if the last block ended in the page before
 * and left some of it, there. Only pages that are not in use yet are marked.
 */
static paddr_t take(bootmem_data_t *bdata, uint64_t first, uint64_t bytes, uint64_t align)
{
	paddr_t start_paddr = bdata->node_boot_start + pfn_paddr(first);
	uint64_t tail_bytes = 0, end;

	bdata->last_success = start_paddr;
	if (align < PAGE_BYTES && bdata->last_offset != 0 && bdata->last_pos + 1 == first)
		tail_bytes = PAGE_BYTES - align_up(bdata->last_offset, align);
	end = first + pages_of(bytes - min_u64(bytes, tail_bytes));
	if (end > bdata->node_free_first)
		forget_free(bdata);
	mark_reserved(bdata, first, end);
	start_paddr -= tail_bytes;
	bdata->last_pos = end - 1;
	bdata->last_offset = (start_paddr + bytes) % PAGE_BYTES;
	return start_paddr;
}

/* Page @bit, which was free, is the last block. */
static inline paddr_t note_page(bootmem_data_t *bdata, uint64_t bit)
{
	if (bit >= bdata->node_free_first)
		forget_free(bdata);
	bdata->page_from = bit + 1;
	bdata->last_pos = bit;
	bdata->last_success = bdata->node_boot_start + pfn_paddr(bit);
	return bdata->last_success;
}

/*
 * What is asked for most often: one page anywhere below the end of the node, with the goal that the
 * one before had, if it is in the word where the search begins; else BOOTMEM_NONE. The same page
 * as the long way finds, in a fraction of the instructions.
 */
static inline paddr_t take_next_page(bootmem_data_t *bdata, paddr_t goal_paddr)
{
	uint64_t bit, end = bdata->node_written_bits;

	if (goal_paddr != bdata->page_goal_paddr)
		return BOOTMEM_NONE;
	bit = bits_take_near(bdata->node_bootmem_map, bdata->page_from, end);
	return bit == end ? BOOTMEM_NONE : note_page(bdata, bit);
}

/* Any block, the long way; apart, so that the short one has no registers to save. */
static __attribute__((noinline)) paddr_t take_block(bootmem_data_t *bdata, uint64_t bytes,
                                                    uint64_t align, paddr_t goal_paddr,
                                                    paddr_t limit_paddr)
{
	uint64_t n_pages = pages_of(bytes), align_pages = max_u64(align >> PAGE_SHIFT, 1);
	pfn_t limit_pfn = limit_paddr == 0 ? MAX_PFN : pfn_down(limit_paddr);
	pfn_t node_pfn = node_start_pfn(bdata);
	uint64_t limit, end, from, first;

	end_pages(bdata);
	if (limit_pfn <= node_pfn)
		return BOOTMEM_NONE;
	limit = min_u64(limit_pfn, bdata->node_low_pfn) - node_pfn;
	end = min_u64(limit, bdata->node_written_bits);
	from = preferred(bdata, goal_paddr, limit);
	first = from > 0 ? find_near(bdata, from, end, n_pages, align_pages) : end;
	if (first == end && from > 0)
		first = find_fit(bdata, from, end, n_pages, align_pages);
	if (first == end)
		first = find_first_fit(bdata, end, n_pages, align_pages);
	return first == end ? BOOTMEM_NONE : take(bdata, first, bytes, align);
}

/* A page with another goal than the last block, or in another word. The next one is looked for
 * behind it, if all before it is reserved from where that one will be looked for. */
static __attribute__((noinline)) paddr_t take_page(bootmem_data_t *bdata, paddr_t goal_paddr)
{
	uint64_t end = bdata->node_written_bits, from, bit;
	bool has_goal = goal_paddr >= bdata->node_boot_start && goal_paddr > 0 &&
	                pfn_up(goal_paddr) - node_start_pfn(bdata) < end;
	paddr_t paddr;

	end_pages(bdata);
	from = has_goal ? preferred(bdata, goal_paddr, node_bits(bdata)) : bdata->node_first_free;
	bit = bits_take_near(bdata->node_bootmem_map, from, end);
	if (bit < end) {
		if (from <= bdata->node_first_free)
			bdata->node_first_free = bit + 1;
		bdata->last_offset = 0;
		paddr = note_page(bdata, bit);
	} else {
		paddr = take_block(bdata, PAGE_BYTES, PAGE_BYTES, goal_paddr, 0);
		if (paddr == BOOTMEM_NONE || (has_goal && paddr < goal_paddr))
			return paddr;
		bdata->page_from = bdata->last_pos + 1;
	}
	bdata->page_goal_paddr = goal_paddr;
	return paddr;
}

paddr_t alloc_bootmem_core(bootmem_data_t *bdata, uint64_t bytes, uint64_t align,
                           paddr_t goal_paddr, paddr_t limit_paddr)
{
	if (bytes == PAGE_BYTES && align == PAGE_BYTES && limit_paddr == 0) {
		paddr_t page_paddr = take_next_page(bdata, goal_paddr);

		return page_paddr != BOOTMEM_NONE ? page_paddr : take_page(bdata, goal_paddr);
	}
	bug_on(bytes == 0, "alloc_bootmem_core: a block of 0 bytes");
	bug_on((align & (align - 1)) != 0, "alloc_bootmem_core: align is not a power of two");
	return take_block(bdata, bytes, max_u64(align, 1), goal_paddr, limit_paddr);
}

uint64_t free_all_bootmem(bootmem_data_t *bdata, bootmem_free_pages_fn *free_pages, void *context)
{
	uint64_t map_pages = pages_of(get_mapsize(bdata)), n_pages;

	bug_on(bdata->node_bootmem_map == NULL, "free_all_bootmem: the node has no map any more");
	n_pages = bootmem_each_free_run(bdata, free_pages, context);
	if (map_pages != 0)
		free_pages(context, bdata->node_bootmem_map_pfn, map_pages);
	bdata->node_bootmem_map = NULL;
	bdata->node_written_bits = 0; /* nothing is free: what is still asked gets that answer */
	forget_free(bdata);
	return n_pages + map_pages;
}
