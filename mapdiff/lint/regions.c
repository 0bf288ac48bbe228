/* regions.c - a record -> its regions, and a range -> those that have to do with it. */
#include "mapdiff/lint/regions.h"

#include <string.h>

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"
#include "mapdiff/record/start.h"

/* The last region that starts at or below @paddr, or the first one: overlapping maps have a
 * finding of their own. */
static const struct region *region_at(const struct lint *lint, paddr_t paddr)
{
	size_t n = sorted_n_up_to(
		SORTED(struct region, start_paddr, lint->regions, lint->n_regions), paddr);

	return &lint->regions[n - (n > 0)];
}

const struct region *regions_find_ram(const struct lint *lint, paddr_t start_paddr,
                                      paddr_t end_paddr)
{
	const struct region *region = region_at(lint, start_paddr);

	if (region->end_paddr <= start_paddr && region < &lint->regions[lint->n_regions])
		region++;
	return region->next_ram->start_paddr < end_paddr ? region->next_ram : NULL;
}

/* --- all of it --- */

static enum region_kind kind_of_e820(uint32_t type)
{
	if (type == E820_RAM)
		return REGION_RAM;
	return type == E820_ACPI || type == E820_NVS ? REGION_ACPI : REGION_OTHER;
}

/* By type alone: of RAM, that is as write-back memory. */
enum region_kind regions_kind(uint32_t uefi_type)
{
	if (uefi_type >= UEFI_TYPE_COUNT)
		return uefi_type < UEFI_TYPE_OEM_FIRST ? REGION_UNKNOWN : REGION_OEM;
	if (uefi_type == UEFI_RUNTIME_SERVICES_CODE || uefi_type == UEFI_RUNTIME_SERVICES_DATA)
		return REGION_RUNTIME;
	return kind_of_e820(uefi_e820_type(uefi_type, UEFI_MEMORY_WB));
}

static const char *uefi_name(uint32_t type)
{
	return type < UEFI_TYPE_COUNT
	               ? uefi_type_name(type)
	               : memory_printf("%s (0x%" PRIx32 ")", uefi_type_name(type), type);
}

static void add_region(struct lint *lint, struct span span, uint32_t type, uint64_t attribute)
{
	if (span.start_paddr < span.end_paddr)
		lint->regions[lint->n_regions++] = (struct region){
			.start_paddr = span.start_paddr,
			.end_paddr = span.end_paddr,
			.type = type,
			.attribute = attribute,
			.kind = lint->is_uefi ? regions_kind(type) : kind_of_e820(type),
			.name = lint->is_uefi ? uefi_name(type) : text_type(type),
		};
}

/* A crash kernel, and dom0, have only what was set aside for them. */
static bool is_judged_by_e820(const struct record *record)
{
	enum start start = start_of(record);

	return start == START_FIRMWARE || start == START_KEXEC;
}

static void add_regions(struct lint *lint)
{
	for (size_t i = 0; lint->is_uefi && i < lint->record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &lint->record->uefi[i];

		add_region(lint, map_descriptor_span(descriptor), descriptor->type,
		           descriptor->attribute);
	}
	if (lint->is_uefi || !is_judged_by_e820(lint->record))
		return;
	MEMORY_EACH(range, lint->record, e820_printed)
		add_region(lint, (struct span){ range->start_paddr, range->end_paddr }, range->type,
		           0);
}

static void link_regions(struct lint *lint)
{
	struct region *end = &lint->regions[lint->n_regions];

	*end = (struct region){ UINT64_MAX, UINT64_MAX, .next_ram = end,
		                .acpi_end_paddr = UINT64_MAX };
	for (struct region *next = end; next > lint->regions; next--) {
		struct region *region = next - 1;
		bool is_acpi = region->kind == REGION_ACPI;

		region->next_ram = region->kind == REGION_RAM ? region : next->next_ram;
		region->acpi_end_paddr = is_acpi ? region->end_paddr : region->start_paddr;
		if (is_acpi && next->start_paddr == region->end_paddr)
			region->acpi_end_paddr = next->acpi_end_paddr;
	}
}

static void add_place(struct lint *lint, enum landmark_kind kind, const char *name,
                      paddr_t start_paddr, paddr_t end_paddr)
{
	const struct region *region = region_at(lint, start_paddr);
	bool starts_there = lint->n_regions > 0 && region->start_paddr <= start_paddr;

	*MEMORY_ADD(lint, places) = (struct place){
		.start_paddr = start_paddr,
		.end_paddr = end_paddr,
		.kind = kind,
		.name = name,
		.region = starts_there && end_paddr <= region->end_paddr ? region : NULL,
		.ram = regions_find_ram(lint, start_paddr, end_paddr),
		.is_in_acpi = starts_there && end_paddr <= region->acpi_end_paddr,
	};
}

/* At 0 there is none: logs have that of a header which the kernel has copied. */
static void add_table(struct lint *lint, const char *name, paddr_t start_paddr, uint64_t bytes)
{
	if (start_paddr > 0 && start_paddr < MAP_END_PADDR)
		add_place(lint, LANDMARK_ACPI, name, start_paddr, start_paddr + max_u64(bytes, 1));
}

/* Where no table is listed, as in most logs, the address of the RSDP may be: the kernel prints that
 * of the configuration table. */
static void add_places(struct lint *lint)
{
	bool has_rsdp = false;

	MEMORY_EACH(table, lint->record, acpi) {
		add_table(lint, table->signature, table->paddr, table->length_bytes);
		has_rsdp |= strcmp(table->signature, "RSDP") == 0;
	}
	MEMORY_EACH(landmark, lint->record, landmarks) {
		enum landmark_kind kind =
			landmark->table == TABLE_SMBIOS ? LANDMARK_SMBIOS : landmark->kind;

		if (landmark->table == TABLE_RSDP && !has_rsdp)
			add_table(lint, "RSDP", landmark->start_paddr, 1);
		has_rsdp |= landmark->table == TABLE_RSDP;
		if (kind != LANDMARK_SMBIOS && kind != LANDMARK_FRAMEBUFFER &&
		    kind != LANDMARK_BRIDGE && kind != LANDMARK_IN_USE && kind != LANDMARK_DEVICE)
			continue;
		add_place(lint, kind, landmark->name, landmark->start_paddr, landmark->end_paddr);
		lint->places[lint->n_places - 1].table = landmark->table;
	}
}

void lint_found(struct lint *lint, paddr_t start_paddr, paddr_t end_paddr, const char *text)
{
	struct findings *all = lint->findings;

	if (all->n_entries == 0 || all->entries[all->n_entries - 1].rule != lint->rule)
		*MEMORY_ADD(all, entries) = (struct finding){ .rule = lint->rule };
	*MEMORY_ADD(&all->entries[all->n_entries - 1], places) =
		(struct finding_place){ start_paddr, end_paddr, text };
}

void regions_make(struct lint *lint)
{
	size_t most = lint->record->n_uefi + lint->record->n_e820_printed + 1;

	lint->is_uefi = lint->record->n_uefi > 0 && start_uefi_gap(lint->record) == NULL;
	lint->regions = memory_alloc(most, sizeof *lint->regions);
	add_regions(lint);
	MEMORY_SORT(lint, regions, compare_spans);
	link_regions(lint);
	add_places(lint);
}
