/* emit.c - results -> files: see emit.h. */
#include "mapdiff/report/emit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mapdiff/report/html.h"

/* https://no-color.org: any value but an empty one counts. */
static bool wants_colours(enum when when, FILE *file)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (when != WHEN_AUTO)
		return when == WHEN_ALWAYS;
	return isatty(fileno(file)) && (no_color == NULL || *no_color == '\0') &&
	       (terminal == NULL || strcmp(terminal, "dumb") != 0);
}

static bool write_json(FILE *file, const json_t *report)
{
	return json_dumpf(report, file, JSON_INDENT(1) | JSON_PRESERVE_ORDER) == 0 &&
	       fputc('\n', file) != EOF;
}

static bool write_html(FILE *file, const struct report_kind *kind, const void *result)
{
	size_t bytes;
	char *text = NULL;
	FILE *memory = open_memstream(&text, &bytes);
	bool is_written;

	if (memory == NULL)
		return false;
	kind->print(&(struct output){ .file = memory }, result);
	fclose(memory);
	is_written = html_write(file, kind->make_json(result), text);
	free(text);
	return is_written;
}

static bool write_report(FILE *file, const struct emit_options *options,
                         const struct report_kind *kind, const void *result)
{
	if (options->format == FORMAT_JSON)
		return write_json(file, kind->make_json(result));
	if (options->format == FORMAT_HTML)
		return write_html(file, kind, result);
	kind->print(&(struct output){ file, wants_colours(options->colour, file) }, result);
	return true;
}

bool emit_report(const struct emit_options *options, const struct report_kind *kind,
                 const void *result)
{
	FILE *file = options->path != NULL ? fopen(options->path, "w") : stdout;

	return file != NULL && write_report(file, options, kind, result) && !ferror(file) &&
	       (file == stdout ? fflush(file) : fclose(file)) == 0;
}
