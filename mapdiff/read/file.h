/*
 * file.h - a path -> the bytes that stand there. A file, standard input, or a folder that is a copy
 * of /sys/firmware/memmap, whose files make a text.
 */
#ifndef MAPDIFF_READ_FILE_H
#define MAPDIFF_READ_FILE_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/* False, and *ret_error, if it cannot be read. "-" is standard input. */
bool file_read(const char *path, struct bytes *bytes, const char **ret_error);

#endif
