/*
 * changes.c - two maps -> the changes between them.
 *
 * Everything is found by walking both maps side by side, in segments: as far as each has the same
 * range. First each range learns its fate: what it is in the other map, if anything. Then another
 * walk writes down what these pairs do not explain.
 */
#include "x86/changes.h"

#include "bootmem/mem.h"

enum side { BEFORE, AFTER, SIDES };

#define NONE SIZE_MAX

/* What is known of a range. */
struct fate {
	size_t partner;      /* the range of the other map that it is there; NONE */
	paddr_t start_paddr; /* of it without what was retyped at its ends */
	paddr_t end_paddr;
	bool is_moved;    /* the partner is elsewhere */
	bool is_kept;     /* without having moved, it shares bytes with a range of its type */
	bool is_changed;  /* some byte has another type in the other map */
	bool is_recast;   /* a range of another type has both its ends */
	bool is_rooted;   /* one of its type shares bytes, and one end: it grew or shrank there */
	bool is_mixed;    /* some byte is RAM or nothing there, or of a range that moved */
	bool trades_hole; /* some byte is nothing there */
};

/* A range that may have moved. Sorted by these fields, those of a type stand together, and so do
 * those that look alike. */
struct candidate {
	uint32_t type;
	uint64_t bytes;
	enum side side;
	size_t index;
};

struct comparison {
	const struct e820_map *maps[SIDES];
	struct fate *fates[SIDES];
	struct candidate *candidates; /* room for as many as both maps have ranges */
	size_t n_candidates;
	size_t *chain[SIDES]; /* as many as the map has ranges */
	size_t n_chain[SIDES];
	struct change_list *list;
	size_t last_part[SIDES]; /* in the list: what may have to be lengthened */
};

/* --- the walk --- */

/* Where one range, or nothing, of each map lies. */
struct segment {
	paddr_t start_paddr;
	paddr_t end_paddr;
	size_t index[SIDES]; /* NONE: nothing */
	uint32_t type[SIDES];
};

struct walk {
	const struct comparison *comparison;
	size_t at[SIDES];
	paddr_t paddr;
};

/* What one map has at the walk's address; the segment ends where that ends, or sooner. */
static bool look_at_side(struct walk *walk, enum side side, struct segment *segment)
{
	const struct e820_map *map = walk->comparison->maps[side];
	const struct e820_range *range;

	segment->index[side] = NONE;
	segment->type[side] = E820_NONE;
	while (walk->at[side] < map->n_ranges &&
	       map->ranges[walk->at[side]].end_paddr <= walk->paddr)
		walk->at[side]++;
	if (walk->at[side] == map->n_ranges)
		return false;
	range = &map->ranges[walk->at[side]];
	if (range->start_paddr > walk->paddr) {
		segment->end_paddr = min_u64(segment->end_paddr, range->start_paddr);
		return true;
	}
	segment->index[side] = walk->at[side];
	segment->type[side] = range->type;
	segment->end_paddr = min_u64(segment->end_paddr, range->end_paddr);
	return true;
}

/* The next segment, also one where neither map has anything. False at the end of both. */
static bool next_segment(struct walk *walk, struct segment *ret_segment)
{
	bool is_any = false;

	ret_segment->start_paddr = walk->paddr;
	ret_segment->end_paddr = UINT64_MAX;
	for (enum side side = BEFORE; side < SIDES; side++)
		is_any |= look_at_side(walk, side, ret_segment);
	walk->paddr = ret_segment->end_paddr;
	return is_any;
}

static bool is_different(const struct segment *segment)
{
	return segment->type[BEFORE] != segment->type[AFTER];
}

/* Is it memory that is neither RAM nor a hole? */
static bool is_special(uint32_t type)
{
	return type != E820_RAM && type != E820_NONE;
}

/* --- ranges and their fates --- */

static const struct e820_range *range_of(const struct comparison *c, enum side side, size_t index)
{
	return &c->maps[side]->ranges[index];
}

static uint64_t bytes_of(const struct e820_range *range)
{
	return range->end_paddr - range->start_paddr;
}

static bool have_same_ends(const struct e820_range *a, const struct e820_range *b)
{
	return a->start_paddr == b->start_paddr && a->end_paddr == b->end_paddr;
}

static struct fate *fate_in(const struct comparison *c, const struct segment *segment,
                            enum side side)
{
	size_t index = segment->index[side];

	return index == NONE ? NULL : &c->fates[side][index];
}

static bool is_alone(const struct comparison *c, enum side side, size_t index)
{
	return c->fates[side][index].partner == NONE;
}

static void pair(struct comparison *c, size_t before, size_t after, bool is_moved)
{
	c->fates[BEFORE][before].partner = after;
	c->fates[BEFORE][before].is_moved = is_moved;
	c->fates[AFTER][after].partner = before;
	c->fates[AFTER][after].is_moved = is_moved;
}

/* Ranges with the same ends: equal, or of another type. Or one of the ends, and one type. */
static void compare_ranges(struct comparison *c, const struct segment *segment)
{
	size_t before = segment->index[BEFORE], after = segment->index[AFTER];
	const struct e820_range *from, *to;

	if (before == NONE || after == NONE)
		return;
	from = range_of(c, BEFORE, before);
	to = range_of(c, AFTER, after);
	if (!have_same_ends(from, to)) {
		if (!is_different(segment) &&
		    (from->start_paddr == to->start_paddr || from->end_paddr == to->end_paddr))
			c->fates[BEFORE][before].is_rooted = c->fates[AFTER][after].is_rooted =
				true;
		return;
	}
	if (!is_different(segment))
		pair(c, before, after, false);
	else if (is_special(segment->type[BEFORE]) && is_special(segment->type[AFTER]))
		c->fates[BEFORE][before].is_recast = c->fates[AFTER][after].is_recast = true;
}

/* What the bytes of each range are in the other map. */
static void compare_bytes(struct comparison *c)
{
	struct walk walk = { .comparison = c };
	struct segment segment;

	while (next_segment(&walk, &segment)) {
		for (enum side side = BEFORE; side < SIDES; side++) {
			struct fate *fate = fate_in(c, &segment, side);

			if (fate == NULL)
				continue;
			fate->is_changed |= is_different(&segment);
			fate->trades_hole |= segment.type[!side] == E820_NONE;
		}
		compare_ranges(c, &segment);
	}
}

/* --- sorting --- */

typedef bool less_fn(const void *a, const void *b);

static void swap_items(char *a, char *b, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++) {
		char swap = a[i];

		a[i] = b[i];
		b[i] = swap;
	}
}

static void sink(char *items, size_t n, size_t at, size_t bytes, less_fn *is_less)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n && is_less(items + child * bytes, items + (child + 1) * bytes))
			child++;
		if (!is_less(items + at * bytes, items + child * bytes))
			return;
		swap_items(items + at * bytes, items + child * bytes, bytes);
	}
}

/* Heap sort: in place, and as fast for every order. */
static void sort(void *array, size_t n, size_t bytes, less_fn *is_less)
{
	char *items = array;

	for (size_t i = n / 2; i-- > 0;)
		sink(items, n, i, bytes, is_less);
	for (size_t end = n; end-- > 1;) {
		swap_items(items, items + end * bytes, bytes);
		sink(items, end, 0, bytes, is_less);
	}
}

/* --- what moved --- */

static bool candidate_is_less(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;

	if (a->type != b->type)
		return a->type < b->type;
	if (a->bytes != b->bytes)
		return a->bytes < b->bytes;
	return a->side != b->side ? a->side < b->side : a->index < b->index;
}

/* A range can have moved away only where something else is now, and to where something else was. */
static void list_candidates(struct comparison *c)
{
	for (enum side side = BEFORE; side < SIDES; side++) {
		for (size_t i = 0; i < c->maps[side]->n_ranges; i++) {
			const struct e820_range *range = range_of(c, side, i);

			if (c->fates[side][i].is_changed && is_special(range->type))
				c->candidates[c->n_candidates++] =
					(struct candidate){ range->type, bytes_of(range), side, i };
		}
	}
	sort(c->candidates, c->n_candidates, sizeof c->candidates[0], candidate_is_less);
}

/* Are these two, whose indexes may be past the ends of the maps, of one type and still alone? */
static bool may_be_pair(const struct comparison *c, size_t before, size_t after)
{
	return before < c->maps[BEFORE]->n_ranges && after < c->maps[AFTER]->n_ranges &&
	       is_alone(c, BEFORE, before) && is_alone(c, AFTER, after) &&
	       range_of(c, BEFORE, before)->type == range_of(c, AFTER, after)->type;
}

/* Did they move by @shift? */
static bool move_along(const struct comparison *c, size_t before, size_t after, uint64_t shift)
{
	const struct e820_range *from, *to;

	if (!may_be_pair(c, before, after))
		return false;
	from = range_of(c, BEFORE, before);
	to = range_of(c, AFTER, after);
	return bytes_of(from) == bytes_of(to) && to->start_paddr - from->start_paddr == shift;
}

/* Has it been found where it was, as another type, or of another size? */
static bool stays(const struct fate *fate)
{
	return fate->is_recast || fate->is_rooted;
}

/*
 * A pair that moved, and its neighbours on both sides that moved by as much, RAM between them too.
 * (An index below 0 wraps, to one past every end.) What is as well explained where it was did not
 * move, unless it has such neighbours.
 */
static void pair_moved(struct comparison *c, size_t before, size_t after)
{
	uint64_t shift =
		range_of(c, AFTER, after)->start_paddr - range_of(c, BEFORE, before)->start_paddr;

	if ((stays(&c->fates[BEFORE][before]) || stays(&c->fates[AFTER][after])) &&
	    !move_along(c, before + 1, after + 1, shift) &&
	    !move_along(c, before - 1, after - 1, shift))
		return;
	pair(c, before, after, true);
	for (size_t i = 1; move_along(c, before + i, after + i, shift); i++)
		pair(c, before + i, after + i, true);
	for (size_t i = 1; move_along(c, before - i, after - i, shift); i++)
		pair(c, before - i, after - i, true);
}

/* Ranges that look alike: in a part of the list of candidates, those of the map before first. */
struct look_alikes {
	struct candidate *list[SIDES];
	size_t n[SIDES];
};

static bool may_move(const struct comparison *c, const struct candidate *candidate)
{
	const struct fate *fate = &c->fates[candidate->side][candidate->index];

	return fate->partner == NONE && !stays(fate);
}

/* Those that are still alone, and may move. They are brought to the start of @list. */
static struct look_alikes look_alikes_of(struct comparison *c, struct candidate *list, size_t n)
{
	struct look_alikes alike = { .list = { list, list } };

	for (size_t i = 0; i < n; i++) {
		struct candidate *to = &list[alike.n[BEFORE] + alike.n[AFTER]];
		struct candidate next = list[i];

		if (!may_move(c, &next))
			continue;
		list[i] = *to;
		*to = next;
		alike.n[next.side]++;
	}
	alike.list[AFTER] = list + alike.n[BEFORE];
	return alike;
}

/* Each of the fewer side gets the nearest of the other: in their order, and none is left over. */
static void pair_look_alikes(struct comparison *c, const struct look_alikes *alike)
{
	enum side few = alike->n[BEFORE] <= alike->n[AFTER] ? BEFORE : AFTER, many = !few;
	size_t next = 0;

	for (size_t i = 0; i < alike->n[few]; i++, next++) {
		size_t index[SIDES] = { alike->list[few][i].index, alike->list[few][i].index };
		paddr_t paddr = range_of(c, few, index[few])->start_paddr;
		size_t last = alike->n[many] - (alike->n[few] - i);
		const struct candidate *list = alike->list[many];

		while (next < last &&
		       distance_u64(range_of(c, many, list[next + 1].index)->start_paddr, paddr) <
		               distance_u64(range_of(c, many, list[next].index)->start_paddr,
		                            paddr))
			next++;
		index[many] = list[next].index;
		if (is_alone(c, BEFORE, index[BEFORE]) && is_alone(c, AFTER, index[AFTER]))
			pair_moved(c, index[BEFORE], index[AFTER]);
	}
}

static size_t end_of_look_alikes(const struct comparison *c, size_t first)
{
	const struct candidate *list = c->candidates;
	size_t end = first;

	while (end < c->n_candidates && list[end].bytes == list[first].bytes &&
	       list[end].type == list[first].type)
		end++;
	return end;
}

/* Those that are one of their kind in both maps come first: as neighbours they tell look-alikes
 * apart. */
static void find_moves(struct comparison *c)
{
	struct candidate *list = c->candidates;
	size_t n = c->n_candidates;

	for (size_t first = 0, end; first < n; first = end) {
		end = end_of_look_alikes(c, first);
		if (end - first == 2 && list[first].side != list[first + 1].side &&
		    may_be_pair(c, list[first].index, list[first + 1].index))
			pair_moved(c, list[first].index, list[first + 1].index);
	}
	for (size_t first = 0, end; first < n; first = end) {
		end = end_of_look_alikes(c, first);
		struct look_alikes alike = look_alikes_of(c, &list[first], end - first);

		pair_look_alikes(c, &alike);
	}
}

/* --- what stayed --- */

static bool overlap(const struct e820_range *a, const struct e820_range *b)
{
	return a->start_paddr < b->end_paddr && b->start_paddr < a->end_paddr;
}

/* The chain is complete. If it has as many ranges before as after, each lives on in one. */
static void pair_chain(struct comparison *c)
{
	size_t n = c->n_chain[BEFORE];
	bool is_good = n == c->n_chain[AFTER];

	for (size_t i = 0; is_good && i < n; i++)
		is_good = overlap(range_of(c, BEFORE, c->chain[BEFORE][i]),
		                  range_of(c, AFTER, c->chain[AFTER][i]));
	for (size_t i = 0; is_good && i < n; i++)
		pair(c, c->chain[BEFORE][i], c->chain[AFTER][i], false);
	c->n_chain[BEFORE] = c->n_chain[AFTER] = 0;
}

static bool ends_chain(const struct comparison *c, enum side side, size_t index)
{
	return c->n_chain[side] > 0 && c->chain[side][c->n_chain[side] - 1] == index;
}

/* Ranges of one type that share bytes are a chain: before[0] with after[0], that with before[1],
 * and so on. In most there is one of each. */
static void find_chains(struct comparison *c)
{
	struct walk walk = { .comparison = c };
	struct segment segment;

	while (next_segment(&walk, &segment)) {
		const size_t *index = segment.index;

		if (is_different(&segment) || index[BEFORE] == NONE ||
		    !is_alone(c, BEFORE, index[BEFORE]) || !is_alone(c, AFTER, index[AFTER]))
			continue;
		if (!ends_chain(c, BEFORE, index[BEFORE]) && !ends_chain(c, AFTER, index[AFTER]))
			pair_chain(c);
		c->fates[BEFORE][index[BEFORE]].is_kept = true;
		c->fates[AFTER][index[AFTER]].is_kept = true;
		for (enum side side = BEFORE; side < SIDES; side++) {
			if (!ends_chain(c, side, index[side]))
				c->chain[side][c->n_chain[side]++] = index[side];
		}
	}
	pair_chain(c);
}

/* Is it what lay beside a range, and lies beside it now? Not where both lie in part where they did,
 * and no end is the same: then something else has come between. */
static bool stays_neighbour(const struct comparison *c, size_t before, size_t after)
{
	const struct e820_range *from, *to;

	if (!may_be_pair(c, before, after) || c->fates[BEFORE][before].is_recast ||
	    c->fates[AFTER][after].is_recast)
		return false;
	from = range_of(c, BEFORE, before);
	to = range_of(c, AFTER, after);
	return from->start_paddr == to->start_paddr || from->end_paddr == to->end_paddr ||
	       !c->fates[BEFORE][before].is_kept || !c->fates[AFTER][after].is_kept;
}

/* Does the range @index touch the next one? */
static bool touches_next(const struct comparison *c, enum side side, size_t index)
{
	return index + 1 < c->maps[side]->n_ranges &&
	       range_of(c, side, index)->end_paddr == range_of(c, side, index + 1)->start_paddr;
}

/* What is still alone, and touches a range that moved both there and here, went with it; and what
 * touches that, in turn. */
static void find_neighbours(struct comparison *c)
{
	size_t n = c->maps[BEFORE]->n_ranges;

	for (size_t i = 0; i + 1 < n; i++) {
		const struct fate *fate = &c->fates[BEFORE][i];

		if (fate->is_moved && touches_next(c, BEFORE, i) &&
		    touches_next(c, AFTER, fate->partner) &&
		    stays_neighbour(c, i + 1, fate->partner + 1))
			pair(c, i + 1, fate->partner + 1, true);
	}
	for (size_t i = n; i-- > 1;) {
		const struct fate *fate = &c->fates[BEFORE][i];

		if (fate->is_moved && fate->partner > 0 && touches_next(c, BEFORE, i - 1) &&
		    touches_next(c, AFTER, fate->partner - 1) &&
		    stays_neighbour(c, i - 1, fate->partner - 1))
			pair(c, i - 1, fate->partner - 1, true);
	}
}

/* The only range of a type that went, and the only one that came: it moved, and grew or shrank too,
 * unless one is more than twice the other. */
static void find_remaining(struct comparison *c)
{
	const struct candidate *list = c->candidates;

	for (size_t first = 0, end; first < c->n_candidates; first = end) {
		const struct candidate *lone[SIDES] = { NULL, NULL };
		size_t n[SIDES] = { 0, 0 };

		for (end = first; end < c->n_candidates && list[end].type == list[first].type;
		     end++) {
			if (!may_move(c, &list[end]) ||
			    c->fates[list[end].side][list[end].index].is_kept)
				continue;
			lone[list[end].side] = &list[end];
			n[list[end].side]++;
		}
		if (n[BEFORE] == 1 && n[AFTER] == 1 &&
		    lone[BEFORE]->bytes / 2 <= lone[AFTER]->bytes &&
		    lone[AFTER]->bytes / 2 <= lone[BEFORE]->bytes)
			pair(c, lone[BEFORE]->index, lone[AFTER]->index, true);
	}
}

/* --- what was retyped --- */

static void find_mixed(struct comparison *c)
{
	struct walk walk = { .comparison = c };
	struct segment segment;

	while (next_segment(&walk, &segment)) {
		for (enum side side = BEFORE; side < SIDES; side++) {
			struct fate *fate = fate_in(c, &segment, side);
			struct fate *other = fate_in(c, &segment, !side);

			if (fate != NULL)
				fate->is_mixed |=
					!is_special(segment.type[!side]) || other->is_moved;
		}
	}
}

/* A range that moved is explained. So is one that came, or went, in part where RAM or nothing is:
 * as a whole it came, or went. */
static bool can_be_retyped(const struct fate *fate)
{
	return !fate->is_moved && (fate->is_kept || !fate->is_mixed);
}

/* Where both live on, it is just the border between them that is elsewhere. */
static bool is_retyped(const struct comparison *c, const struct segment *segment)
{
	const struct fate *before = fate_in(c, segment, BEFORE);
	const struct fate *after = fate_in(c, segment, AFTER);

	return is_different(segment) && is_special(segment->type[BEFORE]) &&
	       is_special(segment->type[AFTER]) && can_be_retyped(before) &&
	       can_be_retyped(after) && (before->partner == NONE || after->partner == NONE);
}

/* --- writing down --- */

/* A place for one more, filled with @change if there is room. Returns its index. */
static size_t add_change(struct comparison *c, struct change change)
{
	struct change_list *list = c->list;

	if (list->n_entries < list->capacity)
		list->entries[list->n_entries] = change;
	return list->n_entries++;
}

static struct e820_range part(const struct segment *segment, enum side side)
{
	return (struct e820_range){ segment->start_paddr, segment->end_paddr, segment->type[side],
		                    0 };
}

static void add_retyped(struct comparison *c, const struct segment *segment)
{
	add_change(c, (struct change){
			      .kind = CHANGE_RETYPED,
			      .before = part(segment, BEFORE),
			      .after = part(segment, AFTER),
			      .n_pages = pages_of(segment->end_paddr - segment->start_paddr),
		      });
}

/* A part of a range vanished, or appeared. If the part before it did, it is one with this one. */
static void add_part(struct comparison *c, const struct segment *segment, enum side side)
{
	bool is_first =
		range_of(c, side, segment->index[side])->start_paddr == segment->start_paddr;
	size_t last = c->last_part[side];
	struct change change = { .kind = side == BEFORE ? CHANGE_VANISHED : CHANGE_APPEARED };
	struct e820_range *changed = side == BEFORE ? &change.before : &change.after;

	*changed = part(segment, side);
	if (!is_first && last < c->list->n_entries && last < c->list->capacity) {
		const struct change *entry = &c->list->entries[last];
		const struct e820_range *range = side == BEFORE ? &entry->before : &entry->after;

		if (range->end_paddr == segment->start_paddr)
			changed->start_paddr = range->start_paddr;
	}
	change.n_pages = pages_of(bytes_of(changed));
	if (changed->start_paddr < segment->start_paddr)
		c->list->entries[last] = change;
	else
		c->last_part[side] = add_change(c, change);
}

/*
 * Is this part of a range that has no partner a change? RAM is one only where nothing is in the
 * other map: else what is there says it. Where the other map has the same type it is none, unless
 * that came from elsewhere, or went there; or it is soft reserved memory that is split otherwise.
 */
static bool is_part(const struct comparison *c, const struct segment *segment, enum side side)
{
	uint32_t type = segment->type[side];

	if (segment->index[side] == NONE || !is_alone(c, side, segment->index[side]))
		return false;
	if (type == E820_RAM)
		return segment->type[!side] == E820_NONE;
	return is_different(segment) || type == (uint32_t)E820_SOFT_RESERVED ||
	       fate_in(c, segment, !side)->is_moved;
}

/* All segments: what is retyped, what pairs do not explain, and what is left of each range. */
static void add_segments(struct comparison *c)
{
	struct walk walk = { .comparison = c };
	struct segment segment;

	while (next_segment(&walk, &segment)) {
		if (is_retyped(c, &segment)) {
			add_retyped(c, &segment);
			continue;
		}
		for (enum side side = BEFORE; side < SIDES; side++) {
			struct fate *fate = fate_in(c, &segment, side);

			if (is_part(c, &segment, side))
				add_part(c, &segment, side);
			if (fate != NULL && fate->start_paddr == UINT64_MAX)
				fate->start_paddr = segment.start_paddr;
			if (fate != NULL)
				fate->end_paddr = segment.end_paddr;
		}
	}
}

static struct e820_range what_is_left(const struct comparison *c, enum side side, size_t index)
{
	const struct fate *fate = &c->fates[side][index];

	return (struct e820_range){ fate->start_paddr, fate->end_paddr,
		                    range_of(c, side, index)->type, 0 };
}

static bool is_moved_pair(const struct comparison *c, size_t before, size_t after)
{
	return before < c->maps[BEFORE]->n_ranges && c->fates[BEFORE][before].partner == after &&
	       c->fates[BEFORE][before].is_moved;
}

/* RAM that gave way to, or followed, other ranges: it lies between two that moved, moved with one,
 * or what it lost and got is all theirs. */
static bool is_consequence(const struct comparison *c, size_t before, size_t after)
{
	const struct e820_range *from = range_of(c, BEFORE, before),
				*to = range_of(c, AFTER, after);

	if (is_moved_pair(c, before, after) && bytes_of(from) == bytes_of(to))
		return true;
	if (is_moved_pair(c, before - 1, after - 1) && is_moved_pair(c, before + 1, after + 1))
		return true;
	return !c->fates[BEFORE][before].trades_hole && !c->fates[AFTER][after].trades_hole;
}

/* As large as it was; or, whatever its size, nowhere where it was. RAM stays, and gives way. */
static bool is_elsewhere(const struct change *change)
{
	const struct e820_range *from = &change->before, *to = &change->after;
	bool is_apart = from->end_paddr <= to->start_paddr || to->end_paddr <= from->start_paddr;

	return bytes_of(from) == bytes_of(to) || (is_apart && is_special(from->type));
}

static void add_pair(struct comparison *c, size_t before, size_t after)
{
	struct change change = { .before = what_is_left(c, BEFORE, before),
		                 .after = what_is_left(c, AFTER, after) };
	uint64_t bytes_before = bytes_of(&change.before), bytes_after = bytes_of(&change.after);

	if (have_same_ends(&change.before, &change.after))
		return;
	change.kind = is_elsewhere(&change)        ? CHANGE_MOVED
	              : bytes_before < bytes_after ? CHANGE_GREW
	                                           : CHANGE_SHRANK;
	change.n_pages =
		pages_of(change.kind == CHANGE_MOVED
	                         ? distance_u64(change.before.start_paddr, change.after.start_paddr)
	                         : distance_u64(bytes_before, bytes_after));
	change.is_consequence = change.before.type == E820_RAM && is_consequence(c, before, after);
	add_change(c, change);
}

static void add_pairs(struct comparison *c)
{
	for (size_t i = 0; i < c->maps[BEFORE]->n_ranges; i++) {
		if (!is_alone(c, BEFORE, i))
			add_pair(c, i, c->fates[BEFORE][i].partner);
	}
}

static paddr_t address_of(const struct change *change)
{
	return change->kind == CHANGE_VANISHED ? change->before.start_paddr
	                                       : change->after.start_paddr;
}

/* By address; and where several changes have one, in an order that is always the same. */
static bool change_is_less(const void *left, const void *right)
{
	const struct change *a = left, *b = right;

	if (address_of(a) != address_of(b))
		return address_of(a) < address_of(b);
	return a->kind != b->kind ? a->kind < b->kind
	                          : a->before.start_paddr < b->before.start_paddr;
}

/* --- the contract --- */

/* Scratch space for a range: its fate, a candidate, a place in a chain. */
#define RANGE_BYTES (sizeof(struct fate) + sizeof(struct candidate) + sizeof(size_t))

size_t changes_most(size_t n_before, size_t n_after)
{
	/* A range has two ends; so there are at most twice as many segments as ranges, each with
	 * two parts, and as many pairs as one map has ranges. */
	return n_before > SIZE_MAX / 10 || n_after > SIZE_MAX / 10 ? SIZE_MAX
	                                                           : 5 * (n_before + n_after);
}

size_t changes_scratch_bytes(size_t n_before, size_t n_after)
{
	const size_t most = SIZE_MAX / 2 / RANGE_BYTES;

	return n_before > most || n_after > most ? SIZE_MAX : (n_before + n_after) * RANGE_BYTES;
}

static struct comparison comparison_in(void *scratch, const struct e820_map *before,
                                       const struct e820_map *after, struct change_list *list)
{
	struct comparison c = { .maps = { before, after }, .list = list };
	size_t n_ranges = before->n_ranges + after->n_ranges;

	c.fates[BEFORE] = scratch;
	c.fates[AFTER] = c.fates[BEFORE] + before->n_ranges;
	c.candidates = (struct candidate *)(c.fates[BEFORE] + n_ranges);
	c.chain[BEFORE] = (size_t *)(c.candidates + n_ranges);
	c.chain[AFTER] = c.chain[BEFORE] + before->n_ranges;
	for (size_t i = 0; i < n_ranges; i++)
		c.fates[BEFORE][i] = (struct fate){ .partner = NONE, .start_paddr = UINT64_MAX };
	c.last_part[BEFORE] = c.last_part[AFTER] = NONE;
	return c;
}

enum map_err e820_changes(const struct e820_map *before, const struct e820_map *after,
                          struct change_list *list, void *scratch, size_t scratch_bytes)
{
	struct comparison c;

	list->n_entries = 0;
	if (scratch_bytes < changes_scratch_bytes(before->n_ranges, after->n_ranges))
		return MAP_NO_SCRATCH;
	c = comparison_in(scratch, before, after, list);
	compare_bytes(&c);
	list_candidates(&c);
	find_moves(&c);
	find_chains(&c);
	find_neighbours(&c);
	find_remaining(&c);
	find_mixed(&c);
	add_segments(&c);
	add_pairs(&c);
	if (list->n_entries > list->capacity) {
		list->n_entries = 0;
		return MAP_FULL;
	}
	sort(list->entries, list->n_entries, sizeof list->entries[0], change_is_less);
	return MAP_OK;
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
