/* report.c - of each kind of result, the functions that report it: see report.h. */
#include "mapdiff/report/report.h"

#include "mapdiff/record/write_capture.h"
#include "mapdiff/report/json.h"

static void print_diff(const struct output *output, const void *result)
{
	diff_print(output, result);
}

static json_t *json_of_diff(const void *result)
{
	return diff_json(result);
}

const struct report_kind report_diff = { print_diff, json_of_diff };

static void print_view(const struct output *output, const void *result)
{
	view_print(output, result);
}

static json_t *json_of_view(const void *result)
{
	return view_json(result);
}

const struct report_kind report_view = { print_view, json_of_view };

static void print_explanation(const struct output *output, const void *result)
{
	explanation_print(output, result);
}

static json_t *json_of_explanation(const void *result)
{
	return explanation_json(result);
}

const struct report_kind report_explanation = { print_explanation, json_of_explanation };

static void print_check(const struct output *output, const void *result)
{
	check_print(output, result);
}

static json_t *json_of_check(const void *result)
{
	return check_json(result);
}

const struct report_kind report_check = { print_check, json_of_check };

static void print_findings(const struct output *output, const void *result)
{
	findings_print(output, result);
}

static json_t *json_of_findings(const void *result)
{
	return findings_json(result);
}

const struct report_kind report_findings = { print_findings, json_of_findings };

static void print_series(const struct output *output, const void *result)
{
	series_print(output, result);
}

static json_t *json_of_series(const void *result)
{
	return series_json(result);
}

const struct report_kind report_series = { print_series, json_of_series };

static void print_capture(const struct output *output, const void *result)
{
	write_capture(output->file, result);
}

const struct report_kind report_capture = { print_capture, NULL };
