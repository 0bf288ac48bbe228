/*
 * view.h - a record -> what becomes of its map: e820, both bitmaps, reservations, the RAM ledger.
 * What `show', `translate' and `explain' report.
 *
 * `show' takes the e820 map and the bitmaps from the record where it has them, and computes what
 * it lacks; `translate' computes all of it from the UEFI map. What is computed is computed by
 * bootmem/ and x86/, as the loader would.
 */
#ifndef MAPDIFF_MAP_VIEW_H
#define MAPDIFF_MAP_VIEW_H

#include "mapdiff/record/record.h"
#include "x86/setup.h"

/* Whose translation. Verified against what Linux printed, see tests/maps. */
enum rules {
	RULES_BOOTMEM,
	RULES_LINUX,      /* EFI stub and kernel, 64 bits, 6.1: unaccepted memory is left out */
	RULES_LINUX_612,  /* the same, 6.12: it is RAM, accepted when it is first used */
	RULES_LINUX_IA32, /* the same on 32 bits: no soft reservation */
	RULES_GRUB,       /* 2.06, as Debian has it */
	RULES_OLD_GRUB,   /* 1.9x, ELILO: runtime code is unusable (5) */
	RULES_COUNT
};
extern const char *const rules_names[RULES_COUNT]; /* "bootmem", "linux", "linux-ia32", ... */
extern const char *const rules_texts[RULES_COUNT]; /* "Linux's EFI stub (64 bits)", ... */

/* The e820 type of a descriptor under @rules; E820_NONE: left out, a hole. */
uint32_t rules_e820_type(enum rules rules, const struct uefi_descriptor *descriptor);

/* Where ours differs from the others' on purpose; the first row that applies to a descriptor is the
 * reason. */
struct rules_difference {
	const char *reason; /* one sentence, without a full stop: why ours is as it is */
	bool (*applies)(const struct uefi_descriptor *descriptor);
};
extern const struct rules_difference rules_differences[];
extern const size_t n_rules_differences;

/* Why @rules give @descriptor another type than bootmem does; NULL if they do not. */
const struct rules_difference *rules_difference(enum rules rules,
                                                const struct uefi_descriptor *descriptor);

/*
 * Translate and sanitize @record's UEFI map under @rules.
 * What is odd about the map is in *ret_faults and *ret_overlaps (either may be NULL).
 */
struct e820_map rules_translate(enum rules rules, const struct record *record,
                                struct uefi_faults *ret_faults, size_t *ret_overlaps);

/* Where numbers of our own are the types of an e820 map, to let e820_sanitize() lay them over each
 * other, they are from here on: below are types that it does not merge. */
#define FIRST_LAYER UINT32_C(0x1000)

/* Is what Linux gets as its e820 map to be translated? Else the record has it, or the next best. */
bool rules_predicts_linux(const struct record *record);

/* The e820 map that Linux got at this boot: as it was printed, or else translated from the UEFI
 * map, also that of a capture, whose own map follows bootmem's rules. */
struct e820_map rules_linux_map(const struct record *record);

/* Who describes which memory: a sanitized map whose types are indexes into record->uefi, plus
 * FIRST_LAYER. Where descriptors overlap it is the last of them. */
struct e820_map rules_descriptor_map(const struct record *record);
/* The descriptor that is meant by a type of that map; NULL for E820_NONE. */
const struct uefi_descriptor *rules_descriptor(const struct record *record, uint32_t type);

struct view_options {
	enum rules rules;
	bool is_translated; /* from the UEFI map, whatever else the record has (`translate') */
	enum boot_policy policy;
	bool has_target[RECORD_TARGETS]; /* which to compute */
	struct span kernel; /* taken to be there; empty: by the record, or 1 MiB to 2 MiB */
	struct span initrd;
	paddr_t mem_limit_paddr; /* 0: none */
	bool keep_boot_services;
};

/* What becomes of a page that a target could use, or could not. */
enum page_fate {
	FATE_FREE,
	FATE_RESERVED, /* RAM, and reserved by a reservation */
	FATE_ABOVE,    /* RAM above low memory: it has no bit */
	FATE_NOT_RAM,  /* or not as a whole: reserved, as all pages are at first */
	FATE_UNKNOWN,  /* RAM, not free, and no reservation says why: a capture that is not whole */
	FATE_COUNT
};
extern const char *const fate_names[FATE_COUNT]; /* "free", "reserved", "above low memory", ... */

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

struct view_target {
	const struct boot_target *target;
	bool is_shown;
	bool is_recorded;                        /* from a capture; else computed here */
	pfn_t max_pfn, max_low_pfn, min_low_pfn; /* min_low_pfn: 0 if not known */
	struct record_run *free;
	size_t n_free, free_capacity;
	uint64_t free_pages;
	struct reservation *reservations; /* in the order in which they were made */
	size_t n_reservations;
	char *failure; /* why there is no bitmap; else NULL */

	/* What follows from these and the e820 map; nothing of it where there is no bitmap. */
	struct view_run *runs; /* sorted; all pages up to the last of RAM */
	size_t n_runs, runs_capacity;
	struct ledger_row *ledger; /* adds up to the e820 map's RAM */
	size_t n_ledger, ledger_capacity;
};

/* An intended difference that shows on this map. */
struct view_difference {
	const struct rules_difference *difference;
	size_t n_descriptors, first_descriptor;
	uint64_t bytes;
};

struct view {
	const struct record *record;
	struct view_options options;
	bool is_e820_computed;
	struct e820_map e820;
	uint64_t cut_bytes;        /* RAM above mem= or the CPU's address width, that is left out */
	struct uefi_faults faults; /* of the UEFI map, if there is one */
	size_t n_overlaps;
	enum rules other_rules; /* whose translation bootmem's is compared with */
	struct view_difference *differences;
	size_t n_differences, differences_capacity;
	struct view_target targets[RECORD_TARGETS];
	struct span kernel; /* for targets that are computed */
	bool is_kernel_assumed;
	bool has_installed; /* else installed_bytes is what the map accounts for */
	uint64_t installed_bytes;
	struct ledger_row *ledger; /* adds up to installed_bytes */
	size_t n_ledger, ledger_capacity;
	uint32_t e820_crc32, e820_ram_crc32;
};

/* False, and *ret_error, if the record has no map to work on. The view
 * refers to @record. */
bool view_make(const struct record *record, const struct view_options *options,
               struct view *ret_view, char **ret_error);

/* "safe", "linux-2.6.24": what the bitmaps were made by, recorded or computed; NULL: recorded ones,
 * and it is not. */
const char *view_policy(const struct view *view);

/* RAM ends here for the loader: at mem= (@mem_limit_paddr, or the record's; 0: none), the CPU's
 * address width, and what page tables can map one to one. */
paddr_t view_ram_limit(const struct record *record, paddr_t mem_limit_paddr);

/* The run that holds page @pfn, or the first one behind it: an index, n_runs if there is none. */
size_t view_find_run(const struct view_target *target, pfn_t pfn);

/* How many pages of [start_pfn, end_pfn) have which fate; what no run has is no RAM. */
void view_count_fates(const struct view_target *target, pfn_t start_pfn, pfn_t end_pfn,
                      uint64_t ret_pages[FATE_COUNT]);

/* Fill in what follows: fate.c and ledger.c, for view_make(). */
void view_make_runs(struct view_target *target, const struct e820_map *e820);
void view_make_ledgers(struct view *view);

struct explanation_step {
	const char *stage; /* "UEFI map", "e820", "ia32", "amd64", "landmark" */
	char *text;
	bool is_decisive; /* this is why it is what it is */
};

/* Everything about one page, as a list of sentences in the order of events. */
struct explanation {
	const struct view *view;
	paddr_t paddr;
	struct explanation_step *steps;
	size_t n_steps, steps_capacity;
};
void explain_page(const struct view *view, paddr_t paddr, struct explanation *ret_explanation);

/* Does the e820 map of a log follow from its UEFI map, and under whose rules? */
struct check_difference {
	paddr_t start_paddr, end_paddr;
	uint32_t expected_type, found_type; /* E820_NONE: nothing there */
	uint32_t uefi_type;                 /* of the descriptor there; UINT32_MAX: none */
};
struct check {
	const struct record *record;
	struct check_rule {
		enum rules rules;
		bool is_exact;
		struct check_difference *differences;
		size_t n_differences, differences_capacity;
		uint64_t different_bytes;
	} rules[RULES_COUNT]; /* the best first */
	/* Rules of several loaders give this very list: it does not tell which one it was. (That
	 * those of the same loader do, and bootmem's, is usual.) */
	bool is_ambiguous;
};
/* False with *ret_error if the log lacks one of the maps. */
bool check_record(const struct record *record, struct check *ret_check, char **ret_error);

#endif
