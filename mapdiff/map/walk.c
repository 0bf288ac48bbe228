/* walk.c - sanitized maps -> stretches, one after the other: see walk.h. */
#include "mapdiff/map/walk.h"

/* Look at map @i from the start of the stretch on: what it has there, and where that ends. False
 * if it has nothing any more. */
static bool look(struct walk *walk, size_t i, paddr_t *ret_next_paddr)
{
	const struct e820_map *map = walk->maps[i];
	const struct e820_range *range;

	walk->ranges[i] = NULL;
	while (map != NULL && walk->at[i] < map->n_ranges &&
	       map->ranges[walk->at[i]].end_paddr <= walk->start_paddr)
		walk->at[i]++;
	if (map == NULL || walk->at[i] == map->n_ranges)
		return false;
	range = &map->ranges[walk->at[i]];
	if (range->start_paddr <= walk->start_paddr)
		walk->ranges[i] = range;
	*ret_next_paddr = walk->ranges[i] != NULL ? range->end_paddr : range->start_paddr;
	return true;
}

bool walk_next(struct walk *walk)
{
	bool is_any = false;

	walk->start_paddr = walk->end_paddr;
	walk->end_paddr = UINT64_MAX;
	for (size_t i = 0; i < WALK_MAPS; i++) {
		paddr_t next_paddr;

		if (look(walk, i, &next_paddr)) {
			walk->end_paddr = min_u64(walk->end_paddr, next_paddr);
			is_any = true;
		}
	}
	return is_any;
}
