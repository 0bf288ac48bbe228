/* canvas.c - dots, and the pixels that they become: see canvas.h. */
#include "handoff/screen/canvas.h"

#include "bootmem/mem.h"
#include "bootmem/pfn.h"

const uint32_t canvas_rgb[CANVAS_COLOURS] = {
	[CANVAS_BACKGROUND] = 0x0f1419, [CANVAS_PANEL] = 0x26313d, [CANVAS_GREY] = 0x9aa7b4,
	[CANVAS_WHITE] = 0xf2f5f7,      [CANVAS_RED] = 0xff8274,   [CANVAS_GREEN] = 0x5fd39a,
	[CANVAS_AMBER] = 0xf2c14e,      [CANVAS_BLUE] = 0x7fb4ff,
};

static uint32_t least(uint64_t a, uint64_t b)
{
	return (uint32_t)min_u64(a, b);
}

/* 22 rows are what every display of 16:9 has, the widest that are usual. */
bool canvas_divide(uint32_t width, uint32_t height, struct canvas_grid *ret_grid)
{
	uint32_t scale = least(width / CANVAS_WIDTH, height / (CANVAS_LEAST_ROWS * FONT_HEIGHT));
	uint32_t n_rows;

	if (scale == 0)
		return false;
	n_rows = least(CANVAS_MOST_ROWS, height / (FONT_HEIGHT * scale));
	*ret_grid = (struct canvas_grid){
		.width = width,
		.height = height,
		.scale = scale,
		.n_rows = n_rows,
		.left = (width - CANVAS_WIDTH * scale) / 2,
		.top = (height - n_rows * FONT_HEIGHT * scale) / 2,
	};
	return true;
}

static bool is_empty(struct canvas_area area)
{
	return area.width == 0 || area.height == 0;
}

static struct canvas_area around(struct canvas_area a, struct canvas_area b)
{
	struct canvas_area both = { .x = least(a.x, b.x), .y = least(a.y, b.y) };

	both.width = (uint32_t)max_u64(a.x + a.width, b.x + b.width) - both.x;
	both.height = (uint32_t)max_u64(a.y + a.height, b.y + b.height) - both.y;
	return is_empty(a) ? b : is_empty(b) ? a : both;
}

static struct canvas_area clip(const struct canvas *canvas, struct canvas_area area)
{
	if (area.x >= CANVAS_WIDTH || area.y >= canvas->height)
		return (struct canvas_area){ 0 };
	area.width = least(area.width, CANVAS_WIDTH - area.x);
	area.height = least(area.height, canvas->height - area.y);
	return area;
}

bool canvas_init(struct canvas *canvas, uint32_t n_rows)
{
	canvas->height = n_rows * FONT_HEIGHT;
	canvas->changed = (struct canvas_area){ 0, 0, CANVAS_WIDTH, canvas->height };
	memset(canvas->dots, CANVAS_BACKGROUND, sizeof canvas->dots);
	return font_read(&canvas->font, font_start, (uintptr_t)font_end - (uintptr_t)font_start);
}

void canvas_fill(struct canvas *canvas, struct canvas_area area, enum canvas_colour colour)
{
	area = clip(canvas, area);
	for (uint32_t y = area.y; y < area.y + area.height; y++)
		memset(&canvas->dots[y][area.x], (int)colour, area.width);
	canvas->changed = around(canvas->changed, area);
}

/* A row of @n_bits bits, the leftmost one the highest, as dots of @size x @size. */
static void draw_bits(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t size, uint8_t bits,
                      enum canvas_colour colour)
{
	for (; bits != 0; bits = (uint8_t)(bits << 1), x += size)
		for (uint32_t i = 0; (bits & 0x80) != 0 && i < size; i++)
			memset(&canvas->dots[y + i][x], (int)colour, size);
}

void canvas_text(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t size, const char *text,
                 enum canvas_colour colour)
{
	const uint32_t width = FONT_WIDTH * size, height = FONT_HEIGHT * size;
	struct canvas_area area = { x, y, 0, height };

	if (y + height > canvas->height)
		return;
	for (; *text != '\0' && x + width <= CANVAS_WIDTH; text++, x += width) {
		unsigned char c = (unsigned char)*text;
		const uint8_t *glyph = c < FONT_CHARS ? canvas->font.glyphs[c] : NULL;

		if (glyph == NULL)
			glyph = canvas->font.glyphs['?'];
		for (uint32_t row = 0; glyph != NULL && row < FONT_HEIGHT; row++)
			draw_bits(canvas, x, y + row * size, size, glyph[row], colour);
		area.width += width;
	}
	canvas->changed = around(canvas->changed, area);
}

struct canvas_pixels canvas_place(const struct canvas *canvas, const struct canvas_grid *grid,
                                  struct canvas_area area)
{
	uint32_t x_end = area.x + area.width, y_end = area.y + area.height;

	return (struct canvas_pixels){
		.x = area.x == 0 ? 0 : grid->left + area.x * grid->scale,
		.x_end = x_end == CANVAS_WIDTH ? grid->width : grid->left + x_end * grid->scale,
		.y = area.y == 0 ? 0 : grid->top + area.y * grid->scale,
		.y_end = y_end == canvas->height ? grid->height : grid->top + y_end * grid->scale,
	};
}

static uint32_t *repeat(uint32_t *pixels, uint32_t pixel, uint32_t n)
{
	while (n-- > 0)
		*pixels++ = pixel;
	return pixels;
}

void canvas_line(const struct canvas *canvas, const struct canvas_grid *grid,
                 struct canvas_area area, uint32_t dot_y, const uint32_t pixel_of[CANVAS_COLOURS],
                 uint32_t *pixels)
{
	const uint8_t *dots = canvas->dots[dot_y];
	uint32_t right = grid->width - grid->left - CANVAS_WIDTH * grid->scale;

	if (area.x == 0)
		pixels = repeat(pixels, pixel_of[dots[0]], grid->left);
	for (uint32_t x = area.x; x < area.x + area.width; x++)
		pixels = repeat(pixels, pixel_of[dots[x]], grid->scale);
	if (area.x + area.width == CANVAS_WIDTH)
		repeat(pixels, pixel_of[dots[CANVAS_WIDTH - 1]], right);
}
