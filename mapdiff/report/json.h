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

/* A new reference each. */
json_t *diff_json(const struct diff *diff);
json_t *view_json(const struct view *view);
json_t *explanation_json(const struct explanation *explanation);
json_t *check_json(const struct check *check);
json_t *series_json(const struct series_report *report);
json_t *findings_json(const struct findings *findings);

#endif
