/*
 * describe_memory.h - what the machine says of memory in other places than its map -> lines of a
 * capture. What cannot be told leaves a comment that says why, and no line.
 */
#ifndef EFI_DESCRIBE_MEMORY_H
#define EFI_DESCRIBE_MEMORY_H

#include "efi/facts.h"
#include "handoff/capture/capture.h"

/* host-window: of the firmware's PCI host bridges; at most BRIDGES_MOST_WINDOWS lines. */
void describe_windows(const struct firmware *firmware, const struct facts *facts,
                      struct capture_writer *writer);

/* mtrr: the registers of the CPU that runs this; at most MTRR_MOST lines. */
void describe_mtrrs(const struct facts *facts, struct capture_writer *writer);

/* memory-attributes: the entries of the memory attributes table; at most ATTRIBUTES_MOST lines, and
 * nothing at all where there is no table. */
void describe_attributes(const struct facts *facts, struct capture_writer *writer);

#endif
