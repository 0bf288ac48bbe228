/*
 * test_arguments.c - what the Shell's words ask for, and which of them nobody means.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/arguments.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define TEN  "0123456789"
#define L120 TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static void words_are_read_or_refused(void **state)
{
	static const struct {
		const char *words[4];
		bool captures_only, asks_for_help, has_label;
		const char *label, *config, *wrong;
	} rows[] = {
		{ { NULL }, false, false, false, "", "", "" },
		{ { "-c" }, true, false, false, "", "", "" },
		{ { "-c", "-l", "docked, lid closed" },
		  true,
		  false,
		  true,
		  "docked, lid closed",
		  "",
		  "" },
		{ { "-l", "" }, false, false, true, "", "", "" },
		{ { "-l", L120 "1234567" }, false, false, true, L120 "1234567", "", "" },
		{ { "-f", "\\my.conf", "-c" }, true, false, false, "", "\\my.conf", "" },
		{ { "--help" }, false, true, false, "", "", "" },
		{ { "-l" }, false, false, false, "", "", "-l: a label is missing behind it" },
		{ { "-f" }, false, false, false, "", "", "-f: a file is missing behind it" },
		{ { "-x" }, false, false, false, "", "", "-x: not an option that bootmem knows" },
		{ { "-l", L120 "12345678" },
		  false,
		  false,
		  false,
		  NULL,
		  "",
		  "-l: a label of more than 127 characters" },
		{ { "-f", L120 L120 TEN "123456" },
		  false,
		  false,
		  false,
		  "",
		  NULL,
		  "-f: the path is too long" },
	};
	struct arguments arguments;

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t n = 0;

		while (n < N_OF(rows[i].words) && rows[i].words[n] != NULL)
			n++;
		arguments_parse(rows[i].words, n, &arguments);
		assert_string_equal(arguments.wrong, rows[i].wrong);
		assert_int_equal(arguments.captures_only, rows[i].captures_only);
		assert_int_equal(arguments.asks_for_help, rows[i].asks_for_help);
		assert_int_equal(arguments.has_label, rows[i].has_label);
		if (rows[i].label != NULL)
			assert_string_equal(arguments.label, rows[i].label);
		if (rows[i].config != NULL)
			assert_string_equal(arguments.config, rows[i].config);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_read_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
