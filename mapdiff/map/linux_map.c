/* linux_map.c - the table that a loader writes -> Linux's e820 map: see linux_map.h. */
#include "mapdiff/map/linux_map.h"

#include "bootmem/count.h"
#include "mapdiff/base/map.h"

/* E820_MAX_ENTRIES_ZEROPAGE. */
#define FIRST_ENTRIES 128

const char *const linux_answers[] = {
	[LINUX_TAKES] = "",
	[LINUX_REFUSES_FEW] = "Linux before 7.0 refuses this map: it has fewer than two entries",
	[LINUX_REFUSES_WRAP] = "Linux refuses this map: an entry ends past 2^64",
	[LINUX_DROPS_REST] =
		"Linux drops a part of this map: all from an entry on that ends past 2^64",
	[LINUX_SORTS_NOTHING] = "Linux takes this map as it is, unsorted: an entry ends at 2^64",
};
_Static_assert(COUNT(linux_answers) == LINUX_ANSWER_COUNT, "an answer has no words");

void boot_table_add(struct boot_table *table, const struct boot_entry *entry)
{
	struct boot_entry *last =
		table->n_entries > 0 ? &table->entries[table->n_entries - 1] : NULL;

	if (last != NULL && last->type == entry->type &&
	    last->start_paddr + last->bytes == entry->start_paddr)
		last->bytes += entry->bytes;
	else
		*MEMORY_ADD(table, entries) = *entry;
}

static size_t n_first(const struct boot_table *table)
{
	return min_u64(table->n_entries, FIRST_ENTRIES);
}

/* Of the entries [first, end): __append_e820_table() takes none of them from one on that ends past
 * 2^64, and e820__update_table() sorts nothing if one ends there. */
static enum linux_answer answer_of(const struct boot_table *table, size_t first, size_t end,
                                   enum linux_answer answer_past)
{
	enum linux_answer answer = LINUX_TAKES;

	for (size_t i = first; i < end; i++) {
		const struct boot_entry *entry = &table->entries[i];
		paddr_t end_paddr = entry->start_paddr + entry->bytes;

		if (end_paddr >= entry->start_paddr)
			continue;
		if (end_paddr > 0)
			return answer_past;
		answer = LINUX_SORTS_NOTHING;
	}
	return answer;
}

static enum linux_answer answer_to(const struct boot_table *table, size_t least_entries)
{
	size_t end = n_first(table);
	enum linux_answer answer = answer_of(table, 0, end, LINUX_REFUSES_WRAP);

	if (table->n_entries < least_entries)
		return LINUX_REFUSES_FEW;
	return answer != LINUX_TAKES ? answer
	                             : answer_of(table, end, table->n_entries, LINUX_DROPS_REST);
}

static void append(const struct boot_table *table, size_t first, size_t end, struct e820_map *map)
{
	for (size_t i = first; i < end; i++)
		e820_add(map, table->entries[i].start_paddr,
		         table->entries[i].start_paddr + table->entries[i].bytes,
		         table->entries[i].type);
}

struct e820_map linux_map(const struct boot_table *table, size_t least_entries,
                          enum linux_answer *ret_answer)
{
	/* Twice, for what the first pass makes of the first ones. */
	struct e820_map map = map_new(2 * table->n_entries);

	append(table, 0, n_first(table), &map);
	map_sanitize(&map, NULL);
	if (table->n_entries > FIRST_ENTRIES) {
		append(table, FIRST_ENTRIES, table->n_entries, &map);
		map_sanitize(&map, NULL);
	}
	*ret_answer = answer_to(table, least_entries);
	return map;
}
