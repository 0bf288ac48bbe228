/* blame.c - evidence -> the cause of each change, and of all: see blame.h. */
#include "mapdiff/diff/blame.h"

#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/meaning.h"

static bool has_bare_side(const struct diff *diff)
{
	return diff->sides[0]->is_bare || diff->sides[1]->is_bare;
}

/* The UEFI type of all of @range in boot @side; UINT32_MAX if it is not known, or not one. */
static uint32_t uefi_type_of(const struct diff *diff, size_t side, const struct e820_range *range)
{
	const struct uefi_descriptor *list = diff->sides[side]->sorted_uefi, *descriptor;
	size_t n = sorted_n_up_to(
		SORTED(struct uefi_descriptor, start_paddr, list, diff_record(diff, side)->n_uefi),
		range->start_paddr);
	paddr_t start_paddr, end_paddr;
	bool wraps;

	if (n == 0)
		return UINT32_MAX;
	descriptor = &list[n - 1];
	return uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps) &&
	                       end_paddr >= range->end_paddr
	               ? descriptor->type
	               : UINT32_MAX;
}

/* The same memory under another number: if UEFI has one type for it in both boots, who translated
 * the map is another. GRUB's number in one of the maps says the same. */
static enum cause retyper(const struct diff *diff, const struct change *change)
{
	uint32_t before = uefi_type_of(diff, 0, &change->before);
	uint32_t after = uefi_type_of(diff, 1, &change->after);

	if (before != UINT32_MAX && after != UINT32_MAX)
		return before == after ? CAUSE_BOOT_LOADER : CAUSE_FIRMWARE;
	if (diff->sides[0]->has_grub_map != diff->sides[1]->has_grub_map)
		return CAUSE_BOOT_LOADER;
	return CAUSE_UNKNOWN;
}

/* What the stub allocates went elsewhere, and so did tables of the firmware. By one distance, they
 * went together: what moved the tables moved both. Else each may have its own cause. */
static bool is_beside_tables(const struct diff *diff, const struct diff_change *change)
{
	const struct change *what = &change->change, *tables;

	if (change->owner.stub_table == TABLE_OTHER || change->owner.has_other_tables ||
	    diff->other_tables == NULL)
		return false;
	tables = &diff->other_tables->change;
	return what->kind != CHANGE_MOVED || tables->kind != CHANGE_MOVED ||
	       what->after.start_paddr - what->before.start_paddr !=
	               tables->after.start_paddr - tables->before.start_paddr;
}

/* What moves everything moves what the stub allocates, too. */
static enum cause cause_of(const struct diff *diff, const struct diff_change *change)
{
	bool moves_all = causes_have(diff, CAUSE_RAM) || causes_have(diff, CAUSE_CPU_COUNT);

	if (!moves_all && causes_explain(diff, CAUSE_KERNEL_STUB, change))
		return CAUSE_KERNEL_STUB;
	if (change->change.kind == CHANGE_RETYPED &&
	    retyper(diff, &change->change) != CAUSE_UNKNOWN)
		return retyper(diff, &change->change);
	for (size_t i = 0; i < diff->n_causes; i++)
		if (causes_explain(diff, diff->causes[i].cause, change) &&
		    !(diff->causes[i].is_symptom && facts_have_condition(diff)))
			return diff->causes[i].cause;
	return has_bare_side(diff) || meaning_may_be_event_log(diff, change) ||
	                       facts_have_condition(diff) || is_beside_tables(diff, change)
	               ? CAUSE_UNKNOWN
	               : CAUSE_FIRMWARE;
}

const char *blame_text(const struct diff *diff, enum cause cause)
{
	for (size_t i = 0; i < diff->n_causes; i++)
		if (diff->causes[i].cause == cause)
			return diff->causes[i].text;
	if (cause == CAUSE_FIRMWARE)
		return "the firmware, or something started before Linux; nothing else that the two "
		       "files show explains it";
	if (cause == CAUSE_BOOT_LOADER)
		return "another boot loader, which translated the same UEFI map in its own way";
	if (facts_have_condition(diff))
		return memory_printf("not known, because more differs than the map: %s",
		                     facts_text(diff));
	if (!has_bare_side(diff) && diff->n_changes > 0 &&
	    meaning_may_be_event_log(diff, &diff->changes[0]))
		return "the firmware, or Linux's EFI stub; a line \"efi:\" with addresses would tell";
	for (size_t i = 0; i < diff->n_changes; i++)
		if (is_beside_tables(diff, &diff->changes[i]))
			return "not known, because ACPI tables of the firmware are elsewhere, too: what "
			       "moved them may have moved this";
	return "nothing; they hold little beside the map";
}

/* Of the changes that do not follow from others. */
static size_t n_own(const struct diff *diff)
{
	return diff->n_changes - diff->n_consequences;
}

static bool is_cause_of_any(const struct diff *diff, enum cause cause)
{
	for (size_t i = 0; i < n_own(diff); i++)
		if (diff->changes[i].cause == cause)
			return true;
	return !diff_is_comparable(diff) && cause == CAUSE_KEXEC;
}

/* Of the causes that were seen, the first that is one of a change; else the first change's. */
static void sum_up(struct diff *diff)
{
	size_t *i = &diff->main_cause;

	while (*i < diff->n_causes && !is_cause_of_any(diff, diff->causes[*i].cause))
		++*i;
	if (*i < diff->n_causes)
		diff->cause = diff->causes[*i].cause;
	else if (diff->n_changes > 0)
		diff->cause = diff->changes[0].cause;
	diff->cause_text = diff->n_changes > 0 || diff->cause == CAUSE_KEXEC
	                           ? blame_text(diff, diff->cause)
	                           : "nothing changed";
}

void blame_changes(struct diff *diff)
{
	const char *advice[CAUSE_COUNT];

	for (enum cause cause = CAUSE_UNKNOWN; cause < CAUSE_COUNT; cause++)
		advice[cause] = meaning_advice(diff, cause);
	for (size_t i = 0; i < n_own(diff); i++)
		diff->changes[i].cause = cause_of(diff, &diff->changes[i]);
	sum_up(diff);
	for (size_t i = 0; i < diff->n_changes; i++) {
		struct diff_change *change = &diff->changes[i];

		if (change->change.is_consequence)
			change->cause = diff->cause; /* of what it follows */
		change->what = meaning_what(diff, change);
		change->so = meaning_so(diff, &change->change);
		change->advice = change->change.is_consequence ? "" : advice[change->cause];
	}
}
