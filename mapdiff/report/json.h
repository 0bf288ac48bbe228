/*
 * json.h - reports -> JSON, as mapdiff/report.schema.json describes it. Addresses are text,
 * "0x...", without leading zeros; ends are exclusive; e820 and UEFI types are numbers.
 */
#ifndef MAPDIFF_REPORT_JSON_H
#define MAPDIFF_REPORT_JSON_H

#include <jansson.h>

#include "mapdiff/diff/result.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/series/result.h"
#include "mapdiff/map/view.h"

/* A new reference each; @result is a struct view, explanation, check, or findings. */
json_t *diff_json(const struct diff *diff);
json_t *series_json(const struct series_report *report);
json_t *json_of_view(const void *result);
json_t *json_of_explanation(const void *result);
json_t *json_of_check(const void *result);
json_t *json_of_lint(const void *result);

#endif
