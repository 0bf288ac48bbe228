/* readers.h - plain text -> records, by the reader for its kind. What it is, the text says. */
#ifndef MAPDIFF_READ_READERS_H
#define MAPDIFF_READ_READERS_H

#include "mapdiff/read/rows.h"

/* Read @input with the reader that knows it, into @records, which is empty; they are finished.
 * False, and *ret_error, if there is none, or nothing to read. */
bool readers_read(const struct input *input, struct records *records, const char **ret_error);

#endif
