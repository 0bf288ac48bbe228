/*
 * display.h - a canvas on the firmware's display, through the graphics output protocol: nothing is
 * printed, and so nothing scrolls.
 */
#ifndef EFI_SCREEN_DISPLAY_H
#define EFI_SCREEN_DISPLAY_H

#include "efi/memory.h"
#include "handoff/screen/canvas.h"

struct display {
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop;
	struct canvas_grid grid;
	struct canvas *canvas; /* NULL: there is no display that a grid fits on */
	uint32_t *pixels;      /* of a strip */
};

/*
 * Find the display and claim a canvas for it: that of the console, which stands for several, or
 * else the first on which a grid fits. False if there is none, or it cannot be drawn on, or there
 * is no memory.
 */
bool display_open(const struct firmware *firmware, struct memory *memory,
                  struct display *ret_display);

/* Show what has changed on the canvas: at most a Blt() for each row of text, and two for what is
 * above and below a canvas of which all has changed. */
void display_show(struct display *display);

#endif
