/*
 * linux_maps.h - lines of Linux's two maps -> the record's: `BIOS-e820:' and `efi: memNN:'.
 *
 * Lines that are damaged in a way that can be seen become faults: what is cut, ranges that end
 * before they start or lie over each other, numbers and sizes that do not fit, lines left out.
 */
#ifndef MAPDIFF_READ_LINUX_LINUX_MAPS_H
#define MAPDIFF_READ_LINUX_LINUX_MAPS_H

#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/linux/linux_message.h"

/* Which list a message is of. */
enum linux_list { LIST_NONE, LIST_E820, LIST_EXTENDED, LIST_UEFI };

/* What it says of that. */
struct linux_maps_line {
	enum linux_list list;
	bool begins;       /* a line of the list does there, whole or damaged */
	bool is_broken;    /* it cannot be read as it is, and may be with what is in the next one */
	const char *wrong; /* what is; NULL: nothing */
	bool has_range;    /* e820 is known, whatever is wrong with it */
	struct linux_e820 e820;
	uint64_t number; /* of memNN */
	bool is_invalid; /* Linux says so of the descriptor, and leaves it out of its map */
	struct uefi_descriptor descriptor;
};

/* The maps of a boot, as far as they have been read. Starts out with the record alone. */
struct linux_maps {
	struct record *record;
	bool is_excerpt;   /* of a diff: lines are missing, and that is no fault */
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
	MEMORY_LIST(struct linux_maps_line, invalid);
	size_t n_put_back; /* of these */
};

/* What @message says of the maps. */
void linux_maps_parse(const struct line *message, struct linux_maps_line *ret);

/* Has the e820 list of this boot begun anew? */
bool linux_maps_restarts(const struct linux_maps *maps, const struct linux_maps_line *parsed);

/* False if @message, which says what is in @parsed, is not of a map. What is damaged becomes a
 * fault. */
bool linux_maps_read(struct linux_maps *maps, const struct linux_message *message,
                     const struct linux_maps_line *parsed);

/* Lines were lost at @line: a fault, if that is in a map. */
void linux_maps_note_dropped(struct linux_maps *maps, const struct line *line);

/* When all lines of the boot are in: so is what Linux left out of the EFI map. */
void linux_maps_finish(struct linux_maps *maps);

#endif
