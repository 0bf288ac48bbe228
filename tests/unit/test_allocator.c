/*
 * test_allocator.c - the stub kernel's check of the allocator: it passes on bitmaps of all kinds,
 * and an allocator that lies once, in whatever call and way, is found out.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "bootmem/bootmem.h"

/* The file itself, on an allocator that the test can have lie. */
static paddr_t alloc_core(bootmem_data_t *bdata, uint64_t bytes, uint64_t align, paddr_t goal_paddr,
                          paddr_t limit_paddr);
static paddr_t alloc_pages(bootmem_data_t *bdata, uint64_t bytes);
static void give(bootmem_data_t *bdata, paddr_t start_paddr, paddr_t end_paddr);
static uint64_t give_all(bootmem_data_t *bdata, bootmem_free_pages_fn *free_pages, void *context);
#define alloc_bootmem_core  alloc_core
#define alloc_bootmem_pages alloc_pages
#define free_bootmem        give
#define free_all_bootmem    give_all
#include "handoff/stub/allocator.c"
#undef alloc_bootmem_core
#undef alloc_bootmem_pages
#undef free_bootmem
#undef free_all_bootmem

/* All that is there: the first allocation must be in it. */
#define MEMORY_PFN   UINT64_C(0x10000)
#define MEMORY_PAGES UINT64_C(0x80)
#define MOST_PFN     UINT64_C(0x128000)
#define GAP_PFN      UINT64_C(0x120880) /* the first of 64 in a large machine, and reserved */
#define MAP_PFN      UINT64_C(0x10070)  /* of the bitmap, which lies elsewhere here */

static unsigned char bitmap[MOST_PFN / 8] __attribute__((aligned(4096)));
static unsigned char sealed[sizeof bitmap];
static struct handoff_block block;
static struct proof proof;

/* ---- lies ---- */

enum lie {
	NO_LIE,
	NONE_FOUND, /* but it was allocated */
	A_PAGE_UP,  /* and down: not where it was allocated */
	A_PAGE_DOWN,
	HALF_A_PAGE_UP,
	THE_FIRST_PAGE,   /* of the ledger: it is in use */
	AT_THE_END,       /* a page of it beyond the node */
	BIT_CLEARED,      /* of a page that is reserved */
	BIT_SET,          /* of one that is free */
	LAST_BIT_CLEARED, /* behind the last page */
	ACROSS_THE_GAP,   /* 512 pages behind it begin with it */
	NOT_GIVEN_BACK,
	GIVEN_BACK_TOO_MUCH,
	FREED_WITHOUT_MAP,
	FREED_TWICE,
	ANOTHER_COUNT,
	A_RESERVED_PAGE_TOO,
};

static enum lie lie;
static unsigned lying_call, n_calls; /* of alloc_core(), from 0 on; of others, the first */
static bool has_lied;

static void flip(pfn_t pfn)
{
	bitmap[pfn / 8] ^= (unsigned char)(1u << pfn % 8);
}

static pfn_t first_with(bool is_reserved)
{
	pfn_t pfn = MEMORY_PFN + 0x40; /* not in the ledger */

	while (pfn < block.node_low_pfn && (bitmap[pfn / 8] >> pfn % 8 & 1) != is_reserved)
		pfn++;
	return pfn;
}

static paddr_t lied(paddr_t paddr)
{
	has_lied = true;
	switch (lie) {
	case NONE_FOUND:
		has_lied = paddr != BOOTMEM_NONE;
		return BOOTMEM_NONE;
	case A_PAGE_UP:
		return paddr + PAGE_BYTES;
	case A_PAGE_DOWN:
		return paddr - PAGE_BYTES;
	case HALF_A_PAGE_UP:
		return paddr + PAGE_BYTES / 2;
	case THE_FIRST_PAGE:
		return pfn_paddr(MEMORY_PFN);
	case AT_THE_END:
		return pfn_paddr(block.node_low_pfn);
	case BIT_CLEARED:
		flip(first_with(true));
		return paddr;
	case BIT_SET:
		flip(first_with(false));
		return paddr;
	case LAST_BIT_CLEARED:
		bitmap[block.node_bootmem_map_bytes - 1] &= 0x7f;
		return paddr;
	default:
		has_lied = false;
		return paddr;
	}
}

/* What was asked for, as far as it is not by blocks. */
static const struct {
	uint64_t bytes, align, goal_paddr, limit_paddr;
} asked[] = {
	{ 0x1000, 0x1000, 0, 0 },
	{ 0x1000, 0x1000, 0x1000000, 0 },
	{ 0x1000, 0x1000, 0, 0x1000000 },
	{ 0x1000, 0x1000, 0, 0x100000 },
	{ 0x3000, 0x10000, 0x1000000, 0 },
	{ 0x10000, 0x10000, 0, 0 },
	{ 0x200000, 0x200000, 0x1000000, 0 },
	{ 0x200000, 0x200000, 0, 0x100000000 },
	{ 0x400000, 0x400000, 0x100000000, 0 },
	{ 0x1000, 0x1000, 0x400000000000, 0 },
	{ BOOTMEM_CACHE_BYTES, BOOTMEM_CACHE_BYTES, 0, 0 },
	{ BOOTMEM_CACHE_BYTES, BOOTMEM_CACHE_BYTES, 0, 0 },
	{ 0x1000, 0x1000, 0, 0 },
};

/* Where no small block is to be had, there is no second one. */
static void note(uint64_t bytes, uint64_t align, paddr_t goal_paddr, paddr_t limit_paddr)
{
	if (n_calls >= COUNT(asked) || (n_calls > 10 && bytes != asked[n_calls].bytes))
		return;
	if (bytes != asked[n_calls].bytes || align != asked[n_calls].align)
		fail_msg("call %u: 0x%llx on 0x%llx", n_calls, (ull)bytes, (ull)align);
	assert_true(goal_paddr == asked[n_calls].goal_paddr);
	assert_true(limit_paddr == asked[n_calls].limit_paddr);
}

static paddr_t alloc_core(bootmem_data_t *bdata, uint64_t bytes, uint64_t align, paddr_t goal_paddr,
                          paddr_t limit_paddr)
{
	paddr_t paddr = alloc_bootmem_core(bdata, bytes, align, goal_paddr, limit_paddr);

	note(bytes, align, goal_paddr, limit_paddr);
	if (lie == ACROSS_THE_GAP && bytes == 0x200000 && paddr == pfn_paddr(GAP_PFN + 1)) {
		has_lied = true;
		return paddr - PAGE_BYTES;
	}
	return n_calls++ == lying_call && lie != NO_LIE ? lied(paddr) : paddr;
}

#define FIRST_CALL UINT32_MAX /* alloc_pages() */

static paddr_t alloc_pages(bootmem_data_t *bdata, uint64_t bytes)
{
	paddr_t paddr = alloc_bootmem_pages(bdata, bytes);

	return lying_call == FIRST_CALL ? lied(paddr) : paddr;
}

static void give(bootmem_data_t *bdata, paddr_t start_paddr, paddr_t end_paddr)
{
	if (bdata == &contig_bootmem_data && lie == NOT_GIVEN_BACK && !has_lied) {
		has_lied = true;
		start_paddr += PAGE_BYTES;
	}
	if (bdata == &contig_bootmem_data && lie == GIVEN_BACK_TOO_MUCH && !has_lied) {
		has_lied = true;
		end_paddr += PAGE_BYTES;
	}
	if (start_paddr < end_paddr)
		free_bootmem(bdata, start_paddr, end_paddr);
}

struct passed {
	bootmem_free_pages_fn *free_pages;
	void *context;
};

static void pass_on(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	const struct passed *passed = context;

	if (lie == FREED_WITHOUT_MAP && first_pfn == MAP_PFN)
		return;
	if (lie == FREED_TWICE && first_pfn == MAP_PFN)
		passed->free_pages(passed->context, first_pfn, n_pages);
	if (lie == A_RESERVED_PAGE_TOO && first_pfn != MAP_PFN) {
		lie = NO_LIE;
		n_pages++;
	}
	passed->free_pages(passed->context, first_pfn, n_pages);
}

static uint64_t give_all(bootmem_data_t *bdata, bootmem_free_pages_fn *free_pages, void *context)
{
	struct passed passed = { free_pages, context };

	return free_all_bootmem(bdata, pass_on, &passed) + (lie == ANOTHER_COUNT);
}

/* ---- machines ---- */

static struct progress told;
static unsigned n_told;

static void hear(const struct progress *progress)
{
	assert_int_equal(progress->what, PROGRESS_ALLOCATES);
	assert_true(progress->n_whole == block.free_pages);
	assert_true(progress->n_done >= told.n_done + 4096 && progress->n_done <= block.free_pages);
	assert_true(progress->pfn == 0);
	told = *progress;
	n_told++;
}

/* All is reserved. */
static void begin(pfn_t low_pfn)
{
	unsigned word_bytes = sizeof(void *);

	memset(bitmap, 0xff, sizeof bitmap);
	block = (struct handoff_block){
		.target = word_bytes == 8 ? HANDOFF_TARGET_AMD64 : HANDOFF_TARGET_IA32,
		.node_low_pfn = low_pfn,
		.max_low_pfn = low_pfn,
		.max_pfn = low_pfn,
		.min_low_pfn = MAP_PFN,
		.node_bootmem_map_paddr = pfn_paddr(MAP_PFN),
		.node_bootmem_map_bytes = align_up((low_pfn + 7) / 8, word_bytes),
	};
	lie = NO_LIE;
	lying_call = n_calls = n_told = 0;
	has_lied = false;
	told = (struct progress){ 0 };
}

static void set_free(pfn_t pfn, uint64_t n_pages)
{
	for (uint64_t i = 0; i < n_pages; i++)
		flip(pfn + i);
	block.free_pages += n_pages;
}

static struct outcome check(void)
{
	struct outcome outcome;

	block.node_bootmem_map_checksum = handoff_checksum(bitmap, block.node_bootmem_map_bytes);
	memcpy(sealed, bitmap, sizeof bitmap);
	proof = (struct proof){ .block = &block, .bitmap = bitmap, .progress = hear };
	outcome = check_allocator(&proof);
	/* However it ends badly, the checks that follow have the bitmap as it was. */
	if (outcome.kind == OUTCOME_FAIL && has_lied && lie < NOT_GIVEN_BACK &&
	    lying_call != FIRST_CALL)
		assert_memory_equal(bitmap, sealed, sizeof bitmap);
	return outcome;
}

/* Four pages below 64 KiB; where there is memory, 30; 3 more on 64 KiB; 40 far above. */
static void begin_small(void)
{
	begin(0x10500 + 3);
	set_free(1, 4);
	set_free(MEMORY_PFN, 30);
	set_free(0x100e0, 3);
	set_free(0x10400, 40);
}

#define SMALL_PAGES "77 pages handed out and given back, 80 freed with the bitmap's"

static void make_memory(void)
{
	void *at = (void *)(uintptr_t)pfn_paddr(MEMORY_PFN);

	assert_ptr_equal(mmap(at, pfn_paddr(MEMORY_PAGES), PROT_READ | PROT_WRITE,
	                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	                 at);
}

static void a_right_one_passes(void **state)
{
	struct outcome outcome;

	(void)state;
	begin_small();
	outcome = check();
	assert_string_equal(outcome.text, SMALL_PAGES);
	assert_string_equal(outcome.brief, "77 pages given");
	assert_int_equal(outcome.kind, OUTCOME_OK);
	assert_int_equal(outcome.n_seen, 77);
	assert_int_equal(n_told, 0);
}

/* 4 GiB are taken page by page; then there are as many as two of the largest blocks have, but one,
 * and three of the smaller ones behind the gap. */
static void begin_large(void)
{
	begin(MOST_PFN);
	set_free(MEMORY_PFN, 0x110860);
	set_free(GAP_PFN + 1, 0x600);
}

static void a_large_one_is_taken_in_blocks(void **state)
{
	struct outcome outcome;

	(void)state;
	begin_large();
	outcome = check();
	assert_int_equal(outcome.kind, OUTCOME_OK);
	assert_string_equal(outcome.text,
	                    "1117792 pages handed out and given back, 66560 of them in blocks, "
	                    "1117829 freed with the bitmap's");
	assert_int_equal(n_told, 265);
}

static void a_block_is_looked_at_whole(void **state)
{
	(void)state;
	begin_large();
	lie = ACROSS_THE_GAP;
	lying_call = FIRST_CALL - 1;
	assert_string_equal(check().text,
	                    "until nothing is left: page 0x120880 at 0x120880000 was not free");
}

static void no_room_is_said(void **state)
{
	struct outcome outcome;

	(void)state;
	begin(0x10500);
	set_free(1, 4);
	outcome = check();
	assert_int_equal(outcome.kind, OUTCOME_NOT_APPLICABLE);
	assert_string_equal(outcome.text, "no room for two copies of the bitmap");
	assert_string_equal(outcome.brief, "no room");
}

/* ---- what is found out ---- */

static const struct {
	enum lie lie;
	unsigned call;
	const char *said;
	unsigned pfn; /* or 0 */
} lies[] = {
	{ BIT_CLEARED, FIRST_CALL, "the first allocation changed more than its own bits", 0 },
	{ BIT_SET, FIRST_CALL, "the first allocation changed more than its own bits", 0 },
	{ LAST_BIT_CLEARED, FIRST_CALL, "the first allocation changed more than its own bits", 0 },
	{ NONE_FOUND, 0, "a page: not found, though it fits", 0 },
	{ NONE_FOUND, 2, "a page below 16 MiB: not found, though it fits", 0 },
	{ HALF_A_PAGE_UP, 0, "a page: got 0x1800", 0 },
	{ A_PAGE_UP, 4, "three pages on 64 KiB: got 0x10011000", 0 },
	{ THE_FIRST_PAGE, 0, "a page: page 0x10000 at 0x10000000 was not free", 0x10000 },
	{ THE_FIRST_PAGE, 1, "a page above 16 MiB: page 0x10000 at 0x10000000 was not free",
	  0x10000 },
	{ THE_FIRST_PAGE, 2, "a page below 16 MiB: got 0x10000000", 0 },
	{ THE_FIRST_PAGE, 3, "a page below 1 MiB: got 0x10000000", 0 },
	{ AT_THE_END, 0, "a page: page 0x10503 at 0x10503000 was not free", 0x10503 },
	{ THE_FIRST_PAGE, 8, "4 MiB on 4 MiB above 4 GiB: found where none is", 0 },
	{ THE_FIRST_PAGE, 10, "a small block: page 0x10000 at 0x10000000 was not free", 0x10000 },
	{ THE_FIRST_PAGE, 11, "small blocks at 0x10007000 and 0x10000000 do not share their page",
	  0 },
	{ THE_FIRST_PAGE, 12, "until nothing is left: page 0x10000 at 0x10000000 was not free",
	  0x10000 },
	{ NONE_FOUND, 10, "76 pages were handed out, 77 were free", 0 },
	{ NONE_FOUND, 11,
	  "small blocks at 0x10007000 and 0xffffffffffffffff do not share their page", 0 },
	{ NONE_FOUND, 12, "76 pages were handed out, 77 were free", 0 },
	{ BIT_SET, 3, "76 pages were handed out, 77 were free", 0 },
	{ BIT_CLEARED, 30, "until nothing is left: page 0x10040 at 0x10040000 was not free",
	  0x10040 },
	{ NOT_GIVEN_BACK, 0, "after everything was given back, the bitmap is another one", 0 },
	{ GIVEN_BACK_TOO_MUCH, 0, "after everything was given back, the bitmap is another one", 0 },
	{ FREED_WITHOUT_MAP, 0, "free_all_bootmem(): 77 pages, and not 80, says 80", 0 },
	{ FREED_TWICE, 0, "free_all_bootmem(): 83 pages, and not 80, says 80", 0 },
	{ ANOTHER_COUNT, 0, "free_all_bootmem(): 80 pages, and not 80, says 81", 0 },
	{ A_RESERVED_PAGE_TOO, 0, "free_all_bootmem(): 5 pages were not free", 0 },
};

static void lies_are_said(void **state)
{
	int n_wrong = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(lies); i++) {
		struct outcome outcome;
		pfn_t pfn = lies[i].pfn == 0 ? OUTCOME_NO_PAGE : lies[i].pfn;

		begin_small();
		lie = lies[i].lie;
		lying_call = lies[i].call;
		outcome = check();
		if (outcome.kind == OUTCOME_FAIL && strcmp(outcome.text, lies[i].said) == 0 &&
		    outcome.pfn == pfn)
			continue;
		printf("%zu: %d %s, %llx\n", i, outcome.kind, outcome.text, (ull)outcome.pfn);
		n_wrong++;
	}
	assert_int_equal(n_wrong, 0);
}

/* What is clear only when nothing is left. */
static void what_changes_at_the_end_is_said(void **state)
{
	static const enum lie late[] = { BIT_CLEARED, LAST_BIT_CLEARED };
	unsigned last_call;

	(void)state;
	begin_small();
	assert_int_equal(check().kind, OUTCOME_OK);
	last_call = n_calls - 1;
	for (size_t i = 0; i < COUNT(late); i++) {
		begin_small();
		lie = late[i];
		lying_call = last_call;
		assert_string_equal(check().text, "the bitmap is not what was handed out");
	}
}

/* They may lie anywhere in their page. */
static bool is_small_block(unsigned call)
{
	return call == COUNT(requests) || call == COUNT(requests) + 1;
}

/* Whatever the machine: no lie about a block goes unnoticed, and without one all is well. */
static uint64_t dice(uint64_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (state >> 20) % n;
}

static void begin_any(void)
{
	pfn_t low_pfn = 0x10080 + dice(0xb00), pfn = MEMORY_PFN + 8 + dice(20);

	begin(low_pfn);
	set_free(MEMORY_PFN, 8);
	for (pfn_t low = 1 + dice(400); low < 0x1100 && dice(3) > 0; low += 4 + dice(0x300))
		set_free(low, 1 + dice(3));
	while (pfn < low_pfn) {
		uint64_t n_pages = min_u64(1 + dice(dice(4) == 0 ? 0x600 : 30), low_pfn - pfn);

		/* The bitmap's own pages are not free. */
		if (pfn > MAP_PFN + 4 || pfn + n_pages <= MAP_PFN)
			set_free(pfn, n_pages);
		pfn += n_pages + 1 + dice(40);
	}
}

static void any_machine_passes(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++) {
		struct outcome outcome;

		begin_any();
		outcome = check();
		if (outcome.kind != OUTCOME_OK || outcome.n_seen != block.free_pages)
			fail_msg("machine %d: %s", i, outcome.text);
	}
}

static void any_lie_is_found_out(void **state)
{
	(void)state;
	for (int i = 0; i < 600; i++) {
		struct outcome outcome;

		begin_any();
		lie = NONE_FOUND + (enum lie)dice(LAST_BIT_CLEARED - NONE_FOUND);
		lying_call = (unsigned)dice(20);
		if (lie == HALF_A_PAGE_UP && is_small_block(lying_call))
			continue;
		outcome = check();
		if (has_lied && outcome.kind != OUTCOME_FAIL)
			fail_msg("machine %d: lie %d in call %u", i, lie, lying_call);
	}
}

static int has_memory(void **state)
{
	(void)state;
	make_memory();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_right_one_passes),
		cmocka_unit_test(a_large_one_is_taken_in_blocks),
		cmocka_unit_test(a_block_is_looked_at_whole),
		cmocka_unit_test(no_room_is_said),
		cmocka_unit_test(lies_are_said),
		cmocka_unit_test(what_changes_at_the_end_is_said),
		cmocka_unit_test(any_machine_passes),
		cmocka_unit_test(any_lie_is_found_out),
	};

	return cmocka_run_group_tests(tests, has_memory, NULL);
}
