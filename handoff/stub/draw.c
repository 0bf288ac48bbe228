/*
 * draw.c - see draw.h. Down the left stands the address where a row of cells begins.
 */
#include "handoff/stub/draw.h"

#include "bootmem/pfn.h"
#include "handoff/capture/text.h"
#include "handoff/stub/picture.h"
#include "handoff/stub/screen.h"

#define CELL_PIXELS 6  /* at scale 1, with a gap of 1 to the next */
#define LABEL_CHARS 14 /* 48 bits of address, 0x and a blank */
#define LEGEND_TEXT 0x808080

static const struct {
	const char *name;
	rgb_t colour;
} kinds[PICTURE_CELL_KINDS] = {
	[PICTURE_FREE] = { "free", 0x30a050 },
	[PICTURE_MIXED] = { "both", 0xd0a030 },
	[PICTURE_RESERVED] = { "reserved", 0x803030 },
};

static void draw_legend(struct screen_area area, const struct picture_layout *layout)
{
	uint32_t char_width = screen_char_width(), side = screen_char_height() / 2;
	uint32_t x = area.x;
	char text[64];

	for (int kind = 0; kind < PICTURE_CELL_KINDS; kind++) {
		screen_fill((struct screen_area){ x, area.y + side / 2, side, side },
		            kinds[kind].colour);
		screen_text(x + 2 * char_width, area.y, kinds[kind].name, LEGEND_TEXT);
		x += 12 * char_width;
	}
	text_format(text, sizeof text, "a cell is %llu KiB, a row %llu KiB",
	            4ULL << layout->page_shift, 4ULL << layout->page_shift << layout->column_shift);
	screen_text(x, area.y, text, LEGEND_TEXT);
}

static void draw_cells(struct screen_area area, const struct picture_layout *layout,
                       const void *bitmap, uint64_t n_pages)
{
	uint32_t pitch = CELL_PIXELS * screen_scale(), side = pitch - screen_scale();

	for (uint64_t i = 0; i < layout->n_cells; i++) {
		uint64_t row = i >> layout->column_shift;
		uint64_t column = i - (row << layout->column_shift);

		screen_fill((struct screen_area){ area.x + (uint32_t)column * pitch,
		                                  area.y + (uint32_t)row * pitch, side, side },
		            kinds[picture_cell(layout, bitmap, n_pages, i)].colour);
	}
}

/* One label for as many rows as a line of text is high. */
static void draw_labels(struct screen_area area, const struct picture_layout *layout)
{
	uint32_t pitch = CELL_PIXELS * screen_scale();
	uint32_t rows_per_label = (screen_char_height() + pitch - 1) / pitch;
	char text[LABEL_CHARS + 8];

	for (uint32_t row = 0; row + rows_per_label <= layout->n_rows; row += rows_per_label) {
		uint64_t pfn = (uint64_t)row << layout->column_shift << layout->page_shift;

		text_format(text, sizeof text, "0x%llx", (ull)pfn_paddr(pfn));
		screen_text(area.x, area.y + row * pitch, text, LEGEND_TEXT);
	}
}

void draw_bitmap(const void *bitmap, uint64_t n_pages)
{
	struct screen_area area = screen_picture_area();
	uint32_t pitch = CELL_PIXELS * screen_scale();
	struct screen_area cells = area;
	struct picture_layout layout;
	uint32_t label_width, legend_height;

	if (area.height == 0)
		return;
	label_width = LABEL_CHARS * screen_char_width();
	legend_height = screen_char_height() + pitch;
	if (area.width <= label_width || area.height <= legend_height)
		return;
	cells.x += label_width;
	cells.y += legend_height;
	layout = picture_layout(n_pages, (area.width - label_width) / pitch,
	                        (area.height - legend_height) / pitch);
	if (layout.n_cells == 0)
		return;
	draw_legend(area, &layout);
	area.y += legend_height;
	draw_labels(area, &layout);
	draw_cells(cells, &layout, bitmap, n_pages);
}
