/* view.c - the map that a view is about, and all that follows from it: see view.h. */
#include "mapdiff/map/view.h"

#include "mapdiff/base/map.h"
#include "mapdiff/map/bitmaps.h"
#include "mapdiff/map/ledger.h"
#include "mapdiff/map/rules.h"
#include "x86/crc32.h"

/* Which e820 map this is about; false if there is nothing to make one of. */
static bool find_e820(struct view *view)
{
	const struct record *record = view->record;
	bool is_recorded = record->e820_view != VIEW_NONE && record->e820.n_ranges > 0;
	struct translation translation;

	if (record->n_uefi == 0 && !is_recorded)
		return false;
	view->is_e820_computed =
		record->n_uefi > 0 && (view->options.is_translated || !is_recorded);
	translation = rules_translate(view->options.rules, record);
	view->e820 = view->is_e820_computed ? translation.map : record->e820;
	view->faults = translation.faults;
	view->n_overlaps = translation.n_overlaps;
	return true;
}

static void find_differences(struct view *view)
{
	view->other_rules =
		view->options.rules == RULES_BOOTMEM ? RULES_LINUX : view->options.rules;
	if (view->is_e820_computed)
		view->answer = rules_translate(view->other_rules, view->record).answer;
	MEMORY_EACH(descriptor, view->record, uefi) {
		const char *reason = rules_difference(view->other_rules, descriptor);
		struct span span = map_descriptor_span(descriptor);
		size_t i = 0;

		if (reason == NULL || span.start_paddr == span.end_paddr)
			continue;
		while (i < view->n_differences && view->differences[i].reason != reason)
			i++;
		if (i == view->n_differences)
			*MEMORY_ADD(view, differences) = (struct view_difference){
				.reason = reason,
				.first_descriptor = (size_t)(descriptor - view->record->uefi),
			};
		view->differences[i].n_descriptors++;
		view->differences[i].bytes += span.end_paddr - span.start_paddr;
	}
}

struct view *view_new(const struct record *record, const struct view_options *options)
{
	struct view *view = memory_alloc(1, sizeof *view);

	*view = (struct view){ .record = record, .options = *options };
	if (!find_e820(view))
		return NULL;
	find_differences(view);
	view->ram_limit_paddr = rules_ram_limit(record, options->mem_limit_paddr);
	view->limited = map_copy(&view->e820);
	view->cut_bytes = e820_limit_ram(&view->limited, view->ram_limit_paddr);
	/* What the loader hands over ends there, too. Linux prints its map before it does mem=. */
	if (view->is_e820_computed && options->rules == RULES_BOOTMEM)
		view->e820 = view->limited;
	bitmaps_make(view);
	ledger_make(view);
	view->has_crc32 = view->is_e820_computed
	                          ? options->rules == RULES_BOOTMEM || view->answer == LINUX_TAKES
	                          : record_tells_types(record);
	view->e820_crc32 = e820_hibernate_crc32(&view->e820);
	view->e820_ram_crc32 = e820_ram_crc32(&view->e820);
	return view;
}
