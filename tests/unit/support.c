/* support.c - bootmem_assert_fail() for tests: jumps back to a test that expects it, else aborts.
 */
#include "tests/unit/support.h"

#include <stdio.h>
#include <stdlib.h>

#include "bootmem/bootmem.h"

jmp_buf support_bug_jump;
bool support_bug_expected;
const char *support_bug_text;

_Noreturn void bootmem_assert_fail(const char *what)
{
	support_bug_text = what;
	if (!support_bug_expected) {
		fprintf(stderr, "bug: %s\n", what);
		abort();
	}
	support_bug_expected = false;
	longjmp(support_bug_jump, 1);
}
