/*
 * test_in_use.c - what a CPU runs on, by its registers: which spans, and which of them a map calls
 * free.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/fake_phys.h"
#include "x86/in_use.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define CR0_PG    (UINT64_C(1) << 31)
#define CR4_PAE   (UINT64_C(1) << 5)
#define GDT_PADDR UINT64_C(0x30f00)
#define ROOT      UINT64_C(0x40000)
#define NOWHERE   UINT64_C(0x7ff00000) /* reserved */

static struct fake_phys fake;

/* 0x10000 to 0x80000 is free but for two pages, and so is 1 MiB to 2 MiB in two parts. */
static const struct uefi_descriptor descriptors[] = {
	{ .type = UEFI_CONVENTIONAL, .start_paddr = 0x10000, .n_pages = 0x40 },
	{ .type = UEFI_BOOT_SERVICES_DATA, .start_paddr = 0x50000, .n_pages = 2 },
	{ .type = UEFI_CONVENTIONAL, .start_paddr = 0x52000, .n_pages = 0x2e },
	{ .type = UEFI_CONVENTIONAL, .start_paddr = 0x180000, .n_pages = 0x80 },
	{ .type = UEFI_CONVENTIONAL, .start_paddr = 0x100000, .n_pages = 0x80 },
	{ .type = UEFI_RESERVED, .start_paddr = 0x7f000000, .n_pages = 0x1000 },
};
static const struct uefi_map map = { descriptors, sizeof descriptors, sizeof descriptors[0] };

/* With all of it where the map knows it. */
static struct cpu_state elsewhere(void)
{
	return (struct cpu_state){ .sp = NOWHERE + 0x40000,
		                   .idt_paddr = NOWHERE,
		                   .idt_limit = 0xfff,
		                   .gdt_paddr = NOWHERE,
		                   .gdt_limit = 0x7f };
}

static struct cpu_state stack(uint64_t sp)
{
	struct cpu_state cpu = elsewhere();

	cpu.sp = sp;
	return cpu;
}

static struct cpu_state idt(paddr_t paddr, uint16_t limit)
{
	struct cpu_state cpu = elsewhere();

	cpu.idt_paddr = paddr;
	cpu.idt_limit = limit;
	return cpu;
}

/* A GDT with a descriptor, by its two halves, at 0x18, and at 0x20 what follows it. */
static struct cpu_state tss(bool is_long_mode, uint16_t tr, uint64_t low, uint64_t high)
{
	struct cpu_state cpu = elsewhere();

	fake_phys_set(fake_phys_at(&fake, GDT_PADDR + 0x18), 8, low);
	fake_phys_set(fake_phys_at(&fake, GDT_PADDR + 0x20), 8, high);
	cpu.gdt_paddr = GDT_PADDR;
	cpu.gdt_limit = 0x27;
	cpu.tr = tr;
	cpu.paging.is_long_mode = is_long_mode;
	return cpu;
}

/* A root, and tables one after another from @first_paddr on, @n of them, @step_bytes apart. */
static struct cpu_state tables(paddr_t first_paddr, unsigned n, uint64_t step_bytes)
{
	struct cpu_state cpu = elsewhere();

	fake_phys_set(fake_phys_at(&fake, ROOT), 8, (ROOT + 0x1000) | 3);
	fake_phys_set(fake_phys_at(&fake, ROOT + 0x1000), 8, 0x83); /* the first GiB to itself */
	for (unsigned i = 0; i < n; i++)
		fake_phys_set(fake_phys_at(&fake, ROOT + 8 + (uint64_t)i * 8), 8,
		              (first_paddr + i * step_bytes) | 3);
	cpu.paging = (struct paging){ CR0_PG, ROOT, CR4_PAE, true };
	return cpu;
}

static struct cpu_state encrypted(void)
{
	struct cpu_state cpu = tables(0x60000, 1, 0);

	cpu.is_encrypted = true;
	return cpu;
}

/* Type 0x9 or 0xb, present; base and limit as in Intel SDM Vol. 3A, Figure 7-3. */
static uint64_t tss_at(paddr_t paddr, uint64_t limit)
{
	return (limit & 0xffff) | (paddr & 0xffffff) << 16 | UINT64_C(0x8b) << 40 |
	       (limit >> 16 & 0xf) << 48 | (paddr >> 24 & 0xff) << 56;
}

enum case_number {
	ELSEWHERE,
	STACK,
	STACK_AT_AN_EDGE,
	STACK_BESIDE,
	IDT,
	IDT_OVER_A_GAP,
	GDT_AND_TSS,
	TSS_FAR_UP,
	TSS_NOT_LOADED,
	TSS_NOT_IN_THE_TABLE,
	TSS_OF_ANOTHER_KIND,
	TSS_TOO_LARGE,
	TABLES,
	TABLES_APART,
	TABLES_KNOWN,
	TABLES_ENCRYPTED,
	CASES
};

static struct cpu_state cpu_of(enum case_number number)
{
	switch (number) {
	case STACK:
		return stack(0x1a0123);
	case STACK_AT_AN_EDGE:
		return stack(0x106640);
	case STACK_BESIDE: /* known, and free memory right behind it */
		return stack(0x51fff);
	case IDT:
		return idt(0x20800, 0xfff);
	case IDT_OVER_A_GAP:
		return idt(0x4f800, 0x2fff);
	case GDT_AND_TSS:
		return tss(false, 0x18, tss_at(0x61000, 0x67), 0);
	case TSS_FAR_UP:
		return tss(true, 0x18, tss_at(0x61000, 0x67), 1);
	case TSS_NOT_LOADED:
		return tss(false, 0, tss_at(0x61000, 0x67), 0);
	case TSS_NOT_IN_THE_TABLE:
		return tss(true, 0x20, tss_at(0x61000, 0x67), tss_at(0x61000, 0x67));
	case TSS_OF_ANOTHER_KIND: /* data */
		return tss(false, 0x18, UINT64_C(0x00cf93000000ffff), 0);
	case TSS_TOO_LARGE:
		return tss(false, 0x18, tss_at(0x100000, 0xfffff), 0);
	case TABLES:
		return tables(0x60000, 3, PAGE_BYTES);
	case TABLES_APART:
		return tables(0x60000, 3, 2 * PAGE_BYTES);
	case TABLES_KNOWN:
		return tables(0x50000, 2, PAGE_BYTES);
	case TABLES_ENCRYPTED:
		return encrypted();
	default:
		return elsewhere();
	}
}

static const struct {
	const char *rule;
	struct in_use_range ranges[5];
} rows[CASES] = {
	[ELSEWHERE] = { "what the map knows is no news", { { { 0 } } } },
	[STACK] = { "a stack, 128 KiB on either side",
	            { { { 0x180000, 0x1c1000 }, IN_USE_STACK } } },
	[STACK_AT_AN_EDGE] = { "no further than it is free",
	                       { { { 0x100000, 0x127000 }, IN_USE_STACK } } },
	[STACK_BESIDE] = { "a stack that is known is in nobody's way", { { { 0 } } } },
	[IDT] = { "an IDT, as whole pages", { { { 0x20000, 0x22000 }, IN_USE_IDT } } },
	[IDT_OVER_A_GAP] = { "the parts of it that are called free",
	                     { { { 0x4f000, 0x50000 }, IN_USE_IDT },
	                       { { 0x52000, 0x53000 }, IN_USE_IDT } } },
	[GDT_AND_TSS] = { "a TSS is found in the GDT",
	                  { { { 0x30000, 0x31000 }, IN_USE_GDT },
	                    { { 0x61000, 0x62000 }, IN_USE_TSS } } },
	[TSS_FAR_UP] = { "in long mode the other half of its address counts",
	                 { { { 0x30000, 0x31000 }, IN_USE_GDT } } },
	[TSS_NOT_LOADED] = { "TR may be empty", { { { 0x30000, 0x31000 }, IN_USE_GDT } } },
	[TSS_NOT_IN_THE_TABLE] = { "a descriptor that the GDT ends in is none",
	                           { { { 0x30000, 0x31000 }, IN_USE_GDT } } },
	[TSS_OF_ANOTHER_KIND] = { "nor is one of something else",
	                          { { { 0x30000, 0x31000 }, IN_USE_GDT } } },
	[TSS_TOO_LARGE] = { "a TSS counts with 64 KiB",
	                    { { { 0x30000, 0x31000 }, IN_USE_GDT },
	                      { { 0x100000, 0x110000 }, IN_USE_TSS } } },
	[TABLES] = { "page tables that follow on each other are one range",
	             { { { 0x40000, 0x42000 }, IN_USE_PAGE_TABLES },
	               { { 0x60000, 0x63000 }, IN_USE_PAGE_TABLES } } },
	[TABLES_APART] = { "others are not",
	                   { { { 0x40000, 0x42000 }, IN_USE_PAGE_TABLES },
	                     { { 0x60000, 0x61000 }, IN_USE_PAGE_TABLES },
	                     { { 0x62000, 0x63000 }, IN_USE_PAGE_TABLES },
	                     { { 0x64000, 0x65000 }, IN_USE_PAGE_TABLES } } },
	[TABLES_KNOWN] = { "those that the map knows are no news",
	                   { { { 0x40000, 0x42000 }, IN_USE_PAGE_TABLES } } },
	[TABLES_ENCRYPTED] = { "of encrypted ones nothing is read", { { { 0 } } } },
};

static bool is_same(const struct in_use_range *a, const struct in_use_range *b)
{
	return a->span.start_paddr == b->span.start_paddr &&
	       a->span.end_paddr == b->span.end_paddr && a->kind == b->kind;
}

static void set_up(void)
{
	fake_phys_init(&fake);
	fake_phys_add(&fake, 0x30000, 0x1000);
	fake_phys_add(&fake, ROOT, 0x2000);
}

static void what_is_in_use_is_listed(void **state)
{
	(void)state;
	for (enum case_number i = 0; i < CASES; i++) {
		struct cpu_state cpu;
		struct in_use in_use;
		size_t n = 0;

		set_up();
		cpu = cpu_of(i);
		in_use_find(&cpu, &fake.phys, &map, &in_use);
		while (rows[i].ranges[n].span.end_paddr != 0)
			n++;
		for (size_t j = 0; j < n && j < in_use.n_ranges; j++)
			if (!is_same(&in_use.ranges[j], &rows[i].ranges[j]))
				fail_msg("%s: 0x%llx-0x%llx %s", rows[i].rule,
				         (unsigned long long)in_use.ranges[j].span.start_paddr,
				         (unsigned long long)in_use.ranges[j].span.end_paddr,
				         in_use_names[in_use.ranges[j].kind]);
		if (in_use.n_ranges != n || in_use.n_lost != 0 || in_use.is_cut)
			fail_msg("%s: %u ranges", rows[i].rule, (unsigned)in_use.n_ranges);
		fake_phys_free(&fake);
	}
}

static void more_than_there_is_room_for_is_counted(void **state)
{
	struct cpu_state cpu;
	struct in_use in_use;

	(void)state;
	set_up();
	cpu = tables(0x100000, 100, 2 * PAGE_BYTES);
	in_use_find(&cpu, &fake.phys, &map, &in_use);
	assert_int_equal(in_use.n_ranges, IN_USE_RANGES);
	assert_int_equal(in_use.n_lost, 101 - IN_USE_RANGES);
	assert_false(in_use.is_cut);
	fake_phys_free(&fake);
}

static void tables_without_end_are_cut(void **state)
{
	struct cpu_state cpu;
	struct in_use in_use;

	(void)state;
	set_up();
	cpu = tables(ROOT, 511, 0);
	in_use_find(&cpu, &fake.phys, &map, &in_use);
	assert_int_equal(in_use.n_ranges, 1);
	assert_true(in_use.is_cut);
	fake_phys_free(&fake);
}

/* The smallest step to either side of it. */
static const struct {
	struct span span;
	enum case_number number;
	bool touches;
} touched[] = {
	{ { 0x1a0000, 0x1a1000 }, STACK, true },
	{ { 0x1c0122, 0x1c0200 }, STACK, true },
	{ { 0x1c0123, 0x1c0200 }, STACK, false },
	{ { 0x180000, 0x180123 }, STACK, false },
	{ { 0x180000, 0x180124 }, STACK, true },
	{ { 0x20000, 0x20800 }, IDT, false },
	{ { 0x20000, 0x20801 }, IDT, true },
	{ { 0x21800, 0x22000 }, IDT, false },
	{ { 0x61067, 0x61068 }, GDT_AND_TSS, true },
	{ { 0x61068, 0x62000 }, GDT_AND_TSS, false },
	{ { 0x62fff, 0x63000 }, TABLES, true },
	{ { 0x63000, 0x64000 }, TABLES, false },
	{ { 0x41000, 0x41001 }, TABLES, true },
	{ { 0x60000, 0x61000 }, STACK_BESIDE, true }, /* without a map, who knows */
	{ { 0x10000, 0x80000 }, ELSEWHERE, false },
};

static void a_span_touches_it_or_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(touched); i++) {
		struct cpu_state cpu;

		set_up();
		cpu = cpu_of(touched[i].number);
		if (in_use_touches(&cpu, &fake.phys, touched[i].span) != touched[i].touches)
			fail_msg("row %u", (unsigned)i);
		fake_phys_free(&fake);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_use_is_listed),
		cmocka_unit_test(more_than_there_is_room_for_is_counted),
		cmocka_unit_test(tables_without_end_are_cut),
		cmocka_unit_test(a_span_touches_it_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
