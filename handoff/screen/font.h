/*
 * font.h - a PSF1 file -> the glyphs of ASCII, 8 dots wide and 16 high.
 */
#ifndef HANDOFF_SCREEN_FONT_H
#define HANDOFF_SCREEN_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FONT_WIDTH  8
#define FONT_HEIGHT 16 /* a byte a line; the leftmost dot is its highest bit */
#define FONT_CHARS  128

struct font {
	const uint8_t *glyphs[FONT_CHARS]; /* into the file; NULL: it has none for the character */
};

/* The font that every program has with it: font_data.S. */
extern const uint8_t font_start[] __attribute__((visibility("hidden")));
extern const uint8_t font_end[] __attribute__((visibility("hidden")));

/* Read the @bytes bytes of a PSF1 file at @file, which stays the caller's, and must stay. False if
 * it is none, or its glyphs are of another size. */
bool font_read(struct font *ret_font, const uint8_t *file, size_t bytes);

#endif
