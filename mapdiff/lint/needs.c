/* needs.c - a record -> why a rule cannot be checked: see needs.h. One function a need. */
#include "mapdiff/lint/needs.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/record/start.h"
#include "mapdiff/record/system.h"

static const char *lacks_map(const struct lint *lint)
{
	enum start start = start_of(lint->record);

	if (lint->n_regions > 0 || lint->is_uefi)
		return NULL;
	if (start == START_CRASH || start == START_XEN)
		return memory_printf("its map is not the machine's: this is %s", start_text(start));
	return start_uefi_gap(lint->record) ?: "there is no memory map in it";
}

static bool names_config_tables(const struct record *record)
{
	MEMORY_EACH(landmark, record, landmarks)
		if (landmark->kind == LANDMARK_CONFIG_TABLE)
			return true;
	return false;
}

/* bootmem is a UEFI application, and so is the Shell. */
static const char *lacks_uefi(const struct lint *lint)
{
	const struct record *record = lint->record;
	bool has_uefi = record->n_uefi > 0 || record_fact(record, FACT_UEFI_REVISION) != NULL ||
	                record->e820_view == VIEW_BOOTMEM || names_config_tables(record);

	return has_uefi ? NULL
	                : "no sign of UEFI in it (a line \"efi:\"), whose rules do not apply then";
}

static const char *lacks_uefi_map(const struct lint *lint)
{
	if (lint->is_uefi)
		return NULL;
	return start_uefi_gap(lint->record)
	               ?: lacks_uefi(lint) ?: "no UEFI map (boot with efi=debug)";
}

static bool has_place(const struct lint *lint, enum landmark_kind kind)
{
	MEMORY_EACH(place, lint, places)
		if (place->kind == kind)
			return true;
	return false;
}

static const char *lacks_tables(const struct lint *lint)
{
	return has_place(lint, LANDMARK_ACPI) ? NULL : "it does not say where ACPI tables lie";
}

static const char *lacks_config_tables(const struct lint *lint)
{
	return names_config_tables(lint->record) ? NULL
	                                         : "it names no configuration tables (the kernel's "
	                                           "line \"efi:\" with addresses)";
}

static const char *lacks_smbios(const struct lint *lint)
{
	return has_place(lint, LANDMARK_SMBIOS) ? NULL : "it does not say where SMBIOS lies";
}

static const char *lacks_framebuffer(const struct lint *lint)
{
	return has_place(lint, LANDMARK_FRAMEBUFFER) ? NULL
	                                             : "it does not say where the framebuffer is";
}

static const char *lacks_address_bits(const struct lint *lint)
{
	return record_fact(lint->record, FACT_CPU_ADDRESS_BITS) != NULL
	               ? NULL
	               : "it does not say how many address bits the CPU has (a capture does)";
}

static const char *lacks_bins(const struct lint *lint)
{
	return lint->record->n_bins > 0 ? NULL
	                                : "it has no bins (the variable MemoryTypeInformation, "
	                                  "which a capture has)";
}

static const char *lacks_windows(const struct lint *lint)
{
	return has_place(lint, LANDMARK_BRIDGE) ? NULL
	                                        : "it names no windows of PCI host bridges (the "
	                                          "kernel's lines \"root bus resource\")";
}

static const char *lacks_pci_config(const struct lint *lint)
{
	MEMORY_EACH(place, lint, places)
		if (place->table == TABLE_PCI_CONFIG)
			return NULL;
	return "it does not say where PCI configuration space is (a line with MMCONFIG or ECAM)";
}

static bool has_landmark(const struct lint *lint, enum landmark_kind kind)
{
	MEMORY_EACH(landmark, lint->record, landmarks)
		if (landmark->kind == kind)
			return true;
	return false;
}

static const char *lacks_mtrrs(const struct lint *lint)
{
	return has_landmark(lint, LANDMARK_MTRR) ? NULL
	                                         : "it does not tell the MTRRs (boot with "
	                                           "mtrr=debug)";
}

static const char *lacks_attributes(const struct lint *lint)
{
	return has_landmark(lint, LANDMARK_ATTRIBUTES)
	               ? NULL
	               : "it has no entries of the memory attributes table (boot with efi=debug)";
}

static const char *lacks_stack(const struct lint *lint)
{
	return has_place(lint, LANDMARK_IN_USE)
	               ? NULL
	               : "it has no lines of what the firmware runs on in memory it calls free";
}

static const char *lacks_pc(const struct lint *lint)
{
	return rules_lacks_pc(lint->record, &lint->e820);
}

static const char *lacks_kernel_fix(const struct lint *lint)
{
	return system_nosave_fix(lint->record) != FIX_UNKNOWN
	               ? NULL
	               : "it does not say which release its kernel is of";
}

static const char *(*const missing[])(const struct lint *lint) = {
	[NEED_MAP] = lacks_map,
	[NEED_UEFI] = lacks_uefi,
	[NEED_UEFI_MAP] = lacks_uefi_map,
	[NEED_TABLES] = lacks_tables,
	[NEED_CONFIG_TABLES] = lacks_config_tables,
	[NEED_SMBIOS] = lacks_smbios,
	[NEED_FRAMEBUFFER] = lacks_framebuffer,
	[NEED_ADDRESS_BITS] = lacks_address_bits,
	[NEED_BINS] = lacks_bins,
	[NEED_WINDOWS] = lacks_windows,
	[NEED_PCI_CONFIG] = lacks_pci_config,
	[NEED_MTRRS] = lacks_mtrrs,
	[NEED_ATTRIBUTES] = lacks_attributes,
	[NEED_STACK] = lacks_stack,
	[NEED_KERNEL_FIX] = lacks_kernel_fix,
	[NEED_PC] = lacks_pc,
};
_Static_assert(COUNT(missing) == NEED_COUNT, "a need cannot be judged");

const char *needs_missing(const struct lint *lint, const struct lint_rule *rule)
{
	const char *why = NULL;

	for (size_t need = 0; need < NEED_COUNT && why == NULL; need++)
		if (need == NEED_MAP || (rule->needs >> need & 1) != 0)
			why = missing[need](lint);
	return why;
}
