/*
 * html.c - a report -> one page: the parts in page/ with the report put into their two places. See
 * html.h.
 *
 * In HTML a script ends at the first `</script', whatever stands around it, so in the JSON each `<'
 * is written as JSON's \u003c.
 */
#include "mapdiff/report/html.h"

#include <string.h>

/* The page, as page.S puts it together; its places are marked so. */
extern const char page_start[], page_end[];
#define JSON_PLACE "@JSON@"
#define TEXT_PLACE "@TEXT@"

static void write_escaped(FILE *file, const char *text, const char *ampersand,
                          const char *less_than)
{
	for (; *text != '\0'; text++) {
		if (*text == '&')
			fputs(ampersand, file);
		else if (*text == '<')
			fputs(less_than, file);
		else
			putc(*text, file);
	}
}

/* The page from @from up to @place; returns what is behind that. */
static const char *write_up_to(FILE *file, const char *from, const char *place)
{
	const char *at = memmem(from, (size_t)(page_end - from), place, strlen(place));

	fwrite(from, 1, (size_t)(at - from), file);
	return at + strlen(place);
}

void html_write(FILE *file, const json_t *report, const char *text)
{
	char *json = json_dumps(report, JSON_COMPACT | JSON_ENSURE_ASCII);
	const char *from = write_up_to(file, page_start, TEXT_PLACE);

	write_escaped(file, text, "&amp;", "&lt;");
	from = write_up_to(file, from, JSON_PLACE);
	write_escaped(file, json, "&", "\\u003c");
	fwrite(from, 1, (size_t)(page_end - from), file);
}
