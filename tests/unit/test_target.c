/* test_target.c - what the two targets have for RAM, around the ISA hole. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "bootmem/count.h"
#include "x86/target.h"

#define LOW  UINT64_C(0xa0000)
#define HIGH UINT64_C(0x100000)
#define END  UINT64_C(0x200000)

/* One RAM range, and what is taken of it: ends at 0 are no range. */
static const struct {
	const char *rule;
	struct span ram, ia32[2], amd64[1];
} rows[] = {
	{ "ends a byte below the hole", { 0, LOW - 1 }, { { 0, LOW - 1 } }, { { 0, LOW - 1 } } },
	{ "ends at the hole", { 0, LOW }, { { 0, LOW } }, { { 0, LOW } } },
	{ "ends a byte inside", { 0, LOW + 1 }, { { 0, LOW } }, { { 0, LOW + 1 } } },
	{ "ends with the hole", { 0, HIGH }, { { 0, LOW } }, { { 0, HIGH } } },
	{ "lies around it", { 0, END }, { { 0, LOW }, { HIGH, END } }, { { 0, END } } },
	{ "is the hole", { LOW, HIGH }, { { 0, 0 } }, { { LOW, HIGH } } },
	{ "lies inside", { LOW + 1, HIGH - 1 }, { { 0, 0 } }, { { LOW + 1, HIGH - 1 } } },
	{ "starts inside", { HIGH - 1, END }, { { HIGH, END } }, { { HIGH - 1, END } } },
	{ "starts at its end", { HIGH, END }, { { HIGH, END } }, { { HIGH, END } } },
};

struct taken {
	struct span spans[4];
	size_t n;
};

static void take(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	struct taken *taken = context;

	assert_true(start_paddr < end_paddr && taken->n < COUNT(taken->spans));
	taken->spans[taken->n++] = (struct span){ start_paddr, end_paddr };
}

static void check(const char *rule, const struct boot_target *target, struct span ram,
                  const struct span *expected, size_t most)
{
	struct e820_range ranges[] = { { ram.start_paddr, ram.end_paddr, E820_RAM, 0 },
		                       { END, 2 * END, E820_RESERVED, 0 } };
	struct e820_map map = { ranges, COUNT(ranges), COUNT(ranges) };
	struct taken taken = { .n = 0 };
	size_t n = 0;

	target_each_ram(target, &map, take, &taken);
	for (; n < most && expected[n].end_paddr > 0; n++)
		if (n >= taken.n || taken.spans[n].start_paddr != expected[n].start_paddr ||
		    taken.spans[n].end_paddr != expected[n].end_paddr)
			fail_msg("%s: range %u for %s", rule, (unsigned)n, target->name);
	if (taken.n != n)
		fail_msg("%s: %u ranges for %s", rule, (unsigned)taken.n, target->name);
	if (target_is_ram(target, &map, ram.start_paddr, ram.end_paddr) !=
	    (n == 1 && taken.spans[0].start_paddr == ram.start_paddr &&
	     taken.spans[0].end_paddr == ram.end_paddr))
		fail_msg("%s: is it RAM of %s as a whole?", rule, target->name);
}

static void the_isa_hole_is_no_ram_of_ia32(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check(rows[i].rule, &target_ia32, rows[i].ram, rows[i].ia32, COUNT(rows[i].ia32));
		check(rows[i].rule, &target_amd64, rows[i].ram, rows[i].amd64,
		      COUNT(rows[i].amd64));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_isa_hole_is_no_ram_of_ia32),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
