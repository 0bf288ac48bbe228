/*
 * pairing.h - two sanitized e820 maps -> who became whom: for each range of either map its fate,
 * and the range of the other map that it is there. What changes.c writes down.
 */
#ifndef X86_PAIRING_H
#define X86_PAIRING_H

#include <stdbool.h>
#include <stddef.h>

#include "x86/walk.h"

enum side { BEFORE, AFTER, SIDES };

/* The first four have no partner. */
enum range_fate {
	RANGE_ALONE,  /* nothing that it was, or became, has been found */
	RANGE_RECAST, /* a range of another type has both its ends; neither is RAM */
	RANGE_ROOTED, /* one of its type shares bytes and an end, but has become another's partner
	               */
	RANGE_KEPT,   /* shares bytes with ranges of its type, and is none of them alone */
	RANGE_STAYED, /* its partner is where it is: equal, or with an end elsewhere */
	RANGE_MOVED,  /* its partner is elsewhere */
};

struct paired_range {
	const struct e820_range *range;
	struct paired_range *partner; /* what it is in the other map; NULL: nothing */
	enum side side;
	enum range_fate fate;
	bool is_changed;  /* some byte has another type in the other map */
	bool trades_hole; /* some byte is nothing there */

	/* What changes.c finds; all 0 so far. */
	bool is_mixed;       /* some byte is RAM or nothing there, or of a range that moved */
	struct span remains; /* it, without what was retyped at its ends */
};

/* The ranges of each map, in its order. Before the first and behind the last of each stands one
 * that is neither alone nor anyone's partner, so that every range has neighbours. */
struct pairing {
	const struct e820_map *maps[SIDES];
	struct paired_range *ranges[SIDES];
};

static inline struct e820_walk pairing_walk(const struct pairing *pairing)
{
	return (struct e820_walk){ .maps = { pairing->maps[BEFORE], pairing->maps[AFTER] } };
}

/* The range that a side has in the segment; NULL if it has none. */
static inline struct paired_range *pairing_in(const struct pairing *pairing,
                                              const struct e820_walk *segment, enum side side)
{
	size_t index = segment->index[side];

	return index == WALK_NOTHING ? NULL : &pairing->ranges[side][index];
}

/* The scratch space, in bytes, for maps of @n_ranges ranges in sum. */
size_t pairing_scratch_bytes(size_t n_ranges);

/* Fill in *ret_pairing, which lives as long as the maps and @scratch, which is aligned to 8 bytes
 * and large enough. O(n log n); nothing can fail. */
void pairing_find(const struct e820_map *before, const struct e820_map *after, void *scratch,
                  struct pairing *ret_pairing);

/* Is it memory that is neither RAM nor a hole? */
static inline bool pairing_is_special(uint32_t type)
{
	return type != E820_RAM && type != E820_NONE;
}

#endif
