/* test_accepted.c - which command lines ask the stub kernel for a capture. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

/* The file itself: what else is in it is about a machine, and no other test links it. */
#include "handoff/stub/accepted.c"

void ports_put_line(const char *line, size_t bytes)
{
	(void)line;
	(void)bytes;
}

static void a_word_of_the_command_line_asks_for_it(void **state)
{
	static const struct {
		const char *cmdline;
		bool is_wanted;
	} rows[] = {
		{ "", false },
		{ " ", false },
		{ "quiet", false },
		{ "stub.capture", true },
		{ "quiet stub.capture", true },
		{ "stub.capture quiet", true },
		{ "  stub.capture  ", true },
		{ "stub.memory=1M stub.capture", true },
		{ "stub.captur", false },
		{ "stub.capture=no", false },
		{ "stub.captures", false },
		{ "a.stub.capture", false },
		{ "stub.capturestub.capture", false },
		{ "xtub.capture stub.capture", true },
		{ "stub. capture", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (accepted_is_wanted(rows[i].cmdline) != rows[i].is_wanted)
			fail_msg("`%s'", rows[i].cmdline);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_of_the_command_line_asks_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
