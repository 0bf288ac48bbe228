/* page_error.c - what went wrong: see pages.h. */
#include "efi/screen/pages.h"

#include "bootmem/count.h"
#include "efi/console.h"

#define ROW FONT_HEIGHT
#define GAP (FONT_HEIGHT / 2)

static void put_cost(struct view *view, const struct boot *boot)
{
	const struct comparison *comparison = &boot->comparison;

	if (comparison->kind != COMPARISON_NONE && comparison->saved == EFI_SUCCESS)
		view_named(view, "Done", CANVAS_WHITE, "This boot is saved all the same: %s",
		           comparison->path);
	view_named(view, "Not done", CANVAS_WHITE, "No kernel is started.");
	if (boot->error.is_written)
		view_named(view, "To do", CANVAS_WHITE,
		           "Mend it on another computer. The stick opens as a normal drive there. "
		           "This message is on it: \\bootmem\\last-error.txt");
	else
		view_named(view, "To do", CANVAS_WHITE,
		           "Mend it on another computer. The stick opens as a normal drive there.");
}

void page_error(struct boot *boot)
{
	static const struct view_key keys[] = { { "Enter", "show the comparison" },
		                                { "R", "restart" },
		                                { "P", "power off" },
		                                { "Esc", "next boot entry" } };
	const bool is_compared = boot->comparison.kind != COMPARISON_NONE;
	struct view_band band = { .colour = CANVAS_AMBER, .sign = 'X', .big = "ERROR" };
	struct view view;

	page_begin(boot, NULL, &view);
	view.y += ROW;
	view_band(&view, &band);
	view.y += ROW;
	view_named(&view, "What", CANVAS_WHITE, "%s (%s)", boot->error.text,
	           status_name(boot->error.status));
	view.y += GAP;
	put_cost(&view, boot);
	view.y += ROW;
	if (is_compared)
		view_brief(&view, &boot->answer.band);
	view_keys(&view, keys + !is_compared, COUNT(keys) - !is_compared);
}
