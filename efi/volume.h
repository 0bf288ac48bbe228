/*
 * volume.h - files of the volume that the application was started from, read only.
 */
#ifndef EFI_VOLUME_H
#define EFI_VOLUME_H

#include "efi/uefi.h"

/* Open the root of the volume. The caller closes it. EFI_UNSUPPORTED if the application came from
 * something without a file system (the network, the firmware itself). */
EFI_STATUS volume_open(const struct firmware *firmware, EFI_FILE_HANDLE *ret_root);

/* Open a file by its path in ASCII, with / or \ between the names. The caller closes it. A
 * directory is EFI_NOT_FOUND. */
EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_file,
                            uint64_t *ret_file_bytes);

/* Read all of @bytes from @offset on; fewer are EFI_END_OF_FILE. In pieces of some MiB, since
 * firmware exists that fails at larger ones; @progress, if not NULL, is told after each. */
typedef void volume_progress_fn(void *context, uint64_t done_bytes, uint64_t all_bytes);
EFI_STATUS volume_read(EFI_FILE_HANDLE file, uint64_t offset, void *to, uint64_t bytes,
                       volume_progress_fn *progress, void *context);

#endif
