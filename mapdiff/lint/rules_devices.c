/* rules_devices.c - a map, and where devices are, and what the firmware runs on -> findings. */
#include "mapdiff/lint/rules_devices.h"

#include <string.h>

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"
#include "mapdiff/record/system.h"

#define MOST_STEPS 256 /* through the registers, of one range: no CPU has so many */

/* Above are the I/O APICs and the local ones, the HPET and the flash: nobody puts a BAR there. */
#define APIC_PADDR UINT64_C(0xfec00000)

/* The VGA window and the ROMs below 1 MiB are reserved in every map. */
static const char *check_window(const struct lint *lint, const struct place *place)
{
	if (place->kind != LANDMARK_BRIDGE || place->start_paddr < LOW_MEGABYTE_END_PADDR ||
	    place->start_paddr >= APIC_PADDR)
		return NULL;
	MEMORY_EACH(range, &lint->e820, ranges)
		if (range->type == E820_RESERVED && range->start_paddr <= place->start_paddr &&
		    range->end_paddr >= place->end_paddr)
			return memory_printf("reserved %s covers it",
			                     text_range(range->start_paddr, range->end_paddr));
	return NULL;
}

/* How much of [start_paddr, end_paddr) the map has as anything but RAM, from its start on. */
static paddr_t kept_until(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr)
{
	MEMORY_EACH(range, &lint->e820, ranges)
		if (range->type != E820_RAM && range->start_paddr <= start_paddr &&
		    range->end_paddr > start_paddr)
			start_paddr = range->end_paddr;
	return start_paddr < end_paddr ? start_paddr : end_paddr;
}

static bool is_reserved_by_acpi(const struct lint *lint, const struct place *place)
{
	MEMORY_EACH(landmark, lint->record, landmarks)
		if (landmark->kind == LANDMARK_MOTHERBOARD &&
		    landmark->start_paddr <= place->start_paddr &&
		    landmark->end_paddr >= place->end_paddr)
			return true;
	return false;
}

/* ACPI may reserve it instead, which is what the specification asks for. */
static const char *check_pci_config(const struct lint *lint, const struct place *place)
{
	paddr_t paddr;

	if (place->table != TABLE_PCI_CONFIG || is_reserved_by_acpi(lint, place))
		return NULL;
	paddr = kept_until(lint, place->start_paddr, place->end_paddr);
	return paddr < place->end_paddr ? memory_printf("from 0x%" PRIx64 " on it is not", paddr)
	                                : NULL;
}

/* That the map calls it free is what the line of the capture says: the map in it is of later, when
 * bootmem has claimed it. */
static const char *check_stack(const struct lint *lint, const struct place *place)
{
	(void)lint;
	return place->kind == LANDMARK_IN_USE ? place->name : NULL;
}

/* --- what the firmware says in other places --- */

/* Intel SDM, volume 3A, Memory Type Range Registers: where they overlap, uncachable counts.
 * *end_paddr comes down to where the answer may change. */
static bool is_write_back(const struct lint *lint, paddr_t start_paddr, paddr_t *end_paddr)
{
	bool is_default = false, has_one = false, is_good = true;

	MEMORY_EACH(landmark, lint->record, landmarks) {
		bool is_of_all = landmark->table == TABLE_MTRR_DEFAULT ||
		                 landmark->table == TABLE_MTRR_DEFAULT_WB;

		if (landmark->kind != LANDMARK_MTRR)
			continue;
		is_default |= landmark->table == TABLE_MTRR_DEFAULT_WB;
		if (landmark->start_paddr > start_paddr)
			*end_paddr = min_u64(*end_paddr, landmark->start_paddr);
		if (landmark->start_paddr > start_paddr || landmark->end_paddr <= start_paddr)
			continue;
		*end_paddr = min_u64(*end_paddr, landmark->end_paddr);
		has_one |= !is_of_all;
		is_good &= is_of_all || landmark->table == TABLE_MTRR_WRITE_BACK;
	}
	return is_good && (has_one || is_default);
}

/* AMD has a register of its own for RAM above 4 GiB, which not every log tells. */
static paddr_t mtrrs_end_paddr(const struct lint *lint)
{
	const char *vendor = system_cpu_vendor(lint->record);

	MEMORY_EACH(landmark, lint->record, landmarks)
		if (landmark->kind == LANDMARK_MTRR && landmark->start_paddr == MAP_HIGH_PADDR)
			return MAP_END_PADDR;
	return vendor != NULL && strstr(vendor, "Intel") != NULL ? MAP_END_PADDR : MAP_HIGH_PADDR;
}

/* One range of RAM, in pieces of one type. */
static void check_mtrrs_of(struct lint *lint, struct span ram)
{
	paddr_t paddr = ram.start_paddr, end_paddr;

	for (size_t n = 0; paddr < ram.end_paddr && n < MOST_STEPS; paddr = end_paddr, n++) {
		end_paddr = ram.end_paddr;
		if (!is_write_back(lint, paddr, &end_paddr))
			lint_found(lint, paddr, end_paddr, text_size(end_paddr - paddr));
	}
}

/* Registers of fixed ranges are for the first megabyte. */
static void check_mtrrs(struct lint *lint)
{
	paddr_t end_paddr = mtrrs_end_paddr(lint);

	MEMORY_EACH(range, &lint->e820, ranges)
		if (range->type == E820_RAM)
			check_mtrrs_of(lint, (struct span){ max_u64(range->start_paddr,
			                                            LOW_MEGABYTE_END_PADDR),
			                                    min_u64(range->end_paddr, end_paddr) });
}

/* How far entries of the table go on from @paddr on. */
static paddr_t attributes_until(const struct lint *lint, paddr_t paddr)
{
	MEMORY_EACH(landmark, lint->record, landmarks) /* sorted */
		if (landmark->kind == LANDMARK_ATTRIBUTES && landmark->start_paddr <= paddr)
			paddr = max_u64(paddr, landmark->end_paddr);
	return paddr;
}

static const char *check_attributes(const struct lint *lint, const struct region *region)
{
	paddr_t paddr;

	if (region->kind != REGION_RUNTIME)
		return NULL;
	paddr = attributes_until(lint, region->start_paddr);
	return paddr < region->end_paddr
	               ? memory_printf("%s; from 0x%" PRIx64 " on there is no entry", region->name,
	                               paddr)
	               : NULL;
}

const struct lint_rule rules_devices[] = {
	{ "stack-in-ram", SEVERITY_ERROR, 11, "the firmware runs on memory that it calls free",
	  "Whoever is given this memory, by AllocatePages() at this address say, overwrites the "
	  "stack, or the tables, of the firmware that gave it. Describe it as EfiBootServicesData.",
	  "UEFI 2.10 §2.3.4", .check_place = check_stack, .needs = NEEDS(UEFI_MAP) | NEEDS(STACK) },
	{ "window-covered", SEVERITY_WARNING, 10,
	  "a window of a PCI host bridge is reserved as a whole",
	  "Linux 2.6.34 to 5.18 takes what e820 reserves out of the bridge's windows, and so do later "
	  "ones on firmware from before 2023: no BAR finds room there (\"no space for\", \"failed to "
	  "assign\"). Reserve what is in use, not the window.",
	  "", .check_place = check_window, .needs = NEEDS(WINDOWS) },
	{ "mcfg-not-reserved", SEVERITY_WARNING, 11, "PCI configuration space is not reserved",
	  "Linux does not use it then, or puts a BAR over it. Reserve all of it as a resource of the "
	  "motherboard (PNP0C02) in ACPI; the memory map should have it, too.",
	  "PCI Firmware 3.3 §4.1.2", .check_place = check_pci_config, .needs = NEEDS(PCI_CONFIG) },
	{ "mtrr-not-write-back", SEVERITY_WARNING, 12, "RAM that the CPU does not cache",
	  "The registers for types of memory (MTRRs) do not have it as write-back: it is slow beyond "
	  "use, and Linux cuts it off (\"CPU MTRRs don't cover all of memory\").",
	  "Intel SDM, volume 3A, Memory Type Range Registers", .check = check_mtrrs,
	  .needs = NEEDS(MTRRS) },
	{ "attributes-gap", SEVERITY_WARNING, 13,
	  "runtime services memory that the memory attributes table leaves out",
	  "A kernel that goes by the table does not know what may be written, and what be run there, "
	  "and maps it as both, or not at all.",
	  "UEFI 2.10 §4.6, EFI_MEMORY_ATTRIBUTES_TABLE", .check_region = check_attributes,
	  .needs = NEEDS(UEFI_MAP) | NEEDS(ATTRIBUTES) },
	{ .id = NULL },
};
