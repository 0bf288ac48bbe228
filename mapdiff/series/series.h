/*
 * series.h - many boots -> for each machine which maps there are, what moves, how often, and why.
 *
 * Each boot is compared with the next one by diff_make(): a series has no policy of its own. Linear
 * in the number of boots, in time and memory, but for sorting them.
 */
#ifndef MAPDIFF_SERIES_SERIES_H
#define MAPDIFF_SERIES_SERIES_H

#include "mapdiff/series/result.h"

/* Boots while they are collected. */
struct series_boots {
	MEMORY_LIST(struct series_boot, list);
	size_t n_files; /* the number of the next file; boots of one file stand in its order */
	struct series_report *report;
};

struct series_boots *series_new(void);

/* Take @record, of file boots->n_files: it must live as long as the report. A boot without a map is
 * skipped, and one that no firmware started is left out. */
void series_add(struct series_boots *boots, const struct record *record);

/* A file that is in no series, though it could be used, and why. */
void series_leave_out(struct series_boots *boots, const char *name, const char *why);

/* What could not be used: the file, or the boot, and why. */
void series_skip(struct series_boots *boots, const char *name, const char *why);
void series_skip_boot(struct series_boots *boots, const struct record *record, const char *why);

/* Sort the boots into machines, and make the series of each. */
struct series_report *series_finish(struct series_boots *boots);

#endif
