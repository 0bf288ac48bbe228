/*
 * report.h - a boot as people read it, on the firmware's console: maps, reservations with their
 * reasons, totals, bitmaps. Computes nothing that a boot needs.
 */
#ifndef EFI_REPORT_H
#define EFI_REPORT_H

#include "efi/plan.h"
#include "efi/trust.h"
#include "x86/in_use.h"

/* Who we are, and on which firmware. */
void report_firmware(const struct firmware *firmware, const struct trust *trust);

/* The sums of what was loaded, as far as somebody asked for them. */
void report_trust(const struct firmware *firmware, const struct trust *trust);

/* The maps, the reservations, the totals, the bitmaps of both targets. */
void report_plan(const struct firmware *firmware, const struct uefi_map *map,
                 const struct plan *plan);

/* What the CPU runs on though the map calls it free. */
void report_in_use(const struct firmware *firmware, const struct in_use *in_use);

#endif
