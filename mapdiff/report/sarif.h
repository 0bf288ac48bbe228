/*
 * sarif.h - findings -> SARIF 2.1.0 (OASIS), which code hosts show beside a change; and an earlier
 * JSON report of lint -> what is known since.
 */
#ifndef MAPDIFF_REPORT_SARIF_H
#define MAPDIFF_REPORT_SARIF_H

#include <jansson.h>

#include "mapdiff/lint/result.h"

json_t *sarif_of_lint(const struct findings *findings);

/* Add to @known what the report of `mapdiff lint --format json' at @path has found. False, and
 * *ret_error: it cannot be read, or is no such report. */
bool baseline_read(const char *path, struct lint_known *known, const char **ret_error);

#endif
