/* command_line.c - a kernel's command line -> its parameters: see command_line.h. */
#include "mapdiff/record/command_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

/* The first word at or behind @at; its length is in *ret_bytes, 0 at the end of the line. */
static const char *next_word(const char *at, size_t *ret_bytes)
{
	at += strspn(at, BLANKS);
	*ret_bytes = strcspn(at, BLANKS);
	return at;
}

bool command_line_has_word(const char *line, const char *word, size_t word_bytes)
{
	size_t bytes;

	for (const char *at = line; (at = next_word(at, &bytes)), bytes > 0; at += bytes)
		if (bytes == word_bytes && memcmp(at, word, bytes) == 0)
			return true;
	return false;
}

bool command_line_has(const struct record *record, const char *word)
{
	const char *line = record_fact(record, FACT_COMMAND_LINE);

	return line != NULL && command_line_has_word(line, word, strlen(word));
}

const char *command_line_value(const struct record *record, const char *key)
{
	const char *at = record_fact(record, FACT_COMMAND_LINE), *found = NULL;
	size_t bytes;

	for (; at != NULL && ((at = next_word(at, &bytes)), bytes > 0); at += bytes)
		if (strncmp(at, key, strlen(key)) == 0)
			found = at + strlen(key);
	return found;
}

uint64_t command_line_size(const struct record *record, const char *key)
{
	const char *text = command_line_value(record, key), *units = "kmgtpe", *unit;
	char *end;
	uint64_t value;
	unsigned int shift;

	if (text == NULL || !isdigit((unsigned char)*text))
		return UINT64_MAX;
	value = strtoull(text, &end, 0);
	unit = *end != '\0' ? strchr(units, tolower((unsigned char)*end)) : NULL;
	shift = unit != NULL ? 10 * (unsigned int)(unit - units + 1) : 0;
	return value <= UINT64_MAX >> shift ? value << shift : UINT64_MAX;
}

/* Is @item one of the items at @list, up to the end of the word? */
static bool list_has(const char *list, const char *item)
{
	size_t bytes = strcspn(list, "," BLANKS);

	while (bytes != strlen(item) || memcmp(list, item, bytes) != 0) {
		if (list[bytes] != ',')
			return false;
		list += bytes + 1;
		bytes = strcspn(list, "," BLANKS);
	}
	return true;
}

bool command_line_lists(const struct record *record, const char *key, const char *item)
{
	const char *at = record_fact(record, FACT_COMMAND_LINE);
	size_t bytes;

	for (; at != NULL && ((at = next_word(at, &bytes)), bytes > 0); at += bytes)
		if (strncmp(at, key, strlen(key)) == 0 && list_has(at + strlen(key), item))
			return true;
	return false;
}

bool command_line_differs(const struct record *before, const struct record *after, const char *key)
{
	const char *left = command_line_value(before, key), *right = command_line_value(after, key);
	size_t bytes;

	if (left == NULL || right == NULL)
		return left != right;
	bytes = strcspn(left, BLANKS);
	return bytes != strcspn(right, BLANKS) || memcmp(left, right, bytes) != 0;
}
