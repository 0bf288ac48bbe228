/* test_vacant.c - vacant_find() on pictures of maps. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "tests/unit/drawn.h"
#include "x86/vacant.h"

/* What is taken is from page to page; 0 and 0: nothing. */
static const struct {
	const char *rule, *e820, *uefi;
	struct span taken_pages;
	const char *vacant;
} rows[] = {
	{ "nothing", "", "", { 0, 0 }, "" },
	{ "without a UEFI map all RAM is vacant", "uurru", "", { 0, 0 }, "uurru" },
	{ "conventional memory is vacant", "uuuuu", "CCCCC", { 0, 0 }, "uuuuu" },
	{ "the firmware's is not", "uuuuu", "CCBBC", { 0, 0 }, "uurru" },
	{ "nor the loader's", "uuuuu", "LCCCC", { 0, 0 }, "ruuuu" },
	{ "an extension's is not, though it is free", "uuuuu", "CCCCC", { 1, 3 }, "urruu" },
	{ "an empty one takes nothing", "uuuuu", "CCCCC", { 3, 3 }, "uuuuu" },
	{ "higher types stay", "uaanu", "CAANC", { 0, 0 }, "uaanu" },
	{ "what lies in a hole is there all the same", "uu..u", "CC.MC", { 0, 0 }, "uu.ru" },
	{ "RAM above a limit has been cut off", "uuu", "CCCCCC", { 0, 0 }, "uuu" },
	{ "neighbours of all three are one", "uruuu", "CCLCC", { 3, 4 }, "urrru" },
};

static enum map_err find(size_t row, struct e820_map *vacant)
{
	struct e820_map e820 = drawn_e820(rows[row].e820);
	struct uefi_map uefi = drawn_uefi(rows[row].uefi);
	struct reservation entry = { .start_paddr = pfn_paddr(rows[row].taken_pages.start_paddr),
		                     .end_paddr = pfn_paddr(rows[row].taken_pages.end_paddr) };
	struct reservation_list taken = { .entries = &entry, .n_entries = 1 };
	size_t n = vacant_layers(e820.n_ranges, uefi_map_count(&uefi), 1);
	size_t scratch_bytes = e820_scratch_bytes(n);
	void *scratch = malloc(scratch_bytes);
	enum map_err err = vacant_find(&e820, &uefi, &taken, vacant, scratch, scratch_bytes);

	free(scratch);
	free(e820.ranges);
	free((void *)uefi.descriptors);
	return err;
}

static void what_is_in_use_is_not_vacant(void **state)
{
	char picture[DRAWN_MOST_PAGES + 1];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct e820_map vacant = drawn_room(20);

		assert_int_equal(find(i, &vacant), MAP_OK);
		drawn_picture(&vacant, picture);
		if (strcmp(picture, rows[i].vacant) != 0)
			fail_msg("%s: %s, not %s", rows[i].rule, picture, rows[i].vacant);
		free(vacant.ranges);
	}
}

static void what_does_not_fit_is_said(void **state)
{
	const size_t row = 5; /* one RAM range, one descriptor that is passed over, one extension */
	struct e820_map vacant = drawn_room(3);

	(void)state;
	assert_int_equal(find(row, &vacant), MAP_OK);
	for (vacant.capacity = 0; vacant.capacity < 3; vacant.capacity++)
		assert_int_equal(find(row, &vacant), MAP_FULL);
	free(vacant.ranges);
}

static void descriptors_that_wrap_or_are_empty_take_nothing(void **state)
{
	struct uefi_descriptor descriptors[] = {
		{ .type = UEFI_LOADER_DATA, .start_paddr = 0x1000, .n_pages = 0 },
		{ .type = UEFI_LOADER_DATA, .start_paddr = 0x1000, .n_pages = UINT64_MAX >> 12 },
	};
	struct uefi_map uefi = { descriptors, sizeof descriptors, sizeof descriptors[0] };
	struct e820_map e820 = drawn_e820("uuu"), vacant = drawn_room(9);
	struct reservation_list taken = { .n_entries = 0 };
	uint64_t scratch[100];

	(void)state;
	assert_true(e820_scratch_bytes(vacant_layers(1, 2, 0)) <= sizeof scratch);
	assert_int_equal(vacant_find(&e820, &uefi, &taken, &vacant, scratch, sizeof scratch),
	                 MAP_OK);
	assert_int_equal(vacant.n_ranges, 1);
	assert_memory_equal(vacant.ranges, e820.ranges, sizeof vacant.ranges[0]);
	assert_int_equal(vacant_find(&e820, &uefi, &taken, &vacant, scratch, 8), MAP_NO_SCRATCH);
	free(e820.ranges);
	free(vacant.ranges);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_use_is_not_vacant),
		cmocka_unit_test(what_does_not_fit_is_said),
		cmocka_unit_test(descriptors_that_wrap_or_are_empty_take_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
