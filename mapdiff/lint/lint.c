/*
 * lint.c - a record -> findings: what the rules look at is made here, once, and they are asked one
 * after the other.
 */
#include "mapdiff/lint/lint_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/report/output.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/map/rules.h"

void found(struct lint *lint, paddr_t start_paddr, paddr_t end_paddr, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	*MEMORY_ADD(lint->findings, entries) = (struct finding){
		.rule = lint->rule,
		.start_paddr = start_paddr,
		.end_paddr = end_paddr,
		.text = text,
	};
}

static bool is_ram_type(uint32_t type)
{
	return uefi_e820_type(type, UEFI_MEMORY_WB) == E820_RAM;
}

bool is_ram(const struct lint *lint, const struct region *region)
{
	return lint->has_uefi ? is_ram_type(region->type) : region->type == E820_RAM;
}

const char *region_name(const struct lint *lint, const struct region *region)
{
	if (!lint->has_uefi)
		return text_type(region->type);
	return region->type < UEFI_TYPE_COUNT
	               ? uefi_type_name(region->type)
	               : memory_printf("%s (0x%x)", uefi_type_name(region->type),
	                               (unsigned)region->type);
}

/* The last region that starts at or below @paddr, or the first one: overlapping maps have a
 * finding of their own. NULL if there are none. */
static const struct region *region_at(const struct lint *lint, paddr_t paddr)
{
	size_t n = sorted_n_up_to(
		SORTED(struct region, start_paddr, lint->regions, lint->n_regions), paddr);

	if (lint->n_regions == 0)
		return NULL;
	return &lint->regions[n > 0 ? n - 1 : 0];
}

const struct region *region_of(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr)
{
	const struct region *region = region_at(lint, start_paddr);

	return region != NULL && region->start_paddr <= start_paddr &&
	                       end_paddr <= region->end_paddr
	               ? region
	               : NULL;
}

const struct region *ram_in(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr)
{
	const struct region *region = region_at(lint, start_paddr);

	if (region != NULL && region->end_paddr <= start_paddr)
		region++;
	if (region == NULL || region == lint->regions + lint->n_regions ||
	    region->next_ram == lint->n_regions)
		return NULL;
	region = &lint->regions[region->next_ram];
	return region->start_paddr < end_paddr ? region : NULL;
}

static bool is_acpi(const struct lint *lint, const struct region *region)
{
	return lint->has_uefi ? region->type == UEFI_ACPI_RECLAIM || region->type == UEFI_ACPI_NVS
	                      : region->type == E820_ACPI || region->type == E820_NVS;
}

bool is_in_acpi(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr)
{
	const struct region *region = region_at(lint, start_paddr);

	return region != NULL && region->start_paddr <= start_paddr &&
	       end_paddr <= region->acpi_end_paddr;
}

/* --- all of it --- */

static int compare_regions(const void *a, const void *b)
{
	const struct region *left = a, *right = b;

	if (left->start_paddr != right->start_paddr)
		return left->start_paddr < right->start_paddr ? -1 : 1;
	return (left->end_paddr > right->end_paddr) - (left->end_paddr < right->end_paddr);
}

static void add_uefi_regions(struct lint *lint)
{
	for (size_t i = 0; i < lint->record->n_uefi; i++) {
		const struct uefi_descriptor *descriptor = &lint->record->uefi[i];
		struct region *region = &lint->regions[lint->n_regions];
		bool wraps;

		region->type = descriptor->type;
		region->attribute = descriptor->attribute;
		lint->n_regions += uefi_descriptor_range(descriptor, &region->start_paddr,
		                                         &region->end_paddr, &wraps);
	}
}

static void add_e820_regions(struct lint *lint)
{
	for (size_t i = 0; i < lint->record->n_e820_printed; i++) {
		const struct e820_range *range = &lint->record->e820_printed[i];

		if (range->start_paddr < range->end_paddr)
			lint->regions[lint->n_regions++] =
				(struct region){ .start_paddr = range->start_paddr,
				                 .end_paddr = range->end_paddr,
				                 .type = range->type };
	}
}

/* What each region knows of those behind it, so that no rule has to look through them. */
static void link_regions(struct lint *lint)
{
	size_t next_ram = lint->n_regions;

	for (size_t i = lint->n_regions; i-- > 0;) {
		struct region *region = &lint->regions[i];
		bool has_next = i + 1 < lint->n_regions;

		if (is_ram(lint, region))
			next_ram = i;
		region->next_ram = next_ram;
		region->acpi_end_paddr = region->start_paddr;
		if (is_acpi(lint, region))
			region->acpi_end_paddr = region->end_paddr;
		if (is_acpi(lint, region) && has_next && is_acpi(lint, region + 1) &&
		    region[1].start_paddr == region->end_paddr)
			region->acpi_end_paddr = region[1].acpi_end_paddr;
	}
}

/* At 0 there is none: logs have that of a header which the kernel has copied. */
static void add_table(struct lint *lint, const char *signature, paddr_t start_paddr, uint64_t bytes)
{
	if (start_paddr > 0 && start_paddr < END_OF_MEMORY_PADDR)
		*MEMORY_ADD(lint, tables) =
			(struct table){ start_paddr, start_paddr + max_u64(bytes, 1), signature };
}

/* Where no table is listed, as in most logs, the address of the RSDP may be: the kernel prints that
 * of the configuration table. */
static void add_tables(struct lint *lint)
{
	const struct record *record = lint->record;
	bool has_rsdp = false;

	for (size_t i = 0; i < record->n_acpi; i++) {
		add_table(lint, record->acpi[i].signature, record->acpi[i].paddr,
		          record->acpi[i].length_bytes);
		has_rsdp |= strcmp(record->acpi[i].signature, "RSDP") == 0;
	}
	for (size_t i = 0; i < record->n_landmarks && !has_rsdp; i++) {
		const struct landmark *landmark = &record->landmarks[i];

		if (landmark->kind == LANDMARK_CONFIG_TABLE &&
		    (strcmp(landmark->name, "ACPI 2.0") == 0 ||
		     strcmp(landmark->name, "ACPI") == 0)) {
			add_table(lint, "RSDP", landmark->start_paddr, 1);
			has_rsdp = true;
		}
	}
}

static int compare_findings(const void *a, const void *b)
{
	const struct finding *left = a, *right = b;

	if (left->rule->severity != right->rule->severity)
		return (int)right->rule->severity - (int)left->rule->severity;
	if (left->rule != right->rule)
		return left->rule < right->rule ? -1 : 1;
	if (left->start_paddr != right->start_paddr)
		return left->start_paddr < right->start_paddr ? -1 : 1;
	return strcmp(left->text, right->text);
}

void lint_record(const struct record *record, struct findings *ret_findings)
{
	struct lint lint = {
		.record = record,
		.findings = ret_findings,
		.has_uefi = record->n_uefi > 0,
		.e820 = record->e820,
	};

	*ret_findings = (struct findings){ .record = record };
	lint.regions = memory_alloc(record->n_uefi + record->n_e820_printed, sizeof *lint.regions);
	if (lint.has_uefi) {
		add_uefi_regions(&lint);
		lint.e820 = rules_translate(RULES_LINUX, record, NULL, NULL);
	} else {
		add_e820_regions(&lint);
	}
	if (lint.n_regions > 1)
		qsort(lint.regions, lint.n_regions, sizeof *lint.regions, compare_regions);
	link_regions(&lint);
	add_tables(&lint);
	for (size_t i = 0; i < n_lint_rules; i++) {
		lint.rule = &lint_rules[i];
		if (lint.has_uefi || !lint.rule->needs_uefi)
			lint.rule->check(&lint);
	}
	if (ret_findings->n_entries > 1)
		qsort(ret_findings->entries, ret_findings->n_entries, sizeof *ret_findings->entries,
		      compare_findings);
}
