/* pin_report.h - the pinned block, and what the last one served -> a line for people, and lines of
 * a capture. */
#ifndef EFI_PIN_REPORT_H
#define EFI_PIN_REPORT_H

#include "efi/state.h"
#include "handoff/capture/capture.h"

#define PIN_WORDS_BYTES 256

/* What goes on behind "Starting LOADER": ", pinned at 0x10000000"; and what is wrong with that. ""
 * if nobody asked. */
void pin_words(const struct boot *boot, char text[PIN_WORDS_BYTES]);

/* FORMAT.md: pin, last-pin, last-pin-owner, last-pin-asked. */
void pin_describe(const struct boot *boot, struct capture_writer *writer);

#endif
