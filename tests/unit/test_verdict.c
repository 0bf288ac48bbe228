/* test_verdict.c - the last line of the stub kernel, and how the machine ends, by what came before.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

/* The file itself: what prints and ends is a machine's, and here the test's. */
#include "handoff/stub/verdict.c"

static char said[256]; /* the last line, as far as it has come */
static bool is_in_line;
static jmp_buf the_end;
static struct {
	const struct handoff_block *block;
	uint64_t end_paddr;
	bool is_pass;
} end;

static void print(const char *format, va_list args)
{
	size_t length = is_in_line ? strlen(said) : 0;

	vsnprintf(said + length, sizeof said - length, format, args);
}

#define DEFINE_SAY(name, goes_on, stays)            \
	void name(const char *format, ...)          \
	{                                           \
		va_list args;                       \
                                                    \
		is_in_line = is_in_line && goes_on; \
		va_start(args, format);             \
		print(format, args);                \
		va_end(args);                       \
		is_in_line = stays;                 \
	}
DEFINE_SAY(say, false, false)
DEFINE_SAY(say_begin, false, true)
DEFINE_SAY(say_rest, true, false)

_Noreturn void power_end(const struct handoff_block *block, uint64_t end_paddr, bool is_pass)
{
	end.block = block;
	end.end_paddr = end_paddr;
	end.is_pass = is_pass;
	longjmp(the_end, 1);
}

enum { MEANT, IN_A_CHECK, BETWEEN };

static const struct {
	const char *rule;
	int first, second; /* of checks "one" and "two" */
	int how;           /* it ends: as meant, in check "three", or with none running */
	const char *last_line;
	bool is_pass;
} rows[] = {
	/* clang-format off */
	{ "all is well", OUTCOME_OK, OUTCOME_OK, MEANT, "verdict PASS", true },
	{ "what cannot be checked is no fault", OUTCOME_NOT_APPLICABLE, OUTCOME_OK, MEANT, "verdict PASS", true },
	{ "the check that failed is named", OUTCOME_OK, OUTCOME_FAIL, MEANT, "verdict FAIL two: why two", false },
	{ "of two, the first", OUTCOME_FAIL, OUTCOME_FAIL, MEANT, "verdict FAIL one: why one", false },
	{ "nothing makes up for it", OUTCOME_FAIL, OUTCOME_OK, MEANT, "verdict FAIL one: why one", false },
	{ "a trap says where", OUTCOME_OK, OUTCOME_OK, IN_A_CHECK, "verdict FAIL trap: page fault, in check three", false },
	{ "and counts more than a check", OUTCOME_FAIL, OUTCOME_OK, IN_A_CHECK, "verdict FAIL trap: page fault, in check three", false },
	{ "between checks it is in none", OUTCOME_OK, OUTCOME_OK, BETWEEN, "verdict FAIL trap: page fault, in check none", false },
	/* clang-format on */
};

static uint64_t n_seen = 1; /* by each check */

static void add(const char *name, int kind)
{
	struct outcome outcome = outcome_ok(n_seen, "why %s", name);

	outcome.kind = kind;
	verdict_begin(name);
	verdict_add(&outcome);
}

static const struct handoff_block block;

static bool is_trusted(size_t i)
{
	return i % 2 == 1;
}

static void play(size_t i)
{
	add("one", rows[i].first);
	assert_int_equal(verdict_is_fail(), rows[i].first == OUTCOME_FAIL);
	if (is_trusted(i))
		verdict_trust(&block, 0x1000);
	add("two", rows[i].second);
	if (rows[i].how == IN_A_CHECK)
		verdict_begin("three");
	if (rows[i].how == MEANT)
		verdict_end();
	verdict_give_up("trap", "page fault");
}

static void play_to_the_end(size_t i)
{
	failed = NULL;
	trusted = NULL;
	if (setjmp(the_end) == 0)
		play(i);
}

static void the_last_line_is_about_the_first_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		print_message("%s\n", rows[i].rule);
		play_to_the_end(i);
		assert_int_equal(strncmp(said, "bootmem: ", 9), 0);
		assert_string_equal(said + 9, rows[i].last_line);
		assert_int_equal(end.is_pass, rows[i].is_pass);
		assert_ptr_equal(end.block, is_trusted(i) ? &block : NULL);
		assert_true(end.block == NULL || end.end_paddr == 0x1000);
	}
}

static void each_check_has_a_line(void **state)
{
	(void)state;
	add("one", OUTCOME_OK);
	assert_string_equal(said, "bootmem: check one ok why one");
	add("one", OUTCOME_FAIL);
	assert_string_equal(said, "bootmem: check one FAIL why one");
	add("one", OUTCOME_NOT_APPLICABLE);
	assert_string_equal(said, "bootmem: check one n/a why one");
}

static void a_check_is_named_before_it_begins(void **state)
{
	(void)state;
	verdict_begin("one");
	assert_string_equal(said, "bootmem: check one ");
}

static void an_ok_of_nothing_is_a_failure(void **state)
{
	(void)state;
	failed = NULL;
	n_seen = 0;
	add("one", OUTCOME_NOT_APPLICABLE);
	assert_false(verdict_is_fail());
	add("two", OUTCOME_OK);
	assert_string_equal(said, "bootmem: check two FAIL it says ok, and has looked at nothing");
	assert_true(verdict_is_fail());
	n_seen = 1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_line_is_about_the_first_failure),
		cmocka_unit_test(each_check_has_a_line),
		cmocka_unit_test(a_check_is_named_before_it_begins),
		cmocka_unit_test(an_ok_of_nothing_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
