/*
 * test_memory.c - the ledger of claimed pages: where they lie, and that all of them come back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/memory.h"
#include "tests/unit/fake_firmware.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define MIB       UINT64_C(0x100000)
#define NO_LIMIT  UINT64_MAX
#define RAM_PAGES ((FAKE_RAM_END_PADDR - FAKE_RAM_PADDR) / PAGE_BYTES)

static struct memory memory;

static void machine(void)
{
	if (!fake_firmware_init()) {
		print_message("no memory of the host's at the addresses that this test needs\n");
		skip();
	}
	memset(&memory, 0, sizeof memory);
	memory.firmware = &fake.firmware;
}

/* Whatever a row did: after it all pages are the firmware's again, and none was freed twice. */
static void everything_comes_back(const char *rule)
{
	memory_give_back(&memory, 0);
	if (fake.n_claimed_pages != 0 || memory.n_claims != 0)
		fail_msg("%s: not all pages were given back", rule);
	if (fake.violation != NULL)
		fail_msg("%s: %s", rule, fake.violation);
}

static const struct {
	const char *rule;
	uint64_t n_pages, align_bytes;
	paddr_t limit_paddr;
	paddr_t expected_paddr; /* 0: EFI_OUT_OF_RESOURCES */
} claims[] = {
	{ "no pages are nothing to claim", 0, 1, NO_LIMIT, 0 },
	{ "one page comes from the top", 1, 1, NO_LIMIT, FAKE_RAM_END_PADDR - PAGE_BYTES },
	{ "an alignment below a page is a page's", 1, 64, NO_LIMIT,
	  FAKE_RAM_END_PADDR - PAGE_BYTES },
	{ "and so is an alignment of a page", 2, 4096, NO_LIMIT, FAKE_RAM_END_PADDR - 0x2000 },
	{ "two pages are more than one", 1, 8192, NO_LIMIT, FAKE_RAM_END_PADDR - 0x2000 },
	{ "the place is a multiple of the alignment", 3, 2 * MIB, NO_LIMIT, UINT64_C(0x13e00000) },
	{ "which may be as large as the memory", 1, 32 * MIB, NO_LIMIT, UINT64_C(0x12000000) },
	{ "the limit is one past the last byte", 1, 1, UINT64_C(0x11000000), UINT64_C(0x10fff000) },
	{ "a limit inside a page leaves that page out", 1, 1, UINT64_C(0x11000fff),
	  UINT64_C(0x10fff000) },
	{ "a limit at its end does not", 1, 1, UINT64_C(0x11001000), UINT64_C(0x11000000) },
	{ "limit and alignment hold together", 1, 16 * MIB, UINT64_C(0x12000000),
	  UINT64_C(0x11000000) },
	{ "all of the memory is one claim", RAM_PAGES, 1, NO_LIMIT, FAKE_RAM_PADDR },
	{ "a page more is too much", RAM_PAGES + 1, 1, NO_LIMIT, 0 },
	{ "as is an alignment that there is no room for", 1, 128 * MIB, NO_LIMIT, 0 },
	{ "below 1 MiB nothing is claimed, though the firmware has it", 1, 1, MIB, 0 },
	{ "not with an alignment either", 1, 65536, MIB, 0 },
	{ "nor where there is nothing at all", 1, 1, PAGE_BYTES, 0 },
	{ "a number of pages that wraps with the spare ones is too much", UINT64_MAX, 2 * MIB,
	  NO_LIMIT, 0 },
	{ "as is one that is no number of the firmware's", UINT64_C(1) << 52, 1, NO_LIMIT, 0 },
};

static void claims_are_aligned_and_below_their_limit(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(claims); i++) {
		paddr_t start_paddr = 0;
		EFI_STATUS status;

		machine();
		status = memory_claim(&memory, EfiLoaderData, claims[i].n_pages,
		                      claims[i].align_bytes, claims[i].limit_paddr, &start_paddr);
		if (status != (claims[i].expected_paddr == 0 ? EFI_OUT_OF_RESOURCES : EFI_SUCCESS))
			fail_msg("%s: status", claims[i].rule);
		if (start_paddr != claims[i].expected_paddr)
			fail_msg("%s: 0x%llx", claims[i].rule, (unsigned long long)start_paddr);
		if (fake.n_claimed_pages != (EFI_ERROR(status) ? 0 : claims[i].n_pages))
			fail_msg("%s: more is claimed than asked for", claims[i].rule);
		everything_comes_back(claims[i].rule);
	}
}

/* UEFI 2.10 §7.2.1 leaves the choice to the firmware. */
static void firmware_that_begins_at_the_bottom_is_asked_until_it_is_above_1_mib(void **state)
{
	static const uint64_t pages[] = { 1, 16, 0x50, 0x91 };

	(void)state;
	for (size_t i = 0; i < N_OF(pages); i++) {
		paddr_t start_paddr = 0;

		machine();
		fake.is_bottom_up = true;
		assert_int_equal(memory_claim(&memory, EfiLoaderData, pages[i], PAGE_BYTES,
		                              NO_LIMIT, &start_paddr),
		                 EFI_SUCCESS);
		assert_int_equal(start_paddr, FAKE_RAM_PADDR);
		assert_int_equal(fake.n_claimed_pages, pages[i]); /* nothing kept below */
		everything_comes_back("from the bottom");
	}
}

static void the_type_is_the_callers(void **state)
{
	paddr_t start_paddr;

	(void)state;
	machine();
	memory_claim(&memory, EfiLoaderCode, 1, PAGE_BYTES, NO_LIMIT, &start_paddr);
	assert_int_equal(fake.types[pfn_down(start_paddr)], EfiLoaderCode);
	memory_claim(&memory, EfiLoaderData, 1, PAGE_BYTES, NO_LIMIT, &start_paddr);
	assert_int_equal(fake.types[pfn_down(start_paddr)], EfiLoaderData);
	everything_comes_back("types");
}

static const struct {
	const char *rule;
	paddr_t start_paddr;
	uint64_t n_pages;
	EFI_STATUS status;
} places[] = {
	{ "a place that is free is taken", UINT64_C(0x10000000), 16, EFI_SUCCESS },
	{ "up to the last page of memory", UINT64_C(0x13fff000), 1, EFI_SUCCESS },
	{ "below 1 MiB too, when it is asked for by address", FAKE_LOW_PADDR, 1, EFI_SUCCESS },
	{ "one that the firmware has is not", UINT64_C(0x100000), 1, EFI_NOT_FOUND },
	{ "nor is one that it has in part", UINT64_C(0xffff000), 2, EFI_NOT_FOUND },
	{ "nor one where there is no memory", UINT64_C(0x13fff000), 2, EFI_NOT_FOUND },
	{ "nor one beyond 4 GiB", UINT64_C(0x100000000), 1, EFI_NOT_FOUND },
};

static void a_place_is_taken_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(places); i++) {
		EFI_STATUS status;

		machine();
		status = memory_claim_at(&memory, places[i].start_paddr, places[i].n_pages);
		if (status != places[i].status)
			fail_msg("%s", places[i].rule);
		if (!EFI_ERROR(status) &&
		    !EFI_ERROR(memory_claim_at(&memory, places[i].start_paddr, 1)))
			fail_msg("%s: twice", places[i].rule);
		everything_comes_back(places[i].rule);
	}
}

static void more_pages_than_a_number_of_the_firmwares_are_not_cut_to_it(void **state)
{
	(void)state;
	machine();
	assert_true(EFI_ERROR(memory_claim_at(&memory, FAKE_RAM_PADDR, UINT64_C(0x100000001))));
	everything_comes_back("2^32 + 1 pages");
}

static void bytes_are_whole_pages_and_cleared(void **state)
{
	static const uint64_t sizes[] = { 1, 4095, 4096, 4097, 100000 };

	(void)state;
	machine();
	for (size_t i = 0; i < N_OF(sizes); i++) {
		uint64_t before = fake.n_claimed_pages;
		const uint8_t *bytes = memory_claim_bytes(&memory, sizes[i]);

		assert_non_null(bytes);
		assert_int_equal((uintptr_t)bytes % PAGE_BYTES, 0);
		assert_int_equal(fake.n_claimed_pages - before, pages_of(sizes[i]));
		for (uint64_t j = 0; j < pages_of(sizes[i]) * PAGE_BYTES; j++)
			assert_int_equal(bytes[j], 0);
	}
	assert_null(memory_claim_bytes(&memory, 0));
	assert_null(memory_claim_bytes(&memory, UINT64_MAX));
	assert_null(memory_claim_bytes(&memory, 65 * MIB));
	everything_comes_back("bytes");
}

static void a_full_ledger_claims_nothing_more(void **state)
{
	paddr_t start_paddr;

	(void)state;
	machine();
	for (unsigned i = 0; i < MEMORY_CLAIMS; i++)
		assert_int_equal(memory_claim_at(&memory, FAKE_RAM_PADDR + i * PAGE_BYTES, 1),
		                 EFI_SUCCESS);
	assert_int_equal(memory_claim_at(&memory, UINT64_C(0x12000000), 1), EFI_OUT_OF_RESOURCES);
	assert_int_equal(memory_claim(&memory, EfiLoaderData, 1, 2 * MIB, NO_LIMIT, &start_paddr),
	                 EFI_OUT_OF_RESOURCES);
	assert_null(memory_claim_bytes(&memory, 1));
	assert_int_equal(fake.n_claimed_pages, MEMORY_CLAIMS);
	everything_comes_back("a full ledger");
}

static void an_error_of_the_firmware_is_passed_on(void **state)
{
	paddr_t start_paddr;

	(void)state;
	machine();
	fake.fail_call = 1;
	assert_int_equal(memory_claim(&memory, EfiLoaderData, 1, 4096, NO_LIMIT, &start_paddr),
	                 EFI_DEVICE_ERROR);
	fake.fail_call = 2;
	assert_int_equal(memory_claim_at(&memory, FAKE_RAM_PADDR, 1), EFI_DEVICE_ERROR);
	fake.fail_call = 3;
	assert_null(memory_claim_bytes(&memory, 1));
	everything_comes_back("errors");
}

/* UEFI 2.10 §7.2.1 says where pages lie; firmware exists that does not hold to it. */
static const struct {
	const char *rule;
	bool ignores_limit;
	paddr_t moves_given;
	uint64_t n_pages, align_bytes;
	paddr_t limit_paddr;
	const char *says; /* NULL: nothing is wrong */
} given[] = {
	{ "pages above the limit are refused", true, 0, 2, 1, UINT64_C(0x11000000),
	  "bootmem: error: the firmware was asked for 0x2 pages that end below 0x11000000, and gave "
	  "0x13ffe000 (PROTOCOL_ERROR)\n" },
	{ "though nobody looks where they are, if all of them are below", true, 0, 2, 1,
	  FAKE_RAM_END_PADDR, NULL },
	{ "those that end a page above it are", false, PAGE_BYTES, 1, 1, FAKE_RAM_END_PADDR,
	  "bootmem: error: the firmware was asked for 0x1 pages that end below 0x14000000, and gave "
	  "0x14000000 (PROTOCOL_ERROR)\n" },
	{ "the spare ones of an alignment count", true, 0, 1, 2 * MIB, UINT64_C(0x12000000),
	  "bootmem: error: the firmware was asked for 0x200 pages that end below 0x12000000, and "
	  "gave 0x13e00000 (PROTOCOL_ERROR)\n" },
	{ "what does not begin at a page is no page", false, 0x10, 1, 1, NO_LIMIT,
	  "bootmem: error: the firmware was asked for 0x1 pages that end below 0x" },
};

static void what_the_firmware_gives_is_looked_at(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(given); i++) {
		paddr_t start_paddr = 0;
		EFI_STATUS status;

		machine();
		fake.ignores_limit = given[i].ignores_limit;
		fake.moves_given = given[i].moves_given;
		status = memory_claim(&memory, EfiLoaderData, given[i].n_pages,
		                      given[i].align_bytes, given[i].limit_paddr, &start_paddr);
		if (status != (given[i].says == NULL ? EFI_SUCCESS : EFI_PROTOCOL_ERROR))
			fail_msg("%s: status", given[i].rule);
		if (EFI_ERROR(status) && fake.n_claimed_pages != 0)
			fail_msg("%s: it was not given back", given[i].rule);
		if (strncmp(fake.console, given[i].says == NULL ? "" : given[i].says,
		            given[i].says == NULL ? 1 : strlen(given[i].says)) != 0)
			fail_msg("%s: %s", given[i].rule, fake.console);
		everything_comes_back(given[i].rule);
	}
}

static void a_place_that_is_another_one_is_refused(void **state)
{
	(void)state;
	machine();
	fake.moves_given = PAGE_BYTES;
	assert_int_equal(memory_claim_at(&memory, FAKE_RAM_PADDR, 1), EFI_PROTOCOL_ERROR);
	assert_string_equal(fake.console,
	                    "bootmem: error: the firmware was asked for 0x1 pages at 0x10000000, "
	                    "and gave 0x10001000 (PROTOCOL_ERROR)\n");
	assert_int_equal(fake.n_claimed_pages, 0);
	everything_comes_back("another place");
}

/* HandleProtocol() and LocateProtocol() may succeed with nothing. */
static void a_protocol_that_is_null_is_none(void **state)
{
	(void)state;
	machine();
	fake.gives_null = true;
	assert_int_equal(memory_make_executable(&memory, FAKE_RAM_PADDR), EFI_SUCCESS);
	everything_comes_back("no protocol");
}

/* Of the map: 16 free pages from 0x10000000 on, then 16 of the firmware's, then free ones; and what
 * was given away since. */
static const struct {
	const char *rule;
	struct span span;
	struct span taken;
	uint64_t n_claimed;
} fences[] = {
	{ "all that is free of it", { 0x10000000, 0x10010000 }, { 0, 0 }, 16 },
	{ "as whole pages", { 0x10000fff, 0x10002001 }, { 0, 0 }, 3 },
	{ "on both sides of what the firmware has", { 0x1000f000, 0x10022000 }, { 0, 0 }, 3 },
	{ "nothing where nothing is free", { 0x10010000, 0x10020000 }, { 0, 0 }, 0 },
	{ "nor where no memory is", { 0x14000000, 0x15000000 }, { 0, 0 }, 0 },
	{ "nothing of nothing", { 0x10001000, 0x10001000 }, { 0, 0 }, 0 },
	{ "a page that is gone by now leaves the others",
	  { 0x10000000, 0x10010000 },
	  { 0x10005000, 0x10006000 },
	  15 },
	{ "so does the first", { 0x10000000, 0x10010000 }, { 0x10000000, 0x10001000 }, 15 },
	{ "so does the last", { 0x10000000, 0x10010000 }, { 0x1000f000, 0x10010000 }, 15 },
	{ "half of it may be", { 0x10020000, 0x10120000 }, { 0x100a0000, 0x11000000 }, 128 },
	{ "or all", { 0x10000000, 0x10010000 }, { 0x10000000, 0x10010000 }, 0 },
};

static void what_is_free_of_a_place_is_claimed(void **state)
{
	static const struct uefi_descriptor descriptors[] = {
		{ .type = UEFI_CONVENTIONAL, .start_paddr = 0x10020000, .n_pages = 0x3fe0 },
		{ .type = UEFI_BOOT_SERVICES_DATA, .start_paddr = 0x10010000, .n_pages = 16 },
		{ .type = UEFI_CONVENTIONAL, .start_paddr = 0x10000000, .n_pages = 16 },
	};
	static const struct uefi_map map = { descriptors, sizeof descriptors,
		                             sizeof descriptors[0] };

	(void)state;
	for (size_t i = 0; i < N_OF(fences); i++) {
		machine();
		fake_set_pages(0x10010000, 0x10020000, EfiBootServicesData);
		if (fences[i].taken.end_paddr != 0)
			fake_set_pages(fences[i].taken.start_paddr, fences[i].taken.end_paddr,
			               EfiBootServicesData);
		memory_fence(&memory, &map, fences[i].span);
		if (fake.n_claimed_pages != fences[i].n_claimed)
			fail_msg("%s: %u pages", fences[i].rule, (unsigned)fake.n_claimed_pages);
		everything_comes_back(fences[i].rule);
	}
}

/* The firmware gives back what it had in a place, a file's buffers say, and offers it next. */
static void what_comes_free_behind_a_fence_is_not_given(void **state)
{
	static const struct uefi_descriptor descriptor = { .type = UEFI_BOOT_SERVICES_DATA,
		                                           .start_paddr = FAKE_RAM_PADDR,
		                                           .n_pages = 64 };
	static const struct uefi_map map = { &descriptor, sizeof descriptor, sizeof descriptor };
	const struct span fence = { FAKE_RAM_PADDR + 0x1800, FAKE_RAM_PADDR + 0x20800 };
	paddr_t start_paddr;

	(void)state;
	for (int is_bottom_up = 0; is_bottom_up < 2; is_bottom_up++) {
		machine();
		fake.is_bottom_up = is_bottom_up != 0;
		memory_fence(&memory, &map, fence);
		assert_int_equal(fake.n_claimed_pages, 0);
		assert_int_equal(memory_claim(&memory, EfiLoaderData, 2, PAGE_BYTES,
		                              FAKE_RAM_PADDR + 0x23000, &start_paddr),
		                 EFI_SUCCESS);
		assert_int_equal(start_paddr, FAKE_RAM_PADDR + 0x21000);
		assert_int_equal(memory_claim(&memory, EfiLoaderData, 1, PAGE_BYTES,
		                              FAKE_RAM_PADDR + 0x23000, &start_paddr),
		                 EFI_SUCCESS);
		assert_int_equal(start_paddr, FAKE_RAM_PADDR);
		assert_int_equal(memory_claim(&memory, EfiLoaderData, 1, PAGE_BYTES,
		                              FAKE_RAM_PADDR + 0x23000, &start_paddr),
		                 EFI_OUT_OF_RESOURCES);
		everything_comes_back("a fence");
	}
}

/* "reserve =" of the configuration takes any number. */
static void a_fence_may_have_no_end(void **state)
{
	static const struct uefi_map map = { NULL, 0, sizeof(struct uefi_descriptor) };
	paddr_t start_paddr;

	(void)state;
	machine();
	memory_fence(&memory, &map, (struct span){ FAKE_RAM_PADDR + 0x5001, UINT64_MAX });
	assert_int_equal(
		memory_claim(&memory, EfiLoaderData, 5, PAGE_BYTES, NO_LIMIT, &start_paddr),
		EFI_SUCCESS);
	assert_int_equal(start_paddr, FAKE_RAM_PADDR);
	assert_int_equal(
		memory_claim(&memory, EfiLoaderData, 1, PAGE_BYTES, NO_LIMIT, &start_paddr),
		EFI_OUT_OF_RESOURCES);
	everything_comes_back("no end");
}

/* 1,023 pages around one that is gone: halved on the way to it, ten times, and doubled behind it.
 */
static void a_fence_takes_few_claims(void **state)
{
	static const struct uefi_descriptor free = { .type = UEFI_CONVENTIONAL,
		                                     .start_paddr = 0x10000000,
		                                     .n_pages = 1024 };
	static const struct uefi_map map = { &free, sizeof free, sizeof free };

	(void)state;
	machine();
	fake_set_pages(0x10000000 + pfn_paddr(300), 0x10000000 + pfn_paddr(301),
	               EfiBootServicesData);
	memory_fence(&memory, &map, (struct span){ 0x10000000, 0x10000000 + pfn_paddr(1024) });
	assert_int_equal(fake.n_claimed_pages, 1023);
	assert_in_range(memory.n_claims, 2, 2 * 10 + 2);
	everything_comes_back("few claims");
}

/* A free page, and one that is gone, in turns: 256 claims are all that there are. */
static void a_fence_stops_when_the_ledger_is_full(void **state)
{
	static const struct uefi_descriptor free = { .type = UEFI_CONVENTIONAL,
		                                     .start_paddr = 0x10000000,
		                                     .n_pages = 0x4000 };
	static const struct uefi_map map = { &free, sizeof free, sizeof free };

	(void)state;
	machine();
	for (paddr_t paddr = 0x10000000; paddr < 0x10400000; paddr += 2 * PAGE_BYTES)
		fake_set_pages(paddr, paddr + PAGE_BYTES, EfiBootServicesData);
	memory_fence(&memory, &map, (struct span){ 0x10000000, 0x10400000 });
	assert_int_equal(memory.n_claims, MEMORY_CLAIMS);
	assert_int_equal(fake.n_claimed_pages, MEMORY_CLAIMS);
	everything_comes_back("a full ledger");
}

static void what_was_given_back_can_be_claimed_again(void **state)
{
	(void)state;
	machine();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(memory_claim_at(&memory, FAKE_RAM_PADDR, RAM_PAGES), EFI_SUCCESS);
		memory_give_back(&memory, 0);
		memory_give_back(&memory, 0); /* of nothing: nothing */
	}
	everything_comes_back("again");
}

static void one_of_several_can_be_given_back(void **state)
{
	void *first, *last;

	(void)state;
	machine();
	first = memory_claim_bytes(&memory, 1);
	assert_non_null(memory_claim_bytes(&memory, 3 * PAGE_BYTES));
	last = memory_claim_bytes(&memory, 2 * PAGE_BYTES);
	memory_release(&memory, 1);
	assert_int_equal(memory.n_claims, 2);
	assert_int_equal(fake.n_claimed_pages, 3);
	assert_ptr_equal(memory_at(memory.claims[0].start_paddr), first);
	assert_ptr_equal(memory_at(memory.claims[1].start_paddr), last);
	memory_release(&memory, 1);
	assert_int_equal(fake.n_claimed_pages, 1);
	everything_comes_back("one of several");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(claims_are_aligned_and_below_their_limit),
		cmocka_unit_test(
			firmware_that_begins_at_the_bottom_is_asked_until_it_is_above_1_mib),
		cmocka_unit_test(the_type_is_the_callers),
		cmocka_unit_test(a_place_is_taken_or_refused),
		cmocka_unit_test(more_pages_than_a_number_of_the_firmwares_are_not_cut_to_it),
		cmocka_unit_test(bytes_are_whole_pages_and_cleared),
		cmocka_unit_test(a_full_ledger_claims_nothing_more),
		cmocka_unit_test(an_error_of_the_firmware_is_passed_on),
		cmocka_unit_test(what_is_free_of_a_place_is_claimed),
		cmocka_unit_test(what_comes_free_behind_a_fence_is_not_given),
		cmocka_unit_test(a_fence_may_have_no_end),
		cmocka_unit_test(a_fence_takes_few_claims),
		cmocka_unit_test(a_fence_stops_when_the_ledger_is_full),
		cmocka_unit_test(what_the_firmware_gives_is_looked_at),
		cmocka_unit_test(a_place_that_is_another_one_is_refused),
		cmocka_unit_test(a_protocol_that_is_null_is_none),
		cmocka_unit_test(what_was_given_back_can_be_claimed_again),
		cmocka_unit_test(one_of_several_can_be_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
