/* unpack.h - a packed file -> what is in it. */
#ifndef MAPDIFF_READ_PLAIN_UNPACK_H
#define MAPDIFF_READ_PLAIN_UNPACK_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/* Unpack @bytes, if they are packed: kern.log.2.gz, and what bug trackers store. False, and
 * *ret_error, if that cannot be done. */
bool unpack(struct bytes *bytes, const char **ret_error);

#endif
