/*
 * result.h - what becomes of the memory map of a record: all that map/ makes, and reports show.
 *
 * Everything belongs to the arena, and refers to its record.
 */
#ifndef MAPDIFF_MAP_RESULT_H
#define MAPDIFF_MAP_RESULT_H

#include "mapdiff/record/record.h"
#include "x86/setup.h"

/* --- what is asked for --- */

/* Whose translation of a UEFI map. Verified against what Linux printed, see tests/maps. */
enum rules {
	RULES_BOOTMEM,
	RULES_LINUX,      /* EFI stub and kernel, 64 bits, 6.1: unaccepted memory is left out */
	RULES_LINUX_612,  /* the same, 6.12: it is RAM, accepted when it is first used */
	RULES_LINUX_IA32, /* the same on 32 bits: no soft reservation */
	RULES_GRUB,       /* 2.06, as Debian has it */
	RULES_OLD_GRUB,   /* 1.9x, ELILO: runtime code is unusable (5) */
	RULES_COUNT
};

/* What Linux says to the table that its loader writes. */
enum linux_answer {
	LINUX_TAKES,
	LINUX_REFUSES_FEW,   /* fewer than two entries: not before 7.0 */
	LINUX_REFUSES_WRAP,  /* all of it, for one entry that ends past 2^64 */
	LINUX_DROPS_REST,    /* from such an entry on, where that is not of the first 128 */
	LINUX_SORTS_NOTHING, /* as an entry ends at 2^64 */
	LINUX_ANSWER_COUNT
};

struct view_options {
	enum rules rules;
	bool is_translated; /* from the UEFI map, whatever else the record has (`translate') */
	enum boot_policy policy;
	bool has_target[RECORD_TARGETS]; /* which to compute */
	struct span kernel; /* taken to be there; empty: by the record, or 1 MiB to 2 MiB */
	struct span initrd;
	paddr_t mem_limit_paddr; /* 0: none */
	bool keep_boot_services;
	bool has_policy; /* the policy was asked for: of a capture made by another, it is computed
	                  */
	bool has_steps;  /* how each bitmap is made is told, too */
};

/* --- a view --- */

/* What becomes of a page that a target could use, or could not. */
enum page_fate {
	FATE_FREE,
	FATE_RESERVED, /* RAM, and reserved by a reservation */
	FATE_ABOVE,    /* RAM above low memory: it has no bit */
	FATE_NOT_RAM,  /* or not as a whole: reserved, as all pages are at first */
	FATE_UNKNOWN,  /* RAM, not free, and no reservation says why: a capture that is not whole */
	FATE_COUNT
};

/* A run of pages that have one fate, and one reason. */
struct view_run {
	pfn_t start_pfn, end_pfn;
	enum page_fate fate;
	/* FATE_RESERVED: the first that took it; else NULL. */
	const struct reservation *reservation;
	uint64_t pages_before[FATE_COUNT]; /* in the runs before this one */
	size_t next_reserved; /* the first FATE_RESERVED from this one on, n_runs if none */
};

/* Where the RAM went: the rows add up to what is above them. */
struct ledger_row {
	const char *what; /* "usable", "ACPI NVS", "in no map", ... */
	uint64_t bytes;
};

#define VIEW_RIBBON_CELLS UINT64_C(64)

/* A call that made a bitmap: x86/setup.h. */
struct view_step {
	enum boot_function function;
	const char *name;   /* what Linux 2.6.24 calls it on this target */
	const char *caller; /* which function calls it there; NULL: none, it is an extension */
	struct span span;   /* as it was called, in bytes */
	pfn_t start_pfn, end_pfn;                /* its whole pages, of the bitmap; may be none */
	const struct reservation *reservation;   /* NULL: it reserves nothing */
	MEMORY_LIST(struct record_run, changed); /* the pages whose bit changed */
	uint64_t free_before, free_after;
	/* The bitmap after it: of each max_low_pfn / 64 + 1 pages, . all free, # all reserved, +
	 * some of both; empty as long as there is no bitmap. */
	char ribbon[VIEW_RIBBON_CELLS + 1];
};

struct view_target {
	const struct boot_target *target;
	bool is_shown;
	bool is_recorded;                        /* from a capture; else computed here */
	pfn_t max_pfn, max_low_pfn, min_low_pfn; /* min_low_pfn: 0 if not known */
	MEMORY_LIST(struct record_run, free);
	uint64_t free_pages;
	struct reservation *reservations; /* in the order in which they were made */
	size_t n_reservations;
	const char *failure; /* why there is no bitmap; else NULL */

	/* What follows from these and the e820 map; nothing of it where there is no bitmap. */
	struct view_run *runs; /* sorted, without a gap; behind them, one for what is not RAM */
	size_t n_runs;         /* without that: up to the last page of RAM */
	MEMORY_LIST(struct ledger_row, ledger); /* adds up to the e820 map's RAM */

	MEMORY_LIST(struct view_step,
	            steps); /* where they were asked for; up to a failure, if any */
	/* What free_all_bootmem() gives to the page allocator in the end: what is free, and the
	 * pages of the bitmap. */
	uint64_t handed_over_pages;
	/* Of a capture: its reservations, made again, leave other pages free than it says. */
	bool steps_differ;
};

/* An intended difference between bootmem's translation and another that shows on this map. */
struct view_difference {
	const char *reason; /* why bootmem's is as it is: a sentence without a full stop */
	size_t n_descriptors, first_descriptor;
	uint64_t bytes;
};

struct advice;
struct findings;

struct view {
	const struct record *record;
	struct view_options options;
	bool is_e820_computed;
	struct e820_map e820;
	paddr_t ram_limit_paddr;   /* rules_ram_limit() */
	struct e820_map limited;   /* with RAM up to there: what bitmaps are made from */
	struct e820_map vacant;    /* of that, what nobody uses yet: where they find a home */
	uint64_t cut_bytes;        /* RAM above, that is left out */
	struct uefi_faults faults; /* of the UEFI map, if there is one */
	size_t n_overlaps;
	enum linux_answer answer; /* to what the loader of other_rules writes */
	enum rules other_rules;   /* whose translation bootmem's is compared with */
	MEMORY_LIST(struct view_difference, differences);
	struct view_target targets[RECORD_TARGETS];
	/* "safe", "linux-2.6.24": what the bitmaps were made by, recorded or computed; NULL:
	 * recorded ones, and it is not. */
	const char *policy;
	struct span kernel; /* for targets that are computed */
	bool is_kernel_assumed;
	bool has_installed; /* else installed_bytes is what the map accounts for */
	uint64_t installed_bytes;
	MEMORY_LIST(struct ledger_row, ledger); /* adds up to installed_bytes */
	bool has_crc32; /* types are told, and Linux takes what was made for it */
	uint32_t e820_crc32, e820_ram_crc32;

	/* For a summary of the boot; NULL where it is not asked for. */
	const struct findings *findings; /* lint/result.h */
	const struct advice *advice;     /* diff/result.h: image_advise() */
	bool is_forbidden;               /* to resume */
};

/* --- an explanation --- */

struct explanation_step {
	const char *stage; /* "UEFI map", "e820", "ia32", "amd64", "landmark" */
	const char *text;
	bool is_decisive; /* this is why it is what it is */
};

/* Everything about one page, as a list of sentences in the order of events. */
struct explanation {
	const struct view *view;
	paddr_t paddr;
	const char *stage; /* of the last step */
	MEMORY_LIST(struct explanation_step, steps);
};

/* --- a check --- */

struct check_difference {
	paddr_t start_paddr, end_paddr;
	uint32_t expected_type, found_type; /* E820_NONE: nothing there */
	uint32_t uefi_type;                 /* of the descriptor there; UINT32_MAX: none */
};

/* Does the e820 map of a log follow from its UEFI map, and under whose rules? */
struct check {
	const struct record *record;
	struct check_rule {
		enum rules rules;
		bool is_exact;
		MEMORY_LIST(struct check_difference, differences);
		uint64_t different_bytes;
	} rules[RULES_COUNT]; /* the best first */
	/* Rules of several loaders give this very list: it does not tell which one it was. (That
	 * those of the same loader do, and bootmem's, is usual.) */
	bool is_ambiguous;
};

#endif
