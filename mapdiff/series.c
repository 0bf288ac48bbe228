/*
 * series.c - many boots -> the maps that there are, by digest; what moves between them; which
 * condition goes with which map.
 *
 * A map is kept once, and found again by a hash of its checksum. So are the steps from one map to
 * another that follow each other: however often a machine goes back and forth between two maps,
 * they are compared once. A thing that moves is a set of ranges, one in each map, which the steps
 * join (a union-find forest).
 */
#include "mapdiff/series.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/diff.h"
#include "mapdiff/memory.h"
#include "mapdiff/hash.h"
#include "mapdiff/view.h"
#include "x86/crc32.h"

#define MOST_VALUES 12   /* a condition with more is none: a clock, a counter */
#define MOST_SEEN   8    /* maps of one value that are told apart */
#define MOST_KEYS   4096 /* conditions of a hostile series */
#define MOST_VALUE  100  /* characters of one that are shown */

/* --- what is kept until the end --- */

/* Conditions: keys, and what values each had, with the maps that were seen with it. */
struct value {
	size_t key;
	char *text;
	size_t n_boots;
	size_t maps[MOST_SEEN]; /* in the order in which they were seen */
	size_t n_maps;
	bool has_more_maps;
};
struct key {
	char *name;
	size_t n_values;
	size_t n_boots; /* that say anything of it */
	bool is_given_up;
};

/* From one map to the next one: how often. */
struct step {
	size_t from, to;
	size_t n_times;
};

struct series_work {
	struct hash map_table, step_table, key_table, value_table;
	struct step *steps;
	size_t n_steps, steps_capacity;
	struct key *keys;
	size_t n_keys, keys_capacity;
	struct value *values;
	size_t n_values, values_capacity;
	/* Of each map: the number of its first range among those of all maps; owners of all. */
	size_t *first_ranges;
	size_t n_first_ranges, first_ranges_capacity;
	char **owners;
	size_t n_owners, owners_capacity;
};

struct series *series_new(void)
{
	struct series *series = memory_alloc(1, sizeof *series);

	series->work = memory_alloc(1, sizeof *series->work);
	return series;
}

/* --- maps --- */

struct map_question {
	const struct series *series;
	const struct e820_map *map;
};

static bool is_map(const void *context, size_t index)
{
	const struct map_question *question = context;
	const struct e820_map *known = &question->series->maps[index].e820;

	return known->n_ranges == question->map->n_ranges &&
	       (known->n_ranges == 0 || memcmp(known->ranges, question->map->ranges,
	                                       known->n_ranges * sizeof *known->ranges) == 0);
}

static char *owner_in_record(const struct record *record, const struct e820_range *range)
{
	return range->type == E820_RAM ? memory_text("", 0)
	                               : owner_of(record, range->start_paddr, range->end_paddr);
}

static size_t add_map(struct series *series, const struct record *record,
                      const struct e820_map *map, uint32_t crc32)
{
	struct series_work *work = series->work;
	struct series_map *entry = MEMORY_ADD(series, maps);

	*entry = (struct series_map){ .crc32 = crc32, .first_boot = series->n_boots };
	entry->e820.ranges = memory_alloc(map->n_ranges, sizeof *map->ranges);
	entry->e820.n_ranges = entry->e820.capacity = map->n_ranges;
	if (map->n_ranges > 0)
		memcpy(entry->e820.ranges, map->ranges, map->n_ranges * sizeof *map->ranges);
	*MEMORY_ADD(work, first_ranges) = work->n_owners;
	for (size_t i = 0; i < map->n_ranges; i++)
		*MEMORY_ADD(work, owners) = owner_in_record(record, &map->ranges[i]);
	return series->n_maps - 1;
}

static size_t map_of(struct series *series, const struct record *record, const struct e820_map *map,
                     uint32_t crc32)
{
	const struct map_question question = { series, map };
	size_t index = hash_find_or_put(&series->work->map_table, crc32, is_map, &question,
	                                 series->n_maps);

	return index != HASH_NONE ? index : add_map(series, record, map, crc32);
}

/* --- steps --- */

struct step_question {
	const struct series_work *work;
	size_t from, to;
};

static bool is_step(const void *context, size_t index)
{
	const struct step_question *question = context;
	const struct step *step = &question->work->steps[index];

	return step->from == question->from && step->to == question->to;
}

static void count_step(struct series_work *work, size_t from, size_t to)
{
	const struct step_question question = { work, from, to };
	uint64_t numbers[2] = { from, to };
	uint32_t hash = hash_of_bytes(numbers, sizeof numbers);
	size_t index =
		hash_find_or_put(&work->step_table, hash, is_step, &question, work->n_steps);

	if (index == HASH_NONE) {
		index = work->n_steps;
		*MEMORY_ADD(work, steps) = (struct step){ from, to, 0 };
	}
	work->steps[index].n_times++;
}

/* --- conditions --- */

/* What is different at each boot, or follows from the map itself. */
static bool is_condition(const char *key)
{
	static const char *const others[] = { "time",          "taken",        "resume-log",
		                              "program",       "origin",       "present-pages",
		                              "kernel-build",  "boot-current", "e820-crc32",
		                              "e820-ram-crc32" };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(key, others[i]) == 0)
			return false;
	return true;
}

struct condition_question {
	const struct series_work *work;
	size_t key;
	const char *text;
};

static bool is_key(const void *context, size_t index)
{
	const struct condition_question *question = context;

	return strcmp(question->work->keys[index].name, question->text) == 0;
}

static bool is_value(const void *context, size_t index)
{
	const struct condition_question *question = context;
	const struct value *value = &question->work->values[index];

	return value->key == question->key && strcmp(value->text, question->text) == 0;
}

static size_t key_of(struct series_work *work, const char *name)
{
	const struct condition_question question = { work, 0, name };
	size_t index = hash_find_or_put(&work->key_table, hash_of_text(name), is_key, &question,
	                                 work->n_keys);

	if (index != HASH_NONE)
		return index;
	*MEMORY_ADD(work, keys) = (struct key){
		.name = memory_text(name, strlen(name)),
		.is_given_up = work->n_keys >= MOST_KEYS,
	};
	return work->n_keys - 1;
}

static void note_map(struct value *value, size_t map)
{
	for (size_t i = 0; i < value->n_maps; i++)
		if (value->maps[i] == map)
			return;
	if (value->n_maps < MOST_SEEN)
		value->maps[value->n_maps++] = map;
	else
		value->has_more_maps = true;
}

static void note_value(struct series_work *work, size_t key, const char *text, size_t map)
{
	const struct condition_question question = { work, key, text };
	size_t index = hash_find_or_put(&work->value_table, hash_of_text(text) ^ (uint32_t)(key * 2654435761u),
	                                 is_value, &question, work->n_values);

	if (index == HASH_NONE) {
		index = work->n_values;
		*MEMORY_ADD(work, values) =
			(struct value){ .key = key, .text = memory_text(text, strlen(text)) };
		work->keys[key].n_values++;
		work->keys[key].is_given_up = work->keys[key].n_values > MOST_VALUES;
	}
	work->values[index].n_boots++;
	note_map(&work->values[index], map);
}

static void note_conditions(struct series_work *work, const struct record *record, size_t map)
{
	for (size_t i = 0; i < record->n_facts; i++) {
		size_t key;

		if (!is_condition(record->facts[i].key) || work->n_keys > MOST_KEYS)
			continue;
		key = key_of(work, record->facts[i].key);
		work->keys[key].n_boots++;
		if (!work->keys[key].is_given_up)
			note_value(work, key, record->facts[i].value, map);
	}
}

/* --- a boot --- */

static char *fact_text(const struct record *record, const char *key)
{
	const char *value = record_fact(record, key);

	return value != NULL ? memory_text(value, strlen(value)) : memory_text("", 0);
}

static char *boot_name(const struct record *record)
{
	return record->n_boots > 1 ? memory_printf("%s@%lu", record->name, record->boot)
	                           : memory_text(record->name, strlen(record->name));
}

void series_add(struct series *series, const struct record *record)
{
	bool is_translated = record->e820_view == VIEW_NONE && record->n_uefi > 0;
	struct e820_map map;
	uint32_t crc32;
	size_t index;

	if (record->e820_view == VIEW_NONE && !is_translated) {
		series_skip(series, record->name, "no memory map in it");
		return;
	}
	map = is_translated ? rules_translate(RULES_LINUX, record, NULL, NULL) : record->e820;
	crc32 = e820_hibernate_crc32(&map);
	index = map_of(series, record, &map, crc32);
	if (is_translated)
		free(map.ranges);
	series->maps[index].n_boots++;
	if (series->n_boots > 0)
		count_step(series->work, series->boots[series->n_boots - 1].map, index);
	*MEMORY_ADD(series, boots) = (struct series_boot){
		.name = boot_name(record),
		.time = fact_text(record, "time"),
		.label = fact_text(record, "label"),
		.crc32 = crc32,
		.map = index,
	};
	note_conditions(series->work, record, index);
}

void series_skip(struct series *series, const char *name, const char *why)
{
	*MEMORY_ADD(series, skipped) = memory_printf("%s: %s", name, why);
}

/* --- what moves --- */

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
	size_t low = 0, high = map->n_ranges;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->ranges[middle].start_paddr < range->start_paddr)
			low = middle + 1;
		else
			high = middle;
	}
	return low < map->n_ranges && memcmp(&map->ranges[low], range, sizeof *range) == 0 ? low
	                                                                                   : HASH_NONE;
}

/* A step with the maps at its ends, and the owners of their ranges. */
struct walk {
	const struct series *series;
	const struct step *step;
	size_t *parents;
	size_t *n_moves; /* by the number of a range */
};

static const struct e820_map *map_at(const struct walk *walk, size_t side)
{
	return &walk->series->maps[side == 0 ? walk->step->from : walk->step->to].e820;
}

static size_t node_at(const struct walk *walk, size_t side, const struct e820_range *range)
{
	size_t at = range->start_paddr < range->end_paddr ? find_range(map_at(walk, side), range)
	                                                  : HASH_NONE;

	return at == HASH_NONE ? HASH_NONE
	                  : walk->series->work->first_ranges[side == 0 ? walk->step->from
	                                                               : walk->step->to] +
	                            at;
}

static char *owner_in_walk(const void *context, size_t side, const struct e820_range *range)
{
	const struct walk *walk = context;
	size_t node = node_at(walk, side, range);
	const char *owner = node != HASH_NONE ? walk->series->work->owners[node] : "";

	return memory_text(owner, strlen(owner));
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
	hash_free(&table);
	free(ranges);
}

/* What moved from one map to the other is one thing, and has moved as often as the step was
 * taken. */
static void unite_changed(const struct walk *walk)
{
	struct diff_change *changes;
	size_t n = diff_changes(map_at(walk, 0), map_at(walk, 1), owner_in_walk, walk, &changes);

	for (size_t i = 0; i < n; i++) {
		const struct change *change = &changes[i].change;
		size_t before = node_at(walk, 0, &change->before);
		size_t after = node_at(walk, 1, &change->after);
		size_t node = before != HASH_NONE ? before : after;

		if (node != HASH_NONE)
			walk->n_moves[node] += walk->step->n_times;
		if (before != HASH_NONE && after != HASH_NONE)
			unite(walk->parents, before, after);
		free(changes[i].owner);
	}
	free(changes);
}

/* A range of a map, as a member of the thing that it is. */
struct member {
	size_t root;
	size_t map;
	size_t n_moves;
	const char *owner;
	const struct e820_range *range;
};

static int compare_sizes(size_t left, size_t right)
{
	return (left > right) - (left < right);
}

static int compare_members(const void *a, const void *b)
{
	const struct member *left = a, *right = b;
	int order = compare_sizes(left->root, right->root);

	if (order == 0)
		order = compare_sizes(left->range->start_paddr, right->range->start_paddr);
	if (order == 0)
		order = compare_sizes(left->range->end_paddr, right->range->end_paddr);
	return order != 0 ? order : compare_sizes(left->map, right->map);
}

static struct member *members_of(const struct series *series, size_t *parents,
                                 const size_t *n_moves)
{
	const struct series_work *work = series->work;
	struct member *members = memory_alloc(work->n_owners, sizeof *members);
	size_t node = 0;

	for (size_t map = 0; map < series->n_maps; map++)
		for (size_t i = 0; i < series->maps[map].e820.n_ranges; i++, node++)
			members[node] = (struct member){
				.root = root_of(parents, node),
				.map = map,
				.n_moves = n_moves[node],
				.owner = work->owners[node],
				.range = &series->maps[map].e820.ranges[i],
			};
	qsort(members, node, sizeof *members, compare_members);
	return members;
}

/* Two ranges of one map can be one thing only if it was split; its boots count once. */
static void add_mover(struct series *series, const struct member *members, size_t n)
{
	struct series_mover mover = { .type = members[0].range->type,
		                      .lowest_paddr = members[0].range->start_paddr,
		                      .least_pages = UINT64_MAX };
	const char *owner = "";

	for (size_t i = 0; i < n; i++) {
		const struct e820_range *range = members[i].range;
		uint64_t n_pages = pages_of(range->end_paddr - range->start_paddr);

		if (i == 0 || members[i - 1].range->start_paddr != range->start_paddr ||
		    members[i - 1].range->end_paddr != range->end_paddr)
			mover.n_places++;
		mover.n_boots += series->maps[members[i].map].n_boots;
		mover.n_moves += members[i].n_moves;
		mover.highest_paddr = range->start_paddr;
		mover.least_pages = min_u64(mover.least_pages, n_pages);
		mover.most_pages = max_u64(mover.most_pages, n_pages);
		if (*owner == '\0')
			owner = members[i].owner;
	}
	mover.n_boots = min_u64(mover.n_boots, series->n_boots);
	if (mover.type == E820_RAM || (mover.n_places == 1 && mover.n_boots == series->n_boots))
		return;
	mover.owner = memory_text(owner, strlen(owner));
	*MEMORY_ADD(series, movers) = mover;
}

static int compare_movers(const void *a, const void *b)
{
	const struct series_mover *left = a, *right = b;

	return left->n_moves != right->n_moves
	               ? compare_sizes(right->n_moves, left->n_moves)
	               : compare_sizes(left->lowest_paddr, right->lowest_paddr);
}

static void find_movers(struct series *series)
{
	struct series_work *work = series->work;
	size_t *parents = memory_alloc(work->n_owners, sizeof *parents);
	size_t *n_moves = memory_alloc(work->n_owners, sizeof *n_moves);
	struct member *members;

	for (size_t i = 0; i < work->n_owners; i++)
		parents[i] = i;
	unite_equal(series, parents);
	for (size_t i = 0; i < work->n_steps; i++) {
		const struct walk walk = { series, &work->steps[i], parents, n_moves };

		if (work->steps[i].from == work->steps[i].to)
			continue;
		unite_changed(&walk);
	}
	members = members_of(series, parents, n_moves);
	for (size_t start = 0, end; start < work->n_owners; start = end) {
		for (end = start + 1;
		     end < work->n_owners && members[end].root == members[start].root;)
			end++;
		add_mover(series, members + start, end - start);
	}
	if (series->n_movers > 0)
		qsort(series->movers, series->n_movers, sizeof *series->movers, compare_movers);
	free(members);
	free(parents);
	free(n_moves);
}

/* --- what does not --- */

static void find_stable(struct series *series)
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
	free(n_seen);
}

/* --- conditions, again --- */

/* The maps by the number of boots; what points at them follows. */
static int compare_maps(const void *a, const void *b)
{
	const struct series_map *left = a, *right = b;

	return left->n_boots != right->n_boots ? compare_sizes(right->n_boots, left->n_boots)
	                                       : compare_sizes(left->first_boot, right->first_boot);
}

static int compare_numbers(const void *a, const void *b)
{
	return compare_sizes(*(const size_t *)a, *(const size_t *)b);
}

static void sort_maps(struct series *series)
{
	struct series_work *work = series->work;
	size_t *places = memory_alloc(series->n_maps, sizeof *places);

	/* The map of a boot is known by the boot that had it first. */
	for (size_t i = 0; i < series->n_maps; i++)
		places[i] = series->maps[i].first_boot;
	qsort(series->maps, series->n_maps, sizeof *series->maps, compare_maps);
	for (size_t i = 0; i < series->n_maps; i++)
		series->boots[series->maps[i].first_boot].crc32 = (uint32_t)i; /* for a moment */
	for (size_t i = 0; i < series->n_maps; i++)
		places[i] = series->boots[places[i]].crc32;
	for (size_t i = 0; i < series->n_boots; i++) {
		series->boots[i].map = places[series->boots[i].map];
		series->boots[i].crc32 = series->maps[series->boots[i].map].crc32;
	}
	for (size_t i = 0; i < work->n_values; i++) {
		struct value *value = &work->values[i];

		for (size_t j = 0; j < value->n_maps; j++)
			value->maps[j] = places[value->maps[j]];
		qsort(value->maps, value->n_maps, sizeof *value->maps, compare_numbers);
	}
	free(places);
}

static void map_name(char *name, size_t map)
{
	if (map < 26)
		snprintf(name, 24, "%c", (char)('A' + map));
	else
		snprintf(name, 24, "#%zu", map + 1);
}

/* @text, which is freed, and more behind it. */
static char *append(char *text, const char *more, size_t most_bytes)
{
	char *longer = memory_printf("%s%.*s%s", text, (int)most_bytes, more,
	                             strlen(more) > most_bytes ? "..." : "");

	free(text);
	return longer;
}

/* "docked -> A, B (12 boots)" */
static char *append_value(char *text, const struct value *value)
{
	char tail[64];

	text = append(text, value->text, MOST_VALUE);
	for (size_t i = 0; i < value->n_maps; i++) {
		char name[24];

		map_name(name, value->maps[i]);
		text = append(text, i == 0 ? " -> " : ", ", MOST_VALUE);
		text = append(text, name, MOST_VALUE);
	}
	snprintf(tail, sizeof tail, "%s (%zu boot%s)", value->has_more_maps ? ", ..." : "",
	         value->n_boots, value->n_boots == 1 ? "" : "s");
	return append(text, tail, MOST_VALUE);
}

static char *condition_text(const struct key *key, struct value *const *values, size_t n_values)
{
	char *text = append(memory_text("", 0), key->name, MOST_VALUE);

	for (size_t i = 0; i < n_values; i++) {
		text = append(text, i == 0 ? ": " : "; ", MOST_VALUE);
		text = append_value(text, values[i]);
	}
	return text;
}

static bool share_a_map(const struct value *a, const struct value *b)
{
	if (a->has_more_maps || b->has_more_maps)
		return true; /* for all that is known */
	for (size_t i = 0; i < a->n_maps; i++)
		for (size_t j = 0; j < b->n_maps; j++)
			if (a->maps[i] == b->maps[j])
				return true;
	return false;
}

/* A condition is worth a line if no map is seen with two of its values, and some value came more
 * than once, or it may be chance. It decides if all boots name it, and each value has one map. */
static void judge_condition(struct series *series, const struct key *key,
                            struct value *const *values, size_t n_values)
{
	bool decides = key->n_boots == series->n_boots, came_again = false;

	if (key->is_given_up || n_values < 2)
		return;
	for (size_t i = 0; i < n_values; i++) {
		decides = decides && values[i]->n_maps == 1;
		came_again = came_again || values[i]->n_boots > 1;
		for (size_t j = i + 1; j < n_values; j++)
			if (share_a_map(values[i], values[j]))
				return;
	}
	if (!came_again)
		return;
	*MEMORY_ADD(series, conditions) = (struct series_condition){
		.key = memory_text(key->name, strlen(key->name)),
		.n_values = n_values,
		.decides = decides,
		.text = condition_text(key, values, n_values),
	};
}

static int compare_values(const void *a, const void *b)
{
	const struct value *left = *(struct value *const *)a, *right = *(struct value *const *)b;

	return left->key != right->key ? compare_sizes(left->key, right->key)
	                               : strcmp(left->text, right->text);
}

static int compare_conditions(const void *a, const void *b)
{
	const struct series_condition *left = a, *right = b;

	return left->decides != right->decides ? right->decides - left->decides
	                                       : strcmp(left->key, right->key);
}

static void find_conditions(struct series *series)
{
	struct series_work *work = series->work;
	struct value **values = memory_alloc(work->n_values, sizeof *values);

	for (size_t i = 0; i < work->n_values; i++)
		values[i] = &work->values[i];
	qsort(values, work->n_values, sizeof *values, compare_values);
	for (size_t start = 0, end; start < work->n_values; start = end) {
		for (end = start + 1;
		     end < work->n_values && values[end]->key == values[start]->key;)
			end++;
		judge_condition(series, &work->keys[values[start]->key], values + start,
		                end - start);
	}
	if (series->n_conditions > 0)
		qsort(series->conditions, series->n_conditions, sizeof *series->conditions,
		      compare_conditions);
	free(values);
}

/* --- the end --- */

static void work_free(struct series_work *work)
{
	if (work == NULL)
		return;
	for (size_t i = 0; i < work->n_owners; i++)
		free(work->owners[i]);
	for (size_t i = 0; i < work->n_keys; i++)
		free(work->keys[i].name);
	for (size_t i = 0; i < work->n_values; i++)
		free(work->values[i].text);
	hash_free(&work->map_table);
	hash_free(&work->step_table);
	hash_free(&work->key_table);
	hash_free(&work->value_table);
	free(work->steps);
	free(work->keys);
	free(work->values);
	free(work->first_ranges);
	free(work->owners);
	free(work);
}

void series_finish(struct series *series)
{
	if (series->n_boots > 0) {
		find_movers(series);
		find_stable(series);
		sort_maps(series);
		find_conditions(series);
	}
	for (size_t i = 0; i < series->work->n_steps; i++)
		if (series->work->steps[i].from == series->work->steps[i].to)
			series->n_same_as_previous += series->work->steps[i].n_times;
	work_free(series->work);
	series->work = NULL;
}

void series_free(struct series *series)
{
	for (size_t i = 0; i < series->n_boots; i++) {
		free(series->boots[i].name);
		free(series->boots[i].time);
		free(series->boots[i].label);
	}
	for (size_t i = 0; i < series->n_maps; i++)
		free(series->maps[i].e820.ranges);
	for (size_t i = 0; i < series->n_movers; i++)
		free(series->movers[i].owner);
	for (size_t i = 0; i < series->n_conditions; i++) {
		free(series->conditions[i].key);
		free(series->conditions[i].text);
	}
	for (size_t i = 0; i < series->n_skipped; i++)
		free(series->skipped[i]);
	work_free(series->work);
	free(series->boots);
	free(series->maps);
	free(series->movers);
	free(series->stable);
	free(series->conditions);
	free(series->skipped);
	free(series);
}
