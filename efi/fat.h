/*
 * fat.h - the blocks of a volume with a FAT -> whether the clusters of a file, and of the folders
 * that lead to it, are what they should be.
 *
 * Firmware does not look. edk2's driver never comes back from Open() of a folder whose clusters go
 * in a circle, and both it and U-Boot's read wrong bytes of such a file, without an error; nor do
 * they tell when a file goes on in the clusters of another one. So what will be opened is followed
 * here first, through the table alone, and only the chains of the path.
 */
#ifndef EFI_FAT_H
#define EFI_FAT_H

#include "efi/uefi.h"

/* The largest block of a disk, and what fat_follow() needs of memory: two of them. */
#define FAT_BLOCK_BYTES UINT64_C(4096)
#define FAT_ROOM_BYTES  (2 * FAT_BLOCK_BYTES)

enum fat_fault {
	FAT_SOUND,   /* or nothing can be said */
	FAT_CIRCLE,  /* of the file, or of a folder on the way */
	FAT_CUT,     /* the clusters end before the file does */
	FAT_FREE,    /* the same, in a cluster that is nobody's */
	FAT_BAD,     /* in one that is marked as bad */
	FAT_OUTSIDE, /* in one that there is not */
	FAT_CROSSED, /* two clusters lead to one that the file needs: it is another file's, too */
	FAT_LONG,    /* there are more than the file needs. Its bytes may be right all the same:
	              * drivers exist that get clusters before they are written to */
};

/* The clusters of a file or a folder. */
struct fat_chain {
	enum fat_fault fault;
	size_t path_bytes;     /* so many bytes of the path lead to what this is about */
	uint64_t n_clusters;   /* up to the fault */
	uint64_t held_bytes;   /* what these hold */
	uint64_t file_bytes;   /* what the folder says; 0 for a folder */
	uint32_t last_cluster; /* 0: there is none, or it is not known */
	uint64_t entry_offset; /* bytes, on the volume: tells one file from another; 0: the root */
};

/*
 * Follow the clusters of @path, and of each folder on the way until one goes in a circle. Where a
 * chain goes on elsewhere than in the next cluster, the cluster before that place is looked at:
 * most files lie in one piece, so a link into the middle of another one is seen there. One to the
 * first cluster of another file is not: only who reads all folders knows that. All 0,
 * which is FAT_SOUND, where nothing can be said: no FAT, a path that is not there, a block that
 * cannot be read. Who opens it learns that. @room is FAT_ROOM_BYTES at a multiple of a page, the
 * caller's. Names are compared as FAT does, without regard to the case of ASCII (Microsoft's FAT
 * specification, §3 to §7).
 */
void fat_follow(EFI_BLOCK_IO *io, void *room, const char *path, struct fat_chain *ret_chain);

/* Do two files of one volume, neither in a circle, have clusters in common? Once chains have met
 * they are one, up to the end. A file shares nothing with itself. */
bool fat_shares(const struct fat_chain *one, const struct fat_chain *other);

/* "its clusters end": what is wrong, for each. */
const char *fat_fault_text(enum fat_fault fault);

#endif
