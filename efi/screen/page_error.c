/* page_error.c - what went wrong: see pages.h. */
#include "efi/screen/pages.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/last_error.h"

#define ROW FONT_HEIGHT
#define GAP (FONT_HEIGHT / 2)

#define CODE_COLUMN 8

/* What it is about: the lines of the file, and marks under the word. */
static void put_place(struct view *view, const struct config_error *error)
{
	const uint32_t x = VIEW_LEFT_COLUMN * FONT_WIDTH;
	uint32_t column = CODE_COLUMN + error->column;
	char marks[CONFIG_SHOWN_BYTES] = "";
	unsigned n_shown = 0;

	for (unsigned i = 0; i < CONFIG_SHOWN_LINES; i++)
		n_shown += i + error->line >= CONFIG_SHOWN_LINES;
	view_bar(view,
	         (struct canvas_area){ x, 0, VIEW_RIGHT_COLUMN * FONT_WIDTH - x,
	                               (n_shown + 1) * ROW + GAP },
	         CANVAS_PANEL);
	view->y += GAP / 2;
	for (unsigned i = CONFIG_SHOWN_LINES - n_shown; i < CONFIG_SHOWN_LINES; i++) {
		bool is_wrong = i == CONFIG_SHOWN_LINES - 1;

		view_put(view, VIEW_LEFT_COLUMN + 1, CANVAS_GREY, "%4u",
		         error->line - (CONFIG_SHOWN_LINES - 1 - i));
		view_put(view, CODE_COLUMN, is_wrong ? CANVAS_WHITE : CANVAS_GREY, "%s",
		         error->shown[i]);
		view_next(view, 0);
	}
	if (column < VIEW_RIGHT_COLUMN - sizeof " here") {
		uint32_t n = (uint32_t)min_u64(max_u64(error->length, 1),
		                               VIEW_RIGHT_COLUMN - sizeof " here" - column);

		memset(marks, '^', n);
		view_put(view, column, CANVAS_AMBER, "%s here", marks);
	}
	view_next(view, ROW);
}

/* Where in a file, and what; and what may have been meant. */
static void name_config_error(const struct config_error *error, struct view_band *band)
{
	text_format(band->lines[0], sizeof band->lines[0], "bootmem.conf, line %u: %s", error->line,
	            error->word);
	text_format(band->lines[1], sizeof band->lines[1], "%s",
	            error->hint[0] != '\0' ? error->hint : error->what);
}

static void put_cost(struct view *view, const struct boot *boot)
{
	const struct comparison *comparison = &boot->comparison;

	if (comparison->kind != COMPARISON_NONE && comparison->saved == EFI_SUCCESS)
		view_named(view, "Done", CANVAS_WHITE, "This boot is saved all the same: %s",
		           comparison->path);
	view_named(view, "Not done", CANVAS_WHITE, "No kernel is started%s.",
	           boot->config_error.is_about_label ? ", and the capture has no label" : "");
	if (boot->root == NULL) {
		view_named(view, "To do", CANVAS_WHITE,
		           "Start it from a stick: `make usb-write' makes one.");
		return;
	}
	if (boot->config_error.line == 0) {
		view_named(view, "To do", CANVAS_WHITE,
		           "Look at bootmem.conf, which has the manual in it.%s",
		           boot->error.is_written
		                   ? " This message is on the stick: " LAST_ERROR_FILE
		                   : "");
		return;
	}
	view_named(view, "To do", CANVAS_WHITE,
	           "Correct it on another computer. The stick opens as a normal drive there.%s",
	           boot->error.is_written ? " This message is on it: " LAST_ERROR_FILE : "");
}

void page_error_keys(const struct boot *boot, struct view *view)
{
	static const struct view_key keys[] = { { "Enter", "show the comparison" },
		                                { "R", "restart" },
		                                { "P", "power off" },
		                                { "Esc", "next boot entry" } };
	const bool is_compared = boot->comparison.kind != COMPARISON_NONE;

	view_keys(view, keys + !is_compared, COUNT(keys) - !is_compared);
}

void page_error(struct boot *boot)
{
	const bool is_compared = boot->comparison.kind != COMPARISON_NONE;
	const struct config_error *place = &boot->config_error;
	struct view_band band = { .colour = CANVAS_AMBER, .sign = 'X', .big = "ERROR" };
	struct view view;

	if (place->line > 0)
		name_config_error(place, &band);
	else
		text_format(band.lines[0], sizeof band.lines[0], "The boot was given up.");
	page_begin(boot, NULL, &view);
	view.y += ROW;
	view_band(&view, &band);
	view.y += ROW;
	if (place->line > 0)
		view_named(&view, "What", CANVAS_WHITE, "%s%s%s.", place->word,
		           place->word[0] != '\0' ? ": " : "", place->what);
	else
		view_named(&view, "What", CANVAS_WHITE, "%s (%s)", boot->error.text,
		           status_name(boot->error.status));
	view.y += GAP;
	if (place->line > 0)
		put_place(&view, place);
	put_cost(&view, boot);
	if (view_room(&view) >= GAP + ROW)
		view.y += GAP;
	if (is_compared && view_room(&view) >= ROW)
		view_brief(&view, &boot->answer.band);
	page_error_keys(boot, &view);
}
