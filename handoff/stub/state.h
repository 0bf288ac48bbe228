/*
 * state.h - the check `entry': the state of the CPU at the very entry (entry.h), row by row as
 * PROTOCOL.md §2 promises it. tests/check-protocol holds that no row of that text is left out.
 */
#ifndef HANDOFF_STUB_STATE_H
#define HANDOFF_STUB_STATE_H

#include "handoff/stub/checks.h"

/* After check_block(), as the block says where stack, GDT, IDT and page tables have to be. Fails
 * with the name of the first row that is not as promised. */
check_fn check_entry;

#endif
