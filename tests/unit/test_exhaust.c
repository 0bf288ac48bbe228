/*
 * test_exhaust.c - every UEFI map of three descriptors on eight pages -> its e820 map and both
 * bitmaps, against painted pages: nothing is left to chance.
 *
 * A descriptor is one of 8 kinds and one of 44 intervals, those of no pages among them; a map is
 * any three in any order: 43,614,208 maps. `make test-unit' takes every 31st, `make test-deep'
 * (argument `all') takes all.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "bootmem/bootmem.h"
#include "bootmem/count.h"
#include "x86/e820.h"
#include "x86/target.h"
#include "x86/uefi_map.h"

#define PAGES       8
#define START_PFN   0x9c /* IA-32 has the upper four in its ISA hole */
#define HOLE_PAGE   4
#define INTERVALS   (PAGES * (PAGES + 1) / 2 + PAGES)
#define DESCRIPTORS ((uint32_t)COUNT(kinds) * INTERVALS)
#define IN_MAP      3
#define STRIDE      48
#define SAMPLE      31 /* a prime: all descriptors come to stand in all places */

/* What is painted: the higher wins where two overlap, as e820 types do. */
enum paint { NOTHING, RAM, RESERVED, ACPI, NVS, UNUSABLE, PMEM, SOFT };

static const struct {
	uint32_t type;
	uint64_t attribute;
	enum paint paint;
} kinds[] = {
	{ 7, 0xf, RAM },      /* EfiConventionalMemory, write-back */
	{ 4, 0xf, RAM },      /* EfiBootServicesData */
	{ 6, 0xf, RESERVED }, /* EfiRuntimeServicesData */
	{ 9, 0xf, ACPI },     /* EfiACPIReclaimMemory */
	{ 10, 0xf, NVS },     /* EfiACPIMemoryNVS */
	{ 8, 0xf, UNUSABLE }, /* EfiUnusableMemory */
	{ 14, 0xf, PMEM },    /* EfiPersistentMemory */
	{ 7, 0x4000f, SOFT }, /* EfiConventionalMemory for a specific purpose */
};

static const uint32_t e820_types[] = { 0, 1, 2, 3, 4, 5, 7, 0xefffffff };

struct interval {
	unsigned first, end;
};

static struct interval intervals[INTERVALS];

/* From each page to each end, its own start too. */
static void list_intervals(void)
{
	size_t n = 0;

	for (unsigned first = 0; first < PAGES; first++)
		for (unsigned end = first; end <= PAGES; end++)
			intervals[n++] = (struct interval){ first, end };
	assert_int_equal(n, INTERVALS);
}

struct painted {
	enum paint pages[PAGES];
	bool is_edge[PAGES + 1]; /* a range starts or ends before this page */
};

/*
 * Paint a map. What continues the range before and is of its type is one range with it: so has the
 * EFI stub of Linux it, and what is never merged later has no edge there. One of no pages is a
 * range as well, of which nothing is seen but that it ends the one before.
 */
static void paint(struct painted *painted, const size_t numbers[IN_MAP])
{
	struct {
		struct interval at;
		enum paint paint;
	} ranges[IN_MAP];
	size_t n = 0;

	memset(painted, 0, sizeof *painted);
	for (size_t i = 0; i < IN_MAP; i++) {
		enum paint own = kinds[numbers[i] / INTERVALS].paint;
		struct interval at = intervals[numbers[i] % INTERVALS];

		for (unsigned page = at.first; page < at.end; page++)
			if (painted->pages[page] < own)
				painted->pages[page] = own;
		if (n > 0 && ranges[n - 1].paint == own && ranges[n - 1].at.end == at.first) {
			ranges[n - 1].at.end = at.end;
			continue;
		}
		ranges[n].at = at;
		ranges[n++].paint = own;
	}
	for (size_t i = 0; i < n; i++)
		if (ranges[i].at.first < ranges[i].at.end)
			painted->is_edge[ranges[i].at.first] = painted->is_edge[ranges[i].at.end] =
				true;
}

/* Does a range of the canonical map start at @page? Ranges of one type that touch are one, but for
 * specific-purpose memory, which is split wherever anything starts or ends. */
static bool starts_at(const struct painted *painted, unsigned page)
{
	enum paint own = painted->pages[page];

	if (own == NOTHING)
		return false;
	return page == 0 || painted->pages[page - 1] != own ||
	       (own == SOFT && painted->is_edge[page]);
}

static paddr_t paddr_of(unsigned page)
{
	return (paddr_t)(START_PFN + page) << PAGE_SHIFT;
}

static bool is_painted(const struct e820_map *map, const struct painted *painted)
{
	size_t n = 0;

	for (unsigned page = 0, end; page < PAGES; page = end) {
		end = page + 1;
		if (!starts_at(painted, page))
			continue;
		while (end < PAGES && painted->pages[end] == painted->pages[page] &&
		       !starts_at(painted, end))
			end++;
		if (n == map->n_ranges || map->ranges[n].start_paddr != paddr_of(page) ||
		    map->ranges[n].end_paddr != paddr_of(end) ||
		    map->ranges[n].type != e820_types[painted->pages[page]])
			return false;
		n++;
	}
	return n == map->n_ranges;
}

static void free_range(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	free_bootmem(context, start_paddr, end_paddr);
}

/* A node of the eight pages: what is RAM of the target is free, and nothing else. */
static bool is_bitmap_painted(const struct boot_target *target, const struct e820_map *map,
                              const struct painted *painted)
{
	static _Alignas(8) uint8_t bitmap[8];
	bootmem_data_t bdata;
	unsigned end = target == &target_ia32 ? HOLE_PAGE : PAGES;
	unsigned expected = 0xff;

	init_bootmem_core(&bdata, bitmap, 0, START_PFN, START_PFN + PAGES, target->word_bytes);
	target_each_ram(target, map, free_range, &bdata);
	bootmem_complete(&bdata);
	for (unsigned page = 0; page < end; page++)
		if (painted->pages[page] == RAM)
			expected -= 1u << page;
	return bitmap[0] == expected;
}

static void put(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void describe(uint8_t *descriptor, size_t number)
{
	struct interval at = intervals[number % INTERVALS];

	put(descriptor, kinds[number / INTERVALS].type);
	put(descriptor + 8, paddr_of(at.first));
	put(descriptor + 24, at.end - at.first);
	put(descriptor + 32, kinds[number / INTERVALS].attribute);
}

static const char *check(const size_t numbers[IN_MAP])
{
	static uint8_t wire[IN_MAP * STRIDE];
	static struct e820_range ranges[2 * IN_MAP];
	static uint64_t scratch[128];
	struct uefi_map map = { wire, sizeof wire, STRIDE };
	struct e820_map e820 = { ranges, 0, COUNT(ranges) };
	struct uefi_faults faults;
	struct painted painted;

	for (size_t i = 0; i < IN_MAP; i++)
		describe(wire + i * STRIDE, numbers[i]);
	paint(&painted, numbers);
	if (uefi_map_to_e820(&map, &e820, &faults) != MAP_OK ||
	    e820_sanitize(&e820, scratch, sizeof scratch, NULL) != MAP_OK)
		return "an error";
	if (!is_painted(&e820, &painted))
		return "the e820 map";
	if (!is_bitmap_painted(&target_ia32, &e820, &painted))
		return "the bitmap of ia32";
	if (!is_bitmap_painted(&target_amd64, &e820, &painted))
		return "the bitmap of amd64";
	return NULL;
}

static uint32_t step = SAMPLE;

static void every_map_of_three_descriptors_is_what_is_painted(void **state)
{
	const uint32_t n_maps = DESCRIPTORS * DESCRIPTORS * DESCRIPTORS;
	uint32_t n = 0;

	(void)state;
	list_intervals();
	for (uint32_t number = 0; number < n_maps; number += step, n++) {
		const size_t numbers[IN_MAP] = { number / (DESCRIPTORS * DESCRIPTORS),
			                         number / DESCRIPTORS % DESCRIPTORS,
			                         number % DESCRIPTORS };
		const char *fault = check(numbers);

		if (fault != NULL)
			fail_msg("%s of map %u", fault, (unsigned)number);
	}
	print_message("exhausted: %u of %u maps of three descriptors on eight pages\n", (unsigned)n,
	              (unsigned)n_maps);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_map_of_three_descriptors_is_what_is_painted),
	};

	if (argc > 1 && strcmp(argv[1], "all") == 0)
		step = 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
