/* intern.c - bytes -> numbers: see intern.h. */
#include "mapdiff/base/intern.h"

#include <string.h>

/* FNV-1a. */
static uint32_t hash_of(const void *bytes, size_t n_bytes)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n_bytes; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619;
	return hash;
}

/* The slot of @entry, or the empty one where it would stand. */
static size_t slot_of(const struct intern *table, const struct intern_entry *entry)
{
	size_t slot = entry->hash & (table->n_slots - 1);

	for (; table->slots[slot] != 0; slot = (slot + 1) & (table->n_slots - 1)) {
		const struct intern_entry *known = &table->entries[table->slots[slot] - 1];

		if (known->hash == entry->hash && known->n_bytes == entry->n_bytes &&
		    memcmp(known->bytes, entry->bytes, entry->n_bytes) == 0)
			break;
	}
	return slot;
}

static void grow(struct intern *table)
{
	memory_give_back(table->slots);
	table->n_slots = table->n_slots > 0 ? table->n_slots * 2 : 8;
	table->slots = memory_alloc(table->n_slots, sizeof *table->slots);
	for (size_t i = 0; i < table->n_entries; i++)
		table->slots[slot_of(table, &table->entries[i])] = (uint32_t)i + 1;
}

size_t intern_number(struct intern *table, const void *bytes, size_t n_bytes)
{
	const struct intern_entry entry = { bytes, n_bytes, hash_of(bytes, n_bytes) };
	size_t slot;

	if (2 * table->n_entries >= table->n_slots)
		grow(table);
	slot = slot_of(table, &entry);
	if (table->slots[slot] == 0) {
		*MEMORY_ADD(table, entries) = entry;
		table->slots[slot] = (uint32_t)table->n_entries;
	}
	return table->slots[slot] - 1;
}

size_t intern_text(struct intern *table, const char *text)
{
	return intern_number(table, text, strlen(text));
}

size_t intern_find(const struct intern *table, const char *text)
{
	const struct intern_entry entry = { text, strlen(text), hash_of(text, strlen(text)) };
	uint32_t found = table->n_slots > 0 ? table->slots[slot_of(table, &entry)] : 0;

	return found > 0 ? found - 1 : INTERN_NONE;
}
