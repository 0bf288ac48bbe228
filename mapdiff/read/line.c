/* line.c - lines, and pieces of them: see line.h. */
#include "mapdiff/read/line.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "mapdiff/base/text.h"

#define MOST_NUMBER 6 /* digits of that of a line */
#define MOST_QUOTED 78
#define MOST_TIME   40

bool line_next(const struct input *input, struct line *line)
{
	const char *end = input->text + input->bytes;
	const char *start = input->text, *newline;

	if (line->start == NULL) {
		line->number = input->lines_before;
	} else { /* behind the line end that was cut off */
		newline = memchr(line_end(line), '\n', (size_t)(end - line_end(line)));
		start = newline == NULL ? end : newline + 1;
	}
	if (start == end)
		return false;
	newline = memchr(start, '\n', (size_t)(end - start));
	line->start = start;
	line->bytes = (size_t)((newline == NULL ? end : newline) - start);
	line->number++;
	while (line->bytes > 0 && start[line->bytes - 1] == '\r')
		line->bytes--;
	return true;
}

void line_skip_blanks(struct line *line)
{
	while (line_first(line) == ' ' || line_first(line) == '\t')
		line_move(line, 1);
}

size_t line_skip(struct line *line, const char *set)
{
	const char *start = line->start;

	while (line_first(line) != '\0' && strchr(set, line_first(line)) != NULL)
		line_move(line, 1);
	return (size_t)(line->start - start);
}

bool line_take(struct line *line, const char *text)
{
	size_t bytes;

	if (line->bytes == 0 || line->start[0] != *text) /* mostly: so it is quick */
		return false;
	bytes = strlen(text);
	if (line->bytes < bytes || memcmp(line->start, text, bytes) != 0)
		return false;
	line_move(line, bytes);
	return true;
}

bool line_take_decimal(struct line *line, uint64_t *ret_value)
{
	size_t n = text_digits(line->start, line->bytes, 10, ret_value);

	line_move(line, n);
	return n > 0;
}

bool line_take_hex(struct line *line, uint64_t *ret_value)
{
	struct line rest = *line;
	size_t n;

	if (!line_take(&rest, "0x"))
		line_take(&rest, "0X");
	n = text_digits(rest.start, rest.bytes, 16, ret_value);
	line_move(&rest, n);
	if (n > 0)
		*line = rest;
	return n > 0;
}

/* *pattern is at a * or the s of %s, and goes to the last of the characters that end the text. */
static bool take_text(struct line *line, const char **pattern, struct line *ret_text)
{
	size_t n = strcspn(*pattern + 1, "%*");
	const char *end = line_end(line);

	if (n > 0)
		end = memmem(line->start, line->bytes, *pattern + 1, n);
	if (end == NULL)
		return false;
	*ret_text = line_until(line, end);
	line_move(line, (size_t)(end - line->start) + n);
	*pattern += n;
	return true;
}

bool line_take_all(struct line *line, const char *pattern, ...)
{
	struct line rest = *line, nowhere;
	bool fits = true;
	va_list values;

	va_start(values, pattern);
	for (; fits && *pattern != '\0'; pattern++) {
		if (*pattern == ' ')
			line_skip_blanks(&rest);
		else if (*pattern == '*')
			fits = take_text(&rest, &pattern, &nowhere);
		else if (*pattern != '%')
			fits = line_take(&rest, (const char[]){ *pattern, '\0' });
		else if (*++pattern == 'x')
			fits = line_take_hex(&rest, va_arg(values, uint64_t *));
		else if (*pattern == 'u')
			fits = line_take_decimal(&rest, va_arg(values, uint64_t *));
		else
			fits = take_text(&rest, &pattern, va_arg(values, struct line *));
	}
	va_end(values);
	if (fits)
		*line = rest;
	return fits;
}

bool line_take_bounds(struct line *line, uint64_t *ret_from, uint64_t *ret_to)
{
	struct line rest = *line, to;
	size_t n_from;

	if (!line_take_hex(&rest, ret_from))
		return false;
	n_from = line->bytes - rest.bytes;
	line_take_all(&rest, " - ");
	to = rest;
	if (!line_take_hex(&rest, ret_to) || to.bytes - rest.bytes != n_from)
		return false;
	*line = rest;
	return true;
}

bool line_find(struct line *line, const char *text)
{
	const char *found = NULL; /* of no bytes there need not be a place */

	if (line->bytes > 0)
		found = memmem(line->start, line->bytes, text, strlen(text));
	if (found != NULL)
		line_move(line, (size_t)(found - line->start));
	return found != NULL;
}

struct line line_head(const struct line *line, size_t most_bytes)
{
	return (struct line){ line->start, min_u64(line->bytes, most_bytes), line->number };
}

struct line line_until(const struct line *line, const char *end)
{
	while (end > line->start && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (struct line){ line->start, (size_t)(end - line->start), line->number };
}

/* "[10:25:43.123]", "[2026-11-22 10:25:43]": what programs for a serial line put before each. */
static bool skip_time(struct line *line)
{
	struct line rest = *line, number;

	if (!line_take(&rest, "["))
		return false;
	number = rest;
	line_skip(&number, " +-");
	if (!isdigit(line_first(&number)) || line_skip(&rest, "0123456789 :.,-+TZ") >= MOST_TIME ||
	    !line_take(&rest, "]"))
		return false;
	*line = rest;
	return true;
}

/* "12 | ", "12: ", "12. ", and "12" with a tab: numbers of lines. */
static bool skip_number(struct line *line)
{
	struct line rest = *line;

	if (line_skip(&rest, "0123456789") > MOST_NUMBER || rest.start == line->start)
		return false;
	if (line_first(&rest) != '\t') {
		line_skip(&rest, " ");
		if (line_first(&rest) == '\0' || strchr("|:.)", line_first(&rest)) == NULL)
			return false;
		line_move(&rest, 1);
	}
	if ((line_first(&rest) != ' ' && line_first(&rest) != '\t') ||
	    memmem(rest.start, rest.bytes < 4 ? rest.bytes : 4, "0x", 2) != NULL)
		return false;
	*line = rest;
	return true;
}

void line_skip_frame(struct line *line)
{
	const char *over = memrchr(line->start, '\r', line->bytes);
	const char *start;

	if (over != NULL)
		line_move(line, (size_t)(over + 1 - line->start));
	do {
		start = line->start;
		while (line->bytes > 0 && strchr(" \t>|`", line->start[0]) != NULL) /* 0, too */
			line_move(line, 1);
		if (!skip_time(line))
			skip_number(line);
		/* The question for a key, where it is not written over but wiped out. */
		line_take(line, "--MORE--");
		line_take(line, "Press ENTER to continue or 'Q' break:");
	} while (line->start > start);
}

bool line_fault(struct record *record, const struct line *line, const char *fault)
{
	/* journalctl cuts lines off for a pager, and so they are when somebody copies them. */
	const char last = line->bytes > 0 ? line->start[line->bytes - 1] : '\0';
	const char *cut = last == '>' && line->start[0] != '<'
	                          ? " (a pager cut it off; journalctl --no-pager does not)"
	                  : last == LINE_CUT_BY_DIFF
	                          ? " (diff -y cut it off; diff -y -W 400 does not)"
	                          : "";
	char quoted[MOST_QUOTED + 1];
	size_t n = 0;

	if (fault == NULL || record->n_faults >= RECORD_MOST_FAULTS)
		return fault != NULL;
	for (; n < line->bytes - (last == LINE_CUT_BY_DIFF) && n < MOST_QUOTED; n++)
		quoted[n] = isprint((unsigned char)line->start[n]) ? line->start[n] : '?';
	while (n > 0 && quoted[n - 1] == ' ')
		n--;
	record_add_fault(record, line->number, "%s%s: %.*s", fault, cut, (int)n, quoted);
	return true;
}
