/*
 * test_memtest.c - how much memory the command line of the stub kernel allows to be filled,
 * and which.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file itself: what else is in it is about a machine, and no other test links it. */
#include "handoff/stub/memtest.c"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void stub_memory_bounds_what_is_filled(void **state)
{
	static const struct {
		const char *cmdline;
		uint64_t n_pages;
	} rows[] = {
		{ "", UINT64_MAX },
		{ "quiet", UINT64_MAX },
		{ "stub.memory", UINT64_MAX },
		{ "stub.memory=", 0 },
		{ "stub.memory=0", 0 },
		{ "stub.memory=1", 1 },
		{ "stub.memory=4096", 1 },
		{ "stub.memory=4097", 2 },
		{ "stub.memory=64K", 16 },
		{ "stub.memory=16M quiet", 4096 },
		{ "quiet stub.memory=4G", 0x100000 },
		{ "a.stub.memory=4G", UINT64_MAX },
		{ "  stub.memory=4G", 0x100000 },
		{ "stub.memory=1M stub.memory=2M", 256 },
		{ "stub.memory=99999999999999999999999G", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (memtest_budget_pages(rows[i].cmdline) != rows[i].n_pages)
			fail_msg("%s", rows[i].cmdline);
}

#define NODE_PAGES UINT64_C(65536)

static uint8_t bitmap[NODE_PAGES / 8] __attribute__((aligned(4096)));
static pfn_t last_pfn;   /* visited */
static pfn_t widest_gap; /* between two that were */

static bool note(pfn_t pfn, struct memtest *test)
{
	widest_gap = max_u64(widest_gap, pfn - last_pfn);
	last_pfn = pfn;
	test->result.n_pages++;
	return true;
}

/* Of 60000 free pages in two runs: all when there is no bound, else about as many as are allowed,
 * up to the end. */
static void what_is_filled_is_spread_evenly(void **state)
{
	static const struct {
		uint64_t budget, least_pages, most_pages, widest_gap;
	} rows[] = {
		{ 60000, 60000, 60000, 5537 },
		{ 30000, 30000, 30000 + 512, 5536 + 1024 },
		{ 600, 600, 600 + 512, 60000 },
		{ 1, 1, 512, 60000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct memtest test = { .result = { 0 } };
		bootmem_data_t bdata;

		init_bootmem(&bdata, bitmap, 0, NODE_PAGES, 8);
		free_bootmem(&bdata, 0, pfn_paddr(20000));
		free_bootmem(&bdata, pfn_paddr(25536), pfn_paddr(NODE_PAGES));
		last_pfn = widest_gap = 0;
		visit(&bdata, rows[i].budget, bootmem_free_pages(&bdata), note, &test);
		assert_in_range(test.result.n_pages, rows[i].least_pages, rows[i].most_pages);
		assert_in_range(widest_gap, 0, rows[i].widest_gap);
		if (rows[i].budget >= 30000)
			assert_in_range(last_pfn, NODE_PAGES - 1024, NODE_PAGES - 1);
	}
}

/* The rule of visit(), a page at a time. */
static void visit_slowly(const bootmem_data_t *bdata, uint64_t budget, uint64_t free_pages,
                         uint8_t *visited)
{
	uint64_t burst_due = 512 * free_pages, due = burst_due - budget, left_pages = 0;

	for (pfn_t pfn = 0; pfn < NODE_PAGES; pfn++) {
		if (!bootmem_is_free(bdata, pfn))
			continue;
		due += budget;
		if (left_pages == 0 && due >= burst_due) {
			due -= burst_due;
			left_pages = 512;
		}
		if (left_pages == 0)
			continue;
		left_pages--;
		visited[pfn] = 1;
	}
}

static uint8_t expected[NODE_PAGES], visited[NODE_PAGES];

static bool enter(pfn_t pfn, struct memtest *test)
{
	(void)test;
	assert_int_equal(visited[pfn], 0);
	visited[pfn] = 1;
	return true;
}

/* What is stepped over between two bursts is what a walk over all pages would leave out. */
static void bursts_are_where_a_walk_over_all_pages_has_them(void **state)
{
	static const uint64_t budgets[] = { 1,     2,     511,   512,   513,   1000, 4096,
		                            20000, 29999, 30000, 30001, 44443, 59999 };
	uint64_t free_pages;
	bootmem_data_t bdata;

	(void)state;
	init_bootmem(&bdata, bitmap, 0, NODE_PAGES, 8);
	free_bootmem(&bdata, 0, pfn_paddr(700));
	for (pfn_t pfn = 1000; pfn < 3000; pfn += 7)
		free_bootmem(&bdata, pfn_paddr(pfn), pfn_paddr(pfn + 5));
	free_bootmem(&bdata, pfn_paddr(4000), pfn_paddr(NODE_PAGES - 1));
	free_pages = bootmem_free_pages(&bdata);
	for (size_t i = 0; i < COUNT(budgets); i++) {
		struct memtest test = { .result = { 0 } };

		memset(expected, 0, sizeof expected);
		memset(visited, 0, sizeof visited);
		visit_slowly(&bdata, budgets[i], free_pages, expected);
		visit(&bdata, budgets[i], free_pages, enter, &test);
		if (memcmp(visited, expected, sizeof visited) != 0)
			fail_msg("a budget of %llu pages", (unsigned long long)budgets[i]);
	}
}

static void a_budget_of_nothing_visits_nothing(void **state)
{
	struct memtest test = { .result = { 0 } };
	bootmem_data_t bdata;

	(void)state;
	init_bootmem(&bdata, bitmap, 0, NODE_PAGES, 8);
	free_bootmem(&bdata, 0, pfn_paddr(20000));
	visit(&bdata, 0, 20000, note, &test);
	assert_int_equal(test.result.n_pages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stub_memory_bounds_what_is_filled),
		cmocka_unit_test(what_is_filled_is_spread_evenly),
		cmocka_unit_test(bursts_are_where_a_walk_over_all_pages_has_them),
		cmocka_unit_test(a_budget_of_nothing_visits_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
