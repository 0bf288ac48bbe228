/*
 * lines.h - lines of a configuration that a test program reads, and lines that it says.
 */
#ifndef TESTS_EFI_LINES_H
#define TESTS_EFI_LINES_H

#include "efi/uefi.h"

/* Say what follows on the console of this table. */
void lines_open(EFI_SYSTEM_TABLE *table);

/* One line on it, "plant: ...". */
void lines_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What follows @word at @at, or NULL if it does not stand there. */
const char *lines_after(const char *at, const char *word);

/* The line behind that of @at; the end of the text, if there is none. */
const char *lines_next(const char *at);

/* From @at on, the next line that begins with @word: what follows the word, or NULL. */
const char *lines_find(const char *at, const char *word);

/* The number at *at, as in C, which is stepped over with the blanks before it; 0 if there is none.
 */
UINT64 lines_number(const char **at);

#endif
