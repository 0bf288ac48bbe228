/*
 * font.c - see font.h. After the glyphs a PSF1 file has, for each of them, the characters that it
 * is for (kbd, psf.5).
 */
#include "handoff/screen/font.h"

#define PSF1_MAGIC        0x0436
#define PSF1_MODE_512     0x01 /* 512 glyphs, else 256 */
#define PSF1_MODE_TABLE   0x02 /* there is a table of characters; 0x04: with sequences */
#define PSF1_SEQUENCE     0xfffe
#define PSF1_SEPARATOR    0xffff
#define PSF1_HEADER_BYTES 4

static unsigned u16_at(const uint8_t *bytes)
{
	return bytes[0] | (unsigned)bytes[1] << 8;
}

/* For each glyph its characters, then sequences of characters, which are not drawn. */
static void read_table(struct font *font, const uint8_t *file, size_t at, size_t bytes,
                       const uint8_t *glyphs, const uint8_t *glyphs_end)
{
	for (const uint8_t *glyph = glyphs; glyph < glyphs_end; glyph += FONT_HEIGHT) {
		bool in_sequence = false;

		for (; at + 2 <= bytes && u16_at(file + at) != PSF1_SEPARATOR; at += 2) {
			unsigned character = u16_at(file + at);

			in_sequence |= character == PSF1_SEQUENCE;
			if (!in_sequence && character < FONT_CHARS)
				font->glyphs[character] = glyph;
		}
		at += 2;
	}
}

bool font_read(struct font *ret_font, const uint8_t *file, size_t bytes)
{
	size_t glyphs_end;

	*ret_font = (struct font){ { NULL } };
	if (bytes < PSF1_HEADER_BYTES || u16_at(file) != PSF1_MAGIC || file[3] != FONT_HEIGHT ||
	    (file[2] & PSF1_MODE_TABLE) == 0)
		return false;
	glyphs_end = PSF1_HEADER_BYTES +
	             (size_t)FONT_HEIGHT * ((file[2] & PSF1_MODE_512) != 0 ? 512 : 256);
	if (glyphs_end > bytes)
		return false;
	read_table(ret_font, file, glyphs_end, bytes, file + PSF1_HEADER_BYTES, file + glyphs_end);
	return true;
}
