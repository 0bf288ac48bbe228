/*
 * output.h - text output: colours where a terminal has them, and the way in which ranges, sizes and
 * types are written in all reports. Reports are made to be pasted into a bug report.
 */
#ifndef MAPDIFF_REPORT_OUTPUT_H
#define MAPDIFF_REPORT_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "mapdiff/diff/result.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/series/result.h"
#include "mapdiff/map/view.h"
#include "mapdiff/record/title.h"

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

/* printf, in a colour. */
void out(const struct output *output, enum colour colour, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The words of @text in lines of OUTPUT_COLUMNS columns and a line feed; the first line begins at
 * column @indent already, the others are indented as far. */
#define OUTPUT_COLUMNS 100
void out_wrapped(const struct output *output, enum colour colour, size_t indent, const char *text);
/* printf, wrapped so, from the start of a line on: @indent blanks come first. */
void out_paragraph(const struct output *output, enum colour colour, size_t indent,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "0x100000-0x200000": half-open, as everywhere. */
char *range_text(paddr_t start_paddr, paddr_t end_paddr);

/* "4 KiB", "13 MiB", "15.9 GiB". */
char *size_text(uint64_t bytes);

/* What makes the word before it a plural: "s", or "" for one. */
const char *plural(uint64_t n);

/* "usable", "type 20", ... */
const char *type_text(uint32_t e820_type);

/* Reports as text. */
void diff_print(const struct output *output, const struct diff *diff);
void series_print(const struct output *output, const struct series_report *report);

#endif
