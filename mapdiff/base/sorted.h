/* sorted.h - numbers -> their order; and a list in that order, and a number -> where it belongs. */
#ifndef MAPDIFF_BASE_SORTED_H
#define MAPDIFF_BASE_SORTED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "bootmem/pfn.h"

/* For qsort()'s comparisons: negative, 0, or positive. A ?: B goes by A, and by B among equals. */
static inline int compare_u64(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* The same for items that begin with the start and the end of a range, as a struct span does. */
static inline int compare_spans(const void *a, const void *b)
{
	const struct span *left = a, *right = b;

	return compare_u64(left->start_paddr, right->start_paddr)
	               ?: compare_u64(left->end_paddr, right->end_paddr);
}

/* Items that are sorted by a field, a uint64_t. */
struct sorted {
	const void *items;
	size_t n_items, item_bytes;
	size_t field_bytes; /* the field's offset */
};
#define SORTED(type, field, items, n_items) \
	((struct sorted){ (items), (n_items), sizeof(type), offsetof(type, field) })

/* How many items have a field of at most @value: the index of the first one above. O(log n). */
static inline size_t sorted_n_up_to(struct sorted sorted, uint64_t value)
{
	size_t first = 0, end = sorted.n_items;

	while (first < end) {
		size_t middle = first + (end - first) / 2;
		uint64_t field;

		memcpy(&field,
		       (const char *)sorted.items + middle * sorted.item_bytes + sorted.field_bytes,
		       sizeof field);
		if (field <= value)
			first = middle + 1;
		else
			end = middle;
	}
	return first;
}

/* How many are below: the index of the first one that is @value, or above. */
static inline size_t sorted_n_below(struct sorted sorted, uint64_t value)
{
	return value == 0 ? 0 : sorted_n_up_to(sorted, value - 1);
}

/* Of two sorted lists that are walked together, at @i of @n items, and @j of @m: which is next?
 * Negative: the left one; 0: both, as they are alike; positive: the right one. @order is that of
 * the two, and is asked for where both have one left. */
#define SORTED_NEXT(i, n, j, m, order) ((i) == (n) ? 1 : (j) == (m) ? -1 : (order))

#endif
