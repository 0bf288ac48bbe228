/* display.c - see display.h. Each part is shown by itself: what lies between two that have changed
 * costs as much as they do. */
#include "handoff/stub/display.h"

#include "handoff/device/screen.h"
#include "handoff/stub/amount.h"
#include "handoff/stub/keys.h"
#include "handoff/stub/proof_running.h"
#include "handoff/stub/proof_verdict.h"

#define SECONDS_PASS 10 /* until what is configured for the end is done */
#define SECONDS_FAIL 30

static struct {
	bool is_open;
	struct screen screen;
	struct canvas canvas;
	uint8_t dots[CANVAS_HEIGHT][CANVAS_WIDTH];
	struct view view;
	struct proof_view shown;
	uint32_t percent, bar_dots; /* of the progress that is shown */
	bool has_keys;              /* when it is over */
} display;

static void show(void)
{
	screen_show(&display.screen, &display.canvas);
}

static void show_all(void)
{
	proof_running_draw(&display.view, &display.shown);
	show();
}

static void show_check(uint32_t id)
{
	proof_running_draw_check(&display.view, &display.shown, (enum check_id)id);
	show();
}

static void show_doing(void)
{
	const struct progress *progress = &display.shown.progress;

	display.percent = amount_part(progress->n_done, progress->n_whole, 100);
	display.bar_dots = amount_part(progress->n_done, progress->n_whole, PROOF_RUNNING_BAR_DOTS);
	proof_running_draw_doing(&display.view, &display.shown);
	show();
}

void display_open(const struct proof *proof)
{
	display.is_open =
		screen_init(&display.screen, &proof->block->framebuffer, proof->end_paddr) &&
		canvas_init(&display.canvas, display.screen.grid.n_rows, display.dots,
	                    CANVAS_HEIGHT);
	if (!display.is_open)
		return;
	display.view = (struct view){ .canvas = &display.canvas };
	proof_view_init(&display.shown, proof);
	proof_view_begin(&display.shown);
	show_all();
}

void display_trust(void)
{
	if (!display.is_open)
		return;
	proof_view_trust(&display.shown, display.screen.grid.n_rows);
	show_all();
}

void display_begin(void)
{
	if (!display.is_open)
		return;
	proof_view_begin(&display.shown);
	proof_running_draw_title(&display.view, &display.shown);
	show();
	show_check(display.shown.n_done);
	show_doing();
}

void display_add(const struct outcome *outcome)
{
	if (!display.is_open)
		return;
	proof_view_add(&display.shown, outcome);
	show_check(display.shown.n_done - 1);
}

static void show_progress(void)
{
	const struct progress *progress = &display.shown.progress;
	uint32_t percent = amount_part(progress->n_done, progress->n_whole, 100);
	uint32_t dots = amount_part(progress->n_done, progress->n_whole, PROOF_RUNNING_BAR_DOTS);

	if (dots > display.bar_dots) {
		proof_running_draw_bar(&display.view, &display.shown, display.bar_dots, dots);
		display.bar_dots = dots;
		show();
	}
	if (percent > display.percent) {
		proof_running_draw_percent(&display.view, &display.shown);
		display.percent = percent;
		show();
	}
}

void display_progress(const struct progress *progress)
{
	struct picture_place place;

	if (!display.is_open)
		return;
	if (proof_view_tell(&display.shown, progress)) {
		show_check((uint32_t)display.shown.running);
		show_doing();
	}
	while (proof_view_paint(&display.shown, &place)) {
		proof_running_draw_cell(&display.view, &display.shown, place);
		show();
	}
	show_progress();
}

static void show_end(uint32_t at_end, uint32_t seconds, bool is_all)
{
	proof_verdict_draw_end(&display.view, at_end, seconds, display.has_keys, is_all);
	show();
}

static void show_verdict(void)
{
	display.has_keys = keys_begin();
	proof_verdict_draw(&display.view, &display.shown);
	show_end(HANDOFF_END_HALT, 0, false);
}

void display_end(void)
{
	if (display.is_open)
		show_verdict();
}

void display_stop(const char *reason)
{
	if (!display.is_open)
		return;
	proof_view_stop(&display.shown, reason);
	show_verdict();
}

void display_forget(void)
{
	display.is_open = false;
}

/* Until a key, or the end of the seconds: KEY_NONE. */
static enum key count_down(uint32_t at_end)
{
	uint32_t seconds = display.shown.is_failed ? SECONDS_FAIL : SECONDS_PASS;
	enum key key = KEY_NONE;

	for (; seconds > 0 && key == KEY_NONE; seconds--) {
		show_end(at_end, seconds, false);
		key = keys_wait_a_second(display.has_keys);
	}
	return key;
}

static void toggle_all(bool *is_all)
{
	*is_all = !*is_all;
	if (*is_all)
		proof_verdict_draw_all(&display.view, &display.shown);
	else
		proof_verdict_draw(&display.view, &display.shown);
}

uint32_t display_wait(uint32_t at_end)
{
	bool is_all = false;
	enum key key = KEY_NONE;

	if (!display.is_open)
		return at_end;
	if (at_end == HANDOFF_END_RESET || at_end == HANDOFF_END_POWEROFF) {
		key = count_down(at_end);
		if (key == KEY_NONE)
			return at_end;
	}
	for (;;) {
		if (key == KEY_RESTART)
			return HANDOFF_END_RESET;
		if (key == KEY_POWER_OFF)
			return HANDOFF_END_POWEROFF;
		if (key == KEY_DETAILS)
			toggle_all(&is_all);
		show_end(HANDOFF_END_HALT, 0, is_all);
		if (!display.has_keys)
			return HANDOFF_END_HALT;
		do
			key = keys_wait_a_second(true);
		while (key == KEY_NONE);
	}
}
