/* page_answer.c - the screen that answers: see pages.h. */
#include "efi/screen/pages.h"

#include "bootmem/count.h"
#include "efi/console.h"
#include "efi/notes.h"
#include "efi/screen/page_change.h"

#define ROW        FONT_HEIGHT
#define GAP        (FONT_HEIGHT / 2)
#define FOOT_ROWS  2  /* what stands below the changes: Saved, Boots */
#define STRIP_ROWS 25 /* screens of fewer rows have none */
#define MOST_LINES 11
#define LAST_BOOTS 5

static void put_changes(struct view *view, const struct step *step)
{
	uint32_t rows = view_room(view) / ROW;
	size_t most = min_u64(MOST_LINES, rows > FOOT_ROWS + 2 ? rows - FOOT_ROWS - 2 : 1);
	size_t n = step->n_telling <= most ? step->n_telling : most - 1;

	page_change_head(view);
	for (size_t i = 0; i < n; i++)
		page_change(view, &step->changes[i]);
	if (n < step->n_telling) {
		view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "and %u more (D)",
		         (unsigned)(step->n_telling - n));
		view_next(view, 0);
	}
	view->y += GAP;
}

static void put_strips(struct view *view, const struct boot *boot)
{
	const struct comparison *comparison = &boot->comparison;
	const struct e820_map *now = &boot->plan.whole_e820;
	paddr_t end_paddr =
		max_u64(page_ram_end_paddr(&comparison->other_e820), page_ram_end_paddr(now));

	if (boot->display.canvas == NULL || boot->display.grid.n_rows < STRIP_ROWS)
		return;
	page_strip(view, "then", &comparison->other_e820, end_paddr, &comparison->step, BEFORE);
	page_strip(view, "now", now, end_paddr, &comparison->step, AFTER);
	view->y += GAP;
}

/* --- boots --- */

const char *page_why_not_saved(EFI_STATUS status)
{
	switch (status) {
	case EFI_VOLUME_FULL:
		return "the stick is full";
	case EFI_WRITE_PROTECTED:
		return "the stick cannot be written";
	case EFI_NO_MEDIA:
	case EFI_MEDIA_CHANGED:
		return "the stick is not there";
	case EFI_DEVICE_ERROR:
	case EFI_NO_RESPONSE:
	case EFI_TIMEOUT:
		return "the stick does not answer";
	case EFI_END_OF_MEDIA:
		return "9999.map is there, which is the last one that there can be";
	case EFI_NO_MAPPING:
		return "a file is where the folder bootmem\\captures has to be";
	case EFI_VOLUME_CORRUPTED:
		return "the stick is damaged: run chkdsk";
	default:
		return status_name(status);
	}
}

static void put_saved(struct view *view, const struct comparison *comparison)
{
	if (comparison->kind == COMPARISON_NONE)
		return;
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "Saved");
	if (comparison->saved == EFI_SUCCESS)
		view_put(view, VIEW_TEXT_COLUMN, CANVAS_WHITE, "%s", comparison->path);
	else
		view_put(view, VIEW_TEXT_COLUMN, CANVAS_AMBER, "Not saved: %s.",
		         page_why_not_saved(comparison->saved));
	if (comparison->saved == EFI_SUCCESS && comparison->kind == COMPARISON_CHANGED)
		view_put(view, 40, CANVAS_GREY, "full report: mapdiff on a Linux PC");
	view_next(view, 0);
}

static unsigned boots_with(const struct comparison *comparison, unsigned map)
{
	unsigned n = 0;

	for (size_t i = 0; i < comparison->n_boots; i++)
		n += comparison->boots[i].map == map;
	return n;
}

/* The map of the boot before, and that of now. */
static void put_maps(struct view *view, const struct comparison *comparison)
{
	const struct past_boot *now = &comparison->now;
	const struct past_boot *last = comparison->last;
	unsigned n_last = boots_with(comparison, last->map);
	char text[23];
	size_t n;

	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "Boots");
	view_put(view, VIEW_TEXT_COLUMN, CANVAS_WHITE, "%c", page_map_letter(last->map));
	n = text_format(text, sizeof text, "%u boot%s%s%s", n_last, n_last == 1 ? "" : "s",
	                last->label[0] != '\0' ? ", " : "", last->label);
	view_put(view, VIEW_TEXT_COLUMN + 2, CANVAS_GREY, "%s%s", text,
	         n >= sizeof text ? "..." : "");
	view_put(view, 40, CANVAS_WHITE, "%c", page_map_letter(now->map));
	if (comparison->n_with_this_map == 0)
		view_put(view, 42, CANVAS_GREY, "1 boot, this one, %s",
		         now->label[0] != '\0' ? now->label : "no label yet");
	else
		view_put(view, 42, CANVAS_GREY, "this boot, as in %u of %u earlier",
		         comparison->n_with_this_map, (unsigned)comparison->n_boots - 1);
	view_next(view, 0);
}

static void put_boot(struct view *view, const struct comparison *comparison, size_t i)
{
	const struct past_boot *boot = &comparison->boots[i];
	const struct past_boot *now = &comparison->now;
	bool is_now = i == comparison->n_boots - 1;
	enum canvas_colour colour = is_now ? CANVAS_WHITE : CANVAS_GREY;
	char letter[2] = { page_map_letter(boot->map), '\0' };
	char time[ANSWER_WHEN_BYTES], size[TEXT_AMOUNT_BYTES];

	answer_time(time, sizeof time, boot->time, now->time);
	view_put(view, VIEW_LEFT_COLUMN, colour, "%04u.map", boot->number);
	view_put(view, 12, colour, "%s", time);
	view_cap(view, 30, boot->map == now->map ? CANVAS_GREEN : CANVAS_RED, letter);
	view_put(view, 35, colour, "%s", text_amount(size, boot->ram_bytes));
	view_put(view, 47, colour, "%s%s", is_now ? "this boot, " : "",
	         boot->label[0] != '\0' ? boot->label
	         : is_now               ? "no label yet"
	                                : "");
	view_next(view, 0);
}

static void put_boots(struct view *view, const struct comparison *comparison)
{
	const uint32_t room = view_room(view), rows = room > GAP ? (room - GAP) / ROW : 0;
	const size_t most = rows > 2 ? min_u64(LAST_BOOTS, rows - 2) : 1; /* the head, and Saved */
	size_t first = comparison->n_boots > most ? comparison->n_boots - most : 0;

	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "capture");
	view_put(view, 12, CANVAS_GREY, "booted");
	view_put(view, 30, CANVAS_GREY, "map");
	view_put(view, 35, CANVAS_GREY, "RAM");
	view_put(view, 47, CANVAS_GREY, "label");
	view_next(view, 0);
	for (size_t i = first; i < comparison->n_boots; i++)
		put_boot(view, comparison, i);
	view->y += GAP;
}

/* --- the first one --- */

static void put_step(struct view *view, unsigned number, enum canvas_colour colour,
                     const char *text, const char *more)
{
	const char digit[2] = { (char)('0' + number), '\0' };

	view_cap(view, VIEW_LEFT_COLUMN, colour, digit);
	view_put(view, 5, CANVAS_WHITE, "%s", text);
	view_next(view, 0);
	if (more != NULL) {
		view_put(view, 5, CANVAS_GREY, "%s", more);
		view_next(view, 0);
	}
	view->y += GAP;
}

static void put_steps(struct view *view, const struct comparison *comparison)
{
	char done[CANVAS_COLUMNS];

	if (comparison->saved == EFI_SUCCESS) {
		text_format(done, sizeof done, "Done: this boot is saved as %s.", comparison->path);
		put_step(view, 1, CANVAS_GREEN, done, NULL);
	} else {
		put_saved(view, comparison);
		view->y += GAP;
	}
	put_step(view, 2, CANVAS_WHITE, "Press L and say what is special about this boot,",
	         "for example \"docked\". It helps to compare later.");
	put_step(view, 3, CANVAS_WHITE,
	         "Press P, take the stick out and use the computer as usual.", NULL);
	put_step(view, 4, CANVAS_WHITE,
	         "Boot the stick again: docked and undocked, before and after an update,",
	         "and right after a resume has failed.");
}

static void put_this_map(struct view *view, const struct boot *boot)
{
	const struct e820_map *map = &boot->plan.whole_e820;
	char ram[TEXT_AMOUNT_BYTES];

	page_strip(view, "map A", map, page_ram_end_paddr(map), NULL, AFTER);
	view_put(view, VIEW_TEXT_COLUMN, CANVAS_GREY,
	         "%u ranges. Flat: %s of RAM. Tall: the firmware keeps it.",
	         (unsigned)map->n_ranges, text_amount(ram, e820_bytes_of_type(map, E820_RAM)));
	view_next(view, 0);
}

/* --- the page --- */

static void put_passed_over(struct view *view, const struct comparison *comparison)
{
	if (comparison->n_damaged > 0)
		view_named(view, "Note", CANVAS_AMBER,
		           "%u capture%s cannot be read, %04u.map for one.", comparison->n_damaged,
		           comparison->n_damaged == 1 ? "" : "s", comparison->damaged_number);
	if (comparison->n_other_machines > 0 && view_room(view) >= ROW)
		view_named(
			view, "Note", CANVAS_GREY, "%u capture%s of other machines: passed over.",
			comparison->n_other_machines, comparison->n_other_machines == 1 ? "" : "s");
}

static void put_notes(struct view *view, const struct boot *boot)
{
	char note[NOTE_BYTES];
	unsigned i;

	for (i = 0; notes_get(boot, i, note); i++) {
		if (note[0] >= 'a' && note[0] <= 'z')
			note[0] &= ~0x20;
		view_named(view, "Note", CANVAS_AMBER, "%s.", note);
	}
	view->y += i > 0 ? GAP : 0;
}

static void put_body(struct view *view, const struct boot *boot, bool has_steps)
{
	const struct comparison *comparison = &boot->comparison;

	switch (comparison->kind) {
	case COMPARISON_CHANGED:
		put_strips(view, boot);
		put_changes(view, &comparison->step);
		put_saved(view, comparison);
		put_maps(view, comparison);
		break;
	case COMPARISON_UNCHANGED:
		put_boots(view, comparison);
		put_saved(view, comparison);
		break;
	case COMPARISON_FIRST:
		if (has_steps)
			put_steps(view, comparison);
		else
			put_saved(view, comparison);
		if (view_room(view) >= 2 * ROW)
			put_this_map(view, boot);
		break;
	default:
		put_saved(view, comparison);
	}
	if (view_room(view) >= ROW)
		put_passed_over(view, comparison);
}

void page_answer(struct boot *boot, enum answer_keys keys)
{
	const struct view_key all[] = {
		{ "Enter", keys == ANSWER_KEYS_OF_LOADER ? "start the loader" : "prove memory" },
		{ "D", "details" },
		{ "L", "label" },
		{ "R", "restart" },
		{ "P", "power off" },
		{ "Esc", "firmware" },
	};
	const struct answer *answer = &boot->answer;
	/* A first boot of the stick with keys says step by step what to do. */
	const bool has_keys = keys != ANSWER_NO_KEYS;
	const size_t first = keys == ANSWER_KEYS_WITHOUT_START;
	const bool has_steps = has_keys && keys != ANSWER_KEYS_OF_LOADER &&
	                       boot->comparison.kind == COMPARISON_FIRST;
	struct view view;

	page_begin(boot, NULL, &view);
	view.y += ROW;
	view_band(&view, &answer->band);
	view.y += ROW;
	if (answer->cause_name[0] != '\0')
		view_named(&view, answer->cause_name, CANVAS_WHITE, "%s", answer->cause);
	if (!has_steps)
		view_named(&view, "To do", CANVAS_WHITE, "%s", answer->to_do);
	view.y += has_steps ? 0 : GAP;
	put_notes(&view, boot);
	put_body(&view, boot, has_steps);
	if (has_keys)
		view_keys(&view, all + first, COUNT(all) - first);
}

void page_working(struct boot *boot, const char *text)
{
	struct view view;

	page_begin(boot, NULL, &view);
	view.y += 2 * ROW;
	view_put(&view, VIEW_LEFT_COLUMN, CANVAS_WHITE, "%s", text);
	view_next(&view, 0);
}
