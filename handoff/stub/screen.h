/*
 * screen.h - text and rectangles on the framebuffer of the block. The upper part is for text, the
 * lower one for the picture.
 */
#ifndef HANDOFF_STUB_SCREEN_H
#define HANDOFF_STUB_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff/handoff.h"

/* A colour as 0xRRGGBB. */
typedef uint32_t rgb_t;

/* A part of the screen, in pixels. */
struct screen_area {
	uint32_t x, y, width, height;
};

/*
 * Take over @framebuffer, and clear it. False if there is none, or it is none to draw on: beyond
 * @end_paddr, where what is mapped ends, or smaller than its own pixels, or than a few lines.
 */
bool screen_init(const struct handoff_framebuffer *framebuffer, uint64_t end_paddr);

/* The next line of text. After the last one that fits, it starts again at the top. */
void screen_say(const char *line);

/* What is left for a picture, empty without a screen; and how wide a dot of the text is. */
struct screen_area screen_picture_area(void);
uint32_t screen_scale(void);

/* Draw; what lies outside of the screen is left out. */
void screen_fill(struct screen_area area, rgb_t colour);
void screen_text(uint32_t x, uint32_t y, const char *text, rgb_t colour);

/* The size of a character, in pixels. */
uint32_t screen_char_width(void);
uint32_t screen_char_height(void);

#endif
