/*
 * movers.c - the maps of a series, and the steps between them -> what moves, and what stays.
 *
 * A thing that moves is a set of ranges, one in each map, which the steps join (a union-find
 * forest).
 */
#include "mapdiff/series/series_work.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/diff/diff.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"

/* A union-find forest over all ranges of all maps, with path halving. */
static size_t root_of(size_t *parents, size_t node)
{
	while (parents[node] != node) {
		parents[node] = parents[parents[node]];
		node = parents[node];
	}
	return node;
}

static void unite(size_t *parents, size_t a, size_t b)
{
	size_t root_a = root_of(parents, a), root_b = root_of(parents, b);

	/* The lower number stays: the map that was seen first names the thing. */
	if (root_a < root_b)
		parents[root_b] = root_a;
	else
		parents[root_a] = root_b;
}

/* The range of @map that is exactly @range; HASH_NONE: there is none. */
static size_t find_range(const struct e820_map *map, const struct e820_range *range)
{
	size_t i =
		sorted_n_below(SORTED(struct e820_range, start_paddr, map->ranges, map->n_ranges),
	                       range->start_paddr);

	return i < map->n_ranges && memcmp(&map->ranges[i], range, sizeof *range) == 0 ? i
	                                                                               : HASH_NONE;
}

/* A step with the maps at its ends, and the owners of their ranges. */
struct walk {
	const struct series *series;
	size_t step_number;
	const struct series_step *step;
	size_t *parents;
};

static const struct e820_map *map_at(const struct walk *walk, size_t side)
{
	return &walk->series->maps[side == 0 ? walk->step->from : walk->step->to].e820;
}

/* The number of the range of which @part is all, or a part. */
static size_t node_at(const struct walk *walk, size_t side, const struct e820_range *part)
{
	size_t map = side == 0 ? walk->step->from : walk->step->to;
	const struct e820_map *e820 = &walk->series->maps[map].e820;
	const struct e820_range *range = e820_find(e820, part->start_paddr);

	if (e820_is_empty(part) || range == NULL || range->type != part->type)
		return HASH_NONE;
	return walk->series->work->first_ranges[map] + (size_t)(range - e820->ranges);
}

/* What is exactly the same in two maps is one thing, also where other maps lie between them. */
struct range_question {
	const struct e820_range *const *ranges; /* of all maps, by number */
	const struct e820_range *range;
};

static bool is_range(const void *context, size_t index)
{
	const struct range_question *question = context;

	return memcmp(question->ranges[index], question->range, sizeof *question->range) == 0;
}

static void unite_equal(const struct series *series, size_t *parents)
{
	size_t n = series->work->n_owners, node = 0;
	const struct e820_range **ranges = memory_alloc(n, sizeof *ranges);
	struct hash table = { 0 };

	for (size_t map = 0; map < series->n_maps; map++)
		for (size_t i = 0; i < series->maps[map].e820.n_ranges; i++, node++) {
			const struct range_question question = {
				ranges, &series->maps[map].e820.ranges[i]
			};
			uint32_t hash = hash_of_bytes(question.range, sizeof *question.range);
			size_t known;

			ranges[node] = question.range;
			known = hash_find_or_put(&table, hash, is_range, &question, node);
			if (known != HASH_NONE)
				unite(parents, known, node);
		}
}

/* What moved from one map to the other is one thing. */
static void unite_changed(const struct walk *walk)
{
	struct change *changes;
	size_t n = diff_changes(map_at(walk, 0), map_at(walk, 1), &changes);

	for (size_t i = 0; i < n; i++) {
		size_t before = node_at(walk, 0, &changes[i].before);
		size_t after = node_at(walk, 1, &changes[i].after);
		size_t node = before != HASH_NONE ? before : after;

		if (node != HASH_NONE)
			*MEMORY_ADD(walk->series->work, events) =
				(struct series_event){ node, walk->step_number };
		if (before != HASH_NONE && after != HASH_NONE)
			unite(walk->parents, before, after);
	}
	memory_give_back(changes);
}

static void unite_all(const struct series *series, size_t *parents)
{
	const struct series_work *work = series->work;

	for (size_t i = 0; i < work->n_owners; i++)
		parents[i] = i;
	unite_equal(series, parents);
	for (size_t i = 0; i < work->n_steps; i++) {
		const struct walk walk = { series, i, &work->steps[i], parents };

		if (work->steps[i].from != work->steps[i].to)
			unite_changed(&walk);
	}
}

/* --- how often, and with what --- */

static int compare_events(const void *a, const void *b)
{
	const struct series_event *left = a, *right = b;

	return left->node != right->node ? compare_u64(left->node, right->node)
	                                 : compare_u64(left->step, right->step);
}

/* How often a thing moved, a hash of when (what moves together has the same), and its events. */
struct moves {
	size_t n;
	uint32_t when;
	size_t first_event, n_events;
};

/* By the number of the thing. One that is in several parts moves once in a step. */
static struct moves *count_moves(struct series_work *work, size_t *parents)
{
	struct moves *all = memory_alloc(work->n_owners, sizeof *all);

	for (size_t i = 0; i < work->n_events; i++)
		work->events[i].node = root_of(parents, work->events[i].node);
	if (work->n_events > 0)
		qsort(work->events, work->n_events, sizeof *work->events, compare_events);
	for (size_t i = 0; i < work->n_events; i++) {
		const struct series_event *event = &work->events[i];
		struct moves *moves = &all[event->node];

		if (moves->n_events++ == 0)
			moves->first_event = i;
		else if (event[-1].step == event->step)
			continue;
		moves->n += work->steps[event->step].n_times;
		moves->when = moves->when * 31 + hash_of_bytes(&event->step, sizeof event->step);
	}
	return all;
}

/* A range of a map, as a member of the thing that it is. */
struct member {
	size_t root;
	size_t map;
	const char *owner;
	const struct e820_range *range;
};

static int compare_places(const struct e820_range *left, const struct e820_range *right)
{
	int order = compare_u64(left->start_paddr, right->start_paddr);

	if (order == 0)
		order = compare_u64(left->end_paddr, right->end_paddr);
	return order != 0 ? order : compare_u64(left->type, right->type);
}

static int compare_members(const void *a, const void *b)
{
	const struct member *left = a, *right = b;
	int order = compare_u64(left->root, right->root);

	if (order == 0)
		order = compare_places(left->range, right->range);
	return order != 0 ? order : compare_u64(left->map, right->map);
}

static struct member *members_of(const struct series *series, size_t *parents)
{
	const struct series_work *work = series->work;
	struct member *members = memory_alloc(work->n_owners, sizeof *members);
	size_t node = 0;

	for (size_t map = 0; map < series->n_maps; map++)
		for (size_t i = 0; i < series->maps[map].e820.n_ranges; i++, node++)
			members[node] = (struct member){
				.root = root_of(parents, node),
				.map = map,
				.owner = work->owners[node],
				.range = &series->maps[map].e820.ranges[i],
			};
	if (node > 0)
		qsort(members, node, sizeof *members, compare_members);
	return members;
}

/* Two ranges of one map can be one thing only if it was split; its boots count once. */
static void add_mover(struct series *series, const struct member *members, size_t n,
                      struct moves moves)
{
	struct series_mover mover = { .type = members[0].range->type,
		                      .other_type = members[0].range->type,
		                      .n_moves = moves.n,
		                      .when = moves.when,
		                      .first_event = moves.first_event,
		                      .n_events = moves.n_events,
		                      .lowest_paddr = members[0].range->start_paddr,
		                      .least_pages = UINT64_MAX };
	const char *owner = "";

	for (size_t i = 0; i < n; i++) {
		const struct e820_range *range = members[i].range;
		uint64_t n_pages = pages_of(range->end_paddr - range->start_paddr);

		if (i == 0 || compare_places(members[i - 1].range, range) != 0)
			mover.n_places++;
		if (range->type != mover.type)
			mover.other_type = range->type;
		mover.n_boots += series->maps[members[i].map].n_boots;
		mover.highest_paddr = range->start_paddr;
		mover.least_pages = min_u64(mover.least_pages, n_pages);
		mover.most_pages = max_u64(mover.most_pages, n_pages);
		if (*owner == '\0')
			owner = members[i].owner;
	}
	mover.n_boots = min_u64(mover.n_boots, series->n_boots);
	if (mover.type == E820_RAM || (mover.n_places == 1 && mover.n_boots == series->n_boots))
		return;
	mover.owner = memory_copy(owner);
	*MEMORY_ADD(series, movers) = mover;
}

/* What moves most often first, and what moves together side by side. */
static int compare_movers(const void *a, const void *b)
{
	const struct series_mover *left = a, *right = b;
	int order = compare_u64(right->n_moves, left->n_moves);

	if (order == 0)
		order = compare_u64(left->when, right->when);
	return order != 0 ? order : compare_u64(left->lowest_paddr, right->lowest_paddr);
}

void series_find_movers(struct series *series)
{
	struct series_work *work = series->work;
	size_t *parents = memory_alloc(work->n_owners, sizeof *parents);
	struct moves *moves;
	struct member *members;

	unite_all(series, parents);
	moves = count_moves(work, parents);
	members = members_of(series, parents);
	for (size_t start = 0, end; start < work->n_owners; start = end) {
		for (end = start + 1;
		     end < work->n_owners && members[end].root == members[start].root;)
			end++;
		add_mover(series, members + start, end - start, moves[members[start].root]);
	}
	if (series->n_movers > 0)
		qsort(series->movers, series->n_movers, sizeof *series->movers, compare_movers);
	for (size_t i = 1; i < series->n_movers; i++)
		series->movers[i].is_with_previous =
			series->movers[i].when == series->movers[i - 1].when &&
			series->movers[i].n_moves == series->movers[i - 1].n_moves;
}

/* --- what stays --- */

void series_find_stable(struct series *series)
{
	const struct e820_map *first = &series->maps[0].e820;
	size_t *n_seen = memory_alloc(first->n_ranges, sizeof *n_seen);

	for (size_t map = 0; map < series->n_maps; map++)
		for (size_t i = 0; i < series->maps[map].e820.n_ranges; i++) {
			size_t at = find_range(first, &series->maps[map].e820.ranges[i]);

			if (at != HASH_NONE)
				n_seen[at]++;
		}
	for (size_t i = 0; i < first->n_ranges; i++)
		if (n_seen[i] == series->n_maps && first->ranges[i].type != E820_RAM)
			*MEMORY_ADD(series, stable) = first->ranges[i];
}

/* --- what is behind it --- */

/* What a condition that goes with the map would be evidence of. */
static enum cause cause_of_key(const char *key)
{
	static const struct {
		const char *start;
		enum cause cause;
	} causes[] = {
		{ "installed-bytes", CAUSE_RAM }, { "cpu-count", CAUSE_CPU_COUNT },
		{ "bios", CAUSE_FIRMWARE },       { "firmware-", CAUSE_FIRMWARE },
		{ "loader", CAUSE_BOOT_LOADER },  { "boot-current", CAUSE_BOOT_LOADER },
		{ "PCI devices", CAUSE_DEVICES },
	};

	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (strncmp(key, causes[i].start, strlen(causes[i].start)) == 0)
			return causes[i].cause;
	return CAUSE_UNKNOWN;
}

/* What changes when it moves; else what decides the whole map. */
static enum cause cause_by_conditions(const struct series *series, size_t mover)
{
	enum cause cause = CAUSE_UNKNOWN;

	for (size_t i = 0; i < series->n_links && cause == CAUSE_UNKNOWN; i++)
		if (series->links[i].mover == mover)
			cause = cause_of_key(series->links[i].key);
	for (size_t i = 0; i < series->n_conditions && cause == CAUSE_UNKNOWN; i++)
		if (series->conditions[i].decides)
			cause = cause_of_key(series->conditions[i].key);
	return cause;
}

/* Did the files say enough to show what else could be behind it? */
static bool has_evidence(const struct series *series)
{
	const struct series_work *work = series->work;

	for (size_t i = 0; i < work->n_keys; i++)
		if (strcmp(work->keys[i].name, "cpu-count") == 0 ||
		    strcmp(work->keys[i].name, "command-line") == 0 ||
		    strcmp(work->keys[i].name, "ACPI tables") == 0)
			return true;
	return false;
}

static bool is_grub_code(const struct series_mover *mover)
{
	return mover->type == E820_GRUB_RUNTIME_CODE || mover->other_type == E820_GRUB_RUNTIME_CODE;
}

/* "ACPI data" without a table in it may be anybody's who ran before Linux. */
static enum cause cause_of(const struct series_mover *mover, enum cause by_conditions, bool is_told)
{
	bool is_acpi = mover->type == E820_ACPI;

	if (is_acpi && strstr(mover->owner, "TPMEventLog") != NULL)
		return CAUSE_KERNEL_STUB;
	if (is_grub_code(mover) && mover->type != mover->other_type)
		return CAUSE_BOOT_LOADER;
	if (by_conditions != CAUSE_UNKNOWN)
		return by_conditions;
	if (is_acpi && strncmp(mover->owner, "ACPI ", strlen("ACPI ")) != 0)
		return CAUSE_UNKNOWN;
	return is_told ? CAUSE_FIRMWARE : CAUSE_UNKNOWN;
}

static const char *meaning_of(const struct series_mover *mover)
{
	if (mover->cause == CAUSE_BOOT_LOADER && is_grub_code(mover))
		return diff_what_it_is(mover->cause, mover->owner, E820_GRUB_RUNTIME_CODE);
	if (is_grub_code(mover))
		return diff_what_it_is(mover->cause, "runtime services code", E820_RESERVED);
	return diff_what_it_is(mover->cause, mover->owner, mover->type);
}

void series_blame_movers(struct series *series)
{
	bool has = has_evidence(series);

	for (size_t i = 0; i < series->n_movers; i++) {
		struct series_mover *mover = &series->movers[i];

		mover->cause = cause_of(mover, cause_by_conditions(series, i), has);
		mover->meaning = meaning_of(mover);
	}
}
