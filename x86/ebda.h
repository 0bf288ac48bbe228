/*
 * ebda.h - where the extended BIOS data area is, as each target's kernel finds it.
 *
 * A BIOS leaves the segment of the EBDA in the word at 0x40e of its data area, in page 0. UEFI
 * firmware has no such area, and anything may stand there: 2.6.24 believes it, policy safe asks
 * ebda_is_plausible().
 */
#ifndef X86_EBDA_H
#define X86_EBDA_H

#include <stdbool.h>

#include "bootmem/pfn.h"
#include "x86/phys.h"
#include "x86/target.h"

/* Where the word at 0x40e points: a multiple of 16 below 1 MiB, 0 for nowhere. False if it cannot
 * be read. Linux: get_bios_ebda(). */
bool ebda_pointer(const struct phys_mem *phys, paddr_t *ret_paddr);

/*
 * The span that Linux 2.6.24 takes for the EBDA; empty if there is none, or if the pointer cannot
 * be read. Start and size are Linux's, so the end can lie inside a page.
 *
 * IA-32 (reserve_ebda_region()): one page's size from where the pointer leads, if it is not 0.
 *
 * AMD64 (discover_ebda()): the size is the first word of the EBDA, in KiB, 0 (and what cannot be
 * read) counting as 1, and the offset of the start in its page, rounded up to a page, 64 KiB at
 * most. A pointer of 0 is no exception: the word is read from address 0, and find_e820_area()
 * steps over the result, [0, size). But it is not reserved: the caller passes over a start of 0.
 */
struct span ebda_find(const struct phys_mem *phys, const struct boot_target *target);

/*
 * Can @ebda, from ebda_find(), be one? It starts in the upper half of conventional memory, 0x80000
 * to 0x9ffff, and its last page is below the VGA window at 0xa0000. The last page is that of the
 * area itself: 2.6.24 adds a size in whole pages to a start inside a page, so the span of the
 * commonest EBDA, at 0x9fc00, runs to 0xa0c00.
 */
bool ebda_is_plausible(struct span ebda);

#endif
