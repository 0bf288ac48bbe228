/*
 * walk.h - up to three sanitized maps, laid side by side -> the segments of the address space in
 * which none of them changes, in ascending order: what each map has there.
 */
#ifndef X86_WALK_H
#define X86_WALK_H

#include <stdbool.h>

#include "x86/e820.h"

#define WALK_MOST_MAPS 3
#define WALK_NOTHING   SIZE_MAX

/* Starts out with maps alone, all else 0: { .maps = { before, after } }. */
struct e820_walk {
	const struct e820_map *maps[WALK_MOST_MAPS]; /* the caller's; NULL: no map */

	/* The segment, half-open, and of each map the range that holds it. */
	paddr_t start_paddr;
	paddr_t end_paddr;
	size_t index[WALK_MOST_MAPS];  /* WALK_NOTHING: none */
	uint32_t type[WALK_MOST_MAPS]; /* E820_NONE then */

	size_t at[WALK_MOST_MAPS]; /* the walk's own: the first range that does not end before it */
};

/* Go to the next segment; the first one starts at 0. A hole in all maps is one too. False when all
 * maps are at their end, and ever after. All segments of a walk take O(n) in sum. */
bool e820_walk_next(struct e820_walk *walk);

#endif
