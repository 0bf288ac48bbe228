/*
 * verdict.h - the report of the proof: a line for each check, and in the end the verdict, which is
 * the last line and about the first check that failed. It is the same for the end that was meant
 * and for one in the middle of a check.
 */
#ifndef HANDOFF_STUB_VERDICT_H
#define HANDOFF_STUB_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff/handoff.h"
#include "handoff/stub/outcome.h"

/* Check @name (a literal) runs from here on: its line begins, so that one that never ends is known.
 * And this is what came of it; an ok that has looked at nothing becomes a failure. */
void verdict_begin(const char *name);
void verdict_add(struct outcome *outcome);

/* Has a check failed? */
bool verdict_is_fail(void);

/* @block is good: the machine ends as it says. What is mapped ends at @end_paddr. */
void verdict_trust(const struct handoff_block *block, uint64_t end_paddr);

/* Say the verdict, and end. */
_Noreturn void verdict_end(void);

/* The verdict FAIL, because of @what ("trap", "bug"), for @reason; and the end. */
_Noreturn void verdict_give_up(const char *what, const char *reason);

#endif
