/*
 * leave.h - the last step of a boot.
 */
#ifndef EFI_LEAVE_H
#define EFI_LEAVE_H

#include "efi/state.h"

/*
 * Leave the firmware, build e820 map and bitmap from the map that it accepted, seal the block,
 * enter the kernel. Returns only with an error, if the firmware gives no map to leave with, or one
 * that has outgrown the plan (survey_outgrown()): nothing has happened then. After the first
 * attempt to leave there is nobody to return to: what fails then is said without it, and resets the
 * machine (last_words.h).
 */
EFI_STATUS leave(struct boot *boot);

#endif
