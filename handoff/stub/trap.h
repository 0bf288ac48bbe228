/*
 * trap.h - what a fault ends in: a report of the registers and a verdict, instead of the silent
 * reset that a triple fault is.
 */
#ifndef HANDOFF_STUB_TRAP_H
#define HANDOFF_STUB_TRAP_H

#include <stdint.h>

/* What is on the stack when trap_report() is called: pushed by start_*.S, then by the CPU. */
struct trap_frame {
#if defined(__x86_64__)
	uintptr_t r15, r14, r13, r12, r11, r10, r9, r8;
	uintptr_t di, si, bp, bx, dx, cx, ax;
#else
	uintptr_t di, si, bp, sp_in_pusha, bx, dx, cx, ax;
#endif
	uintptr_t vector, error_code;    /* 0 where the CPU has no error code */
	uintptr_t ip, cs, flags, sp, ss; /* IA-32 has no sp and ss: same privilege */
};

/* Make all 256 gates of the IDT, and load it. Vectors from 32 on are ignored. */
void trap_init(void);

/* Called by start_*.S. */
_Noreturn void trap_report(const struct trap_frame *frame);

#endif
