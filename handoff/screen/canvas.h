/*
 * canvas.h - a screen as it is thought of: 80 columns of text and up to 30 rows, in dots of eight
 * colours; and how it lies on a display of any size.
 *
 * A dot becomes a square of pixels. What is left over at the sides goes on in the colour of the
 * outermost dots, so that bands run over the whole width, and bars to the edge.
 *
 * A canvas keeps all lines of dots, 300 KB, or a window of some: who has no room draws the picture
 * once for each window, and what lies outside of it is left out.
 */
#ifndef HANDOFF_SCREEN_CANVAS_H
#define HANDOFF_SCREEN_CANVAS_H

#include "handoff/screen/font.h"

#define CANVAS_COLUMNS    80
#define CANVAS_MOST_ROWS  30
#define CANVAS_LEAST_ROWS 22 /* of every display that has a grid: all screens must fit in */
#define CANVAS_WIDTH      (CANVAS_COLUMNS * FONT_WIDTH)
#define CANVAS_HEIGHT     (CANVAS_MOST_ROWS * FONT_HEIGHT)

/* None says anything alone: a word, a letter or a shape always says it too. */
enum canvas_colour {
	CANVAS_BACKGROUND,
	CANVAS_PANEL,
	CANVAS_GREY,  /* names, what is the same, what waits */
	CANVAS_WHITE, /* text */
	CANVAS_RED,   /* the answer is no; failed */
	CANVAS_GREEN, /* unchanged, passed */
	CANVAS_AMBER, /* not done, or running now */
	CANVAS_BLUE,  /* neutral */
	CANVAS_COLOURS
};

/* 0xRRGGBB of each. */
extern const uint32_t canvas_rgb[CANVAS_COLOURS] __attribute__((visibility("hidden")));

/* How a display of @width x @height pixels is divided. */
struct canvas_grid {
	uint32_t width, height;
	uint32_t scale;     /* pixels a dot, each way */
	uint32_t n_rows;    /* of text: CANVAS_LEAST_ROWS to CANVAS_MOST_ROWS */
	uint32_t left, top; /* pixels before the first dot */
};

/* False if the display is smaller than 640 x 352. */
bool canvas_divide(uint32_t width, uint32_t height, struct canvas_grid *ret_grid);

/* A part of a canvas, in dots: [x, x + width), [y, y + height). */
struct canvas_area {
	uint32_t x, y, width, height;
};

struct canvas {
	struct font font;
	uint32_t height;            /* dots: the rows that there are */
	struct canvas_area changed; /* since it was shown last: all changes lie within */

	/* The lines that are kept: [first_line, first_line + n_lines). */
	uint32_t first_line, n_lines;
	uint8_t (*dots)[CANVAS_WIDTH];
};

/*
 * An empty one of @n_rows rows that keeps its first @n_lines lines in @dots, which are the caller's
 * and must stay; CANVAS_HEIGHT of them are all that there can be. All that is kept counts as
 * changed. False if the font cannot be read.
 */
bool canvas_init(struct canvas *canvas, uint32_t n_rows, uint8_t (*dots)[CANVAS_WIDTH],
                 uint32_t n_lines);

/* Keep the lines from @first_line on instead, empty ones, which count as changed. */
void canvas_keep(struct canvas *canvas, uint32_t first_line);

/* What lies outside of the canvas, or of what it keeps, is left out. */
void canvas_fill(struct canvas *canvas, struct canvas_area area, enum canvas_colour colour);

/* One line of text with its upper left corner at (@x, @y), each dot of it @size x @size dots. What
 * the font does not have is drawn as '?'; a character that does not fit, not at all. */
void canvas_text(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t size, const char *text,
                 enum canvas_colour colour);

/* Pixels of a display: [x, x_end), [y, y_end). */
struct canvas_pixels {
	uint32_t x, x_end, y, y_end;
};

/* Where @area lies on the display. What touches the left or the right edge of the canvas has the
 * margin there too; what touches the upper or the lower one, if that is no higher than a row: else
 * it is nobody's, and has the colour of the background. */
struct canvas_pixels canvas_place(const struct canvas *canvas, const struct canvas_grid *grid,
                                  struct canvas_area area);

/* One line of pixels, [place.x, place.x_end) of canvas_place(), of the dots of @area in its line
 * @dot_y, which is kept; @pixel_of[colour] is a pixel as the display wants it. Each line of dots
 * stands for grid.scale lines of pixels, and the outermost for the margin as well. */
void canvas_line(const struct canvas *canvas, const struct canvas_grid *grid,
                 struct canvas_area area, uint32_t dot_y, const uint32_t pixel_of[CANVAS_COLOURS],
                 uint32_t *pixels);

#endif
