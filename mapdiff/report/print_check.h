/* print_check.h - which rules lead from the UEFI map to the e820 map -> text. */
#ifndef MAPDIFF_REPORT_PRINT_CHECK_H
#define MAPDIFF_REPORT_PRINT_CHECK_H

#include "mapdiff/map/result.h"
#include "mapdiff/report/output.h"

void print_check(const struct output *out, const struct check *check);

#endif
