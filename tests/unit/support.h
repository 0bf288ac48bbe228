/*
 * support.h - what the tests supply to the code under test: bootmem_assert_fail(), which a test
 * can expect.
 */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <setjmp.h>
#include <stdbool.h>

/* Where bootmem_assert_fail() goes while a test expects it; and what it said. */
extern jmp_buf support_bug_jump;
extern bool support_bug_expected;
extern const char *support_bug_text;

/* True if the statement ends in bootmem_assert_fail(). */
#define IS_BUG(statement)                                                                   \
	(support_bug_text = NULL, support_bug_expected = true,                              \
	 setjmp(support_bug_jump) == 0 ? ((statement), support_bug_expected = false, false) \
	                               : true)

#endif
