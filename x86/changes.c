/*
 * changes.c - two maps, and who became whom (pairing.h) -> the changes between them: see changes.h.
 *
 * The passes, each a walk over both maps side by side, and what is known after each:
 *
 *  look_at_bytes   Of each range: is any of it RAM, or nothing, or of what moved, over there? So
 *                  it is known of each segment of two special types whether it was retyped.
 *  trim            Of each range: where it starts and ends without what was retyped there. So it is
 *                  known what each pair says.
 *  write_down      The list. In each segment: what was retyped; the pair whose range after starts
 *                  there; what pairs do not explain of either range. So the list is sorted.
 *
 * The example of pairing.c, and what is written down; ~ is a consequence:
 *
 *	before  uuaannuuuuurrrrrruuttuuuxxuuuuu
 *	after   uuuuuaannnurruurruuppuuuuuuxxxu
 *
 *	~u 0-2 grew to 0-5     ~u 6-11 shrank to 10-11    ~u 21-24 grew to 21-27
 *	a 2-4 moved to 5-7      r 13-15 vanished           x 24-26 moved to 27-30
 *	n 4-6 moved to 7-10     t 19-21 is p now          ~u 26-31 shrank to 30-31
 */
#include "x86/changes.h"

#include "x86/pairing.h"

struct comparison {
	struct pairing pairing;
	struct change_list *list;
	struct change *last_part[SIDES]; /* what may have to be lengthened; NULL */
};

/* --- what was retyped --- */

static void look_at_bytes(const struct pairing *pairing)
{
	struct e820_walk walk = pairing_walk(pairing);

	while (e820_walk_next(&walk)) {
		for (enum side side = BEFORE; side < SIDES; side++) {
			struct paired_range *range = pairing_in(pairing, &walk, side);
			const struct paired_range *other = pairing_in(pairing, &walk, !side);

			if (range != NULL)
				range->is_mixed |= !pairing_is_special(walk.type[!side]) ||
				                   other->fate == RANGE_MOVED;
		}
	}
}

/* A range that moved is explained. So is one that came, or went, in part where RAM or nothing is:
 * as a whole it came, or went. */
static bool can_be_retyped(const struct paired_range *range)
{
	bool lives_on = range->fate == RANGE_STAYED || range->fate == RANGE_KEPT;

	return lives_on || (range->fate != RANGE_MOVED && !range->is_mixed);
}

/* Where both have a partner, it is just the border between them that is elsewhere. */
static bool is_retyped(const struct pairing *pairing, const struct e820_walk *segment)
{
	const struct paired_range *from = pairing_in(pairing, segment, BEFORE);
	const struct paired_range *to = pairing_in(pairing, segment, AFTER);

	return segment->type[BEFORE] != segment->type[AFTER] &&
	       pairing_is_special(segment->type[BEFORE]) &&
	       pairing_is_special(segment->type[AFTER]) && can_be_retyped(from) &&
	       can_be_retyped(to) && (from->partner == NULL || to->partner == NULL);
}

static void trim(const struct pairing *pairing)
{
	struct e820_walk walk = pairing_walk(pairing);

	while (e820_walk_next(&walk)) {
		for (enum side side = BEFORE; side < SIDES && !is_retyped(pairing, &walk); side++) {
			struct paired_range *range = pairing_in(pairing, &walk, side);

			if (range == NULL)
				continue;
			if (range->remains.end_paddr == 0)
				range->remains.start_paddr = walk.start_paddr;
			range->remains.end_paddr = walk.end_paddr;
		}
	}
}

/* --- writing down --- */

/* Returns where it stands; NULL if there is no room, and the list is only counted any more. */
static struct change *add_change(const struct comparison *c, struct change change)
{
	struct change_list *list = c->list;

	if (list->n_entries++ >= list->capacity)
		return NULL;
	list->entries[list->n_entries - 1] = change;
	return &list->entries[list->n_entries - 1];
}

static struct e820_range part_of(const struct e820_walk *segment, enum side side)
{
	return (struct e820_range){ segment->start_paddr, segment->end_paddr, segment->type[side],
		                    0 };
}

static struct e820_range *side_of(struct change *change, enum side side)
{
	return side == BEFORE ? &change->before : &change->after;
}

/* A part of a range vanished, or appeared. If the part before it did, it is one with this one. */
static void add_part(struct comparison *c, const struct e820_walk *segment, enum side side)
{
	paddr_t start_paddr = pairing_in(&c->pairing, segment, side)->range->start_paddr;
	struct change change = { .kind = side == BEFORE ? CHANGE_VANISHED : CHANGE_APPEARED };
	struct change *last = c->last_part[side];

	if (last != NULL && start_paddr < segment->start_paddr &&
	    side_of(last, side)->end_paddr == segment->start_paddr) {
		side_of(last, side)->end_paddr = segment->end_paddr;
		last->n_pages = pages_of(e820_bytes(side_of(last, side)));
		return;
	}
	*side_of(&change, side) = part_of(segment, side);
	change.n_pages = pages_of(segment->end_paddr - segment->start_paddr);
	c->last_part[side] = add_change(c, change);
}

/*
 * Is this part of a range that has no partner a change? RAM is one only where nothing is in the
 * other map: else what is there says it. Where the other map has the same type it is none, unless
 * that came from elsewhere, or went there; or it is soft reserved memory that is split otherwise.
 */
static bool is_part(const struct comparison *c, const struct e820_walk *segment, enum side side)
{
	uint32_t type = segment->type[side], other_type = segment->type[!side];
	const struct paired_range *range = pairing_in(&c->pairing, segment, side);

	if (range == NULL || range->partner != NULL)
		return false;
	if (type == E820_RAM)
		return other_type == E820_NONE;
	return type != other_type || type == (uint32_t)E820_SOFT_RESERVED ||
	       pairing_in(&c->pairing, segment, !side)->fate == RANGE_MOVED;
}

static bool is_moved_pair(const struct paired_range *from, const struct paired_range *to)
{
	return from->fate == RANGE_MOVED && from->partner == to;
}

/* RAM that gave way to, or followed, other ranges: it lies between two that moved, moved with one,
 * or what it lost and got is all theirs. */
static bool is_consequence(const struct paired_range *from, const struct paired_range *to)
{
	if (is_moved_pair(from, to) && e820_bytes(from->range) == e820_bytes(to->range))
		return true;
	if (is_moved_pair(from - 1, to - 1) && is_moved_pair(from + 1, to + 1))
		return true;
	return !from->trades_hole && !to->trades_hole;
}

/* As large as it was; or, whatever its size, nowhere where it was. RAM stays, and gives way. */
static bool is_elsewhere(const struct change *change)
{
	const struct e820_range *from = &change->before, *to = &change->after;
	bool is_apart = from->end_paddr <= to->start_paddr || to->end_paddr <= from->start_paddr;

	return e820_bytes(from) == e820_bytes(to) || (is_apart && pairing_is_special(from->type));
}

static struct e820_range what_remains(const struct paired_range *range)
{
	return (struct e820_range){ range->remains.start_paddr, range->remains.end_paddr,
		                    range->range->type, 0 };
}

static void add_pair(const struct comparison *c, const struct paired_range *from,
                     const struct paired_range *to)
{
	struct change change = { .before = what_remains(from), .after = what_remains(to) };
	uint64_t bytes_before = e820_bytes(&change.before), bytes_after = e820_bytes(&change.after);
	uint64_t distance = distance_u64(change.before.start_paddr, change.after.start_paddr);

	if (distance == 0 && bytes_before == bytes_after)
		return;
	change.kind = is_elsewhere(&change)        ? CHANGE_MOVED
	              : bytes_before < bytes_after ? CHANGE_GREW
	                                           : CHANGE_SHRANK;
	change.n_pages = pages_of(
		change.kind == CHANGE_MOVED ? distance : distance_u64(bytes_before, bytes_after));
	change.is_consequence = change.before.type == E820_RAM && is_consequence(from, to);
	add_change(c, change);
}

static void write_down(struct comparison *c)
{
	struct e820_walk walk = pairing_walk(&c->pairing);

	while (e820_walk_next(&walk)) {
		const struct paired_range *to = pairing_in(&c->pairing, &walk, AFTER);

		if (is_retyped(&c->pairing, &walk)) {
			add_change(c, (struct change){ CHANGE_RETYPED, part_of(&walk, BEFORE),
			                               part_of(&walk, AFTER),
			                               pages_of(walk.end_paddr - walk.start_paddr),
			                               false });
			continue;
		}
		if (to != NULL && to->partner != NULL &&
		    to->remains.start_paddr == walk.start_paddr)
			add_pair(c, to->partner, to);
		if (is_part(c, &walk, AFTER))
			add_part(c, &walk, AFTER);
		if (is_part(c, &walk, BEFORE))
			add_part(c, &walk, BEFORE);
	}
}

/* --- the contract --- */

size_t changes_most(size_t n_before, size_t n_after)
{
	/* A range has two ends; so there are at most twice as many segments as ranges, each with
	 * two parts, and as many pairs as one map has ranges. */
	return n_before > SIZE_MAX / 10 || n_after > SIZE_MAX / 10 ? SIZE_MAX
	                                                           : 5 * (n_before + n_after);
}

size_t changes_scratch_bytes(size_t n_before, size_t n_after)
{
	return n_before > SIZE_MAX - n_after ? SIZE_MAX : pairing_scratch_bytes(n_before + n_after);
}

enum map_err e820_changes(const struct e820_map *before, const struct e820_map *after,
                          struct change_list *list, void *scratch, size_t scratch_bytes)
{
	struct comparison c = { .list = list };

	list->n_entries = 0;
	if (scratch_bytes < changes_scratch_bytes(before->n_ranges, after->n_ranges))
		return MAP_NO_SCRATCH;
	pairing_find(before, after, scratch, &c.pairing);
	look_at_bytes(&c.pairing);
	trim(&c.pairing);
	write_down(&c);
	if (list->n_entries <= list->capacity)
		return MAP_OK;
	list->n_entries = 0;
	return MAP_FULL;
}

const char *change_kind_name(enum change_kind kind)
{
	static const char *const names[] = {
		[CHANGE_MOVED] = "moved",       [CHANGE_GREW] = "grew",
		[CHANGE_SHRANK] = "shrank",     [CHANGE_APPEARED] = "appeared",
		[CHANGE_VANISHED] = "vanished", [CHANGE_RETYPED] = "retyped",
	};

	return names[kind];
}
