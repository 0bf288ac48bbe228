/* given.h - the files of a series, one after the other -> which of them was given before: it would
 * count as another boot. */
#ifndef MAPDIFF_READ_GIVEN_H
#define MAPDIFF_READ_GIVEN_H

#include "mapdiff/record/record.h"

/* All zero: none was given yet. */
struct given {
	struct intern files;              /* which have been read */
	struct intern boots;              /* of each, what tells its first boot from others */
	MEMORY_LIST(const char *, paths); /* of each of these: the file that has it first */
};

/* Was this very file given before, by this name or another? PATH@N and ARCHIVE/FILE, which are
 * parts of files, only by the same name. From now on, it was. */
bool given_again(struct given *given, const char *path);

/* A file that was given before, of which that at @path is a copy; NULL: none. @first of its boots
 * is alike then, and so is the sum of all bytes. Without a machine and a time in it, nothing tells
 * a copy from a boot that went as the one before. */
const char *given_copy(struct given *given, const char *path, const struct record *first);

#endif
