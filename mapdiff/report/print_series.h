/* print_series.h - the boots of one machine, or of several -> text. */
#ifndef MAPDIFF_REPORT_PRINT_SERIES_H
#define MAPDIFF_REPORT_PRINT_SERIES_H

#include "mapdiff/report/output.h"

/* @result is a struct series_report. */
void print_series(const struct output *out, const void *result);

#endif
