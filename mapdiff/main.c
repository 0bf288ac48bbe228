/*
 * main.c - mapdiff: files -> records -> a report, as text, JSON or HTML. One function a command.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bootmem/bootmem.h"
#include "mapdiff/report/html.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/map/check.h"
#include "mapdiff/map/explain.h"
#include "mapdiff/map/view.h"
#include "mapdiff/options.h"
#include "mapdiff/report/output.h"
#include "mapdiff/read/folder.h"
#include "mapdiff/read/read.h"
#include "mapdiff/report/report.h"
#include "mapdiff/series/series.h"
#include "mapdiff/record/write_capture.h"

#define MOST_FAULTS_SHOWN 10

/* The allocator's own checks: what they find is a fault of this program. */
_Noreturn void bootmem_assert_fail(const char *what)
{
	fprintf(stderr, "mapdiff: internal error: %s\n", what);
	abort();
}

static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "mapdiff: %s: %s\n", what, why);
	exit(STATUS_TROUBLE);
}

/* --- reading --- */

/* Say what is damaged; stop there unless the user wants to go on with the rest. */
static void judge_faults(const struct record *record, const struct options *options)
{
	for (size_t i = 0; i < record->n_faults && i < MOST_FAULTS_SHOWN; i++) {
		if (record->faults[i].line > 0)
			fprintf(stderr, "mapdiff: %s:%lu: %s\n", record->name,
			        record->faults[i].line, record->faults[i].what);
		else
			fprintf(stderr, "mapdiff: %s: %s\n", record->name, record->faults[i].what);
	}
	if (record->n_faults > MOST_FAULTS_SHOWN)
		fprintf(stderr, "mapdiff: %s: and %zu more\n", record->name,
		        record->n_faults - MOST_FAULTS_SHOWN);
	if (record->n_faults > 0 && !options->uses_damaged) {
		fprintf(stderr,
		        "mapdiff: %s is damaged; --damaged goes on with what could be read\n",
		        record->name);
		exit(STATUS_TROUBLE);
	}
}

static struct record *read_operand(const struct options *options, int i)
{
	const char *error;
	struct record *record = read_boot(options->operands[i], &error);

	if (record == NULL)
		fail(options->operands[i], error);
	judge_faults(record, options);
	return record;
}

/* --- writing --- */

static const char *output_name(const struct options *options)
{
	return options->output != NULL ? options->output : "standard output";
}

static FILE *open_output(const struct options *options)
{
	FILE *file = options->output == NULL ? stdout : fopen(options->output, "w");

	if (file == NULL)
		fail(options->output, strerror(errno));
	return file;
}

static void close_output(const struct options *options, FILE *file)
{
	if (ferror(file) || (file == stdout ? fflush(file) : fclose(file)) != 0)
		fail(output_name(options), strerror(errno));
}

/* https://no-color.org: any value but an empty one counts. */
static bool wants_colours(const struct options *options, FILE *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (strcmp(options->colour, "auto") != 0)
		return strcmp(options->colour, "always") == 0;
	return isatty(fileno(file)) && (no_color == NULL || *no_color == '\0') &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static bool write_html(FILE *file, const void *result, const struct report_kind *kind,
                       const json_t *report)
{
	size_t bytes;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &bytes);
	bool is_written;

	if (memory == NULL)
		return false;
	kind->print(&(struct output){ .file = memory }, result);
	fclose(memory);
	is_written = html_write(file, report, text);
	free(text);
	return is_written;
}

static bool write_json(FILE *file, const json_t *report)
{
	return json_dumpf(report, file, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 &&
	       fputc('\n', file) != EOF;
}

static void emit(const struct options *options, const void *result, const struct report_kind *kind)
{
	FILE *file = open_output(options);
	json_t *report = options->format != FORMAT_TEXT ? kind->make_json(result) : NULL;
	bool is_written = true;

	if (options->format == FORMAT_TEXT)
		kind->print(&(struct output){ file, wants_colours(options, file) }, result);
	else if (options->format == FORMAT_HTML)
		is_written = write_html(file, result, kind, report);
	else
		is_written = write_json(file, report);
	if (!is_written)
		fail(output_name(options), strerror(errno));
	close_output(options, file);
}

/* --- the commands --- */

static int run_diff(const struct options *options)
{
	struct record *before = read_operand(options, 0), *after = read_operand(options, 1);
	char *error = NULL;
	struct diff diff;

	if (!diff_make(before, after, &options->diff, &diff, &error))
		fail("nothing to compare", error);
	emit(options, &diff, &report_diff);
	return diff_is_different(&diff) ? STATUS_DIFFERENT : STATUS_SAME;
}

static const struct view *make_view(const struct options *options, const struct record *record)
{
	const char *error;
	const struct view *view = view_new(record, &options->view, &error);

	if (view == NULL)
		fail(record->name, error);
	return view;
}

static int run_show(const struct options *options)
{
	emit(options, make_view(options, read_operand(options, 0)), &report_view);
	return STATUS_SAME;
}

static int run_translate(const struct options *options)
{
	struct options translated = *options;

	translated.view.is_translated = true;
	return run_show(&translated);
}

static int run_explain(const struct options *options)
{
	struct explanation explanation = { 0 };
	const struct view *view;
	uint64_t paddr;

	if (!options_address(options->operands[1], &paddr))
		fail(options->operands[1], "is no address: 0x9fc00, 640K and pfn:0x9f are");
	view = make_view(options, read_operand(options, 0));
	explain_page(view, paddr, &explanation);
	emit(options, &explanation, &report_explanation);
	return STATUS_SAME;
}

static int run_check(const struct options *options)
{
	struct record *record = read_operand(options, 0);
	const char *error;
	struct check check;

	if (!check_record(record, &check, &error))
		fail(record->name, error);
	emit(options, &check, &report_check);
	return check.rules[0].is_exact ? STATUS_SAME : STATUS_DIFFERENT;
}

/* Notes are no findings for the exit status. */
static int run_lint(const struct options *options)
{
	struct record *record = read_operand(options, 0);
	struct findings findings = { 0 };
	bool is_clean;

	lint_record(record, &findings);
	emit(options, &findings, &report_findings);
	is_clean = findings.n_entries == 0 || findings.entries[0].rule->severity == SEVERITY_NOTE;
	return is_clean ? STATUS_SAME : STATUS_DIFFERENT;
}

/* What is wrong with a damaged boot, for a list in which nothing else is said of it. */
static void skip_damaged(struct series *series, const struct record *record)
{
	const struct record_fault *fault = &record->faults[0];
	char *why = fault->line > 0 ? memory_printf("line %lu: %s", fault->line, fault->what)
	                            : memory_copy(fault->what);

	series_skip_boot(series, record, why);
}

/* How many files there are so far, once a second, for who looks at a terminal. */
static void show_progress(void)
{
	static unsigned long n_files;
	static time_t last;
	time_t now = time(NULL);

	n_files++;
	if (now != last && last != 0 && isatty(STDERR_FILENO))
		fprintf(stderr, "\rmapdiff: %lu files", n_files);
	last = now;
}

static void end_progress(void)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K");
}

/* The files of a series, and what is asked of them. */
struct pile {
	struct series *series;
	const struct options *options;
};

/* All boots of one file, unless there is a reason @why not; what cannot be used is told in the
 * report, and the rest goes on. Records have an arena of their own, for only a little of each is
 * kept. */
static void add_file(void *context, const char *path, const char *why)
{
	const struct pile *pile = context;
	struct memory *kept = memory_use(memory_new()), *read;
	struct records records = { 0 };

	if (why == NULL)
		read_boots(path, &records, &why);
	read = memory_use(kept);
	if (records.n_list == 0)
		series_skip(pile->series, path, why);
	for (size_t i = 0; i < records.n_list; i++) {
		if (records.list[i]->n_faults > 0 && !pile->options->uses_damaged)
			skip_damaged(pile->series, records.list[i]);
		else
			series_add(pile->series, records.list[i]);
	}
	memory_drop(read);
	show_progress();
}

static void report_skipped(const struct series *series)
{
	for (size_t i = 0; i < series->n_skipped && i < MOST_FAULTS_SHOWN; i++)
		fprintf(stderr, "mapdiff: %s\n", series->skipped[i]);
	if (series->n_skipped > MOST_FAULTS_SHOWN)
		fprintf(stderr, "mapdiff: and %zu more without a map\n",
		        series->n_skipped - MOST_FAULTS_SHOWN);
}

static _Noreturn void fail_without_boots(const struct series *series, const struct options *options)
{
	if (series->n_skipped == 0)
		fail(options->operands[0], "there is no file in it");
	report_skipped(series);
	exit(STATUS_TROUBLE);
}

static int run_series(const struct options *options)
{
	struct series *series = series_new();
	struct pile pile = { series, options };
	bool has_trouble = false; /* with a file that was asked for by its name */

	for (int i = 0; i < options->n_operands; i++) {
		const char *operand = options->operands[i], *error;
		size_t n_skipped = series->n_skipped;

		if (!folder_has_files(operand)) {
			add_file(&pile, operand, NULL);
			has_trouble |= series->n_skipped > n_skipped;
		} else if (!folder_each(operand, add_file, &pile, &error)) {
			fail(operand, error);
		}
	}
	end_progress();
	series_finish(series);
	if (series->n_boots == 0)
		fail_without_boots(series, options);
	emit(options, series, &report_series);
	if (has_trouble) {
		report_skipped(series);
		return STATUS_TROUBLE;
	}
	return series->n_maps > 1 ? STATUS_DIFFERENT : STATUS_SAME;
}

static int run_convert(const struct options *options)
{
	struct record *record = read_operand(options, 0);
	FILE *file = open_output(options);

	write_capture(file, record);
	close_output(options, file);
	return STATUS_SAME;
}

static const struct command commands[] = {
	/* clang-format off */
	{ "diff",      "A B",          "what changed from boot A to boot B, and would Linux resume", 2, 2,
	  TAKES_FORMAT | TAKES_FOOTPRINT, run_diff },
	{ "show",      "FILE",         "one boot: each range, what became of it, and why",    1, 1,
	  TAKES_FORMAT | TAKES_VIEW, run_show },
	{ "explain",   "FILE ADDRESS", "everything about one page",                           2, 2,
	  TAKES_FORMAT | TAKES_VIEW, run_explain },
	{ "series",    "FILE...",      "many boots, or folders of them: what moves, and when", 1, INT_MAX,
	  TAKES_FORMAT, run_series },
	{ "lint",      "FILE",         "what is wrong with a firmware's map",                 1, 1,
	  TAKES_FORMAT, run_lint },
	{ "translate", "FILE",         "a UEFI map as the loader, Linux or GRUB would treat it", 1, 1,
	  TAKES_FORMAT | TAKES_VIEW, run_translate },
	{ "check",     "LOG",          "does its e820 map follow from its UEFI map, and by whose rules", 1, 1,
	  TAKES_FORMAT, run_check },
	{ "convert",   "FILE",         "any of them as a capture: only the map and what belongs to it", 1, 1,
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
