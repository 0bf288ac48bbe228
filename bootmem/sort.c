/* sort.c - merges runs of one item to runs of two, of four, and so on: see sort.h. */
#include "bootmem/sort.h"

#include "bootmem/mem.h"

/* Merge the sorted [a, b) and [b, end) into @out; of equals, the one of the first comes first. */
static void merge(const struct sort_item *a, const struct sort_item *b, const struct sort_item *end,
                  struct sort_item *out)
{
	const struct sort_item *a_end = b;

	while (a < a_end && b < end)
		*out++ = b->key < a->key ? *b++ : *a++;
	while (a < a_end)
		*out++ = *a++;
	while (b < end)
		*out++ = *b++;
}

void sort_by_key(struct sort_item *items, size_t n, struct sort_item *spare)
{
	struct sort_item *from = items, *to = spare;

	for (size_t width = 1; width < n; width *= 2) {
		struct sort_item *swap = from;

		for (size_t i = 0; i < n; i += 2 * width) {
			size_t middle = n - i < width ? n : i + width;
			size_t end = n - middle < width ? n : middle + width;

			merge(from + i, from + middle, from + end, to + i);
		}
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, n * sizeof *items);
}
