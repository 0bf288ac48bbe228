/*
 * linux_places.h - messages of Linux -> what lies where: configuration tables, ACPI tables,
 * devices, the initrd, the framebuffer. And what all such messages are read into, by rows of a
 * table.
 */
#ifndef MAPDIFF_READ_LINUX_LINUX_PLACES_H
#define MAPDIFF_READ_LINUX_LINUX_PLACES_H

#include "mapdiff/read/line.h"

/* "0 base 000000000 mask F80000000 write-back". */
struct linux_mtrr {
	uint64_t base_paddr, mask;
	const char *type; /* "write-back" */
};

/* A boot while its messages are read. Starts out with the record alone. */
struct linux_boot {
	struct record *record;
	MEMORY_LIST(char *, features); /* of the CPU */
	struct bytes resume_log;
	MEMORY_LIST(struct linux_mtrr, mtrrs); /* by their numbers */
	bool misses_mtrrs;                     /* one at least */
	const char *mtrr_default;              /* NULL: not said */
	paddr_t tom2_paddr; /* AMD: up to there RAM above 4 GiB is write-back, without an MTRR */
	size_t n_devices;   /* facts "device ..." */
	bool skips_acpi;    /* the next table is dynamic, or out of the initrd: no firmware's */
	paddr_t override_paddr; /* where the kernel put such a one in the place of a table */
	bool has_cpu_topology;  /* cpu-count is of the firmware's tables, not of what started */
};

struct linux_row {
	const char *start; /* of the message */
	/* Read what is behind that. False: it is another kind. */
	bool (*read)(struct linux_boot *boot, struct line line);
};

/* Read a message with the first of @rows that it is of. False: it is of none. */
static inline bool linux_row_read(const struct linux_row *rows, size_t n_rows,
                                  struct linux_boot *boot, const struct line *message)
{
	for (size_t i = 0; i < n_rows; i++) {
		struct line line = *message;

		if (rows[i].start[0] == message->start[0] && line_take(&line, rows[i].start) &&
		    rows[i].read(boot, line))
			return true;
	}
	return false;
}

/* When all messages are in: what the MTRRs say, unless one is missing. */
void linux_places_finish(struct linux_boot *boot);

/* False if the message, which is not empty and has no blanks at its end, has no such place. */
bool linux_places_read(struct linux_boot *boot, struct line message);

#endif
