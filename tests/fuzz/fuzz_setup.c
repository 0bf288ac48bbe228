/*
 * fuzz_setup.c - any bytes -> a machine, or a node, and calls to the allocator: both dispatchers
 * and bootmem/ against the literal Linux 2.6.24. For libFuzzer: `make fuzz'. What differs is
 * printed as a row for test_setup.c or test_literal.c (tests/unit/setup_case.h).
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/setup_case.h"

void fuzz_one(const uint8_t *data, size_t bytes)
{
	if (!setup_case_run(data, bytes, stderr))
		abort();
}
