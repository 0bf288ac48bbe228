/* json.c - strings behind the keys that messages have: see json.h. */
#include "mapdiff/read/plain/json.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/line.h"

static void skip_space(const struct line *text, size_t *at)
{
	while (*at < text->bytes && isspace((unsigned char)text->start[*at]))
		++*at;
}

/* An object, or a list of them; each may have something before it: -o json-sse, -o json-seq. */
static bool is_json(const struct line *text)
{
	size_t at = 0;

	skip_space(text, &at);
	if (!line_take(text, &at, "data:"))
		line_take(text, &at, "\x1e");
	skip_space(text, &at);
	if (line_take(text, &at, "["))
		skip_space(text, &at);
	if (!line_take(text, &at, "{"))
		return false;
	skip_space(text, &at);
	return line_take(text, &at, "\"");
}

/* Behind a backslash: the character. */
static char take_escape(const struct line *text, size_t *at)
{
	char c = text->start[(*at)++];
	size_t n = text->bytes - *at < 4 ? text->bytes - *at : 4;
	uint64_t value;

	if (c != 'u')
		return strchr("nrtbf", c) != NULL ? ' ' : c;
	n = text_digits(text->start + *at, n, 16, &value);
	*at += n;
	if (n < 4)
		return '?';
	return value > 0 && value < 0x80 ? (char)value : value == 0xa0 ? ' ' : '?';
}

/* Behind the opening quote: the string to @to, which may be where it stands, and how long it is.
 * It ends with the line at the latest. */
static size_t take_string(const struct line *text, size_t *at, char *to)
{
	size_t n = 0;

	while (*at < text->bytes && text->start[*at] != '"' && text->start[*at] != '\n') {
		char c = text->start[(*at)++];

		if (c == '\\' && *at < text->bytes && text->start[*at] != '\n')
			c = take_escape(text, at);
		to[n++] = c;
	}
	line_take(text, at, "\"");
	return n;
}

static bool is_message_key(const char *key, size_t n)
{
	static const char *const keys[] = { "MESSAGE", "msg", "message", "log" };

	for (size_t i = 0; i < COUNT(keys); i++)
		if (n == strlen(keys[i]) && memcmp(key, keys[i], n) == 0)
			return true;
	return false;
}

void json_decode(struct bytes *bytes)
{
	const struct line text = { bytes->text, bytes->n_text, 0 };
	size_t at = 0, n = 0, line_start = 0;
	bool is_message = false; /* the value that comes next is one */

	if (!is_json(&text))
		return;
	while (at < text.bytes) {
		char c = text.start[at++];
		size_t length;

		if (c == '\n') {
			bytes->text[n++] = '\n';
			line_start = n;
		}
		if (c != '"') {
			is_message &= strchr(" \t\r\n:", c) != NULL;
			continue;
		}
		/* A key has three bytes more than its text, so there is room for a line end. */
		if (is_message && n > line_start)
			bytes->text[n++] = '\n';
		length = take_string(&text, &at, bytes->text + n);
		if (is_message)
			n += length;
		is_message = !is_message && is_message_key(bytes->text + n, length);
	}
	bytes->n_text = n;
}
