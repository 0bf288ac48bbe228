/*
 * state.c - a table of what is promised, against what start_*.S has kept: see state.h. Rows stand
 * in an order in which each may rely on those before it.
 */
#include "handoff/stub/state.h"

#include <stddef.h>

#include "bootmem/count.h"
#include "handoff/stub/entry.h"
#include "handoff/stub/paging.h"
#include "handoff/stub/seen.h"

#define STACK_BYTES   0x4000
#define FLAGS_ALL_OFF 0x2 /* bit 1 is always 1 */
#define DR7_NONE      0x400
#define MXCSR_MASKED  0x1f80
#define FCW_FNINIT    0x37f
#define FTW_EMPTY     0xffff

#define CR4_FXSR_XMM   UINT64_C(0x600)
#define EFER_LONG_MODE UINT64_C(0x500) /* LME and LMA */

#define FEATURES_FXSAVE_SSE UINT64_C(0x03000000)

#define DATA      0x10
#define CODE      (STUB_BITS == 32 ? 0x08 : 0x18)
#define GDT_BYTES 0x20

#define GATES          UINT64_C(256)
#define GATE_BYTES     (STUB_BITS / 4)
#define GATE_INTERRUPT UINT64_C(0x8e00) /* present, ring 0; no IST */

static const void *at_paddr(paddr_t paddr)
{
	return (const void *)(uintptr_t)paddr;
}

/* ---- What cannot be said in one number ---- */

typedef struct seen look_fn(const struct proof *proof);

/* check_block() found the block where this register points; it is a page of its own. */
static struct seen look_block(const struct proof *proof)
{
	return (struct seen){ entry_block_paddr(), align_up((uintptr_t)proof->block, PAGE_BYTES) };
}

static struct seen look_sp(const struct proof *proof)
{
	return (struct seen){ entry_state.sp, proof->block->stack_end_paddr };
}

static struct seen look_stack_end(const struct proof *proof)
{
	paddr_t end_paddr = proof->block->stack_end_paddr;

	return (struct seen){ end_paddr, align_down(end_paddr, PAGE_BYTES) };
}

static struct seen look_stack_bytes(const struct proof *proof)
{
	const struct handoff_block *block = proof->block;

	return (struct seen){ block->stack_end_paddr - block->stack_start_paddr, STACK_BYTES };
}

/* It must be its own page, of this kind. */
static struct seen look_gdtr_base(const struct proof *proof)
{
	paddr_t base = entry_state.gdtr_base;
	bool is_kept =
		naive_is_kept(&proof->view, HANDOFF_KIND_PAGE_TABLES, base, base + PAGE_BYTES);

	return (struct seen){ base, is_kept ? align_down(base, PAGE_BYTES) : 0 };
}

static struct seen look_gdt(const struct proof *proof)
{
	static const uint64_t promised[GDT_BYTES / 8] = {
		0,
		UINT64_C(0x00cf9b000000ffff),
		UINT64_C(0x00cf93000000ffff),
		UINT64_C(0x00af9b000000ffff),
	};
	const uint64_t *gdt = at_paddr(entry_state.gdtr_base);
	size_t i = 0;

	(void)proof;
	while (i < COUNT(promised) - 1 && gdt[i] == promised[i])
		i++;
	return (struct seen){ gdt[i], promised[i] };
}

/* With `exceptions = none' there is no IDT, and nothing to reserve for it. */
static const struct handoff_reservation *gates_of(const struct proof *proof)
{
	return naive_first_of(&proof->view, HANDOFF_KIND_GATES);
}

static struct seen look_idtr_limit(const struct proof *proof)
{
	uint64_t bytes = gates_of(proof) == NULL ? 1 : GATES * GATE_BYTES;

	return (struct seen){ entry_state.idtr_limit, bytes - 1 };
}

static struct seen look_idtr_base(const struct proof *proof)
{
	const struct handoff_reservation *gates = gates_of(proof);
	paddr_t base = entry_state.idtr_base;
	bool is_kept = gates == NULL || naive_is_kept(&proof->view, HANDOFF_KIND_GATES, base,
	                                              base + GATES * GATE_BYTES);

	return (struct seen){ base, is_kept ? base : gates->start_paddr };
}

/* A gate, its selector, IST and type in the middle; then its handler (AMD64 manual 2, §4.7.2 and
 * §4.8.4). */
static uint64_t selector_and_type(const uint32_t *gate)
{
	return gate[0] >> 16 | (uint64_t)(gate[1] & 0xffff) << 16;
}

static paddr_t handler_of(const uint32_t *gate)
{
	paddr_t paddr = (gate[0] & 0xffff) | (gate[1] & 0xffff0000);

	return GATE_BYTES == 16 ? paddr | (paddr_t)gate[2] << 32 : paddr;
}

static struct seen look_gates(const struct proof *proof)
{
	const uint32_t *gate = at_paddr(entry_state.idtr_base);
	const uint64_t promised = CODE | GATE_INTERRUPT << 16;

	for (size_t i = 0; gates_of(proof) != NULL && i < GATES; i++, gate += GATE_BYTES / 4)
		if (selector_and_type(gate) != promised)
			return (struct seen){ selector_and_type(gate), promised };
	return (struct seen){ promised, promised };
}

static struct seen look_handlers(const struct proof *proof)
{
	const struct handoff_reservation *gates = gates_of(proof);
	const uint32_t *gate = at_paddr(entry_state.idtr_base);

	for (size_t i = 0; gates != NULL && i < GATES; i++, gate += GATE_BYTES / 4)
		if (!naive_is_kept(&proof->view, HANDOFF_KIND_GATES, handler_of(gate),
		                   handler_of(gate) + 1))
			return (struct seen){ handler_of(gate), gates->start_paddr };
	return (struct seen){ 0, 0 };
}

static struct seen look_cr3(const struct proof *proof)
{
	return (struct seen){ entry_state.cr3, proof->block->page_table_paddr };
}

static struct seen look_cr4(const struct proof *proof)
{
	bool has_both = (entry_state.features & FEATURES_FXSAVE_SSE) == FEATURES_FXSAVE_SSE;

	(void)proof;
	return (struct seen){ entry_state.cr4, has_both ? CR4_FXSR_XMM : 0 };
}

static struct seen look_efer(const struct proof *proof)
{
	(void)proof;
	return (struct seen){ entry_state.efer & EFER_LONG_MODE,
		              STUB_BITS == 64 ? EFER_LONG_MODE : 0 };
}

static struct seen look_mxcsr(const struct proof *proof)
{
	(void)proof;
	return (struct seen){ entry_state.mxcsr,
		              (entry_state.cr4 & CR4_FXSR_XMM) != 0 ? MXCSR_MASKED : 0 };
}

/* ---- The table ---- */

enum { BOTH = 0, IA32 = 32, AMD64 = 64 };

#define NUMBER(field, promised) NULL, offsetof(struct entry_state, field), (promised)
#define LOOK(look)              look, 0, 0

static const struct row {
	const char *name; /* in PROTOCOL.md §2 */
	unsigned bits;    /* of kernels that it is promised to */
	const char *part;
	look_fn *look; /* or: */
	size_t offset;
	uint64_t promised;
} rows[] = {
	/* clang-format off */
	{ "EAX",    IA32,  "",               NUMBER(ax, HANDOFF_ENTRY_MAGIC) },
	{ "EBX",    IA32,  "",               LOOK(look_block) },
	{ "ECX",    IA32,  "",               NUMBER(cx, 0) },
	{ "EDX",    IA32,  "",               NUMBER(dx, 0) },
	{ "ESI",    IA32,  "",               NUMBER(si, 0) },
	{ "EDI",    IA32,  "",               NUMBER(di, 0) },
	{ "EBP",    IA32,  "",               NUMBER(bp, 0) },
	{ "ESP",    IA32,  "",               LOOK(look_sp) },
	{ "RDI",    AMD64, "",               LOOK(look_block) },
	{ "RAX",    AMD64, "",               NUMBER(ax, 0) },
	{ "RBX",    AMD64, "",               NUMBER(bx, 0) },
	{ "RCX",    AMD64, "",               NUMBER(cx, 0) },
	{ "RDX",    AMD64, "",               NUMBER(dx, 0) },
	{ "RSI",    AMD64, "",               NUMBER(si, 0) },
	{ "RBP",    AMD64, "",               NUMBER(bp, 0) },
	{ "R8",     AMD64, "",               NUMBER(r8, 0) },
	{ "R9",     AMD64, "",               NUMBER(r9, 0) },
	{ "R10",    AMD64, "",               NUMBER(r10, 0) },
	{ "R11",    AMD64, "",               NUMBER(r11, 0) },
	{ "R12",    AMD64, "",               NUMBER(r12, 0) },
	{ "R13",    AMD64, "",               NUMBER(r13, 0) },
	{ "R14",    AMD64, "",               NUMBER(r14, 0) },
	{ "R15",    AMD64, "",               NUMBER(r15, 0) },
	{ "RSP",    AMD64, "",               LOOK(look_sp) },
	{ "stack pointer", BOTH, ", a multiple of a page", LOOK(look_stack_end) },
	{ "stack pointer", BOTH, ", the bytes of the stack", LOOK(look_stack_bytes) },
	{ "EFLAGS", IA32,  "",               NUMBER(flags, FLAGS_ALL_OFF) },
	{ "RFLAGS", AMD64, "",               NUMBER(flags, FLAGS_ALL_OFF) },
	{ "CR0",    IA32,  "",               NUMBER(cr0, 0x33) },
	{ "CR0",    AMD64, "",               NUMBER(cr0, 0x80000033) },
	{ "CR3",    AMD64, "",               LOOK(look_cr3) },
	{ "CR4",    IA32,  "",               LOOK(look_cr4) },
	{ "CR4",    AMD64, "",               NUMBER(cr4, 0x620) },
	{ "EFER",   BOTH,  ", LME and LMA",  LOOK(look_efer) },
	{ "CS",     BOTH,  "",               NUMBER(cs, CODE) },
	{ "DS",     BOTH,  "",               NUMBER(ds, DATA) },
	{ "ES",     BOTH,  "",               NUMBER(es, DATA) },
	{ "FS",     BOTH,  "",               NUMBER(fs, DATA) },
	{ "GS",     BOTH,  "",               NUMBER(gs, DATA) },
	{ "SS",     BOTH,  "",               NUMBER(ss, DATA) },
	{ "DS",     IA32,  ", a word at its base", NUMBER(ds_word, ENTRY_PROBE) },
	{ "ES",     IA32,  ", a word at its base", NUMBER(es_word, ENTRY_PROBE) },
	{ "FS",     IA32,  ", a word at its base", NUMBER(fs_word, ENTRY_PROBE) },
	{ "GS",     IA32,  ", a word at its base", NUMBER(gs_word, ENTRY_PROBE) },
	{ "SS",     IA32,  ", a word at its base", NUMBER(ss_word, ENTRY_PROBE) },
	{ "FS",     AMD64, ", its base",     NUMBER(fs_base, 0) },
	{ "GS",     AMD64, ", its base",     NUMBER(gs_base, 0) },
	{ "GDTR",   BOTH,  ", its limit",    NUMBER(gdtr_limit, GDT_BYTES - 1) },
	{ "GDTR",   BOTH,  ", its base",     LOOK(look_gdtr_base) },
	{ "GDT",    BOTH,  ", a descriptor", LOOK(look_gdt) },
	{ "IDTR",   BOTH,  ", its limit",    LOOK(look_idtr_limit) },
	{ "IDTR",   BOTH,  ", its base",     LOOK(look_idtr_base) },
	{ "gates",  BOTH,  ", selector and type of one", LOOK(look_gates) },
	{ "gates",  BOTH,  ", where one leads", LOOK(look_handlers) },
	{ "LDTR",   BOTH,  "",               NUMBER(ldtr, 0) },
	{ "DR7",    BOTH,  "",               NUMBER(dr7, DR7_NONE) },
	{ "x87",    BOTH,  ", FCW",          NUMBER(fcw, FCW_FNINIT) },
	{ "x87",    BOTH,  ", FSW",          NUMBER(fsw, 0) },
	{ "x87",    BOTH,  ", FTW",          NUMBER(ftw, FTW_EMPTY) },
	{ "MXCSR",  BOTH,  "",               LOOK(look_mxcsr) },
	{ "A20",    BOTH,  ", a change on its other side", NUMBER(a20, 0) },
	{ "page tables", AMD64, ", an entry or their end", LOOK(paging_look) },
	/* clang-format on */
};

static struct seen look_at(const struct row *row, const struct proof *proof)
{
	if (row->look != NULL)
		return row->look(proof);
	return (struct seen){ *(const uint64_t *)((const char *)&entry_state + row->offset),
		              row->promised };
}

struct outcome check_entry(struct proof *proof)
{
	uint64_t n_seen = 0;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct seen seen;

		if (rows[i].bits != BOTH && rows[i].bits != STUB_BITS)
			continue;
		seen = look_at(&rows[i], proof);
		if (seen.value != seen.promised)
			return outcome_fail("%s%s: 0x%llx, and 0x%llx is promised", rows[i].name,
			                    rows[i].part, (ull)seen.value, (ull)seen.promised);
		n_seen++;
	}
	return outcome_in_brief(outcome_ok(n_seen, "%llu values as promised", (ull)n_seen),
	                        "%llu values", (ull)n_seen);
}
