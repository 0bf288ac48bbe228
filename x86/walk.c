/* walk.c - sanitized maps -> segments, one after the other: see walk.h. */
#include "x86/walk.h"

/* What map @i has where the segment starts; the segment ends where that ends, or sooner. False if
 * the map is at its end. */
static bool look_at_map(struct e820_walk *walk, size_t i)
{
	const struct e820_map *map = walk->maps[i];
	const struct e820_range *range;

	walk->index[i] = WALK_NOTHING;
	walk->type[i] = E820_NONE;
	if (map == NULL)
		return false;
	while (walk->at[i] < map->n_ranges &&
	       map->ranges[walk->at[i]].end_paddr <= walk->start_paddr)
		walk->at[i]++;
	if (walk->at[i] == map->n_ranges)
		return false;
	range = &map->ranges[walk->at[i]];
	if (range->start_paddr > walk->start_paddr) {
		walk->end_paddr = min_u64(walk->end_paddr, range->start_paddr);
		return true;
	}
	walk->index[i] = walk->at[i];
	walk->type[i] = range->type;
	walk->end_paddr = min_u64(walk->end_paddr, range->end_paddr);
	return true;
}

bool e820_walk_next(struct e820_walk *walk)
{
	bool is_any = false;

	walk->start_paddr = walk->end_paddr;
	walk->end_paddr = UINT64_MAX;
	for (size_t i = 0; i < WALK_MOST_MAPS; i++)
		is_any |= look_at_map(walk, i);
	return is_any;
}
