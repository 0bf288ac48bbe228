/*
 * gates.h - the gates that a kernel is entered with: an IDT of which each gate leads to a handler
 * that says what happened and halts. The handler is a program of its own (handoff/gates), of the
 * kernel's width, a static-PIE that is loaded into one piece of memory as a kernel would be.
 *
 * It knows nothing but what it is given here: the block may be gone when it is called.
 */
#ifndef HANDOFF_LOAD_GATES_H
#define HANDOFF_LOAD_GATES_H

#define GATES_VECTORS     256
#define GATES_STUB_BYTES  16
#define GATES_NAME_BYTES  40
#define GATES_KNOWN_BYTES 0x80

#ifndef __ASSEMBLER__

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"
#include "handoff/handoff.h"

/* What is known of the kernel, for the words of the handler. Fields of 8 bytes on both CPUs. */
struct gates_known {
	uint64_t kernel_start_paddr, kernel_end_paddr;
	uint64_t link_offset;      /* an address of the kernel, plus this, is as it was linked */
	uint64_t page_table_paddr; /* at entry; 0: paging is off */
	uint64_t mapped_end_paddr; /* of these tables */
	struct handoff_framebuffer framebuffer;
	char kernel_name[GATES_NAME_BYTES]; /* of its file, without the folder, cut to fit */
};

/* The head of the program, which is its entry point. */
struct gates {
	uint64_t stubs_paddr; /* GATES_VECTORS of GATES_STUB_BYTES each */
	uint64_t idt_paddr;
	uint64_t idt_bytes;
	struct gates_known known;
};

_Static_assert(sizeof(struct gates_known) == GATES_KNOWN_BYTES, "see handoff/gates/gates_*.S");
_Static_assert(offsetof(struct gates, known) == 24, "see handoff/gates/gates_*.S");

/* How many pages the program takes whose ELF file are the @bytes bytes at @image; 0 if it is none.
 */
uint64_t gates_pages(const void *image, size_t bytes);

/*
 * Load it into the gates_pages() pages at @memory, which will lie at @paddr, and make its IDT, of
 * interrupt gates to code selector @selector. Returns its head, in @memory, with nothing known yet;
 * NULL if it is none.
 */
struct gates *gates_load(const void *image, size_t bytes, uint16_t selector, void *memory,
                         paddr_t paddr);

#endif
#endif
