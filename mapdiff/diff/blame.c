/* blame.c - evidence -> the cause of each change, and of all, and what it means: see blame.h. */
#include "mapdiff/diff/blame.h"

#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/diff/causes.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/owners.h"

static bool has_bare_side(const struct diff *diff)
{
	return diff->sides[0]->is_bare || diff->sides[1]->is_bare;
}

/* Might it be the event log that Linux's EFI stub copies? Neither file names that table. */
static bool may_be_event_log(const struct diff *diff, const struct diff_change *change)
{
	return change->change.before.type != E820_RAM && change->change.after.type != E820_RAM &&
	       owner_is_nobody(&change->owner) &&
	       !(diff->sides[0]->names_config_tables && diff->sides[1]->names_config_tables);
}

/* What the stub allocates went elsewhere, and so did tables of the firmware. By one distance, they
 * went together: what moved the tables moved both. Else each may have its own cause. */
static bool is_beside_tables(const struct diff *diff, const struct diff_change *change)
{
	const struct change *what = &change->change, *tables;

	if (change->owner.stub_table == TABLE_OTHER || change->owner.has_other_tables ||
	    diff->other_tables == NULL)
		return false;
	tables = &diff->other_tables->change;
	return what->kind != CHANGE_MOVED || tables->kind != CHANGE_MOVED ||
	       what->after.start_paddr - what->before.start_paddr !=
	               tables->after.start_paddr - tables->before.start_paddr;
}

/* --- the cause of a change --- */

/* The UEFI type of all of @range in boot @side; UINT32_MAX if it is not known, or not one. */
static uint32_t uefi_type_of(const struct diff *diff, size_t side, const struct e820_range *range)
{
	const struct uefi_descriptor *list = diff->sides[side]->sorted_uefi;
	size_t n = sorted_n_up_to(
		SORTED(struct uefi_descriptor, start_paddr, list, diff_record(diff, side)->n_uefi),
		range->start_paddr);

	return n > 0 && map_descriptor_span(&list[n - 1]).end_paddr >= range->end_paddr
	               ? list[n - 1].type
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
	if (diff->sides[0]->has_grub_map != diff->sides[1]->has_grub_map)
		return CAUSE_BOOT_LOADER;
	return CAUSE_UNKNOWN;
}

/* What moves everything moves what the stub allocates, too. What is coreboot's, coreboot puts
 * there, however little else a file holds. */
static enum cause cause_of(const struct diff *diff, const struct diff_change *change)
{
	bool moves_all = causes_have(diff, CAUSE_RAM) || causes_have(diff, CAUSE_CPU_COUNT);
	bool has_condition = facts_have_condition(diff);
	enum cause cause = CAUSE_UNKNOWN;

	if (!moves_all && causes_explain(diff, CAUSE_KERNEL_STUB, change))
		return CAUSE_KERNEL_STUB;
	if (change->change.kind == CHANGE_RETYPED)
		cause = retyper(diff, &change->change);
	for (size_t i = 0; i < diff->n_causes && cause == CAUSE_UNKNOWN; i++)
		if (causes_explain(diff, diff->causes[i].cause, change) &&
		    !(diff->causes[i].is_symptom && has_condition))
			cause = diff->causes[i].cause;
	if (cause == CAUSE_UNKNOWN && !has_condition &&
	    (owner_is(&change->owner, OWNER_COREBOOT) ||
	     (!has_bare_side(diff) && !may_be_event_log(diff, change) &&
	      !is_beside_tables(diff, change))))
		cause = CAUSE_FIRMWARE;
	return cause;
}

/* Why nothing is blamed. */
static const char *unknown_text(const struct diff *diff)
{
	if (facts_have_condition(diff))
		return memory_printf("not known, because more differs than the map: %s",
		                     facts_text(diff));
	if (!has_bare_side(diff) && diff->n_changes > 0 &&
	    may_be_event_log(diff, &diff->changes[0]))
		return "the firmware, or Linux's EFI stub; a line \"efi:\" with addresses would tell";
	if (diff->has_doubt)
		return "not known, because ACPI tables of the firmware are elsewhere, too: what "
		       "moved them may have moved this";
	return "nothing; they hold little beside the map";
}

const char *blame_text(const struct diff *diff, enum cause cause)
{
	const char *seen = causes_text(diff, cause);

	if (seen != NULL)
		return seen;
	if (cause == CAUSE_FIRMWARE)
		return "the firmware, or something started before Linux; nothing else that the two "
		       "files show explains it";
	if (cause == CAUSE_BOOT_LOADER)
		return "another boot loader, which translated the same UEFI map in its own way";
	return unknown_text(diff);
}

/* --- what it is --- */

static const char *what_ram_is(const struct change *change)
{
	if (change->is_consequence)
		return "RAM gives way to what changed beside it.";
	if (change->kind == CHANGE_GREW || change->kind == CHANGE_APPEARED)
		return "There is more RAM here than before.";
	return change->kind == CHANGE_SHRANK || change->kind == CHANGE_VANISHED
	               ? "There is less RAM here than before."
	               : "This RAM is elsewhere now.";
}

static const char *what_acpi_is(const struct diff *diff, const struct diff_change *change)
{
	static const char *const of_stub[] = {
		[TABLE_EVENT_LOG] = "This is the copy of the TPM event log that Linux's EFI stub "
				    "makes before the kernel starts: as \"ACPI data\" from Linux "
				    "6.12 on, and in Debian's 6.1, too.",
		[TABLE_RNG_SEED] = "Linux's EFI stub keeps the seed of the random number generator "
				   "here.",
		[TABLE_UNACCEPTED] = "Linux's EFI stub keeps its table of unaccepted memory here.",
		[TABLE_BOOT_MAP] =
			"This must be the copy of the firmware's memory map that Linux's "
			"EFI stub makes since Linux 6.1: no ACPI table lies there, and it "
			"is as small. One descriptor more can make it a page longer.",
	};
	const struct owner *owner = &change->owner;

	if (owner->stub_table != TABLE_OTHER && !owner->has_other_tables)
		return of_stub[owner->stub_table];
	if (may_be_event_log(diff, change))
		return "This \"ACPI data\" holds no ACPI table that is known. It may be the TPM "
		       "event log that Linux's EFI stub copies: TPMEventLog= in the kernel's line "
		       "\"efi:\" would tell.";
	if (owner_is_nobody(owner))
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

static const char *what_it_is(const struct diff *diff, const struct diff_change *change)
{
	const struct change *what = &change->change;
	bool is_before = e820_is_empty(&what->after) || what->before.type == E820_GRUB_RUNTIME_CODE;

	switch (is_before ? what->before.type : what->after.type) {
	case E820_RAM:
		return what_ram_is(what);
	case E820_GRUB_RUNTIME_CODE:
		return what_grub_code_is(change);
	case E820_COREBOOT:
		return "The tables of coreboot (CBMEM), which it makes anew at each boot, below the end "
		       "of RAM.";
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

/* What a kernel would do there that goes on with the map of before. */
static const char *what_follows(const struct diff *diff, const struct change *change)
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
		return memory_printf("More differs between the boots: %s. Compare two boots that "
		                     "have this in common.",
		                     facts_text(diff));
	return "Compare a few more boots (mapdiff series); if it moves again, that is worth a report "
	       "to the firmware's vendor.";
}

static const char *advice_on_stub(const struct diff *diff)
{
	const char *why =
		"Neither firmware nor boot loader moved it: it lands where memory is free "
		"at that moment.";

	if (facts_have_condition(diff))
		why = memory_printf("It lands where memory is free at that moment, which may come "
		                    "of what else differs: %s.",
		                    facts_text(diff));
	if (!causes_is_event_log(diff))
		return why;
	return memory_printf("%s With the TPM disabled in the firmware's setup there is no event "
	                     "log.",
	                     why);
}

const char *blame_advice(const struct diff *diff, enum cause cause)
{
	static const char *const advice[CAUSE_COUNT] = {
		[CAUSE_UNKNOWN] = "",
		[CAUSE_BOOT_LOADER] = "Resume through the boot loader that started the hibernated "
				      "system.",
		[CAUSE_KERNEL_OPTIONS] = "Resume with the kernel options with which it hibernated.",
		[CAUSE_KEXEC] = "Compare boots that the firmware started.",
		[CAUSE_XEN] = "Compare the maps that Xen itself got from the firmware, which `xl "
			      "dmesg' shows.",
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

/* --- all of it --- */

static bool is_cause_of_any(const struct diff *diff, enum cause cause)
{
	for (size_t i = 0; i < diff_n_telling(diff); i++)
		if (diff->changes[i].cause == cause)
			return true;
	return !diff_is_comparable(diff) && (cause == CAUSE_KEXEC || cause == CAUSE_XEN);
}

/* Of the causes that were seen, the first that is one of a change; else the first change's. */
static void sum_up(struct diff *diff)
{
	size_t *i = &diff->main_cause;

	while (*i < diff->n_causes && !is_cause_of_any(diff, diff->causes[*i].cause))
		++*i;
	if (*i < diff->n_causes)
		diff->cause = diff->causes[*i].cause;
	else if (diff->n_changes > 0)
		diff->cause = diff->changes[0].cause;
	diff->cause_text = diff->n_changes > 0 || !diff_is_comparable(diff)
	                           ? blame_text(diff, diff->cause)
	                           : "nothing changed";
}

void blame_changes(struct diff *diff)
{
	const char *advice[CAUSE_COUNT];

	for (enum cause cause = CAUSE_UNKNOWN; cause < CAUSE_COUNT; cause++)
		advice[cause] = blame_advice(diff, cause);
	for (size_t i = 0; i < diff_n_telling(diff); i++) {
		diff->has_doubt |= is_beside_tables(diff, &diff->changes[i]);
		diff->changes[i].cause = cause_of(diff, &diff->changes[i]);
	}
	sum_up(diff);
	for (size_t i = 0; i < diff->n_changes; i++) {
		struct diff_change *change = &diff->changes[i];

		if (change->change.is_consequence)
			change->cause = diff->cause; /* of what it follows */
		change->what = what_it_is(diff, change);
		change->so = what_follows(diff, &change->change);
		change->advice = change->change.is_consequence ? "" : advice[change->cause];
	}
}
