/*
 * diff.h - two records -> what changed between the two boots, whose it is, why, and whether Linux
 * would resume from hibernation.
 */
#ifndef MAPDIFF_DIFF_H
#define MAPDIFF_DIFF_H

#include "mapdiff/record.h"
#include "x86/changes.h"

#define E820_GRUB_RUNTIME_CODE 20 /* GRUB_MEMORY_CODE; no one else writes it */

/* Who or what is behind a change. */
enum cause {
	CAUSE_UNKNOWN,
	CAUSE_FIRMWARE,    /* another build, or it put things elsewhere by itself */
	CAUSE_BOOT_LOADER, /* another one, that writes other types */
	CAUSE_KERNEL_STUB, /* what the EFI stub of the kernel allocated */
	CAUSE_DEVICES,
	CAUSE_CPU_COUNT,
	CAUSE_RAM,
	CAUSE_FOOTPRINT, /* bootmem itself */
	CAUSE_COUNT
};
extern const char *const cause_names[CAUSE_COUNT]; /* "firmware", "boot loader", "CPU count" ... */

/* What differs between the two boots and can move a map, with both values. */
struct diff_cause {
	enum cause cause;
	char *text; /* "the number of CPUs: 1 -> 2" */
};

struct diff_change {
	struct change change; /* x86/changes.h */
	char *owner;          /* "TPMEventLog", "ACPI DSDT, ACPI FACP"; "" if not known */
	enum cause cause;
	char *meaning; /* one or two sentences: what it is, and what follows from it */
};

/* An ACPI table, or a fact, in one, the other, or both and not the same. */
struct table_change {
	const struct record_acpi *before, *after; /* NULL: not there */
	char *what; /* "moved by +1 page", "grew by 83 bytes", "contents differ" */
};
struct fact_change {
	const char *key, *before, *after; /* NULL: not there */
};

/* UEFI descriptors that are only in one of the maps, summed up by type. */
struct uefi_change_row {
	uint32_t type;
	size_t n_before, n_after;           /* descriptors that are only there */
	uint64_t pages_before, pages_after; /* all pages of the type */
	uint64_t footprint_pages[2];        /* of pages_before, pages_after: bootmem's own */
	bool is_visible;                    /* would an e820 map show it under Linux's rules? */
};

enum verdict { VERDICT_UNKNOWN, VERDICT_YES, VERDICT_NO };
extern const char *const verdict_names[3]; /* "unknown", "yes", "no" */

struct resume_reason {
	enum verdict verdict; /* NO: this alone forbids it; YES: supports; UNKNOWN: a caution */
	char *text;
};
struct resume {
	enum verdict verdict;
	bool has_crc32[2];
	uint32_t crc32[2];
	enum verdict ram_only;
	bool has_ram_crc32[2];
	uint32_t ram_crc32[2];
	struct resume_reason *reasons; /* the weightiest first */
	size_t n_reasons, reasons_capacity;
};

struct diff_options {
	bool subtracts_footprint; /* leave out what is bootmem's own */
};

struct diff {
	const struct record *before, *after;
	bool has_e820[2];            /* of the record; else it was translated by Linux's rules */
	struct e820_map e820[2];     /* what was compared */
	struct diff_change *changes; /* those that mean something, then those that follow */
	size_t n_changes;            /* all of them */
	size_t n_consequences;       /* how many of them, the last ones, are is_consequence */
	struct diff_cause *causes;   /* the likeliest first */
	size_t n_causes, causes_capacity;
	struct table_change *tables;
	size_t n_tables, tables_capacity;
	struct fact_change *facts; /* conditions that differ */
	size_t n_facts, facts_capacity;
	struct uefi_change_row *uefi; /* types with a difference, by number */
	size_t n_uefi, uefi_capacity;
	bool has_uefi;         /* both records have a UEFI map */
	bool has_grub_code[2]; /* e820 has GRUB's own type for runtime code */
	bool subtracts_footprint;
	struct uefi_descriptor *sorted_uefi[2]; /* of the records, by start address */
	uint64_t ram_bytes[2];
	struct resume resume;
};

/* @before and @after must live as long as the result. False with *ret_error if one has no map at
 * all. */
bool diff_make(const struct record *before, const struct record *after,
               const struct diff_options *options, struct diff *ret_diff, char **ret_error);
void diff_free(struct diff *diff);

/* Do the two maps, as far as they are in both, differ at all? For the exit status. Conditions that
 * differ are no difference. */
bool diff_is_different(const struct diff *diff);

/* Owners of [start_paddr, end_paddr) in a record: the names of the landmarks inside it, at most a
 * few, "..." behind. For the caller to free; "" if there are none. */
char *owner_of(const struct record *record, paddr_t start_paddr, paddr_t end_paddr);

/*
 * The parts of diff_make(), in the order in which it calls them. Each fills in its part of @diff.
 */
/* diff.c: the changes between two maps, for the caller to free with their owners; what vanished and
 * what appeared, if it is of one type and owner, is one thing that moved. @owner is asked for text
 * for the caller to free. Those that are is_consequence come last. Returns how many there are. */
typedef char *owner_fn(const void *context, size_t side, const struct e820_range *range);
size_t diff_changes(const struct e820_map *before, const struct e820_map *after, owner_fn *owner,
                    const void *context, struct diff_change **ret_changes);
/* owners.c: the owner of @range in boot @side, by landmarks and by UEFI type. For the caller to
 * free; "" for RAM, and if nothing is known. */
char *diff_range_owner(const struct diff *diff, size_t side, const struct e820_range *range);
/* owners.c: is the TPM event log that Linux's EFI stub copied in @range of boot @side? */
bool diff_is_event_log(const struct diff *diff, size_t side, const struct e820_range *range);
/* tables.c: ACPI tables, conditions, UEFI descriptors. */
void diff_tables(struct diff *diff);
void diff_facts(struct diff *diff);
void diff_uefi(struct diff *diff);
/* causes.c: what can have moved the map; then cause and meaning of each change. */
void diff_find_causes(struct diff *diff);
void diff_blame(const struct diff *diff, struct diff_change *change);
/* causes.c: what kind of memory @type is, owned by @owner and moved by @cause, and what follows
 * when it is elsewhere. */
const char *diff_what_it_is(enum cause cause, const char *owner, uint32_t type);
/* causes.c: what can be done about changes of this cause; "" if nothing. Meanings end with it. */
const char *diff_cause_advice(enum cause cause); /* without a look at the evidence */
const char *diff_advice(const struct diff *diff, enum cause cause);
/* resume.c: the verdict, and its reasons. */
void diff_judge_resume(struct diff *diff);

#endif
