/* print_lint.h - what is wrong with a map -> text. */
#ifndef MAPDIFF_REPORT_PRINT_LINT_H
#define MAPDIFF_REPORT_PRINT_LINT_H

#include "mapdiff/lint/result.h"
#include "mapdiff/report/output.h"

void print_lint(const struct output *out, const struct findings *findings);

/* All rules there are, a line each. */
void print_rules(const struct output *out, const struct findings *findings);

#endif
