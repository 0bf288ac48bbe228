/*
 * movers.h - the steps of a series -> what moves, and what stays.
 *
 * A thing that moves is a set of ranges of the maps, which the changes of the steps join.
 */
#ifndef MAPDIFF_SERIES_MOVERS_H
#define MAPDIFF_SERIES_MOVERS_H

#include "mapdiff/series/result.h"

/* Fill in series->movers, but for their causes: blame.h. After the steps. */
void movers_find(struct series *series);

/* Fill in series->stable. */
void movers_find_stable(struct series *series);

#endif
