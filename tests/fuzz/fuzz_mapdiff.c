/*
 * fuzz_mapdiff.c - any bytes -> what mapdiff makes of them, all reports of it; and what must be
 * true of these, whatever the bytes are. For libFuzzer: `make fuzz'.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/diff/diff.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/lint/lint.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/map/check.h"
#include "mapdiff/map/explain.h"
#include "mapdiff/map/view.h"
#include "mapdiff/pin/advise.h"
#include "mapdiff/report/output.h"
#include "mapdiff/read/read.h"
#include "mapdiff/report/report.h"
#include "mapdiff/series/series.h"
#include "mapdiff/record/scrub.h"
#include "mapdiff/record/write_capture.h"
#include "tests/fuzz/fuzz.h"
#include "x86/crc32.h"
#include "x86/pin_block.h"
#include "x86/pin_home.h"

#define MOST_BOOTS 2                   /* of an input, for which all reports are made */
#define MEM_LIMIT  (UINT64_C(5) << 30) /* larger bitmaps cost time, and show nothing new */

/* --- reports as text and JSON: made, and thrown away --- */

/* Nothing that a terminal would obey. */
static bool is_plain(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (iscntrl((unsigned char)text[i]) && text[i] != '\n' && text[i] != '\t')
			return false;
	return true;
}

/* What is in a report can be pasted, whatever was in the file; and JSON can be written. */
static void report(const void *result, const struct report_kind *kind)
{
	char *text = NULL;
	size_t bytes;
	FILE *file = open_memstream(&text, &bytes);
	json_t *json = kind->make_json(result);
	char *dump = json_dumps(json, 0);

	kind->print(&(struct output){ .file = file }, result);
	fclose(file);
	REQUIRE(bytes > 0 && dump != NULL);
	REQUIRE(is_plain(text, bytes));
	free(text);
}

/* --- what is true --- */

static void require_canonical(const struct e820_map *map)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];

		REQUIRE(range->start_paddr < range->end_paddr && range->type != E820_NONE);
		REQUIRE(i == 0 || range[-1].end_paddr <= range->start_paddr);
		REQUIRE(i == 0 || range[-1].end_paddr < range->start_paddr ||
		        range[-1].type != range->type ||
		        range->type == (uint32_t)E820_SOFT_RESERVED);
	}
}

static uint64_t sum_of(const struct ledger_row *rows, size_t n_rows)
{
	uint64_t sum_bytes = 0;

	for (size_t i = 0; i < n_rows; i++)
		sum_bytes += rows[i].bytes;
	return sum_bytes;
}

static void require_target(const struct view *view, const struct view_target *target)
{
	uint64_t n_pages = 0;

	if (!target->is_shown || target->failure != NULL)
		return;
	for (size_t i = 0; i < target->n_runs; i++) {
		REQUIRE(target->runs[i].start_pfn < target->runs[i].end_pfn);
		REQUIRE(i == 0 || target->runs[i - 1].end_pfn <= target->runs[i].start_pfn);
		if (target->runs[i].fate == FATE_FREE)
			n_pages += target->runs[i].end_pfn - target->runs[i].start_pfn;
	}
	if (!target->is_recorded)
		REQUIRE(n_pages == target->free_pages);
	REQUIRE(sum_of(target->ledger, target->n_ledger) ==
	        e820_bytes_of_type(&view->e820, E820_RAM));
}

static void explain(const struct view *view, paddr_t paddr)
{
	struct explanation explanation = { 0 };

	explain_page(view, paddr, &explanation);
	report(&explanation, &report_explanation);
}

static void show(const struct record *record, const struct view_options *options)
{
	const struct view *view = view_new(record, options);

	if (view == NULL)
		return;
	require_canonical(&view->e820);
	REQUIRE(sum_of(view->ledger, view->n_ledger) == view->installed_bytes);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		require_target(view, &view->targets[i]);
	report(view, &report_view);
	explain(view, 0);
	explain(view, UINT64_MAX);
	for (size_t i = 0; i < view->e820.n_ranges && i < 2; i++)
		explain(view, view->e820.ranges[view->e820.n_ranges - 1 - i].end_paddr - 1);
}

/* Steps that end where the view does, or say that they do not. */
static void step_through(const struct record *record, struct view_options options)
{
	const struct view *view;

	options.has_steps = true;
	options.has_policy = options.policy == POLICY_LINUX;
	view = view_new(record, &options);
	for (size_t i = 0; view != NULL && i < RECORD_TARGETS; i++) {
		const struct view_target *target = &view->targets[i];

		for (size_t at = 1; at < target->n_steps; at++)
			REQUIRE(target->steps[at].free_before == target->steps[at - 1].free_after);
		if (target->failure == NULL && !target->steps_differ)
			REQUIRE(target->steps[target->n_steps - 1].free_after ==
			        target->free_pages);
	}
	if (view != NULL)
		report(view, &report_steps);
}

/* As it is, and translated: an input is tried under one of the rules, which it chooses by @dice. */
static void view_both(const struct record *record, uint32_t dice)
{
	struct view_options options = { .has_target = { true, true },
		                        .mem_limit_paddr = MEM_LIMIT,
		                        .policy = dice % 2 == 0 ? POLICY_SAFE : POLICY_LINUX,
		                        .keep_boot_services = dice / 2 % 2 == 0 };

	show(record, &options);
	step_through(record, options);
	options.is_translated = true;
	options.rules = dice / 4 % RULES_COUNT;
	show(record, &options);
}

static void lint(const struct record *record)
{
	const struct lint_options options = { .n_disabled = 0 };
	struct findings findings = { 0 };
	char *text = NULL;
	size_t bytes;
	FILE *file;

	lint_record(record, &options, &findings);
	for (size_t i = 1; i < findings.n_entries; i++)
		REQUIRE(findings.entries[i - 1].rule->severity >=
		        findings.entries[i].rule->severity);
	REQUIRE(findings.n_entries <= findings.n_checked && findings.n_checked <= findings.n_rules);
	report(&findings, &report_findings);
	REQUIRE(json_dumps(report_findings.make_sarif(&findings), 0) != NULL);
	file = open_memstream(&text, &bytes);
	report_findings.print_junit(&(struct output){ .file = file }, &findings);
	fclose(file);
	REQUIRE(is_plain(text, bytes));
	free(text);
}

/* Texts of any kind. */
static void scrub_all(const struct record *record)
{
	MEMORY_EACH(fact, record, facts) {
		const char *once = scrub(fact->key, fact->value);

		REQUIRE(scrub_is_one(fact->key, once, once));
	}
}

static void check(const struct record *record)
{
	struct check check;
	const char *error = NULL;

	if (check_record(record, &check, &error)) {
		for (size_t i = 0; i < RULES_COUNT; i++)
			REQUIRE(check.rules[i].is_exact == (check.rules[i].n_differences == 0));
		report(&check, &report_check);
	}
}

static void diff(const struct record *before, const struct record *after)
{
	const struct diff_side *sides[2] = { side_new(before), side_new(after) };
	const struct diff_options options = { .has_views = true };
	struct diff diff;

	if (sides[0] == NULL || sides[1] == NULL)
		return;
	diff_make(sides[0], sides[1], &options, &diff);
	if (before == after && diff_is_comparable(&diff))
		REQUIRE(!diff_is_different(&diff));
	report(&diff, &report_diff);
}

/* --- a capture of it --- */

static struct record *read_back(const char *text, size_t bytes)
{
	struct bytes file = { memory_text(text, bytes), bytes, bytes };
	struct records records = { 0 };
	const char *error;

	REQUIRE(read_bytes("capture", &file, &records, &error));
	REQUIRE(records.n_list == 1);
	return records.list[0];
}

static char *capture_of(const struct record *record, size_t *ret_bytes)
{
	char *text = NULL;
	FILE *file = open_memstream(&text, ret_bytes);

	write_capture(file, record);
	fclose(file);
	return text;
}

static void require_same_maps(const struct record *a, const struct record *b)
{
	REQUIRE(a->n_uefi == b->n_uefi);
	for (size_t i = 0; i < a->n_uefi; i++)
		REQUIRE(a->uefi[i].type == b->uefi[i].type &&
		        a->uefi[i].start_paddr == b->uefi[i].start_paddr &&
		        a->uefi[i].n_pages == b->uefi[i].n_pages &&
		        a->uefi[i].attribute == b->uefi[i].attribute);
	REQUIRE(a->e820.n_ranges == b->e820.n_ranges);
	for (size_t i = 0; i < a->e820.n_ranges; i++)
		REQUIRE(memcmp(&a->e820.ranges[i], &b->e820.ranges[i], sizeof a->e820.ranges[i]) ==
		        0);
}

/* A capture has the map of the record, and what is made of the capture is the capture. */
static void convert(const struct record *record)
{
	size_t bytes, bytes_again;
	char *text = capture_of(record, &bytes), *text_again;
	struct record *back = read_back(text, bytes);

	require_same_maps(record, back);
	if (record->n_faults == 0)
		REQUIRE(back->n_faults == 0);
	text_again = capture_of(back, &bytes_again);
	if (bytes != bytes_again || memcmp(text, text_again, bytes) != 0)
		fprintf(stderr, "%s--- and again:\n%s", text, text_again);
	REQUIRE(bytes == bytes_again && memcmp(text, text_again, bytes) == 0);
	free(text);
	free(text_again);
}

/* --- many boots --- */

static void require_series(const struct series *series)
{
	size_t n_boots = 0;

	for (size_t i = 0; i < series->n_maps; i++)
		n_boots += series->maps[i].n_boots;
	REQUIRE(n_boots == series->n_boots && series->n_steps == n_boots - 1);
}

static void pin(const struct series *series, struct record *const *records, size_t n_records)
{
	struct records served = { 0 };
	struct pin_advice advice;

	for (size_t i = 0; i < n_records; i++)
		if (records[i]->pin.is_known)
			*MEMORY_ADD(&served, list) = records[i];
	pin_advise(series, &served, &advice);
	REQUIRE(advice.pin.n_pages >= PIN_USUAL_PAGES && advice.pin.n_pages <= PIN_MOST_PAGES);
	REQUIRE(advice.n_helped <= advice.n_refused || series == NULL);
	if (advice.home == PIN_HOME_FOUND)
		REQUIRE(pin_home_is_good(advice.block.start_paddr, advice.pin.n_pages));
	report(&advice, &report_pin);
}

static void series(struct record *const *records, size_t n_records)
{
	struct series_boots *boots = series_new();
	const struct series_report *result;
	size_t n_boots = 0;

	for (int times = 0; times < 2; times++)
		for (size_t i = 0; i < n_records; i++)
			series_add(boots, records[i]);
	result = series_finish(boots);
	for (size_t i = 0; i < result->n_machines; i++) {
		require_series(&result->machines[i]);
		n_boots += result->machines[i].n_boots;
	}
	REQUIRE(n_boots == result->n_boots);
	REQUIRE(n_boots + result->n_skipped + result->n_left_out == 2 * n_records);
	report(result, &report_series);
	for (size_t i = 0; i < result->n_machines; i++)
		pin(&result->machines[i], records, n_records);
	if (result->n_machines == 0)
		pin(NULL, records, n_records);
}

/* jansson takes its memory from the arena, as in report_write(). */
static void *allocate(size_t bytes)
{
	return memory_alloc(1, bytes);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	json_set_alloc_funcs(allocate, memory_give_back);
	return 0;
}

/* Of a diff that has pieces of two maps, both follow each other, and diff alone takes them. The
 * others stay in the list. */
static void diff_pieces(struct records *records)
{
	size_t n = 0;

	for (size_t i = 0; i < records->n_list; i++) {
		if (records->list[i]->excerpt_of == NULL)
			records->list[n++] = records->list[i];
		else if (i > 0 && records->list[i]->excerpt_of == records->list[i - 1]->excerpt_of)
			diff(records->list[i - 1], records->list[i]);
	}
	records->n_list = n;
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	struct bytes file = { memory_text((const char *)data, bytes), bytes, bytes };
	struct records records = { 0 };
	const char *error = NULL;

	REQUIRE(read_bytes("input", &file, &records, &error) == (error == NULL));
	REQUIRE((records.n_list == 0) == (error != NULL));
	diff_pieces(&records);
	for (size_t i = 0; i < records.n_list && i < MOST_BOOTS; i++) {
		struct record *record = records.list[i];

		require_canonical(&record->e820);
		view_both(record, crc32_add(0, data, bytes));
		lint(record);
		scrub_all(record);
		check(record);
		diff(record, record);
		if (i > 0) {
			diff(records.list[i - 1], record);
			diff(record, records.list[i - 1]);
		}
		convert(record);
	}
	if (records.n_list > 0)
		series(records.list, records.n_list);
	memory_give_back_all();
}
