/*
 * test_acpi.c - the walk through the ACPI tables: a good set of them, the same with one field
 * damaged (a row each), and the same with bytes flipped at random. And the processors in a MADT.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "tests/unit/fake_phys.h"
#include "x86/acpi.h"

#define RSDP  UINT64_C(0xe0010)
#define RSDT  UINT64_C(0x7e000000)
#define XSDT  UINT64_C(0x7e001004)
#define FACP  UINT64_C(0x7e002000)
#define FACS  UINT64_C(0x7e003000)
#define DSDT  UINT64_C(0x7e004000)
#define APIC  UINT64_C(0x7e006007)
#define BGRT  UINT64_C(0x7e007000)
#define IMAGE UINT64_C(0x7d000000)
#define SSDT  UINT64_C(0x480000000) /* above 4 GiB */
#define TOP   (UINT64_MAX - 35)     /* 36 bytes up to 2^64 */

/* clang-format off */
/* Offset and width of a field; what is to become of the checksum; faults, in short. */
#define XSDT_ENTRY(n) (36 + 8 * (n)), 8
#define LENGTH        4, 4
#define RSDP_LENGTH   20, 4
#define SUM_MADE      false
#define SUM_KEPT      true
#define NO_FAULTS     { .n_unreadable = 0 }
#define UNREADABLE(n) { .n_unreadable = (n) }
#define NULLS(n)      { .n_null = (n) }
#define SIGNATURES(n) { .n_bad_signature = (n) }
#define LENGTHS(n)    { .n_bad_length = (n) }
#define SUMS(n)       { .n_bad_sum = (n) }
/* clang-format on */

/* What is found in the good set, in the order of the walk. */
#define FADT_ALL "FACP FACS DSDT"
#define REST     "APIC BGRT BGRT image SSDT"
#define ROOTS    "RSDP XSDT RSDT"
#define ALL      ROOTS " " FADT_ALL " " REST
#define BY_RSDT  "RSDP RSDT " FADT_ALL " APIC"
#define NO_RSDT  "RSDP XSDT " FADT_ALL " " REST
#define BAD_RSDP "RSDP! XSDT RSDT " FADT_ALL " " REST
#define NO_FADT  ROOTS " " REST
#define NO_FACS  ROOTS " FACP DSDT " REST
#define NO_DSDT  ROOTS " FACP FACS " REST
#define NO_APIC  ROOTS " " FADT_ALL " BGRT BGRT image SSDT"
#define NO_SSDT  ROOTS " " FADT_ALL " APIC BGRT BGRT image"
#define NO_IMAGE ROOTS " " FADT_ALL " APIC BGRT SSDT"

static uint8_t *put_table(struct fake_phys *fake, paddr_t paddr, const char *signature,
                          uint32_t length_bytes)
{
	uint8_t *table = fake_phys_add(fake, paddr, length_bytes);

	memcpy(table, signature, 4);
	fake_phys_set(table + 4, 4, length_bytes);
	table[8] = 3;
	return table;
}

/* Make the checksums right, as far as the table says that it goes and is there. */
static void fix_sums(struct fake_phys *fake, paddr_t paddr)
{
	uint8_t *table = fake_phys_at(fake, paddr);
	uint32_t length_at = paddr == RSDP ? 20 : 4;
	uint64_t bytes = table[length_at] | table[length_at + 1] << 8 | table[length_at + 2] << 16 |
	                 (uint64_t)table[length_at + 3] << 24;

	if (paddr == FACS || paddr == IMAGE)
		return;
	if (bytes < 36 || !fake_phys_is_readable(fake, paddr, bytes))
		bytes = 36;
	if (paddr == RSDP)
		fake_phys_fix_sum(table, 20, 8);
	fake_phys_fix_sum(table, (size_t)bytes, paddr == RSDP ? 32 : 9);
}

static void put_roots(struct fake_phys *fake)
{
	static const paddr_t entries[] = { FACP, APIC, BGRT, SSDT };
	uint8_t *rsdp = fake_phys_add(fake, RSDP, 64);
	uint8_t *xsdt = put_table(fake, XSDT, "XSDT", 36 + 8 * 4);
	uint8_t *rsdt = put_table(fake, RSDT, "RSDT", 36 + 4 * 2);

	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	fake_phys_set(rsdp + 16, 4, RSDT);
	fake_phys_set(rsdp + 20, 4, 36);
	fake_phys_set(rsdp + 24, 8, XSDT);
	for (size_t i = 0; i < 4; i++)
		fake_phys_set(xsdt + 36 + 8 * i, 8, entries[i]);
	for (size_t i = 0; i < 2; i++)
		fake_phys_set(rsdt + 36 + 4 * i, 4, entries[i]);
}

static void put_good_set(struct fake_phys *fake)
{
	static const paddr_t paddrs[] = { RSDP, XSDT, RSDT, FACP, DSDT, APIC, BGRT, SSDT };
	uint8_t *facp, *facs, *bgrt, *image;

	fake_phys_init(fake);
	put_roots(fake);
	facp = put_table(fake, FACP, "FACP", 276);
	fake_phys_set(facp + 36, 4, FACS);
	fake_phys_set(facp + 40, 4, DSDT);
	fake_phys_set(facp + 132, 8, FACS);
	fake_phys_set(facp + 140, 8, DSDT);
	facs = put_table(fake, FACS, "FACS", 64);
	facs[32] = 2;
	put_table(fake, DSDT, "DSDT", 0x1234);
	put_table(fake, APIC, "APIC", 0x78);
	bgrt = put_table(fake, BGRT, "BGRT", 56);
	fake_phys_set(bgrt + 40, 8, IMAGE);
	put_table(fake, SSDT, "SSDT", 0x321);
	image = fake_phys_add(fake, IMAGE, 0x436);
	memcpy(image, "BM", 2);
	fake_phys_set(image + 2, 4, 0x436);
	/* A header that ends at 2^64. */
	put_table(fake, TOP, "OEM1", 36);
	for (size_t i = 0; i < sizeof paddrs / sizeof paddrs[0]; i++)
		fix_sums(fake, paddrs[i]);
}

#define MOST_TABLES 32
struct walked {
	struct acpi_table tables[MOST_TABLES];
	size_t n_tables;
	struct acpi_faults faults;
	char text[256]; /* the signatures, '!' after those with a wrong checksum */
};

static void walk(const struct fake_phys *fake, struct walked *walked)
{
	char *out = walked->text;

	memset(walked, 0xa5, sizeof *walked);
	walked->n_tables =
		acpi_find_tables(&fake->phys, RSDP, walked->tables, MOST_TABLES, &walked->faults);
	for (size_t i = 0; i < walked->n_tables; i++) {
		size_t bytes = strlen(walked->tables[i].signature);

		if (i > 0)
			*out++ = ' ';
		memcpy(out, walked->tables[i].signature, bytes);
		out += bytes;
		if (!walked->tables[i].sum_ok)
			*out++ = '!';
	}
	*out = 0;
}

static void a_good_set_is_found_whole(void **state)
{
	static const struct acpi_table expected[] = {
		{ RSDP, 36, "RSDP", 2, true, "UEFI configuration table" },
		{ XSDT, 68, "XSDT", 3, true, "RSDP" },
		{ RSDT, 44, "RSDT", 3, true, "RSDP" },
		{ FACP, 276, "FACP", 3, true, "XSDT" },
		{ FACS, 64, "FACS", 2, true, "FADT" },
		{ DSDT, 0x1234, "DSDT", 3, true, "FADT" },
		{ APIC, 0x78, "APIC", 3, true, "XSDT" },
		{ BGRT, 56, "BGRT", 3, true, "XSDT" },
		{ IMAGE, 0x436, "BGRT image", 0, true, "BGRT" },
		{ SSDT, 0x321, "SSDT", 3, true, "XSDT" },
	};
	static const struct acpi_faults no_faults;
	struct fake_phys fake;
	struct walked walked;

	(void)state;
	put_good_set(&fake);
	walk(&fake, &walked);
	assert_int_equal(walked.n_tables, sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < walked.n_tables; i++) {
		assert_int_equal(walked.tables[i].paddr, expected[i].paddr);
		assert_int_equal(walked.tables[i].length_bytes, expected[i].length_bytes);
		assert_string_equal(walked.tables[i].signature, expected[i].signature);
		assert_int_equal(walked.tables[i].revision, expected[i].revision);
		assert_true(walked.tables[i].sum_ok);
		assert_string_equal(walked.tables[i].found_through, expected[i].found_through);
	}
	assert_memory_equal(&walked.faults, &no_faults, sizeof no_faults);
	fake_phys_free(&fake);
}

/* clang-format off */
/* One field of one structure is overwritten; its checksum is made right again, unless the row's is
 * about checksums. */
static const struct {
	const char *rule;
	paddr_t in;
	unsigned offset, width;
	uint64_t value;
	bool keeps_sum;
	const char *found;
	struct acpi_faults faults;
} damaged[] = {
	/* Two lines a row. ACPI 6.5 §5.2.5.3 */
	{ "RSDP: no signature",
	  RSDP, 0, 1, 'X', SUM_MADE, "", SIGNATURES(1) },
	{ "RSDP: the signature ends in a blank",
	  RSDP, 7, 1, 0, SUM_MADE, "", SIGNATURES(1) },
	{ "RSDP: revision 0 has no XSDT",
	  RSDP, 15, 1, 0, SUM_MADE, BY_RSDT, NO_FAULTS },
	{ "RSDP: nor has revision 1",
	  RSDP, 15, 1, 1, SUM_MADE, BY_RSDT, NO_FAULTS },
	{ "RSDP: later ones have",
	  RSDP, 15, 1, 255, SUM_MADE, ALL, NO_FAULTS },
	{ "RSDP: length 0 is that of its revision",
	  RSDP, RSDP_LENGTH, 0, SUM_MADE, ALL, LENGTHS(1) },
	{ "RSDP: length 1 too",
	  RSDP, RSDP_LENGTH, 1, SUM_MADE, ALL, LENGTHS(1) },
	{ "RSDP: length 35 too",
	  RSDP, RSDP_LENGTH, 35, SUM_MADE, ALL, LENGTHS(1) },
	{ "RSDP: length 37 is longer",
	  RSDP, RSDP_LENGTH, 37, SUM_MADE, ALL, NO_FAULTS },
	{ "RSDP: length 65 cannot be read",
	  RSDP, RSDP_LENGTH, 65, SUM_MADE, ALL, UNREADABLE(1) },
	{ "RSDP: length 4096 neither",
	  RSDP, RSDP_LENGTH, 4096, SUM_MADE, ALL, UNREADABLE(1) },
	{ "RSDP: length 4097 is no length",
	  RSDP, RSDP_LENGTH, 4097, SUM_MADE, ALL, LENGTHS(1) },
	{ "RSDP: nor is a huge one",
	  RSDP, RSDP_LENGTH, UINT32_MAX, SUM_MADE, ALL, LENGTHS(1) },
	{ "RSDP: first checksum wrong",
	  RSDP, 9, 1, 'X', SUM_KEPT, BAD_RSDP, SUMS(1) },
	{ "RSDP: second checksum wrong",
	  RSDP, 33, 1, 'X', SUM_KEPT, BAD_RSDP, SUMS(1) },
	{ "RSDP: no XSDT",
	  RSDP, 24, 8, 0, SUM_MADE, BY_RSDT, NO_FAULTS },
	{ "RSDP: XSDT not there",
	  RSDP, 24, 8, 0x1000, SUM_MADE, BY_RSDT, UNREADABLE(1) },
	{ "RSDP: XSDT above 4 GiB not there",
	  RSDP, 24, 8, XSDT | UINT64_C(1) << 32, SUM_MADE, BY_RSDT, UNREADABLE(1) },
	{ "RSDP: XSDT wraps",
	  RSDP, 24, 8, UINT64_MAX, SUM_MADE, BY_RSDT, UNREADABLE(1) },
	{ "RSDP: XSDT is the RSDP itself",
	  RSDP, 24, 8, RSDP, SUM_MADE, BY_RSDT, SIGNATURES(1) },
	{ "RSDP: XSDT is the RSDT",
	  RSDP, 24, 8, RSDT, SUM_MADE, BY_RSDT, SIGNATURES(1) },
	{ "RSDP: no RSDT",
	  RSDP, 16, 4, 0, SUM_MADE, NO_RSDT, NO_FAULTS },
	{ "RSDP: RSDT not there",
	  RSDP, 16, 4, 0xfffffff0, SUM_MADE, NO_RSDT, UNREADABLE(1) },
	{ "RSDP: RSDT is the XSDT",
	  RSDP, 16, 4, XSDT, SUM_MADE, NO_RSDT, SIGNATURES(1) },

	/* §5.2.8, and §5.2.6 for the length */
	{ "XSDT: another signature",
	  XSDT, 0, 1, 'Y', SUM_MADE, BY_RSDT, SIGNATURES(1) },
	{ "XSDT: length 0",
	  XSDT, LENGTH, 0, SUM_MADE, BY_RSDT, LENGTHS(1) },
	{ "XSDT: length 1",
	  XSDT, LENGTH, 1, SUM_MADE, BY_RSDT, LENGTHS(1) },
	{ "XSDT: length 35",
	  XSDT, LENGTH, 35, SUM_MADE, BY_RSDT, LENGTHS(1) },
	{ "XSDT: length 36 has no entry",
	  XSDT, LENGTH, 36, SUM_MADE, ROOTS, NO_FAULTS },
	{ "XSDT: length 43 neither",
	  XSDT, LENGTH, 43, SUM_MADE, ROOTS, NO_FAULTS },
	{ "XSDT: length 44 has one",
	  XSDT, LENGTH, 44, SUM_MADE, ROOTS " " FADT_ALL, NO_FAULTS },
	{ "XSDT: length 67 has three",
	  XSDT, LENGTH, 67, SUM_MADE, NO_SSDT, NO_FAULTS },
	{ "XSDT: one byte too long",
	  XSDT, LENGTH, 69, SUM_MADE, BY_RSDT, UNREADABLE(1) },
	{ "XSDT: the longest that we believe",
	  XSDT, LENGTH, ACPI_TABLE_MOST_BYTES, SUM_MADE, BY_RSDT, UNREADABLE(1) },
	{ "XSDT: longer",
	  XSDT, LENGTH, ACPI_TABLE_MOST_BYTES + 1, SUM_MADE, BY_RSDT, LENGTHS(1) },
	{ "XSDT: huge",
	  XSDT, LENGTH, UINT32_MAX, SUM_MADE, BY_RSDT, LENGTHS(1) },
	{ "XSDT: a wrong checksum: followed, and the RSDT after it",
	  XSDT, XSDT_ENTRY(1), SSDT, SUM_KEPT,
	  "RSDP XSDT! RSDT " FADT_ALL " SSDT BGRT BGRT image APIC", SUMS(1) },
	{ "XSDT: an entry of 0",
	  XSDT, XSDT_ENTRY(1), 0, SUM_MADE, NO_APIC, NULLS(1) },
	{ "XSDT: an entry that is not there",
	  XSDT, XSDT_ENTRY(0), 1, SUM_MADE, NO_FADT, UNREADABLE(1) },
	{ "XSDT: an entry above 4 GiB that is not there",
	  XSDT, XSDT_ENTRY(0), FACP | UINT64_C(1) << 32, SUM_MADE, NO_FADT, UNREADABLE(1) },
	{ "XSDT: an entry that wraps",
	  XSDT, XSDT_ENTRY(0), UINT64_MAX, SUM_MADE, NO_FADT, UNREADABLE(1) },
	{ "XSDT: a header that ends at 2^64",
	  XSDT, XSDT_ENTRY(0), TOP, SUM_MADE, NO_FADT, UNREADABLE(1) },
	{ "XSDT: names itself",
	  XSDT, XSDT_ENTRY(0), XSDT, SUM_MADE, NO_FADT, NO_FAULTS },
	{ "XSDT: names the RSDT",
	  XSDT, XSDT_ENTRY(0), RSDT, SUM_MADE, NO_FADT, NO_FAULTS },
	{ "XSDT: names the RSDP, which is no table",
	  XSDT, XSDT_ENTRY(0), RSDP, SUM_MADE, NO_FADT, LENGTHS(1) },
	{ "XSDT: names a table twice",
	  XSDT, XSDT_ENTRY(3), FACP, SUM_MADE, NO_SSDT, NO_FAULTS },
	{ "XSDT: names the DSDT after the FADT",
	  XSDT, XSDT_ENTRY(3), DSDT, SUM_MADE, NO_SSDT, NO_FAULTS },
	{ "XSDT: names the FACS, which has no checksum",
	  XSDT, XSDT_ENTRY(0), FACS, SUM_MADE, ROOTS " FACS " REST, NO_FAULTS },
	{ "XSDT: names the image, which is no table",
	  XSDT, XSDT_ENTRY(3), IMAGE, SUM_MADE, NO_SSDT, LENGTHS(1) },

	/* §5.2.6 */
	{ "a table of length 0",
	  APIC, LENGTH, 0, SUM_MADE, NO_APIC, LENGTHS(1) },
	{ "of length 35",
	  APIC, LENGTH, 35, SUM_MADE, NO_APIC, LENGTHS(1) },
	{ "of length 36",
	  APIC, LENGTH, 36, SUM_MADE, ALL, NO_FAULTS },
	{ "one byte too long",
	  APIC, LENGTH, 0x79, SUM_MADE, NO_APIC, UNREADABLE(1) },
	{ "huge",
	  APIC, LENGTH, UINT32_MAX, SUM_MADE, NO_APIC, LENGTHS(1) },
	{ "a wrong checksum",
	  APIC, 0x77, 1, 1, SUM_KEPT, ROOTS " " FADT_ALL " APIC! BGRT BGRT image SSDT", SUMS(1) },
	{ "a signature that would break a line",
	  APIC, 1, 2, 0x0a80, SUM_MADE,
	  ROOTS " " FADT_ALL " A??C BGRT BGRT image SSDT", NO_FAULTS },
	{ "a table like the image's name",
	  APIC, 0, 4, 0x54524742, SUM_MADE,
	  ROOTS " " FADT_ALL " BGRT BGRT BGRT image SSDT", NO_FAULTS },

	/* §5.2.9; 32-bit pointers lead to the same tables as the 64-bit ones */
	{ "FADT: length 36 has no pointers",
	  FACP, LENGTH, 36, SUM_MADE, ROOTS " FACP " REST, NO_FAULTS },
	{ "FADT: length 39 neither",
	  FACP, LENGTH, 39, SUM_MADE, ROOTS " FACP " REST, NO_FAULTS },
	{ "FADT: length 43 has FIRMWARE_CTRL",
	  FACP, LENGTH, 43, SUM_MADE, NO_DSDT, NO_FAULTS },
	{ "FADT: length 44 has DSDT",
	  FACP, LENGTH, 44, SUM_MADE, ALL, NO_FAULTS },
	{ "FADT: length 147 has half of X_DSDT",
	  FACP, LENGTH, 147, SUM_MADE, ALL, NO_FAULTS },
	{ "FADT: a wrong checksum",
	  FACP, 200, 1, 7, SUM_KEPT, ROOTS " FACP! FACS DSDT " REST, SUMS(1) },
	{ "FADT: X_DSDT 0",
	  FACP, 140, 8, 0, SUM_MADE, ALL, NO_FAULTS },
	{ "FADT: DSDT 0",
	  FACP, 40, 4, 0, SUM_MADE, ALL, NO_FAULTS },
	{ "FADT: X_FIRMWARE_CTRL 0",
	  FACP, 132, 8, 0, SUM_MADE, ALL, NO_FAULTS },
	{ "FADT: X_DSDT not there, DSDT is",
	  FACP, 140, 8, UINT64_MAX - 3, SUM_MADE, ALL, UNREADABLE(1) },
	{ "FADT: DSDT not there, X_DSDT is",
	  FACP, 40, 4, UINT32_MAX, SUM_MADE, ALL, UNREADABLE(1) },
	{ "FADT: X_DSDT is another table",
	  FACP, 140, 8, APIC, SUM_MADE, ALL, SIGNATURES(1) },
	{ "FADT: X_DSDT is the FADT itself",
	  FACP, 140, 8, FACP, SUM_MADE, ALL, SIGNATURES(1) },
	{ "FADT: X_FIRMWARE_CTRL is the DSDT",
	  FACP, 132, 8, DSDT, SUM_MADE, ALL, SIGNATURES(1) },

	/* §5.2.10; two pointers, two faults */
	{ "FACS: another signature",
	  FACS, 0, 1, 'X', SUM_MADE, NO_FACS, SIGNATURES(2) },
	{ "FACS: length 0",
	  FACS, LENGTH, 0, SUM_MADE, NO_FACS, LENGTHS(2) },
	{ "FACS: length 63",
	  FACS, LENGTH, 63, SUM_MADE, NO_FACS, LENGTHS(2) },
	{ "FACS: length 65 cannot be read",
	  FACS, LENGTH, 65, SUM_MADE, NO_FACS, UNREADABLE(2) },
	{ "FACS: huge",
	  FACS, LENGTH, UINT32_MAX, SUM_MADE, NO_FACS, LENGTHS(2) },
	{ "DSDT: length 0",
	  DSDT, LENGTH, 0, SUM_MADE, NO_DSDT, LENGTHS(2) },
	{ "DSDT: huge",
	  DSDT, LENGTH, 0x80000000, SUM_MADE, NO_DSDT, LENGTHS(2) },
	{ "DSDT: a wrong checksum",
	  DSDT, 0x1000, 1, 7, SUM_KEPT, ROOTS " FACP FACS DSDT! " REST, SUMS(1) },

	/* §5.2.23 */
	{ "BGRT: length 36",
	  BGRT, LENGTH, 36, SUM_MADE, NO_IMAGE, NO_FAULTS },
	{ "BGRT: length 47 has no address",
	  BGRT, LENGTH, 47, SUM_MADE, NO_IMAGE, NO_FAULTS },
	{ "BGRT: length 48 has one",
	  BGRT, LENGTH, 48, SUM_MADE, ALL, NO_FAULTS },
	{ "BGRT: image at 0",
	  BGRT, 40, 8, 0, SUM_MADE, NO_IMAGE, NO_FAULTS },
	{ "BGRT: image not there",
	  BGRT, 40, 8, 0x1000, SUM_MADE, NO_IMAGE, UNREADABLE(1) },
	{ "BGRT: image wraps",
	  BGRT, 40, 8, UINT64_MAX - 4, SUM_MADE, NO_IMAGE, UNREADABLE(1) },
	{ "BGRT: image is the BGRT",
	  BGRT, 40, 8, BGRT, SUM_MADE, NO_IMAGE, SIGNATURES(1) },
	{ "image: no bitmap",
	  IMAGE, 1, 1, 'A', SUM_MADE, NO_IMAGE, SIGNATURES(1) },
	{ "image: size 0",
	  IMAGE, 2, 4, 0, SUM_MADE, NO_IMAGE, LENGTHS(1) },
	{ "image: size 13",
	  IMAGE, 2, 4, 13, SUM_MADE, NO_IMAGE, LENGTHS(1) },
	{ "image: size 14",
	  IMAGE, 2, 4, 14, SUM_MADE, ALL, NO_FAULTS },
	{ "image: one byte too long",
	  IMAGE, 2, 4, 0x437, SUM_MADE, NO_IMAGE, UNREADABLE(1) },
	{ "image: the longest that we believe",
	  IMAGE, 2, 4, ACPI_IMAGE_MOST_BYTES, SUM_MADE, NO_IMAGE, UNREADABLE(1) },
	{ "image: longer",
	  IMAGE, 2, 4, ACPI_IMAGE_MOST_BYTES + 1, SUM_MADE, NO_IMAGE, LENGTHS(1) },
};
/* clang-format on */

static void check_faults(const struct acpi_faults *faults, const struct acpi_faults *expected)
{
	assert_int_equal(faults->n_unreadable, expected->n_unreadable);
	assert_int_equal(faults->n_null, expected->n_null);
	assert_int_equal(faults->n_bad_signature, expected->n_bad_signature);
	assert_int_equal(faults->n_bad_length, expected->n_bad_length);
	assert_int_equal(faults->n_bad_sum, expected->n_bad_sum);
	assert_int_equal(faults->n_no_room, expected->n_no_room);
}

static void a_damaged_table_costs_itself_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
		struct fake_phys fake;
		struct walked walked;

		print_message("%s\n", damaged[i].rule);
		put_good_set(&fake);
		fake_phys_set(fake_phys_at(&fake, damaged[i].in) + damaged[i].offset,
		              damaged[i].width, damaged[i].value);
		if (!damaged[i].keeps_sum)
			fix_sums(&fake, damaged[i].in);
		walk(&fake, &walked);
		assert_string_equal(walked.text, damaged[i].found);
		check_faults(&walked.faults, &damaged[i].faults);
		fake_phys_free(&fake);
	}
}

static void a_machine_without_acpi_has_no_tables_and_no_faults(void **state)
{
	static const struct acpi_faults no_faults;
	struct fake_phys fake;
	struct acpi_faults faults;

	(void)state;
	put_good_set(&fake);
	assert_int_equal(acpi_find_tables(&fake.phys, 0, NULL, 0, &faults), 0);
	check_faults(&faults, &no_faults);
	assert_int_equal(fake.n_reads, 0);
	fake_phys_free(&fake);
}

static void an_rsdp_that_cannot_be_read_is_one_fault(void **state)
{
	static const paddr_t paddrs[] = {
		1,          RSDP - 1,        RSDP + 64 - 19, RSDP | UINT64_C(1) << 32,
		FACP + 276, UINT64_MAX - 19, UINT64_MAX
	};
	struct fake_phys fake;
	struct acpi_faults faults;

	(void)state;
	put_good_set(&fake);
	for (size_t i = 0; i < sizeof paddrs / sizeof paddrs[0]; i++) {
		assert_int_equal(acpi_find_tables(&fake.phys, paddrs[i], NULL, 0, &faults), 0);
		assert_int_equal(faults.n_unreadable, 1);
	}
	fake_phys_free(&fake);
}

static void an_rsdp_of_acpi_1_is_20_bytes(void **state)
{
	struct fake_phys fake;
	struct walked walked;
	uint8_t *rsdp, *rsdt;

	(void)state;
	fake_phys_init(&fake);
	rsdp = fake_phys_add(&fake, RSDP, 20);
	memcpy(rsdp, "RSD PTR ", 8);
	fake_phys_set(rsdp + 16, 4, RSDT);
	fake_phys_fix_sum(rsdp, 20, 8);
	rsdt = put_table(&fake, RSDT, "RSDT", 36);
	fake_phys_fix_sum(rsdt, 36, 9);
	walk(&fake, &walked);
	assert_string_equal(walked.text, "RSDP RSDT");
	assert_int_equal(walked.tables[0].length_bytes, 20);

	/* It calls itself revision 2, but the rest of that is not there. */
	rsdp[15] = 2;
	fake_phys_fix_sum(rsdp, 20, 8);
	walk(&fake, &walked);
	assert_string_equal(walked.text, "RSDP RSDT");
	assert_int_equal(walked.tables[0].length_bytes, 20);
	assert_int_equal(walked.faults.n_unreadable, 1);
	fake_phys_free(&fake);
}

/* §5.2.5.3: one checksum is over the first 20 bytes, the other one over all. */
static void both_checksums_of_an_rsdp_count(void **state)
{
	struct fake_phys fake;
	struct walked walked;

	(void)state;
	put_good_set(&fake);
	fake_phys_at(&fake, RSDP)[9]++;
	fake_phys_at(&fake, RSDP)[33]--;
	walk(&fake, &walked);
	assert_string_equal(walked.text, BAD_RSDP);
	fake_phys_free(&fake);
}

static void every_64_bit_pointer_leads_above_4_gib(void **state)
{
	const paddr_t far = UINT64_C(0x1200000000);
	struct fake_phys fake;
	struct walked walked;

	(void)state;
	put_good_set(&fake);
	for (size_t i = 0; i < fake.n_regions; i++)
		if (fake.regions[i].start_paddr != RSDP && fake.regions[i].start_paddr < far)
			fake.regions[i].start_paddr += far;
	fake_phys_set(fake_phys_at(&fake, RSDP) + 24, 8, far + XSDT);
	for (size_t i = 0; i < 4; i++)
		fake_phys_at(&fake, far + XSDT)[36 + 8 * i + 4] += far >> 32;
	fake_phys_set(fake_phys_at(&fake, far + FACP) + 132, 8, far + FACS);
	fake_phys_set(fake_phys_at(&fake, far + FACP) + 140, 8, far + DSDT);
	fake_phys_set(fake_phys_at(&fake, far + BGRT) + 40, 8, far + IMAGE);
	fix_sums(&fake, RSDP);
	fix_sums(&fake, far + XSDT);
	fix_sums(&fake, far + FACP);
	fix_sums(&fake, far + BGRT);
	walk(&fake, &walked);
	assert_string_equal(walked.text, NO_RSDT);
	assert_int_equal(walked.faults.n_unreadable, 3); /* RSDT, FIRMWARE_CTRL, DSDT */
	fake_phys_free(&fake);
}

static void where_dsdt_and_x_dsdt_differ_both_are_kept(void **state)
{
	struct fake_phys fake;
	struct walked walked;

	(void)state;
	put_good_set(&fake);
	put_table(&fake, 0x1000, "DSDT", 36);
	fix_sums(&fake, 0x1000);
	fake_phys_set(fake_phys_at(&fake, FACP) + 40, 4, 0x1000);
	fix_sums(&fake, FACP);
	walk(&fake, &walked);
	assert_string_equal(walked.text, "RSDP XSDT RSDT FACP FACS DSDT DSDT " REST);
	assert_int_equal(walked.tables[5].paddr, DSDT);
	assert_int_equal(walked.tables[6].paddr, 0x1000);
	fake_phys_free(&fake);
}

/* A root of @n_entries entries, all of them its own address but the last, which is the FADT's. */
static void put_cycle(struct fake_phys *fake, uint32_t n_entries)
{
	uint8_t *xsdt;

	put_good_set(fake);
	xsdt = put_table(fake, 0x1000, "XSDT", 36 + 8 * n_entries);
	for (uint32_t i = 0; i < n_entries; i++)
		fake_phys_set(xsdt + 36 + 8 * i, 8, i + 1 < n_entries ? 0x1000 : FACP);
	fix_sums(fake, 0x1000);
	fake_phys_set(fake_phys_at(fake, RSDP) + 24, 8, 0x1000);
	fix_sums(fake, RSDP);
}

static void a_root_has_as_many_entries_as_we_believe(void **state)
{
	static const struct {
		const char *rule;
		uint32_t n_entries;
		const char *found;
		size_t n_no_room;
	} roots[] = {
		{ "one", 1, "RSDP XSDT RSDT " FADT_ALL, 0 },
		{ "the last one", ACPI_ROOT_MOST_ENTRIES, "RSDP XSDT RSDT " FADT_ALL, 0 },
		{ "one more", ACPI_ROOT_MOST_ENTRIES + 1, "RSDP XSDT RSDT", 1 },
		{ "many more", ACPI_ROOT_MOST_ENTRIES * 64, "RSDP XSDT RSDT",
		  ACPI_ROOT_MOST_ENTRIES * 63 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
		struct fake_phys fake;
		struct walked walked;

		print_message("%s\n", roots[i].rule);
		put_cycle(&fake, roots[i].n_entries);
		walk(&fake, &walked);
		assert_string_equal(walked.text, roots[i].found);
		assert_int_equal(walked.faults.n_no_room, roots[i].n_no_room);
		fake_phys_free(&fake);
	}
}

static void what_does_not_fit_is_counted_and_not_written(void **state)
{
	struct fake_phys fake;

	(void)state;
	put_good_set(&fake);
	for (size_t capacity = 0; capacity <= 11; capacity++) {
		struct acpi_table tables[12], untouched;
		struct acpi_faults faults;
		size_t n_tables;

		memset(tables, 0x5a, sizeof tables);
		memset(&untouched, 0x5a, sizeof untouched);
		n_tables = acpi_find_tables(&fake.phys, RSDP, tables, capacity, &faults);
		assert_int_equal(n_tables, capacity < 10 ? capacity : 10);
		assert_memory_equal(&tables[n_tables], &untouched, sizeof untouched);
		assert_true(capacity + faults.n_no_room >= 10);
		assert_int_equal(faults.n_no_room == 0, capacity >= 10);
	}
	fake_phys_free(&fake);
}

static uint32_t next_random(uint32_t *random)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random;
}

/* One byte of the memory is changed; mostly one of the first of a structure, where its fields
 * are. Every other one is an address or a length that leads somewhere. */
static void mutate(struct fake_phys *fake, uint32_t *random)
{
	static const uint64_t numbers[] = { 0,          1,     35,   36,   37,   63,        0x1000,
		                            UINT32_MAX, RSDP,  XSDT, RSDT, FACP, FACS,      DSDT,
		                            BGRT,       IMAGE, TOP,  SSDT, APIC, UINT64_MAX };
	struct fake_region *region = &fake->regions[next_random(random) % fake->n_regions];
	uint32_t bytes = (uint32_t)region->bytes;
	uint32_t at =
		next_random(random) % (next_random(random) % 4 == 0 || bytes < 72 ? bytes : 72);

	if (next_random(random) % 2 == 0)
		region->contents[at] ^= (uint8_t)(1u << next_random(random) % 8);
	else if ((at & ~3u) + 8 <= bytes)
		fake_phys_set(region->contents + (at & ~3u), next_random(random) % 2 == 0 ? 4 : 8,
		              numbers[next_random(random) % (sizeof numbers / sizeof numbers[0])]);
}

static void check_invariants(const struct fake_phys *fake, const struct acpi_table *tables,
                             size_t n_tables)
{
	for (size_t i = 0; i < n_tables; i++) {
		assert_true(fake_phys_is_readable(fake, tables[i].paddr, tables[i].length_bytes));
		assert_true(tables[i].length_bytes >= 14);
		assert_true(tables[i].paddr + tables[i].length_bytes > tables[i].paddr);
		assert_non_null(tables[i].found_through);
		assert_non_null(memchr(tables[i].signature, 0, sizeof tables[i].signature));
		for (size_t j = 0; j < i; j++)
			assert_false(tables[i].paddr == tables[j].paddr &&
			             strcmp(tables[i].signature, tables[j].signature) == 0);
	}
}

static void no_damage_breaks_the_invariants(void **state)
{
	uint32_t random = 0x2624;
	size_t n_found = 0;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		struct fake_phys fake;

		put_good_set(&fake);
		for (int i = 0; i < 8; i++) {
			struct acpi_table tables[MOST_TABLES + 1], untouched;
			struct acpi_faults faults;
			size_t capacity = next_random(&random) % (MOST_TABLES + 1);
			size_t n_tables;

			mutate(&fake, &random);
			memset(tables, 0x5a, sizeof tables);
			memset(&untouched, 0x5a, sizeof untouched);
			n_tables = acpi_find_tables(&fake.phys, RSDP, tables, capacity, &faults);
			assert_true(n_tables <= capacity);
			assert_memory_equal(&tables[n_tables], &untouched, sizeof untouched);
			check_invariants(&fake, tables, n_tables);
			n_found += n_tables;
		}
		fake_phys_free(&fake);
	}
	/* The damage was not so great that nothing was tested. */
	assert_true(n_found > 50000);
}

/* Entries of a MADT: ACPI 6.5 §5.2.12.2, §5.2.12.12. */
#define LAPIC(id, flags) "\x00\x08\x01" id flags "\x00\x00\x00"
#define X2APIC(id, flags)                          \
	"\x09\x10\x00\x00" id flags "\x00\x00\x00" \
	"\x01\x00\x00\x00"
#define ON             "\x01"
#define OFF            "\x00"
#define ONLINE_CAPABLE "\x02"
#define IOAPIC         "\x01\x0c\x00\x00\x00\x00\xc0\xfe\x01\x00\x00\x00"

static const struct {
	const char *rule;
	const char *entries;
	size_t n_bytes, n_cpus;
} madts[] = {
#define ROW(rule, entries, n_cpus)                         \
	{                                                  \
		rule, entries, sizeof(entries) - 1, n_cpus \
	}
	ROW("no entries", "", 0),
	ROW("one processor", LAPIC("\x00", ON), 1),
	ROW("two, and what is no processor between", LAPIC("\x00", ON) IOAPIC LAPIC("\x01", ON), 2),
	ROW("one that is not enabled", LAPIC("\x00", ON) LAPIC("\x01", OFF), 1),
	ROW("one that may come online later", LAPIC("\x00", ON) LAPIC("\x01", ONLINE_CAPABLE), 1),
	ROW("one with the ID that is none", LAPIC("\x00", ON) LAPIC("\xff", ON), 1),
	ROW("an x2APIC", X2APIC("\x00\x01\x00\x00", ON), 1),
	ROW("an x2APIC that is not enabled", X2APIC("\x00\x01\x00\x00", OFF), 0),
	ROW("x2APICs alone, with low IDs",
	    X2APIC("\x00\x00\x00\x00", ON) X2APIC("\x02\x00\x00\x00", ON), 2),
	ROW("both kinds: low IDs beside high ones",
	    LAPIC("\xfe", ON) X2APIC("\xff\x00\x00\x00", ON), 2),
	ROW("one processor in entries of both kinds",
	    LAPIC("\x03", ON) X2APIC("\x03\x00\x00\x00", ON), 1),
	ROW("an entry of length 0 ends it", LAPIC("\x00", ON) "\x00\x00" LAPIC("\x01", ON), 1),
	ROW("so does one of length 1", LAPIC("\x00", ON) "\x00\x01" LAPIC("\x01", ON), 1),
	ROW("one that is too short for its kind is none", "\x00\x07\x01\x00\x01\x00\x00", 0),
	ROW("too short for an x2APIC",
	    "\x09\x0f\x00\x00\x00\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 0),
	ROW("one that is longer", "\x00\x09\x01\x00\x01\x00\x00\x00\x00" LAPIC("\x01", ON), 2),
	ROW("one that runs over the end", LAPIC("\x00", ON) "\x00\x08\x01\x01\x01\x00\x00", 1),
	ROW("half a header at the end", LAPIC("\x00", ON) "\x00", 1),
#undef ROW
};

static void enabled_processors_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof madts / sizeof madts[0]; i++) {
		uint32_t bytes = 44 + (uint32_t)madts[i].n_bytes;
		struct acpi_table table = { .paddr = APIC, .length_bytes = bytes };
		struct fake_phys fake;

		print_message("%s\n", madts[i].rule);
		fake_phys_init(&fake);
		memcpy(put_table(&fake, APIC, "APIC", bytes) + 44, madts[i].entries,
		       madts[i].n_bytes);
		memcpy(table.signature, "APIC", 5);
		assert_int_equal(acpi_enabled_processors(&fake.phys, &table, 1), madts[i].n_cpus);
		fake_phys_free(&fake);
	}
}

static void without_a_madt_no_processors_are_known(void **state)
{
	struct acpi_table tables[] = { { .paddr = APIC, .length_bytes = 36, .signature = "APIC" },
		                       { .paddr = FACP, .length_bytes = 36, .signature = "FACP" } };
	struct fake_phys fake;

	(void)state;
	fake_phys_init(&fake);
	assert_int_equal(acpi_enabled_processors(&fake.phys, NULL, 0), 0);
	assert_int_equal(acpi_enabled_processors(&fake.phys, tables + 1, 1), 0);
	assert_int_equal(acpi_enabled_processors(&fake.phys, tables, 2), 0); /* not readable */
	put_table(&fake, APIC, "APIC", 36);                                  /* a header alone */
	assert_int_equal(acpi_enabled_processors(&fake.phys, tables, 2), 0);
	fake_phys_free(&fake);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_set_is_found_whole),
		cmocka_unit_test(a_machine_without_acpi_has_no_tables_and_no_faults),
		cmocka_unit_test(an_rsdp_that_cannot_be_read_is_one_fault),
		cmocka_unit_test(an_rsdp_of_acpi_1_is_20_bytes),
		cmocka_unit_test(a_damaged_table_costs_itself_and_no_more),
		cmocka_unit_test(both_checksums_of_an_rsdp_count),
		cmocka_unit_test(every_64_bit_pointer_leads_above_4_gib),
		cmocka_unit_test(where_dsdt_and_x_dsdt_differ_both_are_kept),
		cmocka_unit_test(a_root_has_as_many_entries_as_we_believe),
		cmocka_unit_test(what_does_not_fit_is_counted_and_not_written),
		cmocka_unit_test(no_damage_breaks_the_invariants),
		cmocka_unit_test(enabled_processors_are_counted),
		cmocka_unit_test(without_a_madt_no_processors_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
