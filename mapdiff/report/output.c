/* output.c - how text and headings are written in all reports: see output.h. */
#include "mapdiff/report/output.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* Texts of a log could hold commands for the terminal. */
static void clean(char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text) && *text != '\n' && *text != '\t')
			*text = '?';
}

void out_colour(const struct output *out, enum colour colour, const char *format, ...)
{
	char *text;
	va_list args;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	clean(text);
	if (out->has_colours && colour != PLAIN)
		fprintf(out->file, "\033[%um%s\033[0m", (unsigned)colour, text);
	else
		fputs(text, out->file);
	memory_give_back(text);
}

void out_wrapped(const struct output *out, enum colour colour, size_t indent, const char *text)
{
	size_t column = indent, most = OUTPUT_COLUMNS;

	if (out->columns > 0 && out->columns < most)
		most = out->columns;

	while (*text != '\0') {
		size_t bytes = strcspn(text, " ");

		if (column > indent && column + 1 + bytes > most) {
			out_text(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column > indent) {
			out_text(out, " ");
			column++;
		}
		out_colour(out, colour, "%.*s", (int)bytes, text);
		column += bytes;
		text += bytes;
		text += strspn(text, " ");
	}
	out_text(out, "\n");
}

void out_item(const struct output *out, enum colour colour, const char *mark, const char *text)
{
	out_text(out, "%s", mark);
	out_wrapped(out, colour, strlen(mark), text);
}

void out_more(const struct output *out, size_t indent, size_t n, size_t most)
{
	if (n > most)
		out_colour(out, DIM, "%*s... and %zu more\n", (int)indent, "", n - most);
}

void out_widen(int *width, const char *text)
{
	if (*width < (int)strlen(text))
		*width = (int)strlen(text);
}

/* --- folding --- */

#define FOLD_INDENT 6

/* How many bytes of a colour's sequence @text begins with. */
static size_t colour_bytes(const char *text)
{
	return *text == '\033' ? strcspn(text, "m") + 1 : 0;
}

/* Where to break @line of @bytes, to have at most @columns before: the end of what stays, or
 * @bytes. */
static size_t find_break(const char *line, size_t bytes, size_t columns)
{
	size_t column = 0, narrow = 0, wide = 0;

	for (size_t i = 0; i < bytes;) {
		size_t skipped = colour_bytes(&line[i]);

		if (skipped > 0) {
			i += skipped;
			continue;
		}
		if (column == columns)
			return wide > 0 ? wide : narrow > 0 ? narrow : i;
		if (column > 0 && line[i] == ' ' && line[i - 1] != ' ') {
			narrow = i;
			if (i + 1 < bytes && line[i + 1] == ' ' && column > columns / 2)
				wide = i;
		}
		i++;
		while (i < bytes && ((unsigned char)line[i] & 0xc0) == 0x80)
			i++; /* the rest of a character */
		column++;
	}
	return bytes;
}

static void fold_line(FILE *file, const char *line, size_t bytes, size_t columns)
{
	size_t indent = strspn(line, " "), room = columns, end;

	indent = (indent < FOLD_INDENT ? FOLD_INDENT : indent + 2) % (columns / 2);
	for (;;) {
		end = find_break(line, bytes, room);
		if (end == 0) /* blanks alone */
			end = bytes;
		fwrite(line, 1, end, file);
		while (end < bytes && line[end] == ' ')
			end++;
		line += end;
		bytes -= end;
		if (bytes == 0)
			break;
		room = columns - indent;
		fprintf(file, "\n%*s", (int)indent, "");
	}
}

void out_folded(FILE *file, const char *text, size_t columns)
{
	while (*text != '\0') {
		size_t bytes = strcspn(text, "\n");

		fold_line(file, text, bytes, columns);
		text += bytes;
		if (*text == '\n') {
			putc('\n', file);
			text++;
		}
	}
}
