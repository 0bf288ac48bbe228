/*
 * test_manifest.c - the list in a signed image: sums by name; and which line of a configuration is
 * not as it was signed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/manifest.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define HEX62       "00112233445566778899aabbccddeeff00112233445566778899aabbccddee"

static struct manifest manifest_of(const char *text)
{
	return (struct manifest){ text, strlen(text) };
}

static const struct {
	const char *rule, *text, *name;
	int last; /* byte of the sum; -1: there is none */
} sums[] = {
	{ "no list", "", "initrd", -1 },
	{ "a name", "bootmem-manifest 1\ninitrd " HEX62 "ff\n", "initrd", 0xff },
	{ "one of several",
	  "bootmem-manifest 1\nkernel-ia32 " HEX62 "01\nkernel-amd64 " HEX62 "02\n", "kernel-amd64",
	  2 },
	{ "one that is not there", "bootmem-manifest 1\nkernel-ia32 " HEX62 "01\n", "initrd", -1 },
	{ "the beginning of a name", "bootmem-manifest 1\ninitrds " HEX62 "01\n", "initrd", -1 },
	{ "the text of a line is none", "bootmem-manifest 1\nline initrd " HEX62 "01\n", "initrd",
	  -1 },
	{ "the first one counts", "bootmem-manifest 1\nconfig " HEX62 "01\nconfig " HEX62 "02\n",
	  "config", 1 },
	{ "a sum that is none", "bootmem-manifest 1\nconfig " HEX62 "0\n", "config", -1 },
	{ "a name alone", "bootmem-manifest 1\nconfig\n", "config", -1 },
	{ "a later list", "bootmem-manifest 2\nconfig " HEX62 "01\n", "config", -1 },
	{ "something else", "config " HEX62 "01\n", "config", -1 },
	{ "its end is missing", "bootmem-manifest 1\nconfig " HEX62 "03", "config", 3 },
};

static void a_sum_has_a_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(sums); i++) {
		struct manifest manifest = manifest_of(sums[i].text);
		uint8_t sum[SHA256_BYTES];
		bool is_there = manifest_sum(&manifest, sums[i].name, sum);

		if (is_there != (sums[i].last >= 0) || (is_there && sum[31] != sums[i].last))
			fail_msg("%s", sums[i].rule);
	}
}

#define SIGNED                     \
	"# a stick\n"              \
	"kernel-amd64 = \\a.elf\n" \
	"mem = 2G\n"               \
	"reserve = 1M-2M one\n"    \
	"reserve = 3M-4M two\n"    \
	"label = docked\n"         \
	"policy = safe\n"

#define LIST                                                \
	MANIFEST_FIRST_LINE "\n"                            \
			    "line kernel-amd64 = \\a.elf\n" \
			    "line mem = 2G\n"               \
			    "line reserve = 1M-2M one\n"    \
			    "line reserve = 3M-4M two\n"    \
			    "line policy = safe\n"

#define K  "kernel-amd64 = \\a.elf\n"
#define M  "mem = 2G\n"
#define R1 "reserve = 1M-2M one\n"
#define R2 "reserve = 3M-4M two\n"
#define P  "policy = safe\n"

static const struct {
	const char *rule, *text;
	enum manifest_change change;
	unsigned number;
	const char *found, *wanted;
} edits[] = {
	{ "the same", SIGNED, MANIFEST_SAME, 0, "", "" },
	{ "without what does not count", K M R1 R2 P, MANIFEST_SAME, 0, "", "" },
	{ "with more of it", "label = x\n\n" K "# y\ntimeout = 3\n" M R1 R2 P "at-end = reset\n",
	  MANIFEST_SAME, 0, "", "" },
	{ "CR LF, blanks", "kernel-amd64=\\a.elf \r\n mem\t= 2G\r\n" R1 R2 "policy = safe",
	  MANIFEST_SAME, 0, "", "" },
	{ "another value", "# x\n" K "mem = 3G\n" R1 R2 P, MANIFEST_CHANGED, 3, "mem = 3G",
	  "mem = 2G" },
	{ "the same size in other words", K "mem = 2048M\n" R1 R2 P, MANIFEST_CHANGED, 2,
	  "mem = 2048M", "mem = 2G" },
	{ "a longer value", K "mem = 2GG\n" R1 R2 P, MANIFEST_CHANGED, 2, "mem = 2GG", "mem = 2G" },
	{ "a shorter one", K "mem = 2\n" R1 R2 P, MANIFEST_CHANGED, 2, "mem = 2", "mem = 2G" },
	{ "of a key that may come again", K M R1 "reserve = 3M-5M two\n" P, MANIFEST_CHANGED, 4,
	  "reserve = 3M-5M two", "reserve = 3M-4M two" },
	{ "a line more", K M R1 R2 "initrd = \\b\n" P, MANIFEST_ADDED, 5, "initrd = \\b", "" },
	{ "a line more at the start", "cmdline = x\n" K M R1 R2 P, MANIFEST_ADDED, 1, "cmdline = x",
	  "" },
	{ "a line more at the end", K M R1 R2 P "cmdline =\n", MANIFEST_ADDED, 6, "cmdline =", "" },
	{ "a line less", K R1 R2 P, MANIFEST_REMOVED, 0, "", "mem = 2G" },
	{ "the first one", M R1 R2 P, MANIFEST_REMOVED, 0, "", "kernel-amd64 = \\a.elf" },
	{ "the last one", K M R1 R2, MANIFEST_REMOVED, 0, "", "policy = safe" },
	{ "one that is a comment now", K "#" M R1 R2 P, MANIFEST_REMOVED, 0, "", "mem = 2G" },
	{ "all", "", MANIFEST_REMOVED, 0, "", "kernel-amd64 = \\a.elf" },
	{ "another key in its place", K "cmdline = x\n" R1 R2 P, MANIFEST_REMOVED, 0, "",
	  "mem = 2G" },
	{ "another order", M K R1 R2 P, MANIFEST_MOVED, 1, "mem = 2G", "" },
	{ "a key that begins as another", K "memo = 2G\n" R1 R2 P, MANIFEST_REMOVED, 0, "",
	  "mem = 2G" },
};

static void the_line_that_differs_is_named(void **state)
{
	const struct manifest manifest = manifest_of(LIST);
	uint8_t as_signed[SHA256_BYTES], sum[SHA256_BYTES];

	(void)state;
	manifest_sum_config(SIGNED, strlen(SIGNED), as_signed);
	for (size_t i = 0; i < N_OF(edits); i++) {
		size_t bytes = strlen(edits[i].text);
		char *copy = malloc(bytes > 0 ? bytes : 1);
		struct manifest_difference difference;

		memcpy(copy, edits[i].text, bytes);
		manifest_compare(&manifest, copy, bytes, &difference);
		manifest_sum_config(copy, bytes, sum);
		free(copy);
		if (sha256_is(sum, as_signed) != (edits[i].change == MANIFEST_SAME))
			fail_msg("%s: its sum says otherwise", edits[i].rule);
		if (difference.change != edits[i].change || difference.number != edits[i].number ||
		    strcmp(difference.found, edits[i].found) != 0 ||
		    strcmp(difference.wanted, edits[i].wanted) != 0)
			fail_msg("%s: %d, line %u: %s; signed: %s", edits[i].rule,
			         difference.change, difference.number, difference.found,
			         difference.wanted);
	}
}

static void what_is_shown_is_printable_and_fits(void **state)
{
	const struct manifest manifest = manifest_of(LIST);
	char text[400] = "kernel-amd64 = \x1b[1m\t\xe9";
	struct manifest_difference difference;

	(void)state;
	memset(text + strlen(text), 'x', sizeof text - strlen(text) - 1);
	manifest_compare(&manifest, text, strlen(text), &difference);
	assert_int_equal(difference.change, MANIFEST_CHANGED);
	assert_int_equal(strlen(difference.found), MANIFEST_SHOWN_BYTES - 1);
	assert_memory_equal(difference.found, "kernel-amd64 = ?[1m ?xxx", 24);
}

/* Any text against any list: no byte is read outside them, and they are the same exactly if their
 * sums are. */
static void any_texts_can_be_compared(void **state)
{
	static const char *const words[] = { "mem", "label", "line ", "=",           " = ",
		                             " ",   "\n",    "\r\n",  "#",           "2G",
		                             "x",   "\t",    "",      "\xef\xbb\xbf" };
	uint32_t seed = 1;
	unsigned n_same = 0;

	(void)state;
	for (unsigned i = 0; i < 20000; i++) {
		char texts[2][128] = { "", "" }, rows[512];
		struct manifest_difference difference;
		uint8_t both[2][SHA256_BYTES];
		struct manifest manifest;
		struct config_line line;
		const char *at;
		char *copy;
		unsigned number = 0;
		size_t n;

		for (unsigned j = 0; j < 2; j++) {
			for (unsigned k = 0; k < (i & 7); k++) {
				seed = seed * 1664525 + 1013904223;
				strcat(texts[j], words[(seed >> 16) % N_OF(words)]);
			}
			manifest_sum_config(texts[j], strlen(texts[j]), both[j]);
		}
		n = (size_t)sprintf(rows, MANIFEST_FIRST_LINE "\n");
		at = config_start(texts[0], strlen(texts[0]));
		while (config_next_line(&at, texts[0] + strlen(texts[0]), &number, &line))
			n += (size_t)sprintf(rows + n, "line %.*s = %.*s\n", (int)line.key_chars,
			                     line.key, (int)line.value_chars, line.value);
		copy = malloc(n);
		memcpy(copy, rows, n);
		manifest = (struct manifest){ copy, n };
		manifest_compare(&manifest, texts[1], strlen(texts[1]), &difference);
		if ((difference.change == MANIFEST_SAME) != sha256_is(both[0], both[1]))
			fail_msg("[%s] and [%s]: %d", texts[0], texts[1], difference.change);
		n_same += difference.change == MANIFEST_SAME;
		free(copy);
	}
	assert_in_range(n_same, 100, 19900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sum_has_a_name),
		cmocka_unit_test(the_line_that_differs_is_named),
		cmocka_unit_test(what_is_shown_is_printable_and_fits),
		cmocka_unit_test(any_texts_can_be_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
