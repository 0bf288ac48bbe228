/*
 * fuzz_setup.c - any bytes -> a machine, or a node, and calls to the allocator: both dispatchers
 * and bootmem/ against the literal Linux 2.6.24. For libFuzzer: `make fuzz'. What differs is
 * printed as a row for test_setup.c or test_literal.c (tests/unit/setup_case.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "bootmem/bootmem.h"
#include "tests/unit/setup_case.h"

_Noreturn void bootmem_assert_fail(const char *what)
{
	fprintf(stderr, "bootmem: %s\n", what);
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	if (!setup_case_run(data, bytes, stderr))
		abort();
	return 0;
}
