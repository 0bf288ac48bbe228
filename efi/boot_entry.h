/*
 * boot_entry.h - BootCurrent, BootOrder and Boot#### (UEFI 2.10 §3.1.3) -> the entry that the
 * firmware would run next.
 */
#ifndef EFI_BOOT_ENTRY_H
#define EFI_BOOT_ENTRY_H

#include "efi/memory.h"

struct boot_entry {
	char name[sizeof "Boot0003"];
	const EFI_DEVICE_PATH *path; /* as it stands there; has an end */
	const void *options;         /* what its program gets; 0 bytes: nothing */
	UINTN options_bytes;
};

/* The first active one behind that which was started, that can be read; entries that cannot, and
 * those that no boot tries (tools, menus), are passed over. What it points to is claimed.
 * EFI_NOT_FOUND if there is none. */
EFI_STATUS boot_entry_next(const struct firmware *firmware, struct memory *memory,
                           struct boot_entry *ret_entry);

#endif
