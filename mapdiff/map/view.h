/*
 * view.h - a record -> what becomes of its map: e820, both bitmaps, reservations, the RAM ledger.
 * What `show' and `translate' report, and `explain' explains.
 *
 * `show' takes the e820 map and the bitmaps from the record where it has them, and computes what
 * it lacks; `translate' computes all of it from the UEFI map. What is computed is computed by
 * bootmem/ and x86/, as the loader would.
 */
#ifndef MAPDIFF_MAP_VIEW_H
#define MAPDIFF_MAP_VIEW_H

#include "mapdiff/map/result.h"

/* The view of @record, which it refers to. NULL if that has no map, neither of UEFI nor e820. */
struct view *view_new(const struct record *record, const struct view_options *options);

#endif
