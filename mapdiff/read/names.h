/* names.h - what firmware shells, GRUB and Linux call the UEFI memory types -> the types. */
#ifndef MAPDIFF_READ_NAMES_H
#define MAPDIFF_READ_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Is @word, of @bytes bytes, such a name? In any case, with any signs or blanks in it. */
bool names_uefi_type(const char *word, size_t bytes, uint32_t *ret_type);

/* The bit of a memory attribute, by the name that any of these has for it; 0 if it is none. */
uint64_t names_attribute(const char *word, size_t bytes);

#endif
