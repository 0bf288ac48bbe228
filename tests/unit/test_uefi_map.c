/*
 * test_uefi_map.c - the door: every UEFI type, every attribute that counts, every stride, and the
 * descriptors that describe nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "x86/uefi_map.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

#define WB UEFI_MEMORY_WB
#define RT UEFI_MEMORY_RUNTIME
#define SP UEFI_MEMORY_SP
#define UC UINT64_C(0x1)
#define XP UINT64_C(0x4000)

#define SOFT ((uint32_t)E820_SOFT_RESERVED)

static const struct {
	const char *rule;
	uint32_t type;
	uint64_t attribute;
	uint32_t e820;
} translated[] = {
	/* ACPI 6.5 Table 15.6, in the order of the types, with the attributes that are usual. */
	{ "reserved is reserved", UEFI_RESERVED, 0, E820_RESERVED },
	{ "loader code is RAM", UEFI_LOADER_CODE, WB, E820_RAM },
	{ "loader data is RAM", UEFI_LOADER_DATA, WB, E820_RAM },
	{ "boot services code is RAM", UEFI_BOOT_SERVICES_CODE, WB, E820_RAM },
	{ "boot services data is RAM", UEFI_BOOT_SERVICES_DATA, WB, E820_RAM },
	{ "runtime code is reserved", UEFI_RUNTIME_SERVICES_CODE, WB | RT, E820_RESERVED },
	{ "runtime data is reserved", UEFI_RUNTIME_SERVICES_DATA, WB | RT, E820_RESERVED },
	{ "conventional memory is RAM", UEFI_CONVENTIONAL, WB, E820_RAM },
	{ "unusable memory is unusable", UEFI_UNUSABLE, WB, E820_UNUSABLE },
	{ "ACPI reclaim is ACPI data", UEFI_ACPI_RECLAIM, WB, E820_ACPI },
	{ "ACPI NVS is NVS", UEFI_ACPI_NVS, WB, E820_NVS },
	{ "MMIO is reserved, to keep PCI off (row 22)", UEFI_MMIO, UC | RT, E820_RESERVED },
	{ "MMIO port space is reserved", UEFI_MMIO_PORT_SPACE, UC, E820_RESERVED },
	{ "PAL code is reserved", UEFI_PAL_CODE, WB, E820_RESERVED },
	{ "persistent memory is persistent", UEFI_PERSISTENT, WB, E820_PMEM },
	{ "unaccepted memory is not to be touched (row 20)", UEFI_UNACCEPTED, WB, E820_RESERVED },
	/* Row 21: numbers beyond the table. */
	{ "the first type without a meaning is reserved", 16, WB, E820_RESERVED },
	{ "the last one below OEM types is reserved", 0x6fffffff, WB, E820_RESERVED },
	{ "an OEM type is reserved", 0x70000000, WB, E820_RESERVED },
	{ "an OS loader type is reserved", 0x80000000, WB, E820_RESERVED },
	{ "the highest type is reserved", UINT32_MAX, WB, E820_RESERVED },
	{ "a number that is RAM in its low byte is reserved", 0x107, WB, E820_RESERVED },
	/* Row 17: not write-back is not RAM. */
	{ "RAM that only is uncacheable is reserved", UEFI_CONVENTIONAL, UC, E820_RESERVED },
	{ "RAM without any attribute is reserved", UEFI_CONVENTIONAL, 0, E820_RESERVED },
	{ "loader data without WB is reserved", UEFI_LOADER_DATA, 0x7, E820_RESERVED },
	{ "boot data without WB is reserved", UEFI_BOOT_SERVICES_DATA, 0x7, E820_RESERVED },
	{ "WB among many others is enough", UEFI_CONVENTIONAL, UINT64_C(0x800000f00f), E820_RAM },
	{ "WB and XP is RAM", UEFI_BOOT_SERVICES_DATA, WB | XP, E820_RAM },
	{ "ACPI data without WB stays ACPI data", UEFI_ACPI_RECLAIM, 0, E820_ACPI },
	{ "persistent memory without WB stays so", UEFI_PERSISTENT, UC, E820_PMEM },
	/* Row 18: what the runtime services use is not RAM. */
	{ "conventional memory with RUNTIME is reserved", UEFI_CONVENTIONAL, WB | RT,
	  E820_RESERVED },
	{ "loader code with RUNTIME is reserved", UEFI_LOADER_CODE, WB | RT, E820_RESERVED },
	{ "boot code with RUNTIME is reserved", UEFI_BOOT_SERVICES_CODE, WB | RT, E820_RESERVED },
	{ "NVS with RUNTIME stays NVS", UEFI_ACPI_NVS, WB | RT, E820_NVS },
	/* Row 19: specific-purpose memory. */
	{ "RAM with SP is soft reserved", UEFI_CONVENTIONAL, WB | SP, SOFT },
	{ "an allocation from it is soft reserved too", UEFI_LOADER_DATA, WB | SP, SOFT },
	{ "SP without WB is reserved", UEFI_CONVENTIONAL, UC | SP, E820_RESERVED },
	{ "SP with RUNTIME is reserved", UEFI_CONVENTIONAL, WB | SP | RT, E820_RESERVED },
	{ "SP on what is no RAM changes nothing", UEFI_ACPI_NVS, WB | SP, E820_NVS },
	{ "unaccepted SP memory is reserved", UEFI_UNACCEPTED, WB | SP, E820_RESERVED },
	/* Row 34: the type is enough, without the flag. */
	{ "runtime code without RUNTIME is reserved", UEFI_RUNTIME_SERVICES_CODE, WB,
	  E820_RESERVED },
	{ "runtime data without RUNTIME is reserved", UEFI_RUNTIME_SERVICES_DATA, WB,
	  E820_RESERVED },
};

static void type_and_attributes_make_the_e820_type(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(translated); i++) {
		uint32_t e820 = uefi_e820_type(translated[i].type, translated[i].attribute);

		if (e820 != translated[i].e820)
			fail_msg("%s: %#x", translated[i].rule, (unsigned)e820);
	}
}

static void no_type_becomes_none_and_only_five_can_be_ram(void **state)
{
	static const uint64_t attributes[] = { 0, UC, WB, SP, RT, WB | SP, WB | RT, UINT64_MAX };
	unsigned n_ram = 0;

	(void)state;
	for (uint32_t type = 0; type < 0x200; type++) {
		assert_int_equal(uefi_is_ram(type), uefi_e820_type(type, WB) == E820_RAM);
		for (size_t i = 0; i < COUNT(attributes); i++) {
			uint32_t e820 = uefi_e820_type(type, attributes[i]);

			assert_int_not_equal(e820, E820_NONE);
			n_ram += e820 == E820_RAM;
		}
	}
	assert_int_equal(n_ram, 5); /* code and data, twice, and conventional; with WB alone */
}

static const struct {
	uint32_t type;
	const char *name;
} names[] = {
	{ UEFI_RESERVED, "Reserved" },
	{ UEFI_LOADER_CODE, "LoaderCode" },
	{ UEFI_CONVENTIONAL, "Conventional" },
	{ UEFI_UNACCEPTED, "Unaccepted" },
	{ 16, "unknown" },
	{ 0x6fffffff, "unknown" },
	{ 0x70000000, "OEM" },
	{ 0x7fffffff, "OEM" },
	{ 0x80000000, "OS" },
	{ 0xffffffff, "OS" },
};

static void every_type_has_a_name(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < UEFI_TYPE_COUNT; type++)
		assert_non_null(uefi_type_name(type));
	for (size_t i = 0; i < COUNT(names); i++)
		assert_string_equal(uefi_type_name(names[i].type), names[i].name);
}

static void boot_services_and_runtime_are_told_apart(void **state)
{
	(void)state;
	for (uint32_t type = 0; type < 20; type++) {
		struct uefi_descriptor plain = { .type = type, .attribute = WB };
		struct uefi_descriptor flagged = { .type = type, .attribute = WB | RT };

		assert_int_equal(uefi_is_boot_services(type), type == 3 || type == 4);
		assert_int_equal(uefi_is_runtime(&plain), type == 5 || type == 6);
		assert_true(uefi_is_runtime(&flagged));
	}
}

static const struct {
	const char *rule;
	paddr_t start_paddr;
	uint64_t n_pages;
	paddr_t end_paddr; /* = start_paddr: none */
	bool wraps;
} descriptor_ranges[] = {
	{ "zero pages are no range (row 14)", 0x1000, 0, 0x1000, false },
	{ "zero pages at the very end do not wrap", UINT64_MAX, 0, UINT64_MAX, false },
	{ "one page", 0x1000, 1, 0x2000, false },
	{ "a start inside a page is kept", 0x1234, 1, 0x2234, false },
	{ "a page more than 32 bits can say", 0, 0x100001, 0x100001000, false },
	{ "the last end that can be said", 0xffffffffffffe000, 1, 0xfffffffffffff000, false },
	{ "an end at 2^64 - 1", 0xffffffffffffefff, 1, UINT64_MAX, false },
	{ "an end at 2^64 wraps (row 15)", 0xfffffffffffff000, 1, 0xfffffffffffff000, true },
	{ "an end past 2^64 wraps", 0xfffffffffffff000, 2, 0xfffffffffffff000, true },
	{ "2^52 pages wrap from 0", 0, UINT64_C(1) << 52, 0, true },
	{ "2^52 - 1 pages do not", 0, (UINT64_C(1) << 52) - 1, 0xfffffffffffff000, false },
	{ "a count of pages whose bytes wrap to few", 0x1000, (UINT64_C(1) << 52) + 1, 0x1000,
	  true },
	{ "the highest count of pages", 0x1000, UINT64_MAX, 0x1000, true },
};

static void a_range_that_cannot_be_said_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(descriptor_ranges); i++) {
		struct uefi_descriptor descriptor = { .start_paddr =
			                                      descriptor_ranges[i].start_paddr,
			                              .n_pages = descriptor_ranges[i].n_pages };
		paddr_t start_paddr = 1, end_paddr = 2;
		bool wraps = !descriptor_ranges[i].wraps;
		bool is_range =
			uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps);

		print_message("  %s\n", descriptor_ranges[i].rule);
		assert_int_equal(is_range, descriptor_ranges[i].end_paddr != start_paddr);
		assert_int_equal(start_paddr, descriptor_ranges[i].start_paddr);
		assert_int_equal(end_paddr, descriptor_ranges[i].end_paddr);
		assert_int_equal(wraps, descriptor_ranges[i].wraps);
	}
}

/* A map on the wire: descriptors one @stride apart, what lies between them is 0xee. */
static struct uefi_map wire_map(const struct uefi_descriptor *descriptors, size_t n, size_t stride,
                                size_t extra_bytes)
{
	size_t map_bytes = n * stride + extra_bytes;
	uint8_t *bytes = malloc(map_bytes + 1);

	assert_non_null(bytes);
	memset(bytes, 0xee, map_bytes + 1);
	for (size_t i = 0; i < n; i++) /* at an odd address: the wire is not aligned */
		memcpy(bytes + 1 + i * stride, &descriptors[i], sizeof descriptors[i]);
	return (struct uefi_map){ bytes + 1, map_bytes, stride };
}

static void free_map(const struct uefi_map *map)
{
	free((uint8_t *)(uintptr_t)map->descriptors - 1);
}

static const struct uefi_descriptor three[] = {
	{ UEFI_CONVENTIONAL, 0, 0x1000, 0xabc, 1, WB },
	{ UEFI_ACPI_NVS, 0, 0x2000, 0, 2, WB },
	{ UEFI_RESERVED, 0, 0xfffff00000000000, 0, 0x10, RT },
};

static const struct {
	const char *rule;
	size_t stride, extra_bytes;
	size_t n_descriptors;
	enum map_err err;
} strides[] = {
	{ "a stride of 0 is none (row 2)", 0, 200, 0, MAP_BAD_STRIDE },
	{ "a stride of 1 is none", 1, 0, 0, MAP_BAD_STRIDE },
	{ "a stride of one byte too few is none", 39, 0, 0, MAP_BAD_STRIDE },
	{ "the structure itself", 40, 0, 3, MAP_OK },
	{ "edk2's 48 (row 1)", 48, 0, 3, MAP_OK },
	{ "an odd stride", 49, 0, 3, MAP_OK },
	{ "two words more", 56, 0, 3, MAP_OK },
	{ "a last descriptor of 39 bytes is none", 40, 39, 3, MAP_OK },
	{ "nor is one that lacks a byte of the stride", 48, 47, 3, MAP_OK },
};

static void descriptors_are_as_far_apart_as_the_firmware_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strides); i++) {
		size_t n = strides[i].err == MAP_OK ? COUNT(three) : 0;
		struct uefi_map map = wire_map(three, n, strides[i].stride, strides[i].extra_bytes);
		struct e820_range ranges[3];
		struct e820_map out = { ranges, 0, 3 };
		struct uefi_faults faults;

		print_message("  %s\n", strides[i].rule);
		assert_int_equal(uefi_map_count(&map), strides[i].n_descriptors);
		assert_int_equal(uefi_map_to_e820(&map, &out, &faults), strides[i].err);
		assert_int_equal(out.n_ranges, strides[i].n_descriptors);
		for (size_t at = 0; at < strides[i].n_descriptors; at++) {
			struct uefi_descriptor got = uefi_map_get(&map, at);

			assert_memory_equal(&got, &three[at], sizeof got);
			assert_int_equal(ranges[at].start_paddr, three[at].start_paddr);
		}
		free_map(&map);
	}
}

static void a_map_of_nothing_makes_no_ranges(void **state)
{
	struct uefi_map map = { NULL, 0, 48 };
	struct e820_map out = { NULL, 0, 0 };
	struct uefi_faults faults;

	(void)state;
	assert_int_equal(uefi_map_count(&map), 0);
	assert_int_equal(uefi_map_to_e820(&map, &out, &faults), MAP_OK);
	assert_int_equal(out.n_ranges, 0);
}

/* Two descriptors in, and the ranges and the faults out. */
static const struct {
	const char *rule;
	struct uefi_descriptor descriptors[2];
	size_t n_ranges;
	struct e820_range ranges[2];
	struct uefi_faults faults;
} pairs[] = {
	{ "nothing is odd about RAM and NVS",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB }, { UEFI_ACPI_NVS, 0, 0x2000, 0, 1, WB } },
	  2,
	  { { 0x1000, 0x2000, E820_RAM, 0 }, { 0x2000, 0x3000, E820_NVS, 0 } },
	  { 0 } },
	{ "neighbours of one e820 type are one range",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB }, { UEFI_LOADER_DATA, 0, 0x2000, 0, 1, WB } },
	  1,
	  { { 0x1000, 0x3000, E820_RAM, 0 } },
	  { 0 } },
	{ "what is allocated from a device's memory does not split it (row 19)",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB | SP },
	    { UEFI_LOADER_DATA, 0, 0x2000, 0, 1, WB | SP } },
	  1,
	  { { 0x1000, 0x3000, SOFT, 0 } },
	  { 0 } },
	{ "one page between them keeps them apart",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB },
	    { UEFI_CONVENTIONAL, 0, 0x3000, 0, 1, WB } },
	  2,
	  { { 0x1000, 0x2000, E820_RAM, 0 }, { 0x3000, 0x4000, E820_RAM, 0 } },
	  { 0 } },
	{ "out of order stays out of order, and is counted (row 12)",
	  { { UEFI_CONVENTIONAL, 0, 0x3000, 0, 1, WB },
	    { UEFI_CONVENTIONAL, 0, 0x2000, 0, 1, WB } },
	  2,
	  { { 0x3000, 0x4000, E820_RAM, 0 }, { 0x2000, 0x3000, E820_RAM, 0 } },
	  { .n_out_of_order = 1 } },
	{ "overlaps pass the door (row 13)",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 4, WB },
	    { UEFI_CONVENTIONAL, 0, 0x1000, 0, 4, WB } },
	  2,
	  { { 0x1000, 0x5000, E820_RAM, 0 }, { 0x1000, 0x5000, E820_RAM, 0 } },
	  { 0 } },
	{ "zero pages are passed over, whatever else is odd about them (row 14)",
	  { { UEFI_CONVENTIONAL, 0, 0x3000, 0, 1, WB }, { 99, 0, 0x123, 0, 0, 0 } },
	  1,
	  { { 0x3000, 0x4000, E820_RAM, 0 } },
	  { .n_zero_pages = 1 } },
	{ "what wraps is dropped, the rest is kept (row 15)",
	  { { UEFI_CONVENTIONAL, 0, 0xfffffffffffff000, 0, 2, WB },
	    { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB } },
	  1,
	  { { 0x1000, 0x2000, E820_RAM, 0 } },
	  { .n_wraps = 1 } },
	{ "above every CPU's width a descriptor is kept: the target clips (row 16)",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB },
	    { UEFI_CONVENTIONAL, 0, UINT64_C(1) << 60, 0, 1, WB } },
	  2,
	  { { 0x1000, 0x2000, E820_RAM, 0 },
	    { UINT64_C(1) << 60, (UINT64_C(1) << 60) + 0x1000, E820_RAM, 0 } },
	  { 0 } },
	{ "a start inside a page is counted and kept to the byte",
	  { { UEFI_CONVENTIONAL, 0, 0x1001, 0, 1, WB }, { UEFI_ACPI_NVS, 0, 0x2fff, 0, 1, WB } },
	  2,
	  { { 0x1001, 0x2001, E820_RAM, 0 }, { 0x2fff, 0x3fff, E820_NVS, 0 } },
	  { .n_unaligned = 2 } },
	{ "types without a meaning are counted and reserved (row 21)",
	  { { 16, 0, 0x1000, 0, 1, WB }, { 0x80000001, 0, 0x3000, 0, 1, WB } },
	  2,
	  { { 0x1000, 0x2000, E820_RESERVED, 0 }, { 0x3000, 0x4000, E820_RESERVED, 0 } },
	  { .n_unknown_types = 2 } },
	{ "RAM without WB is counted, and reserved (row 17)",
	  { { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, UC }, { UEFI_MMIO, 0, 0x3000, 0, 1, UC } },
	  2,
	  { { 0x1000, 0x2000, E820_RESERVED, 0 }, { 0x3000, 0x4000, E820_RESERVED, 0 } },
	  { .n_ram_not_wb = 1 } },
	{ "RAM with RUNTIME is counted, and reserved (row 18)",
	  { { UEFI_LOADER_DATA, 0, 0x1000, 0, 1, WB | RT },
	    { UEFI_ACPI_NVS, 0, 0x3000, 0, 1, RT } },
	  2,
	  { { 0x1000, 0x2000, E820_RESERVED, 0 }, { 0x3000, 0x4000, E820_NVS, 0 } },
	  { .n_ram_runtime = 1 } },
	{ "runtime services without RUNTIME are counted (row 34)",
	  { { UEFI_RUNTIME_SERVICES_CODE, 0, 0x1000, 0, 1, WB },
	    { UEFI_RUNTIME_SERVICES_DATA, 0, 0x2000, 0, 1, WB | RT } },
	  1,
	  { { 0x1000, 0x3000, E820_RESERVED, 0 } },
	  { .n_runtime_unflagged = 1 } },
};

static void what_is_odd_is_handled_and_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct uefi_map map = wire_map(pairs[i].descriptors, 2, 48, 0);
		struct e820_range ranges[2];
		struct e820_map out = { ranges, 0, pairs[i].n_ranges };
		struct uefi_faults faults;

		print_message("  %s\n", pairs[i].rule);
		assert_int_equal(uefi_map_to_e820(&map, &out, &faults), MAP_OK);
		assert_int_equal(out.n_ranges, pairs[i].n_ranges);
		assert_memory_equal(ranges, pairs[i].ranges, out.n_ranges * sizeof ranges[0]);
		assert_memory_equal(&faults, &pairs[i].faults, sizeof faults);
		free_map(&map);
	}
}

/* Two pieces of a device's memory that touch, and what is between them in the map. */
static const struct {
	const char *rule;
	struct uefi_descriptor between;
	size_t n_ranges;
} runs[] = {
	{ "no pages end what is soft reserved, as in Linux's EFI stub",
	  { UEFI_RESERVED, 0, 0x2000, 0, 0, WB },
	  2 },
	{ "so do those that are elsewhere", { UEFI_CONVENTIONAL, 0, 0, 0, 0, WB | SP }, 2 },
	{ "but not those of its own, where it goes on",
	  { UEFI_LOADER_DATA, 0, 0x2000, 0, 0, WB | SP },
	  1 },
};

static void no_pages_end_a_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(runs); i++) {
		struct uefi_descriptor descriptors[3] = {
			{ UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, WB | SP },
			runs[i].between,
			{ UEFI_CONVENTIONAL, 0, 0x2000, 0, 1, WB | SP },
		};
		struct uefi_map map = wire_map(descriptors, 3, 48, 0);
		struct e820_range ranges[3];
		struct e820_map out = { ranges, 0, 3 };
		struct uefi_faults faults;

		print_message("  %s\n", runs[i].rule);
		assert_int_equal(uefi_map_to_e820(&map, &out, &faults), MAP_OK);
		assert_int_equal(out.n_ranges, runs[i].n_ranges);
		assert_int_equal(ranges[0].start_paddr, 0x1000);
		assert_int_equal(ranges[out.n_ranges - 1].end_paddr, 0x3000);
		free_map(&map);
	}
}

static void ranges_are_appended_and_those_before_are_left_alone(void **state)
{
	struct uefi_map map = wire_map(three, 1, 40, 0);
	struct e820_range ranges[2] = { { 0, 0x1000, E820_RAM, 0 } };
	struct e820_map out = { ranges, 1, 2 };
	struct uefi_faults faults;

	(void)state;
	assert_int_equal(uefi_map_to_e820(&map, &out, &faults), MAP_OK);
	assert_int_equal(out.n_ranges, 2); /* though the two touch and are RAM both */
	assert_int_equal(ranges[0].end_paddr, 0x1000);
	free_map(&map);
}

static void a_full_buffer_is_an_error_and_never_a_shorter_map(void **state)
{
	struct uefi_map map = wire_map(three, 3, 48, 0);
	struct e820_range ranges[4] = { { 0, 0x1000, E820_RAM, 0 } };
	struct uefi_faults faults;

	(void)state;
	for (size_t capacity = 1; capacity <= 4; capacity++) {
		struct e820_map out = { ranges, 1, capacity };

		assert_int_equal(uefi_map_to_e820(&map, &out, &faults),
		                 capacity < 4 ? MAP_FULL : MAP_OK);
		assert_int_equal(out.n_ranges, capacity < 4 ? 1 : 4);
	}
	free_map(&map);
}

static void every_error_has_a_text(void **state)
{
	(void)state;
	for (int err = MAP_OK; err <= MAP_EMPTY + 1; err++) {
		const char *text = map_err_text((enum map_err)err);

		assert_non_null(text);
		assert_true(strlen(text) > 10);
		assert_true(text[strlen(text) - 1] != '.');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(type_and_attributes_make_the_e820_type),
		cmocka_unit_test(no_type_becomes_none_and_only_five_can_be_ram),
		cmocka_unit_test(every_type_has_a_name),
		cmocka_unit_test(boot_services_and_runtime_are_told_apart),
		cmocka_unit_test(a_range_that_cannot_be_said_is_none),
		cmocka_unit_test(descriptors_are_as_far_apart_as_the_firmware_says),
		cmocka_unit_test(a_map_of_nothing_makes_no_ranges),
		cmocka_unit_test(what_is_odd_is_handled_and_counted),
		cmocka_unit_test(no_pages_end_a_run),
		cmocka_unit_test(ranges_are_appended_and_those_before_are_left_alone),
		cmocka_unit_test(a_full_buffer_is_an_error_and_never_a_shorter_map),
		cmocka_unit_test(every_error_has_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
