/*
 * test_bitmap_sum.c - the sum and the count that one walk over the runs gives are those of
 * handoff_checksum() and of counting, for nodes of all sizes and shapes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>

#include "handoff/handoff.h"
#include "handoff/load/bitmap_sum.h"

#define MOST_PAGES 40000

static uint64_t storage[MOST_PAGES / 64 + 1];
static uint32_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223; /* Numerical Recipes' */
	return (random_state >> 8) % n;
}

static void check_node(const bootmem_data_t *bdata)
{
	uint64_t free_pages, sum = bitmap_sum(bdata, &free_pages);

	assert_true(sum == handoff_checksum(storage, get_mapsize(bdata)));
	assert_true(free_pages == bootmem_free_pages(bdata));
}

/* Runs of up to @most_pages pages, free and reserved in turns. */
static void random_node(pfn_t start_pfn, uint64_t n_pages, unsigned word_bytes, uint32_t most_pages)
{
	bootmem_data_t bdata;

	init_bootmem_core(&bdata, storage, 1, start_pfn, start_pfn + n_pages, word_bytes);
	for (uint64_t at = random_below(2) * random_below(most_pages); at < n_pages;) {
		uint64_t end = min_u64(at + 1 + random_below(most_pages), n_pages);

		free_bootmem(&bdata, pfn_paddr(start_pfn + at), pfn_paddr(start_pfn + end));
		at = end + 1 + random_below(most_pages);
	}
	bootmem_complete(&bdata);
	check_node(&bdata);
}

static void the_walk_says_what_summing_and_counting_say(void **state)
{
	static const uint32_t most_pages[] = { 1, 2, 31, 33, 64, 65, 1000, 30000 };

	(void)state;
	for (unsigned round = 0; round < 400; round++)
		for (size_t i = 0; i < sizeof most_pages / sizeof most_pages[0]; i++)
			random_node(random_below(2) * random_below(1000),
			            random_below(round % 2 != 0 ? 200 : MOST_PAGES),
			            round % 4 < 2 ? 4 : 8, most_pages[i]);
}

/* 8 TiB: sums of sums that no 64-bit product holds. Of the map, only words of one value are made.
 */
static void the_sums_wrap_as_words_do(void **state)
{
	const pfn_t n_pages = UINT64_C(1) << 25;
	uint64_t map_bytes = n_pages / 8, free_pages, sum;
	void *map = calloc((size_t)map_bytes, 1);
	bootmem_data_t bdata;

	(void)state;
	if (map == NULL)
		skip();
	init_bootmem(&bdata, map, 1, n_pages, 8);
	free_bootmem(&bdata, 0, pfn_paddr(1000));
	bootmem_complete(&bdata);
	sum = bitmap_sum(&bdata, &free_pages);
	assert_true(sum == handoff_checksum(map, map_bytes));
	assert_true(free_pages == 1000);
	free(map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_walk_says_what_summing_and_counting_say),
		cmocka_unit_test(the_sums_wrap_as_words_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
