/*
 * start.h - a record -> who started its kernel. What no firmware started got its maps from another
 * kernel, or from Xen: such a boot shows little of what the firmware does.
 */
#ifndef MAPDIFF_RECORD_START_H
#define MAPDIFF_RECORD_START_H

#include "mapdiff/record/record.h"

enum start {
	START_FIRMWARE, /* or nothing tells otherwise */
	START_KEXEC,    /* another kernel */
	START_CRASH,    /* another kernel, when it crashed: RAM is the piece that was set aside */
	START_XEN,      /* Xen: dom0 has what Xen gives it, in a list of its own */
	START_COUNT
};

enum start start_of(const struct record *record);

/* "a crash kernel (elfcorehdr= is in its command line)"; "" for START_FIRMWARE. */
const char *start_text(enum start start);

/* Why the record's UEFI map is not all of the firmware's: a kernel hands on the descriptors of the
 * runtime services alone. NULL: it is, or there is none. */
const char *start_uefi_gap(const struct record *record);

#endif
