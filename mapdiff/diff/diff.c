/*
 * diff.c - two records -> the diff: which maps to compare, and the order in which its parts are
 * made (owners.c, tables.c, causes.c, resume.c).
 */
#include "mapdiff/diff/diff.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"

/* --- the two maps --- */

/* What hibernation compares, or would. */
static bool choose_map(struct diff *diff, size_t side)
{
	const struct record *record = diff_record(diff, side);

	if (record->e820_view == VIEW_NONE && record->n_uefi == 0)
		return false;
	diff->is_e820_recorded[side] = !rules_predicts_linux(record);
	diff->e820[side] = rules_linux_map(record);
	return true;
}

static int compare_descriptors(const void *a, const void *b)
{
	const struct uefi_descriptor *left = a, *right = b;

	return compare_u64(left->start_paddr, right->start_paddr);
}

static struct uefi_descriptor *sorted_descriptors(const struct record *record)
{
	struct uefi_descriptor *sorted = memory_alloc(record->n_uefi, sizeof *sorted);

	if (record->n_uefi > 0) {
		memcpy(sorted, record->uefi, record->n_uefi * sizeof *sorted);
		qsort(sorted, record->n_uefi, sizeof *sorted, compare_descriptors);
	}
	return sorted;
}

/* --- the changes --- */

size_t diff_changes(const struct e820_map *before, const struct e820_map *after,
                    struct change **ret_changes)
{
	struct change_list list = { .capacity = changes_most(before->n_ranges, after->n_ranges) };
	size_t scratch_bytes = changes_scratch_bytes(before->n_ranges, after->n_ranges);
	void *scratch = memory_alloc(1, scratch_bytes);

	list.entries = memory_alloc(list.capacity, sizeof *list.entries);
	e820_changes(before, after, &list, scratch, scratch_bytes); /* has room for all */
	memory_give_back(scratch);
	*ret_changes = list.entries;
	return list.n_entries;
}

/* Those that mean something, then those that follow, each by address. */
static void find_changes(struct diff *diff)
{
	struct change *changes;
	size_t n_found = diff_changes(&diff->e820[0], &diff->e820[1], &changes);

	diff->changes = memory_alloc(n_found, sizeof *diff->changes);
	for (int follows = 0; follows < 2; follows++)
		for (size_t i = 0; i < n_found; i++) {
			if (changes[i].is_consequence != (follows == 1))
				continue;
			diff->changes[diff->n_changes++] = (struct diff_change){
				.change = changes[i],
				.owner = diff_owner(diff, &changes[i]),
			};
			diff->n_consequences += follows == 1;
		}
}

/* --- all of it --- */

bool diff_make(const struct record *before, const struct record *after,
               const struct diff_options *options, struct diff *ret_diff, char **ret_error)
{
	struct diff *diff = ret_diff;

	*diff = (struct diff){
		.before = before,
		.after = after,
		.subtracts_footprint = options->subtracts_footprint,
	};
	for (size_t side = 0; side < 2; side++)
		if (!choose_map(diff, side)) {
			*ret_error = memory_printf("%s has no memory map",
			                           diff_record(diff, side)->name);
			return false;
		}
	for (size_t side = 0; side < 2; side++) {
		diff->sorted_uefi[side] = sorted_descriptors(diff_record(diff, side));
		diff->ram_bytes[side] = e820_bytes_of_type(&diff->e820[side], E820_RAM);
	}
	find_changes(diff);
	diff_tables(diff);
	diff_facts(diff);
	diff_uefi(diff);
	diff_find_causes(diff);
	for (size_t i = 0; i < diff->n_changes; i++)
		diff_blame(diff, &diff->changes[i]);
	diff_sum_up_causes(diff);
	diff_judge_resume(diff);
	return true;
}

bool diff_is_different(const struct diff *diff)
{
	return diff->n_changes > 0 || diff->n_uefi > 0 || diff->n_tables > 0;
}
