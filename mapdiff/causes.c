/*
 * causes.c - what differs between two boots -> what can have moved the map; and for each change,
 * which of that it was, and what it means to the person who has the problem.
 *
 * A cause is named only on evidence: that it differs, and could do this. Where nothing differs that
 * the files show, the firmware did it by itself.
 */
#include "mapdiff/diff.h"

#include <stdlib.h>
#include <string.h>

#include "mapdiff/memory.h"
#include "mapdiff/output.h"

const char *const cause_names[CAUSE_COUNT] = {
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_FIRMWARE] = "firmware",
	[CAUSE_BOOT_LOADER] = "boot loader",
	[CAUSE_KERNEL_STUB] = "kernel stub",
	[CAUSE_DEVICES] = "devices",
	[CAUSE_CPU_COUNT] = "CPU count",
	[CAUSE_RAM] = "RAM size",
	[CAUSE_FOOTPRINT] = "bootmem itself",
};

/* --- evidence: each returns what it saw, with both values, or NULL --- */

static char *facts_differ(const struct diff *diff, const char *key, const char *what)
{
	const char *before = record_fact(diff->before, key), *after = record_fact(diff->after, key);

	if (before == NULL || after == NULL || strcmp(before, after) == 0)
		return NULL;
	return memory_printf("%s: %s -> %s", what, before, after);
}

/* Where DRAM ends below 4 GiB, and how much RAM there is above. What the firmware keeps at the end
 * of it, SMM's memory say, is DRAM too. Ranges that move do not change the sum, nor does a larger
 * window for devices, above which RAM is mapped elsewhere. */
static uint64_t dram_bytes(const struct e820_map *map)
{
	const paddr_t four_gib_paddr = UINT64_C(1) << 32;
	uint64_t low_bytes = 0, high_bytes = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];
		bool is_dram = range->type == E820_RAM || range->type == E820_ACPI ||
		               range->type == E820_NVS || range->start_paddr == low_bytes;

		if (is_dram && range->start_paddr < four_gib_paddr)
			low_bytes = min_u64(range->end_paddr, four_gib_paddr);
		if (range->type == E820_RAM && range->end_paddr > four_gib_paddr)
			high_bytes = range->end_paddr - four_gib_paddr;
	}
	return low_bytes + high_bytes;
}

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

static char *ram_size(const struct diff *diff)
{
	const uint64_t least_bytes = 1 << 20; /* no DIMM is smaller; a firmware's pool may be */
	char before[SIZE_TEXT_BYTES], after[SIZE_TEXT_BYTES];
	uint64_t installed[2];

	if (record_fact_number(diff->before, "installed-bytes", &installed[0]) &&
	    record_fact_number(diff->after, "installed-bytes", &installed[1]) &&
	    installed[0] == installed[1])
		return NULL;
	if (distance(dram_bytes(&diff->e820[0]), dram_bytes(&diff->e820[1])) < least_bytes ||
	    distance(diff->ram_bytes[0], diff->ram_bytes[1]) < least_bytes)
		return NULL;
	return memory_printf("the size of RAM: %s -> %s", size_text(before, diff->ram_bytes[0]),
	                     size_text(after, diff->ram_bytes[1]));
}

/* The bytes of the MADT, which has an entry for each CPU; 0: not known. */
static uint32_t madt_bytes(const struct record *record)
{
	for (size_t i = 0; i < record->n_acpi; i++)
		if (strcmp(record->acpi[i].signature, "APIC") == 0)
			return record->acpi[i].length_bytes;
	return 0;
}

static char *cpu_count(const struct diff *diff)
{
	uint32_t before = madt_bytes(diff->before), after = madt_bytes(diff->after);
	char *count = facts_differ(diff, "cpu-count", "the number of CPUs");

	if (count != NULL || before == 0 || after == 0 || before == after)
		return count;
	return memory_printf("the ACPI table of CPUs (MADT): %lu -> %lu bytes",
	                     (unsigned long)before, (unsigned long)after);
}

static char *firmware_build(const struct diff *diff)
{
	static const char *const keys[] = { "firmware-vendor", "firmware-revision", "bios",
		                            "bios-vendor",     "bios-version",      "bios-date" };

	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		char *text = facts_differ(diff, keys[i], "the firmware's build");

		if (text != NULL)
			return text;
	}
	return NULL;
}

static bool has_type(const struct e820_map *map, uint32_t type)
{
	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].type == type)
			return true;
	return false;
}

/* GRUB puts it first into the command line; the EFI stub started by itself has none. */
static bool has_boot_image(const struct record *record)
{
	const char *line = record_fact(record, "command-line");

	return line != NULL && strncmp(line, "BOOT_IMAGE=", strlen("BOOT_IMAGE=")) == 0;
}

static char *boot_loader(const struct diff *diff)
{
	static const char *const by_type[2] = { "Linux's EFI stub (runtime code is reserved)",
		                                "GRUB (runtime code is type 20)" };
	bool before = diff->has_grub_code[0], after = diff->has_grub_code[1];
	bool have_lines = record_fact(diff->before, "command-line") != NULL &&
	                  record_fact(diff->after, "command-line") != NULL;

	if (before != after)
		return memory_printf("the boot loader: %s -> %s", by_type[before], by_type[after]);
	before = has_boot_image(diff->before);
	after = has_boot_image(diff->after);
	if (have_lines && before != after)
		return memory_printf(
			"the boot loader: BOOT_IMAGE= is in the command line of boot %d "
			"only, as GRUB puts it there",
			before ? 1 : 2);
	return facts_differ(diff, "loader", "the boot loader");
}

static char *devices(const struct diff *diff)
{
	const struct fact_change *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < diff->n_facts; i++) {
		if (strncmp(diff->facts[i].key, "device ", strlen("device ")) != 0)
			continue;
		if (n++ == 0)
			first = &diff->facts[i];
	}
	if (n == 0)
		return NULL;
	return memory_printf("PCI devices: %zu differ%s, %s (%s) first", n, n == 1 ? "s" : "",
	                     first->key + strlen("device "),
	                     first->after == NULL    ? "gone"
	                     : first->before == NULL ? first->after
	                                             : "another one");
}

/* Flash and runtime services of another size: no boot makes them so, but another build does, or
 * other settings. */
static char *firmware_needs(const struct diff *diff)
{
	for (size_t i = 0; i < diff->n_uefi; i++) {
		const struct uefi_change_row *row = &diff->uefi[i];

		if ((row->type == UEFI_RUNTIME_SERVICES_CODE ||
		     row->type == UEFI_RUNTIME_SERVICES_DATA || row->type == UEFI_MMIO) &&
		    row->pages_before != row->pages_after)
			return memory_printf(
				"what the firmware keeps for itself, as another build or "
				"other settings would (%s): %llu -> %llu pages",
				uefi_type_name(row->type), (unsigned long long)row->pages_before,
				(unsigned long long)row->pages_after);
	}
	return NULL;
}

static uint64_t acpi_bytes(const struct record *record)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < record->n_acpi; i++)
		bytes += record->acpi[i].length_bytes;
	return bytes;
}

static char *acpi_size(const struct diff *diff)
{
	const struct record *before = diff->before, *after = diff->after;
	char sizes[2][SIZE_TEXT_BYTES];

	if (before->n_acpi == 0 || after->n_acpi == 0 || acpi_bytes(before) == acpi_bytes(after))
		return NULL;
	return memory_printf("the ACPI tables: %zu with %s -> %zu with %s", before->n_acpi,
	                     size_text(sizes[0], acpi_bytes(before)), after->n_acpi,
	                     size_text(sizes[1], acpi_bytes(after)));
}

static char *event_log(const struct diff *diff)
{
	for (size_t i = 0; i < diff->n_changes; i++) {
		const struct change *change = &diff->changes[i].change;

		if (diff_is_event_log(diff, 0, &change->before) ||
		    diff_is_event_log(diff, 1, &change->after))
			return memory_printf(
				"the TPM event log: Linux's EFI stub copies it to where "
				"there is room");
	}
	return NULL;
}

/* In this order: what is further up would explain what is further down, too. */
static const struct {
	enum cause cause;
	char *(*see)(const struct diff *diff);
} evidence[] = {
	{ CAUSE_RAM, ram_size },
	{ CAUSE_CPU_COUNT, cpu_count },
	{ CAUSE_FIRMWARE, firmware_build },
	{ CAUSE_BOOT_LOADER, boot_loader },
	{ CAUSE_KERNEL_STUB, event_log },
	{ CAUSE_DEVICES, devices },
	{ CAUSE_FIRMWARE, firmware_needs },
	{ CAUSE_FIRMWARE, acpi_size },
};

/* Is there anything beside the map that could differ? */
static bool is_bare(const struct record *record)
{
	return record_fact(record, "cpu-count") == NULL && record->n_acpi == 0 &&
	       record_fact(record, "command-line") == NULL && record->n_uefi == 0;
}

void diff_find_causes(struct diff *diff)
{
	for (size_t side = 0; side < 2; side++)
		diff->has_grub_code[side] = has_type(&diff->e820[side], E820_GRUB_RUNTIME_CODE);
	for (size_t i = 0; i < sizeof evidence / sizeof evidence[0]; i++) {
		char *text = evidence[i].see(diff);

		if (text != NULL)
			*MEMORY_ADD(diff, causes) = (struct diff_cause){ evidence[i].cause, text };
	}
}

/* --- a change --- */

/* The UEFI type of all of @range in boot @side; UINT32_MAX if it is not known, or not one. */
static uint32_t uefi_type_of(const struct diff *diff, size_t side, const struct e820_range *range)
{
	size_t n = (side == 0 ? diff->before : diff->after)->n_uefi, low = 0, high = n;
	const struct uefi_descriptor *descriptor;
	paddr_t start_paddr, end_paddr;
	bool wraps;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (diff->sorted_uefi[side][middle].start_paddr <= range->start_paddr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return UINT32_MAX;
	descriptor = &diff->sorted_uefi[side][low - 1];
	return uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps) &&
	                       end_paddr >= range->end_paddr
	               ? descriptor->type
	               : UINT32_MAX;
}

/* The same memory under another number: if UEFI has one type for it in both boots, who translated
 * the map is another. GRUB's number in one of the maps says the same. */
static enum cause retyper(const struct diff *diff, const struct change *change)
{
	uint32_t before = uefi_type_of(diff, 0, &change->before);
	uint32_t after = uefi_type_of(diff, 1, &change->after);

	if (before != UINT32_MAX && after != UINT32_MAX)
		return before == after ? CAUSE_BOOT_LOADER : CAUSE_FIRMWARE;
	if (diff->has_grub_code[0] != diff->has_grub_code[1])
		return CAUSE_BOOT_LOADER;
	return CAUSE_UNKNOWN;
}

static enum cause cause_of(const struct diff *diff, const struct change *change)
{
	if (diff_is_event_log(diff, 0, &change->before) ||
	    diff_is_event_log(diff, 1, &change->after))
		return CAUSE_KERNEL_STUB;
	if (change->kind == CHANGE_RETYPED && retyper(diff, change) != CAUSE_UNKNOWN)
		return retyper(diff, change);
	for (size_t i = 0; i < diff->n_causes; i++)
		if (diff->causes[i].cause != CAUSE_KERNEL_STUB)
			return diff->causes[i].cause;
	return is_bare(diff->before) || is_bare(diff->after) ? CAUSE_UNKNOWN : CAUSE_FIRMWARE;
}

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* What kind of memory it is, and what follows when it is elsewhere. */
const char *diff_what_it_is(enum cause cause, const char *owner, uint32_t type)
{
	if (cause == CAUSE_KERNEL_STUB)
		return "This is the copy of the TPM event log that Linux's EFI stub makes before the "
		       "kernel starts, as \"ACPI data\" since Linux 6.12. Neither firmware nor boot "
		       "loader moved it; it lands where memory is free at that moment.";
	if (type == E820_GRUB_RUNTIME_CODE && cause == CAUSE_BOOT_LOADER)
		return "Type 20 is GRUB's number for the code of the runtime services, which Linux's "
		       "own EFI stub calls reserved: the same memory under another name.";
	if (type == E820_GRUB_RUNTIME_CODE)
		return "Type 20 is GRUB's number for the code of the runtime services. The firmware "
		       "has it here in one of the boots only; Linux's own EFI stub would call it "
		       "reserved like the rest, and GRUB shows the difference.";
	if (starts_with(owner, "runtime services"))
		return "Here is what the kernel calls when it needs the firmware (variables, clock, "
		       "reset): a restored kernel would call the old place.";
	if (type == E820_ACPI && starts_with(owner, "ACPI"))
		return "ACPI tables are read at boot and used from then on: a restored kernel would look "
		       "for them at the old place.";
	if (type == E820_ACPI)
		return "\"ACPI data\" in which no ACPI table is known to lie: something that ran before "
		       "Linux allocated it, a driver of the firmware, a boot loader or an EFI stub.";
	if (type == E820_NVS)
		return "ACPI NVS is memory that the firmware uses while the system runs: it would use "
		       "the new place, and a restored kernel would take that for RAM.";
	return "Reserved memory is used by firmware or devices: a restored kernel would take the new "
	       "place for RAM.";
}

static bool has_evidence(const struct diff *diff, enum cause cause)
{
	for (size_t i = 0; i < diff->n_causes; i++)
		if (diff->causes[i].cause == cause)
			return true;
	return false;
}

const char *diff_cause_advice(enum cause cause)
{
	static const char *const advice[CAUSE_COUNT] = {
		[CAUSE_UNKNOWN] = "",
		[CAUSE_FIRMWARE] =
			"Compare a few more boots (mapdiff series); if it moves again, that "
			"is worth a report to the firmware's vendor.",
		[CAUSE_BOOT_LOADER] = "Resume through the boot loader that started the hibernated "
				      "system.",
		[CAUSE_KERNEL_STUB] = "Disabling the TPM in the firmware's setup avoids it.",
		[CAUSE_DEVICES] =
			"Resume with the devices (dock, power supply, screens) that were there "
			"when it hibernated.",
		[CAUSE_CPU_COUNT] = "Resume with as many CPUs as it hibernated with.",
		[CAUSE_RAM] = "A hibernated system can only be resumed with the RAM that it had.",
		[CAUSE_FOOTPRINT] = "",
	};

	return advice[cause];
}

const char *diff_advice(const struct diff *diff, enum cause cause)
{
	if (cause == CAUSE_FIRMWARE && has_evidence(diff, CAUSE_FIRMWARE))
		return "An image of before cannot be resumed with another build of the firmware, other "
		       "settings, or other tables: go back to those, or start afresh.";
	return diff_cause_advice(cause);
}

void diff_blame(const struct diff *diff, struct diff_change *change)
{
	const struct change *what = &change->change;
	const struct e820_range *range =
		what->after.end_paddr > what->after.start_paddr ? &what->after : &what->before;
	bool is_grub = what->before.type == E820_GRUB_RUNTIME_CODE ||
	               what->after.type == E820_GRUB_RUNTIME_CODE;
	const char *is, *advice;

	change->cause = cause_of(diff, what);
	advice = what->is_consequence ? "" : diff_advice(diff, change->cause);
	if (what->is_consequence)
		is = "RAM gives way to what changed beside it.";
	else if (range->type == E820_RAM)
		is = diff->ram_bytes[1] > diff->ram_bytes[0] ? "There is more RAM than before."
		                                             : "There is less RAM than before.";
	else if (change->cause == CAUSE_RAM && what->kind == CHANGE_MOVED)
		is = "What the firmware puts at the top of RAM moves with the size of RAM.";
	else
		is = diff_what_it_is(change->cause, change->owner,
		                     is_grub ? E820_GRUB_RUNTIME_CODE : range->type);
	change->meaning = memory_printf("%s%s%s", is, *advice != '\0' ? " " : "", advice);
}
