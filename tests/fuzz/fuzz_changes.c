/*
 * fuzz_changes.c - any bytes -> two e820 maps, sanitized, and the changes between them; held
 * against maps that are painted page by page. For libFuzzer: `make fuzz'.
 *
 * Three bytes are a range: type and map, first page, and number of pages. So overlaps and
 * neighbours are frequent, and a page is an index.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "x86/changes.h"

#define RANGE_BYTES 3
#define MOST_RANGES 256 /* of a map, as it comes in */
#define MOST_PAGES  512
#define MOST_SPLIT  (8 * MOST_RANGES)
#define SCRATCH     (1 << 20)

/* Eight types are enough; the last is never merged. */
static uint32_t type_of(uint8_t byte)
{
	return byte % 8 == 7 ? (uint32_t)E820_SOFT_RESERVED : byte % 8 + 1u;
}

struct painted {
	uint32_t types[MOST_PAGES]; /* 0: none */
};

static void paint(struct painted *painted, size_t start, size_t end, uint32_t type)
{
	for (size_t page = start; page < end; page++)
		if (type > painted->types[page])
			painted->types[page] = type;
}

static void read_ranges(const uint8_t *data, size_t bytes, struct e820_map maps[2],
                        struct painted painted[2])
{
	for (; bytes >= RANGE_BYTES; data += RANGE_BYTES, bytes -= RANGE_BYTES) {
		size_t side = data[0] >> 7, start = data[1], end = start + data[2];

		if (maps[side].n_ranges == MOST_RANGES)
			continue;
		REQUIRE(e820_add(&maps[side], pfn_paddr(start), pfn_paddr(end), type_of(data[0])) ==
		        MAP_OK);
		paint(&painted[side], start, end, type_of(data[0]));
	}
}

static void require_painted(const struct e820_map *map, const struct painted *painted)
{
	struct painted again = { { 0 } };

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];

		REQUIRE(range->start_paddr < range->end_paddr);
		REQUIRE(i == 0 || range[-1].end_paddr <= range->start_paddr);
		REQUIRE(i == 0 || range[-1].end_paddr < range->start_paddr ||
		        range[-1].type != range->type ||
		        range->type == (uint32_t)E820_SOFT_RESERVED);
		paint(&again, pfn_down(range->start_paddr), pfn_down(range->end_paddr),
		      range->type);
	}
	REQUIRE(memcmp(&again, painted, sizeof again) == 0);
}

static bool is_in_change(const struct change_list *list, paddr_t paddr)
{
	for (size_t i = 0; i < list->n_entries; i++) {
		const struct e820_range *before = &list->entries[i].before;
		const struct e820_range *after = &list->entries[i].after;

		if ((paddr >= before->start_paddr && paddr < before->end_paddr) ||
		    (paddr >= after->start_paddr && paddr < after->end_paddr))
			return true;
	}
	return false;
}

static bool is_of_map(const struct e820_map *map, const struct e820_range *range)
{
	return range->start_paddr >= range->end_paddr ||
	       e820_all_mapped(map, range->start_paddr, range->end_paddr, range->type);
}

static void compare(const struct e820_map *before, const struct e820_map *after,
                    const struct painted painted[2])
{
	static struct change entries[4 * MOST_SPLIT];
	static uint64_t scratch[SCRATCH / 8];
	struct change_list list = { .entries = entries,
		                    .capacity = changes_most(before->n_ranges, after->n_ranges) };
	bool is_same =
		before->n_ranges == after->n_ranges &&
		(before->n_ranges == 0 || memcmp(before->ranges, after->ranges,
	                                         before->n_ranges * sizeof *before->ranges) == 0);

	REQUIRE(list.capacity <= sizeof entries / sizeof entries[0]);
	REQUIRE(changes_scratch_bytes(before->n_ranges, after->n_ranges) <= sizeof scratch);
	REQUIRE(e820_changes(before, after, &list, scratch, sizeof scratch) == MAP_OK);
	REQUIRE((list.n_entries == 0) == is_same);
	for (size_t i = 0; i < list.n_entries; i++) {
		REQUIRE(is_of_map(before, &entries[i].before));
		REQUIRE(is_of_map(after, &entries[i].after));
	}
	for (size_t page = 0; page < MOST_PAGES; page++)
		if (painted[0].types[page] != painted[1].types[page])
			REQUIRE(is_in_change(&list, pfn_paddr(page)));
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	static struct e820_range ranges[2][MOST_SPLIT];
	static uint64_t scratch[SCRATCH / 8];
	struct e820_map maps[2] = { { ranges[0], 0, MOST_SPLIT }, { ranges[1], 0, MOST_SPLIT } };
	struct painted painted[2] = { { { 0 } }, { { 0 } } };

	read_ranges(data, bytes, maps, painted);
	for (size_t side = 0; side < 2; side++) {
		REQUIRE(e820_sanitize(&maps[side], scratch, sizeof scratch, NULL) == MAP_OK);
		require_painted(&maps[side], &painted[side]);
	}
	compare(&maps[0], &maps[1], painted);
}
