/*
 * fat.h - the blocks of a volume with a FAT -> whether a path on it leads to clusters that go in a
 * circle.
 *
 * Firmware does not look. edk2's driver never comes back from Open() of a folder whose clusters go
 * in a circle, and both it and U-Boot's read wrong bytes of such a file, without an error. So what
 * will be opened is followed here first, through the table alone.
 */
#ifndef EFI_FAT_H
#define EFI_FAT_H

#include "efi/uefi.h"

/* The largest block of a disk, and what fat_circle() needs of memory: two of them. */
#define FAT_BLOCK_BYTES UINT64_C(4096)
#define FAT_ROOM_BYTES  (2 * FAT_BLOCK_BYTES)

/*
 * The first folder of @path, or the file, whose clusters go in a circle: so many bytes of @path
 * lead there. 0 if there is none; and also where nothing can be said: no FAT, a block that
 * cannot be read, a path that is not there. Who opens it learns that. @room is FAT_ROOM_BYTES
 * at a multiple of a page, the caller's. Names are compared as FAT does, without regard to the case
 * of ASCII (Microsoft's FAT specification, §3 to §7).
 */
size_t fat_circle(EFI_BLOCK_IO *io, void *room, const char *path);

#endif
