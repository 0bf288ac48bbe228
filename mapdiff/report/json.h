/*
 * json.h - reports -> JSON, as mapdiff/report.schema.json describes it. Addresses are text,
 * "0x...", without leading zeros; ends are exclusive; e820 and UEFI types are numbers.
 *
 * The caller has given jansson an allocator that does not fail: json_use_arena().
 */
#ifndef MAPDIFF_REPORT_JSON_H
#define MAPDIFF_REPORT_JSON_H

#include <jansson.h>

#include "mapdiff/gate/result.h"
#include "mapdiff/pin/result.h"
#include "mapdiff/lint/result.h"
#include "mapdiff/series/result.h"

/* A new reference each. */
json_t *json_of_diff(const struct diff *diff);
json_t *json_of_series(const struct series_report *report);
json_t *json_of_view(const struct view *view);
json_t *json_of_steps(const struct view *view);
json_t *json_of_explanation(const struct explanation *explanation);
json_t *json_of_check(const struct check *check);
json_t *json_of_lint(const struct findings *findings);
json_t *json_of_rules(const struct findings *findings); /* all there are: lint_rules() */
json_t *json_of_gate(const struct gate *gate);
json_t *json_of_pin(const struct pin_advice *advice);

/* A text; NULL: null. Logs are bytes, JSON is UTF-8: a text that is not has `?' for each byte
 * beyond ASCII. */
json_t *json_of_text(const char *text);

/* From here on jansson's memory is the arena's, and cannot run out. */
void json_use_arena(void);

#endif
