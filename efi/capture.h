/*
 * capture.h - the step of a boot that leaves a text file about it on the volume, in
 * \bootmem\captures, and finds out what is different from those that are there.
 *
 * What it finds stands in boot->comparison; answer.c says it. A file is written under a second name
 * first, so that whenever the power is cut, all captures that were there still are.
 */
#ifndef EFI_CAPTURE_H
#define EFI_CAPTURE_H

#include "efi/state.h"

/*
 * Needs survey() to have been done; a kernel need not be chosen, nor loaded. Always EFI_SUCCESS: a
 * boot without a capture is a boot, and what went wrong is a warning, and comparison.saved. Of the
 * memory that this took only what comparison points to stays claimed. boot->capture_progress is
 * told while captures are read.
 */
EFI_STATUS take_capture(struct boot *boot);

/*
 * Give this boot the label @text, cut to fit; "" for none: its capture is written anew. EFI_SUCCESS
 * if that is there; else the label is what it was, and comparison.saved says whether the capture is
 * still there.
 */
EFI_STATUS capture_set_label(struct boot *boot, const char *text);

#endif
