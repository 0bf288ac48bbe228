/* draw.c - see draw.h. */
#include "handoff/stub/draw.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/capture/text.h"
#include "handoff/stub/amount.h"

#define LABEL_END    9  /* the column behind an address */
#define CELLS_COLUMN 11 /* the first cell */
#define CELL_WIDTH   7  /* dots: a character less a gap */
#define CELL_TOP     1
#define CELL_HEIGHT  14
#define LINE_TOP     13 /* below a letter */
#define LINE_HEIGHT  2
#define GIB_SHIFT    (30 - PAGE_SHIFT)
#define MIB_SHIFT    (20 - PAGE_SHIFT)

static void fill(struct view *view, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                 enum canvas_colour colour)
{
	canvas_fill(view->canvas, (struct canvas_area){ x, y, width, height }, colour);
}

static const enum canvas_colour state_colours[] = {
	[PICTURE_UNTOUCHED] = CANVAS_GREY,
	[PICTURE_WRITTEN] = CANVAS_AMBER,
	[PICTURE_READ_BACK] = CANVAS_GREEN,
};

static void sign_state(struct view *view, uint32_t x, uint32_t y, enum picture_state state)
{
	const uint32_t height = state == PICTURE_READ_BACK ? CELL_HEIGHT : CELL_HEIGHT / 2;

	if (state == PICTURE_UNTOUCHED)
		fill(view, x + 2, y + 7, 3, 3, state_colours[state]);
	else
		fill(view, x, y + CELL_TOP + CELL_HEIGHT - height, CELL_WIDTH, height,
		     state_colours[state]);
}

static void sign_letter(struct view *view, uint32_t x, uint32_t y, char letter)
{
	const char text[] = { letter, '\0' };

	canvas_text(view->canvas, x, y, 1, text, CANVAS_WHITE);
}

static void sign_failed(struct view *view, uint32_t x, uint32_t y)
{
	fill(view, x, y, CELL_WIDTH + 1, FONT_HEIGHT, CANVAS_WHITE);
	fill(view, x + 1, y + 1, CELL_WIDTH - 1, FONT_HEIGHT - 2, CANVAS_RED);
	canvas_text(view->canvas, x, y, 1, "!", CANVAS_BACKGROUND);
}

static void sign_cell(struct view *view, uint32_t x, uint32_t y, const struct picture_cell *cell)
{
	fill(view, x, y, FONT_WIDTH, FONT_HEIGHT, CANVAS_BACKGROUND);
	if (cell->is_failed)
		sign_failed(view, x, y);
	else if (cell->owner == OWNER_FREE)
		sign_state(view, x, y, cell->state);
	else if (cell->owner != OWNER_NONE)
		sign_letter(view, x, y, owner_letter(cell->owner));
	if (!cell->is_failed && cell->owner > OWNER_FREE && cell->has_free)
		fill(view, x, y + LINE_TOP, CELL_WIDTH, LINE_HEIGHT, state_colours[cell->state]);
}

void draw_cell(struct view *view, const struct picture *picture, uint32_t y,
               struct picture_place place)
{
	sign_cell(view, (CELLS_COLUMN + place.column) * FONT_WIDTH, y + place.row * FONT_HEIGHT,
	          &picture->rows[place.row].cells[place.column]);
}

/* ---- Rows ---- */

/* "0 MiB" in the first row; below it the numbers alone. */
static void put_address(struct view *view, const struct picture *picture, uint32_t row)
{
	bool is_gib = picture->page_shift + 6 >= GIB_SHIFT;
	pfn_t pfn = picture->rows[row].start_pfn;
	char text[32];
	size_t length = text_format(text, sizeof text, "%llu%s",
	                            (ull)(pfn >> (is_gib ? GIB_SHIFT : MIB_SHIFT)),
	                            row > 0  ? ""
	                            : is_gib ? " GiB"
	                                     : " MiB");

	view_put(view, LABEL_END - (uint32_t)length, CANVAS_GREY, "%s", text);
}

static void draw_row(struct view *view, const struct picture *picture, uint32_t row, uint32_t y)
{
	const struct picture_row *cells = &picture->rows[row];

	put_address(view, picture, row);
	if (cells->is_folded) {
		view_put(view, CELLS_COLUMN, CANVAS_GREY, "%s without RAM",
		         amount_of_pages(cells->end_pfn - cells->start_pfn).text);
		return;
	}
	for (uint32_t column = 0; column < PICTURE_COLUMNS; column++)
		draw_cell(view, picture, y, (struct picture_place){ row, column });
}

void draw_picture(struct view *view, const struct picture *picture)
{
	const uint32_t y = view->y;

	for (uint32_t row = 0; row < picture->n_rows; row++) {
		draw_row(view, picture, row, y);
		view_next(view, 0);
	}
}

/* One past the last column that has a cell. */
static uint32_t end_column(const struct picture *picture, uint32_t row)
{
	uint32_t column = PICTURE_COLUMNS;
	pfn_t start_pfn, end_pfn;

	for (; column > 0; column--) {
		picture_pages(picture, (struct picture_place){ row, column - 1 }, &start_pfn,
		              &end_pfn);
		if (start_pfn < end_pfn)
			break;
	}
	return CELLS_COLUMN + column;
}

void draw_pointer(struct view *view, const struct picture *picture, uint32_t y, pfn_t pfn)
{
	struct picture_place place;
	char text[32];
	size_t length = text_format(text, sizeof text, "<- 0x%llx", (ull)pfn_paddr(pfn));
	uint32_t column;

	if (!picture_find(picture, pfn, &place))
		return;
	column = end_column(picture, place.row) + 1;
	if (column + length <= VIEW_RIGHT_COLUMN)
		canvas_text(view->canvas, column * FONT_WIDTH, y + place.row * FONT_HEIGHT, 1, text,
		            CANVAS_RED);
}

/* ---- The legend ---- */

/* What a sign means: words two columns behind it. Returns where the next one may stand. */
static uint32_t put_meaning(struct view *view, uint32_t column, const char *text)
{
	size_t length = text_format(NULL, 0, "%s", text);

	view_put(view, column + 2, CANVAS_GREY, "%s", text);
	return column + 2 + (uint32_t)length + 2;
}

static uint32_t put_state(struct view *view, uint32_t column, enum picture_state state,
                          const char *text)
{
	sign_state(view, column * FONT_WIDTH, view->y, state);
	return put_meaning(view, column, text);
}

static uint32_t put_partly(struct view *view, uint32_t column, enum picture_state state)
{
	const struct picture_cell cell = { OWNER_LOW, true, false, state };

	sign_cell(view, column * FONT_WIDTH, view->y, &cell);
	return put_meaning(view, column, "some pages free");
}

static void put_signs(struct view *view, enum legend legend)
{
	uint32_t column = VIEW_LEFT_COLUMN;

	if (legend != LEGEND_PROVED) {
		column = put_state(view, column, PICTURE_UNTOUCHED, "free");
		column = put_state(view, column, PICTURE_WRITTEN, "written");
	}
	column = put_state(view, column, PICTURE_READ_BACK,
	                   legend == LEGEND_PROVED ? "free, proved" : "read back");
	column = put_partly(view, column, PICTURE_READ_BACK);
	if (legend == LEGEND_FAILED) {
		sign_failed(view, column * FONT_WIDTH, view->y);
		put_meaning(view, column, "failed");
	}
}

static void put_scale(struct view *view, const struct picture *picture)
{
	char text[32];
	size_t length = text_format(text, sizeof text, "1 cell = %s",
	                            amount_of_pages(UINT64_C(1) << picture->page_shift).text);

	view_put(view, VIEW_RIGHT_COLUMN - (uint32_t)length, CANVAS_GREY, "%s", text);
}

/* The owner with most pages of those that have a cell, or have none, and are not @taken; OWNER_NONE
 * if there is none. */
static enum owner next_owner(const struct picture *picture, bool has_cell,
                             const bool taken[OWNER_COUNT])
{
	enum owner most = OWNER_NONE;

	for (enum owner owner = OWNER_FREE + 1; owner < OWNER_COUNT; owner++)
		if (picture->n_pages[owner] > 0 && picture->has_cell[owner] == has_cell &&
		    !taken[owner] &&
		    (most == OWNER_NONE || picture->n_pages[owner] > picture->n_pages[most]))
			most = owner;
	return most;
}

/* "U UEFI 3 MiB"; returns its columns. With @view NULL it is only measured. */
static uint32_t put_owner(struct view *view, uint32_t column, const struct picture *picture,
                          enum owner owner)
{
	struct amount amount = amount_of_pages(picture->n_pages[owner]);
	uint32_t name = (uint32_t)text_format(NULL, 0, "%s", owner_name(owner));
	uint32_t number = (uint32_t)text_format(NULL, 0, "%s", amount.text);

	if (view != NULL) {
		view_put(view, column, CANVAS_WHITE, "%c", owner_letter(owner));
		view_put(view, column + 2, CANVAS_GREY, "%s", owner_name(owner));
		view_put(view, column + 2 + name + 1, CANVAS_WHITE, "%s", amount.text);
	}
	return 2 + name + 1 + number;
}

/* Returns how many rows they take; with @view NULL it only counts. */
static uint32_t put_owners(struct view *view, const struct picture *picture)
{
	bool taken[OWNER_COUNT] = { false };
	uint32_t column = VIEW_LEFT_COLUMN, n_rows = 0;
	enum owner owner;

	while ((owner = next_owner(picture, true, taken)) != OWNER_NONE) {
		taken[owner] = true;
		if (n_rows == 0 ||
		    column + put_owner(NULL, 0, picture, owner) > VIEW_RIGHT_COLUMN) {
			if (view != NULL && n_rows > 0)
				view_next(view, 0);
			column = VIEW_LEFT_COLUMN;
			n_rows++;
		}
		column += put_owner(view, column, picture, owner) + 2;
	}
	if (view != NULL && n_rows > 0)
		view_next(view, 0);
	return n_rows;
}

uint32_t draw_owner_rows(const struct picture *picture)
{
	return put_owners(NULL, picture);
}

void draw_legend(struct view *view, const struct picture *picture, enum legend legend)
{
	put_signs(view, legend);
	put_scale(view, picture);
	view_next(view, 0);
	put_owners(view, picture);
}

bool draw_has_small(const struct picture *picture)
{
	static const bool taken[OWNER_COUNT];

	return next_owner(picture, false, taken) != OWNER_NONE;
}

void draw_small(struct view *view, const struct picture *picture)
{
	bool taken[OWNER_COUNT] = { false };
	char text[128];
	size_t length = text_format(text, sizeof text, "smaller than a cell:");
	const char *comma = "";
	enum owner owner;

	while ((owner = next_owner(picture, false, taken)) != OWNER_NONE) {
		taken[owner] = true;
		length += text_format(text + length, sizeof text - length, "%s %s %s", comma,
		                      owner_name(owner),
		                      amount_of_pages(picture->n_pages[owner]).text);
		comma = ",";
	}
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%s", text);
	view_next(view, 0);
}
