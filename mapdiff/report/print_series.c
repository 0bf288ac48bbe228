/*
 * print_series.c - a series -> text. How likely a resume is, what to do, what moves, whose it is,
 * how often, and what goes with it, in the first lines; then the boots by the digest of their map,
 * called A, B, C, ...
 */
#include "mapdiff/report/print_series.h"

#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/resume.h"
#include "mapdiff/report/change_words.h"
#include "mapdiff/report/pin_words.h"
#include "mapdiff/report/print_diff.h"
#include "mapdiff/series/advice.h"

#define MOST_BOOTS 60
#define MOST_MAPS  26
#define MOST_ROWS  40
#define MOST_NAME  40 /* columns of a file's name: its end tells more */
#define FEW_BOOTS  6

static const char *short_name(const char *name)
{
	size_t bytes = strlen(name);

	return bytes > MOST_NAME ? name + bytes - MOST_NAME : name;
}

/* --- the first lines --- */

static void print_cautions(const struct output *out, const struct series *series)
{
	size_t n_views = 0, n_others = 0;

	for (size_t i = 0; i < VIEW_COUNT; i++)
		n_views += series->n_boots_by_view[i] > 0;
	for (size_t i = VIEW_XEN; i < VIEW_COUNT; i++)
		n_others += series->n_boots_by_view[i];
	if (n_views > 1)
		out_paragraph(
			out, YELLOW, 0,
			"The files are of several kinds, which do not make their maps by the same "
			"rules: %zu of what a kernel got, %s of bootmem, %zu with a UEFI map "
			"alone, %zu as a kernel sees it later, %zu of GRUB, %zu of others. Make a series of "
			"each.",
			series->n_boots_by_view[VIEW_FIRMWARE],
			text_count(series->n_boots_by_view[VIEW_BOOTMEM], "capture"),
			series->n_boots_by_view[VIEW_NONE], series->n_boots_by_view[VIEW_KERNEL],
			series->n_boots_by_view[VIEW_GRUB], n_others);
	if (series->n_boots < FEW_BOOTS)
		out_paragraph(out, YELLOW, 0,
		              "%zu boot%s few: what stays in these may move in others%s.",
		              series->n_boots, series->n_boots == 1 ? " is" : "s are",
		              series->n_maps > 1 ? ", and what goes with what may be chance" : "");
}

static void print_cause(const struct output *out, enum cause cause, const char *because,
                        const char *meaning)
{
	out_paragraph(out, PLAIN, 0, "Class of cause: %s. Judging from the files: %s. %s",
	              cause != CAUSE_UNKNOWN ? cause_names[cause] : "not known", because, meaning);
}

/* Does what to do, above, say it already? */
static bool is_told(const struct series *series, const char *advice)
{
	return strcmp(series->advice.to_do, advice) == 0;
}

static void print_first_mover(const struct output *out, const struct series *series)
{
	const struct series_mover *mover = &series->movers[0];
	const char *how_many = "One range moves";

	if (series->n_movers > 1)
		how_many = memory_printf("%zu ranges move. Most often", series->n_movers);
	out_paragraph(out, RED, 0, "%s: %s (%s), in %zu of %s from one boot to the next.", how_many,
	              owner_text(mover->owner), text_type(mover->type), mover->n_steps,
	              text_count(series->n_steps, "step"));
	print_cause(out, mover->cause, mover->because,
	            words_of_meaning(mover->what, "",
	                             is_told(series, mover->advice) ? "" : mover->advice));
}

/* Nothing moves but RAM: the first step in which it does says why. */
static void print_ram_alone(const struct output *out, const struct series *series)
{
	const struct diff *step = series->steps;

	while (step->n_changes == 0)
		step++;
	out_colour(out, RED, "Only RAM itself differs.\n");
	print_cause(out, step->cause, step->cause_text, "");
}

static void print_link(const struct output *out, size_t indent, const struct series_link *link)
{
	out_paragraph(out, YELLOW, indent, "%s", series_link_text(link));
}

static void print_first_condition(const struct output *out, const struct series *series)
{
	if (series->n_conditions > 0 && series->conditions[0].decides)
		out_paragraph(out, YELLOW, 0, "This decides it: %s.", series->conditions[0].text);
	else if (series->n_links > 0 && series->links[0].mover == 0)
		print_link(out, 0, &series->links[0]);
	else if (series->n_conditions > 0)
		out_paragraph(out, YELLOW, 0, "Changes together with it: %s.",
		              series->conditions[0].text);
	else if (series->n_movers > 0 && series->movers[0].n_bare_steps > 0 &&
	         series->movers[0].cause == CAUSE_UNKNOWN)
		out_text(out, "Nothing recorded in these files explains it.\n");
}

/* Is it known of each step whether Linux would resume? */
static bool has_verdicts(const struct series *series)
{
	for (size_t i = 0; i < series->n_steps; i++)
		if (series->steps[i].resume.verdict == VERDICT_UNKNOWN)
			return false;
	return true;
}

static void print_verdict(const struct output *out, const struct series *series)
{
	print_cautions(out, series);
	if (series->n_boots == 1)
		out_text(out, "There is nothing to compare it with.\n");
	else if (series->n_maps == 1 && !has_verdicts(series))
		out_paragraph(out, PLAIN, 0,
		              "The map is the same in all of them; for some of them it is unknown "
		              "whether Linux would resume.");
	else if (series->n_maps == 1)
		out_paragraph(out, GREEN, 0,
		              "The map is the same in all of them: judging from the map, Linux "
		              "would resume in each.");
	else
		out_paragraph(out, RED, 0, "%s", series_chance_text(series));
	out_item(out, BOLD, "What to do: ", series->advice.to_do);
	if (series->n_maps == 1)
		return;
	if (series->n_movers > 0)
		print_first_mover(out, series);
	else
		print_ram_alone(out, series);
	print_first_condition(out, series);
}

/* --- the tables --- */

static void print_maps(const struct output *out, const struct series *series)
{
	out_heading(out, "Map  e820 CRC-32   ranges   boots  usable RAM  first seen in");
	for (size_t i = 0; i < series->n_maps && i < MOST_MAPS; i++) {
		const struct series_map *map = &series->maps[i];

		out_text(out, "%-3s  %-10s  %7zu  %6zu  %10s  %s\n", text_letters(i),
		         map->has_crc32 ? memory_printf("0x%08" PRIx32, map->crc32) : "not told",
		         map->e820->n_ranges, map->n_boots,
		         text_size(e820_bytes_of_type(map->e820, E820_RAM)),
		         short_name(series->boots[map->first_boot].name));
	}
	out_more(out, 0, series->n_maps, MOST_MAPS);
}

/* Whether Linux would resume in it, when it was, and its label; each if it is known. */
static void print_boot(const struct output *out, const struct series_boot *boot,
                       const struct resume *resume)
{
	const char *verdict = resume != NULL ? verdict_names[resume->verdict] : "-";
	const char *rest = boot->time;

	if (*boot->label != '\0')
		rest = memory_printf("%-19s  %s", boot->time, boot->label);
	out_colour(out, resume != NULL ? verdict_colours[resume->verdict] : PLAIN, "%s", verdict);
	if (*rest != '\0')
		out_text(out, "%*s  %s", 7 - (int)strlen(verdict), "", rest);
	out_text(out, "\n");
}

static void print_boots(const struct output *out, const struct series *series)
{
	int width = (int)strlen("boot");

	for (size_t i = 0; i < series->n_boots && i < MOST_BOOTS; i++)
		out_widen(&width, short_name(series->boots[i].name));
	out_heading(out, "The boots in the order of their %s",
	            !series->is_by_time    ? "files"
	            : series->is_reordered ? "times, which is not that of the files"
	                                   : "times");
	out_colour(out, BOLD, "%-*s  map  resume   %-19s  label\n", width, "boot", "time");
	for (size_t i = 0; i < series->n_boots && i < MOST_BOOTS; i++) {
		const struct series_boot *boot = &series->boots[i];

		out_text(out, "%-*s  %-3s  ", width, short_name(boot->name),
		         text_letters(boot->map));
		print_boot(out, boot, i > 0 ? &series->steps[i - 1].resume : NULL);
	}
	out_more(out, 0, series->n_boots, MOST_BOOTS);
}

static void print_mover(const struct output *out, const struct series *series,
                        const struct series_mover *mover)
{
	const char *types = text_type(mover->type);
	const char *pages = text_count(mover->most_pages, "page");

	if (mover->other_type != mover->type)
		types = memory_printf("%s or %s", types, text_type(mover->other_type));
	if (mover->most_pages != mover->least_pages)
		pages = memory_printf("%" PRIu64 " to %s", mover->least_pages, pages);
	out_colour(out, BLUE, "  %s", owner_text(mover->owner));
	out_text(out, ": %s, %s, %s, %s: 0x%" PRIx64, types, pages,
	         text_count(mover->n_steps, "move"), text_count(mover->n_places, "place"),
	         mover->lowest_paddr);
	if (mover->highest_paddr != mover->lowest_paddr)
		out_text(out, " to 0x%" PRIx64 " (%s apart)", mover->highest_paddr,
		         text_count(pages_of(mover->highest_paddr - mover->lowest_paddr), "page"));
	if (mover->n_boots < series->n_boots)
		out_text(out, ", in %zu of %zu boots", mover->n_boots, series->n_boots);
	out_text(out, "\n");
	if (mover->is_with_previous)
		out_text(out, "      It moves in the same steps as the one above.\n");
	if (mover != series->movers) /* that of the first is in the first lines */
		out_paragraph(out, DIM, 6, "%s: %s", cause_names[mover->cause], mover->what);
	for (size_t i = 0; i < series->n_links; i++)
		if (&series->movers[series->links[i].mover] == mover)
			print_link(out, 6, &series->links[i]);
}

static void print_movers(const struct output *out, const struct series *series)
{
	if (series->n_movers == 0)
		return;
	out_heading(out, "What moves: %zu (changes of neighbouring RAM are left out)",
	            series->n_movers);
	for (size_t i = 0; i < series->n_movers && i < MOST_ROWS; i++)
		print_mover(out, series, &series->movers[i]);
	out_more(out, 2, series->n_movers, MOST_ROWS);
}

static void print_stable(const struct output *out, const struct series *series)
{
	if (series->n_maps == 1 || series->n_stable == 0)
		return;
	out_heading(out, "What stays: %s that all boots have",
	            text_count(series->n_stable, "range"));
	for (size_t i = 0; i < series->n_stable && i < MOST_ROWS; i++) {
		const struct e820_range *range = &series->stable[i];

		out_colour(out, DIM, "  %-10s  %s\n", text_type(range->type),
		           text_range(range->start_paddr, range->end_paddr));
	}
	out_more(out, 2, series->n_stable, MOST_ROWS);
}

static void print_conditions(const struct output *out, const struct series *series)
{
	if (series->n_maps == 1 || series->n_conditions == 0)
		return;
	out_heading(out, "What changes together with the map (not necessarily its cause)");
	for (size_t i = 0; i < series->n_conditions && i < MOST_ROWS; i++) {
		bool decides = series->conditions[i].decides;

		out_colour(out, decides ? YELLOW : PLAIN, "  %s  %s\n",
		           decides ? "decides  " : "goes with", series->conditions[i].text);
	}
}

/* The steps in which the map changed: what `mapdiff A B' says of each, in a line. */
static void print_steps(const struct output *out, const struct series *series)
{
	size_t n_shown = 0;

	if (series->n_different_steps == 0)
		return;
	out_heading(out, "Steps in which the map changed: %zu of %zu", series->n_different_steps,
	            series->n_steps);
	for (size_t i = 0; i < series->n_steps && n_shown < MOST_ROWS; i++) {
		const struct diff *diff = &series->steps[i];
		const struct series_boot *boots = &series->boots[i];

		if (diff->n_changes == 0)
			continue;
		n_shown++;
		out_paragraph(out, PLAIN, 2, "%s -> %s: %s%s%s. pin = yes: %s",
		              short_name(boots[0].name), short_name(boots[1].name),
		              diff->cause != CAUSE_UNKNOWN ? cause_names[diff->cause] : "",
		              diff->cause != CAUSE_UNKNOWN ? ": " : "", diff->cause_text,
		              words_of_pin(&diff->pin));
	}
	out_more(out, 2, series->n_different_steps, n_shown);
}

static void print_machine(const struct output *out, const struct series *series)
{
	print_verdict(out, series);
	print_movers(out, series);
	print_steps(out, series);
	print_conditions(out, series);
	print_maps(out, series);
	print_boots(out, series);
	print_stable(out, series);
}

/* What is in no series, and why. */
static void print_texts(const struct output *out, const char *what, const char *const *texts,
                        size_t n_texts)
{
	for (size_t i = 0; i < n_texts && i < MOST_ROWS; i++)
		out_colour(out, YELLOW, "%s%s: %s\n", i == 0 ? "\n" : "", what, texts[i]);
	if (n_texts > MOST_ROWS)
		out_colour(out, DIM, "... and %zu more %s\n", n_texts - MOST_ROWS, what);
}

void print_series(const struct output *out, const struct series_report *report)
{
	size_t n_out = report->n_skipped + report->n_left_out;

	out_colour(out, BOLD, "mapdiff series: %s", text_count(report->n_boots, "boot"));
	if (report->n_machines > 1)
		out_colour(out, BOLD, " of %zu machines: a series of each", report->n_machines);
	for (size_t i = 0; i < report->n_machines; i++) {
		const struct series *series = &report->machines[i];
		const char *name =
			*series->machine != '\0' ? series->machine : "no machine is named";

		if (report->n_machines > 1)
			out_colour(out, BOLD, "\n\n%s: %s", name,
			           text_count(series->n_boots, "boot"));
		out_colour(out, BOLD, ", %s\n", text_count(series->n_maps, "map"));
		if (i == 0 && n_out > 0)
			out_colour(out, YELLOW, "%s or boot%s left out: see the end.\n",
			           text_count(n_out, "file"), n_out == 1 ? " was" : "s were");
		print_machine(out, series);
	}
	print_texts(out, "left out", report->left_out, report->n_left_out);
	print_texts(out, "skipped", report->skipped, report->n_skipped);
}
