/* test_failure.c - the sentences of what can go wrong when the firmware is gone, as failure.h
 * promises them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <string.h>

#include "handoff/failure.h"

#define MOST_CHARACTERS 50

static void each_number_has_a_sentence_of_its_own(void **state)
{
	(void)state;
	for (unsigned number = 0; number < FAILURE_END; number++) {
		const char *text = failure_text(number);

		if (text == NULL)
			continue;
		assert_in_range(strlen(text), 2, MOST_CHARACTERS);
		assert_int_equal(text[strlen(text) - 1], '.');
		for (unsigned other = 0; other < number; other++)
			if (failure_text(other) != NULL)
				assert_int_not_equal(strcmp(text, failure_text(other)), 0);
	}
	assert_non_null(failure_text(FAILURE_EXIT_REFUSED));
	assert_non_null(failure_text(FAILURE_END - 1));
}

static void a_number_that_is_none_has_no_sentence(void **state)
{
	(void)state;
	assert_null(failure_text(0));
	assert_null(failure_text(FAILURE_EXIT_REFUSED - 1));
	assert_null(failure_text(FAILURE_END));
	assert_null(failure_text(UINT_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_number_has_a_sentence_of_its_own),
		cmocka_unit_test(a_number_that_is_none_has_no_sentence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
