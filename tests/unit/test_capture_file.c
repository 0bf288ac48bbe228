/*
 * test_capture_file.c - the step that writes a capture and compares it with the last one, against a
 * made-up firmware: what is in the file, what it is called, what is said; and every call of the
 * firmware failing in turn, after which a file is whole or not there.
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
		"\x01\x1b\x00\x00\x01\x02\x00\x03MINE-unique-id-.\x06\x03\x03"
		"ACME\x00"
		"Anvil \xff\x0a!\x00"
		"MINE-serial\x00\x00"
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

static void machine(const char *conf)
{
	struct config_error error;

	if (!fake_firmware_init()) {
		print_message("no memory of the host's at the addresses that this test needs\n");
		skip();
	}
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
	assert_int_equal(survey(&boot), EFI_SUCCESS);
	boot.plan.booted = &boot.plan.amd64;
	boot.handed.kernel.span = (struct span){ 0x10000000, 0x10001234 };
	plan();
}

/* The step, and what holds whatever happens in it. */
static void take(const char *rule)
{
	uint64_t n_claimed_pages = fake.n_claimed_pages;
	unsigned n_claims = boot.memory.n_claims;

	fake.console_bytes = 0;
	fake.console[0] = '\0';
	if (take_capture(&boot) != EFI_SUCCESS)
		fail_msg("%s: an error", rule);
	if (fake.n_claimed_pages != n_claimed_pages || boot.memory.n_claims != n_claims)
		fail_msg("%s: memory was not given back", rule);
	if (fake_open_files() != 1) /* the root */
		fail_msg("%s: a file is still open", rule);
	if (fake.violation != NULL)
		fail_msg("%s: %s", rule, fake.violation);
}

static bool says(const char *text)
{
	return strstr(fake.console, text) != NULL;
}

/* On a console of 80 columns the next line begins when 80 are full. */
static void must_fit(const char *rule)
{
	const char *line = fake.console, *end;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1)
		if (end - line >= 80)
			fail_msg("%s: too long: %.*s", rule, (int)(end - line), line);
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
	"\nsystem-vendor ACME\n",
	"\nsystem-product Anvil ?\?!\n",
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
	must_say("first", "Capture of this boot: \\bootmem\\captures\\0001.map\n");
	must_say("first", "No earlier capture of this machine to compare with\n");
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
			fake_add_file(paths[j], "", 0);
		}
		take(names[i].rule);
		if (names[i].made == NULL) {
			must_say(names[i].rule, "9999.map is the last one that there can be");
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
}

/* What is said about the last one. */

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

static void acpi_grows_both_ways(void)
{
	fake_set_pages(ACPI_PADDR - 0x1000, ACPI_PADDR, EfiACPIReclaimMemory);
	fake_set_pages(ACPI_PADDR + 0x10000, ACPI_PADDR + 0x12000, EfiACPIReclaimMemory);
}

static void acpi_shrinks(void)
{
	fake_set_pages(ACPI_PADDR + 0xd000, ACPI_PADDR + 0x10000, EfiConventionalMemory);
}

static void acpi_becomes_nvs(void)
{
	fake_set_pages(ACPI_PADDR, ACPI_PADDR + 0x10000, EfiACPIMemoryNVS);
}

static void nvs_appears(void)
{
	fake_set_pages(ACPI_PADDR + 0x10000, ACPI_PADDR + 0x11000, EfiACPIMemoryNVS);
}

static void many_ranges(void)
{
	for (paddr_t paddr = 0x12000000; paddr < 0x12000000 + 11 * 0x4000; paddr += 0x4000)
		fake_set_pages(paddr, paddr + 0x1000, EfiReservedMemoryType);
}

static void less_ram(void)
{
	fake_set_pages(0x13ff0000, FAKE_RAM_END_PADDR, EfiUnusableMemory);
}

static void mmio_appears(void)
{
	fake_set_pages(0x12000000, 0x12001000, EfiMemoryMappedIO);
}

static void runtime_memory_grows(void)
{
	fake_set_pages(SMBIOS_PADDR, SMBIOS_PADDR + 0x2000, EfiRuntimeServicesData);
}

static void runtime_memory_vanishes(void)
{
	fake_set_pages(SMBIOS_PADDR, SMBIOS_PADDR + 0x1000, EfiBootServicesData);
}

static const struct {
	const char *rule;
	void (*change)(void);
	const char *says, *says_too;
	bool can_resume;
} comparisons[] = {
	{ "nothing has changed", same_map_again, "Compared with 0001.map: all ",
	  " ranges are the same\n", true },
	{ "a range moved", acpi_moves, ": 1 change in ",
	  "  ACPI data 0x13f00000-0x13f10000 moved by -2 pages to 0x13efe000\n", false },
	{ "a range grew", acpi_grows, ": 1 change in ",
	  "  ACPI data 0x13f00000-0x13f10000 grew by 1 page, starts at 0x13eff000\n", false },
	{ "a range grew both ways", acpi_grows_both_ways, ": 1 change in ",
	  "  ACPI data 0x13f00000-0x13f10000 grew by 3 pages to 0x13eff000-0x13f12000\n", false },
	{ "a range shrank", acpi_shrinks, ": 1 change in ",
	  "  ACPI data 0x13f00000-0x13f10000 shrank by 3 pages, ends at 0x13f0d000\n", false },
	{ "a range has another type", acpi_becomes_nvs, ": 1 change in ",
	  "  ACPI data 0x13f00000-0x13f10000 is ACPI NVS now, 16 pages\n", false },
	{ "a range appeared", nvs_appears, "Compared with 0001.map: 1 change in ",
	  "  ACPI NVS 0x13f10000-0x13f11000 appeared, 1 page\n", false },
	{ "a range appeared at the end", less_ram, ": 1 change in ",
	  "  unusable 0x13ff0000-0x14000000 appeared, 16 pages\n", false },
	{ "whose it is, by this map", mmio_appears, ": 1 change in ",
	  "  reserved 0x12000000-0x12001000 appeared, 1 page (MMIO)\n", false },
	{ "whose it was, by the last one", runtime_memory_vanishes, ": 1 change in ",
	  "  reserved 0x13e00000-0x13e01000 vanished, 1 page (runtime services data)\n", false },
	{ "not where there is no room", runtime_memory_grows, ": 1 change in ",
	  "  reserved 0x13e00000-0x13e01000 grew by 1 page, ends at 0x13e02000\n", false },
	{ "more than fit", many_ranges, ": 11 changes in ", "\n  and 3 more\n", false },
};

static void a_boot_is_compared_with_the_last_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(comparisons); i++) {
		const char *rule = comparisons[i].rule;

		machine("");
		take(rule);
		comparisons[i].change();
		plan();
		take(rule);
		must_say(rule, "Capture of this boot: \\bootmem\\captures\\0002.map\n");
		must_say(rule, comparisons[i].says);
		must_say(rule, comparisons[i].says_too);
		must_say(rule, comparisons[i].can_resume ? "Linux would find the same map (0x"
		                                         : "Linux would find another map (0x");
		must_say(rule, comparisons[i].can_resume
		                       ? ", and may resume from hibernation\n"
		                       : "and would not resume from hibernation\n");
		must_say(rule, "Owners and causes: mapdiff 0001.map 0002.map\n");
		must_fit(rule);
		if (says("usable 0x1") && strstr(comparisons[i].says_too, "unusable") == NULL)
			fail_msg("%s: a consequence is told:\n%s", rule, fake.console);
	}
}

/* Of the capture with this number, in a volume where 0001.map is good. */
static void add_copy(unsigned number, uint64_t n_bytes, char damage)
{
	static char copies[16][MOST_TEXT];
	static char paths[16][64];
	const char *text = text_of(FAKE_CAPTURES "\\0001.map");

	memcpy(copies[number], text, strlen(text));
	copies[number][20] ^= damage;
	snprintf(paths[number], sizeof paths[number], FAKE_CAPTURES "\\%04u.map", number);
	fake_add_file(paths[number], copies[number], min_u64(n_bytes, strlen(text)));
}

static void a_damaged_capture_is_passed_over(void **state)
{
	(void)state;
	machine("");
	take("first");
	add_copy(2, UINT64_MAX, 0);
	add_copy(3, UINT64_MAX, 1);
	add_copy(4, 1000, 0);
	add_copy(5, 0, 0);
	add_copy(6, UINT64_MAX, 0);
	fake.files[fake.n_files - 1].open_error = EFI_DEVICE_ERROR;
	add_copy(7, UINT64_MAX, 0);
	fake.files[fake.n_files - 1].n_readable_bytes = 100;
	add_copy(8, UINT64_MAX, 0);
	fake.files[fake.n_files - 1].n_bytes = UINT64_C(1) << 40;
	take("damaged");
	must_say("cut off", "\\0004.map is damaged, and not compared with\n");
	must_say("a bit", "\\0003.map is damaged, and not compared with\n");
	must_say("empty", "\\0005.map is damaged, and not compared with\n");
	must_say("cannot be opened", "\\0006.map cannot be compared with (DEVICE_ERROR)\n");
	must_say("ends early", "\\0007.map cannot be compared with (END_OF_FILE)\n");
	must_say("huge", "\\0008.map cannot be compared with (OUT_OF_RESOURCES)\n");
	must_say("good", "Compared with 0002.map: all ");
	must_say("new", "0009.map\n");
}

static void not_all_captures_that_ever_were_are_tried(void **state)
{
	(void)state;
	for (int is_listed_downwards = 0; is_listed_downwards < 2; is_listed_downwards++) {
		machine("");
		take("first");
		for (unsigned i = 0; i < 10; i++)
			add_copy(is_listed_downwards ? 11 - i : 2 + i, UINT64_MAX, 1);
		take("damaged");
		must_say("the first", "\\0011.map is damaged");
		must_say("the eighth", "\\0004.map is damaged");
		assert_false(says("\\0003.map is damaged"));
		assert_false(says("Compared with"));
	}
}

static void a_directory_may_have_the_name_of_a_capture(void **state)
{
	(void)state;
	machine("");
	take("first");
	fake_add_file(FAKE_CAPTURES "\\0005.map", NULL, 0)->is_directory = true;
	take("directory");
	must_say("directory", "\\0005.map cannot be compared with (NOT_FOUND)\n");
	must_say("directory", "Compared with 0001.map: all ");
	assert_non_null(fake_find_file(FAKE_CAPTURES "\\0006.map"));
}

/* The text of 0001.map with another word in it, under its checksum. */
static void change_first(const char *from, const char *to)
{
	static char text[MOST_TEXT];
	struct fake_file *file = fake_find_file(FAKE_CAPTURES "\\0001.map");
	const char *old = text_of(FAKE_CAPTURES "\\0001.map"), *at = strstr(old, from);
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

/* Who made that capture had a type of its own there. */
static void a_type_without_a_name_has_its_number(void **state)
{
	(void)state;
	machine("");
	take("first");
	change_first(" 3 ACPI data\n", " 20 type\n");
	take("a type without a name");
	must_say("number", "  type 20 0x13f00000-0x13f10000 is ACPI data now, 16 pages\n");
}

static const struct {
	const char *rule, *from, *to, *says;
	bool is_compared;
} others[] = {
	{ "a later format", "capture 1\n", "capture 2\n",
	  "warning: \\bootmem\\captures\\0001.map is of a later bootmem, and not compared with\n",
	  false },
	{ "another model", "product Anvil", "product Hammer",
	  "\nOf another machine: \\bootmem\\captures\\0001.map\n", false },
	{ "a name that goes on", "product Anvil ?\?!", "product Anvil ?\?! 2",
	  "\nOf another machine: \\bootmem\\captures\\0001.map\n", false },
	{ "a machine without a name", "system-vendor ACME\n", "",
	  "\nOf another machine: \\bootmem\\captures\\0001.map\n", false },
	{ "another width", "bits 64\n", "bits 32\n",
	  "\nOf another machine: \\bootmem\\captures\\0001.map\n", false },
	{ "another firmware of the machine", "firmware-vendor fake", "firmware-vendor true",
	  "\nCompared with 0001.map: all ", true },
	{ "a line that ends in CR LF", "system-vendor ACME\n", "system-vendor ACME\r\n",
	  "\nCompared with 0001.map: all ", true },
};

static void captures_of_others_are_not_compared_with(void **state)
{
	const char *bits = sizeof(UINTN) == 8 ? "bits 64\n" : "bits 32\n";

	(void)state;
	for (size_t i = 0; i < N_OF(others); i++) {
		bool is_width = strstr(others[i].from, "bits") != NULL;

		machine("");
		take("first");
		change_first(is_width ? bits : others[i].from,
		             is_width ? "bits 16\n" : others[i].to);
		take(others[i].rule);
		must_say(others[i].rule, others[i].says);
		must_say(others[i].rule, others[i].is_compared
		                                 ? "Owners and causes: mapdiff 0001.map 0002.map\n"
		                                 : "No earlier capture of this machine");
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
	must_say("less RAM", "Compared with 0001.map: all ");
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0002.map")));
	assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0002.map"), "\nmem-limit 0x12000000\n"));
	assert_non_null(strstr(text_of(FAKE_CAPTURES "\\0002.map"), "\nmax-pfn amd64 0x12000\n"));
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
	  "warning: \\bootmem\\captures\\0001.map is damaged, and cannot be deleted\n" },
};

static void a_boot_goes_on_without_its_capture(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(troubles); i++) {
		machine("");
		troubles[i].arrange();
		take(troubles[i].rule);
		must_say(troubles[i].rule, troubles[i].says);
		assert_false(says("Capture of this boot"));
		if (!fake.stays)
			assert_null(fake_find_file(FAKE_CAPTURES "\\0001.map"));
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
	must_say("read only", "Compared with 0001.map: all ");
}

static void a_file_in_the_place_of_the_folder_is_trouble(void **state)
{
	(void)state;
	machine("");
	fake_add_file(FAKE_CAPTURES, "", 0);
	take("a file for a folder");
	must_say("a file for a folder",
	         "\\0001.map cannot be written (\\bootmem\\captures is a file)\n");
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

/* The step with its call @n failing, in a volume with one capture. False if there is no such. */
static bool take_without_call(size_t n, bool stays)
{
	const char *text;
	bool is_written;
	char rule[64];

	machine("");
	take("first");
	fake.stays = stays;
	fake.fail_call = fake.n_failable + n;
	snprintf(rule, sizeof rule, "call %u fails", (unsigned)n);
	take(rule);
	if (fake.failed == FAKE_SERVICES)
		return false;
	text = text_of(FAKE_CAPTURES "\\0002.map");
	if (fake.failed == FAKE_WRITE || fake.failed == FAKE_FLUSH ||
	    fake.failed == FAKE_CLOSE_WRITTEN) /* whatever is in the file */
		is_written = false;
	else
		is_written = text != NULL && is_whole(text);
	if (!is_written && !says("warning: no capture: "))
		fail_msg("%s: %s: no warning", rule, fake_service_names[fake.failed]);
	if (!is_written && text != NULL && !says("cannot be deleted\n"))
		fail_msg("%s: %s: the file is there", rule, fake_service_names[fake.failed]);
	return true;
}

/* What every driver of a file system can do besides is not sure. */
static void a_driver_need_not_know_how_to_flush(void **state)
{
	(void)state;
	machine("");
	fake.flush_error = EFI_UNSUPPORTED;
	take("flush");
	must_say("flush", "Capture of this boot: \\bootmem\\captures\\0001.map\n");
	assert_true(is_whole(text_of(FAKE_CAPTURES "\\0001.map")));
}

static void every_call_may_fail(void **state)
{
	(void)state;
	for (size_t n = 1; take_without_call(n, false); n++)
		;
	for (size_t n = 1; take_without_call(n, true); n++)
		;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capture_says_what_there_is),
		cmocka_unit_test(what_is_not_known_has_no_line),
		cmocka_unit_test(a_variable_may_have_any_size),
		cmocka_unit_test(a_clock_may_be_wrong),
		cmocka_unit_test(too_many_configuration_tables_are_none),
		cmocka_unit_test(a_table_with_secrets_has_no_checksum),
		cmocka_unit_test(what_is_set_aside_is_in_the_footprint),
		cmocka_unit_test(a_target_without_a_bitmap_says_why),
		cmocka_unit_test(the_next_number_is_taken),
		cmocka_unit_test(a_configuration_may_want_none),
		cmocka_unit_test(a_boot_is_compared_with_the_last_one),
		cmocka_unit_test(a_type_without_a_name_has_its_number),
		cmocka_unit_test(a_damaged_capture_is_passed_over),
		cmocka_unit_test(not_all_captures_that_ever_were_are_tried),
		cmocka_unit_test(a_directory_may_have_the_name_of_a_capture),
		cmocka_unit_test(captures_of_others_are_not_compared_with),
		cmocka_unit_test(a_limit_to_ram_is_no_change),
		cmocka_unit_test(a_boot_goes_on_without_its_capture),
		cmocka_unit_test(a_volume_that_is_read_only_is_compared_with),
		cmocka_unit_test(a_file_in_the_place_of_the_folder_is_trouble),
		cmocka_unit_test(what_is_there_is_never_written_over),
		cmocka_unit_test(a_driver_need_not_know_how_to_flush),
		cmocka_unit_test(every_call_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
