/*
 * watchdog.h - the firmware's watchdog, which resets a machine whose loader hangs (UEFI 2.10
 * §7.5.1): armed anew before each step and each piece of a file, off while a person is waited for.
 *
 * It cannot be read, so "as the firmware had it" is what the specification says of who starts an
 * image, and of who gets control back. The boot manager arms it for five minutes, from then on
 * (§3.1.2); so it is off when we return to it, and it arms it again for the next entry. The Shell
 * starts programs with the watchdog off, and never touches it: it would be reset. So off is right
 * for both. A kernel needs nothing: the exit switches it off.
 */
#ifndef EFI_WATCHDOG_H
#define EFI_WATCHDOG_H

#include "efi/uefi.h"

/* Five minutes from now on; also what an image that we start finds, as from the boot manager. */
void watchdog_arm(const struct firmware *firmware);

/* Before a key is awaited, and before we return. */
void watchdog_disarm(const struct firmware *firmware);

#endif
