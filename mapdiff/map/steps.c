/*
 * steps.c - what the observer of a set-up hears -> steps: see steps.h.
 *
 * Which pages change is read from the bitmap itself: right before a call reserves, those of its
 * pages that are still free. Nothing of the algorithm stands here a second time.
 */
#include "mapdiff/map/steps.h"

#include "bootmem/count.h"

/* --- what 2.6.24 calls it --- */

/* The function that does it, and who calls that: setup_32.c and setup_64.c, e820_32.c and e820_64.c
 * of arch/x86/kernel. NULL: this target has no such step. */
struct names {
	const char *function, *caller;
};

#define IA32  RECORD_IA32
#define AMD64 RECORD_AMD64

static const struct names names_of_calls[FUNCTION_COUNT][RECORD_TARGETS] = {
	[FUNCTION_FIND_MAX_PFN] = { [IA32] = { "find_max_pfn", "setup_memory" } },
	[FUNCTION_FIND_MAX_LOW_PFN] = { [IA32] = { "find_max_low_pfn", "setup_memory" },
	                                [AMD64] = { "e820_end_of_ram", "setup_arch" } },
	[FUNCTION_FIND_HOME] = { [IA32] = { "setup_memory", "setup_arch" },
	                         [AMD64] = { "find_e820_area", "contig_initmem_init" } },
	[FUNCTION_INIT_BOOTMEM] = { [IA32] = { "init_bootmem", "setup_bootmem_allocator" },
	                            [AMD64] = { "init_bootmem", "contig_initmem_init" } },
	[FUNCTION_FREE_BOOTMEM] = { [IA32] = { "free_bootmem", "register_bootmem_low_pages" },
	                            [AMD64] = { "free_bootmem_node",
	                                        "free_bootmem_with_active_regions" } },
	[FUNCTION_RESERVE_BOOTMEM] = { [IA32] = { "reserve_bootmem", "setup_bootmem_allocator" },
	                               [AMD64] = { "reserve_bootmem_generic", "setup_arch" } },
	[FUNCTION_ALLOC_BOOTMEM_LOW] = { [IA32] = { "alloc_bootmem_low", "acpi_reserve_bootmem" },
	                                 [AMD64] = { "alloc_bootmem_low",
	                                             "acpi_reserve_bootmem" } },
};

static bool is_low_memory_for_good(const struct reservation *reservation)
{
	return reservation != NULL && reservation->kind == RESERVATION_LOW_MEMORY &&
	       reservation->origin == ORIGIN_LINUX && reservation->lifetime == LIFETIME_FOREVER;
}

/* Page 0 comes first, and the EBDA at once behind it: that, and no address, tells it from the page
 * that an AMD K7 may not touch, which no machine without an EBDA has. */
static bool is_ebda(const struct view_target *target, const struct reservation *reservation)
{
	const struct reservation *before = target->steps[target->n_steps - 1].reservation;

	return is_low_memory_for_good(reservation) && is_low_memory_for_good(before) &&
	       before->start_paddr == 0;
}

/* Where a reservation has another caller than most, or comes from a call of another kind. */
static struct names names_of_reservation(const struct view_target *target, size_t id,
                                         const struct reservation *reservation)
{
	struct names names = names_of_calls[FUNCTION_RESERVE_BOOTMEM][id];

	switch (reservation->kind) {
	case RESERVATION_LOW_MEMORY: /* setup_64.c has the call in setup_arch() itself */
		if (id == IA32 && is_ebda(target, reservation))
			names.caller = "reserve_ebda_region";
		break;
	case RESERVATION_BOOTMAP:
		if (id == AMD64)
			return (struct names){ "reserve_bootmem", "contig_initmem_init" };
		break;
	case RESERVATION_SMP_CONFIG:
		names.caller = "smp_scan_config";
		break;
	case RESERVATION_WAKEUP:
		return names_of_calls[FUNCTION_ALLOC_BOOTMEM_LOW][id];
	}
	if (reservation->origin != ORIGIN_LINUX)
		names.caller = NULL;
	return names;
}

static struct names names_of(const struct steps_recorder *recorder, const struct boot_call *call)
{
	size_t id = recorder->target->target == &target_amd64 ? AMD64 : IA32;

	if (call->reservation != NULL)
		return names_of_reservation(recorder->target, id, call->reservation);
	/* An extension: 2.6.24 puts its bitmap behind the kernel, and does not look what is there.
	 */
	if (call->function == FUNCTION_FIND_HOME && id == IA32 && recorder->policy == POLICY_SAFE)
		return (struct names){ "find_e820_area", NULL };
	return names_of_calls[call->function][id];
}

/* --- what it does --- */

/* Pages [start, end) of @step changed. */
static void add_run(struct steps_recorder *recorder, struct view_step *step, pfn_t start_pfn,
                    pfn_t end_pfn)
{
	bool is_freed = step->function == FUNCTION_FREE_BOOTMEM;

	*MEMORY_ADD(step, changed) = (struct record_run){ start_pfn, end_pfn };
	for (pfn_t pfn = start_pfn; pfn < end_pfn;) {
		uint64_t cell = pfn / recorder->cell_pages;
		pfn_t part_end_pfn = min_u64(end_pfn, (cell + 1) * recorder->cell_pages);
		uint64_t n_pages = part_end_pfn - pfn;

		recorder->cells_free[cell] += is_freed ? n_pages : -n_pages;
		recorder->free_pages += is_freed ? n_pages : -n_pages;
		pfn = part_end_pfn;
	}
}

/* What is still free of [start, end). */
static void add_free_runs(struct steps_recorder *recorder, struct view_step *step,
                          const bootmem_data_t *bdata)
{
	pfn_t pfn = step->start_pfn, end_pfn;

	for (;;) {
		pfn = bootmem_next_free_run(bdata, pfn, &end_pfn);
		if (pfn >= step->end_pfn)
			return;
		add_run(recorder, step, pfn, min_u64(end_pfn, step->end_pfn));
		pfn = end_pfn;
	}
}

static void draw_ribbon(const struct steps_recorder *recorder, struct view_step *step)
{
	pfn_t max_low_pfn = recorder->max_low_pfn;
	size_t cell = 0;

	for (pfn_t pfn = 0; pfn < max_low_pfn; cell++) {
		pfn_t end_pfn = min_u64(pfn + recorder->cell_pages, max_low_pfn);
		uint64_t n_free = recorder->cells_free[cell];

		step->ribbon[cell] = n_free == 0 ? '#' : n_free == end_pfn - pfn ? '.' : '+';
		pfn = end_pfn;
	}
	step->ribbon[cell] = '\0';
}

static void find_changes(struct steps_recorder *recorder, struct view_step *step,
                         const bootmem_data_t *bdata)
{
	switch (step->function) {
	case FUNCTION_FREE_BOOTMEM:      /* a page that was free before would be a bug */
	case FUNCTION_ALLOC_BOOTMEM_LOW: /* and what it gets was free */
		if (step->start_pfn < step->end_pfn)
			add_run(recorder, step, step->start_pfn, step->end_pfn);
		break;
	case FUNCTION_RESERVE_BOOTMEM:
		if (step->start_pfn < step->end_pfn)
			add_free_runs(recorder, step, bdata);
		break;
	default:
		return;
	}
}

/* The whole pages of a call: free_bootmem() rounds inward, all others outward. */
static void find_pages(struct view_step *step, struct span span)
{
	bool is_inward = step->function == FUNCTION_FREE_BOOTMEM;

	if (span.start_paddr >= span.end_paddr)
		return;
	step->start_pfn = is_inward ? pfn_up(span.start_paddr) : pfn_down(span.start_paddr);
	step->end_pfn = is_inward ? pfn_down(span.end_paddr) : pfn_up(span.end_paddr);
	step->end_pfn = max_u64(step->end_pfn, step->start_pfn);
}

/* From here on there is a bitmap, and its length is known. */
static void begin_bitmap(struct steps_recorder *recorder, const struct boot_setup *setup)
{
	recorder->max_low_pfn = setup->max_low_pfn;
	recorder->cell_pages = setup->max_low_pfn / VIEW_RIBBON_CELLS + 1;
}

void steps_record(void *context, const struct boot_setup *setup, const struct boot_call *call)
{
	struct steps_recorder *recorder = context;
	struct view_target *target = recorder->target;
	struct names names = names_of(recorder, call);
	struct view_step *step;

	if (names.function == NULL)
		return;
	if (call->function == FUNCTION_INIT_BOOTMEM)
		begin_bitmap(recorder, setup);
	step = MEMORY_ADD(target, steps);
	*step = (struct view_step){
		.function = call->function,
		.name = names.function,
		.caller = names.caller,
		.span = call->span,
		.reservation = call->reservation,
		.free_before = recorder->free_pages,
	};
	find_pages(step, call->span);
	find_changes(recorder, step, &setup->bdata);
	step->free_after = recorder->free_pages;
	if (recorder->cell_pages > 0)
		draw_ribbon(recorder, step);
}
