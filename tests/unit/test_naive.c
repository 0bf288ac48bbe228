/*
 * test_naive.c - the stub kernel's second opinion on a bitmap. Its verdicts are rows over one small
 * machine; then random machines, against one byte a page, painted in the order of the rules.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/stub/naive.h"

#define STRIDE      48 /* edk2's: larger than a descriptor */
#define MOST        40
#define WB          UINT64_C(0xf)
#define UC          UINT64_C(0x1)
#define SP          UINT64_C(0x40000)
#define RUNTIME     (UINT64_C(1) << 63)
#define PAGE(pfn)   ((uint64_t)(pfn) << 12)
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* A machine: what the view points to. */
struct machine {
	unsigned char uefi_map[MOST * STRIDE];
	struct handoff_range e820[4 * MOST];
	struct handoff_reservation reservations[MOST];
	unsigned char bitmap[1024];
	struct naive_view view;
};

static void machine_init(struct machine *machine, pfn_t node_low_pfn)
{
	memset(machine, 0, sizeof *machine);
	machine->view = (struct naive_view){
		.uefi_map = machine->uefi_map,
		.descriptor_bytes = STRIDE,
		.e820 = (const unsigned char *)machine->e820,
		.range_bytes = sizeof machine->e820[0],
		.reservations = (const unsigned char *)machine->reservations,
		.reservation_bytes = sizeof machine->reservations[0],
		.node_low_pfn = node_low_pfn,
	};
}

static void describe(struct machine *machine, uint32_t type, uint64_t start_paddr, uint64_t n_pages,
                     uint64_t attribute)
{
	unsigned char *at = machine->uefi_map + machine->view.n_descriptors++ * STRIDE;

	memset(at, 0xaa, STRIDE); /* padding, virtual address and what is behind do not count */
	memcpy(at, &type, 4);
	memcpy(at + 8, &start_paddr, 8);
	memcpy(at + 24, &n_pages, 8);
	memcpy(at + 32, &attribute, 8);
}

static void range(struct machine *machine, uint64_t start_paddr, uint64_t end_paddr, uint32_t type)
{
	machine->e820[machine->view.n_ranges++] =
		(struct handoff_range){ start_paddr, end_paddr, type, 0 };
}

static void reserve(struct machine *machine, uint64_t start_paddr, uint64_t end_paddr)
{
	machine->reservations[machine->view.n_reservations++] =
		(struct handoff_reservation){ .start_paddr = start_paddr, .end_paddr = end_paddr };
}

/* The bitmap that naive_page() would make, page by page: what until_pfn says is not used. */
static void fill_bitmap(struct machine *machine)
{
	memset(machine->bitmap, 0xff, sizeof machine->bitmap);
	for (pfn_t pfn = 0; pfn < machine->view.node_low_pfn; pfn++)
		if (naive_page(&machine->view, pfn).why == NAIVE_FREE)
			machine->bitmap[pfn / 8] &= (unsigned char)~(1 << pfn % 8);
}

static void each_type_and_attribute_has_its_e820_type(void **state)
{
	static const struct {
		const char *rule;
		uint32_t type;
		uint64_t attribute;
		uint32_t expected;
	} rows[] = {
		{ "reserved", 0, WB, HANDOFF_E820_RESERVED },
		{ "loader code is RAM", 1, WB, HANDOFF_E820_RAM },
		{ "loader data is RAM", 2, WB, HANDOFF_E820_RAM },
		{ "boot services code is RAM", 3, WB, HANDOFF_E820_RAM },
		{ "boot services data is RAM", 4, WB, HANDOFF_E820_RAM },
		{ "runtime code", 5, WB | RUNTIME, HANDOFF_E820_RESERVED },
		{ "runtime data, flagged or not", 6, WB, HANDOFF_E820_RESERVED },
		{ "conventional is RAM", 7, WB, HANDOFF_E820_RAM },
		{ "unusable", 8, WB, HANDOFF_E820_UNUSABLE },
		{ "ACPI tables", 9, WB, HANDOFF_E820_ACPI },
		{ "ACPI NVS", 10, WB, HANDOFF_E820_NVS },
		{ "devices", 11, UC, HANDOFF_E820_RESERVED },
		{ "device ports", 12, UC, HANDOFF_E820_RESERVED },
		{ "PAL code", 13, WB, HANDOFF_E820_RESERVED },
		{ "persistent", 14, WB, HANDOFF_E820_PMEM },
		{ "not accepted yet", 15, WB, HANDOFF_E820_RESERVED },
		{ "a type nobody knows", 16, WB, HANDOFF_E820_RESERVED },
		{ "an OEM's", 0x70000000, WB, HANDOFF_E820_RESERVED },
		{ "a loader's", 0x80000000, WB, HANDOFF_E820_RESERVED },
		{ "the last number", UINT32_MAX, WB, HANDOFF_E820_RESERVED },
		{ "RAM that is not write-back is not RAM", 7, UC, HANDOFF_E820_RESERVED },
		{ "RAM of the runtime services", 4, WB | RUNTIME, HANDOFF_E820_RESERVED },
		{ "RAM for a purpose", 7, WB | SP, HANDOFF_E820_SOFT_RESERVED },
		{ "runtime before purpose", 7, WB | SP | RUNTIME, HANDOFF_E820_RESERVED },
		{ "attributes change nothing else", 9, UC | SP, HANDOFF_E820_ACPI },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct naive_descriptor descriptor = { .type = rows[i].type,
			                               .attribute = rows[i].attribute };

		if (naive_type_of(&descriptor) != rows[i].expected)
			fail_msg("%s", rows[i].rule);
	}
}

static void a_descriptor_that_wraps_describes_nothing(void **state)
{
	static const struct {
		const char *rule;
		uint64_t start_paddr, n_pages, bytes;
	} rows[] = {
		{ "no pages", 0x1000, 0, 0 },
		{ "a page", 0x1000, 1, 0x1000 },
		{ "up to the last page but one", UINT64_MAX - 0x1fff, 1, 0x1000 },
		{ "an end at 2^64", UINT64_MAX - 0xfff, 1, 0 },
		{ "a number of pages that is too large", 0, UINT64_MAX, 0 },
		{ "pages that come around to the start", 0x1000, UINT64_C(1) << 52, 0 },
	};
	static struct machine machine;

	(void)state;
	machine_init(&machine, 16);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct naive_descriptor descriptor;

		describe(&machine, 7, rows[i].start_paddr, rows[i].n_pages, WB);
		descriptor = naive_descriptor(&machine.view, i);
		if (descriptor.end_paddr - descriptor.start_paddr != rows[i].bytes)
			fail_msg("%s", rows[i].rule);
	}
}

/*
 * The machine of the rows below, in pages: RAM 0 to 0x200, of which 0x10 is ACPI (twice described),
 * 0x20.8 to 0x28.8 lie across pages, 0x30 is not described, 0x40 to 0x50 is not in e820.
 */
static void small_machine(struct machine *machine)
{
	machine_init(machine, 0x200);
	describe(machine, 7, PAGE(0x100), 0x100, WB);
	describe(machine, 7, 0, 0x20, WB);
	describe(machine, 9, PAGE(0x10), 1, WB);
	describe(machine, 7, PAGE(0x20), 0, WB);
	describe(machine, 2, PAGE(0x20), 8, WB);
	describe(machine, 0, PAGE(0x28) + 0x800, 1, WB);
	describe(machine, 4, PAGE(0x28), 8, WB);
	describe(machine, 7, PAGE(0x31), 0xcf, WB);
	range(machine, 0, PAGE(0x10), HANDOFF_E820_RAM);
	range(machine, PAGE(0x10), PAGE(0x11), HANDOFF_E820_ACPI);
	range(machine, PAGE(0x11), PAGE(0x28) + 0x800, HANDOFF_E820_RAM);
	range(machine, PAGE(0x28) + 0x800, PAGE(0x29) + 0x800, HANDOFF_E820_RESERVED);
	range(machine, PAGE(0x29) + 0x800, PAGE(0x30), HANDOFF_E820_RAM);
	range(machine, PAGE(0x31), PAGE(0x40), HANDOFF_E820_RAM);
	range(machine, PAGE(0x50), PAGE(0x200), HANDOFF_E820_RAM);
	reserve(machine, 0, 1);
	reserve(machine, PAGE(2) + 0xfff, PAGE(4) + 1);
	reserve(machine, PAGE(3), PAGE(4));
	reserve(machine, PAGE(8), PAGE(8));
}

static void a_page_is_free_only_if_nothing_speaks_against_it(void **state)
{
	static const struct {
		const char *rule;
		pfn_t pfn;
		enum naive_why why;
		size_t index;
		pfn_t until_pfn;
	} rows[] = {
		{ "a byte reserves a page", 0, NAIVE_RESERVED, 0, 1 },
		{ "RAM holds up to the next reservation", 1, NAIVE_FREE, NAIVE_NONE, 2 },
		{ "a start is rounded down, the longest one named", 2, NAIVE_RESERVED, 1, 5 },
		{ "an end is rounded up", 4, NAIVE_RESERVED, 1, 5 },
		{ "an empty reservation is none", 8, NAIVE_FREE, NAIVE_NONE, 0x10 },
		{ "the more restrictive descriptor wins", 0x10, NAIVE_NOT_RAM, 2, 0x11 },
		{ "touching descriptors are judged apart", 0x11, NAIVE_FREE, NAIVE_NONE, 0x20 },
		{ "after the last whole page", 0x20, NAIVE_FREE, NAIVE_NONE, 0x28 },
		{ "half a page is not RAM", 0x28, NAIVE_NOT_RAM, 5, 0x29 },
		{ "nor is the other half", 0x29, NAIVE_NOT_RAM, 5, 0x2a },
		{ "RAM again", 0x2a, NAIVE_FREE, NAIVE_NONE, 0x30 },
		{ "what nobody describes is not RAM", 0x30, NAIVE_NOT_RAM, NAIVE_NONE, 0x31 },
		{ "what e820 leaves out is not free", 0x40, NAIVE_CUT_OFF, NAIVE_NONE, 0x50 },
		{ "AMD64 has no ISA hole", 0xa0, NAIVE_FREE, NAIVE_NONE, 0x100 },
		{ "up to the end of the node", 0x1ff, NAIVE_FREE, NAIVE_NONE, 0x200 },
	};
	static struct machine machine;

	(void)state;
	small_machine(&machine);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct naive_page page = naive_page(&machine.view, rows[i].pfn);

		if (page.why != rows[i].why || page.index != rows[i].index ||
		    page.until_pfn != rows[i].until_pfn)
			fail_msg("%s", rows[i].rule);
	}
}

static void ia32_has_no_ram_in_the_isa_hole(void **state)
{
	static struct machine machine;

	(void)state;
	small_machine(&machine);
	machine.view.cuts_isa_hole = true;
	assert_int_equal(naive_page(&machine.view, 0x9f).why, NAIVE_FREE);
	assert_int_equal(naive_page(&machine.view, 0x9f).until_pfn, 0xa0);
	assert_int_equal(naive_page(&machine.view, 0xa0).why, NAIVE_ISA_HOLE);
	assert_int_equal(naive_page(&machine.view, 0xa0).until_pfn, 0x100);
	assert_int_equal(naive_page(&machine.view, 0x100).why, NAIVE_FREE);
}

static void every_wrong_bit_is_found(void **state)
{
	static struct machine machine;
	struct naive_wrong wrong;
	uint64_t free_pages, expected_pages = 0;

	(void)state;
	small_machine(&machine);
	fill_bitmap(&machine);
	for (pfn_t pfn = 0; pfn < 0x200; pfn++)
		expected_pages += (machine.bitmap[pfn / 8] >> pfn % 8 & 1) == 0;
	assert_true(naive_bitmap_is_right(&machine.view, machine.bitmap, &wrong, &free_pages));
	assert_int_equal(free_pages, expected_pages);
	for (pfn_t pfn = 0; pfn < 0x200; pfn++) {
		machine.bitmap[pfn / 8] ^= (unsigned char)(1 << pfn % 8);
		assert_false(
			naive_bitmap_is_right(&machine.view, machine.bitmap, &wrong, &free_pages));
		assert_int_equal(wrong.pfn, pfn);
		machine.bitmap[pfn / 8] ^= (unsigned char)(1 << pfn % 8);
	}
}

static void padding_is_ones(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 0x1fd);
	memset(machine.bitmap, 0xff, sizeof machine.bitmap);
	assert_true(naive_padding_is_set(&machine.view, machine.bitmap, 64));
	for (pfn_t bit = 0x1fd; bit < 0x200; bit++) {
		machine.bitmap[bit / 8] ^= (unsigned char)(1 << bit % 8);
		assert_false(naive_padding_is_set(&machine.view, machine.bitmap, 64));
		machine.bitmap[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	machine.bitmap[0x1fc / 8] ^= 1 << 0x1fc % 8;
	assert_true(naive_padding_is_set(&machine.view, machine.bitmap, 64));
}

static void a_span_is_reserved_only_as_a_whole(void **state)
{
	static const struct {
		const char *rule;
		uint64_t start_paddr, end_paddr;
		pfn_t expected_pfn;
	} rows[] = {
		{ "page 0", 0, PAGE(1), 1 },
		{ "the byte behind it", PAGE(1), PAGE(1) + 1, 1 },
		{ "one byte too many", 0, PAGE(1) + 1, 1 },
		{ "across two reservations", PAGE(2), PAGE(5), 5 },
		{ "a page beyond", PAGE(2), PAGE(6), 5 },
		{ "an empty one never counts", PAGE(8), PAGE(9), 8 },
	};
	static struct machine machine;

	(void)state;
	small_machine(&machine);
	for (size_t i = 0; i < COUNT(rows); i++)
		if (naive_first_unreserved(&machine.view, rows[i].start_paddr, rows[i].end_paddr) !=
		    rows[i].expected_pfn)
			fail_msg("%s", rows[i].rule);
}

static void the_maps_agree_up_to_a_limit(void **state)
{
	static struct machine machine;
	struct naive_clash clash;

	(void)state;
	machine_init(&machine, 0x200);
	describe(&machine, 7, 0, 0x200, WB);
	describe(&machine, 11, PAGE(0x1000), 0x10, UC);
	range(&machine, 0, PAGE(0x200), HANDOFF_E820_RAM);
	range(&machine, PAGE(0x1000), PAGE(0x1010), HANDOFF_E820_RESERVED);
	assert_true(naive_maps_agree(&machine.view, &clash));

	machine.e820[0].end_paddr = PAGE(0x180) + 5; /* mem= */
	assert_true(naive_maps_agree(&machine.view, &clash));
	assert_int_equal(naive_max_pfn(&machine.view, naive_e820_type), 0x180);
	assert_int_equal(naive_max_pfn(&machine.view, naive_uefi_type), 0x200);

	machine.e820[0].start_paddr = PAGE(1); /* no limit leaves a hole */
	assert_false(naive_maps_agree(&machine.view, &clash));
	assert_int_equal(clash.paddr, 0);
	assert_int_equal(clash.uefi_type, HANDOFF_E820_RAM);
	assert_int_equal(clash.e820_type, 0);

	machine.e820[0].start_paddr = 0;
	machine.e820[1].end_paddr += 1; /* more than was described */
	assert_false(naive_maps_agree(&machine.view, &clash));
	assert_int_equal(clash.paddr, PAGE(0x1010));

	machine.e820[1].end_paddr -= 1;
	machine.e820[1].type = HANDOFF_E820_NVS;
	assert_false(naive_maps_agree(&machine.view, &clash));
	assert_int_equal(clash.paddr, PAGE(0x1000));
}

static void the_isa_hole_may_be_cut_on_ia32_only(void **state)
{
	static struct machine machine;
	struct naive_clash clash;

	(void)state;
	machine_init(&machine, 0x200);
	describe(&machine, 7, 0, 0x200, WB);
	range(&machine, 0, PAGE(0xa0), HANDOFF_E820_RAM);
	range(&machine, PAGE(0x100), PAGE(0x200), HANDOFF_E820_RAM);
	assert_false(naive_maps_agree(&machine.view, &clash));
	assert_int_equal(clash.paddr, PAGE(0xa0));
	machine.view.cuts_isa_hole = true;
	assert_true(naive_maps_agree(&machine.view, &clash));
}

static void only_whole_pages_count_for_max_pfn(void **state)
{
	static struct machine machine;

	(void)state;
	machine_init(&machine, 0x200);
	assert_int_equal(naive_max_pfn(&machine.view, naive_e820_type), 0);
	assert_int_equal(naive_max_pfn(&machine.view, naive_uefi_type), 0);
	range(&machine, 0, 0xfff, HANDOFF_E820_RAM);
	assert_int_equal(naive_max_pfn(&machine.view, naive_e820_type), 0);
	range(&machine, 0x1800, 0x2800, HANDOFF_E820_RAM); /* a page long, and no page */
	assert_int_equal(naive_max_pfn(&machine.view, naive_e820_type), 0);
	range(&machine, 0x3000, 0x5001, HANDOFF_E820_RAM);
	assert_int_equal(naive_max_pfn(&machine.view, naive_e820_type), 5);
	range(&machine, 0x10000, 0x20000, HANDOFF_E820_RESERVED);
	assert_int_equal(naive_max_pfn(&machine.view, naive_e820_type), 5);
	/* Two descriptors that meet inside a page make it whole. */
	describe(&machine, 7, 0x800, 1, WB);
	describe(&machine, 2, 0x1800, 1, WB);
	assert_int_equal(naive_max_pfn(&machine.view, naive_uefi_type), 2);
}

static void canonical_is_sorted_disjoint_and_merged(void **state)
{
	static const struct {
		const char *rule;
		struct handoff_range first, second;
		bool is_canonical;
	} rows[] = {
		{ "apart", { 0, 1, 1, 0 }, { 2, 3, 1, 0 }, true },
		{ "touching, of two types", { 0, 1, 1, 0 }, { 1, 3, 2, 0 }, true },
		{ "touching, of one type", { 0, 1, 1, 0 }, { 1, 3, 1, 0 }, false },
		{ "soft reserved ones stay apart",
		  { 0, 1, HANDOFF_E820_SOFT_RESERVED, 0 },
		  { 1, 3, HANDOFF_E820_SOFT_RESERVED, 0 },
		  true },
		{ "overlapping", { 0, 2, 1, 0 }, { 1, 3, 2, 0 }, false },
		{ "in the wrong order", { 2, 3, 1, 0 }, { 0, 1, 1, 0 }, false },
		{ "an empty one", { 0, 1, 1, 0 }, { 2, 2, 1, 0 }, false },
		{ "one that ends before it starts", { 5, 1, 1, 0 }, { 6, 7, 1, 0 }, false },
	};
	static struct machine machine;
	size_t index;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		machine_init(&machine, 0x200);
		machine.e820[0] = rows[i].first;
		machine.e820[1] = rows[i].second;
		machine.view.n_ranges = 2;
		if (naive_e820_is_canonical(&machine.view, &index) != rows[i].is_canonical)
			fail_msg("%s", rows[i].rule);
	}
}

/* ---- Random machines, against one byte a page ---- */

#define N_PAGES 0x180

static uint32_t random_below(uint32_t limit)
{
	static uint32_t state = 2463534242; /* xorshift32, Marsaglia 2003 */

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % limit;
}

/* Random descriptors; and into @types, the e820 type of each page. */
static void paint_descriptors(struct machine *machine, uint32_t types[N_PAGES])
{
	static const uint32_t uefi_types[] = { 0, 1, 2, 3, 4, 7, 7, 7, 9, 10, 15, 16 };

	for (int i = 0; i < 20; i++) {
		uint32_t start = random_below(N_PAGES), n_pages = random_below(60);
		uint32_t type = uefi_types[random_below(COUNT(uefi_types))];
		struct naive_descriptor descriptor = { .type = type,
			                               .attribute =
			                                       random_below(8) == 0 ? UC : WB };

		if (n_pages > N_PAGES - start)
			n_pages = N_PAGES - start;
		describe(machine, type, PAGE(start), n_pages, descriptor.attribute);
		for (uint32_t page = start; page < start + n_pages; page++)
			if (naive_type_of(&descriptor) > types[page])
				types[page] = naive_type_of(&descriptor);
	}
}

static void random_machines_are_what_was_painted(void **state)
{
	static struct machine machine;

	(void)state;
	for (int round = 0; round < 200; round++) {
		uint32_t types[N_PAGES] = { 0 };
		bool is_reserved[N_PAGES] = { false };
		struct naive_wrong wrong;
		struct naive_clash clash;
		uint64_t free_pages, expected_pages = 0;
		size_t index;

		machine_init(&machine, N_PAGES);
		paint_descriptors(&machine, types);
		for (uint32_t page = 0, first = 0; page < N_PAGES; page++) {
			if (page + 1 < N_PAGES && types[page + 1] == types[page])
				continue;
			if (types[page] != 0)
				range(&machine, PAGE(first), PAGE(page + 1), types[page]);
			first = page + 1;
		}
		for (int i = 0; i < 6; i++) {
			uint64_t start = random_below(PAGE(N_PAGES)), bytes = random_below(0x5000);

			reserve(&machine, start, start + bytes);
			for (uint64_t at = start; at < start + bytes; at++)
				if (at < PAGE(N_PAGES))
					is_reserved[at >> 12] = true;
		}
		memset(machine.bitmap, 0xff, sizeof machine.bitmap);
		for (uint32_t page = 0; page < N_PAGES; page++) {
			if (types[page] != HANDOFF_E820_RAM || is_reserved[page])
				continue;
			machine.bitmap[page / 8] &= (unsigned char)~(1 << page % 8);
			expected_pages++;
		}
		assert_true(naive_e820_is_canonical(&machine.view, &index));
		assert_true(naive_maps_agree(&machine.view, &clash));
		assert_true(
			naive_bitmap_is_right(&machine.view, machine.bitmap, &wrong, &free_pages));
		assert_int_equal(free_pages, expected_pages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_and_attribute_has_its_e820_type),
		cmocka_unit_test(a_descriptor_that_wraps_describes_nothing),
		cmocka_unit_test(a_page_is_free_only_if_nothing_speaks_against_it),
		cmocka_unit_test(ia32_has_no_ram_in_the_isa_hole),
		cmocka_unit_test(every_wrong_bit_is_found),
		cmocka_unit_test(padding_is_ones),
		cmocka_unit_test(a_span_is_reserved_only_as_a_whole),
		cmocka_unit_test(the_maps_agree_up_to_a_limit),
		cmocka_unit_test(the_isa_hole_may_be_cut_on_ia32_only),
		cmocka_unit_test(only_whole_pages_count_for_max_pfn),
		cmocka_unit_test(canonical_is_sorted_disjoint_and_merged),
		cmocka_unit_test(random_machines_are_what_was_painted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
