/* command_line.c - a kernel's command line -> its parameters: see command_line.h. */
#include "mapdiff/record/command_line.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define BLANKS " \t"

/* What stands behind @key in the first word at or behind *at that starts with it, *at being moved
 * behind that word. NULL: there is none. */
static const char *next_value(const char **at, const char *key)
{
	const char *word;

	do {
		word = *at + strspn(*at, BLANKS);
		*at = word + strcspn(word, BLANKS);
	} while (*word != '\0' && strncmp(word, key, strlen(key)) != 0);
	return *word != '\0' ? word + strlen(key) : NULL;
}

bool command_line_has_word(const char *line, const char *word, size_t word_bytes)
{
	const char *key = memory_text(word, word_bytes), *rest;

	while ((rest = next_value(&line, key)) != NULL)
		if (strcspn(rest, BLANKS) == 0)
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
	const char *at = record_fact(record, FACT_COMMAND_LINE), *value, *last = NULL;

	while (at != NULL && (value = next_value(&at, key)) != NULL)
		last = value;
	return last;
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
	size_t bytes;

	do {
		bytes = strcspn(list, "," BLANKS);
		if (bytes == strlen(item) && memcmp(list, item, bytes) == 0)
			return true;
		list += bytes;
	} while (*list++ == ',');
	return false;
}

bool command_line_lists(const struct record *record, const char *key, const char *item)
{
	const char *at = record_fact(record, FACT_COMMAND_LINE), *value;

	while (at != NULL && (value = next_value(&at, key)) != NULL)
		if (list_has(value, item))
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
