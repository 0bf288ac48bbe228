/*
 * entry.h - the state of the CPU at the very entry, as start_*.S keeps it before it changes
 * anything. Fields of 8 bytes on both CPUs; IA-32 fills in the low halves.
 */
#ifndef HANDOFF_STUB_ENTRY_H
#define HANDOFF_STUB_ENTRY_H

#define ENTRY_MAGIC       0x00
#define ENTRY_BLOCK_PADDR 0x08
#define ENTRY_STACK_PADDR 0x10
#define ENTRY_FLAGS       0x18
#define ENTRY_CR0         0x20
#define ENTRY_CR3         0x28
#define ENTRY_CR4         0x30
#define ENTRY_BYTES       0x38

/* Of our own GDT. */
#define SELECTOR_CODE 0x08
#define SELECTOR_DATA 0x10
#define SELECTOR_TSS  0x18

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

struct entry_state {
	uint64_t magic; /* EAX; 0 on AMD64, where there is none */
	uint64_t block_paddr;
	uint64_t stack_paddr;
	uint64_t flags;
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
};

_Static_assert(offsetof(struct entry_state, block_paddr) == ENTRY_BLOCK_PADDR, "start_*.S");
_Static_assert(offsetof(struct entry_state, cr4) == ENTRY_CR4, "start_*.S");
_Static_assert(sizeof(struct entry_state) == ENTRY_BYTES, "start_*.S");

extern struct entry_state entry_state; /* filled in by start_*.S */

/* Which of the two this is. */
#if defined(__x86_64__)
#define STUB_BITS   64
#define STUB_TARGET HANDOFF_TARGET_AMD64
#else
#define STUB_BITS   32
#define STUB_TARGET HANDOFF_TARGET_IA32
#endif

/* main.c; called by start_*.S on a stack of our own. */
_Noreturn void stub_main(void);

#endif /* __ASSEMBLER__ */
#endif
