/*
 * gates.h - the step of a boot that gives the kernel an IDT whose gates say what happened.
 */
#ifndef EFI_GATES_H
#define EFI_GATES_H

#include "efi/state.h"
#include "handoff/load/pgtable.h"

/*
 * Load the gates (handoff/load/gates.h) into pages of their own, anywhere below @limit_paddr where
 * nothing else will be moved to, and note them as handed over. Nothing, with exceptions = none.
 */
EFI_STATUS place_gates(struct boot *boot, paddr_t limit_paddr);

/* Are they clear of all that the pad will move? The bitmap's place is found last. */
bool gates_are_clear(const struct handed *handed);

/* What the kernel has mapped, once that is known. */
void gates_tell_mapped(const struct handed *handed, const struct pgtable *table);

#endif
