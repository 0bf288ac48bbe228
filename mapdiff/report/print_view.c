/*
 * print_view.c - a view, and an explanation, as text: for each UEFI descriptor, side by side, what
 * became of it and why; then the e820 map, the reservations, and where the RAM went.
 */
#include "mapdiff/report/print_view.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/linux_map.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/report/print_summary.h"

#define MOST_REASONS 6  /* of one descriptor */
#define FATE_WIDTH   22 /* of a target's column that has another one behind it */
#define STAGE_WIDTH  8

/* --- the UEFI map --- */

static const char *uefi_type_text(uint32_t type)
{
	return type < UEFI_TYPE_COUNT ? uefi_type_name(type)
	                              : memory_printf("%s 0x%" PRIx32, uefi_type_name(type), type);
}

static const char *descriptor_text(const struct uefi_descriptor *descriptor)
{
	paddr_t start_paddr, end_paddr;
	bool wraps;

	uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps);
	return wraps ? memory_printf("0x%" PRIx64 "-past 2^64", start_paddr)
	             : text_range(start_paddr, end_paddr);
}

/* What e820 has from @start_paddr on; "..." where it is not the same to the end. */
static const char *e820_cell(const struct e820_map *e820, paddr_t start_paddr, paddr_t end_paddr)
{
	const struct e820_range *range = e820_find(e820, start_paddr);

	if (range == NULL)
		return "a hole";
	if (range->end_paddr < end_paddr &&
	    !e820_all_mapped(e820, start_paddr, end_paddr, range->type))
		return memory_printf("%s, ...", text_type(range->type));
	return text_type(range->type);
}

/* As wide as the widest cell needs. */
struct widths {
	int range, pages, type, attribute, e820;
};

static struct widths measure(const struct view *view)
{
	struct widths widths = { 5, 5, 4, 10, 6 };

	MEMORY_EACH(descriptor, view->record, uefi) {
		out_widen(&widths.range, descriptor_text(descriptor));
		out_widen(&widths.pages, memory_printf("%" PRIu64, descriptor->n_pages));
		out_widen(&widths.type, uefi_type_text(descriptor->type));
		out_widen(&widths.attribute, text_attribute(descriptor->attribute));
	}
	for (size_t i = 0; i < view->e820.n_ranges; i++)
		out_widen(&widths.e820, text_type(view->e820.ranges[i].type));
	return widths;
}

/* "free", "reserved", ... where it is the same for all pages; else how many are free. */
static void print_fate(const struct output *out, const struct view_target *target,
                       struct record_run pages, int width)
{
	static const enum colour colours[FATE_COUNT] = {
		[FATE_FREE] = GREEN,  [FATE_RESERVED] = YELLOW, [FATE_ABOVE] = BLUE,
		[FATE_NOT_RAM] = DIM, [FATE_UNKNOWN] = RED,
	};
	uint64_t counts[FATE_COUNT], n_pages = pages.end_pfn - pages.start_pfn;
	enum colour colour = PLAIN;
	const char *text = "no bitmap";

	if (target->failure == NULL) {
		fate_count(target, pages.start_pfn, pages.end_pfn, counts);
		text = memory_printf("%" PRIu64 " of %" PRIu64 " free", counts[FATE_FREE], n_pages);
		for (size_t fate = 0; fate < FATE_COUNT; fate++) {
			if (counts[fate] == n_pages) {
				text = fate_names[fate];
				colour = colours[fate];
			}
		}
	}
	out_colour(out, colour, "  %-*s", width, text);
}

/* Why some of @pages are reserved: the first run that ends above @pfn, as far as it is in there;
 * without a reservation where there is none. */
static struct view_run find_reason(const struct view_target *target, pfn_t pfn,
                                   struct record_run pages)
{
	struct view_run run = { .reservation = NULL };
	size_t i = fate_find_run(target, pfn);

	if (i < target->n_runs)
		i = target->runs[i].next_reserved;
	if (i < target->n_runs && max_u64(target->runs[i].start_pfn, pfn) < pages.end_pfn)
		run = target->runs[i];
	run.start_pfn = max_u64(run.start_pfn, pages.start_pfn);
	run.end_pfn = min_u64(run.end_pfn, pages.end_pfn);
	return run;
}

static void print_reason(const struct output *out, const char *whose, const struct view_run *run)
{
	out_colour(out, YELLOW, "      %-5s  %s, %s: %s: %s\n", whose,
	           text_range(pfn_paddr(run->start_pfn), pfn_paddr(run->end_pfn)),
	           text_count(run->end_pfn - run->start_pfn, "page"), run->reservation->owner,
	           run->reservation->reason);
}

/* Is there @other, and is it the same as @run? */
static bool is_same_reason(const struct view_run *run, const struct view_run *other)
{
	return other->reservation != NULL && run->start_pfn == other->start_pfn &&
	       run->end_pfn == other->end_pfn &&
	       strcmp(run->reservation->owner, other->reservation->owner) == 0;
}

/* Once where both targets have the same reason. */
static void print_reasons(const struct output *out, const struct view *view,
                          struct record_run pages)
{
	pfn_t listed_pfn = 0; /* where what is listed so far ends */

	for (size_t i = 0; i < RECORD_TARGETS; i++) {
		const struct view_target *target = &view->targets[i];
		const struct view_target *other = &view->targets[RECORD_TARGETS - 1 - i];
		struct view_run run = find_reason(target, pages.start_pfn, pages);

		for (size_t n = 0; run.reservation != NULL && n < MOST_REASONS; n++) {
			struct view_run others = find_reason(other, run.start_pfn, pages);
			bool is_shared = is_same_reason(&run, &others);

			if (!is_shared || run.start_pfn >= listed_pfn)
				print_reason(out, is_shared ? "both" : record_target_names[i],
				             &run);
			listed_pfn = max_u64(listed_pfn, run.end_pfn);
			run = find_reason(target, run.end_pfn, pages);
		}
		if (run.reservation != NULL)
			out_colour(out, YELLOW, "      %-5s  and more: see the reservations\n",
			           record_target_names[i]);
	}
}

static int fate_width(const struct view *view, size_t i)
{
	return i + 1 < RECORD_TARGETS && view->targets[i + 1].is_shown ? FATE_WIDTH : 0;
}

static void print_target_names(const struct output *out, const struct view *view)
{
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			out_colour(out, BOLD, "  %-*s", fate_width(view, i),
			           record_target_names[i]);
	out_text(out, "\n");
}

/* What becomes of the pages of a range: the end of its line, and lines that say why. */
static void print_fates(const struct output *out, const struct view *view, paddr_t start_paddr,
                        paddr_t end_paddr)
{
	struct record_run pages = { pfn_down(start_paddr), pfn_up(end_paddr) };

	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			print_fate(out, &view->targets[i], pages, fate_width(view, i));
	out_text(out, "\n");
	print_reasons(out, view, pages);
}

static void print_descriptor(const struct output *out, const struct view *view, size_t index,
                             const struct widths *widths)
{
	const struct uefi_descriptor *descriptor = &view->record->uefi[index];
	paddr_t start_paddr, end_paddr;
	bool wraps;

	out_text(out, "%4zu  %-*s  %*" PRIu64 "  %-*s  %-*s", index, widths->range,
	         descriptor_text(descriptor), widths->pages, descriptor->n_pages, widths->type,
	         uefi_type_text(descriptor->type), widths->attribute,
	         text_attribute(descriptor->attribute));
	if (!uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps)) {
		out_colour(out, RED, "  passed over: %s\n",
		           wraps ? "it ends past 2^64" : "it has no pages");
		return;
	}
	out_text(out, "  %-*s", widths->e820, e820_cell(&view->e820, start_paddr, end_paddr));
	print_fates(out, view, start_paddr, end_paddr);
}

static void print_faults(const struct output *out, const struct view *view)
{
	const struct uefi_faults *faults = &view->faults;
	const struct {
		size_t n;
		const char *what;
	} rows[] = {
		{ faults->n_zero_pages, "no pages: passed over" },
		{ faults->n_wraps, "an end past 2^64: passed over" },
		{ faults->n_unaligned, "a start inside a page" },
		{ faults->n_out_of_order, "a start below the one before: sorted" },
		{ faults->n_unknown_types, "an unknown type" },
		{ faults->n_ram_not_wb, "RAM that is not write-back" },
		{ faults->n_ram_runtime, "RAM that the runtime services claim" },
		{ faults->n_runtime_unflagged, "runtime services without the attribute RUNTIME" },
		{ view->n_overlaps,
		  view->options.rules == RULES_GRUB
		          ? "memory that another range has, too: the type of the first one counts"
		          : "memory that another range has, too: the higher e820 type wins" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].n > 0)
			out_colour(out, YELLOW, "  %zu with %s\n", rows[i].n, rows[i].what);
	if (view->answer != LINUX_TAKES)
		out_colour(out, YELLOW, "  %s\n", linux_answers[view->answer]);
}

static void print_uefi(const struct output *out, const struct view *view)
{
	struct widths widths = measure(view);

	if (view->record->n_uefi == 0)
		return;
	out_heading(out, "UEFI map, and what becomes of it");
	out_colour(out, BOLD, "%4s  %-*s  %*s  %-*s  %-*s  %-*s", "#", widths.range, "range",
	           widths.pages, "pages", widths.type, "type", widths.attribute, "attributes",
	           widths.e820, "e820");
	print_target_names(out, view);
	for (size_t i = 0; i < view->record->n_uefi; i++)
		print_descriptor(out, view, i, &widths);
	print_faults(out, view);
}

static void print_differences(const struct output *out, const struct view *view)
{
	bool is_ours = view->options.rules == RULES_BOOTMEM;

	if (!view->is_e820_computed || view->n_differences == 0)
		return;
	out_heading(out,
	            is_ours ? "Differs from %s here, on purpose" : "bootmem differs from %s here",
	            rules_texts[view->other_rules]);
	MEMORY_EACH(row, view, differences)
		out_text(out, "  %s: %s, %s, the first is %zu\n", row->reason,
		         text_count(row->n_descriptors, "descriptor"), text_size(row->bytes),
		         row->first_descriptor);
}

/* --- the rest --- */

/* What becomes of it stands in the UEFI map; only where there is none, it stands here. */
static void print_e820(const struct output *out, const struct view *view)
{
	int type_width = view->record->n_uefi == 0 ? measure(view).e820 : 0;
	bool is_linux = view->is_e820_computed ? view->options.rules != RULES_BOOTMEM
	                                       : view->record->e820_view == VIEW_FIRMWARE;

	out_heading(out, "e820 map%s", type_width > 0 ? ", and what becomes of it" : "");
	if (type_width > 0) {
		out_colour(out, BOLD, "%4s  %-34s  %10s  %-*s", "#", "range", "size", type_width,
		           "type");
		print_target_names(out, view);
	}
	for (size_t i = 0; i < view->e820.n_ranges; i++) {
		const struct e820_range *range = &view->e820.ranges[i];

		out_colour(out, range->type == E820_RAM ? GREEN : PLAIN, "%4zu  %-34s  %10s  %-*s",
		           i, text_range(range->start_paddr, range->end_paddr),
		           text_size(range->end_paddr - range->start_paddr), type_width,
		           text_type(range->type));
		if (type_width > 0)
			print_fates(out, view, range->start_paddr, range->end_paddr);
		else
			out_text(out, "\n");
	}
	if (!view->has_crc32 && view->is_e820_computed)
		out_text(out, "CRC-32 that hibernation compares: not known. %s\n",
		         linux_answers[view->answer]);
	else if (!view->has_crc32)
		out_text(out,
		         "CRC-32 that hibernation compares: not known, as the number of a type is "
		         "not told (\"Unknown E820 type\")\n");
	else
		out_text(
			out, "%s: 0x%08" PRIx32 "; of its RAM alone: 0x%08" PRIx32 "\n",
			is_linux
				? "CRC-32 that hibernation compares"
				: "CRC-32 of this map, which is not the one that hibernation compares",
			view->e820_crc32, view->e820_ram_crc32);
}

static void print_reservation(const struct output *out, const struct reservation *reservation)
{
	static const char *const lifetimes[] = {
		[LIFETIME_FOREVER] = "for ever",
		[LIFETIME_BOOT] = "until boot is over",
		[LIFETIME_ACPI] = "until ACPI is read",
	};
	uint64_t n_pages = pfn_up(reservation->end_paddr) - pfn_down(reservation->start_paddr);

	out_text(out, "  %-28s %6" PRIu64 " page%s  %s: %s (%s; %s)\n",
	         text_range(reservation->start_paddr, reservation->end_paddr), n_pages,
	         n_pages == 1 ? " " : "s", reservation->owner, reservation->reason,
	         reservation->origin == ORIGIN_LINUX ? "as Linux 2.6.24" : "extension",
	         reservation->lifetime < 3 ? lifetimes[reservation->lifetime] : "unknown lifetime");
}

static void print_target(const struct output *out, const struct view *view,
                         const struct view_target *target)
{
	out_heading(out, "%s: bitmap and reservations, %s, policy %s", target->target->name,
	            target->is_recorded ? "recorded" : "computed",
	            view->policy != NULL ? view->policy : "not recorded");
	if (target->failure != NULL) {
		out_colour(out, RED, "  no bitmap: %s\n", target->failure);
		return;
	}
	out_text(out,
	         "  max_pfn 0x%" PRIx64 ", max_low_pfn 0x%" PRIx64 ", bitmap at page 0x%" PRIx64
	         "; %s free (%s) in %s\n",
	         target->max_pfn, target->max_low_pfn, target->min_low_pfn,
	         text_count(target->free_pages, "page"), text_size(pfn_paddr(target->free_pages)),
	         text_count(target->n_free, "run"));
	for (size_t i = 0; i < target->n_reservations; i++)
		print_reservation(out, &target->reservations[i]);
}

static void print_rows(const struct output *out, const struct ledger_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out_text(out, "  %16" PRIu64 " byte%s  %9s  %s\n", rows[i].bytes,
		         rows[i].bytes == 1 ? " " : "s", text_size(rows[i].bytes), rows[i].what);
}

static void print_ledgers(const struct output *out, const struct view *view)
{
	const char *told = "not recorded";
	struct ledger_row all = { "installed, of which:", view->installed_bytes };
	uint64_t recorded_bytes;

	if (record_fact_number(view->record, FACT_INSTALLED_BYTES, &recorded_bytes))
		told = memory_printf("%s, which cannot be", text_size(recorded_bytes));
	if (!view->has_installed)
		all.what = memory_printf("that the map tells of (installed: %s), of which:", told);
	out_heading(out, "Where the RAM went");
	print_rows(out, &all, 1);
	print_rows(out, view->ledger, view->n_ledger);
	for (size_t i = 0; i < RECORD_TARGETS; i++) {
		const struct view_target *target = &view->targets[i];

		if (target->n_ledger > 0)
			out_text(out, "  usable, for %s:\n", target->target->name);
		print_rows(out, target->ledger, target->n_ledger);
	}
}

void print_view(const struct output *out, const struct view *view)
{
	print_summary(out, view);
	print_uefi(out, view);
	print_differences(out, view);
	print_e820(out, view);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			print_target(out, view, &view->targets[i]);
	print_ledgers(out, view);
}

/* --- an explanation --- */

void print_explanation(const struct output *out, const struct explanation *explanation)
{
	pfn_t pfn = pfn_down(explanation->paddr);
	const char *stage = "";

	out_colour(out, BOLD, "0x%" PRIx64 ", in page 0x%" PRIx64 ", of %s\n", explanation->paddr,
	           pfn, record_title(explanation->view->record));
	MEMORY_EACH(step, explanation, steps) {
		bool is_new = strcmp(step->stage, stage) != 0;

		stage = step->stage;
		out_colour(out, BOLD, "%-*s  %c ", STAGE_WIDTH, is_new ? stage : "",
		           step->is_decisive ? '*' : ' ');
		out_wrapped(out, step->is_decisive ? BOLD : PLAIN, STAGE_WIDTH + 4, step->text);
	}
	out_colour(out, DIM, "* decides\n");
}
