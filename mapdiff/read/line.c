/* line.c - lines, and pieces of them: see line.h. */
#include "mapdiff/read/line.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/base/text.h"

#define MOST_QUOTED 78
#define MOST_TIME   40

bool line_next(const struct input *input, struct line *line)
{
	const char *end = input->text + input->bytes;
	const char *start = input->text;
	const char *newline;

	if (line->start != NULL) { /* behind the line end that was cut off */
		start = memchr(line->start + line->bytes, '\n',
		               (size_t)(end - line->start) - line->bytes);
		start = start == NULL ? end : start + 1;
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

/* --- pieces --- */

void line_skip_blanks(const struct line *line, size_t *at)
{
	while (*at < line->bytes && (line->start[*at] == ' ' || line->start[*at] == '\t'))
		(*at)++;
}

bool line_take(const struct line *line, size_t *at, const char *text)
{
	size_t bytes;

	if (*at == line->bytes || line->start[*at] != *text) /* mostly: so it is quick */
		return false;
	bytes = strlen(text);
	if (line->bytes - *at < bytes || memcmp(line->start + *at, text, bytes) != 0)
		return false;
	*at += bytes;
	return true;
}

bool line_take_decimal(const struct line *line, size_t *at, uint64_t *ret_value)
{
	size_t n = text_digits(line->start + *at, line->bytes - *at, 10, ret_value);

	*at += n;
	return n > 0;
}

bool line_take_hex(const struct line *line, size_t *at, uint64_t *ret_value)
{
	size_t i = *at, n;

	if (!line_take(line, &i, "0x"))
		line_take(line, &i, "0X");
	n = text_digits(line->start + i, line->bytes - i, 16, ret_value);
	if (n > 0)
		*at = i + n;
	return n > 0;
}

/* *pattern is at a *, and goes to the last of the characters that are looked for. */
static bool find_characters(const struct line *line, size_t *at, const char **pattern)
{
	size_t n = strcspn(*pattern + 1, "%*");
	const char *found = memmem(line->start + *at, line->bytes - *at, *pattern + 1, n);

	*pattern += n;
	if (found != NULL)
		*at = (size_t)(found - line->start) + n;
	return found != NULL;
}

bool line_take_all(const struct line *line, size_t *at, const char *pattern, ...)
{
	bool fits = true;
	size_t i = *at;
	va_list numbers;

	va_start(numbers, pattern);
	for (; fits && *pattern != '\0'; pattern++) {
		if (*pattern == ' ')
			line_skip_blanks(line, &i);
		else if (*pattern == '*')
			fits = find_characters(line, &i, &pattern);
		else if (*pattern != '%')
			fits = i < line->bytes && line->start[i++] == *pattern;
		else if (*++pattern == 'x')
			fits = line_take_hex(line, &i, va_arg(numbers, uint64_t *));
		else
			fits = line_take_decimal(line, &i, va_arg(numbers, uint64_t *));
	}
	va_end(numbers);
	if (fits)
		*at = i;
	return fits;
}

bool line_take_bounds(const struct line *line, size_t *at, uint64_t *ret_from, uint64_t *ret_to)
{
	size_t i = *at, n_from, to;

	if (!line_take_hex(line, &i, ret_from))
		return false;
	n_from = i - *at;
	line_take_all(line, &i, " - ");
	to = i;
	if (!line_take_hex(line, &i, ret_to) || i - to != n_from)
		return false;
	*at = i;
	return true;
}

bool line_find(const struct line *line, size_t *at, const char *text)
{
	const char *found = memmem(line->start + *at, line->bytes - *at, text, strlen(text));

	if (found == NULL)
		return false;
	*at = (size_t)(found - line->start);
	return true;
}

bool line_find_behind(const struct line *line, size_t *at, const char *text)
{
	return line_find(line, at, text) && line_take(line, at, text);
}

size_t line_find_or_end(const struct line *line, size_t at, const char *text)
{
	return line_find(line, &at, text) ? at : line->bytes;
}

/* --- what is around a line --- */

/* "[10:25:43.123]", "[2026-11-22 10:25:43]": what programs for a serial line put before each. */
static bool skip_time(const struct line *line, size_t *at)
{
	size_t i = *at;

	if (!line_take(line, &i, "["))
		return false;
	while (i < line->bytes && i - *at < MOST_TIME &&
	       (isdigit((unsigned char)line->start[i]) ||
	        strchr(" :.,-+TZ", line->start[i]) != NULL))
		i++;
	if (!line_take(line, &i, "]"))
		return false;
	*at = i;
	return true;
}

/* The question for a key, where it is not written over but wiped out with blanks. */
static bool skip_pause(const struct line *line, size_t *at)
{
	return line_take(line, at, "--MORE--") ||
	       line_take(line, at, "Press ENTER to continue or 'Q' break:");
}

size_t line_skip_frame(const struct line *line)
{
	const char *over = memrchr(line->start, '\r', line->bytes);
	size_t at = over != NULL ? (size_t)(over - line->start) + 1 : 0;

	while (at < line->bytes) {
		if (strchr(" \t>|`", line->start[at]) != NULL)
			at++;
		else if (!skip_time(line, &at) && !skip_pause(line, &at))
			break;
	}
	return at;
}

void line_fault(struct record *record, const struct line *line, size_t at, const char *format, ...)
{
	/* journalctl cuts lines off for a pager, and so they are when somebody copies them. */
	bool is_cut = line->bytes > 0 && line->start[line->bytes - 1] == '>';
	char quoted[MOST_QUOTED + 1];
	size_t n = 0;
	va_list args;

	if (record->n_faults >= RECORD_MOST_FAULTS)
		return;
	for (; at < line->bytes && n < MOST_QUOTED; at++)
		quoted[n++] = isprint((unsigned char)line->start[at]) ? line->start[at] : '?';
	while (n > 0 && quoted[n - 1] == ' ')
		n--;
	va_start(args, format);
	record_add_fault(record, line->number, "%s%s: %.*s", memory_vprintf(format, args),
	                 is_cut ? " (a pager cut it off; journalctl --no-pager does not)" : "",
	                 (int)n, quoted);
	va_end(args);
}
