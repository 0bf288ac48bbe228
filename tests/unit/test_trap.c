/*
 * test_trap.c - a fault in the stub kernel: the gates that lead to its report, and what that says;
 * a fault in the report itself leaves the screen alone.
 */
#define _DEFAULT_SOURCE /* sigsetjmp() */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* In place of io.h: the one register that is read. */
#define HANDOFF_DEVICE_IO_H
static uintptr_t read_cr2(void);

/* The file itself; the other tests' end of a bug is support.c's. */
_Noreturn void trap_assert_fail(const char *what);
#define bootmem_assert_fail trap_assert_fail
#include "handoff/stub/trap.c"
#undef bootmem_assert_fail

static char events[4096];
static jmp_buf the_end;

/* Where start_*.S has its stubs. */
__asm__(".data\n"
        ".globl trap_stubs, trap_ignore\n"
        "trap_stubs: .fill 512, 1, 0x90\n"
        "trap_ignore: .byte 0\n"
        ".text\n");

static uintptr_t read_cr2(void)
{
	return 0xc2;
}

static void happens_with(const char *format, va_list args)
{
	size_t length = strlen(events);

	vsnprintf(events + length, sizeof events - length, format, args);
	strcat(events, "\n");
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	happens_with(format, args);
	va_end(args);
}

void display_stop(const char *reason)
{
	say("stop %s", reason);
}

void display_forget(void)
{
	say("forget");
}

_Noreturn void verdict_give_up(const char *what, const char *reason)
{
	say("%s: %s", what, reason);
	longjmp(the_end, 1);
}

/* ---- the gates ---- */

static sigjmp_buf refused;

/* To load them is what no program may. */
static void on_signal(int number)
{
	(void)number;
	siglongjmp(refused, 1);
}

static uint64_t handler_of(const struct gate *gate)
{
	uint64_t handler = gate->offset_low | (uint64_t)gate->offset_middle << 16;

#if defined(__x86_64__)
	assert_int_equal(gate->stack, 1);
	assert_int_equal(gate->reserved, 0);
	return handler | (uint64_t)gate->offset_high << 32;
#else
	assert_int_equal(gate->stack, 0);
	return handler;
#endif
}

static void every_vector_has_a_gate(void **state)
{
	(void)state;
	signal(SIGSEGV, on_signal);
	signal(SIGILL, on_signal);
	if (sigsetjmp(refused, 1) == 0)
		trap_init();
	signal(SIGSEGV, SIG_DFL);
	signal(SIGILL, SIG_DFL);
	assert_int_equal(sizeof idt / sizeof idt[0], 256);
	for (unsigned i = 0; i < 256; i++) {
		uintptr_t handler =
			i < 32 ? (uintptr_t)trap_stubs + (uintptr_t)16 * i : (uintptr_t)trap_ignore;

		assert_true(handler_of(&idt[i]) == handler);
		assert_int_equal(idt[i].selector, 8);
		assert_int_equal(idt[i].type, 0x8e);
	}
}

/* ---- the report ---- */

static void report(uintptr_t vector)
{
	struct trap_frame frame = {
#if defined(__x86_64__)
		.r8 = 8,
		.r9 = 9,
		.r10 = 10,
		.r11 = 11,
		.r12 = 12,
		.r13 = 13,
		.r14 = 14,
		.r15 = UINT64_C(0xfedcba9876543210),
		.sp = 0x5b,
#endif
		.ax = 0xa,
		.bx = 0xb,
		.cx = 0xc,
		.dx = 0xd,
		.si = 0x51,
		.di = 0xd1,
		.bp = 0xb9,
		.vector = vector,
		.error_code = 0xe2,
		.ip = 0x12345678,
		.cs = 0xc5,
		.flags = 0xf1,
	};
	char sp[24];
	char *at;

	events[0] = '\0';
	if (setjmp(the_end) == 0)
		trap_report(&frame);
	/* IA-32: where the frame ends, which is on this stack. */
	snprintf(sp, sizeof sp, "sp 0x%08lx", (unsigned long)(uintptr_t)&frame.sp);
	at = sizeof(void *) == 4 ? strstr(events, sp) : NULL;
	if (at != NULL)
		memcpy(at, "sp 0x0000005b", 13);
}

static void a_fault_is_reported(void **state)
{
	static const char fault[] =
#if defined(__x86_64__)
		"bootmem: registers    ip 0x0000000012345678    sp 0x000000000000005b flags "
		"0x00000000000000f1\n"
		"bootmem: registers    ax 0x000000000000000a    bx 0x000000000000000b    cx "
		"0x000000000000000c\n"
		"bootmem: registers    dx 0x000000000000000d    si 0x0000000000000051    di "
		"0x00000000000000d1\n"
		"bootmem: registers    bp 0x00000000000000b9   cr2 0x00000000000000c2 error "
		"0x00000000000000e2\n"
		"bootmem: registers    r8 0x0000000000000008    r9 0x0000000000000009   r10 "
		"0x000000000000000a\n"
		"bootmem: registers   r11 0x000000000000000b   r12 0x000000000000000c   r13 "
		"0x000000000000000d\n"
		"bootmem: registers   r14 0x000000000000000e   r15 0xfedcba9876543210    cs "
		"0x00000000000000c5\n"
#else
		"bootmem: registers    ip 0x12345678    sp 0x0000005b flags 0x000000f1\n"
		"bootmem: registers    ax 0x0000000a    bx 0x0000000b    cx 0x0000000c\n"
		"bootmem: registers    dx 0x0000000d    si 0x00000051    di 0x000000d1\n"
		"bootmem: registers    bp 0x000000b9   cr2 0x000000c2 error 0x000000e2\n"
#endif
		"stop page fault (vector 14, error code 0xe2) at 0x12345678\n"
		"trap: page fault (vector 14, error code 0xe2) at 0x12345678\n";

	(void)state;
	report(14);
	assert_string_equal(events, fault);
	/* And one while that was said. */
	report(15);
	assert_string_equal(events,
	                    "forget\ntrap: reserved exception (vector 15, error code 0xe2) at "
	                    "0x12345678\n");
}

static void a_bug_is_reported(void **state)
{
	(void)state;
	events[0] = '\0';
	if (setjmp(the_end) == 0)
		trap_assert_fail("a rule");
	assert_string_equal(events, "stop a rule\nbug: a rule\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_has_a_gate),
		cmocka_unit_test(a_fault_is_reported),
		cmocka_unit_test(a_bug_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
