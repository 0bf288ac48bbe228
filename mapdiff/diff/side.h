/* side.h - a record -> a side of a step: its map as Linux has it, and what is asked of it. */
#ifndef MAPDIFF_DIFF_SIDE_H
#define MAPDIFF_DIFF_SIDE_H

#include "mapdiff/diff/result.h"

/* A side of @record, which must live as long. NULL: the record has no map. */
struct diff_side *side_new(const struct record *record);

#endif
