/*
 * facts.h - what the machine is, beside its memory map: tables that firmware left, the screen, the
 * CPU.
 */
#ifndef EFI_FACTS_H
#define EFI_FACTS_H

#include "efi/cpu.h"
#include "efi/framebuffer.h"
#include "efi/memory.h"
#include "efi/uefi.h"
#include "handoff/handoff.h"
#include "x86/acpi.h"
#include "x86/phys.h"
#include "x86/smbios.h"
#include "x86/uefi_map.h"

struct facts {
	struct cpu cpu;
	paddr_t rsdp_paddr; /* ACPI 2.0 or later preferred; 0: none */
	paddr_t smbios_paddr;
	paddr_t smbios3_paddr;
	paddr_t attributes_paddr;               /* of the memory attributes table; 0: none */
	paddr_t services_paddr;                 /* of the DXE services table; 0: none */
	struct handoff_framebuffer framebuffer; /* all 0: there is none */
	enum framebuffer_err framebuffer_err;
	uint64_t framebuffer_said_bytes; /* by the firmware; fewer, if that was too few */

	void *page_zero; /* a copy: what lies at address 0 has no pointer. NULL: not readable */

	/* Reads what the map describes, or what lies below 1 MiB; not device memory. Follows
	 * *uefi_map, which the caller keeps up to date. */
	struct phys_mem phys;
	const struct uefi_map *uefi_map;

	struct acpi_table *acpi_tables;
	size_t n_acpi_tables;
	struct acpi_faults acpi_faults;
	struct smbios smbios[2];
	size_t n_smbios;
};

/*
 * Find them out, with @uefi_map, a snapshot, to tell what can be read. EFI_OUT_OF_RESOURCES if
 * there is no room for the list of ACPI tables. What is broken in a table is no error: it is left
 * out, and counted. *ret_facts must stay where it is.
 */
EFI_STATUS facts_find(const struct firmware *firmware, struct memory *memory,
                      const struct uefi_map *uefi_map, struct facts *ret_facts);

/* What model of machine this is: the newer entry point comes last, and has the newer table. */
void facts_model(const struct facts *facts, struct smbios_model *ret_model);

#endif
