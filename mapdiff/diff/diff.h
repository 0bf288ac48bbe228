/* diff.h - two sides -> the step between the two boots: what changed, whose it is, why, and whether
 * Linux would resume. The only place that judges a step; all reports show what is here. */
#ifndef MAPDIFF_DIFF_DIFF_H
#define MAPDIFF_DIFF_DIFF_H

#include "mapdiff/diff/result.h"

struct diff_options {
	bool subtracts_footprint; /* leave out what is bootmem's own */
	bool has_views;           /* make diff->views */
	const char *found; /* what the one file has that both are of; NULL: they are of two */
};

/* Both sides must live as long as the result. */
void diff_make(const struct diff_side *before, const struct diff_side *after,
               const struct diff_options *options, struct diff *ret_diff);

/* Do the two maps, as far as they are in both, differ at all? For the exit status. Conditions that
 * differ are no difference; a map that is not the firmware's is one. */
bool diff_is_different(const struct diff *diff);

#endif
