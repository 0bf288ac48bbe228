/*
 * spoilt.h - between spoilt.c and spoilt_*.S: what is spoilt, and the way to the entry.
 */
#ifndef TESTS_KERNELS_SPOILT_H
#define TESTS_KERNELS_SPOILT_H

#include "handoff/stub/entry.h"

/* Own descriptors, flat as those of the loader, at the selectors behind its. */
#define SPOILT_CODE 0x20
#define SPOILT_DATA 0x28
#define SPOILT_LDT  0x30

#ifndef __ASSEMBLER__

/* A row of PROTOCOL.md §2, and code that spoils it and jumps to `start'; the last has no name. */
struct spoil {
	const char *name;
	void (*code)(void);
};
extern const struct spoil spoils[];

/* Nothing of the CPU: what was spoilt lies in memory. */
void spoil_memory(void);

/* What start_*.S kept when the loader entered it. */
extern struct entry_state good_state;

/* Make that the state of the CPU again, and go on at @code. */
_Noreturn void spoilt_enter(void (*code)(void));

#endif
#endif
