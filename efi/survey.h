/*
 * survey.h - the step of a boot that finds out what machine this is; and its map, again, later.
 */
#ifndef EFI_SURVEY_H
#define EFI_SURVEY_H

#include "efi/state.h"

/* Facts and plan of the machine: boot->facts, boot->plan. What the configuration wants left alone
 * is claimed, as far as it is free. */
EFI_STATUS survey(struct boot *boot);

/* Read the memory map as it is now, and translate it: plan->e820, plan->vacant. */
EFI_STATUS translate_snapshot(struct boot *boot);

#endif
