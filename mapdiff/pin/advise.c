/* advise.c - boots -> would a pinned block help, where, how large: see advise.h. */
#include "mapdiff/pin/advise.h"

#include "mapdiff/diff/pin.h"
#include "x86/pin_block.h"
#include "x86/pin_home.h"

/* --- whether --- */

/* The more it says, the more: one step that it would have helped in is enough. */
static int weight(const struct diff *diff)
{
	switch (diff->pin.helps) {
	case VERDICT_YES:
		return 3;
	case VERDICT_UNKNOWN:
		return 2;
	default:
		return diff->resume.one_map == VERDICT_NO;
	}
}

static void judge_steps(const struct series *series, struct pin_advice *advice)
{
	int heaviest = -1;

	for (size_t i = 0; i < series->n_steps; i++) {
		const struct diff *diff = &series->steps[i];
		uint32_t n_pages = max_u64(advice->pin.n_pages, diff->pin.n_pages);

		advice->n_refused += diff->resume.one_map == VERDICT_NO;
		advice->n_helped += diff->pin.helps == VERDICT_YES;
		if (weight(diff) > heaviest) {
			heaviest = weight(diff);
			advice->pin = diff->pin;
		}
		advice->pin.n_pages = n_pages;
	}
}

/* --- how large --- */

/* A block that was too small for what it was asked for. */
static void judge_served(struct pin_advice *advice)
{
	const struct record_pin *pin = &advice->served->pin;
	uint64_t block_bytes = pin->block.end_paddr - pin->block.start_paddr;
	uint64_t refused_bytes = min_u64(pin->refused_bytes, pfn_paddr(PIN_MOST_PAGES));

	if (refused_bytes == 0)
		return;
	advice->pin.helps = VERDICT_YES;
	advice->pin.reason = PIN_TOO_SMALL;
	advice->pin.n_pages = (uint32_t)max_u64(
		advice->pin.n_pages,
		pin_pages(min_u64(block_bytes, pfn_paddr(PIN_MOST_PAGES)) + refused_bytes));
}

/* --- where --- */

/* Runs of free memory that are long enough to count, in the order of their addresses; there are
 * few, however many descriptors a map has. */
struct runs {
	MEMORY_LIST(struct uefi_descriptor, list);
};

static void add_run(struct runs *runs, const struct span *run)
{
	if (run->end_paddr - run->start_paddr > PIN_HOME_TOP_BYTES)
		*MEMORY_ADD(runs, list) = (struct uefi_descriptor){
			.type = UEFI_CONVENTIONAL,
			.start_paddr = run->start_paddr,
			.n_pages = pfn_down(run->end_paddr - run->start_paddr),
		};
}

static void find_runs(const struct diff_side *side, struct runs *runs)
{
	struct span run = { 0, 0 };

	for (size_t i = 0; i < side->record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &side->sorted_uefi[i];
		struct span span;
		bool wraps;

		if (descriptor->type != UEFI_CONVENTIONAL ||
		    !uefi_descriptor_range(descriptor, &span.start_paddr, &span.end_paddr, &wraps))
			continue;
		if (span.start_paddr > run.end_paddr) {
			add_run(runs, &run);
			run = span;
		}
		run.end_paddr = max_u64(run.end_paddr, span.end_paddr);
	}
	add_run(runs, &run);
}

static void add_map(struct pin_home *home, const struct diff_side *side)
{
	struct runs runs = { 0 };

	find_runs(side, &runs);
	pin_home_add_map(home, &(struct uefi_map){ runs.list, runs.n_list * sizeof *runs.list,
	                                           sizeof *runs.list });
}

static void find_home(const struct series *series, struct pin_advice *advice)
{
	struct pin_home home;

	pin_home_init(&home, advice->pin.n_pages);
	MEMORY_EACH(boot, series, boots) {
		if (boot->side->pin.end_paddr > 0) {
			advice->home = PIN_HOME_PINNED;
			advice->block = boot->side->pin;
		}
		if (boot->side->record->n_uefi == 0)
			continue;
		advice->n_maps++;
		advice->n_kernel += !pin_is_before_kernel(boot->side->record);
		add_map(&home, boot->side);
	}
	if (advice->home == PIN_HOME_PINNED || advice->n_maps == 0)
		return;
	advice->home =
		pin_home_find(&home, &advice->block.start_paddr) ? PIN_HOME_FOUND : PIN_HOME_NONE;
	advice->block.end_paddr = advice->block.start_paddr + pfn_paddr(advice->pin.n_pages);
}

void pin_advise(const struct series *series, const struct records *served,
                struct pin_advice *ret_advice)
{
	*ret_advice = (struct pin_advice){
		.series = series,
		.pin = { pin_helps(PIN_ALONE), PIN_ALONE, 0 },
		.served = records_last(served),
	};
	if (series != NULL)
		judge_steps(series, ret_advice);
	if (ret_advice->served != NULL)
		judge_served(ret_advice);
	ret_advice->pin.n_pages = (uint32_t)max_u64(ret_advice->pin.n_pages, PIN_USUAL_PAGES);
	if (ret_advice->served != NULL) {
		ret_advice->home = PIN_HOME_PINNED;
		ret_advice->block = ret_advice->served->pin.block;
	}
	if (series != NULL)
		find_home(series, ret_advice);
}
