/*
 * main.c - the stub kernel: receives the block, proves the bitmap right, says so, and ends.
 *
 * A line for each check, then totals, then the verdict (verdict.h); before them, when it is asked
 * for, a capture. The order matters: what fills memory comes before what looks whether
 * anything that must live was hit.
 */
#include <stdbool.h>
#include <stddef.h>

#include "bootmem/count.h"
#include "handoff/device/ports.h"
#include "handoff/stub/accepted.h"
#include "handoff/stub/allocator.h"
#include "handoff/stub/checks.h"
#include "handoff/stub/display.h"
#include "handoff/stub/entry.h"
#include "handoff/stub/proof_view.h"
#include "handoff/stub/state.h"
#include "handoff/stub/trap.h"
#include "handoff/stub/verdict.h"

/* Those that come after check_block(). */
static const struct {
	check_fn *check;
	bool uses_free_pages; /* with a wrong bitmap, it would do the damage that it looks for */
} checks[] = {
	/* clang-format off */
	[CHECK_ENTRY] = { check_entry, false },
	[CHECK_LIMITS] = { check_limits, false },
	[CHECK_BITMAP] = { check_bitmap, false },
	[CHECK_ALLOCATOR] = { check_allocator, true },
	[CHECK_MEMORY] = { check_memory, true },
	[CHECK_ACPI] = { check_acpi, false },
	[CHECK_SMBIOS] = { check_smbios, false },
	[CHECK_INITRD] = { check_initrd, false },
	[CHECK_OTHERS] = { check_others, false },
	[CHECK_UNCHANGED] = { check_unchanged, false },
	[CHECK_RUNTIME] = { check_runtime, false },
	/* clang-format on */
};
_Static_assert(COUNT(checks) == CHECK_COUNT, "a check is not run");

static void say_totals(const struct proof *proof)
{
	const struct handoff_block *block = proof->block;

	say("bootmem: pages free %llu reserved %llu total %llu (policy %s, target %s, firmware %u)",
	    (ull)block->free_pages, (ull)(block->node_low_pfn - block->free_pages),
	    (ull)block->node_low_pfn,
	    block->policy == HANDOFF_POLICY_LINUX ? "linux-2.6.24" : "safe",
	    block->target == HANDOFF_TARGET_IA32 ? "ia32" : "amd64",
	    (unsigned)block->firmware_bits);
	if (proof->cmdline[0] != '\0')
		say("bootmem: command line %.200s", proof->cmdline);
}

/* The first check, which decides whether there is anything to go on with. Its own result is to be
 * seen on the screen of the block, and that is tried even if only the magic number is right. */
static bool receive_block(struct proof *proof)
{
	struct outcome outcome;

	say("bootmem: stub kernel, %u-bit, block at 0x%llx", STUB_BITS, (ull)entry_block_paddr());
	verdict_begin(proof_view_name(CHECK_BLOCK));
	outcome = check_block(proof);
	if (outcome.kind == OUTCOME_OK || check_is_block(proof))
		display_open(proof);
	verdict_add(&outcome);
	display_add(&outcome);
	if (outcome.kind != OUTCOME_OK)
		return false;
	verdict_trust(proof->block, proof->end_paddr);
	display_trust();
	return true;
}

static void run_check(struct proof *proof, size_t i)
{
	bool is_unsafe = checks[i].uses_free_pages && verdict_is_fail();
	struct outcome outcome;

	verdict_begin(proof_view_name((enum check_id)i));
	display_begin();
	outcome = is_unsafe ? outcome_in_brief(outcome_not_applicable(
						       "not run, as a check before it failed"),
	                                       "not run")
	                    : checks[i].check(proof);
	verdict_add(&outcome);
	display_add(&outcome);
}

static void prove(struct proof *proof)
{
	if (accepted_is_wanted(proof->cmdline))
		accepted_say(proof);
	for (size_t i = CHECK_BLOCK + 1; i < CHECK_COUNT; i++)
		run_check(proof, i);
	say_totals(proof);
}

_Noreturn void stub_main(void)
{
	static struct proof proof; /* which what ends it goes on to show */

	trap_init();
	ports_find();
	proof_init(&proof, display_progress);
	if (receive_block(&proof))
		prove(&proof);
	display_end();
	verdict_end();
}
