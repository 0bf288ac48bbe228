/*
 * view.h - a screen, part by part from top to bottom, as a picture and as lines of text: what is
 * drawn is said, in the same words and the same order.
 *
 * Either of the two may be missing. Parts lie where the row is, y dots below the top, and move it
 * down; title, clock and keys have places of their own.
 */
#ifndef HANDOFF_SCREEN_VIEW_H
#define HANDOFF_SCREEN_VIEW_H

#include "handoff/screen/canvas.h"

#define VIEW_LEFT_COLUMN  2
#define VIEW_TEXT_COLUMN  11 /* where what a name names begins */
#define VIEW_RIGHT_COLUMN 78 /* one past the last that has text */
#define VIEW_LINE_BYTES   256

typedef void view_say_fn(void *context, const char *line);

struct view {
	struct canvas *canvas; /* NULL: no picture */
	view_say_fn *say;      /* NULL: nobody reads lines */
	void *context;

	uint32_t y;                 /* dots: where the row is */
	char line[VIEW_LINE_BYTES]; /* what has been put into it */
};

/* The answer to a question, which stands out. */
struct view_band {
	enum canvas_colour colour;
	char sign;                  /* that says in lines what the colour says */
	char big[24];               /* "MAP CHANGED" */
	char lines[2][72];          /* that stand beside it, and may be empty */
	char brief[CANVAS_COLUMNS]; /* all of it in one row */
};

struct view_key {
	const char *cap; /* empty: no key, a text between them */
	const char *does;
};

/* Start: clear the picture, if there is one; draw the title bar; the row is the second one. */
void view_begin(struct view *view, const char *what, const char *right);

/* How many dots there are below the row until the clock. */
uint32_t view_room(const struct view *view);

/* Text in the row, from @column on. What is longer than to VIEW_RIGHT_COLUMN is cut. */
void view_put(struct view *view, uint32_t column, enum canvas_colour colour, const char *format,
              ...) __attribute__((format(printf, 4, 5)));

/* A word in a box of that colour; dark letters. */
void view_cap(struct view *view, uint32_t column, enum canvas_colour colour, const char *text);

/* A rectangle in the row, @dots below its top; nothing of it is said. */
void view_bar(struct view *view, struct canvas_area area, enum canvas_colour colour);

/* End the row: say what it has, and go down one row and @dots more. */
void view_next(struct view *view, uint32_t dots);

/* @text from @column on, in as many rows as it needs, broken at blanks; then view_next(). */
void view_wrap(struct view *view, uint32_t column, enum canvas_colour colour, const char *text,
               uint32_t dots);

/* How many rows view_wrap() needs for it. */
uint32_t view_rows(uint32_t column, const char *text);

/* A name, and what it names: "To do    Nothing." */
void view_named(struct view *view, const char *name, enum canvas_colour colour, const char *format,
                ...) __attribute__((format(printf, 4, 5)));

/* The band, over 3 rows; and in one. What is too long is cut where it is drawn. */
void view_band(struct view *view, const struct view_band *band);
void view_brief(struct view *view, const struct view_band *band);

/* The row above the keys: what will happen, and how much of the time is left. With @whole 0 no bar.
 * Nothing of it is said: the lines would never end. */
void view_clock(struct view *view, enum canvas_colour colour, const char *text, uint64_t left,
                uint64_t whole);

/* The last row. */
void view_keys(struct view *view, const struct view_key *keys, size_t n_keys);

#endif
