/*
 * file.h - a path -> the text that readers read. A file, standard input, or a folder that is
 * a copy of /sys/firmware/memmap.
 */
#ifndef MAPDIFF_READ_FILE_H
#define MAPDIFF_READ_FILE_H

#include "mapdiff/read/text.h"

/* False, and *ret_error, if it cannot be read. "-" is standard input. */
bool file_read(const char *path, struct bytes *bytes, const char **ret_error);

#endif
