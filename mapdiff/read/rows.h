/*
 * rows.h - what the memory maps that UEFI Shell and GRUB print have in common: a header, a row for
 * each descriptor, perhaps totals; on a screen, in a mail, on a serial line.
 */
#ifndef MAPDIFF_READ_ROWS_H
#define MAPDIFF_READ_ROWS_H

#include "mapdiff/read/read.h"

/* A map that is being read. */
struct rows {
	const struct rows_kind *kind;
	struct record **records; /* one for each map that was printed */
	size_t n_records, records_capacity;
	bool is_over; /* the last map has its totals: a row is of the next one */
	/* What the totals say, and of which type. */
	bool has_total[UEFI_TYPE_COUNT];
	uint64_t total_pages[UEFI_TYPE_COUNT];
	unsigned long total_line[UEFI_TYPE_COUNT];
};

struct rows_kind {
	enum record_source source;
	bool (*is_header)(const struct line *line, size_t at);
	/* Is the line a row, or was it one? *ret_problem says what is wrong with it, or is NULL. */
	bool (*take_row)(const struct line *line, size_t at, struct uefi_descriptor *ret_descriptor,
	                 const char **ret_problem);
	/* Put what a line of totals says into @rows. NULL: there are none. */
	bool (*take_total)(struct rows *rows, const struct line *line, size_t at);
	/* At the end of a map: what its totals say that its rows do not. May be NULL. */
	void (*check)(const struct rows *rows, struct record *record);
};

/* For struct reader. */
bool rows_recognize(const struct rows_kind *kind, const struct line *line);
size_t rows_read(const struct rows_kind *kind, const struct input *input,
                 struct record ***ret_records);

/* Does a row of a table follow: TYPE START-END PAGES, in hexadecimal, END being the last byte? True
 * also for what was one. @take_attribute reads the rest of the line. */
bool line_take_row(const struct line *line, size_t at,
                   bool (*take_attribute)(const struct line *line, size_t *at,
                                          uint64_t *ret_attribute),
                   struct uefi_descriptor *ret_descriptor, const char **ret_problem);

/* The name of a UEFI memory type, as any edk2, EFI Shell or GRUB has written it, or its number. */
bool line_take_uefi_type(const struct line *line, size_t *at, uint32_t *ret_type);

/* Does END follow from START and the number of pages, 2^64 being 0? */
bool extent_agrees(const struct uefi_descriptor *descriptor, uint64_t last_paddr);

/* Where a line starts, behind what mails, terminals and pagers put before it: the Shell's question
 * for a key is written over in place. */
size_t line_skip_frame(const struct line *line);

/* What is wrong with a line, and the line itself. */
void rows_fault(struct record *record, const struct line *line, size_t at, const char *problem);

#endif
