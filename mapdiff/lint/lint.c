/*
 * lint.c - a record -> findings: what the rules look at is made here, once, and they are asked one
 * after the other.
 */
#include "mapdiff/lint/lint.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/sorted.h"
#include "mapdiff/lint/rule.h"
#include "mapdiff/lint/rules_map.h"
#include "mapdiff/lint/rules_places.h"
#include "mapdiff/map/rules.h"

const char *const severity_names[3] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};

/* The worst first; one rule's together, by address. */
static int compare_findings(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;
	int order = compare_u64(right->rule->severity, left->rule->severity);

	if (order == 0)
		order = compare_u64(left->rule->order, right->rule->order);
	if (order == 0)
		order = strcmp(left->rule->id, right->rule->id);
	if (order == 0)
		order = compare_u64(left->start_paddr, right->start_paddr);
	return order != 0 ? order : strcmp(left->text, right->text);
}

static void ask(struct lint *lint, const struct lint_rule *rules)
{
	for (lint->rule = rules; lint->rule->id != NULL; lint->rule++)
		if (lint->map.are_uefi || lint->rule->also_e820)
			lint->rule->check(lint);
}

void lint_record(const struct record *record, struct findings *ret_findings)
{
	struct lint lint = {
		.record = record,
		.map = regions_make(record),
		.e820 = record->e820,
		.findings = ret_findings,
	};

	*ret_findings = (struct findings){ .record = record };
	if (lint.map.are_uefi)
		lint.e820 = rules_translate(RULES_LINUX, record, &lint.faults, NULL);
	ask(&lint, rules_map);
	ask(&lint, rules_places);
	if (ret_findings->n_entries > 1)
		qsort(ret_findings->entries, ret_findings->n_entries, sizeof *ret_findings->entries,
		      compare_findings);
}
