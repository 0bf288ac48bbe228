/*
 * diff.h - two records -> what changed between the two boots, whose it is, why, and whether Linux
 * would resume from hibernation.
 */
#ifndef MAPDIFF_DIFF_DIFF_H
#define MAPDIFF_DIFF_DIFF_H

#include "mapdiff/record/record.h"
#include "x86/changes.h"

extern const char *const cause_names[CAUSE_COUNT]; /* "firmware", "boot loader", "CPU count" ... */

/* What differs between the two boots and can move a map, with both values. */
struct diff_cause {
	enum cause cause;
	char *text; /* "the number of CPUs: 1 -> 2" */
};

struct diff_change {
	struct change change; /* x86/changes.h */
	char *owner;          /* "TPMEventLog", "runtime services data"; "" for RAM only */
	enum cause cause;
	const char *what; /* a sentence: what kind of memory it is */
	const char *so;   /* a sentence: what a resumed kernel would do there; "" if nothing */
	char *meaning;    /* both, and what can be done */
};

/* An ACPI table, or a fact, in one, the other, or both and not the same. */
struct table_change {
	const struct record_acpi *before, *after; /* NULL: not there */
	char *what; /* "moved by +1 page", "grew by 83 bytes", "contents differ" */
};
struct fact_change {
	const char *key, *before, *after; /* NULL: not there */
};

/* The table as it was; where it appeared, as it is. */
static inline const struct record_acpi *changed_table(const struct table_change *change)
{
	return change->before != NULL ? change->before : change->after;
}

/* UEFI descriptors that are only in one of the maps, summed up by type. [0]: boot A, [1]: B. */
struct uefi_change_row {
	uint32_t type;
	size_t n_descriptors[2];     /* that are only there */
	uint64_t n_pages[2];         /* all pages of the type */
	uint64_t footprint_pages[2]; /* of these: bootmem's own */
	bool is_visible;             /* would an e820 map show it under Linux's rules? */
};

enum verdict { VERDICT_UNKNOWN, VERDICT_YES, VERDICT_NO };
extern const char *const verdict_names[3]; /* "unknown", "yes", "no" */

struct resume_reason {
	enum verdict verdict; /* NO: this alone forbids it; YES: supports; UNKNOWN: a caution */
	char *text;
};
struct resume {
	enum verdict verdict;
	bool has_crc32[2]; /* is the map one that Linux compares? */
	uint32_t crc32[2];
	uint32_t ram_crc32[2];         /* of its RAM alone */
	enum verdict ram_only;         /* what a kernel that compares those would do */
	struct resume_reason *reasons; /* the weightiest first */
	size_t n_reasons, reasons_capacity;
};

struct diff_options {
	bool subtracts_footprint; /* leave out what is bootmem's own */
};

struct diff {
	const struct record *before, *after;
	struct e820_map e820[2];     /* what was compared */
	bool is_e820_recorded[2];    /* else it was translated by Linux's rules */
	struct diff_change *changes; /* those that mean something, then those that follow */
	size_t n_changes;            /* all of them */
	size_t n_consequences;       /* how many of them, the last ones, are is_consequence */
	struct diff_cause *causes;   /* the likeliest first */
	size_t n_causes, causes_capacity;
	enum cause cause;       /* of all, in one word; CAUSE_UNKNOWN if nothing changed */
	const char *cause_text; /* what was seen of it: of one of @causes, or what else there is */
	struct table_change *tables;
	size_t n_tables, tables_capacity;
	struct fact_change *facts; /* conditions that differ */
	size_t n_facts, facts_capacity;
	struct uefi_change_row *uefi; /* types with a difference, by number */
	size_t n_uefi, uefi_capacity;
	bool has_uefi; /* both records have a UEFI map */
	/* For causes.c, asked once: */
	bool is_bare;         /* one of the records has nothing beside its map */
	bool names_tables;    /* both tell where configuration tables are: the event log, say */
	bool has_grub_map[2]; /* GRUB translated it, as only that has its type 20 */
	bool subtracts_footprint;
	struct uefi_descriptor *sorted_uefi[2]; /* of the records, by start address */
	uint64_t ram_bytes[2];
	struct resume resume;
};

/* The record of boot A (side 0), or of boot B (side 1). */
static inline const struct record *diff_record(const struct diff *diff, size_t side)
{
	return side == 0 ? diff->before : diff->after;
}

/* @before and @after must live as long as the result. False with *ret_error if one has no map at
 * all. */
bool diff_make(const struct record *before, const struct record *after,
               const struct diff_options *options, struct diff *ret_diff, char **ret_error);

/* Do the two maps, as far as they are in both, differ at all? For the exit status. Conditions that
 * differ are no difference. */
bool diff_is_different(const struct diff *diff);

/* Owners of [start_paddr, end_paddr) in a record: the names of the landmarks inside it, at most a
 * few, "..." behind; "" if there are none. */
char *owner_of(const struct record *record, paddr_t start_paddr, paddr_t end_paddr);

/*
 * The parts of diff_make(), in the order in which it calls them. Each fills in its part of @diff.
 */
/* diff.c: the changes between two maps. Returns how many there are. */
size_t diff_changes(const struct e820_map *before, const struct e820_map *after,
                    struct change **ret_changes);
/* owners.c: whose it is, by landmarks and UEFI types of both boots. "" for RAM, and
 * never else. */
char *diff_owner(const struct diff *diff, const struct change *change);
/* owners.c: does what Linux's EFI stub allocates lie in there, the copy of the TPM event log, say?
 * Before Linux 6.12 that was RAM, and shows in no map. */
bool diff_is_stub_memory(const struct diff *diff, const struct change *change);
/* tables.c: ACPI tables, conditions, UEFI descriptors. */
void diff_tables(struct diff *diff);
void diff_facts(struct diff *diff);
/* Of those, the one with this key, if both boots have it; else NULL. */
const struct fact_change *diff_fact(const struct diff *diff, const char *key);
void diff_uefi(struct diff *diff);
/* causes.c: what can have moved the map; then cause and meaning of each change; then of all. */
void diff_find_causes(struct diff *diff);
void diff_blame(const struct diff *diff, struct diff_change *change);
void diff_sum_up_causes(struct diff *diff);
/* causes.c: what kind of memory @type is, owned by @owner and moved by @cause. */
const char *diff_what_it_is(enum cause cause, const char *owner, uint32_t type);
/* causes.c: what can be done about changes of this cause; "" if nothing. Meanings end with it. */
const char *diff_cause_advice(enum cause cause); /* without a look at the evidence */
const char *diff_advice(const struct diff *diff, enum cause cause);
/* resume.c: the verdict, and its reasons. */
void diff_judge_resume(struct diff *diff);

#endif
