/* test_recall.c - what the lines of a capture say beside its map: by row, each with what is
 * recalled. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/recall.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct recalled recall(const char *lines)
{
	struct recalled recalled = { 0 };

	while (*lines != '\0') {
		size_t bytes = strcspn(lines, "\n") + 1;

		recall_line(&recalled, lines, bytes);
		lines += bytes;
	}
	return recalled;
}

static void each_line_has_its_fact(void **state)
{
	static const struct {
		const char *rule, *lines;
		enum recall_fact fact;
		const char *text;
		uint64_t number;
	} rows[] = {
		{ "a number", "installed-bytes 536870912\n", RECALL_INSTALLED_BYTES, "536870912",
		  536870912 },
		{ "one that is none", "cpu-count many\n", RECALL_CPU_COUNT, "many", 0 },
		{ "a text", "bios-version 1.07 beta\n", RECALL_BIOS_VERSION, "1.07 beta", 0 },
		{ "it ends as on Windows", "bios-date 11/27/2026\r\n", RECALL_BIOS_DATE,
		  "11/27/2026", 0 },
		{ "what is not printable is ?", "bios-date a\tb\x7f\n", RECALL_BIOS_DATE, "a?b?",
		  0 },
		{ "no line", "cpu-counts 2\nxcpu-count 2\n", RECALL_CPU_COUNT, "", 0 },
		{ "of two the last", "cpu-count 2\ncpu-count 4\n", RECALL_CPU_COUNT, "4", 4 },
		{ "which may be no number", "cpu-count 2\ncpu-count many\n", RECALL_CPU_COUNT,
		  "many", 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct recalled recalled = recall(rows[i].lines);

		if (strcmp(recalled.facts[rows[i].fact].text, rows[i].text) != 0 ||
		    recalled.facts[rows[i].fact].number != rows[i].number)
			fail_msg("%s: %s, %u", rows[i].rule, recalled.facts[rows[i].fact].text,
			         (unsigned)recalled.facts[rows[i].fact].number);
	}
}

static void time_and_label_are_texts(void **state)
{
	struct recalled recalled = recall("label docked\ntime 2026-11-27T13:22:00\nlabels x\n");

	(void)state;
	assert_string_equal(recalled.label, "docked");
	assert_string_equal(recalled.time, "2026-11-27T13:22:00");
}

/* Of one model: in any order, with any line end, whatever else is said, and nothing that is not of
 * it. */
static void a_machine_is_known_by_its_lines(void **state)
{
	static const char own[] = "system-vendor A\nsystem-product B\nfirmware-bits 64\n";
	static const struct {
		const char *rule, *lines;
		bool is_same;
	} rows[] = {
		{ "in another order", "firmware-bits 64\nsystem-product B\nsystem-vendor A\n",
		  true },
		{ "lines end as on Windows",
		  "system-vendor A\r\nsystem-product B\r\nfirmware-bits 64\r\n", true },
		{ "with an update",
		  "system-vendor A\nsystem-product B\nfirmware-bits 64\n"
		  "bios-version 2\ntime 1\n",
		  true },
		{ "another product", "system-vendor A\nsystem-product C\nfirmware-bits 64\n",
		  false },
		{ "another width", "system-vendor A\nsystem-product B\nfirmware-bits 32\n", false },
		{ "a board more",
		  "system-vendor A\nsystem-product B\nfirmware-bits 64\nboard-product D\n", false },
		{ "a word less", "system-vendor A\nsystem-product B\n", false },
	};

	(void)state;
	assert_true(recall(own).machine != 0);
	for (size_t i = 0; i < N_OF(rows); i++)
		if ((recall(rows[i].lines).machine == recall(own).machine) != rows[i].is_same)
			fail_msg("%s", rows[i].rule);
}

static void a_text_is_cut_where_it_has_no_room(void **state)
{
	char text[4] = "xyz";

	(void)state;
	recall_text(text, sizeof text, (struct capture_words){ "abcdef", 6 });
	assert_string_equal(text, "abc");
	recall_text(text, sizeof text, (struct capture_words){ "ab", 2 });
	assert_string_equal(text, "ab");
	recall_text(text, sizeof text, (struct capture_words){ "", 0 });
	assert_string_equal(text, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_has_its_fact),
		cmocka_unit_test(time_and_label_are_texts),
		cmocka_unit_test(a_machine_is_known_by_its_lines),
		cmocka_unit_test(a_text_is_cut_where_it_has_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
