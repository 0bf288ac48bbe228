/* encoded.h - what a mail made of a text so that it would arrive -> the text. In place: it only
 * gets shorter. */
#ifndef MAPDIFF_READ_PLAIN_ENCODED_H
#define MAPDIFF_READ_PLAIN_ENCODED_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/* RFC 2045 §6.8. Blank lines, and what a mailing list wrote behind them, end it. False if it is no
 * such text, or cut off: then *ret_line is the line of @bytes, from 1, where that shows. */
bool encoded_base64(struct bytes *bytes, unsigned long *ret_line);

/* RFC 2045 §6.7. A line that was broken by = is put together, and has blank lines before it, so
 * that all others keep their numbers. */
void encoded_quoted_printable(struct bytes *bytes);

/* RFC 3676: the same for lines that a blank at their end breaks. @drops_blank: it is not of the
 * text (DelSp=yes). */
void encoded_flowed(struct bytes *bytes, bool drops_blank);

#endif
