/* test_walk.c - e820_walk_next() on pictures of maps. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "tests/unit/drawn.h"
#include "x86/walk.h"

/* A segment is "0-2 ur": its pages, and a letter for each map that there is. */
static const struct {
	const char *rule, *maps[WALK_MOST_MAPS], *segments;
} rows[] = {
	{ "no map has no segments", { NULL }, "" },
	{ "an empty map has none", { "" }, "" },
	{ "one map, a range", { "uu" }, "0-2 u" },
	{ "the hole before it is one too", { "..uu" }, "0-2 ., 2-4 u" },
	{ "but not what lies behind all maps", { "uu.." }, "0-2 u" },
	{ "neighbours are two", { "uurr" }, "0-2 u, 2-4 r" },
	{ "equal maps", { "uur", "uur" }, "0-2 uu, 2-3 rr" },
	{ "a segment ends where either map changes", { "uuur", "urrr" }, "0-1 uu, 1-3 ur, 3-4 rr" },
	{ "one ends sooner", { "u", "uur" }, "0-1 uu, 1-2 .u, 2-3 .r" },
	{ "the first has nothing", { "", "u" }, "0-1 .u" },
	{ "a hole in both", { "u..u", "u..r" }, "0-1 uu, 1-3 .., 3-4 ur" },
	{ "a hole in one", { "uuuu", "u..u" }, "0-1 uu, 1-3 u., 3-4 uu" },
	{ "neighbours that are never merged", { "sSs", "uuu" }, "0-1 su, 1-2 su, 2-3 su" },
	{ "three maps", { "uu", "ur", ".n" }, "0-1 uu., 1-2 urn" },
	{ "the one in the middle is none", { "uu", NULL, ".n" }, "0-1 u., 1-2 un" },
};

static void print_segment(const struct e820_walk *walk, char *text, size_t bytes)
{
	size_t length = strlen(text);

	length += (size_t)snprintf(text + length, bytes - length, "%s%u-%u ",
	                           length > 0 ? ", " : "", (unsigned)pfn_down(walk->start_paddr),
	                           (unsigned)pfn_down(walk->end_paddr));
	for (size_t i = 0; i < WALK_MOST_MAPS; i++)
		if (walk->maps[i] != NULL)
			text[length++] = drawn_letter(walk->type[i]);
	text[length] = '\0';
}

/* The index says the same as the type. */
static void check_indexes(const struct e820_walk *walk)
{
	for (size_t i = 0; i < WALK_MOST_MAPS; i++) {
		size_t index = walk->index[i];

		assert_int_equal(index == WALK_NOTHING, walk->type[i] == E820_NONE);
		assert_true(index == WALK_NOTHING ||
		            (walk->maps[i]->ranges[index].start_paddr <= walk->start_paddr &&
		             walk->end_paddr <= walk->maps[i]->ranges[index].end_paddr &&
		             walk->maps[i]->ranges[index].type == walk->type[i]));
	}
}

static void segments_are_as_long_as_no_map_changes(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct e820_map maps[WALK_MOST_MAPS] = { { 0 } };
		struct e820_walk walk = { .at = { 0 } };
		char text[200] = "";

		for (size_t i = 0; i < WALK_MOST_MAPS; i++) {
			if (rows[row].maps[i] == NULL)
				continue;
			maps[i] = drawn_e820(rows[row].maps[i]);
			walk.maps[i] = &maps[i];
		}
		while (e820_walk_next(&walk)) {
			print_segment(&walk, text, sizeof text);
			check_indexes(&walk);
		}
		assert_false(e820_walk_next(&walk));
		if (strcmp(text, rows[row].segments) != 0)
			fail_msg("%s: %s, not %s", rows[row].rule, text, rows[row].segments);
		for (size_t i = 0; i < WALK_MOST_MAPS; i++)
			free(maps[i].ranges);
	}
}

static void the_ends_of_the_address_space_are_addresses(void **state)
{
	struct e820_range first = { 0, 1, E820_RAM, 0 };
	struct e820_range last = { UINT64_MAX - 1, UINT64_MAX, E820_NVS, 0 };
	struct e820_map low = { &first, 1, 1 }, high = { &last, 1, 1 };
	struct e820_walk walk = { .maps = { &low, &high } };

	(void)state;
	assert_true(e820_walk_next(&walk));
	assert_true(walk.start_paddr == 0 && walk.end_paddr == 1);
	assert_true(e820_walk_next(&walk));
	assert_true(walk.start_paddr == 1 && walk.end_paddr == UINT64_MAX - 1);
	assert_true(e820_walk_next(&walk));
	assert_true(walk.type[1] == E820_NVS && walk.end_paddr == UINT64_MAX);
	assert_false(e820_walk_next(&walk));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(segments_are_as_long_as_no_map_changes),
		cmocka_unit_test(the_ends_of_the_address_space_are_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
