/*
 * screen.h - a canvas -> the framebuffer of the block: pixels of any 32-bit format, lines of any
 * length, and of the canvas what has changed.
 */
#ifndef HANDOFF_DEVICE_SCREEN_H
#define HANDOFF_DEVICE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff/handoff.h"
#include "handoff/screen/canvas.h"

struct screen {
	uint32_t *pixels;
	uint32_t pitch_pixels;
	struct canvas_grid grid;
	uint32_t pixel_of[CANVAS_COLOURS];
};

/*
 * Make a screen of @framebuffer; nothing is written to it. False if there is none, or it is none to
 * draw on: beyond @end_paddr, where what is mapped ends, smaller than its own pixels, or than a
 * canvas.
 */
bool screen_init(struct screen *screen, const struct handoff_framebuffer *framebuffer,
                 uint64_t end_paddr);

/* Show what has changed of @canvas, which has the rows of the screen's grid. */
void screen_show(const struct screen *screen, struct canvas *canvas);

/* Above and below @canvas, where it has no margin of its own, is the background from here on:
 * whoever had the screen before may have written there. */
void screen_clear_margins(const struct screen *screen, const struct canvas *canvas);

#endif
