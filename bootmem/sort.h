/*
 * sort.h - items, each with a number -> the same items in the order of their numbers.
 *
 * The one sort of floors 0 and 1 that has room beside what it sorts. Whatever is to be sorted, an
 * item is a number and where the rest of it stands: so there is one function, without a call for
 * each comparison, and moving an item costs the same for all.
 */
#ifndef BOOTMEM_SORT_H
#define BOOTMEM_SORT_H

#include <stddef.h>
#include <stdint.h>

struct sort_item {
	uint64_t key;   /* what is compared */
	uint64_t value; /* the caller's: an index, say */
};

/*
 * Sort @items by key, ascending. Those of one key stay in the order in which they came: sorting by
 * one number, and then by another, sorts by both, the last one first. @spare has room for
 * @n items too, and holds anything afterwards. O(n log n) for every order; nothing can fail.
 */
void sort_by_key(struct sort_item *items, size_t n, struct sort_item *spare);

#endif
