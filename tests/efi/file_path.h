/*
 * file_path.h - the device path of a file: the volume's nodes, the file's, the end's
 * (UEFI 2.10 §10.3.5.4, file path media device path).
 */
#ifndef TESTS_EFI_FILE_PATH_H
#define TESTS_EFI_FILE_PATH_H

#include "efi/uefi.h"

/* It is overwritten by the next call. NULL if the volume has no path, or one that is too long. */
EFI_DEVICE_PATH_PROTOCOL *file_path_on(EFI_BOOT_SERVICES *boot, EFI_HANDLE volume,
                                       const CHAR16 *path);

#endif
