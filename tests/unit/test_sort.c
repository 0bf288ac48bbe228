/* test_sort.c - sort_by_key() on rows of numbers, and on random ones against an insertion sort. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "bootmem/count.h"
#include "bootmem/sort.h"

#define MOST_ITEMS 200

/* A letter is a key; what comes out is where each came from. */
static const struct {
	const char *rule, *keys;
	uint8_t order[8];
} rows[] = {
	{ "nothing", "", { 0 } },
	{ "one", "a", { 0 } },
	{ "two in order", "ab", { 0, 1 } },
	{ "two in the wrong order", "ba", { 1, 0 } },
	{ "two equal ones stay", "aa", { 0, 1 } },
	{ "a run that has no second to be merged with", "cba", { 2, 1, 0 } },
	{ "in order", "abcdefgh", { 0, 1, 2, 3, 4, 5, 6, 7 } },
	{ "in reverse order", "hgfedcba", { 7, 6, 5, 4, 3, 2, 1, 0 } },
	{ "equal ones stay in their order", "babab", { 1, 3, 0, 2, 4 } },
	{ "one of seven is at the wrong end", "bcdefga", { 6, 0, 1, 2, 3, 4, 5 } },
	{ "the same, the other end", "gabcdef", { 1, 2, 3, 4, 5, 6, 0 } },
};

static void rows_are_sorted(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct sort_item items[8], spare[8];
		size_t n = strlen(rows[row].keys);

		for (size_t i = 0; i < n; i++)
			items[i] = (struct sort_item){ (uint64_t)rows[row].keys[i], i };
		sort_by_key(items, n, spare);
		for (size_t i = 0; i < n; i++)
			if (items[i].value != rows[row].order[i])
				fail_msg("%s: place %u has item %u, not %u", rows[row].rule,
				         (unsigned)i, (unsigned)items[i].value,
				         (unsigned)rows[row].order[i]);
	}
}

static void keys_have_all_their_bits(void **state)
{
	static const uint64_t keys[] = { UINT64_MAX, 0, UINT64_C(1) << 63, UINT32_MAX,
		                         UINT64_C(1) << 32 };
	static const uint64_t sorted[] = { 0, UINT32_MAX, UINT64_C(1) << 32, UINT64_C(1) << 63,
		                           UINT64_MAX };
	struct sort_item items[COUNT(keys)], spare[COUNT(keys)];

	(void)state;
	for (size_t i = 0; i < COUNT(keys); i++)
		items[i].key = keys[i];
	sort_by_key(items, COUNT(keys), spare);
	for (size_t i = 0; i < COUNT(keys); i++)
		assert_true(items[i].key == sorted[i]);
}

static void insertion_sort(struct sort_item *items, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t at = i; at > 0 && items[at].key < items[at - 1].key; at--) {
			struct sort_item swap = items[at];

			items[at] = items[at - 1];
			items[at - 1] = swap;
		}
}

static void random_numbers_are_sorted_as_by_insertion(void **state)
{
	uint32_t random = 1;

	(void)state;
	for (size_t round = 0; round < 2000; round++) {
		struct sort_item items[MOST_ITEMS], spare[MOST_ITEMS], expected[MOST_ITEMS];
		size_t n = round % MOST_ITEMS;

		for (size_t i = 0; i < n; i++) {
			random = random * 1664525 + 1013904223; /* Numerical Recipes' */
			items[i] = (struct sort_item){ random >> (8 + round % 24), i };
		}
		memcpy(expected, items, sizeof items);
		insertion_sort(expected, n);
		sort_by_key(items, n, spare);
		assert_memory_equal(items, expected, n * sizeof items[0]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sorted),
		cmocka_unit_test(keys_have_all_their_bits),
		cmocka_unit_test(random_numbers_are_sorted_as_by_insertion),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
