/* fate.h - the bitmap of a target and the e820 map -> runs of pages, each with its fate and its
 * reason. */
#ifndef MAPDIFF_MAP_FATE_H
#define MAPDIFF_MAP_FATE_H

#include "mapdiff/map/result.h"

extern const char *const fate_names[FATE_COUNT]; /* "free", "reserved", "above low", ... */

/* Fill in the runs of @target, whose free pages and reservations are there. @e820: with RAM up to
 * the limit. */
void fate_make_runs(struct view_target *target, const struct e820_map *e820);

/* The run that holds page @pfn, or the first one behind it: an index, n_runs if there is none. */
size_t fate_find_run(const struct view_target *target, pfn_t pfn);

/* How many pages of [start_pfn, end_pfn) have which fate. */
void fate_count(const struct view_target *target, pfn_t start_pfn, pfn_t end_pfn,
                uint64_t ret_pages[FATE_COUNT]);

#endif
