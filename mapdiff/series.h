/*
 * series.h - many boots of one machine -> which maps there are, what moves, how often, and with
 * which condition. Linear in time and memory: a map is kept once, however many boots have it.
 */
#ifndef MAPDIFF_SERIES_H
#define MAPDIFF_SERIES_H

#include "mapdiff/record.h"

struct series_boot {
	char *name;
	char *time; /* "" if not known */
	char *label;
	uint32_t crc32;
	size_t map; /* index into maps */
};

struct series_map {
	uint32_t crc32; /* Linux's hibernation checksum: the digest */
	size_t n_boots;
	size_t first_boot;
	struct e820_map e820;
};

/* One thing that is not in the same place in all boots, or not in all of them. Never RAM. */
struct series_mover {
	uint32_t type;
	char *owner;                         /* "" if not known */
	size_t n_boots;                      /* that have it */
	size_t n_places;                     /* how many different places and sizes */
	size_t n_moves;                      /* from one boot to the next */
	paddr_t lowest_paddr, highest_paddr; /* of its starts */
	uint64_t least_pages, most_pages;
};

/* A condition that goes with the map: for each of its values, other maps are seen. */
struct series_condition {
	char *key;
	size_t n_values;
	bool decides; /* no two boots with one value have different maps */
	char *text;   /* "label: docked -> A; undocked -> B" */
};

struct series {
	struct series_boot *boots;
	size_t n_boots, boots_capacity;
	struct series_map *maps; /* by the number of boots */
	size_t n_maps, maps_capacity;
	struct series_mover *movers;
	size_t n_movers, movers_capacity;
	struct e820_range *stable; /* ranges that all boots have, RAM left out */
	size_t n_stable, stable_capacity;
	struct series_condition *conditions;
	size_t n_conditions, conditions_capacity;
	size_t n_same_as_previous; /* boots that a hibernation of the boot before would resume in */
	char **skipped;            /* "name: why" of files without a map */
	size_t n_skipped, skipped_capacity;
	struct series_work *work; /* until series_finish() */
};

struct series *series_new(void);
/* Take what is needed of @record; the caller frees it. */
void series_add(struct series *series, const struct record *record);
void series_skip(struct series *series, const char *name, const char *why);
void series_finish(struct series *series);
void series_free(struct series *series);

#endif
