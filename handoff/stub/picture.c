/* picture.c - see picture.h. */
#include "handoff/stub/picture.h"

#include "bootmem/bits.h"
#include "bootmem/pfn.h"

/* @value divided by 2^@shift, rounded up. */
static uint64_t shift_up(uint64_t value, unsigned shift)
{
	return (value >> shift) + ((value & ((UINT64_C(1) << shift) - 1)) != 0);
}

struct picture_layout picture_layout(uint64_t n_pages, uint32_t most_columns, uint32_t most_rows)
{
	struct picture_layout layout = { 0 };

	if (most_columns == 0 || most_rows == 0)
		return layout;
	while (most_columns >> layout.column_shift > 1)
		layout.column_shift++;
	while (shift_up(n_pages, layout.page_shift + layout.column_shift) > most_rows)
		layout.page_shift++;
	layout.n_cells = shift_up(n_pages, layout.page_shift);
	layout.n_rows = shift_up(layout.n_cells, layout.column_shift);
	return layout;
}

enum picture_cell picture_cell(const struct picture_layout *layout, const void *bitmap,
                               uint64_t n_pages, uint64_t index)
{
	uint64_t first = index << layout->page_shift;
	uint64_t end = min_u64((index + 1) << layout->page_shift, n_pages);

	if (bits_next_zero(bitmap, first, end) == end)
		return PICTURE_RESERVED;
	return bits_next_one(bitmap, first, end) == end ? PICTURE_FREE : PICTURE_MIXED;
}
