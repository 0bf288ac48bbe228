/*
 * bitmap_sum.h - a node -> the checksum of its bitmap, and how many pages are free: one walk over
 * its runs.
 */
#ifndef HANDOFF_LOAD_BITMAP_SUM_H
#define HANDOFF_LOAD_BITMAP_SUM_H

#include <stdint.h>

#include "bootmem/bootmem.h"

/*
 * handoff_checksum() of the get_mapsize() bytes at node_bootmem_map, of a node that is complete,
 * and in @ret_free_pages what bootmem_free_pages() says. A run of equal words is added in one step,
 * whatever its length: k words w after a sum s add k*w to the sum, and k*s + w*k*(k+1)/2 to the sum
 * of sums.
 */
uint64_t bitmap_sum(const bootmem_data_t *bdata, uint64_t *ret_free_pages);

#endif
