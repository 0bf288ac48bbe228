/* picture.c - see picture.h. */
#include "handoff/stub/picture.h"

#include "bootmem/mem.h"

#define COLUMN_SHIFT 6
_Static_assert(PICTURE_COLUMNS == 1 << COLUMN_SHIFT, "columns are a power of two");

static uint64_t row_pages(unsigned page_shift)
{
	return UINT64_C(1) << page_shift << COLUMN_SHIFT;
}

/* The first page from @pfn on that somebody has, or that is free; node_low_pfn if there is none. */
static pfn_t next_ram(const struct naive_view *view, pfn_t pfn)
{
	pfn_t until_pfn;

	for (; pfn < view->node_low_pfn; pfn = until_pfn)
		if (owner_at(view, pfn, &until_pfn) != OWNER_NONE)
			return pfn;
	return view->node_low_pfn;
}

/* The row that starts at @pfn: of cells, or of as many rows as are without RAM. */
static struct picture_row row_at(const struct naive_view *view, unsigned page_shift, pfn_t pfn)
{
	pfn_t ram_pfn = next_ram(view, pfn);
	struct picture_row row = { .start_pfn = pfn, .end_pfn = pfn + row_pages(page_shift) };

	if (ram_pfn >= row.end_pfn) {
		row.is_folded = true;
		row.end_pfn = ram_pfn;
		if (ram_pfn < view->node_low_pfn)
			row.end_pfn = align_down(ram_pfn, row_pages(page_shift));
	}
	row.end_pfn = min_u64(row.end_pfn, view->node_low_pfn);
	return row;
}

/* Divide the node into rows; false if there are more than @most_rows. */
static bool divide(struct picture *picture, const struct naive_view *view, uint32_t most_rows)
{
	pfn_t pfn = 0;

	picture->n_rows = 0;
	while (pfn < view->node_low_pfn) {
		if (picture->n_rows == most_rows)
			return false;
		picture->rows[picture->n_rows] = row_at(view, picture->page_shift, pfn);
		pfn = picture->rows[picture->n_rows].end_pfn;
		picture->n_rows++;
	}
	return true;
}

/* Whose cell it is that has so many pages of each: an owner's, before it is free. */
static enum owner owner_of_most(const uint64_t n_pages[OWNER_COUNT])
{
	enum owner most = n_pages[OWNER_FREE] > 0 ? OWNER_FREE : OWNER_NONE;

	for (enum owner owner = OWNER_FREE + 1; owner < OWNER_COUNT; owner++)
		if (n_pages[owner] > 0 && (most <= OWNER_FREE || n_pages[owner] > n_pages[most]))
			most = owner;
	return most;
}

/* What owner_at() said last, and up to where it holds. */
struct run {
	enum owner owner;
	pfn_t until_pfn;
};

static void fill_cell(struct picture *picture, const struct naive_view *view, struct run *run,
                      struct picture_place place)
{
	struct picture_cell *cell = &picture->rows[place.row].cells[place.column];
	uint64_t n_pages[OWNER_COUNT] = { 0 };
	pfn_t pfn, end_pfn, next_pfn;

	picture_pages(picture, place, &pfn, &end_pfn);
	for (; pfn < end_pfn; pfn = next_pfn) {
		if (pfn >= run->until_pfn)
			run->owner = owner_at(view, pfn, &run->until_pfn);
		next_pfn = min_u64(run->until_pfn, end_pfn);
		n_pages[run->owner] += next_pfn - pfn;
		picture->n_pages[run->owner] += next_pfn - pfn;
	}
	cell->owner = owner_of_most(n_pages);
	cell->has_free = n_pages[OWNER_FREE] > 0;
	picture->has_cell[cell->owner] = true;
}

void picture_make(struct picture *picture, const struct naive_view *view, uint32_t most_rows)
{
	struct run run = { OWNER_NONE, 0 };

	memset(picture, 0, sizeof *picture);
	picture->end_pfn = view->node_low_pfn;
	while (!divide(picture, view, most_rows))
		picture->page_shift++;
	for (uint32_t row = 0; row < picture->n_rows; row++) {
		if (picture->rows[row].is_folded) {
			run.until_pfn = 0;
			continue;
		}
		for (uint32_t column = 0; column < PICTURE_COLUMNS; column++)
			fill_cell(picture, view, &run, (struct picture_place){ row, column });
	}
}

void picture_pages(const struct picture *picture, struct picture_place place, pfn_t *ret_start_pfn,
                   pfn_t *ret_end_pfn)
{
	const struct picture_row *row = &picture->rows[place.row];
	pfn_t start_pfn = row->start_pfn + ((uint64_t)place.column << picture->page_shift);

	*ret_start_pfn = min_u64(start_pfn, row->end_pfn);
	*ret_end_pfn = min_u64(start_pfn + (UINT64_C(1) << picture->page_shift), row->end_pfn);
}

bool picture_find(const struct picture *picture, pfn_t pfn, struct picture_place *ret_place)
{
	for (uint32_t i = 0; i < picture->n_rows; i++) {
		const struct picture_row *row = &picture->rows[i];

		if (pfn < row->start_pfn || pfn >= row->end_pfn)
			continue;
		*ret_place = (struct picture_place){
			i, row->is_folded
				   ? 0
				   : (uint32_t)((pfn - row->start_pfn) >> picture->page_shift)
		};
		return !row->is_folded;
	}
	return false;
}

void picture_begin_pass(struct picture *picture)
{
	picture->next_row = picture->next_column = 0;
}

static void step(struct picture *picture)
{
	picture->next_column++;
	if (picture->next_column == PICTURE_COLUMNS || picture->rows[picture->next_row].is_folded) {
		picture->next_column = 0;
		picture->next_row++;
	}
}

bool picture_pass(struct picture *picture, enum picture_state state, pfn_t pfn,
                  struct picture_place *ret_place)
{
	while (picture->next_row < picture->n_rows) {
		struct picture_place place = { picture->next_row, picture->next_column };
		struct picture_cell *cell = &picture->rows[place.row].cells[place.column];
		pfn_t start_pfn, end_pfn;

		picture_pages(picture, place, &start_pfn, &end_pfn);
		if (end_pfn > pfn)
			return false;
		step(picture);
		if (!cell->has_free)
			continue;
		cell->state = state;
		*ret_place = place;
		return true;
	}
	return false;
}
