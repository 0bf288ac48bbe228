/*
 * capture.h - the step of a boot that leaves a text file about it on the volume, in
 * \bootmem\captures, and says what is different from the last one there.
 */
#ifndef EFI_CAPTURE_H
#define EFI_CAPTURE_H

#include "efi/state.h"

/* Always EFI_SUCCESS: a boot without a capture is a boot, and what went wrong is a warning. All
 * memory that this took has been given back afterwards. */
EFI_STATUS take_capture(struct boot *boot);

bool capture_set_label(struct boot *boot, const char *label);

#endif
