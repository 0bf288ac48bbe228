/* movers.c - the steps of a series -> what moves, and what stays: see movers.h. */
#include "mapdiff/series/movers.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/sorted.h"

/* That a thing moved, or came, or went, in a step. */
struct event {
	size_t node; /* the number of its range; when all are joined, that of the thing */
	size_t step;
	const struct diff_change *change;
};

/* The different ranges of all maps, numbered, those of the map that most boots have first: a
 * union-find forest. What is exactly the same in two maps is one thing from the start, also where
 * other maps lie between them. */
struct forest {
	const struct series *series;
	struct intern ranges;
	size_t *parents;
	MEMORY_LIST(struct event, events);
};

static size_t number_of(struct forest *forest, const struct e820_range *range)
{
	return intern_number(&forest->ranges, range, sizeof *range);
}

/* With path halving. */
static size_t root_of(const struct forest *forest, size_t node)
{
	size_t *parents = forest->parents;

	while (parents[node] != node) {
		parents[node] = parents[parents[node]];
		node = parents[node];
	}
	return node;
}

static void unite(const struct forest *forest, size_t a, size_t b)
{
	size_t root_a = root_of(forest, a), root_b = root_of(forest, b);

	/* The lower number stays: the map that most boots have names the thing. */
	forest->parents[max_u64(root_a, root_b)] = min_u64(root_a, root_b);
}

static struct forest plant(const struct series *series)
{
	struct forest forest = { .series = series };

	MEMORY_EACH(map, series, maps)
		MEMORY_EACH(range, map->e820, ranges)
			number_of(&forest, range);
	forest.parents = memory_alloc(forest.ranges.n_entries, sizeof *forest.parents);
	for (size_t node = 0; node < forest.ranges.n_entries; node++)
		forest.parents[node] = node;
	return forest;
}

/* --- what is one thing --- */

/* The number of the range of @map of which @part is all, or a part; INTERN_NONE: there is none. */
static size_t node_of(struct forest *forest, size_t map, const struct e820_range *part)
{
	const struct e820_range *range =
		e820_find(forest->series->maps[map].e820, part->start_paddr);

	if (e820_is_empty(part) || part->type == E820_RAM || range == NULL ||
	    range->type != part->type)
		return INTERN_NONE;
	return number_of(forest, range);
}

/* What moved from one map to the other is one thing. RAM is none. */
static void unite_changed(struct forest *forest, size_t step)
{
	const struct series_boot *boots = &forest->series->boots[step];
	const struct diff *diff = &forest->series->steps[step];

	for (size_t i = 0; i < diff_n_telling(diff); i++) {
		const struct diff_change *change = &diff->changes[i];
		size_t before = node_of(forest, boots[0].map, &change->change.before);
		size_t after = node_of(forest, boots[1].map, &change->change.after);
		size_t node = before != INTERN_NONE ? before : after;

		if (node != INTERN_NONE)
			*MEMORY_ADD(forest, events) = (struct event){ node, step, change };
		if (before != INTERN_NONE && after != INTERN_NONE)
			unite(forest, before, after);
	}
}

/* --- one thing --- */

static int compare_events(const void *a, const void *b)
{
	const struct event *left = a, *right = b;

	return left->node != right->node ? compare_u64(left->node, right->node)
	                                 : compare_u64(left->step, right->step);
}

static int compare_places(const void *a, const void *b)
{
	const struct e820_range *left = a, *right = b;

	return compare_spans(a, b) ?: compare_u64(left->type, right->type);
}

/* Where it has been, of what size and type: both ends of each event. */
static void measure(struct series_mover *mover, const struct event *events, size_t n_events)
{
	struct e820_range *places = memory_alloc(2 * n_events, sizeof *places);
	size_t n = 0;

	for (size_t i = 0; i < 2 * n_events; i++) {
		const struct change *change = &events[i / 2].change->change;
		const struct e820_range *place = i % 2 == 0 ? &change->before : &change->after;

		if (!e820_is_empty(place) && place->type != E820_RAM)
			places[n++] = *place;
	}
	mover->type = mover->other_type = places[0].type;
	qsort(places, n, sizeof *places, compare_places);
	mover->lowest_paddr = places[0].start_paddr;
	mover->highest_paddr = places[n - 1].start_paddr;
	mover->least_pages = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		uint64_t n_pages = pages_of(places[i].end_paddr - places[i].start_paddr);

		mover->n_places += i == 0 || compare_places(&places[i - 1], &places[i]) != 0;
		mover->least_pages = min_u64(mover->least_pages, n_pages);
		mover->most_pages = max_u64(mover->most_pages, n_pages);
		if (places[i].type != mover->type)
			mover->other_type = places[i].type;
	}
	memory_give_back(places);
}

/* The first that is known, else that of the first step. */
static const struct owner *owner_among(const struct event *events, size_t n_events)
{
	for (size_t i = 0; i < n_events; i++)
		if (events[i].change->owner.n_names > 0 || events[i].change->owner.uefi != 0)
			return &events[i].change->owner;
	return &events[0].change->owner;
}

static void add_mover(struct series *series, const struct event *events, size_t n_events,
                      size_t n_boots)
{
	struct series_mover mover = { .owner = owner_among(events, n_events), .n_boots = n_boots };

	mover.steps = memory_alloc(n_events, sizeof *mover.steps);
	mover.changes = memory_alloc(n_events, sizeof *mover.changes);
	for (size_t i = 0; i < n_events; i++) {
		if (i > 0 && events[i - 1].step == events[i].step)
			continue; /* in several parts, it moves once in a step */
		mover.steps[mover.n_steps] = events[i].step;
		mover.changes[mover.n_steps++] = events[i].change;
	}
	measure(&mover, events, n_events);
	*MEMORY_ADD(series, movers) = mover;
}

/* Of each thing, by the number of its root: the boots that have it. Two ranges of one map can be
 * one thing if it was split; its boots count once. */
static size_t *count_boots(struct forest *forest)
{
	const struct series *series = forest->series;
	size_t *n_boots = memory_alloc(forest->ranges.n_entries, sizeof *n_boots);
	size_t *seen = memory_alloc(forest->ranges.n_entries, sizeof *seen); /* the last map, + 1 */

	for (size_t map = 0; map < series->n_maps; map++)
		MEMORY_EACH(range, series->maps[map].e820, ranges) {
			size_t root = root_of(forest, number_of(forest, range));

			if (seen[root] != map + 1)
				n_boots[root] += series->maps[map].n_boots;
			seen[root] = map + 1;
		}
	return n_boots;
}

/* --- all of them --- */

/* What moves most often first, and what moves together side by side. */
static int compare_steps(const struct series_mover *left, const struct series_mover *right)
{

	return compare_u64(right->n_steps, left->n_steps)
	               ?: memcmp(left->steps, right->steps, left->n_steps * sizeof *left->steps);
}

static int compare_movers(const void *a, const void *b)
{
	const struct series_mover *left = a, *right = b;

	return compare_steps(left, right) ?: compare_u64(left->lowest_paddr, right->lowest_paddr);
}

/* What all boots have, RAM left out; the first map has it, too. Before anything is joined. */
static void find_stable(struct forest *forest, struct series *series)
{
	size_t *n_boots = count_boots(forest);

	MEMORY_EACH(range, series->maps[0].e820, ranges)
		if (n_boots[number_of(forest, range)] == series->n_boots && range->type != E820_RAM)
			*MEMORY_ADD(series, stable) = *range;
}

void movers_find(struct series *series)
{
	struct forest forest = plant(series);
	const size_t *n_boots;

	find_stable(&forest, series);
	for (size_t step = 0; step < series->n_steps; step++)
		unite_changed(&forest, step);
	for (size_t i = 0; i < forest.n_events; i++)
		forest.events[i].node = root_of(&forest, forest.events[i].node);
	MEMORY_SORT(&forest, events, compare_events);
	n_boots = count_boots(&forest);
	for (size_t start = 0, end; start < forest.n_events; start = end) {
		const struct event *events = &forest.events[start];

		for (end = start + 1;
		     end < forest.n_events && forest.events[end].node == events->node;)
			end++;
		add_mover(series, events, end - start, n_boots[events->node]);
	}
	MEMORY_SORT(series, movers, compare_movers);
	for (size_t i = 1; i < series->n_movers; i++)
		series->movers[i].is_with_previous =
			compare_steps(&series->movers[i - 1], &series->movers[i]) == 0;
}
