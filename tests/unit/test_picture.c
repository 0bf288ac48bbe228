/*
 * test_picture.c - whose a page is, by one letter; how the stub kernel lays the bitmap out in cells
 * and rows; what a cell says of many pages, and when it is painted.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "handoff/stub/amount.h"
#include "handoff/stub/picture.h"

#include "made_view.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define KIB(n)      (UINT64_C(n) << 10)
#define MIB(n)      (UINT64_C(n) << 20)
#define GIB(n)      (UINT64_C(n) << 30)

/* ---- Amounts ---- */

static void amounts_are_rounded_down_to_one_digit(void **state)
{
	static const struct {
		uint64_t n_pages;
		const char *text;
	} rows[] = {
		{ 0, "0 KiB" },
		{ 1, "4 KiB" },
		{ 255, "1020 KiB" },
		{ 256, "1 MiB" },
		{ 281, "1 MiB" },
		{ 282, "1.1 MiB" },
		{ 384, "1.5 MiB" },
		{ MIB(1024) / 4096 - 1, "1023.9 MiB" },
		{ MIB(1024) / 4096, "1 GiB" },
		{ GIB(1024) / 4096 - 1, "1023.9 GiB" },
		{ GIB(1024) / 4096, "1 TiB" },
		{ UINT64_C(1) << 40, "4096 TiB" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(amount_of_pages(rows[i].n_pages).text, rows[i].text);
}

static void a_part_is_between_nothing_and_all(void **state)
{
	static const struct {
		uint64_t done, whole;
		uint32_t most, part;
	} rows[] = {
		{ 0, 0, 100, 0 },
		{ 5, 0, 100, 0 },
		{ 0, 7, 100, 0 },
		{ 7, 7, 100, 100 },
		{ 8, 7, 100, 100 },
		{ 73, 100, 100, 73 },
		{ 6, 7, 100, 85 },
		{ 1, 3, 608, 202 },
		{ UINT64_C(1) << 33, UINT64_C(1) << 34, 608, 304 },
		{ (UINT64_C(1) << 41) - 1, UINT64_C(1) << 41, 100, 99 },
		{ UINT64_C(1) << 40, UINT64_C(1) << 41, 4096, 2048 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(amount_part(rows[i].done, rows[i].whole, rows[i].most),
		                 rows[i].part);
}

/* ---- Owners ---- */

static const struct made_range small_machine[] = {
	{ 7, 0x0, 0xa0000, 0 },
	{ 7, MIB(1), MIB(8), 0 },
	{ 10, MIB(8), MIB(9), 0 },   /* ACPI NVS */
	{ 4, MIB(9), MIB(16), 0 },   /* boot services data */
	{ 9, MIB(16), MIB(17), 0 },  /* ACPI reclaim */
	{ 6, MIB(17), MIB(18), 0 },  /* runtime data */
	{ 0, MIB(18), MIB(19), 0 },  /* reserved */
	{ 11, MIB(19), MIB(20), 0 }, /* MMIO */
	{ 8, MIB(20), MIB(21), 0 },  /* unusable */
	{ 0, MIB(21), MIB(22), 1 },  /* reserved, and never cached */
	/* nothing up to 32 MiB */
	{ 7, MIB(32), MIB(64), 0 },
};

#define RESERVED(kind, start, end)                           \
	{                                                    \
		start, end, 0, kind, 0, 0, "owner", "reason" \
	}
static const struct handoff_reservation reservations[] = {
	RESERVED(HANDOFF_KIND_LOW_MEMORY, 0, 0x1000),
	RESERVED(HANDOFF_KIND_BOOTMAP, 0x8000, 0x9000),
	RESERVED(HANDOFF_KIND_LOW_MEMORY, 0xa0000, 0x100000),
	RESERVED(HANDOFF_KIND_SMBIOS, 0x9f800, 0x9f900),
	RESERVED(HANDOFF_KIND_KERNEL, MIB(1), MIB(2)),
	RESERVED(HANDOFF_KIND_BLOCK, MIB(40), MIB(41)),
	RESERVED(HANDOFF_KIND_STACK, MIB(41), MIB(42)),
	RESERVED(HANDOFF_KIND_PAGE_TABLES, MIB(42), MIB(43)),
	RESERVED(HANDOFF_KIND_INITRD, MIB(43), MIB(44)),
	RESERVED(HANDOFF_KIND_ACPI, MIB(44), MIB(45)),
	RESERVED(HANDOFF_KIND_SMBIOS, MIB(45), MIB(46)),
	RESERVED(HANDOFF_KIND_CONFIGURED, MIB(46), MIB(47)),
	RESERVED(HANDOFF_KIND_RUNTIME, MIB(47), MIB(48)),
	RESERVED(HANDOFF_KIND_BOOT_SERVICES, MIB(48), MIB(49)),
	RESERVED(HANDOFF_KIND_FRAMEBUFFER, MIB(24), MIB(25)), /* of a device, where no RAM is */
	RESERVED(77, MIB(49), MIB(50)),
};

static void each_page_has_the_letter_of_its_owner(void **state)
{
	static const struct {
		const char *rule;
		paddr_t paddr;
		char letter;
	} rows[] = {
		{ "page 0", 0, 'L' },
		{ "a free page of the first MiB", 0x1000, '.' },
		{ "the bitmap, where 2.6.24 has it", 0x8000, 'K' },
		{ "a table of the first MiB", 0x9f000, 'L' },
		{ "the ISA hole, which nobody describes", 0xc0000, 'L' },
		{ "the kernel", MIB(1), 'K' },
		{ "its end", MIB(2), '.' },
		{ "ACPI NVS", MIB(8), 'A' },
		{ "what was the firmware's, and is free", MIB(9), '.' },
		{ "ACPI tables", MIB(16), 'A' },
		{ "runtime services", MIB(17), 'U' },
		{ "reserved by the firmware", MIB(18), 'F' },
		{ "memory-mapped I/O is no RAM", MIB(19), ' ' },
		{ "RAM with errors", MIB(20), 'F' },
		{ "what is never cached is no RAM", MIB(21), ' ' },
		{ "a hole", MIB(22), ' ' },
		{ "the framebuffer of a device is no RAM", MIB(24), ' ' },
		{ "block", MIB(40), 'H' },
		{ "stack", MIB(41), 'H' },
		{ "page tables", MIB(42), 'H' },
		{ "initrd", MIB(43), 'H' },
		{ "an ACPI table in RAM", MIB(44), 'A' },
		{ "SMBIOS", MIB(45), 'F' },
		{ "a reserve line", MIB(46), 'F' },
		{ "runtime services in RAM", MIB(47), 'U' },
		{ "boot services that are kept", MIB(48), 'F' },
		{ "a kind that nobody knows", MIB(49), 'F' },
		{ "the last page", MIB(64) - 1, '.' },
	};
	struct naive_view view =
		made_view(small_machine, COUNT(small_machine), reservations, COUNT(reservations));

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		pfn_t until_pfn;

		print_message("%s\n", rows[i].rule);
		assert_int_equal(owner_letter(owner_at(&view, pfn_down(rows[i].paddr), &until_pfn)),
		                 rows[i].letter);
		assert_true(until_pfn > pfn_down(rows[i].paddr));
		assert_true(until_pfn <= view.node_low_pfn);
	}
}

static void an_answer_holds_as_far_as_it_says(void **state)
{
	struct naive_view view =
		made_view(small_machine, COUNT(small_machine), reservations, COUNT(reservations));
	pfn_t until_pfn = 0, ignored_pfn;
	enum owner owner = OWNER_NONE;

	(void)state;
	for (pfn_t pfn = 0; pfn < view.node_low_pfn; pfn++) {
		if (pfn == until_pfn)
			owner = owner_at(&view, pfn, &until_pfn);
		assert_int_equal(owner_at(&view, pfn, &ignored_pfn), owner);
	}
}

/* ---- Layout ---- */

static const struct made_range flat[] = { { 7, 0, MIB(600), 0 } };
static const struct made_range five_gib[] = { { 7, 0, GIB(2), 0 },
	                                      { 11, GIB(3) + MIB(512), GIB(3) + MIB(768), 1 },
	                                      { 7, GIB(4), GIB(7), 0 } };
static const struct made_range holes[] = { { 7, 0, MIB(1), 0 },
	                                   { 7, MIB(200), MIB(201), 0 },
	                                   { 7, MIB(400), MIB(401), 0 },
	                                   { 7, MIB(600), MIB(601), 0 },
	                                   { 7, MIB(800), MIB(801), 0 } };
static const struct made_range huge[] = { { 7, 0, UINT64_C(1) << 46, 0 } };
static const struct made_range page[] = { { 7, 0, 0x1000, 0 } };

static void a_picture_has_as_few_pages_in_a_cell_as_fit(void **state)
{
	static const struct {
		const char *rule;
		const struct made_range *ranges;
		size_t n_ranges;
		uint32_t most_rows;
		uint64_t cell_bytes;
		uint32_t n_rows, n_folded;
	} rows[] = {
		{ "600 MiB in 5 rows", flat, 1, 5, MIB(2), 5, 0 },
		{ "600 MiB in 10 rows", flat, 1, 10, MIB(1), 10, 0 },
		{ "a hole is one row", five_gib, 3, 5, MIB(32), 4, 1 },
		{ "and with it, cells are smaller", five_gib, 3, 10, MIB(16), 6, 1 },
		{ "holes of many rows", holes, 5, 10, KIB(16), 9, 4 },
		{ "the largest", huge, 1, 5, GIB(256), 4, 0 },
		{ "the smallest", page, 1, 5, KIB(4), 1, 0 },
	};
	static struct picture picture;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct naive_view view = made_view(rows[i].ranges, rows[i].n_ranges, NULL, 0);
		uint32_t n_folded = 0;
		pfn_t pfn = 0;

		picture_make(&picture, &view, rows[i].most_rows);
		print_message("%s: %u rows, shift %u\n", rows[i].rule, picture.n_rows,
		              picture.page_shift);
		assert_int_equal(UINT64_C(4096) << picture.page_shift, rows[i].cell_bytes);
		assert_int_equal(picture.n_rows, rows[i].n_rows);
		for (uint32_t row = 0; row < picture.n_rows; row++) {
			assert_int_equal(picture.rows[row].start_pfn, pfn);
			pfn = picture.rows[row].end_pfn;
			n_folded += picture.rows[row].is_folded;
		}
		assert_int_equal(pfn, view.node_low_pfn);
		assert_int_equal(n_folded, rows[i].n_folded);
	}
}

/* ---- Cells ---- */

/* A row: a letter, small if a part is free; . free, blank nothing. */
static void row_text(const struct picture *picture, uint32_t row, char text[PICTURE_COLUMNS + 1])
{
	for (uint32_t i = 0; i < PICTURE_COLUMNS; i++) {
		const struct picture_cell *cell = &picture->rows[row].cells[i];
		char letter = owner_letter(cell->owner);

		text[i] = (char)(cell->has_free && letter >= 'A' ? letter - 'A' + 'a' : letter);
	}
	text[PICTURE_COLUMNS] = '\0';
}

static void a_cell_says_whose_most_of_its_pages_are(void **state)
{
	static struct picture picture;
	struct naive_view view =
		made_view(small_machine, COUNT(small_machine), reservations, COUNT(reservations));
	char text[PICTURE_COLUMNS + 1];

	(void)state;
	picture_make(&picture, &view, 10);
	assert_int_equal(picture.page_shift, 5); /* 128 KiB: 8 MiB a row */
	assert_int_equal(picture.n_rows, 8);
	row_text(&picture, 0, text);
	assert_string_equal(text,
	                    "k...lLLLKKKKKKKK................................................");
	row_text(&picture, 1, text);
	assert_string_equal(text,
	                    "AAAAAAAA........................................................");
	row_text(&picture, 2, text);
	assert_string_equal(text,
	                    "AAAAAAAAUUUUUUUUFFFFFFFF        FFFFFFFF                        ");
	assert_true(picture.rows[3].is_folded);
	row_text(&picture, 5, text);
	assert_string_equal(text,
	                    "HHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHHAAAAAAAAFFFFFFFFFFFFFFFFUUUUUUUU");
	assert_int_equal(picture.n_pages[OWNER_HANDED], MIB(4) / 4096);
	assert_int_equal(picture.n_pages[OWNER_ACPI], MIB(3) / 4096);
	assert_int_equal(picture.n_pages[OWNER_LOW], 1 + 1 + 0x60);
	assert_int_equal(picture.n_pages[OWNER_KERNEL], MIB(1) / 4096 + 1);
	assert_true(picture.has_cell[OWNER_HANDED] && picture.has_cell[OWNER_LOW]);
}

static void the_cell_of_a_page_is_found(void **state)
{
	static struct picture picture;
	struct naive_view view = made_view(five_gib, COUNT(five_gib), NULL, 0);
	struct picture_place place;

	(void)state;
	picture_make(&picture, &view, 10);
	for (pfn_t pfn = 0; pfn < view.node_low_pfn; pfn += 0x777) {
		bool is_ram = pfn < GIB(2) >> 12 || pfn >= GIB(4) >> 12;
		pfn_t start_pfn, end_pfn;

		assert_int_equal(picture_find(&picture, pfn, &place), is_ram);
		picture_pages(&picture, place, &start_pfn, &end_pfn);
		assert_true(!is_ram || (start_pfn <= pfn && pfn < end_pfn));
	}
	assert_false(picture_find(&picture, view.node_low_pfn, &place));
}

static void a_cell_is_painted_when_its_last_page_is_done(void **state)
{
	static struct picture picture;
	struct naive_view view =
		made_view(small_machine, COUNT(small_machine), reservations, COUNT(reservations));
	struct picture_place place = { 0 };
	unsigned n_painted = 0;

	(void)state;
	picture_make(&picture, &view, 10);
	picture_begin_pass(&picture);
	assert_false(picture_pass(&picture, PICTURE_WRITTEN, 31, &place));
	assert_true(picture_pass(&picture, PICTURE_WRITTEN, 32, &place));
	assert_int_equal(place.row, 0);
	assert_int_equal(place.column, 0);
	assert_int_equal(picture.rows[0].cells[0].state, PICTURE_WRITTEN);
	assert_false(picture_pass(&picture, PICTURE_WRITTEN, 32, &place));
	while (picture_pass(&picture, PICTURE_WRITTEN, view.node_low_pfn, &place)) {
		assert_true(picture.rows[place.row].cells[place.column].has_free);
		n_painted++;
	}
	picture_begin_pass(&picture);
	while (picture_pass(&picture, PICTURE_READ_BACK, view.node_low_pfn, &place))
		n_painted--;
	assert_int_equal(n_painted, (unsigned)-1); /* the first one, too */
	for (uint32_t row = 0; row < picture.n_rows; row++)
		for (uint32_t i = 0; i < PICTURE_COLUMNS; i++)
			assert_int_equal(picture.rows[row].cells[i].state,
			                 picture.rows[row].cells[i].has_free ? PICTURE_READ_BACK
			                                                     : PICTURE_UNTOUCHED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts_are_rounded_down_to_one_digit),
		cmocka_unit_test(a_part_is_between_nothing_and_all),
		cmocka_unit_test(each_page_has_the_letter_of_its_owner),
		cmocka_unit_test(an_answer_holds_as_far_as_it_says),
		cmocka_unit_test(a_picture_has_as_few_pages_in_a_cell_as_fit),
		cmocka_unit_test(a_cell_says_whose_most_of_its_pages_are),
		cmocka_unit_test(the_cell_of_a_page_is_found),
		cmocka_unit_test(a_cell_is_painted_when_its_last_page_is_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
