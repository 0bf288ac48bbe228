/*
 * dialogue.h - keys and clocks: which page is shown, and what comes of it.
 */
#ifndef EFI_SCREEN_DIALOGUE_H
#define EFI_SCREEN_DIALOGUE_H

#include "efi/state.h"

/* From here on the display is ours, if there is one: say so on it. */
void dialogue_take_display(struct boot *boot);

/* What is being done, in the row where clocks run, and said: for a moment at which firmware may
 * hang. "" when it is over. */
void dialogue_tell(struct boot *boot, const char *text);

/* A step of a boot: show the answer, for as long as the configuration says, or until a key ends it.
 * EFI_SUCCESS: start the kernel. EFI_ABORTED: back to the firmware. Restart and power off do not
 * come back. With timeout = 0 the answer is said, and nothing waits. */
EFI_STATUS dialogue_answer(struct boot *boot);

/* The same before another loader starts: nothing, and at once, unless a key has been pressed. Then
 * the answer stays for half a minute, or until a key ends it. */
EFI_STATUS dialogue_answer_if_asked(struct boot *boot);

/* Show what went wrong (boot->error) until a key or the clock ends it. Nothing without a display or
 * a keyboard, or where the configuration says on-error = continue: then the answer is said, if
 * there is one. */
void dialogue_error(struct boot *boot);

#endif
