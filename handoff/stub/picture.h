/*
 * picture.h - the bitmap as a picture: each cell stands for the same number of pages, a power of
 * two, and so does each row of cells. What is computed is pure; draw.h draws it.
 */
#ifndef HANDOFF_STUB_PICTURE_H
#define HANDOFF_STUB_PICTURE_H

#include <stdint.h>

/* How the pages are laid out: cell n has the pages from n << page_shift on, and lies in row
 * n >> column_shift. */
struct picture_layout {
	unsigned page_shift;
	unsigned column_shift;
	uint64_t n_cells; /* 0: there is no room for a picture */
	uint64_t n_rows;
};

/* Lay @n_pages pages out in at most @most_columns x @most_rows cells: as few pages in a cell as
 * possible. */
struct picture_layout picture_layout(uint64_t n_pages, uint32_t most_columns, uint32_t most_rows);

enum picture_cell { PICTURE_FREE, PICTURE_MIXED, PICTURE_RESERVED, PICTURE_CELL_KINDS };

/* What the pages of cell @index are; the last one may stand for fewer. @index < n_cells. */
enum picture_cell picture_cell(const struct picture_layout *layout, const void *bitmap,
                               uint64_t n_pages, uint64_t index);

#endif
