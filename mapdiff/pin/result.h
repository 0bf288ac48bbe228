/* result.h - whether a machine wants a pinned block, where, and how large: what advise.h makes, and
 * reports show. Types only. */
#ifndef MAPDIFF_PIN_RESULT_H
#define MAPDIFF_PIN_RESULT_H

#include "mapdiff/series/result.h"

struct pin_advice {
	const struct series *series; /* whose boots; NULL: there is none with a map */
	struct pin pin;              /* of all steps: n_pages is what the block takes in any case */
	size_t n_refused;            /* steps in which Linux would not resume for the map */
	size_t n_helped;             /* of these, those in which a block would help */

	/* Where: of the last boot that is pinned, its block; else where bootmem would put it. */
	enum { PIN_HOME_UNKNOWN, PIN_HOME_NONE, PIN_HOME_FOUND, PIN_HOME_PINNED } home;
	struct span block;
	size_t n_maps;   /* UEFI maps of boots in which it is free, or none is */
	size_t n_kernel; /* of these, maps of the kernel's moment, when loaders are in memory too */

	const struct record *served; /* the last that says what a block served; NULL: none does */
};

#endif
