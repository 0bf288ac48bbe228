/* linux_facts.c - messages that say something, and the facts of a boot: see linux_facts.h. One row
 * a message, one function a kind. */
#include "mapdiff/read/linux/linux_facts.h"

#include <string.h>

#include "bootmem/count.h"

#define MOST_FEATURES 64
#define MOST_RESUME   1000 /* bytes */

/* The first word on a matter counts; a kernel repeats some with less in it. */
static void set_once(struct linux_boot *boot, enum fact_id id, struct line text)
{
	line_skip_blanks(&text);
	if (text.bytes > 0 && record_fact(boot->record, id) == NULL)
		record_set_fact(boot->record, id, text.start, text.bytes);
}

static void set_number(struct linux_boot *boot, enum fact_id id, uint64_t number)
{
	char *text = memory_printf("%" PRIu64, number);

	record_set_fact(boot->record, id, text, strlen(text));
}

/* Messages that are a fact, or two with something between them, to be there; or a fact with what
 * does not matter behind it. */
static const struct {
	const char *start, *pattern; /* of what is behind that: see line_take_all() */
	enum fact_id first, second;  /* FACT_COUNT: none */
} texts[] = {
	{ "Linux version ", "%s %s", FACT_KERNEL_VERSION, FACT_KERNEL_BUILD },
	{ "Linux version ", "%s", FACT_KERNEL_VERSION, FACT_COUNT },
	{ "Command line: ", "%s", FACT_COMMAND_LINE, FACT_COUNT },
	{ "Kernel command line: ", "%s", FACT_COMMAND_LINE, FACT_COUNT },
	{ "DMI: ", "%s, BIOS %s", FACT_MACHINE, FACT_BIOS },
	{ "efi: EFI v", "%s by %s", FACT_UEFI_REVISION, FACT_FIRMWARE_VENDOR },
	{ "EFI v", "%s by %s", FACT_UEFI_REVISION, FACT_FIRMWARE_VENDOR },
	{ "secureboot: Secure boot ", "%s", FACT_SECURE_BOOT, FACT_COUNT },
	{ "Secure boot ", "%s", FACT_SECURE_BOOT, FACT_COUNT },
	{ "Kernel is locked down from ", "%s;", FACT_LOCKDOWN, FACT_COUNT },
	{ "Kernel is locked down from ", "%s", FACT_LOCKDOWN, FACT_COUNT },
};

static bool read_texts(struct linux_boot *boot, const struct line *message)
{
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct line line = *message, first, second = { 0 };

		if (texts[i].start[0] != message->start[0] || !line_take(&line, texts[i].start) ||
		    !line_take_all(&line, texts[i].pattern, &first, &second))
			continue;
		set_once(boot, texts[i].first, first);
		set_once(boot, texts[i].second, second);
		return true;
	}
	return false;
}

/* "194292K/1041876K available (...)", also with k: the second is what is present. mem_init() of
 * Linux 2.6.24 to 3.10 took the highest page instead, and names the holes: "2195092k absent". */
static bool read_memory(struct linux_boot *boot, struct line line)
{
	uint64_t available, present, absent = 0;

	if (!line_take_decimal(&line, &available) || line_skip(&line, "Kk") != 1 ||
	    !line_take(&line, "/") || !line_take_decimal(&line, &present) ||
	    line_skip(&line, "Kk") != 1 || !line_take(&line, " available"))
		return false;
	if (memchr(line.start, ')', line.bytes) == NULL)
		return true; /* what is absent may be in the rest, which was broken off */
	while (line.bytes > 0 && !line_take_all(&line, "%uk absent", &absent))
		line_move(&line, 1);
	if (line.bytes > 0 && absent < present)
		present -= absent;
	if (record_fact(boot->record, FACT_PRESENT_PAGES) == NULL)
		set_number(boot, FACT_PRESENT_PAGES, present / 4);
	return true;
}

static bool read_cpu(struct linux_boot *boot, struct line line)
{
	struct line word = line;

	if (!line_find(&word, "(fam") && !line_find(&word, " stepping "))
		return false;
	set_once(boot, FACT_CPU, line);
	return true;
}

/* "4 CPUs, 0 hotplug CPUs", where the first includes the second; "4 present CPUs plus 0 hotplug
 * CPUs", where it does not. */
static bool read_cpu_topology(struct linux_boot *boot, struct line line)
{
	uint64_t count, hotplug;

	if (!line_take_decimal(&line, &count))
		return false;
	if (line_take_all(&line, " CPUs, %u", &hotplug) && hotplug < count)
		count -= hotplug;
	if (!boot->has_cpu_topology)
		set_number(boot, FACT_CPU_COUNT, count);
	boot->has_cpu_topology = true;
	return true;
}

/* "1 node, 4 CPUs", "4 CPUs" were brought up: for a log without the line above. */
static bool read_cpu_count(struct linux_boot *boot, struct line line)
{
	uint64_t count;

	if (!line_take_decimal(&line, &count) ||
	    (line_take_all(&line, "*, ") && !line_take_decimal(&line, &count)))
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
static bool read_xsave(struct linux_boot *boot, struct line line)
{
	struct line name;

	if (!line_take_all(&line, "*'%s'", &name) && !line_take_all(&line, "*'%s", &name))
		return false;
	add_feature(boot, name.start, name.bytes);
	return true;
}

static bool read_nx(struct linux_boot *boot, struct line line)
{
	(void)line;
	add_feature(boot, "NX", 2);
	return true;
}

/* "rtc_cmos 00:01: setting system clock to 2026-11-22T10:25:43 UTC (...)"; with a blank for the T
 * until 5.1. */
static bool read_clock(struct linux_boot *boot, struct line line)
{
	char text[20];

	if (!line_take_all(&line, "*setting system clock to "))
		return false;
	if (line.bytes < sizeof text - 1 || record_fact(boot->record, FACT_TIME) != NULL)
		return true;
	memcpy(text, line.start, sizeof text - 1);
	text[10] = 'T';
	record_set_fact(boot->record, FACT_TIME, text, sizeof text - 1);
	return true;
}

/* All of them behind each other, each once. */
static void add_to_resume_log(struct linux_boot *boot, struct line text)
{
	struct bytes *log = &boot->resume_log;
	char *word = memory_text(text.start, text.bytes);

	if (log->n_text == 0)
		memory_append(log, "%s", word);
	else if (strstr(log->text, word) == NULL && log->n_text + text.bytes < MOST_RESUME)
		memory_append(log, "; %s", word);
}

/* What hibernation says of the image: kernel/power/hibernate.c, snapshot.c, swap.c. */
static const struct {
	const char *text;
	bool stands_alone; /* without "PM: " before it, too */
} resume_words[] = {
	{ "Image signature found, resuming", false },
	{ "Hibernate inconsistent memory map detected", true },
	{ "Unrecognized hibernate image header format", true },
	{ "Image mismatch", false },
	{ "Error -", false },
	{ "Failed to load image, recovering", false },
	{ "Failed to load hibernation image, recovering", false },
	{ "resume failed", false },
	{ "resume from hibernation failed", false },
	{ "Image successfully loaded", false },
	{ "Hibernation image restored successfully", false },
	{ "hibernation exit", true },
};

static bool read_resume(struct linux_boot *boot, struct line line)
{
	bool is_pm = line_take(&line, "PM: ");

	if (!line_take(&line, "hibernation: "))
		line_take(&line, "Hibernation: ");
	for (size_t i = 0; i < COUNT(resume_words); i++) {
		struct line rest = line;

		if ((is_pm || resume_words[i].stands_alone) &&
		    line_take(&rest, resume_words[i].text)) {
			add_to_resume_log(boot, line);
			return true;
		}
	}
	return false;
}

/* "The DSDT has been corrupted or replaced - old, new headers below": after a resume, the image has
 * put the table of another boot, or something else, where this one's was. */
static bool read_acpi_error(struct linux_boot *boot, struct line line)
{
	struct line rest = line;

	if (!line_take(&rest, "The DSDT has been corrupted or replaced"))
		return false;
	add_to_resume_log(boot, line_until(&line, rest.start));
	return true;
}

static const struct linux_row rows[] = {
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
};

bool linux_facts_read(struct linux_boot *boot, struct line message)
{
	message = line_until(&message, line_end(&message));
	return message.bytes > 0 &&
	       (read_texts(boot, &message) || linux_row_read(rows, COUNT(rows), boot, &message) ||
	        read_resume(boot, message) || linux_places_read(boot, message));
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void linux_facts_finish(struct linux_boot *boot)
{
	const struct bytes *log = &boot->resume_log;
	struct bytes all = { 0 }; /* "a, b, c", sorted, each once */

	linux_places_finish(boot);
	MEMORY_SORT(boot, features, compare_texts);
	for (size_t i = 0; i < boot->n_features; i++)
		if (i == 0 || strcmp(boot->features[i], boot->features[i - 1]) != 0)
			memory_append(&all, "%s%s", i > 0 ? ", " : "", boot->features[i]);
	if (all.n_text > 0)
		record_set_fact(boot->record, FACT_CPU_FEATURES, all.text, all.n_text);
	if (log->n_text > 0)
		record_set_fact(boot->record, FACT_RESUME_LOG, log->text, log->n_text);
}
