/*
 * events.h - a TPM's event log that is longer than the last boot's: events of 1024 bytes more, in
 * PCR 12, which nothing is sealed to.
 */
#ifndef TESTS_EFI_EVENTS_H
#define TESTS_EFI_EVENTS_H

#include "efi/uefi.h"

/* Add @n events. How many were; fewer if there is no TPM. */
UINT64 events_add(EFI_BOOT_SERVICES *boot, UINT64 n);

#endif
