/* rules_devices.c - a map, and where devices are, and what the firmware runs on -> findings. */
#include "mapdiff/lint/rules_devices.h"

#include "mapdiff/base/text.h"

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

/* Memory of the boot services is theirs until the exit, and that of a loader its. */
static const char *check_stack(const struct lint *lint, const struct place *place)
{
	(void)lint;
	if (place->kind != LANDMARK_STACK || place->ram == NULL ||
	    place->ram->type != UEFI_CONVENTIONAL)
		return NULL;
	return memory_printf("%s, in %s", place->name, place->ram->name);
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
	{ .id = NULL },
};
