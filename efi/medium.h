/*
 * medium.h - the disk that the application was started from -> the volume of it that its owner
 * sees.
 *
 * A stick has two partitions: the EFI system partition, which firmware starts from and desktops
 * hide, and before it one for people, with bootmem.conf and the captures. A disk with one, or with
 * bootmem.conf beside the application, has no need of this.
 */
#ifndef EFI_MEDIUM_H
#define EFI_MEDIUM_H

#include "efi/uefi.h"

/* Are these the device paths of two partitions of one disk? */
bool medium_are_neighbours(const EFI_DEVICE_PATH *one, const EFI_DEVICE_PATH *other);

/*
 * The root of another partition of the disk that the application was started from, which the
 * caller closes: the first, in the order of the firmware, with \bootmem.conf; else the first
 * with \bootmem; and the handle of its device. NULL if there is none, or the firmware cannot tell.
 */
EFI_FILE_HANDLE medium_find_data(const struct firmware *firmware, EFI_HANDLE *ret_device);

/* The root of the volume of @handle; the caller closes it. NULL if it cannot be opened. Firmware
 * that is in a hurry starts the drivers of the partition that it boots, and of no other (UEFI 2.10
 * §7.3.12, ConnectController()): they are started then. */
EFI_FILE_HANDLE medium_open(const struct firmware *firmware, EFI_HANDLE handle);

#endif
