/* lint_places.c - a map, and what lies where (ACPI, SMBIOS, the screen) -> findings. */
#include "mapdiff/lint/lint_rules.h"

#include <string.h>

/* The picture that the BGRT points at is no table, and has a rule of its own. */
static bool is_image(const struct table *table)
{
	return strcmp(table->signature, ACPI_IMAGE_NAME) == 0;
}

/* The picture belongs into boot services memory; without a UEFI map nobody knows whether it is. */
static bool may_be_in(const struct lint *lint, const struct table *table, const struct region *ram)
{
	return is_image(table) && (!lint->has_uefi || uefi_is_boot_services(ram->type));
}

void check_acpi_in_ram(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_tables; i++) {
		const struct table *table = &lint->tables[i];
		const struct region *ram = ram_in(lint, table->start_paddr, table->end_paddr);

		if (ram != NULL && !may_be_in(lint, table, ram))
			found(lint, table->start_paddr, table->end_paddr, "%s, in %s",
			      table->signature, region_name(lint, ram));
	}
}

/* Below 1 MiB it is where a BIOS has its RSDP (ACPI 6.5 §5.2.5.1). */
void check_acpi_outside(struct lint *lint)
{
	for (size_t i = 0; i < lint->n_tables; i++) {
		const struct table *table = &lint->tables[i];
		const struct region *region = region_of(lint, table->start_paddr, table->end_paddr);

		if (is_image(table) || table->start_paddr < BIOS_END_PADDR ||
		    is_in_acpi(lint, table->start_paddr, table->end_paddr) ||
		    ram_in(lint, table->start_paddr, table->end_paddr) != NULL)
			continue;
		found(lint, table->start_paddr, table->end_paddr, "%s, in %s", table->signature,
		      region != NULL ? region_name(lint, region)
		                     : "what the map does not describe");
	}
}

/* The table @signature, if it is in a region of @type. */
static void check_table_in(struct lint *lint, const char *signature, uint32_t type)
{
	for (size_t i = 0; i < lint->n_tables; i++) {
		const struct table *table = &lint->tables[i];
		const struct region *region = region_of(lint, table->start_paddr, table->end_paddr);

		if (strcmp(table->signature, signature) == 0 && region != NULL &&
		    region->type == type)
			found(lint, table->start_paddr, table->end_paddr, "%s", signature);
	}
}

void check_rsdp_in_nvs(struct lint *lint)
{
	check_table_in(lint, "RSDP", UEFI_ACPI_NVS);
}

void check_facs_in_reclaim(struct lint *lint)
{
	check_table_in(lint, "FACS", UEFI_ACPI_RECLAIM);
}

void check_bgrt_image(struct lint *lint)
{
	check_table_in(lint, ACPI_IMAGE_NAME, UEFI_BOOT_SERVICES_DATA);
}

static void check_landmark_in_ram(struct lint *lint, enum landmark_kind kind, const char *prefix)
{
	for (size_t i = 0; i < lint->record->n_landmarks; i++) {
		const struct landmark *landmark = &lint->record->landmarks[i];
		const struct region *ram;

		if (landmark->kind != kind || strncmp(landmark->name, prefix, strlen(prefix)) != 0)
			continue;
		ram = ram_in(lint, landmark->start_paddr, landmark->end_paddr);
		if (ram != NULL)
			found(lint, landmark->start_paddr, landmark->end_paddr, "%s, in %s",
			      landmark->name, region_name(lint, ram));
	}
}

void check_smbios_in_ram(struct lint *lint)
{
	check_landmark_in_ram(lint, LANDMARK_SMBIOS, "");
	check_landmark_in_ram(lint, LANDMARK_CONFIG_TABLE, "SMBIOS");
}

void check_framebuffer_in_ram(struct lint *lint)
{
	check_landmark_in_ram(lint, LANDMARK_FRAMEBUFFER, "");
}
