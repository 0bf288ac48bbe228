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

static void ask(struct lint *lint, const struct lint_rule *rule)
{
	const struct regions *map = &lint->map;

	if (!map->are_uefi && !rule->also_e820)
		return;
	lint->rule = rule;
	if (rule->check != NULL)
		rule->check(lint);
	for (const struct region *at = map->first; at < map->end && rule->check_region; at++)
		rule->check_region(lint, at);
	for (const struct place *at = map->places; at < map->places_end && rule->check_place; at++)
		rule->check_place(lint, at);
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
	for (const struct lint_rule *rule = rules_map; rule->id != NULL; rule++)
		ask(&lint, rule);
	for (const struct lint_rule *rule = rules_places; rule->id != NULL; rule++)
		ask(&lint, rule);
	if (ret_findings->n_entries > 1)
		qsort(ret_findings->entries, ret_findings->n_entries, sizeof *ret_findings->entries,
		      compare_findings);
}
