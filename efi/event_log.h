/* event_log.h - how long the TPM's event log is, of which Linux's stub makes a copy. */
#ifndef EFI_EVENT_LOG_H
#define EFI_EVENT_LOG_H

#include "efi/uefi.h"

/* Up to where its last event begins, in bytes; 0 if there is no TPM, or no log. */
uint64_t event_log_bytes(const struct firmware *firmware);

#endif
