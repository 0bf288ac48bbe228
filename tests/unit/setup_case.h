/*
 * setup_case.h - any bytes -> a machine and a sequence of calls to the allocator, and whether
 * x86/setup.c and bootmem/ do with them what the literal Linux 2.6.24 does (literal_setup.h), and
 * under policy safe what the list of reservations says. For the fuzzer, and for random bytes in
 * the unit tests.
 */
#ifndef TESTS_UNIT_SETUP_CASE_H
#define TESTS_UNIT_SETUP_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tests/unit/literal_setup.h"
#include "x86/setup.h"

/*
 * Did a run under policy linux end as 2.6.24 does on the same machine, with the same bitmap and the
 * same state of the allocator? If not, @fault has a text of what differs. What 2.6.24 reserves past
 * the end of memory is clipped, and its bitmap does not use the page before RAM (setup.h).
 */
bool setup_case_is_literal(const struct boot_setup *setup, char *fault, size_t fault_bytes);

/* The most calls of a case. */
#define SETUP_CASE_CALLS 48

/* A call to the allocator. */
enum setup_call_kind { CALL_NONE, CALL_FREE, CALL_RESERVE, CALL_ALLOC };

struct setup_call {
	enum setup_call_kind kind;
	uint64_t start_paddr, end_paddr; /* of CALL_FREE and CALL_RESERVE */
	uint64_t bytes, align, goal_paddr, limit_paddr;
};

/* clang-format off */
#define FREE(start, end)                 { CALL_FREE, start, end, 0, 0, 0, 0 }
#define RESERVE(start, end)              { CALL_RESERVE, start, end, 0, 0, 0, 0 }
#define ALLOC(bytes, align, goal, limit) { CALL_ALLOC, 0, 0, bytes, align, goal, limit }
/* clang-format on */

/* The same call to 2.6.24, whose node tells whether it is a bug; the address of CALL_ALLOC. */
uint64_t setup_call_literal(const struct setup_call *call, struct literal_node *node);

/* And to ours: not to be made if it is a bug. */
uint64_t setup_call_ours(const struct setup_call *call, bootmem_data_t *bdata);

/* Run the case that @data is. False if anything differs; then it stands in @out as rows of
 * test_setup.c and test_literal.c. */
bool setup_case_run(const uint8_t *data, size_t bytes, FILE *out);

#endif
