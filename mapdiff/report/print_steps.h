/* print_steps.h - how the bitmaps of a view are made, call by call, as text. */
#ifndef MAPDIFF_REPORT_PRINT_STEPS_H
#define MAPDIFF_REPORT_PRINT_STEPS_H

#include "mapdiff/map/result.h"
#include "mapdiff/report/output.h"

/* @view was made with has_steps. */
void print_steps(const struct output *out, const struct view *view);

#endif
