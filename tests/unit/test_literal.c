/*
 * test_literal.c - bootmem/ and x86/setup.c against the literal Linux 2.6.24, on random machines
 * and random calls: equal without the faults that bootmem/bootmem.h lists; and each of these is a
 * fault that shows. `make fuzz' goes on from here.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "tests/unit/literal_setup.h"
#include "tests/unit/setup_case.h"

#define P(pfn) ((uint64_t)(pfn) << PAGE_SHIFT)
#define NONE   UINT64_MAX

/* Calls to a node of which all pages are reserved, and what the last one returns: ours, and that of
 * a 2.6.24 that has the one fault, or all of them. */
/* clang-format off */
static const struct {
	const char *rule;
	pfn_t start_pfn, end_pfn;
	struct setup_call calls[SETUP_CASE_CALLS + 1];
	paddr_t ours_paddr;
	unsigned fault; /* 0: none, and 2.6.24 is not asked */
	paddr_t theirs_paddr;
} rows[] = {
	{ "a good candidate after a clash is stepped over", 0, 64,
	  { FREE(P(8), P(10)), FREE(P(16), P(64)), ALLOC(P(3), P(8), 0, 0) },
	  P(16), LITERAL_STEPS_OVER, P(24) },
	{ "a limit of 100 pages is below a last_success of 40 pages in bytes", 0, 128,
	  { FREE(0, P(128)), ALLOC(P(1), P(1), P(40), 0), ALLOC(P(1), P(1), P(20), P(100)) },
	  P(41), LITERAL_LIMIT_UNITS, P(20) },
	{ "8 pages from the start of the node is no multiple of 8 pages", 5, 69,
	  { FREE(P(5), P(69)), ALLOC(P(1), P(8), 0, 0) },
	  P(8), LITERAL_ALIGNS_IN_NODE, P(13) },
	{ "below a goal that is inside a page", 0, 64,
	  { FREE(0, P(64)), ALLOC(64, 64, P(20) + 1, 0) },
	  P(21), LITERAL_GOAL_IN_PAGE, P(20) },
	{ "below a last_success that is inside a page, which is free", 0, 64,
	  { FREE(0, P(64)), ALLOC(P(8), P(1), P(8), 0), ALLOC(P(1), P(1), P(40), 0), FREE(P(9), P(10)),
	    ALLOC(P(1), P(1), P(40), 0), FREE(P(9) + 0x800, P(11)), ALLOC(64, 64, P(5), 0) },
	  P(10), LITERAL_HINT_IN_PAGE, P(9) },
	{ "an address is not below a last_success that counts from the node", 100, 164,
	  { FREE(P(100), P(164)), ALLOC(P(1), P(1), P(110), 0), ALLOC(P(1), P(1), P(130), 0),
	    FREE(P(110), P(111)), ALLOC(P(1), P(1), P(105), 0) },
	  P(110), LITERAL_HINT_IN_NODE, P(131) },
	{ "a limit below a page is none", 0, 64,
	  { FREE(0, P(64)), ALLOC(1, 1, 0, 1) },
	  NONE, LITERAL_SMALL_LIMIT, 0 },
	{ "with align 0 there is no goal", 0, 64,
	  { FREE(0, P(64)), ALLOC(P(1), 0, P(20), 0) },
	  P(20), LITERAL_ALIGN_0, 0 },
	{ "with align 0 a small block lies over the one before", 0, 64,
	  { FREE(0, P(64)), ALLOC(100, 4, 0, 0), ALLOC(8, 0, 0, 0) },
	  100, LITERAL_ALIGN_0, 0 },
	{ "the rest of a page that is free is handed out", 0, 64,
	  { FREE(0, P(64)), ALLOC(100, 4, P(8), 0), FREE(P(8), P(9)), ALLOC(100, 4, P(9), 0) },
	  P(9), LITERAL_FREED_TAIL, P(8) + 100 },

	{ "a page without a goal is taken from before the last block", 0, 64,
	  { FREE(0, P(64)), ALLOC(P(1), P(1), P(8), 0), ALLOC(P(1), P(1), 0, 0) },
	  0, 0, 0 },
};
/* clang-format on */

static paddr_t theirs(size_t row, unsigned faults)
{
	struct literal_node node;
	paddr_t paddr = NONE;

	literal_init_bootmem(&node, rows[row].start_pfn, rows[row].end_pfn, faults);
	for (const struct setup_call *call = rows[row].calls; call->kind != CALL_NONE; call++)
		paddr = setup_call_literal(call, &node);
	assert_false(node.is_bug);
	literal_node_free(&node);
	return paddr;
}

static paddr_t ours(size_t row)
{
	static _Alignas(4096) uint8_t map[4096];
	bootmem_data_t bdata;
	paddr_t paddr = NONE;

	init_bootmem_core(&bdata, map, 0, rows[row].start_pfn, rows[row].end_pfn, 8);
	for (const struct setup_call *call = rows[row].calls; call->kind != CALL_NONE; call++)
		paddr = setup_call_ours(call, &bdata);
	return paddr;
}

static void each_fault_that_is_not_kept_shows(void **state)
{
	unsigned shown = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned fault = rows[i].fault;

		if (ours(i) != rows[i].ours_paddr || theirs(i, 0) != rows[i].ours_paddr)
			fail_msg("%s: ours at 0x%llx, 2.6.24 without faults at 0x%llx",
			         rows[i].rule, (unsigned long long)ours(i),
			         (unsigned long long)theirs(i, 0));
		if (fault != 0 && (theirs(i, fault) != rows[i].theirs_paddr ||
		                   theirs(i, LITERAL_FAULTS) != rows[i].theirs_paddr))
			fail_msg("%s: 2.6.24 at 0x%llx, with all faults at 0x%llx", rows[i].rule,
			         (unsigned long long)theirs(i, fault),
			         (unsigned long long)theirs(i, LITERAL_FAULTS));
		shown |= fault;
	}
	assert_int_equal(shown, LITERAL_FAULTS);
}

/* --- a home inside a page --- */

static const void *read_zeros(void *context, uint64_t paddr, uint64_t bytes)
{
	static const uint8_t zeros[0x10000];

	(void)context;
	(void)paddr;
	return bytes > sizeof zeros ? NULL : zeros;
}

/* RAM from 1 MiB and a half page on, with nothing in the way: the page before the first whole one
 * holds the bitmap of 2.6.24, and is not RAM. */
static void the_bitmap_of_2_6_24_is_put_over_the_page_before(void **state)
{
	static const struct literal_range ram = { 0x100800, 0x200000, 1 };
	struct literal_machine machine = { .is_amd64 = true,
		                           .e820 = &ram,
		                           .n_e820 = 1,
		                           .text = 0x180000,
		                           .end = 0x190000,
		                           .read = read_zeros };
	struct literal_setup setup;

	(void)state;
	for (unsigned uses_page_before = 0; uses_page_before < 2; uses_page_before++) {
		machine.uses_page_before = uses_page_before != 0;
		literal_setup_arch(&machine, &setup);
		assert_int_equal(setup.end, LITERAL_DONE);
		assert_int_equal(setup.min_low_pfn, uses_page_before ? 0x100 : 0x101);
		literal_setup_free(&setup);
	}
}

/* --- the property --- */

#define CASE_BYTES 600

static uint64_t n_cases = 4000;

static void random_machines_and_calls_are_those_of_2_6_24(void **state)
{
	static uint8_t bytes[CASE_BYTES];

	(void)state;
	for (uint64_t seed = 1; seed <= n_cases; seed++) {
		uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15);

		for (size_t i = 0; i < sizeof bytes; i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			bytes[i] = (uint8_t)(random >> 11);
		}
		if (!setup_case_run(bytes, sizeof bytes, stdout))
			fail_msg("seed %llu", (unsigned long long)seed);
	}
}

/* Argument: how many cases. */
int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_that_is_not_kept_shows),
		cmocka_unit_test(the_bitmap_of_2_6_24_is_put_over_the_page_before),
		cmocka_unit_test(random_machines_and_calls_are_those_of_2_6_24),
	};

	if (argc > 1)
		n_cases = strtoull(argv[1], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
