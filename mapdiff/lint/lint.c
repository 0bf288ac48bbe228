/* lint.c - makes what the rules look at, and asks one after the other: see lint.h. */
#include "mapdiff/lint/lint.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/lint/regions.h"
#include "mapdiff/lint/rules_map.h"
#include "mapdiff/lint/rules_places.h"
#include "mapdiff/map/rules.h"

const char *const severity_names[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};
_Static_assert(COUNT(severity_names) == SEVERITY_COUNT, "a severity has no name");

/* The worst first; one rule's together, by address. */
static int compare_findings(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;
	int order = compare_u64(right->rule->severity, left->rule->severity)
	                    ?: compare_u64(left->rule->order, right->rule->order);

	order = order ?: compare_u64(left->start_paddr, right->start_paddr);
	return order ?: strcmp(left->text, right->text);
}

static void ask(struct lint *lint, const struct lint_rule *rule)
{
	const char *text;

	if (!lint->is_uefi && !rule->also_e820)
		return;
	lint->rule = rule;
	if (rule->check != NULL)
		rule->check(lint);
	if (rule->check_region != NULL)
		MEMORY_EACH(at, lint, regions)
			if ((text = rule->check_region(lint, at)) != NULL)
				lint_found(lint, at->start_paddr, at->end_paddr, text);
	if (rule->check_place != NULL)
		MEMORY_EACH(at, lint, places)
			if ((text = rule->check_place(lint, at)) != NULL)
				lint_found(lint, at->start_paddr, at->end_paddr, text);
}

void lint_record(const struct record *record, struct findings *ret_findings)
{
	struct lint lint = { .record = record, .e820 = record->e820, .findings = ret_findings };

	*ret_findings = (struct findings){ .record = record };
	regions_make(&lint);
	if (lint.is_uefi)
		lint.e820 = rules_translate(RULES_LINUX, record, &lint.faults, NULL);
	for (const struct lint_rule *rule = rules_map; rule->id != NULL; rule++)
		ask(&lint, rule);
	for (const struct lint_rule *rule = rules_places; rule->id != NULL; rule++)
		ask(&lint, rule);
	MEMORY_SORT(ret_findings, entries, compare_findings);
}
