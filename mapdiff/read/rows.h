/*
 * rows.h - what the memory maps that firmware shells, loaders and kernels print have in common: a
 * header, a row for each descriptor or range, perhaps totals; on a screen, in a mail, on a serial
 * line.
 */
#ifndef MAPDIFF_READ_ROWS_H
#define MAPDIFF_READ_ROWS_H

#include "mapdiff/read/gaps.h"

/* A map that is being read. */
struct rows {
	const struct rows_kind *kind;
	struct records *records; /* one for each map that was printed */
	bool is_over;            /* the last map has its totals: a row is of the next one */
	struct gaps gaps;
	bool has_number; /* the last row had one, and the next one has */
	uint64_t next_number;
	struct line prefix; /* of the last row: what a logger put there */
	/* What the totals say, by type. */
	struct rows_total {
		bool is_there;
		uint64_t n_pages;
		unsigned long line;
	} totals[UEFI_TYPE_COUNT];
};

/* A kind of table. */
struct rows_kind {
	enum record_source source;
	/* What a map begins with, for line_take_all(); NULL: nothing, and it begins anew where its
	 * first row comes again. */
	const char *header;
	/* Is the line a row, or was it one? *ret_problem says what is wrong with it, or stays. */
	bool (*take_row)(const struct rows_kind *kind, struct line line,
	                 struct uefi_descriptor *ret_descriptor, const char **ret_problem);
	/* Or instead, where the rows are ranges of an e820 map, by this view. */
	bool (*take_range)(struct line line, struct e820_range *ret_range,
	                   const char **ret_problem);
	enum e820_view view;
	/* Words behind a row are a fault: what a mail broke off it can be told from them. */
	bool is_strict;
	/* The number of a row, which the program counts from 0. NULL: they have none. */
	bool (*take_number)(struct line line, uint64_t *ret_number);
	/* What cannot be read before the first row is no row at all. */
	bool is_loose;
	/* What an entry of several lines begins with; it ends with a }. NULL: rows are lines. */
	const char *opening;
	/* When all rows of a map are in. NULL: nothing is left to do. */
	void (*finish)(struct record *record);
	/* For rows_take_row(): the rest of a row. */
	bool (*take_attribute)(struct line *line, uint64_t *ret_attribute);
	/* Put what a line of totals says into @rows. NULL: there are none. */
	bool (*take_total)(struct rows *rows, struct line line);
};

/* A row TYPE START-END PAGES ATTRIBUTE, in hexadecimal, END being the last byte. */
bool rows_take_row(const struct rows_kind *kind, struct line line,
                   struct uefi_descriptor *ret_descriptor, const char **ret_problem);

/* What struct reader has functions for, of a table. */
bool rows_recognize(const struct rows_kind *kind, struct line line);
void rows_read(const struct rows_kind *kind, const struct input *input, struct records *records);

/* The name of a UEFI memory type, as any edk2, EFI Shell or GRUB has written it, or its number. */
bool rows_take_type(struct line *line, uint32_t *ret_type);

/* NULL, or what is wrong: END follows from START and the number of pages, 2^64 being 0. */
const char *rows_extent_problem(const struct uefi_descriptor *descriptor, uint64_t last_paddr);

#endif
