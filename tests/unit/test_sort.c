/* test_sort.c - sort_by_key() on rows of numbers, and on random ones against an insertion sort. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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
	{ "equal ones end a falling run", "ccba", { 3, 2, 0, 1 } },
	{ "two falling runs", "dcbahgfe", { 3, 2, 1, 0, 7, 6, 5, 4 } },
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

/* Sorted, equal ones in their order, and each there once: @items had their places as values. */
static void check_sorted(const struct sort_item *items, size_t n, unsigned pattern)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += items[i].value;
		if (i > 0 &&
		    (items[i - 1].key > items[i].key ||
		     (items[i - 1].key == items[i].key && items[i - 1].value >= items[i].value)))
			fail_msg("pattern %u: items %u and %u", pattern, (unsigned)(i - 1),
			         (unsigned)i);
	}
	assert_true(sum == (uint64_t)n * (n - 1) / 2);
}

/* The lists of which the runs get longer and shorter, each one and all of them. */
static uint64_t key_in_pattern(unsigned pattern, size_t i, size_t n)
{
	switch (pattern) {
	case 0:
		return i / 3;
	case 1:
		return n - i;
	case 2:
		return i % 100; /* runs of one length */
	case 3:
		return i % 7 == 0 ? 0 : i; /* stragglers to the front */
	case 4:
		return i == n / 2 ? n : i;
	case 5:
		return i < n / 2 ? 2 * i : 2 * i - n; /* two runs that interlock */
	case 6:
		return (i & (0 - i)) * 1000 + i; /* runs that double */
	default:
		return (i * 2654435761) % 4096 >> pattern % 7;
	}
}

static void long_lists_of_runs_are_sorted(void **state)
{
	static struct sort_item items[10000], spare[COUNT(items)];

	(void)state;
	for (unsigned pattern = 0; pattern < 16; pattern++) {
		for (size_t i = 0; i < COUNT(items); i++)
			items[i] =
				(struct sort_item){ key_in_pattern(pattern, i, COUNT(items)), i };
		sort_by_key(items, COUNT(items), spare);
		check_sorted(items, COUNT(items), pattern);
	}
}

/* A list that is in order costs a look at each item: it, and the spare room, cannot be written. */
static void what_is_in_order_is_not_moved(void **state)
{
	const size_t room_bytes = 4096, n = room_bytes / sizeof(struct sort_item);
	struct sort_item *items = aligned_alloc(room_bytes, 2 * room_bytes);

	(void)state;
	assert_non_null(items);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct sort_item){ i / 2, i };
	assert_int_equal(mprotect(items, 2 * room_bytes, PROT_READ), 0);
	sort_by_key(items, n, items + n);
	assert_int_equal(mprotect(items, 2 * room_bytes, PROT_READ | PROT_WRITE), 0);
	free(items);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sorted),
		cmocka_unit_test(keys_have_all_their_bits),
		cmocka_unit_test(random_numbers_are_sorted_as_by_insertion),
		cmocka_unit_test(long_lists_of_runs_are_sorted),
		cmocka_unit_test(what_is_in_order_is_not_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
