/* print_series.h - the boots of one machine, or of several -> text. */
#ifndef MAPDIFF_REPORT_PRINT_SERIES_H
#define MAPDIFF_REPORT_PRINT_SERIES_H

#include "mapdiff/report/output.h"
#include "mapdiff/series/result.h"

void print_series(const struct output *out, const struct series_report *report);

#endif
