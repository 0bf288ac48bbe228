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
	unsigned long lines_before; /* in the file that it is a piece of */
	bool is_excerpt;            /* of a diff: what is missing is no damage */
};

/* One line of it, or what is left of one: without its end (LF, CRLF). Not followed by a 0 byte. */
struct line {
	const char *start;
	size_t bytes;
	unsigned long number; /* from 1 */
};

/* The next line of @input behind @line, which starts out all zero. False at the end. */
bool line_next(const struct input *input, struct line *line);

/* The first character that is left, as <ctype.h> takes it; '\0' if none is. */
static inline int line_first(const struct line *line)
{
	return line->bytes > 0 ? (unsigned char)line->start[0] : '\0';
}

/* Behind its last character. */
static inline const char *line_end(const struct line *line)
{
	return line->start + line->bytes;
}

/* Move behind @n characters, which are there. */
static inline void line_move(struct line *line, size_t n)
{
	line->start += n;
	line->bytes -= n;
}

/*
 * Pieces. Each is looked for where @line starts. When the answer is true, the line starts behind
 * it; it stays as it was otherwise.
 */
/* Blanks: spaces and tabs. */
void line_skip_blanks(struct line *line);
/* All characters that are in @set; how many. */
size_t line_skip(struct line *line, const char *set);
/* These very characters, at least one. */
bool line_take(struct line *line, const char *text);
/* A hexadecimal number, with 0x before it or without. False also for one above 64 bits. */
bool line_take_hex(struct line *line, uint64_t *ret_value);
bool line_take_decimal(struct line *line, uint64_t *ret_value);
/* All of @pattern: %x and %u are numbers as above, each put into a uint64_t that is behind
 * @pattern; %s is a text, put into a struct line, up to the very characters behind it in @pattern,
 * as far as the next % or *, or up to the end of the line, and without blanks at its end; * is the
 * same, put nowhere; a blank is blanks, or none; else it is these very characters. */
bool line_take_all(struct line *line, const char *pattern, ...);
/* Two hexadecimal numbers of as many digits and a dash between them: who pads numbers has them so,
 * and a shorter one has lost some. */
bool line_take_bounds(struct line *line, uint64_t *ret_from, uint64_t *ret_to);

/* @text, wherever it is: the line starts with it then. */
bool line_find(struct line *line, const char *text);
/* The first @most_bytes of it. */
struct line line_head(const struct line *line, size_t most_bytes);
/* What is before @end, which points into the line or behind it, without blanks at its end. */
struct line line_until(const struct line *line, const char *end);

/* Move to where the line starts, behind what mails, terminals and pagers put before it, and numbers
 * of lines: the Shell's question for a key is written over in place. */
void line_skip_frame(struct line *line);

/* What stands at the end of a line that diff -y may have cut off. */
#define LINE_CUT_BY_DIFF '\x7f'

/* If there is a @fault, which is a sentence without a full stop: add it to @record, with the number
 * of @line and what is left of it. Is there one? */
bool line_fault(struct record *record, const struct line *line, const char *fault);

#endif
