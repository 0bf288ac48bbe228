/*
 * sort.c - finds the runs that are in order already, and merges neighbours where they overlap: see
 * sort.h.
 *
 * What firmware lists is nearly in order. Such a list costs one look at each item, and a merge of
 * those that a straggler has to pass.
 */
#include "bootmem/sort.h"

#include <stdbool.h>

#include "bootmem/mem.h"

/* Shorter runs are lengthened to this by insertion, which is cheaper than merging them. */
#define SHORT_RUN 8

/* Runs wait until they are no longer than half the one before: so this many, for any size_t. */
#define MOST_RUNS (8 * sizeof(size_t) + 1)

/* How many of the first @n items are in order; those in strictly falling order are turned round. */
static size_t first_run(struct sort_item *items, size_t n)
{
	size_t end = 1;

	while (end < n && items[end].key >= items[end - 1].key)
		end++;
	if (end > 1 || n < 2)
		return end;
	while (end < n && items[end].key < items[end - 1].key)
		end++;
	for (size_t i = 0, j = end - 1; i < j; i++, j--) {
		struct sort_item swap = items[i];

		items[i] = items[j];
		items[j] = swap;
	}
	return end;
}

/* Put the items [from, n) among the ones before them, which are in order. */
static void insert(struct sort_item *items, size_t from, size_t n)
{
	for (; from < n; from++) {
		struct sort_item item = items[from];
		size_t at = from;

		for (; at > 0 && items[at - 1].key > item.key; at--)
			items[at] = items[at - 1];
		items[at] = item;
	}
}

/* How many of @n sorted items have a key below @key; with @or_equal, or that one. */
static size_t count_below(const struct sort_item *items, size_t n, uint64_t key, bool or_equal)
{
	size_t first = 0;

	while (first < n) {
		size_t middle = first + (n - first) / 2;

		if (items[middle].key < key || (or_equal && items[middle].key == key))
			first = middle + 1;
		else
			n = middle;
	}
	return first;
}

/* Merge the @n_a items at @a, of which @spare gets a copy, with the @n_b behind them. */
static void merge_up(struct sort_item *a, size_t n_a, size_t n_b, struct sort_item *spare)
{
	struct sort_item *out = a;
	const struct sort_item *b = a + n_a, *b_end = b + n_b, *a_end = spare + n_a;

	memcpy(spare, a, n_a * sizeof *a);
	while (spare < a_end && b < b_end)
		*out++ = b->key < spare->key ? *b++ : *spare++;
	while (spare < a_end)
		*out++ = *spare++;
}

/* The same from the end, with a copy of the @n_b: for when they are fewer. */
static void merge_down(struct sort_item *a, size_t n_a, size_t n_b, struct sort_item *spare)
{
	const struct sort_item *a_end = a + n_a, *b_end = spare + n_b;
	struct sort_item *out = a + n_a + n_b;

	memcpy(spare, a_end, n_b * sizeof *a);
	while (a < a_end && spare < b_end)
		*--out = b_end[-1].key < a_end[-1].key ? *--a_end : *--b_end;
	while (spare < b_end)
		*--out = *--b_end;
}

/* Merge two runs that touch: what is in its place at both ends is left alone. */
static void merge(struct sort_item *a, size_t n_a, size_t n_b, struct sort_item *spare)
{
	const struct sort_item *b = a + n_a;
	size_t n_first;

	if (b[-1].key <= b->key)
		return;
	n_first = count_below(a, n_a, b->key, true);
	n_b = count_below(b, n_b, b[-1].key, false);
	a += n_first;
	n_a -= n_first;
	if (n_a <= n_b)
		merge_up(a, n_a, n_b, spare);
	else
		merge_down(a, n_a, n_b, spare);
}

void sort_by_key(struct sort_item *items, size_t n, struct sort_item *spare)
{
	size_t lengths[MOST_RUNS], n_runs = 0, end = 0;

	while (end < n || n_runs > 1) {
		/* A run that waits is more than twice as long as the next: else they are one. */
		while (n_runs > 1 && (end == n || lengths[n_runs - 2] <= 2 * lengths[n_runs - 1])) {
			size_t n_a = lengths[n_runs - 2], n_b = lengths[n_runs - 1];

			merge(items + end - n_b - n_a, n_a, n_b, spare);
			lengths[--n_runs - 1] = n_a + n_b;
		}
		if (end < n) {
			size_t left = n - end, length = first_run(items + end, left);

			if (length < SHORT_RUN && length < left) {
				size_t longer = left < SHORT_RUN ? left : SHORT_RUN;

				insert(items + end, length, longer);
				length = longer;
			}
			lengths[n_runs++] = length;
			end += length;
		}
	}
}
