/* meaning.c - a change -> what it means: see meaning.h. */
#include "mapdiff/diff/meaning.h"

#include "mapdiff/base/memory.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/owners.h"

/* --- what it is --- */

static const char *what_ram_is(const struct change *change)
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

bool meaning_may_be_event_log(const struct diff *diff, const struct diff_change *change)
{
	return change->change.before.type != E820_RAM && change->change.after.type != E820_RAM &&
	       owner_is_nobody(&change->owner) &&
	       !(diff->sides[0]->names_config_tables && diff->sides[1]->names_config_tables);
}

static const char *what_acpi_is(const struct diff *diff, const struct diff_change *change)
{
	if (change->owner.has_other_tables)
		return "ACPI tables: the kernel reads them at boot, and uses them from then on.";
	if (change->owner.stub_table == TABLE_EVENT_LOG)
		return "This is the copy of the TPM event log that Linux's EFI stub makes before the "
		       "kernel starts, as \"ACPI data\" since Linux 6.12.";
	if (change->owner.stub_table == TABLE_RNG_SEED)
		return "Linux's EFI stub keeps the seed of the random number generator here.";
	if (change->owner.stub_table == TABLE_UNACCEPTED)
		return "Linux's EFI stub keeps its table of unaccepted memory here.";
	if (meaning_may_be_event_log(diff, change))
		return "This \"ACPI data\" holds no ACPI table that is known. It may be the TPM "
		       "event log that Linux's EFI stub copies: TPMEventLog= in the kernel's line "
		       "\"efi:\" would tell.";
	if (owner_is_nobody(&change->owner))
		return "This \"ACPI data\" holds no ACPI table that is known: something that ran "
		       "before Linux allocated it, a driver of the firmware, a boot loader or an EFI "
		       "stub.";
	return "ACPI tables: the kernel reads them at boot, and uses them from then on.";
}

static const char *what_grub_code_is(const struct diff_change *change)
{
	if (change->cause == CAUSE_BOOT_LOADER && change->change.kind == CHANGE_RETYPED)
		return "Type 20 is GRUB's number for the code of the runtime services, which Linux's "
		       "own EFI stub calls reserved: the same memory under another name.";
	if (change->change.before.type == change->change.after.type)
		return "Type 20 is GRUB's number for the code of the runtime services.";
	return "Type 20 is GRUB's number for the code of the runtime services. The firmware has it "
	       "here in one of the boots only; Linux's own EFI stub would call it reserved like the "
	       "rest, and GRUB shows the difference.";
}

const char *meaning_what(const struct diff *diff, const struct diff_change *change)
{
	const struct change *what = &change->change;
	bool is_before = e820_is_empty(&what->after) || what->before.type == E820_GRUB_RUNTIME_CODE;
	uint32_t type = is_before ? what->before.type : what->after.type;

	switch (type) {
	case E820_RAM:
		return what_ram_is(what);
	case E820_GRUB_RUNTIME_CODE:
		return what_grub_code_is(change);
	case E820_ACPI:
		return what_acpi_is(diff, change);
	case E820_NVS:
		return "ACPI NVS: the firmware uses this memory while the system runs.";
	case E820_PMEM:
	case E820_PRAM:
		return "Persistent memory is none that the system saves.";
	case E820_SOFT_RESERVED:
		return "Specific-purpose memory is left to a driver.";
	default:
		return owner_is(&change->owner, OWNER_RUNTIME_CODE) ||
		                       owner_is(&change->owner, OWNER_RUNTIME_DATA)
		               ? "Runtime services: what the kernel calls for variables, clock and "
		                 "reset."
		               : "Reserved memory belongs to the firmware, or to devices.";
	}
}

/* --- what follows --- */

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

const char *meaning_so(const struct diff *diff, const struct change *change)
{
	bool overwrites = has_ram(diff_e820(diff, 0), &change->after);
	const struct e820_range *now =
		e820_is_empty(&change->after) ? &change->before : &change->after;

	if (now->type == E820_RAM || change->is_consequence || change->kind == CHANGE_RETYPED)
		return "";
	if (change->kind == CHANGE_MOVED)
		return overwrites
		               ? "A resumed kernel would look at the old place, and take the new one "
		                 "for RAM."
		               : "A resumed kernel would look at the old place.";
	if (overwrites)
		return "A resumed kernel would take the new part for RAM, and write over it.";
	return has_ram(diff_e820(diff, 1), &change->before)
	               ? "A resumed kernel would still take what became RAM for what it was."
	               : "";
}

/* --- what can be done --- */

static const char *advice_on_firmware(const struct diff *diff)
{
	if (causes_have(diff, CAUSE_FIRMWARE))
		return "An image of before cannot be resumed with another build of the firmware, other "
		       "settings, or other tables: go back to those, or start afresh.";
	if (facts_have_condition(diff))
		return memory_printf(
			"More differs between the boots: %s. Compare two boots that have "
			"this in common.",
			facts_text(diff));
	return "Compare a few more boots (mapdiff series); if it moves again, that is worth a report "
	       "to the firmware's vendor.";
}

static const char *advice_on_stub(const struct diff *diff)
{
	const char *why = facts_have_condition(diff)
	                          ? memory_printf("It lands where memory is free at that moment, "
	                                          "which may come of what else differs: %s.",
	                                          facts_text(diff))
	                          : "Neither firmware nor boot loader moved it: it lands where "
	                            "memory is free at that moment.";

	return memory_printf(
		"%s With the TPM disabled in the firmware's setup there is no event log.", why);
}

const char *meaning_advice(const struct diff *diff, enum cause cause)
{
	static const char *const advice[CAUSE_COUNT] = {
		[CAUSE_UNKNOWN] = "",
		[CAUSE_BOOT_LOADER] = "Resume through the boot loader that started the hibernated "
				      "system.",
		[CAUSE_KERNEL_OPTIONS] = "Resume with the kernel options with which it hibernated.",
		[CAUSE_KEXEC] = "Compare boots that the firmware started.",
		[CAUSE_DEVICES] =
			"Resume on the machine, and with the devices (dock, power supply, "
			"screens), with which it hibernated.",
		[CAUSE_CPU_COUNT] = "Resume with as many CPUs as it hibernated with.",
		[CAUSE_RAM] = "A hibernated system can only be resumed with the RAM that it had.",
	};

	if (cause == CAUSE_FIRMWARE)
		return advice_on_firmware(diff);
	return cause == CAUSE_KERNEL_STUB ? advice_on_stub(diff) : advice[cause];
}
