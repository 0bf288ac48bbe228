/*
 * read_linux.h - inside the reader of Linux logs: one boot while its lines are read.
 *
 * read_linux.c finds the boots, and in each line the kernel's message; linux_maps.c reads the
 * e820 and the EFI map from messages, linux_facts.c everything else.
 */
#ifndef MAPDIFF_READ_LINUX_READ_LINUX_H
#define MAPDIFF_READ_LINUX_READ_LINUX_H

#include "mapdiff/base/memory.h"
#include "mapdiff/read/read.h"

/* A descriptor that Linux says is invalid, and leaves out of the map that it prints. */
struct linux_invalid {
	uint64_t number; /* its place in the firmware's map */
	struct uefi_descriptor descriptor;
};
#define LINUX_MOST_INVALID 256

/* The maps, as far as they have been read. */
struct linux_maps {
	bool has_header;   /* "BIOS-provided physical RAM map:" was there */
	bool has_e820;     /* a BIOS-e820 line was there; the list starts at first_paddr */
	bool is_extended;  /* record->e820_printed holds the "extended" list instead */
	bool tells_gaps;   /* Linux 7 prints the gaps too: nothing can be missing unseen */
	bool is_uefi_over; /* a second print has begun: only the first is the firmware's */
	paddr_t first_paddr;
	paddr_t end_paddr;          /* of the range before */
	uint64_t next_mem;          /* the number of the memNN line that comes next */
	unsigned long last_line;    /* where the last line of a map was */
	unsigned long dropped_line; /* where lines were lost, as long as it matters to no map */
	struct linux_invalid *invalid;
	size_t n_invalid, invalid_capacity;
};

struct linux_facts {
	char **features;
	size_t n_features, features_capacity;
	struct bytes resume_log;
	size_t n_devices;      /* facts "device ..." */
	bool skips_acpi;       /* the next table is a dynamic one, at a virtual address */
	bool has_cpu_topology; /* cpu-count is of the firmware's tables, not of what started */
};

struct linux_boot {
	struct record *record;
	struct linux_maps maps;
	struct linux_facts facts;
};

/* A kernel's message, without what loggers and forums put before it. */
struct linux_message {
	struct line line;
	bool is_diff; /* the line begins with + or -: an excerpt of diff -u */
};

/* Is this a line of the e820 or the EFI map, and has the e820 list of this boot begun anew? */
bool linux_is_map_line(const struct line *message);
bool linux_restarts_e820(const struct linux_boot *boot, const struct line *message);

/* Is it a line of a map that cannot be read as it is, and may be with what is in the next one? */
bool linux_is_broken_map_line(const struct line *message);

/* Lines were lost at @line: a fault, if that is in a map. */
void linux_note_dropped(struct linux_boot *boot, const struct line *line);

/* False if the message is none of these. What is damaged becomes a fault. */
bool linux_read_map(struct linux_boot *boot, const struct linux_message *message);
bool linux_read_fact(struct linux_boot *boot, const struct line *message);

/* When all lines of the boot are in. */
void linux_finish_maps(struct linux_boot *boot);
void linux_finish_facts(struct linux_boot *boot);

/* An e820 type as Linux names it, in its logs, in /sys/firmware/memmap and in /proc/iomem. The text
 * ends there, or with a blank or markup. */
bool line_take_e820_type(const struct line *line, size_t *at, uint32_t *ret_type);

/* "[mem 0x...-0x..." and what closes it: the end is one past. */
bool line_take_mem(const struct line *line, size_t *at, struct span *ret_span);

#endif
