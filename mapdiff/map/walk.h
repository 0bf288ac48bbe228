/*
 * walk.h - sanitized maps, laid side by side -> the stretches of memory in which none of them
 * changes, in ascending order.
 */
#ifndef MAPDIFF_MAP_WALK_H
#define MAPDIFF_MAP_WALK_H

#include <stdbool.h>

#include "x86/e820.h"

#define WALK_MAPS 3

struct walk {
	const struct e820_map *maps[WALK_MAPS];     /* the caller's; NULL: no map */
	paddr_t start_paddr, end_paddr;             /* the stretch */
	const struct e820_range *ranges[WALK_MAPS]; /* what each map has there; NULL: nothing */
	size_t at[WALK_MAPS];
};

/* The next stretch of @walk, which starts out with maps alone; a hole in all of them is one, too.
 * False when all maps are at their end. All stretches together take linear time. */
bool walk_next(struct walk *walk);

/* The type that map @i has there; E820_NONE: none. */
static inline uint32_t walk_type(const struct walk *walk, size_t i)
{
	return walk->ranges[i] != NULL ? walk->ranges[i]->type : (uint32_t)E820_NONE;
}

#endif
