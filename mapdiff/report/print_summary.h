/* print_summary.h - a view -> its first screen: which machine, how much RAM, and what is wrong. */
#ifndef MAPDIFF_REPORT_PRINT_SUMMARY_H
#define MAPDIFF_REPORT_PRINT_SUMMARY_H

#include "mapdiff/map/result.h"
#include "mapdiff/report/output.h"

void print_summary(const struct output *out, const struct view *view);

#endif
