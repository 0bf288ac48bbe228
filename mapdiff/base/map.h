/* map.h - e820 maps (x86/e820.h) in memory that has room enough, so that nothing fails. */
#ifndef MAPDIFF_BASE_MAP_H
#define MAPDIFF_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "x86/e820.h"
#include "x86/uefi_map.h"

/* Where numbers of our own are the types of an e820 map, to let e820_sanitize() lay them over each
 * other, they are from here on: below are types that it does not merge. */
#define MAP_FIRST_LAYER UINT32_C(0x1000)

/* No physical address of x86 has more bits (Intel SDM, volume 3A §4.1.4): what looks like one is
 * virtual. */
#define MAP_END_PADDR (UINT64_C(1) << 52)

/* Where the lists of kexec-tools begin: get_memory_ranges() leaves out the interrupt vectors of
 * real mode, and for a crash kernel page 0. */
#define MAP_KEXEC_PADDR UINT64_C(0x100)
#define MAP_KDUMP_PADDR UINT64_C(0x1000)

/* Below end the windows of devices that 32-bit PCI can reach; above, RAM goes on. */
#define MAP_HIGH_PADDR (UINT64_C(1) << 32)

/* An empty map: room for @n_ranges ranges, and for what map_sanitize() makes of them. */
struct e820_map map_new(size_t n_ranges);
struct e820_map map_copy(const struct e820_map *map);

/* e820_sanitize(); @ret_overlaps may be NULL. */
void map_sanitize(struct e820_map *map, size_t *ret_overlaps);

bool map_is_same(const struct e820_map *a, const struct e820_map *b);

/* What a descriptor describes: nothing, where it has no pages or ends past 2^64. */
struct span map_descriptor_span(const struct uefi_descriptor *descriptor);

#endif
