/*
 * hook.h - services of the firmware's that fail, in the hands of an application that knows nothing
 * of it. A hook is a line of plant.conf, "hook NAME [VALUE]"; several may stand together:
 *
 * - exit-refused [N]: ExitBootServices() refuses its key N times; without N, for ever
 * - exit-error N: its first call ends with error N, and nothing has happened
 * - exit-hangs: it never returns, with the firmware as it was
 * - exit-grows N: at its first call, N descriptors are new in the map, so it refuses
 * - map-grows N [CALL]: at each call of GetMemoryMap(), N descriptors are new in the map; or at
 * that one only, from 1
 * - map-stride BYTES: so far are its descriptors from each other, with garbage in between
 * - map-version N: its descriptors are of that version
 * - exit-adds TYPE START PAGES [N STRIDE]: it refuses its first call, and from then on the map has
 * a descriptor more, whatever else is said of those pages; or N, each STRIDE pages after the other
 * - pages-above [N]: AllocatePages() answers from above the limit that it was given, after N
 *   requests of loader data or code that it serves as it should
 * - pages-lowest [N]: it gives the lowest free pages from 1 MiB on, not the highest; after N such
 *   requests
 * - pages-zero [N]: it answers with address 0, N times; without N, for ever
 * - get-time-hangs: GetTime() never returns, before the exit or after it
 * - get-time-faults: it is an invalid opcode
 * - get-time-error N: it ends with error N
 * - reset-returns: ResetSystem() does nothing
 * - set-variable-error N: SetVariable() ends with error N
 * - null-variables: GetVariable() is a success, and nothing is written
 * - watchdog N: the watchdog's five minutes are N seconds
 * - null-protocol NAME: HandleProtocol() and LocateProtocol() have NULL, and success, for gop,
 *   file-system, loaded-image, device-path, memory-attribute, block-io, text-output
 * - null-handles: LocateHandleBuffer() has three handles, and NULL for their list
 * - null-root: OpenVolume() has NULL, and success
 * - null-file END: Open() has, for files whose names end so
 * - file-shrinks N END: such files have N bytes less when they are read than when they are opened
 * - file-grows N END: they have N bytes more
 * - file-pieces N END: Read() reads N bytes at most
 * - no-con-in, no-con-out, no-std-err: the system table has NULL for that console
 * - no-device: the image is told to come from NULL
 * - no-file-path: it is told no path
 * - gop-none: there is no graphics output protocol
 * - gop-no-mode: it has no mode
 * - gop-no-info: its mode has no information
 * - gop-blt-only: there is no framebuffer to write to
 * - gop-blt-error N: Blt() ends with error N
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
