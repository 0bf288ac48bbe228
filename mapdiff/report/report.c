/* report.c - of each kind of result, the functions that report it: see report.h. */
#include "mapdiff/report/report.h"

#include "mapdiff/record/write_capture.h"
#include "mapdiff/report/json.h"
#include "mapdiff/report/print_check.h"
#include "mapdiff/report/print_diff.h"
#include "mapdiff/report/print_lint.h"
#include "mapdiff/report/print_series.h"
#include "mapdiff/report/print_view.h"

static void print_capture(const struct output *out, const void *result)
{
	write_capture(out->file, result);
}

const struct report_kind report_diff = { print_diff, json_of_diff };
const struct report_kind report_view = { print_view, json_of_view };
const struct report_kind report_explanation = { print_explanation, json_of_explanation };
const struct report_kind report_check = { print_check, json_of_check };
const struct report_kind report_findings = { print_lint, json_of_lint };
const struct report_kind report_series = { print_series, json_of_series };
const struct report_kind report_capture = { print_capture, NULL };
