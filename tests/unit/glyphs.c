/* glyphs.c - see glyphs.h. */
#include "glyphs.h"

#include <string.h>

#define LEAST_BIG_GLYPHS 3

/* A character, the dot at its upper left. */
struct place {
	uint32_t x, y, size;
};

static bool is_taken[CANVAS_HEIGHT][CANVAS_WIDTH];

/* The bits of one colour in the 8 x 16 dots there; false if a dot of size 2 is no square. */
static bool bits_of(const struct canvas *canvas, struct place at, uint8_t colour,
                    uint8_t bits[FONT_HEIGHT])
{
	for (uint32_t row = 0; row < FONT_HEIGHT; row++) {
		const uint8_t *dots = &canvas->dots[at.y + row * at.size][at.x];
		const uint8_t *below = &canvas->dots[at.y + row * at.size + at.size - 1][at.x];

		bits[row] = 0;
		for (uint32_t column = 0; column < FONT_WIDTH; column++) {
			uint32_t x = column * at.size;

			bits[row] = (uint8_t)(bits[row] << 1 | (dots[x] == colour));
			if (dots[x] != dots[x + at.size - 1] || dots[x] != below[x])
				return false;
		}
		/* A cap is lower than a row: above and below it there is what it lies on. */
		if (bits[row] == 0xff && (row == 0 || row == FONT_HEIGHT - 1))
			bits[row] = 0;
	}
	return true;
}

static char char_of(const struct canvas *canvas, const uint8_t bits[FONT_HEIGHT])
{
	const unsigned middle = FONT_HEIGHT / 2; /* most others are no glyph by this row alone */

	for (unsigned c = ' ' + 1; c < FONT_CHARS; c++)
		if (canvas->font.glyphs[c] != NULL &&
		    canvas->font.glyphs[c][middle] == bits[middle] &&
		    memcmp(canvas->font.glyphs[c], bits, FONT_HEIGHT) == 0)
			return (char)c;
	return '\0';
}

static bool is_free(struct place at)
{
	for (uint32_t y = 0; y < FONT_HEIGHT * at.size; y++)
		for (uint32_t x = 0; x < FONT_WIDTH * at.size; x++)
			if (is_taken[at.y + y][at.x + x])
				return false;
	return true;
}

/* Most of a screen is. */
static bool is_plain(const struct canvas *canvas, struct place at)
{
	const uint8_t *first = &canvas->dots[at.y][at.x];
	const size_t bytes = FONT_WIDTH * at.size;

	if (memcmp(first, first + 1, bytes - 1) != 0)
		return false;
	for (uint32_t y = 1; y < FONT_HEIGHT * at.size; y++)
		if (memcmp(first, &canvas->dots[at.y + y][at.x], bytes) != 0)
			return false;
	return true;
}

/* The character there, or 0. */
static char glyph_at(const struct canvas *canvas, struct place at, uint8_t *ret_colour)
{
	uint8_t bits[FONT_HEIGHT];
	bool seen[CANVAS_COLOURS] = { false };

	if (is_plain(canvas, at))
		return '\0';
	for (uint32_t y = 0; y < FONT_HEIGHT; y++)
		for (uint32_t x = 0; x < FONT_WIDTH; x++)
			seen[canvas->dots[at.y + y * at.size][at.x + x * at.size]] = true;
	for (uint8_t colour = 0; colour < CANVAS_COLOURS; colour++) {
		char c;

		if (!seen[colour] || !bits_of(canvas, at, colour, bits))
			continue;
		c = char_of(canvas, bits);
		*ret_colour = colour;
		if (c != '\0' && is_free(at))
			return c;
	}
	return '\0';
}

/* What stands on columns, for each line of dots that it may begin on; 0: nothing. */
static char found[CANVAS_HEIGHT][CANVAS_COLUMNS];
static unsigned counts[CANVAS_HEIGHT];

static void find_all(const struct canvas *canvas, uint32_t size)
{
	memset(found, 0, sizeof found);
	memset(counts, 0, sizeof counts);
	for (uint32_t y = 0; y + FONT_HEIGHT * size <= canvas->height; y++)
		for (uint32_t column = 0; column + size <= CANVAS_COLUMNS; column++) {
			const struct place at = { column * FONT_WIDTH, y, size };
			uint8_t colour;

			found[y][column] = glyph_at(canvas, at, &colour);
			counts[y] += found[y][column] != '\0';
		}
}

/* What the glyph lies over is none. */
static void take(struct place at)
{
	const uint32_t height = FONT_HEIGHT * at.size;
	const uint32_t first = at.x / FONT_WIDTH;

	for (uint32_t y = 0; y < height; y++)
		memset(&is_taken[at.y + y][at.x], true, FONT_WIDTH * at.size);
	for (uint32_t y = at.y < height ? 0 : at.y - height + 1; y < at.y + height; y++)
		for (uint32_t column = first < at.size ? 0 : first - at.size + 1;
		     column < first + at.size + (at.x % FONT_WIDTH != 0); column++)
			if (y < CANVAS_HEIGHT && column < CANVAS_COLUMNS &&
			    found[y][column] != '\0') {
				found[y][column] = '\0';
				counts[y]--;
			}
}

static void add(struct glyphs_row *row, const struct canvas *canvas, uint32_t x)
{
	const struct place at = { x, row->y, row->size };
	const uint32_t column = (x + FONT_WIDTH / 2) / (FONT_WIDTH * row->size);
	uint8_t colour;
	char c = glyph_at(canvas, at, &colour);

	if (c == '\0' || row->text[column] != ' ')
		return;
	row->text[column] = c;
	row->colours[column] = colour;
	row->n_glyphs++;
	take(at);
}

/* Columns first; then what stands between them, as keys do. */
static void read_row(struct glyphs_row *row, const struct canvas *canvas, uint32_t y, uint32_t size)
{
	*row = (struct glyphs_row){ .y = y, .size = size };
	memset(row->text, ' ', CANVAS_COLUMNS);
	for (uint32_t x = 0; x + FONT_WIDTH * size <= CANVAS_WIDTH; x += FONT_WIDTH)
		add(row, canvas, x);
	for (uint32_t x = 0; x + FONT_WIDTH * size <= CANVAS_WIDTH; x++)
		add(row, canvas, x);
}

static uint32_t fullest_line(void)
{
	uint32_t best = 0;

	for (uint32_t y = 0; y < CANVAS_HEIGHT; y++)
		if (counts[y] > counts[best])
			best = y;
	return best;
}

void glyphs_read(struct glyphs *ret_glyphs, const struct canvas *canvas)
{
	memset(is_taken, 0, sizeof is_taken);
	ret_glyphs->n_rows = 0;
	for (uint32_t size = 2; size > 0; size--) {
		const unsigned least = size == 2 ? LEAST_BIG_GLYPHS : 1;

		find_all(canvas, size);
		for (uint32_t y = fullest_line();
		     counts[y] >= least && ret_glyphs->n_rows < GLYPHS_MOST_ROWS;
		     y = fullest_line())
			read_row(&ret_glyphs->rows[ret_glyphs->n_rows++], canvas, y, size);
	}
}

const struct glyphs_row *glyphs_find(const struct glyphs *glyphs, const char *text)
{
	for (size_t i = 0; i < glyphs->n_rows; i++)
		if (strstr(glyphs->rows[i].text, text) != NULL)
			return &glyphs->rows[i];
	return NULL;
}
