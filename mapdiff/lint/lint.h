/* lint.h - a record -> findings about its map: see result.h. */
#ifndef MAPDIFF_LINT_LINT_H
#define MAPDIFF_LINT_LINT_H

#include "mapdiff/lint/result.h"

extern const char *const severity_names[3]; /* "note", "warning", "error" */

/* What all rules find. Of a record without a UEFI map only those are asked that can do without; of
 * one without any map there is nothing to find. The findings point into @record. */
void lint_record(const struct record *record, struct findings *ret_findings);

#endif
