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

struct matching {
	struct pairing *pairing;
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

static void compare_bytes(const struct pairing *pairing)
{
	struct e820_walk walk = pairing_walk(pairing);

	while (e820_walk_next(&walk)) {
		struct paired_range *from = pairing_in(pairing, &walk, BEFORE);
		struct paired_range *to = pairing_in(pairing, &walk, AFTER);

		if (from != NULL && to != NULL)
			compare_ranges(from, to);
		for (enum side side = BEFORE; side < SIDES; side++) {
			struct paired_range *one = side == BEFORE ? from : to;

			if (one == NULL)
				continue;
			one->is_changed |= walk.type[side] != walk.type[!side];
			one->trades_hole |= walk.type[!side] == E820_NONE;
		}
	}
}

/* --- what moved --- */

static struct paired_range *range_of(const struct matching *m, const struct sort_item *candidate)
{
	return &m->pairing->ranges[BEFORE][candidate->value];
}

/* A range can have moved away only where something else is now, and to where something else was. */
static void list_candidates(struct matching *m, struct sort_item *spare)
{
	const struct pairing *pairing = m->pairing;
	struct sort_item *list = m->candidates;

	for (enum side side = BEFORE; side < SIDES; side++) {
		for (size_t i = 0; i < pairing->maps[side]->n_ranges; i++) {
			const struct paired_range *one = &pairing->ranges[side][i];

			if (one->is_changed && pairing_is_special(one->range->type))
				list[m->n_candidates++] = (struct sort_item){
					e820_bytes(one->range),
					(size_t)(one - pairing->ranges[BEFORE])
				};
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

static bool look_alike(const struct paired_range *a, const struct paired_range *b)
{
	return a->range->type == b->range->type && e820_bytes(a->range) == e820_bytes(b->range);
}

static uint64_t shift_of(const struct paired_range *from, const struct paired_range *to)
{
	return to->range->start_paddr - from->range->start_paddr;
}

static bool move_along(const struct paired_range *from, const struct paired_range *to,
                       uint64_t shift)
{
	return may_be_pair(from, to) && look_alike(from, to) && shift_of(from, to) == shift;
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

/* First those that are one of their kind in both maps, as neighbours of which look-alikes are told
 * apart. Then all, and who is explained by then is dropped from the list. */
enum round { ONES_OF_A_KIND, ALL_KINDS };

static void find_moves(struct matching *m, enum round round)
{
	struct sort_item *kept = m->candidates;

	for (size_t first = 0, end; first < m->n_candidates; first = end) {
		const struct paired_range *model = range_of(m, &m->candidates[first]), *one;
		const struct sort_item *alike = kept;
		size_t n[SIDES] = { 0, 0 };

		for (end = first; end < m->n_candidates; end++) {
			one = range_of(m, &m->candidates[end]);
			if (!look_alike(one, model))
				break;
			if (round == ALL_KINDS && one->fate != RANGE_ALONE)
				continue;
			*kept++ = m->candidates[end];
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

static void add_to_chain(struct matching *m, struct paired_range *range)
{
	range->fate = RANGE_KEPT;
	if (!ends_chain(m, range))
		m->chain[range->side][m->n_chain[range->side]++] = range;
}

/* Ranges of one type that share bytes are a chain: before[0] with after[0], that with before[1],
 * and so on. In most there is one of each. */
static void find_chains(struct matching *m)
{
	struct e820_walk walk = pairing_walk(m->pairing);

	while (e820_walk_next(&walk)) {
		struct paired_range *from = pairing_in(m->pairing, &walk, BEFORE);
		struct paired_range *to = pairing_in(m->pairing, &walk, AFTER);

		if (from == NULL || to == NULL || !may_be_pair(from, to))
			continue;
		if (!ends_chain(m, from) && !ends_chain(m, to))
			pair_chain(m);
		add_to_chain(m, from);
		add_to_chain(m, to);
	}
	pair_chain(m);
}

/* --- what went along, and what is left --- */

static bool touch(const struct paired_range *one, const struct paired_range *other)
{
	return one->range->end_paddr == other->range->start_paddr ||
	       other->range->end_paddr == one->range->start_paddr;
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
 * touches that, in turn. Those above first (@step 1), then those below (-1). */
static void find_neighbours(const struct pairing *pairing, int step)
{
	size_t n = pairing->maps[BEFORE]->n_ranges;

	for (size_t i = 0; i < n; i++) {
		struct paired_range *from = &pairing->ranges[BEFORE][step > 0 ? i : n - 1 - i];
		struct paired_range *to = from->partner;

		if (from->fate == RANGE_MOVED && touch(from, from + step) && touch(to, to + step) &&
		    stays_neighbour(from + step, to + step))
			pair(from + step, to + step, RANGE_MOVED);
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
static struct paired_range *list_ranges(struct pairing *pairing, enum side side,
                                        struct paired_range *list)
{
	static const struct e820_range nothing;
	const struct e820_map *map = pairing->maps[side];

	pairing->ranges[side] = list;
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
	struct matching m = { .pairing = ret_pairing, .candidates = scratch };
	struct sort_item *spare = m.candidates + n_ranges;
	struct paired_range *ranges = (struct paired_range *)(spare + n_ranges) + 1;

	*ret_pairing = (struct pairing){ .maps = { before, after } };
	ranges = list_ranges(ret_pairing, AFTER, list_ranges(ret_pairing, BEFORE, ranges));
	m.chain[BEFORE] = (struct paired_range **)ranges;
	m.chain[AFTER] = m.chain[BEFORE] + before->n_ranges;
	compare_bytes(ret_pairing);
	list_candidates(&m, spare);
	find_moves(&m, ONES_OF_A_KIND);
	find_moves(&m, ALL_KINDS);
	find_chains(&m);
	find_neighbours(ret_pairing, 1);
	find_neighbours(ret_pairing, -1);
	find_remaining(&m);
}
