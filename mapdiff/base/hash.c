/* hash.c - open addressing, at most half full: see hash.h. */
#include "mapdiff/base/hash.h"

#include <string.h>

#include "mapdiff/base/memory.h"

static void put(struct hash *table, uint32_t hash, size_t index)
{
	size_t slot = hash & (table->n_slots - 1);

	while (table->slots[slot] != 0)
		slot = (slot + 1) & (table->n_slots - 1);
	table->slots[slot] = index + 1;
	table->hashes[slot] = hash;
}

static void grow(struct hash *table)
{
	struct hash old = *table;

	table->n_slots = old.n_slots > 0 ? old.n_slots * 2 : 64;
	table->slots = memory_alloc(table->n_slots, sizeof *table->slots);
	table->hashes = memory_alloc(table->n_slots, sizeof *table->hashes);
	for (size_t i = 0; i < old.n_slots; i++)
		if (old.slots[i] != 0)
			put(table, old.hashes[i], old.slots[i] - 1);
}

size_t hash_find(const struct hash *table, uint32_t hash, is_it_fn *is_it, const void *context)
{
	if (table->n_slots == 0)
		return HASH_NONE;
	for (size_t slot = hash & (table->n_slots - 1); table->slots[slot] != 0;
	     slot = (slot + 1) & (table->n_slots - 1))
		if (table->hashes[slot] == hash && is_it(context, table->slots[slot] - 1))
			return table->slots[slot] - 1;
	return HASH_NONE;
}

size_t hash_find_or_put(struct hash *table, uint32_t hash, is_it_fn *is_it, const void *context,
                        size_t new_index)
{
	size_t index = hash_find(table, hash, is_it, context);

	if (index != HASH_NONE)
		return index;
	if (table->n_used * 2 >= table->n_slots)
		grow(table);
	put(table, hash, new_index);
	table->n_used++;
	return HASH_NONE;
}

uint32_t hash_of_bytes(const void *bytes, size_t n_bytes)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < n_bytes; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 16777619;
	return hash;
}

uint32_t hash_of_text(const char *text)
{
	return hash_of_bytes(text, strlen(text));
}
