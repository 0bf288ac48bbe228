/* print_view.h - a view, or an explanation of one page -> text. */
#ifndef MAPDIFF_REPORT_PRINT_VIEW_H
#define MAPDIFF_REPORT_PRINT_VIEW_H

#include "mapdiff/report/output.h"

/* @result is a struct view. */
void print_view(const struct output *out, const void *result);

/* @result is a struct explanation. */
void print_explanation(const struct output *out, const void *result);

#endif
