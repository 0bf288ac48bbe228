/* markup.h - what terminals and browsers put into a text -> the text. */
#ifndef MAPDIFF_READ_PLAIN_MARKUP_H
#define MAPDIFF_READ_PLAIN_MARKUP_H

#include "mapdiff/base/memory.h"
#include "mapdiff/read/line.h"

/* Is nothing in @text markup, whatever it looks like? It is in the checksum of a capture. */
bool markup_is_none(struct line text);

/* Take out control sequences, and the tags of HTML and BBCode that stand around or in the lines of
 * a log; entities become their character. A capture stays as it was written. */
void markup_decode(struct bytes *bytes);

#endif
