/*
 * output.h - text output: in colours, where a terminal has them, and in lines of a width. Reports
 * are made to be pasted into a bug report.
 */
#ifndef MAPDIFF_REPORT_OUTPUT_H
#define MAPDIFF_REPORT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum colour {
	COLOUR_NONE,
	COLOUR_BOLD,
	COLOUR_DIM,
	COLOUR_RED,
	COLOUR_GREEN,
	COLOUR_YELLOW,
	COLOUR_BLUE
};

struct output {
	FILE *file;
	bool has_colours;
};

/* printf in a colour; in none; and in bold, as a line of its own with an empty one before it. */
void out_colour(const struct output *out, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
#define out_text(out, ...) out_colour(out, COLOUR_NONE, __VA_ARGS__)
void out_heading(const struct output *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The words of @text in lines of OUTPUT_COLUMNS columns and a line feed; the first line begins at
 * column @indent already, the others are indented as far. */
#define OUTPUT_COLUMNS 100
void out_wrapped(const struct output *out, enum colour colour, size_t indent, const char *text);
/* @mark, and @text wrapped so behind it. */
void out_item(const struct output *out, const char *mark, const char *text);
/* printf, wrapped so, from the start of a line on: @indent blanks come first. */
void out_paragraph(const struct output *out, enum colour colour, size_t indent, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/* The end of a list of @n, of which at most @most are shown: how many more there are. */
void out_more(const struct output *out, size_t indent, size_t n, size_t most);

/* The width of a column that is @width wide, once @text is in it. */
int out_wider(int width, const char *text);

#endif
