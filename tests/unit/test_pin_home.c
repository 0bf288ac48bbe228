/* test_pin_home.c - where a block lies, of maps in MiB. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bootmem/count.h"
#include "x86/pin_home.h"

#define MIB(n)      ((uint64_t)(n) << 20)
#define MOST_RANGES 40

/* Free ranges in MiB, [start, end); 0 and 0 end them. */
struct made {
	struct {
		uint32_t start, end;
	} free[4];
};

static struct uefi_descriptor descriptors[MOST_RANGES];

static void add(struct pin_home *home, const struct made *made)
{
	struct uefi_map map = { descriptors, 0, sizeof descriptors[0] };
	size_t n = 0;

	descriptors[n++] = (struct uefi_descriptor){ .type = UEFI_LOADER_DATA, .n_pages = 0x100 };
	for (size_t i = 0; i < COUNT(made->free) && made->free[i].end > 0; i++)
		descriptors[n++] = (struct uefi_descriptor){
			.type = UEFI_CONVENTIONAL,
			.start_paddr = MIB(made->free[i].start),
			.n_pages = pfn_down(MIB(made->free[i].end - made->free[i].start)),
		};
	map.map_bytes = n * sizeof descriptors[0];
	pin_home_add_map(home, &map);
}

static const struct {
	const char *rule;
	struct made boots[3];
	uint64_t paddr; /* 0: there is none */
} rows[] = {
	{ "the middle of what there is", { { { { 64, 448 } } } }, MIB(256) },
	{ "what lies below 64 MiB does not count", { { { { 1, 448 } } } }, MIB(256) },
	{ "nor what lies above 2 GiB", { { { { 64, 8192 } } } }, MIB(1056) },
	{ "of two the largest", { { { { 100, 300 }, { 400, 800 } } } }, MIB(600) },
	{ "in whatever order", { { { { 400, 800 }, { 100, 300 } } } }, MIB(600) },
	{ "of equal ones the lowest", { { { { 100, 300 }, { 400, 600 } } } }, MIB(200) },
	{ "by what lies below 2 GiB", { { { { 64, 448 }, { 1900, 8000 } } } }, MIB(256) },
	{ "descriptors that touch are one range", { { { { 256, 448 }, { 64, 256 } } } }, MIB(256) },
	{ "and that lie on each other", { { { { 64, 300 }, { 200, 448 } } } }, MIB(256) },
	{ "free in all boots", { { { { 64, 448 } } }, { { { 128, 1024 } } } }, MIB(288) },
	{ "the largest in all is not the largest in one",
	  { { { { 64, 600 }, { 700, 1000 } } }, { { { 500, 1000 } } } },
	  MIB(850) },
	{ "cut in pieces", { { { { 64, 1000 } } }, { { { 64, 300 }, { 310, 1000 } } } }, MIB(655) },
	{ "not in the top 64 MiB", { { { { 100, 200 } } } }, MIB(136) - 0x8000 },
	{ "that is the range's, not what lies below 2 GiB", { { { { 2000, 2100 } } } }, MIB(2024) },
	{ "just enough", { { { { 100, 165 } } } }, MIB(101) - 0x8000 },
	{ "no range is longer than its top", { { { { 100, 164 } } } }, 0 },
	{ "nothing is free in both", { { { { 64, 300 } } }, { { { 300, 800 } } } }, 0 },
	{ "nothing is free in one",
	  { { { { 64, 300 } } }, { { { 0, 0 } } }, { { { 64, 300 } } } },
	  0 },
	{ "only above 2 GiB", { { { { 2048, 4096 } } } }, 0 },
};

static bool has_map(size_t row, size_t boot)
{
	return boot == 0 || rows[row].boots[boot].free[0].end > 0 ||
	       (boot + 1 < COUNT(rows[row].boots) && rows[row].boots[boot + 1].free[0].end > 0);
}

static void the_place_is_in_the_middle(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct pin_home home;
		paddr_t paddr = 0;

		pin_home_init(&home, 8);
		for (size_t j = 0; j < COUNT(rows[i].boots); j++)
			if (has_map(i, j))
				add(&home, &rows[i].boots[j]);
		if (pin_home_find(&home, &paddr) != (rows[i].paddr != 0) || paddr != rows[i].paddr)
			fail_msg("%s: 0x%llx", rows[i].rule, (unsigned long long)paddr);
		assert_true(paddr == 0 || pin_home_is_good(paddr, 8));
	}
}

static void descriptors_that_are_none_are_none(void **state)
{
	static const struct uefi_descriptor made[] = {
		{ .type = UEFI_CONVENTIONAL, .start_paddr = MIB(100), .n_pages = UINT64_MAX },
		{ .type = UEFI_CONVENTIONAL, .start_paddr = MIB(100), .n_pages = 0 },
	};
	const struct uefi_map map = { made, sizeof made, sizeof made[0] };
	struct pin_home home;
	paddr_t paddr;

	(void)state;
	pin_home_init(&home, 8);
	pin_home_add_map(&home, &map);
	assert_false(pin_home_find(&home, &paddr));
}

/* The smallest ranges side by side: the list holds them. */
static void the_list_holds_all_ranges(void **state)
{
	const struct uefi_map map = { descriptors, sizeof descriptors, sizeof descriptors[0] };
	struct pin_home home;
	paddr_t paddr;

	(void)state;
	for (unsigned i = 0; i < MOST_RANGES; i++)
		descriptors[i] =
			(struct uefi_descriptor){ .type = UEFI_CONVENTIONAL,
			                          .start_paddr = MIB(64) + i * (MIB(64) + 0x3000),
			                          .n_pages = pfn_down(MIB(64) + 0x1000) };
	pin_home_init(&home, 1);
	pin_home_add_map(&home, &map);
	assert_in_range(home.n_ranges, 30, PIN_HOME_RANGES);
	assert_true(pin_home_find(&home, &paddr));
	assert_int_equal(paddr, MIB(64));
}

static void an_address_of_a_file_is_looked_at(void **state)
{
	static const struct {
		paddr_t paddr;
		uint32_t n_pages;
		bool is_good;
	} addresses[] = {
		{ MIB(64), 32, true },
		{ MIB(64) - PAGE_BYTES, 32, false },
		{ MIB(64) + 1, 32, false },
		{ MIB(2048) - 32 * PAGE_BYTES, 32, true },
		{ MIB(2048) - PAGE_BYTES, 32, false },
		{ MIB(2048), 32, false },
		{ UINT64_MAX - 0xfff, 32, false },
		{ 0, 32, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(addresses); i++)
		assert_int_equal(pin_home_is_good(addresses[i].paddr, addresses[i].n_pages),
		                 addresses[i].is_good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_place_is_in_the_middle),
		cmocka_unit_test(descriptors_that_are_none_are_none),
		cmocka_unit_test(the_list_holds_all_ranges),
		cmocka_unit_test(an_address_of_a_file_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
