/* test_mptable.c - where 2.6.24 looks for the MP floating pointer, and what it takes for one. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/fake_phys.h"
#include "x86/mptable.h"

#define TABLE_PADDR 0x123450

/* MP 1.4 §4.1: 16 bytes, one paragraph, revision 4. */
static void put_pointer(uint8_t *at, uint32_t table_paddr)
{
	memset(at, 0, 16);
	memcpy(at, "_MP_", 4);
	fake_phys_set(at + 4, 4, table_paddr);
	at[8] = 1;
	at[9] = 4;
	fake_phys_fix_sum(at, 16, 10);
}

/* clang-format off */
/* Which of the pointers @at is found with the EBDA at @segment. */
#define NONE UINT64_MAX
static const struct {
	const char *rule;
	uint16_t segment;
	paddr_t at[2];
	paddr_t ia32, amd64;
} places[] = {
	{ "none",
	  0,      { NONE, NONE },       NONE,    NONE },
	{ "the very first bytes",
	  0,      { 0, NONE },          0,       0 },
	{ "the end of the first KiB",
	  0,      { 0x3f0, NONE },      0x3f0,   0x3f0 },
	{ "past it: AMD64 takes the EBDA to be at 0",
	  0,      { 0x410, NONE },      NONE,    0x410 },
	{ "the end of that",
	  0,      { 0xff0, NONE },      NONE,    0xff0 },
	{ "past that",
	  0,      { 0x1000, NONE },     NONE,    NONE },
	{ "a pointer that is not on 16 bytes",
	  0,      { 0x208, NONE },      NONE,    NONE },
	{ "below the last KiB of 640 KiB",
	  0,      { 0x9fbf0, NONE },    NONE,    NONE },
	{ "its begin",
	  0,      { 0x9fc00, NONE },    0x9fc00, 0x9fc00 },
	{ "its end",
	  0,      { 0x9fff0, NONE },    0x9fff0, 0x9fff0 },
	{ "the VGA window",
	  0,      { 0xa0000, NONE },    NONE,    NONE },
	{ "below the BIOS ROM",
	  0,      { 0xefff0, NONE },    NONE,    NONE },
	{ "the first bytes of the BIOS ROM",
	  0,      { 0xf0000, NONE },    0xf0000, 0xf0000 },
	{ "in the middle of it",
	  0,      { 0xf5a20, NONE },    0xf5a20, 0xf5a20 },
	{ "the last bytes of it",
	  0,      { 0xffff0, NONE },    0xffff0, 0xffff0 },
	{ "above it",
	  0,      { 0x100000, NONE },   NONE,    NONE },
	{ "the EBDA",
	  0x9800, { 0x98000, NONE },    0x98000, 0x98000 },
	{ "the end of its first KiB",
	  0x9800, { 0x983f0, NONE },    0x983f0, 0x983f0 },
	{ "IA-32 searches no more of it",
	  0x9800, { 0x98400, NONE },    NONE,    0x98400 },
	{ "AMD64 searches 4 KiB of it",
	  0x9800, { 0x98ff0, NONE },    NONE,    0x98ff0 },
	{ "and no more",
	  0x9800, { 0x99000, NONE },    NONE,    NONE },
	{ "the first of two in a window wins",
	  0,      { 0xf8000, 0xf4000 }, 0xf4000, 0xf4000 },
	{ "the first KiB wins over 640 KiB",
	  0,      { 0x9fc00, 0x100 },   0x100,   0x100 },
	{ "640 KiB wins over the ROM",
	  0,      { 0xf0000, 0x9fe00 }, 0x9fe00, 0x9fe00 },
	{ "the ROM wins over the EBDA",
	  0x9800, { 0x98000, 0xffff0 }, 0xffff0, 0xffff0 },
};
/* clang-format on */

static void check_place(const struct fake_phys *fake, const struct boot_target *target,
                        paddr_t expected)
{
	struct smp_config found;

	assert_int_equal(find_smp_config(&fake->phys, target, &found), expected != NONE);
	assert_int_equal(found.pointer.start_paddr, expected != NONE ? expected : 0);
	assert_int_equal(found.pointer.end_paddr, expected != NONE ? expected + 0x1000 : 0);
	assert_int_equal(found.table.start_paddr, expected != NONE ? TABLE_PADDR : 0);
	assert_int_equal(found.table.end_paddr, expected != NONE ? TABLE_PADDR + 0x1000 : 0);
	assert_int_equal(found.table_bytes, 0);
}

static void each_target_looks_where_its_kernel_does(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		struct fake_phys fake;
		uint8_t *memory;

		print_message("%s\n", places[i].rule);
		fake_phys_init(&fake);
		memory = fake_phys_add(&fake, 0, 0x102000);
		for (size_t j = 0; j < 2; j++)
			if (places[i].at[j] != NONE)
				put_pointer(memory + places[i].at[j], TABLE_PADDR);
		fake_phys_set(memory + 0x40e, 2, places[i].segment);
		check_place(&fake, &target_ia32, places[i].ia32);
		check_place(&fake, &target_amd64, places[i].amd64);
		fake_phys_free(&fake);
	}
}

/* clang-format off */
/* 2.6.24 smp_scan_config(). */
static const struct {
	const char *rule;
	unsigned offset;
	uint8_t value;
	bool is_found;
} pointers[] = {
	{ "magic, first byte", 0,  '-',  false },
	{ "magic, last byte",  3,  ' ',  false },
	{ "length 0",          8,  0,    false },
	{ "length 1",          8,  1,    true },
	{ "length 2",          8,  2,    false },
	{ "revision 0",        9,  0,    false },
	{ "revision 1.1",      9,  1,    true },
	{ "revision 2",        9,  2,    false },
	{ "revision 3",        9,  3,    false },
	{ "revision 1.4",      9,  4,    true },
	{ "revision 5",        9,  5,    false },
	{ "feature bytes",     11, 0xff, true },
	{ "the last byte",     15, 0xff, true },
};
/* clang-format on */

static void a_floating_pointer_has_magic_length_revision_and_checksum(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pointers / sizeof pointers[0]; i++) {
		struct fake_phys fake;
		struct smp_config found;
		uint8_t *at;

		print_message("%s\n", pointers[i].rule);
		fake_phys_init(&fake);
		at = fake_phys_add(&fake, 0x9fc00, 0x400) + 0x20;
		put_pointer(at, TABLE_PADDR);
		at[pointers[i].offset] = pointers[i].value;
		fake_phys_fix_sum(at, 16, 10);
		assert_int_equal(find_smp_config(&fake.phys, &target_ia32, &found),
		                 pointers[i].is_found);
		at[10]++;
		assert_false(find_smp_config(&fake.phys, &target_ia32, &found));
		fake_phys_free(&fake);
	}
}

static void a_pointer_to_no_table_reserves_no_table(void **state)
{
	struct fake_phys fake;
	struct smp_config found;

	(void)state;
	fake_phys_init(&fake);
	put_pointer(fake_phys_add(&fake, 0xf0000, 0x10000), 0);
	assert_true(find_smp_config(&fake.phys, &target_amd64, &found));
	assert_int_equal(found.pointer.start_paddr, 0xf0000);
	assert_int_equal(found.table.start_paddr, 0);
	assert_int_equal(found.table.end_paddr, 0);
	assert_int_equal(found.table_bytes, 0);
	fake_phys_free(&fake);
}

static void a_table_in_the_last_page_below_4_gib_does_not_wrap(void **state)
{
	struct fake_phys fake;
	struct smp_config found;

	(void)state;
	fake_phys_init(&fake);
	put_pointer(fake_phys_add(&fake, 0xf0000, 0x10000), UINT32_MAX);
	assert_true(find_smp_config(&fake.phys, &target_amd64, &found));
	assert_int_equal(found.table.start_paddr, UINT32_MAX);
	assert_int_equal(found.table.end_paddr, UINT64_C(0x100000fff));
	fake_phys_free(&fake);
}

/* clang-format off */
/* MP 1.4 §4.2: length of the base table at 4, of the extended one at 40.
 * 0x3000 bytes are there. */
static const struct {
	const char *rule;
	uint16_t length, extended;
	uint32_t table_bytes;
} lengths[] = {
	{ "length 0",                            0,      0,      0 },
	{ "length 1",                            1,      0,      0 },
	{ "one byte less than the header",       43,     0,      0 },
	{ "the header",                          44,     0,      44 },
	{ "a small machine",                     0x130,  0,      0x130 },
	{ "extended entries follow",             0x130,  0x28,   0x158 },
	{ "more than the page that is reserved", 0x1801, 0,      0x1801 },
	{ "to the end of what can be read",      0x2000, 0x1000, 0x3000 },
	{ "one byte past it: not known",         0x2000, 0x1001, 0 },
	{ "the longest: not known",              0xffff, 0xffff, 0 },
};
/* clang-format on */

static void the_length_of_the_table_is_what_can_be_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct fake_phys fake;
		struct smp_config found;
		uint8_t *table;

		print_message("%s\n", lengths[i].rule);
		fake_phys_init(&fake);
		put_pointer(fake_phys_add(&fake, 0xf0000, 0x10000), TABLE_PADDR);
		table = fake_phys_add(&fake, TABLE_PADDR, 0x3000);
		memcpy(table, "PCMP", 4);
		fake_phys_set(table + 4, 2, lengths[i].length);
		fake_phys_set(table + 40, 2, lengths[i].extended);
		assert_true(find_smp_config(&fake.phys, &target_ia32, &found));
		assert_int_equal(found.table.end_paddr, TABLE_PADDR + 0x1000);
		assert_int_equal(found.table_bytes, lengths[i].table_bytes);
		table[0] = 'X';
		assert_true(find_smp_config(&fake.phys, &target_ia32, &found));
		assert_int_equal(found.table_bytes, 0);
		fake_phys_free(&fake);
	}
}

static void what_cannot_be_read_is_passed_over(void **state)
{
	struct fake_phys fake;
	struct smp_config found;

	(void)state;
	fake_phys_init(&fake);
	assert_false(find_smp_config(&fake.phys, &target_ia32, &found));
	assert_false(find_smp_config(&fake.phys, &target_amd64, &found));

	/* An EBDA in the last 2 KiB of 640 KiB: the 4 KiB of AMD64 reach into the VGA window. */
	fake_phys_set(fake_phys_add(&fake, 0x400, 0x100) + 0xe, 2, 0x9f80);
	put_pointer(fake_phys_add(&fake, 0x9f800, 0x800) + 0x110, TABLE_PADDR);
	assert_true(find_smp_config(&fake.phys, &target_amd64, &found));
	assert_int_equal(found.pointer.start_paddr, 0x9f910);
	assert_true(find_smp_config(&fake.phys, &target_ia32, &found));
	fake_phys_free(&fake);

	/* A hole in the BIOS ROM. */
	fake_phys_init(&fake);
	fake_phys_add(&fake, 0xf0000, 0x4800);
	put_pointer(fake_phys_add(&fake, 0xf5000, 0xb000) + 0x30, TABLE_PADDR);
	assert_true(find_smp_config(&fake.phys, &target_amd64, &found));
	assert_int_equal(found.pointer.start_paddr, 0xf5030);
	fake_phys_free(&fake);
}

static void a_window_can_be_of_any_size(void **state)
{
	static const struct {
		paddr_t start_paddr;
		uint32_t bytes;
		bool is_found;
	} windows[] = {
		{ 0x10000, 0, false },
		{ 0x10000, 0x10, false },
		{ 0x10000, 0x450, false },
		{ 0x10000, 0x460, true },
		{ 0x10450, 0x10, true },
		{ 0x10460, 0x400, false },
		{ 0, UINT32_C(0x1000000), true },
	};
	struct fake_phys fake;
	struct smp_config found;

	(void)state;
	fake_phys_init(&fake);
	put_pointer(fake_phys_add(&fake, 0x10000, 0x1000) + 0x450, 0);
	for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++)
		assert_int_equal(smp_scan_config(&fake.phys, windows[i].start_paddr,
		                                 windows[i].bytes, &found),
		                 windows[i].is_found);
	fake_phys_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_target_looks_where_its_kernel_does),
		cmocka_unit_test(a_floating_pointer_has_magic_length_revision_and_checksum),
		cmocka_unit_test(a_pointer_to_no_table_reserves_no_table),
		cmocka_unit_test(a_table_in_the_last_page_below_4_gib_does_not_wrap),
		cmocka_unit_test(the_length_of_the_table_is_what_can_be_believed),
		cmocka_unit_test(what_cannot_be_read_is_passed_over),
		cmocka_unit_test(a_window_can_be_of_any_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
