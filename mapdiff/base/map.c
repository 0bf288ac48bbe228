/* map.c - e820 maps that cannot be full: see map.h. */
#include "mapdiff/base/map.h"

#include <string.h>

#include "mapdiff/base/memory.h"

struct e820_map map_new(size_t n_ranges)
{
	struct e820_map map = { .capacity = e820_most_ranges(n_ranges) };

	map.ranges = memory_alloc(map.capacity, sizeof *map.ranges);
	return map;
}

struct e820_map map_copy(const struct e820_map *map)
{
	struct e820_map copy = map_new(map->n_ranges);

	e820_copy(&copy, map);
	return copy;
}

struct span map_descriptor_span(const struct uefi_descriptor *descriptor)
{
	struct span span;
	bool wraps;

	uefi_descriptor_range(descriptor, &span.start_paddr, &span.end_paddr, &wraps);
	return span;
}

void map_sanitize(struct e820_map *map, size_t *ret_overlaps)
{
	size_t scratch_bytes = e820_scratch_bytes(map->n_ranges);
	void *scratch = memory_alloc(1, scratch_bytes);

	e820_sanitize(map, scratch, scratch_bytes, ret_overlaps);
	memory_give_back(scratch);
}

bool map_is_same(const struct e820_map *a, const struct e820_map *b)
{
	return a->n_ranges == b->n_ranges &&
	       (a->n_ranges == 0 ||
	        memcmp(a->ranges, b->ranges, a->n_ranges * sizeof *a->ranges) == 0);
}
