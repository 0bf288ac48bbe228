/* test_extensions.c - facts about a machine -> what policy safe reserves beyond Linux 2.6.24. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "x86/extensions.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MOST         32
#define STRIDE       48
#define WB           UEFI_MEMORY_WB
#define RUNTIME      (UEFI_MEMORY_WB | UEFI_MEMORY_RUNTIME)

static struct reservation entries[MOST];
static struct reservation_list list;
static uint8_t wire[MOST * STRIDE];
static struct uefi_map uefi_map;
static struct extension_facts facts;

static void start(void)
{
	list = (struct reservation_list){ entries, 0, MOST, 0 };
	uefi_map = (struct uefi_map){ wire, 0, STRIDE };
	facts = (struct extension_facts){ .uefi_map = &uefi_map };
}

static void add_descriptor(uint32_t type, uint64_t attribute, paddr_t start_paddr, uint64_t n_pages)
{
	struct uefi_descriptor descriptor = { type, 0, start_paddr, 0, n_pages, attribute };

	assert_true(uefi_map.map_bytes + STRIDE <= sizeof wire);
	memset(wire + uefi_map.map_bytes, 0xa5, STRIDE);
	memcpy(wire + uefi_map.map_bytes, &descriptor, sizeof descriptor);
	uefi_map.map_bytes += STRIDE;
}

/* Every entry has what all have, and there are no more than was said. */
static void collect(void)
{
	extensions_collect(&facts, &list);
	assert_int_equal(list.n_lost, 0);
	assert_true(list.n_entries <= extensions_most(&facts, uefi_map_count(&uefi_map)));
	for (size_t i = 0; i < list.n_entries; i++) {
		assert_true(entries[i].start_paddr < entries[i].end_paddr);
		assert_true(entries[i].owner[0] != '\0' && entries[i].reason[0] != '\0');
	}
}

static void check_entry(size_t index, enum reservation_kind kind, paddr_t start_paddr,
                        paddr_t end_paddr, const char *owner)
{
	assert_true(index < list.n_entries);
	assert_int_equal(entries[index].kind, kind);
	assert_int_equal(entries[index].origin, ORIGIN_EXTENSION);
	assert_int_equal(entries[index].start_paddr, start_paddr);
	assert_int_equal(entries[index].end_paddr, end_paddr);
	assert_string_equal(entries[index].owner, owner);
}

/* --- facts one by one; entry 0 is always the VGA window --- */

static void the_vga_window_is_no_ram_on_any_machine(void **state)
{
	(void)state;
	start();
	collect();
	assert_int_equal(list.n_entries, 1);
	check_entry(0, RESERVATION_LOW_MEMORY, 0xa0000, 0x100000, "VGA and option ROMs");
	assert_int_equal(entries[0].lifetime, LIFETIME_FOREVER);
}

static void every_acpi_table_is_one_by_its_own_name(void **state)
{
	static const struct acpi_table tables[] = {
		{ 0x7e000, 36, "RSDP", 2, true, "the EFI configuration table" },
		{ 0x123457, 0x1001, "FACP", 6, true, "XSDT" },
		{ UINT64_C(0x100000000), 244, "SSDT", 2, false, "XSDT" },
		{ 0x200000, 0x40000, "BGRT image", 0, true, "BGRT" },
		{ 0x300000, 0, "NONE", 0, true, "XSDT" },
	};

	(void)state;
	start();
	facts.acpi_tables = tables;
	facts.n_acpi_tables = COUNT(tables);
	collect();
	assert_int_equal(list.n_entries, 1 + 4); /* not the empty one */
	check_entry(1, RESERVATION_ACPI, 0x7e000, 0x7e024, "ACPI RSDP");
	check_entry(2, RESERVATION_ACPI, 0x123457, 0x124458, "ACPI FACP");
	check_entry(3, RESERVATION_ACPI, UINT64_C(0x100000000), UINT64_C(0x1000000f4), "ACPI SSDT");
	check_entry(4, RESERVATION_ACPI, 0x200000, 0x240000, "ACPI BGRT image");
	assert_string_equal(entries[2].reason, "found through XSDT");
	assert_string_equal(entries[3].reason, "wrong checksum; found through XSDT");
	assert_int_equal(entries[1].lifetime, LIFETIME_ACPI);
}

static void a_reason_that_is_too_long_is_cut(void **state)
{
	static const char long_text[] = "0123456789012345678901234567890123456789"
					"0123456789012345678901234567890123456789";
	static const struct acpi_table table = { 0x1000, 1, "FACP", 1, true, long_text };

	(void)state;
	start();
	facts.acpi_tables = &table;
	facts.n_acpi_tables = 1;
	collect();
	assert_int_equal(strlen(entries[1].reason), RESERVATION_REASON_BYTES - 1);
	assert_true(strncmp(entries[1].reason, "found through 0123", 18) == 0);
}

static void smbios_is_what_of_it_is_known(void **state)
{
	static const struct smbios smbios[] = {
		{ { 0xf0000, 0xf001f }, { 0x9e000, 0x9e800 } }, /* _SM_ */
		{ { 0x500000, 0x500018 }, { 0, 0 } },           /* _SM3_, table not readable */
	};

	(void)state;
	start();
	facts.smbios = smbios;
	facts.n_smbios = COUNT(smbios);
	collect();
	assert_int_equal(list.n_entries, 1 + 3);
	check_entry(1, RESERVATION_SMBIOS, 0xf0000, 0xf001f, "SMBIOS entry point");
	check_entry(2, RESERVATION_SMBIOS, 0x9e000, 0x9e800, "SMBIOS structures");
	check_entry(3, RESERVATION_SMBIOS, 0x500000, 0x500018, "SMBIOS entry point");
}

static void the_screen_is_kept_for_ever(void **state)
{
	(void)state;
	start();
	facts.framebuffer = (struct span){ 0x80000000, 0x80300000 };
	collect();
	assert_int_equal(list.n_entries, 2);
	check_entry(1, RESERVATION_FRAMEBUFFER, 0x80000000, 0x80300000, "framebuffer");
	assert_int_equal(entries[1].lifetime, LIFETIME_FOREVER);
}

static void what_is_configured_comes_last_as_it_is(void **state)
{
	static const struct reservation configured[] = {
		{ .start_paddr = 0x5001,
		  .end_paddr = 0x6002,
		  .kind = RESERVATION_CONFIGURED,
		  .owner = "configuration",
		  .reason = "bad RAM" },
		{ .start_paddr = 0x5000,
		  .end_paddr = 0x5000,
		  .kind = RESERVATION_CONFIGURED,
		  .owner = "configuration",
		  .reason = "nothing" },
	};

	(void)state;
	start();
	facts.configured = configured;
	facts.n_configured = COUNT(configured);
	facts.framebuffer = (struct span){ 0x80000000, 0x80300000 };
	collect();
	assert_int_equal(list.n_entries, 3);
	assert_memory_equal(&entries[2], &configured[0], sizeof configured[0]);
}

/* --- descriptors --- */

/* clang-format off */

/* Runs are written "start-end" in pages, those of runtime services first. */
static const struct {
	const char *rule;
	bool keeps_boot_services;
	struct { uint32_t type; uint64_t attribute; paddr_t start_paddr; uint64_t n_pages; } map[6];
	size_t n;
	const char *runs;
} descriptor_rows[] = {
	{ "no map", true, { { 0, 0, 0, 0 } }, 0, "" },
	{ "free memory is nobody's", true,
	  { { UEFI_CONVENTIONAL, WB, 0x1000, 2 }, { UEFI_LOADER_DATA, WB, 0x3000, 1 } }, 2, "" },
	{ "what starts at address 0 counts", false,
	  { { UEFI_RUNTIME_SERVICES_DATA, RUNTIME, 0, 1 } }, 1, "R0-1" },
	{ "runtime services by type, by attribute, and both", false,
	  { { UEFI_RUNTIME_SERVICES_CODE, WB, 0x1000, 1 },
	    { UEFI_MMIO, UEFI_MEMORY_RUNTIME, 0x3000, 1 },
	    { UEFI_RUNTIME_SERVICES_DATA, RUNTIME, 0x5000, 1 } }, 3, "R1-2 R3-4 R5-6" },
	{ "touching descriptors are one run", false,
	  { { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x1000, 1 },
	    { UEFI_RUNTIME_SERVICES_DATA, RUNTIME, 0x2000, 2 },
	    { UEFI_RESERVED, RUNTIME, 0x4000, 1 } }, 3, "R1-5" },
	{ "with another between them they are two", false,
	  { { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x1000, 1 },
	    { UEFI_CONVENTIONAL, WB, 0x2000, 1 },
	    { UEFI_RUNTIME_SERVICES_DATA, RUNTIME, 0x3000, 1 } }, 3, "R1-2 R3-4" },
	{ "downward they are not one run, and none is lost", false,
	  { { UEFI_RUNTIME_SERVICES_DATA, RUNTIME, 0x3000, 1 },
	    { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x2000, 1 },
	    { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x1000, 1 } }, 3, "R3-4 R2-3 R1-2" },
	{ "descriptors of nothing break no run", false,
	  { { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x1000, 1 },
	    { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x8000, 0 },
	    { UEFI_RUNTIME_SERVICES_CODE, RUNTIME, 0x9000, UINT64_MAX },
	    { UEFI_RUNTIME_SERVICES_DATA, RUNTIME, 0x2000, 1 } }, 4, "R1-3" },
	{ "boot services are kept if that is asked for", true,
	  { { UEFI_BOOT_SERVICES_CODE, WB, 0x1000, 1 }, { UEFI_BOOT_SERVICES_DATA, WB, 0x2000, 1 },
	    { UEFI_CONVENTIONAL, WB, 0x3000, 1 }, { UEFI_BOOT_SERVICES_DATA, WB, 0x4000, 1 } }, 4,
	  "B1-3 B4-5" },
	{ "and else not", false,
	  { { UEFI_BOOT_SERVICES_CODE, WB, 0x1000, 1 }, { UEFI_BOOT_SERVICES_DATA, WB, 0x2000, 1 } }, 2,
	  "" },
	{ "boot services with the runtime attribute are the runtime's, and counted once", true,
	  { { UEFI_BOOT_SERVICES_DATA, RUNTIME, 0x1000, 1 },
	    { UEFI_BOOT_SERVICES_DATA, RUNTIME, 0x3000, 1 },
	    { UEFI_BOOT_SERVICES_DATA, RUNTIME, 0x5000, 1 },
	    { UEFI_BOOT_SERVICES_DATA, RUNTIME, 0x7000, 1 } }, 4, "R1-2 R3-4 R5-6 R7-8" },
};
/* clang-format on */

static void describe_runs(char *text, size_t bytes)
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 1; i < list.n_entries; i++) {
		assert_true(entries[i].kind == RESERVATION_RUNTIME ||
		            entries[i].kind == RESERVATION_BOOT_SERVICES);
		n += (size_t)snprintf(text + n, bytes - n, "%s%c%llx-%llx", n == 0 ? "" : " ",
		                      entries[i].kind == RESERVATION_RUNTIME ? 'R' : 'B',
		                      (unsigned long long)pfn_down(entries[i].start_paddr),
		                      (unsigned long long)pfn_up(entries[i].end_paddr));
		assert_true(n < bytes);
	}
}

static void touching_descriptors_of_one_kind_are_one_entry(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(descriptor_rows); i++) {
		char runs[200];

		start();
		facts.keep_boot_services = descriptor_rows[i].keeps_boot_services;
		for (size_t j = 0; j < descriptor_rows[i].n; j++)
			add_descriptor(descriptor_rows[i].map[j].type,
			               descriptor_rows[i].map[j].attribute,
			               descriptor_rows[i].map[j].start_paddr,
			               descriptor_rows[i].map[j].n_pages);
		extensions_collect(&facts, &list);
		describe_runs(runs, sizeof runs);
		if (strcmp(runs, descriptor_rows[i].runs) != 0)
			fail_msg("%s: %s, and not %s", descriptor_rows[i].rule, runs,
			         descriptor_rows[i].runs);
		if (list.n_entries > extensions_most(&facts, uefi_map_count(&uefi_map)))
			fail_msg("%s: more than the most", descriptor_rows[i].rule);
	}
}

/* --- room --- */

/* One of each kind, and the most descriptors: a list of the size that is said is never too small,
 * and what does not fit into a smaller one is counted. */
static void what_does_not_fit_is_counted(void **state)
{
	static const struct acpi_table table = { 0x1000, 36, "RSDP", 2, true, "here" };
	static const struct smbios smbios = { { 0xf0000, 0xf0018 }, { 0x9e000, 0x9e800 } };
	static const struct reservation configured = { .start_paddr = 1, .end_paddr = 2 };
	size_t most;

	(void)state;
	start();
	facts = (struct extension_facts){ &table,    1,    &smbios,     1, { 1, 2 },
		                          &uefi_map, true, &configured, 1 };
	for (uint64_t i = 0; i < 10; i++)
		add_descriptor(i % 2 == 0 ? UEFI_RUNTIME_SERVICES_DATA : UEFI_BOOT_SERVICES_DATA,
		               i % 3 == 0 ? RUNTIME : WB, i * 0x2000, 1);
	most = extensions_most(&facts, uefi_map_count(&uefi_map));
	assert_true(most <= MOST);
	for (size_t capacity = 0; capacity <= most; capacity++) {
		list = (struct reservation_list){ entries, 0, capacity, 0 };
		extensions_collect(&facts, &list);
		assert_int_equal(list.n_entries, capacity);
		assert_int_equal(list.n_entries + list.n_lost, most);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vga_window_is_no_ram_on_any_machine),
		cmocka_unit_test(every_acpi_table_is_one_by_its_own_name),
		cmocka_unit_test(a_reason_that_is_too_long_is_cut),
		cmocka_unit_test(smbios_is_what_of_it_is_known),
		cmocka_unit_test(the_screen_is_kept_for_ever),
		cmocka_unit_test(what_is_configured_comes_last_as_it_is),
		cmocka_unit_test(touching_descriptors_of_one_kind_are_one_entry),
		cmocka_unit_test(what_does_not_fit_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
