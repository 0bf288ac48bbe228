/*
 * last_words.h - what is said when the boot fails after the first attempt to leave the firmware:
 * without it, and then the machine is reset.
 */
#ifndef EFI_LAST_WORDS_H
#define EFI_LAST_WORDS_H

#include "efi/state.h"
#include "handoff/failure.h"
#include "handoff/screen/view.h"

/* Before the exit: measure how fast the time stamp counter runs, for the wait. 10 ms. */
void last_words_prepare(struct boot *boot);

/* The screen of @failure; @detail is one more sentence, in small letters without a full stop. */
void last_words_draw(struct view *view, enum failure failure, const char *detail);

/* Say it on the first serial port, the debug console and the screen; 10 seconds later, reset: by
 * the firmware, or, if that returns, by a triple fault. */
_Noreturn void last_words(struct boot *boot, enum failure failure, const char *detail);

#endif
