/*
 * diff.c - two sides -> the step between them: the order in which its parts are made. See diff.h.
 */
#include "mapdiff/diff/diff.h"

#include "mapdiff/diff/advice.h"
#include "mapdiff/diff/blame.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/descriptors.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/pin.h"
#include "mapdiff/diff/resume.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/map/view.h"

/* Those that mean something, then those that follow, each by address. */
static void find_changes(struct diff *diff)
{
	const struct step_side sides[SIDES] = {
		{ diff_e820(diff, BEFORE), record_uefi_map(diff_record(diff, BEFORE)) },
		{ diff_e820(diff, AFTER), record_uefi_map(diff_record(diff, AFTER)) },
	};
	struct step step = { .capacity = changes_most(sides[BEFORE].e820->n_ranges,
		                                      sides[AFTER].e820->n_ranges) };
	size_t scratch_bytes = step_scratch_bytes(sides);
	void *scratch = memory_alloc(1, scratch_bytes);

	step.changes = memory_alloc(step.capacity, sizeof *step.changes);
	step_find(sides, &step, scratch, scratch_bytes); /* has room for all */
	diff->changes = memory_alloc(step.n_changes, sizeof *diff->changes);
	diff->n_changes = step.n_changes;
	diff->n_consequences = step.n_changes - step.n_telling;
	for (size_t i = step.n_changes; i-- > 0;) {
		diff->changes[i] = (struct diff_change){
			.change = step.changes[i].change,
			.owner = owner_of_change(diff, &step.changes[i]),
		};
		if (diff->changes[i].owner.has_other_tables)
			diff->other_tables = &diff->changes[i];
	}
	memory_give_back(scratch);
	memory_give_back(step.changes);
}

void diff_make(const struct diff_side *before, const struct diff_side *after,
               const struct diff_options *options, struct diff *ret_diff)
{
	static const struct view_options both_targets = { .has_target = { true, true } };

	*ret_diff = (struct diff){
		.sides = { before, after },
		.subtracts_footprint = options->subtracts_footprint,
		.found = options->found,
	};
	tables_compare(ret_diff);
	facts_compare(ret_diff);
	descriptors_compare(ret_diff);
	if (diff_is_comparable(ret_diff))
		find_changes(ret_diff);
	causes_find(ret_diff);
	blame_changes(ret_diff);
	resume_judge(ret_diff);
	pin_judge(ret_diff);
	advice_make(ret_diff);
	for (size_t side = 0; side < 2 && options->has_views; side++)
		ret_diff->views[side] = view_new(diff_record(ret_diff, side), &both_targets);
}

bool diff_is_different(const struct diff *diff)
{
	return diff->n_changes > 0 || diff->n_uefi > 0 || diff->n_tables > 0 ||
	       !diff_is_comparable(diff);
}
