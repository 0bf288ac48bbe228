/*
 * words.h - a text in which words that differ are marked, "[-old-]{+new+}" -> both texts: wdiff,
 * git diff --word-diff, dwdiff.
 */
#ifndef MAPDIFF_READ_PLAIN_WORDS_H
#define MAPDIFF_READ_PLAIN_WORDS_H

#include "mapdiff/read/line.h"

/* Is it such a text, by its marks? */
bool words_are_in(const struct input *input);

/* Where a line begins: inside a mark that began in a line before it. All zero: outside. */
enum words_place { WORDS_COMMON, WORDS_OLD, WORDS_NEW };

/* Put what @line has of the old text into ret[0], of the new one into ret[1]; a line that has
 * nothing of one, but marks, is no line of it: ret_is_in[side]. *place goes on to its end. */
void words_split(struct line line, enum words_place *place, struct bytes ret[2], bool ret_is_in[2]);

/* In @bytes, which still have their escapes: mark the words of git diff --color-words like that. */
void words_mark_coloured(struct bytes *bytes);

#endif
