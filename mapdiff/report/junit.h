/*
 * junit.h - findings, or a gate -> the XML of JUnit, which every CI shows: a test for each rule, or
 * boot. What was not checked was skipped.
 */
#ifndef MAPDIFF_REPORT_JUNIT_H
#define MAPDIFF_REPORT_JUNIT_H

#include "mapdiff/gate/result.h"
#include "mapdiff/lint/result.h"
#include "mapdiff/report/output.h"

/* Notes fail no test, as they fail no exit status: they stand in its output. */
void junit_lint(const struct output *out, const struct findings *findings);
void junit_gate(const struct output *out, const struct gate *gate);

#endif
