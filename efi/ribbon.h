/*
 * ribbon.h - a bitmap -> one character for each of 64 parts of it, for report and screen.
 */
#ifndef EFI_RIBBON_H
#define EFI_RIBBON_H

#include "x86/setup.h"

#define RIBBON_CELLS UINT64_C(64)

/* A bitmap as people see it. */
struct ribbon {
	uint64_t free_pages;          /* of the whole node */
	char cells[RIBBON_CELLS + 1]; /* . free, # reserved, + some of both; ended by a 0 */
};

/*
 * The ribbon of what @setup (which has a bitmap) built: a cell has max_low_pfn / 64 + 1 pages, so
 * that there may be fewer cells. One walk over the runs of the bitmap.
 */
void ribbon_make(struct ribbon *ribbon, const struct boot_setup *setup);

#endif
