/*
 * folder.h - a folder of files -> each of them, in the order of their names: that of the boots, if
 * they do not know their time.
 */
#ifndef MAPDIFF_READ_FOLDER_H
#define MAPDIFF_READ_FOLDER_H

#include <stdbool.h>

/* Is @path a folder with files to be read one by one? /sys/firmware/memmap and copies of it, which
 * have folders in them, are one map. */
bool folder_has_files(const char *path);

/* What is called for each file, and each copy of /sys/firmware/memmap; and for what cannot be read,
 * or is no file: why. */
struct folder_calls {
	void (*take)(void *context, const char *path);
	void (*skip)(void *context, const char *path, const char *why);
	void *context;
};

/* Call for all that is in the folder @path and the folders in it; what is hidden is passed over.
 * False, and *ret_error, if it cannot be opened. */
bool folder_each(const char *path, const struct folder_calls *calls, const char **ret_error);

#endif
