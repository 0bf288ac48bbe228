/*
 * fuzz_tables.c - choices -> a memory image with ACPI tables, an EBDA, MP tables and SMBIOS in it,
 * all of which may be wrong -> what x86/ finds there: nothing is read that the image does not have
 * (tests/unit/fake_phys.h), it ends after a bounded number of reads, and what is reported lies in
 * the image. For libFuzzer: `make fuzz'.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/fake_phys.h"
#include "x86/acpi.h"
#include "x86/ebda.h"
#include "x86/mptable.h"
#include "x86/smbios.h"

#define LOW_BYTES    0x100000
#define TABLES_PADDR UINT64_C(0x7fe0000)
#define TABLES_BYTES 0x8000
#define HIGH_PADDR   UINT64_C(0x8000000000)
#define HIGH_BYTES   0x1000
#define TABLES       64
#define MOST_READS   40000

static struct fake_phys memory;
static uint8_t *low, *tables, *high;

/* Somewhere in what there is, or before or behind it, or nowhere. */
static paddr_t place_of(struct fuzz_dice *dice)
{
	static const paddr_t others[] = { 0, 1, 0x9fc00, 0xf0000, 0xfffff, 0x100000, UINT64_MAX };

	switch (fuzz_roll(dice, 8)) {
	case 0:
		return others[fuzz_roll(dice, sizeof others / sizeof others[0])];
	case 1:
		return HIGH_PADDR + fuzz_roll(dice, HIGH_BYTES + 0x100);
	case 2:
		return fuzz_number(dice);
	default:
		return TABLES_PADDR + 8 * fuzz_roll(dice, TABLES_BYTES / 8);
	}
}

static uint32_t length_of(struct fuzz_dice *dice)
{
	static const uint32_t lengths[] = { 36,         44,         52,        64, 84,
		                            244,        276,        4096,      0,  8,
		                            35,         0x8000,     0x1000,    37, 0x00ffffff,
		                            0x01000000, 0x7fffffff, 0xffffffff };

	return lengths[fuzz_roll(dice, sizeof lengths / sizeof lengths[0])];
}

/* A table with pointers in all the places that any kind has some in. */
static void put_table(struct fuzz_dice *dice, uint8_t *at, size_t room)
{
	static const char signatures[][5] = { "RSDT", "XSDT", "FACP", "FACS",    "DSDT",
		                              "APIC", "BGRT", "SSDT", "\1\2\3\4" };
	uint8_t table[512] = { 0 };
	uint32_t length = length_of(dice);
	const char *signature =
		signatures[fuzz_roll(dice, sizeof signatures / sizeof signatures[0])];

	memcpy(table, signature, 4);
	fake_phys_set(table + 4, 4, length);
	table[8] = (uint8_t)fuzz_roll(dice, 8);
	for (size_t i = 36; i + 8 <= sizeof table; i += 8)
		fake_phys_set(table + i, 8, fuzz_is_one_in(dice, 3) ? place_of(dice) : 0);
	fuzz_take(dice, table + 44, fuzz_roll(dice, 64));
	if (length >= 36 && length <= sizeof table && fuzz_roll(dice, 2) == 0)
		fake_phys_fix_sum(table, length, 9);
	memcpy(at, table, room < sizeof table ? room : sizeof table);
}

static paddr_t put_acpi(struct fuzz_dice *dice)
{
	paddr_t rsdp_paddr =
		TABLES_PADDR + (fuzz_roll(dice, 2) == 0 ? 0 : fuzz_roll(dice, TABLES_BYTES - 64));
	uint8_t *at = tables + (rsdp_paddr - TABLES_PADDR);

	for (uint32_t n = fuzz_roll(dice, 24); n > 0; n--) {
		uint32_t offset = 64 + 8 * fuzz_roll(dice, (TABLES_BYTES - 64) / 8);

		put_table(dice, tables + offset, TABLES_BYTES - offset);
	}
	for (uint32_t n = fuzz_roll(dice, 4); n > 0; n--)
		put_table(dice, high, HIGH_BYTES);
	memcpy(at, "RSD PTR ", 8);
	at[15] = (uint8_t)fuzz_roll(dice, 4);
	fake_phys_set(at + 16, 4, place_of(dice));
	fake_phys_set(at + 20, 4, fuzz_roll(dice, 2) == 0 ? 36 : length_of(dice));
	fake_phys_set(at + 24, 8, place_of(dice));
	return fuzz_is_one_in(dice, 8) ? place_of(dice) : rsdp_paddr;
}

static void require_readable(struct span span)
{
	REQUIRE(span.start_paddr <= span.end_paddr);
	REQUIRE(span.start_paddr == span.end_paddr ||
	        fake_phys_is_readable(&memory, span.start_paddr,
	                              span.end_paddr - span.start_paddr));
}

static void forget(void)
{
	REQUIRE(memory.n_reads < MOST_READS);
	memory.n_reads = 0;
	fake_phys_forget(&memory);
}

static void walk_acpi(paddr_t rsdp_paddr)
{
	static struct acpi_table found[TABLES], all[4 * ACPI_ROOT_MOST_ENTRIES];
	struct acpi_faults faults, all_faults;
	size_t n = acpi_find_tables(&memory.phys, rsdp_paddr, found, TABLES, &faults), n_all;

	REQUIRE(n <= TABLES);
	for (size_t i = 0; i < n; i++) {
		REQUIRE(found[i].length_bytes > 0 && found[i].found_through != NULL);
		require_readable(
			(struct span){ found[i].paddr, found[i].paddr + found[i].length_bytes });
		for (size_t j = 0; j < i; j++)
			REQUIRE(found[i].paddr != found[j].paddr ||
			        strcmp(found[i].signature, found[j].signature) != 0);
	}
	forget();
	n_all = acpi_find_tables(&memory.phys, rsdp_paddr, all, 4 * ACPI_ROOT_MOST_ENTRIES,
	                         &all_faults);
	REQUIRE(n_all >= n && n_all <= n + faults.n_no_room);
	REQUIRE(memcmp(all, found, n * sizeof found[0]) == 0);
	forget();
	acpi_enabled_processors(&memory.phys, all, n_all);
	forget();
}

/* --- the low megabyte --- */

static void put_low(struct fuzz_dice *dice)
{
	fake_phys_set(low + 0x40e, 2, fuzz_roll(dice, 0x10000));
	for (uint32_t n = fuzz_roll(dice, 6); n > 0; n--) {
		static const uint32_t areas[] = { 0, 0x9fc00, 0xf0000, 0x10000, 0xffff0 };
		uint32_t offset = areas[fuzz_roll(dice, 5)] + 16 * fuzz_roll(dice, 0x40);
		uint8_t *at = low + (offset > LOW_BYTES - 16 ? LOW_BYTES - 16 : offset);

		memcpy(at, "_MP_", 4);
		fake_phys_set(at + 4, 4, place_of(dice));
		at[8] = (uint8_t)(1 + fuzz_roll(dice, 2));
		at[9] = (uint8_t)fuzz_roll(dice, 8);
		fuzz_take(dice, at + 11, 5);
		if (fuzz_roll(dice, 4) != 0)
			fake_phys_fix_sum(at, 16, 10);
	}
	if (fuzz_roll(dice, 2) == 0) {
		uint8_t *at = tables + 8 * fuzz_roll(dice, TABLES_BYTES / 8 - 8);

		memcpy(at, "PCMP", 4);
		fake_phys_set(at + 4, 2, length_of(dice));
		fake_phys_set(at + 40, 2, fuzz_roll(dice, 0x10000));
	}
}

static void search_low(void)
{
	static const struct boot_target *const targets[] = { &target_ia32, &target_amd64 };

	for (size_t i = 0; i < 2; i++) {
		struct smp_config config = { { 0, 0 }, { 0, 0 }, 0 };
		struct span ebda = ebda_find(&memory.phys, targets[i]);

		forget();
		REQUIRE(ebda.start_paddr <= ebda.end_paddr);
		REQUIRE(ebda.end_paddr - ebda.start_paddr <= 0x10000);
		if (find_smp_config(&memory.phys, targets[i], &config)) {
			REQUIRE(config.pointer.end_paddr - config.pointer.start_paddr ==
			        PAGE_BYTES);
			REQUIRE(config.pointer.start_paddr + 16 <= 0x100000 + PAGE_BYTES);
			REQUIRE(config.table.start_paddr <= config.table.end_paddr);
			if (config.table_bytes > 0)
				require_readable((struct span){ config.table.start_paddr,
				                                config.table.start_paddr +
				                                        config.table_bytes });
		}
		forget();
	}
}

/* --- SMBIOS --- */

static void put_smbios(struct fuzz_dice *dice, uint8_t *at)
{
	bool is_3 = fuzz_roll(dice, 2) == 0;
	uint8_t length = fuzz_roll(dice, 3) != 0 ? (is_3 ? 24 : 31) : (uint8_t)fuzz_roll(dice, 64);

	memset(at, 0, 64);
	memcpy(at, is_3 ? "_SM3_" : "_SM_", is_3 ? 5 : 4);
	at[is_3 ? 6 : 5] = length;
	fake_phys_set(at + (is_3 ? 12 : 22), is_3 ? 4 : 2,
	              fuzz_roll(dice, 4) != 0 ? fuzz_roll(dice, 0x400) : length_of(dice));
	fake_phys_set(at + (is_3 ? 16 : 24), is_3 ? 8 : 4, place_of(dice));
	if (fuzz_roll(dice, 2) == 0 && length >= 24 && length <= 64)
		fake_phys_fix_sum(at, length, is_3 ? 5 : 4);
}

/* Structures, one behind the other, as far as they come. */
static void put_structures(struct fuzz_dice *dice)
{
	static const uint8_t types[] = { 0, 1, 2, 17, 17, 127, 3 };
	uint32_t offset = 8 * fuzz_roll(dice, TABLES_BYTES / 8);

	for (uint32_t n = fuzz_roll(dice, 8); n > 0 && offset + 128 < TABLES_BYTES; n--) {
		uint8_t length = (uint8_t)fuzz_roll(dice, 48);

		tables[offset] = types[fuzz_roll(dice, sizeof types)];
		tables[offset + 1] = length;
		fuzz_take(dice, tables + offset + 4, length);
		fuzz_take(dice, tables + offset + length, fuzz_roll(dice, 24));
		offset += length + fuzz_roll(dice, 24);
	}
}

static void find_smbios(paddr_t entry_paddr)
{
	struct smbios found;
	struct smbios_model model;
	enum smbios_err err = smbios_find(&memory.phys, entry_paddr, &found);

	require_readable(found.entry_point);
	require_readable(found.table);
	REQUIRE(err != SMBIOS_OK || found.table.start_paddr < found.table.end_paddr);
	smbios_read_model(&memory.phys, found.table, &model);
	for (size_t i = 0; i < SMBIOS_TEXTS; i++)
		REQUIRE(memchr(model.texts[i], 0, SMBIOS_TEXT_BYTES) != NULL);
	forget();
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	struct fuzz_dice dice = { data, bytes };
	paddr_t rsdp_paddr;

	fake_phys_init(&memory);
	low = fake_phys_add(&memory, 0, LOW_BYTES);
	tables = fake_phys_add(&memory, TABLES_PADDR, TABLES_BYTES);
	high = fake_phys_add(&memory, HIGH_PADDR, HIGH_BYTES);
	put_low(&dice);
	put_structures(&dice);
	put_smbios(&dice, tables + TABLES_BYTES - 64);
	find_smbios(fuzz_roll(&dice, 4) != 0 ? TABLES_PADDR + TABLES_BYTES - 64 : place_of(&dice));
	search_low();
	rsdp_paddr = put_acpi(&dice);
	walk_acpi(rsdp_paddr);
	fake_phys_free(&memory);
}
