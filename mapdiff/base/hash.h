/*
 * hash.h - a hash table: numbers of things in somebody's list, found by a hash and the caller's
 * comparison.
 */
#ifndef MAPDIFF_BASE_HASH_H
#define MAPDIFF_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: an empty one. */
struct hash {
	size_t *slots; /* index + 1; 0: free. A power of two of them */
	uint32_t *hashes;
	size_t n_slots, n_used;
};

#define HASH_NONE SIZE_MAX

/* Is the thing with number @index the one that is looked for? */
typedef bool is_it_fn(const void *context, size_t index);

/* The number of what is there by @hash and @is_it, or HASH_NONE. */
size_t hash_find(const struct hash *table, uint32_t hash, is_it_fn *is_it, const void *context);
/* The same; if it is not there, @new_index is put there, and HASH_NONE is returned. */
size_t hash_find_or_put(struct hash *table, uint32_t hash, is_it_fn *is_it, const void *context,
                        size_t new_index);

/* FNV-1a. */
uint32_t hash_of_bytes(const void *bytes, size_t n_bytes);
uint32_t hash_of_text(const char *text);

#endif
