/*
 * test_sha256.c - the examples of FIPS 180-4, any pieces, and what sha256sum of coreutils says of
 * files of random lengths.
 */
#define _GNU_SOURCE /* mkdtemp, popen */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handoff/load/sha256.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const char *text_of(const void *bytes, size_t n_bytes)
{
	static char text[SHA256_TEXT_BYTES];
	uint8_t sum[SHA256_BYTES];

	sha256_of(bytes, n_bytes, sum);
	return sha256_text(text, sum);
}

/* FIPS 180-4 names the examples of NIST's "Cryptographic Standards and Guidelines"; and around the
 * 56 bytes after which padding needs a block more. */
static void the_examples_have_their_sums(void **state)
{
	static const struct {
		const char *text, *sum;
	} rows[] = {
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn"
		  "hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(text_of(rows[i].text, strlen(rows[i].text)), rows[i].sum);
}

static void a_million_letters_have_their_sum(void **state)
{
	struct sha256 sha256;
	uint8_t sum[SHA256_BYTES];
	char letters[1000], text[SHA256_TEXT_BYTES];

	(void)state;
	memset(letters, 'a', sizeof letters);
	sha256_begin(&sha256);
	for (unsigned i = 0; i < 1000; i++)
		sha256_add(&sha256, letters, sizeof letters);
	sha256_end(&sha256, sum);
	assert_string_equal(sha256_text(text, sum),
	                    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void fill(uint8_t *bytes, size_t n_bytes, uint32_t *random)
{
	for (size_t i = 0; i < n_bytes; i++) {
		*random = *random * 1664525 + 1013904223;
		bytes[i] = (uint8_t)(*random >> 24);
	}
}

static void pieces_make_the_same_sum(void **state)
{
	uint8_t bytes[200], whole[SHA256_BYTES], sum[SHA256_BYTES];
	uint32_t random = 1;

	(void)state;
	fill(bytes, sizeof bytes, &random);
	sha256_of(bytes, sizeof bytes, whole);
	for (size_t first = 0; first <= sizeof bytes; first++) {
		for (size_t second = first; second <= sizeof bytes; second += 7) {
			struct sha256 sha256;

			sha256_begin(&sha256);
			sha256_add(&sha256, bytes, first);
			sha256_add(&sha256, bytes + first, second - first);
			sha256_add(&sha256, bytes + second, sizeof bytes - second);
			sha256_end(&sha256, sum);
			assert_true(sha256_is(sum, whole));
		}
	}
}

/* Files 0, 1, ... in a folder, and what sha256sum says of all of them. */
#define FILES 150

static void write_files(const char *folder, char sums[FILES][SHA256_TEXT_BYTES])
{
	static uint8_t bytes[0x20000];
	uint32_t random = 180;
	char path[64];

	for (unsigned i = 0; i < FILES; i++) {
		/* Each length around two blocks, then any. */
		size_t n_bytes = i < 130 ? i : random % sizeof bytes;
		FILE *file;

		fill(bytes, n_bytes > 0 ? n_bytes : 1, &random);
		snprintf(path, sizeof path, "%s/%u", folder, i);
		file = fopen(path, "wb");
		assert_non_null(file);
		assert_int_equal(fwrite(bytes, 1, n_bytes, file), n_bytes);
		fclose(file);
		memcpy(sums[i], text_of(bytes, n_bytes), SHA256_TEXT_BYTES);
	}
}

static void sha256sum_says_the_same(void **state)
{
	static char sums[FILES][SHA256_TEXT_BYTES];
	char folder[] = "/tmp/test_sha256.XXXXXX", command[128], sum[SHA256_TEXT_BYTES];
	FILE *said;
	unsigned number, n = 0;

	(void)state;
	assert_non_null(mkdtemp(folder));
	write_files(folder, sums);
	snprintf(command, sizeof command, "cd %s && sha256sum * && rm -r %s", folder, folder);
	said = popen(command, "r");
	assert_non_null(said);
	for (; fscanf(said, "%64s %u", sum, &number) == 2; n++) {
		assert_true(number < FILES);
		if (strcmp(sum, sums[number]) != 0)
			fail_msg("file %u: %s, not %s", number, sums[number], sum);
	}
	assert_int_equal(pclose(said), 0);
	assert_int_equal(n, FILES);
}

static void a_text_is_read_back(void **state)
{
	static const struct {
		const char *rule, *text;
		bool is_good;
	} rows[] = {
#define HEX60 "00112233445566778899aabbccddeeff00112233445566778899aabbccdd"
		{ "64 digits", HEX60 "eeff", true },
		{ "in capitals", HEX60 "EEFF", true },
		{ "63", HEX60 "eef", false },
		{ "65", HEX60 "eeff0", false },
		{ "a letter that is no digit", HEX60 "eefg", false },
		{ "what differs from a digit by one bit", HEX60 "eef\x11", false },
		{ "the sign before 0", HEX60 "eef/", false },
		{ "the sign behind 9", HEX60 "eef:", false },
		{ "the sign before a", HEX60 "eef`", false },
		{ "nothing", "", false },
	};
	uint8_t sum[SHA256_BYTES];
	char text[SHA256_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (sha256_parse(rows[i].text, strlen(rows[i].text), sum) != rows[i].is_good)
			fail_msg("%s", rows[i].rule);
		if (rows[i].is_good)
			assert_string_equal(sha256_text(text, sum), HEX60 "eeff");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_have_their_sums),
		cmocka_unit_test(a_million_letters_have_their_sum),
		cmocka_unit_test(pieces_make_the_same_sum),
		cmocka_unit_test(sha256sum_says_the_same),
		cmocka_unit_test(a_text_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
