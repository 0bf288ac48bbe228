/*
 * rows.h - what the memory maps that UEFI Shell and GRUB print have in common: a header, a row for
 * each descriptor, perhaps totals; on a screen, in a mail, on a serial line.
 */
#ifndef MAPDIFF_READ_ROWS_H
#define MAPDIFF_READ_ROWS_H

#include "mapdiff/read/line.h"

/* A map that is being read. */
struct rows {
	const struct rows_kind *kind;
	struct records *records; /* one for each map that was printed */
	bool is_over;            /* the last map has its totals: a row is of the next one */
	/* What the totals say, and of which type. */
	bool has_total[UEFI_TYPE_COUNT];
	uint64_t total_pages[UEFI_TYPE_COUNT];
	unsigned long total_line[UEFI_TYPE_COUNT];
};

/* A kind of table. */
struct rows_kind {
	enum record_source source;
	const char *header; /* what a map begins with, for line_take_all() */
	/* The rest of a row TYPE START-END PAGES, in hexadecimal, END being the last byte. */
	bool (*take_attribute)(const struct line *line, size_t *at, uint64_t *ret_attribute);
	/* Or, of rows that are not so: is the line one, or was it? *ret_problem says what is wrong
	 * with it, or is NULL. */
	bool (*take_row)(const struct line *line, size_t at, struct uefi_descriptor *ret_descriptor,
	                 const char **ret_problem);
	/* Put what a line of totals says into @rows. NULL: there are none. */
	bool (*take_total)(struct rows *rows, const struct line *line, size_t at);
};

/* What struct reader has functions for, of a table. */
bool rows_recognize(const struct rows_kind *kind, const struct line *line);
void rows_read(const struct rows_kind *kind, const struct input *input, struct records *records);

/* The name of a UEFI memory type, as any edk2, EFI Shell or GRUB has written it, or its number. */
bool rows_take_type(const struct line *line, size_t *at, uint32_t *ret_type);

/* NULL, or what is wrong: END follows from START and the number of pages, 2^64 being 0. */
const char *rows_extent_problem(const struct uefi_descriptor *descriptor, uint64_t last_paddr);

#endif
