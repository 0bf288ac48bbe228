/*
 * display.h - the proof on the screen, if there is one: what the functions of proof_view.h draw is
 * shown as it changes, and at the end keys are waited for. Without a screen nothing happens.
 */
#ifndef HANDOFF_STUB_DISPLAY_H
#define HANDOFF_STUB_DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff/stub/checks.h"

/* Take over the framebuffer of the proof's block, of which only that it is one is known; and say
 * that the first check runs. The proof must stay. */
void display_open(const struct proof *proof);

/* The block is good: show the picture of its bitmap, and the answer that came with it. */
void display_trust(void);

/* The next check runs; and this is what came of it. */
void display_begin(void);
void display_add(const struct outcome *outcome);

/* How far the running check is. */
progress_fn display_progress;

/* It is over; or it stopped, for @reason. */
void display_end(void);
void display_stop(const char *reason);

/* What shows, trapped: nothing more is shown. */
void display_forget(void);

/* Wait for a key, or until the time for what was configured, @at_end, has come: then return what is
 * to be done, HANDOFF_END_RESET or HANDOFF_END_POWEROFF. HANDOFF_END_HALT comes at once where there
 * is nobody to wait for. */
uint32_t display_wait(uint32_t at_end);

#endif
