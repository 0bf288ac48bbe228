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
