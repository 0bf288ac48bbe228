/*
 * diff.c - two records -> the diff: which maps to compare, and the order in which its parts are
 * made (owners.c, tables.c, causes.c, resume.c).
 */
#include "mapdiff/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/memory.h"
#include "mapdiff/view.h"

static int compare_u64(uint64_t left, uint64_t right)
{
	return (left > right) - (left < right);
}

/* --- the two maps --- */

static struct e820_map copy_of(const struct e820_map *map)
{
	struct e820_map copy = {
		.ranges = memory_alloc(map->n_ranges, sizeof *copy.ranges),
		.n_ranges = map->n_ranges,
		.capacity = map->n_ranges,
	};

	if (map->n_ranges > 0)
		memcpy(copy.ranges, map->ranges, map->n_ranges * sizeof *copy.ranges);
	return copy;
}

/*
 * What to compare of a record: its e820 map; without one, what Linux would have made of its UEFI
 * map. That is also right for a capture of ours beside the log of a kernel. The stub kernel has its
 * map with the RAM cut off that is above mem=, which no change of the machine is.
 */
static bool choose_map(struct diff *diff, size_t side)
{
	const struct record *record = side == 0 ? diff->before : diff->after;
	const struct record *other = side == 0 ? diff->after : diff->before;
	bool is_ours = record->e820_view == VIEW_BOOTMEM && other->e820_view != VIEW_BOOTMEM;

	if (record_is_accepted(record) && record->n_uefi > 0 &&
	    record_fact(record, "mem-limit") != NULL) {
		diff->has_e820[side] = true;
		diff->e820[side] = rules_translate(RULES_BOOTMEM, record, NULL, NULL);
		return true;
	}
	if (record->e820_view != VIEW_NONE && !(is_ours && record->n_uefi > 0)) {
		diff->has_e820[side] = true;
		diff->e820[side] = copy_of(&record->e820);
		return true;
	}
	if (record->n_uefi > 0)
		diff->e820[side] = rules_translate(RULES_LINUX, record, NULL, NULL);
	return record->n_uefi > 0;
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

static bool is_empty(const struct e820_range *range)
{
	return range->start_paddr >= range->end_paddr;
}

/* Of one type and owner; then what left goes with what came. RAM is nobody's. */
static int compare_halves(const void *a, const void *b)
{
	const struct diff_change *left = *(struct diff_change *const *)a;
	const struct diff_change *right = *(struct diff_change *const *)b;
	const struct change *l = &left->change, *r = &right->change;
	const struct e820_range *from = is_empty(&l->before) ? &l->after : &l->before;
	const struct e820_range *to = is_empty(&r->before) ? &r->after : &r->before;
	int order = compare_u64(from->type, to->type);

	if (order == 0)
		order = strcmp(left->owner, right->owner);
	if (order == 0)
		order = compare_u64(l->kind == CHANGE_APPEARED, r->kind == CHANGE_APPEARED);
	return order != 0 ? order : compare_u64(from->start_paddr, to->start_paddr);
}

static bool is_half(const struct change *change)
{
	uint32_t type = is_empty(&change->before) ? change->after.type : change->before.type;

	return (change->kind == CHANGE_VANISHED || change->kind == CHANGE_APPEARED) &&
	       type != E820_RAM;
}

/* @vanished and @appeared are one thing, elsewhere, with another size. The second becomes nothing.
 */
static void join(struct change *vanished, struct change *appeared)
{
	uint64_t distance_bytes =
		appeared->after.start_paddr > vanished->before.start_paddr
			? appeared->after.start_paddr - vanished->before.start_paddr
			: vanished->before.start_paddr - appeared->after.start_paddr;

	vanished->kind = CHANGE_MOVED;
	vanished->after = appeared->after;
	vanished->n_pages = pages_of(distance_bytes);
	appeared->after.end_paddr = appeared->after.start_paddr;
}

/* In each group of halves with one type and owner (@n_halves, sorted), the ones that left are
 * paired with those that came, in order. Without a name, only if there is one of each. */
static void join_group(struct diff_change **halves, size_t n_halves)
{
	size_t n_vanished = 0, n_appeared;

	while (n_vanished < n_halves && halves[n_vanished]->change.kind == CHANGE_VANISHED)
		n_vanished++;
	n_appeared = n_halves - n_vanished;
	if (*halves[0]->owner == '\0' && (n_vanished != 1 || n_appeared != 1))
		return;
	for (size_t i = 0; i < n_vanished && i < n_appeared; i++)
		join(&halves[i]->change, &halves[n_vanished + i]->change);
}

static bool is_one_group(const struct diff_change *left, const struct diff_change *right)
{
	const struct change *l = &left->change, *r = &right->change;

	return (is_empty(&l->before) ? l->after.type : l->before.type) ==
	               (is_empty(&r->before) ? r->after.type : r->before.type) &&
	       strcmp(left->owner, right->owner) == 0;
}

static void join_halves(struct diff_change *changes, size_t n_changes)
{
	struct diff_change **halves = memory_alloc(n_changes, sizeof *halves);
	size_t n = 0;

	for (size_t i = 0; i < n_changes; i++)
		if (is_half(&changes[i].change))
			halves[n++] = &changes[i];
	if (n > 0)
		qsort(halves, n, sizeof *halves, compare_halves);
	for (size_t start = 0, end; start < n; start = end) {
		for (end = start + 1; end < n && is_one_group(halves[start], halves[end]);)
			end++;
		join_group(halves + start, end - start);
	}
	free(halves);
}

static int compare_changes(const void *a, const void *b)
{
	const struct change *left = &((const struct diff_change *)a)->change;
	const struct change *right = &((const struct diff_change *)b)->change;
	int order = compare_u64(left->is_consequence, right->is_consequence);

	return order != 0 ? order
	                  : compare_u64(is_empty(&left->after) ? left->before.start_paddr
	                                                       : left->after.start_paddr,
	                                is_empty(&right->after) ? right->before.start_paddr
	                                                        : right->after.start_paddr);
}

/* What was joined into another is left out; the consequences go to the end. */
static size_t sort_changes(struct diff_change *changes, size_t n_changes)
{
	size_t n = 0;

	for (size_t i = 0; i < n_changes; i++) {
		if (is_empty(&changes[i].change.before) && is_empty(&changes[i].change.after))
			free(changes[i].owner);
		else
			changes[n++] = changes[i];
	}
	if (n > 0)
		qsort(changes, n, sizeof *changes, compare_changes);
	return n;
}

/* Whose a change is: the boot before is asked first. */
static char *find_owner(const struct change *change, owner_fn *owner, const void *context)
{
	char *before = owner(context, 0, &change->before);

	if (*before != '\0')
		return before;
	free(before);
	return owner(context, 1, &change->after);
}

size_t diff_changes(const struct e820_map *before, const struct e820_map *after, owner_fn *owner,
                    const void *context, struct diff_change **ret_changes)
{
	struct change_list list = { .capacity = changes_most(before->n_ranges, after->n_ranges) };
	size_t scratch_bytes = changes_scratch_bytes(before->n_ranges, after->n_ranges);
	void *scratch = memory_alloc(1, scratch_bytes);
	struct diff_change *changes;

	list.entries = memory_alloc(list.capacity, sizeof *list.entries);
	e820_changes(before, after, &list, scratch, scratch_bytes); /* has room for all */
	changes = memory_alloc(list.n_entries, sizeof *changes);
	for (size_t i = 0; i < list.n_entries; i++)
		changes[i] = (struct diff_change){
			.change = list.entries[i],
			.owner = find_owner(&list.entries[i], owner, context),
		};
	free(list.entries);
	free(scratch);
	join_halves(changes, list.n_entries);
	*ret_changes = changes;
	return sort_changes(changes, list.n_entries);
}

static char *owner_in_diff(const void *context, size_t side, const struct e820_range *range)
{
	return diff_range_owner(context, side, range);
}

static void find_changes(struct diff *diff)
{
	size_t n =
		diff_changes(&diff->e820[0], &diff->e820[1], owner_in_diff, diff, &diff->changes);

	diff->n_changes = n;
	while (diff->n_consequences < n &&
	       diff->changes[n - 1 - diff->n_consequences].change.is_consequence)
		diff->n_consequences++;
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
			                           (side == 0 ? before : after)->name);
			diff_free(diff);
			return false;
		}
	for (size_t side = 0; side < 2; side++) {
		diff->sorted_uefi[side] = sorted_descriptors(side == 0 ? before : after);
		diff->ram_bytes[side] = e820_bytes_of_type(&diff->e820[side], E820_RAM);
	}
	find_changes(diff);
	diff_tables(diff);
	diff_facts(diff);
	diff_uefi(diff);
	diff_find_causes(diff);
	for (size_t i = 0; i < diff->n_changes; i++)
		diff_blame(diff, &diff->changes[i]);
	diff_judge_resume(diff);
	return true;
}

void diff_free(struct diff *diff)
{
	for (size_t i = 0; i < diff->n_changes; i++) {
		free(diff->changes[i].owner);
		free(diff->changes[i].meaning);
	}
	for (size_t i = 0; i < diff->n_tables; i++)
		free(diff->tables[i].what);
	for (size_t i = 0; i < diff->n_causes; i++)
		free(diff->causes[i].text);
	for (size_t i = 0; i < diff->resume.n_reasons; i++)
		free(diff->resume.reasons[i].text);
	for (size_t side = 0; side < 2; side++) {
		free(diff->e820[side].ranges);
		free(diff->sorted_uefi[side]);
	}
	free(diff->changes);
	free(diff->tables);
	free(diff->causes);
	free(diff->facts);
	free(diff->uefi);
	free(diff->resume.reasons);
}

bool diff_is_different(const struct diff *diff)
{
	return diff->n_changes > 0 || diff->n_uefi > 0 || diff->n_tables > 0;
}
