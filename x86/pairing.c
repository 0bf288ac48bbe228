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

struct matching {
	const struct e820_map *maps[SIDES];
	struct paired_range *ranges[SIDES];
	struct sort_item *candidates; /* value: the range, counted from ranges[BEFORE] on */
	size_t n_candidates;
	struct paired_range **chain[SIDES]; /* as many as the map has ranges */
	size_t n_chain[SIDES];
};

static bool is_alone(const struct paired_range *range)
{
	return range->partner == NULL;
}

static void pair(struct paired_range *from, struct paired_range *to, enum range_fate fate)
{
	from->fate = to->fate = fate;
	from->partner = to;
	to->partner = from;
}

static struct e820_walk walk_both(const struct matching *m)
{
	return (struct e820_walk){ .maps = { m->maps[BEFORE], m->maps[AFTER] } };
}

/* What both maps have in the segment; false if one has nothing. */
static bool both_in(const struct matching *m, const struct e820_walk *segment,
                    struct paired_range *ret_both[SIDES])
{
	for (enum side side = BEFORE; side < SIDES; side++) {
		if (segment->index[side] == WALK_NOTHING)
			return false;
		ret_both[side] = &m->ranges[side][segment->index[side]];
	}
	return true;
}

/* --- what is as it was --- */

/* Two ranges that share bytes: of the same ends, or of one. */
static void compare_ranges(struct paired_range *from, struct paired_range *to)
{
	const struct e820_range *a = from->range, *b = to->range;
	bool is_same_start = a->start_paddr == b->start_paddr;
	bool is_same_end = a->end_paddr == b->end_paddr;

	if (a->type == b->type && is_same_start && is_same_end)
		pair(from, to, RANGE_STAYED);
	else if (a->type == b->type && (is_same_start || is_same_end))
		from->fate = to->fate = RANGE_ROOTED;
	else if (is_same_start && is_same_end && pairing_is_special(a->type) &&
	         pairing_is_special(b->type))
		from->fate = to->fate = RANGE_RECAST;
}

static void compare_bytes(const struct matching *m)
{
	struct e820_walk walk = walk_both(m);
	struct paired_range *both[SIDES];

	while (e820_walk_next(&walk)) {
		for (enum side side = BEFORE; side < SIDES; side++)
			if (walk.index[side] != WALK_NOTHING &&
			    walk.type[BEFORE] != walk.type[AFTER])
				m->ranges[side][walk.index[side]].is_changed = true;
		if (both_in(m, &walk, both))
			compare_ranges(both[BEFORE], both[AFTER]);
	}
}

/* --- what moved --- */

static struct paired_range *range_of(const struct matching *m, const struct sort_item *candidate)
{
	return &m->ranges[BEFORE][candidate->value];
}

/* A range can have moved away only where something else is now, and to where something else was. */
static void list_candidates(struct matching *m, struct sort_item *spare)
{
	struct sort_item *list = m->candidates;

	for (enum side side = BEFORE; side < SIDES; side++) {
		for (size_t i = 0; i < m->maps[side]->n_ranges; i++) {
			const struct paired_range *one = &m->ranges[side][i];

			if (one->is_changed && pairing_is_special(one->range->type))
				list[m->n_candidates++] =
					(struct sort_item){ e820_bytes(one->range),
					                    (size_t)(one - m->ranges[BEFORE]) };
		}
	}
	sort_by_key(list, m->n_candidates, spare);
	for (size_t i = 0; i < m->n_candidates; i++)
		list[i].key = range_of(m, &list[i])->range->type;
	sort_by_key(list, m->n_candidates, spare);
}

static bool may_be_pair(const struct paired_range *from, const struct paired_range *to)
{
	return is_alone(from) && is_alone(to) && from->range->type == to->range->type;
}

static uint64_t shift_of(const struct paired_range *from, const struct paired_range *to)
{
	return to->range->start_paddr - from->range->start_paddr;
}

static bool move_along(const struct paired_range *from, const struct paired_range *to,
                       uint64_t shift)
{
	return may_be_pair(from, to) && e820_bytes(from->range) == e820_bytes(to->range) &&
	       shift_of(from, to) == shift;
}

/* A pair that moved, and its neighbours on both sides that moved by as much, RAM between them too.
 * What is as well explained where it was did not move, unless it has such neighbours. */
static void pair_moved(struct paired_range *from, struct paired_range *to)
{
	uint64_t shift = shift_of(from, to);
	bool is_explained = from->fate != RANGE_ALONE || to->fate != RANGE_ALONE;

	if (is_explained && !move_along(from + 1, to + 1, shift) &&
	    !move_along(from - 1, to - 1, shift))
		return;
	pair(from, to, RANGE_MOVED);
	for (size_t i = 1; move_along(from + i, to + i, shift); i++)
		pair(from + i, to + i, RANGE_MOVED);
	for (size_t i = 1; move_along(from - i, to - i, shift); i++)
		pair(from - i, to - i, RANGE_MOVED);
}

static uint64_t distance_to(const struct matching *m, const struct sort_item *candidate,
                            const struct paired_range *one)
{
	return distance_u64(range_of(m, candidate)->range->start_paddr, one->range->start_paddr);
}

/* All in @list look alike, the n[BEFORE] of the map before first. Each of the fewer side gets the
 * nearest of the other: in their order, and none is left over. */
static void pair_look_alikes(const struct matching *m, const struct sort_item *list,
                             const size_t n[SIDES])
{
	enum side few = n[BEFORE] <= n[AFTER] ? BEFORE : AFTER, many = !few;
	const struct sort_item *lists[SIDES] = { list, list + n[BEFORE] }, *next = lists[many];
	size_t n_spare = n[many] - n[few];

	for (size_t i = 0; i < n[few]; i++, next++) {
		struct paired_range *one = range_of(m, &lists[few][i]), *other;

		for (; n_spare > 0 && distance_to(m, next + 1, one) < distance_to(m, next, one);
		     n_spare--)
			next++;
		other = range_of(m, next);
		if (is_alone(one) && is_alone(other))
			pair_moved(few == BEFORE ? one : other, few == BEFORE ? other : one);
	}
}

static size_t end_of_look_alikes(const struct matching *m, size_t first)
{
	const struct sort_item *list = m->candidates;
	uint64_t bytes = e820_bytes(range_of(m, &list[first])->range);
	size_t end = first;

	while (end < m->n_candidates && list[end].key == list[first].key &&
	       e820_bytes(range_of(m, &list[end])->range) == bytes)
		end++;
	return end;
}

/* First those that are one of their kind in both maps, as neighbours of which look-alikes are told
 * apart. Then all, and who is explained by then is dropped from the list. */
enum round { ONES_OF_A_KIND, ALL_KINDS };

static void find_moves(struct matching *m, enum round round)
{
	struct sort_item *kept = m->candidates;

	for (size_t first = 0, end; first < m->n_candidates; first = end) {
		const struct sort_item *alike = kept;
		size_t n[SIDES] = { 0, 0 };

		end = end_of_look_alikes(m, first);
		for (size_t i = first; i < end; i++) {
			const struct paired_range *one = range_of(m, &m->candidates[i]);

			if (round == ALL_KINDS && one->fate != RANGE_ALONE)
				continue;
			*kept++ = m->candidates[i];
			n[one->side]++;
		}
		if (round == ALL_KINDS || (n[BEFORE] == 1 && n[AFTER] == 1))
			pair_look_alikes(m, alike, n);
	}
	m->n_candidates = (size_t)(kept - m->candidates);
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
		is_good = overlap(m->chain[BEFORE][i]->range, m->chain[AFTER][i]->range);
	for (size_t i = 0; is_good && i < n; i++)
		pair(m->chain[BEFORE][i], m->chain[AFTER][i], RANGE_STAYED);
	m->n_chain[BEFORE] = m->n_chain[AFTER] = 0;
}

static bool ends_chain(const struct matching *m, const struct paired_range *range)
{
	size_t n = m->n_chain[range->side];

	return n > 0 && m->chain[range->side][n - 1] == range;
}

/* Ranges of one type that share bytes are a chain: before[0] with after[0], that with before[1],
 * and so on. In most there is one of each. */
static void find_chains(struct matching *m)
{
	struct e820_walk walk = walk_both(m);
	struct paired_range *both[SIDES];

	while (e820_walk_next(&walk)) {
		if (!both_in(m, &walk, both) || !may_be_pair(both[BEFORE], both[AFTER]))
			continue;
		if (!ends_chain(m, both[BEFORE]) && !ends_chain(m, both[AFTER]))
			pair_chain(m);
		for (enum side side = BEFORE; side < SIDES; side++) {
			both[side]->fate = RANGE_KEPT;
			if (!ends_chain(m, both[side]))
				m->chain[side][m->n_chain[side]++] = both[side];
		}
	}
	pair_chain(m);
}

/* --- what went along, and what is left --- */

static bool touch(const struct paired_range *low, const struct paired_range *high)
{
	return low->range->end_paddr == high->range->start_paddr;
}

/* Is it what lay beside a range, and lies beside it now? Not where both lie in part where they did,
 * and no end is the same: then something else has come between. */
static bool stays_neighbour(const struct paired_range *from, const struct paired_range *to)
{
	return may_be_pair(from, to) && from->fate != RANGE_RECAST && to->fate != RANGE_RECAST &&
	       (from->range->start_paddr == to->range->start_paddr ||
	        from->range->end_paddr == to->range->end_paddr || from->fate != RANGE_KEPT ||
	        to->fate != RANGE_KEPT);
}

/* What is still alone, and touches a range that moved both there and here, went with it; and what
 * touches that, in turn. */
static void find_neighbours(const struct matching *m)
{
	size_t n = m->maps[BEFORE]->n_ranges;

	for (size_t i = 0; i < n; i++) {
		struct paired_range *from = &m->ranges[BEFORE][i], *to = from->partner;

		if (from->fate == RANGE_MOVED && touch(from, from + 1) && touch(to, to + 1) &&
		    stays_neighbour(from + 1, to + 1))
			pair(from + 1, to + 1, RANGE_MOVED);
	}
	for (size_t i = n; i-- > 0;) {
		struct paired_range *from = &m->ranges[BEFORE][i], *to = from->partner;

		if (from->fate == RANGE_MOVED && touch(from - 1, from) && touch(to - 1, to) &&
		    stays_neighbour(from - 1, to - 1))
			pair(from - 1, to - 1, RANGE_MOVED);
	}
}

/* The only range of a type that went, and the only one that came: it moved, and grew or shrank too,
 * unless one is more than twice the other. */
static void find_remaining(const struct matching *m)
{
	const struct sort_item *list = m->candidates;

	for (size_t first = 0, end; first < m->n_candidates; first = end) {
		struct paired_range *lone[SIDES] = { NULL, NULL };
		uint64_t bytes[SIDES] = { 0, 0 };
		size_t n[SIDES] = { 0, 0 };

		for (end = first; end < m->n_candidates && list[end].key == list[first].key;
		     end++) {
			struct paired_range *one = range_of(m, &list[end]);

			if (one->fate != RANGE_ALONE)
				continue;
			lone[one->side] = one;
			bytes[one->side] = e820_bytes(one->range);
			n[one->side]++;
		}
		if (n[BEFORE] == 1 && n[AFTER] == 1 && bytes[BEFORE] / 2 <= bytes[AFTER] &&
		    bytes[AFTER] / 2 <= bytes[BEFORE])
			pair(lone[BEFORE], lone[AFTER], RANGE_MOVED);
	}
}

/* --- the contract --- */

/* Candidates, and what they are sorted with; what comes out; places in chains. */
#define RANGE_BYTES \
	(2 * sizeof(struct sort_item) + sizeof(struct paired_range) + sizeof(struct paired_range *))
#define N_BORDERS 3 /* one before both maps, one between them, and one behind */

size_t pairing_scratch_bytes(size_t n_ranges)
{
	return n_ranges > SIZE_MAX / RANGE_BYTES - N_BORDERS ? SIZE_MAX
	                                                     : (n_ranges + N_BORDERS) * RANGE_BYTES;
}

/* The ranges of a map, and the border behind them; returns what comes after that. */
static struct paired_range *list_ranges(struct matching *m, enum side side,
                                        struct paired_range *list)
{
	static const struct e820_range nothing;
	const struct e820_map *map = m->maps[side];

	m->ranges[side] = list;
	list[-1] = list[map->n_ranges] =
		(struct paired_range){ .range = &nothing, .partner = list, .side = side };
	for (size_t i = 0; i < map->n_ranges; i++)
		list[i] = (struct paired_range){ .range = &map->ranges[i], .side = side };
	return &list[map->n_ranges + 1];
}

void pairing_find(const struct e820_map *before, const struct e820_map *after, void *scratch,
                  struct pairing *ret_pairing)
{
	size_t n_ranges = before->n_ranges + after->n_ranges;
	struct matching m = { .maps = { before, after }, .candidates = scratch };
	struct sort_item *spare = m.candidates + n_ranges;
	struct paired_range *ranges = (struct paired_range *)(spare + n_ranges);

	ranges = list_ranges(&m, AFTER, list_ranges(&m, BEFORE, ranges + 1));
	m.chain[BEFORE] = (struct paired_range **)ranges;
	m.chain[AFTER] = m.chain[BEFORE] + before->n_ranges;
	compare_bytes(&m);
	list_candidates(&m, spare);
	find_moves(&m, ONES_OF_A_KIND);
	find_moves(&m, ALL_KINDS);
	find_chains(&m);
	find_neighbours(&m);
	find_remaining(&m);
	*ret_pairing = (struct pairing){ { m.ranges[BEFORE], m.ranges[AFTER] } };
}
