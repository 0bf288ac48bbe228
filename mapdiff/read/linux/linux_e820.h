/* linux_e820.h - a line of the e820 list that Linux prints -> its range, in the spellings of Linux
 * 2.6.24, 3.5 and 7.0; and Linux's names of e820 types. */
#ifndef MAPDIFF_READ_LINUX_LINUX_E820_H
#define MAPDIFF_READ_LINUX_LINUX_E820_H

#include "mapdiff/read/line.h"

/* An e820 type as Linux names it, in its logs, in /sys/firmware/memmap and in /proc/iomem. The text
 * ends there, or with a blank or markup. */
bool linux_e820_take_type(struct line *line, uint32_t *ret_type);

/* What a line says. */
struct linux_e820 {
	struct e820_range range; /* type E820_NONE: a gap */
	bool tells_gaps;         /* the spelling of Linux 7.0 */
	bool has_words;          /* behind it: a sentence that has a line of the map in it */
};

/* The rest of a line, behind "BIOS-e820:". */
bool linux_e820_parse(struct line *line, struct linux_e820 *ret);

/* Does it begin there, whole or damaged? */
bool linux_e820_begins(struct line line);

#endif
