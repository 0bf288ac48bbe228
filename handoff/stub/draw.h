/*
 * draw.h - the picture of the bitmap -> dots: a character's place for each cell, addresses down the
 * left, and below it what the signs mean.
 *
 * No sign says anything by its colour alone: free is a dot, written the lower half, read back full,
 * an owner a letter (with a line under it where a part is free), failed a `!' in a frame.
 */
#ifndef HANDOFF_STUB_DRAW_H
#define HANDOFF_STUB_DRAW_H

#include "handoff/screen/view.h"
#include "handoff/stub/picture.h"

/* All rows from the view's row on, which is then the one below them. */
void draw_picture(struct view *view, const struct picture *picture);

/* One cell anew, of a picture whose first row is @y dots below the top. */
void draw_cell(struct view *view, const struct picture *picture, uint32_t y,
               struct picture_place place);

/* Beside the row of page @pfn, if there is room, its address: where the picture has a failed cell.
 */
void draw_pointer(struct view *view, const struct picture *picture, uint32_t y, pfn_t pfn);

/* What is being proved, or has been. */
enum legend { LEGEND_RUNNING, LEGEND_PROVED, LEGEND_FAILED };

/* The signs, and how much a cell is: one row. Then owners that have a cell: draw_owner_rows() rows.
 */
void draw_legend(struct view *view, const struct picture *picture, enum legend legend);
uint32_t draw_owner_rows(const struct picture *picture);

/* Owners that have pages and no cell: one row, if there are any. */
bool draw_has_small(const struct picture *picture);
void draw_small(struct view *view, const struct picture *picture);

#endif
