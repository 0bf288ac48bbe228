/*
 * regions.h - a record -> what rules look at: the regions that its map describes, sorted, and what
 * lies at some place of them. The map is the UEFI map, or an e820 map where that is all there is.
 */
#ifndef MAPDIFF_LINT_REGIONS_H
#define MAPDIFF_LINT_REGIONS_H

#include "mapdiff/lint/result.h"

/* No physical address of x86 has more bits (Intel SDM, volume 3A §4.1.4): what looks like one is
 * virtual. */
#define END_OF_MEMORY_PADDR (UINT64_C(1) << 52)

struct region {
	paddr_t start_paddr, end_paddr;
	uint32_t type; /* of UEFI, or of e820 */
	uint64_t attribute;
	enum region_kind kind;
	const char *name; /* "Reserved", "ACPI NVS", "OEM (0x70000001)" */
	/* What it has to do with the others, so that no rule has to look through them. */
	const struct region *next_ram; /* the first from here on that is RAM; or NULL */
	paddr_t acpi_end_paddr; /* of the ACPI memory that begins here; the start if it is none */
};

/* An ACPI table, or a landmark, and where it lies. If only its address is known, the end is one
 * past that. */
struct place {
	paddr_t start_paddr, end_paddr;
	enum landmark_kind kind;     /* LANDMARK_ACPI, LANDMARK_SMBIOS or LANDMARK_FRAMEBUFFER */
	const char *name;            /* of a table: its signature */
	const struct region *region; /* that holds all of it, or NULL */
	const struct region *ram;    /* of RAM, that shares a byte with it, or NULL */
	bool is_in_acpi;             /* all of it, if in several regions that touch */
};

struct regions {
	bool are_uefi;
	/* Sorted; without those that have no pages, or wrap. At the end stands one more, of what is
	 * behind all addresses, that is none of them. */
	struct region *first, *end;
	struct place *places, *places_end;
};

/* Names may be @record's. */
struct regions regions_make(const struct record *record);

/* What a UEFI type is. */
enum region_kind regions_kind(uint32_t uefi_type);

/* A region of RAM that shares a byte with [start_paddr, end_paddr), or NULL. */
const struct region *regions_find_ram(const struct regions *regions, paddr_t start_paddr,
                                      paddr_t end_paddr);

#endif
