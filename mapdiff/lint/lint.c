/* lint.c - makes what the rules look at, and asks one after the other: see lint.h. */
#include "mapdiff/lint/lint.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/lint/needs.h"
#include "mapdiff/lint/rules_devices.h"
#include "mapdiff/lint/rules_map.h"
#include "mapdiff/lint/rules_places.h"
#include "mapdiff/map/rules.h"

const char *const severity_names[] = {
	[SEVERITY_NOTE] = "note",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_ERROR] = "error",
};
_Static_assert(COUNT(severity_names) == SEVERITY_COUNT, "a severity has no name");

/* The worst first. */
static int compare_rules(const void *a, const void *b)
{
	const struct lint_rule *left = ((const struct lint_verdict *)a)->rule;
	const struct lint_rule *right = ((const struct lint_verdict *)b)->rule;

	return compare_u64(right->severity, left->severity)
	               ?: compare_u64(left->order, right->order);
}

static int compare_places(const void *a, const void *b)
{
	const struct finding_place *left = a, *right = b;

	return compare_u64(left->start_paddr, right->start_paddr)
	               ?: strcmp(left->text, right->text);
}

static void add_rules(struct findings *findings, const struct lint_rule *rules)
{
	for (; rules->id != NULL; rules++)
		*MEMORY_ADD(findings, rules) = (struct lint_verdict){ .rule = rules };
}

void lint_rules(struct findings *ret_findings)
{
	*ret_findings = (struct findings){ .record = NULL };
	add_rules(ret_findings, rules_map);
	add_rules(ret_findings, rules_places);
	add_rules(ret_findings, rules_devices);
	MEMORY_SORT(ret_findings, rules, compare_rules);
}

/* Some firmware has the same descriptor seven times: that is one place. */
static void join_same(struct finding *finding)
{
	size_t n_left = 0;

	for (size_t i = 0, n; i < finding->n_places; i += n) {
		struct finding_place *place = &finding->places[i];

		for (n = 1; i + n < finding->n_places && compare_places(place, place + n) == 0 &&
		            place->end_paddr == place[n].end_paddr;)
			n++;
		finding->places[n_left] = *place;
		if (n > 1)
			finding->places[n_left].text =
				memory_printf("%s, %zu times", place->text, n);
		n_left++;
	}
	finding->n_places = n_left;
}

static void ask(struct lint *lint, const struct lint_rule *rule)
{
	size_t n_before = lint->findings->n_entries;
	const char *text;

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
	if (lint->findings->n_entries == n_before)
		return;
	MEMORY_SORT(&lint->findings->entries[n_before], places, compare_places);
	join_same(&lint->findings->entries[n_before]);
}

static const char known_format[] = "%s\n%s";

void lint_know(struct lint_known *known, const char *rule, const char *text)
{
	size_t number = intern_text(&known->texts, memory_printf(known_format, rule, text));

	if (number == known->n_counts)
		*MEMORY_ADD(known, counts) = 0;
	known->counts[number]++;
}

/* Each known one is known once. */
static bool take_known(const struct lint_known *known, size_t *counts, const char *rule,
                       const char *text)
{
	size_t number = intern_find(&known->texts, memory_printf(known_format, rule, text));

	if (number == INTERN_NONE || counts[number] == 0)
		return false;
	counts[number]--;
	return true;
}

static void drop_known(const struct lint_known *known, struct findings *findings)
{
	size_t *counts = memory_alloc(known->n_counts, sizeof *counts), n_left = 0;

	for (size_t i = 0; i < known->n_counts; i++)
		counts[i] = known->counts[i];
	for (size_t i = 0; i < findings->n_entries; i++) {
		struct finding *finding = &findings->entries[i];
		size_t n_places = 0;

		for (size_t j = 0; j < finding->n_places; j++)
			if (!take_known(known, counts, finding->rule->id, finding->places[j].text))
				finding->places[n_places++] = finding->places[j];
		findings->n_known += finding->n_places - n_places;
		finding->n_places = n_places;
		if (n_places > 0)
			findings->entries[n_left++] = *finding;
	}
	findings->n_entries = n_left;
}

static const char *why_disabled(const struct lint_options *options, const struct lint_rule *rule)
{
	for (size_t i = 0; i < options->n_disabled; i++)
		if (strcmp(options->disabled[i], rule->id) == 0)
			return "the user does not want it";
	return NULL;
}

static void take_translation(struct lint *lint)
{
	struct translation translation = rules_translate(RULES_LINUX, lint->record);

	lint->e820 = translation.map;
	lint->faults = translation.faults;
	lint->answer = translation.answer;
}

void lint_record(const struct record *record, const struct lint_options *options,
                 struct findings *ret_findings)
{
	struct lint lint = { .record = record, .e820 = record->e820, .findings = ret_findings };

	lint_rules(ret_findings);
	ret_findings->record = record;
	regions_make(&lint);
	if (lint.is_uefi)
		take_translation(&lint);
	ret_findings->n_descents = lint.faults.n_out_of_order;
	for (size_t i = 0; i < ret_findings->n_rules; i++) {
		struct lint_verdict *verdict = &ret_findings->rules[i];

		verdict->why_not =
			why_disabled(options, verdict->rule) ?: needs_missing(&lint, verdict->rule);
		if (verdict->why_not != NULL)
			continue;
		ret_findings->n_checked++;
		ask(&lint, verdict->rule);
	}
	drop_known(&options->known, ret_findings);
}

size_t lint_count(const struct findings *findings, enum severity severity)
{
	size_t n = 0;

	MEMORY_EACH(finding, findings, entries)
		n += finding->rule->severity == severity;
	return n;
}

bool lint_is_clean(const struct findings *findings)
{
	return findings->n_entries == 0 || findings->entries[0].rule->severity == SEVERITY_NOTE;
}
