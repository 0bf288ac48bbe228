/* screen.c - see screen.h. */
#include "handoff/device/screen.h"

#include <stddef.h>

/* Whatever handoff_check() has checked already: this is what pointers are made of. */
static bool is_usable(const struct handoff_framebuffer *framebuffer, uint64_t end_paddr)
{
	uint64_t line_bytes = (uint64_t)framebuffer->width * 4;

	return framebuffer->format >= HANDOFF_FORMAT_RGBX &&
	       framebuffer->format <= HANDOFF_FORMAT_MASK && framebuffer->pitch_bytes % 4 == 0 &&
	       framebuffer->pitch_bytes >= line_bytes && framebuffer->paddr % 4 == 0 &&
	       framebuffer->paddr != 0 && framebuffer->paddr < end_paddr &&
	       framebuffer->bytes <= end_paddr - framebuffer->paddr &&
	       (uint64_t)framebuffer->pitch_bytes * framebuffer->height <= framebuffer->bytes;
}

/* The top bits of an 8-bit @value, moved to where @mask is. */
static uint32_t in_mask(uint32_t value, uint32_t mask)
{
	uint32_t bits = value << 24;

	for (uint32_t top = UINT32_C(1) << 31; top != 0 && (mask & top) == 0; top >>= 1)
		bits >>= 1;
	return bits & mask;
}

bool screen_init(struct screen *screen, const struct handoff_framebuffer *framebuffer,
                 uint64_t end_paddr)
{
	if (!is_usable(framebuffer, end_paddr) ||
	    !canvas_divide(framebuffer->width, framebuffer->height, &screen->grid))
		return false;
	screen->pixels = (uint32_t *)(uintptr_t)framebuffer->paddr;
	screen->pitch_pixels = framebuffer->pitch_bytes / 4;
	for (int colour = 0; colour < CANVAS_COLOURS; colour++) {
		uint32_t rgb = canvas_rgb[colour];

		screen->pixel_of[colour] = in_mask(rgb >> 16 & 0xff, framebuffer->red_mask) |
		                           in_mask(rgb >> 8 & 0xff, framebuffer->green_mask) |
		                           in_mask(rgb & 0xff, framebuffer->blue_mask);
	}
	return true;
}

/* The line of dots that pixel line @y shows; the margins show the outermost. */
static uint32_t dot_of(const struct canvas *canvas, const struct canvas_grid *grid, uint32_t y)
{
	uint32_t dot_y = y < grid->top ? 0 : (y - grid->top) / grid->scale;

	return dot_y < canvas->height ? dot_y : canvas->height - 1;
}

void screen_show(const struct screen *screen, struct canvas *canvas)
{
	const struct canvas_grid *grid = &screen->grid;
	const struct canvas_area area = canvas->changed;
	const struct canvas_pixels place = canvas_place(canvas, grid, area);

	canvas->changed = (struct canvas_area){ 0 };
	if (area.width == 0 || area.height == 0)
		return;
	/* Not copied from the line above: a framebuffer is slow to read. */
	for (uint32_t y = place.y; y < place.y_end; y++)
		canvas_line(canvas, grid, area, dot_of(canvas, grid, y), screen->pixel_of,
		            screen->pixels + (size_t)y * screen->pitch_pixels + place.x);
}

static void clear_lines(const struct screen *screen, uint32_t y, uint32_t y_end)
{
	for (; y < y_end; y++)
		for (uint32_t x = 0; x < screen->grid.width; x++)
			screen->pixels[(size_t)y * screen->pitch_pixels + x] =
				screen->pixel_of[CANVAS_BACKGROUND];
}

void screen_clear_margins(const struct screen *screen, const struct canvas *canvas)
{
	const struct canvas_area whole = { 0, 0, CANVAS_WIDTH, canvas->height };
	const struct canvas_pixels place = canvas_place(canvas, &screen->grid, whole);

	clear_lines(screen, 0, place.y);
	clear_lines(screen, place.y_end, screen->grid.height);
}
