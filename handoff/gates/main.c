/*
 * main.c - the handler of all gates: a frame -> lines on the serial port and the debug console,
 * then the screen, then a halt.
 *
 * The lines come first: they need no memory that could be gone. If the screen faults (a kernel of
 * its own page tables may have left it out), that is said, and it halts all the same: a second
 * gate draws nothing, a third one only halts, so that nothing goes on for ever.
 */
#include <stdbool.h>
#include <stddef.h>

#include "handoff/capture/text.h"
#include "handoff/device/exception.h"
#include "handoff/device/io.h"
#include "handoff/device/ports.h"
#include "handoff/device/screen.h"
#include "handoff/gates/fault_view.h"
#include "handoff/gates/frame.h"

#define CR0_PG        (UINT32_C(1) << 31)
#define WINDOW_LINES  8 /* 5 KB of dots */
#define BITS          ((unsigned)sizeof(uintptr_t) * 8)
#define LOW_END_PADDR (UINT64_C(1) << 32)

extern struct gates gates_head __attribute__((visibility("hidden"))); /* gates_*.S */

static void add(struct fault *fault, const char *name, uintptr_t value)
{
	fault->registers[fault->n_registers++] =
		(struct fault_register){ .name = name, .value = value };
}

/*
 * A PIC that nobody has set up sends vectors of exceptions, as that of a PC does after its BIOS;
 * the CPU pushes no error code then, and all that it pushes is one word further down than a stub
 * thinks. In long mode it pushes five words or six below a multiple of 16 (AMD64 manual 2, §8.9.3);
 * on IA-32 CS is where the address should be.
 */
static bool lacks_code(const struct gates_frame *frame)
{
#if defined(__x86_64__)
	bool is_short = (uintptr_t)&frame->error_code % 16 != 0;
#else
	bool is_short = (uint16_t)frame->ip == read_cs() && (uint16_t)frame->cs != read_cs();
#endif

	return exception_has_code((unsigned)frame->vector) && is_short;
}

/* IA-32 pushes no stack pointer, as the gate has the privilege of what it interrupts: the stack is
 * where the frame ends. */
static uintptr_t stack_of(const struct gates_frame *frame)
{
#if defined(__x86_64__)
	return lacks_code(frame) ? frame->flags : frame->sp;
#else
	return lacks_code(frame) ? (uintptr_t)&frame->flags : (uintptr_t)&frame->sp;
#endif
}

/* Is what was pushed still there? The CPU tells where it began; in long mode, after it has made
 * that a multiple of 16. */
static bool is_memory(const struct gates_frame *frame)
{
#if defined(__x86_64__)
	uintptr_t end = (uintptr_t)(lacks_code(frame) ? &frame->ss : &frame->ss + 1);

	return (stack_of(frame) & ~(uintptr_t)15) == end;
#else
	return frame->sp_in_pusha == (uintptr_t)&frame->vector;
#endif
}

static void add_registers(struct fault *fault, const struct gates_frame *frame)
{
#if defined(__x86_64__)
	add(fault, "rax", frame->ax), add(fault, "rbx", frame->bx), add(fault, "rcx", frame->cx);
	add(fault, "rdx", frame->dx), add(fault, "rsi", frame->si), add(fault, "rdi", frame->di);
	add(fault, "rbp", frame->bp), add(fault, "rsp", stack_of(frame));
	add(fault, "r8", frame->r8), add(fault, "r9", frame->r9), add(fault, "r10", frame->r10);
	add(fault, "r11", frame->r11), add(fault, "r12", frame->r12), add(fault, "r13", frame->r13);
	add(fault, "r14", frame->r14), add(fault, "r15", frame->r15);
	add(fault, "cr3", (uintptr_t)fault->cr3);
#else
	add(fault, "eax", frame->ax), add(fault, "ebx", frame->bx), add(fault, "ecx", frame->cx);
	add(fault, "edx", frame->dx), add(fault, "esi", frame->si), add(fault, "edi", frame->di);
	add(fault, "ebp", frame->bp), add(fault, "esp", stack_of(frame));
#endif
	add(fault, "flags", lacks_code(frame) ? frame->cs : frame->flags);
	fault->registers[fault->n_registers - 1].is_short = true;
}

/* The word at the top of the stack, if it lies in the page that the CPU has just pushed to. */
static uintptr_t caller_of(const struct gates_frame *frame)
{
	uintptr_t sp = stack_of(frame);
	bool is_there = sp % 4096 != 0 && sp % sizeof(uintptr_t) == 0;

	return is_there ? *(const uintptr_t *)sp : 0;
}

static struct fault fault_of(const struct gates_frame *frame)
{
	struct fault fault = { .known = &gates_head.known,
		               .bits = BITS,
		               .vector = (unsigned)frame->vector,
		               .is_interrupt = lacks_code(frame),
		               .error_code = (uint32_t)frame->error_code,
		               .ip = lacks_code(frame) ? frame->error_code : frame->ip,
		               .has_paging = (read_cr0() & CR0_PG) != 0,
		               .cr2 = read_cr2(),
		               .cr3 = read_cr3(),
		               .has_no_memory = !is_memory(frame) };

	if (fault.has_no_memory) {
		add(&fault, BITS == 64 ? "rsp" : "esp",
		    BITS == 64 ? (uintptr_t)(frame + 1) : (uintptr_t)&frame->sp);
		return fault;
	}
	fault.caller = caller_of(frame);
	add_registers(&fault, frame);
	return fault;
}

static void say_line(void *context, const char *line)
{
	(void)context;
	say("bootmem: %s", line);
}

static void show(const struct fault *fault)
{
	static uint8_t dots[WINDOW_LINES][CANVAS_WIDTH];
	static struct canvas canvas;
	static struct screen screen;
	uint64_t end_paddr = BITS == 64 ? fault->known->mapped_end_paddr : LOW_END_PADDR;

	if (!screen_init(&screen, &fault->known->framebuffer, end_paddr) ||
	    !canvas_init(&canvas, screen.grid.n_rows, dots, WINDOW_LINES))
		return;
	screen_clear_margins(&screen, &canvas);
	for (uint32_t y = 0; y < canvas.height; y += WINDOW_LINES) {
		struct view view = { .canvas = &canvas };

		canvas_keep(&canvas, y);
		fault_view_draw(&view, fault);
		screen_show(&screen, &canvas);
	}
}

_Noreturn void gates_report(const struct gates_frame *frame, unsigned depth)
{
	struct view view = { .say = say_line };
	struct fault fault;

	if (depth == 1) {
		ports_find();
		fault = fault_of(frame);
		fault_view_draw(&view, &fault);
		show(&fault);
	} else if (depth == 2) {
		say("bootmem: vector %u while that was shown: halted", (unsigned)frame->vector);
	}
	ports_drain();
	io_halt();
}
