/*
 * test_freestanding.c - memset, memcpy, memmove and memcmp of programs without a C library,
 * against byte loops: every small length at every small offset, and what lies around stays.
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

/* Under other names, as this program has those of the C library already, and may itself call them
 * at any moment. */
#define memset  bare_memset
#define memcpy  bare_memcpy
#define memmove bare_memmove
#define memcmp  bare_memcmp
#include "handoff/launch/freestanding.c"

#define ROOM  80
#define MOST  40 /* several words and a rest, of either width */
#define SHIFT 17 /* more than two words */

static void number_bytes(unsigned char *bytes)
{
	for (size_t i = 0; i < ROOM; i++)
		bytes[i] = (unsigned char)(i * 7 + 1);
}

static void assert_same(const unsigned char *a, const unsigned char *b)
{
	for (size_t i = 0; i < ROOM; i++)
		assert_int_equal(a[i], b[i]);
}

static void memset_fills_and_no_more(void **state)
{
	static const int values[] = { 0, 1, 0x5a, 0x80, 0xff, 0x123, -1 };
	unsigned char ours[ROOM], expected[ROOM];

	(void)state;
	for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
		for (size_t at = 0; at < SHIFT; at++) {
			for (size_t bytes = 0; bytes <= MOST; bytes++) {
				number_bytes(ours);
				number_bytes(expected);
				for (size_t i = 0; i < bytes; i++)
					expected[at + i] = (unsigned char)values[v];
				assert_ptr_equal(bare_memset(ours + at, values[v], bytes),
				                 ours + at);
				assert_same(ours, expected);
			}
		}
	}
}

static void memcpy_copies_and_no_more(void **state)
{
	unsigned char source[ROOM], ours[ROOM], expected[ROOM];

	(void)state;
	for (size_t i = 0; i < ROOM; i++)
		source[i] = (unsigned char)~i;
	for (size_t from = 0; from < SHIFT; from++) {
		for (size_t bytes = 0; bytes <= MOST; bytes++) {
			number_bytes(ours);
			number_bytes(expected);
			for (size_t i = 0; i < bytes; i++)
				expected[9 + i] = source[from + i];
			assert_ptr_equal(bare_memcpy(ours + 9, source + from, bytes), ours + 9);
			assert_same(ours, expected);
		}
	}
}

static void memmove_copies_over_itself_in_both_directions(void **state)
{
	unsigned char ours[ROOM], before[ROOM], expected[ROOM];

	(void)state;
	number_bytes(before);
	for (size_t from = 0; from < 2 * SHIFT; from++) {
		for (size_t to = 0; to < 2 * SHIFT; to++) {
			for (size_t bytes = 0; bytes <= MOST; bytes++) {
				number_bytes(ours);
				number_bytes(expected);
				for (size_t i = 0; i < bytes; i++)
					expected[to + i] = before[from + i];
				assert_ptr_equal(bare_memmove(ours + to, ours + from, bytes),
				                 ours + to);
				assert_same(ours, expected);
			}
		}
	}
}

static void memcmp_tells_by_the_first_byte_that_differs(void **state)
{
	static const struct {
		const char *rule;
		const char *a, *b;
		size_t bytes;
		int sign;
	} rows[] = {
		{ "no bytes are equal to no bytes", "a", "b", 0, 0 },
		{ "equal bytes are equal", "same", "same", 4, 0 },
		{ "what is behind does not count", "sameX", "sameY", 4, 0 },
		{ "the first difference decides", "azz", "baa", 3, -1 },
		{ "in the last byte too", "abd", "abc", 3, 1 },
		{ "bytes are unsigned", "\xff", "\x01", 1, 1 },
		{ "a zero byte is a byte", "a\0b", "a\0c", 3, -1 },
		{ "words are compared whole, and are equal", "0123456789abcdef", "0123456789abcdef",
		  16, 0 },
		{ "in a word, its first byte decides", "01234567a9zzzzzz", "01234567b8zzzzzz", 16,
		  -1 },
		{ "behind whole words, too", "0123456789abcdefg", "0123456789abcdeff", 17, 1 },
		{ "words need not be aligned", &"x0123456789abcdeg"[1], "0123456789abcdef", 16, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int result = bare_memcmp(rows[i].a, rows[i].b, rows[i].bytes);

		if ((result > 0) - (result < 0) != rows[i].sign)
			fail_msg("%s", rows[i].rule);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memset_fills_and_no_more),
		cmocka_unit_test(memcpy_copies_and_no_more),
		cmocka_unit_test(memmove_copies_over_itself_in_both_directions),
		cmocka_unit_test(memcmp_tells_by_the_first_byte_that_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
