/*
 * exception.h - the exceptions of an x86 CPU: their names, and which of them push an error code
 * (AMD64 manual 2, §8.2).
 */
#ifndef HANDOFF_DEVICE_EXCEPTION_H
#define HANDOFF_DEVICE_EXCEPTION_H

#define EXCEPTIONS           32         /* the vectors below are the CPU's own */
#define EXCEPTIONS_WITH_CODE 0x60227d00 /* a bit for each vector */

#define EXCEPTION_NMI        2
#define EXCEPTION_PROTECTION 13
#define EXCEPTION_PAGE       14

#ifndef __ASSEMBLER__

#include <stdbool.h>

/* "page fault"; NULL for a vector that is no exception, or a reserved one. */
const char *exception_name(unsigned vector);

/* Does the CPU push an error code with it? Not with an interrupt that has the same vector. */
bool exception_has_code(unsigned vector);

#endif
#endif
