/* check.c - all rules are tried on a record, and the best comes first: see check.h. */
#include "mapdiff/map/check.h"

#include <limits.h>

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/record/start.h"
#include "mapdiff/record/system.h"
#include "x86/walk.h"

enum { EXPECTED, FOUND, DESCRIPTORS };

/* Lengthen the last difference by the stretch that @walk is at, or add one. */
static void add_difference(const struct record *record, const struct e820_walk *walk,
                           struct check_rule *rule)
{
	const struct uefi_descriptor *descriptor =
		rules_descriptor(record, walk->type[DESCRIPTORS]);
	struct check_difference difference = {
		.start_paddr = walk->start_paddr,
		.end_paddr = walk->end_paddr,
		.expected_type = walk->type[EXPECTED],
		.found_type = walk->type[FOUND],
		.uefi_type = descriptor != NULL ? descriptor->type : UINT32_MAX,
	};
	struct check_difference *last =
		rule->n_differences > 0 ? &rule->differences[rule->n_differences - 1] : NULL;

	if (last != NULL && last->end_paddr == difference.start_paddr &&
	    last->expected_type == difference.expected_type &&
	    last->found_type == difference.found_type && last->uefi_type == difference.uefi_type)
		last->end_paddr = difference.end_paddr;
	else
		*MEMORY_ADD(rule, differences) = difference;
}

static void check_rules(const struct record *record, const struct e820_map *descriptors,
                        struct check_rule *rule)
{
	struct e820_map expected = rules_translate(rule->rules, record).map;
	struct e820_walk walk = { .maps = { &expected, &record->e820, descriptors } };

	/* What a kernel is handed ends where bootmem's limits are. */
	if (rule->rules == RULES_BOOTMEM && record_is_accepted(record))
		e820_limit_ram(&expected, rules_ram_limit(record, 0));
	rule->is_exact = map_is_same(&expected, &record->e820);
	while (!rule->is_exact && e820_walk_next(&walk)) {
		if (walk.type[EXPECTED] == walk.type[FOUND])
			continue;
		add_difference(record, &walk, rule);
		rule->different_bytes += walk.end_paddr - walk.start_paddr;
	}
}

/* Of rules that give the same map, those come first that fit the kernel that ran; else in the order
 * of enum rules, but bootmem, which did not start it. */
static enum rules likely_rules(const struct record *record)
{
	unsigned int kernel = system_kernel(record);

	if (record->e820_view == VIEW_BOOTMEM)
		return RULES_BOOTMEM;
	if (system_kernel_bits(record) == 32)
		return RULES_LINUX_IA32;
	/* Since 6.5 Linux can accept memory lazily. */
	return kernel != UINT_MAX && kernel >= SYSTEM_KERNEL(6, 5) ? RULES_LINUX_612 : RULES_LINUX;
}

static unsigned unlikeliness(enum rules rules, enum rules likely)
{
	if (rules == likely)
		return 0;
	return rules == RULES_BOOTMEM ? RULES_COUNT : rules;
}

/* The best first; no two are alike, as no two rules are. */
static int compare_rules(const void *a, const void *b, void *likely)
{
	const struct check_rule *left = a, *right = b;
	int order = compare_u64(right->is_exact, left->is_exact);

	if (order == 0)
		order = compare_u64(left->different_bytes, right->different_bytes);
	if (order == 0)
		order = compare_u64(left->n_differences, right->n_differences);
	return order != 0 ? order
	                  : compare_u64(unlikeliness(left->rules, *(enum rules *)likely),
	                                unlikeliness(right->rules, *(enum rules *)likely));
}

/* Who runs by these rules. */
static enum rules loader_of(enum rules rules)
{
	return rules == RULES_LINUX_612 || rules == RULES_LINUX_IA32 ? RULES_LINUX : rules;
}

/* bootmem's often give the same map as Linux's stub, but what Linux got is not bootmem's. */
static bool is_ambiguous(const struct check *check)
{
	bool is_ours = check->record->e820_view == VIEW_BOOTMEM;
	enum rules best = loader_of(check->rules[0].rules);

	for (size_t i = 1; i < RULES_COUNT && !is_ours; i++) {
		enum rules other = loader_of(check->rules[i].rules);

		if (check->rules[i].is_exact && other != best && other != RULES_BOOTMEM)
			return true;
	}
	return false;
}

bool check_record(const struct record *record, struct check *ret_check, const char **ret_error)
{
	enum rules likely = likely_rules(record);
	const char *gap = start_uefi_gap(record);
	struct e820_map descriptors = rules_descriptor_map(record);

	*ret_check = (struct check){ .record = record };
	if (record->n_uefi == 0 || record->e820_view == VIEW_NONE) {
		*ret_error = memory_printf("it takes both maps; there is no %s in it%s",
		                           record->n_uefi == 0 ? "UEFI map" : "e820 map",
		                           record->n_uefi == 0 ? " (Linux prints it with efi=debug)"
		                                               : "");
		return false;
	}
	if (gap == NULL && start_of(record) != START_FIRMWARE)
		gap = memory_printf("its e820 map is not the firmware's: this is %s",
		                    start_text(start_of(record)));
	if (gap != NULL) {
		*ret_error = memory_printf("cannot be decided: %s", gap);
		return false;
	}
	for (size_t i = 0; i < RULES_COUNT; i++) {
		ret_check->rules[i].rules = (enum rules)i;
		check_rules(record, &descriptors, &ret_check->rules[i]);
	}
	qsort_r(ret_check->rules, RULES_COUNT, sizeof *ret_check->rules, compare_rules, &likely);
	ret_check->is_ambiguous = is_ambiguous(ret_check);
	return true;
}
