/*
 * linux_maps.h - lines of Linux's two maps -> the record's: `BIOS-e820:' and `efi: memNN:'. Where
 * neither was kept, the holes of RAM, which later lines have: `Registered nosave memory:'.
 *
 * Lines that are damaged in a way that can be seen become faults: what is cut, ranges that end
 * before they start or lie over each other, numbers and sizes that do not fit, lines left out.
 */
#ifndef MAPDIFF_READ_LINUX_LINUX_MAPS_H
#define MAPDIFF_READ_LINUX_LINUX_MAPS_H

#include "mapdiff/read/gaps.h"
#include "mapdiff/read/linux/linux_e820.h"
#include "mapdiff/read/linux/linux_message.h"

/* Which list a message is of. */
enum linux_list { LIST_NONE, LIST_E820, LIST_EXTENDED, LIST_UEFI, LIST_HOLES };

/* What it says of that. */
struct linux_maps_line {
	enum linux_list list;
	bool begins;       /* a line of the list does there, whole or damaged */
	bool is_broken;    /* it cannot be read as it is, and may be with what is in the next one */
	const char *wrong; /* what is; NULL: nothing */
	bool has_mark;     /* behind it: lines were left out there */
	bool has_range;    /* e820 is known, whatever is wrong with it */
	struct linux_e820 e820; /* of a hole, too */
	enum e820_view view;    /* whose the list is */
	uint64_t number;        /* of memNN */
	bool has_number;        /* arm64's lines have none */
	bool is_invalid;        /* Linux says so of the descriptor, and leaves it out of its map */
	struct uefi_descriptor descriptor;
};

/* The maps of a boot, as far as they have been read. Starts out with the record alone. */
struct linux_maps {
	struct record *record;
	bool is_excerpt;              /* of a diff: lines are missing, and that is no fault */
	const struct record *earlier; /* the boot before it in the file; NULL: there is none */
	bool has_header;              /* "BIOS-provided physical RAM map:" was there */
	bool has_e820;     /* a BIOS-e820 line was there; the list starts at first_paddr */
	bool is_extended;  /* record->e820_printed holds the "extended" list instead */
	bool tells_gaps;   /* Linux 7 prints the gaps too: nothing can be missing unseen */
	uint32_t host;     /* that wrote its lines; 0: not known */
	bool has_heads;    /* times, or what loggers write, are before its lines */
	bool has_tags;     /* "kernel:" alone is, before some */
	bool has_numbers;  /* those of the UEFI map have numbers */
	bool is_uefi_over; /* a second print has begun: only the first is the firmware's */
	paddr_t first_paddr;
	paddr_t end_paddr; /* of the range before */
	uint64_t next_mem; /* the number of the memNN line that comes next */
	bool is_e820_over; /* a message came that Linux prints behind the list */
	size_t n_passed;   /* messages with a time, since the list's last line */
	struct gaps e820_gaps, uefi_gaps, hole_gaps;
	MEMORY_LIST(struct e820_range, holes); /* of RAM, that are left out of an image */
	pfn_t last_pfn;                        /* behind all RAM */
	MEMORY_LIST(struct linux_maps_line, invalid);
	size_t n_put_back; /* of these */
};

/* What @message says of the maps. */
void linux_maps_parse(const struct line *message, struct linux_maps_line *ret);

/* Does a list of another print begin with @message, which says what is in @parsed? It may have lost
 * its beginning: the ring buffer of dmesg had run over. */
bool linux_maps_restarts(const struct linux_maps *maps, const struct linux_message *message,
                         const struct linux_maps_line *parsed);

/* False if @message, which says what is in @parsed, is not of a map. What is damaged becomes a
 * fault. */
bool linux_maps_read(struct linux_maps *maps, const struct linux_message *message,
                     const struct linux_maps_line *parsed);

/* Does @line, with which another boot begins, follow the list at once? A kernel prints more than
 * that. */
bool linux_maps_stop_before(const struct linux_maps *maps, const struct line *line);

/* A message came that is of no map; @is_fact: it is known, and so comes behind the e820 list. */
void linux_maps_pass(struct linux_maps *maps, const struct linux_message *message, bool is_fact);

/* May @line be among those of a map? */
bool linux_maps_are_open(const struct linux_maps *maps, const struct line *line);

/* @line, which is of no map, says so much of lines that are not there. */
void linux_maps_note(struct linux_maps *maps, const struct line *line, enum gap gap);

/* When all lines of the boot are in: so is what Linux left out of the EFI map. */
void linux_maps_finish(struct linux_maps *maps);

#endif
