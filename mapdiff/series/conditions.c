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
#define MOST_MAPS     8   /* of one value that are told apart */
#define MOST_LINKED   8   /* things that are looked at one by one */
#define LEAST_EXCESS  500 /* thousandths: below, it is not worth a line */
#define LEAST_DECIDED 3   /* steps with another map: of fewer, chance decides */
#define LEAST_STEPS   2   /* with a change of a condition, and without, or it may be chance */

/* A condition: which value each boot has. */
struct column {
	const char *key;
	uint32_t *values; /* of each boot: the number of its value, + 1; 0: it says nothing */
	size_t n_values;
};

struct sheet {
	struct series *series;
	struct column *columns;
	size_t n_columns, columns_capacity;
	const char **texts; /* of the values, by number */
	size_t n_texts, texts_capacity;
	struct intern keys, values; /* of columns; "COLUMN TEXT" */
};

/* --- what the boots say --- */

static void note(struct sheet *sheet, size_t boot, const char *key, const char *text)
{
	size_t number, column = intern_text(&sheet->keys, key);

	if (column >= MOST_KEYS)
		return;
	if (column == sheet->n_columns)
		*MEMORY_ADD(sheet, columns) = (struct column){
			.key = key,
			.values = memory_alloc(sheet->series->n_boots, sizeof(uint32_t)),
		};
	number = intern_text(&sheet->values, memory_printf("%zu %s", column, text));
	if (number == sheet->n_texts) {
		*MEMORY_ADD(sheet, texts) = text;
		sheet->columns[column].n_values++;
	}
	sheet->columns[column].values[boot] = (uint32_t)number + 1;
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

/* A rebuilt initrd has another size, and what is put below it moves. */
static void note_initrd(struct sheet *sheet, size_t boot, const struct record *record)
{
	for (size_t i = 0; i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];
		uint64_t n_bytes = landmark->end_paddr - landmark->start_paddr;

		if (landmark->kind != LANDMARK_INITRD || n_bytes <= 1)
			continue;
		note(sheet, boot, fact_rows[FACT_INITRD_SIZE].key,
		     memory_printf("%" PRIu64 " bytes", n_bytes));
		return;
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
	note_initrd(sheet, boot, record);
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

	return is_left_label != is_right_label ? is_right_label - is_left_label
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

/* A value of a condition, the boots that have it, and their maps. */
struct group {
	const char *text;
	size_t n_boots;
	size_t maps[MOST_MAPS];
	size_t n_maps;
	bool has_more_maps;
};

static void add_to_group(struct group *group, size_t map)
{
	group->n_boots++;
	for (size_t i = 0; i < group->n_maps; i++)
		if (group->maps[i] == map)
			return;
	if (group->n_maps < MOST_MAPS)
		group->maps[group->n_maps++] = map;
	else
		group->has_more_maps = true;
}

static int compare_sizes(const void *a, const void *b)
{
	return compare_u64(*(const size_t *)a, *(const size_t *)b);
}

static int compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->text, ((const struct group *)b)->text);
}

static void make_groups(const struct sheet *sheet, const struct column *column,
                        struct group groups[MOST_VALUES])
{
	uint32_t numbers[MOST_VALUES]; /* of the values, in the order in which they come */
	size_t n = 0;

	for (size_t i = 0; i < sheet->series->n_boots; i++) {
		size_t at = 0;

		if (column->values[i] == 0)
			continue;
		while (at < n && numbers[at] != column->values[i])
			at++;
		if (at == n) {
			numbers[n++] = column->values[i];
			groups[at].text = sheet->texts[column->values[i] - 1];
		}
		add_to_group(&groups[at], sheet->series->boots[i].map);
	}
	for (size_t i = 0; i < n; i++)
		qsort(groups[i].maps, groups[i].n_maps, sizeof *groups[i].maps, compare_sizes);
	qsort(groups, n, sizeof *groups, compare_groups);
}

static bool share_a_map(const struct group *a, const struct group *b)
{
	if (a->has_more_maps || b->has_more_maps)
		return true; /* for all that is known */
	for (size_t i = 0; i < a->n_maps; i++)
		for (size_t j = 0; j < b->n_maps; j++)
			if (a->maps[i] == b->maps[j])
				return true;
	return false;
}

/* A condition is worth a line if no map is seen with two of its values. That is no wonder where
 * most maps, or values, are seen once: there must be two boots for each map, and for two values. */
static bool goes_with_map(const struct group *groups, size_t n_groups)
{
	size_t n_boots = 0, n_maps = 0, n_usual = 0;

	for (size_t i = 0; i < n_groups; i++) {
		n_boots += groups[i].n_boots;
		n_maps += groups[i].n_maps;
		n_usual += groups[i].n_boots > 1;
		for (size_t j = i + 1; j < n_groups; j++)
			if (share_a_map(&groups[i], &groups[j]))
				return false;
	}
	return n_maps * 2 <= n_boots && n_usual >= 2;
}

static bool has_one_map_each(const struct group *groups, size_t n_groups)
{
	for (size_t i = 0; i < n_groups; i++)
		if (groups[i].n_maps != 1)
			return false;
	return true;
}

/* "label: docked -> A, B (12 boots); undocked -> C (3 boots)" */
static const char *text_of(const char *key, const struct group *groups, size_t n_groups)
{
	struct bytes text = { 0 };

	memory_append(&text, "%.*s", MOST_SHOWN, key);
	for (size_t i = 0; i < n_groups; i++) {
		const struct group *group = &groups[i];

		memory_append(&text, "%s%.*s%s", i == 0 ? ": " : "; ", MOST_SHOWN, group->text,
		              strlen(group->text) > MOST_SHOWN ? "..." : "");
		for (size_t j = 0; j < group->n_maps; j++) {

			memory_append(&text, "%s%s", j == 0 ? " -> " : ", ",
			              text_letters(group->maps[j]));
		}
		memory_append(&text, "%s (%zu boot%s)", group->has_more_maps ? ", ..." : "",
		              group->n_boots, text_plural(group->n_boots));
	}
	return text.text;
}

/* Does it differ in all steps in which the map does, and in no other? All boots must name it. */
static bool differs_with_map(const struct sheet *sheet, const struct column *column,
                             const bool *is_other_map)
{
	struct series_link link = count_link(sheet, column, is_other_map);

	return link.n_changed + link.n_kept == sheet->series->n_steps &&
	       link.n_changed == link.n_changed_moved && link.n_kept_moved == 0;
}

/* Is the fact under @key evidence of a cause, and one that goes before @other (NULL: none yet)? */
static bool is_before(const char *key, const char *other)
{
	return fact_of_key(key)->cause != CAUSE_UNKNOWN &&
	       (other == NULL || fact_order(key) < fact_order(other));
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
		struct group groups[MOST_VALUES] = { 0 };
		bool follows = differs_with_map(sheet, column, is_other_map);

		if (follows && is_before(column->key, series->decider) &&
		    series->n_different_steps >= LEAST_DECIDED)
			series->decider = column->key;
		if (column->n_values < 2 || column->n_values > MOST_VALUES)
			continue;
		make_groups(sheet, column, groups);
		if (goes_with_map(groups, column->n_values))
			*MEMORY_ADD(series, conditions) = (struct series_condition){
				.key = column->key,
				.n_values = column->n_values,
				.decides = follows && has_one_map_each(groups, column->n_values),
				.text = text_of(column->key, groups, column->n_values),
			};
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
