/*
 * survey.h - the step of a boot that finds out what machine this is; and its map, again, later.
 */
#ifndef EFI_SURVEY_H
#define EFI_SURVEY_H

#include "efi/state.h"

/*
 * The first map: boot->snapshot, or boot->first_snapshot says why there is none. What the CPU runs
 * on is claimed, where the map calls it free, lest the firmware gives it to us or to itself; it
 * goes back like all other claims. Before the exit nothing is put there; after it, it is free.
 */
EFI_STATUS survey_in_use(struct boot *boot);

/* Facts and plan of the machine, after survey_in_use(): boot->facts, boot->plan. What the
 * configuration wants left alone is claimed, as far as it is free. */
EFI_STATUS survey(struct boot *boot);

/* Read the memory map as it is now, and translate it: plan->e820, plan->vacant. */
EFI_STATUS translate_snapshot(struct boot *boot);

#endif
