/*
 * describe.h - a planned boot -> the lines of its capture: all that mapdiff/FORMAT.md names.
 */
#ifndef EFI_DESCRIBE_H
#define EFI_DESCRIBE_H

#include "efi/state.h"
#include "handoff/capture/capture.h"

/* The machine's clock as a capture has it; "" if it has none, or one that is wrong. */
void describe_clock(const struct firmware *firmware, char text[COMPARISON_TIME_BYTES]);

/*
 * Give @emit the whole capture, a line at a time. Reads the firmware's variables, and what tables
 * say; what is not there has no line, nor has a kernel that was not chosen, or a bitmap that was
 * not planned. Time and number of claims are those in boot->comparison, so that a capture that is
 * written again tells of the same moment. Claims no memory.
 */
void describe_boot(const struct boot *boot, capture_emit_fn *emit, void *context);

/* Those of these lines that are not about memory: which machine this is, when, and how it was
 * started. */
void describe_conditions(const struct boot *boot, capture_emit_fn *emit, void *context);

#endif
