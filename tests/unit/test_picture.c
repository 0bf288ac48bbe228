/*
 * test_picture.c - how the stub kernel lays the bitmap out as a picture, and what a cell shows.
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

#include "handoff/stub/picture.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void a_picture_has_as_few_pages_in_a_cell_as_fit(void **state)
{
	static const struct {
		const char *rule;
		uint64_t n_pages;
		uint32_t most_columns, most_rows;
		unsigned page_shift, column_shift;
		uint64_t n_cells, n_rows;
	} rows[] = {
		{ "no columns, no picture", 100, 0, 10, 0, 0, 0, 0 },
		{ "no rows, no picture", 100, 10, 0, 0, 0, 0, 0 },
		{ "no pages, no cells", 0, 16, 16, 0, 4, 0, 0 },
		{ "a page is a cell", 1, 16, 16, 0, 4, 1, 1 },
		{ "columns are a power of two", 15, 15, 16, 0, 3, 15, 2 },
		{ "a page in each cell", 256, 16, 16, 0, 4, 256, 16 },
		{ "one page more: two in each", 257, 16, 16, 1, 4, 129, 9 },
		{ "a single cell", 1000, 1, 1, 10, 0, 1, 1 },
		{ "5 GiB and a hole on 1024 x 768", 0x180000, 152, 57, 8, 7, 0x1800, 48 },
		{ "the most that a node can have", UINT64_C(1) << 40, 200, 100, 27, 7, 8192, 64 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct picture_layout layout =
			picture_layout(rows[i].n_pages, rows[i].most_columns, rows[i].most_rows);

		if (layout.page_shift != rows[i].page_shift ||
		    layout.column_shift != rows[i].column_shift ||
		    layout.n_cells != rows[i].n_cells || layout.n_rows != rows[i].n_rows)
			fail_msg("%s", rows[i].rule);
	}
}

static void a_cell_is_free_reserved_or_both(void **state)
{
	/* Four pages a cell: 0000 1111 0001 1000 and a last cell of two pages, 00, padding 1. */
	const uint64_t bitmap = ~UINT64_C(0) << 18 | 0x18f0;
	const struct picture_layout layout = { .page_shift = 2, .column_shift = 1, .n_cells = 5 };
	static const enum picture_cell expected[] = {
		PICTURE_FREE, PICTURE_RESERVED, PICTURE_MIXED, PICTURE_MIXED, PICTURE_FREE,
	};

	(void)state;
	for (size_t i = 0; i < COUNT(expected); i++)
		assert_int_equal(picture_cell(&layout, &bitmap, 18, i), expected[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_has_as_few_pages_in_a_cell_as_fit),
		cmocka_unit_test(a_cell_is_free_reserved_or_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
