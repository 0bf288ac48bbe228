/*
 * source.h - a file of the volume, to be read piece by piece: from the volume, or from a copy in
 * memory.
 *
 * A medium may give other bytes the second time. Where it matters which bytes they are, all of the
 * file is read once, and what is judged and what is used are the same bytes.
 */
#ifndef EFI_SOURCE_H
#define EFI_SOURCE_H

#include "efi/memory.h"
#include "efi/uefi.h"

struct file_source {
	const struct firmware *firmware;
	const char *noun; /* "kernel" */
	const char *path;
	EFI_FILE_HANDLE file;
	uint64_t file_bytes;
	const void *copy; /* of the whole file; NULL: none has been made */
	paddr_t copy_paddr;
};

/* Open the file at @path. What goes wrong here and below is said, with noun and path, and returned.
 */
EFI_STATUS source_open(const struct firmware *firmware, EFI_FILE_HANDLE root, const char *noun,
                       const char *path, struct file_source *ret_source);

/* Read the whole file into claimed pages: from here on it is read from there. */
EFI_STATUS source_copy(struct file_source *source, struct memory *memory);

/* Read @bytes bytes from @offset on. Large files show that something is going on. */
EFI_STATUS source_read(const struct file_source *source, uint64_t offset, void *to, uint64_t bytes);

/* Close it, and give the pages of the copy back. */
void source_close(struct file_source *source, struct memory *memory);

/* "kernel \my.elf: WHY", as an error. */
EFI_STATUS source_refuse(const struct file_source *source, EFI_STATUS status, const char *why);

#endif
