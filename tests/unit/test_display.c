/*
 * test_display.c - the proof on the screen: what is drawn when, that each part is shown at once,
 * and what keys and seconds do at the end. How it looks is held by test_proof_view.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "handoff/device/screen.h"
#include "handoff/stub/keys.h"
#include "handoff/stub/proof_running.h"
#include "handoff/stub/proof_verdict.h"

/* The file itself: what draws, shows and waits only says so here. */
#define screen_init                fake_screen_init
#define screen_show                fake_screen_show
#define canvas_init                fake_canvas_init
#define proof_view_init            fake_init
#define proof_view_trust           fake_trust
#define proof_view_begin           fake_begin
#define proof_view_add             fake_add
#define proof_view_stop            fake_stop
#define proof_view_tell            fake_tell
#define proof_view_paint           fake_paint
#define proof_running_draw         fake_draw
#define proof_running_draw_title   fake_draw_title
#define proof_running_draw_check   fake_draw_check
#define proof_running_draw_doing   fake_draw_doing
#define proof_running_draw_percent fake_draw_percent
#define proof_running_draw_bar     fake_draw_bar
#define proof_running_draw_cell    fake_draw_cell
#define proof_verdict_draw         fake_draw_verdict
#define proof_verdict_draw_all     fake_draw_all
#define proof_verdict_draw_end     fake_draw_end

bool fake_screen_init(struct screen *screen, const struct handoff_framebuffer *framebuffer,
                      uint64_t end_paddr);
void fake_screen_show(const struct screen *screen, struct canvas *canvas);
bool fake_canvas_init(struct canvas *canvas, uint32_t n_rows, uint8_t dots[][CANVAS_WIDTH],
                      uint32_t n_lines);
void fake_init(struct proof_view *shown, const struct proof *proof);
void fake_trust(struct proof_view *shown, uint32_t n_rows);
void fake_begin(struct proof_view *shown);
void fake_add(struct proof_view *shown, const struct outcome *outcome);
void fake_stop(struct proof_view *shown, const char *reason);
bool fake_tell(struct proof_view *shown, const struct progress *progress);
bool fake_paint(struct proof_view *shown, struct picture_place *ret_place);
void fake_draw(struct view *view, const struct proof_view *shown);
void fake_draw_title(struct view *view, const struct proof_view *shown);
void fake_draw_check(struct view *view, const struct proof_view *shown, enum check_id id);
void fake_draw_doing(struct view *view, const struct proof_view *shown);
void fake_draw_percent(struct view *view, const struct proof_view *shown);
void fake_draw_bar(struct view *view, const struct proof_view *shown, uint32_t from_dots,
                   uint32_t to_dots);
void fake_draw_cell(struct view *view, const struct proof_view *shown, struct picture_place place);
void fake_draw_verdict(struct view *view, const struct proof_view *shown);
void fake_draw_all(struct view *view, const struct proof_view *shown);
void fake_draw_end(struct view *view, uint32_t at_end, uint32_t seconds, bool has_keys,
                   bool is_all);

#include "handoff/stub/display.c"

#define N_ROWS 30

static struct handoff_block block;
static struct proof proof = { .block = &block, .end_paddr = 0x123456789 };
static char events[2048]; /* in words; "|" is shown */

static struct {
	bool has_screen, has_canvas, has_keyboard;
	bool is_other; /* what is told is of another part of the check */
	unsigned n_cells;
	const char *keys; /* one a second: "." none, "o" other, "d" details, "p", "r" */
} machine;

__attribute__((format(printf, 1, 2))) static void happens(const char *format, ...)
{
	size_t length = strlen(events);
	va_list args;

	va_start(args, format);
	vsnprintf(events + length, sizeof events - length, format, args);
	va_end(args);
}

bool fake_screen_init(struct screen *screen, const struct handoff_framebuffer *framebuffer,
                      uint64_t end_paddr)
{
	assert_ptr_equal(framebuffer, &block.framebuffer);
	assert_true(end_paddr == proof.end_paddr);
	screen->grid.n_rows = N_ROWS;
	return machine.has_screen;
}

bool fake_canvas_init(struct canvas *canvas, uint32_t n_rows, uint8_t dots[][CANVAS_WIDTH],
                      uint32_t n_lines)
{
	assert_ptr_equal(canvas, &display.canvas);
	assert_int_equal(n_rows, N_ROWS);
	assert_ptr_equal(dots, display.dots);
	assert_int_equal(n_lines, CANVAS_HEIGHT);
	return machine.has_canvas;
}

void fake_screen_show(const struct screen *screen, struct canvas *canvas)
{
	assert_ptr_equal(screen, &display.screen);
	assert_ptr_equal(canvas, &display.canvas);
	happens("| ");
}

void fake_init(struct proof_view *shown, const struct proof *of)
{
	assert_ptr_equal(of, &proof);
	*shown = (struct proof_view){ .proof = of };
	happens("init ");
}

void fake_trust(struct proof_view *shown, uint32_t n_rows)
{
	(void)shown;
	happens("trust(%u) ", (unsigned)n_rows);
}

void fake_begin(struct proof_view *shown)
{
	shown->running = (enum check_id)shown->n_done;
	happens("begin ");
}

void fake_add(struct proof_view *shown, const struct outcome *outcome)
{
	shown->n_done++;
	happens("add(%s) ", outcome->text);
}

void fake_stop(struct proof_view *shown, const char *reason)
{
	shown->is_failed = true;
	happens("stop(%s) ", reason);
}

bool fake_tell(struct proof_view *shown, const struct progress *progress)
{
	shown->progress = *progress;
	return machine.is_other;
}

bool fake_paint(struct proof_view *shown, struct picture_place *ret_place)
{
	(void)shown;
	ret_place->row = machine.n_cells;
	ret_place->column = 7;
	return machine.n_cells > 0 && machine.n_cells-- > 0;
}

static void drawn(const struct view *view, const struct proof_view *shown)
{
	assert_ptr_equal(view, &display.view);
	assert_ptr_equal(view->canvas, &display.canvas);
	assert_ptr_equal(shown, &display.shown);
}

#define DRAWS(name, word)                                            \
	void name(struct view *view, const struct proof_view *shown) \
	{                                                            \
		drawn(view, shown);                                  \
		happens(word " ");                                   \
	}
DRAWS(fake_draw, "all")
DRAWS(fake_draw_title, "title")
DRAWS(fake_draw_doing, "doing")
DRAWS(fake_draw_percent, "percent")
DRAWS(fake_draw_verdict, "verdict")
DRAWS(fake_draw_all, "details")

void fake_draw_check(struct view *view, const struct proof_view *shown, enum check_id id)
{
	drawn(view, shown);
	happens("check %u ", (unsigned)id);
}

void fake_draw_bar(struct view *view, const struct proof_view *shown, uint32_t from_dots,
                   uint32_t to_dots)
{
	drawn(view, shown);
	happens("bar %u-%u ", (unsigned)from_dots, (unsigned)to_dots);
}

void fake_draw_cell(struct view *view, const struct proof_view *shown, struct picture_place place)
{
	drawn(view, shown);
	assert_int_equal(place.column, 7);
	happens("cell %u ", (unsigned)place.row);
}

void fake_draw_end(struct view *view, uint32_t at_end, uint32_t seconds, bool has_keys, bool is_all)
{
	assert_ptr_equal(view, &display.view);
	happens("%s %u%s%s ",
	        at_end == HANDOFF_END_HALT ? "halt"
	                                   : (at_end == HANDOFF_END_RESET ? "reset" : "off"),
	        (unsigned)seconds, has_keys ? " keys" : "", is_all ? " all" : "");
}

bool keys_begin(void)
{
	happens("keys ");
	return machine.has_keyboard;
}

enum key keys_wait_a_second(bool has_keys)
{
	assert_int_equal(has_keys, machine.has_keyboard);
	if (machine.keys == NULL || *machine.keys == '\0')
		return KEY_NONE;
	switch (*machine.keys++) {
	case 'o':
		return KEY_OTHER;
	case 'd':
		return KEY_DETAILS;
	case 'p':
		return KEY_POWER_OFF;
	case 'r':
		return KEY_RESTART;
	default:
		return KEY_NONE;
	}
}

static void happened(const char *expected)
{
	assert_string_equal(events, expected);
	events[0] = '\0';
}

static void open_it(void)
{
	memset(&machine, 0, sizeof machine);
	machine.has_screen = machine.has_canvas = true;
	events[0] = '\0';
	display_open(&proof);
	events[0] = '\0';
}

static void each_part_is_shown_at_once(void **state)
{
	struct outcome outcome = outcome_ok(1, "%s", "well");

	(void)state;
	open_it();
	display_open(&proof);
	happened("init begin all | ");
	display_add(&outcome);
	happened("add(well) check 0 | ");
	display_trust();
	happened("trust(30) all | ");
	display_begin();
	happened("begin title | check 1 | doing | ");
	display_add(&outcome);
	happened("add(well) check 1 | ");
	display_end();
	happened("keys verdict halt 0 | ");
	machine.has_keyboard = true;
	display_stop("a fault");
	happened("stop(a fault) keys verdict halt 0 keys | ");
}

/* Everything does nothing, and the machine ends as configured. */
static void is_silent(void)
{
	struct outcome outcome = outcome_ok(1, "%s", "");
	struct progress progress = { .n_done = 1, .n_whole = 2 };

	machine.is_other = true;
	machine.n_cells = 1;
	display_trust();
	display_begin();
	display_add(&outcome);
	display_progress(&progress);
	display_end();
	display_stop("a fault");
	for (uint32_t at_end = HANDOFF_END_HALT; at_end <= HANDOFF_END_POWEROFF; at_end++)
		assert_int_equal(display_wait(at_end), at_end);
	happened("");
}

static void without_a_screen_nothing_happens(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		open_it();
		machine.has_screen = i == 1;
		machine.has_canvas = i == 0;
		display_open(&proof);
		is_silent();
	}
	open_it();
	display_forget();
	is_silent();
}

/* 1000 pages, and a bar of 608 dots. */
static void progress_is_shown_where_it_can_be_seen(void **state)
{
	static const struct {
		uint64_t n_done;
		const char *events;
	} rows[] = {
		{ 0, "" },
		{ 1, "" },
		{ 2, "bar 0-1 | " },
		{ 3, "" },
		{ 9, "bar 1-5 | " },
		{ 10, "bar 5-6 | percent | " },
		{ 11, "" },
		{ 19, "bar 6-11 | " },
		{ 20, "bar 11-12 | percent | " },
		{ 1000, "bar 12-608 | percent | " },
	};
	struct progress progress = { .what = PROGRESS_WRITES, .n_whole = 1000 };

	(void)state;
	assert_int_equal(PROOF_RUNNING_BAR_DOTS, 608);
	open_it();
	display_begin();
	happened("begin title | check 0 | doing | ");
	for (size_t i = 0; i < COUNT(rows); i++) {
		progress.n_done = rows[i].n_done;
		display_progress(&progress);
		happened(rows[i].events);
	}
	/* The other half of the check begins with what it has. */
	machine.is_other = true;
	progress.n_done = 505;
	display_progress(&progress);
	happened("check 0 | doing | ");
	machine.is_other = false;
	machine.n_cells = 2;
	progress.n_done = 506;
	display_progress(&progress);
	happened("cell 2 | cell 1 | ");
	progress.n_done = 507;
	display_progress(&progress);
	happened("bar 307-308 | ");
	progress.n_done = 510;
	display_progress(&progress);
	happened("bar 308-310 | percent | ");
}

static void the_end_is_waited_for(void **state)
{
#define TEN                                                                            \
	"reset 10 keys | reset 9 keys | reset 8 keys | reset 7 keys | reset 6 keys | " \
	"reset 5 keys | reset 4 keys | reset 3 keys | reset 2 keys | reset 1 keys | "
	static const struct {
		uint32_t at_end;
		bool has_keyboard, is_failed;
		const char *keys;
		uint32_t end;
		const char *events;
	} rows[] = {
		{ HANDOFF_END_HALT, false, false, "", HANDOFF_END_HALT, "halt 0 | " },
		{ HANDOFF_END_HALT, true, false, "..o.r", HANDOFF_END_RESET,
		  "halt 0 keys | halt 0 keys | " },
		{ HANDOFF_END_HALT, true, false, "p", HANDOFF_END_POWEROFF, "halt 0 keys | " },
		{ HANDOFF_END_HALT, true, false, "d.dp", HANDOFF_END_POWEROFF,
		  "halt 0 keys | details halt 0 keys all | verdict halt 0 keys | " },
		{ HANDOFF_END_HALT, true, false, "dop", HANDOFF_END_POWEROFF,
		  "halt 0 keys | details halt 0 keys all | halt 0 keys all | " },
		{ HANDOFF_END_RESET, true, false, "..........p", HANDOFF_END_RESET, TEN },
		{ HANDOFF_END_RESET, true, false, "..p", HANDOFF_END_POWEROFF,
		  "reset 10 keys | reset 9 keys | reset 8 keys | " },
		{ HANDOFF_END_POWEROFF, true, false, "r", HANDOFF_END_RESET, "off 10 keys | " },
		{ HANDOFF_END_POWEROFF, true, false, ".dr", HANDOFF_END_RESET,
		  "off 10 keys | off 9 keys | details halt 0 keys all | " },
		{ HANDOFF_END_POWEROFF, true, false, ".or", HANDOFF_END_RESET,
		  "off 10 keys | off 9 keys | halt 0 keys | " },
		{ HANDOFF_END_RESET, true, true, ".....................r", HANDOFF_END_RESET,
		  "reset 30 keys | reset 29 keys | reset 28 keys | reset 27 keys | reset 26 keys "
		  "| reset 25 keys | reset 24 keys | reset 23 keys | reset 22 keys | reset 21 keys "
		  "| reset 20 keys | reset 19 keys | reset 18 keys | reset 17 keys | reset 16 keys "
		  "| reset 15 keys | reset 14 keys | reset 13 keys | reset 12 keys | reset 11 keys "
		  "| reset 10 keys | reset 9 keys | " },
		{ HANDOFF_END_POWEROFF, false, false, "", HANDOFF_END_POWEROFF,
		  "off 10 | off 9 | off 8 | off 7 | off 6 | off 5 | off 4 | off 3 | off 2 | off 1 "
		  "| " },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t end;

		open_it();
		machine.has_keyboard = rows[i].has_keyboard;
		display_end();
		display.shown.is_failed = rows[i].is_failed;
		machine.keys = rows[i].keys;
		events[0] = '\0';
		end = display_wait(rows[i].at_end);
		if (end != rows[i].end || strcmp(events, rows[i].events) != 0)
			fail_msg("row %zu: end %u, %s", i, (unsigned)end, events);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_is_shown_at_once),
		cmocka_unit_test(without_a_screen_nothing_happens),
		cmocka_unit_test(progress_is_shown_where_it_can_be_seen),
		cmocka_unit_test(the_end_is_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
