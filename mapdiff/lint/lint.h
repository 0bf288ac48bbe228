/* lint.h - a record -> findings about its map: see result.h. */
#ifndef MAPDIFF_LINT_LINT_H
#define MAPDIFF_LINT_LINT_H

#include "mapdiff/lint/result.h"

/* The machines in tests/maps, by which each rule says on how many it fires. */
#define LINT_MACHINES 42

extern const char *const severity_names[]; /* "note", "warning", "error" */

/* All rules there are, the worst first: findings of no record, and none of them checked. */
void lint_rules(struct findings *ret_findings);

/* What all rules find that can be checked on @record: of the others it is said why not. What is
 * known is no finding. The findings point into @record, and at texts of @options. */
void lint_record(const struct record *record, const struct lint_options *options,
                 struct findings *ret_findings);

/* Note that @rule said @text. */
void lint_know(struct lint_known *known, const char *rule, const char *text);

/* How many faults are of this severity: one with many places is one. */
size_t lint_count(const struct findings *findings, enum severity severity);

/* Nothing worse than notes. */
bool lint_is_clean(const struct findings *findings);

#endif
