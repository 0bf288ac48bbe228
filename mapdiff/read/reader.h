/* reader.h - what a reader is, and the readers: one for each kind of file. */
#ifndef MAPDIFF_READ_READER_H
#define MAPDIFF_READ_READER_H

#include "mapdiff/read/rows.h"

/*
 * What a reader is. It is offered each line of the input in order; what is not its business it
 * passes over. Where one file has several boots, it begins a new record for each.
 */
struct reader {
	const char *name; /* "a Linux log": for messages */
	/* Does this line show that the file is of this kind? Asked for each line of the file; the
	 * first reader in the order of readers.c that says yes to any line gets the file (but for a
	 * log with captures in it). Must be quick, and right. */
	bool (*recognizes)(struct line line);
	/* Read all of it, and add the records in the order of the file. They are not finished
	 * (record_finish()) yet. */
	void (*read)(const struct input *input, struct records *records);
	/* Or instead of these two: it is a table of this kind. */
	const struct rows_kind *rows;
};

extern const struct reader capture_reader;
extern const struct reader linux_reader;
extern const struct reader xen_reader;
extern const struct reader iomem_reader;
extern const struct reader sysfs_reader;
extern const struct reader runtime_reader;
extern const struct reader shell_reader;
extern const struct reader shell_sfo_reader;
extern const struct reader lsefimmap_reader;
extern const struct reader lsmmap_reader;
extern const struct reader uboot_reader;
extern const struct reader freebsd_reader;
extern const struct reader esxi_reader;
extern const struct reader rust_reader;
extern const struct reader smap_reader;
extern const struct reader openbsd_reader;
extern const struct reader limine_reader;
extern const struct reader list_reader;

#endif
