/*
 * intern.h - bytes -> numbers: the same bytes have the same number, from 0 on in the order in which
 * they came. For whoever keeps something of each thing once, in an array.
 */
#ifndef MAPDIFF_BASE_INTERN_H
#define MAPDIFF_BASE_INTERN_H

#include <stdint.h>

#include "mapdiff/base/memory.h"

struct intern_entry {
	const void *bytes;
	size_t n_bytes;
	uint32_t hash;
};

/* All zero: nothing has a number yet. */
struct intern {
	MEMORY_LIST(struct intern_entry, entries); /* by number */
	uint32_t *slots; /* open addressing, at most half full: a number + 1; 0: none */
	size_t n_slots;
};

#define INTERN_NONE SIZE_MAX

/* The number of @bytes, which get one if they have none: then it is what n_entries was. The bytes
 * are not copied, and must last as long as @table. */
size_t intern_number(struct intern *table, const void *bytes, size_t n_bytes);
/* The same for a text. */
size_t intern_text(struct intern *table, const char *text);

/* The number of a text, or INTERN_NONE. */
size_t intern_find(const struct intern *table, const char *text);

#endif
