/*
 * launch.h - the last steps of a boot, from a launch pad: make the last moves, enter the kernel.
 *
 * Before ExitBootServices() nothing is written to an address that the firmware did not choose, so
 * everything that has a place of its own, the kernel above all, is moved there afterwards. Then the
 * stack, the page tables and this very program stand in memory that is free by now, and that the
 * kernel may have to be moved to. So the code that does it is copied to a launch pad, two pages
 * below 4 GiB that nothing else uses, and brings its own GDT and stack.
 *
 * All four pairs of firmware and kernel meet in 32-bit protected mode without paging, the one state
 * in which everything about paging may be changed (5-level paging can be switched off there only):
 *
 *     x64 firmware  --.                               .--> IA-32 kernel
 *                      >-- protected, paging off --<
 *     ia32 firmware --'                               '--> long mode, our tables --> AMD64 kernel
 */
#ifndef HANDOFF_LAUNCH_LAUNCH_H
#define HANDOFF_LAUNCH_LAUNCH_H

/* Selectors of our GDT; at entry CS is the one of the kernel's width, all others LAUNCH_DATA. */
#define LAUNCH_CODE32 0x08
#define LAUNCH_DATA   0x10
#define LAUNCH_CODE64 0x18

#define LAUNCH_GDT_BYTES 0x20

/* The pad: parameters and stack in the first page, code in the second. */
#define LAUNCH_PAD_PAGES   2
#define LAUNCH_CODE_OFFSET 0x1000
#define LAUNCH_MOVES       96

/* Offsets in struct launch, for the code. */
#define LAUNCH_GDT        0x00
#define LAUNCH_PAD_GDTR   0x20
#define LAUNCH_GDTR       0x30
#define LAUNCH_IDTR       0x40
#define LAUNCH_ENTRY      0x50
#define LAUNCH_BLOCK      0x58
#define LAUNCH_STACK      0x60
#define LAUNCH_PAGE_TABLE 0x68
#define LAUNCH_CR4        0x70
#define LAUNCH_N_MOVES    0x74
#define LAUNCH_MOVE       0x78
#define LAUNCH_MOVE_BYTES 0x20

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

/* Copy, then clear what follows: a segment and its .bss. */
struct launch_move {
	uint64_t from_paddr;
	uint64_t to_paddr;
	uint64_t copy_bytes;
	uint64_t clear_bytes;
};

/* What LGDT and LIDT read: 16 bits of limit, then the address. */
struct launch_table_register {
	uint16_t limit;
	uint16_t base[4];
	uint16_t pad[3];
};

/* The first page of the pad. */
struct launch {
	uint64_t gdt[LAUNCH_GDT_BYTES / 8];
	struct launch_table_register pad_gdtr; /* the GDT above */
	struct launch_table_register gdtr;     /* its copy among the pages that are handed over */
	struct launch_table_register idtr;     /* limit 0: none, each exception is a triple fault */
	uint64_t entry_paddr;
	uint64_t block_paddr;
	uint64_t stack_end_paddr;
	uint64_t page_table_paddr; /* 0: an IA-32 kernel */
	uint32_t cr4;
	uint32_t n_moves;
	struct launch_move moves[LAUNCH_MOVES];
};

_Static_assert(offsetof(struct launch, pad_gdtr) == LAUNCH_PAD_GDTR, "see pad.S");
_Static_assert(offsetof(struct launch, gdtr) == LAUNCH_GDTR, "see pad.S");
_Static_assert(offsetof(struct launch, idtr) == LAUNCH_IDTR, "see pad.S");
_Static_assert(offsetof(struct launch, entry_paddr) == LAUNCH_ENTRY, "see pad.S");
_Static_assert(offsetof(struct launch, block_paddr) == LAUNCH_BLOCK, "see pad.S");
_Static_assert(offsetof(struct launch, stack_end_paddr) == LAUNCH_STACK, "see pad.S");
_Static_assert(offsetof(struct launch, page_table_paddr) == LAUNCH_PAGE_TABLE, "see pad.S");
_Static_assert(offsetof(struct launch, cr4) == LAUNCH_CR4, "see pad.S");
_Static_assert(offsetof(struct launch, n_moves) == LAUNCH_N_MOVES, "see pad.S");
_Static_assert(offsetof(struct launch, moves) == LAUNCH_MOVE, "see pad.S");
_Static_assert(sizeof(struct launch_move) == LAUNCH_MOVE_BYTES, "see pad.S");
_Static_assert(sizeof(struct launch) + 512 <= LAUNCH_CODE_OFFSET, "no room left for a stack");

/*
 * Put code and GDT on the pad of LAUNCH_PAD_PAGES pages at @pad_paddr, which this program reaches
 * at @pad, and the same GDT into the LAUNCH_GDT_BYTES bytes at @gdt, which will lie at @gdt_paddr.
 * The caller fills in the rest: entry, block, stack, page table, cr4, moves. Before the exit.
 */
void launch_prepare(struct launch *pad, paddr_t pad_paddr, void *gdt, paddr_t gdt_paddr);

/* The kernel gets the IDT of @idt_bytes bytes that will lie at @idt_paddr. Without a call of this:
 * none. After launch_prepare(). */
void launch_set_idt(struct launch *pad, paddr_t idt_paddr, uint16_t idt_bytes);

/*
 * Add a move. Empty ones, and those to where it already is, are passed over. False when there are
 * LAUNCH_MOVES already.
 */
bool launch_add_move(struct launch *pad, const struct launch_move *move);

/*
 * Would any move write over the pad or over what a later move reads? Moves are made in their order,
 * each from its first byte to its last.
 */
bool launch_moves_clash(const struct launch *pad, paddr_t pad_paddr);

/*
 * Go. From the first move on, nothing is in use but the pad and, for an AMD64 kernel, the page
 * tables at page_table_paddr: not the firmware's stack, GDT, IDT or page tables. Moves are made by
 * words of the target's width, what is left of them by bytes. The pad is identity-mapped and
 * executable. Interrupts are off from here on.
 */
_Noreturn void launch_go(const struct launch *pad);

#endif
#endif
