/*
 * series.c - many boots -> the series of each machine: the boots in their order, the maps that
 * there are, and the steps from each boot to the next. See series.h.
 */
#include "mapdiff/series/series.h"

#include <string.h>

#include "mapdiff/base/sorted.h"
#include "mapdiff/diff/diff.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/series/advice.h"
#include "mapdiff/series/blame.h"
#include "mapdiff/series/conditions.h"
#include "mapdiff/series/movers.h"

#define MOST_COMPARED 256 /* names that are looked for in each other */

/* --- collecting boots --- */

struct series_boots *series_new(void)
{
	struct series_boots *boots = memory_alloc(1, sizeof *boots);

	boots->report = memory_alloc(1, sizeof *boots->report);
	return boots;
}

static const char *boot_name(const struct record *record)
{
	return record->n_boots > 1 ? memory_printf("%s@%lu", record->name, record->boot)
	                           : record->name;
}

static const char *fact_or_none(const struct record *record, enum fact_id id)
{
	const char *value = record_fact(record, id);

	return value != NULL ? value : "";
}

void series_add(struct series_boots *boots, const struct record *record)
{
	const struct diff_side *side = side_new(record);

	if (side == NULL) {
		series_skip_boot(boots, record, "no memory map in it");
		return;
	}
	if (side->start != START_FIRMWARE) {
		series_leave_out(boots, boot_name(record), start_text(side->start));
		return;
	}
	*MEMORY_ADD(boots, list) = (struct series_boot){
		.side = side,
		.name = boot_name(record),
		.time = fact_or_none(record, FACT_TIME),
		.label = fact_or_none(record, FACT_LABEL),
		.file = boots->n_files,
		.number = boots->n_list - 1,
	};
}

void series_leave_out(struct series_boots *boots, const char *name, const char *why)
{
	*MEMORY_ADD(boots->report, left_out) = memory_printf("%s: %s", name, why);
}

void series_skip(struct series_boots *boots, const char *name, const char *why)
{
	*MEMORY_ADD(boots->report, skipped) = memory_printf("%s: %s", name, why);
}

void series_skip_boot(struct series_boots *boots, const struct record *record, const char *why)
{
	series_skip(boots, boot_name(record), why);
}

/* --- their machines --- */

static const char *name_at(const struct intern *names, size_t number)
{
	return names->entries[number].bytes;
}

/* The only other name that says the same in more words, as a capture knows more of it than a log;
 * else, and of no name, @index itself. */
static size_t longer_name(const struct intern *names, size_t index)
{
	const char *name = name_at(names, index);
	size_t found = index;

	if (*name == '\0' || names->n_entries > MOST_COMPARED)
		return index;
	for (size_t i = 0; i < names->n_entries; i++) {
		if (strlen(name_at(names, i)) <= strlen(name) ||
		    !fact_is_one_name(name_at(names, i), name))
			continue;
		if (found != index)
			return index;
		found = i;
	}
	return found;
}

/* Of each name, the one that is meant. Boots that name no machine are of the one that the others
 * name, if that is one; else they have a series of their own. */
static size_t *meant_names(const struct intern *names)
{
	size_t *meant = memory_alloc(names->n_entries, sizeof *meant), nameless = INTERN_NONE;
	size_t n_machines = 0, machine = 0;

	for (size_t i = 0; i < names->n_entries; i++) {
		size_t longer = i;

		do {
			meant[i] = longer;
			longer = longer_name(names, meant[i]);
		} while (longer != meant[i]);
		if (*name_at(names, i) == '\0') {
			nameless = i;
		} else if (meant[i] == i) {
			machine = i;
			n_machines++;
		}
	}
	if (nameless != INTERN_NONE && n_machines == 1)
		meant[nameless] = machine;
	return meant;
}

/* Each boot to the series of its machine, in the order in which they come first. */
static void sort_into_machines(const struct series_boot *boots, size_t n_boots,
                               struct series_report *report)
{
	struct intern names = { 0 };
	size_t *numbers = memory_alloc(n_boots, sizeof *numbers);
	size_t *meant, *places; /* of each name: in report->machines, + 1 */

	for (size_t i = 0; i < n_boots; i++)
		numbers[i] = intern_text(&names, fact_or_none(boots[i].side->record, FACT_MACHINE));
	meant = meant_names(&names);
	places = memory_alloc(names.n_entries, sizeof *places);
	for (size_t i = 0; i < n_boots; i++) {
		size_t name = meant[numbers[i]];

		if (places[name] == 0) {
			*MEMORY_ADD(report, machines) =
				(struct series){ .machine = name_at(&names, name) };
			places[name] = report->n_machines;
		}
		*MEMORY_ADD(&report->machines[places[name] - 1], boots) = boots[i];
	}
}

/* --- their order --- */

static int compare_boots(const void *a, const void *b)
{
	const struct series_boot *left = a, *right = b;

	return strcmp(left->file_time, right->file_time)
	               ?: compare_u64(left->number, right->number);
}

/* The files by time, if there are several, and all know theirs; else as they came. A clock may
 * jump: a file is in order. */
static void sort_boots(struct series *series)
{
	struct series_boot *boots = series->boots;
	bool has_times = true;
	size_t n_files = 0;

	for (size_t i = 0; i < series->n_boots; i++) {
		bool is_first = i == 0 || boots[i].file != boots[i - 1].file;

		n_files += is_first;
		boots[i].file_time = is_first ? boots[i].time : boots[i - 1].file_time;
		has_times &= *boots[i].file_time != '\0';
	}
	series->is_by_time = has_times && n_files > 1;
	if (series->is_by_time)
		MEMORY_SORT(series, boots, compare_boots);
	for (size_t i = 1; i < series->n_boots; i++)
		series->is_reordered |= boots[i].number < boots[i - 1].number;
}

/* --- the maps --- */

/* The most frequent first. */
static int compare_maps(const void *a, const void *b)
{
	const struct series_map *left = a, *right = b;

	return left->n_boots != right->n_boots ? compare_u64(right->n_boots, left->n_boots)
	                                       : compare_u64(left->first_boot, right->first_boot);
}

static uint64_t n_pairs(uint64_t n)
{
	return n * (n - 1) / 2;
}

/* A map is kept once, however many boots have it. */
static void add_map(struct series *series, struct intern *table, size_t index)
{
	struct series_boot *boot = &series->boots[index];
	const struct e820_map *e820 = &boot->side->e820;

	boot->map = intern_number(table, e820->ranges, e820->n_ranges * sizeof *e820->ranges);
	if (boot->map == series->n_maps)
		*MEMORY_ADD(series, maps) = (struct series_map){
			.e820 = e820,
			.crc32 = boot->side->crc32,
			.has_crc32 = boot->side->has_crc32,
			.first_boot = index,
		};
	series->maps[boot->map].n_boots++;
	series->n_boots_by_view[boot->side->record->e820_view]++;
}

/* The maps, and of how many pairs of boots, whether they follow each other or not, they are one. */
static void find_maps(struct series *series)
{
	struct intern table = { 0 };
	size_t *places;

	for (size_t i = 0; i < series->n_boots; i++)
		add_map(series, &table, i);
	places = memory_alloc(series->n_maps, sizeof *places);
	MEMORY_SORT(series, maps, compare_maps);
	for (size_t i = 0; i < series->n_maps; i++)
		places[series->boots[series->maps[i].first_boot].map] = i;
	for (size_t i = 0; i < series->n_boots; i++)
		series->boots[i].map = places[series->boots[i].map];
	series->n_pairs = n_pairs(series->n_boots);
	MEMORY_EACH(map, series, maps)
		series->n_same_pairs += n_pairs(map->n_boots);
}

/* --- all of it --- */

static void make_steps(struct series *series)
{
	const struct diff_options options = { 0 };

	series->n_steps = series->n_boots - 1;
	series->steps = memory_alloc(series->n_steps, sizeof *series->steps);
	for (size_t i = 0; i < series->n_steps; i++) {
		const struct series_boot *boot = &series->boots[i];

		diff_make(boot[0].side, boot[1].side, &options, &series->steps[i]);
		series->n_different_steps += boot[0].map != boot[1].map;
	}
}

static void make_series(struct series *series)
{
	sort_boots(series);
	find_maps(series);
	make_steps(series);
	movers_find(series);
	conditions_find(series);
	blame_movers(series);
	series_advise(series);
}

struct series_report *series_finish(struct series_boots *boots)
{
	struct series_report *report = boots->report;

	report->n_boots = boots->n_list;
	sort_into_machines(boots->list, boots->n_list, report);
	for (size_t i = 0; i < report->n_machines; i++)
		make_series(&report->machines[i]);
	return report;
}
