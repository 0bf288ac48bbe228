/*
 * hook.h - services of the firmware's that fail, in the hands of an application that knows nothing
 * of it. A hook is a line of plant.conf, "hook NAME [VALUE]"; several may stand together:
 *
 * - exit-refused [N]: ExitBootServices() refuses its key N times; without N, for ever
 * - exit-error N: its first call ends with error N, and nothing has happened
 * - exit-grows N: at its first call, N descriptors are new in the map, so it refuses
 * - exit-adds TYPE START PAGES [N STRIDE]: it refuses its first call, and from then on the map has
 * a descriptor more, whatever else is said of those pages; or N, each STRIDE pages after the other
 * - pages-above [N]: AllocatePages() answers from above the limit that it was given, after N
 *   requests of loader data or code that it serves as it should
 * - pages-lowest [N]: it gives the lowest free pages from 1 MiB on, not the highest; after N such
 *   requests
 * - get-time-hangs: GetTime() never returns, before the exit or after it
 * - get-time-faults: it is an invalid opcode
 * - get-time-error N: it ends with error N
 * - reset-returns: ResetSystem() does nothing
 * - set-variable-error N: SetVariable() ends with error N
 * - watchdog N: the watchdog's five minutes are N seconds
 * - null-protocol NAME: HandleProtocol() and LocateProtocol() have NULL, and success, for gop,
 *   file-system, loaded-image, device-path, memory-attribute
 * - gop-none: there is no graphics output protocol
 * - gop-no-mode: it has no mode
 * - gop-no-info: its mode has no information
 * - gop-blt-only: there is no framebuffer to write to
 * - gop-at PADDR: the framebuffer is there
 * - gop-bytes N: it says to have so many bytes
 * - gop-pitch N: a line has so many pixels
 *
 * Errors are numbers without the error bit (UEFI 2.10 Appendix D): 2 is EFI_INVALID_PARAMETER.
 *
 * Services are replaced in the firmware's own tables, and so for its drivers, too. What is to live
 * after the exit is machine code in pages of the runtime services.
 */
#ifndef TESTS_EFI_HOOK_H
#define TESTS_EFI_HOOK_H

#include <stdbool.h>

#include "efi/uefi.h"

/* Install the hook that @line names, to its end. False if there is none of that name, or the
 * machine has nothing for it to hook. */
bool hook_install(EFI_SYSTEM_TABLE *table, const char *line);

/* Both tables as they were before the first one, and what they needed given back. */
void hook_remove_all(EFI_SYSTEM_TABLE *table);

#endif
