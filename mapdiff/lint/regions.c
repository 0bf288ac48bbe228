/* regions.c - a record -> its regions, and a range -> those that have to do with it. */
#include "mapdiff/lint/regions.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"

/* The last region that starts at or below @paddr, or the first one: overlapping maps have a
 * finding of their own. */
static const struct region *region_at(const struct regions *regions, paddr_t paddr)
{
	size_t n_regions = (size_t)(regions->end - regions->first);
	size_t n = sorted_n_up_to(SORTED(struct region, start_paddr, regions->first, n_regions),
	                          paddr);

	return &regions->first[n - (n > 0)];
}

const struct region *regions_find_ram(const struct regions *regions, paddr_t start_paddr,
                                      paddr_t end_paddr)
{
	const struct region *region = region_at(regions, start_paddr);
	const struct region *ram;

	if (region < regions->end && region->end_paddr <= start_paddr)
		region++;
	ram = region->next_ram;
	return ram != NULL && ram->start_paddr < end_paddr ? ram : NULL;
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

static const char *uefi_name(uint32_t type)
{
	return type < UEFI_TYPE_COUNT
	               ? uefi_type_name(type)
	               : memory_printf("%s (0x%" PRIx32 ")", uefi_type_name(type), type);
}

static void add_region(struct regions *regions, struct span span, uint32_t type, uint64_t attribute)
{
	if (span.start_paddr < span.end_paddr)
		*regions->end++ = (struct region){
			.start_paddr = span.start_paddr,
			.end_paddr = span.end_paddr,
			.type = type,
			.attribute = attribute,
			.kind = regions->are_uefi ? regions_kind(type) : kind_of_e820(type),
			.name = regions->are_uefi ? uefi_name(type) : text_type(type),
		};
}

static void add_regions(struct regions *regions, const struct record *record)
{
	MEMORY_EACH(descriptor, record, uefi)
		add_region(regions, map_descriptor_span(descriptor), descriptor->type,
		           descriptor->attribute);
	if (regions->are_uefi)
		return;
	MEMORY_EACH(range, record, e820_printed)
		add_region(regions, (struct span){ range->start_paddr, range->end_paddr },
		           range->type, 0);
}

static void link_regions(struct regions *regions)
{
	*regions->end = (struct region){ UINT64_MAX, UINT64_MAX, .acpi_end_paddr = UINT64_MAX };
	for (struct region *next = regions->end; next > regions->first; next--) {
		struct region *region = next - 1;
		bool is_acpi = region->kind == REGION_ACPI;

		region->next_ram = region->kind == REGION_RAM ? region : next->next_ram;
		region->acpi_end_paddr = is_acpi ? region->end_paddr : region->start_paddr;
		if (is_acpi && next->start_paddr == region->end_paddr)
			region->acpi_end_paddr = next->acpi_end_paddr;
	}
}

static void add_place(struct regions *regions, enum landmark_kind kind, const char *name,
                      paddr_t start_paddr, paddr_t end_paddr)
{
	const struct region *region = region_at(regions, start_paddr);
	bool starts_there = region < regions->end && region->start_paddr <= start_paddr;

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

	MEMORY_EACH(table, record, acpi) {
		add_table(regions, table->signature, table->paddr, table->length_bytes);
		has_rsdp |= strcmp(table->signature, "RSDP") == 0;
	}
	MEMORY_EACH(landmark, record, landmarks) {
		if (landmark->table == TABLE_RSDP && !has_rsdp)
			add_table(regions, "RSDP", landmark->start_paddr, 1);
		has_rsdp |= landmark->table == TABLE_RSDP;
	}
}

static void add_landmarks(struct regions *regions, const struct record *record)
{
	MEMORY_EACH(landmark, record, landmarks) {
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
		memory_alloc(record->n_uefi + record->n_e820_printed + 1, sizeof *regions.first);
	regions.end = regions.first;
	regions.places = memory_alloc(n_places, sizeof *regions.places);
	regions.places_end = regions.places;
	add_regions(&regions, record);
	qsort(regions.first, (size_t)(regions.end - regions.first), sizeof *regions.first,
	      compare_spans);
	link_regions(&regions);
	add_tables(&regions, record);
	add_landmarks(&regions, record);
	return regions;
}
