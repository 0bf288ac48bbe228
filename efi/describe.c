/*
 * describe.c - the machine, its tables and its map, and the plan, as lines: see describe.h.
 *
 * In the order of FORMAT.md. Nothing here names a person or one machine of its model: no serial
 * numbers, UUIDs, MAC addresses, and so no device paths.
 */
#include "efi/describe.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/describe_memory.h"
#include "efi/notes.h"
#include "efi/pin_report.h"
#include "efi/variable.h"
#include "handoff/capture/text.h"
#include "handoff/version.h"
#include "x86/crc32.h"

#define TEXT_BYTES  96
#define GUID_BYTES  37 /* in hexadecimal, with dashes and a 0 byte */
#define MOST_BINS   64
#define MOST_TABLES 1024 /* configuration tables: real firmware has ten to thirty */

static EFI_GUID global_variable_guid = EFI_GLOBAL_VARIABLE;
/* edk2, MdeModulePkg/Include/Guid/MemoryTypeInformation.h */
static EFI_GUID memory_type_information_guid = {
	0x4c19049f, 0x4137, 0x4dd3, { 0x9c, 0x10, 0x8b, 0x97, 0xa8, 0x3f, 0xfd, 0xfa }
};

/* Configuration tables: UEFI 2.10 §4.6, edk2, Linux; the short names are those of Linux. */
static const struct {
	char guid[GUID_BYTES];
	const char *name;
} table_names[] = {
	{ "eb9d2d2f-2d88-11d3-9a16-0090273fc14d", "MPS" },
	{ "eb9d2d30-2d88-11d3-9a16-0090273fc14d", "ACPI" },
	{ "8868e871-e4f1-11d3-bc22-0080c73c8881", "ACPI 2.0" },
	{ "eb9d2d31-2d88-11d3-9a16-0090273fc14d", "SMBIOS" },
	{ "f2fd1544-9794-4a2c-992e-e5bbcf20e394", "SMBIOS 3.0" },
	{ "b122a263-3661-4f68-9929-78f8b0d62180", "ESRT" },
	{ "dcfa911d-26eb-469f-a220-38b7dc461220", "MEMATTR" },
	{ "880aaca3-4adc-4a04-9079-b747340825e5", "PROP" },
	{ "eb66918a-7eef-402a-842e-931d21c38ae9", "RTPROP" },
	{ "1e2ed096-30e2-4254-bd89-863bbef82325", "TPMFinalLog" },
	{ "b7799cb0-eca2-4943-9667-1fae07b747fa", "TPMEventLog" },
	{ "1ce1e5bc-7ceb-42f2-81e5-8aadf180f57b", "RNG" },
	{ "888eb0c6-8ede-4ff5-a8f0-9aee5cb977c2", "MEMRESERVE" },
	{ "c451ed2b-9694-45d3-baba-ed9f8988a389", "MOKvar" },
	{ "adf956ad-e98c-484c-ae11-b51c7d336447", "CocoSecret" },
	{ "d5d1de3c-105c-44f9-9ea9-bcef98120031", "Unaccepted" },
	{ "dd4a4648-2de7-4665-964d-21d9ef5fb446", "CC final events" },
	{ "36122546-f7e7-4c8f-bd9b-eb8525b50c0b", "conformance profiles" },
	{ "d719b2cb-3d3a-4596-a3bc-dad00e67656f", "image execution information" },
	{ "05ad34ba-6f02-4214-952e-4da0398e2bb9", "DXE services" },
	{ "7739f24c-93d7-11d4-9a3a-0090273fc14d", "HOB list" },
	{ "4c19049f-4137-4dd3-9c10-8b97a83ffdfa", "memory type information" },
	{ "49152e77-1ada-4764-b7a2-7afefed95e8b", "debug image info" },
	{ "060cc026-4c0d-4dda-8f41-595fef00a502", "memory status code record" },
	{ "ee4e5898-3914-4259-9d6e-dc7bd79403cf", "LZMA decompress" },
};

/* UEFI 2.10 §8.3: as a clock whose battery is empty need not be. */
static bool is_time(const EFI_TIME *time)
{
	return time->Year >= 1900 && time->Year <= 9999 && time->Month >= 1 && time->Month <= 12 &&
	       time->Day >= 1 && time->Day <= 31 && time->Hour <= 23 && time->Minute <= 59 &&
	       time->Second <= 59;
}

void describe_clock(const struct firmware *firmware, char text[COMPARISON_TIME_BYTES])
{
	EFI_TIME time = { 0 };

	text[0] = '\0';
	if (!EFI_ERROR(firmware->system_table->RuntimeServices->GetTime(&time, NULL)) &&
	    is_time(&time))
		text_format(text, COMPARISON_TIME_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u",
		            (unsigned)time.Year, (unsigned)time.Month, (unsigned)time.Day,
		            (unsigned)time.Hour, (unsigned)time.Minute, (unsigned)time.Second);
}

static void describe_firmware(const struct firmware *firmware, struct capture_writer *writer)
{
	const EFI_SYSTEM_TABLE *table = firmware->system_table;
	char vendor[TEXT_BYTES];

	uefi_narrow(table->FirmwareVendor, vendor, sizeof vendor);
	capture_line(writer, "firmware-bits", "%u", FIRMWARE_BITS);
	capture_text(writer, "firmware-vendor", vendor);
	capture_line(writer, "firmware-revision", "0x%x", (unsigned)table->FirmwareRevision);
	capture_line(writer, "uefi-revision", "%u.%02u", (unsigned)(table->Hdr.Revision >> 16),
	             (unsigned)(table->Hdr.Revision & 0xffff));
}

static void describe_smbios(const struct facts *facts, struct capture_writer *writer)
{
	static const char *const keys[SMBIOS_TEXTS] = {
		[SMBIOS_BIOS_VENDOR] = "bios-vendor",
		[SMBIOS_BIOS_VERSION] = "bios-version",
		[SMBIOS_BIOS_DATE] = "bios-date",
		[SMBIOS_SYSTEM_VENDOR] = "system-vendor",
		[SMBIOS_SYSTEM_PRODUCT] = "system-product",
		[SMBIOS_SYSTEM_VERSION] = "system-version",
		[SMBIOS_BOARD_VENDOR] = "board-vendor",
		[SMBIOS_BOARD_PRODUCT] = "board-product",
	};
	struct smbios_model model;

	facts_model(facts, &model);
	for (size_t text = 0; text < SMBIOS_TEXTS; text++)
		capture_text(writer, keys[text], model.texts[text]);
	if (model.installed_bytes > 0)
		capture_line(writer, "installed-bytes", "0x%llx", (ull)model.installed_bytes);
}

static void describe_cpu(const struct facts *facts, struct capture_writer *writer)
{
	size_t n_cpus =
		acpi_enabled_processors(&facts->phys, facts->acpi_tables, facts->n_acpi_tables);

	capture_text(writer, "cpu-vendor", facts->cpu.vendor);
	capture_line(writer, "cpu-signature", "0x%x", (unsigned)facts->cpu.signature);
	capture_line(writer, "cpu-address-bits", "%u", facts->cpu.paddr_bits);
	if (n_cpus > 0)
		capture_line(writer, "cpu-count", "%zu", n_cpus);
}

/* The bytes of a variable, 0 if there is none or it is larger. */
static UINTN read_variable(const struct firmware *firmware, CHAR16 *name, EFI_GUID *guid, void *to,
                           UINTN capacity_bytes)
{
	UINTN bytes = capacity_bytes;
	EFI_STATUS status = variable_read(firmware, name, guid, to, &bytes);

	return EFI_ERROR(status) ? 0 : bytes;
}

static void describe_configuration(const struct boot *boot, struct capture_writer *writer)
{
	const struct config *config = &boot->config;
	static CHAR16 boot_current[] = L"BootCurrent";
	uint16_t option;

	if (read_variable(&boot->firmware, boot_current, &global_variable_guid, &option,
	                  sizeof option) == sizeof option)
		capture_line(writer, "boot-current", "0x%04x", (unsigned)option);
	capture_text(writer, "secure-boot", trust_secure_boot_name(boot->trust.secure_boot));
	capture_text(writer, "policy", config->policy == POLICY_LINUX ? "linux-2.6.24" : "safe");
	if (config->mem_limit_paddr != 0)
		capture_line(writer, "mem-limit", "0x%llx", (ull)config->mem_limit_paddr);
	if (config->keep_boot_services)
		capture_line(writer, "keep-boot-services", "%s", "");
	if (boot->plan.booted != NULL)
		capture_text(writer, "target", boot->plan.booted->target->name);
}

/* Of what was loaded, where somebody asked for them. */
static void describe_sums(const struct trust *trust, struct capture_writer *writer)
{
	char text[SHA256_TEXT_BYTES];

	if ((trust->sums & HANDOFF_SUM_KERNEL) != 0)
		capture_text(writer, "kernel-sha256", sha256_text(text, trust->kernel_sha256));
	if ((trust->sums & HANDOFF_SUM_INITRD) != 0)
		capture_text(writer, "initrd-sha256", sha256_text(text, trust->initrd_sha256));
}

/* Pairs of type and pages, up to EfiMaxMemoryType: 14 in old firmware, 16 now, and no bin is of a
 * type from 14 on. */
static void describe_bins(const struct firmware *firmware, struct capture_writer *writer)
{
	static CHAR16 name[] = L"MemoryTypeInformation";
	struct {
		uint32_t type, n_pages;
	} bins[MOST_BINS];
	UINTN bytes =
		read_variable(firmware, name, &memory_type_information_guid, bins, sizeof bins);

	for (size_t i = 0; i < bytes / sizeof bins[0] && bins[i].type < UEFI_PERSISTENT; i++)
		capture_line(writer, "bin", "%u %u %s", (unsigned)bins[i].type,
		             (unsigned)bins[i].n_pages, uefi_type_name(bins[i].type));
}

static void format_guid(char text[GUID_BYTES], const EFI_GUID *guid)
{
	const UINT8 *data4 = guid->Data4;

	text_format(text, GUID_BYTES, "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x",
	            (unsigned)guid->Data1, (unsigned)guid->Data2, (unsigned)guid->Data3,
	            (unsigned)data4[0], (unsigned)data4[1], (unsigned)data4[2], (unsigned)data4[3],
	            (unsigned)data4[4], (unsigned)data4[5], (unsigned)data4[6], (unsigned)data4[7]);
}

static void describe_configuration_tables(const EFI_SYSTEM_TABLE *system_table,
                                          struct capture_writer *writer)
{
	UINTN n_tables = system_table->NumberOfTableEntries;

	if (n_tables > MOST_TABLES) {
		capture_line(writer, "#", "%llu configuration tables cannot be: not written",
		             (ull)n_tables);
		return;
	}
	for (UINTN i = 0; i < n_tables; i++) {
		const EFI_CONFIGURATION_TABLE *table = &system_table->ConfigurationTable[i];
		const char *name = "-";
		char guid[GUID_BYTES];

		format_guid(guid, &table->VendorGuid);
		for (size_t j = 0; j < COUNT(table_names); j++)
			if (memcmp(guid, table_names[j].guid, GUID_BYTES) == 0)
				name = table_names[j].name;
		capture_line(writer, "config-table", "0x%016llx %s %s",
		             (ull)(UINTN)table->VendorTable, guid, name);
	}
}

/* Tables whose checksum would say nothing, or too much: with all but a few bytes known, a CRC-32
 * gives those away. */
static bool is_told_by_crc32(const struct acpi_table *table)
{
	static const char untold[][ACPI_NAME_BYTES] = {
		"FACS",                 /* a lock that the firmware writes (ACPI 6.5 §5.2.10) */
		"MSDM",                 /* the product key of Windows */
		"iBFT", "IBFT", "NBFT", /* MAC addresses, names of hosts and users */
		"NFIT",                 /* serial numbers of memory modules */
		"PHAT",                 /* device paths */
	};

	for (size_t i = 0; i < COUNT(untold); i++)
		if (memcmp(table->signature, untold[i], sizeof untold[i]) == 0)
			return false;
	return true;
}

static void describe_acpi(const struct facts *facts, struct capture_writer *writer)
{
	for (size_t i = 0; i < facts->n_acpi_tables; i++) {
		const struct acpi_table *table = &facts->acpi_tables[i];
		const void *bytes = phys_read(&facts->phys, table->paddr, table->length_bytes);
		bool has_crc32 = bytes != NULL && is_told_by_crc32(table);

		capture_acpi(writer, table, has_crc32,
		             has_crc32 ? crc32_add(0, bytes, table->length_bytes) : 0);
	}
}

static void describe_devices(const struct boot *boot, struct capture_writer *writer)
{
	const struct facts *facts = &boot->facts;
	const struct handoff_framebuffer *fb = &facts->framebuffer;
	char note[NOTE_BYTES];

	for (size_t i = 0; i < facts->n_smbios; i++) {
		capture_span(writer, "smbios", facts->smbios[i].entry_point, "entry point");
		capture_span(writer, "smbios", facts->smbios[i].table, "structures");
	}
	capture_span(writer, "framebuffer", (struct span){ fb->paddr, fb->paddr + fb->bytes },
	             NULL);
	for (unsigned i = 0; notes_get(boot, i, note); i++)
		capture_line(writer, "#", "note: %s", note);
}

static struct span pages_span(paddr_t start_paddr, uint64_t n_pages)
{
	return (struct span){ start_paddr, start_paddr + pfn_paddr(n_pages) };
}

static bool holds(struct span span, paddr_t paddr)
{
	return span.start_paddr <= paddr && paddr < span.end_paddr;
}

/* What claimed pages are for, told by where they are. */
static const char *purpose_of(const struct boot *boot, paddr_t paddr)
{
	const struct handed *handed = &boot->handed;
	const struct kernel *kernel = &handed->kernel;
	const struct {
		struct span span;
		const char *purpose;
	} rows[] = {
		{ kernel->span, "kernel" },
		{ boot->plan.initrd, "initrd" },
		{ pages_span(handed->pages.final_paddr, handed->pages.n_pages), "hand-off pages" },
		{ pages_span((UINTN)handed->pages.now, handed->pages.n_pages),
		  "hand-off pages, to be moved" },
		{ pages_span(handed->bootmap.final_paddr, handed->bootmap.n_pages), "bitmap" },
		{ pages_span((UINTN)handed->bootmap.now, handed->bootmap.n_pages),
		  "bitmap, to be moved" },
		{ pages_span((UINTN)handed->pad, LAUNCH_PAD_PAGES), "launch pad" },
	};

	for (size_t i = 0; i < kernel->n_moves; i++)
		if (holds(pages_span(kernel->moves[i].from_paddr, 1), paddr))
			return "kernel, to be moved";
	for (size_t i = 0; i < COUNT(rows); i++)
		if (holds(rows[i].span, paddr))
			return rows[i].purpose;
	for (size_t i = 0; i < boot->config.n_reserves; i++) {
		const struct reservation *reserve = &boot->config.reserves[i];

		if (pfn_paddr(pfn_down(reserve->start_paddr)) <= paddr &&
		    paddr < reserve->end_paddr)
			return "set aside, as the configuration says";
	}
	for (size_t i = 0; i < boot->in_use.n_ranges; i++)
		if (holds(boot->in_use.ranges[i].span, paddr))
			return "left alone, as the CPU runs on it";
	return "loader's own";
}

static void describe_footprint(const struct boot *boot, struct capture_writer *writer)
{
	const EFI_LOADED_IMAGE *image = boot->firmware.loaded_image;
	paddr_t image_paddr = (UINTN)image->ImageBase;

	capture_span(writer, "footprint",
	             (struct span){ image_paddr, image_paddr + image->ImageSize }, "loader image");
	for (unsigned i = 0; i < boot->comparison.n_claims; i++) {
		paddr_t start_paddr = boot->memory.claims[i].start_paddr;

		capture_span(writer, "footprint",
		             pages_span(start_paddr, boot->memory.claims[i].n_pages),
		             purpose_of(boot, start_paddr));
	}
}

static void describe_in_use(const struct in_use *in_use, struct capture_writer *writer)
{
	for (size_t i = 0; i < in_use->n_ranges; i++)
		capture_span(writer, "in-use", in_use->ranges[i].span,
		             in_use_names[in_use->ranges[i].kind]);
}

static void describe_target(const struct target_plan *target, struct capture_writer *writer)
{
	const struct boot_setup *setup = &target->setup;
	const char *name = target->target->name;

	if (setup->inputs == NULL) /* there was no kernel to plan for */
		return;
	if (setup->err != SETUP_OK) {
		capture_line(writer, "no-bitmap", "%s %s", name, setup_err_text(setup->err));
		return;
	}
	capture_bitmap(writer, name, &setup->bdata, setup->max_pfn);
	for (size_t i = 0; i < setup->reservations.n_entries; i++)
		capture_reservation(writer, name, &setup->reservations.entries[i]);
}

static void describe_head(const struct boot *boot, struct capture_writer *writer)
{
	capture_line(writer, "program", "bootmem %s %s", BOOTMEM_VERSION,
	             FIRMWARE_BITS == 64 ? "x64" : "ia32");
	capture_text(writer, "taken", "planned");
	capture_text(writer, "time", boot->comparison.now.time);
	capture_text(writer, "label", boot->config.label);
	describe_firmware(&boot->firmware, writer);
	describe_smbios(&boot->facts, writer);
	describe_cpu(&boot->facts, writer);
	describe_configuration(boot, writer);
}

void describe_conditions(const struct boot *boot, capture_emit_fn *emit, void *context)
{
	struct capture_writer writer = { .emit = emit, .context = context };

	describe_head(boot, &writer);
}

void describe_boot(const struct boot *boot, capture_emit_fn *emit, void *context)
{
	struct capture_writer writer;

	capture_begin(&writer, emit, context);
	describe_head(boot, &writer);
	describe_bins(&boot->firmware, &writer);

	capture_uefi_map(&writer, &boot->snapshot.map, boot->snapshot.descriptor_version);
	describe_configuration_tables(boot->firmware.system_table, &writer);
	describe_acpi(&boot->facts, &writer);
	describe_devices(boot, &writer);
	describe_windows(&boot->firmware, &boot->facts, &writer);
	describe_mtrrs(&boot->facts, &writer);
	describe_attributes(&boot->facts, &writer);
	describe_footprint(boot, &writer);
	describe_in_use(&boot->in_use, &writer);
	pin_describe(boot, &writer);

	capture_e820(&writer, &boot->plan.whole_e820);
	capture_span(&writer, "kernel", boot->handed.kernel.span, NULL);
	capture_span(&writer, "initrd", boot->plan.initrd, NULL);
	describe_sums(&boot->trust, &writer);
	describe_target(&boot->plan.ia32, &writer);
	describe_target(&boot->plan.amd64, &writer);
	capture_end(&writer);
}
