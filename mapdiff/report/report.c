/* report.c - results -> files; of each kind, the functions that report it: see report.h. */
#include "mapdiff/report/report.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapdiff/record/write_capture.h"
#include "mapdiff/report/html.h"
#include "mapdiff/report/json.h"
#include "mapdiff/report/print_check.h"
#include "mapdiff/report/print_diff.h"
#include "mapdiff/report/print_lint.h"
#include "mapdiff/report/print_series.h"
#include "mapdiff/report/print_view.h"

/* A kind of result, and the functions that take it as what it is. */
#define KIND(name, print, make_json)                                                  \
	static void print_result_##name(const struct output *out, const void *result) \
	{                                                                             \
		print(out, result);                                                   \
	}                                                                             \
	static json_t *json_of_result_##name(const void *result)                      \
	{                                                                             \
		return make_json(result);                                             \
	}                                                                             \
	const struct report_kind report_##name = { print_result_##name, json_of_result_##name }

KIND(diff, print_diff, json_of_diff);
KIND(view, print_view, json_of_view);
KIND(explanation, print_explanation, json_of_explanation);
KIND(check, print_check, json_of_check);
KIND(findings, print_lint, json_of_lint);
KIND(series, print_series, json_of_series);

static void print_capture(const struct output *out, const void *result)
{
	write_capture(out->file, result);
}
const struct report_kind report_capture = { print_capture, NULL };

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

static void *allocate(size_t bytes)
{
	return memory_alloc(1, bytes);
}

/* From here on jansson's memory is ours, and cannot run out. */
static json_t *make_json(const struct report_kind *kind, const void *result)
{
	json_set_alloc_funcs(allocate, memory_give_back);
	return kind->make_json(result);
}

static bool write_html(FILE *file, const struct report_kind *kind, const void *result)
{
	size_t bytes;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &bytes);

	if (memory == NULL)
		return false;
	kind->print(&(struct output){ .file = memory }, result);
	fclose(memory);
	html_write(file, make_json(kind, result), text);
	free(text);
	return true;
}

static bool write_to(FILE *file, const struct report_options *options,
                     const struct report_kind *kind, const void *result)
{
	if (options->format == FORMAT_JSON)
		return json_dumpf(make_json(kind, result), file,
		                  JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 &&
		       fputc('\n', file) != EOF;
	if (options->format == FORMAT_HTML)
		return write_html(file, kind, result);
	kind->print(&(struct output){ file, wants_colours(options->colour, file) }, result);
	return true;
}

bool report_write(const struct report_options *options, const struct report_kind *kind,
                  const void *result)
{
	FILE *file = options->path != NULL ? fopen(options->path, "w") : stdout;

	return file != NULL && write_to(file, options, kind, result) && !ferror(file) &&
	       (file == stdout ? fflush(file) : fclose(file)) == 0;
}
