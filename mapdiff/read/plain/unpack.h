/* unpack.h - a packed file, an archive, a mail -> each file that is in it, and in what is in that.
 */
#ifndef MAPDIFF_READ_PLAIN_UNPACK_H
#define MAPDIFF_READ_PLAIN_UNPACK_H

#include <stdbool.h>

#include "mapdiff/base/memory.h"

/* What comes out: a file. */
struct unpacked {
	const char *name; /* in the archive, or in the mail; NULL: it is in none */
	struct bytes bytes;
	unsigned long lines_before; /* in the mail that it is a piece of */
	bool is_talk;               /* what somebody wrote in a mail: it may have pieces of files */
};

/* Takes a file, whose bytes are its own to change, and gone afterwards. */
typedef void unpack_fn(void *context, struct unpacked *file);

/*
 * Call @take, with @context, for each file in @bytes, if they are gzip, xz, zstd, bzip2, zip, tar,
 * a mail or an mbox; what is none of these is a file itself. False, and *ret_error, if it is
 * damaged, has a password, or is too much: of more than 4 GiB, or of more files than people pack;
 * for files before that place, @take has been called.
 */
bool unpack_each(struct bytes *bytes, unpack_fn *take, void *context, const char **ret_error);

#endif
