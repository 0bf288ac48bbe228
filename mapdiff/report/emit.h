/*
 * emit.h - a result of any kind -> its report, in the format, the place and the colours that the
 * user wants.
 */
#ifndef MAPDIFF_REPORT_EMIT_H
#define MAPDIFF_REPORT_EMIT_H

#include "mapdiff/report/report.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_HTML };
enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

/* All zero: text on standard output, with colours where a terminal has them. */
struct emit_options {
	enum format format;
	const char *path; /* NULL: standard output */
	enum when colour; /* WHEN_AUTO: on a terminal, unless NO_COLOR or TERM forbid it */
};

/* Write the report of @result, which is of @kind; a file is overwritten. False with errno set if
 * not all of it could be written. */
bool emit_report(const struct emit_options *options, const struct report_kind *kind,
                 const void *result);

#endif
