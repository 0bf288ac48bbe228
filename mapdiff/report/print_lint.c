/* print_lint.c - findings -> text: each with its place, then what the rules behind them mean. */
#include "mapdiff/report/print_lint.h"

#include <string.h>

#include "mapdiff/base/text.h"
#include "mapdiff/lint/lint.h"

static const enum colour severity_colours[] = {
	[SEVERITY_NOTE] = BLUE,
	[SEVERITY_WARNING] = YELLOW,
	[SEVERITY_ERROR] = RED,
};

/* "1 error, ": the notes are the last. */
static void print_count(const struct output *out, const struct findings *findings,
                        enum severity severity)
{
	size_t n = lint_count(findings, severity);

	out_colour(out, n > 0 ? severity_colours[severity] : PLAIN, "%s",
	           text_count(n, severity_names[severity]));
	out_text(out, severity == SEVERITY_NOTE ? "\n" : ", ");
}

static void print_rule(const struct output *out, const struct lint_rule *rule)
{
	out_colour(out, severity_colours[rule->severity], "%s", severity_names[rule->severity]);
	out_text(out, ": ");
	out_colour(out, BOLD, "%s", rule->title);
	out_colour(out, DIM, " [%s]\n", rule->id);
	out_paragraph(out, PLAIN, 4, "%s", rule->explanation);
	if (*rule->reference != '\0')
		out_colour(out, DIM, "    %s\n", rule->reference);
}

static void print_place(const struct output *out, const struct finding_place *place)
{
	paddr_t start_paddr = place->start_paddr, end_paddr = place->end_paddr;

	if (end_paddr - start_paddr == 1) /* how long it is, is not known */
		out_text(out, "  - 0x%" PRIx64 "  %s\n", start_paddr, place->text);
	else if (start_paddr < end_paddr)
		out_text(out, "  - %s  %s\n", text_range(start_paddr, end_paddr), place->text);
	else
		out_text(out, "  - %s\n", place->text);
}

/* What could not be looked at: "9 of 29 rules not checked: no UEFI map (boot with efi=debug): wrap,
 * ...", a paragraph for each reason. */
static void print_unchecked(const struct output *out, const struct findings *findings)
{
	struct intern seen = { 0 };

	MEMORY_EACH(row, findings, rules) {
		size_t n_seen = seen.n_entries, n = 0;
		struct bytes ids = { 0 };

		if (row->why_not == NULL || intern_text(&seen, row->why_not) != n_seen)
			continue;
		MEMORY_EACH(other, findings, rules)
			if (other->why_not != NULL && strcmp(other->why_not, row->why_not) == 0)
				memory_append(&ids, "%s%s", n++ > 0 ? ", " : "", other->rule->id);
		out_paragraph(out, YELLOW, 0, "%zu of %s not checked: %s%s%s.", n,
		              text_count(findings->n_rules, "rule"), row->why_not,
		              n < findings->n_rules ? ": " : "",
		              n < findings->n_rules ? ids.text : "");
	}
}

/* The specification does not ask for an order: it is no fault. */
static void print_statistics(const struct output *out, const struct findings *findings)
{
	const struct record *record = findings->record;

	out_text(out, "%s, %s", text_count(record->n_uefi, "UEFI descriptor"),
	         text_count(record->e820.n_ranges, "e820 range"));
	if (findings->n_descents > 0)
		out_text(out, "; the address goes down %s",
		         text_count(findings->n_descents, "time"));
	out_text(out, "; %zu of %s checked\n", findings->n_checked,
	         text_count(findings->n_rules, "rule"));
}

void print_lint(const struct output *out, const struct findings *findings)
{
	out_colour(out, BOLD, "%s: ", record_title(findings->record));
	for (size_t severity = SEVERITY_COUNT; severity-- > 0;)
		print_count(out, findings, (enum severity)severity);
	print_statistics(out, findings);
	print_unchecked(out, findings);
	if (findings->n_known > 0)
		out_text(out, "%s left out, as the baseline has %s.\n",
		         text_count(findings->n_known, "place"),
		         findings->n_known == 1 ? "it" : "them");
	MEMORY_EACH(finding, findings, entries) {
		out_text(out, "\n");
		print_rule(out, finding->rule);
		MEMORY_EACH(place, finding, places)
			print_place(out, place);
	}
}

void print_rules(const struct output *out, const struct findings *findings)
{
	out_colour(out, BOLD, "%-8s  %-26s  %5s  what\n", "", "rule", "fires");
	MEMORY_EACH(row, findings, rules)
		out_text(out, "%-8s  %-26s  %2u/%d  %s\n", severity_names[row->rule->severity],
		         row->rule->id, row->rule->n_machines, LINT_MACHINES, row->rule->title);
	out_colour(out, DIM, "fires: on how many of the recorded machines (tests/maps)\n");
}
