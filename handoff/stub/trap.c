/*
 * trap.c - the interrupt descriptor table, and what a fault prints.
 */
#include "handoff/stub/trap.h"

#include <stdbool.h>
#include <stddef.h>

#include "bootmem/bootmem.h"
#include "bootmem/count.h"
#include "handoff/device/exception.h"
#include "handoff/device/io.h"
#include "handoff/device/ports.h"
#include "handoff/stub/display.h"
#include "handoff/stub/entry.h"
#include "handoff/stub/verdict.h"

#define N_VECTORS  256
#define STUB_BYTES 16

/* An interrupt gate: AMD64 manual 2, §4.7.2 (legacy) and §4.8.4 (long mode). */
struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t stack; /* IST index in long mode; 0 in protected mode */
	uint8_t type;
	uint16_t offset_middle;
#if defined(__x86_64__)
	uint32_t offset_high;
	uint32_t reserved;
#endif
};

_Static_assert(sizeof(struct gate) == STUB_BITS / 4, "a gate has 8 bytes, or 16 in long mode");

#define GATE_INTERRUPT 0x8e /* present, privilege 0, interrupts off */

extern const unsigned char trap_stubs[]; /* start_*.S: STUB_BYTES for each exception */
extern const unsigned char trap_ignore[];

static struct gate idt[N_VECTORS];

static struct gate gate_to(uintptr_t handler)
{
	return (struct gate)
	{
		.offset_low = (uint16_t)handler, .selector = SELECTOR_CODE, .type = GATE_INTERRUPT,
		.offset_middle = (uint16_t)(handler >> 16),
#if defined(__x86_64__)
		.stack = 1, .offset_high = (uint32_t)(handler >> 32),
#endif
	};
}

void trap_init(void)
{
	struct {
		uint16_t limit;
		uintptr_t base;
	} __attribute__((packed)) pointer = { sizeof idt - 1, (uintptr_t)idt };

	for (size_t i = 0; i < N_VECTORS; i++)
		idt[i] = gate_to(i < EXCEPTIONS ? (uintptr_t)trap_stubs + i * STUB_BYTES
		                                : (uintptr_t)trap_ignore);
	__asm__ volatile("lidt %0" : : "m"(pointer));
}

#define REGISTERS_A_LINE 3

static void say_registers(const struct trap_frame *frame)
{
#if defined(__x86_64__)
	uintptr_t sp = frame->sp;
#else
	uintptr_t sp = (uintptr_t)&frame->sp; /* no stack was switched, so nothing was pushed */
#endif
	const struct {
		const char *name;
		uintptr_t value;
	} registers[] = {
		/* clang-format off */
		{ "ip", frame->ip },   { "sp", sp },           { "flags", frame->flags },
		{ "ax", frame->ax },   { "bx", frame->bx },    { "cx", frame->cx },
		{ "dx", frame->dx },   { "si", frame->si },    { "di", frame->di },
		{ "bp", frame->bp },   { "cr2", read_cr2() },  { "error", frame->error_code },
#if defined(__x86_64__)
		{ "r8", frame->r8 },   { "r9", frame->r9 },    { "r10", frame->r10 },
		{ "r11", frame->r11 }, { "r12", frame->r12 },  { "r13", frame->r13 },
		{ "r14", frame->r14 }, { "r15", frame->r15 },  { "cs", frame->cs },
#endif
		/* clang-format on */
	};
	char line[128];
	size_t length = 0;

	for (size_t i = 0; i < COUNT(registers); i++) {
		length += text_format(line + length, sizeof line - length, " %5s 0x%0*llx",
		                      registers[i].name, STUB_BITS / 4, (ull)registers[i].value);
		if (i % REGISTERS_A_LINE == REGISTERS_A_LINE - 1) {
			say("bootmem: registers%s", line);
			length = 0;
		}
	}
}

_Noreturn void trap_report(const struct trap_frame *frame)
{
	static bool is_nested;
	const char *name = exception_name((unsigned)frame->vector);
	char reason[96];

	if (is_nested) /* what reports traps, trapped: the screen is the part that may */
		display_forget();
	text_format(reason, sizeof reason, "%s (vector %u, error code 0x%x) at 0x%llx",
	            name != NULL ? name : "reserved exception", (unsigned)frame->vector,
	            (unsigned)frame->error_code, (ull)frame->ip);
	if (!is_nested) {
		is_nested = true;
		say_registers(frame);
		display_stop(reason);
	}
	verdict_give_up("trap", reason);
}

_Noreturn void bootmem_assert_fail(const char *what)
{
	display_stop(what);
	verdict_give_up("bug", what);
}
