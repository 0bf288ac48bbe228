/*
 * test_main.c - the order in which the stub kernel proves: what runs, what does not after a
 * failure, what is said and shown.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* The file itself: each check only says that it runs. */
#include "handoff/stub/main.c"

#define BLOCK_PADDR 0x123000

struct entry_state entry_state;

static char events[2048];
static jmp_buf the_end;
static struct handoff_block block;
static const struct proof *proven;

static struct {
	int failing; /* check, or -1 */
	bool is_no_block, wants_capture, has_failed;
} machine;

static void happens_with(const char *format, va_list args)
{
	size_t length = strlen(events);

	vsnprintf(events + length, sizeof events - length, format, args);
}

__attribute__((format(printf, 1, 2))) static void happens(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	happens_with(format, args);
	va_end(args);
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	happens_with(format, args);
	va_end(args);
	happens("\n");
}

#define HAPPENS(name, word)    \
	void name(void)        \
	{                      \
		happens(word); \
	}
HAPPENS(trap_init, "traps ")
HAPPENS(ports_find, "ports ")
HAPPENS(display_trust, "trusted ")
HAPPENS(display_begin, "shown-begin ")
HAPPENS(display_end, "shown-end ")

void display_progress(const struct progress *progress)
{
	(void)progress;
}

void display_open(const struct proof *proof)
{
	assert_ptr_equal(proof, proven);
	happens("open ");
}

void display_add(const struct outcome *outcome)
{
	happens("shown %s/%s\n", outcome->text, outcome->brief);
}

void proof_init(struct proof *proof, progress_fn *progress)
{
	assert_ptr_equal(progress, display_progress);
	*proof = (struct proof){ .block = &block, .end_paddr = 0x77, .cmdline = "a b" };
	proven = proof;
	happens("init\n");
}

bool check_is_block(const struct proof *proof)
{
	assert_ptr_equal(proof, proven);
	return !machine.is_no_block;
}

static struct outcome check(const struct proof *proof, int id)
{
	assert_ptr_equal(proof, proven);
	happens("runs ");
	return machine.failing == id ? outcome_fail("bad") : outcome_ok(1, "well");
}

#define CHECK(name, id)                          \
	struct outcome name(struct proof *proof) \
	{                                        \
		return check(proof, id);         \
	}
CHECK(check_block, CHECK_BLOCK)
CHECK(check_entry, CHECK_ENTRY)
CHECK(check_limits, CHECK_LIMITS)
CHECK(check_bitmap, CHECK_BITMAP)
CHECK(check_allocator, CHECK_ALLOCATOR)
CHECK(check_memory, CHECK_MEMORY)
CHECK(check_acpi, CHECK_ACPI)
CHECK(check_smbios, CHECK_SMBIOS)
CHECK(check_initrd, CHECK_INITRD)
CHECK(check_others, CHECK_OTHERS)
CHECK(check_unchanged, CHECK_UNCHANGED)
CHECK(check_runtime, CHECK_RUNTIME)

bool accepted_is_wanted(const char *cmdline)
{
	assert_string_equal(cmdline, "a b");
	return machine.wants_capture;
}

void accepted_say(const struct proof *proof)
{
	assert_ptr_equal(proof, proven);
	happens("capture\n");
}

void verdict_begin(const char *name)
{
	happens("%s ", name);
}

void verdict_add(struct outcome *outcome)
{
	machine.has_failed |= outcome->kind == OUTCOME_FAIL;
	happens("added ");
}

bool verdict_is_fail(void)
{
	return machine.has_failed;
}

void verdict_trust(const struct handoff_block *of, uint64_t end_paddr)
{
	assert_ptr_equal(of, &block);
	happens("trust 0x%llx ", (ull)end_paddr);
}

_Noreturn void verdict_end(void)
{
	happens("verdict");
	longjmp(the_end, 1);
}

static void run(void)
{
	events[0] = '\0';
	machine.has_failed = false;
	entry_state.ENTRY_BLOCK = BLOCK_PADDR;
	if (setjmp(the_end) == 0)
		stub_main();
}

static void must_happen(const char *expected)
{
	if (strcmp(events, expected) != 0)
		fail_msg("%s\n--- and not\n%s", events, expected);
}

#define BEGIN                                                                             \
	"traps ports init\nbootmem: stub kernel, " BITS "-bit, block at 0x123000\nblock " \
	"runs "
#if defined(__x86_64__)
#define BITS "64"
#else
#define BITS "32"
#endif
#define WELL(name)   name " shown-begin runs added shown well/\n"
#define UNSAFE(name) name " shown-begin added shown not run, as a check before it failed/not run\n"
#define LAST         \
	WELL("acpi") \
	WELL("smbios") WELL("initrd") WELL("others") WELL("unchanged") WELL("runtime")
#define END "bootmem: command line a b\nshown-end verdict"

static void all_is_proven_in_its_order(void **state)
{
	(void)state;
	machine.failing = -1;
	block = (struct handoff_block){ .free_pages = 30,
		                        .node_low_pfn = 100,
		                        .target = HANDOFF_TARGET_IA32,
		                        .firmware_bits = 64 };
	run();
	must_happen(BEGIN "open added shown well/\ntrust 0x77 trusted " WELL("entry") WELL("limits")
	                    WELL("bitmap") WELL("allocator") WELL("memory") LAST
	            "bootmem: pages free 30 reserved 70 total 100 (policy safe, target ia32, "
	            "firmware 64)\n" END);
	machine.wants_capture = true;
	block.target = HANDOFF_TARGET_AMD64;
	block.policy = HANDOFF_POLICY_LINUX;
	block.firmware_bits = 32;
	run();
	must_happen(BEGIN "open added shown well/\ntrust 0x77 trusted capture\n" WELL("entry")
	                    WELL("limits") WELL("bitmap") WELL("allocator") WELL("memory") LAST
	            "bootmem: pages free 30 reserved 70 total 100 (policy linux-2.6.24, target "
	            "amd64, firmware 32)\n" END);
	machine.wants_capture = false;
}

/* What would write where it must not does not run. */
static void a_wrong_bitmap_is_not_used(void **state)
{
	(void)state;
	machine.failing = CHECK_BITMAP;
	run();
	must_happen(BEGIN "open added shown well/\ntrust 0x77 trusted " WELL("entry") WELL(
		"limits") "bitmap shown-begin runs added shown bad/\n" UNSAFE("allocator")
	                    UNSAFE("memory") LAST
	            "bootmem: pages free 30 reserved 70 total 100 (policy linux-2.6.24, target "
	            "amd64, firmware 32)\n" END);
}

static void a_wrong_block_ends_it(void **state)
{
	(void)state;
	machine.failing = CHECK_BLOCK;
	run();
	must_happen(BEGIN "open added shown bad/\nshown-end verdict");
	machine.is_no_block = true;
	run();
	must_happen(BEGIN "added shown bad/\nshown-end verdict");
	machine.is_no_block = false;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_proven_in_its_order),
		cmocka_unit_test(a_wrong_bitmap_is_not_used),
		cmocka_unit_test(a_wrong_block_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
