/*
 * hand_over.h - the steps of a boot that put everything into place that the kernel will get.
 */
#ifndef EFI_HAND_OVER_H
#define EFI_HAND_OVER_H

#include "efi/state.h"

/* Kernel and initrd, where they belong or with moves that are noted. */
EFI_STATUS load_files(struct boot *boot);

/* Block, stack, GDT and page tables, as large as they may have to be; and the launch pad. */
EFI_STATUS place_handed_pages(struct boot *boot);

/* The bitmaps of both targets. The one that is booted has its final place afterwards, and nothing
 * is missing for the launch but the map that the firmware will accept. */
EFI_STATUS plan_bitmaps(struct boot *boot);

/*
 * boot_inputs.bootmap_storage of the target that is booted (@context is the struct boot): the
 * bitmap's home if it is free, or pages that are moved there. Claims them the first time only.
 */
void *home_for_bootmap(void *context, paddr_t start_paddr, uint64_t n_pages);

#endif
