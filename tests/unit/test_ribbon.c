/* test_ribbon.c - a bitmap as a line of up to 64 characters, each of as many pages: rows, and
 * random ones against a ribbon that looks at each page. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/ribbon.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TEN(text) text text text text text text text text text text

/* Pages of the node, what of them is free, and what is seen. */
static const struct {
	const char *rule;
	uint64_t n_pages, first_free, end_free;
	const char *ribbon;
} rows[] = {
	{ "nothing", 0, 0, 0, "" },
	{ "a page a character", 8, 2, 5, "##...###" },
	{ "63 are the most of which each has one", 63, 0, 62, TEN("......") "..#" },
	{ "two a character", 64, 0, 64, TEN("...") ".." },
	{ "some of both, at its end", 64, 0, 7, "...+" TEN("##") "########" },
	{ "and at its start", 66, 59, 66, TEN("##") "#########+..." },
	{ "the last has less", 65, 64, 65, TEN("###") "##." },
	{ "the most characters", 64 * 64 - 1, 63, 64, "+" TEN("######") "###" },
};

static void each_character_stands_for_its_pages(void **state)
{
	static _Alignas(8) uint8_t map[64 * 64 / 8];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct boot_setup setup = { .max_low_pfn = rows[i].n_pages };
		struct ribbon ribbon;

		init_bootmem(&setup.bdata, map, 0, rows[i].n_pages, 8);
		free_bootmem(&setup.bdata, pfn_paddr(rows[i].first_free),
		             pfn_paddr(rows[i].end_free));
		ribbon_make(&ribbon, &setup);
		if (strcmp(ribbon.cells, rows[i].ribbon) != 0)
			fail_msg("%s: %s", rows[i].rule, ribbon.cells);
	}
}

#define MOST_PAGES 4000

static uint64_t storage[MOST_PAGES / 64 + 1];
static uint32_t random_state = 1;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223; /* Numerical Recipes' */
	return (random_state >> 8) % n;
}

/* Cell by cell, page by page. */
static void naive_ribbon(char *cells, const struct boot_setup *setup)
{
	pfn_t cell_pages = setup->max_low_pfn / 64 + 1;

	for (pfn_t first_pfn = 0; first_pfn < setup->max_low_pfn; first_pfn += cell_pages) {
		unsigned n_free = 0, n_reserved = 0;

		for (pfn_t pfn = first_pfn; pfn < first_pfn + cell_pages; pfn++) {
			if (pfn >= setup->max_low_pfn)
				break;
			n_free += bootmem_is_free(&setup->bdata, pfn);
			n_reserved += !bootmem_is_free(&setup->bdata, pfn);
		}
		*cells++ = n_free == 0 ? '#' : n_reserved == 0 ? '.' : '+';
	}
	*cells = '\0';
}

static void check(const struct boot_setup *setup)
{
	struct ribbon ribbon;
	char expected[RIBBON_CELLS + 1];

	memset(&ribbon, 'x', sizeof ribbon);
	ribbon_make(&ribbon, setup);
	naive_ribbon(expected, setup);
	assert_string_equal(ribbon.cells, expected);
	assert_true(ribbon.free_pages == bootmem_free_pages(&setup->bdata));
}

static void the_ribbon_is_that_of_each_page(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		uint64_t n_pages = 1 + random_below(round % 3 == 0 ? 70 : MOST_PAGES);
		uint32_t most_pages = 1 + random_below(round % 2 == 0 ? 10 : 1000);
		struct boot_setup setup = { .max_low_pfn = n_pages };

		init_bootmem(&setup.bdata, storage, 1, n_pages, 8);
		for (pfn_t pfn = random_below(most_pages); pfn < n_pages;) {
			pfn_t end_pfn = min_u64(pfn + 1 + random_below(most_pages), n_pages);

			free_bootmem(&setup.bdata, pfn_paddr(pfn), pfn_paddr(end_pfn));
			pfn = end_pfn + random_below(most_pages);
		}
		check(&setup);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_character_stands_for_its_pages),
		cmocka_unit_test(the_ribbon_is_that_of_each_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
