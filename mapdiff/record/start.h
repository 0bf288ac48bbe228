/*
 * start.h - who started the kernel of a record. What kexec started got its maps from the kernel
 * before, and not from the firmware: such a boot shows nothing of what the firmware does.
 */
#ifndef MAPDIFF_RECORD_START_H
#define MAPDIFF_RECORD_START_H

#include "mapdiff/record/record.h"

enum start {
	START_FIRMWARE, /* or nothing tells otherwise */
	START_KEXEC,    /* another kernel */
	START_CRASH,    /* another kernel, when it crashed: RAM is the piece that was set aside */
};

/* By the command line (elfcorehdr= is kdump's), by the UEFI map (a kernel hands on the descriptors
 * of runtime services alone), and by the e820 map (those of kexec-tools begin at 0x100). */
enum start start_of(const struct record *record);

/* "a crash kernel (elfcorehdr= is in its command line)"; "" for START_FIRMWARE. */
const char *start_text(enum start start);

#endif
