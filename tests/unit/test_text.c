/*
 * test_text.c - text_format() against the C library's snprintf(): on rows, and on random values.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/capture/text.h"

#define ROOM 96

/* The same call to both, into buffers of ROOM bytes: length and text must be equal. */
#define ASSERT_AS_LIBC(...)                                                    \
	do {                                                                   \
		char ours[ROOM], theirs[ROOM];                                 \
		size_t length = text_format(ours, ROOM, __VA_ARGS__);          \
		assert_int_equal(length, snprintf(theirs, ROOM, __VA_ARGS__)); \
		assert_string_equal(ours, theirs);                             \
	} while (0)

static void text_without_conversions_is_copied(void **state)
{
	(void)state;
	ASSERT_AS_LIBC("%s", "");
	ASSERT_AS_LIBC("plain");
	ASSERT_AS_LIBC("100%%, %% and %%");
}

static void strings_have_width_side_and_precision(void **state)
{
	static const char *const strings[] = { "", "a", "exactly ten",
		                               "a longer one than the width" };

	(void)state;
	for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		ASSERT_AS_LIBC("[%s]", strings[i]);
		ASSERT_AS_LIBC("[%12s]", strings[i]);
		ASSERT_AS_LIBC("[%-12s]", strings[i]);
		ASSERT_AS_LIBC("[%.3s]", strings[i]);
		ASSERT_AS_LIBC("[%.0s]", strings[i]);
		ASSERT_AS_LIBC("[%-12.3s]", strings[i]);
		ASSERT_AS_LIBC("[%12.3s]", strings[i]);
		for (int n = -14; n < 15; n++) {
			ASSERT_AS_LIBC("[%*s]", n, strings[i]);
			ASSERT_AS_LIBC("[%.*s]", n, strings[i]);
			ASSERT_AS_LIBC("[%*.*s]", n, n / 2, strings[i]);
		}
	}
}

static void a_precision_guards_a_string_without_an_end(void **state)
{
	static const char signature[4] = { 'F', 'A', 'C', 'P' };

	(void)state;
	ASSERT_AS_LIBC("<%.4s>", signature);
}

static void characters_are_fields_too(void **state)
{
	(void)state;
	ASSERT_AS_LIBC("%c%c%c", 'x', ' ', '%');
	ASSERT_AS_LIBC("[%4c]", 'x');
	ASSERT_AS_LIBC("[%-4c]", 'x');
}

/* Each number in each form that a report may ask for. */
static void assert_number(uint64_t value)
{
	int width = (int)(value % 23) - 11;

	ASSERT_AS_LIBC("%u %d %x", (unsigned)value, (int)value, (unsigned)value);
	ASSERT_AS_LIBC("%lu %ld %lx", (unsigned long)value, (long)value, (unsigned long)value);
	ASSERT_AS_LIBC("%llu", (unsigned long long)value);
	ASSERT_AS_LIBC("%lld", (long long)value);
	ASSERT_AS_LIBC("%llx", (unsigned long long)value);
	ASSERT_AS_LIBC("%zu %zx", (size_t)value, (size_t)value);
	ASSERT_AS_LIBC("%08x|%8u|%-8u|", (unsigned)value, (unsigned)value, (unsigned)value);
	ASSERT_AS_LIBC("%08d|%8d|%-8d|", (int)value, (int)value, (int)value);
	ASSERT_AS_LIBC("0x%016llx|%20llu", (unsigned long long)value, (unsigned long long)value);
	ASSERT_AS_LIBC("%*u|%*lld", width, (unsigned)value, width, (long long)value);
	ASSERT_AS_LIBC("%0*x", abs(width), (unsigned)value);
}

static void numbers_at_the_edges_are_libcs(void **state)
{
	static const uint64_t edges[] = {
		0,          1,
		9,          10,
		15,         16,
		INT32_MAX,  0x80000000,
		UINT32_MAX, 4294967296,
		INT64_MAX,  (uint64_t)INT64_MIN,
		UINT64_MAX, 99999999999999999,
	};

	(void)state;
	for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
		assert_number(edges[i]);
	for (int bit = 0; bit < 64; bit++) {
		assert_number(UINT64_C(1) << bit);
		assert_number((UINT64_C(1) << bit) - 1);
	}
}

static void random_numbers_are_libcs(void **state)
{
	uint64_t random = 88172645463325252; /* xorshift64, Marsaglia 2003 */

	(void)state;
	for (int i = 0; i < 5000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		assert_number(random >> (i % 64));
	}
}

static void a_full_buffer_cuts_and_ends_in_zero(void **state)
{
	static const char text[] = "0123456789";

	(void)state;
	for (size_t room = 0; room <= sizeof text + 1; room++) {
		char ours[16], theirs[16];

		memset(ours, '#', sizeof ours);
		memset(theirs, '#', sizeof theirs);
		assert_int_equal(text_format(ours, room, "%.6s%s", text, text + 6),
		                 snprintf(theirs, room, "%.6s%s", text, text + 6));
		assert_memory_equal(ours, theirs, sizeof ours);
	}
}

static void a_conversion_of_no_kind_stands_as_it_is(void **state)
{
	/* Not literals: the compiler would refuse what this is about. */
	static const char *const formats[] = { "%", "50% off", "%q", "%5", "%-08llq|" };
	size_t (*volatile format_any)(char *, size_t, const char *, ...) = text_format;

	(void)state;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		char ours[ROOM];

		assert_int_equal(format_any(ours, ROOM, formats[i]), strlen(formats[i]));
		assert_string_equal(ours, formats[i]);
	}
}

static void a_size_has_one_digit_behind_the_point(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{ 0, "0 bytes" },
		{ 1, "1 byte" },
		{ 1023, "1023 bytes" },
		{ 1024, "1 KiB" },
		{ 1535, "1.4 KiB" },
		{ 1536, "1.5 KiB" },
		{ (UINT64_C(1) << 20) - 1, "1023.9 KiB" },
		{ UINT64_C(530055168), "505.5 MiB" },
		{ UINT64_C(4) << 40, "4 TiB" },
		{ UINT64_MAX, "15.9 EiB" },
	};
	char text[TEXT_AMOUNT_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		assert_string_equal(text_amount(text, rows[i].bytes), rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_without_conversions_is_copied),
		cmocka_unit_test(strings_have_width_side_and_precision),
		cmocka_unit_test(a_precision_guards_a_string_without_an_end),
		cmocka_unit_test(characters_are_fields_too),
		cmocka_unit_test(numbers_at_the_edges_are_libcs),
		cmocka_unit_test(random_numbers_are_libcs),
		cmocka_unit_test(a_full_buffer_cuts_and_ends_in_zero),
		cmocka_unit_test(a_conversion_of_no_kind_stands_as_it_is),
		cmocka_unit_test(a_size_has_one_digit_behind_the_point),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
