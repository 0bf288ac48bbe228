/*
 * main.c - mapdiff: files -> records -> a report, as text, JSON or HTML. One function a command.
 */
#include <err.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bootmem/bootmem.h"
#include "mapdiff/gate/gate.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/map/check.h"
#include "mapdiff/map/explain.h"
#include "mapdiff/map/view.h"
#include "mapdiff/options.h"
#include "mapdiff/pin/advise.h"
#include "mapdiff/read/folder.h"
#include "mapdiff/read/given.h"
#include "mapdiff/read/read.h"
#include "mapdiff/record/scrub.h"
#include "mapdiff/report/report.h"
#include "mapdiff/report/sarif.h"
#include "mapdiff/diff/diff.h"
#include "mapdiff/diff/image.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/series/series.h"

#define MOST_FAULTS_SHOWN 10

/* The allocator's own checks: what they find is a fault of this program. */
_Noreturn void bootmem_assert_fail(const char *what)
{
	warnx("internal error: %s", what);
	abort();
}

/* Say what is damaged; stop there unless the user wants to go on with the rest. */
static void judge_faults(const struct record *record, const struct options *options)
{
	for (size_t i = 0; i < record->n_faults && i < MOST_FAULTS_SHOWN; i++) {
		const struct record_fault *fault = &record->faults[i];
		const char *line = fault->line > 0 ? memory_printf(":%lu", fault->line) : "";

		warnx("%s%s: %s", record->name, line, fault->what);
	}
	if (record->n_faults > MOST_FAULTS_SHOWN)
		warnx("%s: and %zu more", record->name, record->n_faults - MOST_FAULTS_SHOWN);
	if (record->n_faults > 0 && !options->uses_damaged)
		errx(STATUS_TROUBLE, "%s is damaged; --damaged goes on with what could be read",
		     record->name);
}

/* Whatever was read goes through here: no report, and no message, has what is private. */
static void make_public(struct record *record, const struct options *options)
{
	static struct scrubber scrubber; /* of all files of a report; a capture has no numbers */
	bool is_capture = (options->command->takes & TAKES_FORMAT) == 0;

	if (!options->is_private)
		scrub_record(is_capture ? NULL : &scrubber, record);
}

static struct record *read_any(const struct options *options, int i)
{
	const char *error;
	struct record *record = read_boot(options->operands[i], &error);

	if (record == NULL)
		errx(STATUS_TROUBLE, "%s: %s", options->operands[i], error);
	make_public(record, options);
	judge_faults(record, options);
	return record;
}

/* A boot, all of whose map is there. */
static struct record *read_operand(const struct options *options, int i)
{
	struct record *record = read_any(options, i);

	if (record->excerpt_of != NULL)
		errx(STATUS_TROUBLE,
		     "%s: the diff has only a part of this map; mapdiff diff %s says what that shows",
		     record->name, record->excerpt_of);
	return record;
}

static void emit(const struct options *options, const void *result, const struct report_kind *kind)
{
	const char *path = options->report.path;

	if (!report_knows(kind, options->report.format))
		errx(STATUS_TROUBLE, "--format=%s means nothing to `mapdiff %s'",
		     options_format_name(options), options->command->name);

	if (!report_write(&options->report, kind, result))
		err(STATUS_TROUBLE, "%s", path != NULL ? path : "standard output");
}

/* --- the commands --- */

static const struct diff_side *make_side(const struct record *record)
{
	const struct diff_side *side = side_new(record);

	if (side == NULL)
		errx(STATUS_TROUBLE, "nothing to compare: %s has no memory map", record->name);
	return side;
}

/* For scripts: what is not known is trouble. */
static const int verdict_statuses[] = {
	[VERDICT_YES] = STATUS_SAME,
	[VERDICT_NO] = STATUS_DIFFERENT,
	[VERDICT_UNKNOWN] = STATUS_TROUBLE,
};

/* Two files, or one that has several boots: both are in @records then. */
static void read_two(struct options *options, struct record *records[2])
{
	const char *error;

	if (options->n_operands == 2) {
		records[0] = read_any(options, 0);
		records[1] = read_any(options, 1);
	} else if (!read_last_boots(options->operands[0], records, &options->diff.found, &error)) {
		errx(STATUS_TROUBLE, "%s: %s", options->operands[0], error);
	} else {
		for (size_t i = 0; i < 2; i++) {
			make_public(records[i], options);
			judge_faults(records[i], options);
		}
	}
}

/* What is missing on both sides of a diff is alike, and on others it is not known. */
static void require_comparable(struct record *const records[2])
{
	const char *const of[2] = { records[0]->excerpt_of, records[1]->excerpt_of };
	const struct record *piece = records[of[0] == NULL];

	if ((of[0] == NULL && of[1] == NULL) ||
	    (of[0] != NULL && of[1] != NULL && strcmp(of[0], of[1]) == 0))
		return;
	errx(STATUS_TROUBLE,
	     "%s: the diff has only a part of this map, which can be compared with its other side "
	     "alone: mapdiff diff %s",
	     piece->name, piece->excerpt_of);
}

static int run_diff(struct options *options)
{
	struct record *records[2];
	struct diff diff;

	read_two(options, records);
	require_comparable(records);
	options->diff.has_views =
		options->report.format != FORMAT_TEXT && records[0]->excerpt_of == NULL;
	diff_make(make_side(records[0]), make_side(records[1]), &options->diff, &diff);
	emit(options, &diff, &report_diff);
	if (options->exits_with_verdict)
		return verdict_statuses[diff.resume.verdict];
	return diff_is_different(&diff) ? STATUS_DIFFERENT : STATUS_SAME;
}

static struct view *make_view(const struct options *options, const struct record *record)
{
	struct view *view = view_new(record, &options->view);

	if (view == NULL)
		errx(STATUS_TROUBLE, "%s: there is no memory map in it, neither of UEFI nor e820",
		     record->name);
	return view;
}

static int run_show(struct options *options)
{
	const struct record *record = read_operand(options, 0);
	struct view *view = make_view(options, record);
	struct findings findings;
	struct advice advice = image_advise(record, &view->is_forbidden);

	lint_record(record, &options->lint, &findings);
	view->findings = &findings;
	view->advice = &advice;
	emit(options, view, &report_view);
	return STATUS_SAME;
}

static int run_translate(struct options *options)
{
	options->view.is_translated = true;
	emit(options, make_view(options, read_operand(options, 0)), &report_view);
	return STATUS_SAME;
}

static int run_steps(struct options *options)
{
	options->view.has_steps = true;
	emit(options, make_view(options, read_operand(options, 0)), &report_steps);
	return STATUS_SAME;
}

static int run_explain(struct options *options)
{
	struct explanation explanation = { 0 };
	const struct view *view;
	uint64_t paddr;

	if (!options_address(options->operands[1], &paddr))
		errx(STATUS_TROUBLE, "%s: is no address: 0x9fc00, 640K and pfn:0x9f are",
		     options->operands[1]);
	view = make_view(options, read_operand(options, 0));
	explain_page(view, paddr, &explanation);
	emit(options, &explanation, &report_explanation);
	return STATUS_SAME;
}

static int run_check(struct options *options)
{
	struct record *record = read_operand(options, 0);
	const char *error;
	struct check check;

	if (!check_record(record, &check, &error))
		errx(STATUS_TROUBLE, "%s: %s", record->name, error);
	emit(options, &check, &report_check);
	return check.rules[0].is_exact ? STATUS_SAME : STATUS_DIFFERENT;
}

/* A rule that is spelt wrong would go on failing a build, or worse, no longer. */
static void check_disabled(const struct lint_options *options)
{
	struct findings all;

	lint_rules(&all);
	for (size_t i = 0; i < options->n_disabled; i++) {
		size_t at = 0;

		while (at < all.n_rules &&
		       strcmp(all.rules[at].rule->id, options->disabled[i]) != 0)
			at++;
		if (at == all.n_rules)
			errx(STATUS_TROUBLE,
			     "--disable=%s: there is no such rule; `mapdiff rules' "
			     "lists them",
			     options->disabled[i]);
	}
}

/* Notes are no findings for the exit status. */
static int run_lint(struct options *options)
{
	struct findings findings;
	struct record *record;
	const char *error;

	check_disabled(&options->lint);
	if (options->baseline != NULL &&
	    !baseline_read(options->baseline, &options->lint.known, &error))
		errx(STATUS_TROUBLE, "%s: %s", options->baseline, error);
	record = read_operand(options, 0);
	lint_record(record, &options->lint, &findings);
	emit(options, &findings, &report_findings);
	if (findings.n_checked == 0)
		errx(STATUS_TROUBLE, "%s: no rule could be checked: %s", record->name,
		     findings.rules[0].why_not);
	return lint_is_clean(&findings) ? STATUS_SAME : STATUS_DIFFERENT;
}

/* What is wrong with a damaged boot, for a list in which nothing else is said of it. */
static void skip_damaged(struct series_boots *boots, const struct record *record)
{
	const struct record_fault *fault = &record->faults[0];
	const char *line = fault->line > 0 ? memory_printf("line %lu: ", fault->line) : "";

	series_skip_boot(boots, record, memory_printf("%s%s", line, fault->what));
}

/* How many files there are so far, once a second, for who looks at a terminal. */
static void show_progress(size_t n_files)
{
	static time_t last;
	time_t now = time(NULL);

	if (now != last && last != 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "\rmapdiff: %zu files", n_files);
	last = now;
}

/* The boots of a series while they are collected, and how files are read. */
struct pile {
	struct series_boots *boots;
	struct records *served; /* who says what a pinned block served; NULL: who cares */
	const struct options *options;
	struct given given;
};

/* All boots of one file, unless there is a reason @why not, or it was given before; what cannot be
 * used is told in the report, and the rest goes on. */
static void add_file(void *context, const char *path, const char *why)
{
	struct pile *pile = context;
	struct records records = { 0 };
	const char *other = why == NULL ? given_again(&pile->given, path) : NULL;

	if (other == NULL && (why != NULL || !read_boots(path, &records, &why)))
		series_skip(pile->boots, path, why);
	if (records.n_list > 0)
		other = given_copy(&pile->given, path, records.list[0]);
	if (other != NULL) {
		series_leave_out(pile->boots, path,
		                 memory_printf("given twice: read once, as %s", other));
		return;
	}
	for (size_t i = 0; i < records.n_list; i++) {
		make_public(records.list[i], pile->options);
		if (pile->served != NULL && records.list[i]->pin.is_known)
			*MEMORY_ADD(pile->served, list) = records.list[i];
		if (records.list[i]->source == SOURCE_PIN && pile->served != NULL)
			continue;
		if (records.list[i]->excerpt_of != NULL)
			series_skip_boot(pile->boots, records.list[i],
			                 "the diff has only a part of this map");
		else if (records.list[i]->n_faults > 0 && !pile->options->uses_damaged)
			skip_damaged(pile->boots, records.list[i]);
		else
			series_add(pile->boots, records.list[i]);
	}
	show_progress(++pile->boots->n_files);
}

static void report_skipped(const struct series_report *report)
{
	for (size_t i = 0; i < report->n_skipped && i < MOST_FAULTS_SHOWN; i++)
		warnx("%s", report->skipped[i]);
	if (report->n_skipped > MOST_FAULTS_SHOWN)
		warnx("and %zu more without a map", report->n_skipped - MOST_FAULTS_SHOWN);
}

/* All boots. False: a file that was asked for by its name could not be used. */
static bool add_operands(struct series_boots *boots, const struct options *options,
                         struct records *served)
{
	struct pile pile = { .boots = boots, .served = served, .options = options };
	bool is_usable = true;
	const char *error;

	for (int i = 0; i < options->n_operands; i++) {
		const char *operand = options->operands[i];
		size_t n_skipped = boots->report->n_skipped;

		if (!folder_has_files(operand)) {
			add_file(&pile, operand, NULL);
			is_usable &= boots->report->n_skipped == n_skipped;
		} else if (!folder_each(operand, add_file, &pile, &error)) {
			errx(STATUS_TROUBLE, "%s: %s", operand, error);
		}
	}
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K"); /* the progress */
	return is_usable;
}

static int run_series(struct options *options)
{
	struct series_boots *boots = series_new();
	bool is_usable = add_operands(boots, options, NULL);
	const struct series_report *report = series_finish(boots);

	if (report->n_boots == 0 && report->n_left_out > 0)
		errx(STATUS_TROUBLE, "nothing to compare: %s", report->left_out[0]);
	if (report->n_boots == 0 && report->n_skipped == 0)
		errx(STATUS_TROUBLE, "%s: there is no file in it", options->operands[0]);
	if (report->n_boots > 0)
		emit(options, report, &report_series);
	if (report->n_boots == 0 || !is_usable) {
		report_skipped(report);
		return STATUS_TROUBLE;
	}
	for (size_t i = 0; i < report->n_machines; i++)
		if (report->machines[i].n_maps > 1)
			return STATUS_DIFFERENT;
	return STATUS_SAME;
}

/* Can all boots of @report be judged? Says which cannot. */
static bool warn_obstacles(const struct series_report *report)
{
	const struct series_boot *first = &report->machines[0].boots[0];
	bool is_usable = true;

	MEMORY_EACH(series, report, machines) {
		MEMORY_EACH(boot, series, boots) {
			const char *why = gate_obstacle(first->side->record, boot->side->record);

			if (why != NULL)
				warnx("%s: %s", boot->name, why);
			is_usable &= why == NULL;
		}
	}
	return is_usable;
}

/* Boots of which one cannot be judged are no pass, and no failure of the firmware's. */
static int run_gate(struct options *options)
{
	struct series_boots *boots = series_new();
	bool is_usable = add_operands(boots, options, NULL);
	const struct series_report *report = series_finish(boots);
	struct gate gate;

	report_skipped(report);
	for (size_t i = 0; i < report->n_left_out; i++)
		warnx("%s", report->left_out[i]);
	if (report->n_boots > 0)
		is_usable &= warn_obstacles(report);
	if (!is_usable || report->n_skipped + report->n_left_out > 0)
		errx(STATUS_TROUBLE, "not all of it could be judged");
	if (report->n_boots < 2)
		errx(STATUS_TROUBLE, "a gate takes two boots at least");
	gate_make(report, &gate);
	emit(options, &gate, &report_gate);
	return gate.is_passed ? STATUS_SAME : STATUS_DIFFERENT;
}

/* A block is of one machine. Its status is the answer, for scripts. */
static int run_pin(struct options *options)
{
	struct series_boots *boots = series_new();
	struct records served = { 0 };
	bool is_usable = add_operands(boots, options, &served);
	const struct series_report *report = series_finish(boots);
	struct pin_advice advice;

	report_skipped(report);
	for (size_t i = 0; i < report->n_left_out; i++)
		warnx("%s", report->left_out[i]);
	if (report->n_machines > 1)
		errx(STATUS_TROUBLE, "these are boots of %zu machines: a block is of one",
		     report->n_machines);
	if (report->n_boots == 0 && served.n_list == 0)
		errx(STATUS_TROUBLE, "there is no boot to look at");
	pin_advise(report->n_boots > 0 ? &report->machines[0] : NULL, &served, &advice);
	emit(options, &advice, &report_pin);
	return is_usable ? verdict_statuses[advice.pin.helps] : STATUS_TROUBLE;
}

static int run_rules(struct options *options)
{
	struct findings all;

	lint_rules(&all);
	emit(options, &all, &report_rules);
	return STATUS_SAME;
}

static int run_convert(struct options *options)
{
	emit(options, read_operand(options, 0), &report_capture);
	return STATUS_SAME;
}

static const struct command commands[] = {
	/* clang-format off */
	{ "diff",      "A [B]",        "what changed from A to B, and would Linux resume",     1, 2,
	  TAKES_FORMAT | TAKES_FOOTPRINT, run_diff },
	{ "show",      "FILE",         "one boot: each range, what became of it, and why",     1, 1,
	  TAKES_FORMAT | TAKES_VIEW, run_show },
	{ "steps",     "FILE",         "how its bitmaps are made, call by call",               1, 1,
	  TAKES_FORMAT | TAKES_VIEW, run_steps },
	{ "explain",   "FILE ADDRESS", "everything about one page",                            2, 2,
	  TAKES_FORMAT | TAKES_VIEW, run_explain },
	{ "series",    "FILE...",      "many boots, or folders of them: what moves, and when", 1, INT_MAX,
	  TAKES_FORMAT, run_series },
	{ "lint",      "FILE",         "what is wrong with a firmware's map",                  1, 1,
	  TAKES_FORMAT | TAKES_LINT, run_lint },
	{ "pin",       "FILE...",      "would bootmem's pin = yes help, where, how large",      1, INT_MAX,
	  TAKES_FORMAT, run_pin },
	{ "rules",     "",             "what lint looks for",                                  0, 0,
	  TAKES_FORMAT, run_rules },
	{ "gate",      "FILE...",      "for CI: are all maps the same, and bins honoured?",    1, INT_MAX,
	  TAKES_FORMAT, run_gate },
	{ "translate", "FILE",         "a UEFI map as bootmem, Linux or GRUB would treat it",  1, 1,
	  TAKES_FORMAT | TAKES_VIEW, run_translate },
	{ "check",     "LOG",          "by whose rules its UEFI map became its e820 map",       1, 1,
	  TAKES_FORMAT, run_check },
	{ "convert",   "FILE",         "only the map and what belongs to it, as a capture",    1, 1,
	  0, run_convert },
	{ NULL, NULL, NULL, 0, 0, 0, NULL },
	/* clang-format on */
};

int main(int argc, char **argv)
{
	struct options options;

	options_parse(argc, argv, commands, &options);
	return options.command->run(&options);
}
