/* pin.c - a judged step -> would a pinned block help: see pin.h. */
#include "mapdiff/diff/pin.h"

#include "bootmem/count.h"
#include "mapdiff/diff/causes.h"
#include "x86/pin_block.h"
#include "x86/pin_home.h"

enum verdict pin_helps(enum pin_reason reason)
{
	static const enum verdict verdicts[] = {
		[PIN_STUB_MEMORY] = VERDICT_YES,  [PIN_ONE_BOOT] = VERDICT_YES,
		[PIN_TOO_SMALL] = VERDICT_YES,    [PIN_AT_WORK] = VERDICT_NO,
		[PIN_NOT_NEEDED] = VERDICT_NO,    [PIN_NOT_THE_MAP] = VERDICT_NO,
		[PIN_ELSEWHERE] = VERDICT_NO,     [PIN_LOADERS] = VERDICT_NO,
		[PIN_OPTIONS] = VERDICT_NO,       [PIN_CPUS] = VERDICT_NO,
		[PIN_RAM] = VERDICT_NO,           [PIN_FIRMWARE] = VERDICT_NO,
		[PIN_OTHER_TYPE] = VERDICT_NO,    [PIN_BEFORE] = VERDICT_NO,
		[PIN_NO_OWNER] = VERDICT_UNKNOWN, [PIN_NO_TABLES] = VERDICT_UNKNOWN,
		[PIN_CAPTURES] = VERDICT_UNKNOWN, [PIN_MIXED] = VERDICT_UNKNOWN,
		[PIN_ALONE] = VERDICT_UNKNOWN,    [PIN_NO_MAP] = VERDICT_UNKNOWN,
	};
	_Static_assert(COUNT(verdicts) == PIN_REASON_COUNT, "a reason has no verdict");

	return verdicts[reason];
}

uint32_t pin_pages(uint64_t bytes)
{
	uint64_t n_pages =
		pages_of(min_u64(bytes, pfn_paddr(PIN_MOST_PAGES)) + PIN_BESIDE_LOG_BYTES);

	return (uint32_t)min_u64(max_u64(n_pages, PIN_USUAL_PAGES), PIN_MOST_PAGES);
}

bool pin_is_before_kernel(const struct record *record)
{
	return (record->e820_view == VIEW_BOOTMEM || record->e820_view == VIEW_NONE) &&
	       !record->is_uefi_accepted;
}

/* --- the blocks --- */

/* Of boot @side. Where only the other boot tells, and this one has the same range, it is in both.
 */
static struct span block_of(const struct diff *diff, size_t side)
{
	const struct span own = diff->sides[side]->pin, other = diff->sides[1 - side]->pin;

	if (own.end_paddr > 0)
		return own;
	MEMORY_EACH(range, diff_e820(diff, side), ranges)
		if (range->type == E820_ACPI && range->start_paddr == other.start_paddr &&
		    range->end_paddr == other.end_paddr)
			return other;
	return own;
}

static uint64_t block_bytes(const struct diff *diff, size_t side)
{
	struct span block = block_of(diff, side);

	return block.end_paddr - block.start_paddr;
}

static bool has_one_block(const struct diff *diff)
{
	struct span before = block_of(diff, 0), after = block_of(diff, 1);

	return before.end_paddr > 0 && before.start_paddr == after.start_paddr &&
	       before.end_paddr == after.end_paddr;
}

/* Is it a block that came, went, or moved? */
static bool is_of_block(const struct diff *diff, const struct change *change)
{
	const struct e820_range *ranges[2] = { &change->before, &change->after };
	bool is_of = false;

	for (size_t side = 0; side < 2; side++) {
		struct span block = block_of(diff, side);

		is_of |= block.start_paddr < ranges[side]->end_paddr &&
		         block.end_paddr > ranges[side]->start_paddr;
	}
	return is_of && !has_one_block(diff);
}

static enum pin_reason reason_of_block(const struct diff *diff)
{
	return block_bytes(diff, 0) > 0 && block_bytes(diff, 1) > 0 ? PIN_ELSEWHERE : PIN_ONE_BOOT;
}

/* --- a change --- */

static bool is_ram(const struct e820_range *range)
{
	return e820_is_empty(range) || range->type == E820_RAM;
}

/* Is all of it that is not RAM ACPI data, the only type that a block serves? */
static bool is_acpi_data(const struct change *change)
{
	const struct e820_range *before = &change->before, *after = &change->after;

	return (is_ram(before) || before->type == E820_ACPI) &&
	       (is_ram(after) || after->type == E820_ACPI) && !(is_ram(before) && is_ram(after));
}

/* Where the cause tells more than the type; else @other. */
static enum pin_reason reason_of_cause(const struct diff *diff, enum cause cause,
                                       enum pin_reason other)
{
	switch (cause) {
	case CAUSE_BOOT_LOADER:
		return PIN_LOADERS;
	case CAUSE_KERNEL_OPTIONS:
		return PIN_OPTIONS;
	case CAUSE_CPU_COUNT:
		return PIN_CPUS;
	case CAUSE_RAM:
		return PIN_RAM;
	case CAUSE_FIRMWARE:
		return causes_have(diff, CAUSE_FIRMWARE) ? PIN_FIRMWARE : other;
	default:
		return other;
	}
}

static enum pin_reason reason_of_change(const struct diff *diff, const struct diff_change *change)
{
	const struct owner *owner = &change->owner;
	bool names_tables = diff_record(diff, 0)->n_acpi > 0 && diff_record(diff, 1)->n_acpi > 0;

	if (!is_acpi_data(&change->change))
		return reason_of_cause(diff, change->cause, PIN_OTHER_TYPE);
	if (is_of_block(diff, &change->change))
		return reason_of_block(diff);
	if (owner->has_other_tables)
		return reason_of_cause(diff, change->cause, PIN_FIRMWARE);
	if (owner->stub_table != TABLE_OTHER)
		return PIN_STUB_MEMORY;
	return reason_of_cause(diff, change->cause, names_tables ? PIN_NO_OWNER : PIN_NO_TABLES);
}

/* A boot has one copy of its map: where two ranges could be it, one of them is not. */
static bool has_two_boot_maps(const struct diff *diff)
{
	size_t n[2] = { 0, 0 };

	for (size_t i = 0; i < diff_n_telling(diff); i++)
		if (diff->changes[i].owner.stub_table == TABLE_BOOT_MAP) {
			n[0] += !is_ram(&diff->changes[i].change.before);
			n[1] += !is_ram(&diff->changes[i].change.after);
		}
	return n[0] > 1 || n[1] > 1;
}

/* --- all of them --- */

/* What of it is not in a block, and moved: of the boot that has more. Where tables lie in the same
 * range, only what it has more than the other. */
static uint64_t moved_bytes(const struct diff *diff)
{
	uint64_t bytes[2] = { 0, 0 };

	for (size_t i = 0; i < diff_n_telling(diff); i++) {
		const struct change *change = &diff->changes[i].change;
		const struct e820_range *ranges[2] = { &change->before, &change->after };
		bool is_shared = diff->changes[i].owner.has_tables;

		for (size_t side = 0; side < 2 && !is_of_block(diff, change); side++)
			if (!is_ram(ranges[side]))
				bytes[side] += is_shared ? pfn_paddr(change->n_pages)
				                         : ranges[side]->end_paddr -
				                                   ranges[side]->start_paddr;
	}
	return max_u64(bytes[0], bytes[1]);
}

static uint32_t pages_for(const struct diff *diff, enum pin_reason reason)
{
	uint64_t block = max_u64(block_bytes(diff, 0), block_bytes(diff, 1));

	if (pin_helps(reason) != VERDICT_YES)
		return 0;
	if (reason == PIN_TOO_SMALL)
		return pin_pages(block + moved_bytes(diff));
	return (uint32_t)min_u64(max_u64(pin_pages(moved_bytes(diff)), pages_of(block)),
	                         PIN_MOST_PAGES);
}

/* The maps are not one. One range that no block holds is enough, and of two such, that which is
 * known. */
static enum pin_reason reason_of_changes(const struct diff *diff)
{
	static const int weights[] = { [VERDICT_YES] = 0, [VERDICT_UNKNOWN] = 1, [VERDICT_NO] = 2 };
	enum pin_reason worst = has_one_block(diff) ? PIN_TOO_SMALL : PIN_STUB_MEMORY;

	if (has_two_boot_maps(diff))
		worst = PIN_NO_OWNER;
	for (size_t i = 0; i < diff_n_telling(diff); i++) {
		enum pin_reason reason = reason_of_change(diff, &diff->changes[i]);

		if (weights[pin_helps(reason)] > weights[pin_helps(worst)] ||
		    (reason == PIN_ONE_BOOT && pin_helps(worst) == VERDICT_YES))
			worst = reason;
	}
	return worst;
}

/* Of two maps from before the kernel. */
static enum pin_reason reason_of_captures(const struct diff *diff)
{
	enum pin_reason reason = PIN_BEFORE;

	if (diff->resume.one_map == VERDICT_YES)
		return has_one_block(diff) ? PIN_AT_WORK : PIN_CAPTURES;
	for (size_t i = 0; i < diff_n_telling(diff); i++) {
		const struct diff_change *change = &diff->changes[i];

		if (!is_of_block(diff, &change->change))
			return reason_of_cause(diff, change->cause, PIN_BEFORE);
		reason = reason_of_block(diff);
	}
	return reason;
}

static enum pin_reason reason_of(const struct diff *diff)
{
	const struct resume *resume = &diff->resume;
	bool is_before[2] = { pin_is_before_kernel(diff_record(diff, 0)),
		              pin_is_before_kernel(diff_record(diff, 1)) };

	if (!diff_is_comparable(diff) || is_before[0] != is_before[1])
		return PIN_MIXED;
	if (resume->to_do != NULL)
		return PIN_NOT_THE_MAP;
	if (resume->one_map == VERDICT_UNKNOWN)
		return PIN_NO_MAP;
	if (is_before[0])
		return reason_of_captures(diff);
	if (resume->one_map == VERDICT_NO)
		return reason_of_changes(diff);
	return has_one_block(diff) ? PIN_AT_WORK : PIN_NOT_NEEDED;
}

void pin_judge(struct diff *diff)
{
	enum pin_reason reason = reason_of(diff);

	diff->pin = (struct pin){ pin_helps(reason), reason, pages_for(diff, reason) };
}
