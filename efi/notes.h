/*
 * notes.h - a planned boot -> what a person should know before the kernel is started, in the same
 * words wherever it is said: on the screen, in the report, in the capture.
 */
#ifndef EFI_NOTES_H
#define EFI_NOTES_H

#include "efi/state.h"

#define NOTE_BYTES 128

/* Note number @i, from 0, a sentence in small letters without a full stop; false behind the last.
 */
bool notes_get(const struct boot *boot, unsigned i, char text[NOTE_BYTES]);

#endif
