/* conditions.c - what the boots of a series say -> what goes with the map: see conditions.h. */
#include "mapdiff/series/conditions.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"
#include "mapdiff/diff/causes.h"
#include "x86/crc32.h"

#define MOST_VALUES   12  /* a condition with more is none: a clock, a counter */
#define MOST_KEYS     256 /* conditions of a hostile series */
#define MOST_SHOWN    100 /* bytes of a value */
#define MOST_NAMED    400 /* the same, where a page can leave out what is alike */
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
	MEMORY_LIST(struct column, columns);
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

/* PCI devices are one condition together, and so are ACPI tables. */
static void note_boot(struct sheet *sheet, size_t boot)
{
	const struct record *record = sheet->series->boots[boot].side->record;
	uint32_t digest = 0;
	uint64_t n_bytes = 0;
	size_t n_devices = 0;

	MEMORY_EACH(fact, record, facts) {
		const char *key = fact->key, *value = fact->value;

		if (fact_device(key) != NULL) {
			n_devices++;
			digest += crc32_add(0, key, strlen(key)) ^
			          (crc32_add(0, value, strlen(value)) << 1);
		} else if (fact_of_key(key)->kind == FACT_IS_CONDITION) {
			note(sheet, boot, key, value);
		}
	}
	note_label(sheet, boot, record);
	if (n_devices > 0)
		note(sheet, boot, fact_rows[FACT_PCI_DEVICES].key,
		     memory_printf("%zu (digest 0x%08" PRIx32 ")", n_devices, digest));
	MEMORY_EACH(table, record, acpi)
		n_bytes += table->length_bytes;
	if (record->n_acpi > 0)
		note(sheet, boot, fact_rows[FACT_ACPI_TABLES].key,
		     memory_printf("%zu with %" PRIu64 " bytes", record->n_acpi, n_bytes));
}

/* --- their order --- */

/* What the user says goes before what the machine does, and before what follows from it. */
static int compare_keys(const char *left, const char *right)
{
	static const char label[] = "label"; /* or a part of it */
	bool is_left_label = strncmp(left, label, strlen(label)) == 0;
	bool is_right_label = strncmp(right, label, strlen(label)) == 0;
	int order = (is_right_label - is_left_label)
	                    ?: compare_u64(fact_order(left), fact_order(right));

	return order ?: strcmp(left, right);
}

static int compare_conditions(const void *a, const void *b)
{
	const struct series_condition *left = a, *right = b;

	return left->decides != right->decides ? right->decides - left->decides
	                                       : compare_keys(left->key, right->key);
}

static int compare_varying(const void *a, const void *b)
{
	return compare_keys(((const struct series_varying *)a)->key,
	                    ((const struct series_varying *)b)->key);
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
	int order = compare_u64(left->mover, right->mover);

	if (order == 0)
		order = (excess(right) > excess(left)) - (excess(right) < excess(left));
	return order != 0 ? order : compare_keys(left->key, right->key);
}

/* --- when it changes, something moves --- */

/* Of the steps whose ends both have a value; it moved in those of @moved, which ascend. */
static struct series_link count_link(const struct series *series, const struct column *column,
                                     const size_t *moved, size_t n_moved)
{
	struct series_link link = { .key = column->key };

	for (size_t step = 0, at = 0; step < series->n_steps; step++) {
		const uint32_t *values = &column->values[step];
		bool is_moved = at < n_moved && moved[at] == step;

		at += is_moved;
		if (values[0] == 0 || values[1] == 0)
			continue;
		if (values[0] != values[1]) {
			link.n_changed++;
			link.n_changed_moved += is_moved;
		} else {
			link.n_kept++;
			link.n_kept_moved += is_moved;
		}
	}
	return link;
}

static void find_links(struct series *series, const struct column *column)
{
	for (size_t i = 0; i < series->n_movers && i < MOST_LINKED; i++) {
		const struct series_mover *mover = &series->movers[i];
		struct series_link link = count_link(series, column, mover->steps, mover->n_steps);

		link.mover = i;
		if (link.n_changed >= LEAST_STEPS && link.n_kept >= LEAST_STEPS &&
		    excess(&link) >= LEAST_EXCESS)
			*MEMORY_ADD(series, links) = link;
	}
}

/* --- for each value, other maps --- */

/* A value of a condition, and the boots that have it. */
struct group {
	const char *text;
	uint32_t value;
	size_t n_boots, n_maps;
};

static int compare_groups(const void *a, const void *b)
{
	return strcmp(((const struct group *)a)->text, ((const struct group *)b)->text);
}

/* Count the boots and maps of each value of @column. *values has, of each map, the value with which
 * it is seen; 0: with none. False if a map is seen with two. */
static bool count_groups(const struct series *series, const struct column *column,
                         struct group groups[MOST_VALUES], uint32_t *values)
{
	for (uint32_t i = 0; i < column->texts.n_entries; i++)
		groups[i] = (struct group){ column->texts.entries[i].bytes, i + 1, 0, 0 };
	for (size_t i = 0; i < series->n_boots; i++) {
		uint32_t value = column->values[i], *map_value = &values[series->boots[i].map];

		if (value == 0)
			continue;
		if (*map_value != 0 && *map_value != value)
			return false;
		groups[value - 1].n_boots++;
		groups[value - 1].n_maps += *map_value == 0;
		*map_value = value;
	}
	return true;
}

/* That no map is seen with two values is no wonder where most maps, or values, are seen once: there
 * must be two boots for each map, and for two values. */
static bool are_telling(const struct group *groups, size_t n_groups)
{
	size_t n_usual = 0, n_boots = 0, n_maps = 0;

	for (size_t i = 0; i < n_groups; i++) {
		if (groups[i].n_maps > MOST_MAPS)
			return false;
		n_usual += groups[i].n_boots > 1;
		n_boots += groups[i].n_boots;
		n_maps += groups[i].n_maps;
	}
	return n_maps * 2 <= n_boots && n_usual >= 2;
}

/* What two long values begin with, in whole words: it says nothing. */
static size_t common_bytes(const char *first, const char *last)
{
	size_t n_common = 0, n_words = 0;

	for (; first[n_common] != '\0' && first[n_common] == last[n_common]; n_common++)
		if (first[n_common] == ' ')
			n_words = n_common + 1;
	return n_common < MOST_SHOWN ? 0 : n_words;
}

/* "label: docked -> A, B (12 boots); undocked -> C (3 boots)" */
static const char *text_of(const char *key, const struct group *groups, size_t n_groups,
                           const uint32_t *values, size_t n_maps)
{
	/* They are sorted: so it is what all of them begin with. */
	size_t skipped = common_bytes(groups[0].text, groups[n_groups - 1].text);
	struct bytes text = { 0 };

	memory_append(&text, "%.*s", MOST_SHOWN, key);
	for (size_t i = 0; i < n_groups; i++) {
		const char *value = groups[i].text + skipped, *separator = " -> ";

		memory_append(&text, "%s%s%.*s%s", i == 0 ? ": " : "; ", skipped > 0 ? "..." : "",
		              MOST_SHOWN, value, strlen(value) > MOST_SHOWN ? "..." : "");
		for (size_t map = 0; map < n_maps; map++) {
			if (values[map] != groups[i].value)
				continue;
			memory_append(&text, "%s%s", separator, text_letters(map));
			separator = ", ";
		}
		memory_append(&text, " (%s)", text_count(groups[i].n_boots, "boot"));
	}
	return text.text;
}

/* Of its values, in the order of their numbers. */
static const char *const *names_of(const struct column *column)
{
	const char **names = memory_alloc(column->texts.n_entries, sizeof *names);

	for (size_t i = 0; i < column->texts.n_entries; i++)
		names[i] = memory_printf("%.*s", MOST_NAMED,
		                         (const char *)column->texts.entries[i].bytes);
	return names;
}

/* A condition is worth a line if no map is seen with two of its values. @follows: all boots name
 * it, and it differs just where the map does. */
static void add_condition(struct series *series, const struct column *column, bool follows)
{
	uint32_t *values = memory_alloc(series->n_maps, sizeof *values);
	struct group groups[MOST_VALUES];
	size_t n = column->texts.n_entries;

	if (count_groups(series, column, groups, values) && are_telling(groups, n)) {
		qsort(groups, n, sizeof *groups, compare_groups);
		*MEMORY_ADD(series, conditions) = (struct series_condition){
			.key = column->key,
			.n_values = n,
			.decides = follows && n == series->n_maps,
			.text = text_of(column->key, groups, n, values, series->n_maps),
		};
	}
	memory_give_back(values);
}

/* --- what decides --- */

/* Where the fact under @key stands among those that decide: what is evidence of a cause goes before
 * what is not. */
static unsigned decider_order(const char *key)
{
	return fact_order(key) + (fact_of_key(key)->cause == CAUSE_UNKNOWN ? FACT_COUNT + 1 : 0);
}

/* What @key, whose values differ as the map does or not, says of causes. */
static void note_decider(struct series *series, const char *key, bool follows)
{
	uint32_t cause = UINT32_C(1) << fact_of_key(key)->cause;

	series->varying_causes |= cause;
	if (!follows)
		return;
	series->decided_causes |= cause;
	if (series->decider == NULL || decider_order(key) < decider_order(series->decider))
		series->decider = key;
}

/* Do the steps take what differs for evidence? Not CPUs that an option of the kernel limits. */
static bool is_evidence(const struct series *series, const char *key, const size_t *others)
{
	enum cause cause = fact_of_key(key)->cause;
	size_t n_seen = 0;

	for (size_t i = 0; i < series->n_different_steps; i++)
		n_seen += causes_have(&series->steps[others[i]], cause);
	return cause == CAUSE_UNKNOWN || n_seen == series->n_different_steps;
}

/* @others: the steps with another map. */
static void judge_column(struct series *series, const struct column *column, const size_t *others)
{
	size_t n_others = series->n_different_steps, n_values = column->texts.n_entries;
	struct series_link link = count_link(series, column, others, n_others);
	bool follows = link.n_changed + link.n_kept == series->n_steps &&
	               link.n_changed == link.n_changed_moved && link.n_kept_moved == 0;

	if (n_values < 2)
		return;
	if (n_values <= MOST_VALUES) {
		add_condition(series, column, follows);
		*MEMORY_ADD(series, varying) =
			(struct series_varying){ column->key, names_of(column), n_values,
			                         column->values };
	}
	if (n_others >= LEAST_DECIDED) {
		note_decider(series, column->key,
		             follows && is_evidence(series, column->key, others));
		find_links(series, column);
	}
}

void conditions_find(struct series *series)
{
	struct sheet sheet = { .series = series };
	size_t *others = memory_alloc(series->n_different_steps, sizeof *others), n = 0;

	for (size_t step = 0; step < series->n_steps; step++)
		if (series->boots[step].map != series->boots[step + 1].map)
			others[n++] = step;
	for (size_t boot = 0; boot < series->n_boots; boot++)
		note_boot(&sheet, boot);
	MEMORY_EACH(column, &sheet, columns)
		judge_column(series, column, others);
	MEMORY_SORT(series, conditions, compare_conditions);
	MEMORY_SORT(series, varying, compare_varying);
	MEMORY_SORT(series, links, compare_links);
}
