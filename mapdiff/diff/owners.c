/*
 * owners.c - a range -> whose it is: what has a name and an address in there, and what the UEFI
 * map, which tells more types apart than e820 does, calls it. Where neither tells, the owner says
 * what is known all the same, and never more.
 */
#include "mapdiff/diff/diff.h"

#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"

#define MOST_NAMES 3

/* A few texts, each once; what more there is counts only. */
struct names {
	const char *texts[MOST_NAMES];
	size_t n_texts;
	bool has_more;
};

static void names_add(struct names *names, const char *text)
{
	for (size_t i = 0; i < names->n_texts; i++)
		if (strcmp(names->texts[i], text) == 0)
			return;
	if (names->n_texts < MOST_NAMES)
		names->texts[names->n_texts++] = text;
	else
		names->has_more = true;
}

/* "ACPI DSDT, FACP, HPET, ...": what all the names have in front stands there once. */
static char *names_join(const struct names *names)
{
	static const char prefix[] = "ACPI ";
	struct bytes joined = { 0 };

	for (size_t i = 0; i < names->n_texts; i++) {
		const char *text = names->texts[i];

		if (i > 0 && strncmp(text, prefix, strlen(prefix)) == 0 &&
		    strncmp(names->texts[i - 1], prefix, strlen(prefix)) == 0)
			text += strlen(prefix);
		memory_append(&joined, "%s%s", i > 0 ? ", " : "", text);
	}
	memory_append(&joined, "%s", names->has_more ? ", ..." : "");
	return joined.text;
}

/* The first landmark that starts at or after @paddr. */
static size_t first_landmark(const struct record *record, paddr_t paddr)
{
	return sorted_n_below(
		SORTED(struct landmark, start_paddr, record->landmarks, record->n_landmarks),
		paddr);
}

/* ACPI tables are many; what else lies beside them says more. */
static bool is_acpi(const struct landmark *landmark)
{
	return strncmp(landmark->name, "ACPI", strlen("ACPI")) == 0;
}

/* The configuration tables of this name are the RSDP. */
static const char *name_of(const struct landmark *landmark)
{
	return strcmp(landmark->name, "ACPI") == 0 || strcmp(landmark->name, "ACPI 2.0") == 0
	               ? "ACPI RSDP"
	               : landmark->name;
}

static void landmark_names(const struct record *record, paddr_t start_paddr, paddr_t end_paddr,
                           struct names *names)
{
	size_t first = first_landmark(record, start_paddr), end = first;

	while (end < record->n_landmarks && record->landmarks[end].start_paddr < end_paddr)
		end++;
	for (int acpi = 0; acpi < 2; acpi++)
		for (size_t i = first; i < end && !names->has_more; i++)
			if (is_acpi(&record->landmarks[i]) == (acpi == 1))
				names_add(names, name_of(&record->landmarks[i]));
}

char *owner_of(const struct record *record, paddr_t start_paddr, paddr_t end_paddr)
{
	struct names names = { 0 };

	landmark_names(record, start_paddr, end_paddr, &names);
	return names_join(&names);
}

/* --- by UEFI type --- */

/* What UEFI says more than e820 does. NULL: nothing. */
static const char *uefi_owner(uint32_t uefi_type)
{
	static const char *const owners[UEFI_TYPE_COUNT] = {
		[UEFI_RUNTIME_SERVICES_CODE] = "runtime services code",
		[UEFI_RUNTIME_SERVICES_DATA] = "runtime services data",
		[UEFI_MMIO] = "MMIO",
		[UEFI_MMIO_PORT_SPACE] = "MMIO port space",
		[UEFI_PAL_CODE] = "PAL code",
		[UEFI_PERSISTENT] = "persistent memory",
		[UEFI_UNACCEPTED] = "unaccepted memory",
	};

	if (uefi_type >= UINT32_C(0x80000000)) /* UEFI 2.10 §7.2 */
		return "an OS loader's own type";
	if (uefi_type >= UINT32_C(0x70000000))
		return "an OEM's own type";
	return uefi_type < UEFI_TYPE_COUNT ? owners[uefi_type] : NULL;
}

/* The descriptors in the range, and the one before it, which may reach into it. Type 0 tells no
 * more than that the firmware wants it so: it is named where no other is. */
static void uefi_names(const struct diff *diff, size_t side, const struct e820_range *range,
                       struct names *names)
{
	const struct uefi_descriptor *list = diff->sorted_uefi[side];
	size_t n = diff_record(diff, side)->n_uefi;
	size_t i = sorted_n_below(SORTED(struct uefi_descriptor, start_paddr, list, n),
	                          range->start_paddr);
	bool is_reserved = false, is_known = false;

	for (i -= i > 0; i < n && list[i].start_paddr < range->end_paddr; i++) {
		const struct uefi_descriptor *descriptor = &list[i];
		const char *name = uefi_owner(descriptor->type);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (!uefi_descriptor_range(descriptor, &start_paddr, &end_paddr, &wraps) ||
		    end_paddr <= range->start_paddr)
			continue;
		is_reserved |= descriptor->type == UEFI_RESERVED;
		is_known |= name != NULL;
		if (name != NULL)
			names_add(names, name);
	}
	if (is_reserved && !is_known && range->type == E820_RESERVED)
		names_add(names, "firmware");
}

/* Memory of this size, to the page, is what the firmware keeps for the type from boot to boot. */
static bool is_bin(const struct record *record, const struct e820_range *range)
{
	for (size_t i = 0; i < record->n_bins; i++) {
		const struct record_bin *bin = &record->bins[i];

		if (bin->n_pages > 0 &&
		    bin->n_pages == (range->end_paddr - range->start_paddr) >> PAGE_SHIFT &&
		    ((bin->type == UEFI_ACPI_NVS && range->type == E820_NVS) ||
		     (bin->type == UEFI_ACPI_RECLAIM && range->type == E820_ACPI)))
			return true;
	}
	return false;
}

/* --- of a change --- */

/* What the e820 type alone tells. */
static const char *owner_by_type(const struct record *record, uint32_t type)
{
	switch (type) {
	case E820_ACPI:
		return record->n_acpi > 0 ? "unknown: no ACPI table lies there"
		                          : "unknown: the file names no ACPI tables";
	case E820_NVS:
		return "firmware";
	case E820_UNUSABLE:
		return "faulty memory";
	case E820_PMEM:
	case E820_PRAM:
		return "persistent memory";
	case E820_SOFT_RESERVED:
		return "specific-purpose memory";
	case E820_GRUB_RUNTIME_CODE:
		return "runtime services code";
	default:
		return record->n_uefi > 0 ? "unknown" : "unknown without a UEFI map";
	}
}

char *diff_owner(const struct diff *diff, const struct change *change)
{
	const struct e820_range *ranges[2] = { &change->before, &change->after };
	struct names landmarks = { 0 }, types = { 0 };
	const char *by_type = "";
	char *name, *type;
	bool has_bin = false;

	for (size_t side = 0; side < 2; side++) {
		const struct record *record = diff_record(diff, side);
		const struct e820_range *range = ranges[side];

		if (e820_is_empty(range) || range->type == E820_RAM)
			continue;
		landmark_names(record, range->start_paddr, range->end_paddr, &landmarks);
		uefi_names(diff, side, range, &types);
		if (is_bin(record, range))
			has_bin = true;
		by_type = owner_by_type(record, range->type);
	}
	name = names_join(&landmarks);
	type = names_join(&types);
	if (*name == '\0' && *type == '\0')
		return memory_copy(has_bin ? "MemoryTypeInformation bin" : by_type);
	return memory_printf(*type != '\0' && *name != '\0' ? "%s (%s)%s" : "%s%s%s", type, name,
	                     has_bin ? ", in a MemoryTypeInformation bin" : "");
}

bool diff_is_stub_memory(const struct diff *diff, const struct change *change)
{
	/* What it allocates as ACPI data, and of a size that counts. */
	static const char *const tables[] = { "TPMEventLog", "Unaccepted" };
	const struct e820_range *ranges[2] = { &change->before, &change->after };

	for (size_t side = 0; side < 2; side++) {
		const struct record *record = diff_record(diff, side);
		const struct e820_range *range = ranges[side];

		for (size_t i = first_landmark(record, range->start_paddr);
		     range->type == E820_ACPI && i < record->n_landmarks &&
		     record->landmarks[i].start_paddr < range->end_paddr;
		     i++)
			if (strcmp(record->landmarks[i].name, tables[0]) == 0 ||
			    strcmp(record->landmarks[i].name, tables[1]) == 0)
				return true;
	}
	return false;
}
