/*
 * lint_map.c - a map -> findings about its descriptors: their numbers, their attributes, and what
 * they leave free.
 */
#include "mapdiff/lint/lint_rules.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/report/output.h"

/* How much Linux's realmode trampoline takes in one piece, by its releases so far. */
#define TRAMPOLINE_BYTES KIB(32)

/* Entries that struct boot_params of Linux has: E820_MAX_ENTRIES_ZEROPAGE. */
#define BOOT_PARAMS_ENTRIES 128

/* Fixed tables of loaders and memory testers have 64, 128 or 256 entries. */
#define MANY_DESCRIPTORS 256

static void found_count(struct lint *lint, size_t n, const char *what)
{
	if (n > 0)
		found(lint, 0, 0, "%zu %s%s", n, what, text_plural(n));
}

/* --- descriptors --- */

void check_wrap(struct lint *lint)
{
	for (size_t i = 0; i < lint->record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &lint->record->uefi[i];
		paddr_t start_paddr, end_paddr;
		bool wraps;

		uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps);
		if (wraps)
			found(lint, start_paddr, UINT64_MAX, "%s, 0x%" PRIx64 " pages",
			      uefi_type_name(descriptor->type), descriptor->n_pages);
	}
}

void check_zero_pages(struct lint *lint)
{
	size_t n = 0;

	for (size_t i = 0; i < lint->record->n_uefi; i++)
		n += lint->record->uefi[i].n_pages == 0;
	found_count(lint, n, "descriptor");
}

void check_out_of_order(struct lint *lint)
{
	paddr_t last_paddr = 0;
	size_t n = 0;

	for (size_t i = 0; i < lint->record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &lint->record->uefi[i];

		if (descriptor->n_pages == 0)
			continue;
		n += descriptor->start_paddr < last_paddr;
		last_paddr = descriptor->start_paddr;
	}
	if (n > 0)
		found(lint, 0, 0, "the address goes down %zu time%s", n, text_plural(n));
}

void check_unaligned(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];

		if ((region->start_paddr & (PAGE_BYTES - 1)) != 0)
			found(lint, region->start_paddr, region->end_paddr, "%s",
			      region_name(lint, region));
	}
}

void check_overlap(struct lint *lint)
{
	const struct region *widest = lint->regions; /* of those so far, that which ends last */

	for (size_t i = 1; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];

		if (region->start_paddr < widest->end_paddr)
			found(lint, region->start_paddr,
			      min_u64(region->end_paddr, widest->end_paddr), "%s, and %s of %s",
			      region_name(lint, region), region_name(lint, widest),
			      text_range(widest->start_paddr, widest->end_paddr));
		if (region->end_paddr > widest->end_paddr)
			widest = region;
	}
}

/* The first number of OEMs, UEFI 2.10 §7.2; from there on, they mean something to somebody. */
#define OEM_TYPE_FIRST UINT32_C(0x70000000)

static void check_types(struct lint *lint, uint32_t first, uint32_t last)
{
	for (size_t i = 0; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];

		if (region->type >= first && region->type <= last)
			found(lint, region->start_paddr, region->end_paddr, "type 0x%x",
			      (unsigned)region->type);
	}
}

void check_unknown_type(struct lint *lint)
{
	check_types(lint, UEFI_TYPE_COUNT, OEM_TYPE_FIRST - 1);
}

void check_oem_type(struct lint *lint)
{
	check_types(lint, OEM_TYPE_FIRST, UINT32_MAX);
}

void check_many_descriptors(struct lint *lint)
{
	if (lint->record->n_uefi > MANY_DESCRIPTORS)
		found_count(lint, lint->record->n_uefi, "descriptor");
}

void check_many_entries(struct lint *lint)
{
	if (lint->e820.n_ranges > BOOT_PARAMS_ENTRIES)
		found(lint, 0, 0, "%zu entries", lint->e820.n_ranges);
}

/* --- attributes --- */

/* Regions of a type in @types (bit N: type N) that have all of @set and nothing of @clear. */
static void check_attribute(struct lint *lint, uint32_t types, uint64_t set, uint64_t clear)
{
	for (size_t i = 0; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];

		if (region->type >= UEFI_TYPE_COUNT || (types >> region->type & 1) == 0 ||
		    (region->attribute & set) != set || (region->attribute & clear) != 0)
			continue;
		found(lint, region->start_paddr, region->end_paddr, "%s, attributes 0x%" PRIx64,
		      region_name(lint, region), region->attribute);
	}
}

#define TYPE(type) (UINT32_C(1) << (type))
#define RAM_TYPES                                                                          \
	(TYPE(UEFI_LOADER_CODE) | TYPE(UEFI_LOADER_DATA) | TYPE(UEFI_BOOT_SERVICES_CODE) | \
	 TYPE(UEFI_BOOT_SERVICES_DATA) | TYPE(UEFI_CONVENTIONAL))
#define RUNTIME_TYPES (TYPE(UEFI_RUNTIME_SERVICES_CODE) | TYPE(UEFI_RUNTIME_SERVICES_DATA))
#define ACPI_TYPES    (TYPE(UEFI_ACPI_RECLAIM) | TYPE(UEFI_ACPI_NVS))

void check_runtime_without_attribute(struct lint *lint)
{
	check_attribute(lint, RUNTIME_TYPES, 0, UEFI_MEMORY_RUNTIME);
}

void check_runtime_on_ram(struct lint *lint)
{
	check_attribute(lint, RAM_TYPES, UEFI_MEMORY_RUNTIME, 0);
}

void check_runtime_on_acpi(struct lint *lint)
{
	check_attribute(lint, ACPI_TYPES, UEFI_MEMORY_RUNTIME, 0);
}

void check_ram_not_wb(struct lint *lint)
{
	check_attribute(lint, RAM_TYPES, 0, UEFI_MEMORY_WB);
}

/* Logs name the tables that there are; whether the table is there, only they can say. */
void check_no_memory_attributes(struct lint *lint)
{
	const char *revision = record_fact(lint->record, FACT_UEFI_REVISION);
	bool has_tables = false;

	for (size_t i = 0; i < lint->record->n_landmarks; i++) {
		const struct landmark *landmark = &lint->record->landmarks[i];

		if (landmark->kind != LANDMARK_CONFIG_TABLE)
			continue;
		if (strcmp(landmark->name, "MEMATTR") == 0)
			return;
		has_tables = true;
	}
	if (has_tables && revision != NULL && strtod(revision, NULL) >= 2.6)
		found(lint, 0, 0, "UEFI %s", revision);
}

void check_mmio_in_ram(struct lint *lint)
{
	for (size_t i = 1; i + 1 < lint->n_regions; i++) {
		const struct region *before = &lint->regions[i - 1], *region = before + 1;
		const struct region *after = region + 1;

		if ((region->type == UEFI_MMIO || region->type == UEFI_MMIO_PORT_SPACE) &&
		    is_ram(lint, before) && is_ram(lint, after) &&
		    before->end_paddr == region->start_paddr &&
		    region->end_paddr == after->start_paddr)
			found(lint, region->start_paddr, region->end_paddr, "%s",
			      uefi_type_name(region->type));
	}
}

void check_beyond_address_width(struct lint *lint)
{
	uint64_t bits;

	if (!record_fact_number(lint->record, FACT_CPU_ADDRESS_BITS, &bits) || bits < 32 || bits > 52)
		return;
	for (size_t i = 0; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];

		if (is_ram(lint, region) && region->end_paddr > UINT64_C(1) << bits)
			found(lint, region->start_paddr, region->end_paddr,
			      "%s; the CPU has %u address bits", region_name(lint, region),
			      (unsigned)bits);
	}
}

/* --- room and holes --- */

/* The longest run of RAM below 640 KiB that a kernel can have: without page 0. */
static struct span longest_low_run(const struct lint *lint)
{
	struct span longest = { 0, 0 };

	for (size_t i = 0; i < lint->e820.n_ranges; i++) {
		const struct e820_range *range = &lint->e820.ranges[i];
		struct span run = {
			pfn_paddr(pfn_up(max_u64(range->start_paddr, PAGE_BYTES))),
			pfn_paddr(pfn_down(min_u64(range->end_paddr, LOW_RAM_END_PADDR))),
		};

		if (range->type == E820_RAM && run.end_paddr > run.start_paddr &&
		    run.end_paddr - run.start_paddr > longest.end_paddr - longest.start_paddr)
			longest = run;
	}
	return longest;
}

static bool has_ram(const struct lint *lint)
{
	return e820_end_of_ram_pfn(&lint->e820) > 0;
}

void check_no_low_memory(struct lint *lint)
{
	struct span run = longest_low_run(lint);

	if (has_ram(lint) && run.start_paddr == run.end_paddr)
		found(lint, 0, LOW_RAM_END_PADDR, "no page of it is RAM, but perhaps page 0");
}

void check_little_low_memory(struct lint *lint)
{
	struct span run = longest_low_run(lint);
	uint64_t bytes = run.end_paddr - run.start_paddr;

	if (bytes > 0 && bytes < TRAMPOLINE_BYTES)
		found(lint, run.start_paddr, run.end_paddr, "%s in one piece is the most",
		      text_size(bytes));
}

/* A hole has RAM below it and above it in the same zone: what lies between zones is the BIOS's, or
 * for PCI. */
static bool is_hole(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr)
{
	static const struct span zones[] = {
		{ 0, LOW_RAM_END_PADDR },
		{ BIOS_END_PADDR, GIB(4) },
		{ GIB(4), END_OF_MEMORY_PADDR },
	};

	for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
		if (start_paddr >= zones[i].start_paddr && end_paddr <= zones[i].end_paddr)
			return ram_in(lint, zones[i].start_paddr, start_paddr) != NULL &&
			       ram_in(lint, end_paddr, zones[i].end_paddr) != NULL;
	}
	return false;
}

void check_hole(struct lint *lint)
{
	paddr_t end_paddr = 0; /* of what is described so far */

	for (size_t i = 0; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];

		if (region->start_paddr > end_paddr &&
		    is_hole(lint, end_paddr, region->start_paddr))
			found(lint, end_paddr, region->start_paddr, "%s",
			      text_size(region->start_paddr - end_paddr));
		end_paddr = max_u64(end_paddr, region->end_paddr);
	}
}

/* --- bins --- */

/* How many pages the map has of a type, and how many of them in the longest run. */
struct pages {
	uint64_t all, longest;
};

static struct pages count_pages(const struct lint *lint, uint32_t type)
{
	struct pages pages = { 0, 0 };
	paddr_t run_end_paddr = 0;
	uint64_t run_pages = 0;

	for (size_t i = 0; i < lint->n_regions; i++) {
		const struct region *region = &lint->regions[i];
		uint64_t n_pages = pages_of(region->end_paddr - region->start_paddr);

		if (region->type != type)
			continue;
		run_pages = region->start_paddr == run_end_paddr ? run_pages + n_pages : n_pages;
		run_end_paddr = region->end_paddr;
		pages.all += n_pages;
		pages.longest = max_u64(pages.longest, run_pages);
	}
	return pages;
}

/* Types that a kernel must leave alone, and that have bins for it. What is Reserved is mostly not
 * of the bin. */
static bool has_bin_that_matters(uint32_t type)
{
	return type < UEFI_TYPE_COUNT && (TYPE(type) & (RUNTIME_TYPES | ACPI_TYPES)) != 0;
}

/* Are @pages odd, for a bin of @bin_pages? */
typedef bool is_odd_fn(const struct pages *pages, uint64_t bin_pages);

static void check_bins(struct lint *lint, is_odd_fn *is_odd)
{
	for (size_t i = 0; i < lint->record->n_bins; i++) {
		const struct record_bin *bin = &lint->record->bins[i];
		struct pages pages;

		if (!has_bin_that_matters(bin->type) || bin->n_pages == 0)
			continue;
		pages = count_pages(lint, bin->type);
		if (is_odd(&pages, bin->n_pages))
			found(lint, 0, 0,
			      "%s: %" PRIu64 " pages by the variable; the map has %" PRIu64
			      ", %" PRIu64 " of them in one "
			      "piece",
			      uefi_type_name(bin->type), bin->n_pages, pages.all, pages.longest);
	}
}

/*
 * edk2 reports all of a bin as of its type, used or not, and raises the variable when a boot has
 * used more. So a bin that is in no piece of the map is one that the next boot will have; this
 * one's was too small.
 */
static bool is_raised(const struct pages *pages, uint64_t bin_pages)
{
	return pages->all >= bin_pages && pages->longest < bin_pages;
}

static bool has_more(const struct pages *pages, uint64_t bin_pages)
{
	return pages->all > bin_pages && pages->longest >= bin_pages;
}

static bool has_less(const struct pages *pages, uint64_t bin_pages)
{
	return pages->all < bin_pages;
}

void check_bin_overflow(struct lint *lint)
{
	check_bins(lint, is_raised);
}

void check_bin_outside(struct lint *lint)
{
	check_bins(lint, has_more);
}

void check_bin_unused(struct lint *lint)
{
	check_bins(lint, has_less);
}
