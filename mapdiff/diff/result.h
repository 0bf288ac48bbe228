/*
 * result.h - what the step between two boots is: what diff.h makes, and every report shows. Types
 * only; texts are made of them in report/, but for those that are sentences of their own.
 */
#ifndef MAPDIFF_DIFF_RESULT_H
#define MAPDIFF_DIFF_RESULT_H

#include "mapdiff/map/result.h"
#include "mapdiff/record/record.h"
#include "mapdiff/record/start.h"
#include "x86/step.h"

/* One of the two boots, with what is asked of it again and again: made once, however many steps it
 * is a side of. */
struct diff_side {
	const struct record *record;
	enum start start;
	struct e820_map e820;                /* what is compared: what Linux got, or would get */
	bool is_e820_recorded;               /* else it was translated by Linux's rules */
	enum linux_answer answer;            /* to that translation */
	bool has_grub_map;                   /* GRUB translated it: only that has its type 20 */
	struct uefi_descriptor *sorted_uefi; /* the record's, by start address */
	bool is_bare;             /* the record has nothing beside the map that could differ */
	bool names_config_tables; /* it would name the event log of Linux's EFI stub */
	struct span pin; /* the block of `pin = yes'; empty: there is none, or nothing tells */
	uint64_t ram_bytes;
	bool has_crc32;            /* types are told, and Linux takes the map */
	uint32_t crc32, ram_crc32; /* Linux's hibernation checksum; that of RAM alone */
};

/* Whose memory changed: names from both boots, else what UEFI's types, else what e820's tell. */
struct owner {
	const char *names[3]; /* of landmarks: "TPMEventLog", "ACPI FACP" */
	size_t n_names;
	bool has_more_names;
	owner_set uefi;               /* x86/step.h: by the types of both boots */
	enum owner_kind e820;         /* by that of the boot that has it last */
	bool has_bin;                 /* it is as large as what the firmware keeps for its type */
	enum record_table stub_table; /* what Linux's EFI stub allocates as ACPI data, in there */
	bool has_tables;              /* ACPI tables lie in there */
	bool has_other_tables;        /* ACPI tables in there are elsewhere in the other boot */
	bool names_tables;            /* the boot that has it last names ACPI tables, */
	bool has_uefi_map;            /* and has a UEFI map */
};

struct diff_change {
	struct change change; /* x86/changes.h */
	struct owner owner;
	enum cause cause;
	const char *what;   /* a sentence: what kind of memory it is */
	const char *so;     /* a sentence: what a resumed kernel would do there; "" if nothing */
	const char *advice; /* sentences: what can be done; "" if nothing */
};

/* What differs between the two boots and can move a map, with both values. */
struct diff_cause {
	enum cause cause;
	const char *text; /* "the number of CPUs: 1 -> 2" */
	bool is_symptom;  /* another map may have come with it, as well as from it */
};

/* An ACPI table, or a fact, in one, the other, or both and not the same. */
struct table_change {
	const struct record_acpi *before, *after; /* NULL: not there */
};
struct fact_change {
	const char *key, *before, *after; /* NULL: not there */
};

/* UEFI descriptors that are only in one of the maps, summed up by type. [0]: boot A, [1]: B. */
struct uefi_change_row {
	uint32_t type;
	size_t n_descriptors[2];     /* that are only there */
	uint64_t n_pages[2];         /* all pages of the type */
	uint64_t footprint_pages[2]; /* of these: bootmem's own */
	bool is_visible;             /* would an e820 map show it under Linux's rules? */
};

/* By their weight: one NO is enough. */
enum verdict { VERDICT_UNKNOWN, VERDICT_YES, VERDICT_NO };

struct resume_reason {
	enum verdict verdict; /* NO: this alone forbids it; YES: supports; UNKNOWN: a caution */
	const char *text;
};
struct resume {
	enum verdict verdict;
	bool has_crc32[2]; /* is the map one that Linux compares? Else the checksums are none */
	uint32_t crc32[2];
	uint32_t ram_crc32[2]; /* of its RAM alone */
	enum verdict one_map;  /* are these equal? Unknown where a boot has none */
	enum verdict ram_only; /* and those: what a kernel that compares RAM alone would do */
	const char *to_do;     /* about the first NO that is not the map's; NULL: there is none */
	MEMORY_LIST(struct resume_reason, reasons); /* the weightiest first */
};

/* Would `pin = yes' of bootmem make the second boot resume the first, if both were pinned? Why, or
 * why not, or why that is not known. */
enum pin_reason {
	PIN_STUB_MEMORY, /* it would: what moved was allocated as ACPI data behind the loader */
	PIN_ONE_BOOT,    /* it is on in one of the boots alone, and that is what moved */
	PIN_TOO_SMALL,   /* both are pinned, and some of it found no room in the block */
	PIN_AT_WORK,     /* it would not: both are pinned, and nothing moved */
	PIN_NOT_NEEDED,  /* nothing moved */
	PIN_NOT_THE_MAP, /* something else forbids it, whatever the map */
	PIN_ELSEWHERE,   /* both are pinned, at two places */
	PIN_LOADERS,     /* two loaders write two types for the same memory */
	PIN_OPTIONS,     /* the kernel's */
	PIN_CPUS,
	PIN_RAM,
	PIN_FIRMWARE,   /* the firmware's own ranges, or its tables */
	PIN_OTHER_TYPE, /* no ACPI data */
	PIN_BEFORE,     /* it had moved before bootmem was started */
	PIN_NO_OWNER,   /* not known: nothing tells who allocated the ACPI data that moved */
	PIN_NO_TABLES,  /* a log names no ACPI tables: it may be theirs */
	PIN_CAPTURES,   /* captures are taken before the kernel allocates */
	PIN_MIXED,      /* and the other file is none, or no boot's by the firmware */
	PIN_NO_MAP,     /* whether the maps are one is not known */
	PIN_ALONE,      /* there is one boot only */
	PIN_REASON_COUNT
};

struct pin {
	enum verdict helps;
	enum pin_reason reason;
	uint32_t n_pages; /* of the block that it takes; 0 unless it helps */
};

/* What stands under the verdict: sentences, each with its full stop. */
struct advice {
	const char *to_do, *why, *sure;
};

struct diff {
	const struct diff_side *sides[2]; /* boot A, boot B */
	bool subtracts_footprint;
	const char *found; /* a sentence: which boots the one file has; NULL: there are two files */
	MEMORY_LIST(struct fact_change, facts); /* that differ, as the table of facts has them */
	MEMORY_LIST(struct table_change, tables);
	struct table_change renamed; /* the first of another identity; NULLs if there is none */
	MEMORY_LIST(struct uefi_change_row, uefi); /* types with a difference, by number */
	bool has_uefi;                             /* both records have a UEFI map */

	struct diff_change *changes; /* those that mean something, then those that follow */
	size_t n_changes;            /* all of them */
	size_t n_consequences;       /* how many of them, the last ones, are is_consequence */
	const struct diff_change *other_tables; /* the first with has_other_tables, or NULL */
	bool has_doubt; /* whether what moved these moved what Linux's EFI stub allocates */

	MEMORY_LIST(struct diff_cause, causes); /* the evidence, the likeliest first */
	size_t main_cause;      /* the one of them that is named; n_causes: none is */
	enum cause cause;       /* of all, in one word; CAUSE_UNKNOWN if nothing changed */
	const char *cause_text; /* what was seen of it, or what else there is */
	struct resume resume;
	struct pin pin;
	struct advice advice;
	struct view *views[2]; /* what becomes of each map; NULL: not asked for, or impossible */
};

/* The record of boot A (side 0), or of boot B (side 1). */
static inline const struct record *diff_record(const struct diff *diff, size_t side)
{
	return diff->sides[side]->record;
}

static inline const struct e820_map *diff_e820(const struct diff *diff, size_t side)
{
	return &diff->sides[side]->e820;
}

/* Are both maps the firmware's, or a loader's of that? Of others nothing is compared: there are no
 * changes then. */
static inline bool diff_is_comparable(const struct diff *diff)
{
	return diff->sides[0]->start == START_FIRMWARE && diff->sides[1]->start == START_FIRMWARE;
}

/* Are both sides of a diff, which has only pieces of their maps? What changed is known, but no
 * whole. */
static inline bool diff_is_of_excerpts(const struct diff *diff)
{
	return diff_record(diff, 0)->excerpt_of != NULL;
}

/* How many of the changes, the first ones, mean something. */
static inline size_t diff_n_telling(const struct diff *diff)
{
	return diff->n_changes - diff->n_consequences;
}

static inline char diff_letter(size_t side)
{
	return side == 0 ? 'A' : 'B';
}

/* The table as it was; where it appeared, as it is. */
static inline const struct record_acpi *changed_table(const struct table_change *change)
{
	return change->before != NULL ? change->before : change->after;
}

#endif
