/* page.c - see page.h. */
#include "efi/screen/page.h"

#include "bootmem/mem.h"
#include "efi/console.h"

#define STRIP_X       (VIEW_TEXT_COLUMN * FONT_WIDTH)
#define STRIP_WIDTH   448
#define FLAT_DOTS     4
#define TALL_DOTS     8
#define CHANGED_DOTS  14
#define AMOUNT_COLUMN 69
#define SCALE_BITS    22 /* an address in so many bits, times STRIP_WIDTH, is below 2^32 */

static void say(void *context, const char *line)
{
	console_print(context, "bootmem: %s\n", line);
}

static const char *machine_of(const struct boot *boot, struct smbios_model *model)
{
	facts_model(&boot->facts, model);
	for (char *c = model->texts[SMBIOS_SYSTEM_PRODUCT]; *c != '\0'; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return model->texts[SMBIOS_SYSTEM_PRODUCT];
}

static void begin(struct boot *boot, const char *what, const char *right, struct view *ret_view)
{
	struct smbios_model model;

	*ret_view = (struct view){ .canvas = boot->display.canvas,
		                   .say = say,
		                   .context = &boot->firmware };
	view_begin(ret_view, what != NULL ? what : machine_of(boot, &model), right);
}

void page_begin(struct boot *boot, const char *what, struct view *ret_view)
{
	const char *now = boot->comparison.now.time;
	char time[ANSWER_WHEN_BYTES];

	answer_time(time, sizeof time, now, now);
	begin(boot, what, time, ret_view);
}

void page_begin_with(struct boot *boot, const char *right, struct view *ret_view)
{
	if (right != NULL)
		begin(boot, NULL, right, ret_view);
	else
		page_begin(boot, NULL, ret_view);
}

void page_brief(struct boot *boot, struct view *view)
{
	view_brief(view, &boot->answer.band);
	view->y += FONT_HEIGHT;
}

paddr_t page_ram_end_paddr(const struct e820_map *map)
{
	return pfn_paddr(e820_end_of_ram_pfn(map));
}

char page_map_letter(unsigned map)
{
	return map < 26 ? (char)('A' + map) : '*';
}

/* --- to scale --- */

static uint32_t scaled(paddr_t paddr, paddr_t end_paddr)
{
	unsigned shift = 0;

	while (end_paddr >> shift >> SCALE_BITS != 0)
		shift++;
	return (uint32_t)(min_u64(paddr, end_paddr) >> shift) * STRIP_WIDTH /
	       (uint32_t)max_u64(end_paddr >> shift, 1);
}

static void draw_range(struct view *view, const struct e820_range *range, paddr_t end_paddr,
                       uint32_t dots, enum canvas_colour colour)
{
	uint32_t x = scaled(range->start_paddr, end_paddr);
	uint32_t width = scaled(range->end_paddr, end_paddr) - x;

	if (range->start_paddr >= end_paddr)
		return;
	view_bar(view,
	         (struct canvas_area){ STRIP_X + x, (FONT_HEIGHT - dots) / 2, width > 0 ? width : 1,
	                               dots },
	         colour);
}

void page_strip(struct view *view, const char *name, const struct e820_map *map, paddr_t end_paddr,
                const struct step *changes, enum side side)
{
	char amount[TEXT_AMOUNT_BYTES];

	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%s", name);
	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].type == E820_RAM)
			draw_range(view, &map->ranges[i], end_paddr, FLAT_DOTS, CANVAS_GREY);
	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].type != E820_RAM)
			draw_range(view, &map->ranges[i], end_paddr, TALL_DOTS, CANVAS_GREY);
	for (size_t i = 0; changes != NULL && i < changes->n_telling; i++) {
		const struct change *change = &changes->changes[i].change;
		const struct e820_range *range = side == BEFORE ? &change->before : &change->after;

		if (!e820_is_empty(range) && range->type != E820_RAM)
			draw_range(view, range, end_paddr, CHANGED_DOTS, CANVAS_RED);
	}
	text_amount(amount, e820_bytes_of_type(map, E820_RAM));
	view_put(view, AMOUNT_COLUMN, CANVAS_GREY, "%9s", amount);
	view_next(view, 0);
}
