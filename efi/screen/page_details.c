/*
 * page_details.c - the pages behind the answer: see pages.h. A tab is a function that draws some of
 * its rows, and says how many there are.
 */
#include "efi/screen/pages.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/describe.h"
#include "efi/report.h"
#include "efi/ribbon.h"
#include "efi/screen/page_change.h"

#define ROW       FONT_HEIGHT
#define GAP       (FONT_HEIGHT / 2)
#define HEAD_ROWS 5 /* title, answer, tabs, the head of a table, and what is between them */
#define FOOT_ROWS 2
#define TALL_ROWS 22

/* Rows of a tab, from @first on, at most @most; @view is NULL to count them. */
typedef size_t rows_fn(struct view *view, const struct boot *boot, size_t first, size_t most);

/* Is row @i of those that are asked for? */
static bool is_asked(const struct view *view, size_t i, size_t first, size_t most)
{
	return view != NULL && i >= first && i - first < most;
}

/* Columns of ranges; two addresses of 11 digits have room. */
enum {
	COLUMN_START = 4,
	COLUMN_END = 16,
	COLUMN_SIZE = 28,
	COLUMN_TYPE = 38,
	COLUMN_OWNER = 48,
	COLUMN_ATTRIBUTE = 61
};

/* And of reservations, whose texts are long: start and size are enough. */
enum { COLUMN_EXTENT = 15, COLUMN_WHOSE = 26, COLUMN_REASON = 50 };

static void put_range(struct view *view, paddr_t start_paddr, paddr_t end_paddr,
                      enum canvas_colour colour)
{
	char size[TEXT_AMOUNT_BYTES];

	view_put(view, COLUMN_START, colour, "%011llx", (ull)start_paddr);
	if (end_paddr >> 44 == 0) /* else the size has to tell */
		view_put(view, COLUMN_END, colour, "%011llx", (ull)end_paddr);
	view_put(view, COLUMN_SIZE, colour, "%9s", page_size(size, end_paddr - start_paddr));
}

static void put_range_head(struct view *view)
{
	view_put(view, COLUMN_START, CANVAS_GREY, "start");
	view_put(view, COLUMN_END, CANVAS_GREY, "end");
	view_put(view, COLUMN_SIZE + 5, CANVAS_GREY, "size");
}

/* --- 1: changes --- */

static void put_fact(struct view *view, const struct comparison_fact *fact)
{
	static const char *const names[FACT_KINDS] = { "RAM", "CPUs", "firmware", "boot option" };
	char before[COMPARISON_FACT_BYTES], after[COMPARISON_FACT_BYTES];

	answer_fact(fact, before, after);
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%s", names[fact->kind]);
	view_put(view, 15, CANVAS_WHITE, "%s -> %s", before, after);
	view_next(view, 0);
}

static size_t changes_rows(struct view *view, const struct boot *boot, size_t first, size_t most)
{
	const struct comparison *comparison = &boot->comparison;
	const struct step *step = &comparison->step;

	if (comparison->other == NULL)
		return 0;
	for (size_t i = 0; i < step->n_telling; i++)
		if (is_asked(view, i, first, most))
			page_change(view, &step->changes[i]);
	for (size_t i = 0; i < comparison->n_facts; i++)
		if (is_asked(view, step->n_telling + i, first, most))
			put_fact(view, &comparison->facts[i]);
	return step->n_telling + comparison->n_facts;
}

/* --- 2: e820 --- */

/* Whose it is by UEFI's type of its first byte, or by its own. */
static const char *owner_of(const struct boot *boot, const struct e820_range *range)
{
	const struct uefi_map *map = &boot->snapshot.map;
	size_t n = uefi_map_count(map);

	if (range->type == E820_RAM)
		return "RAM";
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		enum owner_kind kind = owner_of_uefi_type(descriptor.type);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (kind != OWNER_NONE &&
		    uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps) &&
		    start_paddr <= range->start_paddr && range->start_paddr < end_paddr)
			return owner_kind_name(kind);
	}
	return owner_kind_name(owner_of_e820_type(range->type));
}

static const struct step_change *change_of(const struct comparison *comparison,
                                           const struct e820_range *range)
{
	const struct step *step = &comparison->step;

	for (size_t i = 0; comparison->other != NULL && i < step->n_changes; i++)
		if (step->changes[i].change.after.start_paddr == range->start_paddr &&
		    step->changes[i].change.after.end_paddr == range->end_paddr)
			return &step->changes[i];
	return NULL;
}

static char sign_of(const struct change *change)
{
	static const char signs[] = {
		[CHANGE_MOVED] = '>',    [CHANGE_GREW] = '+',     [CHANGE_SHRANK] = '-',
		[CHANGE_APPEARED] = '*', [CHANGE_VANISHED] = 'x', [CHANGE_RETYPED] = '~'
	};

	return change->is_consequence ? '.' : signs[change->kind];
}

/* How far it is from where it was, or by how much larger or smaller. */
static void put_turn(struct view *view, const struct change *change)
{
	bool is_down = change->kind == CHANGE_SHRANK ||
	               (change->kind == CHANGE_MOVED &&
	                change->after.start_paddr < change->before.start_paddr);
	char size[TEXT_AMOUNT_BYTES], type[PAGE_TYPE_BYTES], turn[10];
	size_t n;

	if (change->is_consequence)
		n = text_format(turn, sizeof turn, "follows");
	else if (change->kind == CHANGE_APPEARED)
		n = text_format(turn, sizeof turn, "new");
	else if (change->kind == CHANGE_RETYPED)
		n = text_format(turn, sizeof turn, "%.9s", page_type(type, change->before.type));
	else
		n = text_format(turn, sizeof turn, "%c%.8s", is_down ? '-' : '+',
		                page_size(size, pfn_paddr(change->n_pages)));
	/* To the right: the owner may end where this column begins. */
	view_put(view, VIEW_RIGHT_COLUMN - (uint32_t)n,
	         change->is_consequence ? CANVAS_GREY : CANVAS_RED, "%s", turn);
}

static size_t e820_rows(struct view *view, const struct boot *boot, size_t first, size_t most)
{
	const struct e820_map *map = &boot->plan.whole_e820;

	for (size_t i = first; i < map->n_ranges && is_asked(view, i, first, most); i++) {
		const struct e820_range *range = &map->ranges[i];
		const struct step_change *step = change_of(&boot->comparison, range);
		bool is_same = step == NULL || step->change.is_consequence;
		enum canvas_colour colour = is_same ? CANVAS_GREY : CANVAS_WHITE;
		char type[PAGE_TYPE_BYTES];

		if (step != NULL)
			view_put(view, VIEW_LEFT_COLUMN, is_same ? CANVAS_GREY : CANVAS_RED, "%c",
			         sign_of(&step->change));
		put_range(view, range->start_paddr, range->end_paddr, colour);
		view_put(view, COLUMN_TYPE, colour, "%s", page_type(type, range->type));
		view_put(view, COLUMN_OWNER, colour, "%.21s", owner_of(boot, range));
		if (step != NULL)
			put_turn(view, &step->change);
		view_next(view, 0);
	}
	return map->n_ranges;
}

static void e820_head(struct view *view)
{
	put_range_head(view);
	view_put(view, COLUMN_TYPE, CANVAS_GREY, "type");
	view_put(view, COLUMN_OWNER, CANVAS_GREY, "owner");
	view_put(view, VIEW_RIGHT_COLUMN - 6, CANVAS_GREY, "change");
	view_next(view, 0);
}

/* --- 3: owners --- */

static size_t owners_rows(struct view *view, const struct boot *boot, size_t first, size_t most)
{
	const struct reservation_list *list;

	if (boot->plan.booted == NULL)
		return 0;
	list = &boot->plan.booted->setup.reservations;
	for (size_t i = first; i < list->n_entries && is_asked(view, i, first, most); i++) {
		const struct reservation *entry = &list->entries[i];
		char size[TEXT_AMOUNT_BYTES];

		view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "0x%09llx", (ull)entry->start_paddr);
		view_put(view, COLUMN_EXTENT, CANVAS_GREY, "%9s",
		         page_size(size, entry->end_paddr - entry->start_paddr));
		view_put(view, COLUMN_WHOSE, CANVAS_WHITE, "%s", entry->owner);
		view_put(view, COLUMN_REASON, CANVAS_GREY, "%s", entry->reason);
		view_next(view, 0);
	}
	return list->n_entries;
}

static void owners_head(struct view *view)
{
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "start");
	view_put(view, COLUMN_EXTENT + 5, CANVAS_GREY, "size");
	view_put(view, COLUMN_WHOSE, CANVAS_GREY, "reserved for");
	view_put(view, COLUMN_REASON, CANVAS_GREY, "why");
	view_next(view, 0);
}

/* --- 4: UEFI --- */

static size_t uefi_rows(struct view *view, const struct boot *boot, size_t first, size_t most)
{
	const struct uefi_map *map = &boot->snapshot.map;
	size_t n = uefi_map_count(map);

	for (size_t i = first; i < n && is_asked(view, i, first, most); i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);

		put_range(view, descriptor.start_paddr,
		          descriptor.start_paddr + pfn_paddr(descriptor.n_pages), CANVAS_GREY);
		view_put(view, COLUMN_TYPE, CANVAS_WHITE, "%.21s", uefi_type_name(descriptor.type));
		view_put(view, COLUMN_ATTRIBUTE, CANVAS_GREY, "%016llx", (ull)descriptor.attribute);
		view_next(view, 0);
	}
	return n;
}

static void uefi_head(struct view *view)
{
	put_range_head(view);
	view_put(view, COLUMN_TYPE, CANVAS_GREY, "type");
	view_put(view, COLUMN_ATTRIBUTE, CANVAS_GREY, "attributes");
	view_next(view, 0);
}

/* --- 5: bitmap --- */

#define TARGET_ROWS 4

static void put_target(struct view *view, const struct target_plan *target, bool is_booted)
{
	const struct boot_setup *setup = &target->setup;
	char free[TEXT_AMOUNT_BYTES];
	struct ribbon ribbon;

	view_put(view, VIEW_LEFT_COLUMN, CANVAS_WHITE, "%s%s", target->target->name,
	         is_booted ? ", which is started" : "");
	view_next(view, 0);
	if (setup->err != SETUP_OK) {
		view_put(view, VIEW_LEFT_COLUMN, CANVAS_AMBER, "no bitmap: %s",
		         setup_err_text(setup->err));
		view_next(view, 0);
		view->y += 2 * ROW;
		return;
	}
	ribbon_make(&ribbon, setup);
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY,
	         "%llu of %llu pages are free, %s. The bitmap lies at 0x%llx.",
	         (ull)ribbon.free_pages, (ull)setup->max_low_pfn,
	         text_amount(free, pfn_paddr(ribbon.free_pages)),
	         (ull)pfn_paddr(setup->min_low_pfn));
	view_next(view, 0);
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_WHITE, "|%s|", ribbon.cells);
	view_next(view, ROW);
}

static size_t bitmap_rows(struct view *view, const struct boot *boot, size_t first, size_t most)
{
	const struct plan *plan = &boot->plan;

	(void)first, (void)most;
	if (plan->booted == NULL)
		return 0;
	if (view != NULL) {
		put_target(view, &plan->ia32, plan->booted == &plan->ia32);
		put_target(view, &plan->amd64, plan->booted == &plan->amd64);
	}
	return (size_t)2 * TARGET_ROWS;
}

static void bitmap_head(struct view *view)
{
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY,
	         "Each character is a part of low memory: . free  # reserved  + some of both");
	view_next(view, 0);
}

/* --- 6: firmware --- */

struct firmware_lines {
	struct view *view;
	size_t first, most, n;
};

/* KEY TEXT, and a line feed. */
static void take_line(void *context, const char *line, size_t bytes)
{
	struct firmware_lines *lines = context;
	int key = 0;

	if (!is_asked(lines->view, lines->n++, lines->first, lines->most))
		return;
	while ((size_t)key + 1 < bytes && line[key] != ' ')
		key++;
	view_put(lines->view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%.*s", key, line);
	if ((size_t)key + 2 < bytes)
		view_put(lines->view, 24, CANVAS_WHITE, "%.*s", (int)bytes - key - 2,
		         line + key + 1);
	view_next(lines->view, 0);
}

static size_t firmware_rows(struct view *view, const struct boot *boot, size_t first, size_t most)
{
	struct firmware_lines lines = { .view = view, .first = first, .most = most };

	describe_conditions(boot, take_line, &lines);
	return lines.n;
}

static void firmware_head(struct view *view)
{
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "what the capture says of the machine");
	view_next(view, 0);
}

/* --- the page --- */

static const struct {
	const char *name;
	void (*head)(struct view *view);
	rows_fn *rows;
	const char *none;
} tabs[] = {
	{ "changes", page_change_head, changes_rows,
	  "There is no boot with another map to compare with." },
	{ "e820", e820_head, e820_rows, "" },
	{ "owners", owners_head, owners_rows, "No kernel is chosen: nothing is reserved." },
	{ "UEFI", uefi_head, uefi_rows, "" },
	{ "bitmap", bitmap_head, bitmap_rows, "No kernel is chosen: there is no bitmap." },
	{ "firmware", firmware_head, firmware_rows, "" },
};
_Static_assert(COUNT(tabs) == DETAILS_TABS, "a tab has no key");

static size_t rows_a_page(const struct boot *boot)
{
	uint32_t n_rows =
		boot->display.canvas != NULL ? boot->display.grid.n_rows : CANVAS_MOST_ROWS;

	return n_rows - HEAD_ROWS - FOOT_ROWS - (n_rows > TALL_ROWS);
}

unsigned page_details_count(const struct boot *boot, unsigned tab)
{
	size_t n = tabs[tab].rows(NULL, boot, 0, 0), most = rows_a_page(boot);
	unsigned pages = 1;

	for (; n > most; n -= most)
		pages++;
	return pages;
}

static void put_tabs(struct view *view, unsigned tab, unsigned page, unsigned n_pages)
{
	uint32_t column = VIEW_LEFT_COLUMN;

	for (unsigned i = 0; i < COUNT(tabs); i++) {
		char text[24];
		size_t n = text_format(text, sizeof text, "%u %s", i + 1, tabs[i].name);

		if (i == tab)
			view_cap(view, column, CANVAS_WHITE, text);
		else
			view_put(view, column, CANVAS_GREY, "%s", text);
		column += (uint32_t)n + 2;
	}
	view_put(view, VIEW_RIGHT_COLUMN - 12, CANVAS_GREY, "page %u of %u", page + 1, n_pages);
	view_next(view, GAP);
}

void page_details(struct boot *boot, unsigned tab, unsigned page)
{
	static const struct view_key keys[] = { { "1-6", "section" },
		                                { "Space", "next page" },
		                                { "B", "page back" },
		                                { "Esc", "back to the answer" } };
	size_t most = rows_a_page(boot);
	struct view view;

	page_begin(boot, "details", &view);
	view_brief(&view, &boot->answer.band);
	view.y += GAP;
	put_tabs(&view, tab, page, page_details_count(boot, tab));
	tabs[tab].head(&view);
	if (tabs[tab].rows(&view, boot, page * most, most) == 0)
		view_named(&view, "", CANVAS_WHITE, "%s", tabs[tab].none);
	if (tabs[tab].rows == e820_rows && boot->comparison.other != NULL)
		view_foot(&view, CANVAS_GREY,
		          "> moved  + grew  - shrank  * new  ~ of another type  . only follows");
	view_keys(&view, keys, COUNT(keys));
}
