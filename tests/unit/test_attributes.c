/* test_attributes.c - which memory attributes table is believed, whatever its head says. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "tests/unit/fake_phys.h"
#include "x86/attributes.h"

#define TABLE_PADDR 0x7e8ee018
#define ROOM_BYTES  (16 + UINT64_C(1024) * 48)

/* clang-format off */
/* UEFI 2.10 §4.6. */
static const struct {
	const char *rule;
	uint32_t version, n, stride;
	enum attributes_err err;
} rows[] = {
	{ "edk2's", 1, 12, 48, ATTRIBUTES_OK },
	{ "of 2.10", 2, 12, 48, ATTRIBUTES_OK },
	{ "the shortest entries", 1, 12, 40, ATTRIBUTES_OK },
	{ "none", 1, 0, 48, ATTRIBUTES_OK },
	{ "the most", 1, 1024, 48, ATTRIBUTES_OK },
	{ "the longest entries", 1, 12, 4096, ATTRIBUTES_OK },
	{ "no version", 0, 12, 48, ATTRIBUTES_BAD_VERSION },
	{ "a version to come", 3, 12, 48, ATTRIBUTES_BAD_VERSION },
	{ "entries of 0 bytes", 1, 12, 0, ATTRIBUTES_BAD_STRIDE },
	{ "too short by one", 1, 12, 39, ATTRIBUTES_BAD_STRIDE },
	{ "too long by one", 1, 1, 4097, ATTRIBUTES_BAD_STRIDE },
	{ "a length that wraps", 1, 2, UINT32_MAX, ATTRIBUTES_BAD_STRIDE },
	{ "one too many", 1, 1025, 40, ATTRIBUTES_TOO_MANY },
	{ "far too many", 1, UINT32_MAX, 48, ATTRIBUTES_TOO_MANY },
	{ "to the end of what is readable, and on", 1, 1024, 49, ATTRIBUTES_CUT },
	{ "a megabyte", 1, 1024, 1024, ATTRIBUTES_CUT },
};
/* clang-format on */

static void a_table_is_believed_as_a_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake_phys fake;
		struct uefi_map entries;
		enum attributes_err err;
		uint8_t *table;

		fake_phys_init(&fake);
		table = fake_phys_add(&fake, TABLE_PADDR, ROOM_BYTES);
		fake_phys_set(table, 4, rows[i].version);
		fake_phys_set(table + 4, 4, rows[i].n);
		fake_phys_set(table + 8, 4, rows[i].stride);
		for (uint32_t j = 0; rows[i].err == ATTRIBUTES_OK && j < rows[i].n; j++)
			fake_phys_set(table + 16 + (size_t)j * rows[i].stride + 8, 8, j + 1);
		err = attributes_find(&fake.phys, TABLE_PADDR, &entries);
		if (err != rows[i].err ||
		    uefi_map_count(&entries) != (err == ATTRIBUTES_OK ? rows[i].n : 0))
			fail_msg("%s: %s", rows[i].rule, attributes_err_text(err));
		for (size_t j = 0; j < uefi_map_count(&entries); j++)
			assert_int_equal(uefi_map_get(&entries, j).start_paddr, j + 1);
		fake_phys_free(&fake);
	}
}

static void a_table_that_is_not_there_is_unreadable(void **state)
{
	struct fake_phys fake;
	struct uefi_map entries;

	(void)state;
	fake_phys_init(&fake);
	fake_phys_add(&fake, TABLE_PADDR, 15);
	assert_int_equal(attributes_find(&fake.phys, TABLE_PADDR, &entries), ATTRIBUTES_UNREADABLE);
	assert_int_equal(uefi_map_count(&entries), 0);
	assert_int_equal(attributes_find(&fake.phys, UINT64_MAX - 3, &entries),
	                 ATTRIBUTES_UNREADABLE);
	fake_phys_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_is_believed_as_a_whole),
		cmocka_unit_test(a_table_that_is_not_there_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
