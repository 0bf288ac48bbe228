/* test_ribbon.c - report_ribbon(): a bitmap as a line of up to 64 characters, each of as many
 * pages. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/report.h"

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
		char ribbon[REPORT_RIBBON_BYTES];

		init_bootmem(&setup.bdata, map, 0, rows[i].n_pages, 8);
		free_bootmem(&setup.bdata, pfn_paddr(rows[i].first_free),
		             pfn_paddr(rows[i].end_free));
		report_ribbon(&setup, ribbon);
		if (strcmp(ribbon, rows[i].ribbon) != 0)
			fail_msg("%s: %s", rows[i].rule, ribbon);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_character_stands_for_its_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
