/*
 * compare.h - the captures on the volume, and this boot -> what they say about its map.
 */
#ifndef EFI_COMPARE_H
#define EFI_COMPARE_H

#include "efi/history.h"
#include "efi/recall.h"

/*
 * Fill in boot->comparison from its .kind to its .facts; .now is there already, and @said is what
 * this boot's own capture says beside its map. A capture that turns out to be damaged is noted in
 * @history. What the result points to stays claimed; without memory for it the comparison has
 * failed.
 */
void compare_boots(struct boot *boot, struct history *history, const struct recalled *said);

#endif
