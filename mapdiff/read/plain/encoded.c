/* encoded.c - base64, quoted-printable and flowed text -> text: see encoded.h. */
#include "mapdiff/read/plain/encoded.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/read/line.h"

/* --- base64 --- */

/* The value of a digit; -1: it is none. */
static int digit_of(int c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

struct base64 {
	char *to;
	size_t n_to;
	uint32_t bits;
	unsigned n_digits; /* of a group of four that is not over yet */
	bool is_padded;    /* it has its end */
};

/* Is all of @line, which is not empty, such text? */
static bool take_base64_line(struct base64 *base64, struct line line)
{
	for (; line.bytes > 0 && !base64->is_padded; line_move(&line, 1)) {
		int digit = digit_of(line_first(&line));

		if (line_first(&line) == '=') {
			base64->is_padded = base64->n_digits >= 2;
			if (!base64->is_padded)
				return false;
			continue;
		}
		if (digit < 0)
			return false;
		base64->bits = base64->bits << 6 | (uint32_t)digit;
		/* From the second digit of four on, each ends a byte. */
		if (base64->n_digits > 0)
			base64->to[base64->n_to++] =
				(char)(base64->bits >> (6 - 2 * base64->n_digits));
		base64->n_digits = (base64->n_digits + 1) % 4;
	}
	line_skip(&line, "= \t");
	return line.bytes == 0;
}

bool encoded_base64(struct bytes *bytes, unsigned long *ret_line)
{
	const struct input input = { .text = bytes->text, .bytes = bytes->n_text };
	struct base64 base64 = { .to = bytes->text };
	struct line line = { 0 };
	bool is_paragraph = true; /* a blank line was before it */

	while (line_next(&input, &line)) {
		struct line text = line;
		const struct base64 before = base64;

		line_skip_blanks(&text);
		text = line_until(&text, line_end(&text));
		*ret_line = line.number;
		if (text.bytes > 0 && (before.is_padded || !take_base64_line(&base64, text))) {
			base64 = before;
			if (!is_paragraph || base64.n_digits != 0 || base64.n_to == 0)
				return false;
			break; /* what a list put behind it */
		}
		is_paragraph = text.bytes == 0;
	}
	bytes->n_text = base64.n_to;
	return base64.is_padded || base64.n_digits == 0;
}

/* --- quoted-printable --- */

/* A text that is made shorter in place; a line of it that was several is moved on by as many. */
struct joined {
	char *text;
	size_t n_text, line_start;
	size_t n_owed; /* line ends */
};

static void put(struct joined *joined, char c)
{
	joined->text[joined->n_text++] = c;
}

static void end_line(struct joined *joined)
{
	char *line = joined->text + joined->line_start;

	if (joined->n_owed > 0)
		memmove(line + joined->n_owed, line, joined->n_text - joined->line_start);
	memset(line, '\n', joined->n_owed);
	joined->n_text += joined->n_owed;
	joined->line_start = joined->n_text;
	joined->n_owed = 0;
}

/* Behind an =, or what is to be one: the line ends there, but for blanks that a program added. */
static bool take_soft_break(struct line *text)
{
	struct line rest = *text;

	line_skip(&rest, " \t\r");
	if (!line_take(&rest, "\n"))
		return false;
	*text = rest;
	return true;
}

void encoded_quoted_printable(struct bytes *bytes)
{
	struct line text = { bytes->text, bytes->n_text, 0 };
	struct joined joined = { .text = bytes->text };
	uint64_t value;

	while (text.bytes > 0) {
		char c = text.start[0];

		line_move(&text, 1);
		if (c == '=' && take_soft_break(&text)) {
			joined.n_owed++;
			continue;
		}
		if (c == '=' && text.bytes >= 2 && text_digits(text.start, 2, 16, &value) == 2) {
			c = (char)value;
			line_move(&text, 2);
			put(&joined, c);
			continue;
		}
		put(&joined, c);
		if (c == '\n')
			end_line(&joined);
	}
	end_line(&joined);
	bytes->n_text = joined.n_text;
}

/* --- flowed text --- */

/* How deep @line is quoted; it starts behind the quotes, and behind the blank that hides a > or a
 * blank which the text itself has (RFC 3676 §4.4). */
static size_t take_depth(struct line *line)
{
	size_t depth = line_skip(line, ">");

	line_take(line, " ");
	return depth;
}

/* Does @line go on in @next, quoted as deep? A line that begins like one of a log is no rest, and
 * "-- " is no text that goes on, but a signature. */
static bool flows(const struct line *line, size_t depth, struct line next, size_t *ret_quote)
{
	const size_t bytes = next.bytes;

	if (line->bytes < 2 || line->start[line->bytes - 1] != ' ' ||
	    (line->bytes == 3 && memcmp(line->start, "-- ", 3) == 0))
		return false;
	if (take_depth(&next) != depth || next.bytes == 0 || line_first(&next) == '[')
		return false;
	*ret_quote = bytes - next.bytes;
	return true;
}

void encoded_flowed(struct bytes *bytes, bool drops_blank)
{
	const struct input input = { .text = bytes->text, .bytes = bytes->n_text };
	struct joined joined = { .text = bytes->text };
	struct line line = { 0 }, next;
	size_t depth = 0, quote = 0; /* what the last line has of that is left out */
	bool has_next = line_next(&input, &line), is_rest = false;

	while (has_next) {
		struct line text = line;

		if (!is_rest)
			depth = take_depth(&text);
		next = line;
		text = line;
		line_move(&text, is_rest ? quote : 0);
		has_next = line_next(&input, &next);
		is_rest = has_next && flows(&line, depth, next, &quote);
		text.bytes -= is_rest && drops_blank;
		for (size_t i = 0; i < text.bytes; i++)
			put(&joined, text.start[i]);
		joined.n_owed += is_rest;
		if (!is_rest && line_end(&text) < input.text + input.bytes) {
			put(&joined, '\n');
			end_line(&joined);
		}
		line = next;
	}
	end_line(&joined);
	bytes->n_text = joined.n_text;
}
