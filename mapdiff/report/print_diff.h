/* print_diff.h - a step between two boots -> text. */
#ifndef MAPDIFF_REPORT_PRINT_DIFF_H
#define MAPDIFF_REPORT_PRINT_DIFF_H

#include "mapdiff/diff/result.h"
#include "mapdiff/report/output.h"

extern const enum colour verdict_colours[3]; /* of would it resume: yes is green */

void print_diff(const struct output *out, const struct diff *diff);

#endif
