/*
 * diff.c - two sides -> the step between them: the order in which its parts are made. See diff.h.
 */
#include "mapdiff/diff/diff.h"

#include "mapdiff/base/memory.h"
#include "mapdiff/diff/blame.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/descriptors.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/resume.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/map/view.h"

/* Those that mean something, then those that follow, each by address. */
static void find_changes(struct diff *diff)
{
	const struct e820_map *before = diff_e820(diff, 0), *after = diff_e820(diff, 1);
	struct change_list list = { .capacity = changes_most(before->n_ranges, after->n_ranges) };
	size_t scratch_bytes = changes_scratch_bytes(before->n_ranges, after->n_ranges);
	void *scratch = memory_alloc(1, scratch_bytes);

	list.entries = memory_alloc(list.capacity, sizeof *list.entries);
	e820_changes(before, after, &list, scratch, scratch_bytes); /* has room for all */
	diff->changes = memory_alloc(list.n_entries, sizeof *diff->changes);
	for (int follows = 0; follows < 2; follows++)
		for (size_t i = 0; i < list.n_entries; i++) {
			struct step_change step;

			if (list.entries[i].is_consequence != (follows == 1))
				continue;
			step_tmp(diff, &list.entries[i], &step);
			diff->changes[diff->n_changes++] = (struct diff_change){
				.change = list.entries[i],
				.owner = owner_of_change(diff, &step),
			};
			diff->n_consequences += follows == 1;
		}
	memory_give_back(scratch);
	memory_give_back(list.entries);
}

/* The bitmaps that the maps lead to, as `show' has them. */
static void make_views(struct diff *diff)
{
	const struct view_options options = { .has_target = { true, true } };

	for (size_t side = 0; side < 2; side++) {
		struct view *view = memory_alloc(1, sizeof *view);
		char *error;

		if (view_make(diff_record(diff, side), &options, view, &error))
			diff->views[side] = view;
	}
}

void diff_make(const struct diff_side *before, const struct diff_side *after,
               const struct diff_options *options, struct diff *ret_diff)
{
	*ret_diff = (struct diff){
		.sides = { before, after },
		.subtracts_footprint = options->subtracts_footprint,
	};
	facts_compare(ret_diff);
	tables_compare(ret_diff);
	descriptors_compare(ret_diff);
	if (diff_is_comparable(ret_diff))
		find_changes(ret_diff);
	causes_find(ret_diff);
	blame_changes(ret_diff);
	resume_judge(ret_diff);
	if (options->has_views)
		make_views(ret_diff);
}

bool diff_is_comparable(const struct diff *diff)
{
	return side_is_of_firmware(diff->sides[0]) && side_is_of_firmware(diff->sides[1]);
}

bool diff_is_different(const struct diff *diff)
{
	return diff->n_changes > 0 || diff->n_uefi > 0 || diff->n_tables > 0 ||
	       !diff_is_comparable(diff);
}
