/* json.c - strings behind the keys that messages have: see json.h. */
#include "mapdiff/read/plain/json.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/read/line.h"

#define SPACE " \t\r\n\v\f"

/* An object, or a list of them; each may have something before it: -o json-sse, -o json-seq. */
static bool is_json(struct line text)
{
	line_skip(&text, SPACE);
	if (!line_take(&text, "data:"))
		line_take(&text, "\x1e");
	line_skip(&text, SPACE "[");
	if (!line_take(&text, "{"))
		return false;
	line_skip(&text, SPACE);
	return line_take(&text, "\"");
}

/* Behind a backslash: the character. */
static char take_escape(struct line *text)
{
	char c = text->start[0];
	uint64_t value;
	size_t n;

	line_move(text, 1);
	if (c != 'u')
		return strchr("nrtbf", c) != NULL ? ' ' : c;
	n = text_digits(text->start, text->bytes < 4 ? text->bytes : 4, 16, &value);
	line_move(text, n);
	if (n < 4)
		return '?';
	return value > 0 && value < 0x80 ? (char)value : value == 0xa0 ? ' ' : '?';
}

/* Behind the opening quote: the string to @to, which may be where it stands, and how long it is.
 * It ends with the line at the latest. */
static size_t take_string(struct line *text, char *to)
{
	size_t n = 0;

	while (text->bytes > 0 && text->start[0] != '"' && text->start[0] != '\n') {
		char c = text->start[0];

		line_move(text, 1);
		if (c == '\\' && text->bytes > 0 && text->start[0] != '\n')
			c = take_escape(text);
		to[n++] = c;
	}
	line_take(text, "\"");
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
	struct line text = { bytes->text, bytes->n_text, 0 };
	size_t n = 0, line_start = 0, length;
	bool is_message = false; /* the value that comes next is one */

	if (!is_json(text))
		return;
	while (text.bytes > 0) {
		char c = text.start[0];

		line_move(&text, 1);
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
		length = take_string(&text, bytes->text + n);
		if (is_message)
			n += length;
		is_message = !is_message && is_message_key(bytes->text + n, length);
	}
	bytes->n_text = n;
}
