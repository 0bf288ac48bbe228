/*
 * picture.h - the bitmap as a picture: cells of as many pages each, a power of two, and whose they
 * are; and what of them has been proved. What is computed is pure; draw.h draws it.
 */
#ifndef HANDOFF_STUB_PICTURE_H
#define HANDOFF_STUB_PICTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff/stub/owners.h"

#define PICTURE_COLUMNS   64
#define PICTURE_MOST_ROWS 10

/* What has been done with the free pages of a cell. */
enum picture_state { PICTURE_UNTOUCHED, PICTURE_WRITTEN, PICTURE_READ_BACK };

struct picture_cell {
	enum owner owner; /* with most pages in it, if any page has one; else free, or none */
	bool has_free;    /* pages, whoever has the others */
	bool is_failed;
	enum picture_state state;
};

/* Pages [start_pfn, end_pfn): PICTURE_COLUMNS cells; or any number of rows without RAM as one. */
struct picture_row {
	pfn_t start_pfn, end_pfn;
	bool is_folded;
	struct picture_cell cells[PICTURE_COLUMNS];
};

struct picture {
	unsigned page_shift;           /* a cell has 1 << page_shift pages */
	uint32_t n_rows;               /* the last one may end before its last cell */
	pfn_t end_pfn;                 /* where all of it ends */
	uint64_t n_pages[OWNER_COUNT]; /* of each owner in all */
	bool has_cell[OWNER_COUNT];    /* is it the owner of one? */
	struct picture_row rows[PICTURE_MOST_ROWS];
	uint32_t next_row, next_column; /* picture_pass(): the first cell that is not done */
};

/* Where a cell is. */
struct picture_place {
	uint32_t row, column;
};

/* The node of @view, in at most @most_rows rows (PICTURE_MOST_ROWS or fewer) with as few pages in a
 * cell as possible. */
void picture_make(struct picture *picture, const struct naive_view *view, uint32_t most_rows);

/* The pages of a cell: [*ret_start_pfn, *ret_end_pfn), empty behind the end of the node. */
void picture_pages(const struct picture *picture, struct picture_place place, pfn_t *ret_start_pfn,
                   pfn_t *ret_end_pfn);

/* The cell of page @pfn. False if it has none. */
bool picture_find(const struct picture *picture, pfn_t pfn, struct picture_place *ret_place);

/* A pass over all free pages begins: no cell is done. */
void picture_begin_pass(struct picture *picture);

/* All pages below @pfn are @state. The next cell that has it now, and had not before; false if
 * there is none. A cell has it when its last page has. */
bool picture_pass(struct picture *picture, enum picture_state state, pfn_t pfn,
                  struct picture_place *ret_place);

#endif
