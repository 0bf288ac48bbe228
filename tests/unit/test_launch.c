/*
 * test_launch.c - the launch pad: what is put on it, and which moves can be made.
 *
 * The code on it runs in tests/qemu; here, that which makes the moves, and the rest is bytes that
 * must have been copied.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>

#include "handoff/launch/launch.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define PAD_PADDR UINT64_C(0x7f000000)
#define GDT_PADDR UINT64_C(0x123456789000)

/* pad.S. */
extern const uint8_t launch_code_start[], launch_code_end[];
extern const uint32_t launch_x64_offset, launch_ia32_offset;
extern const uint32_t launch_moves_amd64_offset, launch_moves_ia32_offset;

static union {
	struct launch launch;
	uint8_t bytes[LAUNCH_PAD_PAGES * PAGE_BYTES];
} pad;

static uint8_t gdt[LAUNCH_GDT_BYTES + 1];

static void prepare(void)
{
	memset(&pad, 0xcc, sizeof pad);
	memset(gdt, 0xcc, sizeof gdt);
	launch_prepare(&pad.launch, PAD_PADDR, gdt, GDT_PADDR);
}

static uint64_t base_of(const struct launch_table_register *value)
{
	uint64_t paddr;

	memcpy(&paddr, (const uint8_t *)value + 2, sizeof paddr);
	return paddr;
}

static void the_pad_has_gdt_and_code(void **state)
{
	size_t code_bytes = (size_t)(launch_code_end - launch_code_start);

	(void)state;
	prepare();
	assert_int_equal(pad.launch.pad_gdtr.limit, LAUNCH_GDT_BYTES - 1);
	assert_int_equal(base_of(&pad.launch.pad_gdtr), PAD_PADDR + LAUNCH_GDT);
	assert_int_equal(pad.launch.gdtr.limit, LAUNCH_GDT_BYTES - 1);
	assert_int_equal(base_of(&pad.launch.gdtr), GDT_PADDR);
	assert_memory_equal(pad.launch.gdt, gdt, LAUNCH_GDT_BYTES);
	assert_int_equal(gdt[LAUNCH_GDT_BYTES], 0xcc);
	assert_int_equal(pad.launch.idtr.limit, 0); /* no IDT */
	assert_int_equal(base_of(&pad.launch.idtr), 0);
	launch_set_idt(&pad.launch, GDT_PADDR + 0x1000, 4096);
	assert_int_equal(pad.launch.idtr.limit, 4095);
	assert_int_equal(base_of(&pad.launch.idtr), GDT_PADDR + 0x1000);
	assert_int_equal(pad.launch.n_moves, 0);
	assert_int_equal(pad.launch.page_table_paddr, 0);
	assert_in_range(code_bytes, 64, PAGE_BYTES);
	assert_memory_equal(pad.bytes + LAUNCH_CODE_OFFSET, launch_code_start, code_bytes);
	assert_in_range(launch_x64_offset, 0, code_bytes - 1);
	assert_in_range(launch_ia32_offset, 0, code_bytes - 1);
	assert_int_not_equal(launch_x64_offset, launch_ia32_offset);
}

/* Intel SDM 3A §3.4.5, Figure 3-8: base 0, limit 4 GiB, present, ring 0. */
static const struct {
	const char *rule;
	unsigned selector;
	bool is_code, is_64;
} segments[] = {
	{ "32-bit code", LAUNCH_CODE32, true, false },
	{ "data", LAUNCH_DATA, false, false },
	{ "64-bit code", LAUNCH_CODE64, true, true },
};

static void the_segments_are_flat(void **state)
{
	(void)state;
	prepare();
	assert_int_equal(pad.launch.gdt[0], 0);
	for (size_t i = 0; i < N_OF(segments); i++) {
		uint64_t entry = pad.launch.gdt[segments[i].selector / 8];
		unsigned type = (entry >> 40) & 0xf, flags = (entry >> 52) & 0xf;

		if (((entry >> 16) & 0xffffff) != 0 || entry >> 56 != 0)
			fail_msg("%s: the base is not 0", segments[i].rule);
		if ((entry & 0xffff) != 0xffff || ((entry >> 48) & 0xf) != 0xf)
			fail_msg("%s: the limit is not 4 GiB", segments[i].rule);
		if (((entry >> 44) & 0xf) != 9)
			fail_msg("%s: not a present segment of ring 0", segments[i].rule);
		if (type != (segments[i].is_code ? 0xb : 0x3))
			fail_msg("%s: type %x", segments[i].rule, type);
		if (flags != (segments[i].is_64 ? 0xa : 0xc))
			fail_msg("%s: flags %x", segments[i].rule, flags);
	}
}

static const struct {
	const char *rule;
	struct launch_move move; /* from, to, copy, clear */
	uint32_t n_moves;
} adds[] = {
	{ "nothing to copy or to clear is no move", { 0x1000, 0x2000, 0, 0 }, 0 },
	{ "nor is what lies in its place", { 0x1000, 0x1000, 4096, 0 }, 0 },
	{ "a byte to copy is one", { 0x1000, 0x2000, 1, 0 }, 1 },
	{ "a byte to clear is one", { 0x1000, 0x2000, 0, 1 }, 1 },
	{ "from 0 too", { 0, 0x2000, 1, 0 }, 1 },
};

static void moves_of_nothing_are_passed_over(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(adds); i++) {
		prepare();
		assert_true(launch_add_move(&pad.launch, &adds[i].move));
		if (pad.launch.n_moves != adds[i].n_moves)
			fail_msg("%s", adds[i].rule);
		if (adds[i].n_moves > 0)
			assert_memory_equal(&pad.launch.moves[0], &adds[i].move,
			                    sizeof adds[i].move);
	}
}

static void there_is_room_for_96_moves(void **state)
{
	const struct launch_move move = { 0x1000, 0x2000, 1, 1 };
	const struct launch_move nothing = { 0x1000, 0x2000, 0, 0 };

	(void)state;
	prepare();
	for (int i = 0; i < LAUNCH_MOVES; i++)
		assert_true(launch_add_move(&pad.launch, &move));
	assert_false(launch_add_move(&pad.launch, &move));
	assert_true(launch_add_move(&pad.launch, &nothing));
	assert_int_equal(pad.launch.n_moves, LAUNCH_MOVES);
	/* The rest of the first page is the stack, the second the code: both as they were. */
	for (size_t i = sizeof pad.launch; i < LAUNCH_CODE_OFFSET; i++)
		assert_int_equal(pad.bytes[i], 0xcc);
	assert_memory_equal(pad.bytes + LAUNCH_CODE_OFFSET, launch_code_start,
	                    (size_t)(launch_code_end - launch_code_start));
}

#define AT(address) (UINT64_C(address))
#define PAD_BYTES   (LAUNCH_PAD_PAGES * PAGE_BYTES)

static const struct {
	const char *rule;
	struct launch_move moves[3]; /* from, to, copy, clear */
	bool clash;
} clashes[] = {
	{ "no moves are no clash", { { 0 } }, false },
	{ "a move that is far from everything", { { 0x10000, 0x20000, 0x1000, 0x1000 } }, false },
	{ "up to the pad", { { 0x10000, PAD_PADDR - 0x2000, 0x1000, 0x1000 } }, false },
	{ "a byte into the pad", { { 0x10000, PAD_PADDR - 0x2000, 0x1000, 0x1001 } }, true },
	{ "copied into the pad", { { 0x10000, PAD_PADDR - 0x1000, 0x1001, 0 } }, true },
	{ "within the pad", { { 0x10000, PAD_PADDR + 0x100, 1, 0 } }, true },
	{ "its last byte", { { 0x10000, PAD_PADDR + PAD_BYTES - 1, 1, 0 } }, true },
	{ "right behind the pad", { { 0x10000, PAD_PADDR + PAD_BYTES, 0x1000, 0 } }, false },
	{ "over all of the pad", { { 0x10000, PAD_PADDR - 0x1000, 0x8000, 0 } }, true },
	{ "cleared over the pad", { { 0x10000, PAD_PADDR, 0, 1 } }, true },
	{ "a move from the pad", { { PAD_PADDR, 0x10000, 0x1000, 0 } }, false },
	{ "beside what it reads itself", { { 0x10000, 0x11000, 0x1000, 0 } }, false },
	{ "into what it reads itself", { { 0x10000, 0x11000, 0x1001, 0 } }, true },
	{ "down into what it reads itself", { { 0x11000, 0x10000, 0x1001, 0 } }, true },
	{ "cleared into what it has read", { { 0x11000, 0x10000, 0xfff, 2 } }, true },
	{ "into what a later one reads",
	  { { 0x10000, 0x20000, 0x1000, 0 }, { 0x20fff, 0x30000, 0x1000, 0 } },
	  true },
	{ "cleared into what a later one reads",
	  { { 0x10000, 0x20000, 0, 0x1000 }, { 0x20800, 0x30000, 0x1000, 0 } },
	  true },
	{ "into what one after that reads",
	  { { 0x10000, 0x20000, 0x1000, 0 },
	    { 0x50000, 0x30000, 0x1000, 0 },
	    { 0x20000, 0x40000, 1, 0 } },
	  true },
	{ "into what one before it has read",
	  { { 0x20000, 0x30000, 0x1000, 0 }, { 0x10000, 0x20000, 0x1000, 0 } },
	  false },
	{ "into a place from which nothing is copied",
	  { { 0x10000, 0x20000, 0x1000, 0 }, { 0x20800, 0x30000, 0, 0x1000 } },
	  false },
	{ "at the end of what can be addressed",
	  { { 0x10000, AT(0xffffffffffffe000), 0x1000, 0xfff } },
	  false },
};

static void a_move_must_not_hit_the_pad_or_what_is_read_later(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(clashes); i++) {
		prepare();
		for (int j = 0; j < 3; j++)
			assert_true(launch_add_move(&pad.launch, &clashes[i].moves[j]));
		if (launch_moves_clash(&pad.launch, PAD_PADDR) != clashes[i].clash)
			fail_msg("%s", clashes[i].rule);
	}
}

/* The code of the pad that makes the moves, of this host's width, on pages that can be executed. */
static void make_moves(struct launch *copy)
{
	uint32_t offset =
		sizeof(void *) == 8 ? launch_moves_amd64_offset : launch_moves_ia32_offset;
	uintptr_t code = (uintptr_t)copy + LAUNCH_CODE_OFFSET + offset;

#if defined(__x86_64__)
	__asm__ volatile("push %%rbx; push %%rbp; mov %1, %%rbx; call *%0; pop %%rbp; pop %%rbx"
	                 : "+a"(code)
	                 : "D"(copy)
	                 : "rcx", "rdx", "rsi", "r8", "r9", "memory", "cc");
#else
	__asm__ volatile("push %%ebx; push %%ebp; mov %1, %%ebx; call *%0; pop %%ebp; pop %%ebx"
	                 : "+a"(code), "+D"(copy)
	                 :
	                 : "ecx", "edx", "esi", "memory", "cc");
#endif
}

static uint8_t moved_from[4096], moved_to[4096], expected[4096];

static struct launch *pad_that_runs(void)
{
	static void *pages;

	if (pages == NULL)
		pages = mmap(NULL, sizeof pad, PROT_READ | PROT_WRITE | PROT_EXEC,
		             MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(pages != MAP_FAILED);
	prepare();
	return memcpy(pages, &pad, sizeof pad);
}

/* Whole words and bytes at each alignment: nothing beside it changes. */
static void a_move_is_right_to_the_byte(void **state)
{
	static const unsigned bytes[] = { 0, 1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 1000, 1029 };

	(void)state;
	for (size_t i = 0; i < sizeof moved_from; i++)
		moved_from[i] = (uint8_t)(1 + i % 251);
	for (size_t i = 0; i < N_OF(bytes) * N_OF(bytes) * 64; i++) {
		unsigned copy = bytes[i / 64 % N_OF(bytes)], clear = bytes[i / 64 / N_OF(bytes)];
		unsigned from = 64 + i % 8, to = 64 + i / 8 % 8;
		struct launch *launch = pad_that_runs();

		launch->n_moves = 1;
		launch->moves[0] = (struct launch_move){ (uintptr_t)moved_from + from,
			                                 (uintptr_t)moved_to + to, copy, clear };
		memset(moved_to, 0xee, sizeof moved_to);
		memset(expected, 0xee, sizeof expected);
		memcpy(expected + to, moved_from + from, copy);
		memset(expected + to + copy, 0, clear);
		make_moves(launch);
		if (memcmp(moved_to, expected, sizeof moved_to) != 0)
			fail_msg("%u bytes from %u to %u, %u cleared", copy, from, to, clear);
	}
}

/* One after the other, each from its first byte: the second reads what the first has written, and a
 * move down may lie over what it reads. */
static void moves_are_made_in_their_order(void **state)
{
	struct launch *launch = pad_that_runs();
	uintptr_t to = (uintptr_t)moved_to;

	(void)state;
	for (size_t i = 0; i < sizeof moved_to; i++)
		moved_to[i] = (uint8_t)(1 + i % 251);
	memcpy(expected, moved_to, sizeof expected);
	memmove(expected + 100, expected + 203, 333);
	memmove(expected + 1001, expected + 100, 77);
	memset(expected + 1078, 0, 3);
	memmove(expected + 2000, expected + 2001, 21); /* less than a word apart */
	launch->n_moves = 3;
	launch->moves[0] = (struct launch_move){ to + 203, to + 100, 333, 0 };
	launch->moves[1] = (struct launch_move){ to + 100, to + 1001, 77, 3 };
	launch->moves[2] = (struct launch_move){ to + 2001, to + 2000, 21, 0 };
	make_moves(launch);
	assert_memory_equal(moved_to, expected, sizeof expected);
}

static void no_moves_move_nothing(void **state)
{
	struct launch *launch = pad_that_runs();

	(void)state;
	launch->moves[0] = (struct launch_move){ (uintptr_t)moved_from, (uintptr_t)moved_to, 9, 9 };
	memset(moved_to, 0xee, sizeof moved_to);
	memset(expected, 0xee, sizeof expected);
	make_moves(launch);
	assert_memory_equal(moved_to, expected, sizeof expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_pad_has_gdt_and_code),
		cmocka_unit_test(the_segments_are_flat),
		cmocka_unit_test(moves_of_nothing_are_passed_over),
		cmocka_unit_test(there_is_room_for_96_moves),
		cmocka_unit_test(a_move_must_not_hit_the_pad_or_what_is_read_later),
		cmocka_unit_test(a_move_is_right_to_the_byte),
		cmocka_unit_test(moves_are_made_in_their_order),
		cmocka_unit_test(no_moves_move_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
