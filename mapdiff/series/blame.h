/*
 * blame.h - the steps in which a thing moved -> its cause, what it means, and what can be done. The
 * steps have been judged: this counts, and judges nothing anew.
 */
#ifndef MAPDIFF_SERIES_BLAME_H
#define MAPDIFF_SERIES_BLAME_H

#include "mapdiff/series/result.h"

/*
 * Fill in cause, because, what and advice of all movers: the cause of most of its steps; not known
 * where they do not agree. But where a fact decides the map (result.h), and what most steps name
 * only goes with it, it is what that fact is evidence of. A firmware's vendor is written to only if
 * in none of the mover's steps a condition differs.
 */
void blame_movers(struct series *series);

#endif
