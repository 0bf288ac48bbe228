/*
 * boot.h - one boot, from the configuration to the kernel's first instruction.
 */
#ifndef EFI_BOOT_H
#define EFI_BOOT_H

#include "efi/state.h"

/*
 * Boot: *boot is zero but for its firmware. Returns only with an error, when nothing has been
 * changed for good: it has been reported, and all memory has been given back. (EFI_ABORTED: the
 * user wants back to the firmware.)
 */
EFI_STATUS boot_run(struct boot *boot);

#endif
