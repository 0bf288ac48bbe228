/* unpack.h - a packed file, or an archive -> each file that is in it, and in what is in that. */
#ifndef MAPDIFF_READ_PLAIN_UNPACK_H
#define MAPDIFF_READ_PLAIN_UNPACK_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/* Takes a file. @name is its name in the archive; NULL: it is in none. @bytes are its own to
 * change, and gone afterwards. */
typedef void unpack_fn(void *context, const char *name, struct bytes *bytes);

/*
 * Call @take, with @context, for each file in @bytes, if they are gzip, xz, zstd, bzip2, zip or
 * tar; what is none of these is a file itself. False, and *ret_error, if it is damaged, has a
 * password, or is too much: of more than 4 GiB, or of more files than people pack; for files before
 * that place, @take has been called.
 */
bool unpack_each(struct bytes *bytes, unpack_fn *take, void *context, const char **ret_error);

#endif
