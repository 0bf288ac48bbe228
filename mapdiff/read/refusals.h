/* refusals.h - a text without a map -> what it is, and where a map is to be had. */
#ifndef MAPDIFF_READ_REFUSALS_H
#define MAPDIFF_READ_REFUSALS_H

#include "mapdiff/read/line.h"

/* Of a text that no reader knows: a sentence without a full stop. */
const char *refusals_explain(const struct input *input);

/* Of a log that is Linux's, without a line of a map in it. @version: what it says of its kernel;
 * NULL: nothing, as its beginning is lost. */
const char *refusals_explain_log(const char *version);

#endif
