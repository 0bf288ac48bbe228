/* rule.h - inside lint: what a rule is asked about, and how it answers. */
#ifndef MAPDIFF_LINT_RULE_H
#define MAPDIFF_LINT_RULE_H

#include "mapdiff/lint/regions.h"
#include "mapdiff/lint/result.h"

/* The BIOS of a PC has its video memory from here on, and its ROMs up to there. */
#define LOW_RAM_END_PADDR (UINT64_C(640) << 10)
#define BIOS_END_PADDR    (UINT64_C(1) << 20)

struct lint {
	const struct record *record;
	struct regions map;
	struct e820_map e820;         /* as a kernel has it: by Linux's rules, or the record's */
	struct uefi_faults faults;    /* of the UEFI map */
	const struct lint_rule *rule; /* that is being asked */
	struct findings *findings;
};

/* Add a finding of the rule. An empty range: about the map as a whole. */
void rule_found(struct lint *lint, paddr_t start_paddr, paddr_t end_paddr, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
