/*
 * pin.h - `pin = yes': memory that stays (EfiACPIReclaimMemory), asked for by what bootmem starts
 * -> pieces of one block, which lies at the same address in every boot.
 *
 * Linux's stub copies the TPM's event log, the boot's memory map and a seed into such memory,
 * wherever the firmware has room that day; a hibernated Linux then finds another map, and does not
 * resume. So six services of the boot services table are hooked, from the start of the next loader
 * until it returns. Hooks do not allocate, print or lock: firmware's own drivers call them as well.
 */
#ifndef EFI_PIN_H
#define EFI_PIN_H

#include "efi/state.h"

/* A step of a boot: get the block, which is in the memory map from here on. Without `pin = yes',
 * nothing. If it cannot be had, a warning says why, and boot->pinned that there is none. */
EFI_STATUS pin_hold(struct boot *boot);

/* Hook the services, if there is a block. */
void pin_begin(const struct boot *boot);

/* Put back the services that are still ours to put back, and give the block back, unless something
 * in it is in use. Whoever comes back to the firmware calls it; the second time it does nothing. */
void pin_end(struct boot *boot);

#endif
