/*
 * test_pgtable.c - the page tables, walked as a CPU does (Intel SDM Vol. 3A §4.5.4), by a walker
 * that shares nothing with the code under test.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/load/pgtable.h"

#define GIB UINT64_C(0x40000000)
#define TIB (1024 * GIB)

#define TABLES_PADDR UINT64_C(0x7f001000) /* where the tables claim to lie: not where they do */
#define GUARD_BYTE   0xa5

/* Tables with a page behind them that nobody may touch. */
struct tables {
	struct pgtable table;
	uint64_t *entries;
	uint64_t n_pages;
};

static struct tables make_tables(uint64_t n_pages, bool has_1g)
{
	struct tables tables = { .n_pages = n_pages };
	size_t bytes = (size_t)(n_pages + 1) * 4096;

	tables.entries = malloc(bytes);
	assert_non_null(tables.entries);
	memset(tables.entries, GUARD_BYTE, bytes);
	pgtable_init(&tables.table, tables.entries, TABLES_PADDR, n_pages, has_1g);
	return tables;
}

static void drop_tables(struct tables *tables)
{
	const uint8_t *guard = (const uint8_t *)(tables->entries + tables->n_pages * 512);

	for (size_t i = 0; i < 4096; i++)
		assert_int_equal(guard[i], GUARD_BYTE);
	free(tables->entries);
}

/* Checks an entry that is present: writable, and never to be written to by the CPU. */
static void check_entry(uint64_t entry, bool maps_a_page)
{
	assert_int_equal(entry & 0x3, 0x3);
	assert_int_equal(entry & 0x20, 0x20);
	if (maps_a_page)
		assert_int_equal(entry & 0x40, 0x40);
	assert_int_equal(entry & 0x1c, 0);                         /* supervisor, write-back */
	assert_int_equal(entry & (UINT64_C(1) << 63), 0);          /* executable */
	assert_int_equal(entry & UINT64_C(0x7ff0000000000f00), 0); /* reserved and ignored bits */
}

/* What @vaddr maps to, or UINT64_MAX for a page fault. */
static uint64_t walk(const struct tables *tables, uint64_t vaddr)
{
	uint64_t table_paddr = TABLES_PADDR;

	for (unsigned shift = 39; shift >= 21; shift -= 9) {
		uint64_t page = (table_paddr - TABLES_PADDR) / 4096, entry;

		assert_true(table_paddr >= TABLES_PADDR && page < tables->table.n_used);
		entry = tables->entries[page * 512 + ((vaddr >> shift) & 511)];
		if ((entry & 1) == 0)
			return UINT64_MAX;
		check_entry(entry, (entry & 0x80) != 0);
		if ((entry & 0x80) != 0) {
			uint64_t page_bytes = UINT64_C(1) << shift;
			uint64_t frame = entry & UINT64_C(0x000ffffffffff000);

			assert_int_equal(shift, tables->table.has_1g ? 30 : 21);
			assert_int_equal(frame % page_bytes, 0);
			return frame + vaddr % page_bytes;
		}
		table_paddr = entry & UINT64_C(0x000ffffffffff000);
	}
	fail_msg("a page directory entry that does not map a page");
	return UINT64_MAX;
}

static bool is_in_a_granule_of(const struct span *spans, size_t n_spans, uint64_t paddr)
{
	for (size_t i = 0; i < n_spans; i++)
		if (spans[i].start_paddr < spans[i].end_paddr &&
		    paddr / GIB >= spans[i].start_paddr / GIB &&
		    paddr / GIB <= (spans[i].end_paddr - 1) / GIB)
			return true;
	return false;
}

static void check_address(const struct tables *tables, const struct span *spans, size_t n_spans,
                          uint64_t paddr)
{
	bool is_mapped = paddr < 4 * GIB || is_in_a_granule_of(spans, n_spans, paddr);

	if (paddr < 128 * TIB)
		assert_int_equal(walk(tables, paddr), is_mapped ? paddr : UINT64_MAX);
}

/* Looks at both ends of each span, and of the gigabytes that they lie in. */
static void check_addresses(const struct tables *tables, const struct span *spans, size_t n_spans)
{
	check_address(tables, spans, n_spans, 0);
	check_address(tables, spans, n_spans, 4 * GIB - 1);
	check_address(tables, spans, n_spans, 4 * GIB);
	for (size_t i = 0; i < n_spans; i++) {
		uint64_t ends[] = { spans[i].start_paddr, spans[i].end_paddr };

		for (size_t j = 0; j < 2; j++) {
			check_address(tables, spans, n_spans, ends[j]);
			check_address(tables, spans, n_spans, ends[j] - 1);
			check_address(tables, spans, n_spans, ends[j] / GIB * GIB);
			check_address(tables, spans, n_spans, ends[j] / GIB * GIB - 1);
			check_address(tables, spans, n_spans, (ends[j] / GIB + 1) * GIB);
			check_address(tables, spans, n_spans, ends[j] ^ 0x12345678);
			check_address(tables, spans, n_spans, ends[j] ^ (UINT64_C(1) << 39));
		}
	}
}

static bool map_all(struct pgtable *table, const struct span *spans, size_t n_spans)
{
	bool fits = pgtable_map(table, 0, 4 * GIB);

	for (size_t i = 0; i < n_spans; i++)
		fits = pgtable_map(table, spans[i].start_paddr, spans[i].end_paddr) && fits;
	return fits;
}

#define MAX_SPANS 4

/* clang-format off */
/* Pages: the root, one for each 512 GiB, and without 1 GiB pages one for each 1 GiB. */
static const struct {
	const char *rule;
	uint64_t pages_2m, pages_1g, mapped_end_paddr;
	size_t n_spans;
	struct span spans[MAX_SPANS];
} page_rows[] = {
	{ "the first 4 GiB are always counted",         6,  2, 4 * GIB,             0, { { 0, 0 } } },
	{ "an empty span takes nothing",                6,  2, 4 * GIB,             1, { { 9 * GIB, 9 * GIB } } },
	{ "a span that ends before it starts, neither", 6,  2, 4 * GIB,             1, { { 9 * GIB, 8 * GIB } } },
	{ "not even inside a gigabyte",                 6,  2, 4 * GIB,             1, { { 9 * GIB + 9, 9 * GIB + 9 } } },
	{ "a span below 4 GiB is counted already",      6,  2, 4 * GIB,             1, { { 0, 4 * GIB } } },
	{ "one byte above 4 GiB takes a gigabyte",      7,  2, 5 * GIB,             1, { { 4 * GIB - 1, 4 * GIB + 1 } } },
	{ "a gigabyte, aligned, takes one",             7,  2, 6 * GIB,             1, { { 5 * GIB, 6 * GIB } } },
	{ "a gigabyte, not aligned, takes two",         8,  2, 7 * GIB,             1, { { 5 * GIB + 1, 6 * GIB + 1 } } },
	{ "two spans in one gigabyte take one",         7,  2, 6 * GIB,             2, { { 5 * GIB, 5 * GIB + 1 }, { 6 * GIB - 1, 6 * GIB } } },
	{ "a span inside the one before takes none",    11, 2, 10 * GIB,            3, { { 5 * GIB, 9 * GIB }, { 6 * GIB, 7 * GIB }, { 8 * GIB, 9 * GIB + 1 } } },
	{ "512 GiB more take one more of the upper",    9,  3, 513 * GIB,           2, { { 511 * GIB, 512 * GIB }, { 512 * GIB, 512 * GIB + 1 } } },
	{ "far spans take both",                        12, 4, 100 * TIB + 2 * GIB, 3, { { 4 * GIB, 5 * GIB }, { TIB, TIB + 1 }, { 100 * TIB, 100 * TIB + 2 * GIB } } },
	{ "the last gigabyte that maps to itself",      8,  3, 128 * TIB,           1, { { 128 * TIB - 1, 128 * TIB } } },
};
/* clang-format on */

static void check_page_row(size_t row, bool has_1g)
{
	const struct span *spans = page_rows[row].spans;
	const size_t n_spans = page_rows[row].n_spans;
	const uint64_t n_pages = has_1g ? page_rows[row].pages_1g : page_rows[row].pages_2m;
	struct tables tables = make_tables(n_pages, has_1g);

	print_message("%s\n", page_rows[row].rule);
	assert_int_equal(pgtable_pages(spans, n_spans, has_1g), n_pages);
	assert_true(map_all(&tables.table, spans, n_spans));
	assert_int_equal(tables.table.n_used, n_pages);
	assert_int_equal(tables.table.mapped_end_paddr, page_rows[row].mapped_end_paddr);
	check_addresses(&tables, spans, n_spans);

	assert_true(map_all(&tables.table, spans, n_spans)); /* again: nothing is left to do */
	assert_int_equal(tables.table.n_used, n_pages);
	check_addresses(&tables, spans, n_spans);
	drop_tables(&tables);

	tables = make_tables(n_pages - 1, has_1g);
	assert_false(map_all(&tables.table, spans, n_spans));
	drop_tables(&tables);
}

static void mapped_addresses_map_to_themselves_and_the_pages_are_counted_exactly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(page_rows) / sizeof(page_rows[0]); i++) {
		check_page_row(i, false);
		check_page_row(i, true);
	}
}

static void nothing_is_mapped_before_it_is_asked_for(void **state)
{
	struct tables tables = make_tables(1, false);

	(void)state;
	assert_int_equal(tables.table.n_used, 1);
	assert_int_equal(tables.table.mapped_end_paddr, 0);
	for (uint64_t paddr = 0; paddr < 128 * TIB; paddr += TIB / 2)
		assert_int_equal(walk(&tables, paddr), UINT64_MAX);
	drop_tables(&tables);
}

static void a_range_past_the_lower_half_maps_nothing(void **state)
{
	static const struct span spans[] = {
		{ 0, 128 * TIB + 1 },
		{ 128 * TIB, 129 * TIB },
		{ 0, UINT64_MAX },
		{ UINT64_MAX - 1, UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
		struct tables tables = make_tables(8, true);

		assert_false(pgtable_map(&tables.table, spans[i].start_paddr, spans[i].end_paddr));
		assert_int_equal(tables.table.n_used, 1);
		assert_int_equal(tables.table.mapped_end_paddr, 0);
		drop_tables(&tables);
	}
	assert_int_equal(pgtable_pages(&spans[1], 1, true), 2);
	assert_int_equal(pgtable_pages(&spans[2], 1, true), 1 + 256);
	assert_int_equal(pgtable_pages(&spans[2], 1, false), 1 + 256 + 128 * 1024);
}

static void a_lower_range_does_not_lower_the_end(void **state)
{
	struct tables tables = make_tables(4, true);

	(void)state;
	assert_true(pgtable_map(&tables.table, 5 * GIB, 5 * GIB + 1));
	assert_true(pgtable_map(&tables.table, 0, GIB));
	assert_int_equal(tables.table.mapped_end_paddr, 6 * GIB);
	drop_tables(&tables);
}

static void no_pages_map_nothing(void **state)
{
	struct tables tables = make_tables(0, false);

	(void)state;
	assert_false(pgtable_map(&tables.table, 0, 1));
	drop_tables(&tables);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* A few spans of up to 3 GiB, often near each other and near a border of the tables. */
static size_t random_spans(struct span *spans, uint64_t *seed)
{
	size_t n_spans = (size_t)(next_random(seed) % (MAX_SPANS + 1));

	for (size_t i = 0; i < n_spans; i++) {
		uint64_t near = next_random(seed) % 4 * 512 * GIB;

		spans[i].start_paddr = near + next_random(seed) % (8 * GIB);
		spans[i].end_paddr = spans[i].start_paddr + next_random(seed) % (3 * GIB);
	}
	return n_spans;
}

static void sort_spans(struct span *spans, size_t n_spans)
{
	for (size_t i = 1; i < n_spans; i++)
		for (size_t j = i; j > 0 && spans[j].start_paddr < spans[j - 1].start_paddr; j--) {
			struct span swap = spans[j];

			spans[j] = spans[j - 1];
			spans[j - 1] = swap;
		}
}

static void any_order_has_enough_pages_and_the_sorted_one_no_more(void **state)
{
	uint64_t seed = 20240229;

	(void)state;
	for (unsigned run = 0; run < 600; run++) {
		struct span spans[MAX_SPANS];
		size_t n_spans = random_spans(spans, &seed);
		bool has_1g = run % 2 != 0;
		uint64_t n_pages = pgtable_pages(spans, n_spans, has_1g);
		struct tables tables = make_tables(n_pages, has_1g);

		assert_true(map_all(&tables.table, spans, n_spans));
		check_addresses(&tables, spans, n_spans);
		sort_spans(spans, n_spans);
		assert_int_equal(pgtable_pages(spans, n_spans, has_1g), tables.table.n_used);
		drop_tables(&tables);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_mapped_before_it_is_asked_for),
		cmocka_unit_test(
			mapped_addresses_map_to_themselves_and_the_pages_are_counted_exactly),
		cmocka_unit_test(a_range_past_the_lower_half_maps_nothing),
		cmocka_unit_test(a_lower_range_does_not_lower_the_end),
		cmocka_unit_test(no_pages_map_nothing),
		cmocka_unit_test(any_order_has_enough_pages_and_the_sorted_one_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
