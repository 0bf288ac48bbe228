/*
 * extensions.h - what policy safe reserves beyond Linux 2.6.24, as a list with reasons.
 *
 * 2.6.24 relies on e820 to keep firmware's tables from being used as RAM; firmware puts them into
 * RAM types all the same, or nowhere in the map at all.
 */
#ifndef X86_EXTENSIONS_H
#define X86_EXTENSIONS_H

#include "x86/acpi.h"
#include "x86/reservation.h"
#include "x86/smbios.h"
#include "x86/uefi_map.h"

/* All of it the caller's. */
struct extension_facts {
	const struct acpi_table *acpi_tables;
	size_t n_acpi_tables;
	const struct smbios *smbios; /* one for each entry point that there is */
	size_t n_smbios;
	struct span framebuffer;
	const struct uefi_map *uefi_map; /* for runtime and boot services */
	bool keep_boot_services;
	const struct reservation *configured; /* `reserve' lines */
	size_t n_configured;
};

/* No more than this many are collected for a map of @n_descriptors. */
size_t extensions_most(const struct extension_facts *facts, size_t n_descriptors);

/*
 * Append them to @list: the legacy VGA window, ACPI tables, SMBIOS, framebuffer, runtime services,
 * boot services if asked for, configured ranges. Descriptors of one kind that follow each other and
 * touch are one entry; one that the runtime services claim is theirs alone. What does not fit is
 * counted in list->n_lost.
 */
void extensions_collect(const struct extension_facts *facts, struct reservation_list *list);

#endif
