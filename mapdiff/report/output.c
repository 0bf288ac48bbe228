/* output.c - how text and headings are written in all reports: see output.h. */
#include "mapdiff/report/output.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "mapdiff/base/memory.h"

/* ECMA-48 8.3.117, SGR: what all terminals know. */
static const char *const colour_codes[] = {
	[COLOUR_NONE] = "",         [COLOUR_BOLD] = "\033[1m",   [COLOUR_DIM] = "\033[2m",
	[COLOUR_RED] = "\033[31m",  [COLOUR_GREEN] = "\033[32m", [COLOUR_YELLOW] = "\033[33m",
	[COLOUR_BLUE] = "\033[34m",
};

/* Texts of a log could hold commands for the terminal. */
static void clean(char *text)
{
	for (; *text != '\0'; text++)
		if (iscntrl((unsigned char)*text) && *text != '\n' && *text != '\t')
			*text = '?';
}

void out_colour(const struct output *out, enum colour colour, const char *format, ...)
{
	bool is_coloured = out->has_colours && colour != COLOUR_NONE;
	char *text;
	va_list args;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	clean(text);
	fprintf(out->file, "%s%s%s", is_coloured ? colour_codes[colour] : "", text,
	        is_coloured ? "\033[0m" : "");
	memory_give_back(text);
}

void out_heading(const struct output *out, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	out_colour(out, COLOUR_BOLD, "\n%s\n", memory_vprintf(format, args));
	va_end(args);
}

void out_wrapped(const struct output *out, enum colour colour, size_t indent, const char *text)
{
	size_t column = indent;

	while (*text != '\0') {
		size_t bytes = strcspn(text, " ");

		if (column > indent && column + 1 + bytes > OUTPUT_COLUMNS) {
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

void out_item(const struct output *out, const char *mark, const char *text)
{
	out_text(out, "%s", mark);
	out_wrapped(out, COLOUR_NONE, strlen(mark), text);
}

void out_paragraph(const struct output *out, enum colour colour, size_t indent, const char *format,
                   ...)
{
	va_list args;

	va_start(args, format);
	out_text(out, "%*s", (int)indent, "");
	out_wrapped(out, colour, indent, memory_vprintf(format, args));
	va_end(args);
}

void out_more(const struct output *out, size_t indent, size_t n, size_t most)
{
	if (n > most)
		out_colour(out, COLOUR_DIM, "%*s... and %zu more\n", (int)indent, "", n - most);
}

int out_wider(int width, const char *text)
{
	int length = (int)strlen(text);

	return length > width ? length : width;
}
