/*
 * view.c - a record -> what becomes of its map, as view.h says: what efi/plan.c does on the
 * machine, done on the host.
 *
 * What the machine would have to be asked for is assumed: the kernel's place, unless it is known;
 * that there is no EBDA and no MP table; that nothing else is handed over.
 */
#include "mapdiff/map/view.h"

#include <stdlib.h>
#include <string.h>

#include "handoff/load/pgtable.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/memory.h"
#include "x86/crc32.h"
#include "x86/extensions.h"

/* A bitmap of 1 GiB is about 32 TiB of memory. Absurd maps shall not take this machine's memory. */
#define MOST_BITMAP_PAGES ((UINT64_C(1) << 30) >> PAGE_SHIFT)

#define KERNEL_START_PADDR UINT64_C(0x100000)
#define KERNEL_BYTES       UINT64_C(0x100000)

static const struct boot_target *const boot_targets[RECORD_TARGETS] = {
	[RECORD_IA32] = &target_ia32,
	[RECORD_AMD64] = &target_amd64,
};

/* --- the map --- */

paddr_t view_ram_limit(const struct record *record, paddr_t mem_limit_paddr)
{
	paddr_t limit_paddr = PGTABLE_MAX_PADDR;
	uint64_t bits;

	if (record_fact_number(record, FACT_CPU_ADDRESS_BITS, &bits) && bits < 64)
		limit_paddr = min_u64(limit_paddr, UINT64_C(1) << bits);
	if (mem_limit_paddr == 0)
		record_fact_number(record, FACT_MEM_LIMIT, &mem_limit_paddr);
	return mem_limit_paddr != 0 ? min_u64(limit_paddr, mem_limit_paddr) : limit_paddr;
}

/* Which e820 map this is about; false if there is nothing to make one of. */
static bool find_e820(struct view *view)
{
	const struct record *record = view->record;
	bool is_recorded = record->e820_view != VIEW_NONE && record->e820.n_ranges > 0;
	struct uefi_faults *faults = &view->faults;

	if (record->n_uefi == 0 && !is_recorded)
		return false;
	view->is_e820_computed =
		record->n_uefi > 0 && (view->options.is_translated || !is_recorded);
	view->e820 = rules_translate(view->options.rules, record, faults, &view->n_overlaps);
	if (!view->is_e820_computed)
		view->e820 = map_copy(&record->e820, 0);
	return true;
}

static struct view_difference *difference_row(struct view *view,
                                              const struct rules_difference *difference)
{
	for (size_t i = 0; i < view->n_differences; i++)
		if (view->differences[i].difference == difference)
			return &view->differences[i];
	*MEMORY_ADD(view, differences) = (struct view_difference){ .difference = difference };
	return &view->differences[view->n_differences - 1];
}

static void find_differences(struct view *view)
{
	const struct record *record = view->record;

	view->other_rules =
		view->options.rules == RULES_BOOTMEM ? RULES_LINUX : view->options.rules;
	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct rules_difference *difference =
			rules_difference(view->other_rules, &record->uefi[i]);
		struct view_difference *row;
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (difference == NULL ||
		    !uefi_descriptor_range(&record->uefi[i], &start_paddr, &end_paddr, &wraps))
			continue;
		row = difference_row(view, difference);
		if (row->n_descriptors++ == 0)
			row->first_descriptor = i;
		row->bytes += end_paddr - start_paddr;
	}
}

/* --- what is known of the machine --- */

/* What a bitmap is made from beside the e820 map. */
struct surroundings {
	struct e820_map e820; /* with RAM up to the limit */
	struct e820_map vacant;
	struct acpi_table *acpi_tables;
	struct smbios *smbios;
	struct reservation_list extensions;
	struct reservation kernel_piece;
	struct span kernel, initrd;
};

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

	for (size_t i = 0; i < record->n_landmarks; i++) {
		struct span span = span_of(&record->landmarks[i]);

		if (record->landmarks[i].kind != kind)
			continue;
		if (is_empty(hull))
			hull = span;
		hull.end_paddr = max_u64(hull.end_paddr, span.end_paddr);
	}
	return hull;
}

/* Where a kernel for 1 MiB can be: there, or in the next RAM that has room for it. */
static struct span assume_kernel(const struct e820_map *e820)
{
	for (size_t i = 0; i < e820->n_ranges; i++) {
		const struct e820_range *range = &e820->ranges[i];
		paddr_t start_paddr = max_u64(range->start_paddr, KERNEL_START_PADDR);

		if (range->type != E820_RAM || start_paddr >= range->end_paddr)
			continue;
		start_paddr = align_up(start_paddr, PAGE_BYTES); /* RAM ends below 2^47 */
		if (start_paddr < range->end_paddr &&
		    range->end_paddr - start_paddr >= KERNEL_BYTES)
			return (struct span){ start_paddr, start_paddr + KERNEL_BYTES };
	}
	return (struct span){ 0, 0 };
}

/* Only bootmem's own captures know where a kernel and an initrd for its targets are. */
static void find_kernel(struct view *view, struct surroundings *around)
{
	const struct view_options *options = &view->options;
	bool is_ours = view->record->e820_view == VIEW_BOOTMEM;

	around->kernel = options->kernel;
	around->initrd = options->initrd;
	if (is_empty(around->kernel) && is_ours)
		around->kernel = hull_of(view->record, LANDMARK_KERNEL);
	if (is_empty(around->initrd) && is_ours)
		around->initrd = hull_of(view->record, LANDMARK_INITRD);
	view->is_kernel_assumed = is_empty(around->kernel);
	if (view->is_kernel_assumed)
		around->kernel = assume_kernel(&around->e820);
	view->kernel = around->kernel;
	around->kernel_piece =
		reservation_make(RESERVATION_KERNEL, ORIGIN_LINUX, LIFETIME_BOOT, "kernel",
	                         view->is_kernel_assumed ? "assumed to be here" : "_text to _end");
	around->kernel_piece.start_paddr = around->kernel.start_paddr;
	around->kernel_piece.end_paddr = around->kernel.end_paddr;
}

/* What a walk through the tables would not have found cannot be in the list (acpi.h). */
static size_t list_acpi(const struct record *record, struct acpi_table *tables)
{
	size_t n = 0;

	for (size_t i = 0; i < record->n_acpi; i++) {
		const struct record_acpi *table = &record->acpi[i];
		uint32_t length_bytes = table->length_bytes > 0 ? table->length_bytes : 1;

		if (table->paddr == 0 || length_bytes > ACPI_IMAGE_MOST_BYTES ||
		    table->paddr > UINT64_MAX - length_bytes)
			continue;
		tables[n] = (struct acpi_table){ .paddr = table->paddr,
			                         .length_bytes = length_bytes,
			                         .sum_ok = true,
			                         .found_through = "a line of the record" };
		memcpy(tables[n++].signature, table->signature, sizeof table->signature);
	}
	return n;
}

static size_t list_smbios(const struct record *record, struct smbios *smbios)
{
	size_t n = 0;

	for (size_t i = 0; i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];

		if (landmark->kind != LANDMARK_SMBIOS)
			continue;
		if (strstr(landmark->name, "structures") != NULL)
			smbios[n++].table = span_of(landmark);
		else
			smbios[n++].entry_point = span_of(landmark);
	}
	return n;
}

static void collect_extensions(const struct view *view, struct surroundings *around)
{
	const struct record *record = view->record;
	struct uefi_map uefi = record_uefi_map(record);
	struct extension_facts facts = {
		.framebuffer = hull_of(record, LANDMARK_FRAMEBUFFER),
		.uefi_map = &uefi,
		.keep_boot_services = view->options.keep_boot_services ||
		                      record_fact(record, FACT_KEEP_BOOT_SERVICES) != NULL,
	};

	around->acpi_tables = memory_alloc(record->n_acpi, sizeof *around->acpi_tables);
	around->smbios = memory_alloc(record->n_landmarks, sizeof *around->smbios);
	facts.acpi_tables = around->acpi_tables;
	facts.n_acpi_tables = list_acpi(record, around->acpi_tables);
	facts.smbios = around->smbios;
	facts.n_smbios = list_smbios(record, around->smbios);
	around->extensions.capacity = extensions_most(&facts, record->n_uefi);
	around->extensions.entries =
		memory_alloc(around->extensions.capacity, sizeof *around->extensions.entries);
	extensions_collect(&facts, &around->extensions);
}

/* As plan_find_vacant(): what firmware, loader or an extension has is not free at the moment. */
static void find_vacant(const struct view *view, struct surroundings *around)
{
	const struct record *record = view->record;
	const struct reservation_list *extensions = &around->extensions;

	around->vacant = map_copy(&around->e820, record->n_uefi + extensions->n_entries);
	for (size_t i = 0; i < record->n_uefi; i++) {
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (record->uefi[i].type != UEFI_CONVENTIONAL &&
		    uefi_descriptor_range(&record->uefi[i], &start_paddr, &end_paddr, &wraps))
			e820_add(&around->vacant, start_paddr, end_paddr, E820_RESERVED);
	}
	for (size_t i = 0; i < extensions->n_entries; i++)
		e820_add(&around->vacant, extensions->entries[i].start_paddr,
		         extensions->entries[i].end_paddr, E820_RESERVED);
	map_sanitize(&around->vacant, NULL);
}

static void look_around(struct view *view, struct surroundings *around)
{
	paddr_t limit_paddr = view_ram_limit(view->record, view->options.mem_limit_paddr);

	memset(around, 0, sizeof *around);
	around->e820 = map_copy(&view->e820, 0);
	view->cut_bytes = e820_limit_ram(&around->e820, limit_paddr);
	/* What the loader hands over ends there, too. Linux prints its map before it does mem=. */
	if (view->is_e820_computed && view->options.rules == RULES_BOOTMEM)
		e820_limit_ram(&view->e820, limit_paddr);
	find_kernel(view, around);
	collect_extensions(view, around);
	find_vacant(view, around);
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

/* Of EBDA and MP tables nothing is recorded. */
static const void *read_nothing(void *context, paddr_t start_paddr, uint64_t bytes)
{
	(void)context;
	(void)start_paddr;
	(void)bytes;
	return NULL;
}

static struct boot_inputs make_inputs(const struct view *view, const struct surroundings *around,
                                      struct bitmap *bitmap)
{
	static const struct phys_mem phys = { read_nothing, NULL };
	uint64_t firmware_bits = 64;

	record_fact_number(view->record, FACT_FIRMWARE_BITS, &firmware_bits);
	return (struct boot_inputs){
		.policy = view->options.policy,
		.e820 = &around->e820,
		.vacant = &around->vacant,
		.kernel = around->kernel,
		.initrd = around->initrd,
		.home_limit_paddr = firmware_bits == 32 ? UINT64_C(1) << 32 : PGTABLE_MAX_PADDR,
		.phys = &phys,
		.pieces = &around->kernel_piece,
		.n_pieces = view->options.policy == POLICY_SAFE, /* the other has it anyway */
		.extensions = around->extensions.entries,
		.n_extensions = around->extensions.n_entries,
		.bootmap_storage = bitmap_storage,
		.context = bitmap,
	};
}

/* What the loader refuses before it comes to bitmaps. */
static char *refuse(const struct view *view, const struct surroundings *around,
                    const struct boot_target *target)
{
	struct span kernel = around->kernel;

	if (is_empty(kernel))
		return memory_copy("there is no RAM for a kernel at or above 1 MiB");
	if (kernel.end_paddr > target->limit_paddr)
		return memory_printf("the kernel, at 0x%llx, is not in memory that it can map",
		                     (unsigned long long)kernel.start_paddr);
	if (around->initrd.end_paddr > target->limit_paddr)
		return memory_copy(setup_err_text(SETUP_INITRD_TOO_HIGH));
	if (!e820_all_mapped(&around->e820, kernel.start_paddr, kernel.end_paddr, E820_RAM) &&
	    !view->is_kernel_assumed)
		return memory_printf("the kernel, at 0x%" PRIx64 "-0x%" PRIx64 ", is not in RAM",
		                     kernel.start_paddr, kernel.end_paddr);
	return NULL;
}

static char *failure_text(enum setup_err err, const struct bitmap *bitmap)
{
	if (err == SETUP_OK)
		return NULL;
	if (err == SETUP_NO_STORAGE && bitmap->n_pages > MOST_BITMAP_PAGES)
		return memory_printf("the bitmap would take %" PRIu64
		                     " MiB; this program makes them up "
		                     "to %" PRIu64 " MiB",
		                     (bitmap->n_pages >> 8), (MOST_BITMAP_PAGES >> 8));
	return memory_copy(setup_err_text(err));
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

static void compute_target(const struct view *view, const struct surroundings *around,
                           struct view_target *target)
{
	struct bitmap bitmap = { NULL, 0 };
	struct boot_inputs inputs = make_inputs(view, around, &bitmap);
	struct boot_setup setup;
	enum setup_err err;

	inputs.target = target->target;
	target->failure = refuse(view, around, target->target);
	if (target->failure != NULL)
		return;
	setup.reservations.capacity =
		inputs.n_pieces + inputs.n_extensions + SETUP_OWN_RESERVATIONS;
	target->reservations =
		memory_alloc(setup.reservations.capacity, sizeof *target->reservations);
	setup.reservations.entries = target->reservations;
	err = boot_setup_run(&setup, &inputs);
	target->max_pfn = setup.max_pfn;
	target->max_low_pfn = setup.max_low_pfn;
	target->min_low_pfn = setup.min_low_pfn;
	target->n_reservations = setup.reservations.n_entries;
	target->failure = failure_text(err, &bitmap);
	if (err == SETUP_OK)
		list_free_runs(target, &setup.bdata);
	free(bitmap.memory);
}

/* The lists stay the record's. */
static void take_recorded(const struct record_target *recorded, struct view_target *target)
{
	target->is_recorded = true;
	target->max_pfn = recorded->max_pfn;
	target->max_low_pfn = recorded->max_low_pfn;
	target->free = recorded->free;
	target->n_free = recorded->n_free;
	target->reservations = recorded->reservations;
	target->n_reservations = recorded->n_reservations;
	target->failure = recorded->failure;
	for (size_t i = 0; i < target->n_reservations; i++)
		if (target->reservations[i].kind == RESERVATION_BOOTMAP)
			target->min_low_pfn = pfn_down(target->reservations[i].start_paddr);
}

static void count_free(struct view_target *target)
{
	for (size_t i = 0; i < target->n_free; i++)
		if (target->free[i].start_pfn < target->free[i].end_pfn)
			target->free_pages += target->free[i].end_pfn - target->free[i].start_pfn;
}

static void make_target(const struct view *view, const struct surroundings *around, size_t i,
                        struct view_target *target)
{
	const struct record_target *recorded = &view->record->targets[i];

	target->target = boot_targets[i];
	target->is_shown = view->options.has_target[i];
	if (!target->is_shown)
		return;
	if (recorded->is_known && !view->options.is_translated)
		take_recorded(recorded, target);
	else
		compute_target(view, around, target);
	if (target->failure != NULL)
		return;
	view_make_runs(target, &around->e820);
	count_free(target);
}

const char *view_policy(const struct view *view)
{
	const char *recorded = record_fact(view->record, FACT_POLICY);
	bool is_linux = view->options.policy == POLICY_LINUX;

	/* A capture has both targets, or none. */
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown && view->targets[i].is_recorded) {
			if (recorded == NULL)
				return NULL;
			is_linux = strcmp(recorded, "linux-2.6.24") == 0;
		}
	return is_linux ? "linux-2.6.24" : "safe";
}

/* --- all of it --- */

bool view_make(const struct record *record, const struct view_options *options,
               struct view *ret_view, char **ret_error)
{
	struct surroundings around;

	memset(ret_view, 0, sizeof *ret_view);
	ret_view->record = record;
	ret_view->options = *options;
	if (!find_e820(ret_view)) {
		*ret_error = memory_copy("there is no memory map in it, neither of UEFI nor e820");
		return false;
	}
	find_differences(ret_view);
	look_around(ret_view, &around);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		make_target(ret_view, &around, i, &ret_view->targets[i]);
	view_make_ledgers(ret_view);
	ret_view->e820_crc32 = e820_hibernate_crc32(&ret_view->e820);
	ret_view->e820_ram_crc32 = e820_ram_crc32(&ret_view->e820);
	return true;
}
