/* facts.c - the rows of all facts: see facts.h. */
#include "mapdiff/record/facts.h"

#include <ctype.h>
#include <string.h>

#include "mapdiff/base/memory.h"

#define BUILD   "the firmware's build"
#define MACHINE "the machine"
#define DEVICE  "device "

/* --- when two values mean the same --- */

/* "2.70" and "2.7": Linux 6.12 prints the revision of UEFI without zeros at the end. */
static bool is_one_revision(const char *before, const char *after)
{
	size_t bytes = 0;

	while (before[bytes] != '\0' && before[bytes] == after[bytes])
		bytes++;
	return bytes > 0 && strspn(before + bytes, "0") == strlen(before + bytes) &&
	       strspn(after + bytes, "0") == strlen(after + bytes);
}

/* "1.16.2" is one word, and not 1.16 and more. */
static bool is_in_word(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("._-", c) != NULL);
}

/* Is @part in @whole, as whole words? */
static bool has_words(const char *whole, const char *part)
{
	size_t bytes = strlen(part);

	for (const char *at = whole; (at = strstr(at, part)) != NULL; at++)
		if ((at == whole || !is_in_word(at[-1])) && !is_in_word(at[bytes]))
			return true;
	return false;
}

bool fact_is_one_name(const char *before, const char *after)
{
	return has_words(before, after) || has_words(after, before);
}

/* Only a log names the family of the CPU, only a capture its signature. */
static bool is_one_cpu(const char *before, const char *after)
{
	return strcmp(before, after) == 0 ||
	       (strstr(before, "family: ") != NULL) != (strstr(after, "family: ") != NULL);
}

/* --- the rows --- */

const struct fact fact_rows[FACT_COUNT] = {
	/* clang-format off */
	[FACT_KERNEL_VERSION]     = { .key = "kernel-version",     .name = "the kernel" },
	[FACT_KERNEL_BUILD]       = { .key = "kernel-build",       .name = "the kernel's build" },
	[FACT_COMMAND_LINE]       = { .key = "command-line",       .name = "the kernel's command line", .has_parameters = true },
	[FACT_CPU]                = { .key = "cpu",                .name = "the CPU", .is_same = is_one_cpu },
	[FACT_CPU_COUNT]          = { .key = "cpu-count",          .name = "the number of CPUs", .cause = CAUSE_CPU_COUNT },
	[FACT_CPU_FEATURES]       = { .key = "cpu-features",       .name = "the CPU's features" },
	[FACT_MACHINE]            = { .key = "machine",            .name = MACHINE, .is_same = fact_is_one_name, .cause = CAUSE_DEVICES },
	[FACT_BIOS]               = { .key = "bios",               .name = BUILD, .is_same = fact_is_one_name, .cause = CAUSE_FIRMWARE },
	[FACT_FIRMWARE_VENDOR]    = { .key = "firmware-vendor",    .name = "the firmware's vendor", .cause = CAUSE_FIRMWARE },
	[FACT_FIRMWARE_REVISION]  = { .key = "firmware-revision",  .name = "the firmware's revision", .cause = CAUSE_FIRMWARE },
	[FACT_FIRMWARE_BITS]      = { .key = "firmware-bits",      .name = "the firmware's width", .cause = CAUSE_FIRMWARE },
	[FACT_UEFI_REVISION]      = { .key = "uefi-revision",      .name = "the revision of UEFI", .is_same = is_one_revision, .cause = CAUSE_FIRMWARE },
	[FACT_SECURE_BOOT]        = { .key = "secure-boot",        .name = "Secure Boot" },
	[FACT_LOCKDOWN]           = { .key = "lockdown",           .name = "the kernel's lockdown" },
	[FACT_LOADER]             = { .key = "loader",             .name = "the boot loader", .cause = CAUSE_BOOT_LOADER },
	[FACT_BOOT_CURRENT]       = { .key = "boot-current",       .name = "the boot option", .cause = CAUSE_BOOT_LOADER },
	[FACT_LABEL]              = { .key = "label",              .name = "the label", .is_telling = true },
	[FACT_POLICY]             = { .key = "policy",             .name = "bootmem's policy" },
	[FACT_MEM_LIMIT]          = { .key = "mem-limit",          .name = "bootmem's mem-limit", .is_telling = true },
	[FACT_KEEP_BOOT_SERVICES] = { .key = "keep-boot-services", .name = "bootmem's keep-boot-services", .is_telling = true },
	[FACT_INSTALLED_BYTES]    = { .key = "installed-bytes",    .name = "the installed memory", .cause = CAUSE_RAM },
	[FACT_KERNEL_SHA256]      = { .key = "kernel-sha256",      .name = "the kernel's file" },
	[FACT_INITRD_SHA256]      = { .key = "initrd-sha256",      .name = "the initrd's file" },
	[FACT_PRESENT_PAGES]      = { .key = "present-pages",      .name = "the pages that the kernel manages", .kind = FACT_IS_RESULT },
	[FACT_BIOS_VENDOR]        = { .key = "bios-vendor",        .name = BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_BIOS_VERSION]       = { .key = "bios-version",       .name = BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_BIOS_DATE]          = { .key = "bios-date",          .name = BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_SYSTEM_VENDOR]      = { .key = "system-vendor",      .name = MACHINE, .cause = CAUSE_DEVICES },
	[FACT_SYSTEM_PRODUCT]     = { .key = "system-product",     .name = MACHINE, .cause = CAUSE_DEVICES },
	[FACT_SYSTEM_VERSION]     = { .key = "system-version",     .name = MACHINE, .cause = CAUSE_DEVICES },
	[FACT_CPU_VENDOR]         = { .key = "cpu-vendor",         .name = "the CPU's vendor" },
	[FACT_CPU_SIGNATURE]      = { .key = "cpu-signature",      .name = "the CPU's signature" },
	[FACT_CPU_ADDRESS_BITS]   = { .key = "cpu-address-bits",   .name = "the CPU's address width" },
	[FACT_UEFI_MAP]           = { .key = "uefi-map",           .name = "the size of a UEFI descriptor", .kind = FACT_IS_RESULT,
	                              .is_derived = true },
	[FACT_TIME]               = { .key = "time",               .name = "the time", .kind = FACT_IS_NOISE },
	[FACT_TAKEN]              = { .key = "taken",              .name = "when the map was taken", .kind = FACT_IS_NOISE },
	[FACT_PROGRAM]            = { .key = "program",            .name = "the program", .kind = FACT_IS_NOISE },
	[FACT_ORIGIN]             = { .key = "origin",             .name = "the origin", .kind = FACT_IS_NOISE },
	[FACT_E820_CRC32]         = { .key = "e820-crc32",         .name = "the e820 checksum", .kind = FACT_IS_NOISE, .is_derived = true },
	[FACT_E820_RAM_CRC32]     = { .key = "e820-ram-crc32",     .name = "the checksum of RAM", .kind = FACT_IS_NOISE, .is_derived = true },
	[FACT_UNTOLD_TYPE]        = { .key = "untold-type",        .name = "a type that is not told", .kind = FACT_IS_NOISE },
	[FACT_RESUME_LOG]         = { .key = "resume-log",         .name = "what the log says of a resume", .kind = FACT_IS_NOISE },
	[FACT_PCI_DEVICES]        = { .key = "PCI devices",        .name = "the PCI devices", .cause = CAUSE_DEVICES },
	[FACT_ACPI_TABLES]        = { .key = "ACPI tables",        .name = "the ACPI tables" },
	[FACT_ACPI_IDENTITY]      = { .key = "ACPI identity",      .name = "the identity of ACPI tables", .cause = CAUSE_FIRMWARE },
	[FACT_INITRD_SIZE]        = { .key = "size of the initrd", .name = "the size of the initrd", .is_derived = true },
	/* clang-format on */
};

/* PCI devices are evidence; of what else there is, nothing is known. */
static const struct fact device = { .key = "", .name = "", .cause = CAUSE_DEVICES };
static const struct fact other = { .key = "", .name = "" };

unsigned fact_order(const char *key)
{
	unsigned id = 0;

	while (id < FACT_COUNT && strcmp(fact_rows[id].key, key) != 0)
		id++;
	return id;
}

const struct fact *fact_of_key(const char *key)
{
	unsigned id = fact_order(key);

	if (id < FACT_COUNT)
		return &fact_rows[id];
	return fact_device(key) != NULL ? &device : &other;
}

const char *fact_name(const char *key)
{
	const struct fact *fact = fact_of_key(key);

	return *fact->name != '\0' ? fact->name : key;
}

const char *fact_device(const char *key)
{
	return strncmp(key, DEVICE, strlen(DEVICE)) == 0 ? key + strlen(DEVICE) : NULL;
}

char *fact_device_key(const char *address, size_t bytes)
{
	return memory_printf(DEVICE "%.*s", (int)bytes, address);
}
