/*
 * line.h - a text -> its lines, one after the other and without copies, and the pieces of a line
 * that readers look for. 100 MB take a second.
 */
#ifndef MAPDIFF_READ_LINE_H
#define MAPDIFF_READ_LINE_H

#include "mapdiff/record/record.h"

/* A whole text, in memory. */
struct input {
	const char *name; /* of its file */
	const char *text;
	size_t bytes;
};

/* One line of it: without its end (LF, CRLF). Not followed by a 0 byte. */
struct line {
	const char *start;
	size_t bytes;
	unsigned long number; /* from 1 */
};

/* The next line of @input behind @line, which starts out all zero. False at the end. */
bool line_next(const struct input *input, struct line *line);

/*
 * Pieces. Each is looked for in @line from *at on, and *at moves behind it when the answer is true;
 * *at stays where it is otherwise.
 */
/* Blanks: spaces and tabs. */
void line_skip_blanks(const struct line *line, size_t *at);
/* These very characters, at least one. */
bool line_take(const struct line *line, size_t *at, const char *text);
/* A hexadecimal number, with 0x before it or without. False also for one above 64 bits. */
bool line_take_hex(const struct line *line, size_t *at, uint64_t *ret_value);
bool line_take_decimal(const struct line *line, size_t *at, uint64_t *ret_value);
/* All of @pattern: %x and %u are numbers as above, each put into a uint64_t that is behind
 * @pattern; a blank is blanks, or none; * is anything up to the very characters behind it, as far
 * as the next % or *; else it is these very characters. */
bool line_take_all(const struct line *line, size_t *at, const char *pattern, ...);
/* Two hexadecimal numbers of as many digits and a dash between them: who pads numbers has them so,
 * and a shorter one has lost some. */
bool line_take_bounds(const struct line *line, size_t *at, uint64_t *ret_from, uint64_t *ret_to);

/* @text, wherever it is from *at on. *at is where it starts, or, with line_find_behind(), ends. */
bool line_find(const struct line *line, size_t *at, const char *text);
bool line_find_behind(const struct line *line, size_t *at, const char *text);
/* Where it starts, or the end of the line. */
size_t line_find_or_end(const struct line *line, size_t at, const char *text);

/* Where @line starts, behind what mails, terminals and pagers put before it: the Shell's question
 * for a key is written over in place. */
size_t line_skip_frame(const struct line *line);

/* A fault of @record: what is wrong with @line, a sentence without a full stop, and what stands
 * there from @at on. */
void line_fault(struct record *record, const struct line *line, size_t at, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
