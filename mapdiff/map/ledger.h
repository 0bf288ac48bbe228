/* ledger.h - where the RAM went: installed = usable + each loss by its cause; and for a target, the
 * map's RAM = free + what is reserved, by what for. */
#ifndef MAPDIFF_MAP_LEDGER_H
#define MAPDIFF_MAP_LEDGER_H

#include "mapdiff/map/result.h"

/* Fill in the ledgers of @view and of its targets; all else of it is there. */
void ledger_make(struct view *view);

#endif
