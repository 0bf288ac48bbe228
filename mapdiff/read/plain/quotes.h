/* quotes.h - a text in which somebody answers another one -> what is new in it, and what is quoted.
 */
#ifndef MAPDIFF_READ_PLAIN_QUOTES_H
#define MAPDIFF_READ_PLAIN_QUOTES_H

#include "mapdiff/read/line.h"

/* Who wrote the numbers of a text: nobody quotes, or somebody does; all that is there; both. */
enum quotes { QUOTES_NONE, QUOTES_ALL, QUOTES_MIXED };

/*
 * Look whether the lines of @input that can be of a map are quoted, with > before them. Where both
 * kinds are in it, *ret_own has what is not quoted, and *ret_quoted the rest, on the lines where it
 * stood. A line without > that goes on right behind a quoted one is in both: mail programs break a
 * quoted line so.
 */
enum quotes quotes_split(const struct input *input, struct bytes *ret_own,
                         struct bytes *ret_quoted);

#endif
