/* print_view.h - a view, or an explanation of one page -> text. */
#ifndef MAPDIFF_REPORT_PRINT_VIEW_H
#define MAPDIFF_REPORT_PRINT_VIEW_H

#include "mapdiff/map/result.h"
#include "mapdiff/report/output.h"

void print_view(const struct output *out, const struct view *view);
void print_explanation(const struct output *out, const struct explanation *explanation);

#endif
