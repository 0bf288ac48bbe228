/* causes.c - what differs between two boots -> the evidence for each cause: see causes.h. */
#include "mapdiff/diff/causes.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/text.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/owners.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/record/command_line.h"

const char *const cause_names[] = {
	[CAUSE_UNKNOWN] = "unknown",
	[CAUSE_FIRMWARE] = "firmware",
	[CAUSE_BOOT_LOADER] = "boot loader",
	[CAUSE_KERNEL_OPTIONS] = "kernel options",
	[CAUSE_KERNEL_STUB] = "kernel stub",
	[CAUSE_KEXEC] = "kexec",
	[CAUSE_XEN] = "Xen",
	[CAUSE_DEVICES] = "devices",
	[CAUSE_CPU_COUNT] = "CPU count",
	[CAUSE_RAM] = "RAM",
};
_Static_assert(COUNT(cause_names) == CAUSE_COUNT, "a cause has no name");

/* --- evidence: each returns what it saw, with both values, or NULL --- */

/* One of the boots got its map from Xen, or from another kernel, and not from the firmware. */
static const char *other_start(const struct diff *diff, bool is_xen)
{
	for (size_t side = 2; side-- > 0;)
		if (diff->sides[side]->start != START_FIRMWARE &&
		    (diff->sides[side]->start == START_XEN) == is_xen)
			return memory_printf("boot %c is %s", diff_letter(side),
			                     start_text(diff->sides[side]->start));
	return NULL;
}

static const char *xen(const struct diff *diff)
{
	return other_start(diff, true);
}

static const char *kexec(const struct diff *diff)
{
	return other_start(diff, false);
}

/* Where DRAM ends below 4 GiB, and how much there is above. What the firmware keeps at the end of
 * it, SMM's memory say, is DRAM too, and so is what is left to a driver. Ranges that move do not
 * change the sum, nor does a larger window for devices, above which RAM is mapped elsewhere. */
static uint64_t dram_bytes(const struct e820_map *map)
{
	const paddr_t four_gib_paddr = UINT64_C(1) << 32;
	paddr_t low_end_paddr = 0, high_end_paddr = four_gib_paddr;

	MEMORY_EACH(range, map, ranges) {
		bool is_ram =
			range->type == E820_RAM || range->type == (uint32_t)E820_SOFT_RESERVED;
		bool is_firmware = range->type == E820_ACPI || range->type == E820_NVS;

		if (range->start_paddr < four_gib_paddr &&
		    (is_ram || is_firmware || range->start_paddr == low_end_paddr))
			low_end_paddr = min_u64(range->end_paddr, four_gib_paddr);
		if (range->end_paddr > four_gib_paddr &&
		    (is_ram ||
		     (range->start_paddr == high_end_paddr && high_end_paddr > four_gib_paddr)))
			high_end_paddr = range->end_paddr;
	}
	return low_end_paddr + high_end_paddr - four_gib_paddr;
}

static const char *ram_size(const struct diff *diff)
{
	const uint64_t least_bytes = 1 << 20; /* no DIMM is smaller; a firmware's pool may be */
	uint64_t before = diff->sides[0]->ram_bytes, after = diff->sides[1]->ram_bytes;
	uint64_t installed[2];
	bool is_known = facts_numbers_of_both(diff, FACT_INSTALLED_BYTES, installed);

	if (is_known && installed[0] == installed[1])
		return NULL;
	if (!diff_is_of_excerpts(diff) &&
	    distance_u64(dram_bytes(diff_e820(diff, 0)), dram_bytes(diff_e820(diff, 1))) >=
	            least_bytes &&
	    distance_u64(before, after) >= least_bytes)
		return memory_printf("the size of RAM: %s -> %s", text_size(before),
		                     text_size(after));
	return is_known ? memory_printf("%s: %s -> %s", fact_rows[FACT_INSTALLED_BYTES].name,
	                                text_size(installed[0]), text_size(installed[1]))
	                : NULL;
}

/* A fact whose row says that it is evidence of @cause, and that both boots have. */
static const char *fact_of(const struct diff *diff, enum cause cause)
{
	MEMORY_EACH(fact, diff, facts)
		if (fact->before != NULL && fact->after != NULL && fact_device(fact->key) == NULL &&
		    fact_of_key(fact->key)->cause == cause)
			return memory_printf("%s: %s -> %s", fact_name(fact->key), fact->before,
			                     fact->after);
	return NULL;
}

/* The bytes of the MADT, which has an entry for each CPU; 0: not known. */
static uint32_t madt_bytes(const struct record *record)
{
	MEMORY_EACH(table, record, acpi)
		if (strcmp(table->signature, "APIC") == 0)
			return table->length_bytes;
	return 0;
}

/* Linux counts what it may use: an option that limits it is no other machine. */
static bool limits_cpus_otherwise(const struct diff *diff)
{
	static const char *const options[] = { "nr_cpus=", "maxcpus=", "possible_cpus=", "nosmp" };

	for (size_t i = 0; i < COUNT(options); i++)
		if (command_line_differs(diff_record(diff, 0), diff_record(diff, 1), options[i]))
			return true;
	return false;
}

static const char *cpu_count(const struct diff *diff)
{
	uint32_t before = madt_bytes(diff_record(diff, 0));
	uint32_t after = madt_bytes(diff_record(diff, 1));
	const char *counts[2];

	if (facts_of_both(diff, FACT_CPU_COUNT, counts))
		return limits_cpus_otherwise(diff) ? NULL : fact_of(diff, CAUSE_CPU_COUNT);
	if (before == 0 || after == 0 || before == after)
		return NULL;
	return memory_printf("the ACPI table of CPUs (MADT): %" PRIu32 " -> %" PRIu32 " bytes",
	                     before, after);
}

/* GRUB puts it first into the command line; the EFI stub started by itself has none. */
static bool has_boot_image(const char *line)
{
	return strncmp(line, "BOOT_IMAGE=", strlen("BOOT_IMAGE=")) == 0;
}

static const char *boot_loader(const struct diff *diff)
{
	static const char *const by_type[2] = { "Linux's EFI stub (runtime code is reserved)",
		                                "GRUB (runtime code is type 20)" };
	bool before = diff->sides[0]->has_grub_map, after = diff->sides[1]->has_grub_map;
	const char *lines[2];

	if (before != after)
		return memory_printf("the boot loader: %s -> %s", by_type[before], by_type[after]);
	if (facts_of_both(diff, FACT_COMMAND_LINE, lines) &&
	    has_boot_image(lines[0]) != has_boot_image(lines[1]))
		return memory_printf("the boot loader: BOOT_IMAGE= is in the command line of boot "
		                     "%c only, as GRUB puts it there",
		                     diff_letter(has_boot_image(lines[1])));
	return fact_of(diff, CAUSE_BOOT_LOADER);
}

/* By what captures say of it; a log only lets guess. */
static const char *pinned_block(const struct diff *diff)
{
	const struct landmark *pins[2] = { NULL, NULL };

	for (size_t side = 0; side < 2; side++)
		MEMORY_EACH(landmark, diff_record(diff, side), landmarks)
			if (landmark->kind == LANDMARK_PIN)
				pins[side] = landmark;
	if (pins[0] != NULL && pins[1] != NULL)
		return pins[0]->start_paddr != pins[1]->start_paddr ||
		                       pins[0]->end_paddr != pins[1]->end_paddr
		               ? "bootmem's pin = yes, which has another block in boot B"
		               : NULL;
	return pins[0] == pins[1]
	               ? NULL
	               : memory_printf("bootmem's pin = yes, which is on in boot %c only",
	                               diff_letter(pins[1] != NULL));
}

/* Options that change the table which Linux keeps, and hibernation compares: mem= and memmap=
 * change another one. */
static const char *kernel_options(const struct diff *diff)
{
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	bool has_before = command_line_lists(before, "efi=", "nosoftreserve");
	bool has_after = command_line_lists(after, "efi=", "nosoftreserve");
	const char *lines[2];

	if (!facts_of_both(diff, FACT_COMMAND_LINE, lines))
		return NULL;
	if (has_before != has_after)
		return memory_printf("the kernel option efi=nosoftreserve, which boot %c alone has",
		                     diff_letter(has_after));
	if (command_line_differs(before, after, "efi_fake_mem="))
		return "the kernel option efi_fake_mem=, which differs";
	return NULL;
}

/* Did a TPM come or go? Its event log does with it, and no stub is the cause. */
static bool has_another_tpm(const struct diff *diff)
{
	MEMORY_EACH(table, diff, tables)
		if ((table->before == NULL || table->after == NULL) &&
		    (strcmp(changed_table(table)->signature, "TPM2") == 0 ||
		     strcmp(changed_table(table)->signature, "TCPA") == 0))
			return true;
	return false;
}

static const char *event_log(const struct diff *diff)
{
	MEMORY_EACH(change, diff, changes)
		if (causes_explain(diff, CAUSE_KERNEL_STUB, change))
			return memory_printf("the EFI stub of Linux allocates this memory (%s) "
			                     "where there is room at that moment",
			                     owner_text(&change->owner));
	return NULL;
}

static const char *pci_devices(const struct diff *diff)
{
	const struct fact_change *first = NULL;
	size_t n = 0;

	MEMORY_EACH(fact, diff, facts)
		if (fact_device(fact->key) != NULL && n++ == 0)
			first = fact;
	if (n == 0)
		return NULL;
	return memory_printf("PCI devices: %zu differ%s, %s (%s) first", n, n == 1 ? "s" : "",
	                     fact_device(first->key),
	                     first->after == NULL    ? "gone"
	                     : first->before == NULL ? first->after
	                                             : "another one");
}

/* Devices that are not on PCI have an ACPI table each, which came or went with it. */
static const char *acpi_devices(const struct diff *diff)
{
	static const struct {
		const char *signature, *device;
	} devices[] = {
		{ "TPM2", "a TPM" },    { "TCPA", "a TPM" },    { "NFIT", "an NVDIMM" },
		{ "DMAR", "an IOMMU" }, { "IVRS", "an IOMMU" },
	};

	MEMORY_EACH(table, diff, tables) {
		const char *signature = changed_table(table)->signature;

		if (table->before != NULL && table->after != NULL)
			continue;
		for (size_t j = 0; j < COUNT(devices); j++)
			if (strcmp(signature, devices[j].signature) == 0)
				return memory_printf("%s, which boot %c has, and boot %c has not "
				                     "(ACPI table %s)",
				                     devices[j].device,
				                     diff_letter(table->before == NULL),
				                     diff_letter(table->before != NULL), signature);
	}
	return NULL;
}

/* What the firmware keeps for a type. It learns from boot to boot: when a type was short of
 * memory, it has more the next time. */
static const char *bins(const struct diff *diff)
{
	MEMORY_EACH(before, diff_record(diff, 0), bins)
		MEMORY_EACH(after, diff_record(diff, 1), bins)
			if (before->type == after->type && before->n_pages != after->n_pages)
				return memory_printf(
					"what the firmware keeps for %s, which it learns from boot "
					"to boot (MemoryTypeInformation): %" PRIu64 " -> %s",
					uefi_type_name(before->type), before->n_pages,
					text_count(after->n_pages, "page"));
	return NULL;
}

/* Flash and runtime services of another size: no boot makes them so, but another build does, or
 * other settings. */
static const char *firmware_needs(const struct diff *diff)
{
	MEMORY_EACH(row, diff, uefi)
		if ((row->type == UEFI_RUNTIME_SERVICES_CODE ||
		     row->type == UEFI_RUNTIME_SERVICES_DATA || row->type == UEFI_MMIO) &&
		    row->n_pages[0] != row->n_pages[1])
			return memory_printf("what the firmware keeps for itself, as another build "
			                     "or other settings would (%s): %" PRIu64 " -> %s",
			                     uefi_type_name(row->type), row->n_pages[0],
			                     text_count(row->n_pages[1], "page"));
	return NULL;
}

/* "the ACPI tables: 1 new, 2 of another size" */
static const char *acpi_sizes(const struct diff *diff)
{
	static const char *const what[] = { "new", "gone", "of another size" };
	size_t counts[COUNT(what)] = { 0 };
	struct bytes text = { 0 };

	MEMORY_EACH(table, diff, tables) {
		if (table->before == NULL || table->after == NULL)
			counts[table->after == NULL]++;
		else
			counts[2] += table->before->length_bytes != table->after->length_bytes;
	}
	for (size_t i = 0; i < COUNT(counts); i++)
		if (counts[i] > 0)
			memory_append(&text, "%s %zu %s",
			              text.n_text > 0 ? "," : "the ACPI tables:", counts[i],
			              what[i]);
	return text.text;
}

/* In this order: what is further up would explain what is further down, too. Where no function
 * sees it, a fact tells. */
static const struct {
	enum cause cause;
	bool is_symptom;
	const char *(*see)(const struct diff *diff);
} evidence[] = {
	{ CAUSE_XEN, false, xen },
	{ CAUSE_KEXEC, false, kexec },
	{ CAUSE_RAM, false, ram_size },
	{ CAUSE_CPU_COUNT, false, cpu_count },
	{ CAUSE_KERNEL_OPTIONS, false, kernel_options },
	{ CAUSE_FIRMWARE, false, NULL }, /* another build */
	{ CAUSE_BOOT_LOADER, false, boot_loader },
	{ CAUSE_BOOT_LOADER, false, pinned_block },
	{ CAUSE_KERNEL_STUB, false, event_log },
	{ CAUSE_DEVICES, false, NULL }, /* another machine: its chipset has other windows */
	{ CAUSE_DEVICES, false, acpi_devices },
	{ CAUSE_DEVICES, false, pci_devices },
	{ CAUSE_FIRMWARE, false, bins },
	{ CAUSE_FIRMWARE, true, firmware_needs },
	{ CAUSE_FIRMWARE, true, acpi_sizes },
};

void causes_find(struct diff *diff)
{
	for (size_t i = 0; i < COUNT(evidence); i++) {
		enum cause cause = evidence[i].cause;
		const char *text =
			evidence[i].see != NULL ? evidence[i].see(diff) : fact_of(diff, cause);

		if (text != NULL)
			*MEMORY_ADD(diff, causes) =
				(struct diff_cause){ cause, text, evidence[i].is_symptom };
		if (diff->n_causes > 0 && !diff_is_comparable(diff))
			return; /* what else differs from another kernel's map is no evidence */
	}
}

const char *causes_text(const struct diff *diff, enum cause cause)
{
	MEMORY_EACH(seen, diff, causes)
		if (seen->cause == cause)
			return seen->text;
	return NULL;
}

bool causes_have(const struct diff *diff, enum cause cause)
{
	return causes_text(diff, cause) != NULL;
}

bool causes_is_event_log(const struct diff *diff)
{
	MEMORY_EACH(change, diff, changes)
		if (change->owner.stub_table == TABLE_EVENT_LOG)
			return true;
	return false;
}

static bool is_of_block(const struct diff *diff, const struct change *change)
{
	const struct span *pins[2] = { &diff->sides[0]->pin, &diff->sides[1]->pin };

	return (change->before.start_paddr < pins[0]->end_paddr &&
	        change->before.end_paddr > pins[0]->start_paddr) ||
	       (change->after.start_paddr < pins[1]->end_paddr &&
	        change->after.end_paddr > pins[1]->start_paddr);
}

bool causes_explain(const struct diff *diff, enum cause cause, const struct diff_change *change)
{
	const struct change *what = &change->change;
	const uint32_t soft = (uint32_t)E820_SOFT_RESERVED;

	switch (cause) {
	case CAUSE_KERNEL_STUB:
		return change->owner.stub_table != TABLE_OTHER && diff->other_tables == NULL &&
		       ((what->kind != CHANGE_APPEARED && what->kind != CHANGE_VANISHED) ||
		        !has_another_tpm(diff));
	case CAUSE_KERNEL_OPTIONS:
		return what->before.type == soft || what->after.type == soft;
	case CAUSE_BOOT_LOADER: /* a block that comes or goes moves nothing else */
		return boot_loader(diff) != NULL || is_of_block(diff, what);
	default:
		return true;
	}
}
