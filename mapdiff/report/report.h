/*
 * report.h - any result -> its report, as text and as JSON.
 */
#ifndef MAPDIFF_REPORT_REPORT_H
#define MAPDIFF_REPORT_REPORT_H

#include <jansson.h>

#include "mapdiff/report/output.h"

/* How a kind of result is reported: @result is of the struct that is named below. */
struct report_kind {
	void (*print)(const struct output *out, const void *result);
	json_t *(*make_json)(const void *result);
};

extern const struct report_kind report_diff;        /* struct diff */
extern const struct report_kind report_view;        /* struct view */
extern const struct report_kind report_explanation; /* struct explanation */
extern const struct report_kind report_check;       /* struct check */
extern const struct report_kind report_findings;    /* struct findings */
extern const struct report_kind report_series;      /* struct series_report */
extern const struct report_kind report_capture;     /* struct record; as text alone */

#endif
