/*
 * causes.h - what differs between two boots -> what can have moved the map: the evidence.
 *
 * A cause is named only on evidence: that it differs, and could do this.
 */
#ifndef MAPDIFF_DIFF_CAUSES_H
#define MAPDIFF_DIFF_CAUSES_H

#include "mapdiff/diff/result.h"

extern const char *const cause_names[]; /* "firmware", "boot loader", "CPU count" ... */

/* Fill in diff->causes, the likeliest first: after facts, tables, descriptors and changes. */
void causes_find(struct diff *diff);

/* The first evidence of @cause among diff->causes, or NULL; and is there any? */
const char *causes_text(const struct diff *diff, enum cause cause);
bool causes_have(const struct diff *diff, enum cause cause);

/* Is it the copy of the TPM's event log that moved, among others? Without a TPM there is none. */
bool causes_is_event_log(const struct diff *diff);

/* Could @cause, for which there is evidence, have done this? Kernel options change which memory is
 * soft reserved; the others move anything, but for Linux's EFI stub: it moves what it allocates,
 * and no ACPI table of the firmware. Where such tables are elsewhere too, it is not its doing, or
 * not its alone. */
bool causes_explain(const struct diff *diff, enum cause cause, const struct diff_change *change);

#endif
