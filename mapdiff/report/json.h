/*
 * json.h - reports -> JSON, as mapdiff/report.schema.json describes it. Addresses are text,
 * "0x...", without leading zeros; ends are exclusive; e820 and UEFI types are numbers.
 *
 * The caller has given jansson an allocator that does not fail: see report.c.
 */
#ifndef MAPDIFF_REPORT_JSON_H
#define MAPDIFF_REPORT_JSON_H

#include <jansson.h>

/* A new reference each; @result is a struct diff, series_report, view, explanation, check,
 * findings. */
json_t *json_of_diff(const void *result);
json_t *json_of_series(const void *result);
json_t *json_of_view(const void *result);
json_t *json_of_explanation(const void *result);
json_t *json_of_check(const void *result);
json_t *json_of_lint(const void *result);

#endif
