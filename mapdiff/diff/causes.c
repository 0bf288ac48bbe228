/*
 * causes.c - what differs between two boots -> what can have moved the map; and for each change,
 * which of that it was, and what it means to the person who has the problem.
 *
 * A cause is named only on evidence: that it differs, and could do this. Where nothing differs that
 * the files show, the firmware did it by itself.
 */
#include "mapdiff/diff/diff.h"

#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/report/output.h"
#include "mapdiff/base/sorted.h"

const char *const cause_names[CAUSE_COUNT] = {
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_FIRMWARE] = "firmware",
	[CAUSE_BOOT_LOADER] = "boot loader",
	[CAUSE_KERNEL_STUB] = "kernel stub",
	[CAUSE_DEVICES] = "devices",
	[CAUSE_CPU_COUNT] = "CPU count",
	[CAUSE_RAM] = "RAM",
	[CAUSE_KERNEL_OPTIONS] = "kernel options",
	[CAUSE_KEXEC] = "kexec",
};

static bool starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* --- evidence: each returns what it saw, with both values, or NULL --- */

static char *facts_differ(const struct diff *diff, const char *key, const char *what)
{
	const struct fact_change *fact = diff_fact(diff, key);

	return fact == NULL ? NULL : memory_printf("%s: %s -> %s", what, fact->before, fact->after);
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

static char *ram_size(const struct diff *diff)
{
	const uint64_t least_bytes = 1 << 20; /* no DIMM is smaller; a firmware's pool may be */
	uint64_t installed[2];

	if (record_fact_number(diff->before, FACT_INSTALLED_BYTES, &installed[0]) &&
	    record_fact_number(diff->after, FACT_INSTALLED_BYTES, &installed[1]) &&
	    installed[0] == installed[1])
		return NULL;
	if (distance_u64(dram_bytes(&diff->e820[0]), dram_bytes(&diff->e820[1])) < least_bytes ||
	    distance_u64(diff->ram_bytes[0], diff->ram_bytes[1]) < least_bytes)
		return NULL;
	return memory_printf("the size of RAM: %s -> %s", text_size(diff->ram_bytes[0]),
	                     text_size(diff->ram_bytes[1]));
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
	return memory_printf("the ACPI table of CPUs (MADT): %" PRIu32 " -> %" PRIu32 " bytes",
	                     before, after);
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
	const char *line = record_fact(record, FACT_COMMAND_LINE);

	return line != NULL && starts_with(line, "BOOT_IMAGE=");
}

static char *boot_loader(const struct diff *diff)
{
	static const char *const by_type[2] = { "Linux's EFI stub (runtime code is reserved)",
		                                "GRUB (runtime code is type 20)" };
	bool before = diff->has_grub_map[0], after = diff->has_grub_map[1];
	bool have_lines = record_fact(diff->before, FACT_COMMAND_LINE) != NULL &&
	                  record_fact(diff->after, FACT_COMMAND_LINE) != NULL;

	if (before != after)
		return memory_printf("the boot loader: %s -> %s", by_type[before], by_type[after]);
	before = has_boot_image(diff->before);
	after = has_boot_image(diff->after);
	if (have_lines && before != after)
		return memory_printf(
			"the boot loader: BOOT_IMAGE= is in the command line of boot %c "
			"only, as GRUB puts it there",
			before ? 'A' : 'B');
	return facts_differ(diff, "loader", "the boot loader");
}

/* A machine with another chipset has its windows elsewhere. */
static char *machine(const struct diff *diff)
{
	return facts_differ(diff, "machine", "the machine");
}

static char *pci_devices(const struct diff *diff)
{
	const struct fact_change *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < diff->n_facts; i++) {
		if (fact_device(diff->facts[i].key) == NULL)
			continue;
		if (n++ == 0)
			first = &diff->facts[i];
	}
	if (n == 0)
		return NULL;
	return memory_printf("PCI devices: %zu differ%s, %s (%s) first", n, n == 1 ? "s" : "",
	                     fact_device(first->key),
	                     first->after == NULL    ? "gone"
	                     : first->before == NULL ? first->after
	                                             : "another one");
}

/* Devices that are not on PCI have an ACPI table each, which came or went with it. */
static char *acpi_devices(const struct diff *diff)
{
	static const struct {
		const char *signature, *device;
	} devices[] = {
		{ "TPM2", "a TPM" },    { "TCPA", "a TPM" },    { "NFIT", "an NVDIMM" },
		{ "DMAR", "an IOMMU" }, { "IVRS", "an IOMMU" },
	};

	for (size_t i = 0; i < diff->n_tables; i++) {
		const struct table_change *table = &diff->tables[i];
		const struct record_acpi *acpi = changed_table(table);

		if (table->before != NULL && table->after != NULL)
			continue;
		for (size_t j = 0; j < sizeof devices / sizeof devices[0]; j++)
			if (strcmp(acpi->signature, devices[j].signature) == 0)
				return memory_printf(
					"%s, which boot %c has, and boot %c has not "
					"(ACPI table %s)",
					devices[j].device, table->before != NULL ? 'A' : 'B',
					table->before != NULL ? 'B' : 'A', acpi->signature);
	}
	return NULL;
}

/* What the firmware keeps for a type. It learns from boot to boot: when a type was short of
 * memory, it has more the next time. */
static char *bins(const struct diff *diff)
{
	const struct record *before = diff->before, *after = diff->after;

	for (size_t i = 0; i < before->n_bins; i++)
		for (size_t j = 0; j < after->n_bins && j < UEFI_TYPE_COUNT; j++)
			if (before->bins[i].type == after->bins[j].type &&
			    before->bins[i].n_pages != after->bins[j].n_pages)
				return memory_printf(
					"what the firmware keeps for %s, which it learns from boot "
					"to boot (MemoryTypeInformation): %" PRIu64 " -> %" PRIu64
					" pages",
					uefi_type_name(before->bins[i].type),
					before->bins[i].n_pages, after->bins[j].n_pages);
	return NULL;
}

/* Flash and runtime services of another size: no boot makes them so, but another build does, or
 * other settings. */
static char *firmware_needs(const struct diff *diff)
{
	for (size_t i = 0; i < diff->n_uefi; i++) {
		const struct uefi_change_row *row = &diff->uefi[i];

		if ((row->type == UEFI_RUNTIME_SERVICES_CODE ||
		     row->type == UEFI_RUNTIME_SERVICES_DATA || row->type == UEFI_MMIO) &&
		    row->n_pages[0] != row->n_pages[1])
			return memory_printf(
				"what the firmware keeps for itself, as another build or "
				"other settings would (%s): %" PRIu64 " -> %" PRIu64 " pages",
				uefi_type_name(row->type), row->n_pages[0], row->n_pages[1]);
	}
	return NULL;
}

struct count {
	const char *what;
	size_t n;
};

/* "the ACPI tables: 1 new, 2 of another size"; NULL if all are none. */
static char *counts_text(const char *whose, const struct count *counts, size_t n_counts)
{
	struct bytes text = { 0 };

	for (size_t i = 0; i < n_counts; i++)
		if (counts[i].n > 0)
			memory_append(&text, "%s%s %zu %s", text.n_text > 0 ? "" : whose,
			              text.n_text > 0 ? "," : ":", counts[i].n, counts[i].what);
	return text.text;
}

static char *acpi_sizes(const struct diff *diff)
{
	enum { NEW, GONE, RESIZED };
	struct count counts[] = {
		[NEW] = { "new", 0 },
		[GONE] = { "gone", 0 },
		[RESIZED] = { "of another size", 0 },
	};

	for (size_t i = 0; i < diff->n_tables; i++) {
		const struct record_acpi *before = diff->tables[i].before;
		const struct record_acpi *after = diff->tables[i].after;

		counts[NEW].n += before == NULL;
		counts[GONE].n += after == NULL;
		counts[RESIZED].n += before != NULL && after != NULL &&
		                     before->length_bytes != after->length_bytes;
	}
	return counts_text("the ACPI tables", counts, sizeof counts / sizeof counts[0]);
}

static char *event_log(const struct diff *diff)
{
	for (size_t i = 0; i < diff->n_changes; i++)
		if (diff_is_stub_memory(diff, &diff->changes[i].change))
			return memory_printf(
				"the EFI stub of Linux allocates this memory (%s) where there is "
				"room at that moment",
				diff->changes[i].owner);
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
	{ CAUSE_DEVICES, machine },
	{ CAUSE_DEVICES, acpi_devices },
	{ CAUSE_DEVICES, pci_devices },
	{ CAUSE_FIRMWARE, bins },
	{ CAUSE_FIRMWARE, firmware_needs },
	{ CAUSE_FIRMWARE, acpi_sizes },
};

/* Is there anything beside the map that could differ? */
static bool is_bare(const struct record *record)
{
	return record_fact(record, FACT_CPU_COUNT) == NULL && record->n_acpi == 0 &&
	       record_fact(record, FACT_COMMAND_LINE) == NULL && record->n_uefi == 0;
}

/* Does the record tell where the configuration tables are? Then it would name the event log. */
static bool has_config_tables(const struct record *record)
{
	for (size_t i = 0; i < record->n_landmarks; i++)
		if (record->landmarks[i].kind == LANDMARK_CONFIG_TABLE ||
		    record->landmarks[i].kind == LANDMARK_STUB)
			return true;
	return false;
}

void diff_find_causes(struct diff *diff)
{
	diff->is_bare = is_bare(diff->before) || is_bare(diff->after);
	diff->names_tables = has_config_tables(diff->before) && has_config_tables(diff->after);
	for (size_t side = 0; side < 2; side++)
		diff->has_grub_map[side] = has_type(&diff->e820[side], E820_GRUB_RUNTIME_CODE);
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
	const struct uefi_descriptor *list = diff->sorted_uefi[side], *descriptor;
	size_t n = diff_record(diff, side)->n_uefi;
	paddr_t start_paddr, end_paddr;
	bool wraps;

	n = sorted_n_up_to(SORTED(struct uefi_descriptor, start_paddr, list, n),
	                   range->start_paddr);
	if (n == 0)
		return UINT32_MAX;
	descriptor = &list[n - 1];
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
	if (diff->has_grub_map[0] != diff->has_grub_map[1])
		return CAUSE_BOOT_LOADER;
	return CAUSE_UNKNOWN;
}

static bool has_evidence(const struct diff *diff, enum cause cause)
{
	for (size_t i = 0; i < diff->n_causes; i++)
		if (diff->causes[i].cause == cause)
			return true;
	return false;
}

/* What owners.c says of ACPI data in which it knows nothing. */
static bool is_nobody(const char *owner)
{
	return *owner == '\0' || starts_with(owner, "unknown: ");
}

static bool is_acpi_of_nobody(const struct diff_change *change)
{
	return change->change.before.type != E820_RAM && change->change.after.type != E820_RAM &&
	       is_nobody(change->owner);
}

/* "ACPI data" that may be what Linux's EFI stub copied: nothing tells. */
static bool may_be_event_log(const struct diff *diff, const struct diff_change *change)
{
	return is_acpi_of_nobody(change) && !diff->names_tables;
}

/* What moves everything moves what the stub allocates, too. */
static enum cause cause_of(const struct diff *diff, const struct diff_change *entry)
{
	const struct change *change = &entry->change;
	bool moves_all = has_evidence(diff, CAUSE_RAM) || has_evidence(diff, CAUSE_CPU_COUNT);

	if (!moves_all && diff_is_stub_memory(diff, change))
		return CAUSE_KERNEL_STUB;
	if (change->kind == CHANGE_RETYPED && retyper(diff, change) != CAUSE_UNKNOWN)
		return retyper(diff, change);
	for (size_t i = 0; i < diff->n_causes; i++)
		if (diff->causes[i].cause != CAUSE_KERNEL_STUB)
			return diff->causes[i].cause;
	return diff->is_bare || may_be_event_log(diff, entry) ? CAUSE_UNKNOWN : CAUSE_FIRMWARE;
}

/* --- what it means --- */

const char *diff_what_it_is(enum cause cause, const char *owner, uint32_t type)
{
	switch (type) {
	case E820_GRUB_RUNTIME_CODE:
		return cause == CAUSE_BOOT_LOADER
		               ? "Type 20 is GRUB's number for the code of the runtime services, which "
		                 "Linux's own EFI stub calls reserved: the same memory under another "
		                 "name."
		               : "Type 20 is GRUB's number for the code of the runtime services. The "
		                 "firmware has it here in one of the boots only; Linux's own EFI stub "
		                 "would call it reserved like the rest, and GRUB shows the difference.";
	case E820_ACPI:
		if (strstr(owner, "TPMEventLog") != NULL)
			return "This is the copy of the TPM event log that Linux's EFI stub makes "
			       "before the kernel starts, as \"ACPI data\" since Linux 6.12.";
		if (strstr(owner, "Unaccepted") != NULL)
			return "Linux's EFI stub keeps its table of unaccepted memory here.";
		if (is_nobody(owner))
			return "This \"ACPI data\" holds no ACPI table that is known: something that "
			       "ran before Linux allocated it, a driver of the firmware, a boot loader or "
			       "an EFI stub.";
		return "ACPI tables: the kernel reads them at boot, and uses them from then on.";
	case E820_NVS:
		return "ACPI NVS: the firmware uses this memory while the system runs.";
	case E820_PMEM:
	case E820_PRAM:
		return "Persistent memory is none that the system saves.";
	case E820_SOFT_RESERVED:
		return "Specific-purpose memory is left to a driver.";
	default:
		return starts_with(owner, "runtime services")
		               ? "Runtime services: what the kernel calls for variables, clock and "
		                 "reset."
		               : "Reserved memory belongs to the firmware, or to devices.";
	}
}

/* What kind of memory it is, with what else the two boots tell. */
static const char *what_it_is(const struct diff *diff, const struct diff_change *change,
                              uint32_t type)
{
	if (type == E820_ACPI && may_be_event_log(diff, change))
		return "This \"ACPI data\" holds no ACPI table that is known. It may be the TPM "
		       "event log that Linux's EFI stub copies: TPMEventLog= in the kernel's line "
		       "\"efi:\" would tell.";
	return diff_what_it_is(change->cause, change->owner, type);
}

/* Does @map have RAM in @range? */
static bool has_ram(const struct e820_map *map, const struct e820_range *range)
{
	/* The first that ends behind the start. */
	size_t i = sorted_n_up_to(SORTED(struct e820_range, end_paddr, map->ranges, map->n_ranges),
	                          range->start_paddr);

	while (i < map->n_ranges && map->ranges[i].start_paddr < range->end_paddr)
		if (map->ranges[i++].type == E820_RAM)
			return true;
	return false;
}

/* What would follow for a kernel that goes on with the map of before. */
static const char *what_follows(const struct diff *diff, const struct change *change)
{
	bool overwrites = has_ram(&diff->e820[0], &change->after);

	if (change->is_consequence || change->kind == CHANGE_RETYPED)
		return "";
	if (change->kind == CHANGE_MOVED)
		return overwrites
		               ? "A resumed kernel would look at the old place, and take the new one "
		                 "for RAM."
		               : "A resumed kernel would look at the old place.";
	if (overwrites)
		return "A resumed kernel would take the new part for RAM, and write over it.";
	return has_ram(&diff->e820[1], &change->before)
	               ? "A resumed kernel would still take what became RAM for what it was."
	               : "";
}

static const char *what_ram_means(const struct change *change)
{
	if (change->is_consequence)
		return "RAM gives way to what changed beside it.";
	switch (change->kind) {
	case CHANGE_GREW:
	case CHANGE_APPEARED:
		return "There is more RAM here than before.";
	case CHANGE_SHRANK:
	case CHANGE_VANISHED:
		return "There is less RAM here than before.";
	default:
		return "This RAM is elsewhere now.";
	}
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
		[CAUSE_KERNEL_STUB] =
			"Neither firmware nor boot loader moved it: it lands where memory is free "
			"at that moment. With the TPM disabled in the firmware's setup there is no "
			"event log.",
		[CAUSE_DEVICES] =
			"Resume on the machine, and with the devices (dock, power supply, "
			"screens), with which it hibernated.",
		[CAUSE_CPU_COUNT] = "Resume with as many CPUs as it hibernated with.",
		[CAUSE_RAM] = "A hibernated system can only be resumed with the RAM that it had.",
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
	bool is_gone = e820_is_empty(&what->after);
	uint32_t type = is_gone || what->before.type == E820_GRUB_RUNTIME_CODE ? what->before.type
	                                                                       : what->after.type;
	const char *advice;

	change->cause = cause_of(diff, change);
	advice = what->is_consequence ? "" : diff_advice(diff, change->cause);
	change->what = type == E820_RAM ? what_ram_means(what) : what_it_is(diff, change, type);
	change->so = type == E820_RAM ? "" : what_follows(diff, what);
	change->meaning = memory_printf("%s%s%s%s%s", change->what, *change->so != '\0' ? " " : "",
	                                change->so, *advice != '\0' ? " " : "", advice);
}

/* Of the causes that were seen, the first that is one of a change; else the first change's. */
void diff_sum_up_causes(struct diff *diff)
{
	static const char *const unseen[CAUSE_COUNT] = {
		[CAUSE_UNKNOWN] = "nothing; they hold little beside the map",
		[CAUSE_FIRMWARE] =
			"the firmware, or something started before Linux; nothing else that "
			"the two files show explains it",
		[CAUSE_BOOT_LOADER] =
			"another boot loader, which translated the same UEFI map in its "
			"own way",
	};

	for (size_t i = 0; i < diff->n_causes; i++)
		for (size_t j = 0; j < diff->n_changes; j++)
			if (diff->changes[j].cause == diff->causes[i].cause) {
				diff->cause = diff->causes[i].cause;
				diff->cause_text = diff->causes[i].text;
				return;
			}
	if (diff->n_changes > 0)
		diff->cause = diff->changes[0].cause;
	diff->cause_text = unseen[diff->cause];
	if (diff->cause == CAUSE_UNKNOWN && diff->n_changes > 0 &&
	    may_be_event_log(diff, &diff->changes[0]) && !diff->is_bare)
		diff->cause_text =
			"the firmware, or Linux's EFI stub; a line \"efi:\" with addresses "
			"would tell";
}
