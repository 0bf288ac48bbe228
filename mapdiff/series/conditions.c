/* conditions.c - what the boots of a series say -> what goes with the map: see conditions.h. */
#include "mapdiff/series/conditions.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/intern.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"
#include "x86/crc32.h"

#define MOST_VALUES   12  /* a condition with more is none: a clock, a counter */
#define MOST_KEYS     256 /* conditions of a hostile series */
#define MOST_SHOWN    100 /* bytes of a value */
#define MOST_MAPS     8   /* of one value: with more, it goes with none */
#define MOST_LINKED   8   /* things that are looked at one by one */
#define LEAST_EXCESS  500 /* thousandths: below, it is not worth a line */
#define LEAST_DECIDED 3   /* steps with another map: of fewer, chance decides */
#define LEAST_STEPS   2   /* with a change of a condition, and without, or it may be chance */

/* A condition: which value each boot has. */
struct column {
	const char *key;
	struct intern texts; /* of its values */
	uint32_t *values;    /* of each boot: the number of its value, + 1; 0: it says nothing */
};

struct sheet {
	struct series *series;
	struct column *columns;
	size_t n_columns, columns_capacity;
	struct intern keys; /* of columns */
};

/* --- what the boots say --- */

static void note(struct sheet *sheet, size_t boot, const char *key, const char *text)
{
	size_t at = intern_text(&sheet->keys, key);
	struct column *column;

	if (at >= MOST_KEYS)
		return;
	if (at == sheet->n_columns)
		*MEMORY_ADD(sheet, columns) = (struct column){
			.key = key,
			.values = memory_alloc(sheet->series->n_boots, sizeof(uint32_t)),
		};
	column = &sheet->columns[at];
	column->values[boot] = (uint32_t)intern_text(&column->texts, text) + 1;
}

/* --- conditions that are not one line of a file --- */

/* PCI devices are one condition together. */
static void note_devices(struct sheet *sheet, size_t boot, const struct record *record)
{
	uint32_t digest = 0;
	size_t n = 0;

	for (size_t i = 0; i < record->n_facts; i++) {
		const struct record_fact *fact = &record->facts[i];

		if (fact_device(fact->key) == NULL)
			continue;
		n++;
		digest += crc32_add(0, fact->key, strlen(fact->key)) ^
		          (crc32_add(0, fact->value, strlen(fact->value)) << 1);
	}
	if (n > 0)
		note(sheet, boot, fact_rows[FACT_PCI_DEVICES].key,
		     memory_printf("%zu (digest 0x%08" PRIx32 ")", n, digest));
}

static void note_tables(struct sheet *sheet, size_t boot, const struct record *record)
{
	uint64_t n_bytes = 0;

	for (size_t i = 0; i < record->n_acpi; i++)
		n_bytes += record->acpi[i].length_bytes;
	if (record->n_acpi > 0)
		note(sheet, boot, fact_rows[FACT_ACPI_TABLES].key,
		     memory_printf("%zu with %" PRIu64 " bytes", record->n_acpi, n_bytes));
}

/* "docked, on battery": each part may be the one that matters. */
static void note_label(struct sheet *sheet, size_t boot, const struct record *record)
{
	const char *label = record_fact(record, FACT_LABEL);

	if (label == NULL || strchr(label, ',') == NULL)
		return;
	for (size_t i = 1; *label != '\0'; i++) {
		size_t n_bytes = strcspn(label, ",");

		note(sheet, boot, memory_printf("label (part %zu)", i),
		     memory_text(label, n_bytes));
		label += n_bytes;
		label += strspn(label, ", ");
	}
}

static void note_boot(struct sheet *sheet, size_t boot)
{
	const struct record *record = sheet->series->boots[boot].side->record;

	for (size_t i = 0; i < record->n_facts; i++) {
		const struct record_fact *fact = &record->facts[i];

		if (fact_device(fact->key) == NULL &&
		    fact_of_key(fact->key)->kind == FACT_IS_CONDITION)
			note(sheet, boot, fact->key, fact->value);
	}
	note_label(sheet, boot, record);
	note_devices(sheet, boot, record);
	note_tables(sheet, boot, record);
}

/* --- when it changes, something moves --- */

/* Of the steps whose ends both have a value. */
static struct series_link count_link(const struct sheet *sheet, const struct column *column,
                                     const bool *is_moved)
{
	struct series_link link = { .key = column->key };

	for (size_t step = 0; step < sheet->series->n_steps; step++) {
		const uint32_t *values = &column->values[step];

		if (values[0] == 0 || values[1] == 0)
			continue;
		if (values[0] != values[1]) {
			link.n_changed++;
			link.n_changed_moved += is_moved[step];
		} else {
			link.n_kept++;
			link.n_kept_moved += is_moved[step];
		}
	}
	return link;
}

/* The share of steps in which it moved, in thousandths: with a change of the condition, less that
 * without one. */
static long excess(const struct series_link *link)
{
	return (long)(link->n_changed_moved * 1000 / link->n_changed) -
	       (long)(link->n_kept_moved * 1000 / link->n_kept);
}

/* What the user says goes before what the machine does, and before what follows from it. */
static int compare_keys(const char *left, const char *right)
{
	bool is_left_label = strncmp(left, "label", strlen("label")) == 0;
	bool is_right_label = strncmp(right, "label", strlen("label")) == 0;

	if (is_left_label != is_right_label)
		return is_right_label - is_left_label;
	return fact_order(left) != fact_order(right)
	               ? compare_u64(fact_order(left), fact_order(right))
	               : strcmp(left, right);
}

static int compare_links(const void *a, const void *b)
{
	const struct series_link *left = a, *right = b;
	long difference = excess(right) - excess(left);

	if (left->mover != right->mover)
		return compare_u64(left->mover, right->mover);
	return difference != 0 ? (difference > 0) - (difference < 0)
	                       : compare_keys(left->key, right->key);
}

static void find_links(const struct sheet *sheet)
{
	struct series *series = sheet->series;

	if (series->n_different_steps < LEAST_DECIDED)
		return;
	for (size_t mover = 0; mover < series->n_movers && mover < MOST_LINKED; mover++) {
		bool *is_moved = memory_alloc(series->n_steps, sizeof *is_moved);

		for (size_t i = 0; i < series->movers[mover].n_steps; i++)
			is_moved[series->movers[mover].steps[i]] = true;
		for (size_t i = 0; i < sheet->n_columns; i++) {
			struct series_link link = count_link(sheet, &sheet->columns[i], is_moved);

			link.mover = mover;
			if (link.n_changed >= LEAST_STEPS && link.n_kept >= LEAST_STEPS &&
			    excess(&link) >= LEAST_EXCESS)
				*MEMORY_ADD(series, links) = link;
		}
	}
	if (series->n_links > 0)
		qsort(series->links, series->n_links, sizeof *series->links, compare_links);
}

/* --- for each value, other maps --- */

/* A value of a condition, and the boots that have it. */
struct group {
	uint32_t value;
	const char *text;
	size_t n_boots, n_maps;
};
struct groups {
	struct group list[MOST_VALUES];
	size_t n_list, n_boots, n_maps;
	uint32_t *values; /* of each map: the value with which it is seen; 0: with none */
};

static int compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->text, ((const struct group *)b)->text);
}

/* False if a map is seen with two values of @column. */
static bool make_groups(const struct series *series, const struct column *column,
                        struct groups *groups)
{
	for (uint32_t i = 0; i < column->texts.n_entries; i++)
		groups->list[groups->n_list++] =
			(struct group){ i + 1, column->texts.entries[i].bytes, 0, 0 };
	for (size_t i = 0; i < series->n_boots; i++) {
		uint32_t value = column->values[i],
			 *map_value = &groups->values[series->boots[i].map];
		bool is_new = *map_value == 0;

		if (value == 0)
			continue;
		if (!is_new && *map_value != value)
			return false;
		*map_value = value;
		groups->list[value - 1].n_boots++;
		groups->list[value - 1].n_maps += is_new;
		groups->n_boots++;
		groups->n_maps += is_new;
	}
	qsort(groups->list, groups->n_list, sizeof *groups->list, compare_groups);
	return true;
}

/* That no map is seen with two values is no wonder where most maps, or values, are seen once: there
 * must be two boots for each map, and for two values. */
static bool is_telling(const struct groups *groups)
{
	size_t n_usual = 0;

	for (size_t i = 0; i < groups->n_list; i++) {
		if (groups->list[i].n_maps > MOST_MAPS)
			return false;
		n_usual += groups->list[i].n_boots > 1;
	}
	return groups->n_maps * 2 <= groups->n_boots && n_usual >= 2;
}

/* "label: docked -> A, B (12 boots); undocked -> C (3 boots)" */
static const char *text_of(const char *key, const struct groups *groups, size_t n_maps)
{
	struct bytes text = { 0 };

	memory_append(&text, "%.*s", MOST_SHOWN, key);
	for (size_t i = 0; i < groups->n_list; i++) {
		const struct group *group = &groups->list[i];
		const char *separator = " -> ";

		memory_append(&text, "%s%.*s%s", i == 0 ? ": " : "; ", MOST_SHOWN, group->text,
		              strlen(group->text) > MOST_SHOWN ? "..." : "");
		for (size_t map = 0; map < n_maps; map++) {
			if (groups->values[map] != group->value)
				continue;
			memory_append(&text, "%s%s", separator, text_letters(map));
			separator = ", ";
		}
		memory_append(&text, " (%zu boot%s)", group->n_boots, text_plural(group->n_boots));
	}
	return text.text;
}

/* A condition is worth a line if no map is seen with two of its values. @follows: it differs just
 * where the map does. */
static void judge_column(struct series *series, const struct column *column, bool follows)
{
	struct groups groups = { .values = memory_alloc(series->n_maps, sizeof *groups.values) };

	if (make_groups(series, column, &groups) && is_telling(&groups))
		*MEMORY_ADD(series, conditions) = (struct series_condition){
			.key = column->key,
			.n_values = groups.n_list,
			.decides = follows && groups.n_maps == groups.n_list,
			.text = text_of(column->key, &groups, series->n_maps),
		};
	memory_give_back(groups.values);
}

/* Does it differ in all steps in which the map does, and in no other? All boots must name it. */
static bool differs_with_map(const struct sheet *sheet, const struct column *column,
                             const bool *is_other_map)
{
	struct series_link link = count_link(sheet, column, is_other_map);

	return link.n_changed + link.n_kept == sheet->series->n_steps &&
	       link.n_changed == link.n_changed_moved && link.n_kept_moved == 0;
}

/* Does the fact under @key go before @other (NULL: none yet) as the one that decides? What is
 * evidence of a cause goes before what is not. */
static bool is_before(const char *key, const char *other)
{
	bool has_cause = fact_of_key(key)->cause != CAUSE_UNKNOWN;

	if (other == NULL || has_cause != (fact_of_key(other)->cause != CAUSE_UNKNOWN))
		return other == NULL || has_cause;
	return fact_order(key) < fact_order(other);
}

/* What @column, which differs as the map does or not, says of causes. */
static void note_decider(struct series *series, const struct column *column, bool follows)
{
	uint32_t cause = UINT32_C(1) << fact_of_key(column->key)->cause;

	if (column->texts.n_entries < 2 || series->n_different_steps < LEAST_DECIDED)
		return;
	series->varying_causes |= cause;
	if (!follows)
		return;
	series->decided_causes |= cause;
	if (is_before(column->key, series->decider))
		series->decider = column->key;
}

static int compare_conditions(const void *a, const void *b)
{
	const struct series_condition *left = a, *right = b;

	return left->decides != right->decides ? right->decides - left->decides
	                                       : compare_keys(left->key, right->key);
}

static void find_conditions(const struct sheet *sheet)
{
	struct series *series = sheet->series;
	bool *is_other_map = memory_alloc(series->n_steps, sizeof *is_other_map);

	for (size_t step = 0; step < series->n_steps; step++)
		is_other_map[step] = series->boots[step].map != series->boots[step + 1].map;
	for (size_t i = 0; i < sheet->n_columns; i++) {
		const struct column *column = &sheet->columns[i];
		bool follows = differs_with_map(sheet, column, is_other_map);

		note_decider(series, column, follows);
		if (column->texts.n_entries >= 2 && column->texts.n_entries <= MOST_VALUES)
			judge_column(series, column, follows);
	}
	if (series->n_conditions > 0)
		qsort(series->conditions, series->n_conditions, sizeof *series->conditions,
		      compare_conditions);
}

void conditions_find(struct series *series)
{
	struct sheet sheet = { .series = series };

	for (size_t boot = 0; boot < series->n_boots; boot++)
		note_boot(&sheet, boot);
	find_conditions(&sheet);
	find_links(&sheet);
}
