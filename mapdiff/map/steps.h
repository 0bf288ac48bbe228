/*
 * steps.h - the calls that x86/setup.c tells of, while it makes a bitmap -> what each of them did:
 * the steps of the set-up of boot memory, as Linux 2.6.24 calls them.
 */
#ifndef MAPDIFF_MAP_STEPS_H
#define MAPDIFF_MAP_STEPS_H

#include "mapdiff/map/result.h"

/* What looks on, for boot_inputs.observer_context: @target gets the steps. */
struct steps_recorder {
	struct view_target *target;
	enum boot_policy policy;
	pfn_t max_low_pfn;
	uint64_t cell_pages;                    /* of a cell of the ribbon */
	uint64_t cells_free[VIEW_RIBBON_CELLS]; /* how many pages of it are free */
	uint64_t free_pages;
};

/* For boot_inputs.observer; @context is a struct steps_recorder, all else of which is 0 at first.
 */
boot_observer_fn steps_record;

#endif
