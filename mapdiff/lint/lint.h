/*
 * lint.h - a record -> findings about its map, for firmware engineers. Each rule has an id that
 * stays, and says what is wrong, what follows from it, and where the specification says so.
 *
 * Errors are against a specification, or make systems fail; warnings cost memory, or break some
 * systems; notes are good to know, and found on good machines.
 */
#ifndef MAPDIFF_LINT_LINT_H
#define MAPDIFF_LINT_LINT_H

#include "mapdiff/record/record.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };
extern const char *const severity_names[3]; /* "note", "warning", "error" */

struct lint;

struct lint_rule {
	const char *id; /* "overlap": lower case, with dashes */
	enum severity severity;
	const char *title;       /* what is wrong, in a line */
	const char *explanation; /* what follows from it, what to do; some lines */
	const char *reference;   /* "UEFI 2.10 7.2.3", or "" */
	void (*check)(struct lint *lint);
	bool needs_uefi; /* else it can be said of an e820 map alone, too */
};
extern const struct lint_rule lint_rules[];
extern const size_t n_lint_rules;

struct finding {
	const struct lint_rule *rule;
	paddr_t start_paddr, end_paddr; /* empty: about the map as a whole */
	char *text;                     /* about this case */
};

struct findings {
	const struct record *record;
	struct finding *entries; /* by severity, the worst first, then by rule and address */
	size_t n_entries, entries_capacity;
};
void lint_record(const struct record *record, struct findings *ret_findings);

#endif
