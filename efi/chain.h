/*
 * chain.h - `chain = PATH', `chain = next': another loader is started instead of a kernel.
 *
 * Whatever comes back, and whatever cannot be started, goes on to the firmware's next boot entry: a
 * loader in the boot path costs no boot.
 */
#ifndef EFI_CHAIN_H
#define EFI_CHAIN_H

#include "efi/state.h"

/* A step of a boot, the last one: find the loader, load it, start it. Returns with an error only,
 * which has been said; all that was claimed is given back then, and the volumes are closed, or
 * nothing is if it has not been started. */
EFI_STATUS chain_start(struct boot *boot);

#endif
