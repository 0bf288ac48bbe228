/* test_accepted.c - which command lines ask the stub kernel for a capture, and what it says of what
 * the loader claimed. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "made_block.h"

/* The file itself: what else is in it is about a machine, and no other test links it. */
#include "handoff/stub/accepted.c"

static char said[65536];

void ports_put_line(const char *line, size_t bytes)
{
	size_t length = strlen(said);

	assert_true(length + bytes + 2 < sizeof said);
	memcpy(said + length, line, bytes);
	strcpy(said + length + bytes, "\n");
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

/* Not what the firmware or the kernel's file has: what the loader claimed, in whole pages. */
static void what_was_claimed_is_in_it(void **state)
{
	static const char *const lines[] = {
		"footprint 0x0000000010010000 0x0000000010013000 bootmem\n",
		"footprint 0x0000000010020000 0x0000000010021000 hand-off block\n",
		"footprint 0x0000000010030000 0x0000000010034000 hand-off stack\n",
		"footprint 0x0000000010040000 0x0000000010041000 hand-off page tables\n",
		"footprint 0x0000000010070000 0x0000000010072000 a log\n",
	};
	static const char kernel[64];
	const struct handoff_block *block = made_block(kernel, sizeof kernel);
	struct proof proof = { .block = block,
		               .view = naive_view_of(block),
		               .bitmap = made_at(MADE_MAP_PADDR) };
	unsigned n = 0;

	(void)state;
	made_reservation(MADE_OTHER)->kind = HANDOFF_KIND_GATES;
	accepted_say(&proof);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (strstr(said, lines[i]) == NULL)
			fail_msg("%s in %s", lines[i], said);
	for (const char *at = said; (at = strstr(at, "footprint ")) != NULL; at++)
		n++;
	assert_int_equal(n, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_of_the_command_line_asks_for_it),
		cmocka_unit_test(what_was_claimed_is_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
