/*
 * main.c - the stub kernel: receives the block, proves the bitmap right, says so, and ends.
 *
 * A line for each check, then totals, then the verdict, which is the last line; before them, when
 * it is asked for, a capture. The order matters: what fills memory comes before what looks whether
 * anything that must live was hit.
 */
#include <stdbool.h>
#include <stddef.h>

#include "handoff/stub/accepted.h"
#include "handoff/stub/checks.h"
#include "handoff/stub/console.h"
#include "handoff/stub/draw.h"
#include "handoff/stub/entry.h"
#include "handoff/stub/power.h"
#include "handoff/stub/trap.h"

/* Those that come after check_block(). */
static const struct {
	const char *name;
	check_fn *check;
	bool uses_free_pages; /* with a wrong bitmap, it would do the damage that it looks for */
} checks[] = {
	/* clang-format off */
	{ "limits",    check_limits,    false },
	{ "bitmap",    check_bitmap,    false },
	{ "allocator", check_allocator, true },
	{ "memory",    check_memory,    true },
	{ "acpi",      check_acpi,      false },
	{ "smbios",    check_smbios,    false },
	{ "initrd",    check_initrd,    false },
	{ "others",    check_others,    false },
	{ "unchanged", check_unchanged, false },
	{ "runtime",   check_runtime,   false },
	/* clang-format on */
};
#define N_CHECKS     (sizeof checks / sizeof checks[0])
#define DRAWN_BEFORE 2 /* the picture: when the bitmap has been looked at, before the long ones */

static struct proof proof;
static bool is_block_good;
static size_t current; /* the check that runs */

/* The first failure: what the verdict is about. */
static struct {
	const char *name;
	struct outcome outcome;
} failure;

static void report(const char *name, const struct outcome *outcome)
{
	static const char *const words[] = {
		[OUTCOME_OK] = "ok",
		[OUTCOME_FAIL] = "FAIL",
		[OUTCOME_NOT_APPLICABLE] = "n/a",
	};

	say("bootmem: check %s %s %s", name, words[outcome->kind], outcome->text);
	if (outcome->kind == OUTCOME_FAIL && failure.name == NULL) {
		failure.name = name;
		failure.outcome = *outcome;
	}
}

static void say_totals(const struct handoff_block *block)
{
	say("bootmem: pages free %llu reserved %llu total %llu (policy %s, target %s, firmware %u)",
	    (unsigned long long)block->free_pages,
	    (unsigned long long)(block->node_low_pfn - block->free_pages),
	    (unsigned long long)block->node_low_pfn,
	    block->policy == HANDOFF_POLICY_LINUX ? "linux-2.6.24" : "safe",
	    block->target == HANDOFF_TARGET_IA32 ? "ia32" : "amd64",
	    (unsigned)block->firmware_bits);
	say("bootmem: command line %.200s", proof.cmdline);
}

static void run_check(size_t i)
{
	bool is_wrong = failure.name != NULL;
	struct outcome outcome =
		is_wrong && checks[i].uses_free_pages
			? outcome_not_applicable("not run, as a check before it failed")
			: checks[i].check(&proof);

	report(checks[i].name, &outcome);
}

/* The first check, which decides whether there is anything to go on with. Its own result is to be
 * seen on the screen of the block, and that is tried even if only the magic number is right. */
static void receive_block(void)
{
	struct outcome outcome = check_block(&proof);

	if (outcome.kind == OUTCOME_OK || check_is_block(&proof))
		console_use_screen(&proof.block->framebuffer, proof.end_paddr);
	say("bootmem: stub kernel, %u-bit, block at 0x%llx", STUB_BITS,
	    (unsigned long long)entry_state.block_paddr);
	report("block", &outcome);
	is_block_good = outcome.kind == OUTCOME_OK;
}

_Noreturn void stub_main(void)
{
	trap_init();
	console_init();
	proof_init(&proof);
	receive_block();
	if (is_block_good && accepted_is_wanted(proof.cmdline))
		accepted_say(&proof);
	for (current = 0; is_block_good && current < N_CHECKS; current++) {
		if (current == DRAWN_BEFORE)
			draw_bitmap(proof.bitmap, proof.block->node_low_pfn);
		run_check(current);
	}
	if (is_block_good)
		say_totals(proof.block);
	if (failure.name != NULL)
		say("bootmem: verdict FAIL %s: %s", failure.name, failure.outcome.text);
	else
		say("bootmem: verdict PASS");
	power_end(is_block_good ? proof.block : NULL, proof.end_paddr, failure.name == NULL);
}

_Noreturn void stub_give_up(const char *what, const char *reason)
{
	const char *name = current < N_CHECKS ? checks[current].name : "none";

	say("bootmem: verdict FAIL %s: %s, in check %s", what, reason,
	    is_block_good ? name : "block");
	power_end(is_block_good ? proof.block : NULL, proof.end_paddr, false);
}
