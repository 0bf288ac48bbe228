/*
 * screen.c - see screen.h. The font is a PSF1 file (which is what Spleen 8x16 is packaged as):
 * glyphs 8 dots wide, a byte a line, and after them, for each glyph, the characters that it is for.
 */
#include "handoff/stub/screen.h"

#include <stddef.h>

#include "bootmem/pfn.h"
#include "handoff/screen/font.h"

#define PSF1_MAGIC        0x0436
#define PSF1_MODE_512     0x01 /* 512 glyphs, else 256 */
#define PSF1_MODE_TABLE   0x02 /* there is a table of characters; 0x04: with sequences */
#define PSF1_SEQUENCE     0xfffe
#define PSF1_SEPARATOR    0xffff
#define PSF1_HEADER_BYTES 4

#define GLYPH_WIDTH 8
#define N_ASCII     128
#define NO_GLYPH    UINT32_MAX

#define TEXT_LINES   24 /* a whole proof, with a few lines to spare */
#define LEAST_WIDTH  (40 * GLYPH_WIDTH)
#define LEAST_HEIGHT 128

/* The width and the height that one dot a pixel is meant for: twice that has dots of 2 x 2. */
#define SCALE_WIDTH  1280
#define SCALE_HEIGHT 720

#define TEXT_COLOUR 0xd0d0d0
#define BACKGROUND  0x101018


static struct {
	volatile uint32_t *pixels;
	uint32_t width, height, pitch_pixels;
	uint32_t masks[3]; /* red, green, blue */
	uint32_t scale;
	uint32_t text_line;
} screen;

static struct {
	uint32_t glyph_height;      /* = bytes of a glyph */
	uint32_t glyph_of[N_ASCII]; /* index, or NO_GLYPH */
} font;

static uint32_t font_bytes(void)
{
	return (uint32_t)((uintptr_t)font_end - (uintptr_t)font_start);
}

static uint32_t font_u16(uint32_t offset)
{
	return font_start[offset] | (uint32_t)font_start[offset + 1] << 8;
}

/* The table: for each glyph its characters, then sequences of characters that we do not draw. */
static void font_read_table(uint32_t offset, uint32_t n_glyphs)
{
	uint32_t end = font_bytes();

	for (uint32_t glyph = 0; glyph < n_glyphs; glyph++) {
		bool in_sequence = false;

		for (; offset + 2 <= end && font_u16(offset) != PSF1_SEPARATOR; offset += 2) {
			uint32_t character = font_u16(offset);

			in_sequence |= character == PSF1_SEQUENCE;
			if (!in_sequence && character < N_ASCII)
				font.glyph_of[character] = glyph;
		}
		offset += 2;
	}
}

static bool font_init(void)
{
	uint32_t bytes = font_bytes();
	uint32_t n_glyphs, glyphs_end;

	if (bytes < PSF1_HEADER_BYTES || font_u16(0) != PSF1_MAGIC)
		return false;
	n_glyphs = (font_start[2] & PSF1_MODE_512) != 0 ? 512 : 256;
	font.glyph_height = font_start[3];
	glyphs_end = PSF1_HEADER_BYTES + n_glyphs * font.glyph_height;
	if (font.glyph_height == 0 || glyphs_end > bytes)
		return false;
	for (uint32_t i = 0; i < N_ASCII; i++)
		font.glyph_of[i] = NO_GLYPH;
	if ((font_start[2] & PSF1_MODE_TABLE) != 0)
		font_read_table(glyphs_end, n_glyphs);
	return true;
}

/* Whatever handoff_check() has checked already: this is what pointers are made of. */
static bool is_usable(const struct handoff_framebuffer *framebuffer, uint64_t end_paddr)
{
	uint64_t line_bytes = (uint64_t)framebuffer->width * 4;

	return framebuffer->format != HANDOFF_FORMAT_NONE && framebuffer->width >= LEAST_WIDTH &&
	       framebuffer->height >= LEAST_HEIGHT && framebuffer->pitch_bytes % 4 == 0 &&
	       framebuffer->pitch_bytes >= line_bytes && framebuffer->paddr % 4 == 0 &&
	       framebuffer->paddr != 0 && framebuffer->paddr < end_paddr &&
	       framebuffer->bytes <= end_paddr - framebuffer->paddr &&
	       (uint64_t)framebuffer->pitch_bytes * framebuffer->height <= framebuffer->bytes;
}

bool screen_init(const struct handoff_framebuffer *framebuffer, uint64_t end_paddr)
{
	if (!is_usable(framebuffer, end_paddr) || !font_init())
		return false;
	screen.pixels = (volatile uint32_t *)(uintptr_t)framebuffer->paddr;
	screen.width = framebuffer->width;
	screen.height = framebuffer->height;
	screen.pitch_pixels = framebuffer->pitch_bytes / 4;
	screen.masks[0] = framebuffer->red_mask;
	screen.masks[1] = framebuffer->green_mask;
	screen.masks[2] = framebuffer->blue_mask;
	screen.scale = (uint32_t)max_u64(
		1, min_u64(screen.width / SCALE_WIDTH, screen.height / SCALE_HEIGHT));
	screen_fill((struct screen_area){ 0, 0, screen.width, screen.height }, BACKGROUND);
	return true;
}

uint32_t screen_scale(void)
{
	return screen.scale;
}

uint32_t screen_char_width(void)
{
	return GLYPH_WIDTH * screen.scale;
}

uint32_t screen_char_height(void)
{
	return font.glyph_height * screen.scale;
}

/* Lines of text that the screen is divided for: all of a small screen. */
static uint32_t text_lines(void)
{
	if (screen_char_height() == 0) /* no font */
		return 0;
	return (uint32_t)min_u64(TEXT_LINES, screen.height / screen_char_height());
}

struct screen_area screen_picture_area(void)
{
	uint32_t y;

	if (screen.pixels == NULL)
		return (struct screen_area){ 0 };
	y = text_lines() * screen_char_height();
	return (struct screen_area){ 0, y, screen.width, screen.height - y };
}

/* The top bits of an 8-bit @value, moved to where @mask is. */
static uint32_t in_mask(uint32_t value, uint32_t mask)
{
	uint32_t bits = value << 24;

	for (uint32_t top = UINT32_C(1) << 31; top != 0 && (mask & top) == 0; top >>= 1)
		bits >>= 1;
	return bits & mask;
}

static uint32_t pixel_of(rgb_t colour)
{
	return in_mask(colour >> 16 & 0xff, screen.masks[0]) |
	       in_mask(colour >> 8 & 0xff, screen.masks[1]) |
	       in_mask(colour & 0xff, screen.masks[2]);
}

void screen_fill(struct screen_area area, rgb_t colour)
{
	uint32_t pixel = pixel_of(colour);
	uint32_t x_end = (uint32_t)min_u64((uint64_t)area.x + area.width, screen.width);
	uint32_t y_end = (uint32_t)min_u64((uint64_t)area.y + area.height, screen.height);

	for (uint32_t y = area.y; y < y_end; y++)
		for (uint32_t x = area.x; x < x_end; x++)
			screen.pixels[(size_t)y * screen.pitch_pixels + x] = pixel;
}

static void draw_char(uint32_t x, uint32_t y, unsigned char c, rgb_t colour)
{
	uint32_t index = c < N_ASCII ? font.glyph_of[c] : NO_GLYPH;
	const unsigned char *glyph =
		font_start + PSF1_HEADER_BYTES + (size_t)index * font.glyph_height;

	for (uint32_t row = 0; index != NO_GLYPH && row < font.glyph_height; row++) {
		for (uint32_t column = 0; column < GLYPH_WIDTH; column++) {
			if ((glyph[row] & 0x80 >> column) == 0)
				continue;
			screen_fill((struct screen_area){ x + column * screen.scale,
			                                  y + row * screen.scale, screen.scale,
			                                  screen.scale },
			            colour);
		}
	}
}

void screen_text(uint32_t x, uint32_t y, const char *text, rgb_t colour)
{
	for (; *text != '\0' && x < screen.width; text++, x += screen_char_width())
		draw_char(x, y, (unsigned char)*text, colour);
}

void screen_say(const char *line)
{
	uint32_t y = screen.text_line * screen_char_height();

	screen_fill((struct screen_area){ 0, y, screen.width, screen_char_height() }, BACKGROUND);
	screen_text(0, y, line, TEXT_COLOUR);
	screen.text_line++;
	if (screen.text_line >= text_lines())
		screen.text_line = 0;
}
