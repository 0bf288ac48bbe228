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

/* Facts and plan of the machine, after survey_in_use(): boot->facts, boot->plan; boot->has_no_map
 * after an error. What the configuration wants left alone is claimed, as far as it is free. */
EFI_STATUS survey(struct boot *boot);

/* Read the memory map as it is now, and translate it: plan->e820, plan->vacant. */
EFI_STATUS translate_snapshot(struct boot *boot);

/*
 * The map has outgrown the plan: boot->is_outgrown, and EFI_BUFFER_TOO_SMALL, about which nothing
 * is said. All is planned anew then, from survey() on, with more slack.
 */
EFI_STATUS survey_outgrown(struct boot *boot);

/* From here on nothing that is claimed is part of the plan. */
void survey_end_plan(struct boot *boot);

/* Forget the plan, and give back what was claimed for it: boot->snapshot, facts and plan have
 * nothing until survey() is done again. False, and boot->has_no_map, if there is no more slack. */
bool survey_forget(struct boot *boot);

#endif
