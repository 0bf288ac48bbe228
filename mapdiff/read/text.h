/*
 * text.h - the bytes of a file as compressors, editors, loggers, terminals and browsers left
 * them -> the lines that readers know.
 */
#ifndef MAPDIFF_READ_TEXT_H
#define MAPDIFF_READ_TEXT_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/*
 * Make plain text of @bytes: unpacked, in one byte a character, without colours and markup. Lines
 * keep their numbers, but in a file that has all of them on one.
 * False, and *ret_error, if no text can be made of it.
 */
bool text_decode(struct bytes *bytes, const char **ret_error);

#endif
