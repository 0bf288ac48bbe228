/*
 * conditions.c - what the boots of a series say about themselves -> which condition goes
 * with the map: for each of its values there are other maps; or when it changes, something moves.
 *
 * What goes with the map need not be what moves it. The reports say so.
 */
#include "mapdiff/series/series_work.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/report/output.h"
#include "mapdiff/base/sorted.h"

#define MOST_VALUES  12   /* a condition with more is none: a clock, a counter */
#define MOST_KEYS    4096 /* conditions of a hostile series */
#define MOST_VALUE   100  /* characters of one that are shown */
#define MOST_LINKED  8    /* things that are looked at one by one */
#define LEAST_EXCESS 500  /* thousandths: below, it is not worth a line */
#define LEAST_STEPS  2    /* with a change of a condition, and without, or it may be chance */

/* --- what the boots say --- */

/* What says nothing about the machine's state, or follows from the map itself. PCI devices are one
 * condition together. */
static bool is_condition(const char *key)
{
	static const char *const others[] = { "time",       "taken",        "resume-log",
		                              "program",    "origin",       "present-pages",
		                              "e820-crc32", "uefi-map",     "e820-ram-crc32",
		                              "checksum",   "firmware-bits" };

	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strcmp(key, others[i]) == 0)
			return false;
	return fact_device(key) == NULL;
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
	const struct series_value *value = &question->work->values[index];

	return value->key == question->key && strcmp(value->text, question->text) == 0;
}

static size_t key_of(struct series_work *work, const char *name)
{
	const struct condition_question question = { work, 0, name };
	size_t index = hash_find_or_put(&work->key_table, hash_of_text(name), is_key, &question,
	                                work->n_keys);

	if (index != HASH_NONE)
		return index;
	*MEMORY_ADD(work, keys) = (struct series_key){
		.name = memory_copy(name),
		.is_given_up = work->n_keys >= MOST_KEYS,
	};
	return work->n_keys - 1;
}

static void note_map(struct series_value *value, size_t map)
{
	for (size_t i = 0; i < value->n_maps; i++)
		if (value->maps[i] == map)
			return;
	if (value->n_maps < SERIES_MOST_SEEN)
		value->maps[value->n_maps++] = map;
	else
		value->has_more_maps = true;
}

static void note_value(struct series_work *work, size_t key, const char *text, size_t map)
{
	const struct condition_question question = { work, key, text };
	size_t index = hash_find_or_put(&work->value_table,
	                                hash_of_text(text) ^ (uint32_t)(key * 2654435761u),
	                                is_value, &question, work->n_values);

	if (index == HASH_NONE) {
		index = work->n_values;
		*MEMORY_ADD(work, values) =
			(struct series_value){ .key = key, .text = memory_copy(text) };
		work->keys[key].n_values++;
		work->keys[key].is_given_up = work->keys[key].n_values > MOST_VALUES;
	}
	work->values[index].n_boots++;
	note_map(&work->values[index], map);
}

static void note(struct series_work *work, const char *name, const char *text, size_t map)
{
	size_t key;

	if (work->n_keys > MOST_KEYS)
		return;
	key = key_of(work, name);
	work->keys[key].n_boots++;
	*MEMORY_ADD(work, marks) = (struct series_mark){ key, hash_of_text(text) };
	if (!work->keys[key].is_given_up)
		note_value(work, key, text, map);
}

/* --- conditions that are not one line of a file --- */

static void note_devices(struct series_work *work, const struct record *record, size_t map)
{
	uint32_t digest = 0;
	size_t n = 0;

	for (size_t i = 0; i < record->n_facts; i++) {
		const struct record_fact *fact = &record->facts[i];

		if (fact_device(fact->key) == NULL)
			continue;
		n++;
		digest += hash_of_text(fact->key) ^ (hash_of_text(fact->value) << 1);
	}
	if (n > 0)
		note(work, "PCI devices", memory_printf("%zu (digest 0x%08" PRIx32 ")", n, digest),
		     map);
}

static void note_tables(struct series_work *work, const struct record *record, size_t map)
{
	uint64_t n_bytes = 0;

	for (size_t i = 0; i < record->n_acpi; i++)
		n_bytes += record->acpi[i].length_bytes;
	if (record->n_acpi > 0)
		note(work, "ACPI tables",
		     memory_printf("%zu with %" PRIu64 " bytes", record->n_acpi, n_bytes), map);
}

/* "docked, on battery": each part may be the one that matters. */
static void note_label(struct series_work *work, const struct record *record, size_t map)
{
	const char *label = record_fact(record, FACT_LABEL);

	if (label == NULL || strchr(label, ',') == NULL)
		return;
	for (size_t i = 1; *label != '\0'; i++) {
		size_t n_bytes = strcspn(label, ",");

		note(work, memory_printf("label (part %zu)", i), memory_text(label, n_bytes), map);
		label += n_bytes;
		label += strspn(label, ", ");
	}
}

/* A rebuilt initrd has another size, and what is put below it moves. */
static void note_initrd(struct series_work *work, const struct record *record, size_t map)
{
	for (size_t i = 0; i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];
		uint64_t n_bytes = landmark->end_paddr - landmark->start_paddr;

		if (landmark->kind != LANDMARK_INITRD || n_bytes <= 1)
			continue;
		note(work, "size of the initrd", memory_printf("%" PRIu64 " bytes", n_bytes), map);
		return;
	}
}

void series_note_conditions(struct series_work *work, const struct record *record, size_t map)
{
	*MEMORY_ADD(work, first_marks) = work->n_marks;
	for (size_t i = 0; i < record->n_facts; i++)
		if (is_condition(record->facts[i].key))
			note(work, record->facts[i].key, record->facts[i].value, map);
	note_label(work, record, map);
	note_devices(work, record, map);
	note_tables(work, record, map);
	note_initrd(work, record, map);
}

/* --- for each value, other maps --- */

/* @more behind @text, but not all of a long one. */
static void append(struct bytes *text, const char *more)
{
	memory_append(text, "%.*s%s", MOST_VALUE, more, strlen(more) > MOST_VALUE ? "..." : "");
}

/* "docked -> A, B (12 boots)" */
static void append_value(struct bytes *text, const struct series_value *value)
{
	append(text, value->text);
	for (size_t i = 0; i < value->n_maps; i++)
		memory_append(text, "%s%s", i == 0 ? " -> " : ", ",
		              series_map_name(value->maps[i]));
	memory_append(text, "%s (%zu boot%s)", value->has_more_maps ? ", ..." : "", value->n_boots,
	              text_plural(value->n_boots));
}

static char *condition_text(const struct series_key *key, struct series_value *const *values,
                            size_t n_values)
{
	struct bytes text = { 0 };

	append(&text, key->name);
	for (size_t i = 0; i < n_values; i++) {
		memory_append(&text, "%s", i == 0 ? ": " : "; ");
		append_value(&text, values[i]);
	}
	return text.text;
}

static bool share_a_map(const struct series_value *a, const struct series_value *b)
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
 * most maps, or values, are seen once: there must be two boots for each map, and for two values. It
 * decides if all boots name it, and each value has one map. */
static void judge_condition(struct series *series, const struct series_key *key,
                            struct series_value *const *values, size_t n_values)
{
	bool decides = key->n_boots == series->n_boots;
	size_t n_maps = 0, n_usual = 0;

	if (key->is_given_up || n_values < 2)
		return;
	for (size_t i = 0; i < n_values; i++) {
		decides = decides && values[i]->n_maps == 1;
		n_maps += values[i]->n_maps;
		n_usual += values[i]->n_boots > 1;
		for (size_t j = i + 1; j < n_values; j++)
			if (share_a_map(values[i], values[j]))
				return;
	}
	if (n_maps * 2 > key->n_boots || n_usual < 2)
		return;
	*MEMORY_ADD(series, conditions) = (struct series_condition){
		.key = memory_copy(key->name),
		.n_values = n_values,
		.decides = decides,
		.text = condition_text(key, values, n_values),
	};
}

static int compare_values(const void *a, const void *b)
{
	const struct series_value *left = *(struct series_value *const *)a,
				  *right = *(struct series_value *const *)b;

	return left->key != right->key ? compare_u64(left->key, right->key)
	                               : strcmp(left->text, right->text);
}

/* What the user says goes before what the machine does, and before what follows from it. */
static int compare_keys(const char *left, const char *right)
{
	bool is_left_label = strncmp(left, "label", strlen("label")) == 0;
	bool is_right_label = strncmp(right, "label", strlen("label")) == 0;

	return is_left_label != is_right_label ? is_right_label - is_left_label
	                                       : strcmp(left, right);
}

static int compare_conditions(const void *a, const void *b)
{
	const struct series_condition *left = a, *right = b;

	return left->decides != right->decides ? right->decides - left->decides
	                                       : compare_keys(left->key, right->key);
}

void series_find_conditions(struct series *series)
{
	struct series_work *work = series->work;
	struct series_value **values = memory_alloc(work->n_values, sizeof *values);

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
}

/* --- when it changes, something moves --- */

/* What was last said of a key, and by which boot. */
struct last {
	size_t boot; /* + 1; 0: none */
	uint32_t hash;
};

static size_t end_of_marks(const struct series_work *work, size_t boot)
{
	return boot + 1 < work->n_first_marks ? work->first_marks[boot + 1] : work->n_marks;
}

/* Boot @at, in the order of the boots, and the one before it: of what both say. */
static void count_links(const struct series *series, size_t at, bool is_moved, struct last *last,
                        struct series_link *links)
{
	const struct series_work *work = series->work;
	size_t number = series->boots[at].number;

	for (size_t i = work->first_marks[number]; i < end_of_marks(work, number); i++) {
		const struct series_mark *mark = &work->marks[i];
		struct series_link *link = &links[mark->key];

		if (at > 0 && last[mark->key].boot == at && last[mark->key].hash != mark->hash) {
			link->n_changed++;
			link->n_changed_moved += is_moved;
		} else if (at > 0 && last[mark->key].boot == at) {
			link->n_kept++;
			link->n_kept_moved += is_moved;
		}
		last[mark->key] = (struct last){ at + 1, mark->hash };
	}
}

/* The share of steps in which it moved, in thousandths: with a change of the condition, less that
 * without one. */
static long excess(const struct series_link *link)
{
	return (long)(link->n_changed_moved * 1000 / link->n_changed) -
	       (long)(link->n_kept_moved * 1000 / link->n_kept);
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

/* In which steps did it move? */
static bool *steps_of(const struct series *series, size_t mover)
{
	const struct series_work *work = series->work;
	size_t first = series->movers[mover].first_event;
	bool *is_moved = memory_alloc(work->n_steps, sizeof *is_moved);

	for (size_t i = 0; i < series->movers[mover].n_events; i++)
		is_moved[work->events[first + i].step] = true;
	return is_moved;
}

static void find_links_of(struct series *series, size_t mover)
{
	const struct series_work *work = series->work;
	struct series_link *links = memory_alloc(work->n_keys, sizeof *links);
	struct last *last = memory_alloc(work->n_keys, sizeof *last);
	bool *is_moved = steps_of(series, mover);

	for (size_t i = 0; i < series->n_boots; i++)
		count_links(series, i, i > 0 && is_moved[work->boot_steps[i]], last, links);
	for (size_t i = 0; i < work->n_keys; i++) {
		struct series_link *link = &links[i];

		if (link->n_changed < LEAST_STEPS || link->n_kept < LEAST_STEPS ||
		    excess(link) < LEAST_EXCESS)
			continue;
		link->mover = mover;
		link->key = memory_copy(work->keys[i].name);
		*MEMORY_ADD(series, links) = *link;
	}
}

void series_find_links(struct series *series)
{
	for (size_t i = 0; i < series->n_movers && i < MOST_LINKED; i++)
		find_links_of(series, i);
	if (series->n_links > 0)
		qsort(series->links, series->n_links, sizeof *series->links, compare_links);
}

/* --- whose boots they are --- */

void series_find_machines(struct series *series)
{
	const struct series_work *work = series->work;
	struct bytes text = { 0 };

	for (size_t i = 0; i < work->n_values; i++) {
		const struct series_value *value = &work->values[i];

		if (strcmp(work->keys[value->key].name, "machine") != 0)
			continue;
		series->n_machines++;
		memory_append(&text, "%s%.*s (%zu)", text.n_text > 0 ? "; " : "", MOST_VALUE,
		              value->text, value->n_boots);
	}
	series->machines = text.text;
}
