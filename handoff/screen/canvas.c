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

/* One past the last line that is kept. */
static uint32_t end_line(const struct canvas *canvas)
{
	return least((uint64_t)canvas->first_line + canvas->n_lines, canvas->height);
}

static struct canvas_area clip(const struct canvas *canvas, struct canvas_area area)
{
	uint64_t start = max_u64(area.y, canvas->first_line);
	uint64_t end = min_u64((uint64_t)area.y + area.height, end_line(canvas));

	if (area.x >= CANVAS_WIDTH || start >= end)
		return (struct canvas_area){ 0 };
	area.width = least(area.width, CANVAS_WIDTH - area.x);
	area.y = (uint32_t)start;
	area.height = (uint32_t)(end - start);
	return area;
}

/* The dots of line @y, which is kept. */
static uint8_t *line_of(const struct canvas *canvas, uint32_t y)
{
	return canvas->dots[y - canvas->first_line];
}

bool canvas_init(struct canvas *canvas, uint32_t n_rows, uint8_t (*dots)[CANVAS_WIDTH],
                 uint32_t n_lines)
{
	canvas->height = n_rows * FONT_HEIGHT;
	canvas->dots = dots;
	canvas->n_lines = n_lines;
	canvas_keep(canvas, 0);
	return font_read(&canvas->font, font_start, (uintptr_t)font_end - (uintptr_t)font_start);
}

void canvas_keep(struct canvas *canvas, uint32_t first_line)
{
	canvas->first_line = first_line;
	canvas->changed = clip(canvas, (struct canvas_area){ 0, 0, CANVAS_WIDTH, canvas->height });
	memset(canvas->dots, CANVAS_BACKGROUND, canvas->n_lines * sizeof canvas->dots[0]);
}

void canvas_fill(struct canvas *canvas, struct canvas_area area, enum canvas_colour colour)
{
	area = clip(canvas, area);
	for (uint32_t y = area.y; y < area.y + area.height; y++)
		memset(line_of(canvas, y) + area.x, (int)colour, area.width);
	canvas->changed = around(canvas->changed, area);
}

/* One line of a glyph, the leftmost bit the highest, each of @size dots. */
static void draw_bits(uint8_t *dots, uint32_t size, uint8_t bits, enum canvas_colour colour)
{
	for (; bits != 0; bits = (uint8_t)(bits << 1), dots += size)
		if ((bits & 0x80) != 0)
			memset(dots, (int)colour, size);
}

/* The lines of @glyph that lie in @area, which is clipped; it begins at line @y. */
static void draw_glyph(struct canvas *canvas, struct canvas_area area, uint32_t y, uint32_t size,
                       const uint8_t *glyph, enum canvas_colour colour)
{
	for (uint32_t i = area.y; i < area.y + area.height; i++)
		draw_bits(line_of(canvas, i) + area.x, size, glyph[(i - y) / size], colour);
}

void canvas_text(struct canvas *canvas, uint32_t x, uint32_t y, uint32_t size, const char *text,
                 enum canvas_colour colour)
{
	const uint32_t width = FONT_WIDTH * size, height = FONT_HEIGHT * size;
	struct canvas_area area = clip(canvas, (struct canvas_area){ x, y, width, height });
	const struct canvas_area first = area;

	if (y + height > canvas->height || is_empty(area))
		return;
	for (; *text != '\0' && area.x + width <= CANVAS_WIDTH; text++, area.x += width) {
		unsigned char c = (unsigned char)*text;
		const uint8_t *glyph = c < FONT_CHARS ? canvas->font.glyphs[c] : NULL;

		if (glyph == NULL)
			glyph = canvas->font.glyphs['?'];
		if (glyph != NULL)
			draw_glyph(canvas, area, y, size, glyph, colour);
	}
	canvas->changed = around(canvas->changed,
	                         (struct canvas_area){ x, first.y, area.x - x, first.height });
}

/* A bar that is higher than a row looks like a mistake. */
static bool has_low_margin(const struct canvas_grid *grid)
{
	return grid->top <= FONT_HEIGHT * grid->scale;
}

struct canvas_pixels canvas_place(const struct canvas *canvas, const struct canvas_grid *grid,
                                  struct canvas_area area)
{
	uint32_t x_end = area.x + area.width, y_end = area.y + area.height;
	struct canvas_pixels pixels = {
		.x = area.x == 0 ? 0 : grid->left + area.x * grid->scale,
		.x_end = x_end == CANVAS_WIDTH ? grid->width : grid->left + x_end * grid->scale,
		.y = grid->top + area.y * grid->scale,
		.y_end = grid->top + y_end * grid->scale,
	};

	if (area.y == 0 && has_low_margin(grid))
		pixels.y = 0;
	if (y_end == canvas->height && has_low_margin(grid))
		pixels.y_end = grid->height;
	return pixels;
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
	const uint8_t *dots = line_of(canvas, dot_y);
	uint32_t right = grid->width - grid->left - CANVAS_WIDTH * grid->scale;

	if (area.x == 0)
		pixels = repeat(pixels, pixel_of[dots[0]], grid->left);
	for (uint32_t x = area.x; x < area.x + area.width; x++)
		pixels = repeat(pixels, pixel_of[dots[x]], grid->scale);
	if (area.x + area.width == CANVAS_WIDTH)
		repeat(pixels, pixel_of[dots[CANVAS_WIDTH - 1]], right);
}
