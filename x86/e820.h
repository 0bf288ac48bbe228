/*
 * e820.h - the e820 map: ranges of physical memory, each with a type.
 *
 * The caller owns the buffer, and its capacity is the only limit; a full one is MAP_FULL, never a
 * shorter map. Before e820_sanitize() a map is what firmware said: in any order, overlapping. After
 * it, it is canonical: sorted, without overlaps or empty ranges, touching ranges of one type
 * merged; two maps that describe the same memory are then equal byte for byte.
 */
#ifndef X86_E820_H
#define X86_E820_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"
#include "x86/map_err.h"

/* ACPI 6.5 §15, Table 15.1 (address range types), and the last one of Linux's. */
enum e820_type {
	E820_NONE = 0, /* nothing is described there; never in a map */
	E820_RAM = 1,
	E820_RESERVED = 2,
	E820_ACPI = 3, /* reclaimable once the tables have been read */
	E820_NVS = 4,
	E820_UNUSABLE = 5,
	E820_DISABLED = 6,
	E820_PMEM = 7,
	E820_PRAM = 12,     /* Linux: persistent memory from before ACPI had a number for it */
	E820_COREBOOT = 16, /* its tables (CBMEM): LB_MEM_TABLE */
	E820_GRUB_RUNTIME_CODE = 20,          /* GRUB_MEMORY_CODE; no one else writes it */
	E820_SOFT_RESERVED = (int)0xefffffff, /* Linux: specific-purpose memory */
};

struct e820_range {
	paddr_t start_paddr;
	paddr_t end_paddr; /* half-open; what ends at 2^64 cannot be said, and is refused before */
	uint32_t type;     /* enum e820_type, or another number that firmware made up */
	uint32_t reserved; /* 0 */
};

static inline bool e820_is_empty(const struct e820_range *range)
{
	return range->start_paddr >= range->end_paddr;
}

static inline uint64_t e820_bytes(const struct e820_range *range)
{
	return range->end_paddr - range->start_paddr;
}

struct e820_map {
	struct e820_range *ranges;
	size_t n_ranges;
	size_t capacity; /* in ranges */
};

/* Append a range. An empty one is passed over. MAP_FULL if there is no room for it. */
enum map_err e820_add(struct e820_map *map, paddr_t start_paddr, paddr_t end_paddr, uint32_t type);

/* The same; but if the last range touches it and is of its type, that is lengthened, whichever type
 * it is. The first @n_before ranges are another's, and stay as they are. Linux's EFI stub:
 * setup_e820(), which so decides which soft reserved ranges are one, as nothing merges them later.
 */
enum map_err e820_add_or_lengthen(struct e820_map *map, size_t n_before, paddr_t start_paddr,
                                  paddr_t end_paddr, uint32_t type);

/* Make @map, whose buffer is its own, a copy of @from. MAP_FULL, and @map as it was, if there is no
 * room. */
enum map_err e820_copy(struct e820_map *map, const struct e820_map *from);

/* How many bytes of scratch space e820_sanitize() needs for a map of @n_ranges ranges, and the most
 * ranges that it can make of them. */
size_t e820_scratch_bytes(size_t n_ranges);
size_t e820_most_ranges(size_t n_ranges);

/*
 * Make @map canonical. Where ranges overlap the highest type number wins, which is the more
 * restrictive one. Soft reserved ranges, and those of type 12, are never merged: each is a device's
 * memory of its own. As in Linux they are even split where a range that they hide starts or ends.
 * @scratch is aligned to 8 bytes; *ret_overlaps is how many ranges shared bytes with one that
 * starts before them (it may be NULL). MAP_FULL if the result has more ranges than the map's buffer
 * (the map is then as it was), MAP_NO_SCRATCH if scratch is too small. O(n log n) for every input.
 *
 * Linux 2.6.24 sanitize_e820_map(), without its limit of 128 entries, and without its two
 * refusals: of a map of fewer than two entries (a lie of the firmware of its day) and of all
 * of a map that has one range that wraps.
 */
enum map_err e820_sanitize(struct e820_map *map, void *scratch, size_t scratch_bytes,
                           size_t *ret_overlaps);

/* The range that holds @paddr, or NULL. For a sanitized map. */
const struct e820_range *e820_find(const struct e820_map *map, paddr_t paddr);

/* Is all of [start_paddr, end_paddr) of @type? For a sanitized map; an empty range is. */
bool e820_all_mapped(const struct e820_map *map, paddr_t start_paddr, paddr_t end_paddr,
                     uint32_t type);

/* One past the highest page of RAM: the end rounded down, as only whole pages count; 0 without RAM.
 * Linux: find_max_pfn(), e820_end_of_ram(). For any map. */
pfn_t e820_end_of_ram_pfn(const struct e820_map *map);

/* Cut all RAM off that lies at or above @limit_paddr: what mem= does, and what a CPU's address
 * width does. Keeps a sanitized map sanitized. Returns the bytes of RAM that went. Linux:
 * limit_regions(). */
uint64_t e820_limit_ram(struct e820_map *map, paddr_t limit_paddr);

/* Bytes of @type in a sanitized map. */
uint64_t e820_bytes_of_type(const struct e820_map *map, uint32_t type);

/* "usable", "ACPI data", ... as Linux prints them; "type" for numbers without a name. */
const char *e820_type_name(uint32_t type);
bool e820_type_has_name(uint32_t type);

#endif
