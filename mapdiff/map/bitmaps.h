/* bitmaps.h - a view's e820 map, and what its record knows of the machine -> its targets' bitmaps:
 * what efi/plan.c does on the machine, done on the host. */
#ifndef MAPDIFF_MAP_BITMAPS_H
#define MAPDIFF_MAP_BITMAPS_H

#include "mapdiff/map/result.h"

/* Fill in the targets of @view, its policy, and what is left of RAM; all else of it is there. */
void bitmaps_make(struct view *view);

#endif
