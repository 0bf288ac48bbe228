/*
 * glyphs.h - the text of a canvas, read off its dots: each character that is exactly a glyph of the
 * font, wherever it stands. What overlaps or is cut by the edge is no glyph.
 */
#ifndef TESTS_UNIT_GLYPHS_H
#define TESTS_UNIT_GLYPHS_H

#include <stdbool.h>

#include "handoff/screen/canvas.h"

#define GLYPHS_MOST_ROWS 96

struct glyphs_row {
	uint32_t y;    /* dots from the top */
	uint32_t size; /* dots of a dot of the glyphs: 1 or 2 */
	char text[CANVAS_COLUMNS + 1];
	uint8_t colours[CANVAS_COLUMNS]; /* of each character: enum canvas_colour */
	unsigned n_glyphs;
};

struct glyphs {
	size_t n_rows;
	struct glyphs_row rows[GLYPHS_MOST_ROWS]; /* in no order */
};

/* Read the text of @canvas: rows with most glyphs first, and nothing across them. */
void glyphs_read(struct glyphs *ret_glyphs, const struct canvas *canvas);

/* The row that says @text somewhere, or NULL. */
const struct glyphs_row *glyphs_find(const struct glyphs *glyphs, const char *text);

#endif
