/*
 * plain.h - the bytes of a file as editors, loggers, terminals, mail programs and browsers left
 * them -> the lines that readers know.
 */
#ifndef MAPDIFF_READ_PLAIN_PLAIN_H
#define MAPDIFF_READ_PLAIN_PLAIN_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/*
 * Make plain text of @bytes: in one byte a character, without colours and markup. Lines keep their
 * numbers, but in a file that has all of them on one. What is not ASCII is no part of a map.
 * False, and *ret_error, if no text can be made of it.
 */
bool plain_text(struct bytes *bytes, const char **ret_error);

#endif
