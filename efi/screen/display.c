/* display.c - strips of dots, one row of text high, to Blt(): see display.h. */
#include "efi/screen/display.h"

#include "bootmem/mem.h"
#include "efi/protocol.h"

static EFI_GUID graphics_output_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

/* EFI_GRAPHICS_OUTPUT_BLT_PIXEL is blue, green, red, 0: 0x00RRGGBB (UEFI 2.10 §12.9.2.3). */
_Static_assert(sizeof(EFI_GRAPHICS_OUTPUT_BLT_PIXEL) == sizeof(uint32_t), "a pixel of Blt()");

static bool take(const struct firmware *firmware, EFI_HANDLE handle, struct display *display)
{
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop =
		handle == NULL ? NULL : protocol_of(firmware, handle, &graphics_output_guid);

	if (gop == NULL || gop->Mode == NULL || gop->Mode->Info == NULL)
		return false;
	display->gop = gop;
	return canvas_divide(gop->Mode->Info->HorizontalResolution,
	                     gop->Mode->Info->VerticalResolution, &display->grid);
}

static bool find(const struct firmware *firmware, struct display *display)
{
	EFI_HANDLE *handles;
	bool is_found = false;
	UINTN n_handles;

	if (take(firmware, firmware->system_table->ConsoleOutHandle, display))
		return true;
	handles = protocol_handles(firmware, &graphics_output_guid, &n_handles);
	for (UINTN i = 0; i < n_handles && !is_found; i++)
		is_found = take(firmware, handles[i], display);
	protocol_free(firmware, handles);
	return is_found;
}

/* Pixels of the display, over its whole width. */
static EFI_STATUS clear(const struct display *display, uint32_t y, uint32_t y_end)
{
	EFI_GRAPHICS_OUTPUT_BLT_PIXEL background;

	if (y >= y_end)
		return EFI_SUCCESS;
	memcpy(&background, &canvas_rgb[CANVAS_BACKGROUND], sizeof background);
	return display->gop->Blt(display->gop, &background, EfiBltVideoFill, 0, 0, 0, y,
	                         display->grid.width, y_end - y, 0);
}

bool display_open(const struct firmware *firmware, struct memory *memory,
                  struct display *ret_display)
{
	struct display display = { .gop = NULL };
	uint8_t(*dots)[CANVAS_WIDTH];
	uint64_t strip_bytes;

	*ret_display = display;
	if (!find(firmware, &display))
		return false;
	/* The strip at the top or at the bottom has the margin, too. */
	strip_bytes = (uint64_t)display.grid.width * sizeof(uint32_t) *
	              (FONT_HEIGHT * display.grid.scale + display.grid.height -
	               display.grid.n_rows * FONT_HEIGHT * display.grid.scale);
	display.canvas = memory_claim_bytes(memory, sizeof *display.canvas);
	display.pixels = memory_claim_bytes(memory, strip_bytes);
	dots = memory_claim_bytes(memory, sizeof(uint8_t[CANVAS_HEIGHT][CANVAS_WIDTH]));
	if (display.canvas == NULL || display.pixels == NULL || dots == NULL ||
	    !canvas_init(display.canvas, display.grid.n_rows, dots, CANVAS_HEIGHT) ||
	    EFI_ERROR(clear(&display, 0, display.grid.height)))
		return false;
	*ret_display = display;
	return true;
}

static void show_strip(const struct display *display, struct canvas_area strip)
{
	const struct canvas_pixels place = canvas_place(display->canvas, &display->grid, strip);
	const size_t width = place.x_end - place.x;
	uint32_t *to = display->pixels;

	for (uint32_t i = 0; i < strip.height; i++) {
		const struct canvas_area line = { strip.x, strip.y + i, strip.width, 1 };
		const struct canvas_pixels at = canvas_place(display->canvas, &display->grid, line);
		const uint32_t *first = to;

		canvas_line(display->canvas, &display->grid, strip, line.y, canvas_rgb, to);
		for (uint32_t y = at.y + 1; y < at.y_end; y++)
			memcpy(to += width, first, width * sizeof *to);
		to += width;
	}
	display->gop->Blt(display->gop, (EFI_GRAPHICS_OUTPUT_BLT_PIXEL *)display->pixels,
	                  EfiBltBufferToVideo, 0, 0, place.x, place.y, width, place.y_end - place.y,
	                  0);
}

/* What no strip is about; some firmware writes its text there, too. */
static void clear_margins(const struct display *display, struct canvas_area whole)
{
	struct canvas_pixels place = canvas_place(display->canvas, &display->grid, whole);

	clear(display, 0, place.y);
	clear(display, place.y_end, display->grid.height);
}

void display_show(struct display *display)
{
	struct canvas_area rest;

	if (display->canvas == NULL)
		return;
	rest = display->canvas->changed;
	if (rest.height == display->canvas->height)
		clear_margins(display, rest);
	while (rest.height > 0) {
		struct canvas_area strip = rest;

		if (strip.height > FONT_HEIGHT)
			strip.height = FONT_HEIGHT;
		if (strip.width > 0)
			show_strip(display, strip);
		rest.y += strip.height;
		rest.height -= strip.height;
	}
	display->canvas->changed = (struct canvas_area){ 0 };
}
