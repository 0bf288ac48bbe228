/* print_diff.h - a step between two boots -> text. */
#ifndef MAPDIFF_REPORT_PRINT_DIFF_H
#define MAPDIFF_REPORT_PRINT_DIFF_H

#include "mapdiff/report/output.h"

/* @result is a struct diff. */
void print_diff(const struct output *out, const void *result);

#endif
