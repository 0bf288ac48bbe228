/*
 * test_state.c - check `entry': a state as it is promised passes, and each bit of it that is
 * another one fails, by the name of its row. The 64-bit program is of an AMD64 kernel, the 32-bit
 * one of IA-32.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The files themselves: they read the state that start_*.S keeps, which here is the test's. */
#include "handoff/stub/paging.c"
#include "handoff/stub/state.c"

#define PAGE_ALIGNED __attribute__((aligned(4096)))
#define IS_AMD64     (STUB_BITS == 64)
#define GIB          (UINT64_C(1) << 30)

struct entry_state entry_state;

static struct handoff_block block PAGE_ALIGNED;
static uint64_t gdt[512] PAGE_ALIGNED;
static uint32_t idt[GATES * GATE_BYTES / 4] PAGE_ALIGNED;
static uint64_t tables[3][512] PAGE_ALIGNED; /* root, 512 GiB, the first of them by 2 MiB */

static const struct handoff_range e820[] = {
	{ 0, 0xa0000, HANDOFF_E820_RAM, 0 },
	{ 6 * GIB, 6 * GIB + 0x1000, HANDOFF_E820_NVS, 0 },
	{ 7 * GIB, 8 * GIB, HANDOFF_E820_RESERVED, 0 }, /* which need not be mapped */
};
enum { OF_TABLES, OF_GDT, OF_FRAMEBUFFER, OF_GATES, N_KEPT };
static struct handoff_reservation kept[N_KEPT];
static struct proof proof;

static void keep(size_t i, uint32_t kind, uint64_t start_paddr, uint64_t bytes)
{
	kept[i] = (struct handoff_reservation){ .kind = kind,
		                                .start_paddr = start_paddr,
		                                .end_paddr = start_paddr + bytes };
}

static void make_proof(void)
{
	keep(OF_TABLES, HANDOFF_KIND_PAGE_TABLES, (uintptr_t)tables, sizeof tables);
	keep(OF_GDT, HANDOFF_KIND_PAGE_TABLES, (uintptr_t)gdt, sizeof gdt);
	keep(OF_FRAMEBUFFER, HANDOFF_KIND_FRAMEBUFFER, 9 * GIB - 1, 1);
	keep(OF_GATES, HANDOFF_KIND_GATES, (uintptr_t)idt, sizeof idt);
	block = (struct handoff_block){ .stack_start_paddr = 0x200000,
		                        .stack_end_paddr = 0x204000,
		                        .page_table_paddr = (uintptr_t)tables,
		                        .mapped_end_paddr = 9 * GIB };
	proof = (struct proof){ .block = &block,
		                .view = { .e820 = (const unsigned char *)e820,
		                          .n_ranges = COUNT(e820),
		                          .range_bytes = sizeof e820[0],
		                          .reservations = (const unsigned char *)kept,
		                          .n_reservations = N_KEPT,
		                          .reservation_bytes = sizeof kept[0] } };
}

/* By the numbers of the manual, and not by the names of paging.c. */
static void make_tables(void)
{
	static const unsigned gibs[] = { 1, 2, 3, 6, 8 };

	memset(tables, 0, sizeof tables);
	tables[0][0] = (uintptr_t)tables[1] | 0x23;
	tables[1][0] = (uintptr_t)tables[2] | 0x23;
	for (size_t i = 0; i < COUNT(gibs); i++)
		tables[1][gibs[i]] = gibs[i] * GIB | 0xe3;
	for (size_t i = 0; i < 512; i++)
		tables[2][i] = i << 21 | 0xe3;
}

static void make_segments(void)
{
	uintptr_t handler = (uintptr_t)&idt[1];

	memset(gdt, 0, sizeof gdt);
	gdt[1] = UINT64_C(0x00cf9b000000ffff);
	gdt[2] = UINT64_C(0x00cf93000000ffff);
	gdt[3] = UINT64_C(0x00af9b000000ffff);
	for (size_t i = 0; i < GATES; i++) {
		uint32_t *gate = &idt[i * GATE_BYTES / 4];

		gate[0] = (uint32_t)(handler & 0xffff) | (IS_AMD64 ? 0x180000 : 0x080000);
		gate[1] = (uint32_t)(handler & 0xffff0000) | 0x8e00;
		if (IS_AMD64)
			gate[2] = (uint32_t)((uint64_t)handler >> 32);
	}
}

static void make_state(void)
{
	make_proof();
	make_tables();
	make_segments();
	entry_state = (struct entry_state){
		.ax = IS_AMD64 ? 0 : 0x324d5442,
		.sp = 0x204000,
		.flags = 2,
		.cs = IS_AMD64 ? 0x18 : 0x08,
		.ds = 0x10,
		.es = 0x10,
		.fs = 0x10,
		.gs = 0x10,
		.ss = 0x10,
		.gdtr_limit = 0x1f,
		.gdtr_base = (uintptr_t)gdt,
		.idtr_limit = sizeof idt - 1,
		.idtr_base = (uintptr_t)idt,
		.cr0 = IS_AMD64 ? 0x80000033 : 0x33,
		.cr3 = (uintptr_t)tables,
		.cr4 = IS_AMD64 ? 0x620 : 0x600,
		.efer = IS_AMD64 ? 0xd01 : 0x801,
		.dr7 = 0x400,
		.fcw = 0x37f,
		.ftw = 0xffff,
		.mxcsr = 0x1f80,
		.features = 0x03000000,
	};
	entry_state.ENTRY_BLOCK = (uintptr_t)&block;
	if (!IS_AMD64)
		entry_state.ds_word = entry_state.es_word = entry_state.fs_word =
			entry_state.gs_word = entry_state.ss_word = ENTRY_PROBE;
}

static void assert_named(const char *name)
{
	struct outcome outcome = check_entry(&proof);
	size_t length = strlen(name);

	if (outcome.kind != OUTCOME_FAIL)
		fail_msg("%s: nothing is noticed", name);
	if (strncmp(outcome.text, name, length) != 0 || strchr(":,", outcome.text[length]) == NULL)
		fail_msg("%s: `%s'", name, outcome.text);
	assert_non_null(strstr(outcome.text, " is promised"));
}

static void assert_fine(void)
{
	struct outcome outcome = check_entry(&proof);

	if (outcome.kind != OUTCOME_OK)
		fail_msg("%s", outcome.text);
	assert_true(outcome.n_seen > 0);
}

/* Each of these bits, turned over, is noticed. */
static void assert_bits(const char *name, void *number, size_t bytes, uint64_t bits)
{
	unsigned char kept_bytes[8];

	for (unsigned bit = 0; bit < bytes * 8; bit++) {
		if ((bits >> bit & 1) == 0)
			continue;
		memcpy(kept_bytes, number, bytes);
		((unsigned char *)number)[bit / 8] ^= (unsigned char)(1u << bit % 8);
		assert_named(name);
		memcpy(number, kept_bytes, bytes);
	}
	assert_fine();
}

static void what_is_promised_passes(void **state)
{
	uint64_t n_rows = 0;

	(void)state;
	make_state();
	assert_fine();
	for (size_t i = 0; i < COUNT(rows); i++)
		n_rows += rows[i].bits == BOTH || rows[i].bits == STUB_BITS;
	assert_int_equal(check_entry(&proof).n_seen, n_rows);
}

static void each_bit_of_a_register_is_compared(void **state)
{
	(void)state;
	make_state();
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].look == NULL && (rows[i].bits == BOTH || rows[i].bits == STUB_BITS))
			assert_bits(rows[i].name, (char *)&entry_state + rows[i].offset, 8,
			            UINT64_MAX);
}

static void what_depends_on_the_machine_is_compared(void **state)
{
	(void)state;
	make_state();
	assert_bits(IS_AMD64 ? "RSP" : "ESP", &entry_state.sp, 8, UINT64_MAX);
	assert_bits("CR4", &entry_state.cr4, 8, ~UINT64_C(0x600));
	assert_bits("EFER", &entry_state.efer, 8, 0x500);
	assert_bits("MXCSR", &entry_state.mxcsr, 8, UINT64_MAX);
	assert_bits("GDTR", &entry_state.gdtr_limit, 8, UINT64_MAX);
	assert_bits("GDTR", &entry_state.gdtr_base, 8, 0xfff); /* the page has to be one */
	assert_bits("IDTR", &entry_state.idtr_limit, 8, UINT64_MAX);
	assert_bits("IDTR", &entry_state.idtr_base, 8, UINT64_MAX);
	if (IS_AMD64)
		assert_bits("CR3", &entry_state.cr3, 8, UINT64_MAX);
}

static void the_tables_of_segments_are_read(void **state)
{
	(void)state;
	make_state();
	for (size_t i = 0; i < 4; i++)
		assert_bits("GDT", &gdt[i], 8, UINT64_MAX);
	for (size_t i = 0; i < GATES; i += 17) {
		assert_bits("gates", &idt[i * GATE_BYTES / 4], 4, 0xffff8000);
		assert_bits("gates", &idt[i * GATE_BYTES / 4 + 1], 4, 0xffffffff);
		if (IS_AMD64)
			assert_bits("gates", &idt[i * GATE_BYTES / 4 + 2], 4, 0xffffffff);
	}
}

static void the_stack_is_whole(void **state)
{
	(void)state;
	make_state();
	block.stack_end_paddr += 16;
	entry_state.sp += 16;
	assert_named("stack pointer");
	make_state();
	block.stack_start_paddr += 0x1000;
	assert_named("stack pointer");
}

static void without_gates_there_is_no_idt(void **state)
{
	(void)state;
	make_state();
	kept[OF_GATES].kind = HANDOFF_KIND_CONFIGURED;
	assert_named("IDTR");
	entry_state.idtr_limit = 0;
	entry_state.idtr_base = 0x123;
	assert_fine();
}

static void an_old_cpu_has_no_mxcsr(void **state)
{
	(void)state;
	if (IS_AMD64)
		return;
	make_state();
	entry_state.features = 0x01000000;
	assert_named("CR4");
	entry_state.cr4 = 0;
	assert_named("MXCSR");
	entry_state.mxcsr = 0;
	entry_state.efer = 0;
	assert_fine();
}

#define NX_BIT   (UINT64_C(1) << 63)
#define OF_TABLE (NX_BIT | UINT64_C(0x000ffffffffff0bb)) /* the address; P, RW, PWT, PCD, A, PS */
#define OF_PAGE  (OF_TABLE | 0x40)                       /* and D */

static void each_bit_of_the_page_tables_is_compared(void **state)
{
	(void)state;
	if (!IS_AMD64)
		return;
	make_state();
	assert_bits("page tables", &tables[0][0], 8, OF_TABLE);
	assert_bits("page tables", &tables[1][0], 8, OF_TABLE);
	assert_bits("page tables", &tables[1][1], 8, OF_PAGE);
	assert_bits("page tables", &tables[1][6], 8, OF_PAGE);
	assert_bits("page tables", &tables[1][8], 8, OF_PAGE);
	assert_bits("page tables", &tables[2][0], 8, OF_PAGE);
	assert_bits("page tables", &tables[2][511], 8, OF_PAGE);
	tables[0][0] |= 0x4; /* for users, too, and what a CPU ignores: nothing is said about it */
	tables[1][1] |= 0xf04;
	assert_fine();
}

static void what_must_be_mapped_is(void **state)
{
	static const unsigned needed[] = { 1, 2, 3, 6, 8 };

	(void)state;
	if (!IS_AMD64)
		return;
	for (size_t i = 0; i < COUNT(needed); i++) {
		make_state();
		tables[1][needed[i]] = 0;
		if (needed[i] == 8)
			block.mapped_end_paddr = 7 * GIB;
		assert_named("page tables");
	}
	make_state();
	tables[1][7] = 7 * GIB | 0xe3; /* more is no fault */
	assert_fine();
	tables[0][1] = (uintptr_t)tables[1] | 0x23; /* but not to elsewhere */
	assert_named("page tables");
	make_state();
	block.mapped_end_paddr++;
	assert_named("page tables");
	make_state();
	kept[OF_TABLES].end_paddr -= 0x1000;
	assert_named("page tables");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_promised_passes),
		cmocka_unit_test(each_bit_of_a_register_is_compared),
		cmocka_unit_test(what_depends_on_the_machine_is_compared),
		cmocka_unit_test(the_tables_of_segments_are_read),
		cmocka_unit_test(the_stack_is_whole),
		cmocka_unit_test(without_gates_there_is_no_idt),
		cmocka_unit_test(an_old_cpu_has_no_mxcsr),
		cmocka_unit_test(each_bit_of_the_page_tables_is_compared),
		cmocka_unit_test(what_must_be_mapped_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
