/* print_summary.c - a view -> its first screen, a name and a sentence in each line: see
 * print_summary.h. */
#include "mapdiff/report/print_summary.h"

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/diff/result.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/report/view_words.h"

#define NAME_COLUMNS 12

static const char *const origins[] = {
	[VIEW_FIRMWARE] = "as the kernel got it from its loader",
	[VIEW_BOOTMEM] = "as bootmem made it",
	[VIEW_KERNEL] = "as the kernel has edited it since, not the firmware's",
	[VIEW_GRUB] = "as GRUB shows it",
	[VIEW_XEN] = "as Xen got it from its loader",
	[VIEW_DOMAIN] = "as Xen gave it to this kernel, not the firmware's; unusable is what it "
			"was not given",
	[VIEW_HOLES] = "RAM alone, by the holes that the kernel leaves out of an image "
		       "(nosave)",
	[VIEW_LISTED] = "as another program lists it",
};
_Static_assert(COUNT(origins) == VIEW_COUNT, "a view of e820 has no words");

static void print_row(const struct output *out, enum colour colour, const char *name,
                      const char *text)
{
	out_colour(out, DIM, "%-*s", NAME_COLUMNS, name);
	out_wrapped(out, colour, NAME_COLUMNS, text);
}

static void print_fact(const struct output *out, const struct view *view, const char *name,
                       enum fact_id id)
{
	const char *value = record_fact(view->record, id);

	if (value != NULL)
		print_row(out, PLAIN, name, value);
}

/* "505.5 MiB usable of 512 MiB; free for ia32: 504.5 MiB, for amd64: 504.5 MiB" */
static void print_ram(const struct output *out, const struct view *view)
{
	struct bytes text = { 0 };
	const char *separator = "; free";

	memory_append(&text, "%s usable", text_size(e820_bytes_of_type(&view->e820, E820_RAM)));
	if (view->has_installed)
		memory_append(&text, " of %s", text_size(view->installed_bytes));
	for (size_t i = 0; i < RECORD_TARGETS; i++) {
		const struct view_target *target = &view->targets[i];

		if (!target->is_shown)
			continue;
		memory_append(&text, "%s for %s: %s", separator, target->target->name,
		              target->failure != NULL ? "no bitmap"
		                                      : text_size(pfn_paddr(target->free_pages)));
		separator = ",";
	}
	print_row(out, BOLD, "RAM", text.text);
	if (view->cut_bytes > 0)
		print_row(out, YELLOW, "",
		          memory_printf("%s of RAM are above the limit, and left out",
		                        text_size(view->cut_bytes)));
}

static void print_map(const struct output *out, const struct view *view)
{
	const char *origin =
		memory_printf("as %s would translate it", rules_texts[view->options.rules]);

	if (!view->is_e820_computed)
		origin = origins[view->record->e820_view];
	print_row(out, PLAIN, "e820 map",
	          memory_printf("%s, %s", text_count(view->e820.n_ranges, "range"), origin));
	if (view->record->n_uefi > 0)
		print_row(out, PLAIN, "UEFI map", text_count(view->record->n_uefi, "descriptor"));
	else if (record_may_print_uefi(view->record))
		print_row(out, YELLOW, "UEFI map",
		          "none: boot once with efi=debug to see owners, then Linux prints it");
	else
		print_row(out, PLAIN, "UEFI map", "none in this file");
}

/* What one boot can tell of it, and what to do; and what lint says. */
static void print_answers(const struct output *out, const struct view *view)
{
	const struct advice *advice = view->advice;

	print_row(out, view->is_forbidden ? RED : PLAIN, "Resume",
	          memory_printf("%s %s", advice->why, advice->to_do));
	print_row(out, lint_is_clean(view->findings) ? PLAIN : YELLOW, "Lint",
	          words_of_findings(view->findings));
}

void print_summary(const struct output *out, const struct view *view)
{
	const char *assumed = words_of_assumptions(view);

	out_colour(out, BOLD, "%s\n", record_title(view->record));
	print_fact(out, view, "Machine", FACT_MACHINE);
	print_fact(out, view, "Firmware", FACT_BIOS);
	print_fact(out, view, "Label", FACT_LABEL);
	print_fact(out, view, "Time", FACT_TIME);
	print_ram(out, view);
	if (view->findings != NULL)
		print_answers(out, view);
	print_map(out, view);
	if (assumed != NULL)
		print_row(out, DIM, "Bitmaps", assumed);
}
