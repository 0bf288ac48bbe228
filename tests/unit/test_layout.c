/*
 * test_layout.c - where the parts of the handed pages lie: by the sizes of handoff.h, at the
 * limits, and for sizes that no sum of 64 bits holds.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>

#include "handoff/block.h"
#include "handoff/load/layout.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define GIB UINT64_C(0x40000000)
#define MAX UINT64_MAX

static const struct {
	const char *rule;
	struct layout_needs needs; /* command line, map, ranges, reservations, page tables */
	uint64_t block_bytes;      /* 0: too large */
	uint64_t stack_offset, n_pages;
} rows[] = {
	/* clang-format off */
	{ "the header, and a 0 byte",             { 0, 0, 0, 0, 0 },             0x348,     0x1000,     6 },
	{ "seven characters fit before the map",  { 7, 0, 0, 0, 0 },             0x348,     0x1000,     6 },
	{ "eight do not",                         { 8, 0, 0, 0, 0 },             0x350,     0x1000,     6 },
	{ "a map is filled up to 8",              { 0, 41, 0, 0, 0 },            0x378,     0x1000,     6 },
	{ "an e820 range is 24 bytes",            { 0, 0, 10, 0, 0 },            0x438,     0x1000,     6 },
	{ "a reservation is 128 bytes",           { 0, 0, 0, 10, 0 },            0x848,     0x1000,     6 },
	{ "all of it",                            { 100, 4800, 128, 64, 9 },     0x3a8 + 4800 + 3072 + 8192, 0x5000, 19 },
	{ "a block that fills its page",          { 0, 0x1000 - 0x348, 0, 0, 0 }, 0x1000,   0x1000,     6 },
	{ "and one that needs another",           { 0, 0x1001 - 0x348, 0, 0, 0 }, 0x1008,   0x2000,     7 },
	{ "page tables follow the GDT",           { 0, 0, 0, 0, 1 },             0x348,     0x1000,     7 },
	{ "a block of exactly 1 GiB",             { 0, GIB - 0x348, 0, 0, 0 },   GIB,       GIB,        0x40005 },
	{ "a byte more",                          { 0, GIB - 0x347, 0, 0, 0 },   0,         0,          0 },
	{ "a map above 1 GiB",                    { 0, MAX, 0, 0, 0 },           0,         0,          0 },
	{ "more ranges than can be counted",      { 0, 0, MAX / 24 + 1, 0, 0 },  0,         0,          0 },
	{ "more reservations, too",               { 0, 0, 0, MAX / 128 + 1, 0 }, 0,         0,          0 },
	{ "a command line of 4 GiB",              { UINT32_MAX, 0, 0, 0, 0 },    0,         0,          0 },
	{ "page tables up to 4 GiB in all",       { 0, 0, 0, 0, 0x100000 - 6 },  0x348,     0x1000,     0x100000 },
	{ "a page more",                          { 0, 0, 0, 0, 0x100000 - 5 },  0,         0,          0 },
	{ "more of them than can be counted",     { 0, 0, 0, 0, MAX },           0,         0,          0 },
	{ "a block and tables, both the largest", { 0, GIB - 0x348, 0, 0, 0xbfffb }, GIB,   GIB,        0x100000 },
	/* clang-format on */
};

static void everything_lies_behind_what_comes_before_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const struct layout_needs *needs = &rows[i].needs;
		struct layout layout;
		bool fits = layout_of(needs, &layout);

		print_message("%s\n", rows[i].rule);
		assert_int_equal(fits, rows[i].block_bytes != 0);
		if (!fits)
			continue;
		assert_int_equal(layout.block_bytes, rows[i].block_bytes);
		assert_int_equal(layout.uefi_map_offset % 8, 0);
		assert_true(layout.uefi_map_offset >
		            sizeof(struct handoff_block) + needs->cmdline_bytes);
		assert_true(layout.uefi_map_offset + needs->uefi_map_bytes <= layout.block_bytes);
		assert_int_equal(layout.stack_offset, rows[i].stack_offset);
		assert_int_equal(layout.gdt_offset, layout.stack_offset + 0x4000);
		assert_int_equal(layout.page_tables_offset, layout.gdt_offset + 0x1000);
		assert_int_equal(layout.page_table_pages, needs->page_table_pages);
		assert_int_equal(layout.n_pages, rows[i].n_pages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_lies_behind_what_comes_before_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
