/*
 * print_diff.c - a diff -> text for a bug report: the verdict, its reasons, what moved and whose it
 * is, what that means; then tables, the UEFI map, and the conditions that differ.
 */
#include "mapdiff/report/print_diff.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/record/command_line.h"
#include "mapdiff/report/change_words.h"
#include "mapdiff/report/pin_words.h"

#define OWNER_INDENT      12
#define ROW_COLUMNS       16 /* of the line of a change, beside its texts */
#define MOST_CHANGES      60
#define MOST_CONSEQUENCES 8
#define MOST_ROWS         12
#define MOST_ALIKE        24
#define MOST_FACTS        24
#define MOST_LINE_BYTES   4096 /* of a command line: Linux takes 2048 */

static void print_heading(const struct output *out, const struct diff *diff)
{
	out_colour(out, BOLD, "mapdiff A: %s\n        B: %s\n", record_title(diff_record(diff, 0)),
	           record_title(diff_record(diff, 1)));
	if (diff->found != NULL)
		out_paragraph(out, PLAIN, 0, "%s.", diff->found);
	out_text(out, "\n");
	for (size_t side = 0; side < 2; side++)
		if (diff_record(diff, side)->e820_view == VIEW_NONE)
			out_colour(out, YELLOW,
			           "Boot %c: no e820 map of a kernel; this is its UEFI map, as "
			           "Linux would translate it.\n",
			           diff_letter(side));
		else if (diff->sides[side]->start != START_FIRMWARE)
			out_colour(out, YELLOW, "Boot %c is %s: its map is not the firmware's.\n",
			           diff_letter(side), start_text(diff->sides[side]->start));
}

/* --- the verdict --- */

static void print_checksums(const struct output *out, const struct resume *resume)
{
	bool is_one_ram = resume->ram_only == VERDICT_YES;

	if (!resume->has_crc32[0] || !resume->has_crc32[1])
		return;
	out_text(out, "  e820 CRC-32     0x%08" PRIx32 " %s 0x%08" PRIx32 "\n", resume->crc32[0],
	         resume->crc32[0] == resume->crc32[1] ? "==" : "->", resume->crc32[1]);
	out_text(out, "  of RAM alone    0x%08" PRIx32 " %s 0x%08" PRIx32 "%s\n",
	         resume->ram_crc32[0], is_one_ram ? "==" : "->", resume->ram_crc32[1],
	         is_one_ram ? "" : "  (the RAM-only rule would refuse it, too)");
}

const enum colour verdict_colours[] = {
	[VERDICT_UNKNOWN] = YELLOW,
	[VERDICT_YES] = GREEN,
	[VERDICT_NO] = RED,
};

static void print_resume(const struct output *out, const struct diff *diff)
{
	const struct resume *resume = &diff->resume;
	static const char *const marks[] = {
		[VERDICT_UNKNOWN] = "note",
		[VERDICT_YES] = "yes",
		[VERDICT_NO] = "no",
	};

	out_colour(out, verdict_colours[resume->verdict], "%s\n", words_of_answer(resume->verdict));
	out_item(out, BOLD, "  What to do: ", diff->advice.to_do);
	out_item(out, BOLD, "  pin = yes:  ", words_of_pin(&diff->pin));
	print_checksums(out, resume);
	MEMORY_EACH(reason, resume, reasons) {
		out_colour(out, verdict_colours[reason->verdict], "  %-5s ",
		           marks[reason->verdict]);
		out_wrapped(out, PLAIN, 8, reason->text);
	}
}

/* --- the changes --- */

/* How wide the columns are for all changes: rather out of line than longer than a line. */
struct widths {
	int types, place, amount;
};

static struct widths measure(const struct diff *diff)
{
	struct widths widths = { 0, 0, 0 };

	for (size_t i = 0; i < diff->n_changes; i++) {
		const struct change *change = &diff->changes[i].change;

		out_widen(&widths.types, words_of_types(change));
		out_widen(&widths.place, words_of_place(change));
		out_widen(&widths.amount, words_of_amount(change));
	}
	if (ROW_COLUMNS + widths.types + widths.place + widths.amount > OUTPUT_COLUMNS)
		widths.types = 0;
	if (ROW_COLUMNS + widths.place + widths.amount > OUTPUT_COLUMNS)
		widths.place = 0;
	return widths;
}

/* Whose it is, and the cause, unless that is the one that is named for all. */
static const char *owner_and_cause(const struct diff *diff, const struct diff_change *entry)
{
	const char *owner = owner_text(&entry->owner);

	return entry->change.is_consequence || entry->cause == diff->cause
	               ? owner
	               : memory_printf("%s [cause: %s]", owner, cause_names[entry->cause]);
}

static void print_change(const struct output *out, const struct diff *diff,
                         const struct diff_change *entry, const struct widths *widths)
{
	const struct change *change = &entry->change;
	const char *owner = owner_and_cause(diff, entry), *amount = words_of_amount(change);
	const char *line = memory_printf("  %-8s  %-*s  %-*s  %s", change_kind_name(change->kind),
	                                 widths->types, words_of_types(change), widths->place,
	                                 words_of_place(change), amount);
	int padding = widths->amount - (int)strlen(amount);
	bool fits = strlen(line) + (size_t)padding + 2 + strlen(owner) <= OUTPUT_COLUMNS;

	out_colour(out, change->is_consequence ? DIM : PLAIN, "%s", line);
	if (*owner != '\0' && fits)
		out_colour(out, BLUE, "%*s  %s", padding, "", owner);
	out_text(out, "\n");
	if (*owner != '\0' && !fits)
		out_paragraph(out, BLUE, OWNER_INDENT, "%s", owner);
}

/* @n changes from @start on, of which at most @most are shown. */
static void print_some(const struct output *out, const struct diff *diff, size_t start, size_t n,
                       size_t most, const struct widths *widths)
{
	for (size_t i = 0; i < n && i < most; i++)
		print_change(out, diff, &diff->changes[start + i], widths);
	out_more(out, 2, n, most);
}

static void print_ram(const struct output *out, const struct diff *diff)
{
	uint64_t before = diff->sides[0]->ram_bytes, after = diff->sides[1]->ram_bytes;

	out_text(out, "Usable RAM: %s", text_size(before));
	if (before != after)
		out_text(out, " -> %s (%c%s)", text_size(after), after > before ? '+' : '-',
		         text_size(distance_u64(before, after)));
	out_text(out, "\n");
}

/* What it is, what follows, what can be done; each text once, as several changes share one. */
static void print_meanings(const struct output *out, const struct diff *diff)
{
	size_t n = diff->n_changes - diff->n_consequences;
	struct intern seen = { .n_entries = 0 };

	for (size_t i = 0; i < 3 * n && seen.n_entries < MOST_ROWS; i++) {
		const struct diff_change *change = &diff->changes[i % n];
		const char *const texts[] = { change->what, change->so, change->advice };
		const char *text = texts[i / n];
		size_t n_seen = seen.n_entries;

		if (*text != '\0' && intern_text(&seen, text) == n_seen)
			out_item(out, PLAIN, "  * ", text);
	}
}

static bool could_have_uefi(const struct diff *diff, size_t side)
{
	const struct record *record = diff_record(diff, side);

	return record->n_uefi == 0 && record_may_print_uefi(record);
}

static void print_changes(const struct output *out, const struct diff *diff)
{
	size_t n = diff->n_changes - diff->n_consequences;
	struct widths widths = measure(diff);

	out_text(out, "\n");
	if (!diff_is_comparable(diff)) {
		out_colour(out, BOLD, "The e820 maps were not compared: %s.\n", diff->cause_text);
		return;
	}
	if (diff->n_changes == 0 && diff_is_of_excerpts(diff)) {
		out_colour(out, BOLD, "The pieces of the e820 maps are equal.\n");
		return;
	}
	if (diff->n_changes == 0) {
		out_colour(out, BOLD, "The e820 maps are equal: %s. ",
		           text_count(diff_e820(diff, 0)->n_ranges, "range"));
		print_ram(out, diff);
		return;
	}
	out_colour(out, BOLD, "Changes of the e820 map: %zu", n);
	if (diff->n_consequences > 0)
		out_colour(out, BOLD, ", and %zu of RAM that follow%s", diff->n_consequences,
		           diff->n_consequences == 1 ? "s" : "");
	out_text(out, "\n");
	print_some(out, diff, 0, n, MOST_CHANGES, &widths);
	print_some(out, diff, n, diff->n_consequences, MOST_CONSEQUENCES, &widths);
	if (could_have_uefi(diff, 0) && could_have_uefi(diff, 1))
		out_text(out,
		         "  Boot once with efi=debug to see owners: Linux prints the UEFI map.\n");
	if (!diff_is_of_excerpts(diff))
		print_ram(out, diff);
	out_heading(out, "Cause: %s", cause_names[diff->cause]);
	print_meanings(out, diff);
	for (size_t i = 0; i < diff->n_causes; i++)
		if (i != diff->main_cause)
			out_item(out, PLAIN, "  also: ", diff->causes[i].text);
}

/* --- the rest --- */

/* What happens to several alike stands together. */
static int compare_tables(const void *a, const void *b)
{
	const struct table_change *left = *(const struct table_change *const *)a;
	const struct table_change *right = *(const struct table_change *const *)b;

	return tables_order(left, right) ?: ((left > right) - (left < right));
}

/* "moved by +1 page: APIC, FACP, HPET". */
static void print_alike(const struct output *out, const struct table_change **tables,
                        size_t n_tables)
{
	struct bytes line = { 0 };

	memory_append(&line, "%s:", table_text(tables[0]));
	for (size_t i = 0; i < n_tables && i < MOST_ALIKE; i++)
		memory_append(&line, "%s %s", i > 0 ? "," : "",
		              changed_table(tables[i])->signature);
	if (n_tables > MOST_ALIKE)
		memory_append(&line, ", and %zu more", n_tables - MOST_ALIKE);
	out_text(out, "  ");
	out_wrapped(out, PLAIN, 4, line.text);
}

static void print_table(const struct output *out, const struct table_change *table)
{
	const struct record_acpi *acpi = changed_table(table);

	out_text(out, "  %-4s  0x%" PRIx64, acpi->signature, acpi->paddr);
	if (table->before != NULL && table->after != NULL &&
	    table->before->paddr != table->after->paddr)
		out_text(out, " -> 0x%" PRIx64, table->after->paddr);
	out_text(out, "  %s\n", table_text(table));
}

/* What happens to more than two of them is one line; the others follow. */
static void print_tables(const struct output *out, const struct diff *diff)
{
	size_t n_tables = diff->n_tables, n_alone = 0;
	const struct table_change **tables = memory_alloc(n_tables, sizeof *tables);

	if (n_tables == 0)
		return;
	out_heading(out, "ACPI tables that differ: %zu", n_tables);
	for (size_t i = 0; i < n_tables; i++)
		tables[i] = &diff->tables[i];
	qsort(tables, n_tables, sizeof *tables, compare_tables);
	for (size_t start = 0, end = 0; start < n_tables; start = end) {
		while (end < n_tables && tables_order(tables[end], tables[start]) == 0)
			end++;
		if (end - start > 2)
			print_alike(out, &tables[start], end - start);
		else
			while (start < end)
				tables[n_alone++] = tables[start++];
	}
	for (size_t i = 0; i < n_alone && i < MOST_ROWS; i++)
		print_table(out, tables[i]);
	out_more(out, 2, n_alone, MOST_ROWS);
}

static void print_uefi_row(const struct output *out, const struct uefi_change_row *row)
{
	out_text(out, "  %-24s %7zu %7zu  %10" PRIu64 " %10" PRIu64 "%s", uefi_type_name(row->type),
	         row->n_descriptors[0], row->n_descriptors[1], row->n_pages[0], row->n_pages[1],
	         row->is_visible ? "  visible in e820" : "");
	if (row->footprint_pages[0] > 0 || row->footprint_pages[1] > 0)
		out_colour(out, DIM, "  (%" PRIu64 ", %" PRIu64 " of bootmem's own)",
		           row->footprint_pages[0], row->footprint_pages[1]);
	out_text(out, "\n");
}

/* First what e820 shows. */
static void print_uefi(const struct output *out, const struct diff *diff)
{
	size_t n_visible = 0;

	if (diff->n_uefi == 0)
		return;
	for (size_t i = 0; i < diff->n_uefi; i++)
		n_visible += diff->uefi[i].is_visible;
	out_heading(out, "UEFI descriptors that are in one of the maps only%s",
	            n_visible > 0 ? "" : ": all are RAM to Linux, and show in no e820");
	out_colour(out, DIM, "  %-24s %7s %7s  %10s %10s\n", "type", "only A", "only B", "pages A",
	           "pages B");
	for (int hidden = 0; hidden < 2; hidden++)
		for (size_t i = 0; i < diff->n_uefi; i++)
			if (diff->uefi[i].is_visible != (hidden == 1))
				print_uefi_row(out, &diff->uefi[i]);
}

/* The words of @line that @other lacks. */
static void print_words(const struct output *out, const char *mark, const char *line,
                        const char *other)
{
	struct bytes words = { 0 };

	for (; *line != '\0'; line += strspn(line, " \t")) {
		size_t bytes = strcspn(line, " \t");

		if (!command_line_has_word(other, line, bytes))
			memory_append(&words, " %.*s", (int)bytes, line);
		line += bytes;
	}
	if (words.n_text > 0)
		out_item(out, PLAIN, mark, words.text + 1);
}

/* Numbers of bytes are for programs; people read sizes. */
static const char *value_text(const char *key, const char *value)
{
	if (value == NULL)
		return "-";
	return fact_order(key) == FACT_INSTALLED_BYTES ? text_size(strtoull(value, NULL, 0))
	                                               : value;
}

static void print_fact(const struct output *out, const struct fact_change *fact)
{
	const char *before = value_text(fact->key, fact->before);
	const char *after = value_text(fact->key, fact->after);
	size_t bytes = strlen(fact->key) + strlen(before) + strlen(after);

	out_text(out, "  %s:", fact->key);
	if (fact_of_key(fact->key)->has_parameters && bytes < MOST_LINE_BYTES) {
		out_text(out, "\n");
		print_words(out, "    only in boot A: ", before, after);
		print_words(out, "    only in boot B: ", after, before);
	} else if (bytes + 10 <= OUTPUT_COLUMNS) {
		out_text(out, " %s -> %s\n", before, after);
	} else {
		out_text(out, "\n");
		out_item(out, PLAIN, "    A: ", before);
		out_item(out, PLAIN, "    B: ", after);
	}
}

static void print_facts(const struct output *out, const struct diff *diff)
{
	if (diff->n_facts == 0)
		return;
	out_heading(out, "Conditions that differ");
	for (size_t i = 0; i < diff->n_facts && i < MOST_FACTS; i++)
		print_fact(out, &diff->facts[i]);
	out_more(out, 2, diff->n_facts, MOST_FACTS);
}

void print_diff(const struct output *out, const struct diff *diff)
{
	print_heading(out, diff);
	print_resume(out, diff);
	print_changes(out, diff);
	print_tables(out, diff);
	print_uefi(out, diff);
	print_facts(out, diff);
}
