/*
 * bitmaps.c - what x86/setup.c wants to know, and what it makes of it: see bitmaps.h.
 *
 * What the machine would have to be asked for is assumed: the kernel's place, unless it is known;
 * that there is no EBDA and no MP table; that nothing else is handed over.
 */
#include "mapdiff/map/bitmaps.h"

#include <stdlib.h>
#include <string.h>

#include "handoff/load/pgtable.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/text.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/steps.h"
#include "x86/extensions.h"
#include "x86/home.h"
#include "x86/vacant.h"

/* A bitmap of 1 GiB is about 32 TiB of memory. Absurd maps shall not take this machine's memory. */
#define MOST_BITMAP_PAGES ((UINT64_C(1) << 30) >> PAGE_SHIFT)

#define KERNEL_START_PADDR UINT64_C(0x100000)
#define KERNEL_BYTES       UINT64_C(0x100000)

#define POLICY_LINUX_NAME "linux-2.6.24"

/* --- what is known of the machine --- */

static struct span span_of(const struct landmark *landmark)
{
	return (struct span){ landmark->start_paddr, landmark->end_paddr };
}

static bool is_empty(struct span span)
{
	return span.start_paddr >= span.end_paddr;
}

/* From the first to the last landmark of @kind: /proc/iomem has a kernel in parts. */
static struct span hull_of(const struct record *record, enum landmark_kind kind)
{
	struct span hull = { 0, 0 };

	MEMORY_EACH(landmark, record, landmarks)
		if (landmark->kind == kind && is_empty(hull))
			hull = span_of(landmark);
		else if (landmark->kind == kind)
			hull.end_paddr = max_u64(hull.end_paddr, landmark->end_paddr);
	return hull;
}

/* Only bootmem's own captures know where a kernel and an initrd for its targets are. Else it is for
 * 1 MiB, and there, or in the next RAM that has room for it. */
static void find_kernel(struct view *view, struct boot_inputs *inputs)
{
	static const struct span within = { KERNEL_START_PADDR, UINT64_MAX };
	bool is_ours = view->record->e820_view == VIEW_BOOTMEM;
	paddr_t paddr;

	inputs->kernel = view->options.kernel;
	inputs->initrd = view->options.initrd;
	if (is_empty(inputs->kernel) && is_ours)
		inputs->kernel = hull_of(view->record, LANDMARK_KERNEL);
	if (is_empty(inputs->initrd) && is_ours)
		inputs->initrd = hull_of(view->record, LANDMARK_INITRD);
	view->is_kernel_assumed = is_empty(inputs->kernel);
	if (view->is_kernel_assumed) {
		paddr = find_e820_area(&view->limited, within, KERNEL_BYTES, NULL, 0);
		if (paddr != BOOTMEM_NONE)
			inputs->kernel = (struct span){ paddr, paddr + KERNEL_BYTES };
	}
	view->kernel = inputs->kernel;
}

/* The kernel as a whole. Policy linux has it anyway. */
static void find_pieces(const struct view *view, struct boot_inputs *inputs)
{
	struct reservation *piece = memory_alloc(1, sizeof *piece);

	*piece = reservation_make(RESERVATION_KERNEL, ORIGIN_LINUX, LIFETIME_BOOT, inputs->kernel,
	                          "kernel",
	                          view->is_kernel_assumed ? "assumed to be here" : "_text to _end");
	inputs->pieces = piece;
	inputs->n_pieces = view->options.policy == POLICY_SAFE;
}

/* What a walk through the tables would not have found cannot be in the list (acpi.h). */
static void list_acpi(const struct record *record, struct extension_facts *facts)
{
	struct acpi_table *tables = memory_alloc(record->n_acpi, sizeof *tables);

	MEMORY_EACH(table, record, acpi) {
		uint32_t length_bytes = table->length_bytes > 0 ? table->length_bytes : 1;
		struct acpi_table row = {
			.paddr = table->paddr,
			.length_bytes = length_bytes,
			.sum_ok = true,
			.found_through = "a line of the record",
		};

		memcpy(row.signature, table->signature, sizeof row.signature);
		if (table->paddr != 0 && length_bytes <= ACPI_IMAGE_MOST_BYTES &&
		    table->paddr <= UINT64_MAX - length_bytes)
			tables[facts->n_acpi_tables++] = row;
	}
	facts->acpi_tables = tables;
}

static void list_smbios(const struct record *record, struct extension_facts *facts)
{
	struct smbios *smbios = memory_alloc(record->n_landmarks, sizeof *smbios);

	MEMORY_EACH(landmark, record, landmarks)
		if (landmark->kind == LANDMARK_SMBIOS && landmark->table == TABLE_SMBIOS_STRUCTURES)
			smbios[facts->n_smbios++].table = span_of(landmark);
		else if (landmark->kind == LANDMARK_SMBIOS)
			smbios[facts->n_smbios++].entry_point = span_of(landmark);
	facts->smbios = smbios;
}

static struct reservation_list collect_extensions(const struct view *view,
                                                  const struct uefi_map *uefi)
{
	const struct record *record = view->record;
	struct extension_facts facts = {
		.framebuffer = hull_of(record, LANDMARK_FRAMEBUFFER),
		.uefi_map = uefi,
		.keep_boot_services = view->options.keep_boot_services ||
		                      record_fact(record, FACT_KEEP_BOOT_SERVICES) != NULL,
	};
	struct reservation_list list = { 0 };

	list_acpi(record, &facts);
	list_smbios(record, &facts);
	list.capacity = extensions_most(&facts, record->n_uefi);
	list.entries = memory_alloc(list.capacity, sizeof *list.entries);
	extensions_collect(&facts, &list);
	return list;
}

/* Of EBDA and MP tables nothing is recorded. */
static const void *read_nothing(void *context, paddr_t start_paddr, uint64_t bytes)
{
	(void)context;
	(void)start_paddr;
	(void)bytes;
	return NULL;
}

/* All that decides the bitmaps of either target. */
static struct boot_inputs make_inputs(struct view *view)
{
	static const struct phys_mem phys = { read_nothing, NULL };
	struct uefi_map uefi = record_uefi_map(view->record);
	struct reservation_list extensions = collect_extensions(view, &uefi);
	size_t n_layers =
		vacant_layers(view->limited.n_ranges, view->record->n_uefi, extensions.n_entries);
	size_t scratch_bytes = e820_scratch_bytes(n_layers);
	struct boot_inputs inputs = {
		.policy = view->options.policy,
		.e820 = &view->limited,
		.vacant = &view->vacant,
		.home_limit_paddr = PGTABLE_MAX_PADDR,
		.phys = &phys,
		.extensions = extensions.entries,
		.n_extensions = extensions.n_entries,
	};
	uint64_t bits;

	view->vacant = map_new(n_layers);
	vacant_find(&view->limited, &uefi, &extensions, &view->vacant,
	            memory_alloc(1, scratch_bytes), scratch_bytes);
	if (record_fact_number(view->record, FACT_FIRMWARE_BITS, &bits) && bits == 32)
		inputs.home_limit_paddr = UINT64_C(1) << 32;
	find_kernel(view, &inputs);
	find_pieces(view, &inputs);
	return inputs;
}

/* --- the targets --- */

struct bitmap {
	void *memory;
	uint64_t n_pages; /* that were asked for */
};

static void *bitmap_storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	struct bitmap *bitmap = context;

	(void)start_paddr;
	bitmap->n_pages = n_pages;
	if (n_pages <= MOST_BITMAP_PAGES)
		bitmap->memory = aligned_alloc(PAGE_BYTES, pfn_paddr(n_pages));
	return bitmap->memory;
}

/* What the loader refuses before it comes to bitmaps. */
static const char *refuse(const struct view *view, const struct boot_inputs *inputs)
{
	struct span kernel = inputs->kernel;

	if (is_empty(kernel))
		return "there is no RAM for a kernel at or above 1 MiB";
	if (kernel.end_paddr > inputs->target->limit_paddr)
		return memory_printf("the kernel, at 0x%" PRIx64
		                     ", is not in memory that it can map",
		                     kernel.start_paddr);
	if (inputs->initrd.end_paddr > inputs->target->limit_paddr)
		return setup_err_text(SETUP_INITRD_TOO_HIGH);
	if (!e820_all_mapped(inputs->e820, kernel.start_paddr, kernel.end_paddr, E820_RAM) &&
	    !view->is_kernel_assumed)
		return memory_printf("the kernel, at %s, is not in RAM",
		                     text_range(kernel.start_paddr, kernel.end_paddr));
	return NULL;
}

static const char *failure_text(enum setup_err err, const struct bitmap *bitmap)
{
	if (err == SETUP_OK)
		return NULL;
	if (err == SETUP_NO_STORAGE && bitmap->n_pages > MOST_BITMAP_PAGES)
		return memory_printf("the bitmap would take %" PRIu64
		                     " MiB; this program makes them up to %" PRIu64 " MiB",
		                     bitmap->n_pages >> 8, MOST_BITMAP_PAGES >> 8);
	return setup_err_text(err);
}

static void list_free_runs(struct view_target *target, const bootmem_data_t *bdata)
{
	struct record_run run = { 0, 0 };

	for (;;) {
		run.start_pfn = bootmem_next_free_run(bdata, run.end_pfn, &run.end_pfn);
		if (run.start_pfn == run.end_pfn)
			return;
		*MEMORY_ADD(target, free) = run;
	}
}

/* The page allocator, which is not there. */
static void take_pages(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	(void)context;
	(void)first_pfn;
	(void)n_pages;
}

/* What a set-up of a target has, beside what all have: storage, a list, who looks on. */
struct run {
	struct boot_inputs inputs;
	struct bitmap bitmap;
	struct steps_recorder recorder;
	struct boot_setup setup;
};

/* The inputs of a run are in it: it stays where it is. */
static void prepare_run(struct run *run, const struct boot_inputs *inputs,
                        struct view_target *target, bool has_steps, size_t most_reservations)
{
	*run = (struct run){ .inputs = *inputs,
		             .recorder = { .target = target, .policy = inputs->policy } };
	run->inputs.target = target->target;
	run->inputs.bootmap_storage = bitmap_storage;
	run->inputs.context = &run->bitmap;
	run->inputs.observer = has_steps ? steps_record : NULL;
	run->inputs.observer_context = &run->recorder;
	run->setup.reservations.capacity = most_reservations;
	run->setup.reservations.entries =
		memory_alloc(most_reservations, sizeof *run->setup.reservations.entries);
}

static void finish_run(struct run *run, struct view_target *target, enum setup_err err)
{
	if (err == SETUP_OK)
		target->handed_over_pages = free_all_bootmem(&run->setup.bdata, take_pages, NULL);
	free(run->bitmap.memory);
}

static void compute_target(const struct view *view, const struct boot_inputs *inputs,
                           struct view_target *target)
{
	struct run run;
	enum setup_err err;

	prepare_run(&run, inputs, target, view->options.has_steps,
	            inputs->n_pieces + inputs->n_extensions + SETUP_OWN_RESERVATIONS);
	target->failure = refuse(view, &run.inputs);
	if (target->failure != NULL)
		return;
	err = boot_setup_run(&run.setup, &run.inputs);
	target->max_pfn = run.setup.max_pfn;
	target->max_low_pfn = run.setup.max_low_pfn;
	target->min_low_pfn = run.setup.min_low_pfn;
	target->reservations = run.setup.reservations.entries;
	target->n_reservations = run.setup.reservations.n_entries;
	target->failure = failure_text(err, &run.bitmap);
	if (err == SETUP_OK)
		list_free_runs(target, &run.setup.bdata);
	finish_run(&run, target, err);
}

static bool has_same_runs(const struct view_target *a, const struct view_target *b)
{
	return a->n_free == b->n_free &&
	       (a->n_free == 0 || memcmp(a->free, b->free, a->n_free * sizeof *a->free) == 0);
}

/* What the machine had is not all recorded, but what was reserved is: its steps are made again. */
static void replay_target(const struct view *view, const struct boot_inputs *inputs,
                          struct view_target *target)
{
	struct view_target made = { .target = target->target };
	struct run run;
	enum setup_err err;

	if (target->failure != NULL)
		return;
	prepare_run(&run, inputs, target, true, target->n_reservations);
	run.inputs.e820 = &view->e820;
	run.recorder.policy = view->policy != NULL && strcmp(view->policy, POLICY_LINUX_NAME) == 0
	                              ? POLICY_LINUX
	                              : POLICY_SAFE;
	err = boot_setup_replay(&run.setup, &run.inputs, target->reservations,
	                        target->n_reservations);
	if (err == SETUP_OK)
		list_free_runs(&made, &run.setup.bdata);
	target->steps_differ = err != SETUP_OK || !has_same_runs(&made, target);
	finish_run(&run, target, err);
}

/* NULL: it does not say. */
static const char *recorded_policy(const struct record *record)
{
	const char *policy = record_fact(record, FACT_POLICY);

	return policy == NULL || strcmp(policy, POLICY_LINUX_NAME) == 0 ? policy : "safe";
}

static const char *wanted_policy(const struct view *view)
{
	return view->options.policy == POLICY_LINUX ? POLICY_LINUX_NAME : "safe";
}

/* Whoever asks how bitmaps are made by another policy than that of the capture is shown that. */
static bool is_wanted(const struct view *view, const struct record_target *recorded)
{
	const struct view_options *options = &view->options;
	const char *policy = recorded_policy(view->record);

	if (!recorded->is_known || options->is_translated)
		return false;
	return !options->has_steps || !options->has_policy || policy == NULL ||
	       strcmp(policy, wanted_policy(view)) == 0;
}

/* The lists stay the record's. */
static void take_recorded(struct view *view, const struct record_target *recorded,
                          struct view_target *target)
{
	view->policy = recorded_policy(view->record);
	target->is_recorded = true;
	target->max_pfn = recorded->max_pfn;
	target->max_low_pfn = recorded->max_low_pfn;
	target->free = recorded->free;
	target->n_free = recorded->n_free;
	target->reservations = recorded->reservations;
	target->n_reservations = recorded->n_reservations;
	target->failure = recorded->failure;
	MEMORY_EACH(reservation, target, reservations)
		if (reservation->kind == RESERVATION_BOOTMAP)
			target->min_low_pfn = pfn_down(reservation->start_paddr);
}

static void make_target(struct view *view, const struct boot_inputs *inputs,
                        const struct record_target *recorded, struct view_target *target)
{
	if (!is_wanted(view, recorded)) {
		compute_target(view, inputs, target);
	} else {
		take_recorded(view, recorded, target);
		if (view->options.has_steps)
			replay_target(view, inputs, target);
	}
	if (target->failure != NULL)
		return;
	fate_make_runs(target, &view->limited);
	MEMORY_EACH(run, target, free)
		if (run->start_pfn < run->end_pfn)
			target->free_pages += run->end_pfn - run->start_pfn;
}

void bitmaps_make(struct view *view)
{
	static const struct boot_target *const targets[] = {
		[RECORD_IA32] = &target_ia32,
		[RECORD_AMD64] = &target_amd64,
	};
	struct boot_inputs inputs = make_inputs(view);

	view->policy = wanted_policy(view);
	for (size_t i = 0; i < RECORD_TARGETS; i++) {
		struct view_target *target = &view->targets[i];

		target->target = targets[i];
		target->is_shown = view->options.has_target[i];
		if (target->is_shown)
			make_target(view, &inputs, &view->record->targets[i], target);
	}
}
