/*
 * resume.c - would Linux, booted the second time, resume what it hibernated the first time?
 *
 * It compares the checksum of the firmware's e820 map, then the number of pages; then it reads the
 * image, in a format that changed with the years. What it does not compare can still forbid it: the
 * hibernated kernel goes on as if it had never stopped, on whatever CPU there is now. Each of these
 * is a row of the table at the end; each has a say, and one "no" is a "no".
 */
#include "mapdiff/diff/resume.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/text.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/image.h"
#include "mapdiff/diff/side.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/map/linux_map.h"
#include "mapdiff/record/command_line.h"
#include "mapdiff/record/system.h"

#define MOST_TYPES 5 /* that a sentence names */

const char *const verdict_names[3] = {
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_YES] = "yes",
	[VERDICT_NO] = "no",
};

/* --- the map --- */

/* May @range of a map that was told be the @untold one of sysfs, which has names for these types?
 */
static bool may_be_untold(const struct e820_range *untold, const struct e820_range *range)
{
	return untold->type == E820_GRUB_RUNTIME_CODE && range->type > E820_UNUSABLE &&
	       range->type != E820_PMEM && range->type != E820_PRAM &&
	       range->type != (uint32_t)E820_SOFT_RESERVED;
}

/* Is what sysfs does not tell all that differs? */
static bool may_be_one_map(const struct diff *diff)
{
	const struct e820_map *before = diff_e820(diff, 0), *after = diff_e820(diff, 1);

	if (before->n_ranges != after->n_ranges)
		return false;
	for (size_t i = 0; i < before->n_ranges; i++) {
		const struct e820_range *a = &before->ranges[i], *b = &after->ranges[i];
		bool may_be = a->type == b->type ||
		              (!record_tells_types(diff_record(diff, 0)) && may_be_untold(a, b)) ||
		              (!record_tells_types(diff_record(diff, 1)) && may_be_untold(b, a));

		if (a->start_paddr != b->start_paddr || a->end_paddr != b->end_paddr || !may_be)
			return false;
	}
	return true;
}

/* Does the map of boot @side end where the other one goes on, and does nothing stand behind it that
 * a kernel prints later? Then its log may have been cut off there. */
static bool may_be_cut(const struct diff *diff, size_t side)
{
	const struct record *record = diff_record(diff, side);
	const struct e820_map *piece = diff_e820(diff, side), *whole = diff_e820(diff, 1 - side);

	if (record->source != SOURCE_LINUX_LOG || piece->n_ranges >= whole->n_ranges ||
	    record_fact(record, FACT_PRESENT_PAGES) != NULL ||
	    record_fact(record, FACT_MACHINE) != NULL)
		return false;
	for (size_t i = 0; i < piece->n_ranges; i++)
		if (piece->ranges[i].start_paddr != whole->ranges[i].start_paddr ||
		    piece->ranges[i].end_paddr != whole->ranges[i].end_paddr ||
		    piece->ranges[i].type != whole->ranges[i].type)
			return false;
	return true;
}

static bool is_cut(const struct diff *diff)
{
	return may_be_cut(diff, 0) || may_be_cut(diff, 1);
}

/* What a diff has left out is alike in both maps: one difference is enough, but none proves
 * nothing, as there may have been no map at all in what was compared. */
static void compare_excerpts(const struct diff *diff, struct resume *resume)
{
	for (size_t i = 0; i < 2; i++)
		if (diff_record(diff, i)->e820_view != VIEW_FIRMWARE ||
		    diff_record(diff, i)->n_faults > 0)
			return;
	if (!map_is_same(diff_e820(diff, 0), diff_e820(diff, 1)))
		resume->one_map = VERDICT_NO;
	if (diff->sides[0]->ram_crc32 != diff->sides[1]->ram_crc32)
		resume->ram_only = VERDICT_NO;
}

/* Of what a kernel got, or would get: /proc/iomem has been edited since. */
static void compare_checksums(const struct diff *diff, struct resume *resume)
{
	if (diff_is_of_excerpts(diff))
		return compare_excerpts(diff, resume);
	for (size_t i = 0; i < 2; i++) {
		const struct diff_side *side = diff->sides[i];
		enum e820_view view = side->record->e820_view;

		resume->has_crc32[i] = (view == VIEW_FIRMWARE || view == VIEW_BOOTMEM) &&
		                       side->record->n_faults == 0 && side->start != START_CRASH &&
		                       side->answer == LINUX_TAKES;
		resume->crc32[i] = side->crc32;
		resume->ram_crc32[i] = side->ram_crc32;
	}
	if (!resume->has_crc32[0] || !resume->has_crc32[1])
		return;
	resume->one_map = resume->crc32[0] == resume->crc32[1] ? VERDICT_YES : VERDICT_NO;
	if (resume->one_map == VERDICT_NO && may_be_one_map(diff))
		resume->one_map = VERDICT_UNKNOWN;
	resume->ram_only = resume->ram_crc32[0] == resume->ram_crc32[1] ? VERDICT_YES : VERDICT_NO;
	if (is_cut(diff))
		resume->one_map = resume->ram_only = VERDICT_UNKNOWN;
}

/* "reserved", "reserved -> type 20" */
static const char *type_text(const struct change *change)
{
	const char *before = text_type(change->before.type), *after = text_type(change->after.type);

	if (change->kind == CHANGE_RETYPED)
		return memory_printf("%s -> %s", before, after);
	return change->kind == CHANGE_APPEARED ? after : before;
}

/* "reserved (2 ranges), reserved -> type 20 (1 range); RAM follows": those that changed by
 * themselves, by type. */
static const char *types_text(const struct diff *diff)
{
	size_t *n_ranges = memory_alloc(diff_n_telling(diff), sizeof *n_ranges);
	struct intern types = { 0 };
	struct bytes text = { 0 };

	for (size_t i = 0; i < diff_n_telling(diff); i++)
		n_ranges[intern_text(&types, type_text(&diff->changes[i].change))]++;
	for (size_t i = 0; i < types.n_entries && i < MOST_TYPES; i++)
		memory_append(&text, "%s%s (%s)", i > 0 ? ", " : "",
		              (const char *)types.entries[i].bytes,
		              text_count(n_ranges[i], "range"));
	memory_append(&text, "%s%s", types.n_entries > MOST_TYPES ? ", ..." : "",
	              diff->n_consequences > 0 ? "; RAM follows" : "");
	return bytes_text(&text);
}

/* From Linux 4.10 on a digest of the map is in the image's header; before, nothing compares it. */
static bool is_map_checked(const struct diff *diff)
{
	return system_kernel(diff_record(diff, 1)) >= SYSTEM_KERNEL(4, 10);
}

/* Nothing moved: another boot loader calls some of it by another name. */
static bool is_only_retyped(const struct diff *diff)
{
	MEMORY_EACH(change, diff, changes)
		if (change->cause != CAUSE_BOOT_LOADER || change->change.kind != CHANGE_RETYPED)
			return false;
	return true;
}

/* Why boot @side has no checksum. */
static const char *unknown_map_text(const struct diff_side *side)
{
	const struct record *record = side->record;

	if (side->start == START_CRASH)
		return memory_printf(" is %s: it has the memory that was set aside for it, and "
		                     "neither hibernates nor resumes.",
		                     start_text(START_CRASH));
	if (side->start == START_XEN)
		return memory_printf(" is %s: what the firmware's map was, only Xen saw.",
		                     start_text(START_XEN));
	if (side->answer != LINUX_TAKES)
		return memory_printf(": %s, so the checksum is not known.",
		                     linux_answers[side->answer]);
	if (record->n_faults > 0)
		return memory_printf(": %s is damaged (%s), and Linux compares the whole map.",
		                     record->name, record->faults[0].what);
	return memory_printf(": %s has no e820 map as the firmware or the boot loader gave it to "
	                     "the kernel, and Linux compares that one.",
	                     record->name);
}

/* The maps are not one: what follows. */
static void judge_other_map(struct diff *diff)
{
	bool is_checked = is_map_checked(diff);
	const char *what = diff_is_comparable(diff) ? memory_printf(" in %s", types_text(diff))
	                                            : ", as kexec hands on a list of its own";

	reason_add(diff, is_checked ? VERDICT_NO : VERDICT_UNKNOWN,
	           "The e820 maps differ%s: %s Cause, judging from the files: %s.", what,
	           is_checked ? "Linux would say \"Hibernate inconsistent memory map detected!\"."
	                      : "a kernel before 4.10 does not look, and may be corrupted.",
	           diff->cause_text);
	if (diff->resume.ram_only == VERDICT_YES)
		reason_add(diff, VERDICT_UNKNOWN,
		           "RAM alone is the same: hibernate=relaxed_memmap, proposed for Linux in "
		           "2026, would resume%s.",
		           is_only_retyped(diff)
		                   ? ""
		                   : ", at the risk that the kernel looks for ACPI tables or the "
		                     "firmware where they no longer are");
}

/* Its number is in the checksum, and may be 20 (GRUB), 16 (coreboot) or another one: of one machine
 * and one loader, it is the same each time. */
static void judge_untold(struct diff *diff)
{
	if (diff->resume.one_map == VERDICT_YES)
		reason_add(diff, VERDICT_YES, "The e820 maps are the same.");
	reason_add(diff, VERDICT_UNKNOWN,
	           "/sys/firmware/memmap does not tell the number of a type (\"Unknown E820 "
	           "type\"), which is in the checksum: so that is not known%s.",
	           diff->resume.one_map == VERDICT_UNKNOWN
	                   ? ", and neither is whether the maps are one"
	                   : "");
	for (size_t side = 0; side < 2; side++)
		diff->resume.has_crc32[side] &= record_tells_types(diff_record(diff, side));
}

static void judge_map(struct diff *diff)
{
	if (diff_is_of_excerpts(diff))
		reason_add(
			diff, VERDICT_UNKNOWN, "%s",
			diff->resume.one_map == VERDICT_NO
				? "The diff shows pieces of the maps. All differences are in "
				  "them, and one is enough. The rest is the same in both, but "
				  "unknown, and so are the checksums."
				: "The diff shows pieces of the maps, and nothing in them differs; "
				  "the rest is unknown, and Linux compares the whole map.");
	for (size_t side = 0; side < 2 && !diff_is_of_excerpts(diff); side++)
		if (!diff->resume.has_crc32[side])
			reason_add(diff, VERDICT_UNKNOWN, "Boot %c%s", diff_letter(side),
			           unknown_map_text(diff->sides[side]));
	if (diff->resume.has_crc32[0] && diff->resume.has_crc32[1] && is_cut(diff))
		reason_add(diff, VERDICT_UNKNOWN,
		           "The map of boot %c ends where the other one continues, and so does its "
		           "log: it may have been cut off.",
		           diff_letter(may_be_cut(diff, 1)));
	if (!record_tells_types(diff_record(diff, 0)) || !record_tells_types(diff_record(diff, 1)))
		judge_untold(diff);
	else if (diff->resume.one_map == VERDICT_YES)
		reason_add(diff, VERDICT_YES, "Both boots have the same e820 checksum.");
	if (diff->resume.one_map == VERDICT_NO)
		judge_other_map(diff);
}

static void judge_prediction(struct diff *diff)
{
	if (diff_record(diff, 0)->e820_view == VIEW_BOOTMEM ||
	    diff_record(diff, 1)->e820_view == VIEW_BOOTMEM)
		reason_add(diff, VERDICT_UNKNOWN,
		           "This is a prediction: a capture does not hold the map that Linux "
		           "printed, so mapdiff translated the firmware's map as Linux would.");
}

/* --- how much RAM the kernel manages --- */

static const char same_options[] =
	"Boot the kernel of boot A, with the same options, again; then resume.";

/* What mem= leaves of the RAM. */
static uint64_t limited_ram(const struct diff_side *side)
{
	struct e820_map e820 = map_copy(&side->e820);

	e820_limit_ram(&e820, command_line_size(side->record, "mem="));
	return e820_bytes_of_type(&e820, E820_RAM);
}

/* Where the logs do not say how many pages there are: what mem= and memmap= leave of the map. */
static void judge_limits(struct diff *diff)
{
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	uint64_t bytes[2] = { limited_ram(diff->sides[0]), limited_ram(diff->sides[1]) };

	if (command_line_differs(before, after, "mem=") && bytes[0] != bytes[1])
		reason_forbid(diff, same_options,
		              "With mem= the kernel would manage %" PRIu64
		              " KiB of RAM, then %" PRIu64
		              " KiB: Linux would say \"Image mismatch: memory size\".",
		              bytes[0] >> 10, bytes[1] >> 10);
	if (command_line_differs(before, after, "memmap="))
		reason_add(diff, VERDICT_UNKNOWN,
		           "memmap= differs: unless as much RAM is left as before, Linux would say "
		           "\"Image mismatch: memory size\".");
}

/* Are there as many pages more, or less, as the map has of RAM? */
static bool follows_from_map(const struct diff *diff, const uint64_t pages[2])
{
	return pages[1] - pages[0] ==
	       pfn_down(diff->sides[1]->ram_bytes) - pfn_down(diff->sides[0]->ram_bytes);
}

/* Linux check_image_kernel(): "memory size". */
static void judge_pages(struct diff *diff)
{
	const struct record *before = diff_record(diff, 0), *after = diff_record(diff, 1);
	const char *option = command_line_differs(before, after, "mem=")      ? "mem="
	                     : command_line_differs(before, after, "memmap=") ? "memmap="
	                                                                      : NULL;
	const char *too = option != NULL ? memory_printf(" %s differs.", option) : "";
	uint64_t pages[2];

	if (!facts_numbers_of_both(diff, FACT_PRESENT_PAGES, pages))
		judge_limits(diff);
	else if (pages[0] != pages[1])
		reason_forbid(diff, follows_from_map(diff, pages) ? NULL : same_options,
		              "The kernel manages %" PRIu64 " pages, then %" PRIu64
		              ": Linux would say \"Image mismatch: memory size\".%s",
		              pages[0], pages[1], too);
	else if (option != NULL)
		reason_add(diff, VERDICT_UNKNOWN,
		           "The kernel manages %" PRIu64
		           " pages both times, but not the same ones.%s The image may hold pages "
		           "that are not there.",
		           pages[0], too);
	else
		reason_add(diff, VERDICT_YES, "The kernel manages %" PRIu64 " pages both times.",
		           pages[0]);
}

/* --- what Linux does not look at --- */

/* The picture that the BGRT points at is memory of the boot services, which ends with them. */
static bool is_elsewhere(const struct table_change *table)
{
	return strcmp(changed_table(table)->signature, ACPI_IMAGE_NAME) != 0 &&
	       (table->before == NULL || table->after == NULL ||
	        table->before->paddr != table->after->paddr ||
	        table->before->length_bytes != table->after->length_bytes);
}

static bool is_dsdt(const struct table_change *table)
{
	return table->before != NULL && table->after != NULL &&
	       strcmp(table->before->signature, "DSDT") == 0;
}

/* Equal maps hide it when a table goes elsewhere within its range: bugzilla.kernel.org 218853. Of
 * the DSDT, Linux looks at the header when it goes on: acpi_tb_check_dsdt_header(). */
static void judge_tables(struct diff *diff)
{
	const struct table_change *first = NULL;
	size_t n = 0;

	MEMORY_EACH(table, diff, tables) {
		if (!is_elsewhere(table))
			continue;
		n++;
		if (first == NULL || is_dsdt(table))
			first = table;
	}
	if (n == 0 || diff->resume.one_map != VERDICT_YES)
		return;
	reason_add(diff, VERDICT_UNKNOWN,
	           "%zu ACPI table%s within the same ranges (%s %s). Linux does not compare them; "
	           "the hibernated kernel would go on with what it read%s.",
	           n, n == 1 ? " differs" : "s differ", changed_table(first)->signature,
	           table_text(first),
	           is_dsdt(first) ? ", and say \"The DSDT has been corrupted or replaced\"" : "");
}

static void judge_machine(struct diff *diff)
{
	const struct fact_change *machine = facts_find(diff, FACT_MACHINE);

	if (machine != NULL)
		reason_add(diff, VERDICT_UNKNOWN, "These may be two machines: %s, and %s.",
		           machine->before, machine->after);
}

static void judge_devices(struct diff *diff)
{
	size_t n = 0, n_gone = 0;

	MEMORY_EACH(fact, diff, facts) {
		if (fact_device(fact->key) == NULL)
			continue;
		n++;
		n_gone += fact->before != NULL;
	}
	if (n > 0)
		reason_add(diff, VERDICT_UNKNOWN,
		           "%zu PCI device%s. Linux does not compare them%s.", n,
		           n == 1 ? " differs" : "s differ",
		           n_gone > 0 ? "; a driver may miss its device" : "");
}

/* A log of the second boot may have what came of it. */
static void tell_log(struct diff *diff)
{
	static const char *const failures[] = { "Error -", "Failed to load", "failed (" };
	const char *log = record_fact(diff_record(diff, 1), FACT_RESUME_LOG);
	bool has_failed = false;

	if (log == NULL)
		return;
	for (size_t i = 0; i < COUNT(failures); i++)
		has_failed |= strstr(log, failures[i]) != NULL;
	reason_add(diff,
	           has_failed                            ? VERDICT_NO
	           : strstr(log, "successfully") != NULL ? VERDICT_YES
	                                                 : VERDICT_UNKNOWN,
	           "The log of boot B itself says: %s", log);
}

/* --- the verdict --- */

static void (*const judges[])(struct diff *diff) = {
	judge_map,    judge_pages,   image_judge,      judge_machine,
	judge_tables, judge_devices, judge_prediction, tell_log,
};

static bool can_resume(const struct diff_side *side)
{
	return side->start != START_CRASH && side->start != START_XEN;
}

void resume_judge(struct diff *diff)
{
	struct resume *resume = &diff->resume;
	/* What else differs from a crash kernel, or under Xen, is no reason for anything. */
	size_t n_judges =
		can_resume(diff->sides[0]) && can_resume(diff->sides[1]) ? COUNT(judges) : 1;

	compare_checksums(diff, resume);
	for (size_t i = 0; i < n_judges; i++)
		judges[i](diff);
	if (resume->n_reasons > 0 && resume->reasons[0].verdict == VERDICT_NO)
		resume->verdict = VERDICT_NO;
	else if (resume->one_map == VERDICT_YES ||
	         (resume->one_map == VERDICT_NO && is_map_checked(diff)))
		resume->verdict = VERDICT_YES;
}
