/*
 * movers.h - the steps of a series -> what moves, and what stays.
 *
 * A thing that moves is a set of ranges of the maps, which the changes of the steps join.
 */
#ifndef MAPDIFF_SERIES_MOVERS_H
#define MAPDIFF_SERIES_MOVERS_H

#include "mapdiff/series/result.h"

/* Fill in series->movers, but for their causes: blame.h; and series->stable. After the steps. */
void movers_find(struct series *series);

#endif
