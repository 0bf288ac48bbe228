/*
 * outcome.h - what came of a check.
 */
#ifndef HANDOFF_STUB_OUTCOME_H
#define HANDOFF_STUB_OUTCOME_H

#include "bootmem/pfn.h"
#include "handoff/capture/text.h"

#define OUTCOME_NO_PAGE UINT64_MAX

struct outcome {
	enum { OUTCOME_OK, OUTCOME_FAIL, OUTCOME_NOT_APPLICABLE } kind;
	char text[200];   /* counts, or the reason */
	char brief[24];   /* the same in a word or two, or empty */
	uint64_t n_seen;  /* of OUTCOME_OK: what was looked at; verdict.h has no ok of nothing */
	pfn_t pfn;        /* the page that is to blame, or OUTCOME_NO_PAGE */
	const char *what; /* what it did: "changed, and must not" */
};

/* An outcome, its text formatted and cut. One is well after a look at @n_seen things; a step of a
 * check that has none to count says 0. */
struct outcome outcome_ok(uint64_t n_seen, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct outcome outcome_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
struct outcome outcome_not_applicable(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* The same one with what it lacks: a few words; a page that is to blame, and what it did. */
struct outcome outcome_in_brief(struct outcome outcome, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
struct outcome outcome_of_page(struct outcome outcome, pfn_t pfn, const char *what);

#endif
