/*
 * protocol.h - what handles have, of firmware that may answer success with NULL: nothing is ever
 * read or called through what is not there.
 */
#ifndef EFI_PROTOCOL_H
#define EFI_PROTOCOL_H

#include "efi/uefi.h"

/* The protocol @guid of @handle; NULL if it has none, or the firmware says that it has NULL. */
void *protocol_of(const struct firmware *firmware, EFI_HANDLE handle, const EFI_GUID *guid);

/*
 * The *ret_n handles that have the protocol @guid, in a pool of the firmware's, which the caller
 * gives back with protocol_free(). NULL, and 0, if there are none (UEFI 2.10 §7.3.15).
 */
EFI_HANDLE *protocol_handles(const struct firmware *firmware, const EFI_GUID *guid, UINTN *ret_n);

/* NULL is nothing to give back. */
void protocol_free(const struct firmware *firmware, EFI_HANDLE *handles);

#endif
