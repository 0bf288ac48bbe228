/* rules_places.c - a map, and what lies where (ACPI, SMBIOS, the screen) -> findings. */
#include "mapdiff/lint/rules_places.h"

#include <stdlib.h>
#include <string.h>

/* The picture that the BGRT points at is no table, and has a rule of its own. */
static bool is_image(const struct place *place)
{
	return strcmp(place->name, ACPI_IMAGE_NAME) == 0;
}

/* The picture belongs into boot services memory; without a UEFI map nobody knows whether it is. */
static bool may_be_in_ram(const struct lint *lint, const struct place *place)
{
	return is_image(place) && (!lint->is_uefi || uefi_is_boot_services(place->ram->type));
}

/* Of a kind. */
static const char *check_in_ram(const struct lint *lint, const struct place *place)
{
	if (place->kind != lint->rule->place || place->ram == NULL || may_be_in_ram(lint, place))
		return NULL;
	return memory_printf("%s, in %s", place->name, place->ram->name);
}

/* Below 1 MiB it is where a BIOS has its RSDP (ACPI 6.5 §5.2.5.1). */
static const char *check_acpi_outside(const struct lint *lint, const struct place *place)
{
	const struct region *region = place->region;

	(void)lint;
	if (place->kind != LANDMARK_ACPI || place->ram != NULL || place->is_in_acpi ||
	    place->start_paddr < LOW_MEGABYTE_END_PADDR || is_image(place))
		return NULL;
	return memory_printf("%s, in %s", place->name,
	                     region != NULL ? region->name : "what the map does not describe");
}

/* A table that is in a region of a type. */
static const char *check_table(const struct lint *lint, const struct place *place)
{
	bool is_found = place->kind == LANDMARK_ACPI &&
	                strcmp(place->name, lint->rule->table) == 0 && place->region != NULL &&
	                place->region->type == lint->rule->type;

	return is_found ? place->name : NULL;
}

/* Logs name the tables that there are; whether the table is there, only they can say. */
static void check_no_memory_attributes(struct lint *lint)
{
	const char *revision = record_fact(lint->record, FACT_UEFI_REVISION);
	struct bytes tables = { 0 };

	MEMORY_EACH(landmark, lint->record, landmarks) {
		if (landmark->kind != LANDMARK_CONFIG_TABLE)
			continue;
		if (landmark->table == TABLE_MEMORY_ATTRIBUTES)
			return;
		memory_append(&tables, "%s%s at 0x%" PRIx64, tables.n_text > 0 ? ", " : "",
		              landmark->name, landmark->start_paddr);
	}
	if (tables.n_text > 0 && revision != NULL && strtod(revision, NULL) >= 2.6)
		lint_found(lint, 0, 0,
		           memory_printf("UEFI %s; what there is: %s", revision, tables.text));
}

const struct lint_rule rules_places[] = {
	{ "acpi-in-ram", SEVERITY_ERROR, 5, "an ACPI table is in memory that kernels use",
	  "After the exit from boot services this is free memory, and the table is overwritten, "
	  "unless the kernel looks for each table and keeps it. Allocate tables as "
	  "EfiACPIReclaimMemory or EfiACPIMemoryNVS.",
	  "UEFI 2.10 §2.3.4; ACPI 6.5 §15.4", .check_place = check_in_ram, .place = LANDMARK_ACPI,
	  .needs = NEEDS(TABLES) },
	{ "framebuffer-in-ram", SEVERITY_ERROR, 6, "the framebuffer is in memory that kernels use",
	  "What the kernel puts there shows on the screen, and what is drawn destroys it. Describe "
	  "the framebuffer as reserved memory, or not at all.",
	  "", .check_place = check_in_ram, .place = LANDMARK_FRAMEBUFFER,
	  .needs = NEEDS(FRAMEBUFFER) },
	{ "acpi-outside", SEVERITY_WARNING, 4, "an ACPI table is not in ACPI memory",
	  "Nobody overwrites it, but a kernel that only maps ACPI memory does not find it, and memory "
	  "that the map does not describe may be given to a PCI device.",
	  "UEFI 2.10 §2.3.4", .check_place = check_acpi_outside,
	  .needs = NEEDS(UEFI) | NEEDS(TABLES) },
	{ "facs-in-reclaim", SEVERITY_WARNING, 5, "the FACS is in reclaimable memory",
	  "Firmware and kernel use the FACS as long as the system runs, and the firmware looks into "
	  "it on resume from sleep: it must be in EfiACPIMemoryNVS.",
	  "UEFI 2.10 §2.3.4; ACPI 6.5 §5.2.10", .check_place = check_table, .table = "FACS",
	  .type = UEFI_ACPI_RECLAIM, .needs = NEEDS(UEFI_MAP) | NEEDS(TABLES) },
	{ "smbios-in-ram", SEVERITY_NOTE, 2, "SMBIOS is in memory that kernels use",
	  "EfiBootServicesData is allowed, but a kernel that reads SMBIOS late finds what it put "
	  "there since. EfiRuntimeServicesData is recommended.",
	  "UEFI 2.10 §2.3.4", .check_place = check_in_ram, .place = LANDMARK_SMBIOS,
	  .needs = NEEDS(UEFI) | NEEDS(SMBIOS) },
	{ "rsdp-in-nvs", SEVERITY_NOTE, 5, "the RSDP is in ACPI NVS memory",
	  "That is allowed. Reclaimable memory is recommended for tables, as a kernel gets that "
	  "back.",
	  "UEFI 2.10 §2.3.4", .check_place = check_table, .table = "RSDP", .type = UEFI_ACPI_NVS,
	  .needs = NEEDS(UEFI_MAP) | NEEDS(TABLES) },
	{ "bgrt-in-boot-services", SEVERITY_NOTE, 6, "the boot logo is in boot services memory",
	  "That is where it should be. A kernel that shows it again must keep it before it takes boot "
	  "services memory into use.",
	  "ACPI 6.5, Boot Graphics Resource Table", .check_place = check_table,
	  .table = ACPI_IMAGE_NAME, .type = UEFI_BOOT_SERVICES_DATA,
	  .needs = NEEDS(UEFI_MAP) | NEEDS(TABLES) },
	{ "no-memory-attributes", SEVERITY_NOTE, 10, "there is no memory attributes table",
	  "Without it a kernel maps runtime services code and data writable and executable at once.",
	  "UEFI 2.10 §4.6, EFI_MEMORY_ATTRIBUTES_TABLE", .check = check_no_memory_attributes,
	  .needs = NEEDS(UEFI) | NEEDS(CONFIG_TABLES) },
	{ .id = NULL },
};
