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

/* Takes a file, or a copy of /sys/firmware/memmap; or what is neither or cannot be read, and @why
 * it is not: else NULL. */
typedef void folder_fn(void *context, const char *path, const char *why);

/* Call @take, with @context, for all that is in the folder @path and the folders in it; what is
 * hidden is passed over. False, and *ret_error, if it cannot be opened. */
bool folder_each(const char *path, folder_fn *take, void *context, const char **ret_error);

#endif
