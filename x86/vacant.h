/*
 * vacant.h - e820 map, UEFI map and extensions -> the e820 map of what nobody uses at the moment,
 * as long as firmware and loader still do: where the bitmap of policy safe finds its home.
 */
#ifndef X86_VACANT_H
#define X86_VACANT_H

#include "x86/e820.h"
#include "x86/reservation.h"
#include "x86/uefi_map.h"

/* How many ranges vacant_find() lays over each other, at most: the room that it needs is
 * e820_most_ranges() of that in the map, and e820_scratch_bytes() of scratch space. */
static inline size_t vacant_layers(size_t n_ranges, size_t n_descriptors, size_t n_taken)
{
	return n_ranges + n_descriptors + n_taken;
}

/*
 * Fill @vacant, whose buffer is the caller's, with @e820 (sanitized), in which all that is not
 * EfiConventionalMemory in @uefi, and all of @taken, is reserved: firmware has tables in memory
 * that it calls free, too. Sanitized. Descriptors that wrap or are empty take nothing.
 * MAP_FULL, MAP_NO_SCRATCH as in e820.h; @vacant is then of no use. @scratch is aligned to
 * 8 bytes.
 */
enum map_err vacant_find(const struct e820_map *e820, const struct uefi_map *uefi,
                         const struct reservation_list *taken, struct e820_map *vacant,
                         void *scratch, size_t scratch_bytes);

#endif
