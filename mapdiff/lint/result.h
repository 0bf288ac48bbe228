/*
 * result.h - what lint says of a record's map, for firmware engineers. Each rule has an id that
 * stays, and says what is wrong, what follows from it, and where the specification says so.
 *
 * Errors are against a specification, or make systems fail; warnings cost memory, or break some
 * systems; notes are good to know, and found on good machines.
 */
#ifndef MAPDIFF_LINT_RESULT_H
#define MAPDIFF_LINT_RESULT_H

#include "mapdiff/record/record.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_COUNT };

/* Regions of a map by what they are to a kernel. */
enum region_kind {
	REGION_OTHER,
	REGION_RAM,
	REGION_ACPI,
	REGION_RUNTIME,
	REGION_UNKNOWN, /* of a type that is reserved, from 16 on */
	REGION_OEM,     /* of an OEM's type, or of a loader's, from 0x70000000 on */
};

/* A type's pages, and the bin that MemoryTypeInformation asks for. */
enum bin_state {
	BIN_FITS,
	BIN_OVERFLOWED, /* enough pages, but not in one piece */
	BIN_EXCEEDED,   /* the bin, and more elsewhere */
	BIN_UNUSED,     /* fewer */
};

/* What a rule must know of a boot to find anything: where one of these is missing, it was not
 * checked. Each says why: needs.c. A map of any kind all rules need. */
enum need {
	NEED_MAP,
	NEED_UEFI,          /* it is known that the machine has UEFI: its rules apply */
	NEED_UEFI_MAP,      /* and its map is known, whole */
	NEED_TABLES,        /* where an ACPI table lies */
	NEED_CONFIG_TABLES, /* where configuration tables lie */
	NEED_SMBIOS,
	NEED_FRAMEBUFFER,
	NEED_ADDRESS_BITS, /* of the CPU */
	NEED_BINS,
	NEED_WINDOWS,    /* of PCI host bridges */
	NEED_PCI_CONFIG, /* where PCI configuration space is */
	NEED_MTRRS,      /* and what memory is without one */
	NEED_ATTRIBUTES, /* the memory attributes table */
	NEED_STACK,      /* where the firmware's is */
	NEED_KERNEL_FIX, /* whether the kernel has the fix of nosave ranges of 2025 */
	NEED_PC,         /* the machine has memory where PCs have it */
	NEED_COUNT
};
#define NEEDS(need) (UINT32_C(1) << NEED_##need)

struct lint;
struct region;
struct place;

struct lint_rule {
	const char *id; /* "overlap": lower case, with dashes */
	enum severity severity;
	unsigned order;          /* among those of its severity; the worst is 1, and comes first */
	const char *title;       /* what is wrong, in a line */
	const char *explanation; /* what follows from it, what to do; some lines */
	const char *reference;   /* "UEFI 2.10 7.2.3", or "" */

	/* Who finds it: in the map as a whole, by lint_found(); or in each region, or each place:
	 * what is to be said of it, NULL for nothing. */
	void (*check)(struct lint *lint);
	const char *(*check_region)(const struct lint *lint, const struct region *region);
	const char *(*check_place)(const struct lint *lint, const struct place *place);
	uint32_t needs;      /* beside a map: NEEDS(...) */
	unsigned n_machines; /* of LINT_MACHINES that were recorded: on how many it fires */
	/* What is looked for, where that is what tells rules apart. */
	enum region_kind region;
	uint64_t set, clear; /* attributes of the region: all of these, none of those */
	const char *table;   /* the signature of an ACPI table, and the UEFI type of its region */
	uint32_t type;
	enum landmark_kind place;
	enum bin_state bin;
};

/* Where a rule found what it looks for. */
struct finding_place {
	paddr_t start_paddr, end_paddr; /* empty: nothing has an address, as it is not there */
	const char *text;               /* about this case */
};

/* A fault, however many places have it. */
struct finding {
	const struct lint_rule *rule;
	MEMORY_LIST(struct finding_place, places); /* by address */
};

/* Findings that are known already, of a report of before: how often each rule said each text.
 * Where, does not count: another build of a firmware has the same fault elsewhere. */
struct lint_known {
	struct intern texts; /* "rule\ntext" */
	MEMORY_LIST(size_t, counts);
};

/* All zero: all rules, and nothing is known. */
struct lint_options {
	MEMORY_LIST(const char *, disabled); /* ids of rules that are not to be asked */
	struct lint_known known;
};

/* A rule, and what became of it. */
struct lint_verdict {
	const struct lint_rule *rule;
	const char *why_not; /* it was not checked; NULL: it was */
};

struct findings {
	const struct record *record;
	MEMORY_LIST(struct finding, entries);    /* the worst first */
	MEMORY_LIST(struct lint_verdict, rules); /* all of them, in the same order */
	size_t n_checked;
	size_t n_known;    /* places that are known, and in no finding */
	size_t n_descents; /* how often the address goes down from one descriptor to the next */
};

#endif
