/* test_mtrr.c - what registers for types of memory say, whatever is in them; and that none is read
 * which is not there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "x86/mtrr.h"

#define E         0x800
#define FE        0x400
#define FIX       0x100
#define V         0x800
#define MOST_MSRS 12
#define PHYS_END  (UINT64_C(1) << 52)

/* The registers that a CPU has; any other read is a fault. */
struct cpu {
	struct {
		uint32_t number;
		uint64_t value;
	} msrs[MOST_MSRS];
	bool has_fixed; /* all of them: the bytes of fixed[] */
	uint64_t fixed[11];
	uint32_t faulty; /* the first one that it does not have, and was read */
};

static uint64_t read_msr(void *context, uint32_t number)
{
	static const uint32_t numbers[11] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a,
		                              0x26b, 0x26c, 0x26d, 0x26e, 0x26f };
	struct cpu *cpu = context;

	for (size_t i = 0; i < MOST_MSRS && cpu->msrs[i].number != 0; i++)
		if (cpu->msrs[i].number == number)
			return cpu->msrs[i].value;
	for (size_t i = 0; i < 11 && cpu->has_fixed; i++)
		if (numbers[i] == number)
			return cpu->fixed[i];
	cpu->faulty = cpu->faulty != 0 ? cpu->faulty : number;
	return UINT64_MAX;
}

/* "default 0-10000000000000 uncachable", a line each. */
static void tell(const struct mtrr_list *list, char *text)
{
	static const char *const kinds[] = { "default", "fixed", "variable" };

	*text = '\0';
	for (size_t i = 0; i < list->n; i++)
		text += sprintf(text, "%s %llx-%llx %s\n", kinds[list->list[i].kind],
		                (unsigned long long)list->list[i].span.start_paddr,
		                (unsigned long long)list->list[i].span.end_paddr,
		                list->list[i].type);
}

/* clang-format off */
static const struct {
	const char *rule;
	bool has_tom2;
	struct cpu cpu;
	enum mtrr_err err;
	const char *text;
} rows[] = {
	{ "OVMF: all is write-back, but the hole of PCI",
	  false, { .msrs = { { 0xfe, 1 }, { 0x2ff, E | 6 },
	             { 0x200, 0x80000000 }, { 0x201, 0xff80000000 | V } } },
	  MTRR_OK, "default 0-10000000000000 write-back\nvariable 80000000-100000000 uncachable\n" },
	{ "RAM by registers, one of them not valid",
	  false, { .msrs = { { 0xfe, 3 }, { 0x2ff, E },
	             { 0x200, 6 }, { 0x201, 0xf80000000 | V },
	             { 0x202, 6 }, { 0x203, 0x123456000 },
	             { 0x204, 0x100000001 }, { 0x205, 0xf00000000 | V } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nvariable 0-80000000 write-back\n"
	           "variable 100000000-200000000 write-combining\n" },
	{ "the other types",
	  false, { .msrs = { { 0xfe, 2 }, { 0x2ff, E },
	             { 0x200, 4 }, { 0x201, 0xffffffffff000 | V },
	             { 0x202, 0x1005 }, { 0x203, 0xffffffffff000 | V } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nvariable 0-1000 write-through\n"
	           "variable 1000-2000 write-protect\n" },
	{ "a mask of 0 is about everything",
	  false, { .msrs = { { 0xfe, 1 }, { 0x2ff, E }, { 0x200, 6 }, { 0x201, V } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nvariable 0-10000000000000 write-back\n" },
	{ "the highest range",
	  false, { .msrs = { { 0xfe, 1 }, { 0x2ff, E },
	             { 0x200, 0xffffffffff000 }, { 0x201, 0xffffffffff000 | V } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\n"
	           "variable ffffffffff000-10000000000000 uncachable\n" },
	{ "switched off: none other is read",
	  false, { .msrs = { { 0xfe, 8 | FIX }, { 0x2ff, 6 | FE } } }, MTRR_DISABLED, "" },
	{ "41 variable ones", false, { .msrs = { { 0xfe, 41 }, { 0x2ff, E } } },
	  MTRR_TOO_MANY, "" },
	{ "255 variable ones", false, { .msrs = { { 0xfe, 255 }, { 0x2ff, E } } }, MTRR_TOO_MANY, "" },
	{ "all bits", false, { .msrs = { { 0xfe, UINT64_MAX }, { 0x2ff, UINT64_MAX } } },
	  MTRR_TOO_MANY, "" },
	{ "a hole in a mask: none is told",
	  false, { .msrs = { { 0xfe, 2 }, { 0x2ff, E },
	             { 0x200, 6 }, { 0x201, 0xfc0000000 | V },
	             { 0x202, 6 }, { 0x203, 0xf40000000 | V } } }, MTRR_NO_RANGE, "" },
	{ "a base inside its range",
	  false, { .msrs = { { 0xfe, 1 }, { 0x2ff, E },
	             { 0x200, 0x40000006 }, { 0x201, 0xf80000000 | V } } }, MTRR_NO_RANGE, "" },
	{ "a type that there is not", false, { .msrs = { { 0xfe, 1 }, { 0x2ff, E },
	             { 0x200, 2 }, { 0x201, 0xf80000000 | V } } }, MTRR_BAD_TYPE, "" },
	{ "a type above all", false, { .msrs = { { 0xfe, 1 }, { 0x2ff, E },
	             { 0x200, 255 }, { 0x201, 0xf80000000 | V } } }, MTRR_BAD_TYPE, "" },
	{ "a default that there is not", false, { .msrs = { { 0xfe, 0 }, { 0x2ff, E | 7 } } },
	  MTRR_BAD_TYPE, "" },
	{ "fixed ones, switched on",
	  false, { .msrs = { { 0xfe, FIX }, { 0x2ff, E | FE } }, true,
	           { 0x0606060606060606, 0x0606060606060606, 0, 0x0505050505050505,
	             0x0505050505050505, 0x0505050505050505, 0x0505050505050505,
	             0x0505050505050505, 0x0505050505050505, 0x0505050505050505,
	             0x0605050505050505 } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nfixed 0-a0000 write-back\n"
	           "fixed a0000-c0000 uncachable\nfixed c0000-ff000 write-protect\n"
	           "fixed ff000-100000 write-back\n" },
	{ "all different from their neighbours",
	  false, { .msrs = { { 0xfe, FIX }, { 0x2ff, E | FE } }, true,
	           { 0x0600060006000600, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nfixed 0-10000 uncachable\n"
	           "fixed 10000-20000 write-back\nfixed 20000-30000 uncachable\n"
	           "fixed 30000-40000 write-back\nfixed 40000-50000 uncachable\n"
	           "fixed 50000-60000 write-back\nfixed 60000-70000 uncachable\n"
	           "fixed 70000-80000 write-back\nfixed 80000-100000 uncachable\n" },
	{ "AMD's bits of where the RAM is are no types",
	  false, { .msrs = { { 0xfe, FIX }, { 0x2ff, E | FE } }, true,
	           { 0x1e1e1e1e1e1e1e1e, 0x1e1e1e1e1e1e1e1e, 0x1818181818181818, 0, 0, 0, 0, 0, 0, 0,
	             0 } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nfixed 0-a0000 write-back\n"
	           "fixed a0000-100000 uncachable\n" },
	{ "a fixed type that there is not",
	  false, { .msrs = { { 0xfe, FIX }, { 0x2ff, E | FE } }, true,
	           { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UINT64_C(2) << 56 } }, MTRR_BAD_TYPE, "" },
	{ "fixed ones, switched off", false, { .msrs = { { 0xfe, FIX }, { 0x2ff, E } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\n" },
	{ "none fixed, and switched on", false, { .msrs = { { 0xfe, 0 }, { 0x2ff, E | FE } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\n" },
	{ "AMD's RAM above 4 GiB",
	  true, { .msrs = { { 0xfe, 0 }, { 0x2ff, E }, { 0xc0010010, 0x600000 },
	            { 0xc001001d, 0x82f000000 } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\nvariable 100000000-82f000000 write-back\n" },
	{ "none above", true, { .msrs = { { 0xfe, 0 }, { 0x2ff, E }, { 0xc0010010, 0x600000 },
	            { 0xc001001d, 0x100000000 } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\n" },
	{ "not forced to be write-back: TOP_MEM2 is not read",
	  true, { .msrs = { { 0xfe, 0 }, { 0x2ff, E }, { 0xc0010010, 0x200000 } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\n" },
	{ "not switched on", true, { .msrs = { { 0xfe, 0 }, { 0x2ff, E }, { 0xc0010010, 0x400000 } } },
	  MTRR_OK, "default 0-10000000000000 uncachable\n" },
};
/* clang-format on */

static void registers_say_what_memory_is(void **state)
{
	static struct mtrr_list list;
	char text[64 * MTRR_MOST];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct cpu cpu = rows[i].cpu;
		const struct mtrr_source source = { read_msr, &cpu, rows[i].has_tom2 };
		enum mtrr_err err = mtrr_find(&source, &list);

		tell(&list, text);
		if (err != rows[i].err || strcmp(text, rows[i].text) != 0)
			fail_msg("%s: %s\n%s", rows[i].rule, mtrr_err_text(err), text);
		if (cpu.faulty != 0)
			fail_msg("%s: read 0x%x", rows[i].rule, (unsigned)cpu.faulty);
	}
}

/* A 0 says uncachable, and another one with other words; none is the same as its neighbour. */
static uint64_t read_most(void *context, uint32_t number)
{
	(void)context;
	if (number == 0xfe)
		return MTRR_MOST_VARIABLE | FIX;
	if (number == 0x2ff)
		return E | FE;
	if (number == 0xc0010010)
		return UINT64_MAX;
	if (number == 0xc001001d)
		return UINT64_MAX;
	if (number >= 0x250)
		return 0x0600060006000600;
	return number % 2 == 1 ? UINT64_C(0xffffffffff000) | V : 0;
}

static void the_list_has_room_for_all(void **state)
{
	static struct mtrr_list list;
	const struct mtrr_source source = { .read = read_most, .has_tom2 = true };

	(void)state;
	assert_int_equal(mtrr_find(&source, &list), MTRR_OK);
	assert_int_equal(list.n, MTRR_MOST);
	assert_true(list.list[MTRR_MOST - 1].span.end_paddr < PHYS_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_say_what_memory_is),
		cmocka_unit_test(the_list_has_room_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
