/*
 * frame.h - what is on the stack when a gate was taken: pushed by gates_*.S, then by the CPU. Of
 * the width of the kernel.
 */
#ifndef HANDOFF_GATES_FRAME_H
#define HANDOFF_GATES_FRAME_H

#include <stdint.h>

struct gates_frame {
#if defined(__x86_64__)
	uintptr_t r15, r14, r13, r12, r11, r10, r9, r8;
	uintptr_t di, si, bp, bx, dx, cx, ax;
#else
	uintptr_t di, si, bp, sp_in_pusha, bx, dx, cx, ax;
#endif
	uintptr_t vector, error_code;    /* 0 where the CPU has no error code */
	uintptr_t ip, cs, flags, sp, ss; /* IA-32 has no sp and ss: same privilege */
};

/* Called by gates_*.S: the first gate that was taken is of @depth 1, one that was taken while that
 * is being reported of depth 2. */
_Noreturn void gates_report(const struct gates_frame *frame, unsigned depth);

#endif
