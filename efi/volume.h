/*
 * volume.h - files of a volume: read, and new ones written. Paths are in ASCII, with / or \ between
 * the names.
 */
#ifndef EFI_VOLUME_H
#define EFI_VOLUME_H

#include "efi/fat.h"
#include "efi/memory.h"

/* Open the root of the volume of @device, a handle. The caller closes it. EFI_UNSUPPORTED if it has
 * no file system (the network, the firmware itself). */
EFI_STATUS volume_open(const struct firmware *firmware, EFI_HANDLE device,
                       EFI_FILE_HANDLE *ret_root);

/* Follow the clusters of @path on the volume of @device: see fat.h, which says why to do so before
 * a path is opened. FAT_SOUND if nothing can be told. */
void volume_follow(const struct firmware *firmware, EFI_HANDLE device, const char *path,
                   struct fat_chain *ret_chain);

/* The first folder of @path, or the file, whose clusters go in a circle: so many bytes of @path
 * lead there. 0 if there is none, or it cannot be told. */
size_t volume_circle(const struct firmware *firmware, EFI_HANDLE device, const char *path);

/* Is there a file or a directory? What cannot be opened is there: who opens it learns why. */
bool volume_has(EFI_FILE_HANDLE root, const char *path);

/* Is there a file? A directory is none. */
bool volume_is_file(EFI_FILE_HANDLE root, const char *path);

/* Open a file. The caller closes it. A directory is EFI_UNSUPPORTED. */
EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_file,
                            uint64_t *ret_file_bytes);

/* What is wrong, after the name of what was to be opened: "cannot be opened", "is a folder, no
 * file". */
const char *volume_why(EFI_STATUS status);

/* Read all of @bytes from @offset on; fewer are EFI_END_OF_FILE, and more, which firmware says that
 * it has read, EFI_DEVICE_ERROR. In pieces of some MiB, since
 * firmware exists that fails at larger ones; @progress, if not NULL, is told after each. */
typedef void volume_progress_fn(void *context, uint64_t done_bytes, uint64_t all_bytes);
EFI_STATUS volume_read(EFI_FILE_HANDLE file, uint64_t offset, void *to, uint64_t bytes,
                       volume_progress_fn *progress, void *context);

/* Open a directory, to list it. The caller closes it. */
EFI_STATUS volume_open_directory(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_dir);

/* The next entry of a directory; the name is "" at its end, and "?" where an entry has none. A name
 * that is no ASCII has ? in it. When a file was modified is a number to compare, 20261127132204 for
 * a quarter past one; what the firmware does not know is 0 in it. */
#define VOLUME_NAME_BYTES 256
struct volume_entry {
	char name[VOLUME_NAME_BYTES];
	uint64_t file_bytes;
	uint64_t modified;
	bool is_directory;
};
EFI_STATUS volume_next_entry(EFI_FILE_HANDLE dir, struct volume_entry *ret_entry);

/* How much of the volume is free, of how much. An error if the firmware cannot tell. */
EFI_STATUS volume_space(EFI_FILE_HANDLE root, uint64_t *ret_free_bytes, uint64_t *ret_all_bytes);

/* Make a directory, in one that is there. That it is there already is no error. */
EFI_STATUS volume_make_directory(EFI_FILE_HANDLE root, const char *path);

/* Make a file, to write it from its start. The caller closes it. EFI_ACCESS_DENIED if something of
 * that name is there: nothing is ever written over. */
EFI_STATUS volume_create(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_file);

/* Write all of it behind what has been written; not all is EFI_VOLUME_FULL. */
EFI_STATUS volume_write(EFI_FILE_HANDLE file, const void *from, uint64_t bytes);

/* Close a file that was written; EFI_SUCCESS only if everything has reached the volume. It is
 * closed in any case. */
EFI_STATUS volume_finish(EFI_FILE_HANDLE file);

/* Delete a file; EFI_SUCCESS only if it is gone. */
EFI_STATUS volume_delete(EFI_FILE_HANDLE root, const char *path);

/* Give the file the name @name, in the folder in which it is; EFI_SUCCESS only if that has reached
 * the volume. Drivers exist that cannot: any other status. */
EFI_STATUS volume_rename(EFI_FILE_HANDLE root, const char *path, const char *name);

#endif
