/*
 * linux_facts.c - messages of Linux -> what else is known of a boot: versions, machine, CPUs,
 * ACPI tables, devices, and what lies where. One row a message, one function a kind.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "mapdiff/base/memory.h"
#include "mapdiff/read/linux/read_linux.h"

/* More than a machine has; a bound on what a hostile log costs. */
#define MOST_DEVICES   512
#define MOST_LANDMARKS 4096
#define MOST_TABLES    1024
#define MOST_FEATURES  64
#define MOST_RESUME    1000 /* bytes */

/* Above any physical address: a kernel's virtual one. CPUs have at most 52 bits. */
#define MOST_PADDR (UINT64_C(1) << 52)

/* --- pieces --- */

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

static void add_landmark(struct linux_boot *boot, struct span span, enum landmark_kind kind,
                         const char *name)
{
	if (boot->record->n_landmarks < MOST_LANDMARKS && span.start_paddr < MOST_PADDR)
		record_add_landmark(boot->record, span.start_paddr, span.end_paddr, kind, name);
}

/* Where @text stands in the line, or its end. */
static size_t find_or_end(const struct line *line, size_t at, const char *text)
{
	return line_find(line, &at, text) ? at : line->bytes;
}

static size_t trimmed_end(const struct line *line)
{
	size_t end = line->bytes;

	while (end > 0 && isspace((unsigned char)line->start[end - 1]))
		end--;
	return end;
}

/* --- one function a kind of message; @at is behind what the row has --- */

static bool read_version(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t end = find_or_end(line, at, " ");

	set_once(boot, FACT_KERNEL_VERSION, line, at, end);
	set_once(boot, FACT_KERNEL_BUILD, line, end, line->bytes);
	return true;
}

static bool read_command_line(struct linux_boot *boot, const struct line *line, size_t at)
{
	set_once(boot, FACT_COMMAND_LINE, line, at, line->bytes);
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
	word = find_or_end(line, at, "k absent");
	while (word < line->bytes && word > at && isdigit((unsigned char)line->start[word - 1]))
		word--;
	if (line_take_decimal(line, &word, &absent) && absent < present)
		present -= absent;
	if (record_fact(boot->record, FACT_PRESENT_PAGES) == NULL)
		set_number(boot, FACT_PRESENT_PAGES, present / 4);
	return true;
}

/* "LENOVO 20AL008EUK/20AL008EUK, BIOS GIET69WW (2.19 ) 02/06/2014". */
static bool read_dmi(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t bios = at;

	if (!line_find(line, &bios, ", BIOS "))
		return false;
	set_once(boot, FACT_MACHINE, line, at, bios);
	set_once(boot, FACT_BIOS, line, bios + strlen(", BIOS "), line->bytes);
	return true;
}

/* "2.70 by EDK II". */
static bool read_efi(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t by = at;

	if (!line_find(line, &by, " by "))
		return false;
	set_once(boot, FACT_UEFI_REVISION, line, at, by);
	set_once(boot, FACT_FIRMWARE_VENDOR, line, by + strlen(" by "), line->bytes);
	return true;
}

/* What the kernel's EFI stub allocates and publishes as a configuration table. */
static enum landmark_kind kind_of_table(const char *name)
{
	static const char *const stub[] = { "TPMEventLog", "INITRD", "RNG", "MEMRESERVE",
		                            "Unaccepted" };

	for (size_t i = 0; i < sizeof stub / sizeof *stub; i++)
		if (strcmp(name, stub[i]) == 0)
			return LANDMARK_STUB;
	return LANDMARK_CONFIG_TABLE;
}

/* "ACPI 2.0=0x1f77d014": names have blanks in them. */
static bool take_table(const struct line *line, size_t *at, char *name, size_t name_bytes,
                       uint64_t *ret_paddr)
{
	size_t start, i;

	line_skip_blanks(line, at);
	start = i = *at;
	while (i < line->bytes &&
	       (isalnum((unsigned char)line->start[i]) || strchr("._- ", line->start[i]) != NULL))
		i++;
	if (i == start || i - start >= name_bytes)
		return false;
	memcpy(name, line->start + start, i - start);
	name[i - start] = '\0';
	*at = i;
	return line_take(line, at, "=0x") && line_take_hex(line, at, ret_paddr);
}

static bool read_tables(struct linux_boot *boot, const struct line *line, size_t at)
{
	char name[24];
	uint64_t paddr;
	bool has_some = false;

	while (take_table(line, &at, name, sizeof name, &paddr)) {
		has_some = true;
		if (paddr != 0)
			add_landmark(boot, (struct span){ paddr, paddr }, kind_of_table(name),
			             name);
	}
	return has_some;
}

/* The same line without "efi:", as Linux had it until 3.1. Also where a mail broke it in two. */
static bool read_bare_tables(struct linux_boot *boot, const struct line *line, size_t at)
{
	(void)at;
	return read_tables(boot, line, 0);
}

/* Broken at the blank in "ACPI 2.0=0x..." or "SMBIOS 3.0=0x...". */
static bool read_tables_from_version(struct linux_boot *boot, const struct line *line, size_t at)
{
	const char *name = line->start[0] == '2' ? "ACPI 2.0" : "SMBIOS 3.0";
	uint64_t paddr;

	at -= strlen("0x");
	if (!line_take_hex(line, &at, &paddr))
		return false;
	if (paddr != 0)
		add_landmark(boot, (struct span){ paddr, paddr }, kind_of_table(name), name);
	read_tables(boot, line, at);
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
	if (!boot->facts.has_cpu_topology)
		set_number(boot, FACT_CPU_COUNT, count);
	boot->facts.has_cpu_topology = true;
	return true;
}

/* "1 node, 4 CPUs", "4 CPUs" were brought up: for a log without the line above. */
static bool read_cpu_count(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t count;

	if (!line_take_decimal(line, &at, &count))
		return false;
	if (line_find(line, &at, ", ")) {
		at += 2;
		if (!line_take_decimal(line, &at, &count))
			return false;
	}
	if (record_fact(boot->record, FACT_CPU_COUNT) == NULL)
		set_number(boot, FACT_CPU_COUNT, count);
	return true;
}

static void add_feature(struct linux_boot *boot, const char *text, size_t bytes)
{
	struct linux_facts *facts = &boot->facts;

	if (facts->n_features < MOST_FEATURES)
		*MEMORY_ADD(facts, features) = memory_text(text, bytes);
}

/* "0x001: 'x87 floating point registers'". */
static bool read_xsave(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t end;

	if (!line_find(line, &at, "'"))
		return false;
	at++;
	end = find_or_end(line, at, "'");
	add_feature(boot, line->start + at, end - at);
	return true;
}

static bool read_nx(struct linux_boot *boot, const struct line *line, size_t at)
{
	(void)line, (void)at;
	add_feature(boot, "NX", 2);
	return true;
}

static bool read_secure_boot(struct linux_boot *boot, const struct line *line, size_t at)
{
	set_once(boot, FACT_SECURE_BOOT, line, at, line->bytes);
	return true;
}

/* "EFI Secure Boot; see man kernel_lockdown.7": who asked for it. */
static bool read_lockdown(struct linux_boot *boot, const struct line *line, size_t at)
{
	set_once(boot, FACT_LOCKDOWN, line, at, find_or_end(line, at, ";"));
	return true;
}

/* "[mem 0x3db48000-0x3dc43fff]"; until 3.4 "37a2d000 - 37fef5ef". */
static bool read_ramdisk(struct linux_boot *boot, const struct line *line, size_t at)
{
	struct span span;

	if (!line_take_mem(line, &at, &span)) {
		if (!line_take_hex(line, &at, &span.start_paddr) || !line_take(line, &at, " - ") ||
		    !line_take_hex(line, &at, &span.end_paddr))
			return false;
	}
	add_landmark(boot, span, LANDMARK_INITRD, "initrd");
	return true;
}

/* --- ACPI --- */

static bool is_known_table(const struct record *record, const char *signature, paddr_t paddr)
{
	for (size_t i = 0; i < record->n_acpi; i++)
		if (record->acpi[i].paddr == paddr &&
		    strcmp(record->acpi[i].signature, signature) == 0)
			return true;
	return false;
}

/* "(v01 BOCHS  BXPC     00000001 BXPC 00000001)"; "(r3 ...", until 2.6.26. */
static void read_identity(struct record_acpi *table, const struct line *line, size_t at)
{
	size_t end = find_or_end(line, at, ")");
	uint64_t revision = 0;

	line_skip_blanks(line, &at);
	if (line_take(line, &at, "(v") || line_take(line, &at, "(r"))
		line_take_decimal(line, &at, &revision);
	else
		at = end;
	line_skip_blanks(line, &at);
	while (end > at && line->start[end - 1] == ' ')
		end--;
	table->revision = (uint32_t)revision;
	table->identity = memory_text(line->start + at, end > at ? end - at : 0);
}

/* "FACP 0x000000003F778000 0000F4 (v03 BOCHS ...)": the signature is 4 characters, the length is
 * hexadecimal. Without 0x until 3.12; with a comma between the two until 2.6.26. */
static bool read_acpi_table(struct linux_boot *boot, const struct line *line, size_t at)
{
	struct record_acpi table = { .signature = "" };
	uint64_t length = 0;
	size_t digits;

	if (line->bytes - at < 5 || line->start[at + 4] != ' ' ||
	    memchr(line->start + at, ' ', 4) != NULL)
		return false;
	memcpy(table.signature, line->start + at, 4);
	at += 5;
	line_skip_blanks(line, &at);
	digits = at;
	if (!line_take_hex(line, &at, &table.paddr) || at - digits < 8)
		return false;
	line_take(line, &at, ",");
	line_skip_blanks(line, &at);
	line_take_hex(line, &at, &length);
	/* At address 0 there is none: a header is shown that was copied, old or new. */
	if (boot->facts.skips_acpi || table.paddr == 0 || table.paddr >= MOST_PADDR ||
	    length > UINT32_MAX) {
		boot->facts.skips_acpi = false;
		return true;
	}
	table.length_bytes = (uint32_t)length;
	if (boot->record->n_acpi < MOST_TABLES &&
	    !is_known_table(boot->record, table.signature, table.paddr)) {
		read_identity(&table, line, at);
		*MEMORY_ADD(boot->record, acpi) = table;
	}
	return true;
}

/* "HPET id: 0x8086a201 base: 0xfed00000". */
static bool read_hpet(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t paddr;

	if (!line_find(line, &at, "base: "))
		return false;
	at += strlen("base: ");
	if (!line_take_hex(line, &at, &paddr))
		return false;
	add_landmark(boot, (struct span){ paddr, paddr + 1024 }, LANDMARK_DEVICE, "HPET");
	return true;
}

static bool read_dynamic_load(struct linux_boot *boot, const struct line *line, size_t at)
{
	(void)line, (void)at;
	boot->facts.skips_acpi = true;
	return true;
}

/* --- devices --- */

/* "[8086:0166] type 00 class 0x030000", of the device @address. */
static bool read_pci_identity(struct linux_boot *boot, const struct line *line, size_t at,
                              const char *address)
{
	struct line ids = { line->start + at + 1, 9, line->number };
	uint64_t class;
	char *key, *value;

	if (line->bytes - at < 11 || line->start[at] != '[' || line->start[at + 5] != ':' ||
	    line->start[at + 10] != ']' || !line_find(line, &at, " class "))
		return false;
	at += strlen(" class ");
	if (!line_take_hex(line, &at, &class))
		return false;
	if (boot->facts.n_devices++ >= MOST_DEVICES)
		return true;
	key = fact_device_key(address, strlen(address));
	value = memory_printf("%.9s class 0x%06" PRIx64, ids.start, class);
	if (record_value(boot->record, key) == NULL)
		record_set_value(boot->record, key, value, strlen(value));
	return true;
}

/* "BAR 0 [mem 0xf0000000-0xf03fffff 64bit]"; "reg 0x10: [mem ...]" until 6.7, "reg 10: [mem ...]"
 * until 3.4. As the firmware set it: what Linux assigns has a colon behind it. */
static bool read_bar(struct linux_boot *boot, const struct line *line, size_t at,
                     const char *address)
{
	struct span span;

	if ((!line_take(line, &at, "BAR ") && !line_take(line, &at, "reg ")) ||
	    !line_find(line, &at, "[mem ") || !line_take_mem(line, &at, &span) ||
	    find_or_end(line, at, "]:") != line->bytes || span.start_paddr == 0)
		return false;
	add_landmark(boot, span, LANDMARK_DEVICE, memory_printf("PCI %s", address));
	return true;
}

/* "0000:00:02.0: ...". */
static bool read_pci(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t end = find_or_end(line, at, ": ");
	char address[16] = "";

	if (end == line->bytes || end - at >= sizeof address)
		return false;
	memcpy(address, line->start + at, end - at);
	at = end + 2;
	return read_pci_identity(boot, line, at, address) || read_bar(boot, line, at, address);
}

/* The first [mem ...] of the line. */
static bool read_window(struct linux_boot *boot, const struct line *line, size_t at,
                        enum landmark_kind kind, const char *name)
{
	struct span span;

	if (!line_find(line, &at, "[mem ") || !line_take_mem(line, &at, &span))
		return false;
	add_landmark(boot, span, kind, name);
	return true;
}

/* "for domain 0000 [bus 00-ff] at [mem 0xb0000000-0xbfffffff] (base 0xb0000000)". */
static bool read_mmconfig(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t word = at;

	return line_find(line, &word, "(base 0x") &&
	       read_window(boot, line, at, LANDMARK_DEVICE, "PCI configuration space");
}

/* "FROM-TO" behind @before, and @between them; the end is the last byte. */
static bool read_from_to(struct linux_boot *boot, const struct line *line, size_t at,
                         const char *between, enum landmark_kind kind, const char *name)
{
	struct span span;

	line_skip_blanks(line, &at);
	if (!line_take_hex(line, &at, &span.start_paddr) || !line_take(line, &at, between))
		return false;
	line_skip_blanks(line, &at);
	if (!line_take_hex(line, &at, &span.end_paddr) || span.end_paddr >= MOST_PADDR)
		return false;
	span.end_paddr++;
	add_landmark(boot, span, kind, name);
	return true;
}

/* "stolen memory at 0x9b800000-0x9f7fffff", "memory at [mem 0x...-0x...]". */
static bool read_graphics(struct linux_boot *boot, const struct line *line, size_t at)
{
	static const char name[] = "Intel graphics memory";

	if (read_window(boot, line, at, LANDMARK_DEVICE, name))
		return true;
	return line_find(line, &at, "at 0x") &&
	       read_from_to(boot, line, at + strlen("at "), "-", LANDMARK_DEVICE, name);
}

/* "0x000000ad000000 end: 0x000000af7fffff". */
static bool read_rmrr(struct linux_boot *boot, const struct line *line, size_t at)
{
	return read_from_to(boot, line, at, " end:", LANDMARK_DEVICE, "DMAR RMRR");
}

/* "0x... to 0x...": the end is one past it; one byte does not matter. */
static bool read_esrt(struct linux_boot *boot, const struct line *line, size_t at)
{
	return read_from_to(boot, line, at, " to ", LANDMARK_CONFIG_TABLE, "ESRT");
}

/* "... address 0xfec00000, GSI 0-23". */
static bool read_ioapic(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t paddr;

	if (!line_find(line, &at, "address 0x"))
		return false;
	at += strlen("address ");
	if (!line_take_hex(line, &at, &paddr))
		return false;
	add_landmark(boot, (struct span){ paddr, paddr + 64 }, LANDMARK_DEVICE, "I/O APIC");
	return true;
}

/* "0xd0000000, using 3072k, total 3072k". */
static bool read_framebuffer(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t paddr, kilobytes;

	if (!line_take_hex(line, &at, &paddr) || !line_find(line, &at, "using "))
		return false;
	at += strlen("using ");
	if (!take_kilobytes(line, &at, &kilobytes) || kilobytes > UINT32_MAX || paddr >= MOST_PADDR)
		return false;
	add_landmark(boot, (struct span){ paddr, paddr + kilobytes * 1024 }, LANDMARK_FRAMEBUFFER,
	             "framebuffer");
	return true;
}

/* --- time, resume --- */

/* "rtc_cmos 00:01: setting system clock to 2026-11-22T10:25:43 UTC (...)"; with a blank for the T
 * until 5.1. */
static bool read_clock(struct linux_boot *boot, const struct line *line, size_t at)
{
	char text[20];

	if (!line_find(line, &at, "setting system clock to "))
		return false;
	at += strlen("setting system clock to ");
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
	for (size_t i = 0; i < sizeof resume_words / sizeof *resume_words; i++) {
		size_t word = at;

		if (line_take(line, &word, resume_words[i]))
			return true;
	}
	return false;
}

/* All of them behind each other, each once. */
static void add_to_resume_log(struct linux_boot *boot, const char *text, size_t bytes)
{
	struct bytes *log = &boot->facts.resume_log;
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

static const struct {
	const char *start; /* of the message */
	bool (*read)(struct linux_boot *boot, const struct line *line, size_t at);
} rows[] = {
	{ "Linux version ", read_version },
	{ "Command line: ", read_command_line },
	{ "Kernel command line: ", read_command_line },
	{ "Memory: ", read_memory },
	{ "DMI: ", read_dmi },
	{ "efi: EFI v", read_efi },
	{ "EFI v", read_efi },
	{ "efi: ", read_tables },
	{ "ACPI=0x", read_bare_tables },
	{ "ACPI 2.0=0x", read_bare_tables },
	{ "SMBIOS=0x", read_bare_tables },
	{ "SMBIOS 3.0=0x", read_bare_tables },
	{ "MEMATTR=0x", read_bare_tables },
	{ "ESRT=0x", read_bare_tables },
	{ "RNG=0x", read_bare_tables },
	{ "INITRD=0x", read_bare_tables },
	{ "MOKvar=0x", read_bare_tables },
	{ "MPS=0x", read_bare_tables },
	{ "TPMFinalLog=0x", read_bare_tables },
	{ "TPMEventLog=0x", read_bare_tables },
	{ "2.0=0x", read_tables_from_version },
	{ "3.0=0x", read_tables_from_version },
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
	{ "secureboot: Secure boot ", read_secure_boot },
	{ "Secure boot ", read_secure_boot },
	{ "Kernel is locked down from ", read_lockdown },
	{ "RAMDISK: ", read_ramdisk },
	{ "ACPI: HPET id: ", read_hpet },
	{ "ACPI: Dynamic OEM Table Load", read_dynamic_load },
	{ "ACPI: ", read_acpi_table },
	{ "ACPI BIOS Error (bug): ", read_acpi_error },
	{ "ACPI Error: ", read_acpi_error },
	{ "pci ", read_pci },
	{ "PCI: MMCONFIG for domain ", read_mmconfig },
	{ "PCI: ECAM ", read_mmconfig },
	{ "Reserving Intel graphics ", read_graphics },
	{ "DMAR: RMRR base: ", read_rmrr },
	{ "esrt: Reserving ESRT space from ", read_esrt },
	{ "IOAPIC[", read_ioapic },
	{ "efifb: framebuffer at ", read_framebuffer },
	{ "rtc_cmos ", read_clock },
	{ "PM: ", read_resume },
	{ "Hibernate inconsistent memory map", read_resume },
	{ "Unrecognized hibernate image", read_resume },
	{ "hibernation exit", read_resume },
};

bool linux_read_fact(struct linux_boot *boot, const struct line *message)
{
	struct line line = *message;

	if (line.bytes == 0)
		return false;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		size_t at = 0;

		if (rows[i].start[0] != line.start[0] || !line_take(&line, &at, rows[i].start))
			continue;
		line.bytes = trimmed_end(message);
		if (at <= line.bytes && rows[i].read(boot, &line, at))
			return true;
		line.bytes = message->bytes;
	}
	return false;
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a, b, c", sorted, each once. */
static void finish_features(struct linux_boot *boot)
{
	struct linux_facts *facts = &boot->facts;
	struct bytes all = { 0 };

	qsort(facts->features, facts->n_features, sizeof *facts->features, compare_texts);
	for (size_t i = 0; i < facts->n_features; i++)
		if (i == 0 || strcmp(facts->features[i], facts->features[i - 1]) != 0)
			memory_append(&all, "%s%s", i > 0 ? ", " : "", facts->features[i]);
	record_set_fact(boot->record, FACT_CPU_FEATURES, all.text, all.n_text);
}

void linux_finish_facts(struct linux_boot *boot)
{
	const struct bytes *log = &boot->facts.resume_log;

	if (boot->facts.n_features > 0)
		finish_features(boot);
	if (log->n_text > 0)
		record_set_fact(boot->record, FACT_RESUME_LOG, log->text, log->n_text);
}
