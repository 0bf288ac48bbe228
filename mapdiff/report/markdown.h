/*
 * markdown.h - a diff, findings, a series -> what one pastes into a bug tracker: the answer, what
 * to do, a small table; the report as text, collapsed. GitHub's dialect, of which Bugzilla's is a
 * part.
 *
 * What the files say is text and no more: no markup, no link, no mention of a person or another
 * bug.
 */
#ifndef MAPDIFF_REPORT_MARKDOWN_H
#define MAPDIFF_REPORT_MARKDOWN_H

#include "mapdiff/diff/diff.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/report/output.h"
#include "mapdiff/series/series.h"

/* The part that everybody sees, ending in an empty line. */
void markdown_diff(const struct output *out, const struct diff *diff);
void markdown_lint(const struct output *out, const struct findings *findings);
void markdown_series(const struct output *out, const struct series_report *report);

/* The collapsed part, of the report as text. */
void markdown_details(const struct output *out, const char *text);

#endif
