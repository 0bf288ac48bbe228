/* linux_facts.c - messages that say something, and the facts of a boot: see linux_facts.h. One row
 * a message, one function a kind. */
#include "mapdiff/read/linux/linux_facts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/linux/linux_places.h"

#define MOST_FEATURES 64
#define MOST_RESUME   1000 /* bytes */

/* The first word on a matter counts; a kernel repeats some with less in it. */
static void set_once(struct linux_boot *boot, enum fact_id id, const struct line *line, size_t at,
                     size_t end)
{
	line_skip_blanks(line, &at);
	if (at < end && record_fact(boot->record, id) == NULL)
		record_set_fact(boot->record, id, line->start + at, end - at);
}

static void set_number(struct linux_boot *boot, enum fact_id id, uint64_t number)
{
	char *text = memory_printf("%" PRIu64, number);

	record_set_fact(boot->record, id, text, strlen(text));
}

/* Messages that are a fact, or two with something between them, to be there; or a fact with what
 * does not matter behind it. */
static const struct {
	const char *start;
	const char *between;        /* "\n", which no line has: nothing */
	enum fact_id first, second; /* FACT_COUNT: none */
} texts[] = {
	/* clang-format off */
	{ "Command line: ", "\n", FACT_COMMAND_LINE, FACT_COUNT },
	{ "Kernel command line: ", "\n", FACT_COMMAND_LINE, FACT_COUNT },
	{ "DMI: ", ", BIOS ", FACT_MACHINE, FACT_BIOS },
	{ "efi: EFI v", " by ", FACT_UEFI_REVISION, FACT_FIRMWARE_VENDOR },
	{ "EFI v", " by ", FACT_UEFI_REVISION, FACT_FIRMWARE_VENDOR },
	{ "secureboot: Secure boot ", "\n", FACT_SECURE_BOOT, FACT_COUNT },
	{ "Secure boot ", "\n", FACT_SECURE_BOOT, FACT_COUNT },
	{ "Kernel is locked down from ", ";", FACT_LOCKDOWN, FACT_COUNT },
	/* clang-format on */
};

static bool read_texts(struct linux_boot *boot, const struct line *line)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		bool has_second = texts[i].second != FACT_COUNT;
		size_t at = 0, end, behind;

		if (!line_take(line, &at, texts[i].start))
			continue;
		behind = end = line_find_or_end(line, at, texts[i].between);
		if (has_second && !line_take(line, &behind, texts[i].between))
			continue;
		set_once(boot, texts[i].first, line, at, end);
		if (has_second)
			set_once(boot, texts[i].second, line, behind, line->bytes);
		return true;
	}
	return false;
}

static bool read_version(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t end = line_find_or_end(line, at, " ");

	set_once(boot, FACT_KERNEL_VERSION, line, at, end);
	set_once(boot, FACT_KERNEL_BUILD, line, end, line->bytes);
	return true;
}

/* "1041876K", "69206016k". */
static bool take_kilobytes(const struct line *line, size_t *at, uint64_t *ret_value)
{
	return line_take_decimal(line, at, ret_value) &&
	       (line_take(line, at, "K") || line_take(line, at, "k"));
}

/* "194292K/1041876K available (...)": the second is what is present. mem_init() of Linux 2.6.24 to
 * 3.10 took the highest page instead, and names the holes: "2195092k absent". */
static bool read_memory(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t available, present, absent = 0;
	size_t word;

	if (!take_kilobytes(line, &at, &available) || !line_take(line, &at, "/") ||
	    !take_kilobytes(line, &at, &present) || !line_take(line, &at, " available"))
		return false;
	if (memchr(line->start + at, ')', line->bytes - at) == NULL)
		return true; /* what is absent may be in the rest, which was broken off */
	word = line_find_or_end(line, at, "k absent");
	while (word < line->bytes && word > at && isdigit((unsigned char)line->start[word - 1]))
		word--;
	if (line_take_decimal(line, &word, &absent) && absent < present)
		present -= absent;
	if (record_fact(boot->record, FACT_PRESENT_PAGES) == NULL)
		set_number(boot, FACT_PRESENT_PAGES, present / 4);
	return true;
}

static bool read_cpu(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t word = at;

	if (!line_find(line, &word, "(fam") && !line_find(line, &word, " stepping "))
		return false;
	set_once(boot, FACT_CPU, line, at, line->bytes);
	return true;
}

/* "4 CPUs, 0 hotplug CPUs", where the first includes the second; "4 present CPUs plus 0 hotplug
 * CPUs", where it does not. */
static bool read_cpu_topology(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t count, hotplug;

	if (!line_take_decimal(line, &at, &count))
		return false;
	if (line_take(line, &at, " CPUs, ") && line_take_decimal(line, &at, &hotplug) &&
	    hotplug < count)
		count -= hotplug;
	if (!boot->has_cpu_topology)
		set_number(boot, FACT_CPU_COUNT, count);
	boot->has_cpu_topology = true;
	return true;
}

/* "1 node, 4 CPUs", "4 CPUs" were brought up: for a log without the line above. */
static bool read_cpu_count(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t count;

	if (!line_take_decimal(line, &at, &count))
		return false;
	if (line_find_behind(line, &at, ", ") && !line_take_decimal(line, &at, &count))
		return false;
	if (record_fact(boot->record, FACT_CPU_COUNT) == NULL)
		set_number(boot, FACT_CPU_COUNT, count);
	return true;
}

static void add_feature(struct linux_boot *boot, const char *text, size_t bytes)
{
	if (boot->n_features < MOST_FEATURES)
		*MEMORY_ADD(boot, features) = memory_text(text, bytes);
}

/* "0x001: 'x87 floating point registers'". */
static bool read_xsave(struct linux_boot *boot, const struct line *line, size_t at)
{
	if (!line_find_behind(line, &at, "'"))
		return false;
	add_feature(boot, line->start + at, line_find_or_end(line, at, "'") - at);
	return true;
}

static bool read_nx(struct linux_boot *boot, const struct line *line, size_t at)
{
	(void)line, (void)at;
	add_feature(boot, "NX", 2);
	return true;
}

/* --- time, resume --- */

/* "rtc_cmos 00:01: setting system clock to 2026-11-22T10:25:43 UTC (...)"; with a blank for the T
 * until 5.1. */
static bool read_clock(struct linux_boot *boot, const struct line *line, size_t at)
{
	char text[20];

	if (!line_find_behind(line, &at, "setting system clock to "))
		return false;
	if (line->bytes - at < sizeof text - 1 || record_fact(boot->record, FACT_TIME) != NULL)
		return true;
	memcpy(text, line->start + at, sizeof text - 1);
	text[10] = 'T';
	record_set_fact(boot->record, FACT_TIME, text, sizeof text - 1);
	return true;
}

/* What hibernation says of the image: kernel/power/hibernate.c, snapshot.c, swap.c. */
static const char *const resume_words[] = {
	"Image signature found, resuming",
	"Hibernate inconsistent memory map detected",
	"Unrecognized hibernate image header format",
	"Image mismatch",
	"Error -",
	"Failed to load image, recovering",
	"Failed to load hibernation image, recovering",
	"resume failed",
	"resume from hibernation failed",
	"Image successfully loaded",
	"Hibernation image restored successfully",
	"hibernation exit",
};

static bool is_resume_word(const struct line *line, size_t at)
{
	for (size_t i = 0; i < COUNT(resume_words); i++) {
		size_t word = at;

		if (line_take(line, &word, resume_words[i]))
			return true;
	}
	return false;
}

/* All of them behind each other, each once. */
static void add_to_resume_log(struct linux_boot *boot, const char *text, size_t bytes)
{
	struct bytes *log = &boot->resume_log;
	char *word = memory_text(text, bytes);

	if (log->n_text == 0)
		memory_append(log, "%s", word);
	else if (strstr(log->text, word) == NULL && log->n_text + strlen(word) < MOST_RESUME)
		memory_append(log, "; %s", word);
}

static bool read_resume(struct linux_boot *boot, const struct line *line, size_t at)
{
	at = 0;
	line_take(line, &at, "PM: ");
	if (!line_take(line, &at, "hibernation: "))
		line_take(line, &at, "Hibernation: ");
	if (!is_resume_word(line, at))
		return false;
	add_to_resume_log(boot, line->start + at, line->bytes - at);
	return true;
}

/* "The DSDT has been corrupted or replaced - old, new headers below": after a resume, the image has
 * put the table of another boot, or something else, where this one's was. */
static bool read_acpi_error(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t end = at;

	if (!line_take(line, &end, "The DSDT has been corrupted or replaced"))
		return false;
	add_to_resume_log(boot, line->start + at, end - at);
	return true;
}

/* --- the rows --- */

static const struct linux_row rows[] = {
	{ "Linux version ", read_version },
	{ "Memory: ", read_memory },
	{ "smpboot: CPU0: ", read_cpu },
	{ "CPU0: ", read_cpu },
	{ "smpboot: Allowing ", read_cpu_topology },
	{ "SMP: Allowing ", read_cpu_topology },
	{ "CPU topo: Allowing ", read_cpu_topology },
	{ "smp: Brought up ", read_cpu_count },
	{ "Brought up ", read_cpu_count },
	{ "x86: Booted up ", read_cpu_count },
	{ "x86/fpu: Supporting XSAVE feature ", read_xsave },
	{ "NX (Execute Disable) protection: active", read_nx },
	{ "ACPI BIOS Error (bug): ", read_acpi_error },
	{ "ACPI Error: ", read_acpi_error },
	{ "rtc_cmos ", read_clock },
	{ "PM: ", read_resume },
	{ "Hibernate inconsistent memory map", read_resume },
	{ "Unrecognized hibernate image", read_resume },
	{ "hibernation exit", read_resume },
};

bool linux_facts_read(struct linux_boot *boot, const struct line *message)
{
	struct line line = *message;

	while (line.bytes > 0 && isspace((unsigned char)line.start[line.bytes - 1]))
		line.bytes--;
	return line.bytes > 0 &&
	       (read_texts(boot, &line) || linux_row_read(rows, COUNT(rows), boot, &line) ||
	        linux_places_read(boot, &line));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a, b, c", sorted, each once. */
static void finish_features(struct linux_boot *boot)
{
	struct bytes all = { 0 };

	qsort(boot->features, boot->n_features, sizeof *boot->features, compare_texts);
	for (size_t i = 0; i < boot->n_features; i++)
		if (i == 0 || strcmp(boot->features[i], boot->features[i - 1]) != 0)
			memory_append(&all, "%s%s", i > 0 ? ", " : "", boot->features[i]);
	record_set_fact(boot->record, FACT_CPU_FEATURES, all.text, all.n_text);
}

void linux_facts_finish(struct linux_boot *boot)
{
	const struct bytes *log = &boot->resume_log;

	if (boot->n_features > 0)
		finish_features(boot);
	if (log->n_text > 0)
		record_set_fact(boot->record, FACT_RESUME_LOG, log->text, log->n_text);
}
