/* linux_places.c - messages with an address in them: see linux_places.h. One row a kind. */
#include "mapdiff/read/linux/linux_places.h"

#include <stdio.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/map.h"

/* More than a machine has; a bound on what a hostile log costs. */
#define MOST_DEVICES   512
#define MOST_LANDMARKS 4096
#define MOST_TABLES    1024

/* What the name of a configuration table may have in it. */
#define TABLE_NAME "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._- "

static void add_landmark(struct linux_boot *boot, paddr_t start_paddr, paddr_t end_paddr,
                         enum landmark_kind kind, const char *name)
{
	if (boot->record->n_landmarks < MOST_LANDMARKS && start_paddr < MAP_END_PADDR)
		record_add_landmark(boot->record, start_paddr, end_paddr, kind, name);
}

/* --- configuration tables --- */

static void add_table(struct linux_boot *boot, const char *name, paddr_t paddr)
{
	/* What the kernel's EFI stub allocates and publishes as a configuration table. */
	static const char *const stub[] = { "TPMEventLog", "INITRD", "RNG", "MEMRESERVE",
		                            "Unaccepted" };
	enum landmark_kind kind = LANDMARK_CONFIG_TABLE;

	for (size_t i = 0; i < COUNT(stub); i++)
		if (strcmp(name, stub[i]) == 0)
			kind = LANDMARK_STUB;
	/* A mail may have broken the line at the blank in these. */
	if (strcmp(name, "2.0") == 0)
		name = "ACPI 2.0";
	else if (strcmp(name, "3.0") == 0)
		name = "SMBIOS 3.0";
	if (paddr != 0)
		add_landmark(boot, paddr, paddr, kind, name);
}

/* "ACPI 2.0=0x1f77d014": names have blanks in them. */
static bool read_tables(struct linux_boot *boot, struct line line)
{
	bool has_some = false;
	struct line name;
	uint64_t paddr;

	while (line_take_all(&line, " %s=0x%x", &name, &paddr)) {
		const char *start = name.start;
		size_t n = line_skip(&name, TABLE_NAME);
		char text[24];

		if (n == 0 || n >= sizeof text || name.bytes > 0)
			break;
		snprintf(text, sizeof text, "%.*s", (int)n, start);
		add_table(boot, text, paddr);
		has_some = true;
	}
	return has_some;
}

/* The same line without "efi:", as Linux had it until 3.1. Also where a mail broke it in two. */
static bool read_bare_tables(struct linux_boot *boot, const struct line *message)
{
	static const char *const first[] = {
		"ACPI=",        "ACPI 2.0=",    "SMBIOS=", "SMBIOS 3.0=", "MEMATTR=",
		"ESRT=",        "RNG=",         "INITRD=", "MOKvar=",     "MPS=",
		"TPMFinalLog=", "TPMEventLog=", "2.0=0x",  "3.0=0x",
	};
	struct line line = *message;

	for (size_t i = 0; i < COUNT(first); i++)
		if (line_take(&line, first[i]))
			return read_tables(boot, *message);
	return false;
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
static void read_identity(struct record_acpi *table, struct line line)
{
	struct line identity;
	uint64_t revision = 0;

	line_skip_blanks(&line);
	if (line_take(&line, "(v") || line_take(&line, "(r"))
		line_take_decimal(&line, &revision);
	else
		line.bytes = 0;
	if (!line_take_all(&line, " %s)", &identity))
		line_take_all(&line, " %s", &identity);
	table->revision = (uint32_t)revision;
	table->identity = memory_text(identity.start, identity.bytes);
}

/* " Physical table override, new table: 0x000000007D000000": of the user's initrd. The firmware's
 * is the one that it overrides. */
static void take_override(struct linux_boot *boot, struct line line)
{
	if (line_take_all(&line, "*table override, new table: "))
		line_take_hex(&line, &boot->override_paddr);
}

/* "FACP 0x000000003F778000 0000F4 (v03 BOCHS ...)": the signature is 4 characters, the length is
 * hexadecimal. Without 0x until 3.12; with a comma between the two until 2.6.26. */
static bool read_acpi_table(struct linux_boot *boot, struct line line)
{
	struct record_acpi table = { .signature = "" };
	uint64_t length = 0;
	const char *digits;

	if (line_take(&line, "Dynamic OEM Table Load") ||
	    line_take(&line, "Table Upgrade: install [")) {
		boot->skips_acpi = true;
		return true;
	}
	if (line.bytes < 5 || line.start[4] != ' ' || memchr(line.start, ' ', 4) != NULL)
		return false;
	memcpy(table.signature, line.start, 4);
	line_move(&line, 5);
	line_skip_blanks(&line);
	digits = line.start;
	if (!line_take_hex(&line, &table.paddr) || line.start - digits < 8)
		return false;
	take_override(boot, line);
	line_take(&line, ",");
	line_skip_blanks(&line);
	line_take_hex(&line, &length);
	/* At address 0 there is none: a header is shown that was copied, old or new. */
	if (boot->skips_acpi || table.paddr == 0 || table.paddr == boot->override_paddr ||
	    table.paddr >= MAP_END_PADDR || length > UINT32_MAX) {
		boot->skips_acpi = false;
		return true;
	}
	table.length_bytes = (uint32_t)length;
	if (boot->record->n_acpi < MOST_TABLES &&
	    !is_known_table(boot->record, table.signature, table.paddr)) {
		read_identity(&table, line);
		*MEMORY_ADD(boot->record, acpi) = table;
	}
	return true;
}

/* --- devices --- */

/* "[8086:0166] type 00 class 0x030000", of the device @address. */
static bool read_pci_identity(struct linux_boot *boot, struct line line, struct line address)
{
	uint64_t vendor, device, class;
	char *key, *value;

	if (!line_take_all(&line, "[%x:%x]* class %x", &vendor, &device, &class))
		return false;
	if (boot->n_devices++ >= MOST_DEVICES)
		return true;
	key = fact_device_key(address.start, address.bytes);
	value = memory_printf("%04" PRIx64 ":%04" PRIx64 " class 0x%06" PRIx64, vendor, device,
	                      class);
	if (record_value(boot->record, key) == NULL)
		record_set_value(boot->record, key, value, strlen(value));
	return true;
}

/* "BAR 0 [mem 0xf0000000-0xf03fffff 64bit]"; "reg 0x10: [mem ...]" until 6.7, "reg 10: [mem ...]"
 * until 3.4. As the firmware set it: what Linux assigns has a colon behind it. */
static bool read_bar(struct linux_boot *boot, struct line line, struct line address)
{
	uint64_t start_paddr, last_paddr;

	if ((!line_take(&line, "BAR ") && !line_take(&line, "reg ")) ||
	    !line_take_all(&line, "*[mem %x-%x", &start_paddr, &last_paddr) ||
	    last_paddr < start_paddr || line_find(&line, "]:") || start_paddr == 0)
		return false;
	add_landmark(boot, start_paddr, last_paddr + 1, LANDMARK_DEVICE,
	             memory_printf("PCI %.*s", (int)address.bytes, address.start));
	return true;
}

/* "0000:00:02.0: ...". */
static bool read_pci(struct linux_boot *boot, struct line line)
{
	struct line address;

	return line_take_all(&line, "%s: ", &address) && address.bytes < 16 &&
	       (read_pci_identity(boot, line, address) || read_bar(boot, line, address));
}

/* A message with an address, and perhaps a second number. The end is that number, or the start and
 * so many units, and some bytes. */
static const struct {
	const char *pattern;
	enum landmark_kind kind;
	const char *name;
	uint64_t unit, more_bytes; /* unit 0: the second number is an address */
} windows[] = {
	/* clang-format off */
	{ "RAMDISK: [mem %x-%x", LANDMARK_INITRD, "initrd", 0, 1 },
	{ "RAMDISK: %x - %x", LANDMARK_INITRD, "initrd", 0, 0 }, /* until 3.4 */
	{ "ACPI: HPET id: *base: %x", LANDMARK_DEVICE, "HPET", 1, 1024 },
	{ "IOAPIC[*address 0x%x", LANDMARK_DEVICE, "I/O APIC", 1, 64 },
	{ "PCI: MMCONFIG for domain *[mem %x-%x*(base 0x", LANDMARK_DEVICE, "PCI configuration space", 0, 1 },
	{ "PCI: ECAM *[mem %x-%x*(base 0x", LANDMARK_DEVICE, "PCI configuration space", 0, 1 },
	{ "Reserving Intel graphics *[mem %x-%x", LANDMARK_DEVICE, "Intel graphics memory", 0, 1 },
	{ "Reserving Intel graphics *at 0x%x-%x", LANDMARK_DEVICE, "Intel graphics memory", 0, 1 },
	{ "DMAR: RMRR base: %x end: %x", LANDMARK_DEVICE, "DMAR RMRR", 0, 1 },
	{ "esrt: Reserving ESRT space from %x to %x", LANDMARK_CONFIG_TABLE, "ESRT", 0, 0 },
	{ "pci_bus *: root bus resource [mem %x-%x", LANDMARK_BRIDGE, "PCI host bridge window", 0, 1 },
	{ "PCI: MMCONFIG at [mem %x-%x] reserved in ACPI", LANDMARK_MOTHERBOARD, "motherboard resource", 0, 1 },
	{ "PCI: ECAM [mem %x-%x] reserved as ACPI", LANDMARK_MOTHERBOARD, "motherboard resource", 0, 1 },
	{ "PCI: MMCONFIG at [mem %x-%x] reserved as EfiM", LANDMARK_MOTHERBOARD, "EfiMemoryMappedIO", 0, 1 },
	{ "PCI: ECAM [mem %x-%x] reserved as EfiM", LANDMARK_MOTHERBOARD, "EfiMemoryMappedIO", 0, 1 },
	{ "efifb: framebuffer at %x*using %uk", LANDMARK_FRAMEBUFFER, "framebuffer", 1024, 0 },
	/* clang-format on */
};

static bool read_window(struct linux_boot *boot, const struct line *message)
{
	for (size_t i = 0; i < COUNT(windows); i++) {
		struct line line = *message;
		uint64_t start_paddr, second = 0;

		if (windows[i].pattern[0] != message->start[0] ||
		    !line_take_all(&line, windows[i].pattern, &start_paddr, &second) ||
		    start_paddr >= MAP_END_PADDR || second >= MAP_END_PADDR)
			continue;
		if (windows[i].unit > 0)
			second = start_paddr + windows[i].unit * second;
		add_landmark(boot, start_paddr, second + windows[i].more_bytes, windows[i].kind,
		             windows[i].name);
		return true;
	}
	return false;
}

/* --- types of memory --- */

#define MOST_MTRRS 64

/* print_mtrr_state(): "  0 base 000000000 mask F80000000 write-back", "  5 disabled". */
static bool read_mtrr(struct linux_boot *boot, struct line line)
{
	struct linux_mtrr mtrr = { .type = "disabled" };
	struct line type;
	uint64_t number;

	line_skip_blanks(&line);
	if (!line_take_decimal(&line, &number) || number >= MOST_MTRRS)
		return false;
	if (line_take_all(&line, " base %x mask %x %s", &mtrr.base_paddr, &mtrr.mask, &type))
		mtrr.type = memory_text(type.start, type.bytes);
	else if (boot->n_mtrrs == 0 || !line_take(&line, " disabled"))
		return false;
	boot->misses_mtrrs |= number > boot->n_mtrrs;
	if (number == boot->n_mtrrs)
		*MEMORY_ADD(boot, mtrrs) = mtrr;
	return true;
}

static bool read_mtrr_default(struct linux_boot *boot, struct line line)
{
	boot->mtrr_default = memory_text(line.start, line.bytes);
	return true;
}

/* "TOM2: 0000000470000000 aka 18176M". */
static bool read_tom2(struct linux_boot *boot, struct line line)
{
	return line_take_hex(&line, &boot->tom2_paddr);
}

static void add_mtrr(struct linux_boot *boot, paddr_t start_paddr, paddr_t end_paddr,
                     const char *type)
{
	add_landmark(boot, start_paddr, end_paddr, LANDMARK_MTRR, memory_printf("MTRR %s", type));
}

/* A range of a power of two: what the mask leaves. Others nobody sets, and they are not known. */
static bool is_range(const struct linux_mtrr *mtrr)
{
	uint64_t bytes = mtrr->mask & -mtrr->mask, top = mtrr->mask + bytes;

	return bytes != 0 && (top & (top - 1)) == 0 && (mtrr->base_paddr & (bytes - 1)) == 0 &&
	       mtrr->base_paddr < MAP_END_PADDR;
}

void linux_places_finish(struct linux_boot *boot)
{
	MEMORY_EACH(mtrr, boot, mtrrs)
		boot->misses_mtrrs |= strcmp(mtrr->type, "disabled") != 0 && !is_range(mtrr);
	if (boot->n_mtrrs == 0 || boot->misses_mtrrs || boot->mtrr_default == NULL)
		return;
	add_mtrr(boot, 0, MAP_END_PADDR, memory_printf("default %s", boot->mtrr_default));
	MEMORY_EACH(mtrr, boot, mtrrs)
		if (strcmp(mtrr->type, "disabled") != 0)
			add_mtrr(boot, mtrr->base_paddr,
			         mtrr->base_paddr + (mtrr->mask & -mtrr->mask), mtrr->type);
	if (boot->tom2_paddr > MAP_HIGH_PADDR)
		add_mtrr(boot, MAP_HIGH_PADDR, boot->tom2_paddr, "write-back");
}

/* "efi: memattr:  0x00001eaaa000-0x00001ebaafff [Runtime Data|RUN|...": with efi=debug. One with
 * `!' Linux does not take. */
static bool read_memory_attributes(struct linux_boot *boot, struct line line)
{
	uint64_t start_paddr, last_paddr;

	line_skip_blanks(&line);
	if (!line_take_all(&line, "0x%x-0x%x [", &start_paddr, &last_paddr) ||
	    last_paddr < start_paddr || last_paddr >= MAP_END_PADDR)
		return false;
	add_landmark(boot, start_paddr, last_paddr + 1, LANDMARK_ATTRIBUTES, "memory attributes");
	return true;
}

static const struct linux_row rows[] = {
	{ "MTRR default type: ", read_mtrr_default },
	{ "TOM2: ", read_tom2 },
	{ "efi: memattr: ", read_memory_attributes },
	{ "efi: ", read_tables },
	{ "ACPI: ", read_acpi_table },
	{ "pci ", read_pci },
};

bool linux_places_read(struct linux_boot *boot, struct line message)
{
	return read_window(boot, &message) || read_mtrr(boot, message) ||
	       read_bare_tables(boot, &message) ||
	       linux_row_read(rows, COUNT(rows), boot, &message);
}
