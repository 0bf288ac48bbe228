/*
 * pairing.c - two maps -> who became whom: see pairing.h.
 *
 * The passes, in their order, and what holds after each. A pair is never undone; who has no partner
 * may still get one.
 *
 *  compare_bytes    Equal ranges are pairs (STAYED). A range that as a whole has another type is
 *                   RECAST, one that shares an end with one of its type ROOTED: they are as well
 *                   explained where they are as by a move.
 *  list_candidates  Those that can have moved are in order of type, size, map and address.
 *  find_moves       What moved is paired (MOVED), with neighbours that moved as far, RAM among
 *                   them. Of two candidates that look alike, in either map, one is not ALONE.
 *  find_chains      Ranges of one type that overlap, as many before as after, are pairs (STAYED);
 *                   if not as many, they are KEPT. No two of one type that share a byte are ALONE.
 *  find_neighbours  What lies beside a range that moved, before and after, moved too (MOVED), and
 *                   grew or shrank.
 *  find_remaining   The only range of a type that went, and the only one that came, are a pair
 *                   (MOVED), if about as large.
 *
 * An example, a letter a page; below each map the fates of its ranges: - ALONE, x RECAST, k KEPT,
 * = STAYED, > MOVED.
 *
 *	before  uuaannuuuuurrrrrruuttuuuxxuuuuu
 *	        ==>>>>=====kkkkkk==xx===>>=====
 *	after   uuuuuaannnurruurruuppuuuuuuxxxu
 *	        =====>>>>>=kk--kk==xx======>>>=
 *
 * a has a look-alike three pages on; n touches it there and here; of r two ranges are left; t is p
 * now; x is the only one of its type; all RAM but what lies inside r is where it was.
 */
#include "x86/pairing.h"

#include "bootmem/sort.h"
#include "x86/walk.h"

/* A range that may have moved is a candidate. Those of a type stand together, in the order of
 * their sizes; those that look alike, too, are in the order of their addresses, before first. */
struct matching {
	struct pairing *pairing;
	struct sort_item *candidates; /* value: the index of the range among those of both maps */
	size_t n_candidates;
	size_t *chain[SIDES]; /* as many as the map has ranges */
	size_t n_chain[SIDES];
};

static size_t n_ranges_of(const struct matching *m, enum side side)
{
	return m->pairing->maps[side]->n_ranges;
}

static const struct e820_range *range_of(const struct matching *m, enum side side, size_t index)
{
	return &m->pairing->maps[side]->ranges[index];
}

static struct range_pairing *paired(const struct matching *m, enum side side, size_t index)
{
	return &m->pairing->ranges[side][index];
}

static bool is_alone(const struct matching *m, enum side side, size_t index)
{
	return paired(m, side, index)->partner == PAIRING_NONE;
}

static void pair(const struct matching *m, size_t before, size_t after, enum range_fate fate)
{
	struct range_pairing *from = paired(m, BEFORE, before), *to = paired(m, AFTER, after);

	from->fate = to->fate = fate;
	from->partner = after;
	to->partner = before;
}

static void set_fates(const struct matching *m, size_t before, size_t after, enum range_fate fate)
{
	paired(m, BEFORE, before)->fate = paired(m, AFTER, after)->fate = fate;
}

static struct e820_walk walk_both(const struct matching *m)
{
	return (struct e820_walk){ .maps = { m->pairing->maps[BEFORE], m->pairing->maps[AFTER] } };
}

/* --- what is as it was --- */

/* Two ranges that share the segment, of the same ends, or of one. */
static void compare_ranges(const struct matching *m, size_t before, size_t after)
{
	const struct e820_range *from = range_of(m, BEFORE, before),
				*to = range_of(m, AFTER, after);
	bool is_same_start = from->start_paddr == to->start_paddr;
	bool is_same_end = from->end_paddr == to->end_paddr;

	if (from->type == to->type && is_same_start && is_same_end)
		pair(m, before, after, RANGE_STAYED);
	else if (from->type == to->type && (is_same_start || is_same_end))
		set_fates(m, before, after, RANGE_ROOTED);
	else if (is_same_start && is_same_end && pairing_is_special(from->type) &&
	         pairing_is_special(to->type))
		set_fates(m, before, after, RANGE_RECAST);
}

static void compare_bytes(const struct matching *m)
{
	struct e820_walk walk = walk_both(m);

	while (e820_walk_next(&walk)) {
		for (enum side side = BEFORE; side < SIDES; side++)
			if (walk.index[side] != WALK_NOTHING &&
			    walk.type[BEFORE] != walk.type[AFTER])
				paired(m, side, walk.index[side])->is_changed = true;
		if (walk.index[BEFORE] != WALK_NOTHING && walk.index[AFTER] != WALK_NOTHING)
			compare_ranges(m, walk.index[BEFORE], walk.index[AFTER]);
	}
}

/* --- what moved --- */

static enum side side_of(const struct matching *m, const struct sort_item *candidate)
{
	return candidate->value < n_ranges_of(m, BEFORE) ? BEFORE : AFTER;
}

static size_t index_of(const struct matching *m, const struct sort_item *candidate)
{
	size_t n_before = n_ranges_of(m, BEFORE);

	return (size_t)candidate->value - (candidate->value < n_before ? 0 : n_before);
}

static const struct e820_range *range_at(const struct matching *m,
                                         const struct sort_item *candidate)
{
	return range_of(m, side_of(m, candidate), index_of(m, candidate));
}

/* A range can have moved away only where something else is now, and to where something else was. */
static void list_candidates(struct matching *m, struct sort_item *spare)
{
	struct sort_item *list = m->candidates;
	uint64_t value = 0;

	for (enum side side = BEFORE; side < SIDES; side++) {
		for (size_t i = 0; i < n_ranges_of(m, side); i++, value++) {
			const struct e820_range *range = range_of(m, side, i);

			if (paired(m, side, i)->is_changed && pairing_is_special(range->type))
				list[m->n_candidates++] =
					(struct sort_item){ e820_bytes(range), value };
		}
	}
	sort_by_key(list, m->n_candidates, spare);
	for (size_t i = 0; i < m->n_candidates; i++)
		list[i].key = range_at(m, &list[i])->type;
	sort_by_key(list, m->n_candidates, spare);
}

/* Are these two, whose indexes may be past the ends of the maps, of one type and still alone? */
static bool may_be_pair(const struct matching *m, size_t before, size_t after)
{
	return before < n_ranges_of(m, BEFORE) && after < n_ranges_of(m, AFTER) &&
	       is_alone(m, BEFORE, before) && is_alone(m, AFTER, after) &&
	       range_of(m, BEFORE, before)->type == range_of(m, AFTER, after)->type;
}

/* Did they move by @shift? */
static bool move_along(const struct matching *m, size_t before, size_t after, uint64_t shift)
{
	const struct e820_range *from, *to;

	if (!may_be_pair(m, before, after))
		return false;
	from = range_of(m, BEFORE, before);
	to = range_of(m, AFTER, after);
	return e820_bytes(from) == e820_bytes(to) && to->start_paddr - from->start_paddr == shift;
}

/*
 * A pair that moved, and its neighbours on both sides that moved by as much, RAM between them too.
 * (An index below 0 wraps, to one past every end.) What is as well explained where it was did not
 * move, unless it has such neighbours.
 */
static void pair_moved(const struct matching *m, size_t before, size_t after)
{
	uint64_t shift =
		range_of(m, AFTER, after)->start_paddr - range_of(m, BEFORE, before)->start_paddr;
	bool is_explained = paired(m, BEFORE, before)->fate != RANGE_ALONE ||
	                    paired(m, AFTER, after)->fate != RANGE_ALONE;

	if (is_explained && !move_along(m, before + 1, after + 1, shift) &&
	    !move_along(m, before - 1, after - 1, shift))
		return;
	pair(m, before, after, RANGE_MOVED);
	for (size_t i = 1; move_along(m, before + i, after + i, shift); i++)
		pair(m, before + i, after + i, RANGE_MOVED);
	for (size_t i = 1; move_along(m, before - i, after - i, shift); i++)
		pair(m, before - i, after - i, RANGE_MOVED);
}

/* Ranges that look alike: in a part of the list of candidates, those of the map before first. */
struct look_alikes {
	struct sort_item *list[SIDES];
	size_t n[SIDES];
};

static bool may_move(const struct matching *m, const struct sort_item *candidate)
{
	return paired(m, side_of(m, candidate), index_of(m, candidate))->fate == RANGE_ALONE;
}

/* Those that may still move. They are brought to the start of @list. */
static struct look_alikes look_alikes_of(const struct matching *m, struct sort_item *list, size_t n)
{
	struct look_alikes alike = { .list = { list, list } };

	for (size_t i = 0; i < n; i++) {
		struct sort_item *to = &list[alike.n[BEFORE] + alike.n[AFTER]];
		struct sort_item next = list[i];

		if (!may_move(m, &next))
			continue;
		list[i] = *to;
		*to = next;
		alike.n[side_of(m, &next)]++;
	}
	alike.list[AFTER] = list + alike.n[BEFORE];
	return alike;
}

/* Of @list[next] to @list[last], the first from which on they only get farther from @paddr. */
static size_t nearest(const struct matching *m, const struct sort_item *list, size_t next,
                      size_t last, paddr_t paddr)
{
	while (next < last && distance_u64(range_at(m, &list[next + 1])->start_paddr, paddr) <
	                              distance_u64(range_at(m, &list[next])->start_paddr, paddr))
		next++;
	return next;
}

/* Each of the fewer side gets the nearest of the other: in their order, and none is left over. */
static void pair_look_alikes(const struct matching *m, const struct look_alikes *alike)
{
	enum side few = alike->n[BEFORE] <= alike->n[AFTER] ? BEFORE : AFTER, many = !few;
	size_t next = 0;

	for (size_t i = 0; i < alike->n[few]; i++, next++) {
		const struct sort_item *one = &alike->list[few][i];
		size_t last = alike->n[many] - (alike->n[few] - i);
		size_t index[SIDES];

		next = nearest(m, alike->list[many], next, last, range_at(m, one)->start_paddr);
		index[few] = index_of(m, one);
		index[many] = index_of(m, &alike->list[many][next]);
		if (is_alone(m, BEFORE, index[BEFORE]) && is_alone(m, AFTER, index[AFTER]))
			pair_moved(m, index[BEFORE], index[AFTER]);
	}
}

static size_t end_of_look_alikes(const struct matching *m, size_t first)
{
	const struct sort_item *list = m->candidates;
	size_t end = first;

	while (end < m->n_candidates && list[end].key == list[first].key &&
	       e820_bytes(range_at(m, &list[end])) == e820_bytes(range_at(m, &list[first])))
		end++;
	return end;
}

/* Those that are one of their kind in both maps come first: as neighbours they tell look-alikes
 * apart. */
static void find_moves(const struct matching *m)
{
	struct sort_item *list = m->candidates;
	size_t n = m->n_candidates;

	for (size_t first = 0, end; first < n; first = end) {
		const struct sort_item *one = &list[first], *other = one + 1;

		end = end_of_look_alikes(m, first);
		if (end - first == 2 && side_of(m, one) != side_of(m, other) &&
		    may_be_pair(m, index_of(m, one), index_of(m, other)))
			pair_moved(m, index_of(m, one), index_of(m, other));
	}
	for (size_t first = 0, end; first < n; first = end) {
		end = end_of_look_alikes(m, first);
		struct look_alikes alike = look_alikes_of(m, &list[first], end - first);

		pair_look_alikes(m, &alike);
	}
}

/* --- what stayed --- */

static bool overlap(const struct e820_range *a, const struct e820_range *b)
{
	return a->start_paddr < b->end_paddr && b->start_paddr < a->end_paddr;
}

/* The chain is complete. If it has as many ranges before as after, each lives on in one. */
static void pair_chain(struct matching *m)
{
	size_t n = m->n_chain[BEFORE];
	bool is_good = n == m->n_chain[AFTER];

	for (size_t i = 0; is_good && i < n; i++)
		is_good = overlap(range_of(m, BEFORE, m->chain[BEFORE][i]),
		                  range_of(m, AFTER, m->chain[AFTER][i]));
	for (size_t i = 0; is_good && i < n; i++)
		pair(m, m->chain[BEFORE][i], m->chain[AFTER][i], RANGE_STAYED);
	m->n_chain[BEFORE] = m->n_chain[AFTER] = 0;
}

static bool ends_chain(const struct matching *m, enum side side, size_t index)
{
	return m->n_chain[side] > 0 && m->chain[side][m->n_chain[side] - 1] == index;
}

/* Ranges of one type that share bytes are a chain: before[0] with after[0], that with before[1],
 * and so on. In most there is one of each. */
static void find_chains(struct matching *m)
{
	struct e820_walk walk = walk_both(m);

	while (e820_walk_next(&walk)) {
		const size_t *index = walk.index;

		if (walk.type[BEFORE] != walk.type[AFTER] || index[BEFORE] == WALK_NOTHING ||
		    !is_alone(m, BEFORE, index[BEFORE]) || !is_alone(m, AFTER, index[AFTER]))
			continue;
		if (!ends_chain(m, BEFORE, index[BEFORE]) && !ends_chain(m, AFTER, index[AFTER]))
			pair_chain(m);
		set_fates(m, index[BEFORE], index[AFTER], RANGE_KEPT);
		for (enum side side = BEFORE; side < SIDES; side++)
			if (!ends_chain(m, side, index[side]))
				m->chain[side][m->n_chain[side]++] = index[side];
	}
	pair_chain(m);
}

/* --- what went along, and what is left --- */

/* Is it what lay beside a range, and lies beside it now? Not where both lie in part where they did,
 * and no end is the same: then something else has come between. */
static bool stays_neighbour(const struct matching *m, size_t before, size_t after)
{
	const struct e820_range *from, *to;
	enum range_fate fate, other_fate;

	if (!may_be_pair(m, before, after))
		return false;
	from = range_of(m, BEFORE, before);
	to = range_of(m, AFTER, after);
	fate = paired(m, BEFORE, before)->fate;
	other_fate = paired(m, AFTER, after)->fate;
	if (fate == RANGE_RECAST || other_fate == RANGE_RECAST)
		return false;
	return from->start_paddr == to->start_paddr || from->end_paddr == to->end_paddr ||
	       fate != RANGE_KEPT || other_fate != RANGE_KEPT;
}

/* Does the range @index, if there is one, touch the next one, if there is one? */
static bool touches_next(const struct matching *m, enum side side, size_t index)
{
	return index < n_ranges_of(m, side) && index + 1 < n_ranges_of(m, side) &&
	       range_of(m, side, index)->end_paddr == range_of(m, side, index + 1)->start_paddr;
}

/* What is still alone, and touches a range that moved both there and here, went with it; and what
 * touches that, in turn. */
static void find_neighbours(const struct matching *m)
{
	size_t n = n_ranges_of(m, BEFORE);

	for (size_t i = 0; i < n; i++) {
		const struct range_pairing *one = paired(m, BEFORE, i);

		if (one->fate == RANGE_MOVED && touches_next(m, BEFORE, i) &&
		    touches_next(m, AFTER, one->partner) &&
		    stays_neighbour(m, i + 1, one->partner + 1))
			pair(m, i + 1, one->partner + 1, RANGE_MOVED);
	}
	for (size_t i = n; i-- > 0;) {
		const struct range_pairing *one = paired(m, BEFORE, i);

		if (one->fate == RANGE_MOVED && touches_next(m, BEFORE, i - 1) &&
		    touches_next(m, AFTER, one->partner - 1) &&
		    stays_neighbour(m, i - 1, one->partner - 1))
			pair(m, i - 1, one->partner - 1, RANGE_MOVED);
	}
}

/* The only range of a type that went, and the only one that came: it moved, and grew or shrank too,
 * unless one is more than twice the other. */
static void find_remaining(const struct matching *m)
{
	const struct sort_item *list = m->candidates;

	for (size_t first = 0, end; first < m->n_candidates; first = end) {
		size_t lone[SIDES] = { 0, 0 }, n[SIDES] = { 0, 0 };
		uint64_t bytes[SIDES] = { 0, 0 };

		for (end = first; end < m->n_candidates && list[end].key == list[first].key;
		     end++) {
			enum side side = side_of(m, &list[end]);

			if (!may_move(m, &list[end]))
				continue;
			lone[side] = index_of(m, &list[end]);
			bytes[side] = e820_bytes(range_at(m, &list[end]));
			n[side]++;
		}
		if (n[BEFORE] == 1 && n[AFTER] == 1 && bytes[BEFORE] / 2 <= bytes[AFTER] &&
		    bytes[AFTER] / 2 <= bytes[BEFORE])
			pair(m, lone[BEFORE], lone[AFTER], RANGE_MOVED);
	}
}

/* --- the contract --- */

size_t pairing_scratch_bytes(size_t n_ranges)
{
	/* To be sorted, what it is sorted with, what comes out, and a place in a chain. */
	const size_t bytes =
		2 * sizeof(struct sort_item) + sizeof(struct range_pairing) + sizeof(size_t);

	return n_ranges > SIZE_MAX / bytes ? SIZE_MAX : n_ranges * bytes;
}

void pairing_find(const struct e820_map *before, const struct e820_map *after, void *scratch,
                  struct pairing *ret_pairing)
{
	size_t n_ranges = before->n_ranges + after->n_ranges;
	struct matching m = { .pairing = ret_pairing, .candidates = scratch };
	struct sort_item *spare = m.candidates + n_ranges;
	struct range_pairing *ranges = (struct range_pairing *)(spare + n_ranges);

	m.chain[BEFORE] = (size_t *)(ranges + n_ranges);
	m.chain[AFTER] = m.chain[BEFORE] + before->n_ranges;
	*ret_pairing = (struct pairing){ { before, after }, { ranges, ranges + before->n_ranges } };
	for (size_t i = 0; i < n_ranges; i++)
		ranges[i] = (struct range_pairing){ .partner = PAIRING_NONE };
	compare_bytes(&m);
	list_candidates(&m, spare);
	find_moves(&m);
	find_chains(&m);
	find_neighbours(&m);
	find_remaining(&m);
}
