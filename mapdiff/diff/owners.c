/* owners.c - a range, or a change -> whose memory it is: see owners.h. */
#include "mapdiff/diff/owners.h"

#include <limits.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/record/system.h"

/* What the names of ACPI tables have in front of the signature (record_finish()). */
static const char acpi_prefix[] = "ACPI ";

/* --- by name --- */

static void add_name(struct owner *owner, const char *name)
{
	for (size_t i = 0; i < owner->n_names; i++)
		if (strcmp(owner->names[i], name) == 0)
			return;
	if (owner->n_names < COUNT(owner->names))
		owner->names[owner->n_names++] = name;
	else
		owner->has_more_names = true;
}

/* Landmarks, by index. */
struct found {
	size_t first, end;
};

/* Those that start in [start_paddr, end_paddr). */
static struct found landmarks_in(const struct record *record, paddr_t start_paddr,
                                 paddr_t end_paddr)
{
	struct sorted sorted =
		SORTED(struct landmark, start_paddr, record->landmarks, record->n_landmarks);

	return (struct found){ sorted_n_below(sorted, start_paddr),
		               sorted_n_below(sorted, end_paddr) };
}

/* ACPI tables are many; what else lies beside them says more. */
static bool is_acpi(const struct landmark *landmark)
{
	return landmark->kind == LANDMARK_ACPI || landmark->table == TABLE_RSDP;
}

/* A configuration table of either version of ACPI is the RSDP. */
static const char *name_of(const struct landmark *landmark)
{
	return landmark->table == TABLE_RSDP ? "ACPI RSDP" : landmark->name;
}

static void add_names(struct owner *owner, const struct record *record, paddr_t start_paddr,
                      paddr_t end_paddr)
{
	struct found found = landmarks_in(record, start_paddr, end_paddr);

	for (int acpi = 0; acpi < 2; acpi++)
		for (size_t i = found.first; i < found.end && !owner->has_more_names; i++)
			if (landmark_is_owner(&record->landmarks[i]) &&
			    is_acpi(&record->landmarks[i]) == (acpi == 1))
				add_name(owner, name_of(&record->landmarks[i]));
}

struct owner owner_of_range(const struct record *record, paddr_t start_paddr, paddr_t end_paddr)
{
	struct owner owner = { .n_names = 0 };

	add_names(&owner, record, start_paddr, end_paddr);
	return owner;
}

/* --- of a change --- */

/* Memory of this size, to the page, is what the firmware keeps for the type from boot to boot. */
static bool is_bin(const struct record *record, const struct e820_range *range)
{
	MEMORY_EACH(bin, record, bins)
		if (bin->n_pages > 0 &&
		    bin->n_pages == (range->end_paddr - range->start_paddr) >> PAGE_SHIFT &&
		    ((bin->type == UEFI_ACPI_NVS && range->type == E820_NVS) ||
		     (bin->type == UEFI_ACPI_RECLAIM && range->type == E820_ACPI)))
			return true;
	return false;
}

/* Is an ACPI table of boot @side elsewhere in the other boot, or of another length, or not there at
 * all? Where that boot names no such table, it is where it is here, if there is memory of the
 * change: @other. */
static bool is_other_table(const struct diff *diff, size_t side, const struct landmark *table,
                           const struct e820_range *other)
{
	const struct record *record = diff_record(diff, 1 - side);
	struct found found = landmarks_in(record, table->start_paddr, table->start_paddr + 1);

	if (table->kind != LANDMARK_ACPI)
		return false;
	for (size_t i = found.first; i < found.end; i++)
		if (record->landmarks[i].end_paddr == table->end_paddr &&
		    strcmp(record->landmarks[i].name, table->name) == 0)
			return false;
	if (record->n_acpi > 0 && tables_are_comparable(diff, table->name + strlen(acpi_prefix)))
		return true;
	return table->start_paddr < other->start_paddr || table->start_paddr >= other->end_paddr;
}

/* --- what Linux's EFI stub allocates --- */

#define BOOT_MAP_SINCE      SYSTEM_KERNEL(6, 1)
#define BOOT_MAP_MOST_PAGES 8  /* of 600 descriptors: real machines have up to 250 */
#define BOOT_MAP_SPARE      64 /* descriptors: the stub leaves room for 32, and more come */
#define BOOT_MAP_STRIDE     48 /* bytes of a descriptor: edk2's */

/* How many it may have for the kernel of @record: by the map that its log has, else what is rare.
 */
static uint64_t boot_map_pages(const struct record *record)
{
	return record->n_uefi > 0 ? pages_of((record->n_uefi + BOOT_MAP_SPARE) * BOOT_MAP_STRIDE)
	                          : BOOT_MAP_MOST_PAGES;
}

static bool has_owner(const struct record *record, struct span span)
{
	struct found found = landmarks_in(record, span.start_paddr, span.end_paddr);

	for (size_t i = found.first; i < found.end; i++)
		if (landmark_is_owner(&record->landmarks[i]))
			return true;
	return false;
}

/*
 * May @range of boot @side be the copy of the firmware's map that Linux's EFI stub makes? Or, of
 * one that has its like, @other, in the other boot, what is not in that: it may lie beside tables.
 * No log has its address; but it is always there, and where all tables are known, nothing else is
 * as small and without a name.
 */
static bool may_be_boot_map(const struct diff *diff, size_t side, const struct e820_range *range,
                            const struct e820_range *other)
{
	const struct record *record = diff_record(diff, side);
	struct span whole = { range->start_paddr, range->end_paddr };
	struct span parts[] = { whole, { 0, 0 } };
	unsigned int kernel = system_kernel(record);
	uint64_t bytes = 0;

	if (kernel < BOOT_MAP_SINCE || kernel == UINT_MAX || diff->sides[side]->has_grub_map ||
	    !diff->sides[side]->names_config_tables || record->n_acpi == 0)
		return false;
	if (has_owner(record, whole) && other->type == E820_ACPI) {
		parts[0].end_paddr =
			min_u64(whole.end_paddr, max_u64(other->start_paddr, whole.start_paddr));
		parts[1] = (struct span){ max_u64(whole.start_paddr,
			                          min_u64(other->end_paddr, whole.end_paddr)),
			                  whole.end_paddr };
	}
	for (size_t i = 0; i < COUNT(parts); i++) {
		if (has_owner(record, parts[i]))
			return false;
		bytes += parts[i].end_paddr - parts[i].start_paddr;
	}
	return bytes <= pfn_paddr(boot_map_pages(record));
}

/* By both boots: each that has it as "ACPI data" must allow it. */
static bool is_boot_map(const struct diff *diff, const struct e820_range *const ranges[2])
{
	for (size_t side = 0; side < 2; side++) {
		const struct e820_range *range = ranges[side];

		if (e820_is_empty(range) || range->type == E820_RAM)
			continue;
		if (range->type != E820_ACPI ||
		    !may_be_boot_map(diff, side, range, ranges[1 - side]))
			return false;
	}
	return true;
}

/* What lies in @range of boot @side. Linux's EFI stub allocates its tables as ACPI data. Older ones
 * had the copy of the event log in RAM, which shows in no map. The seed is small, and may have got
 * room beside the firmware's tables. */
static void look_into(const struct diff *diff, size_t side, const struct e820_range *range,
                      const struct e820_range *other, struct owner *owner)
{
	const struct record *record = diff_record(diff, side);
	struct found found = landmarks_in(record, range->start_paddr, range->end_paddr);
	bool has_acpi = false, has_seed = false;

	for (size_t i = found.first; i < found.end; i++) {
		const struct landmark *landmark = &record->landmarks[i];

		has_acpi |= is_acpi(landmark);
		has_seed |= landmark->table == TABLE_RNG_SEED;
		owner->has_other_tables |= is_other_table(diff, side, landmark, other);
		if (owner->stub_table == TABLE_OTHER && range->type == E820_ACPI &&
		    (landmark->table == TABLE_EVENT_LOG || landmark->table == TABLE_UNACCEPTED))
			owner->stub_table = landmark->table;
	}
	if (owner->stub_table == TABLE_OTHER && range->type == E820_ACPI && has_seed && !has_acpi)
		owner->stub_table = TABLE_RNG_SEED;
	owner->has_tables |= has_acpi;
	owner->names_tables = record->n_acpi > 0;
	owner->has_uefi_map = record->n_uefi > 0;
}

struct owner owner_of_change(const struct diff *diff, const struct step_change *change)
{
	const struct e820_range *ranges[2] = { &change->change.before, &change->change.after };
	struct owner owner = { .uefi = change->uefi, .e820 = change->e820 };

	for (size_t side = 0; side < 2; side++) {
		const struct record *record = diff_record(diff, side);
		const struct e820_range *range = ranges[side];

		if (e820_is_empty(range) || range->type == E820_RAM)
			continue;
		add_names(&owner, record, range->start_paddr, range->end_paddr);
		owner.has_bin |= is_bin(record, range);
		look_into(diff, side, range, ranges[1 - side], &owner);
	}
	if (owner.stub_table == TABLE_OTHER && owner.e820 == OWNER_ACPI &&
	    !owner.has_other_tables && is_boot_map(diff, ranges)) {
		owner.stub_table = TABLE_BOOT_MAP;
		add_name(&owner, "boot memory map");
	}
	return owner;
}

bool owner_is_nobody(const struct owner *owner)
{
	return owner->n_names == 0 && owner->uefi == 0 && !owner->has_bin &&
	       owner->e820 == OWNER_ACPI;
}

bool owner_is(const struct owner *owner, enum owner_kind kind)
{
	return (owner->uefi & owner_bit(kind)) != 0 ||
	       (owner->n_names == 0 && owner->uefi == 0 && owner->e820 == kind);
}

/* --- in words --- */

/* "ACPI DSDT, FACP, HPET, ...": what all the names have in front stands there once. */
static void append_names(struct bytes *text, const struct owner *owner)
{
	size_t bytes = strlen(acpi_prefix);

	for (size_t i = 0; i < owner->n_names; i++) {
		const char *name = owner->names[i];
		bool is_next = i > 0 && strncmp(name, acpi_prefix, bytes) == 0 &&
		               strncmp(owner->names[i - 1], acpi_prefix, bytes) == 0;

		memory_append(text, "%s%s", i > 0 ? ", " : "", is_next ? name + bytes : name);
	}
	if (owner->has_more_names)
		memory_append(text, ", ...");
}

/* What the e820 type alone tells. */
static const char *e820_text(const struct owner *owner)
{
	switch (owner->e820) {
	case OWNER_ACPI:
		return owner->names_tables ? "unknown: no ACPI table lies there"
		                           : "unknown: the file names no ACPI tables";
	case OWNER_UNKNOWN:
		return owner->has_uefi_map ? "unknown" : "unknown without a UEFI map";
	default:
		return owner_kind_name(owner->e820);
	}
}

const char *owner_text(const struct owner *owner)
{
	bool has_kinds = owner->uefi != 0, has_names = owner->n_names > 0;
	struct bytes text = { 0 };

	if (!has_kinds && !has_names)
		return owner->has_bin ? "MemoryTypeInformation bin" : e820_text(owner);
	for (enum owner_kind kind = OWNER_NONE; kind < OWNER_KINDS; kind++)
		if ((owner->uefi & owner_bit(kind)) != 0)
			memory_append(&text, "%s%s", text.n_text > 0 ? ", " : "",
			              owner_kind_name(kind));
	if (has_kinds && has_names)
		memory_append(&text, " (");
	append_names(&text, owner);
	if (has_kinds && has_names)
		memory_append(&text, ")");
	if (owner->has_bin)
		memory_append(&text, ", in a MemoryTypeInformation bin");
	return bytes_text(&text);
}
