/*
 * linux_map.h - the table that a loader writes for Linux -> the e820 map that Linux makes of it, or
 * why it makes none.
 */
#ifndef MAPDIFF_MAP_LINUX_MAP_H
#define MAPDIFF_MAP_LINUX_MAP_H

#include "mapdiff/base/memory.h"
#include "mapdiff/map/result.h"

/* struct boot_e820_entry: start and size, which may be none, or lead past 2^64. */
struct boot_entry {
	paddr_t start_paddr;
	uint64_t bytes;
	uint32_t type;
};

/* The table of struct boot_params, and behind its 128 entries those of SETUP_E820_EXT. */
struct boot_table {
	MEMORY_LIST(struct boot_entry, entries);
};

/* Add @entry, or lengthen the last one if it touches and is of one type; one of no bytes, too. That
 * is what the EFI stub does (setup_e820()), and GRUB (grub_e820_add_region()). */
void boot_table_add(struct boot_table *table, const struct boot_entry *entry);

/* The answers as sentences without a full stop; "" for LINUX_TAKES. */
extern const char *const linux_answers[];

/*
 * What Linux makes of @table, of which it wants so many entries at least: the first 128 are
 * sanitized, and that once more together with the others (e820__memory_setup_default(),
 * e820__memory_setup_extended()). Where *ret_answer is not LINUX_TAKES, the map is what could be
 * said: without the entries that end at or past 2^64.
 */
struct e820_map linux_map(const struct boot_table *table, size_t least_entries,
                          enum linux_answer *ret_answer);

#endif
