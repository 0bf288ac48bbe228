/*
 * html.h - a report as JSON and as text -> one HTML page that needs nothing else: the parts in
 * page/, style and script included, draw the JSON that is put into it. The text is there too, for a
 * bug report, and for who has no script.
 */
#ifndef MAPDIFF_REPORT_HTML_H
#define MAPDIFF_REPORT_HTML_H

#include <jansson.h>
#include <stdio.h>

/* Whether it could be written, ferror() tells. */
void html_write(FILE *file, const json_t *report, const char *text);

#endif
