/* result.h - what a series of boots is: what series.h makes, and reports show. Types only. */
#ifndef MAPDIFF_SERIES_RESULT_H
#define MAPDIFF_SERIES_RESULT_H

#include "mapdiff/diff/result.h"

struct series_boot {
	const struct diff_side *side;
	const char *name;
	const char *time;      /* "" if not known */
	const char *file_time; /* of the first boot of its file */
	const char *label;     /* "" if it has none */
	size_t file;           /* the number of its file, */
	size_t number;         /* and its own, in the order in which they were read */
	size_t map;            /* index into maps */
};

struct series_map {
	const struct e820_map *e820;
	uint32_t crc32; /* Linux's hibernation checksum: the digest */
	bool has_crc32; /* else it is not Linux's: see record_tells_types() */
	size_t n_boots;
	size_t first_boot; /* index into boots */
};

/* One thing that is not in the same place in all boots, or not in all of them. Never RAM. */
struct series_mover {
	uint32_t type, other_type; /* the same, unless it has another one in some boots */
	const struct owner *owner; /* of a step in which it moved */
	size_t n_boots;            /* that have it */
	size_t n_places;           /* how many different places and sizes */
	/* The steps in which it moved, or came, or went, ascending; and what changed in each. */
	size_t *steps;
	const struct diff_change **changes;
	size_t n_steps;
	size_t n_bare_steps;   /* of these: in which nothing else differs than the map */
	bool is_with_previous; /* it moved just when the mover before it did */
	paddr_t lowest_paddr, highest_paddr; /* of its starts */
	uint64_t least_pages, most_pages;
	enum cause cause;    /* of most of its steps, or of what decides; else CAUSE_UNKNOWN */
	const char *because; /* what shows it, or why it is not known */
	const char *what;    /* a sentence: what kind of memory it is */
	const char *advice;  /* sentences: what can be done; "" if nothing */
};

/* A condition that goes with the map: for each of its values, other maps are seen. */
struct series_condition {
	const char *key;
	size_t n_values;
	bool decides;     /* all boots name it, and no two with one value have different maps */
	const char *text; /* "label: docked -> A; undocked -> B" */
};

/* What differs between the boots, whether the map goes with it or not: of each boot, which value.
 */
struct series_varying {
	const char *key;
	const char *const *names; /* of its values */
	size_t n_values;
	const uint32_t *of_boots; /* the number of its value, + 1; 0: the boot says nothing */
};

/* A condition that changes when something moves: of the steps in which it changed, and of those in
 * which it did not, how many there are, and in how many it moved. */
struct series_link {
	size_t mover; /* index into movers; only the first few are looked at */
	const char *key;
	size_t n_changed, n_changed_moved;
	size_t n_kept, n_kept_moved;
};

/* The boots of one machine. */
struct series {
	const char *machine; /* "LENOVO 20L7S1/20L7S1"; "" if the boots do not name it */
	MEMORY_LIST(struct series_boot, boots);
	struct diff *steps; /* from boot i to boot i + 1: n_boots - 1 */
	size_t n_steps;
	size_t n_different_steps;             /* in which the map is another one */
	MEMORY_LIST(struct series_map, maps); /* by the number of boots */
	MEMORY_LIST(struct series_mover, movers);
	MEMORY_LIST(struct e820_range, stable); /* ranges that all boots have, RAM left out */
	MEMORY_LIST(struct series_condition, conditions);
	MEMORY_LIST(struct series_varying, varying); /* in the order of facts */
	/* The key of the fact that decides which map there is: it differs in all steps in which the
	 * map does, and in no other, in three such steps at least. NULL: none. And the causes (1 <<
	 * cause) of which such a fact is evidence, or any that differs. */
	const char *decider;
	uint32_t decided_causes, varying_causes;
	MEMORY_LIST(struct series_link, links); /* by mover, the strongest first */
	struct advice advice;                   /* diff/result.h: what to do, and why */
	size_t n_boots_by_view[VIEW_COUNT];
	bool is_by_time;   /* the boots; else they are in the order of the files */
	bool is_reordered; /* and that is another one than that of the files */
	uint64_t n_pairs;  /* of any two boots, and how many have one map */
	uint64_t n_same_pairs;
};

/* Boots of as many machines as there are, each with its own series; and what is in none of them. */
struct series_report {
	MEMORY_LIST(struct series, machines); /* in the order in which they were read */
	size_t n_boots;                       /* of all machines */
	/* "name: why": boots that no firmware started, and files that were given twice */
	MEMORY_LIST(const char *, left_out);
	/* "name: why": files and boots that could not be used */
	MEMORY_LIST(const char *, skipped);
};

#endif
