/*
 * pin_home.h - UEFI maps of a machine's boots -> the address at which a block can lie in all of
 * them: in the middle of the largest range that is free in each.
 *
 * Below 64 MiB lie kernels and what is kept for crashes; above 2 GiB 32-bit firmware and loaders do
 * not reach; at the top of a free range, loaders put what they load.
 */
#ifndef X86_PIN_HOME_H
#define X86_PIN_HOME_H

#include <stdbool.h>

#include "bootmem/pfn.h"
#include "x86/uefi_map.h"

/* How large a block is by itself: the longest event log that was seen takes 20 pages. Beside the
 * log lie the copy of the boot's memory map, a seed, and a few events. */
#define PIN_USUAL_PAGES      UINT32_C(32)
#define PIN_BESIDE_LOG_BYTES UINT64_C(0x4000)

#define PIN_HOME_START_PADDR (UINT64_C(64) << 20)
#define PIN_HOME_END_PADDR   (UINT64_C(2) << 30)
#define PIN_HOME_TOP_BYTES   (UINT64_C(64) << 20) /* of a range: it is the loaders' */
#define PIN_HOME_RANGES      32 /* as many as there can be: each is longer than its top */

struct pin_home {
	uint64_t block_bytes;
	struct span ranges[PIN_HOME_RANGES]; /* ascending: free in all maps up to now */
	unsigned n_ranges;
};

/* Before the first map: for a block of @n_pages pages, up to PIN_MOST_PAGES. */
void pin_home_init(struct pin_home *home, uint32_t n_pages);

/* Keep of the ranges what is EfiConventionalMemory in @map, too. Descriptors that wrap or are empty
 * are none. */
void pin_home_add_map(struct pin_home *home, const struct uefi_map *map);

/* The address, that of a page. False if there is no such range: *ret_paddr is then untouched. */
bool pin_home_find(const struct pin_home *home, paddr_t *ret_paddr);

/* Can a block of @n_pages pages be at @paddr at all? What a file says need not be an address. */
bool pin_home_is_good(paddr_t paddr, uint32_t n_pages);

#endif
