/* report.c - results -> files; of each kind, the functions that report it: see report.h. */
#include "mapdiff/report/report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mapdiff/record/write_capture.h"
#include "mapdiff/report/html.h"
#include "mapdiff/report/json.h"
#include "mapdiff/report/junit.h"
#include "mapdiff/report/markdown.h"
#include "mapdiff/report/print_check.h"
#include "mapdiff/report/print_diff.h"
#include "mapdiff/report/print_gate.h"
#include "mapdiff/report/print_lint.h"
#include "mapdiff/report/print_pin.h"
#include "mapdiff/report/print_series.h"
#include "mapdiff/report/print_steps.h"
#include "mapdiff/report/print_view.h"
#include "mapdiff/report/sarif.h"

/* A kind of result, and the functions that take it as what it is. */
#define KIND(name, print, make_json, ...)                                                      \
	static void print_result_##name(const struct output *out, const void *result)          \
	{                                                                                      \
		print(out, result);                                                            \
	}                                                                                      \
	static json_t *json_of_result_##name(const void *result)                               \
	{                                                                                      \
		return make_json(result);                                                      \
	}                                                                                      \
	const struct report_kind report_##name = { print_result_##name, json_of_result_##name, \
		                                   __VA_ARGS__ }

static json_t *make_sarif_of_lint(const void *result)
{
	return sarif_of_lint(result);
}

static void print_junit_of_lint(const struct output *out, const void *result)
{
	junit_lint(out, result);
}

static void print_junit_of_gate(const struct output *out, const void *result)
{
	junit_gate(out, result);
}

static void print_markdown_of_diff(const struct output *out, const void *result)
{
	markdown_diff(out, result);
}

static void print_markdown_of_lint(const struct output *out, const void *result)
{
	markdown_lint(out, result);
}

static void print_markdown_of_series(const struct output *out, const void *result)
{
	markdown_series(out, result);
}

KIND(diff, print_diff, json_of_diff, .has_page = true, .print_markdown = print_markdown_of_diff);
KIND(view, print_view, json_of_view, .has_page = true);
KIND(steps, print_steps, json_of_steps, .has_page = true);
KIND(explanation, print_explanation, json_of_explanation, .has_page = true);
KIND(check, print_check, json_of_check, .has_page = true);
KIND(findings, print_lint, json_of_lint, .has_page = true, .make_sarif = make_sarif_of_lint,
     .print_junit = print_junit_of_lint, .print_markdown = print_markdown_of_lint);
KIND(rules, print_rules, json_of_rules, .has_page = false);
KIND(pin, print_pin, json_of_pin, .has_page = false);
KIND(gate, print_gate, json_of_gate, .print_junit = print_junit_of_gate);
KIND(series, print_series, json_of_series, .has_page = true,
     .print_markdown = print_markdown_of_series);

static void print_capture(const struct output *out, const void *result)
{
	write_capture(out->file, result);
}
const struct report_kind report_capture = { .print = print_capture };

bool report_knows(const struct report_kind *kind, enum report_format format)
{
	switch (format) {
	case FORMAT_TEXT:
		return true;
	case FORMAT_JSON:
		return kind->make_json != NULL;
	case FORMAT_HTML:
	case FORMAT_MARKDOWN:
		return kind->has_page;
	case FORMAT_SARIF:
		return kind->make_sarif != NULL;
	default:
		return kind->print_junit != NULL;
	}
}

/* https://no-color.org: any value but an empty one counts. */
static bool wants_colours(enum report_when when, FILE *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	return isatty(fileno(file)) && (no_color == NULL || *no_color == '\0') &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static json_t *make_json(const struct report_kind *kind, enum report_format format,
                         const void *result)
{
	return format == FORMAT_SARIF ? kind->make_sarif(result) : kind->make_json(result);
}

/* The report as text for @out, which the caller frees; NULL if there is no memory for it. */
static char *text_of(const struct output *out, const struct report_kind *kind, const void *result)
{
	size_t bytes;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &bytes);

	if (memory == NULL)
		return NULL;
	kind->print(&(struct output){ memory, out->has_colours, out->columns }, result);
	fclose(memory);
	return text;
}

/* As wide as the terminal, or as COLUMNS says; files keep long lines. */
static size_t columns_of(FILE *file)
{
	const size_t least = 40, most = 1000;
	const char *text = getenv("COLUMNS");
	size_t columns = text != NULL ? strtoul(text, NULL, 10) : 0;
	struct winsize size;

	if (columns == 0 && isatty(fileno(file)) && ioctl(fileno(file), TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	return columns == 0 || columns > most ? 0 : columns < least ? least : columns;
}

static bool write_text(FILE *file, const struct report_options *options,
                       const struct report_kind *kind, const void *result)
{
	const struct output out = { file, wants_colours(options->colour, file), columns_of(file) };
	char *text;

	if (out.columns == 0 || kind == &report_capture) {
		kind->print(&(struct output){ file, out.has_colours, 0 }, result);
		return true;
	}
	text = text_of(&out, kind, result);
	if (text == NULL)
		return false;
	out_folded(file, text, out.columns);
	free(text);
	return true;
}

static bool write_markdown(FILE *file, const struct report_kind *kind, const void *result)
{
	const struct output out = { .file = file };
	char *text = text_of(&(struct output){ 0 }, kind, result);

	if (text == NULL)
		return false;
	if (kind->print_markdown != NULL)
		kind->print_markdown(&out, result);
	markdown_details(&out, text);
	free(text);
	return true;
}

static bool write_html(FILE *file, const struct report_kind *kind, const void *result)
{
	char *text = text_of(&(struct output){ 0 }, kind, result);

	if (text == NULL)
		return false;
	html_write(file, make_json(kind, FORMAT_JSON, result), text);
	free(text);
	return true;
}

static bool write_to(FILE *file, const struct report_options *options,
                     const struct report_kind *kind, const void *result)
{
	if (options->format == FORMAT_JSON || options->format == FORMAT_SARIF)
		return json_dumpf(make_json(kind, options->format, result), file,
		                  JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 &&
		       fputc('\n', file) != EOF;
	if (options->format == FORMAT_HTML)
		return write_html(file, kind, result);
	if (options->format == FORMAT_MARKDOWN)
		return write_markdown(file, kind, result);
	if (options->format != FORMAT_JUNIT)
		return write_text(file, options, kind, result);
	kind->print_junit(&(struct output){ .file = file }, result);
	return true;
}

bool report_write(const struct report_options *options, const struct report_kind *kind,
                  const void *result)
{
	FILE *file = options->path != NULL ? fopen(options->path, "w") : stdout;

	json_use_arena();
	return file != NULL && write_to(file, options, kind, result) && !ferror(file) &&
	       (file == stdout ? fflush(file) : fclose(file)) == 0;
}
