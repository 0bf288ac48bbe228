/* linux_places.c - messages with an address in them: see linux_places.h. One row a message, one
 * function a kind. */
#include "mapdiff/read/linux/linux_places.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"

/* More than a machine has; a bound on what a hostile log costs. */
#define MOST_DEVICES   512
#define MOST_LANDMARKS 4096
#define MOST_TABLES    1024

/* Above any physical address: a kernel's virtual one. CPUs have at most 52 bits. */
#define MOST_PADDR (UINT64_C(1) << 52)

static void add_landmark(struct linux_boot *boot, struct span span, enum landmark_kind kind,
                         const char *name)
{
	if (boot->record->n_landmarks < MOST_LANDMARKS && span.start_paddr < MOST_PADDR)
		record_add_landmark(boot->record, span.start_paddr, span.end_paddr, kind, name);
}

/* "[mem 0x...-0x..." and what closes it: the end is one past. */
static bool take_mem(const struct line *line, size_t *at, struct span *ret_span)
{
	if (!line_take_all(line, at, "[mem %x-%x", &ret_span->start_paddr, &ret_span->end_paddr) ||
	    ret_span->end_paddr < ret_span->start_paddr || ret_span->end_paddr == UINT64_MAX)
		return false;
	ret_span->end_paddr++;
	return true;
}

/* What the kernel's EFI stub allocates and publishes as a configuration table. */
static enum landmark_kind kind_of_table(const char *name)
{
	static const char *const stub[] = { "TPMEventLog", "INITRD", "RNG", "MEMRESERVE",
		                            "Unaccepted" };

	for (size_t i = 0; i < COUNT(stub); i++)
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

/* "[mem 0x3db48000-0x3dc43fff]"; until 3.4 "37a2d000 - 37fef5ef". */
static bool read_ramdisk(struct linux_boot *boot, const struct line *line, size_t at)
{
	struct span span;

	if (!take_mem(line, &at, &span) &&
	    !line_take_all(line, &at, "%x - %x", &span.start_paddr, &span.end_paddr))
		return false;
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
	size_t end = line_find_or_end(line, at, ")");
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
	if (boot->skips_acpi || table.paddr == 0 || table.paddr >= MOST_PADDR ||
	    length > UINT32_MAX) {
		boot->skips_acpi = false;
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

	if (!line_find_behind(line, &at, "base: ") || !line_take_hex(line, &at, &paddr))
		return false;
	add_landmark(boot, (struct span){ paddr, paddr + 1024 }, LANDMARK_DEVICE, "HPET");
	return true;
}

static bool read_dynamic_load(struct linux_boot *boot, const struct line *line, size_t at)
{
	(void)line, (void)at;
	boot->skips_acpi = true;
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
	    line->start[at + 10] != ']' || !line_find_behind(line, &at, " class ") ||
	    !line_take_hex(line, &at, &class))
		return false;
	if (boot->n_devices++ >= MOST_DEVICES)
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
	    !line_find(line, &at, "[mem ") || !take_mem(line, &at, &span) ||
	    line_find_or_end(line, at, "]:") != line->bytes || span.start_paddr == 0)
		return false;
	add_landmark(boot, span, LANDMARK_DEVICE, memory_printf("PCI %s", address));
	return true;
}

/* "0000:00:02.0: ...". */
static bool read_pci(struct linux_boot *boot, const struct line *line, size_t at)
{
	size_t end = line_find_or_end(line, at, ": ");
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

	if (!line_find(line, &at, "[mem ") || !take_mem(line, &at, &span))
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

/* FROM and TO in @pattern; the end is the last byte. */
static bool read_from_to(struct linux_boot *boot, const struct line *line, size_t at,
                         const char *pattern, enum landmark_kind kind, const char *name)
{
	struct span span;

	if (!line_take_all(line, &at, pattern, &span.start_paddr, &span.end_paddr) ||
	    span.end_paddr >= MOST_PADDR)
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
	       read_from_to(boot, line, at, "at %x-%x", LANDMARK_DEVICE, name);
}

/* "0x000000ad000000 end: 0x000000af7fffff". */
static bool read_rmrr(struct linux_boot *boot, const struct line *line, size_t at)
{
	return read_from_to(boot, line, at, " %x end: %x", LANDMARK_DEVICE, "DMAR RMRR");
}

/* "0x... to 0x...": the end is one past it; one byte does not matter. */
static bool read_esrt(struct linux_boot *boot, const struct line *line, size_t at)
{
	return read_from_to(boot, line, at, " %x to %x", LANDMARK_CONFIG_TABLE, "ESRT");
}

/* "... address 0xfec00000, GSI 0-23". */
static bool read_ioapic(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t paddr;

	if (!line_find_behind(line, &at, "address 0x") || !line_take_hex(line, &at, &paddr))
		return false;
	add_landmark(boot, (struct span){ paddr, paddr + 64 }, LANDMARK_DEVICE, "I/O APIC");
	return true;
}

/* "0xd0000000, using 3072k, total 3072k". */
static bool read_framebuffer(struct linux_boot *boot, const struct line *line, size_t at)
{
	uint64_t paddr, kilobytes;

	if (!line_take_hex(line, &at, &paddr) || !line_find_behind(line, &at, "using ") ||
	    !line_take_all(line, &at, "%uk", &kilobytes) || kilobytes > UINT32_MAX ||
	    paddr >= MOST_PADDR)
		return false;
	add_landmark(boot, (struct span){ paddr, paddr + kilobytes * 1024 }, LANDMARK_FRAMEBUFFER,
	             "framebuffer");
	return true;
}

/* --- the rows --- */

const struct linux_row linux_places[] = {
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
	{ "RAMDISK: ", read_ramdisk },
	{ "ACPI: HPET id: ", read_hpet },
	{ "ACPI: Dynamic OEM Table Load", read_dynamic_load },
	{ "ACPI: ", read_acpi_table },
	{ "pci ", read_pci },
	{ "PCI: MMCONFIG for domain ", read_mmconfig },
	{ "PCI: ECAM ", read_mmconfig },
	{ "Reserving Intel graphics ", read_graphics },
	{ "DMAR: RMRR base: ", read_rmrr },
	{ "esrt: Reserving ESRT space from ", read_esrt },
	{ "IOAPIC[", read_ioapic },
	{ "efifb: framebuffer at ", read_framebuffer },
};
const size_t n_linux_places = COUNT(linux_places);
