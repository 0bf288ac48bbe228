/*
 * regions.h - a record -> what rules are asked about, and how they answer: the regions that its map
 * describes, sorted, and what lies where. Its map is the UEFI map, or an e820 map if it has none.
 */
#ifndef MAPDIFF_LINT_REGIONS_H
#define MAPDIFF_LINT_REGIONS_H

#include "mapdiff/lint/result.h"
#include "mapdiff/map/result.h"

struct region {
	paddr_t start_paddr, end_paddr;
	uint32_t type; /* of UEFI, or of e820 */
	uint64_t attribute;
	enum region_kind kind;
	const char *name; /* "Reserved", "ACPI NVS", "OEM (0x70000001)" */
	/* What it has to do with the others, so that no rule has to look through them. */
	const struct region *next_ram; /* the first from here on that is RAM, or the last one */
	paddr_t acpi_end_paddr; /* of the ACPI memory that begins here; the start if it is none */
};

/* An ACPI table, or a landmark, and where it lies. If only its address is known, the end is one
 * past that. */
struct place {
	paddr_t start_paddr, end_paddr;
	enum landmark_kind
		kind;     /* LANDMARK_ACPI, _SMBIOS, _FRAMEBUFFER, _DEVICE, _BRIDGE, _STACK */
	const char *name; /* of a table: its signature */
	enum record_table table;
	const struct region *region; /* that holds all of it, or NULL */
	const struct region *ram;    /* of RAM, that shares a byte with it, or NULL */
	bool is_in_acpi;             /* all of it, if in several regions that touch */
};

struct lint {
	const struct record *record;
	bool is_uefi; /* regions are the UEFI map's; else the e820 map's, or there are none */
	/* Sorted; without those that have no pages, or wrap. Behind them stands a last one, that
	 * is none of them: of what is behind all addresses. */
	struct region *regions;
	size_t n_regions;
	MEMORY_LIST(struct place, places);
	struct e820_map e820;         /* as a kernel has it: by Linux's rules, or the record's */
	struct uefi_faults faults;    /* of the UEFI map */
	enum linux_answer answer;     /* to that */
	const struct lint_rule *rule; /* that is being asked */
	struct findings *findings;
};

/* Add a place to the finding of the rule. An empty range: nothing has an address. */
void lint_found(struct lint *lint, paddr_t start_paddr, paddr_t end_paddr, const char *text);

/* Fill in the regions and places of @lint, whose record is there. Names may be the record's. */
void regions_make(struct lint *lint);

/* What a UEFI type is. */
enum region_kind regions_kind(uint32_t uefi_type);

/* A region of RAM that shares a byte with [start_paddr, end_paddr), or NULL. */
const struct region *regions_find_ram(const struct lint *lint, paddr_t start_paddr,
                                      paddr_t end_paddr);

#endif
