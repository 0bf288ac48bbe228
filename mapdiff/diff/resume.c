/*
 * resume.c - would Linux, booted the second time, resume what it hibernated the first time?
 *
 * It compares the checksum of the firmware's e820 map, then the number of pages; then it reads the
 * image, in a format that changed with the years. What it does not compare can still forbid it: the
 * hibernated kernel goes on as if it had never stopped, on whatever CPU there is now. Each of these
 * is a row of the table at the end; each has a say, and one "no" is a "no".
 */
#include "mapdiff/diff/resume.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/text.h"
#include "mapdiff/diff/diff.h"
#include "mapdiff/diff/facts.h"
#include "mapdiff/diff/tables.h"
#include "mapdiff/record/command_line.h"

const char *const verdict_names[3] = {
	[VERDICT_UNKNOWN] = "unknown",
	[VERDICT_YES] = "yes",
	[VERDICT_NO] = "no",
};

static void add_reason(struct diff *diff, enum verdict verdict, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void add_reason(struct diff *diff, enum verdict verdict, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	*MEMORY_ADD(&diff->resume, reasons) = (struct resume_reason){ verdict, text };
}

/* --- the map --- */

/* Is record.e820 what a kernel got, or would get? /proc/iomem has been edited since. */
static bool is_firmware_view(const struct record *record)
{
	return record->e820_view == VIEW_FIRMWARE || record->e820_view == VIEW_BOOTMEM;
}

static void set_checksums(struct diff *diff)
{
	struct resume *resume = &diff->resume;

	for (size_t side = 0; side < 2; side++) {
		const struct record *record = diff_record(diff, side);

		if (!is_firmware_view(record) || record->n_faults > 0 ||
		    diff->sides[side]->start == START_CRASH)
			continue;
		resume->has_crc32[side] = true;
		resume->crc32[side] = diff->sides[side]->crc32;
		resume->ram_crc32[side] = diff->sides[side]->ram_crc32;
	}
	if (resume->has_crc32[0] && resume->has_crc32[1])
		resume->ram_only =
			resume->ram_crc32[0] == resume->ram_crc32[1] ? VERDICT_YES : VERDICT_NO;
}

/* How many ranges of a type changed by themselves; where they are of another type now, both. */
struct type_count {
	uint32_t before, after;
	size_t n_ranges;
};

static struct type_count types_of(const struct change *change)
{
	uint32_t before =
		change->kind == CHANGE_APPEARED ? change->after.type : change->before.type;

	return (struct type_count){
		.before = before,
		.after = change->kind == CHANGE_RETYPED ? change->after.type : before,
	};
}

enum { MOST_TYPES = 5 };

/* Returns how many kinds there are; what is beyond the first few is in *ret_has_more. */
static size_t count_types(const struct diff *diff, struct type_count counts[MOST_TYPES],
                          bool *ret_has_more)
{
	size_t n = 0;

	*ret_has_more = false;
	for (size_t i = 0; i < diff->n_changes - diff->n_consequences; i++) {
		struct type_count types = types_of(&diff->changes[i].change);
		size_t at = 0;

		while (at < n &&
		       (counts[at].before != types.before || counts[at].after != types.after))
			at++;
		if (at == MOST_TYPES) {
			*ret_has_more = true;
			continue;
		}
		if (at == n)
			counts[n++] = types;
		counts[at].n_ranges++;
	}
	return n;
}

/* "reserved (2 ranges), reserved -> type 20 (1 range); RAM follows" */
static const char *types_text(const struct diff *diff)
{
	struct type_count counts[MOST_TYPES];
	bool has_more;
	size_t n = count_types(diff, counts, &has_more);
	struct bytes text = { 0 };

	for (size_t i = 0; i < n; i++) {
		bool is_retyped = counts[i].before != counts[i].after;

		memory_append(&text, "%s%s%s%s (%zu range%s)", i > 0 ? ", " : "",
		              text_type(counts[i].before), is_retyped ? " -> " : "",
		              is_retyped ? text_type(counts[i].after) : "", counts[i].n_ranges,
		              text_plural(counts[i].n_ranges));
	}
	memory_append(&text, "%s%s", has_more ? ", ..." : "",
	              diff->n_consequences > 0 ? "; RAM follows" : "");
	return bytes_text(&text);
}

/* Kernel versions: those of the log, compared by their first two numbers. */
struct version {
	unsigned int major, minor;
};

static bool version_of(const struct record *record, struct version *ret_version)
{
	const char *text = record_fact(record, FACT_KERNEL_VERSION);

	return text != NULL &&
	       sscanf(text, "%4u.%4u", &ret_version->major, &ret_version->minor) == 2;
}

static bool is_before(const struct version *version, unsigned int major, unsigned int minor)
{
	return version->major < major || (version->major == major && version->minor < minor);
}

/* From Linux 4.10 on a digest of the map is in the image's header; before, nothing compares it. */
static bool is_map_unchecked(const struct diff *diff)
{
	struct version version;

	return version_of(diff_record(diff, 1), &version) && is_before(&version, 4, 10);
}

/* Nothing moved: another boot loader calls some of it by another name. */
static bool is_only_retyped(const struct diff *diff)
{
	for (size_t i = 0; i < diff->n_changes; i++)
		if (diff->changes[i].cause != CAUSE_BOOT_LOADER ||
		    diff->changes[i].change.kind != CHANGE_RETYPED)
			return false;
	return true;
}

/* Why boot @side has no checksum. */
static void explain_unknown_map(struct diff *diff, size_t side)
{
	const struct record *record = diff_record(diff, side);

	if (diff->sides[side]->start == START_CRASH)
		add_reason(
			diff, VERDICT_UNKNOWN,
			"Boot %c is %s: it has the memory that was set aside for it, and neither "
			"hibernates nor resumes.",
			diff_letter(side), start_text(START_CRASH));
	else if (record->n_faults > 0)
		add_reason(diff, VERDICT_UNKNOWN,
		           "Boot %c: %s is damaged (%s), and Linux compares the whole map.",
		           diff_letter(side), record->name, record->faults[0].what);
	else
		add_reason(diff, VERDICT_UNKNOWN,
		           "Boot %c: %s has no e820 map as the firmware or the boot loader gave it "
		           "to the kernel, and Linux compares that one.",
		           diff_letter(side), record->name);
}

/* The maps are not one: what follows. */
static void judge_other_map(struct diff *diff)
{
	bool is_checked = !is_map_unchecked(diff);
	const char *what = diff_is_comparable(diff) ? memory_printf(" in %s", types_text(diff))
	                                            : ", as kexec hands on a list of its own";

	add_reason(diff, is_checked ? VERDICT_NO : VERDICT_UNKNOWN,
	           "The e820 maps differ%s: %s Cause, as far as the files tell: %s.", what,
	           is_checked ? "Linux would say \"Hibernate inconsistent memory map detected!\"."
	                      : "a kernel before 4.10 does not look, and may be corrupted.",
	           diff->cause_text);
	if (diff->resume.ram_only == VERDICT_YES)
		add_reason(diff, VERDICT_UNKNOWN,
		           "RAM alone is the same: hibernate=relaxed_memmap, proposed for Linux in "
		           "2026, would resume%s.",
		           is_only_retyped(diff)
		                   ? ""
		                   : ", at the risk that the kernel looks for ACPI tables or the "
		                     "firmware where they no longer are");
}

static void judge_map(struct diff *diff)
{
	const struct resume *resume = &diff->resume;

	for (size_t side = 0; side < 2; side++)
		if (!resume->has_crc32[side])
			explain_unknown_map(diff, side);
	if (!resume->has_crc32[0] || !resume->has_crc32[1])
		return;
	if (resume->crc32[0] == resume->crc32[1])
		add_reason(diff, VERDICT_YES, "The e820 maps have one checksum.");
	else
		judge_other_map(diff);
}

static void judge_prediction(struct diff *diff)
{
	if (diff_record(diff, 0)->e820_view == VIEW_BOOTMEM ||
	    diff_record(diff, 1)->e820_view == VIEW_BOOTMEM)
		add_reason(diff, VERDICT_UNKNOWN,
		           "This is a prediction: a capture has no map that Linux printed. The "
		           "firmware's was translated as Linux would.");
}

/* --- how much RAM the kernel manages --- */

/* mem=: the first address that is no RAM any more. Linux memparse(). */
static paddr_t mem_limit_of(const struct record *record)
{
	const char *text = command_line_value(record, "mem="), *units = "kmgtpe", *unit;
	char *end;
	uint64_t value;
	unsigned int shift;

	if (text == NULL || !isdigit((unsigned char)*text))
		return UINT64_MAX;
	value = strtoull(text, &end, 0);
	unit = *end != '\0' ? strchr(units, tolower((unsigned char)*end)) : NULL;
	shift = unit != NULL ? 10 * (unsigned int)(unit - units + 1) : 0;
	return value <= UINT64_MAX >> shift ? value << shift : UINT64_MAX;
}

static uint64_t ram_below(const struct e820_map *map, paddr_t limit_paddr)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].type == E820_RAM && map->ranges[i].start_paddr < limit_paddr)
			bytes += min_u64(map->ranges[i].end_paddr, limit_paddr) -
			         map->ranges[i].start_paddr;
	return bytes;
}

/* Linux check_image_kernel(): "memory size". */
static void judge_pages(struct diff *diff)
{
	const char *options =
		command_line_differs(diff_record(diff, 0), diff_record(diff, 1), "mem=")
			? " mem= differs."
		: command_line_differs(diff_record(diff, 0), diff_record(diff, 1), "memmap=")
			? " memmap= differs."
			: "";
	uint64_t before, after;

	if (record_fact_number(diff_record(diff, 0), FACT_PRESENT_PAGES, &before) &&
	    record_fact_number(diff_record(diff, 1), FACT_PRESENT_PAGES, &after)) {
		if (before != after)
			add_reason(
				diff, VERDICT_NO,
				"The kernel manages %llu pages, then %llu: Linux would say \"Image "
				"mismatch: memory size\".%s",
				(unsigned long long)before, (unsigned long long)after, options);
		else if (*options != '\0')
			add_reason(
				diff, VERDICT_UNKNOWN,
				"The kernel manages %llu pages both times, but not the same ones.%s "
				"The image may hold pages that are not there.",
				(unsigned long long)before, options);
		else
			add_reason(diff, VERDICT_YES, "The kernel manages %llu pages both times.",
			           (unsigned long long)before);
		return;
	}
	before = ram_below(diff_e820(diff, 0), mem_limit_of(diff_record(diff, 0)));
	after = ram_below(diff_e820(diff, 1), mem_limit_of(diff_record(diff, 1)));
	if (command_line_differs(diff_record(diff, 0), diff_record(diff, 1), "mem=") &&
	    before != after)
		add_reason(
			diff, VERDICT_NO,
			"With mem= the kernel would manage %llu KiB of RAM, then %llu KiB: Linux "
			"would say \"Image mismatch: memory size\".",
			(unsigned long long)before >> 10, (unsigned long long)after >> 10);
	if (command_line_differs(diff_record(diff, 0), diff_record(diff, 1), "memmap="))
		add_reason(diff, VERDICT_UNKNOWN,
		           "memmap= differs: unless as much RAM is left as before, Linux would say "
		           "\"Image mismatch: memory size\".");
}

/* --- who reads the image --- */

/* What the image is like changed in these versions. */
static const struct {
	unsigned int major, minor;
	bool is_both_ways; /* the newer kernel does not read the old format either */
	const char *change;
} formats[] = {
	/* RESTORE_MAGIC of arch/x86/power went up each time. */
	{ 4, 10, true, "an MD5 sum of the e820 map in the image's header" },
	{ 5, 13, true, "a CRC-32 instead of an MD5 sum in the image's header" },
	/* pack_pfns() marks pages of zeros in the list of pages, and leaves them out. */
	{ 6, 6, false, "pages of zeros left out of the image" },
};

/* 32 or 64, by how distributions call their kernels; 0: not known. */
static unsigned int kernel_bits(const struct record *record)
{
	static const struct {
		const char *part;
		unsigned int bits;
	} names[] = {
		{ "amd64", 64 }, { "x86_64", 64 }, { "686", 32 }, { "i386", 32 }, { "586", 32 }
	};
	const char *version = record_fact(record, FACT_KERNEL_VERSION);

	for (size_t i = 0; version != NULL && i < sizeof names / sizeof names[0]; i++)
		if (strstr(version, names[i].part) != NULL)
			return names[i].bits;
	return 0;
}

static bool has_pae(const char *version)
{
	return strstr(version, "pae") != NULL || strstr(version, "PAE") != NULL;
}

static void judge_kernel(struct diff *diff)
{
	const char *before_text = record_fact(diff_record(diff, 0), FACT_KERNEL_VERSION);
	const char *after_text = record_fact(diff_record(diff, 1), FACT_KERNEL_VERSION);
	unsigned int before_bits = kernel_bits(diff_record(diff, 0)),
		     after_bits = kernel_bits(diff_record(diff, 1));
	struct version before, after;

	if (before_bits != 0 && after_bits != 0 && before_bits != after_bits) {
		add_reason(diff, VERDICT_NO,
		           "A kernel of %u bits hibernated, one of %u bits would have to read the "
		           "image.",
		           before_bits, after_bits);
		return;
	}
	if (before_bits == 32 && after_bits == 32 && has_pae(before_text) != has_pae(after_text)) {
		add_reason(
			diff, VERDICT_NO,
			"Linux %s reads the image of %s: only one of them has PAE, so their page "
			"tables have different formats. Linux does not compare that, and would "
			"crash.",
			after_text, before_text);
		return;
	}
	if (!version_of(diff_record(diff, 0), &before) ||
	    !version_of(diff_record(diff, 1), &after) || strcmp(before_text, after_text) == 0)
		return;
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		bool before_is_old = is_before(&before, formats[i].major, formats[i].minor);
		bool after_is_old = is_before(&after, formats[i].major, formats[i].minor);

		if (before_is_old == after_is_old || (before_is_old && !formats[i].is_both_ways))
			continue;
		add_reason(diff, VERDICT_NO,
		           "Linux %s cannot read the image of %s: Linux %u.%u changed its format "
		           "(%s).%s",
		           after_text, before_text, formats[i].major, formats[i].minor,
		           formats[i].change,
		           formats[i].is_both_ways ? "" : " It would fail with \"Error -14\".");
		return;
	}
	add_reason(
		diff, VERDICT_UNKNOWN,
		"Another kernel, %s, reads the image of %s. On x86 this is allowed; it is %s that "
		"goes on then.",
		after_text, before_text, before_text);
}

/* --- the CPU, which Linux does not compare --- */

static const char *cpu_vendor(const struct record *record)
{
	static const char *const vendors[] = {
		"Intel", "AMD", "Hygon", "Zhaoxin", "Centaur", "VIA"
	};
	const char *cpu = record_fact(record, FACT_CPU);

	for (size_t i = 0; cpu != NULL && i < sizeof vendors / sizeof vendors[0]; i++)
		if (strstr(cpu, vendors[i]) != NULL)
			return vendors[i];
	return record_fact(record, FACT_CPU_VENDOR); /* of a capture */
}

/* As a log prints it, or of CPUID leaf 1, EAX, which a capture has. */
static bool cpu_family(const struct record *record, unsigned long *ret_family)
{
	const char *cpu = record_fact(record, FACT_CPU);
	const char *family = cpu != NULL ? strstr(cpu, "family: ") : NULL;
	uint64_t signature;

	if (family != NULL) {
		*ret_family = strtoul(family + strlen("family: "), NULL, 0);
		return true;
	}
	if (!record_fact_number(record, FACT_CPU_SIGNATURE, &signature))
		return false;
	*ret_family = signature >> 8 & 0xf;
	if (*ret_family == 0xf) /* Intel SDM, AMD APM, CPUID leaf 1: the extended family */
		*ret_family += signature >> 20 & 0xff;
	return true;
}

/* The first of the comma-separated words in @before that is not one of @after; its length is in
 * *ret_bytes. NULL: all are. Both are sorted, as facts are, so one pass does. */
static const char *lost_feature(const char *before, const char *after, size_t *ret_bytes)
{
	const char *separators =
		strchr(before, ',') != NULL || strchr(after, ',') != NULL ? "," : " ";

	for (;;) {
		size_t n;
		int order;

		before += strspn(before, ", ");
		after += strspn(after, ", ");
		*ret_bytes = strcspn(before, separators);
		n = strcspn(after, separators);
		if (*ret_bytes == 0)
			return NULL;
		order = n == 0 ? -1 : strncmp(before, after, *ret_bytes < n ? *ret_bytes : n);
		if (order == 0)
			order = (*ret_bytes > n) - (*ret_bytes < n);
		if (order < 0)
			return before;
		after += n;
		before += order == 0 ? *ret_bytes : 0;
	}
}

static void judge_cpu(struct diff *diff)
{
	const struct fact_change *cpu = facts_find(diff, FACT_CPU);
	const char *vendors[2] = { cpu_vendor(diff_record(diff, 0)),
		                   cpu_vendor(diff_record(diff, 1)) };
	const char *features[2] = { record_fact(diff_record(diff, 0), FACT_CPU_FEATURES),
		                    record_fact(diff_record(diff, 1), FACT_CPU_FEATURES) };
	unsigned long families[2];
	const char *lost;
	size_t lost_bytes;

	if (vendors[0] != NULL && vendors[1] != NULL && strcmp(vendors[0], vendors[1]) != 0)
		add_reason(
			diff, VERDICT_NO,
			"The CPU is %s's, then %s's. Linux does not compare it, but what it set up "
			"for the one fails on the other.",
			vendors[0], vendors[1]);
	else if (cpu_family(diff_record(diff, 0), &families[0]) &&
	         cpu_family(diff_record(diff, 1), &families[1]) && families[0] != families[1])
		add_reason(
			diff, VERDICT_NO,
			"The CPU is of family 0x%lx, then 0x%lx. Linux does not compare it, but what "
			"it set up for the one fails on the other.",
			families[0], families[1]);
	else if (features[0] != NULL && features[1] != NULL &&
	         (lost = lost_feature(features[0], features[1], &lost_bytes)) != NULL)
		add_reason(diff, VERDICT_NO,
		           "The CPU lacks %.*s, which it had. Linux does not compare it, but the "
		           "hibernated kernel would go on using it.",
		           (int)lost_bytes, lost);
	else if (cpu != NULL)
		add_reason(
			diff, VERDICT_UNKNOWN,
			"The CPU is another one: %s, then %s. Linux does not compare it; a feature "
			"that is missing now would crash it.",
			cpu->before, cpu->after);
}

/* --- whether it is tried at all --- */

static void judge_will(struct diff *diff)
{
	static const struct {
		const char *word;
		bool forbids_hibernation;
	} words[] = {
		{ "nohibernate", true },
		{ "hibernate=no", true },
		{ "noresume", false },
		{ "hibernate=noresume", false },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (words[i].forbids_hibernation &&
		    command_line_has(diff_record(diff, 0), words[i].word))
			add_reason(diff, VERDICT_NO,
			           "%s in the command line of boot A: it cannot hibernate.",
			           words[i].word);
		if (command_line_has(diff_record(diff, 1), words[i].word))
			add_reason(
				diff, VERDICT_NO,
				"%s in the command line of boot B: it does not look for an image.",
				words[i].word);
	}
}

/* Linux hibernation_available(): not while it is locked down. */
static void judge_lockdown(struct diff *diff)
{
	for (size_t side = 0; side < 2; side++) {
		const struct record *record = diff_record(diff, side);
		const char *secure_boot = record_fact(record, FACT_SECURE_BOOT);

		if (command_line_value(record, "lockdown=") != NULL ||
		    record_fact(record, FACT_LOCKDOWN) != NULL) {
			add_reason(
				diff, VERDICT_NO,
				"The kernel of boot %c is locked down%s: it neither hibernates nor "
				"resumes.",
				diff_letter(side),
				secure_boot != NULL && strcmp(secure_boot, "enabled") == 0
					? ", as Secure Boot is enabled"
					: "");
			return;
		}
		if (secure_boot != NULL && strcmp(secure_boot, "enabled") == 0) {
			add_reason(
				diff, VERDICT_UNKNOWN,
				"Secure Boot is enabled in boot %c: kernels that lock themselves "
				"down then, as most distributions' do, neither hibernate nor resume.",
				diff_letter(side));
			return;
		}
	}
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

	for (size_t i = 0; i < diff->n_tables; i++) {
		const struct table_change *table = &diff->tables[i];

		if (!is_elsewhere(table))
			continue;
		n++;
		if (first == NULL || is_dsdt(table))
			first = table;
	}
	if (n == 0 || !diff->resume.has_crc32[0] || !diff->resume.has_crc32[1] ||
	    diff->resume.crc32[0] != diff->resume.crc32[1])
		return;
	add_reason(
		diff, VERDICT_UNKNOWN,
		"%zu ACPI table%s within the same ranges (%s %s). Linux does not compare them; the "
		"hibernated kernel would go on with what it read%s.",
		n, n == 1 ? " differs" : "s differ", changed_table(first)->signature,
		table_text(first),
		is_dsdt(first) ? ", and say \"The DSDT has been corrupted or replaced\"" : "");
}

static void judge_machine(struct diff *diff)
{
	const struct fact_change *machine = facts_find(diff, FACT_MACHINE);

	if (machine != NULL)
		add_reason(diff, VERDICT_UNKNOWN, "These are two machines, it seems: %s, and %s.",
		           machine->before, machine->after);
}

static void judge_devices(struct diff *diff)
{
	size_t n = 0, n_gone = 0;

	for (size_t i = 0; i < diff->n_facts; i++) {
		const struct fact_change *fact = &diff->facts[i];

		if (fact_device(fact->key) == NULL)
			continue;
		n++;
		n_gone += fact->before != NULL;
	}
	if (n > 0)
		add_reason(diff, VERDICT_UNKNOWN,
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
	for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++)
		has_failed |= strstr(log, failures[i]) != NULL;
	add_reason(diff,
	           has_failed                            ? VERDICT_NO
	           : strstr(log, "successfully") != NULL ? VERDICT_YES
	                                                 : VERDICT_UNKNOWN,
	           "The log of boot B itself says: %s", log);
}

/* --- the verdict --- */

static void (*const judges[])(struct diff *diff) = {
	judge_map,     judge_pages,  judge_kernel,  judge_cpu,        judge_will, judge_lockdown,
	judge_machine, judge_tables, judge_devices, judge_prediction, tell_log,
};

/* Stable: what is against it comes first, in the order of the judges. */
static void sort_reasons(struct resume *resume)
{
	static const enum verdict order[] = { VERDICT_NO, VERDICT_YES, VERDICT_UNKNOWN };
	struct resume_reason *sorted = memory_alloc(resume->n_reasons, sizeof *sorted);
	size_t n = 0;

	for (size_t i = 0; i < COUNT(order); i++)
		for (size_t j = 0; j < resume->n_reasons; j++)
			if (resume->reasons[j].verdict == order[i])
				sorted[n++] = resume->reasons[j];
	resume->reasons = sorted;
}

static bool has_crash_kernel(const struct diff *diff)
{
	return diff->sides[0]->start == START_CRASH || diff->sides[1]->start == START_CRASH;
}

void resume_judge(struct diff *diff)
{
	struct resume *resume = &diff->resume;
	/* What else differs from a crash kernel is no reason for anything. */
	size_t n_judges = has_crash_kernel(diff) ? 1 : COUNT(judges);
	bool is_known, forbids;

	set_checksums(diff);
	for (size_t i = 0; i < n_judges; i++)
		judges[i](diff);
	sort_reasons(resume);
	is_known = resume->has_crc32[0] && resume->has_crc32[1] &&
	           (resume->crc32[0] == resume->crc32[1] || !is_map_unchecked(diff));
	forbids = resume->n_reasons > 0 && resume->reasons[0].verdict == VERDICT_NO;
	resume->verdict = forbids ? VERDICT_NO : is_known ? VERDICT_YES : VERDICT_UNKNOWN;
}
