/*
 * command_line.h - the command line of a record's kernel -> its parameters. Words are separated by
 * blanks; where one comes twice, Linux takes the last.
 */
#ifndef MAPDIFF_RECORD_COMMAND_LINE_H
#define MAPDIFF_RECORD_COMMAND_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "mapdiff/record/record.h"

/* Is the word of @word_bytes bytes at @word one of the words of @line? */
bool command_line_has_word(const char *line, const char *word, size_t word_bytes);

/* Does @record's command line have this word? False where it has no command line. */
bool command_line_has(const struct record *record, const char *word);

/* What stands behind @key ("mem="), up to the end of the line, in the last word that starts so.
 * NULL: there is none. */
const char *command_line_value(const struct record *record, const char *key);

/* The size that stands there, as Linux memparse() reads it ("0x100", "512M"). UINT64_MAX: there is
 * none, or more than 64 bits can say. */
uint64_t command_line_size(const struct record *record, const char *key);

/* Does a word that starts with @key have @item in its comma-separated value
 * ("efi=debug,noruntime")? Linux adds up all words of such a key. */
bool command_line_lists(const struct record *record, const char *key, const char *item);

/* Do the values of @key differ between two records, or is it in one of them only? */
bool command_line_differs(const struct record *before, const struct record *after, const char *key);

#endif
