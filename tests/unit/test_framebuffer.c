/*
 * test_framebuffer.c - a canvas on a framebuffer: pixels of every format, lines longer than they
 * are wide, margins, and that nothing else is written to than what has changed.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/device/screen.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define WIDTH       1300
#define HEIGHT      720
#define PITCH       1344 /* pixels */
#define UNTOUCHED   0xdeadbeef

static uint32_t pixels[PITCH * HEIGHT];
static struct canvas canvas;
static uint8_t dots[CANVAS_HEIGHT][CANVAS_WIDTH];
static struct screen screen;

static struct handoff_framebuffer framebuffer_of(uint32_t red, uint32_t green, uint32_t blue)
{
	return (struct handoff_framebuffer){
		.paddr = (uintptr_t)pixels,
		.bytes = sizeof pixels,
		.width = WIDTH,
		.height = HEIGHT,
		.pitch_bytes = PITCH * 4,
		.format = HANDOFF_FORMAT_MASK,
		.red_mask = red,
		.green_mask = green,
		.blue_mask = blue,
	};
}

static void clear_pixels(void)
{
	for (size_t i = 0; i < COUNT(pixels); i++)
		pixels[i] = UNTOUCHED;
}

static void colours_follow_the_masks(void **state)
{
	static const struct {
		const char *rule;
		uint32_t red, green, blue, panel; /* 0x26313d */
	} rows[] = {
		{ "blue, green, red, as most are", 0xff0000, 0xff00, 0xff, 0x26313d },
		{ "red, green, blue", 0xff, 0xff00, 0xff0000, 0x3d3126 },
		{ "the highest byte", 0xff000000, 0xff0000, 0xff00, 0x26313d00 },
		{ "ten bits each", 0x3ff00000, 0xffc00, 0x3ff, 0x098310f4 },
		{ "five, six and five", 0xf800, 0x7e0, 0x1f, 0x2187 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct handoff_framebuffer framebuffer =
			framebuffer_of(rows[i].red, rows[i].green, rows[i].blue);

		print_message("%s\n", rows[i].rule);
		assert_true(screen_init(&screen, &framebuffer, UINT64_MAX));
		assert_int_equal(screen.pixel_of[CANVAS_PANEL], rows[i].panel);
	}
}

static bool is_shown(uint32_t x, uint32_t y)
{
	return pixels[(size_t)y * PITCH + x] != UNTOUCHED;
}

static void what_has_changed_is_all_that_is_written(void **state)
{
	struct handoff_framebuffer framebuffer = framebuffer_of(0xff0000, 0xff00, 0xff);

	(void)state;
	assert_true(screen_init(&screen, &framebuffer, UINT64_MAX));
	assert_int_equal(screen.grid.scale, 2);
	assert_int_equal(screen.grid.n_rows, 22);
	assert_int_equal(screen.grid.left, 10);
	assert_int_equal(screen.grid.top, 8);
	assert_true(canvas_init(&canvas, 22, dots, CANVAS_HEIGHT));
	clear_pixels();
	screen_show(&screen, &canvas);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < PITCH; x++)
			assert_int_equal(is_shown(x, y), x < WIDTH); /* the margins, too */

	clear_pixels();
	screen_show(&screen, &canvas); /* nothing has changed since */
	for (size_t i = 0; i < COUNT(pixels); i++)
		assert_int_equal(pixels[i], UNTOUCHED);

	canvas_fill(&canvas, (struct canvas_area){ 100, 50, 3, 2 }, CANVAS_RED);
	screen_show(&screen, &canvas);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < PITCH; x++) {
			bool is_inside = x >= 210 && x < 216 && y >= 108 && y < 112;

			assert_int_equal(pixels[(size_t)y * PITCH + x],
			                 is_inside ? 0xff8274 : UNTOUCHED);
		}
}

static void draw_something(void)
{
	canvas_fill(&canvas, (struct canvas_area){ 0, 0, CANVAS_WIDTH, 16 }, CANVAS_PANEL);
	canvas_fill(&canvas, (struct canvas_area){ 0, 41, CANVAS_WIDTH, 50 }, CANVAS_RED);
	canvas_text(&canvas, 16, 47, 2, "BIG WORD", CANVAS_BACKGROUND);
	canvas_text(&canvas, 200, 60, 1, "over a border of windows", CANVAS_BACKGROUND);
	canvas_text(&canvas, 600, 160, 1, "cut at the edge", CANVAS_GREY);
	canvas_text(&canvas, 0, 22 * 16 - 16, 1, "the last row", CANVAS_WHITE);
	canvas_text(&canvas, 0, 22 * 16 - 15, 1, "does not fit", CANVAS_WHITE);
}

/* Drawn once for each of them; nothing outside of a window is written to. */
static void a_canvas_that_keeps_a_window_shows_the_same(void **state)
{
	static const uint32_t windows[] = { 1, 16, 24, 352, CANVAS_HEIGHT };
	static uint32_t whole[COUNT(pixels)];
	struct handoff_framebuffer framebuffer = framebuffer_of(0xff0000, 0xff00, 0xff);

	(void)state;
	assert_true(screen_init(&screen, &framebuffer, UINT64_MAX));
	assert_true(canvas_init(&canvas, 22, dots, CANVAS_HEIGHT));
	clear_pixels();
	draw_something();
	screen_show(&screen, &canvas);
	memcpy(whole, pixels, sizeof whole);
	for (size_t i = 0; i < COUNT(windows); i++) {
		const uint32_t n = windows[i];
		uint8_t(*kept)[CANVAS_WIDTH] = malloc((size_t)n * CANVAS_WIDTH);

		assert_true(canvas_init(&canvas, 22, kept, n));
		clear_pixels();
		for (uint32_t y = 0; y < canvas.height; y += n) {
			canvas_keep(&canvas, y);
			draw_something();
			screen_show(&screen, &canvas);
		}
		free(kept);
		if (memcmp(whole, pixels, sizeof whole) != 0)
			fail_msg("a window of %u lines shows something else", n);
	}
}

/* Margins of 60 lines above and below, which the canvas does not have: they are cleared, and
 * nothing of the canvas or behind the lines is. */
static void what_lies_beside_a_canvas_can_be_cleared(void **state)
{
	struct handoff_framebuffer framebuffer = framebuffer_of(0xff0000, 0xff00, 0xff);

	(void)state;
	framebuffer.width = 800;
	framebuffer.height = 600;
	assert_true(screen_init(&screen, &framebuffer, UINT64_MAX));
	assert_true(canvas_init(&canvas, screen.grid.n_rows, dots, CANVAS_HEIGHT));
	clear_pixels();
	screen_clear_margins(&screen, &canvas);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < PITCH; x++) {
			bool is_margin = x < 800 && (y < 60 || (y >= 540 && y < 600));

			assert_int_equal(pixels[(size_t)y * PITCH + x],
			                 is_margin ? 0x0f1419 : UNTOUCHED);
		}
}

static void a_framebuffer_that_cannot_be_one_is_none(void **state)
{
	static const struct {
		const char *rule;
		size_t offset, bytes;
		uint64_t value;
	} rows[] = {
#define FIELD(member)                                 \
	offsetof(struct handoff_framebuffer, member), \
		sizeof(((struct handoff_framebuffer *)0)->member)
		{ "none", FIELD(format), HANDOFF_FORMAT_NONE },
		{ "of a format that is not known", FIELD(format), 4 },
		{ "at 0", FIELD(paddr), 0 },
		{ "not on a multiple of a pixel", FIELD(paddr), 0x1002 },
		{ "where nothing is mapped", FIELD(paddr), UINT64_MAX - 3 },
		{ "that ends there", FIELD(bytes), UINT64_MAX },
		{ "smaller than its pixels", FIELD(bytes), sizeof pixels - 1 },
		{ "with lines shorter than they are wide", FIELD(pitch_bytes), 4 * WIDTH - 4 },
		{ "with lines of parts of pixels", FIELD(pitch_bytes), 4 * PITCH + 2 },
		{ "too narrow for 80 columns", FIELD(width), 639 },
		{ "too low for 22 rows", FIELD(height), 351 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct handoff_framebuffer framebuffer = framebuffer_of(0xff0000, 0xff00, 0xff);

		print_message("%s\n", rows[i].rule);
		memcpy((char *)&framebuffer + rows[i].offset, &rows[i].value, rows[i].bytes);
		assert_false(screen_init(&screen, &framebuffer, UINT64_MAX - 4));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_follow_the_masks),
		cmocka_unit_test(what_has_changed_is_all_that_is_written),
		cmocka_unit_test(a_canvas_that_keeps_a_window_shows_the_same),
		cmocka_unit_test(what_lies_beside_a_canvas_can_be_cleared),
		cmocka_unit_test(a_framebuffer_that_cannot_be_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
