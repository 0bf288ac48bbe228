/*
 * outcome.h - what came of a check.
 */
#ifndef HANDOFF_STUB_OUTCOME_H
#define HANDOFF_STUB_OUTCOME_H

#include "handoff/capture/text.h"

struct outcome {
	enum { OUTCOME_OK, OUTCOME_FAIL, OUTCOME_NOT_APPLICABLE } kind;
	char text[200]; /* counts, or the reason */
};

/* An outcome, its text formatted and cut. */
struct outcome outcome_ok(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct outcome outcome_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct outcome outcome_not_applicable(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

#endif
