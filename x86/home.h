/*
 * home.h - where the bitmap can live: find_e820_area() of Linux 2.6.24, and what it keeps off.
 */
#ifndef X86_HOME_H
#define X86_HOME_H

#include "x86/mptable.h"
#include "x86/setup.h"

/*
 * The first RAM range of @map, in its order, that has room for @bytes bytes inside
 * [start_paddr, end_paddr), both rounded inward, beside what bad_addr() steps over: the first
 * 32 KiB, page tables, initrd, kernel, EBDA; under policy safe the MP tables too. Returns the
 * address of its first page, or BOOTMEM_NONE.
 *
 * Linux 2.6.24: find_e820_area(), which returned a start inside a page as it was, and so the page
 * before; on maps of whole pages, as those of UEFI are, there is no difference.
 */
paddr_t find_e820_area(const struct boot_inputs *inputs, const struct e820_map *map,
                       paddr_t start_paddr, paddr_t end_paddr, uint64_t bytes);

/*
 * What find_smp_config() finds, as the policy reserves it: 2.6.24 covers one page of the table,
 * policy safe all of it. Empty spans if there is none.
 */
struct smp_config smp_config_to_reserve(const struct boot_inputs *inputs);

#endif
