/*
 * test_memtest.c - how much memory the command line of the stub kernel allows to be filled.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file itself: what else is in it is about a machine, and no other test links it. */
#include "handoff/stub/memtest.c"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void stub_memory_bounds_what_is_filled(void **state)
{
	static const struct {
		const char *cmdline;
		uint64_t n_pages;
	} rows[] = {
		{ "", UINT64_MAX },
		{ "quiet", UINT64_MAX },
		{ "stub.memory", UINT64_MAX },
		{ "stub.memory=", 0 },
		{ "stub.memory=0", 0 },
		{ "stub.memory=1", 1 },
		{ "stub.memory=4096", 1 },
		{ "stub.memory=4097", 2 },
		{ "stub.memory=64K", 16 },
		{ "stub.memory=16M quiet", 4096 },
		{ "quiet stub.memory=4G", 0x100000 },
		{ "a.stub.memory=4G", UINT64_MAX },
		{ "  stub.memory=4G", 0x100000 },
		{ "stub.memory=1M stub.memory=2M", 256 },
		{ "stub.memory=99999999999999999999999G", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (memtest_budget_pages(rows[i].cmdline) != rows[i].n_pages)
			fail_msg("%s", rows[i].cmdline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stub_memory_bounds_what_is_filled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
