/*
 * lint_rules.h - inside lint: what rules look at, and the function of each.
 */
#ifndef MAPDIFF_LINT_LINT_RULES_H
#define MAPDIFF_LINT_LINT_RULES_H

#include "mapdiff/lint/lint.h"

#define KIB(n) ((paddr_t)(n) << 10)
#define MIB(n) ((paddr_t)(n) << 20)
#define GIB(n) ((paddr_t)(n) << 30)

/* Where the BIOS of a PC has its video memory and its ROMs. */
#define LOW_RAM_END_PADDR KIB(640)
#define BIOS_END_PADDR    MIB(1)

/* No physical address of x86 has more bits (Intel SDM, volume 3A §4.1.4): what looks like one is
 * virtual. */
#define END_OF_MEMORY_PADDR (UINT64_C(1) << 52)

/* A descriptor of the UEFI map, or a range of an e820 map where that is all there is. */
struct region {
	paddr_t start_paddr, end_paddr;
	uint32_t type; /* of UEFI, or of e820 */
	uint64_t attribute;
	size_t next_ram; /* the first region from here on that is RAM; n_regions if there is none */
	paddr_t acpi_end_paddr; /* of the ACPI memory that begins here; the start if it is none */
};

/* An ACPI table. */
struct table {
	paddr_t start_paddr, end_paddr;
	const char *signature;
};

struct lint {
	const struct record *record;
	const struct lint_rule *rule; /* that is being checked */
	struct findings *findings;
	bool has_uefi;
	struct region *regions; /* sorted; without those that have no pages, or wrap */
	size_t n_regions;
	struct table *tables;
	size_t n_tables, tables_capacity;
	struct e820_map
		e820; /* as a kernel sees it: translated by Linux's rules, or the record's */
};

/* Add a finding of the rule. An empty range: about the map as a whole. */
void found(struct lint *lint, paddr_t start_paddr, paddr_t end_paddr, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

bool is_ram(const struct lint *lint, const struct region *region);

/* "Reserved", "ACPI NVS", "OEM (0x70000001)". */
const char *region_name(const struct lint *lint, const struct region *region);

/* The region that holds all of [start_paddr, end_paddr), or NULL. */
const struct region *region_of(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr);

/* A region of RAM that shares a byte with [start_paddr, end_paddr), or NULL. */
const struct region *ram_in(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr);

/* Is all of [start_paddr, end_paddr) in ACPI memory? */
bool is_in_acpi(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr);

/* lint_map.c: about descriptors, and about memory. */
void check_overlap(struct lint *lint);
void check_wrap(struct lint *lint);
void check_unaligned(struct lint *lint);
void check_unknown_type(struct lint *lint);
void check_runtime_without_attribute(struct lint *lint);
void check_runtime_on_ram(struct lint *lint);
void check_no_low_memory(struct lint *lint);
void check_beyond_address_width(struct lint *lint);
void check_runtime_on_acpi(struct lint *lint);
void check_ram_not_wb(struct lint *lint);
void check_zero_pages(struct lint *lint);
void check_little_low_memory(struct lint *lint);
void check_mmio_in_ram(struct lint *lint);
void check_bin_overflow(struct lint *lint);
void check_many_entries(struct lint *lint);
void check_hole(struct lint *lint);
void check_oem_type(struct lint *lint);
void check_out_of_order(struct lint *lint);
void check_bin_outside(struct lint *lint);
void check_bin_unused(struct lint *lint);
void check_many_descriptors(struct lint *lint);
void check_no_memory_attributes(struct lint *lint);

/* lint_places.c: about what lies where. */
void check_acpi_in_ram(struct lint *lint);
void check_framebuffer_in_ram(struct lint *lint);
void check_acpi_outside(struct lint *lint);
void check_facs_in_reclaim(struct lint *lint);
void check_smbios_in_ram(struct lint *lint);
void check_rsdp_in_nvs(struct lint *lint);
void check_bgrt_image(struct lint *lint);

#endif
