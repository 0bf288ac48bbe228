/*
 * report.h - any result -> its report, as text and as JSON.
 */
#ifndef MAPDIFF_REPORT_REPORT_H
#define MAPDIFF_REPORT_REPORT_H

#include <jansson.h>

#include "mapdiff/report/output.h"

/* How a kind of result is reported: @result is a struct diff, struct view, ... */
struct report_kind {
	void (*print)(const struct output *output, const void *result);
	json_t *(*make_json)(const void *result);
};

extern const struct report_kind report_diff;
extern const struct report_kind report_view;
extern const struct report_kind report_explanation;
extern const struct report_kind report_check;
extern const struct report_kind report_findings;
extern const struct report_kind report_series;
extern const struct report_kind report_capture; /* a struct record, as text: for `convert' */

#endif
