/* markdown.c - a diff, findings, a series -> what one pastes into a bug tracker: see markdown.h. */
#include "mapdiff/report/markdown.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/report/change_words.h"
#include "mapdiff/report/pin_words.h"
#include "mapdiff/report/json.h"
#include "mapdiff/series/advice.h"

#define MOST_ROWS   20
#define LEAST_FENCE 3 /* backticks around a block */

/* --- text that is no more than text --- */

static const char *utf8(const char *text)
{
	return json_string_value(json_of_text(text));
}

/* The longest run of backticks in @text. */
static size_t longest_run(const char *text)
{
	size_t longest = 0, run = 0;

	for (; *text != '\0'; text++) {
		run = *text == '`' ? run + 1 : 0;
		longest = run > longest ? run : longest;
	}
	return longest;
}

/* Would a tracker make a link of what begins here: a person, a bug, an address? */
static bool is_called(const char *text)
{
	return *text == '@' || *text == '#' || strncmp(text, "://", 3) == 0 ||
	       strncasecmp(text, "www.", 4) == 0;
}

/* @text within a sentence, or a cell. "&#8203;" is a space without a width: behind it, trackers see
 * no name of a person, no number of a bug and no address. */
static const char *plain(const char *text)
{
	struct bytes out = { 0 };

	for (text = utf8(text); *text != '\0'; text++) {
		if (strncmp(text, "->", 2) == 0 && *++text != '\0')
			memory_append(&out, "→");
		else if (*text == '&' || *text == '<' || *text == '>')
			memory_append(&out, *text == '&'   ? "&amp;"
			                    : *text == '<' ? "&lt;"
			                                   : "&gt;");
		else if (strchr("\\`*_[]|~$!", *text) != NULL)
			memory_append(&out, "\\%c", *text);
		else if (is_called(text))
			memory_append(&out, "%c&#8203;", *text);
		else
			memory_append(&out, "%c", *text == '\n' ? ' ' : *text);
	}
	return bytes_text(&out);
}

/* @text as code, outside of a table: between more backticks than it has in a row. */
static const char *code(const char *text)
{
	size_t n = longest_run(text) + 1;
	char *fence = memory_alloc(n + 1, 1), *one_line = memory_printf("%s", utf8(text));

	memset(fence, '`', n);
	for (char *c = strchr(one_line, '\n'); c != NULL; c = strchr(c, '\n'))
		*c = ' ';
	return memory_printf("%s %s %s", fence, one_line, fence);
}

void markdown_details(const struct output *out, const char *text)
{
	size_t n = longest_run(text) + 1;
	char *fence = memory_alloc(max_u64(n, LEAST_FENCE) + 1, 1);

	memset(fence, '`', max_u64(n, LEAST_FENCE));
	out_text(out,
	         "<details>\n<summary>The whole report</summary>\n\n%stext\n%s%s\n\n</details>\n",
	         fence, utf8(text), fence);
}

/* Row @i of what @list is. */
typedef void row_fn(const struct output *out, const void *list, size_t i);

/* @n rows under @head, the first of them: a tracker shows what is pasted in full. */
static void print_table(const struct output *out, const char *head, size_t n, row_fn *print_row,
                        const void *list)
{
	if (n == 0)
		return;
	out_text(out, "%s", head);
	for (size_t i = 0; i < n && i < MOST_ROWS; i++)
		print_row(out, list, i);
	if (n > MOST_ROWS)
		out_text(out, "\nand %zu more: see the whole report.\n", n - MOST_ROWS);
	out_text(out, "\n");
}

static void print_advice(const struct output *out, const struct advice *advice)
{
	out_text(out, "**What to do:** %s\n\n", plain(advice->to_do));
	out_text(out, "**Why:** %s %s\n\n", plain(advice->why), plain(advice->sure));
}

/* --- a diff --- */

static void print_change(const struct output *out, const void *diff, size_t i)
{
	const struct diff_change *entry = &((const struct diff *)diff)->changes[i];
	const struct change *change = &entry->change;
	const struct e820_range *before = &change->before, *after = &change->after;
	const char *owner = owner_text(&entry->owner);

	out_text(out, "| %zu | %s | %s %s | %s | %s | %s |\n", i + 1, plain(words_of_types(change)),
	         change_kind_name(change->kind), words_of_amount(change),
	         e820_is_empty(before) ? "" : text_range(before->start_paddr, before->end_paddr),
	         e820_is_empty(after) ? "" : text_range(after->start_paddr, after->end_paddr),
	         plain(owner));
}

static void print_boot(const struct output *out, const struct record *record, char letter)
{
	const char *label = record_fact(record, FACT_LABEL);

	out_text(out, "Boot %c: %s", letter, code(record_title(record)));
	if (label != NULL)
		out_text(out, ", label %s", code(label));
	out_text(out, "  \n");
}

void markdown_diff(const struct output *out, const struct diff *diff)
{
	out_text(out, "**%s.**\n\n", words_of_answer(diff->resume.verdict));
	print_advice(out, &diff->advice);
	out_text(out, "**With bootmem's `pin = yes`:** %s\n\n", plain(words_of_pin(&diff->pin)));
	for (size_t side = 0; side < 2; side++)
		print_boot(out, diff_record(diff, side), diff_letter(side));
	out_text(out, "\n");
	print_table(out,
	            "| # | range | change | in boot A | in boot B | owner |\n"
	            "|--:|---|---|---|---|---|\n",
	            diff_n_telling(diff), print_change, diff);
}

/* --- findings --- */

static void print_finding(const struct output *out, const void *findings, size_t i)
{
	const struct finding *finding = &((const struct findings *)findings)->entries[i];

	out_text(out, "| %s | %s | %s | %zu |\n", severity_names[finding->rule->severity],
	         finding->rule->id, plain(finding->rule->title), finding->n_places);
}

void markdown_lint(const struct output *out, const struct findings *findings)
{
	const char *separator = "**";

	for (size_t severity = SEVERITY_COUNT; severity-- > 0;) {
		out_text(out, "%s%s", separator,
		         text_count(lint_count(findings, (enum severity)severity),
		                    severity_names[severity]));
		separator = ", ";
	}
	out_text(out, "** in %s\n\n", code(record_title(findings->record)));
	print_table(out, "| severity | rule | what | places |\n|---|---|---|--:|\n",
	            findings->n_entries, print_finding, findings);
}

/* --- a series --- */

static void print_mover(const struct output *out, const void *series, size_t i)
{
	const struct series_mover *mover = &((const struct series *)series)->movers[i];
	const char *cause = mover->cause == CAUSE_UNKNOWN ? "not known" : cause_names[mover->cause];

	out_text(out, "| %s | %s | %zu | %zu | %s |\n", plain(text_type(mover->type)),
	         plain(owner_text(mover->owner)), mover->n_steps, mover->n_places, cause);
}

static void print_series(const struct output *out, const struct series *series)
{
	out_text(out, "**%s, %s.** %s", text_count(series->n_boots, "boot"),
	         text_count(series->n_maps, "map"), plain(series_chance_text(series)));
	out_text(out, "\n\n");
	print_advice(out, &series->advice);
	print_table(out, "| range | owner | moves | places | cause |\n|---|---|--:|--:|---|\n",
	            series->n_movers, print_mover, series);
}

void markdown_series(const struct output *out, const struct series_report *report)
{
	MEMORY_EACH(series, report, machines) {
		if (report->n_machines > 1)
			out_text(out, "%s\n\n", code(series->machine));
		print_series(out, series);
	}
}
