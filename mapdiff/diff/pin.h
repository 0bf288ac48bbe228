/*
 * pin.h - a judged step -> would `pin = yes' of bootmem make the second boot resume the first?
 *
 * Pinned, each boot has one block of "ACPI data" at one place, and whatever is allocated as ACPI
 * reclaim memory behind bootmem, by loaders and by the EFI stub of the kernel, lies in it. So it
 * helps where nothing else moved: what moved has to be known as such, to the last range.
 */
#ifndef MAPDIFF_DIFF_PIN_H
#define MAPDIFF_DIFF_PIN_H

#include "mapdiff/diff/result.h"

/* Fill in diff->pin: after resume_judge(). */
void pin_judge(struct diff *diff);

/* What a reason means: would it help? */
enum verdict pin_helps(enum pin_reason reason);

/* How many pages a block takes that shall hold @bytes bytes of a boot: of those that moved; more
 * may lie where it did not show. At least PIN_USUAL_PAGES, at most PIN_MOST_PAGES. */
uint32_t pin_pages(uint64_t bytes);

/* Was @record made before a kernel's EFI stub could allocate? Captures of bootmem, and maps that
 * the UEFI Shell or GRUB printed. */
bool pin_is_before_kernel(const struct record *record);

#endif
