/*
 * read.h - a file, whatever it is -> records. What it is, its contents say.
 */
#ifndef MAPDIFF_READ_READ_H
#define MAPDIFF_READ_READ_H

#include "mapdiff/record/record.h"

/*
 * The boot that @spec names, finished. A path, "-" for standard input, or a folder that is a copy
 * of /sys/firmware/memmap; PATH@N means boot N of it (a file that is really called so goes first),
 * and PATH@- and PATH@+ the sides of a diff; without that it is the last boot in it that has a map.
 * What is packed is unpacked, what is encoded or marked up is made plain text first.
 * NULL, and *ret_error, if it cannot be read, or is nothing that we know. What is damaged is in
 * record->faults.
 */
struct record *read_boot(const char *spec, const char **ret_error);

/* The same, but all boots of the file, added to @records, which is empty. False, and *ret_error,
 * if there is none. */
bool read_boots(const char *spec, struct records *records, const char **ret_error);

/* Of a file that has several boots with a map, or of the two sides of a diff: the last but one, and
 * the last. *ret_found is a sentence that says which there are. False, and *ret_error, if there are
 * not two. */
bool read_last_boots(const char *spec, struct record *ret_boots[2], const char **ret_found,
                     const char **ret_error);

/* All boots of bytes in memory, as they stand in a file: for tests. @bytes are gone afterwards. */
bool read_bytes(const char *name, struct bytes *bytes, struct records *records,
                const char **ret_error);

#endif
