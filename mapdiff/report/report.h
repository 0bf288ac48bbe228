/*
 * report.h - a result of any kind -> its report, in the format, the place and the colours that the
 * user wants.
 */
#ifndef MAPDIFF_REPORT_REPORT_H
#define MAPDIFF_REPORT_REPORT_H

#include <jansson.h>

#include "mapdiff/report/output.h"

/* How a kind of result is reported: @result is of the struct that is named below. */
struct report_kind {
	void (*print)(const struct output *out, const void *result);
	json_t *(*make_json)(const void *result);
	bool has_page; /* else there is neither HTML nor Markdown; nor what is NULL here */
	json_t *(*make_sarif)(const void *result);
	void (*print_junit)(const struct output *out, const void *result);
	void (*print_markdown)(const struct output *out,
	                       const void *result); /* above the text; or NULL */
};

extern const struct report_kind report_diff;        /* struct diff */
extern const struct report_kind report_view;        /* struct view */
extern const struct report_kind report_steps;       /* struct view, with its steps */
extern const struct report_kind report_explanation; /* struct explanation */
extern const struct report_kind report_check;       /* struct check */
extern const struct report_kind report_findings;    /* struct findings */
extern const struct report_kind report_rules;       /* struct findings, of lint_rules() */
extern const struct report_kind report_pin;         /* struct pin_advice */
extern const struct report_kind report_gate;        /* struct gate */
extern const struct report_kind report_series;      /* struct series_report */
extern const struct report_kind report_capture;     /* struct record; as text alone */

enum report_format {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_HTML,
	FORMAT_MARKDOWN,
	FORMAT_SARIF,
	FORMAT_JUNIT
};
enum report_when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* All zero: text on standard output, with colours where a terminal has them. */
struct report_options {
	enum report_format format;
	const char *path;        /* NULL: standard output */
	enum report_when colour; /* WHEN_AUTO: on a terminal, unless NO_COLOR or TERM forbid it */
};

/* Are there reports of @kind in @format? */
bool report_knows(const struct report_kind *kind, enum report_format format);

/* Write the report of @result, which is of @kind; a file is overwritten. False with errno set if
 * not all of it could be written. */
bool report_write(const struct report_options *options, const struct report_kind *kind,
                  const void *result);

#endif
