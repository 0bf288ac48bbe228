/*
 * series.h - many boots of one machine -> which maps there are, what moves, how often, and with
 * which condition. Linear in time and memory: a map is kept once, however many boots have it.
 */
#ifndef MAPDIFF_SERIES_SERIES_H
#define MAPDIFF_SERIES_SERIES_H

#include "mapdiff/diff/diff.h"

struct series_boot {
	char *name;
	char *time; /* "" if not known */
	char *label;
	uint32_t crc32;
	size_t map;    /* index into maps */
	size_t number; /* in the order of the files */
};

struct series_map {
	uint32_t crc32; /* Linux's hibernation checksum: the digest */
	size_t n_boots;
	size_t first_boot;
	size_t number; /* in the order in which they were read */
	struct e820_map e820;
};

/* One thing that is not in the same place in all boots, or not in all of them. Never RAM. */
struct series_mover {
	uint32_t type, other_type;           /* the same, unless it has another one in some boots */
	char *owner;                         /* "" if not known */
	size_t n_boots;                      /* that have it */
	size_t n_places;                     /* how many different places and sizes */
	size_t n_moves;                      /* from one boot to the next */
	uint32_t when;                       /* a hash of the steps in which it moved */
	size_t first_event, n_events;        /* until series_finish(): when it moved */
	bool is_with_previous;               /* it moved just when the mover before it did */
	paddr_t lowest_paddr, highest_paddr; /* of its starts */
	uint64_t least_pages, most_pages;
	enum cause cause;    /* CAUSE_UNKNOWN: nothing in the files tells */
	const char *meaning; /* what it is, and what follows */
};

/* A condition that goes with the map: for each of its values, other maps are seen. */
struct series_condition {
	char *key;
	size_t n_values;
	bool decides; /* no two boots with one value have different maps */
	char *text;   /* "label: docked -> A; undocked -> B" */
};

/* A condition that changes when something moves: of the steps from one boot to the next in which it
 * changed, and of those in which it did not, how many there are, and in how many it moved. */
struct series_link {
	size_t mover; /* index into movers; only the first few are looked at */
	char *key;
	size_t n_changed, n_changed_moved;
	size_t n_kept, n_kept_moved;
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
	struct series_link *links; /* by mover, the strongest first */
	size_t n_links, links_capacity;
	size_t n_machines; /* that the boots name */
	char *machines;    /* "LENOVO 20L7 (40); QEMU (3)"; NULL: no boot names one */
	size_t n_boots_by_view[VIEW_COUNT];
	bool is_by_time;           /* the boots; else they are in the order of the files */
	bool is_reordered;         /* and that is another one than that of the files */
	size_t n_same_as_previous; /* boots that have the map of the boot before */
	uint64_t n_pairs;          /* of any two boots, and how many have one map */
	uint64_t n_same_pairs;
	char **skipped; /* "name: why" of files without a map */
	size_t n_skipped, skipped_capacity;
	struct series_work *work;
};

struct series *series_new(void);
/* Take what is needed of @record, into the arena that is in use: @record need not be in it. */
void series_add(struct series *series, const struct record *record);
void series_skip(struct series *series, const char *name, const char *why);
void series_skip_boot(struct series *series, const struct record *record, const char *why);
void series_finish(struct series *series);

/* "A", "B", ..., "Z", "AA". */
char *series_map_name(size_t map);

#endif
