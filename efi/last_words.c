/* last_words.c - a number and a detail -> lines, a screen, and a reset: see last_words.h. */
#include "efi/last_words.h"

#include "handoff/device/clock.h"
#include "handoff/device/io.h"
#include "handoff/device/ports.h"
#include "handoff/device/screen.h"

#define WAIT_SECONDS 10
#define WINDOW_LINES FONT_HEIGHT
#define GAP          FONT_HEIGHT

/*
 * So short, since each boot pays for it, and the wait need not be exact; so long, since firmware's
 * timers tick in steps of up to 1 ms. What comes of it is believed between 10 MHz (Stall() came
 * back at once: no CPU with a counter is slower than 60) and 10 GHz (something else took the time).
 */
#define STALL_MICROSECONDS 10000
#define LEAST_TICKS        UINT64_C(100000)
#define MOST_TICKS         UINT64_C(100000000)

void last_words_prepare(struct boot *boot)
{
	uint64_t start, ticks;

	boot->ticks_per_10ms = 0;
	if (!boot->facts.cpu.has_tsc)
		return;
	start = clock_ticks();
	boot->firmware.boot_services->Stall(STALL_MICROSECONDS);
	ticks = clock_ticks() - start;
	if (ticks >= LEAST_TICKS && ticks <= MOST_TICKS)
		boot->ticks_per_10ms = ticks;
}

void last_words_draw(struct view *view, enum failure failure, const char *detail)
{
	static const struct view_key restarts = { "", "Restarts in 10 seconds." };
	struct view_band band = { CANVAS_RED, 'X', "NOT STARTED", { "", "" }, "" };
	char right[24];

	text_format(right, sizeof right, "failure %u", (unsigned)failure);
	text_format(band.lines[0], sizeof band.lines[0], "%s", failure_text(failure));
	text_format(band.lines[1], sizeof band.lines[1], "The kernel has not been entered.");
	view_begin(view, "leaving the firmware", right);
	view->y += GAP;
	view_band(view, &band);
	view->y += GAP;
	if (detail[0] != '\0')
		view_named(view, "Detail", CANVAS_WHITE, "%c%s.",
		           detail[0] >= 'a' && detail[0] <= 'z' ? detail[0] - 'a' + 'A' : detail[0],
		           detail + 1);
	view_named(view, "Means", CANVAS_WHITE,
	           "The firmware was being left: it cannot go on with another boot entry. No disk "
	           "has been written to since.");
	view_named(view, "To do", CANVAS_WHITE,
	           "Photograph this screen. README.md explains failure %u.", (unsigned)failure);
	view_keys(view, &restarts, 1);
}

static void say_line(void *context, const char *line)
{
	(void)context;
	say("bootmem: %s", line);
}

/* The stack has room for a window; the canvas of the dialogue need not be there. */
static void show(const struct boot *boot, enum failure failure, const char *detail)
{
	uint8_t dots[WINDOW_LINES][CANVAS_WIDTH];
	struct canvas canvas;
	struct screen screen;

	if (!screen_init(&screen, &boot->facts.framebuffer, memory_reach_paddr()) ||
	    !canvas_init(&canvas, screen.grid.n_rows, dots, WINDOW_LINES))
		return;
	screen_clear_margins(&screen, &canvas);
	for (uint32_t y = 0; y < canvas.height; y += WINDOW_LINES) {
		struct view view = { .canvas = &canvas };

		canvas_keep(&canvas, y);
		last_words_draw(&view, failure, detail);
		screen_show(&screen, &canvas);
	}
}

_Noreturn void last_words(struct boot *boot, enum failure failure, const char *detail)
{
	struct view view = { .say = say_line };

	ports_find();
	last_words_draw(&view, failure, detail);
	show(boot, failure, detail);
	ports_drain();
	clock_wait(boot->ticks_per_10ms, WAIT_SECONDS);
	boot->firmware.system_table->RuntimeServices->ResetSystem(EfiResetCold, EFI_LOAD_ERROR, 0,
	                                                          NULL);
	say("bootmem: the firmware does not restart the computer: the CPU does");
	io_reset_by_fault();
}
