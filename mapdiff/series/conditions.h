/*
 * conditions.h - what the boots of a series say about themselves -> which condition goes with the
 * map: for each of its values there are other maps; or when it changes, something moves.
 *
 * What goes with the map need not be what moves it. The reports say so.
 */
#ifndef MAPDIFF_SERIES_CONDITIONS_H
#define MAPDIFF_SERIES_CONDITIONS_H

#include "mapdiff/series/result.h"

/* Fill in series->conditions and series->links. After the movers. */
void conditions_find(struct series *series);

#endif
