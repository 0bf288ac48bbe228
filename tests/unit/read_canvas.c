/* read_canvas.c - see read_canvas.h. */
#include "tests/unit/read_canvas.h"

#include <string.h>

/* All dots of one colour where the glyph has none, and of another one where it has them. */
static bool cell_is(const struct canvas *canvas, uint32_t x, uint32_t y, char c)
{
	const uint8_t *glyph = canvas->font.glyphs[(unsigned char)c];
	int ink = -1, paper = -1;

	for (uint32_t row = 0; row < FONT_HEIGHT; row++) {
		/* A cap is lower than a row. */
		if (glyph[row] == 0 && (row == 0 || row == FONT_HEIGHT - 1))
			continue;
		for (uint32_t column = 0; column < FONT_WIDTH; column++) {
			int dot = canvas->dots[y + row][x + column];
			int *expected = (glyph[row] & 0x80 >> column) != 0 ? &ink : &paper;

			if (*expected == -1)
				*expected = dot;
			if (*expected != dot)
				return false;
		}
	}
	return ink != paper;
}

static bool stands_at(const struct canvas *canvas, uint32_t column, uint32_t y, const char *text)
{
	for (; *text != '\0'; text++, column++) {
		if (column >= CANVAS_COLUMNS)
			return false;
		if (*text != ' ' && !cell_is(canvas, column * FONT_WIDTH, y, *text))
			return false;
	}
	return true;
}

bool read_canvas_has(const struct canvas *canvas, uint32_t column, const char *text,
                     uint32_t *ret_y)
{
	const size_t room = CANVAS_COLUMNS - 2 - column;
	char cut[CANVAS_COLUMNS + 1];

	if (strlen(text) > room) {
		memcpy(cut, text, room - 3);
		memcpy(cut + room - 3, "...", 4);
		text = cut;
	}
	for (uint32_t y = 0; y + FONT_HEIGHT <= canvas->height; y++) {
		if (stands_at(canvas, column, y, text)) {
			if (ret_y != NULL)
				*ret_y = y;
			return true;
		}
	}
	return false;
}

enum canvas_colour read_canvas_paper(const struct canvas *canvas, uint32_t x, uint32_t y)
{
	return canvas->dots[y][x]; /* no glyph has a dot in its corner */
}

enum canvas_colour read_canvas_ink(const struct canvas *canvas, uint32_t x, uint32_t y)
{
	for (uint32_t row = 0; row < FONT_HEIGHT; row++)
		for (uint32_t column = 0; column < FONT_WIDTH; column++)
			if (canvas->dots[y + row][x + column] != canvas->dots[y][x])
				return canvas->dots[y + row][x + column];
	return canvas->dots[y][x];
}

uint32_t read_canvas_add(uint32_t sum, const struct canvas *canvas)
{
	for (uint32_t y = 0; y < canvas->height; y++)
		for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
			sum = (sum ^ canvas->dots[y][x]) * 16777619; /* FNV-1a */
	return sum;
}
