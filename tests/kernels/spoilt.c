/*
 * spoilt.c - a kernel that is the stub kernel with another main: it enters itself again and again,
 * each time in the state that the loader promises but for one thing, and says what check `entry'
 * finds. A line for each:
 *
 *     spoilt: NAME: ok|FAIL TEXT
 *
 * The first is of what the loader itself made; nothing is spoilt there.
 */
#include <stddef.h>

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/device/io.h"
#include "handoff/device/ports.h"
#include "handoff/stub/checks.h"
#include "handoff/stub/state.h"
#include "handoff/stub/verdict.h"
#include "tests/kernels/spoilt.h"

#define PIC1_MASK_PORT      0x21
#define PIC2_MASK_PORT      0xa1
#define APIC_SPURIOUS_PADDR 0xfee000f0 /* Intel SDM 3A §11.9: bit 8 is the software enable */

#define GATE_BYTES (STUB_BITS / 4)
#define GATES      256
#define LAST_GATE  ((GATES - 1) * GATE_BYTES)
#define TABLES     (STUB_BITS == 64 ? 8 : 0) /* pages of page tables that are spoilt, at most */

struct entry_state good_state;

static struct proof proof;

static void *at_paddr(paddr_t paddr)
{
	return (void *)(uintptr_t)paddr;
}

static struct handoff_block *block(void)
{
	return at_paddr(good_state.ENTRY_BLOCK);
}

static uint8_t *gdt(void)
{
	return at_paddr(good_state.gdtr_base);
}

static uint8_t *idt(void)
{
	return at_paddr(good_state.idtr_base);
}

/* ---- What lies in memory, as it was ---- */

static uint8_t kept_gdt[0x20], kept_idt[GATES * GATE_BYTES], kept_tables[TABLES * PAGE_BYTES + 1];
static struct handoff_block kept_block;

static void keep(void)
{
	good_state = entry_state;
	memcpy(kept_gdt, gdt(), sizeof kept_gdt);
	memcpy(kept_idt, idt(), sizeof kept_idt);
	memcpy(&kept_block, block(), sizeof kept_block);
	memcpy(kept_tables, at_paddr(block()->page_table_paddr), TABLES * PAGE_BYTES);
}

static void restore(void)
{
	memcpy(gdt(), kept_gdt, sizeof kept_gdt);
	memcpy(idt(), kept_idt, sizeof kept_idt);
	memcpy(block(), &kept_block, sizeof kept_block);
	memcpy(at_paddr(block()->page_table_paddr), kept_tables, TABLES * PAGE_BYTES);
	memset(&entry_state, 0, sizeof entry_state);
	entry_probe = ENTRY_PROBE;
}

/* ---- What is spoilt there ---- */

static void spoil_gate_type(void)
{
	idt()[LAST_GATE + 5] = 0x8f;
}

static void spoil_gate_stack(void)
{
	idt()[LAST_GATE + 4] = 1;
}

static void spoil_gate_selector(void)
{
	idt()[LAST_GATE + 2] = 0x20;
}

static void spoil_handler(void)
{
	memset(idt() + LAST_GATE, 0, 2);
	memset(idt() + LAST_GATE + 6, 0, 2);
}

static void spoil_stack_end(void)
{
	block()->stack_end_paddr += 16;
	good_state.sp += 16;
}

static void spoil_stack_bytes(void)
{
	block()->stack_start_paddr += PAGE_BYTES;
}

static const struct spoil_in_memory {
	const char *name;
	void (*spoil)(void);
} in_memory[] = {
	{ "gates", spoil_gate_type },         { "gates", spoil_gate_stack },
	{ "gates", spoil_gate_selector },     { "gates", spoil_handler },
	{ "stack pointer", spoil_stack_end }, { "stack pointer", spoil_stack_bytes },
};

/* The tables, of which the first is the root, the second has the first 512 GiB: entries by their
 * numbers, and what is changed in them. They are set so that nobody notices but the check. */
static const struct spoil_table {
	unsigned table, entry;
	uint64_t changed; /* 0: all of it goes */
} tables[] = {
	{ 0, 0, 0x08 },     /* PWT of the root's */
	{ 0, 0, 0x10 },     /* PCD */
	{ 0, 256, 0x23 },   /* one too many, to page 0 */
	{ 1, 3, 0 },        /* a GiB that is not mapped: nothing is read there */
	{ 1, 1, 0x10 },     /* PCD of a GiB */
	{ 1, 1, 0x20 },     /* its accessed bit */
	{ 1, 1, 0x02 },     /* read-only */
	{ 1, 4, 0x4000e3 }, /* one that is mapped, and not to itself, or no page of its kind */
	{ 2, 511, 0x40 },   /* a page of 2 MiB: its dirty bit */
	{ 2, 511, 0x1000 }, /* PAT */
	{ 2, 511, 0 },
};

static void spoil_table(const struct spoil_table *spoil)
{
	uint64_t *entry =
		(uint64_t *)at_paddr(block()->page_table_paddr) + 512 * spoil->table + spoil->entry;

	*entry = spoil->changed == 0 ? 0 : *entry ^ spoil->changed;
}

static void spoil_mapped_end(void)
{
	block()->mapped_end_paddr += PAGE_BYTES;
}

/* ---- One after the other ---- */

/* No interrupt comes between, whatever the flags are. */
static void mask_interrupts(void)
{
	volatile uint32_t *spurious = at_paddr(APIC_SPURIOUS_PADDR);

	outb(PIC1_MASK_PORT, 0xff);
	outb(PIC2_MASK_PORT, 0xff);
	*spurious &= ~UINT32_C(0x100);
}

static void first(void)
{
	struct outcome outcome;

	ports_find();
	mask_interrupts();
	proof_init(&proof, NULL);
	outcome = check_block(&proof);
	if (outcome.kind != OUTCOME_OK)
		verdict_give_up("spoilt", outcome.text);
	keep();
}

static size_t n_spoils(void)
{
	size_t n = 0;

	while (spoils[n].name != NULL)
		n++;
	return n;
}

static void spoil_in_memory(size_t i, const char **ret_name)
{
	if (i < COUNT(in_memory)) {
		*ret_name = in_memory[i].name;
		in_memory[i].spoil();
		spoilt_enter(spoil_memory);
	}
	i -= COUNT(in_memory);
	if (STUB_BITS == 32 || i > COUNT(tables))
		return;
	*ret_name = "page tables";
	if (i < COUNT(tables))
		spoil_table(&tables[i]);
	else
		spoil_mapped_end();
	spoilt_enter(spoil_memory);
}

/* Spoil the @i-th thing, whose row is *ret_name, and enter. Returns when there is none. */
static void spoil(size_t i, const char **ret_name)
{
	if (i < n_spoils()) {
		*ret_name = spoils[i].name;
		spoilt_enter(spoils[i].code);
	}
	spoil_in_memory(i - n_spoils(), ret_name);
}

_Noreturn void stub_main(void)
{
	static const char *name = "nothing";
	static size_t n_spoilt;
	struct outcome outcome;

	if (n_spoilt == 0)
		first();
	outcome = check_entry(&proof);
	say("spoilt: %s: %s %s", name, outcome.kind == OUTCOME_OK ? "ok" : "FAIL", outcome.text);
	restore();
	good_state.sp = block()->stack_end_paddr;
	spoil(n_spoilt++, &name);
	verdict_end();
}
