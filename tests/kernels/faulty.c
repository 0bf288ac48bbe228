/*
 * faulty.c - a kernel without an IDT that does what its command line says: one fault, of each kind
 * that the gates have to tell apart. Linked with the start of the example kernels.
 */
#include <stdbool.h>
#include <stddef.h>

#include "handoff/example/serial.h"
#include "handoff/handoff.h"

#define NOWHERE 0x123456789000 /* not mapped, and not in IA-32's reach */
#define HOLE    0x40000000     /* that the page tables below leave out */

#if defined(__x86_64__)
#define STACK_POINTER "rsp"
#else
#define STACK_POINTER "esp"
#endif

void example(const struct handoff_block *block);

static bool is(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

static void undefined(void)
{
	__asm__ volatile("ud2");
}

static void divide(void)
{
	__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0) : "cc");
}

/* 0x2b is 0x28, and a privilege that does not matter: behind the end of the GDT. */
static void selector(void)
{
	__asm__ volatile("movl %0, %%es" : : "r"(0x2b));
}

static void interrupt(void)
{
	__asm__ volatile("int $0x80");
}

static void nmi(void)
{
	__asm__ volatile("int $2");
}

static void breakpoint(void)
{
	__asm__ volatile("int3");
}

/* The PIT ticks and the PIC lets it through, wherever the firmware has left both. */
static void out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

static void timer(uint8_t first_vector)
{
	const uint8_t words[] = { 0x11, first_vector, 4, 1 };

	for (int i = 0; i < 4; i++)
		out(i == 0 ? 0x20 : 0x21, words[i]);
	out(0x21, 0xfe);
	out(0x43, 0x34);
	out(0x40, 0xff);
	out(0x40, 0x10);
	__asm__ volatile("sti; 1: hlt; jmp 1b");
}

static void timer_at_0x20(void)
{
	timer(0x20);
}

/* As a PC's BIOS has it: where exceptions are, and without an error code. */
static void timer_at_8(void)
{
	timer(8);
}

/* DF, IOPL, NT and AC are on: none of them is the handler's business. */
static void flags(void)
{
	__asm__ volatile("push %0; popf; ud2" : : "r"((uintptr_t)0x47402));
}

static void single_step(void)
{
	__asm__ volatile("push %0; popf; nop; nop" : : "r"((uintptr_t)0x102));
}

static void machine_check(void)
{
	__asm__ volatile("int $18");
}

/* It is code, and not of this kernel's. */
static void call_outside(void)
{
	volatile uint8_t *code = (volatile uint8_t *)0x80000;

	code[0] = 0x0f, code[1] = 0x0b;
	((void (*)(void))(uintptr_t)code)();
	__asm__ volatile("nop"); /* a call, and no jump */
}

/* Registers of a device that is not there: what is written is gone. What is read there is 0 on one
 * machine, and all ones on another: who takes that for an address finds no zeros at it. */
static void lost_stack(void)
{
	for (volatile uint32_t *low = (volatile uint32_t *)0x1000; (uintptr_t)low < 0x80000; low++)
		*low = 0xa5a5a5a5;
	__asm__ volatile("mov %0, %%" STACK_POINTER "; ud2" : : "r"((uintptr_t)0xd0000000));
}

/* The first push goes to the last bytes of the 4 GiB, which are ROM. */
static void stack_at_0(void)
{
	__asm__ volatile("xor %%eax, %%eax; mov %%eax, %%esp; ud2" : : : "eax");
}

static void no_stack(void)
{
	__asm__ volatile("mov %0, %%" STACK_POINTER "; push %0" : : "r"((uintptr_t)NOWHERE));
}

/* Beside the kernel, wherever its first one is. */
static uint8_t own_stack[4096] __attribute__((aligned(16)));

#if defined(__x86_64__)

static void write_nowhere(void)
{
	__asm__ volatile("movl $1, (%0)" : : "D"(NOWHERE) : "memory");
}

static void read_nowhere(void)
{
	__asm__ volatile("movl (%0), %%eax" : : "S"(NOWHERE) : "eax", "memory");
}

static void jump_nowhere(void)
{
	((void (*)(void))NOWHERE)();
	__asm__ volatile("nop"); /* a call, and no jump */
}

/* An address that is none. */
static void not_canonical(void)
{
	__asm__ volatile("movl (%0), %%eax" : : "b"(UINT64_C(0x8000000000000000)) : "eax");
}

/* A GDT that has what the gates need, and another code segment that is used. */
static void other_cs(void)
{
	static const uint64_t gdt[] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff,
		                        0x00af9b000000ffff, 0x00af9b000000ffff };
	const struct {
		uint16_t limit;
		uint64_t paddr;
	} __attribute__((packed)) gdtr = { sizeof gdt - 1, (uintptr_t)gdt };

	__asm__ volatile("lgdt %0; push $0x20; lea 1f(%%rip), %%rax; push %%rax; lretq; 1:"
	                 :
	                 : "m"(gdtr)
	                 : "rax", "memory");
	timer_at_8();
}

/* Without the framebuffer, which is above 2 GiB: only its lines are left. */
static void own_tables(void)
{
	static uint64_t tables[2][512] __attribute__((aligned(4096)));

	tables[0][0] = (uintptr_t)tables[1] | 3;
	for (uint64_t gib = 0; gib < 2; gib++)
		tables[1][gib] = gib << 30 | 0x83;
	__asm__ volatile("mov %0, %%cr3; ud2" : : "r"(tables[0]) : "memory");
}

/* The same of the 4 GiB, read-only but for the kernel, in pages of 2 MiB where it lies. */
static void read_only(void)
{
	static uint64_t tables[3][512] __attribute__((aligned(4096)));

	tables[0][0] = (uintptr_t)tables[1] | 3;
	tables[1][0] = (uintptr_t)tables[2] | 3;
	for (uint64_t gib = 1; gib < 4; gib++)
		tables[1][gib] = gib << 30 | 0x81;
	for (uint64_t i = 0; i < 512; i++)
		tables[2][i] = i << 21 | (i == (uintptr_t)own_stack >> 21 ? 0x83 : 0x81);
	__asm__ volatile("mov %1, %%rsp; mov %0, %%cr3\n\t"
	                 "mov %%cr0, %%rax; or $0x10000, %%eax; mov %%rax, %%cr0\n\t"
	                 "movl $1, (%2)"
	                 :
	                 : "r"(tables[0]), "r"(own_stack + sizeof own_stack), "D"(HOLE)
	                 : "rax", "memory");
}

#else

static void read_only(void)
{
	static uint32_t table[1024] __attribute__((aligned(4096)));

	for (uint32_t i = 0; i < 1024; i++)
		table[i] = i << 22 | (i == (uintptr_t)own_stack >> 22 ? 0x83 : 0x81);
	__asm__ volatile("mov %1, %%esp\n\t"
	                 "mov %%cr4, %%eax; or $0x10, %%eax; mov %%eax, %%cr4; mov %0, %%cr3\n\t"
	                 "mov %%cr0, %%eax; or $0x80010000, %%eax; mov %%eax, %%cr0\n\t"
	                 "movl $1, (%2)"
	                 :
	                 : "r"(table), "r"(own_stack + sizeof own_stack), "D"(HOLE)
	                 : "eax", "memory");
}

/* All of the 4 GiB in pages of 4 MiB, but one. */
static void own_tables(void)
{
	static uint32_t table[1024] __attribute__((aligned(4096)));

	for (uint32_t i = 0; i < 1024; i++)
		table[i] = i == HOLE >> 22 ? 0 : i << 22 | 0x83;
	__asm__ volatile("mov %%cr4, %%eax; or $0x10, %%eax; mov %%eax, %%cr4; mov %0, %%cr3\n\t"
	                 "mov %%cr0, %%eax; or $0x80000000, %%eax; mov %%eax, %%cr0\n\t"
	                 "movl $1, (%1)"
	                 :
	                 : "r"(table), "D"(HOLE)
	                 : "eax", "memory");
}

#endif

static const struct {
	const char *name;
	void (*run)(void);
} faults[] = {
	{ "undefined", undefined },
	{ "divide", divide },
	{ "selector", selector },
	{ "interrupt", interrupt },
	{ "nmi", nmi },
	{ "breakpoint", breakpoint },
	{ "timer", timer_at_0x20 },
	{ "timer-at-8", timer_at_8 },
	{ "flags", flags },
	{ "step", single_step },
	{ "machine-check", machine_check },
	{ "outside", call_outside },
	{ "lost-stack", lost_stack },
	{ "stack-at-0", stack_at_0 },
	{ "stack", no_stack },
	{ "tables", own_tables },
	{ "read-only", read_only },
#if defined(__x86_64__)
	{ "write", write_nowhere },
	{ "read", read_nowhere },
	{ "jump", jump_nowhere },
	{ "canonical", not_canonical },
	{ "other-cs", other_cs },
#endif
};

void example(const struct handoff_block *block)
{
	const char *cmdline = (const char *)(uintptr_t)block->cmdline_paddr;

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (is(faults[i].name, cmdline))
			faults[i].run();
	print("faulty: nothing of that name\n");
}
