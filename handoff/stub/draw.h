/* draw.h - the picture of the bitmap, with its legend, onto the lower part of the screen. */
#ifndef HANDOFF_STUB_DRAW_H
#define HANDOFF_STUB_DRAW_H

#include <stdint.h>

/* Draw the bitmap of @n_pages pages, if there is a screen and room on it. */
void draw_bitmap(const void *bitmap, uint64_t n_pages);

#endif
