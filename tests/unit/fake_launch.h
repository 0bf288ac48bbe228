/*
 * fake_launch.h - what must hold when a boot on the made-up firmware has ended, whichever way: at
 * the kernel's first instruction, back in the firmware, or at a reset.
 *
 * What is RAM is asked of the firmware's own pages, page by page, not of the map that it gave out.
 */
#ifndef TESTS_UNIT_FAKE_LAUNCH_H
#define TESTS_UNIT_FAKE_LAUNCH_H

#include "efi/state.h"
#include "handoff/handoff.h"
#include "tests/unit/fake_firmware.h"

/* The block, at its final place: after fake_make_moves(). */
const struct handoff_block *fake_launch_block(void);

/* What is at a physical address. */
const uint8_t *fake_launch_at(paddr_t paddr);

/*
 * FAKE_LAUNCHED: make the moves, and judge all that does not depend on what was in the kernel's
 * file. NULL if it is right, else a text of what is not, until the next call.
 *
 * Nothing came between the last map and the exit; the block is one that a kernel takes; each bit of
 * the bitmap is that of a page which is RAM and in no reservation; all that is handed over is
 * reserved, lies in RAM, and not on each other; checksums are right; the map is the one that was
 * accepted; nothing is open, and no pool is left.
 */
const char *fake_launch_fault(const struct boot *boot);

/* After that: may the kernel hand the page out? */
bool fake_launch_is_free(pfn_t pfn);

/*
 * FAKE_RUNNING, with @status, not a success: all is given back, everything is closed, nothing was
 * done that cannot be undone.
 */
const char *fake_return_fault(EFI_STATUS status);

/* One line of an error, with something in it that people can look for, and the name of the status.
 */
const char *fake_message_fault(void);

/* FAKE_WAS_RESET, after an attempt to exit: it was said why, and for long enough. */
const char *fake_last_words_fault(void);

#endif
