/*
 * in_use.h - the registers of a running CPU -> the memory that it runs on: its stack, GDT, IDT, TSS
 * and page tables. As long as it does, that memory is in use, whatever a memory map says: U-Boot
 * 2023.01 for x86-64 calls all of it free, and gives it to whoever asks.
 */
#ifndef X86_IN_USE_H
#define X86_IN_USE_H

#include "x86/paging.h"
#include "x86/uefi_map.h"

struct cpu_state {
	struct paging paging;
	bool is_encrypted; /* SEV: addresses in page tables are not what they seem; none is read */
	uint64_t sp;
	paddr_t gdt_paddr, idt_paddr;
	uint16_t gdt_limit, idt_limit; /* of the last byte */
	uint16_t tr;
};

enum in_use_kind {
	IN_USE_STACK,
	IN_USE_IDT,
	IN_USE_GDT,
	IN_USE_TSS,
	IN_USE_PAGE_TABLES,
	IN_USE_KINDS
};
extern const char *const in_use_names[IN_USE_KINDS]; /* "stack" */

/*
 * How much there is of a stack on either side of the stack pointer, as its ends are not known:
 * below it, what UEFI promises a program at the least (UEFI 2.10 §2.3.2, §2.3.4); above it, as much
 * for those who have called, and for what the program itself has there.
 */
#define IN_USE_STACK_BYTES UINT64_C(0x20000)

#define IN_USE_RANGES 64

struct in_use {
	struct in_use_range {
		struct span span; /* whole pages */
		enum in_use_kind kind;
	} ranges[IN_USE_RANGES];
	size_t n_ranges;
	size_t n_lost; /* parts that there was no room for */
	bool is_cut;   /* there are more than PAGING_MOST_TABLES */
};

/* Would the CPU notice if @span was written to? The stack counts with all that it may have. */
bool in_use_touches(const struct cpu_state *cpu, const struct phys_mem *phys, struct span span);

/*
 * List what is in use though @map calls it free. Of the stack, as far as the free range goes that
 * the stack pointer is in: a stack that the map knows is none of it.
 */
void in_use_find(const struct cpu_state *cpu, const struct phys_mem *phys,
                 const struct uefi_map *map, struct in_use *ret_in_use);

#endif
