/*
 * series.c - many boots -> the maps that there are, by digest, and the boots in their order. What
 * moves is movers.c's, which condition goes with it conditions.c's.
 *
 * A map is kept once, and found again by a hash of its checksum. So are the steps from one map to
 * another that follow each other: however often a machine goes back and forth between two maps,
 * they are compared once.
 */
#include "mapdiff/series/series_work.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/diff/diff.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"
#include "x86/crc32.h"

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

	return map_is_same(&question->series->maps[index].e820, question->map);
}

static char *owner_in_record(const struct record *record, const struct e820_range *range)
{
	return range->type == E820_RAM ? memory_copy("")
	                               : owner_of(record, range->start_paddr, range->end_paddr);
}

static size_t add_map(struct series *series, const struct record *record,
                      const struct e820_map *map, uint32_t crc32)
{
	struct series_work *work = series->work;
	struct series_map *entry = MEMORY_ADD(series, maps);

	*entry = (struct series_map){ .crc32 = crc32,
		                      .number = series->n_maps - 1,
		                      .e820 = map_copy(map, 0) };
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

/* --- a boot --- */

static char *fact_text(const struct record *record, enum fact_id id)
{
	const char *value = record_fact(record, id);

	return memory_copy(value != NULL ? value : "");
}

static char *boot_name(const struct record *record)
{
	return record->n_boots > 1 ? memory_printf("%s@%lu", record->name, record->boot)
	                           : memory_copy(record->name);
}

static void add_boot(struct series *series, const struct record *record, uint32_t crc32, size_t map)
{
	series->maps[map].n_boots++;
	series->n_boots_by_view[record->e820_view]++;
	*MEMORY_ADD(series, boots) = (struct series_boot){
		.name = boot_name(record),
		.time = fact_text(record, FACT_TIME),
		.label = fact_text(record, FACT_LABEL),
		.crc32 = crc32,
		.map = map,
		.number = series->n_boots - 1,
	};
	series_note_conditions(series->work, record, map);
}

void series_add(struct series *series, const struct record *record)
{
	struct e820_map map;
	uint32_t crc32;

	if (record->e820_view == VIEW_NONE && record->n_uefi == 0) {
		series_skip_boot(series, record, "no memory map in it");
		return;
	}
	map = rules_linux_map(record);
	crc32 = e820_hibernate_crc32(&map);
	add_boot(series, record, crc32, map_of(series, record, &map, crc32));
	memory_give_back(map.ranges);
}

void series_skip(struct series *series, const char *name, const char *why)
{
	*MEMORY_ADD(series, skipped) = memory_printf("%s: %s", name, why);
}

void series_skip_boot(struct series *series, const struct record *record, const char *why)
{
	series_skip(series, boot_name(record), why);
}

/* --- their order --- */

static int compare_boots(const void *a, const void *b)
{
	const struct series_boot *left = a, *right = b;
	int order = strcmp(left->time, right->time);

	return order != 0 ? order : compare_u64(left->number, right->number);
}

/* By time, if all of them know theirs; else as the files came. */
static void sort_boots(struct series *series)
{
	for (size_t i = 0; i < series->n_boots; i++)
		if (*series->boots[i].time == '\0')
			return;
	series->is_by_time = true;
	qsort(series->boots, series->n_boots, sizeof *series->boots, compare_boots);
	for (size_t i = 0; i < series->n_boots; i++)
		series->is_reordered |= series->boots[i].number != i;
}

static void find_first_boots(struct series *series)
{
	for (size_t i = series->n_boots; i-- > 0;)
		series->maps[series->boots[i].map].first_boot = i;
}

/* --- steps --- */

struct step_question {
	const struct series_work *work;
	size_t from, to;
};

static bool is_step(const void *context, size_t index)
{
	const struct step_question *question = context;
	const struct series_step *step = &question->work->steps[index];

	return step->from == question->from && step->to == question->to;
}

/* Returns the number of the step. */
static size_t count_step(struct series_work *work, size_t from, size_t to)
{
	const struct step_question question = { work, from, to };
	uint64_t numbers[2] = { from, to };
	uint32_t hash = hash_of_bytes(numbers, sizeof numbers);
	size_t index = hash_find_or_put(&work->step_table, hash, is_step, &question, work->n_steps);

	if (index == HASH_NONE) {
		index = work->n_steps;
		*MEMORY_ADD(work, steps) = (struct series_step){ from, to, 0 };
	}
	work->steps[index].n_times++;
	return index;
}

static void find_steps(struct series *series)
{
	series->work->boot_steps = memory_alloc(series->n_boots, sizeof *series->work->boot_steps);
	for (size_t i = 1; i < series->n_boots; i++) {
		size_t from = series->boots[i - 1].map, to = series->boots[i].map;

		series->work->boot_steps[i] = count_step(series->work, from, to);
		series->n_same_as_previous += from == to;
	}
}

/* Of all pairs of boots, whether they follow each other or not. */
static void count_pairs(struct series *series)
{
	series->n_pairs = (uint64_t)series->n_boots * (series->n_boots - 1) / 2;
	for (size_t i = 0; i < series->n_maps; i++)
		series->n_same_pairs +=
			(uint64_t)series->maps[i].n_boots * (series->maps[i].n_boots - 1) / 2;
}

/* --- the maps, by the number of boots --- */

static int compare_maps(const void *a, const void *b)
{
	const struct series_map *left = a, *right = b;

	return left->n_boots != right->n_boots ? compare_u64(right->n_boots, left->n_boots)
	                                       : compare_u64(left->first_boot, right->first_boot);
}

static int compare_numbers(const void *a, const void *b)
{
	return compare_u64(*(const size_t *)a, *(const size_t *)b);
}

/* What points at them follows. */
static void sort_maps(struct series *series)
{
	struct series_work *work = series->work;
	size_t *places = memory_alloc(series->n_maps, sizeof *places);

	qsort(series->maps, series->n_maps, sizeof *series->maps, compare_maps);
	for (size_t i = 0; i < series->n_maps; i++)
		places[series->maps[i].number] = i;
	for (size_t i = 0; i < series->n_boots; i++)
		series->boots[i].map = places[series->boots[i].map];
	for (size_t i = 0; i < work->n_values; i++) {
		struct series_value *value = &work->values[i];

		for (size_t j = 0; j < value->n_maps; j++)
			value->maps[j] = places[value->maps[j]];
		qsort(value->maps, value->n_maps, sizeof *value->maps, compare_numbers);
	}
}

char *series_map_name(size_t map)
{
	char name[24];
	size_t at = sizeof name;

	for (size_t n = map + 1; n > 0 && at > 0; n = (n - 1) / 26)
		name[--at] = (char)('A' + (n - 1) % 26);
	return memory_text(name + at, sizeof name - at);
}

/* --- the end --- */

void series_finish(struct series *series)
{
	if (series->n_boots > 0) {
		sort_boots(series);
		find_first_boots(series);
		find_steps(series);
		count_pairs(series);
		series_find_movers(series);
		series_find_stable(series);
		sort_maps(series);
		series_find_conditions(series);
		series_find_links(series);
		series_find_machines(series);
		series_blame_movers(series);
	}
}
