/*
 * memmap.h - the memory map out of the firmware, and the exit with it.
 */
#ifndef EFI_MEMMAP_H
#define EFI_MEMMAP_H

#include "efi/uefi.h"
#include "x86/uefi_map.h"

/* Descriptors that the map may grow by, between asking for its size and the exit: Linux had 8, and
 * machines failed to boot; 32 now. Where it grows by more, all is planned anew with the most. */
#define MEMMAP_SLACK_DESCRIPTORS 64
#define MEMMAP_MOST_SLACK        1024

/* Behind the buffer, filled with a pattern: firmware exists that writes more than it said
 * (edk2 with unaccepted memory, fixed in 2025). */
#define MEMMAP_GUARD_BYTES 4096

/* Calls of ExitBootServices() before giving up. One retry is usual, a few have been seen. */
#define MEMMAP_EXIT_ATTEMPTS 16

struct memmap {
	void *buffer; /* the caller's: capacity_bytes, then MEMMAP_GUARD_BYTES */
	UINTN capacity_bytes;
	struct uefi_map map; /* what is in it now */
	UINTN key;
	UINT32 descriptor_version;
};

/* How many bytes a map takes now, with @n_slack descriptors more, and the size of a descriptor. */
EFI_STATUS memmap_room(const struct firmware *firmware, UINTN n_slack, UINTN *ret_capacity_bytes,
                       UINTN *ret_stride);

/* Take @buffer, of @capacity_bytes and the guard, and fill the guard. */
void memmap_init(struct memmap *memmap, void *buffer, UINTN capacity_bytes);

/*
 * Read the map into the buffer. Allocates nothing. EFI_BUFFER_TOO_SMALL if it has grown beyond the
 * slack, EFI_BAD_BUFFER_SIZE if the firmware wrote past what it said (the guard is hit) or has
 * descriptors that are none.
 */
EFI_STATUS memmap_read(const struct firmware *firmware, struct memmap *memmap);

/*
 * Read the map and leave the boot services with it; if the key is stale by then, again, into the
 * same buffer, at most MEMMAP_EXIT_ATTEMPTS times. In between nothing is allocated or printed.
 *
 * On success the map in the buffer is the one that the firmware accepted, and no boot service may
 * be called any more. On an error with *ret_attempts 0, nothing has happened, and it can be
 * reported; after an attempt the firmware is half shut down (UEFI 2.10 §7.4.6 allows memory
 * services only), and all that is left is a reset.
 */
EFI_STATUS memmap_exit(const struct firmware *firmware, struct memmap *memmap,
                       unsigned *ret_attempts);

#endif
