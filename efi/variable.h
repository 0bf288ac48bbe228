/*
 * variable.h - a variable of the firmware's, of firmware that may answer success and write nothing.
 */
#ifndef EFI_VARIABLE_H
#define EFI_VARIABLE_H

#include "efi/uefi.h"

/*
 * Read the variable @name of @guid: up to *@bytes bytes to @to; then *@bytes is how many it has.
 * GetVariable()'s errors (UEFI 2.10 §8.2.1), also where it calls a success what is none:
 * EFI_BUFFER_TOO_SMALL, and EFI_DEVICE_ERROR if nothing has been written. No variable that is read
 * with this may have all bits set.
 */
EFI_STATUS variable_read(const struct firmware *firmware, CHAR16 *name, EFI_GUID *guid, void *to,
                         UINTN *bytes);

#endif
