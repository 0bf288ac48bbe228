/*
 * device_path.h - device paths (UEFI 2.10 §10.2, §10.3) of whoever -> where their nodes are, and
 * the file at their end. Each is walked for so many bytes, and no further: it need have no end.
 */
#ifndef EFI_DEVICE_PATH_H
#define EFI_DEVICE_PATH_H

#include "efi/uefi.h"

#define DEVICE_PATH_MOST_BYTES 4096

/* All of the path with its last node, the end. 0 if it has no end in @most_bytes bytes. */
size_t device_path_bytes(const EFI_DEVICE_PATH *path, size_t most_bytes);

/* Is the node at @path that of a partition, with its signature? */
bool device_path_is_partition(const EFI_DEVICE_PATH *path);

/* Where the first node of a partition begins, in bytes. False if there is none. */
bool device_path_find_partition(const EFI_DEVICE_PATH *path, size_t *ret_offset);

/* Two nodes of partitions, and one partition: number and signature are the same. */
bool device_path_is_same_partition(const EFI_DEVICE_PATH *one, const EFI_DEVICE_PATH *other);

/* The file that the last node names, "\EFI\debian\shimx64.efi", cut to fit; "" if it names none. */
void device_path_file(const EFI_DEVICE_PATH *path, char *text, size_t bytes);

/* The last name of the path of a file: "shimx64.efi". */
const char *device_path_name(const char *file);

#endif
