/*
 * power.h - the end: QEMU's exit device under a test, else what the block asks for.
 */
#ifndef HANDOFF_STUB_POWER_H
#define HANDOFF_STUB_POWER_H

#include <stdbool.h>

#include "handoff/handoff.h"

/* What is written to isa-debug-exit; QEMU exits with twice that and 1: 33 and 35. */
#define POWER_EXIT_PASS 0x10
#define POWER_EXIT_FAIL 0x11

/*
 * Tell the outcome to QEMU, if it is there to hear it; then halt, reset or power off, as the block
 * says. @block is NULL if there is none to be trusted: halt. @end_paddr: what is mapped ends there.
 */
_Noreturn void power_end(const struct handoff_block *block, uint64_t end_paddr, bool is_pass);

#endif
