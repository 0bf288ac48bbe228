/*
 * cpu.h - what the CPU can do, asked of itself. The only part of efi/ that is machine code.
 */
#ifndef EFI_CPU_H
#define EFI_CPU_H

#include <stdbool.h>
#include <stdint.h>

#include "x86/in_use.h"
#include "x86/mtrr.h"

struct cpu {
	bool has_long_mode;
	bool has_1g_pages;
	bool has_sse;              /* and FXSAVE: CR4.OSFXSR may be set */
	bool has_tsc;              /* a time stamp counter */
	bool has_mtrrs;            /* that can be asked: see cpu_find_mtrrs() */
	bool has_tom2;             /* AMD's SYSCFG and TOP_MEM2 */
	bool is_amd_k7;            /* AMD family 6 */
	bool has_encrypted_memory; /* AMD SEV: a bit of each page table entry is no address */
	unsigned paddr_bits;       /* physical addresses are below 2^this */
	char vendor[13];           /* "GenuineIntel" */
	uint32_t signature;        /* family, model and stepping: leaf 1, EAX */
};

void cpu_read(struct cpu *ret_cpu);

/* What its registers for types of memory say (mtrr.h). MTRR_NONE where they cannot be asked. */
enum mtrr_err cpu_find_mtrrs(const struct cpu *cpu, struct mtrr_list *ret_list);

/* What it runs on at the moment. */
void cpu_read_state(struct cpu_state *ret_state);

/*
 * Copy the 4096 bytes at address 0 to @to. False if they are not mapped: firmware may leave page 0
 * out, to catch stray null pointers (edk2: PcdNullPointerDetectionPropertyMask).
 */
bool cpu_copy_page_zero(void *to);

#endif
