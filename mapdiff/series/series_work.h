/*
 * series_work.h - inside series*.c: what is kept of a series until its end.
 */
#ifndef MAPDIFF_SERIES_SERIES_WORK_H
#define MAPDIFF_SERIES_SERIES_WORK_H

#include "mapdiff/base/hash.h"
#include "mapdiff/series/series.h"

#define SERIES_MOST_SEEN 8 /* maps of one value that are told apart */

/* Conditions: keys, and what values each had, with the maps that were seen with it. */
struct series_value {
	size_t key;
	char *text;
	size_t n_boots;
	size_t maps[SERIES_MOST_SEEN]; /* in the order in which they were seen */
	size_t n_maps;
	bool has_more_maps;
};
struct series_key {
	char *name;
	size_t n_values;
	size_t n_boots;   /* that say anything of it */
	bool is_given_up; /* it has a value for each boot, or nearly */
};

/* What a boot says of a condition, all values told apart. */
struct series_mark {
	size_t key;
	uint32_t hash;
};

/* From one map to the next one, which may be the same: how often. */
struct series_step {
	size_t from, to;
	size_t n_times;
};

/* That a thing moved, or came, or went, in a step. */
struct series_event {
	size_t node; /* the number of its range; when all are in, that of the thing */
	size_t step;
};

struct series_work {
	struct hash map_table, step_table, key_table, value_table;
	struct series_step *steps; /* when the boots are in order */
	size_t n_steps, steps_capacity;
	size_t *boot_steps;          /* of each boot, the one that leads to it; not of the first */
	struct series_event *events; /* sorted */
	size_t n_events, events_capacity;
	struct series_key *keys;
	size_t n_keys, keys_capacity;
	struct series_value *values;
	size_t n_values, values_capacity;
	struct series_mark *marks; /* of the boots, in the order of the files */
	size_t n_marks, marks_capacity;
	size_t *first_marks; /* of each boot, its first one */
	size_t n_first_marks, first_marks_capacity;
	/* Of each map: the number of its first range among those of all maps; owners of all. */
	size_t *first_ranges;
	size_t n_first_ranges, first_ranges_capacity;
	char **owners;
	size_t n_owners, owners_capacity;
};

/* conditions.c: take what @record, whose map has number @map, says of conditions. */
void series_note_conditions(struct series_work *work, const struct record *record, size_t map);
/* At the end, with boots and maps in their order. */
void series_find_conditions(struct series *series);
void series_find_links(struct series *series);
void series_find_machines(struct series *series);
/* movers.c: at the end, with the maps in the order in which they were seen. */
void series_find_movers(struct series *series);
void series_find_stable(struct series *series);
/* What is behind each mover, when the conditions are known. */
void series_blame_movers(struct series *series);

#endif
