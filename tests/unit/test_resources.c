/* test_resources.c - the memory in a list of resources, wherever it ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/fake_phys.h"
#include "x86/resources.h"

#define LIST_PADDR 0x7e001003
#define LENGTH     46

/* A window of two, each field of which can be set to something else. */
static uint8_t *put_list(struct fake_phys *fake, unsigned n)
{
	uint8_t *list;

	fake_phys_init(fake);
	list = fake_phys_add(fake, LIST_PADDR, (uint64_t)n * LENGTH + 2);
	for (unsigned i = 0; i < n; i++) {
		fake_phys_set(list + i * LENGTH, 1, 0x8a);
		fake_phys_set(list + i * LENGTH + 1, 2, 43);
		fake_phys_set(list + i * LENGTH + 14, 8, 0x1000000 * (i + 1));
		fake_phys_set(list + i * LENGTH + 38, 8, 0x1000);
	}
	list[n * LENGTH] = 0x79;
	return list;
}

/* clang-format off */
/* ACPI 6.5 §6.4.3.5.1. One field of the second of three is set. */
static const struct {
	const char *rule;
	unsigned offset, width;
	uint64_t value;
	enum resources_err err;
	size_t n;
} rows[] = {
	{ "good",                          0,  1, 0x8a,       RESOURCES_OK,      3 },
	{ "ports",                         3,  1, 1,          RESOURCES_OK,      2 },
	{ "bus numbers",                   3,  1, 2,          RESOURCES_OK,      2 },
	{ "of a vendor",                   3,  1, 0xc0,       RESOURCES_OK,      2 },
	{ "of no bytes",                   38, 8, 0,          RESOURCES_OK,      2 },
	{ "to the end of the address space", 38, 8, UINT64_MAX - 0x2000000, RESOURCES_OK, 3 },
	{ "past it",                       38, 8, UINT64_MAX, RESOURCES_OK,      2 },
	{ "the end, of another checksum",  0,  2, 0xff79,     RESOURCES_OK,      1 },
	{ "a DWORD descriptor",            0,  1, 0x87,       RESOURCES_UNKNOWN, 1 },
	{ "nothing",                       0,  1, 0,          RESOURCES_UNKNOWN, 1 },
	{ "too short",                     1,  2, 42,         RESOURCES_UNKNOWN, 1 },
	{ "too long",                      1,  2, 0xffff,     RESOURCES_UNKNOWN, 1 },
};
/* clang-format on */

static void a_list_has_ranges_of_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct span spans[RESOURCES_MOST];
		struct fake_phys fake;
		enum resources_err err;
		uint8_t *list;
		size_t n;

		list = put_list(&fake, 3);
		fake_phys_set(list + LENGTH + rows[i].offset, rows[i].width, rows[i].value);
		err = resources_find(&fake.phys, LIST_PADDR, spans, &n);
		if (err != rows[i].err || n != rows[i].n)
			fail_msg("%s: %s, %zu", rows[i].rule, resources_err_text(err), n);
		assert_int_equal(spans[0].start_paddr, 0x1000000);
		assert_int_equal(spans[0].end_paddr, 0x1001000);
		fake_phys_free(&fake);
	}
}

static void a_list_has_an_end(void **state)
{
	struct span spans[RESOURCES_MOST];
	struct fake_phys fake;
	size_t n;

	(void)state;
	put_list(&fake, RESOURCES_MOST);
	assert_int_equal(resources_find(&fake.phys, LIST_PADDR, spans, &n), RESOURCES_OK);
	assert_int_equal(n, RESOURCES_MOST);
	fake_phys_free(&fake);
	put_list(&fake, RESOURCES_MOST + 1);
	assert_int_equal(resources_find(&fake.phys, LIST_PADDR, spans, &n), RESOURCES_NO_END);
	assert_int_equal(n, RESOURCES_MOST);
	fake_phys_free(&fake);
	put_list(&fake, 2)[2 * LENGTH] = 0x8a;
	assert_int_equal(resources_find(&fake.phys, LIST_PADDR, spans, &n), RESOURCES_UNREADABLE);
	assert_int_equal(n, 2);
	fake_phys_free(&fake);
	put_list(&fake, 0);
	assert_int_equal(resources_find(&fake.phys, LIST_PADDR, spans, &n), RESOURCES_OK);
	assert_int_equal(n, 0);
	fake_phys_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_has_ranges_of_memory),
		cmocka_unit_test(a_list_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
