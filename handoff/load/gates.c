/* gates.c - the program of the gates -> memory, and an IDT to it: see gates.h. */
#include "handoff/load/gates.h"

#include "bootmem/mem.h"
#include "handoff/load/elf.h"

#define MOST_SEGMENTS  4
#define GATE_INTERRUPT 0x8e /* present, privilege 0, interrupts off; no other stack */

/* An image, its headers read. */
struct program {
	const uint8_t *bytes;
	struct elf_kernel elf;
	struct elf_segment segments[MOST_SEGMENTS];
};

/* It is part of this program: what is wrong with it is wrong with the build. */
static bool read_image(struct program *program, const void *image, size_t bytes)
{
	struct elf_kernel *elf = &program->elf;
	size_t bad;

	program->bytes = image;
	return elf_read_header(image, bytes, bytes, elf) == ELF_OK && elf->is_pie &&
	       elf_read_segments(elf, program->bytes + elf->program_headers_offset,
	                         program->segments, MOST_SEGMENTS, &bad) == ELF_OK &&
	       elf->entry_paddr + sizeof(struct gates) <= elf->end_paddr;
}

uint64_t gates_pages(const void *image, size_t bytes)
{
	struct program program;

	return read_image(&program, image, bytes) ? pages_of(program.elf.end_paddr) : 0;
}

static void put_gate(uint16_t *gate, uint64_t handler_paddr, uint16_t selector)
{
	gate[0] = (uint16_t)handler_paddr;
	gate[1] = selector;
	gate[2] = GATE_INTERRUPT << 8;
	gate[3] = (uint16_t)(handler_paddr >> 16);
}

/* AMD64 manual 2, §4.7.2 (legacy gates, 8 bytes) and §4.8.4 (long mode, 16). */
static void make_idt(const struct gates *gates, uint8_t *idt, uint16_t selector)
{
	const size_t gate_bytes = (size_t)gates->idt_bytes / GATES_VECTORS;

	for (size_t i = 0; i < GATES_VECTORS; i++) {
		uint64_t handler_paddr = gates->stubs_paddr + i * GATES_STUB_BYTES;
		uint16_t gate[8] = { 0 };

		put_gate(gate, handler_paddr, selector);
		gate[4] = (uint16_t)(handler_paddr >> 32);
		gate[5] = (uint16_t)(handler_paddr >> 48);
		memcpy(idt + i * gate_bytes, gate, gate_bytes);
	}
}

struct gates *gates_load(const void *image, size_t bytes, uint16_t selector, void *memory,
                         paddr_t paddr)
{
	uint8_t *to = memory;
	struct program program;
	struct gates *gates;
	uint32_t type;

	if (!read_image(&program, image, bytes))
		return NULL;
	memset(memory, 0, (size_t)pfn_paddr(pages_of(program.elf.end_paddr)));
	for (size_t i = 0; i < program.elf.n_segments; i++)
		memcpy(to + program.segments[i].start_paddr,
		       program.bytes + program.segments[i].file_offset,
		       (size_t)program.segments[i].file_bytes);
	if (elf_relocate(&program.elf, memory, paddr, &type) != ELF_OK)
		return NULL;
	gates = (struct gates *)(to + program.elf.entry_paddr);
	make_idt(gates, to + (gates->idt_paddr - paddr), selector);
	return gates;
}
