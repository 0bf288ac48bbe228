/*
 * test_thin.c - which capture goes, of folders as words: a letter for each number from 1 on, which
 * is its map; a capital is of another machine, ! is damaged, . is nothing, / is a folder.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "bootmem/count.h"
#include "efi/thin.h"

#define MOST  32
#define OURS  7
#define OTHER 8

static const struct {
	const char *rule, *folder;
	unsigned kept;
	char now;
	unsigned goes;
} rows[] = {
	{ "an empty folder", "", 0, 'a', 0 },
	{ "the last boot's stays", "a", 1, 'a', 0 },
	{ "of equal maps the oldest", "abcbd", 5, 'e', 2 },
	{ "this boot's is newer than all", "abcd", 4, 'b', 2 },
	{ "of three equal ones the first", "abbb", 4, 'e', 2 },
	{ "the last boot's is newer than its equals", "abcda", 5, 'e', 1 },
	{ "each map once: the oldest map", "abcd", 4, 'e', 1 },
	{ "the last boot's stays, though it is the oldest", "a", 1, 'e', 0 },
	{ "and if it is older than others", "aBC", 1, 'e', 2 },
	{ "and if it is equal to this one", "ab", 2, 'b', 1 },
	{ "of two machines equal maps are two", "aAb", 3, 'e', 1 },
	{ "and neither is newer than the other", "baAc", 4, 'e', 1 },
	{ "this boot's is of one machine", "AAb", 3, 'a', 1 },
	{ "not this boot's, of another machine", "bAc", 3, 'a', 1 },
	{ "what is damaged stays", "!a!b", 4, 'e', 2 },
	{ "so does what is none", "./.", 0, 'e', 0 },
	{ "there may be no last one", "ab", 0, 'c', 1 },
};

static void make(const char *folder, struct history *history, struct history_entry *entries)
{
	size_t n = strlen(folder);

	memset(entries, 0, MOST * sizeof entries[0]);
	*history = (struct history){ .entries = entries, .last_number = (unsigned)n };
	for (size_t i = 0; i < n; i++) {
		char letter = folder[i];
		struct history_entry *entry = &entries[i + 1];

		entry->is_taken = letter != '.';
		entry->is_capture = entry->is_taken && letter != '/';
		entry->is_read = entry->is_capture;
		entry->status = letter == '!' ? EFI_CRC_ERROR : EFI_SUCCESS;
		entry->machine = letter >= 'a' ? OURS : OTHER;
		entry->boot.crc32 = (uint32_t)(letter | 0x20);
	}
}

static void one_goes(void **state)
{
	static struct history_entry entries[MOST];
	struct history history;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned goes;

		make(rows[i].folder, &history, entries);
		goes = thin_find(&history, rows[i].kept, OURS, (uint32_t)rows[i].now);
		if (goes != rows[i].goes)
			fail_msg("%s: %u", rows[i].rule, goes);
	}
}

static void only_a_loader_bounds_them_unasked(void **state)
{
	struct config config;

	(void)state;
	config_defaults(&config);
	assert_int_equal(thin_most(&config), THIN_NO_BOUND);
	config.chain[0] = 'a';
	assert_int_equal(thin_most(&config), 50);
	config.most_captures = CONFIG_CAPTURES_ALL;
	assert_int_equal(thin_most(&config), THIN_NO_BOUND);
	config.most_captures = 9;
	assert_int_equal(thin_most(&config), 9);
	config.chain[0] = '\0';
	assert_int_equal(thin_most(&config), 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_goes),
		cmocka_unit_test(only_a_loader_bounds_them_unasked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
