/*
 * test_view.c - the grid of a display, and the parts of a screen: what is said stands in the
 * picture, whole.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "handoff/screen/view.h"
#include "tests/unit/read_canvas.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct canvas canvas;
static uint8_t dots[CANVAS_HEIGHT][CANVAS_WIDTH];
static char said[8192];

static void say(void *context, const char *line)
{
	(void)context;
	strcat(said, line);
	strcat(said, "\n");
}

static struct view begin(uint32_t n_rows)
{
	struct view view = { .canvas = &canvas, .say = say };

	said[0] = '\0';
	assert_true(canvas_init(&canvas, n_rows, dots, CANVAS_HEIGHT));
	return view;
}

static void a_display_is_divided_into_80_columns(void **state)
{
	static const struct {
		uint32_t width, height, scale, n_rows, left, top;
	} rows[] = {
		{ 640, 480, 1, 30, 0, 0 },        { 800, 600, 1, 30, 80, 60 },
		{ 1024, 768, 1, 30, 192, 144 },   { 1280, 720, 2, 22, 0, 8 },
		{ 1280, 800, 2, 25, 0, 0 },       { 1366, 768, 2, 24, 43, 0 },
		{ 1920, 1080, 3, 22, 0, 12 },     { 1920, 1200, 3, 25, 0, 0 },
		{ 2560, 1440, 4, 22, 0, 16 },     { 2880, 1800, 4, 28, 160, 4 },
		{ 3840, 2160, 6, 22, 0, 24 },     { 640, 352, 1, 22, 0, 0 },
		{ 352, 640, 0, 0, 0, 0 },         { 639, 480, 0, 0, 0, 0 },
		{ 640, 351, 0, 0, 0, 0 },         { 0, 0, 0, 0, 0, 0 },
		{ 100000, 352, 1, 22, 49680, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct canvas_grid grid = { 0 };
		bool fits = canvas_divide(rows[i].width, rows[i].height, &grid);

		print_message("%u x %u\n", rows[i].width, rows[i].height);
		assert_int_equal(fits, rows[i].scale > 0);
		assert_int_equal(grid.scale, rows[i].scale);
		assert_int_equal(grid.n_rows, rows[i].n_rows);
		assert_int_equal(grid.left, rows[i].left);
		assert_int_equal(grid.top, rows[i].top);
	}
}

static void each_printable_character_has_a_glyph(void **state)
{
	(void)state;
	begin(22);
	for (int c = ' '; c <= '~'; c++)
		assert_non_null(canvas.font.glyphs[c]);
}

static void a_file_that_is_no_font_is_refused(void **state)
{
	static const uint8_t other[] = { 0x36, 0x05, 2, 16 }, low[] = { 0x36, 0x04, 2, 8 },
			     no_table[] = { 0x36, 0x04, 0, 16 }, cut[] = { 0x36, 0x04, 2, 16, 0 };
	struct font font;

	(void)state;
	assert_false(font_read(&font, other, 0));
	assert_false(font_read(&font, other, sizeof other));
	assert_false(font_read(&font, low, sizeof low));
	assert_false(font_read(&font, no_table, sizeof no_table));
	assert_false(font_read(&font, cut, sizeof cut));
	assert_true(font_read(&font, font_start, (size_t)(font_end - font_start)));
	assert_true(font_read(&font, font_start, 4 + 256 * 16)); /* a table that is cut */
}

static void what_lies_outside_is_left_out(void **state)
{
	struct canvas_area all = { 0, 0, UINT32_MAX, UINT32_MAX };

	(void)state;
	begin(22);
	canvas_fill(&canvas, all, CANVAS_RED);
	assert_int_equal(canvas.dots[22 * 16 - 1][639], CANVAS_RED);
	assert_int_equal(canvas.dots[22 * 16][0], CANVAS_BACKGROUND); /* below the last row */
	canvas_fill(&canvas, (struct canvas_area){ 640, 0, 1, 1 }, CANVAS_BLUE);
	canvas_fill(&canvas, (struct canvas_area){ 0, 22 * 16, 1, 1 }, CANVAS_BLUE);
	canvas_fill(&canvas, (struct canvas_area){ UINT32_MAX, UINT32_MAX, 9, 9 }, CANVAS_BLUE);
	canvas_text(&canvas, 633, 0, 1, "W", CANVAS_WHITE);
	canvas_text(&canvas, 0, 22 * 16 - 15, 1, "W", CANVAS_WHITE);
	for (size_t y = 0; y < (size_t)22 * 16; y++)
		for (size_t x = 0; x < 640; x++)
			assert_int_equal(canvas.dots[y][x], CANVAS_RED);
}

static void what_changed_is_known(void **state)
{
	(void)state;
	begin(22);
	canvas.changed = (struct canvas_area){ 0 };
	canvas_fill(&canvas, (struct canvas_area){ 10, 20, 0, 5 }, CANVAS_RED); /* nothing */
	assert_int_equal(canvas.changed.width, 0);
	canvas_fill(&canvas, (struct canvas_area){ 10, 20, 5, 6 }, CANVAS_RED);
	canvas_text(&canvas, 100, 8, 1, "ab", CANVAS_RED);
	assert_int_equal(canvas.changed.x, 10);
	assert_int_equal(canvas.changed.y, 8);
	assert_int_equal(canvas.changed.width, 106);
	assert_int_equal(canvas.changed.height, 18);
}

/* Each pixel of a display of margins on all sides. */
#define WIDTH  1366
#define HEIGHT 770
static void dots_become_squares_and_the_margin_goes_on(void **state)
{
	static const uint32_t pixel_of[CANVAS_COLOURS] = { 0, 1, 2, 3, 4, 5, 6, 7 };
	static uint32_t pixels[HEIGHT][WIDTH];
	const uint32_t width = WIDTH, height = HEIGHT;
	struct canvas_grid grid;

	(void)state;
	assert_true(canvas_divide(width, height, &grid));
	begin(grid.n_rows);
	for (uint32_t y = 0; y < canvas.height; y++)
		for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
			canvas.dots[y][x] = (uint8_t)((x * 3 + y * 5 + x / 7) % CANVAS_COLOURS);
	memset(pixels, 0xff, sizeof pixels);
	/* In four pieces, as what has changed is. */
	for (uint32_t piece = 0; piece < 4; piece++) {
		const struct canvas_area area = { piece % 2 ? 100 : 0, piece / 2 ? 30 : 0,
			                          piece % 2 ? 540 : 100,
			                          piece / 2 ? canvas.height - 30 : 30 };

		for (uint32_t y = area.y; y < area.y + area.height; y++) {
			const struct canvas_area line = { area.x, y, area.width, 1 };
			struct canvas_pixels at = canvas_place(&canvas, &grid, line);

			for (uint32_t row = at.y; row < at.y_end; row++)
				canvas_line(&canvas, &grid, area, y, pixel_of, &pixels[row][at.x]);
		}
	}
	for (uint32_t y = 0; y < height; y++) {
		for (uint32_t x = 0; x < width; x++) {
			int64_t dot_x = ((int64_t)x - grid.left) / grid.scale;
			int64_t dot_y = ((int64_t)y - grid.top) / grid.scale;

			dot_x = x < grid.left ? 0 : dot_x > 639 ? 639 : dot_x;
			dot_y = y < grid.top             ? 0
			        : dot_y >= canvas.height ? canvas.height - 1
			                                 : dot_y;
			assert_int_equal(pixels[y][x], canvas.dots[dot_y][dot_x]);
		}
	}
}

/* A bar of nine rows looks like a mistake. */
static void a_high_margin_is_nobodys(void **state)
{
	struct canvas_area top = { 0, 0, CANVAS_WIDTH, 16 },
			   bottom = { 0, 29 * 16, CANVAS_WIDTH, 16 };
	struct canvas_grid grid;

	(void)state;
	begin(30);
	assert_true(canvas_divide(1024, 768, &grid));
	assert_int_equal(canvas_place(&canvas, &grid, top).y, 144);
	assert_int_equal(canvas_place(&canvas, &grid, bottom).y_end, 144 + 480);
	assert_int_equal(canvas_place(&canvas, &grid, top).x, 0);
	assert_int_equal(canvas_place(&canvas, &grid, top).x_end, 1024);
}

static void a_row_is_drawn_and_said(void **state)
{
	struct view view = begin(22);
	uint32_t y;

	(void)state;
	view_begin(&view, "A machine", "27 Nov 13:23");
	view_put(&view, 2, CANVAS_RED, "moved");
	view_put(&view, 10, CANVAS_WHITE, "%u pages", 3);
	view_next(&view, 8);
	assert_int_equal(view.y, 16 + 16 + 8);
	assert_string_equal(said,
	                    "A machine                                              27 Nov 13:23\n"
	                    "moved   3 pages\n");
	assert_true(read_canvas_has(&canvas, 2, "moved", &y));
	assert_int_equal(y, 16);
	assert_int_equal(read_canvas_ink(&canvas, 16, y), CANVAS_RED);
	assert_true(read_canvas_has(&canvas, 10, "3 pages", NULL));
	assert_true(read_canvas_has(&canvas, 2, "bootmem  A machine", &y));
	assert_int_equal(read_canvas_paper(&canvas, 16, y), CANVAS_PANEL);
	assert_true(read_canvas_has(&canvas, 66, "27 Nov 13:23", NULL));
}

static void what_is_too_long_is_broken_or_cut(void **state)
{
	static const char words[] =
		"one two three four five six seven eight nine ten eleven twelve "
		"thirteen fourteen fifteen";
	struct view view = begin(22);
	char wide[200];

	(void)state;
	view_begin(&view, "", "");
	view_named(&view, "Means", CANVAS_WHITE, "%s", words);
	assert_string_equal(said,
	                    "Means    one two three four five six seven eight nine ten eleven "
	                    "twelve\n         thirteen fourteen fifteen\n");
	assert_int_equal(view.y, 3 * 16);
	memset(wide, 'w', sizeof wide);
	wide[150] = '\0';
	said[0] = '\0';
	view_put(&view, 2, CANVAS_WHITE, "%s", wide);
	view_next(&view, 0);
	assert_true(read_canvas_has(&canvas, 2, wide, NULL)); /* with "..." at its end */
	assert_int_equal(strlen(said), 151);                  /* all of it */
	view_wrap(&view, 11, CANVAS_WHITE, wide, 0);          /* a word that is longer than a row */
	assert_int_equal(view.y, (4 + 3) * 16);
}

static void a_band_is_said_in_one_line(void **state)
{
	static const struct view_band band = { CANVAS_RED,
		                               '!',
		                               "MAP CHANGED",
		                               { "since then.", "Linux would refuse." },
		                               "MAP CHANGED since then" };
	struct view view = begin(25);
	uint32_t y;

	(void)state;
	view_begin(&view, "", "");
	view_band(&view, &band);
	assert_string_equal(said, "! MAP CHANGED since then. Linux would refuse.\n");
	assert_int_equal(view.y, 4 * 16);
	assert_true(read_canvas_has(&canvas, 26, "since then.", &y));
	assert_int_equal(read_canvas_ink(&canvas, 26 * 8, y), CANVAS_BACKGROUND);
	assert_int_equal(read_canvas_paper(&canvas, 0, y), CANVAS_RED);
	assert_int_equal(read_canvas_paper(&canvas, 639, y), CANVAS_RED);
	view_brief(&view, &band);
	assert_true(read_canvas_has(&canvas, 2, "MAP CHANGED since then", NULL));
	assert_int_equal(view.y, 5 * 16);
}

static void keys_and_clock_stand_at_the_bottom(void **state)
{
	static const struct view_key keys[] = { { "Enter", "prove memory" },
		                                { "Esc", "firmware" } };
	struct view view = begin(22);
	uint32_t y;

	(void)state;
	view_begin(&view, "", "");
	assert_int_equal(view_room(&view), (22 - 3) * 16 - 2);
	view_clock(&view, CANVAS_AMBER, "Switches off in 0:05.", 5, 10);
	view_keys(&view, keys, N_OF(keys));
	assert_string_equal(said, "Enter prove memory  Esc firmware\n"); /* the clock is not */
	assert_true(read_canvas_has(&canvas, 2, "Switches off in 0:05.", &y));
	assert_int_equal(y, 20 * 16 - 2);
	assert_int_equal(canvas.dots[y + 8][496 + 63], CANVAS_AMBER);
	assert_int_equal(canvas.dots[y + 8][496 + 64], CANVAS_PANEL);
	assert_true(read_canvas_has(&canvas, 8, "prove memory", &y));
	assert_int_equal(y, 21 * 16 - 1);
}

/* 76 columns of room: 2 + 30 and 2 + 40 leave two between them. */
static void keys_of_a_full_bar_have_less_between_them(void **state)
{
	static const char thirty[] = "123456789 123456789 1234567890";
	static const char forty[] = "123456789 123456789 123456789 1234567890";
	const struct view_key keys[] = { { "A", thirty }, { "B", forty } };
	struct view view = begin(22);
	uint32_t y;

	(void)state;
	view_begin(&view, "", "");
	view_keys(&view, keys, N_OF(keys));
	assert_true(read_canvas_has(&canvas, 4, thirty, &y));
	assert_true(read_canvas_has(&canvas, 38, forty, &y));
}

static void without_a_picture_all_is_said(void **state)
{
	static const struct view_band band = {
		CANVAS_BLUE, '1', "FIRST BOOT", { "Of it.", "" }, ""
	};
	struct view view = { .say = say };

	(void)state;
	said[0] = '\0';
	view_begin(&view, "M", "");
	view_band(&view, &band);
	view_named(&view, "To do", CANVAS_WHITE, "Nothing.");
	assert_string_equal(said, "M\n1 FIRST BOOT Of it.\nTo do    Nothing.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_display_is_divided_into_80_columns),
		cmocka_unit_test(each_printable_character_has_a_glyph),
		cmocka_unit_test(a_file_that_is_no_font_is_refused),
		cmocka_unit_test(what_lies_outside_is_left_out),
		cmocka_unit_test(what_changed_is_known),
		cmocka_unit_test(dots_become_squares_and_the_margin_goes_on),
		cmocka_unit_test(a_high_margin_is_nobodys),
		cmocka_unit_test(a_row_is_drawn_and_said),
		cmocka_unit_test(what_is_too_long_is_broken_or_cut),
		cmocka_unit_test(a_band_is_said_in_one_line),
		cmocka_unit_test(keys_and_clock_stand_at_the_bottom),
		cmocka_unit_test(keys_of_a_full_bar_have_less_between_them),
		cmocka_unit_test(without_a_picture_all_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
