/*
 * output.h - text output: in colours, where a terminal has them, and in lines of a width. Reports
 * are made to be pasted into a bug report.
 */
#ifndef MAPDIFF_REPORT_OUTPUT_H
#define MAPDIFF_REPORT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "mapdiff/base/memory.h"

/* The numbers of ECMA-48 8.3.117, SGR: what all terminals know. */
enum colour { PLAIN = 0, BOLD = 1, DIM = 2, RED = 31, GREEN = 32, YELLOW = 33, BLUE = 34 };

struct output {
	FILE *file;
	bool has_colours;
	size_t columns; /* of the terminal; 0: it is none */
};

/* printf in a colour; in none; and in bold, as a line of its own with an empty one before it. */
void out_colour(const struct output *out, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define out_text(out, ...)    out_colour(out, PLAIN, __VA_ARGS__)
#define out_heading(out, ...) out_colour(out, BOLD, "\n%s\n", memory_printf(__VA_ARGS__))

/* The words of @text in lines of OUTPUT_COLUMNS columns, or as the terminal has them if that are
 * less, and a line feed; the first line begins at column @indent already, the others are indented
 * as far. */
#define OUTPUT_COLUMNS 100
void out_wrapped(const struct output *out, enum colour colour, size_t indent, const char *text);
/* @mark, without a colour, and @text wrapped so behind it; and printf, behind @indent blanks. */
void out_item(const struct output *out, enum colour colour, const char *mark, const char *text);
#define out_paragraph(out, colour, indent, ...) \
	out_item(out, colour, memory_printf("%*s", (int)(indent), ""), memory_printf(__VA_ARGS__))

/* The end of a list of @n, of which at most @most are shown: how many more there are. */
void out_more(const struct output *out, size_t indent, size_t n, size_t most);

/* @text with its lines folded to @columns, at blanks where that can be, at wide ones first, as they
 * stand between the columns of a table. What is behind goes on in a line that is further indented.
 */
void out_folded(FILE *file, const char *text, size_t columns);

/* Make a column that is *width wide as wide as @text needs. */
void out_widen(int *width, const char *text);

#endif
