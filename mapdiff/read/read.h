/*
 * read.h - a file, whatever it is -> records. What it is, its contents say.
 *
 * A file is looked through once, line by line, without copies; 100 MB take a second.
 */
#ifndef MAPDIFF_READ_READ_H
#define MAPDIFF_READ_READ_H

#include "mapdiff/record/record.h"

/* One line of the input: without its end (LF, CRLF). Not followed by a 0 byte. */
struct line {
	const char *start;
	size_t bytes;
	unsigned long number; /* from 1 */
};

/* The whole input, in memory. */
struct input {
	const char *name;
	const char *text;
	size_t bytes;
};

/* The next line of @input behind @line, which starts out all zero. False at the end. */
bool input_next_line(const struct input *input, struct line *line);

/*
 * What a reader is. It is offered each line of the input in order; what is not its business it
 * passes over. Where one file has several boots, it begins a new record for each.
 */
struct reader {
	enum record_source source;
	const char *name; /* "a Linux log": for messages */
	/* Does this line show that the file is of this kind? Asked for each line of the file; the
	 * first reader in the order of read.c that says yes to any line gets the file (but for a
	 * log with captures in it). Must be quick, and right. */
	bool (*recognizes)(const struct line *line);
	/* Read all of it: *ret_records is a list in the order of the file. Returns how many
	 * there are. Records are not finished (record_finish()) yet. */
	size_t (*read)(const struct input *input, struct record ***ret_records);
};

/*
 * Read the file @spec names: a path, "-" for standard input, or a folder that is a copy of
 * /sys/firmware/memmap. PATH@N means boot N of it (a file that is really called so goes first);
 * without that it is the last boot in it that has a map.
 * What is packed, encoded or marked up is made plain text first: text.h.
 * NULL, and *ret_error, if it cannot be read, or is nothing that we know.
 * What is damaged is in record->faults.
 */
struct record *record_read(const char *spec, char **ret_error);

/* The same, all boots of the file. 0 with *ret_error. */
size_t record_read_all(const char *spec, struct record ***ret_records, char **ret_error);

/* From memory, for tests: plain text already (text_decode() makes it). */
size_t record_read_input(const struct input *input, struct record ***ret_records, char **ret_error);

/*
 * Pieces that readers share. Each looks at @line from *at on, and moves *at behind what it took
 * when it returns true; *at stays where it is otherwise.
 */
/* Blanks: spaces and tabs. */
void line_skip_blanks(const struct line *line, size_t *at);
/* These very characters. */
bool line_take(const struct line *line, size_t *at, const char *text);
/* A hexadecimal number, with 0x before it or without. False also for one above 64 bits. */
bool line_take_hex(const struct line *line, size_t *at, uint64_t *ret_value);
bool line_take_decimal(const struct line *line, size_t *at, uint64_t *ret_value);
/* Find @text in the line from *at on, and move *at to where it starts. */
bool line_find(const struct line *line, size_t *at, const char *text);

#endif
