/* test_ebda.c - where each target's kernel finds the EBDA, and which finds policy safe believes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/fake_phys.h"
#include "x86/ebda.h"

/* clang-format off */
/* 2.6.24 reserve_ebda_region() and discover_ebda(). */
static const struct {
	const char *rule;
	uint16_t segment;
	uint16_t size_kib; /* the first word of the EBDA */
	struct span ia32, amd64;
} finds[] = {
	{ "no pointer: none, but AMD64 reads its size from page 0",
	  0x0000, 0,      { 0, 0 },              { 0, 0x1000 } },
	{ "no pointer, and an interrupt vector where the size should be: 64 KiB at most",
	  0x0000, 0xf000, { 0, 0 },              { 0, 0x10000 } },
	{ "the least pointer: size from the interrupt vector table",
	  0x0001, 1,      { 0x10, 0x1010 },      { 0x10, 0x1010 } },
	{ "a whole page",
	  0x9f00, 4,      { 0x9f000, 0xa0000 },  { 0x9f000, 0xa0000 } },
	{ "size 0 counts as 1 KiB",
	  0x9f00, 0,      { 0x9f000, 0xa0000 },  { 0x9f000, 0xa0000 } },
	{ "the commonest: 1 KiB below 640 KiB, and a page's size from there",
	  0x9fc0, 1,      { 0x9fc00, 0xa0c00 },  { 0x9fc00, 0xa0c00 } },
	{ "2 KiB from 1 KiB below a page's end are two pages",
	  0x9ec0, 2,      { 0x9ec00, 0x9fc00 },  { 0x9ec00, 0xa0c00 } },
	{ "5 KiB are two pages, and one for IA-32",
	  0x9d00, 5,      { 0x9d000, 0x9e000 },  { 0x9d000, 0x9f000 } },
	{ "64 KiB are 64 KiB",
	  0x9000, 64,     { 0x90000, 0x91000 },  { 0x90000, 0xa0000 } },
	{ "64 KiB inside a page are cut",
	  0x9001, 64,     { 0x90010, 0x91010 },  { 0x90010, 0xa0010 } },
	{ "65 KiB are cut",
	  0x9000, 65,     { 0x90000, 0x91000 },  { 0x90000, 0xa0000 } },
	{ "the largest size is cut",
	  0x8000, 0xffff, { 0x80000, 0x81000 },  { 0x80000, 0x90000 } },
	{ "the highest pointer",
	  0xffff, 0xffff, { 0xffff0, 0x100ff0 }, { 0xffff0, 0x10fff0 } },
};
/* clang-format on */

static void each_target_finds_the_ebda_of_its_kernel(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof finds / sizeof finds[0]; i++) {
		struct fake_phys fake;
		struct span ia32, amd64;
		uint8_t *memory;

		print_message("%s\n", finds[i].rule);
		fake_phys_init(&fake);
		memory = fake_phys_add(&fake, 0, 0x110000);
		fake_phys_set(memory + ((size_t)finds[i].segment << 4), 2, finds[i].size_kib);
		fake_phys_set(memory + 0x40e, 2, finds[i].segment);
		ia32 = ebda_find(&fake.phys, &target_ia32);
		amd64 = ebda_find(&fake.phys, &target_amd64);
		assert_int_equal(ia32.start_paddr, finds[i].ia32.start_paddr);
		assert_int_equal(ia32.end_paddr, finds[i].ia32.end_paddr);
		assert_int_equal(amd64.start_paddr, finds[i].amd64.start_paddr);
		assert_int_equal(amd64.end_paddr, finds[i].amd64.end_paddr);
		fake_phys_free(&fake);
	}
}

static void without_a_readable_page_0_there_is_no_ebda(void **state)
{
	struct fake_phys fake;
	struct span found;

	(void)state;
	fake_phys_init(&fake);
	fake_phys_add(&fake, 0x410, 0x9f000);
	found = ebda_find(&fake.phys, &target_ia32);
	assert_int_equal(found.start_paddr, found.end_paddr);
	found = ebda_find(&fake.phys, &target_amd64);
	assert_int_equal(found.start_paddr, found.end_paddr);
	fake_phys_free(&fake);
}

static void an_ebda_that_cannot_be_read_is_the_smallest(void **state)
{
	struct fake_phys fake;
	struct span found;

	(void)state;
	fake_phys_init(&fake);
	fake_phys_set(fake_phys_add(&fake, 0x40e, 2), 2, 0x9e00);
	found = ebda_find(&fake.phys, &target_amd64);
	assert_int_equal(found.start_paddr, 0x9e000);
	assert_int_equal(found.end_paddr, 0x9f000);
	fake_phys_free(&fake);
}

/* clang-format off */
static const struct {
	const char *rule;
	struct span ebda;
	bool is_plausible;
} plausible[] = {
	{ "nothing is not one",                      { 0, 0 },              false },
	{ "nothing, in the right place, is not one", { 0x9f000, 0x9f000 },  false },
	{ "page 0 is not one",                       { 0, 0x1000 },         false },
	{ "below 512 KiB",                           { 0x7fff0, 0x80ff0 },  false },
	{ "from 512 KiB",                            { 0x80000, 0x81000 },  true },
	{ "64 KiB up to 640 KiB",                    { 0x90000, 0xa0000 },  true },
	{ "64 KiB, the last page beyond 640 KiB",    { 0x91000, 0xa1000 },  false },
	{ "the page below 640 KiB",                  { 0x9f000, 0xa0000 },  true },
	{ "a size beyond 640 KiB",                   { 0x9f000, 0xa0001 },  false },
	{ "1 KiB below 640 KiB, as 2.6.24 has it",   { 0x9fc00, 0xa0c00 },  true },
	{ "the last 16 bytes below 640 KiB",         { 0x9fff0, 0xa0ff0 },  true },
	{ "the VGA window",                          { 0xa0000, 0xa1000 },  false },
	{ "the highest pointer",                     { 0xffff0, 0x100ff0 }, false },
};
/* clang-format on */

static void policy_safe_believes_what_lies_in_the_upper_half_of_conventional_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof plausible / sizeof plausible[0]; i++) {
		print_message("%s\n", plausible[i].rule);
		assert_int_equal(ebda_is_plausible(plausible[i].ebda), plausible[i].is_plausible);
	}
}

/* Every pointer, several sizes: what 2.6.24 makes of them stays below 1 MiB + 128 KiB. */
static void no_pointer_leads_far(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 4, 64, 0xffff };
	struct fake_phys fake;
	uint8_t *memory;

	(void)state;
	fake_phys_init(&fake);
	memory = fake_phys_add(&fake, 0, 0x110000);
	for (uint32_t segment = 0; segment <= 0xffff; segment += 0x11)
		for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
			struct span found;

			fake_phys_set(memory + ((size_t)segment << 4), 2, sizes[i]);
			fake_phys_set(memory + 0x40e, 2, segment);
			found = ebda_find(&fake.phys, &target_amd64);
			assert_true(found.start_paddr < found.end_paddr);
			assert_int_equal(found.start_paddr, segment << 4);
			assert_true(found.end_paddr - found.start_paddr <= 0x10000);
			fake_phys_forget(&fake);
		}
	fake_phys_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_target_finds_the_ebda_of_its_kernel),
		cmocka_unit_test(without_a_readable_page_0_there_is_no_ebda),
		cmocka_unit_test(an_ebda_that_cannot_be_read_is_the_smallest),
		cmocka_unit_test(
			policy_safe_believes_what_lies_in_the_upper_half_of_conventional_memory),
		cmocka_unit_test(no_pointer_leads_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
