/* facts.c - the rows of all facts: see facts.h. */
#include "mapdiff/record/facts.h"

#include <string.h>

#include "mapdiff/base/memory.h"

#define BUILD   "the firmware's build"
#define MACHINE "the machine"
#define DEVICE  "device "

const struct fact fact_rows[FACT_COUNT] = {
	/* clang-format off */
	[FACT_KERNEL_VERSION]     = { "kernel-version",     "the kernel" },
	[FACT_KERNEL_BUILD]       = { "kernel-build",       "the kernel's build" },
	[FACT_COMMAND_LINE]       = { "command-line",       "the kernel's command line", .has_parameters = true },
	[FACT_CPU]                = { "cpu",                "the CPU" },
	[FACT_CPU_COUNT]          = { "cpu-count",          "the number of CPUs", .cause = CAUSE_CPU_COUNT },
	[FACT_CPU_FEATURES]       = { "cpu-features",       "the CPU's features" },
	[FACT_MACHINE]            = { "machine",            MACHINE, .cause = CAUSE_DEVICES },
	[FACT_BIOS]               = { "bios",               BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_FIRMWARE_VENDOR]    = { "firmware-vendor",    "the firmware's vendor", .cause = CAUSE_FIRMWARE },
	[FACT_FIRMWARE_REVISION]  = { "firmware-revision",  "the firmware's revision", .cause = CAUSE_FIRMWARE },
	[FACT_FIRMWARE_BITS]      = { "firmware-bits",      "the firmware's width", .cause = CAUSE_FIRMWARE },
	[FACT_UEFI_REVISION]      = { "uefi-revision",      "the revision of UEFI", .cause = CAUSE_FIRMWARE },
	[FACT_SECURE_BOOT]        = { "secure-boot",        "Secure Boot" },
	[FACT_LOCKDOWN]           = { "lockdown",           "the kernel's lockdown" },
	[FACT_LOADER]             = { "loader",             "the boot loader", .cause = CAUSE_BOOT_LOADER },
	[FACT_BOOT_CURRENT]       = { "boot-current",       "the boot option", .cause = CAUSE_BOOT_LOADER },
	[FACT_LABEL]              = { "label",              "the label", .is_telling = true },
	[FACT_POLICY]             = { "policy",             "bootmem's policy" },
	[FACT_MEM_LIMIT]          = { "mem-limit",          "bootmem's mem-limit", .is_telling = true },
	[FACT_KEEP_BOOT_SERVICES] = { "keep-boot-services", "bootmem's keep-boot-services", .is_telling = true },
	[FACT_INSTALLED_BYTES]    = { "installed-bytes",    "the installed memory", .cause = CAUSE_RAM },
	[FACT_PRESENT_PAGES]      = { "present-pages",      "the pages that the kernel manages", FACT_IS_RESULT },
	[FACT_BIOS_VENDOR]        = { "bios-vendor",        BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_BIOS_VERSION]       = { "bios-version",       BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_BIOS_DATE]          = { "bios-date",          BUILD, .cause = CAUSE_FIRMWARE },
	[FACT_SYSTEM_VENDOR]      = { "system-vendor",      MACHINE, .cause = CAUSE_DEVICES },
	[FACT_SYSTEM_PRODUCT]     = { "system-product",     MACHINE, .cause = CAUSE_DEVICES },
	[FACT_SYSTEM_VERSION]     = { "system-version",     MACHINE, .cause = CAUSE_DEVICES },
	[FACT_CPU_VENDOR]         = { "cpu-vendor",         "the CPU's vendor" },
	[FACT_CPU_SIGNATURE]      = { "cpu-signature",      "the CPU's signature" },
	[FACT_CPU_ADDRESS_BITS]   = { "cpu-address-bits",   "the CPU's address width" },
	[FACT_UEFI_MAP]           = { "uefi-map",           "the size of a UEFI descriptor", FACT_IS_RESULT,
	                              .is_derived = true },
	[FACT_TIME]               = { "time",               "the time", FACT_IS_NOISE },
	[FACT_TAKEN]              = { "taken",              "when the map was taken", FACT_IS_NOISE },
	[FACT_PROGRAM]            = { "program",            "the program", FACT_IS_NOISE },
	[FACT_ORIGIN]             = { "origin",             "the origin", FACT_IS_NOISE },
	[FACT_E820_CRC32]         = { "e820-crc32",         "the e820 checksum", FACT_IS_NOISE, .is_derived = true },
	[FACT_E820_RAM_CRC32]     = { "e820-ram-crc32",     "the checksum of RAM", FACT_IS_NOISE, .is_derived = true },
	[FACT_RESUME_LOG]         = { "resume-log",         "what the log says of a resume", FACT_IS_NOISE },
	[FACT_PCI_DEVICES]        = { "PCI devices",        "the PCI devices", .cause = CAUSE_DEVICES },
	[FACT_ACPI_TABLES]        = { "ACPI tables",        "the ACPI tables" },
	[FACT_INITRD_SIZE]        = { "size of the initrd", "the size of the initrd" },
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
