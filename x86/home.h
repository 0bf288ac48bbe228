/*
 * home.h - a map -> a place in it for the bitmap: find_e820_area() of Linux 2.6.24.
 */
#ifndef X86_HOME_H
#define X86_HOME_H

#include "x86/e820.h"

/*
 * The first RAM range of @map, in its order, that has room for @bytes bytes inside @within, which
 * is rounded inward, beside the @n_bad spans in @bad (bad_addr() of 2.6.24; an empty one is in
 * nobody's way). Returns the address of its first page, or BOOTMEM_NONE.
 *
 * Linux 2.6.24: find_e820_area(), which returned a start inside a page as it was, and so the page
 * before; on maps of whole pages, as those of UEFI are, there is no difference.
 */
paddr_t find_e820_area(const struct e820_map *map, struct span within, uint64_t bytes,
                       const struct span *bad, size_t n_bad);

#endif
