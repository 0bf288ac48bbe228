/*
 * hand_over.h - the steps of a boot that put everything into place that the kernel will get.
 */
#ifndef EFI_HAND_OVER_H
#define EFI_HAND_OVER_H

#include "efi/state.h"

/* Kernel and initrd, read; what has a place of its own has moves that are noted. */
EFI_STATUS load_files(struct boot *boot);

/* Block, stack, GDT and page tables, as large as they may have to be; and the launch pad. */
EFI_STATUS place_handed_pages(struct boot *boot);

/* The bitmaps of both targets. The one that is booted has its final place afterwards, and nothing
 * is missing for the launch but the map that the firmware will accept. */
EFI_STATUS plan_bitmaps(struct boot *boot);

/*
 * boot_inputs.bootmap_storage of the target that is booted (@context is the struct boot): pages
 * that are moved to the bitmap's home. Claims them, and what is free of the home, the first time
 * only.
 */
void *home_for_bootmap(void *context, paddr_t start_paddr, uint64_t n_pages);

#endif
