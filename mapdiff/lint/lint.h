/* lint.h - a record -> findings about its map: see result.h. */
#ifndef MAPDIFF_LINT_LINT_H
#define MAPDIFF_LINT_LINT_H

#include "mapdiff/lint/result.h"

extern const char *const severity_names[]; /* "note", "warning", "error" */

/* All rules there are, the worst first: findings of no record, and none of them checked. */
void lint_rules(struct findings *ret_findings);

/* What all rules find that can be checked on @record: of the others it is said why not. The
 * findings point into @record. */
void lint_record(const struct record *record, struct findings *ret_findings);

/* How many faults are of this severity: one with many places is one. */
size_t lint_count(const struct findings *findings, enum severity severity);

#endif
