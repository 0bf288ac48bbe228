/*
 * last_error.h - what an error's screen says -> \bootmem\last-error.txt, for those who were not
 * quick enough to read it.
 */
#ifndef EFI_LAST_ERROR_H
#define EFI_LAST_ERROR_H

#include "efi/state.h"

#define LAST_ERROR_FILE "\\bootmem\\last-error.txt"

/* Write @text, with LF at the ends of its lines, in the place of what is there. Anything but
 * EFI_SUCCESS: the volume cannot be written, or there is none. */
EFI_STATUS last_error_write(const struct boot *boot, const char *text);

#endif
