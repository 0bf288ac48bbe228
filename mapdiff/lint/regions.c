/* regions.c - a record -> its regions, and a range -> those that have to do with it. */
#include "mapdiff/lint/regions.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/map.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"

/* The last region that starts at or below @paddr, or the first one: overlapping maps have a
 * finding of their own. NULL if there are none. */
static const struct region *region_at(const struct regions *regions, paddr_t paddr)
{
	size_t n_regions = (size_t)(regions->end - regions->first);
	size_t n = sorted_n_up_to(SORTED(struct region, start_paddr, regions->first, n_regions),
	                          paddr);

	return n_regions > 0 ? &regions->first[n - (n > 0)] : NULL;
}

const struct region *regions_find_ram(const struct regions *regions, paddr_t start_paddr,
                                      paddr_t end_paddr)
{
	const struct region *region = region_at(regions, start_paddr);

	if (region != NULL && region->end_paddr <= start_paddr)
		region++;
	if (region == NULL || region == regions->end || region->next_ram == NULL)
		return NULL;
	return region->next_ram->start_paddr < end_paddr ? region->next_ram : NULL;
}

/* --- all of it --- */

enum region_kind regions_kind(uint32_t uefi_type)
{
	if (uefi_type >= UEFI_TYPE_COUNT)
		return uefi_type < UEFI_TYPE_OEM_FIRST ? REGION_UNKNOWN : REGION_OEM;
	if (uefi_is_ram(uefi_type))
		return REGION_RAM;
	if (uefi_type == UEFI_ACPI_RECLAIM || uefi_type == UEFI_ACPI_NVS)
		return REGION_ACPI;
	return uefi_type == UEFI_RUNTIME_SERVICES_CODE || uefi_type == UEFI_RUNTIME_SERVICES_DATA
	               ? REGION_RUNTIME
	               : REGION_OTHER;
}

static enum region_kind kind_of_e820(uint32_t type)
{
	if (type == E820_RAM)
		return REGION_RAM;
	return type == E820_ACPI || type == E820_NVS ? REGION_ACPI : REGION_OTHER;
}

static void add_region(struct regions *regions, const struct region *region)
{
	if (region->start_paddr < region->end_paddr)
		*regions->end++ = *region;
}

static void add_uefi_regions(struct regions *regions, const struct record *record)
{
	for (size_t i = 0; i < record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &record->uefi[i];
		struct span span = map_descriptor_span(descriptor);
		struct region region = {
			.start_paddr = span.start_paddr,
			.end_paddr = span.end_paddr,
			.type = descriptor->type,
			.attribute = descriptor->attribute,
			.kind = regions_kind(descriptor->type),
			.name = uefi_type_name(descriptor->type),
		};

		if (region.type >= UEFI_TYPE_COUNT)
			region.name =
				memory_printf("%s (0x%x)", region.name, (unsigned)region.type);
		add_region(regions, &region);
	}
}

static void add_e820_regions(struct regions *regions, const struct record *record)
{
	for (size_t i = 0; i < record->n_e820_printed; i++) {
		const struct e820_range *range = &record->e820_printed[i];
		const struct region region = {
			.start_paddr = range->start_paddr,
			.end_paddr = range->end_paddr,
			.type = range->type,
			.kind = kind_of_e820(range->type),
			.name = text_type(range->type),
		};

		add_region(regions, &region);
	}
}

static int compare_regions(const void *a, const void *b)
{
	const struct region *left = a, *right = b;
	int order = compare_u64(left->start_paddr, right->start_paddr);

	return order != 0 ? order : compare_u64(left->end_paddr, right->end_paddr);
}

static void link_regions(struct regions *regions)
{
	const struct region *widest = NULL, *next_ram = NULL;

	for (struct region *region = regions->first; region < regions->end; region++) {
		region->widest_before = widest;
		if (widest == NULL || region->end_paddr > widest->end_paddr)
			widest = region;
	}
	for (struct region *region = regions->end; region > regions->first;) {
		const struct region *next = region--;

		if (region->kind == REGION_RAM)
			next_ram = region;
		region->next_ram = next_ram;
		region->acpi_end_paddr =
			region->kind == REGION_ACPI ? region->end_paddr : region->start_paddr;
		if (region->kind == REGION_ACPI && next < regions->end &&
		    next->start_paddr == region->end_paddr)
			region->acpi_end_paddr = next->acpi_end_paddr;
	}
}

static void add_place(struct regions *regions, enum landmark_kind kind, const char *name,
                      paddr_t start_paddr, paddr_t end_paddr)
{
	const struct region *region = region_at(regions, start_paddr);
	bool starts_there = region != NULL && region->start_paddr <= start_paddr;

	*regions->places_end++ = (struct place){
		.start_paddr = start_paddr,
		.end_paddr = end_paddr,
		.kind = kind,
		.name = name,
		.region = starts_there && end_paddr <= region->end_paddr ? region : NULL,
		.ram = regions_find_ram(regions, start_paddr, end_paddr),
		.is_in_acpi = starts_there && end_paddr <= region->acpi_end_paddr,
	};
}

/* At 0 there is none: logs have that of a header which the kernel has copied. */
static void add_table(struct regions *regions, const char *name, paddr_t start_paddr,
                      uint64_t bytes)
{
	if (start_paddr > 0 && start_paddr < END_OF_MEMORY_PADDR)
		add_place(regions, LANDMARK_ACPI, name, start_paddr,
		          start_paddr + max_u64(bytes, 1));
}

/* Where no table is listed, as in most logs, the address of the RSDP may be: the kernel prints that
 * of the configuration table. */
static void add_tables(struct regions *regions, const struct record *record)
{
	bool has_rsdp = false;

	for (size_t i = 0; i < record->n_acpi; i++) {
		const struct record_acpi *table = &record->acpi[i];

		add_table(regions, table->signature, table->paddr, table->length_bytes);
		has_rsdp |= strcmp(table->signature, "RSDP") == 0;
	}
	for (size_t i = 0; i < record->n_landmarks && !has_rsdp; i++) {
		has_rsdp = record->landmarks[i].table == TABLE_RSDP;
		if (has_rsdp)
			add_table(regions, "RSDP", record->landmarks[i].start_paddr, 1);
	}
}

static void add_landmarks(struct regions *regions, const struct record *record)
{
	for (size_t i = 0; i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];
		enum landmark_kind kind =
			landmark->table == TABLE_SMBIOS ? LANDMARK_SMBIOS : landmark->kind;

		if (kind == LANDMARK_SMBIOS || kind == LANDMARK_FRAMEBUFFER)
			add_place(regions, kind, landmark->name, landmark->start_paddr,
			          landmark->end_paddr);
	}
}

struct regions regions_make(const struct record *record)
{
	struct regions regions = { .are_uefi = record->n_uefi > 0 };
	size_t n_places = record->n_acpi + record->n_landmarks + 1;

	regions.first =
		memory_alloc(record->n_uefi + record->n_e820_printed, sizeof *regions.first);
	regions.end = regions.first;
	regions.places = memory_alloc(n_places, sizeof *regions.places);
	regions.places_end = regions.places;
	if (regions.are_uefi)
		add_uefi_regions(&regions, record);
	else
		add_e820_regions(&regions, record);
	qsort(regions.first, (size_t)(regions.end - regions.first), sizeof *regions.first,
	      compare_regions);
	link_regions(&regions);
	add_tables(&regions, record);
	add_landmarks(&regions, record);
	return regions;
}
