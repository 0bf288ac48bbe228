/*
 * home.c - a map -> a place in it for the bitmap: see home.h.
 *
 * What is stepped over is known by address alone, before there is a bitmap to look into.
 */
#include "x86/home.h"

#include "bootmem/bootmem.h"

/* Does a block of @bytes at *paddr run into @bad? Then step over it. Touching counts, as there. */
static bool step_over(paddr_t *paddr, uint64_t bytes, struct span bad)
{
	if (bad.start_paddr >= bad.end_paddr || *paddr >= bad.end_paddr)
		return false;
	if (*paddr < bad.start_paddr && bad.start_paddr - *paddr > bytes)
		return false;
	*paddr = align_up(bad.end_paddr, PAGE_BYTES);
	return true;
}

/* Linux 2.6.24 bad_addr(). */
static bool bad_addr(const struct span *bad, size_t n_bad, paddr_t *paddr, uint64_t bytes)
{
	for (size_t i = 0; i < n_bad; i++)
		if (step_over(paddr, bytes, bad[i]))
			return true;
	return false;
}

paddr_t find_e820_area(const struct e820_map *map, struct span within, uint64_t bytes,
                       const struct span *bad, size_t n_bad)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];
		paddr_t paddr = max_u64(range->start_paddr, within.start_paddr);
		paddr_t last_paddr =
			align_down(min_u64(range->end_paddr, within.end_paddr), PAGE_BYTES);

		if (range->type != E820_RAM || paddr >= last_paddr)
			continue;
		paddr = align_up(paddr, PAGE_BYTES);
		while (paddr < last_paddr && bad_addr(bad, n_bad, &paddr, bytes))
			;
		if (paddr < last_paddr && last_paddr - paddr >= bytes)
			return paddr;
	}
	return BOOTMEM_NONE;
}
