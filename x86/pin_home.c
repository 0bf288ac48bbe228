/* pin_home.c - the ranges, cut down by one map after the other: see pin_home.h. */
#include "x86/pin_home.h"

/* The end of the range up to which a block with its top fits: beyond what it may lie in. */
#define REACH_PADDR (PIN_HOME_END_PADDR + PIN_HOME_TOP_BYTES)

void pin_home_init(struct pin_home *home, uint32_t n_pages)
{
	home->block_bytes = pfn_paddr(n_pages);
	home->ranges[0] = (struct span){ PIN_HOME_START_PADDR, REACH_PADDR };
	home->n_ranges = 1;
}

/* Of what @map calls free, the first range at or above @start_paddr: where it begins. REACH_PADDR:
 * there is none. */
static paddr_t next_free(const struct uefi_map *map, paddr_t start_paddr)
{
	size_t n = uefi_map_count(map);
	paddr_t first_paddr = REACH_PADDR;

	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		struct span span;
		bool wraps;

		if (descriptor.type == UEFI_CONVENTIONAL &&
		    uefi_descriptor_range(&descriptor, &span.start_paddr, &span.end_paddr,
		                          &wraps) &&
		    span.end_paddr > start_paddr)
			first_paddr = min_u64(first_paddr, max_u64(span.start_paddr, start_paddr));
	}
	return first_paddr;
}

/* How far it goes on from @start_paddr, a free page, over descriptors that follow each other. */
static paddr_t end_of_free(const struct uefi_map *map, paddr_t start_paddr)
{
	size_t n = uefi_map_count(map);
	paddr_t end_paddr = start_paddr;

	for (bool is_longer = true; is_longer && end_paddr < REACH_PADDR;) {
		is_longer = false;
		for (size_t i = 0; i < n; i++) {
			struct uefi_descriptor descriptor = uefi_map_get(map, i);
			struct span span;
			bool wraps;

			if (descriptor.type != UEFI_CONVENTIONAL ||
			    !uefi_descriptor_range(&descriptor, &span.start_paddr, &span.end_paddr,
			                           &wraps) ||
			    span.start_paddr > end_paddr || span.end_paddr <= end_paddr)
				continue;
			end_paddr = span.end_paddr;
			is_longer = true;
		}
	}
	return end_paddr;
}

/* What is shorter can hold no block beside its top. */
static void keep(struct pin_home *home, paddr_t start_paddr, paddr_t end_paddr)
{
	if (end_paddr > start_paddr &&
	    end_paddr - start_paddr >= PIN_HOME_TOP_BYTES + home->block_bytes)
		home->ranges[home->n_ranges++] = (struct span){ start_paddr, end_paddr };
}

void pin_home_add_map(struct pin_home *home, const struct uefi_map *map)
{
	const struct pin_home old = *home;
	paddr_t start_paddr = next_free(map, PIN_HOME_START_PADDR);

	home->n_ranges = 0;
	while (start_paddr < REACH_PADDR) {
		paddr_t end_paddr = end_of_free(map, start_paddr);

		for (unsigned i = 0; i < old.n_ranges; i++)
			keep(home, max_u64(start_paddr, old.ranges[i].start_paddr),
			     min_u64(end_paddr, old.ranges[i].end_paddr));
		start_paddr = next_free(map, end_paddr);
	}
}

/* Of a range: its part below 2 GiB. */
static uint64_t usable_bytes(struct span range)
{
	return min_u64(range.end_paddr, PIN_HOME_END_PADDR) - range.start_paddr;
}

bool pin_home_find(const struct pin_home *home, paddr_t *ret_paddr)
{
	const struct span *largest = NULL;
	paddr_t last_paddr;

	for (unsigned i = 0; i < home->n_ranges; i++)
		if (home->ranges[i].start_paddr < PIN_HOME_END_PADDR &&
		    (largest == NULL || usable_bytes(home->ranges[i]) > usable_bytes(*largest)))
			largest = &home->ranges[i];
	if (largest == NULL)
		return false;
	last_paddr = min_u64(largest->end_paddr - PIN_HOME_TOP_BYTES, PIN_HOME_END_PADDR) -
	             home->block_bytes;
	*ret_paddr = align_down(
		min_u64(largest->start_paddr + usable_bytes(*largest) / 2, last_paddr), PAGE_BYTES);
	return *ret_paddr >= largest->start_paddr;
}

bool pin_home_is_good(paddr_t paddr, uint32_t n_pages)
{
	return paddr % PAGE_BYTES == 0 && paddr >= PIN_HOME_START_PADDR &&
	       paddr < PIN_HOME_END_PADDR && pfn_paddr(n_pages) <= PIN_HOME_END_PADDR - paddr;
}
