/*
 * test_pairing.c - pairing_find() on pictures of maps: the fate of each page's range. Which pairs
 * are made of look-alikes, test_changes.c has.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "tests/unit/drawn.h"
#include "x86/pairing.h"

static const char fate_letters[] = {
	[RANGE_ALONE] = '-', [RANGE_RECAST] = 'x', [RANGE_ROOTED] = 'o',
	[RANGE_KEPT] = 'k',  [RANGE_STAYED] = '=', [RANGE_MOVED] = '>',
};

/* A map, and below it the fates of its ranges, a letter a page. */
static const struct {
	const char *rule, *before, *fates_before, *after, *fates_after;
} rows[] = {
	{ "the example of pairing.c, and of changes.c", "uuaannuuuuurrrrrruuttuuuxxuuuuu",
	  "==>>>>=====kkkkkk==xx===>>=====", "uuuuuaannnurruurruuppuuuuuuxxxu",
	  "=====>>>>>=kk--kk==xx======>>>=" },
	{ "equal ranges stay", "ura.n", "===.=", "ura.n", "===.=" },
	{ "nothing is alone", "", "", "uu", "--" },
	{ "what is gone is alone", "uur", "==-", "uu", "==" },
	{ "all that two ranges have between them moves along", "uurunuuu", "==>>>===", "uuurunuu",
	  "===>>>==" },
	{ "an end is elsewhere", "urru", "====", "uruu", "====" },
	{ "cut in two", "rrrr", "kkkk", "ruur", "k--k" },
	{ "recast where a look-alike comes", "urruuuu", "=xx====", "uttuurr", "=xx==--" },
	{ "unless its neighbour comes there too", "urrauuuuu", "=>>>>>>>>", "uttuurrau",
	  "=xxkk>>>>" },
	{ "rooted in what moved here", "uurruuuuuuurrrruuuu",
	  ">>>>>>>>>>>>>>>====", "uuuurrrruurruuurruu", "oooo>>>>>>>>>>>--==" },
	{ "the only one that went, and the only one that came", "uuaauuuuuu",
	  "==>>======", "uuuuuuaaau", "======>>>=" },
	{ "not if it is more than twice as large", "uuauuuuuuu", "==-=======", "uuuuuuaaau",
	  "======---=" },
	{ "nor if it is not half as large", "uuaaauuuuu", "==---=====", "uuuuuuuauu",
	  "=======-==" },
	{ "nor if two went", "uuaauuuaau", "==-------=", "uuuuaaauuu", "====---===" },
	{ "what is recast does not go along", "uurauuuuu", "==x>=====", "uuarrauuu", "==x-->===" },
	{ "who has no changed byte has not come", "uSSSsu", "====-=", "uuSuuu", "======" },
};

static void print_fates(const struct pairing *pairing, enum side side, const struct e820_map *map,
                        char *fates)
{
	drawn_picture(map, fates);
	for (size_t i = 0; i < map->n_ranges; i++)
		for (pfn_t pfn = pfn_down(map->ranges[i].start_paddr);
		     pfn < pfn_down(map->ranges[i].end_paddr); pfn++)
			fates[pfn] = fate_letters[pairing->ranges[side][i].fate];
}

/* Partners are each other's, of one type, and nobody else has any. */
static void check_ranges(const struct pairing *pairing, enum side side, const struct e820_map *map)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct paired_range *one = &pairing->ranges[side][i];

		assert_ptr_equal(one->range, &map->ranges[i]);
		assert_int_equal(one->side, side);
		assert_int_equal(one->partner != NULL, one->fate >= RANGE_STAYED);
		if (one->partner == NULL)
			continue;
		assert_ptr_equal(one->partner->partner, one);
		assert_int_equal(one->partner->fate, one->fate);
		assert_int_equal(one->partner->side, !side);
		assert_int_equal(one->partner->range->type, one->range->type);
	}
}

static void each_range_has_its_fate(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		struct e820_map before = drawn_e820(rows[row].before);
		struct e820_map after = drawn_e820(rows[row].after);
		void *scratch = malloc(pairing_scratch_bytes(before.n_ranges + after.n_ranges));
		char fates[SIDES][DRAWN_MOST_PAGES + 1];
		struct pairing pairing;

		pairing_find(&before, &after, scratch, &pairing);
		check_ranges(&pairing, BEFORE, &before);
		check_ranges(&pairing, AFTER, &after);
		print_fates(&pairing, BEFORE, &before, fates[BEFORE]);
		print_fates(&pairing, AFTER, &after, fates[AFTER]);
		if (strcmp(fates[BEFORE], rows[row].fates_before) != 0 ||
		    strcmp(fates[AFTER], rows[row].fates_after) != 0)
			fail_msg("%s:\n %s\n %s\n %s\n %s", rows[row].rule, rows[row].before,
			         fates[BEFORE], rows[row].after, fates[AFTER]);
		free(before.ranges);
		free(after.ranges);
		free(scratch);
	}
}

static void scratch_for_more_ranges_than_memory_holds_cannot_be_had(void **state)
{
	(void)state;
	assert_int_equal(pairing_scratch_bytes(SIZE_MAX), SIZE_MAX);
	assert_int_equal(pairing_scratch_bytes(SIZE_MAX / 16), SIZE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_range_has_its_fate),
		cmocka_unit_test(scratch_for_more_ranges_than_memory_holds_cannot_be_had),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
