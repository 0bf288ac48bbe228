/* given.h - the files of a series -> which was given before, and would count as another boot. */
#ifndef MAPDIFF_READ_GIVEN_H
#define MAPDIFF_READ_GIVEN_H

#include "mapdiff/record/record.h"

/* All zero: none was given yet. */
struct given {
	struct intern seen;               /* what tells files from each other */
	MEMORY_LIST(const char *, paths); /* of each of these: the file that has it first */
};

/* The path by which this very file was given before; NULL: it was not. PATH@N and ARCHIVE/FILE,
 * which are parts of files, go by their names. From now on, it was. */
const char *given_again(struct given *given, const char *path);

/* The same of another file with all its bytes: one whose sum they have, and whose first boot is
 * like @first. Without a machine and a time in it, nothing tells a copy from a boot that went as
 * the one before. */
const char *given_copy(struct given *given, const char *path, const struct record *first);

#endif
