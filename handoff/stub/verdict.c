/* verdict.c - see verdict.h. */
#include "handoff/stub/verdict.h"

#include <stddef.h>

#include "handoff/device/ports.h"
#include "handoff/stub/power.h"

static const char *running = "none";

/* The first failure. */
static const char *failed;
static struct outcome failure;

/* NULL until it is trusted. */
static const struct handoff_block *trusted;
static uint64_t mapped_end_paddr;

void verdict_begin(const char *name)
{
	running = name;
	say_begin("bootmem: check %s ", running);
}

void verdict_add(struct outcome *outcome)
{
	static const char *const words[] = {
		[OUTCOME_OK] = "ok",
		[OUTCOME_FAIL] = "FAIL",
		[OUTCOME_NOT_APPLICABLE] = "n/a",
	};

	if (outcome->kind == OUTCOME_OK && outcome->n_seen == 0)
		*outcome = outcome_fail("it says ok, and has looked at nothing");
	say_rest("%s %s", words[outcome->kind], outcome->text);
	if (outcome->kind == OUTCOME_FAIL && failed == NULL) {
		failed = running;
		failure = *outcome;
	}
	running = "none";
}

bool verdict_is_fail(void)
{
	return failed != NULL;
}

void verdict_trust(const struct handoff_block *block, uint64_t end_paddr)
{
	trusted = block;
	mapped_end_paddr = end_paddr;
}

_Noreturn void verdict_end(void)
{
	if (failed != NULL)
		say("bootmem: verdict FAIL %s: %s", failed, failure.text);
	else
		say("bootmem: verdict PASS");
	power_end(trusted, mapped_end_paddr, failed == NULL);
}

_Noreturn void verdict_give_up(const char *what, const char *reason)
{
	say("bootmem: verdict FAIL %s: %s, in check %s", what, reason, running);
	power_end(trusted, mapped_end_paddr, false);
}
