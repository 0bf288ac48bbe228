/*
 * describe.h - a planned boot -> the lines of its capture: all that mapdiff/FORMAT.md names.
 */
#ifndef EFI_DESCRIBE_H
#define EFI_DESCRIBE_H

#include "efi/state.h"
#include "handoff/capture/capture.h"

/*
 * Give @emit the whole capture, a line at a time. Reads the firmware's clock and variables, and
 * what tables say; what is not there has no line. Claims no memory, so that the footprint it tells
 * is the one that there is.
 */
void describe_boot(const struct boot *boot, capture_emit_fn *emit, void *context);

/* Those of these lines that tell the model of the machine: captures in which one of them is not the
 * same are of different machines. */
void describe_machine(const struct boot *boot, capture_emit_fn *emit, void *context);

#endif
