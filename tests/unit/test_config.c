/*
 * test_config.c - what a line of bootmem.conf means, and what is said about one that means nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/config.h"
#include "handoff/handoff.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define X15  "0123456789abcde"
#define X16  "0123456789abcdef"
#define X32  X16 X16
#define X64  X16 X16 X16 X16
#define X256 X64 X64 X64 X64
#define MOST UINT64_MAX

static struct config config;
static struct config_error error;

/* The text in memory of exactly its size, so that AddressSanitizer sees a byte read behind it. */
static bool parse_bytes(const char *text, size_t bytes)
{
	char *copy = malloc(bytes > 0 ? bytes : 1);
	bool is_good;

	memcpy(copy, text, bytes);
	config_defaults(&config);
	memset(&error, 0, sizeof error);
	is_good = config_parse(&config, copy, bytes, &error);
	free(copy);
	return is_good;
}

static bool parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void must_parse(const char *rule, const char *text)
{
	if (!parse(text))
		fail_msg("%s: line %u: %s: %s", rule, error.line, error.word, error.what);
}

static bool is_default(void)
{
	struct config defaults;

	config_defaults(&defaults);
	return memcmp(&defaults, &config, sizeof config) == 0;
}

static const struct {
	const char *rule, *text;
} silences[] = {
	{ "an empty file", "" },
	{ "an empty line", "\n" },
	{ "a line of blanks", " \t \r\n" },
	{ "a comment", "# target = none\n" },
	{ "a comment behind blanks", " \t# target = none\n" },
	{ "a comment without a line's end", "#" },
	{ "the mark of some editors, alone", "\xef\xbb\xbf" },
	{ "and before a comment", "\xef\xbb\xbf# bootmem\n" },
	{ "the defaults, said aloud",
	  "kernel-ia32 = \\bootmem\\kernel-ia32.elf\nkernel-amd64 = \\bootmem\\kernel-amd64.elf\n"
	  "target = auto\ncmdline =\ninitrd =\npolicy = safe\nkeep-boot-services = no\n"
	  "exceptions = paint\nat-end = halt\ntimeout = 0\non-error = wait\ncapture = yes\n"
	  "remember = no\nlabel =\nchain =\nchain-options =\npin = no\npin-pages = 32\n" },
};

static void what_says_nothing_leaves_the_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(silences); i++) {
		must_parse(silences[i].rule, silences[i].text);
		if (!is_default())
			fail_msg("%s", silences[i].rule);
	}
	assert_string_equal(config.kernel_ia32, "\\bootmem\\kernel-ia32.elf");
	assert_string_equal(config.kernel_amd64, "\\bootmem\\kernel-amd64.elf");
	assert_int_equal(config.target, CONFIG_TARGET_AUTO);
	assert_int_equal(config.policy, POLICY_SAFE);
	assert_int_equal(config.at_end, HANDOFF_END_HALT);
	assert_true(config.writes_capture);
}

#define FIELD(name) offsetof(struct config, name), sizeof config.name

static const struct {
	const char *rule, *text;
	size_t offset, bytes;
	uint64_t value;
} numbers[] = {
	{ "auto", "target = auto", FIELD(target), CONFIG_TARGET_AUTO },
	{ "ia32", "target = ia32", FIELD(target), CONFIG_TARGET_IA32 },
	{ "amd64", "target = amd64", FIELD(target), CONFIG_TARGET_AMD64 },
	{ "safe", "policy = safe", FIELD(policy), POLICY_SAFE },
	{ "linux-2.6.24", "policy = linux-2.6.24", FIELD(policy), POLICY_LINUX },
	{ "halt", "at-end = halt", FIELD(at_end), HANDOFF_END_HALT },
	{ "gates", "exceptions = paint", FIELD(paints_exceptions), true },
	{ "no gates", "exceptions = none", FIELD(paints_exceptions), false },
	{ "reset", "at-end = reset", FIELD(at_end), HANDOFF_END_RESET },
	{ "poweroff", "at-end = poweroff", FIELD(at_end), HANDOFF_END_POWEROFF },
	{ "no", "keep-boot-services = no", FIELD(keep_boot_services), false },
	{ "yes", "keep-boot-services = yes", FIELD(keep_boot_services), true },
	{ "a capture", "capture = yes", FIELD(writes_capture), true },
	{ "no capture", "capture = no", FIELD(writes_capture), false },
	{ "a stage", "remember = yes", FIELD(remembers), true },
	{ "no stage", "remember = no", FIELD(remembers), false },
	{ "the least captures", "captures = 4", FIELD(most_captures), 4 },
	{ "all captures", "captures = all", FIELD(most_captures), CONFIG_CAPTURES_ALL },
	{ "a pin", "pin = yes", FIELD(pins), true },
	{ "no pin", "pin = no", FIELD(pins), false },
	{ "the smallest block", "pin-pages = 8", FIELD(pin_pages), 8 },
	{ "the largest block", "pin-pages = 0x1000", FIELD(pin_pages), 4096 },
	{ "a page is the least", "mem = 4096", FIELD(mem_limit_paddr), 4096 },
	{ "hexadecimal", "mem = 0xfee1dead", FIELD(mem_limit_paddr), 0xfee1dead },
	{ "in capitals", "mem = 0XFEE1DEAD", FIELD(mem_limit_paddr), 0xfee1dead },
	{ "K", "mem = 4K", FIELD(mem_limit_paddr), 4096 },
	{ "k", "mem = 4k", FIELD(mem_limit_paddr), 4096 },
	{ "M", "mem = 256M", FIELD(mem_limit_paddr), UINT64_C(256) << 20 },
	{ "G", "mem = 8G", FIELD(mem_limit_paddr), UINT64_C(8) << 30 },
	{ "T", "mem = 1T", FIELD(mem_limit_paddr), UINT64_C(1) << 40 },
	{ "a suffix behind hexadecimal", "mem = 0x10M", FIELD(mem_limit_paddr),
	  UINT64_C(16) << 20 },
	{ "leading zeros are decimal", "mem = 0008192", FIELD(mem_limit_paddr), 8192 },
	{ "2^64 - 1 in decimal", "mem = 18446744073709551615", FIELD(mem_limit_paddr), MOST },
	{ "and in hexadecimal", "mem = 0xffffffffffffffff", FIELD(mem_limit_paddr), MOST },
	{ "the most T", "mem = 16777215T", FIELD(mem_limit_paddr), UINT64_C(0xffffff) << 40 },
	{ "errors wait", "on-error = wait", FIELD(waits_on_error), true },
	{ "errors do not", "on-error = continue", FIELD(waits_on_error), false },
	{ "no time", "timeout = 0", FIELD(timeout_seconds), 0 },
	{ "for ever", "timeout = never", FIELD(timeout_seconds), CONFIG_TIMEOUT_NEVER },
	{ "an hour", "timeout = 3600", FIELD(timeout_seconds), 3600 },
	{ "no blanks around the sign", "timeout=5", FIELD(timeout_seconds), 5 },
	{ "blanks and tabs everywhere", "\t timeout \t=\t 5 \t", FIELD(timeout_seconds), 5 },
	{ "a carriage return", "timeout = 5\r\n", FIELD(timeout_seconds), 5 },
	{ "no line feed at the end", "# x\ntimeout = 5", FIELD(timeout_seconds), 5 },
	{ "the mark of some editors", "\xef\xbb\xbftimeout = 5\n", FIELD(timeout_seconds), 5 },
};

static void numbers_and_choices_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(numbers); i++) {
		uint64_t value = 0;

		must_parse(numbers[i].rule, numbers[i].text);
		memcpy(&value, (const char *)&config + numbers[i].offset, numbers[i].bytes);
		if (value != numbers[i].value)
			fail_msg("%s: 0x%llx", numbers[i].rule, (unsigned long long)value);
	}
}

static const struct {
	const char *rule, *text;
	size_t offset;
	const char *value;
} strings[] = {
	{ "the path of a kernel for IA-32", "kernel-ia32 = \\k",
	  offsetof(struct config, kernel_ia32), "\\k" },
	{ "and for AMD64", "kernel-amd64 = /boot/k.elf", offsetof(struct config, kernel_amd64),
	  "/boot/k.elf" },
	{ "an empty value: none", "kernel-amd64 =", offsetof(struct config, kernel_amd64), "" },
	{ "the path of an initrd", "initrd = \\a b.img", offsetof(struct config, initrd),
	  "\\a b.img" },
	{ "the longest path", "initrd = " X64 X64 X64 X16 X16 X16 "0123456789abcde",
	  offsetof(struct config, initrd), X64 X64 X64 X16 X16 X16 "0123456789abcde" },
	{ "the path of a loader", "chain = \\EFI\\debian\\shimx64.efi",
	  offsetof(struct config, chain), "\\EFI\\debian\\shimx64.efi" },
	{ "the next one", "chain = next", offsetof(struct config, chain), "next" },
	{ "options", "chain-options = root=/dev/sda2 \"a\" # b",
	  offsetof(struct config, chain_options), "root=/dev/sda2 \"a\" # b" },
	{ "the longest options", "chain-options = " X256 X64 X64 X64 X32 X16 X15,
	  offsetof(struct config, chain_options), X256 X64 X64 X64 X32 X16 X15 },
	{ "a command line is taken as it is", "cmdline = root=/dev/sda1  a=b # c",
	  offsetof(struct config, cmdline), "root=/dev/sda1  a=b # c" },
	{ "a label", "label = docked, on battery", offsetof(struct config, label),
	  "docked, on battery" },
	{ "the longest label", "label = " X64 X16 X16 X16 "0123456789abcde",
	  offsetof(struct config, label), X64 X16 X16 X16 "0123456789abcde" },
	{ "but for the blanks around it", "cmdline =   quiet  \r\n",
	  offsetof(struct config, cmdline), "quiet" },
};

static void strings_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(strings); i++) {
		must_parse(strings[i].rule, strings[i].text);
		if (strcmp((const char *)&config + strings[i].offset, strings[i].value) != 0)
			fail_msg("%s", strings[i].rule);
	}
}

static const struct {
	const char *rule, *text;
	uint64_t start_paddr, end_paddr;
	const char *reason;
} reserves[] = {
	{ "a range and why", "reserve = 0x5000000-0x5100000 bad DIMM", 0x5000000, 0x5100000,
	  "bad DIMM" },
	{ "a range without a reason", "reserve = 1M-2M", 0x100000, 0x200000,
	  "asked for in \\bootmem.conf" },
	{ "decimal", "reserve = 4096-8192 x", 4096, 8192, "x" },
	{ "one byte", "reserve = 5-6 x", 5, 6, "x" },
	{ "from 0", "reserve = 0-1 x", 0, 1, "x" },
	{ "as far as there are addresses", "reserve = 0-0xffffffffffffffff x", 0, MOST, "x" },
	{ "a tab before the reason", "reserve = 4K-8K\tx", 4096, 8192, "x" },
	{ "blanks in the reason", "reserve = 4K-8K  x -  y ", 4096, 8192, "x -  y" },
	{ "the longest reason", "reserve = 4K-8K " X64 "0123456", 4096, 8192, X64 "0123456" },
};

static void reserve_lines_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(reserves); i++) {
		const struct reservation *reserve = &config.reserves[0];

		must_parse(reserves[i].rule, reserves[i].text);
		if (config.n_reserves != 1 || reserve->start_paddr != reserves[i].start_paddr ||
		    reserve->end_paddr != reserves[i].end_paddr)
			fail_msg("%s: range", reserves[i].rule);
		if (strcmp(reserve->reason, reserves[i].reason) != 0)
			fail_msg("%s: %s", reserves[i].rule, reserve->reason);
		assert_int_equal(reserve->kind, RESERVATION_CONFIGURED);
		assert_int_equal(reserve->origin, ORIGIN_EXTENSION);
		assert_int_equal(reserve->lifetime, LIFETIME_FOREVER);
	}
}

static void sums_are_of_any_file_or_of_one(void **state)
{
	static const struct {
		const char *rule, *of, *path;
		bool is_of;
	} rows[] = {
		{ "any", "", "\\a.elf", true },
		{ "the same", "\\b\\a.elf", "\\b\\a.elf", true },
		{ "with the other slash", "/b/a.elf", "\\b\\a.elf", true },
		{ "in capitals, which are one to a FAT", "\\B\\A.ELF", "\\b\\a.elf", true },
		{ "without the first slash", "b\\a.elf", "\\b\\a.elf", true },
		{ "another one", "\\b\\a.elf", "\\b\\b.elf", false },
		{ "a longer one", "\\b\\a.elf", "\\b\\a.elf2", false },
		{ "a shorter one", "\\b\\a.elf", "\\b\\a.el", false },
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		snprintf(text, sizeof text,
		         "kernel-sha256 = " X32 X16 "0123456789ABCDEF %s\ninitrd-sha256 =\n",
		         rows[i].of);
		must_parse(rows[i].rule, text);
		assert_int_equal(config.kernel_sums.n_sums, 1);
		assert_int_equal(config.initrd_sums.n_sums, 0);
		assert_int_equal(config.kernel_sums.sums[0].sha256[31], 0xef);
		if (config_sum_is_of(&config.kernel_sums.sums[0], rows[i].path) != rows[i].is_of)
			fail_msg("%s", rows[i].rule);
	}
}

static const struct {
	const char *rule, *text;
	const char *lines; /* NUMBER KEY=VALUE, a line each */
} counting[] = {
	{ "nothing", "", "" },
	{ "comments and blank lines do not count", "# a\n\n \t\r\n  # b", "" },
	{ "what can be edited does not",
	  "label = x\ncapture = no\ncaptures = 9\ntimeout = 5\non-error = wait\nat-end = halt\n",
	  "" },
	{ "all else does, in its order", "mem = 4K\ntarget = auto\nreserve = 1-2 a b\n",
	  "1 mem=4K\n2 target=auto\n3 reserve=1-2 a b\n" },
	{ "a loader and its memory do",
	  "chain = next\nchain-options = a\npin = yes\npin-pages = 9\n",
	  "1 chain=next\n2 chain-options=a\n3 pin=yes\n4 pin-pages=9\n" },
	{ "blanks around it do not", "\t mem\t=  4K \r\n", "1 mem=4K\n" },
	{ "nor does how a line ends", "mem = 4K\r\ntarget = auto", "1 mem=4K\n2 target=auto\n" },
	{ "those inside a value do", "cmdline = a  b\tc\n", "1 cmdline=a  b\tc\n" },
	{ "a value may be empty, and have = in it", "initrd =\ncmdline = a=b = c\n",
	  "1 initrd=\n2 cmdline=a=b = c\n" },
	{ "the mark of some editors does not", "\xef\xbb\xbfmem = 4K\n", "1 mem=4K\n" },
	{ "lines that do not count have numbers", "# a\nlabel = b\nmem = 4K\n", "3 mem=4K\n" },
	{ "what is no key counts", "labels = x\nLabel = y\nx\n", "1 labels=x\n2 Label=y\n3 x=\n" },
};

static void lines_that_count(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(counting); i++) {
		size_t bytes = strlen(counting[i].text), n = 0;
		const char *end = counting[i].text + bytes;
		const char *at = config_start(counting[i].text, bytes);
		struct config_line line;
		unsigned number = 0;
		char said[256] = "";

		while (config_next_line(&at, end, &number, &line))
			n += (size_t)snprintf(said + n, sizeof said - n, "%u %.*s=%.*s\n",
			                      line.number, (int)line.key_chars, line.key,
			                      (int)line.value_chars, line.value);
		if (strcmp(said, counting[i].lines) != 0)
			fail_msg("%s: %s", counting[i].rule, said);
	}
}

#define R4   "reserve = 4K-8K\nreserve = 4K-8K\nreserve = 4K-8K\nreserve = 4K-8K\n"
#define R16  R4 R4 R4 R4
#define SUM  "kernel-sha256 = " X64 "\n"
#define SUM4 SUM SUM SUM SUM

static const struct {
	const char *rule, *text;
	unsigned line;
	const char *word, *what; /* its beginning */
} errors[] = {
	{ "a word alone", "target", 1, "target", "not a line of the form" },
	{ "a value alone", "= auto", 1, "", "not a key" },
	{ "an unknown key", "kernel = x", 1, "kernel", "not a key" },
	{ "a key in capitals", "Target = auto", 1, "Target", "not a key" },
	{ "the beginning of a key", "tim = 1", 1, "tim", "not a key" },
	{ "a key with something behind it", "timeouts = 1", 1, "timeouts", "not a key" },
	{ "lines count from 1, comments too", "# x\n\ntarget = auto\r\nfoo = 1\nbar = 2", 4, "foo",
	  "not a key" },
	{ "a second time", "target = auto\n#\ntarget = auto\n", 3, "target",
	  "this key stands here a second time" },
	{ "no value where there must be one", "target =", 1, "target", "not one of the values" },
	{ "a value that is none", "target = x86", 1, "x86", "not one of the values" },
	{ "one that begins as a value does", "target = ia32e", 1, "ia32e",
	  "not one of the values" },
	{ "part of a value", "policy = linux", 1, "linux", "not one of the values" },
	{ "an end that is none", "at-end = reboot", 1, "reboot", "not one of the values" },
	{ "neither yes nor no", "keep-boot-services = 1", 1, "1", "not one of the values" },
	{ "neither a capture nor none", "capture = always", 1, "always", "not one of the values" },
	{ "a label that is too long", "label = " X64 X64, 1, X16 X16 X16 "0123456789abcde",
	  "the label is longer" },
	{ "options that are too long", "chain-options = " X256 X256, 1, X16 X16 X16 X15,
	  "the options are too long" },
	{ "a block that is too small", "pin-pages = 7", 1, "7", "not a number of pages from 8" },
	{ "a block that is too large", "pin-pages = 4097", 1, "4097", "not a number of pages" },
	{ "no number of pages", "pin-pages = yes", 1, "yes", "not a number of pages" },
	{ "too few captures", "captures = 3", 1, "3", "not a number from 4 to 9999" },
	{ "too many captures", "captures = 10000", 1, "10000", "not a number from 4 to 9999" },
	{ "a pin that is an address", "pin = 0x10000000", 1, "0x10000000",
	  "not one of the values" },
	{ "a loader in quotes", "chain = \"\\a.efi\"", 1, "\"\\a.efi\"", "not a path" },
	{ "a path that is too long", "kernel-ia32 = " X256, 1, X16 X16 X16 "0123456789abcde",
	  "the path is too long" },
	{ "the same for the other kernel", "kernel-amd64 = " X256, 1, X16 X16 X16 "0123456789abcde",
	  "the path is too long" },
	{ "and for the initrd", "initrd = " X256, 1, X16 X16 X16 "0123456789abcde",
	  "the path is too long" },
	{ "a digit less than a sum has", "kernel-sha256 = " X32 X16 X15, 1, X16 X16 X16 X15,
	  "not a SHA-256" },
	{ "a digit more", "initrd-sha256 = " X64 "0", 1, X16 X16 X16 X15, "not a SHA-256" },
	{ "a letter that is no digit", "kernel-sha256 = g" X32 X16 X15, 1,
	  "g" X32 X16 "0123456789abcd", "not a SHA-256" },
	{ "a file before its sum", "kernel-sha256 = \\a.elf " X64, 1, "\\a.elf " X32 X16 "01234567",
	  "not a SHA-256" },
	{ "a sum of a file whose path is too long", "kernel-sha256 = " X64 " " X256, 1,
	  X16 X16 X16 X15, "the path is too long" },
	{ "more sums than there is room for", SUM4 "kernel-sha256 = " X64, 5, X16 X16 X16 X15,
	  "more than 4 lines" },
	{ "no size", "mem =", 1, "mem", "not a size" },
	{ "a word as size", "mem = much", 1, "much", "not a size" },
	{ "a negative size", "mem = -4096", 1, "-4096", "not a size" },
	{ "a prefix alone", "mem = 0x", 1, "0x", "not a size" },
	{ "a prefix and a suffix alone", "mem = 0xK", 1, "0xK", "not a size" },
	{ "a suffix alone", "mem = M", 1, "M", "not a size" },
	{ "two suffixes", "mem = 1KM", 1, "1KM", "not a size" },
	{ "a suffix behind a blank", "mem = 1 M", 1, "1 M", "not a size" },
	{ "an unknown suffix", "mem = 1P", 1, "1P", "not a size" },
	{ "hexadecimal digits in a decimal number", "mem = 1f00", 1, "1f00", "not a size" },
	{ "2^64", "mem = 18446744073709551616", 1, "18446744073709551616", "not a size" },
	{ "ten times as much", "mem = 184467440737095516150", 1, "184467440737095516150",
	  "not a size" },
	{ "2^64 in hexadecimal", "mem = 0x10000000000000000", 1, "0x10000000000000000",
	  "not a size" },
	{ "2^64 by a suffix", "mem = 16777216T", 1, "16777216T", "not a size" },
	{ "hardly any memory", "mem = 4095", 1, "4095", "less than a page" },
	{ "none", "mem = 0", 1, "0", "less than a page" },
	{ "more than for ever", "timeout = Never", 1, "Never", "not a number of seconds" },
	{ "longer than an hour", "timeout = 3601", 1, "3601", "not a number of seconds" },
	{ "for ever", "timeout = -1", 1, "-1", "not a number of seconds" },
	{ "no range", "reserve =", 1, "reserve", "not START-END" },
	{ "no end", "reserve = 4K", 1, "4K", "not START-END" },
	{ "an end that is no number", "reserve = 4K-x", 1, "4K-x", "not START-END" },
	{ "no start", "reserve = -8K", 1, "-8K", "not START-END" },
	{ "blanks in the range", "reserve = 4K - 8K x", 1, "4K - 8K x", "not START-END" },
	{ "an empty range", "reserve = 8K-8K", 1, "8K-8K", "an empty range" },
	{ "a range that ends before it begins", "reserve = 8K-4K x", 1, "8K-4K x",
	  "an empty range" },
	{ "a reason that is too long", "reserve = 4K-8K " X64 "01234567", 1,
	  "4K-8K " X16 X16 X16 "012345678", "the reason is longer" },
	{ "more ranges than there is room for", R16 "reserve = 4K-8K", 17, "4K-8K",
	  "more than 16 reserve lines" },
};

static void an_error_names_line_and_word(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(errors); i++) {
		if (parse(errors[i].text))
			fail_msg("%s: is no error", errors[i].rule);
		if (error.line != errors[i].line)
			fail_msg("%s: line %u", errors[i].rule, error.line);
		if (strncmp(error.what, errors[i].what, strlen(errors[i].what)) != 0)
			fail_msg("%s: %s", errors[i].rule, error.what);
		if (strcmp(error.word, errors[i].word) != 0)
			fail_msg("%s: about '%s'", errors[i].rule, error.word);
	}
}

/* What may have been meant. */
static const struct {
	const char *rule, *text, *hint;
} hints[] = {
	{ "a letter is missing", "labl = x", "Did you mean label?" },
	{ "two are in each other's place", "lable = x", "Did you mean label?" },
	{ "one is another", "kernel_amd64 = x", "Did you mean kernel-amd64?" },
	{ "a key in capitals", "Target = auto", "Keys are in small letters: target" },
	{ "nothing is near", "colour = red",
	  "The file that bootmem comes with has all keys in it." },
	{ "a value in capitals", "target = AMD64", "Values are in small letters: amd64" },
	{ "the values", "policy = linux", "It can be safe or linux-2.6.24." },
	{ "three of them", "at-end = reboot", "It can be halt, reset or poweroff." },
	{ "two of them", "on-error = stop", "It can be continue or wait." },
	{ "quotes around a word", "target = \"auto\"", "Write it without quotes." },
	{ "quotes around a path", "initrd = \"\\a\"", "Write it without quotes." },
	{ "a comment behind a word", "target = auto # usual",
	  "A comment has to be a line of its own." },
	{ "a comment behind a number", "timeout = 5 # seconds",
	  "A comment has to be a line of its own." },
	{ "a comment behind a path", "kernel-ia32 = \\a.elf # mine",
	  "A comment has to be a line of its own." },
	{ "nothing to say", "mem = much", "" },
};

static void an_error_says_what_may_have_been_meant(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(hints); i++) {
		if (parse(hints[i].text))
			fail_msg("%s: is no error", hints[i].rule);
		if (strcmp(error.hint, hints[i].hint) != 0)
			fail_msg("%s: %s", hints[i].rule, error.hint);
	}
}

/* In the user's own words quotes and # stand for themselves; and so does # in a name. */
static void text_is_taken_as_it_is(void **state)
{
	(void)state;
	must_parse("label", "label = \"docked\" # 2");
	assert_string_equal(config.label, "\"docked\" # 2");
	must_parse("cmdline", "cmdline = root=\"x\" # y");
	assert_string_equal(config.cmdline, "root=\"x\" # y");
	must_parse("path", "initrd = \\a#b");
	assert_string_equal(config.initrd, "\\a#b");
}

static void an_error_shows_the_place(void **state)
{
	(void)state;
	assert_false(parse("# one\n# two\r\n\tthree = 3\r\ntarget = x\n"));
	assert_int_equal(error.line, 3);
	assert_string_equal(error.shown[0], "# one");
	assert_string_equal(error.shown[1], "# two");
	assert_string_equal(error.shown[2], " three = 3");
	assert_int_equal(error.column, 1);
	assert_int_equal(error.length, 5);
	assert_false(parse("target = " X64 X64 "\n"));
	assert_string_equal(error.shown[0], "");
	assert_int_equal(strlen(error.shown[2]), CONFIG_SHOWN_BYTES - 1);
	assert_int_equal(error.column, 9);
	assert_int_equal(error.length, 128);
}

/* A capture does not need all of it. */
static void lines_behind_an_error_count(void **state)
{
	(void)state;
	assert_false(parse("colour = red\nlabel = docked\ncapture = no\ntarget = x86\n"));
	assert_int_equal(error.line, 1);
	assert_false(error.is_about_label);
	assert_string_equal(config.label, "docked");
	assert_false(config.writes_capture);
	assert_false(parse("capture = maybe\nmem = 12\ntimeout = 3601\n"));
	assert_true(config.writes_capture); /* the default */
	assert_int_equal(config.mem_limit_paddr, 0);
	assert_int_equal(config.timeout_seconds, 0);
	assert_false(parse("label = " X64 X64 "\n"));
	assert_true(error.is_about_label);
	assert_false(parse("capture = maybe\nlabel = " X64 X64 "\n"));
	assert_false(error.is_about_label);
}

static void utf_16_is_named(void **state)
{
	static const char le[] = "\xff\xfet\0", be[] = "\xfe\xff\0t", bare[] = "t\0a\0";

	(void)state;
	assert_false(parse_bytes(le, 4));
	assert_non_null(strstr(error.what, "UTF-16"));
	assert_false(parse_bytes(be, 4));
	assert_non_null(strstr(error.what, "UTF-16"));
	assert_false(parse_bytes(bare, 4));
	assert_non_null(strstr(error.what, "UTF-16"));
	assert_int_equal(error.line, 1);
}

static void the_command_line_has_2047_characters_at_most(void **state)
{
	static char text[sizeof "cmdline = " + CONFIG_CMDLINE_BYTES];

	(void)state;
	memset(text, 'x', sizeof text - 2);
	memcpy(text, "cmdline = ", strlen("cmdline = "));
	assert_int_equal(strlen(text), strlen("cmdline = ") + CONFIG_CMDLINE_BYTES - 1);
	must_parse("the longest", text);
	assert_int_equal(strlen(config.cmdline), CONFIG_CMDLINE_BYTES - 1);
	text[strlen(text)] = 'x';
	assert_false(parse(text));
	assert_string_equal(error.what, "the command line is too long");
}

static void a_0_byte_is_a_character_that_no_value_has(void **state)
{
	(void)state;
	assert_false(parse_bytes("target = auto\0", 14));
	assert_false(parse_bytes("t\0a\0", 4));
	assert_false(parse_bytes("initrd = \\a\0b", 13));
	assert_false(parse_bytes("mem = 1\0", 8));
	assert_false(parse_bytes("cmdline = a\0b", 13));
}

/* The file that users get, and that says what the keys are. */
static void the_manual_is_a_configuration_without_an_error(void **state)
{
	static char text[CONFIG_FILE_BYTES];
	FILE *file = fopen("esp/bootmem.conf", "rb");
	size_t bytes;

	(void)state;
	if (file == NULL) {
		print_message("esp/bootmem.conf is not below this directory\n");
		skip();
	}
	bytes = fread(text, 1, sizeof text, file);
	fclose(file);
	assert_true(parse_bytes(text, bytes));
	assert_true(is_default());
}

/* Any text: no byte is read outside it, and an error has its words. */
static void any_text_ends_in_a_configuration_or_in_an_error(void **state)
{
	static const char *const words[] = {
		"kernel-ia32", "target", "cmdline", "mem",  "reserve", "timeout", "=",  " ",
		"\n",          "\r",     "\t",      "#",    "-",       "0x",      "1",  "f",
		"K",           "auto",   "T",       "9999", "\xef",    "yes",     "4K", "\\",
	};
	uint32_t seed = 1;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char text[128] = "";

		for (int n = 0; n < 12; n++) {
			seed = seed * 1664525 + 1013904223;
			strcat(text, words[(seed >> 16) % N_OF(words)]);
		}
		if (!parse(text)) {
			assert_in_range(error.line, 1, 13);
			assert_non_null(error.what);
			assert_in_range(strlen(error.word), 0, sizeof error.word - 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_says_nothing_leaves_the_defaults),
		cmocka_unit_test(numbers_and_choices_are_read),
		cmocka_unit_test(strings_are_read),
		cmocka_unit_test(reserve_lines_are_read),
		cmocka_unit_test(sums_are_of_any_file_or_of_one),
		cmocka_unit_test(lines_that_count),
		cmocka_unit_test(an_error_names_line_and_word),
		cmocka_unit_test(an_error_says_what_may_have_been_meant),
		cmocka_unit_test(text_is_taken_as_it_is),
		cmocka_unit_test(an_error_shows_the_place),
		cmocka_unit_test(lines_behind_an_error_count),
		cmocka_unit_test(utf_16_is_named),
		cmocka_unit_test(the_command_line_has_2047_characters_at_most),
		cmocka_unit_test(a_0_byte_is_a_character_that_no_value_has),
		cmocka_unit_test(the_manual_is_a_configuration_without_an_error),
		cmocka_unit_test(any_text_ends_in_a_configuration_or_in_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
