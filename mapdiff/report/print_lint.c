/* print_lint.c - findings -> text: each with its place, then what the rules behind them mean. */
#include "mapdiff/report/print_lint.h"

#include "mapdiff/base/text.h"
#include "mapdiff/lint/lint.h"

static const enum colour severity_colours[] = {
	[SEVERITY_NOTE] = BLUE,
	[SEVERITY_WARNING] = YELLOW,
	[SEVERITY_ERROR] = RED,
};

/* "1 error, ": the notes are the last. */
static void print_count(const struct output *out, const struct findings *findings, size_t severity)
{
	size_t n = 0;

	for (size_t i = 0; i < findings->n_entries; i++)
		n += findings->entries[i].rule->severity == severity;
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

static void print_finding(const struct output *out, const struct finding *finding)
{
	paddr_t start_paddr = finding->start_paddr, end_paddr = finding->end_paddr;

	if (end_paddr - start_paddr == 1) /* how long it is, is not known */
		out_text(out, "  - 0x%" PRIx64 "  %s\n", start_paddr, finding->text);
	else if (start_paddr < end_paddr)
		out_text(out, "  - %s  %s\n", text_range(start_paddr, end_paddr), finding->text);
	else
		out_text(out, "  - %s\n", finding->text);
}

void print_lint(const struct output *out, const struct findings *findings)
{
	const struct lint_rule *rule = NULL;

	out_colour(out, BOLD, "%s: ", record_title(findings->record));
	for (size_t severity = SEVERITY_COUNT; severity-- > 0;)
		print_count(out, findings, severity);
	for (size_t i = 0; i < findings->n_entries; i++) {
		if (findings->entries[i].rule != rule) {
			rule = findings->entries[i].rule;
			out_text(out, "\n");
			print_rule(out, rule);
		}
		print_finding(out, &findings->entries[i]);
	}
}
