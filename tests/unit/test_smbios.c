/*
 * test_smbios.c - what can be reserved of SMBIOS, whatever its entry point says; and what model of
 * machine its structures name, whatever is in them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/fake_phys.h"
#include "x86/smbios.h"

#define ENTRY_PADDR 0xf04c0
#define TABLE_PADDR 0x7eb00000
#define TABLE_BYTES 0x1234

/* A good entry point, before its checksum. */
static void put_entry(uint8_t *entry, int version)
{
	if (version == 2) {
		memcpy(entry, "_SM_", 4);
		entry[5] = 0x1f;
		memcpy(entry + 0x10, "_DMI_", 5);
		fake_phys_set(entry + 0x16, 2, TABLE_BYTES);
		fake_phys_set(entry + 0x18, 4, TABLE_PADDR);
	} else {
		memcpy(entry, "_SM3_", 5);
		entry[6] = 0x18;
		fake_phys_set(entry + 0x0c, 4, TABLE_BYTES);
		fake_phys_set(entry + 0x10, 8, TABLE_PADDR);
	}
}

/* clang-format off */
/* SMBIOS 3.x §5.2.1, §5.2.2. One field of a good entry point is set, before the checksum is made.
 */
static const struct {
	const char *rule;
	int version;
	unsigned offset, width; /* width 0: nothing is changed */
	uint64_t value;
	enum smbios_err err;
	uint32_t entry_bytes, table_bytes;
} rows[] = {
	{ "2.1: an entry point without anchor",
	  2, 0,    1, 0,                            SMBIOS_BAD_ANCHOR,       0,    0 },
	{ "2.1: length 0",
	  2, 5,    1, 0,                            SMBIOS_BAD_LENGTH,       0,    0 },
	{ "2.1: length 1",
	  2, 5,    1, 1,                            SMBIOS_BAD_LENGTH,       0,    0 },
	{ "2.1: one byte too short",
	  2, 5,    1, 0x1d,                         SMBIOS_BAD_LENGTH,       0,    0 },
	{ "2.1: the length of the misprint",
	  2, 5,    1, 0x1e,                         SMBIOS_OK,               0x1e, TABLE_BYTES },
	{ "2.1: good",
	  2, 0,    0, 0,                            SMBIOS_OK,               0x1f, TABLE_BYTES },
	{ "2.1: to the end of what is readable",
	  2, 5,    1, 0x40,                         SMBIOS_OK,               0x40, TABLE_BYTES },
	{ "2.1: past it",
	  2, 5,    1, 0x41,                         SMBIOS_UNREADABLE,       0,    0 },
	{ "2.1: the longest",
	  2, 5,    1, 0xff,                         SMBIOS_UNREADABLE,       0,    0 },
	{ "2.1: a table of 0 bytes",
	  2, 0x16, 2, 0,                            SMBIOS_BAD_TABLE_LENGTH, 0x1f, 0 },
	{ "2.1: a table of 1 byte",
	  2, 0x16, 2, 1,                            SMBIOS_OK,               0x1f, 1 },
	{ "2.1: past the end",
	  2, 0x16, 2, TABLE_BYTES + 1,              SMBIOS_TABLE_UNREADABLE, 0x1f, 0 },
	{ "2.1: a table at 0",
	  2, 0x18, 4, 0,                            SMBIOS_TABLE_UNREADABLE, 0x1f, 0 },
	{ "2.1: a table elsewhere",
	  2, 0x18, 4, UINT32_MAX,                   SMBIOS_TABLE_UNREADABLE, 0x1f, 0 },
	{ "2.1: a table that is the entry",
	  2, 0x18, 4, ENTRY_PADDR,                  SMBIOS_TABLE_UNREADABLE, 0x1f, 0 },
	{ "3.0: an anchor that ends early",
	  3, 4,    1, 0,                            SMBIOS_BAD_ANCHOR,       0,    0 },
	{ "3.0: length 0",
	  3, 6,    1, 0,                            SMBIOS_BAD_LENGTH,       0,    0 },
	{ "3.0: one byte too short",
	  3, 6,    1, 0x17,                         SMBIOS_BAD_LENGTH,       0,    0 },
	{ "3.0: good",
	  3, 0,    0, 0,                            SMBIOS_OK,               0x18, TABLE_BYTES },
	{ "3.0: the longest",
	  3, 6,    1, 0xff,                         SMBIOS_UNREADABLE,       0,    0 },
	{ "3.0: a table of 0 bytes",
	  3, 0x0c, 4, 0,                            SMBIOS_BAD_TABLE_LENGTH, 0x18, 0 },
	{ "3.0: a table of 1 byte",
	  3, 0x0c, 4, 1,                            SMBIOS_OK,               0x18, 1 },
	{ "3.0: past the end",
	  3, 0x0c, 4, TABLE_BYTES + 1,              SMBIOS_TABLE_UNREADABLE, 0x18, 0 },
	{ "3.0: as large as we believe",
	  3, 0x0c, 4, SMBIOS_TABLE_MOST_BYTES,      SMBIOS_TABLE_UNREADABLE, 0x18, 0 },
	{ "3.0: larger",
	  3, 0x0c, 4, SMBIOS_TABLE_MOST_BYTES + 1,  SMBIOS_BAD_TABLE_LENGTH, 0x18, 0 },
	{ "3.0: the largest",
	  3, 0x0c, 4, UINT32_MAX,                   SMBIOS_BAD_TABLE_LENGTH, 0x18, 0 },
	{ "3.0: a table at 0",
	  3, 0x10, 8, 0,                            SMBIOS_TABLE_UNREADABLE, 0x18, 0 },
	{ "3.0: above 4 GiB, not there",
	  3, 0x10, 8, UINT64_C(0x17eb00000),        SMBIOS_TABLE_UNREADABLE, 0x18, 0 },
	{ "3.0: a table that wraps",
	  3, 0x10, 8, UINT64_MAX - TABLE_BYTES + 2, SMBIOS_TABLE_UNREADABLE, 0x18, 0 },
	{ "3.0: a table that ends at 2^64",
	  3, 0x10, 8, UINT64_MAX - TABLE_BYTES + 1, SMBIOS_TABLE_UNREADABLE, 0x18, 0 },
};
/* clang-format on */

static void make(struct fake_phys *fake, int version)
{
	fake_phys_init(fake);
	put_entry(fake_phys_add(fake, ENTRY_PADDR, 0x40), version);
	fake_phys_add(fake, TABLE_PADDR, TABLE_BYTES);
}

static void each_field_of_an_entry_point_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct fake_phys fake;
		struct smbios found;
		uint8_t *entry;
		unsigned length_at = rows[i].version == 2 ? 5 : 6;

		print_message("%s\n", rows[i].rule);
		make(&fake, rows[i].version);
		fake_phys_add(&fake, 0, TABLE_BYTES);
		fake_phys_add(&fake, UINT64_MAX - TABLE_BYTES + 1, TABLE_BYTES);
		entry = fake_phys_at(&fake, ENTRY_PADDR);
		fake_phys_set(entry + rows[i].offset, rows[i].width, rows[i].value);
		if (entry[length_at] <= 0x40)
			fake_phys_fix_sum(entry, entry[length_at], length_at - 1);
		assert_int_equal(smbios_find(&fake.phys, ENTRY_PADDR, &found), rows[i].err);
		assert_int_equal(found.entry_point.end_paddr - found.entry_point.start_paddr,
		                 rows[i].entry_bytes);
		assert_int_equal(found.table.end_paddr - found.table.start_paddr,
		                 rows[i].table_bytes);
		assert_int_equal(found.entry_point.start_paddr,
		                 rows[i].entry_bytes != 0 ? ENTRY_PADDR : 0);
		fake_phys_free(&fake);
	}
}

static void a_table_above_4_gib_is_found_through_the_64_bit_entry_point(void **state)
{
	struct fake_phys fake;
	struct smbios found;
	uint8_t *entry;

	(void)state;
	make(&fake, 3);
	fake_phys_add(&fake, UINT64_C(0x1234567890), TABLE_BYTES);
	entry = fake_phys_at(&fake, ENTRY_PADDR);
	fake_phys_set(entry + 0x10, 8, UINT64_C(0x1234567890));
	fake_phys_fix_sum(entry, 0x18, 5);
	assert_int_equal(smbios_find(&fake.phys, ENTRY_PADDR, &found), SMBIOS_OK);
	assert_int_equal(found.table.start_paddr, UINT64_C(0x1234567890));
	assert_int_equal(found.table.end_paddr, UINT64_C(0x1234567890) + TABLE_BYTES);
	fake_phys_free(&fake);
}

static void a_wrong_checksum_is_told_and_hides_nothing(void **state)
{
	(void)state;
	for (int version = 2; version <= 3; version++) {
		struct fake_phys fake;
		struct smbios found;

		make(&fake, version);
		*fake_phys_at(&fake, ENTRY_PADDR + 7) ^= 1;
		assert_int_equal(smbios_find(&fake.phys, ENTRY_PADDR, &found), SMBIOS_BAD_SUM);
		assert_true(found.entry_point.start_paddr == ENTRY_PADDR);
		assert_int_equal(found.table.start_paddr, TABLE_PADDR);
		assert_int_equal(found.table.end_paddr, TABLE_PADDR + TABLE_BYTES);
		fake_phys_free(&fake);
	}
}

static void an_entry_point_that_cannot_be_read_is_none(void **state)
{
	static const paddr_t paddrs[] = { 0, ENTRY_PADDR - 1, ENTRY_PADDR + 0x40 - 0x17,
		                          UINT64_C(0x1000f04c0), UINT64_MAX };
	struct fake_phys fake;
	struct smbios found;

	(void)state;
	make(&fake, 3);
	for (size_t i = 0; i < sizeof paddrs / sizeof paddrs[0]; i++) {
		assert_int_equal(smbios_find(&fake.phys, paddrs[i], &found), SMBIOS_UNREADABLE);
		assert_int_equal(found.entry_point.end_paddr, 0);
		assert_int_equal(found.table.end_paddr, 0);
	}
	fake_phys_free(&fake);
}

/* The structures hold serial numbers: what is asked for is the entry point and no more. */
static void what_the_table_holds_makes_no_difference(void **state)
{
	struct fake_phys fake;
	struct smbios before, after;

	(void)state;
	make(&fake, 3);
	smbios_find(&fake.phys, ENTRY_PADDR, &before);
	memset(fake_phys_at(&fake, TABLE_PADDR), 0xff, TABLE_BYTES);
	smbios_find(&fake.phys, ENTRY_PADDR, &after);
	assert_memory_equal(&before, &after, sizeof before);
	fake_phys_free(&fake);
}

static void every_byte_changed_to_every_value_leaves_only_readable_spans(void **state)
{
	(void)state;
	for (int version = 2; version <= 3; version++)
		for (unsigned at = 0; at < 0x40; at++)
			for (unsigned value = 0; value < 256; value++) {
				struct fake_phys fake;
				struct smbios found;

				make(&fake, version);
				*fake_phys_at(&fake, ENTRY_PADDR + at) = (uint8_t)value;
				smbios_find(&fake.phys, ENTRY_PADDR, &found);
				if (found.entry_point.end_paddr != 0)
					assert_true(fake_phys_is_readable(
						&fake, found.entry_point.start_paddr,
						found.entry_point.end_paddr -
							found.entry_point.start_paddr));
				if (found.table.end_paddr != 0)
					assert_true(fake_phys_is_readable(
						&fake, found.table.start_paddr,
						found.table.end_paddr - found.table.start_paddr));
				fake_phys_free(&fake);
			}
}

/* Structures, as bytes: type, length, handle, the rest of the formatted part; then strings. */
#define NO_HANDLE "\x00\x00"
#define BIOS      "\x00\x09" NO_HANDLE "\x01\x02\x00\x00\x03"
#define SYSTEM    "\x01\x1b" NO_HANDLE "\x01\x02\x03\x04" UUID "\x06\x05\x05"
#define UUID      "unique.of.mine.."
#define BOARD     "\x02\x09" NO_HANDLE "\x01\x02\x03\x04\x05"
#define END       "\x7f\x04" NO_HANDLE "\x00\x00"
#define ACME      "ACME\x00"
#define GOOD_BIOS           \
	BIOS ACME "1.0\x00" \
		  "12/31/2025\x00\x00"
#define X32 "0123456789abcdef0123456789abcdef"

static const struct {
	const char *rule;
	const char *bytes;
	size_t n_bytes;
	enum smbios_text text;
	const char *expected;
} texts[] = {
#define ROW(rule, bytes, text, expected)                       \
	{                                                      \
		rule, bytes, sizeof(bytes) - 1, text, expected \
	}
	ROW("an empty table", "", SMBIOS_BIOS_VENDOR, ""),
	ROW("the first string", GOOD_BIOS END, SMBIOS_BIOS_VENDOR, "ACME"),
	ROW("the second string", GOOD_BIOS END, SMBIOS_BIOS_VERSION, "1.0"),
	ROW("the last string", GOOD_BIOS END, SMBIOS_BIOS_DATE, "12/31/2025"),
	ROW("no end of the table", GOOD_BIOS, SMBIOS_BIOS_DATE, "12/31/2025"),
	ROW("what is not there", GOOD_BIOS END, SMBIOS_SYSTEM_VENDOR, ""),
	ROW("a later structure", GOOD_BIOS SYSTEM ACME "Anvil\x00\x00" END, SMBIOS_SYSTEM_PRODUCT,
	    "Anvil"),
	ROW("behind one without strings",
	    "\x20\x04" NO_HANDLE "\x00\x00" BOARD ACME "B\x00\x00" END, SMBIOS_BOARD_PRODUCT, "B"),
	ROW("behind the end", END GOOD_BIOS, SMBIOS_BIOS_VENDOR, ""),
	ROW("the first of two boards", BOARD ACME "B\x00\x00" BOARD "other\x00\x00" END,
	    SMBIOS_BOARD_VENDOR, "ACME"),
	ROW("a number of a string that is not there", BIOS ACME "\x00" END, SMBIOS_BIOS_VERSION,
	    ""),
	ROW("number 0", "\x02\x09" NO_HANDLE "\x00\x00\x00\x00\x00" ACME "\x00" END,
	    SMBIOS_BOARD_VENDOR, ""),
	ROW("number 255", "\x02\x09" NO_HANDLE "\xff\xff\x00\x00\x00" ACME "\x00" END,
	    SMBIOS_BOARD_VENDOR, ""),
	ROW("numbers, and no strings", BOARD "\x00\x00" END, SMBIOS_BOARD_VENDOR, ""),
	ROW("a formatted part that ends before the number",
	    "\x02\x05" NO_HANDLE "\x01" ACME "B\x00\x00" END, SMBIOS_BOARD_PRODUCT, ""),
	ROW("and the number before that", "\x02\x05" NO_HANDLE "\x01" ACME "B\x00\x00" END,
	    SMBIOS_BOARD_VENDOR, "ACME"),
	ROW("a length below the header's", "\x02\x03" NO_HANDLE "\x01" ACME "\x00" END,
	    SMBIOS_BOARD_VENDOR, ""),
	ROW("a length beyond the table", "\x02\xff" NO_HANDLE "\x01" ACME "\x00" END,
	    SMBIOS_BOARD_VENDOR, ""),
	ROW("a header that is cut off", "\x02\x09\x00", SMBIOS_BOARD_VENDOR, ""),
	ROW("a string without an end", BOARD "ACME", SMBIOS_BOARD_VENDOR, ""),
	ROW("strings without an end", BOARD ACME, SMBIOS_BOARD_VENDOR, ""),
	ROW("nothing behind the formatted part", BOARD, SMBIOS_BOARD_VENDOR, ""),
	ROW("what comes before a damaged structure", GOOD_BIOS "\x02\x00", SMBIOS_BIOS_VERSION,
	    "1.0"),
	ROW("the longest that fits", BOARD X32 X32 "0123456789abcdef0123456789abcde\x00\x00" END,
	    SMBIOS_BOARD_VENDOR, X32 X32 "0123456789abcdef0123456789abcde"),
	ROW("longer", BOARD X32 X32 X32 "more\x00\x00" END, SMBIOS_BOARD_VENDOR,
	    X32 X32 "0123456789abcdef0123456789abcde"),
#undef ROW
};

/* The model that a table of exactly these bytes names. */
static void read_model(const void *bytes, size_t n_bytes, struct smbios_model *ret_model)
{
	struct fake_phys fake;

	fake_phys_init(&fake);
	memcpy(fake_phys_add(&fake, TABLE_PADDR, n_bytes), bytes, n_bytes);
	smbios_read_model(&fake.phys, (struct span){ TABLE_PADDR, TABLE_PADDR + n_bytes },
	                  ret_model);
	fake_phys_free(&fake);
}

static void texts_are_found_by_type_and_number(void **state)
{
	struct smbios_model model;

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		print_message("%s\n", texts[i].rule);
		read_model(texts[i].bytes, texts[i].n_bytes, &model);
		assert_string_equal(model.texts[texts[i].text], texts[i].expected);
	}
}

static void what_tells_one_machine_from_another_is_nowhere(void **state)
{
	static const char table[] = SYSTEM ACME "Anvil\x00"
						"v1\x00"
						"MINE-serial\x00"
						"MINE-family\x00"
						"MINE-SKU\x00\x00" BOARD ACME "B\x00"
						"MINE-version\x00"
						"MINE-serial\x00"
						"MINE-tag\x00\x00" END;
	struct smbios_model model;

	(void)state;
	read_model(table, sizeof table - 1, &model);
	assert_string_equal(model.texts[SMBIOS_SYSTEM_VERSION], "v1");
	for (size_t i = 0; i < SMBIOS_TEXTS; i++) {
		assert_null(strstr(model.texts[i], "MINE"));
		assert_null(strstr(model.texts[i], "mine"));
	}
}

/* SMBIOS 3.x §7.18.4, §7.18.5. */
static const struct {
	const char *rule;
	uint8_t length;
	uint16_t size;
	uint32_t extended_size;
	uint64_t bytes;
} devices[] = {
	{ "no module", 0x22, 0, 99, 0 },
	{ "not known", 0x22, 0xffff, 99, 0 },
	{ "in MiB", 0x22, 8192, 0, UINT64_C(8192) << 20 },
	{ "the most MiB", 0x22, 0x7ffe, 0, UINT64_C(0x7ffe) << 20 },
	{ "in KiB", 0x22, 0x8000 | 512, 0, 512 << 10 },
	{ "0 KiB", 0x22, 0x8000, 0, 0 },
	{ "extended", 0x22, 0x7fff, 0x8000, UINT64_C(0x8000) << 20 },
	{ "the most, and a bit that is reserved", 0x22, 0x7fff, UINT32_MAX,
	  UINT64_C(0x7fffffff) << 20 },
	{ "extended, in a structure that ends before", 0x1f, 0x7fff, 0x8000, 0 },
	{ "that has just so much", 0x20, 0x7fff, 0x8000, UINT64_C(0x8000) << 20 },
	{ "no size", 0x0d, 8192, 0, 0 },
	{ "a size and no more", 0x0e, 8192, 0, UINT64_C(8192) << 20 },
};

static void memory_devices_are_summed_up(void **state)
{
	uint64_t sum = 0;
	uint8_t table[2048], *at = table;
	struct smbios_model model;

	(void)state;
	for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
		uint8_t device[0x22 + 2] = { 17, devices[i].length };

		fake_phys_set(device + 0x0c, 2, devices[i].size);
		fake_phys_set(device + 0x1c, 4, devices[i].extended_size);
		device[devices[i].length] = device[devices[i].length + 1] = 0;
		memcpy(at, device, devices[i].length + 2);
		print_message("%s\n", devices[i].rule);
		read_model(at, devices[i].length + 2, &model);
		assert_true(model.installed_bytes == devices[i].bytes);
		at += devices[i].length + 2;
		sum += devices[i].bytes;
	}
	read_model(table, (size_t)(at - table), &model);
	assert_true(model.installed_bytes == sum);
}

static void a_table_that_cannot_be_read_names_nothing(void **state)
{
	static const struct smbios_model nothing;
	struct fake_phys fake;
	struct smbios_model model;

	(void)state;
	fake_phys_init(&fake);
	memset(&model, 0xff, sizeof model);
	smbios_read_model(&fake.phys, (struct span){ TABLE_PADDR, TABLE_PADDR + 1 }, &model);
	assert_memory_equal(&model, &nothing, sizeof model);
	memset(&model, 0xff, sizeof model);
	smbios_read_model(&fake.phys, (struct span){ 0, 0 }, &model);
	assert_memory_equal(&model, &nothing, sizeof model);
}

/* Whatever is damaged: nothing is read outside, and texts have an end. */
static void every_byte_of_the_structures_may_be_anything(void **state)
{
	static const char good[] = GOOD_BIOS SYSTEM ACME "Anvil\x00\x00" BOARD ACME "\x00" END;
	struct smbios_model model;

	(void)state;
	for (size_t at = 0; at < sizeof good - 1; at++)
		for (unsigned value = 0; value < 256; value++) {
			char table[sizeof good];

			memcpy(table, good, sizeof good);
			table[at] = (char)value;
			read_model(table, sizeof good - 1, &model);
			for (size_t i = 0; i < SMBIOS_TEXTS; i++)
				assert_non_null(memchr(model.texts[i], 0, SMBIOS_TEXT_BYTES));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_of_an_entry_point_is_judged),
		cmocka_unit_test(a_table_above_4_gib_is_found_through_the_64_bit_entry_point),
		cmocka_unit_test(a_wrong_checksum_is_told_and_hides_nothing),
		cmocka_unit_test(an_entry_point_that_cannot_be_read_is_none),
		cmocka_unit_test(what_the_table_holds_makes_no_difference),
		cmocka_unit_test(every_byte_changed_to_every_value_leaves_only_readable_spans),
		cmocka_unit_test(texts_are_found_by_type_and_number),
		cmocka_unit_test(what_tells_one_machine_from_another_is_nowhere),
		cmocka_unit_test(memory_devices_are_summed_up),
		cmocka_unit_test(a_table_that_cannot_be_read_names_nothing),
		cmocka_unit_test(every_byte_of_the_structures_may_be_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
