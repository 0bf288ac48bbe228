/*
 * read_canvas.h - what is drawn on a canvas, read back by comparing it with the glyphs of the font.
 */
#ifndef TESTS_UNIT_READ_CANVAS_H
#define TESTS_UNIT_READ_CANVAS_H

#include <stdbool.h>

#include "handoff/screen/canvas.h"

/* Does @text stand in one row from @column on, whole, with nothing over it? In any place from the
 * top to the bottom; *ret_y is where. Where it does not fit, "..." must say so. */
bool read_canvas_has(const struct canvas *canvas, uint32_t column, const char *text,
                     uint32_t *ret_y);

/* The colour of the letters, and of what is behind them, of the cell at (@x, @y). */
enum canvas_colour read_canvas_ink(const struct canvas *canvas, uint32_t x, uint32_t y);
enum canvas_colour read_canvas_paper(const struct canvas *canvas, uint32_t x, uint32_t y);

/*
 * A sum of all dots, and of @sum, that of the pictures before: what is not where it was, by one dot
 * or one row, gives another one. A test that holds it to a number says which pictures to look at
 * when it is another one by intent.
 */
uint32_t read_canvas_add(uint32_t sum, const struct canvas *canvas);

#endif
