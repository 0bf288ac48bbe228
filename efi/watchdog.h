/*
 * watchdog.h - the firmware's watchdog, which resets a machine whose loader hangs (UEFI 2.10
 * §7.5.1): armed anew before each piece of work, and off while a person is waited for.
 */
#ifndef EFI_WATCHDOG_H
#define EFI_WATCHDOG_H

#include "efi/uefi.h"

/* Five minutes from now on. */
void watchdog_arm(const struct firmware *firmware);

/* Before a key is awaited; and before we return: the Shell never touches it, and would be reset. */
void watchdog_disarm(const struct firmware *firmware);

#endif
