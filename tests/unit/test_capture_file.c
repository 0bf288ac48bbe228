/*
 * test_capture_file.c - the step that writes a capture and compares it with those that are there,
 * against a made-up firmware: what is in the file, what it is called, what the comparison says, and
 * whether by an index or without one; every call of the firmware failing in turn; and the power cut
 * at every change of the volume, after which nothing that was there is lost.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "efi/capture.h"
#include "efi/describe.h"
#include "efi/last_error.h"
#include "efi/screen/pages.h"
#include "efi/survey.h"
#include "efi/volume.h"
#include "handoff/capture/capture.h"
#include "tests/unit/fake_firmware.h"
#include "x86/crc32.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define ACPI_PADDR   UINT64_C(0x13f00000)
#define SMBIOS_PADDR UINT64_C(0x13e00000)
#define MOST_TEXT    0x20000

static struct boot boot;

/* The machine. */

static void put_number(uint8_t *at, unsigned bytes, uint64_t value)
{
	for (; bytes > 0; bytes--, value >>= 8)
		*at++ = (uint8_t)value;
}

/* RSDP, XSDT, and a MADT with two processors. */
static void put_acpi_tables(void)
{
	static const EFI_GUID guid = ACPI_20_TABLE_GUID;
	static const char processors[] = "\x00\x08\x00\x00\x01\x00\x00\x00"
					 "\x00\x08\x01\x01\x01\x00\x00\x00";
	uint8_t *at = (uint8_t *)(uintptr_t)ACPI_PADDR;

	fake_set_pages(ACPI_PADDR, ACPI_PADDR + 0x10000, EfiACPIReclaimMemory);
	memset(at, 0, 0x10000);
	memcpy(at, "RSD PTR ", 8);
	at[15] = 2;
	put_number(at + 20, 4, 36);
	put_number(at + 24, 8, ACPI_PADDR + 0x100);
	memcpy(at + 0x100, "XSDT", 4);
	put_number(at + 0x104, 4, 44);
	put_number(at + 0x124, 8, ACPI_PADDR + 0x1000);
	memcpy(at + 0x1000, "APIC", 4);
	put_number(at + 0x1004, 4, 44 + sizeof processors - 1);
	memcpy(at + 0x1000 + 44, processors, sizeof processors - 1);
	fake_add_table(guid, ACPI_PADDR);
}

static void put_smbios(void)
{
	static const EFI_GUID guid = SMBIOS3_TABLE_GUID;
	static const char structures[] =
		"\x00\x18\x00\x00\x01\x02\x00\xe0\x03\x00"
		"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"ACME BIOS\x00"
		"F21\x00"
		"01/02/2026\x00\x00"
		"\x01\x1b\x00\x00\x01\x02\x00\x03MINE-unique-id-.\x06\x03\x03"
		"ACME\x00"
		"Anvil \xff\x0a!\x00"
		"MINE-serial\x00\x00"
		"\x11\x15\x00\x00\x00\x00\x00\x00\x40\x00\x40\x00\x00\x02\x00\x00\x00\x00\x00\x00"
		"\x00\x00\x00"
		"\x7f\x04\x00\x00\x00\x00";
	uint8_t *at = (uint8_t *)(uintptr_t)SMBIOS_PADDR;

	fake_set_pages(SMBIOS_PADDR, SMBIOS_PADDR + 0x1000, EfiRuntimeServicesData);
	memset(at, 0, 0x1000);
	memcpy(at, "_SM3_", 5);
	at[6] = 0x18;
	put_number(at + 0x0c, 4, sizeof structures - 1);
	put_number(at + 0x10, 8, SMBIOS_PADDR + 0x100);
	memcpy(at + 0x100, structures, sizeof structures - 1);
	fake_add_table(guid, SMBIOS_PADDR);
}

static const uint32_t bins[] = { 9, 18, 10, 128, 16, 0, 5, 99 };

static void *storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	(void)context;
	(void)start_paddr;
	return memory_claim_bytes(&boot.memory, n_pages * PAGE_BYTES);
}

/* A boot up to the step before. */
static void plan(void)
{
	assert_int_equal(translate_snapshot(&boot), EFI_SUCCESS);
	boot.plan.ia32.inputs.bootmap_paddr = boot.plan.amd64.inputs.bootmap_paddr = 0;
	assert_int_equal(plan_run(&boot.plan, &boot.plan.amd64, storage, NULL), SETUP_OK);
	plan_run(&boot.plan, &boot.plan.ia32, storage, NULL);
}

static void start(const char *conf)
{
	struct config_error error;

	put_acpi_tables();
	put_smbios();
	fake.variables[fake.n_variables++] =
		(struct fake_variable){ L"MemoryTypeInformation", bins, sizeof bins };
	fake.variables[fake.n_variables++] = (struct fake_variable){ L"BootCurrent", "\x03", 2 };
	memset(&boot, 0, sizeof boot);
	boot.firmware = fake.firmware;
	boot.memory.firmware = &boot.firmware;
	config_defaults(&boot.config);
	assert_true(config_parse(&boot.config, conf, strlen(conf), &error));
	assert_int_equal(
		volume_open(&boot.firmware, fake.firmware.loaded_image->DeviceHandle, &boot.root),
		EFI_SUCCESS);
	assert_int_equal(survey_in_use(&boot), EFI_SUCCESS);
	assert_int_equal(survey(&boot), EFI_SUCCESS);
}

/* A machine with an empty volume, and a boot of it up to the step. */
static void machine(const char *conf)
{
	if (!fake_firmware_init()) {
		print_message("no memory of the host's at the addresses that this test needs\n");
		skip();
	}
	start(conf);
	boot.plan.booted = &boot.plan.amd64;
	boot.handed.kernel.span = (struct span){ 0x10000000, 0x10001234 };
	plan();
}

/* Its next boot, with the volume as it is. */
static void next_boot(void)
{
	fake_firmware_start_again();
	start("");
	boot.plan.booted = &boot.plan.amd64;
	plan();
}

/* The step, and what holds whatever happens in it. */
static void take(const char *rule)
{
	const struct comparison *comparison = &boot.comparison;
	uint64_t n_claimed_pages = fake.n_claimed_pages;
	unsigned n_claims = boot.memory.n_claims, n_kept;

	fake.console_bytes = 0;
	fake.console[0] = '\0';
	describe_clock(&boot.firmware, boot.time);
	if (take_capture(&boot) != EFI_SUCCESS)
		fail_msg("%s: an error", rule);
	n_kept = (comparison->boots != NULL) + (comparison->other != NULL);
	if (boot.memory.n_claims != n_claims + n_kept)
		fail_msg("%s: memory was not given back", rule);
	for (unsigned i = n_claims; i < boot.memory.n_claims; i++)
		n_claimed_pages += boot.memory.claims[i].n_pages;
	if (fake.n_claimed_pages != n_claimed_pages)
		fail_msg("%s: memory that is not noted", rule);
	if (fake_open_files() != 1) /* the root */
		fail_msg("%s: a file is still open", rule);
	if (fake.violation != NULL)
		fail_msg("%s: %s", rule, fake.violation);
}

static void must_be(const char *rule, const char *what, uint64_t got, uint64_t wanted)
{
	if (got != wanted)
		fail_msg("%s: %s is %llu, not %llu\n%s", rule, what, (unsigned long long)got,
		         (unsigned long long)wanted, fake.console);
}

static unsigned last_number(void)
{
	return boot.comparison.last == NULL ? 0 : boot.comparison.last->number;
}

static unsigned other_number(void)
{
	return boot.comparison.other == NULL ? 0 : boot.comparison.other->number;
}

static bool says(const char *text)
{
	return strstr(fake.console, text) != NULL;
}

static void must_say(const char *rule, const char *text)
{
	if (!says(text))
		fail_msg("%s: not said: %s\n%s", rule, text, fake.console);
}

/* A file as a string; NULL if it is not there. */
static const char *text_of(const char *path)
{
	static char text[MOST_TEXT + 1];
	const struct fake_file *file = fake_find_file(path);

	if (file == NULL)
		return NULL;
	memcpy(text, file->bytes, (size_t)file->n_bytes);
	text[file->n_bytes] = '\0';
	return text;
}

static bool is_whole(const char *text)
{
	static struct e820_range ranges[256];
	struct e820_map map = { ranges, 0, N_OF(ranges) };

	return capture_read_e820(text, strlen(text), &map) &&
	       map.n_ranges == boot.plan.whole_e820.n_ranges &&
	       memcmp(ranges, boot.plan.whole_e820.ranges, map.n_ranges * sizeof ranges[0]) == 0;
}

/* What is in it. */

static const char *const lines[] = {
	"bootmem-capture 1\nprogram bootmem ",
	"\ntaken planned\n",
	"\ntime 2026-01-02T03:04:05\n",
	"\nlabel docked, ?\n",
	"\nfirmware-vendor fake\n",
	"\nuefi-revision 2.70\n",
	"\nbios-vendor ACME BIOS\nbios-version F21\nbios-date 01/02/2026\n",
	"\nsystem-vendor ACME\n",
	"\nsystem-product Anvil ?\?!\n",
	"\ninstalled-bytes 0x20000000\n",
	"\ncpu-vendor TestTestTest\n",
	"\ncpu-signature 0x60fb1\n",
	"\ncpu-address-bits 40\n",
	"\ncpu-count 2\n",
	"\nboot-current 0x0003\n",
	"\npolicy safe\n",
	"\nmem-limit 0x13ff0000\n",
	"\nkeep-boot-services\n",
	"\ntarget amd64\n",
	"\nbin 9 18 ACPIReclaim\nbin 10 128 ACPIMemoryNVS\nuefi-map 48 1\n",
	"\nuefi 0x0000000013f00000 0x0000000013f10000 9 0x8 ACPIReclaim\n",
	"\nconfig-table 0x0000000013f00000 8868e871-e4f1-11d3-bc22-0080c73c8881 ACPI 2.0\n",
	"\nconfig-table 0x0000000013e00000 f2fd1544-9794-4a2c-992e-e5bbcf20e394 SMBIOS 3.0\n",
	"\nconfig-table 0x0000000000001000 12345678-9abc-def0-0123-456789abcdef -\n",
	"\nacpi 0x0000000013f01000 60 0x",
	" bad \"APIC\" XSDT\n",
	"\nsmbios 0x0000000013e00000 0x0000000013e00018 entry point\n",
	"\nsmbios 0x0000000013e00100 0x",
	"\nfootprint 0x0000000010000000 0x0000000010008000 loader image\n",
	" loader's own\n",
	"\ne820 0x0000000013f00000 0x0000000013f10000 3 ACPI data\n",
	"\ne820-crc32 0x",
	"\ne820-ram-crc32 0x",
	"\nkernel 0x0000000010000000 0x0000000010001234\n",
	"\nmax-pfn amd64 0x13ff0\nmax-low-pfn amd64 0x13ff0\n",
	"\nfree ia32 0x",
	"\nreserve amd64 0x0000000013f01000 0x0000000013f0103c extension acpi 10 \"ACPI APIC\" ",
};

static void a_capture_says_what_there_is(void **state)
{
	static const EFI_GUID unknown = {
		0x12345678, 0x9abc, 0xdef0, { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef }
	};
	const char *text;

	(void)state;
	machine("label = docked, \xe9\nmem = 0x13ff0000\nkeep-boot-services = yes\n");
	memcpy(boot.facts.cpu.vendor, "TestTestTest", 13);
	boot.facts.cpu.signature = 0x60fb1;
	boot.firmware.loaded_image->ImageBase = (void *)0x10000000;
	boot.firmware.loaded_image->ImageSize = 0x8000;
	fake_add_table(unknown, 0x1000);
	take("first");
	must_be("first", "kind", boot.comparison.kind, COMPARISON_FIRST);
	must_be("first", "saved", boot.comparison.saved, EFI_SUCCESS);
	assert_string_equal(boot.comparison.path, FAKE_CAPTURES "\\0001.map");
	assert_string_equal(boot.comparison.now.label, "docked, ?");
	assert_string_equal(boot.comparison.now.time, "2026-01-02T03:04:05");
	text = text_of(FAKE_CAPTURES "\\0001.map");
	assert_non_null(text);
	assert_true(is_whole(text));
	for (size_t i = 0; i < N_OF(lines); i++)
		if (strstr(text, lines[i]) == NULL)
			fail_msg("not there: %s", lines[i]);
	assert_null(strstr(text, "MINE"));
}

static void what_is_not_known_has_no_line(void **state)
{
	static const char *const keys[] = { "\ntime",      "\nlabel",     "\nsystem-",
		                            "\ncpu-count", "\nboot-curr", "\nbin",
		                            "\nacpi",      "\nsmbios",    "\nframebuffer",
		                            "\nmem-limit", "\nkeep-boot", "\ninitrd" };
	const char *text;

	(void)state;
	machine("");
	boot.facts.n_acpi_tables = 0;
	boot.facts.n_smbios = 0;
	fake.n_variables = 0;
	fake.firmware.system_table->FirmwareVendor = NULL;
	take("nothing known");
	text = text_of(FAKE_CAPTURES "\\0001.map");
	assert_true(is_whole(text));
	for (size_t i = 1; i < N_OF(keys); i++) /* there is a clock */
		if (strstr(text, keys[i]) != NULL)
			fail_msg("%s", keys[i]);
}

static void a_variable_may_have_any_size(void **state)
{
	static uint32_t many[200];
	static const struct {
		UINTN bins_bytes, option_bytes;
		bool has_bins, has_option;
	} rows[] = {
		{ 0, 0, false, false },         { 7, 1, false, false }, { 8, 2, true, true },
		{ 15, 3, true, false },         { 16, 4, true, false }, { 64 * 8, 2, true, true },
		{ 64 * 8 + 1, 2, false, true },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		const char *text;

		machine("");
		fake.variables[0].bytes = many;
		fake.variables[0].n_bytes = rows[i].bins_bytes;
		fake.variables[1].bytes = many;
		fake.variables[1].n_bytes = rows[i].option_bytes;
		take("variables");
		text = text_of(FAKE_CAPTURES "\\0001.map");
		assert_true(is_whole(text));
		if ((strstr(text, "\nbin 0 0 Reserved\n") != NULL) != rows[i].has_bins ||
		    (strstr(text, "\nboot-current 0x0000\n") != NULL) != rows[i].has_option)
			fail_msg("row %u", (unsigned)i);
	}
}

static void a_clock_may_be_wrong(void **state)
{
	static const EFI_TIME times[] = {
		{ .Year = 0 },
		{ .Year = 2026, .Month = 13, .Day = 1 },
		{ .Year = 2026, .Month = 1, .Day = 0 },
		{ .Year = 2026, .Month = 1, .Day = 1, .Hour = 24 },
		{ .Year = 2026, .Month = 1, .Day = 1, .Minute = 60 },
		{ .Year = 2026, .Month = 1, .Day = 1, .Second = 255 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(times); i++) {
		machine("");
		fake.time = times[i];
		take("clock");
		if (strstr(text_of(FAKE_CAPTURES "\\0001.map"), "\ntime ") != NULL)
			fail_msg("row %u", (unsigned)i);
	}
}

static void too_many_configuration_tables_are_none(void **state)
{
	const char *text;

	(void)state;
	machine("");
	boot.firmware.system_table->NumberOfTableEntries = 1025;
	take("tables");
	text = text_of(FAKE_CAPTURES "\\0001.map");
	assert_true(is_whole(text));
	assert_null(strstr(text, "\nconfig-table "));
	assert_non_null(strstr(text, "\n# 1025 configuration tables cannot be: not written\n"));
}

static void must_have_line(const char *text, const char *line)
{
	if (strstr(text, line) == NULL)
		fail_msg("no line %s", line);
}

/* All of it is write-back but the second GiB, and the fixed ranges are switched off. */
static uint64_t read_mtrrs(void *context, uint32_t number)
{
	(void)context;
	return number == 0xfe    ? 0x101
	       : number == 0x2ff ? 0x806
	       : number == 0x200 ? UINT64_C(0x40000000)
	                         : UINT64_C(0xfc0000800);
}

static uint64_t read_disabled_mtrrs(void *context, uint32_t number)
{
	(void)context;
	return number == 0xfe ? 0x108 : 0x406;
}

static void what_the_cpu_says_of_memory_is_told(void **state)
{
	const char *text;

	(void)state;
	machine("");
	take("no MTRRs");
	text = text_of(FAKE_CAPTURES "\\0001.map");
	must_have_line(text, "\n# MTRRs are not told: the CPU has none\n");
	assert_null(strstr(text, "\nmtrr "));
	machine("");
	fake.read_msr = read_disabled_mtrrs;
	take("MTRRs that are switched off");
	text = text_of(FAKE_CAPTURES "\\0001.map");
	must_have_line(text, "\n# MTRRs are not told: they are switched off\n");
	assert_null(strstr(text, "\nmtrr "));
	machine("");
	fake.read_msr = read_mtrrs;
	take("MTRRs");
	text = text_of(FAKE_CAPTURES "\\0001.map");
	must_have_line(text,
	               "\nmtrr 0x0000000000000000 0x0010000000000000 MTRR default write-back\n"
	               "mtrr 0x0000000040000000 0x0000000080000000 MTRR uncachable\n");
	assert_null(strstr(text, "# MTRRs"));
}

/* An entry of no pages, one that wraps, and a good one; then a table that goes on where no memory
 * is, and one where none is at all. */
static void the_memory_attributes_table_is_told(void **state)
{
	const uint64_t starts[] = { 0x1000, UINT64_MAX - 0xfff, 0x13000000 };
	const uint64_t pages[] = { 0, 2, 3 };
	uint8_t *table = (uint8_t *)(uintptr_t)ACPI_PADDR + 0x8000;
	const char *text;

	(void)state;
	machine("");
	take("no table");
	assert_null(strstr(text_of(FAKE_CAPTURES "\\0001.map"), "attributes"));
	for (unsigned row = 0; row < 3; row++) {
		machine("");
		put_number(table, 4, 1);
		put_number(table + 4, 4, row == 1 ? 1024 : 3);
		put_number(table + 8, 4, row == 1 ? 4096 : 48);
		for (unsigned i = 0; i < 3; i++) {
			put_number(table + 16 + 48 * i + 8, 8, starts[i]);
			put_number(table + 16 + 48 * i + 24, 8, pages[i]);
		}
		boot.facts.attributes_paddr = row == 2 ? FAKE_RAM_END_PADDR : ACPI_PADDR + 0x8000;
		take("a table");
		text = text_of(FAKE_CAPTURES "\\0001.map");
		assert_true(is_whole(text));
		must_have_line(text, row == 0   ? "\nmemory-attributes 0x0000000013000000 "
		                                  "0x0000000013003000\n# entries of the memory "
		                                  "attributes table of no memory: 2\n"
		                     : row == 1 ? "\n# the memory attributes table is not told: it "
		                                  "goes on where the map has no memory\n"
		                                : "\n# the memory attributes table is not told: it "
		                                  "lies where the map has no memory\n");
		assert_int_equal(strstr(text, "\nmemory-attributes ") != NULL, row == 0);
	}
}

/* --- windows of PCI host bridges --- */

/* PI 1.8 volume 2 §7.2.4.5. */
struct gcd_descriptor {
	uint64_t start_paddr, bytes, capabilities, attributes;
	uint32_t type;
	void *image, *device;
};

struct dxe_services {
	EFI_TABLE_HEADER head;
	void *others[4];
	EFI_STATUS(EFIAPI *get_descriptor)(EFI_PHYSICAL_ADDRESS, struct gcd_descriptor *);
};

/* The I/O space of a firmware in pieces; between them is something else. */
static struct span io_space[3];
static uint64_t io_piece_bytes;

static EFI_STATUS EFIAPI get_descriptor(EFI_PHYSICAL_ADDRESS paddr, struct gcd_descriptor *ret)
{
	*ret = (struct gcd_descriptor){ .start_paddr = paddr, .bytes = 1 };
	for (size_t i = 0; i < N_OF(io_space); i++)
		if (io_space[i].start_paddr <= paddr && paddr < io_space[i].end_paddr)
			*ret = (struct gcd_descriptor){
				.start_paddr = paddr & -io_piece_bytes,
				.bytes = io_piece_bytes,
				.type = 3,
			};
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_no_descriptor(EFI_PHYSICAL_ADDRESS paddr, struct gcd_descriptor *ret)
{
	(void)paddr, (void)ret;
	return EFI_NOT_FOUND;
}

/* Where nothing is, the piece that ends there is given. */
static EFI_STATUS EFIAPI get_the_one_before(EFI_PHYSICAL_ADDRESS paddr, struct gcd_descriptor *ret)
{
	get_descriptor(paddr, ret);
	if (ret->type != 3)
		*ret = (struct gcd_descriptor){ paddr - 0x1000, 0x1000, 0, 0, 3, NULL, NULL };
	return EFI_SUCCESS;
}

#define LIST_PADDR     (ACPI_PADDR + 0x8000)
#define SERVICES_PADDR (ACPI_PADDR + 0x9000)

static EFI_STATUS configured;
static void *resources;

static EFI_STATUS EFIAPI get_configuration(EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *this, VOID **ret_list)
{
	(void)this;
	*ret_list = resources;
	return configured;
}

static void put_resource(unsigned i, uint8_t type, uint64_t start_paddr, uint64_t bytes)
{
	uint8_t *at = (uint8_t *)(uintptr_t)LIST_PADDR + (size_t)46 * i;

	memset(at, 0, 46);
	put_number(at, 1, 0x8a);
	put_number(at + 1, 2, 43);
	at[3] = type;
	put_number(at + 14, 8, start_paddr);
	put_number(at + 22, 8, start_paddr + bytes - 1);
	put_number(at + 38, 8, bytes);
	at[46] = 0x79;
}

/* Two devices' memory in one window, a prefetchable one above 4 GiB, and ports. */
static void put_bridge(void)
{
	static EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL bridge;
	struct dxe_services services = { .get_descriptor = get_descriptor };

	machine("");
	fake.bridge = &bridge;
	bridge.Configuration = get_configuration;
	configured = EFI_SUCCESS;
	resources = (void *)(uintptr_t)LIST_PADDR;
	put_resource(0, 1, 0xc000, 0x1000);
	put_resource(1, 0, 0xc0000000, 0x1100000);
	put_resource(2, 0, 0xd0000000, 0x100000);
	put_resource(3, 0, 0x800000000, 0x200000);
	put_resource(4, 2, 0, 0x100);
	io_space[0] = (struct span){ 0xb8000000, 0xfc000000 };
	io_space[1] = (struct span){ 0xfec00000, 0xff000000 };
	io_space[2] = (struct span){ 0x800000000, 0x1000000000 };
	io_piece_bytes = 0x400000;
	services.head.Signature = UINT64_C(0x565245535f455844);
	services.head.HeaderSize = sizeof services;
	memcpy((void *)(uintptr_t)SERVICES_PADDR, &services, sizeof services);
	boot.facts.services_paddr = SERVICES_PADDR;
}

static struct dxe_services *services_in_place(void)
{
	return (struct dxe_services *)(uintptr_t)SERVICES_PADDR;
}

/* What of put_bridge() is other: */
static void no_bridge(void)
{
	fake.bridge = NULL;
}

static void a_window_of_more_pieces(void)
{
	io_piece_bytes = 0x80000;
}

static void no_services(void)
{
	boot.facts.services_paddr = 0;
}

static void services_elsewhere(void)
{
	boot.facts.services_paddr = FAKE_RAM_END_PADDR;
}

static void other_services(void)
{
	services_in_place()->head.Signature++;
}

static void short_services(void)
{
	services_in_place()->head.HeaderSize = sizeof(struct dxe_services) - 1;
}

static void empty_services(void)
{
	services_in_place()->get_descriptor = NULL;
}

static void no_map(void)
{
	services_in_place()->get_descriptor = get_no_descriptor;
}

static void a_map_that_is_a_piece_behind(void)
{
	services_in_place()->get_descriptor = get_the_one_before;
	io_piece_bytes = 0x4000000;
}

static void an_error(void)
{
	configured = EFI_UNSUPPORTED;
}

static void no_list(void)
{
	resources = NULL;
}

static void a_list_elsewhere(void)
{
	resources = (void *)(uintptr_t)FAKE_RAM_END_PADDR;
}

static void a_damaged_list(void)
{
	*((uint8_t *)(uintptr_t)LIST_PADDR + 46 * 3) = 0x88;
}

static void windows_of_bridges_are_told(void **state)
{
#define LOW  "\nhost-window 0x00000000b8000000 0x00000000fc000000"
#define HIGH "\nhost-window 0x0000000800000000 0x0000001000000000"
#define NOT  "\n# windows of PCI host bridges are not all told: "
#define WHY  NOT "the firmware does not give its own map\n"
	static const struct {
		void (*change)(void);
		const char *text; /* NULL: no word of them */
	} rows[] = {
		{ no_bridge, NULL },
		{ a_window_of_more_pieces, NOT },
		{ no_services, WHY },
		{ services_elsewhere, WHY },
		{ other_services, WHY },
		{ short_services, WHY },
		{ empty_services, WHY },
		{ no_map, NOT "the firmware's own map does not have one as I/O space\n" },
		{ a_map_that_is_a_piece_behind, LOW HIGH "\n# MTRRs" },
		{ an_error, NOT "the driver of a bridge does not tell\n" },
		{ no_list, NOT "the driver of a bridge does not tell\n" },
		{ a_list_elsewhere, NOT "the list of a bridge lies where the map has no memory\n" },
		{ a_damaged_list, LOW NOT "the list of a bridge has what is no address space\n" },
	};
	const char *text;

	(void)state;
	put_bridge();
	io_piece_bytes = 0x4000000;
	take("a bridge");
	must_have_line(text_of(FAKE_CAPTURES "\\0001.map"), LOW HIGH "\n# MTRRs");
	for (size_t i = 0; i < N_OF(rows); i++) {
		put_bridge();
		rows[i].change();
		take("a bridge");
		assert_int_equal(fake.n_pools, 0);
		text = text_of(FAKE_CAPTURES "\\0001.map");
		assert_true(is_whole(text));
		if (rows[i].text != NULL)
			must_have_line(text, rows[i].text);
		else if (strstr(text, "bridge") != NULL || strstr(text, "window") != NULL)
			fail_msg("row %u", (unsigned)i);
	}
}

/* A checksum would give away a product key, or a MAC address. */
static void a_table_with_secrets_has_no_checksum(void **state)
{
	static const char *const rows[] = {
		"FACS", "MSDM", "iBFT", "IBFT", "NBFT", "NFIT", "PHAT"
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char line[80];
		const char *text;

		machine("");
		memcpy(boot.facts.acpi_tables[2].signature, rows[i], 4);
		take(rows[i]);
		text = text_of(FAKE_CAPTURES "\\0001.map");
		assert_true(is_whole(text));
		snprintf(line, sizeof line, "\nacpi 0x0000000013f01000 60 - 0 bad \"%s\" XSDT\n",
		         rows[i]);
		if (strstr(text, line) == NULL)
			fail_msg("%s", rows[i]);
	}
}

static void what_is_set_aside_is_in_the_footprint(void **state)
{
	(void)state;
	machine("reserve = 0x12345678-0x12346000 a bad DIMM\n");
	take("reserve");
	assert_non_null(
		strstr(text_of(FAKE_CAPTURES "\\0001.map"),
	               "\nfootprint 0x0000000012345000 0x0000000012346000 set aside, as the "
	               "configuration says\n"));
}

/* An error in what the capture does not need. */
static void a_boot_without_a_kernel_has_a_capture(void **state)
{
	static const char *const not_there[] = { "\ntarget ", "\nkernel ",    "\nmax-pfn ",
		                                 "\nfree ",   "\nno-bitmap ", "\nreserve " };
	const char *text;

	(void)state;
	fake_firmware_init();
	start("");
	take("no kernel");
	must_be("no kernel", "kind", boot.comparison.kind, COMPARISON_FIRST);
	text = text_of(FAKE_CAPTURES "\\0001.map");
	assert_true(is_whole(text));
	for (size_t i = 0; i < N_OF(not_there); i++)
		if (strstr(text, not_there[i]) != NULL)
			fail_msg("%s", not_there[i]);
	boot.plan.booted = &boot.plan.amd64;
	take("chosen, not loaded");
	text = text_of(FAKE_CAPTURES "\\0002.map");
	assert_true(is_whole(text));
	assert_non_null(strstr(text, "\ntarget amd64\n"));
	must_be("chosen, not loaded", "kind", boot.comparison.kind, COMPARISON_UNCHANGED);
}

static void a_target_without_a_bitmap_says_why(void **state)
{
	(void)state;
	machine("");
	boot.plan.ia32.setup.err = SETUP_NO_HOME;
	take("no bitmap");
	assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0001.map"), "\nno-bitmap ia32 "));
	assert_null(strstr(text_of(FAKE_CAPTURES "\\0001.map"), "\nfree ia32 "));
}

/* What it is called. */

static const struct {
	const char *rule;
	const char *there[4];
	const char *made; /* NULL: none */
} names[] = {
	{ "an empty folder", { NULL }, "0001.map" },
	{ "behind a folder", { "0004.map\\" }, "0005.map" },
	{ "behind the first", { "0001.map" }, "0002.map" },
	{ "behind the last, whatever the order",
	  { "0003.map", "0011.map", "0002.map" },
	  "0012.map" },
	{ "gaps stay", { "0001.map", "0005.map" }, "0006.map" },
	{ "in capitals, as FAT has short names", { "0007.MAP" }, "0008.map" },
	{ "what has other names does not count",
	  { "00012.map", "0012.ma", "0012.mapx", "012.map" },
	  "0001.map" },
	{ "nor does this", { "notes.txt", "000a.map", "0000.map", "x0012.map" }, "0001.map" },
	{ "the last number", { "9998.map" }, "9999.map" },
	{ "no number is left", { "9999.map" }, NULL },
};

static void the_next_number_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(names); i++) {
		char paths[4][64], made[64];

		machine("");
		fake_add_file(FAKE_CAPTURES, NULL, 0)->is_directory = true;
		for (size_t j = 0; j < 4 && names[i].there[j] != NULL; j++) {
			snprintf(paths[j], sizeof paths[j], FAKE_CAPTURES "\\%s",
			         names[i].there[j]);
			fake_add_file(paths[j], "", 0)->is_directory =
				strchr(names[i].there[j], '\\') != NULL;
			paths[j][strcspn(paths[j] + sizeof FAKE_CAPTURES, "\\") +
			         sizeof FAKE_CAPTURES] = '\0';
		}
		take(names[i].rule);
		if (names[i].made == NULL) {
			must_say(names[i].rule, "9999.map is the last one that there can be");
			must_be(names[i].rule, "saved", boot.comparison.saved, EFI_END_OF_MEDIA);
			must_be(names[i].rule, "number", boot.comparison.now.number, 0);
			assert_int_equal(fake.n_new_files, 0);
			continue;
		}
		snprintf(made, sizeof made, FAKE_CAPTURES "\\%s", names[i].made);
		if (fake_find_file(made) == NULL || fake_find_file(made)->room == NULL)
			fail_msg("%s: %s", names[i].rule, fake.console);
	}
}

static void a_configuration_may_want_none(void **state)
{
	size_t n_opens;

	(void)state;
	machine("capture = no\n");
	n_opens = fake_count(FAKE_OPEN);
	take("none");
	assert_int_equal(fake_count(FAKE_OPEN), n_opens);
	assert_string_equal(fake.console, "");
	must_be("none", "kind", boot.comparison.kind, COMPARISON_NONE);
	must_be("none", "label", capture_set_label(&boot, "docked"), EFI_NO_MEDIA);
	boot.root->Close(boot.root);
	boot.root = NULL;
	boot.config.writes_capture = true;
	take_capture(&boot);
	must_be("no volume", "kind", boot.comparison.kind, COMPARISON_NONE);
	must_be("no volume", "saved", boot.comparison.saved, EFI_NO_MEDIA);
}

/* What it is compared with. */

static void same_map_again(void)
{
}

static void acpi_moves(void)
{
	fake_set_pages(ACPI_PADDR, ACPI_PADDR + 0x10000, EfiConventionalMemory);
	fake_set_pages(ACPI_PADDR - 0x2000, ACPI_PADDR + 0xe000, EfiACPIReclaimMemory);
}

static void acpi_grows(void)
{
	fake_set_pages(ACPI_PADDR - 0x1000, ACPI_PADDR, EfiACPIReclaimMemory);
}

static void acpi_becomes_nvs(void)
{
	fake_set_pages(ACPI_PADDR, ACPI_PADDR + 0x10000, EfiACPIMemoryNVS);
}

static void many_ranges(void)
{
	for (paddr_t paddr = 0x12000000; paddr < 0x12000000 + 11 * 0x4000; paddr += 0x4000)
		fake_set_pages(paddr, paddr + 0x1000, EfiReservedMemoryType);
}

static void mmio_appears(void)
{
	fake_set_pages(0x12000000, 0x12001000, EfiMemoryMappedIO);
}

static void runtime_memory_vanishes(void)
{
	fake_set_pages(SMBIOS_PADDR, SMBIOS_PADDR + 0x1000, EfiBootServicesData);
}

static const struct {
	const char *rule;
	void (*change)(void);
	size_t n_telling;
	enum change_kind kind;
	uint64_t n_pages;
	enum owner_kind owner;
} comparisons[] = {
	{ "nothing has changed", same_map_again, 0, 0, 0, 0 },
	{ "a range moved", acpi_moves, 1, CHANGE_MOVED, 2, OWNER_NONE },
	{ "a range grew", acpi_grows, 1, CHANGE_GREW, 1, OWNER_NONE },
	{ "a range has another type", acpi_becomes_nvs, 1, CHANGE_RETYPED, 16, OWNER_NONE },
	{ "whose it is, by this map", mmio_appears, 1, CHANGE_APPEARED, 1, OWNER_MMIO },
	{ "whose it was, by the last one", runtime_memory_vanishes, 1, CHANGE_VANISHED, 1,
	  OWNER_RUNTIME_DATA },
	{ "many", many_ranges, 11, CHANGE_APPEARED, 1, OWNER_NONE },
};

static void a_boot_is_compared_with_the_last_one(void **state)
{
	const struct comparison *comparison = &boot.comparison;

	(void)state;
	for (size_t i = 0; i < N_OF(comparisons); i++) {
		const char *rule = comparisons[i].rule;
		bool is_changed = comparisons[i].n_telling > 0;
		owner_set owner = owner_bit(comparisons[i].owner);

		machine("");
		take(rule);
		comparisons[i].change();
		plan();
		take(rule);
		must_be(rule, "kind", comparison->kind,
		        is_changed ? COMPARISON_CHANGED : COMPARISON_UNCHANGED);
		must_be(rule, "last", last_number(), 1);
		must_be(rule, "other", other_number(), is_changed);
		must_be(rule, "number", comparison->now.number, 2);
		must_be(rule, "boots", comparison->n_boots, 2);
		must_be(rule, "maps", comparison->n_maps, 1 + is_changed);
		must_be(rule, "boots with this map", comparison->n_with_this_map, !is_changed);
		must_be(rule, "telling changes", comparison->step.n_telling,
		        comparisons[i].n_telling);
		if (!is_changed)
			continue;
		must_be(rule, "change", comparison->step.changes[0].change.kind,
		        comparisons[i].kind);
		must_be(rule, "pages", comparison->step.changes[0].change.n_pages,
		        comparisons[i].n_pages);
		must_be(rule, "owner", comparison->step.changes[0].uefi & owner, owner);
		must_be(rule, "checksum", e820_hibernate_crc32(&comparison->other_e820),
		        comparison->last->crc32);
	}
}

/* The text of a capture with another word in it, under its checksum. */
static void change_capture(const char *path, const char *from, const char *to)
{
	static char text[MOST_TEXT];
	struct fake_file *file = fake_find_file(path);
	const char *old = text_of(path), *at = strstr(old, from);
	const char *line = text, *end;
	uint32_t crc = 0;

	assert_non_null(at);
	snprintf(text, sizeof text, "%.*s%s%s", (int)(at - old), old, to, at + strlen(from));
	for (; strncmp(line, "checksum ", 9) != 0; line = end + 1) {
		end = strchr(line, '\n');
		crc = capture_crc_line(crc, line, (size_t)(end - line));
	}
	sprintf(text + (line - text), "checksum 0x%08x\n", (unsigned)crc);
	file->bytes = text;
	file->n_bytes = file->n_readable_bytes = strlen(text);
}

static void change_first(const char *from, const char *to)
{
	change_capture(FAKE_CAPTURES "\\0001.map", from, to);
}

/* A history of maps A B A A, and then A again: A is that of the last boot, B the newest other. */
static void all_boots_of_this_machine_count(void **state)
{
	static const unsigned maps[] = { 0, 1, 0, 0, 0 };
	const struct comparison *comparison = &boot.comparison;
	const char *rule = "ABAAA";

	(void)state;
	machine("");
	for (size_t i = 0; i < N_OF(maps); i++) {
		next_boot();
		fake.time.Day = (UINT8)(10 + i);
		snprintf(boot.config.label, sizeof boot.config.label, "boot %u", (unsigned)i);
		if (maps[i] == 1)
			acpi_moves();
		plan();
		take(rule);
		must_be(rule, "boots", comparison->n_boots, i + 1);
		for (size_t j = 0; j <= i; j++) {
			char label[16], time[32];

			snprintf(label, sizeof label, "boot %u", (unsigned)j);
			snprintf(time, sizeof time, "2026-01-%02uT03:04:05", (unsigned)(10 + j));
			assert_string_equal(comparison->boots[j].label, label);
			assert_string_equal(comparison->boots[j].time, time);
			must_be(rule, "number", comparison->boots[j].number, j + 1);
			must_be(rule, "map", comparison->boots[j].map, maps[j]);
			must_be(rule, "RAM", comparison->boots[j].ram_bytes,
			        e820_bytes_of_type(&boot.plan.whole_e820, E820_RAM));
		}
	}
	must_be(rule, "kind", comparison->kind, COMPARISON_UNCHANGED);
	must_be(rule, "last", last_number(), 4);
	must_be(rule, "other", other_number(), 2);
	must_be(rule, "maps", comparison->n_maps, 2);
	must_be(rule, "boots with this map", comparison->n_with_this_map, 3);
	must_be(rule, "change", comparison->step.changes[0].change.kind, CHANGE_MOVED);
	next_boot();
	acpi_moves();
	plan();
	take("and B");
	must_be("and B", "kind", comparison->kind, COMPARISON_CHANGED);
	must_be("and B", "other", other_number(), 5);
	must_be("and B", "boots with this map", comparison->n_with_this_map, 1);
	must_be("and B", "map", comparison->now.map, 1);
}

static const struct {
	const char *rule, *from, *to;
	size_t n_facts;
	enum comparison_fact_kind kind;
	const char *before, *after;
	uint64_t before_number, after_number;
} facts[] = {
	{ "nothing else", "\nprogram ", "\nprogram ", 0, 0, "", "", 0, 0 },
	{ "memory", "bytes 0x20000000", "bytes 0x25800000", 1, FACT_INSTALLED_BYTES, "0x25800000",
	  "0x20000000", 0x25800000, 0x20000000 },
	{ "CPUs", "cpu-count 2", "cpu-count 4", 1, FACT_CPU_COUNT, "4", "2", 4, 2 },
	{ "the firmware's build", "version F21", "version F20", 1, FACT_FIRMWARE_VERSION, "F20",
	  "F21", 0, 0 },
	{ "its date, of one build", "date 01/02/2026", "date 12/31/2025", 1, FACT_FIRMWARE_VERSION,
	  "12/31/2025", "01/02/2026", 0, 0 },
	{ "one line about the firmware", "version F21\nbios-date 01", "version F20\nbios-date 02",
	  1, FACT_FIRMWARE_VERSION, "F20", "F21", 0, 0 },
	{ "its revision", "revision 0x0", "revision 0x10000", 1, FACT_FIRMWARE_VERSION, "0x10000",
	  "0x0", 0x10000, 0 },
	{ "the boot option", "current 0x0003", "current 0x0012", 1, FACT_BOOT_OPTION, "0x0012",
	  "0x0003", 0x12, 3 },
	{ "what only one knows", "cpu-count 2\n", "", 0, 0, "", "", 0, 0 },
};

static void what_else_differs_is_told(void **state)
{
	const struct comparison *comparison = &boot.comparison;

	(void)state;
	for (size_t i = 0; i < N_OF(facts); i++) {
		const struct comparison_fact *fact = &comparison->facts[0];

		machine("");
		take(facts[i].rule);
		change_first(facts[i].from, facts[i].to);
		acpi_moves();
		plan();
		take(facts[i].rule);
		must_be(facts[i].rule, "facts", comparison->n_facts, facts[i].n_facts);
		if (facts[i].n_facts == 0)
			continue;
		must_be(facts[i].rule, "kind", fact->kind, facts[i].kind);
		assert_string_equal(fact->before, facts[i].before);
		assert_string_equal(fact->after, facts[i].after);
		must_be(facts[i].rule, "before", fact->before_number, facts[i].before_number);
		must_be(facts[i].rule, "after", fact->after_number, facts[i].after_number);
	}
}

/* Of 0001.map, with this number: a copy, with another map if it is wanted. */
static struct fake_file *add_copy(unsigned number, uint64_t n_bytes, char damage)
{
	static char copies[16][MOST_TEXT];
	static char paths[16][64];
	const char *text = text_of(FAKE_CAPTURES "\\0001.map");

	memcpy(copies[number], text, strlen(text));
	copies[number][20] ^= damage;
	snprintf(paths[number], sizeof paths[number], FAKE_CAPTURES "\\%04u.map", number);
	return fake_add_file(paths[number], copies[number], min_u64(n_bytes, strlen(text)));
}

static char newlines[4 << 20];

static struct {
	const char *rule;
	uint64_t n_bytes;
	char damage;
	EFI_STATUS open_error;
	uint64_t n_readable_bytes, claimed_bytes; /* 0: all */
	EFI_STATUS status;
	bool is_newlines;
} damages[] = {
	{ "a bit", UINT64_MAX, 1, 0, 0, 0, EFI_CRC_ERROR, false },
	{ "cut off", 1000, 0, 0, 0, 0, EFI_CRC_ERROR, false },
	{ "empty", 0, 0, 0, 0, 0, EFI_CRC_ERROR, false },
	{ "cannot be opened", UINT64_MAX, 0, EFI_DEVICE_ERROR, 0, 0, EFI_DEVICE_ERROR, false },
	{ "ends early", UINT64_MAX, 0, 0, 100, 0, EFI_END_OF_FILE, false },
	{ "huge", UINT64_MAX, 0, 0, 0, UINT64_C(1) << 40, EFI_CRC_ERROR, false },
	{ "4 MiB of newlines", sizeof newlines, 0, 0, 0, 0, EFI_CRC_ERROR, true },
	{ "1 MiB of newlines", sizeof newlines / 4, 0, 0, 0, 0, EFI_CRC_ERROR, true },
	{ "a megabyte that begins well", sizeof newlines / 4, 1, 0, 0, 0, EFI_CRC_ERROR, true },
};

static void a_damaged_capture_is_passed_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(damages); i++) {
		const char *rule = damages[i].rule;
		struct fake_file *file;

		machine("");
		take(rule);
		if (damages[i].is_newlines) {
			memset(newlines, '\n', sizeof newlines);
			if (damages[i].damage != 0)
				memcpy(newlines, "bootmem-capture 1\n", 18);
			file = fake_add_file(FAKE_CAPTURES "\\0002.map", newlines,
			                     damages[i].n_bytes);
		} else {
			file = add_copy(2, damages[i].n_bytes, damages[i].damage);
		}
		file->open_error = damages[i].open_error;
		if (damages[i].n_readable_bytes > 0)
			file->n_readable_bytes = damages[i].n_readable_bytes;
		if (damages[i].claimed_bytes > 0)
			file->n_bytes = damages[i].claimed_bytes;
		for (unsigned n = 0; n < 2; n++) { /* by itself, and by the index */
			take(rule);
			must_be(rule, "kind", boot.comparison.kind, COMPARISON_UNCHANGED);
			must_be(rule, "last", last_number(), n == 0 ? 1 : 3);
			must_be(rule, "damaged", boot.comparison.n_damaged, 1);
			must_be(rule, "its number", boot.comparison.damaged_number, 2);
			must_be(rule, "its status", boot.comparison.damaged_status,
			        damages[i].status);
			must_be(rule, "saved", boot.comparison.saved, EFI_SUCCESS);
		}
	}
}

static void nothing_but_damaged_captures_is_no_first_boot(void **state)
{
	(void)state;
	machine("");
	take("first");
	add_copy(2, 1000, 0);
	add_copy(3, UINT64_MAX, 1);
	fake_find_file(FAKE_CAPTURES "\\0001.map")->n_readable_bytes = 10;
	take("damaged");
	must_be("damaged", "kind", boot.comparison.kind, COMPARISON_FAILED);
	must_be("damaged", "damaged", boot.comparison.n_damaged, 3);
	must_be("damaged", "its number", boot.comparison.damaged_number, 3);
	must_be("damaged", "saved", boot.comparison.saved, EFI_SUCCESS);
	assert_true(is_whole(text_of(boot.comparison.path)));
}

static void a_directory_may_have_the_name_of_a_capture(void **state)
{
	(void)state;
	machine("");
	take("first");
	fake_add_file(FAKE_CAPTURES "\\0005.map", NULL, 0)->is_directory = true;
	take("directory");
	must_be("directory", "last", last_number(), 1);
	must_be("directory", "damaged", boot.comparison.n_damaged, 0);
	assert_non_null(fake_find_file(FAKE_CAPTURES "\\0006.map"));
}

static const struct {
	const char *rule, *from, *to;
	enum comparison_kind kind;
	unsigned n_other_machines, n_damaged;
} others[] = {
	{ "a later format", "capture 1\n", "capture 2\n", COMPARISON_FAILED, 0, 1 },
	{ "another model", "product Anvil", "product Hammer", COMPARISON_FIRST, 1, 0 },
	{ "a name that goes on", "product Anvil ?\?!", "product Anvil ?\?! 2", COMPARISON_FIRST, 1,
	  0 },
	{ "a machine without a name", "system-vendor ACME\n", "", COMPARISON_FIRST, 1, 0 },
	{ "another width", "bits 64\n", "bits 16\n", COMPARISON_FIRST, 1, 0 },
	{ "another firmware of the machine", "firmware-vendor fake", "firmware-vendor true",
	  COMPARISON_UNCHANGED, 0, 0 },
	{ "an update of it", "version F21", "version F22", COMPARISON_UNCHANGED, 0, 0 },
	{ "a line that ends in CR LF", "system-vendor ACME\n", "system-vendor ACME\r\n",
	  COMPARISON_UNCHANGED, 0, 0 },
};

static void captures_of_others_are_not_compared_with(void **state)
{
	const char *bits = sizeof(UINTN) == 8 ? "bits 64\n" : "bits 32\n";

	(void)state;
	for (size_t i = 0; i < N_OF(others); i++) {
		bool is_width = strstr(others[i].from, "bits") != NULL;
		const char *rule = others[i].rule;

		machine("");
		take("first");
		change_first(is_width ? bits : others[i].from, others[i].to);
		for (unsigned n = 0; n < 2; n++) {
			take(rule);
			if (n == 0)
				must_be(rule, "kind", boot.comparison.kind, others[i].kind);
			must_be(rule, "of other machines", boot.comparison.n_other_machines,
			        others[i].n_other_machines);
			must_be(rule, "damaged", boot.comparison.n_damaged, others[i].n_damaged);
			if (others[i].n_damaged > 0)
				must_be(rule, "status", boot.comparison.damaged_status,
				        EFI_INCOMPATIBLE_VERSION);
		}
	}
}

/* How much of the RAM bootmem uses says nothing about the firmware, and Linux does not see it. */
static void a_limit_to_ram_is_no_change(void **state)
{
	(void)state;
	machine("");
	take("all RAM");
	boot.config.mem_limit_paddr = 0x12000000;
	plan();
	take("less RAM");
	must_be("less RAM", "kind", boot.comparison.kind, COMPARISON_UNCHANGED);
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0002.map")));
	assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0002.map"), "\nmem-limit 0x12000000\n"));
	assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0002.map"), "\nmax-pfn amd64 0x12000\n"));
}

/* The index. */

#define INDEX FAKE_CAPTURES ".txt"

static unsigned n_listed, n_shown, n_shown_of;

static void show(void *context, unsigned n_done, unsigned n_all)
{
	assert_ptr_equal(context, &boot);
	assert_true(n_done <= n_all);
	n_listed += n_all == 0;
	if (n_all == 0)
		return;
	assert_int_equal(n_done, n_shown);
	n_shown++;
	n_shown_of = n_all;
}

/* How many captures a boot has to read, beside the newest that has another map. */
static unsigned take_and_count(const char *rule)
{
	n_listed = n_shown = n_shown_of = 0;
	boot.capture_progress = (struct capture_progress){ show, &boot };
	take(rule);
	must_be(rule, "times listed", n_listed, 1);
	must_be(rule, "progress", n_shown, n_shown_of + (n_shown_of > 0));
	return n_shown_of;
}

static void forget_index(void)
{
	fake_find_file(INDEX)->is_deleted = true;
}

static void damage_index(void)
{
	struct fake_file *file = fake_find_file(INDEX);

	file->room = NULL;
	file->n_readable_bytes = file->n_bytes = file->n_bytes - 30;
}

static void take_another_version(void)
{
	change_capture(INDEX, "bootmem-captures 1", "bootmem-captures 2");
}

static void fill_index_with_newlines(void)
{
	static char text[100000];
	struct fake_file *file = fake_find_file(INDEX);

	memset(text, '\n', sizeof text);
	file->bytes = text;
	file->n_readable_bytes = file->n_bytes = sizeof text;
}

static void forget_a_line(void)
{
	change_capture(INDEX, "\ncapture 2 ", "\n#");
}

static void garble_a_line(void)
{
	change_capture(INDEX, " whole ", " unwhole ");
}

static void tell_of_what_is_not_there(void)
{
	change_capture(INDEX, "\ncapture 1 ",
	               "\ncapture 7 1 0 damaged\ncapture 10000 1 0 damaged\ncapture 0 0 0 later\n"
	               "capture 3 1\ncapture\n\ncapture 1 ");
}

static void make_another_size(void)
{
	change_first("\nlabel first", "\nlabel 1st");
}

static void make_another_time(void)
{
	fake_find_file(FAKE_CAPTURES "\\0001.map")->modified.Second++;
	change_first("\nlabel first", "\nlabel FIRST");
}

static void delete_a_capture(void)
{
	fake_find_file(FAKE_CAPTURES "\\0002.map")->is_deleted = true;
}

static const struct {
	const char *rule;
	void (*damage)(void);
	unsigned n_read; /* with 0003.map, which no index has yet */
	const char *first_label;
} indexes[] = {
	{ "the index has all", same_map_again, 1, "first" },
	{ "it is not there", forget_index, 3, "first" },
	{ "it is cut off", damage_index, 3, "first" },
	{ "it is of another version", take_another_version, 3, "first" },
	{ "it is anything", fill_index_with_newlines, 3, "first" },
	{ "it lacks a line", forget_a_line, 2, "first" },
	{ "a line is none", garble_a_line, 2, "first" },
	{ "it tells of what is not there", tell_of_what_is_not_there, 1, "first" },
	{ "a capture has another size", make_another_size, 2, "1st" },
	{ "a capture was modified", make_another_time, 2, "FIRST" },
	{ "a capture is not there any more", delete_a_capture, 1, "first" },
};

static void the_index_can_be_made_anew(void **state)
{
	static char wanted[MOST_TEXT];

	(void)state;
	for (size_t i = 0; i < N_OF(indexes); i++) {
		const char *rule = indexes[i].rule;
		bool is_there = indexes[i].damage != delete_a_capture;

		machine("label = first\n");
		take("first");
		acpi_moves();
		plan();
		take("second");
		take("third");
		indexes[i].damage();
		must_be(rule, "captures read", take_and_count(rule), indexes[i].n_read);
		must_be(rule, "boots", boot.comparison.n_boots, 3 + is_there);
		must_be(rule, "boots with this map", boot.comparison.n_with_this_map, 1 + is_there);
		must_be(rule, "damaged", boot.comparison.n_damaged, 0);
		must_be(rule, "other", other_number(), 1);
		assert_string_equal(boot.comparison.boots[0].label, indexes[i].first_label);
		strcpy(wanted, text_of(INDEX));
		*strstr(wanted, "checksum ") = '\0';
		forget_index();
		take_and_count(rule); /* it has one line more then */
		if (strncmp(text_of(INDEX), wanted, strlen(wanted)) != 0)
			fail_msg("%s: not the same as anew:\n%s\n%s", rule, wanted, text_of(INDEX));
	}
}

/* Read is what differs; the rest is taken from the index, and nothing of it from the captures. */
static void the_index_is_used(void **state)
{
	(void)state;
	machine("label = first\n");
	take("first");
	take("second");
	change_capture(INDEX, " first\n", " the index's\n");
	take("third");
	assert_string_equal(boot.comparison.boots[0].label, "the index's");
}

/* An index that tells of another map than the capture has is wrong, and believed once. */
static void an_index_that_lies_is_made_anew(void **state)
{
	char line[64];

	(void)state;
	machine("");
	take("first");
	take("second");
	snprintf(line, sizeof line, " 0x%08x ", (unsigned)boot.comparison.now.crc32);
	change_capture(INDEX, line, " 0x12345678 ");
	take("third");
	must_be("a lie", "other", other_number(), 0);
	must_be("a lie", "damaged", boot.comparison.n_damaged, 1);
	must_be("a lie", "status", boot.comparison.damaged_status, EFI_COMPROMISED_DATA);
	take("fourth");
	must_be("after a lie", "damaged", boot.comparison.n_damaged, 0);
	must_be("after a lie", "maps", boot.comparison.n_maps, 1);
}

/* What the index has as whole may have been damaged since. */
static void the_other_map_is_looked_for_further_back(void **state)
{
	struct fake_file *file;

	(void)state;
	machine("");
	take("A");
	acpi_moves();
	plan();
	take("B");
	mmio_appears();
	plan();
	take("C");
	take("C");
	file = fake_find_file(FAKE_CAPTURES "\\0002.map");
	file->n_readable_bytes = 100;
	take("C");
	must_be("further back", "kind", boot.comparison.kind, COMPARISON_UNCHANGED);
	must_be("further back", "other", other_number(), 1);
	must_be("further back", "maps", boot.comparison.n_maps, 2);
	must_be("further back", "damaged", boot.comparison.damaged_number, 2);
}

#define MANY 500

static void five_hundred_captures_are_read_once(void **state)
{
	static char paths[MANY][64], text[MOST_TEXT];
	size_t n_opens, n_reads;

	(void)state;
	machine("label = docked\n");
	take("first");
	strcpy(text, text_of(FAKE_CAPTURES "\\0001.map"));
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(paths[i], sizeof paths[i], FAKE_CAPTURES "\\%04u.MAP", 2 + i);
		fake_add_file(paths[i], text, strlen(text));
	}
	acpi_moves();
	plan();
	must_be("anew", "captures read", take_and_count("anew"), MANY + 1);
	must_be("anew", "boots", boot.comparison.n_boots, MANY + 2);
	n_opens = fake_count(FAKE_OPEN);
	n_reads = fake_count(FAKE_READ);
	must_be("again", "captures read", take_and_count("again"), 1);
	must_be("again", "boots", boot.comparison.n_boots, MANY + 3);
	must_be("again", "maps", boot.comparison.n_maps, 2);
	must_be("again", "other", other_number(), MANY + 1);
	if (fake_count(FAKE_OPEN) - n_opens > 24 || fake_count(FAKE_READ) - n_reads > MANY + 20)
		fail_msg("%u opens, %u reads", (unsigned)(fake_count(FAKE_OPEN) - n_opens),
		         (unsigned)(fake_count(FAKE_READ) - n_reads));
}

/* A folder whose clusters lead in a circle. What can be known is; nothing is written. */
static void a_folder_may_contain_itself(void **state)
{
	static const struct {
		const char *rule;
		int listing;
		unsigned last;
	} rows[] = {
		{ "it begins again", FAKE_BEGINS_AGAIN, 2 },
		{ "names come again", FAKE_REPEATS, 2 },
		{ "one name for ever", FAKE_ONE_NAME, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t n_new_files;

		machine("");
		take("first");
		take("second");
		n_new_files = fake.n_new_files;
		fake.listing = rows[i].listing;
		take(rows[i].rule);
		must_be(rows[i].rule, "last", last_number(), rows[i].last);
		must_be(rows[i].rule, "saved", boot.comparison.saved, EFI_VOLUME_CORRUPTED);
		must_be(rows[i].rule, "files made", fake.n_new_files, n_new_files);
		must_say(
			rows[i].rule,
			"no capture: \\bootmem\\captures is damaged: chkdsk or fsck repairs the volume");
	}
}

/* A damaged entry of the folder. */
static void an_entry_without_a_name_ends_nothing(void **state)
{
	(void)state;
	machine("");
	fake_add_file(FAKE_CAPTURES "\\", "", 0);
	take("first");
	take("second");
	must_be("without a name", "last", last_number(), 1);
	must_be("without a name", "number", boot.comparison.number, 2);
}

/* The label. */

static void the_label_can_be_changed(void **state)
{
	static char before[MOST_TEXT], wanted[MOST_TEXT];
	const char *at;

	(void)state;
	machine("label = docked\n");
	take("first");
	take("second");
	strcpy(before, text_of(FAKE_CAPTURES "\\0002.map"));
	memory_claim_bytes(&boot.memory, 1); /* it is not in the footprint */
	fake.time.Minute++;
	assert_int_equal(capture_set_label(&boot, "on battery, \xe9"), EFI_SUCCESS);
	assert_string_equal(boot.comparison.now.label, "on battery, ?");
	assert_string_equal(boot.comparison.boots[1].label, "on battery, ?");
	at = strstr(before, "\nlabel docked\n");
	snprintf(wanted, sizeof wanted, "%.*s\nlabel on battery, ?%s", (int)(at - before), before,
	         at + strlen("\nlabel docked"));
	assert_memory_equal(text_of(FAKE_CAPTURES "\\0002.map"), wanted,
	                    strstr(wanted, "\nchecksum ") - wanted);
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0002.map")));
	assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0001.map"), "\nlabel docked\n"));
	assert_null(fake_find_file(FAKE_CAPTURES "\\0002.new"));
	assert_int_equal(fake_open_files(), 1);
	assert_null(fake.violation);
	take("third");
	assert_string_equal(boot.comparison.boots[1].label, "on battery, ?");
	assert_int_equal(capture_set_label(&boot, ""), EFI_SUCCESS);
	assert_null(strstr(text_of(FAKE_CAPTURES "\\0003.map"), "\nlabel "));
}

static void a_label_that_cannot_be_written_is_not_there(void **state)
{
	(void)state;
	machine("label = docked\n");
	take("first");
	fake.capacity_bytes = 5000;
	assert_int_equal(capture_set_label(&boot, "undocked"), EFI_VOLUME_FULL);
	assert_string_equal(boot.config.label, "docked");
	assert_string_equal(boot.comparison.now.label, "docked");
	assert_int_equal(boot.comparison.saved, EFI_SUCCESS);
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0001.map")));
	assert_null(fake_find_file(FAKE_CAPTURES "\\0001.new"));
	fake.is_read_only = true;
	assert_int_equal(capture_set_label(&boot, "undocked"), EFI_WRITE_PROTECTED);
	take("no capture");
	assert_int_equal(capture_set_label(&boot, "undocked"), EFI_WRITE_PROTECTED);
}

/* U-Boot up to 2025 cannot; and a driver may say that it has done what it has not, or that it has
 * told what the file is, when it has not: then nothing is set. */
static void a_driver_need_not_know_how_to_rename(void **state)
{
	enum { CANNOT, SAYS_SO, TELLS_NOTHING, WAYS };

	(void)state;
	for (int way = 0; way < WAYS; way++) {
		machine("");
		fake.cannot_rename = way == CANNOT;
		fake.renames_nothing = way == SAYS_SO;
		if (way == TELLS_NOTHING)
			fake.faults[fake.n_faults++] =
				(struct fake_fault){ FAKE_GET_INFO, 0, 0, EFI_SUCCESS };
		take("first");
		assert_int_equal(capture_set_label(&boot, "docked"), EFI_SUCCESS);
		take("second");
		must_be("no names", "kind", boot.comparison.kind, COMPARISON_UNCHANGED);
		must_be("no names", "saved", boot.comparison.saved, EFI_SUCCESS);
		assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0001.map"), "\nlabel docked\n"));
		assert_true(is_whole(text_of(FAKE_CAPTURES "\\0002.map")));
		assert_null(fake_find_file(FAKE_CAPTURES "\\0001.new"));
		assert_null(fake_find_file(FAKE_CAPTURES "\\0002.new"));
		assert_non_null(fake_find_file(INDEX));
	}
}

/* Second names that are left. */

enum leftover { NOT_THERE, WHOLE, DAMAGED, LATER };

static const struct {
	const char *rule;
	enum leftover first, second;
	enum leftover first_then, second_then;
	bool is_second; /* what 0002.map is then is what 0002.new was */
} leftovers[] = {
	{ "cut while it was written", NOT_THERE, DAMAGED, NOT_THERE, NOT_THERE, false },
	{ "cut before it was renamed", NOT_THERE, WHOLE, WHOLE, NOT_THERE, true },
	{ "cut while another label was written", WHOLE, DAMAGED, WHOLE, NOT_THERE, false },
	{ "cut before the old one was deleted", WHOLE, WHOLE, WHOLE, NOT_THERE, false },
	{ "cut while it was copied", DAMAGED, WHOLE, WHOLE, NOT_THERE, true },
	{ "neither is whole", DAMAGED, DAMAGED, DAMAGED, NOT_THERE, false },
	{ "what a later one left", NOT_THERE, LATER, NOT_THERE, LATER, false },
	{ "what a later one wrote", LATER, WHOLE, LATER, WHOLE, false },
};

static void add_leftover(const char *path, enum leftover what, const char *label)
{
	static char texts[2][MOST_TEXT];
	char *text = texts[label[0] == '2'];

	if (what == NOT_THERE)
		return;
	change_first("\nlabel first", label[0] == '2' ? "\nlabel 2" : "\nlabel 1");
	strcpy(text, text_of(FAKE_CAPTURES "\\0001.map"));
	change_first(label[0] == '2' ? "\nlabel 2" : "\nlabel 1", "\nlabel first");
	if (what == LATER)
		memcpy(text, "bootmem-capture 2", 17);
	fake_add_file(path, text, what == DAMAGED ? 3000 : strlen(text))->may_go = true;
}

static void must_be_left(const char *rule, const char *path, enum leftover what, bool is_second)
{
	const char *text = text_of(path);
	enum leftover got = text == NULL                                  ? NOT_THERE
	                    : strncmp(text, "bootmem-capture 2", 17) == 0 ? LATER
	                    : is_whole(text)                              ? WHOLE
	                                                                  : DAMAGED;

	must_be(rule, path, got, what);
	if (got == WHOLE && strstr(text, is_second ? "\nlabel 2\n" : "\nlabel 1\n") == NULL)
		fail_msg("%s: %s is another", rule, path);
}

static void second_names_are_tidied_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * N_OF(leftovers); i++) {
		size_t row = i / 2;
		const char *rule = leftovers[row].rule;

		machine("label = first\n");
		take(rule);
		add_leftover(FAKE_CAPTURES "\\0002.map", leftovers[row].first, "1");
		add_leftover(FAKE_CAPTURES "\\0002.new", leftovers[row].second, "2");
		fake.cannot_rename = i % 2 == 1;
		take(rule);
		must_be(rule, "number", boot.comparison.now.number, 3);
		must_be(rule, "boots", boot.comparison.n_boots,
		        2 + (leftovers[row].first_then == WHOLE));
		must_be_left(rule, FAKE_CAPTURES "\\0002.map", leftovers[row].first_then,
		             leftovers[row].is_second);
		must_be_left(rule, FAKE_CAPTURES "\\0002.new", leftovers[row].second_then, true);
	}
}

/* The last error. */

static void an_error_is_left_for_later(void **state)
{
	(void)state;
	machine("");
	assert_int_equal(last_error_write(&boot, "one\n\ntwo"), EFI_SUCCESS);
	assert_string_equal(text_of(LAST_ERROR_FILE), "one\r\n\r\ntwo");
	assert_int_equal(last_error_write(&boot, "three\n"), EFI_SUCCESS);
	assert_string_equal(text_of(LAST_ERROR_FILE), "three\r\n");
	fake.is_read_only = true;
	assert_int_equal(last_error_write(&boot, "four\n"), EFI_WRITE_PROTECTED);
	assert_string_equal(text_of(LAST_ERROR_FILE), "three\r\n");
	assert_int_equal(fake_open_files(), 1);
	assert_null(fake.violation);
	boot.root = NULL;
	assert_int_equal(last_error_write(&boot, "five\n"), EFI_NO_MEDIA);
}

/* What goes wrong. */

static void read_only(void)
{
	fake.is_read_only = true;
}

static void cannot_write(void)
{
	fake.is_read_only = true;
	fake.read_only_error = EFI_UNSUPPORTED;
}

static void full(void)
{
	fake.capacity_bytes = 0;
}

static void nearly_full(void)
{
	fake.capacity_bytes = 5000;
}

static void full_without_an_error(void)
{
	fake.capacity_bytes = 5000;
	fake.writes_short = true;
}

static void full_and_nothing_can_be_deleted(void)
{
	fake.capacity_bytes = 5000;
	fake.stays = true;
}

static const struct {
	const char *rule;
	void (*arrange)(void);
	const char *says;
} troubles[] = {
	{ "a volume that is read only", read_only,
	  "no capture: \\bootmem\\captures\\0001.map cannot be written (WRITE_PROTECTED)\n" },
	{ "a driver that only reads", cannot_write,
	  "no capture: \\bootmem\\captures\\0001.map cannot be written (UNSUPPORTED)\n" },
	{ "a full volume", full,
	  "no capture: \\bootmem\\captures\\0001.map cannot be written (VOLUME_FULL)\n" },
	{ "a volume that fills up", nearly_full,
	  "no capture: \\bootmem\\captures\\0001.map cannot be written (VOLUME_FULL)\n" },
	{ "without saying so", full_without_an_error,
	  "no capture: \\bootmem\\captures\\0001.map cannot be written (VOLUME_FULL)\n" },
	{ "a file that cannot be deleted either", full_and_nothing_can_be_deleted,
	  "no capture: \\bootmem\\captures\\0001.map cannot be written (VOLUME_FULL)\n" },
};

static void a_boot_goes_on_without_its_capture(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(troubles); i++) {
		machine("");
		troubles[i].arrange();
		take(troubles[i].rule);
		must_say(troubles[i].rule, troubles[i].says);
		assert_true(boot.comparison.saved != EFI_SUCCESS);
		must_be(troubles[i].rule, "kind", boot.comparison.kind, COMPARISON_FIRST);
		assert_null(fake_find_file(FAKE_CAPTURES "\\0001.map"));
		if (!fake.stays)
			assert_null(fake_find_file(FAKE_CAPTURES "\\0001.new"));
	}
}

static void a_volume_that_is_read_only_is_compared_with(void **state)
{
	(void)state;
	machine("");
	take("first");
	fake.is_read_only = true;
	take("read only");
	must_say("read only", "0002.map cannot be written (WRITE_PROTECTED)\n");
	must_be("read only", "kind", boot.comparison.kind, COMPARISON_UNCHANGED);
	must_be("read only", "saved", boot.comparison.saved, EFI_WRITE_PROTECTED);
	must_be("read only", "number", boot.comparison.now.number, 0);
}

/* Whatever is in it: it is not read as what a folder lists. */
static void a_file_in_the_place_of_a_folder_is_trouble(void **state)
{
	static const char *const folders[] = { FAKE_CAPTURES, "\\bootmem" };

	(void)state;
	memset(newlines, '0', sizeof newlines);
	for (size_t i = 0; i < N_OF(folders); i++) {
		machine("");
		fake_add_file(folders[i], newlines, sizeof newlines);
		take(folders[i]);
		must_say(folders[i], "warning: no capture: a file is where the folder "
		                     "\\bootmem\\captures has to be: rename it\n");
		assert_string_equal(page_why_not_saved(boot.comparison.saved),
		                    "a file is where the folder bootmem\\captures has to be");
		assert_int_equal(fake_find_file(folders[i])->first_unread, 0);
	}
}

static void what_is_there_is_never_written_over(void **state)
{
	EFI_FILE_HANDLE file;

	(void)state;
	machine("");
	take("first");
	assert_int_equal(volume_create(boot.root, FAKE_CAPTURES "\\0001.map", &file),
	                 EFI_ACCESS_DENIED);
	assert_int_equal(fake_open_files(), 1);
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0001.map")));
	fake_find_file(FAKE_CAPTURES "\\0001.map")->open_error = EFI_DEVICE_ERROR;
	assert_int_equal(volume_create(boot.root, FAKE_CAPTURES "\\0001.map", &file),
	                 EFI_DEVICE_ERROR);
}

/* Is all that had been written before there, in the folder or under a second name? */
static void must_have_kept(const char *rule, const char *path, const char *text)
{
	const char *is = text_of(path);

	if (is == NULL || strcmp(is, text) != 0)
		fail_msg("%s: %s is lost", rule, path);
}

/* The step, and another label, with their call @n failing (or all from there on), in a volume with
 * two captures. False if there is no such call. */
static bool take_without_call(size_t n, bool stays, bool is_pulled_out)
{
	static char texts[2][MOST_TEXT];
	const char *text;
	char rule[64];

	machine("label = old\n");
	take("first");
	acpi_moves();
	plan();
	take("second");
	strcpy(texts[0], text_of(FAKE_CAPTURES "\\0001.map"));
	strcpy(texts[1], text_of(FAKE_CAPTURES "\\0002.map"));
	fake.stays = stays;
	fake.is_pulled_out = is_pulled_out;
	fake.fail_call = fake.n_failable + n;
	fake.fail_status = is_pulled_out ? EFI_NO_MEDIA : EFI_DEVICE_ERROR;
	snprintf(rule, sizeof rule, "call %u fails", (unsigned)n);
	take(rule);
	must_have_kept(rule, FAKE_CAPTURES "\\0001.map", texts[0]);
	must_have_kept(rule, FAKE_CAPTURES "\\0002.map", texts[1]);
	text = text_of(FAKE_CAPTURES "\\0003.map");
	if (boot.comparison.saved == EFI_SUCCESS && (text == NULL || !is_whole(text)))
		fail_msg("%s: %s: no file", rule, fake_service_names[fake.failed]);
	if (boot.comparison.saved != EFI_SUCCESS && !says("warning: no capture: "))
		fail_msg("%s: %s: no warning", rule, fake_service_names[fake.failed]);
	if (text != NULL && !is_whole(text) && !is_pulled_out && !stays)
		fail_msg("%s: %s: half a file", rule, fake_service_names[fake.failed]);
	if (boot.comparison.saved == EFI_SUCCESS &&
	    capture_set_label(&boot, "new") == EFI_SUCCESS) {
		text = text_of(FAKE_CAPTURES "\\0003.map");
		if (text == NULL || !is_whole(text) || strstr(text, "\nlabel new\n") == NULL)
			fail_msg("%s: %s: no label", rule, fake_service_names[fake.failed]);
	}
	must_have_kept(rule, FAKE_CAPTURES "\\0001.map", texts[0]);
	must_have_kept(rule, FAKE_CAPTURES "\\0002.map", texts[1]);
	if (fake_open_files() != 1 || fake.violation != NULL)
		fail_msg("%s: %s: %s", rule, fake_service_names[fake.failed], fake.violation);
	return fake.failed != FAKE_SERVICES;
}

/* What every driver of a file system can do besides is not sure. */
static void a_driver_need_not_know_how_to_flush(void **state)
{
	(void)state;
	machine("");
	fake.flush_error = EFI_UNSUPPORTED;
	take("flush");
	must_be("flush", "saved", boot.comparison.saved, EFI_SUCCESS);
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0001.map")));
}

static void every_call_may_fail(void **state)
{
	(void)state;
	for (size_t n = 1; take_without_call(n, false, false); n++)
		;
	for (size_t n = 1; take_without_call(n, true, false); n++)
		;
	for (size_t n = 1; take_without_call(n, false, true); n++)
		;
}

/* The power cut. */

static bool volatile has_taken, has_label;

/* A boot that leaves a capture, and gives it a label, up to the @n-th change of the volume. True if
 * there were fewer. */
static bool boot_until(size_t n, bool is_lazy, bool cannot_rename)
{
	next_boot();
	acpi_grows();
	plan();
	fake.is_lazy = is_lazy;
	fake.cannot_rename = cannot_rename;
	fake.cut_change = n;
	has_taken = has_label = false;
	if (setjmp(fake.end) != FAKE_RUNNING)
		return false;
	take_capture(&boot);
	has_taken = true;
	capture_set_label(&boot, "new");
	has_label = true;
	return true;
}

static void check_after_cut(const char *rule)
{
	const char *text;
	unsigned n = 0;

	next_boot();
	take(rule);
	for (size_t i = 0; i < fake.n_files; i++)
		if (!fake.files[i].is_deleted && strstr(fake.files[i].path, ".new") != NULL)
			fail_msg("%s: %s is left", rule, fake.files[i].path);
	text = text_of(FAKE_CAPTURES "\\0003.map");
	n = text != NULL && boot.comparison.now.number != 3;
	if (has_taken && n == 0)
		fail_msg("%s: the capture is lost", rule);
	must_be(rule, "damaged", boot.comparison.n_damaged, 0);
	must_be(rule, "boots", boot.comparison.n_boots, 3 + n);
	must_be(rule, "kind", boot.comparison.kind,
	        n > 0 ? COMPARISON_CHANGED : COMPARISON_UNCHANGED);
	if (has_label && strstr(text, "\nlabel new\n") == NULL)
		fail_msg("%s: the label is lost", rule);
}

static void the_power_may_be_cut_at_any_change(void **state)
{
	static char texts[2][MOST_TEXT];

	(void)state;
	for (unsigned how = 0; how < 4; how++) {
		bool is_done = false;

		for (size_t n = 1; !is_done; n++) {
			char rule[64];

			machine("");
			take("first");
			take("second");
			strcpy(texts[0], text_of(FAKE_CAPTURES "\\0001.map"));
			strcpy(texts[1], text_of(FAKE_CAPTURES "\\0002.map"));
			is_done = boot_until(n, how & 1, how & 2);
			snprintf(rule, sizeof rule, "way %u, cut at change %u", how, (unsigned)n);
			must_have_kept(rule, FAKE_CAPTURES "\\0001.map", texts[0]);
			must_have_kept(rule, FAKE_CAPTURES "\\0002.map", texts[1]);
			check_after_cut(rule);
			must_have_kept(rule, FAKE_CAPTURES "\\0001.map", texts[0]);
			must_have_kept(rule, FAKE_CAPTURES "\\0002.map", texts[1]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capture_says_what_there_is),
		cmocka_unit_test(what_is_not_known_has_no_line),
		cmocka_unit_test(a_variable_may_have_any_size),
		cmocka_unit_test(a_clock_may_be_wrong),
		cmocka_unit_test(too_many_configuration_tables_are_none),
		cmocka_unit_test(what_the_cpu_says_of_memory_is_told),
		cmocka_unit_test(the_memory_attributes_table_is_told),
		cmocka_unit_test(windows_of_bridges_are_told),
		cmocka_unit_test(a_table_with_secrets_has_no_checksum),
		cmocka_unit_test(what_is_set_aside_is_in_the_footprint),
		cmocka_unit_test(a_boot_without_a_kernel_has_a_capture),
		cmocka_unit_test(a_target_without_a_bitmap_says_why),
		cmocka_unit_test(the_next_number_is_taken),
		cmocka_unit_test(a_configuration_may_want_none),
		cmocka_unit_test(a_boot_is_compared_with_the_last_one),
		cmocka_unit_test(all_boots_of_this_machine_count),
		cmocka_unit_test(what_else_differs_is_told),
		cmocka_unit_test(a_damaged_capture_is_passed_over),
		cmocka_unit_test(nothing_but_damaged_captures_is_no_first_boot),
		cmocka_unit_test(a_directory_may_have_the_name_of_a_capture),
		cmocka_unit_test(captures_of_others_are_not_compared_with),
		cmocka_unit_test(a_limit_to_ram_is_no_change),
		cmocka_unit_test(the_index_can_be_made_anew),
		cmocka_unit_test(the_index_is_used),
		cmocka_unit_test(an_index_that_lies_is_made_anew),
		cmocka_unit_test(the_other_map_is_looked_for_further_back),
		cmocka_unit_test(five_hundred_captures_are_read_once),
		cmocka_unit_test(a_folder_may_contain_itself),
		cmocka_unit_test(an_entry_without_a_name_ends_nothing),
		cmocka_unit_test(the_label_can_be_changed),
		cmocka_unit_test(a_label_that_cannot_be_written_is_not_there),
		cmocka_unit_test(a_driver_need_not_know_how_to_rename),
		cmocka_unit_test(second_names_are_tidied_up),
		cmocka_unit_test(an_error_is_left_for_later),
		cmocka_unit_test(a_boot_goes_on_without_its_capture),
		cmocka_unit_test(a_volume_that_is_read_only_is_compared_with),
		cmocka_unit_test(a_file_in_the_place_of_a_folder_is_trouble),
		cmocka_unit_test(what_is_there_is_never_written_over),
		cmocka_unit_test(a_driver_need_not_know_how_to_flush),
		cmocka_unit_test(every_call_may_fail),
		cmocka_unit_test(the_power_may_be_cut_at_any_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
