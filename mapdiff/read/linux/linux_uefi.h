/* linux_uefi.h - a line of the EFI map that Linux prints -> its descriptor, in the spellings of old
 * and new kernels. The line starts behind "efi: memNN:". */
#ifndef MAPDIFF_READ_LINUX_LINUX_UEFI_H
#define MAPDIFF_READ_LINUX_LINUX_UEFI_H

#include "mapdiff/read/line.h"

/* NULL, or what is wrong. */
const char *linux_uefi_parse(struct line line, struct uefi_descriptor *ret);

/*
 * "range=[0x0000000010400000-0x0000000000000000] (invalid)": a descriptor of no pages, which has 0
 * there, or one up to 2^64 or past it, which may have more than 16 digits there. Linux lists them
 * before the map and leaves them out of it: efi_clean_memmap(). False if the line is no such one.
 */
bool linux_uefi_parse_invalid(struct line line, struct uefi_descriptor *ret);

/* "  0x000040000000-0x00005858ffff [Conventional|...]", of arm64 and its like: without a number,
 * and the line starts behind "efi:". */
const char *linux_uefi_parse_bare(struct line line, struct uefi_descriptor *ret);
bool linux_uefi_begins_bare(struct line line);

/* Does a line of the EFI map begin there, whole or damaged? */
bool linux_uefi_begins(struct line line);

#endif
