/* view.c - parts of a screen -> dots and lines: see view.h. */
#include "handoff/screen/view.h"

#include <stdarg.h>

#include "bootmem/mem.h"
#include "bootmem/pfn.h"
#include "handoff/capture/text.h"

#define ROW           FONT_HEIGHT
#define BAND_ROWS     3
#define CAP_DOTS      3  /* that a cap is wider than its word, on each side */
#define FOOT_DOTS     2  /* that the bar of keys is higher than a row */
#define KEY_GAP_DOTS  18 /* between two keys, if there is room */
#define CLOCK_X       496
#define CLOCK_WIDTH   128
#define CLOCK_HEIGHT  6
#define CLOCK_COLUMNS 59

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n] != '\0')
		n++;
	return n;
}

static void fill(struct view *view, uint32_t x, uint32_t y, uint32_t width, uint32_t height,
                 enum canvas_colour colour)
{
	if (view->canvas != NULL)
		canvas_fill(view->canvas, (struct canvas_area){ x, y, width, height }, colour);
}

static void draw(struct view *view, uint32_t x, uint32_t y, uint32_t size, const char *text,
                 enum canvas_colour colour)
{
	if (view->canvas != NULL)
		canvas_text(view->canvas, x, y, size, text, colour);
}

static uint32_t height(const struct view *view)
{
	return view->canvas != NULL ? view->canvas->height : CANVAS_HEIGHT;
}

/* --- the row --- */

static void clear_line(struct view *view)
{
	memset(view->line, 0, sizeof view->line);
}

/* Blanks before it, at least one between two texts. */
static void write_line(struct view *view, uint32_t column, const char *text)
{
	size_t at = length(view->line), n = length(text);

	if (column < at + (at > 0))
		column = (uint32_t)(at + (at > 0));
	if (column >= sizeof view->line - 1)
		return;
	memset(view->line + at, ' ', column - at);
	memcpy(view->line + column, text, (size_t)min_u64(n, sizeof view->line - 1 - column));
}

/* From @x on to VIEW_RIGHT_COLUMN; what is longer ends in dots. */
static void draw_cut(struct view *view, uint32_t x, uint32_t y, const char *text,
                     enum canvas_colour colour)
{
	const uint32_t end = VIEW_RIGHT_COLUMN * FONT_WIDTH;
	uint32_t room = x < end ? (end - x) / FONT_WIDTH : 0;
	char row[CANVAS_COLUMNS + 1];

	text_format(row, sizeof row, "%.*s", (int)room, text);
	if (length(text) > room)
		for (uint32_t i = 1; i <= 3 && i <= room; i++)
			row[room - i] = '.';
	draw(view, x, y, 1, row, colour);
}

static void put(struct view *view, uint32_t column, enum canvas_colour colour, const char *text)
{
	write_line(view, column, text);
	draw_cut(view, column * FONT_WIDTH, view->y, text, colour);
}

void view_put(struct view *view, uint32_t column, enum canvas_colour colour, const char *format,
              ...)
{
	char text[VIEW_LINE_BYTES];
	va_list args;

	va_start(args, format);
	text_vformat(text, sizeof text, format, args);
	va_end(args);
	put(view, column, colour, text);
}

static void draw_cap(struct view *view, uint32_t x, uint32_t y, enum canvas_colour colour,
                     const char *text)
{
	fill(view, x - CAP_DOTS, y, (uint32_t)length(text) * FONT_WIDTH + 2 * CAP_DOTS, ROW,
	     colour);
	draw(view, x, y, 1, text, CANVAS_BACKGROUND);
}

void view_cap(struct view *view, uint32_t column, enum canvas_colour colour, const char *text)
{
	write_line(view, column, text);
	draw_cap(view, column * FONT_WIDTH, view->y, colour, text);
}

void view_bar(struct view *view, struct canvas_area area, enum canvas_colour colour)
{
	fill(view, area.x, view->y + area.y, area.width, area.height, colour);
}

static void say(struct view *view)
{
	size_t n = length(view->line);

	while (n > 0 && view->line[n - 1] == ' ')
		view->line[--n] = '\0';
	if (view->say != NULL && n > 0)
		view->say(view->context, view->line);
	clear_line(view);
}

void view_next(struct view *view, uint32_t dots)
{
	size_t start = 0;

	while (start < VIEW_LEFT_COLUMN && view->line[start] == ' ')
		start++;
	memmove(view->line, view->line + start, sizeof view->line - start);
	say(view);
	view->y += ROW + dots;
}

/* How many bytes of @text go into a row of @room characters: whole words, if there is a blank. */
static size_t break_at(const char *text, size_t room)
{
	size_t n = length(text), at = room;

	if (n <= room)
		return n;
	while (at > 0 && text[at] != ' ')
		at--;
	return at > 0 ? at : room;
}

uint32_t view_rows(uint32_t column, const char *text)
{
	uint32_t n_rows = 0;

	do {
		for (text += break_at(text, VIEW_RIGHT_COLUMN - column); *text == ' '; text++)
			;
		n_rows++;
	} while (*text != '\0');
	return n_rows;
}

void view_wrap(struct view *view, uint32_t column, enum canvas_colour colour, const char *text,
               uint32_t dots)
{
	const uint32_t room = VIEW_RIGHT_COLUMN - column;

	do {
		size_t n = break_at(text, room);
		char row[CANVAS_COLUMNS + 1];

		memcpy(row, text, n);
		row[n] = '\0';
		put(view, column, colour, row);
		for (text += n; *text == ' '; text++)
			;
		view_next(view, *text == '\0' ? dots : 0);
	} while (*text != '\0');
}

void view_named(struct view *view, const char *name, enum canvas_colour colour, const char *format,
                ...)
{
	char text[VIEW_LINE_BYTES];
	va_list args;

	va_start(args, format);
	text_vformat(text, sizeof text, format, args);
	va_end(args);
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%s", name);
	view_wrap(view, VIEW_TEXT_COLUMN, colour, text, 0);
}

/* --- parts --- */

void view_begin(struct view *view, const char *what, const char *right)
{
	char program[] = "bootmem";

	fill(view, 0, 0, CANVAS_WIDTH, CANVAS_HEIGHT, CANVAS_BACKGROUND);
	fill(view, 0, 0, CANVAS_WIDTH, ROW, CANVAS_PANEL);
	clear_line(view);
	view->y = 0;
	draw(view, VIEW_LEFT_COLUMN * FONT_WIDTH, 0, 1, program, CANVAS_WHITE);
	view_put(view, VIEW_TEXT_COLUMN, CANVAS_GREY, "%.*s",
	         (int)(VIEW_RIGHT_COLUMN - VIEW_TEXT_COLUMN - 2 - length(right)), what);
	view_put(view, VIEW_RIGHT_COLUMN - (uint32_t)length(right), CANVAS_GREY, "%s", right);
	memmove(view->line, view->line + VIEW_TEXT_COLUMN, sizeof view->line - VIEW_TEXT_COLUMN);
	say(view);
	view->y = ROW;
}

uint32_t view_room(const struct view *view)
{
	uint32_t end = height(view) - 2 * ROW - FOOT_DOTS;

	return view->y < end ? end - view->y : 0;
}

static void say_band(struct view *view, const struct view_band *band)
{
	const char *const lines[] = { band->big, band->lines[0], band->lines[1] };

	clear_line(view);
	view->line[0] = band->sign;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		if (lines[i][0] != '\0')
			write_line(view, 0, lines[i]);
	say(view);
}

void view_band(struct view *view, const struct view_band *band)
{
	const uint32_t x = VIEW_LEFT_COLUMN * FONT_WIDTH, y = view->y + ROW / 2;
	uint32_t beside = x + ((uint32_t)length(band->big) * 2 + 2) * FONT_WIDTH;

	fill(view, 0, view->y, CANVAS_WIDTH, BAND_ROWS * ROW, band->colour);
	draw(view, x, y, 2, band->big, CANVAS_BACKGROUND);
	draw_cut(view, beside, y, band->lines[0], CANVAS_BACKGROUND);
	draw_cut(view, beside, y + ROW, band->lines[1], CANVAS_BACKGROUND);
	say_band(view, band);
	view->y += BAND_ROWS * ROW;
}

void view_brief(struct view *view, const struct view_band *band)
{
	fill(view, 0, view->y, CANVAS_WIDTH, ROW, band->colour);
	draw_cut(view, VIEW_LEFT_COLUMN * FONT_WIDTH, view->y, band->brief, CANVAS_BACKGROUND);
	say_band(view, band);
	view->y += ROW;
}

void view_clock(struct view *view, enum canvas_colour colour, const char *text, uint64_t left,
                uint64_t whole)
{
	const uint32_t y = height(view) - 2 * ROW - FOOT_DOTS;
	const uint32_t bar_y = y + (ROW - CLOCK_HEIGHT) / 2;
	char row[CLOCK_COLUMNS + 1];

	text_format(row, sizeof row, "%s", text);
	fill(view, 0, y, CANVAS_WIDTH, ROW, CANVAS_BACKGROUND);
	draw(view, VIEW_LEFT_COLUMN * FONT_WIDTH, y, 1, row, colour);
	if (whole == 0)
		return;
	fill(view, CLOCK_X, bar_y, CLOCK_WIDTH, CLOCK_HEIGHT, CANVAS_PANEL);
	fill(view, CLOCK_X, bar_y, (uint32_t)min_u64(left, whole) * CLOCK_WIDTH / (uint32_t)whole,
	     CLOCK_HEIGHT, colour);
}

/* Of the cap, and the blank after it. */
static uint32_t cap_dots(const struct view_key *key)
{
	return key->cap[0] == '\0' ? 0 : (uint32_t)(length(key->cap) + 1) * FONT_WIDTH;
}

static uint32_t key_dots(const struct view_key *key)
{
	return cap_dots(key) + (uint32_t)length(key->does) * FONT_WIDTH;
}

void view_keys(struct view *view, const struct view_key *keys, size_t n_keys)
{
	const uint32_t y = height(view) - ROW;
	uint32_t x = VIEW_LEFT_COLUMN * FONT_WIDTH, gap = KEY_GAP_DOTS, all = 0;

	for (size_t i = 0; i < n_keys; i++)
		all += key_dots(&keys[i]);
	if (n_keys > 1) /* a bar that is full has less between its keys */
		gap = (uint32_t)min_u64(gap, ((VIEW_RIGHT_COLUMN * FONT_WIDTH) - x - all) /
		                                     (n_keys - 1));
	fill(view, 0, y - FOOT_DOTS, CANVAS_WIDTH, ROW + FOOT_DOTS, CANVAS_PANEL);
	clear_line(view);
	for (size_t i = 0; i < n_keys; i++) {
		if (keys[i].cap[0] != '\0') {
			draw_cap(view, x, y - FOOT_DOTS / 2, CANVAS_WHITE, keys[i].cap);
			write_line(view, 0, keys[i].cap);
		}
		draw(view, x + cap_dots(&keys[i]), y - FOOT_DOTS / 2, 1, keys[i].does,
		     CANVAS_WHITE);
		write_line(view, 0, keys[i].does);
		x += key_dots(&keys[i]) + gap;
	}
	say(view);
}
