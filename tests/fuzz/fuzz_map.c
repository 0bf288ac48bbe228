/*
 * fuzz_map.c - choices -> a UEFI memory map as firmware writes it, of any stride, in any order,
 * with overlaps and descriptors of anything -> e820 -> sanitized -> the bitmaps of both targets
 * under both policies: against memory that is painted in halves of pages, and, under policy linux,
 * against the literal 2.6.24. For libFuzzer: `make fuzz'.
 */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/setup_case.h"
#include "x86/uefi_map.h"

#define PART_BYTES  2048
#define PARTS       0x2000 /* 16 MiB; what is above is not painted */
#define PAINTED_END ((uint64_t)PART_BYTES * PARTS)
#define MOST        48
#define RANGES      (8 * MOST)
#define ENTRIES     64
#define SCRATCH     (1 << 16)

static uint32_t painted[PARTS]; /* e820 types; 0: nothing */

/* UEFI 2.10 §7.2 and ACPI 6.5 Table 15.6 in the plainest words; and RAM is what can be cached, is
 * not the firmware's at run time, and for nobody in particular. */
static uint32_t e820_type_of(const struct uefi_descriptor *descriptor)
{
	const uint64_t attribute = descriptor->attribute;

	switch (descriptor->type) {
	case 1: /* LoaderCode, LoaderData */
	case 2:
	case 3: /* BootServicesCode, BootServicesData */
	case 4:
	case 7: /* Conventional */
		if ((attribute & UINT64_C(0x8000000000000000)) != 0 || (attribute & 8) == 0)
			return 2;
		return (attribute & 0x40000) != 0 ? 0xefffffff : 1;
	case 8: /* Unusable */
		return 5;
	case 9: /* ACPIReclaim */
		return 3;
	case 10: /* ACPIMemoryNVS */
		return 4;
	case 14: /* Persistent */
		return 7;
	default:
		return 2;
	}
}

static void paint(const struct uefi_descriptor *descriptor)
{
	uint32_t type = e820_type_of(descriptor);
	uint64_t start = descriptor->start_paddr, bytes = descriptor->n_pages * 4096;

	if (descriptor->n_pages > (UINT64_MAX - start) / 4096)
		return; /* it wraps */
	for (uint64_t part = start / PART_BYTES; part < PARTS && part * PART_BYTES < start + bytes;
	     part++)
		if (type > painted[part])
			painted[part] = type;
}

/* --- the map --- */

static struct uefi_descriptor choose_descriptor(struct fuzz_dice *dice)
{
	static const uint64_t attributes[] = { 0xf,     0xf,       0xf,
		                               8,       0,         UINT64_C(0x800000000000000f),
		                               0x4000f, UINT64_MAX };
	static const uint64_t high[] = { UINT64_C(0x100000000), UINT64_C(0xfff00000),
		                         UINT64_C(0xfffffffffffff000), UINT64_C(0x10000000000),
		                         UINT64_C(0xffffffffffffffff) };
	struct uefi_descriptor descriptor = {
		.type = fuzz_is_one_in(dice, 12) ? (uint32_t)fuzz_number(dice)
		                                 : fuzz_roll(dice, 17),
		.start_paddr = fuzz_roll(dice, PARTS / 2) * UINT64_C(4096),
		.n_pages = fuzz_roll(dice, 3) == 0 ? fuzz_roll(dice, 4) : fuzz_roll(dice, 0x400),
		.attribute = attributes[fuzz_roll(dice, sizeof attributes / sizeof attributes[0])],
	};

	if (fuzz_is_one_in(dice, 6))
		descriptor.start_paddr += PART_BYTES;
	if (fuzz_is_one_in(dice, 8)) {
		descriptor.start_paddr = high[fuzz_roll(dice, sizeof high / sizeof high[0])];
		if (fuzz_is_one_in(dice, 4))
			descriptor.n_pages = fuzz_number(dice);
	}
	if (fuzz_roll(dice, 3) == 0)
		descriptor.type = 7;
	return descriptor;
}

/* As it lies in the firmware's buffer: its descriptors, and garbage between them. */
static uint8_t *write_map(struct fuzz_dice *dice, struct uefi_map *ret_map)
{
	static const size_t strides[] = { 48, 40, 56, 44, 64, 4096 };
	size_t stride = strides[fuzz_roll(dice, sizeof strides / sizeof strides[0])];
	size_t n = fuzz_roll(dice, MOST), rest = fuzz_roll(dice, 40);
	uint8_t *bytes = malloc(n * stride + rest + 1);

	REQUIRE(bytes != NULL);
	bytes = realloc(bytes, n * stride + rest + (n + rest == 0));
	memset(bytes, 0xcc, n * stride + rest);
	memset(painted, 0, sizeof painted);
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = choose_descriptor(dice);

		memcpy(bytes + i * stride, &descriptor, 40);
		paint(&descriptor);
	}
	*ret_map = (struct uefi_map){ bytes, n * stride + (rest < stride ? rest : 0), stride };
	REQUIRE(uefi_map_count(ret_map) == n);
	return bytes;
}

static void require_painted(const struct e820_map *map)
{
	size_t i = 0;

	for (size_t part = 0; part < PARTS; part++) {
		uint64_t paddr = part * (uint64_t)PART_BYTES;

		while (i < map->n_ranges && map->ranges[i].end_paddr <= paddr)
			i++;
		REQUIRE(painted[part] == (i < map->n_ranges && map->ranges[i].start_paddr <= paddr
		                                  ? map->ranges[i].type
		                                  : 0));
	}
	for (i = 0; i < map->n_ranges; i++) {
		REQUIRE(map->ranges[i].start_paddr < map->ranges[i].end_paddr);
		REQUIRE(i == 0 || map->ranges[i - 1].end_paddr <= map->ranges[i].start_paddr);
	}
}

/* --- the bitmaps --- */

static const void *read_zeros(void *context, paddr_t start_paddr, uint64_t bytes)
{
	static const uint8_t zeros[0x10000];

	(void)context, (void)start_paddr;
	return bytes > sizeof zeros ? NULL : zeros;
}

static void *give_storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	static _Alignas(4096) uint8_t storage[(UINT64_C(0x101000) / 8 / 4096 + 2) * 4096];

	(void)context, (void)start_paddr;
	return n_pages * PAGE_BYTES <= sizeof storage ? memset(storage, 0xa5, sizeof storage)
	                                              : NULL;
}

static int is_ram(const struct boot_setup *setup, pfn_t pfn)
{
	if (setup->inputs->target == &target_ia32 && pfn >= 0xa0 && pfn < 0x100)
		return 0;
	return painted[2 * pfn] == 1 && painted[2 * pfn + 1] == 1;
}

static int is_listed(const struct boot_setup *setup, pfn_t pfn)
{
	for (size_t i = 0; i < setup->reservations.n_entries; i++) {
		const struct reservation *entry = &setup->reservations.entries[i];

		if (entry->start_paddr < (pfn + 1) * PAGE_BYTES &&
		    pfn * PAGE_BYTES < entry->end_paddr)
			return 1;
	}
	return 0;
}

/* Of the pages that are painted; the list is the truth of what is reserved. */
static void require_bitmap(const struct boot_setup *setup)
{
	const uint8_t *bitmap = setup->bdata.node_bootmem_map;
	pfn_t end_pfn = setup->max_low_pfn < PARTS / 2 ? setup->max_low_pfn : PARTS / 2;

	for (pfn_t pfn = 0; pfn < end_pfn; pfn++)
		REQUIRE((bitmap[pfn / 8] >> pfn % 8 & 1) ==
		        !(is_ram(setup, pfn) && !is_listed(setup, pfn)));
	for (pfn_t pfn = end_pfn; pfn < PARTS / 2; pfn++)
		REQUIRE(!is_ram(setup, pfn));
}

/* Where a kernel would lie: in RAM, if there is any. */
static struct span kernel_of(struct fuzz_dice *dice, const struct e820_map *map)
{
	paddr_t start_paddr = 0x100000 + PAGE_BYTES * fuzz_roll(dice, 0x600);

	for (size_t i = 0; i < map->n_ranges && fuzz_roll(dice, 3) != 0; i++)
		if (map->ranges[i].type == E820_RAM && map->ranges[i].start_paddr >= 0x100000 &&
		    map->ranges[i].end_paddr <= PAINTED_END)
			start_paddr = align_up(map->ranges[i].start_paddr, PAGE_BYTES);
	return (struct span){ start_paddr, start_paddr + PAGE_BYTES * (1 + fuzz_roll(dice, 16)) };
}

static void set_up(const struct boot_inputs *inputs)
{
	static struct reservation entries[ENTRIES];
	struct boot_setup setup = { .reservations = { entries, 0, ENTRIES, 0 } };
	char fault[256];

	if (boot_setup_run(&setup, inputs) == SETUP_OK)
		require_bitmap(&setup);
	REQUIRE(setup_err_text(setup.err) != NULL);
	/* What it refuses for want of room is nothing that 2.6.24 knows. */
	if (inputs->policy == POLICY_LINUX && setup.err != SETUP_NO_STORAGE &&
	    !setup_case_is_literal(&setup, fault, sizeof fault)) {
		fprintf(stderr, "%s: %s\n", inputs->target->name, fault);
		for (size_t i = 0; i < inputs->e820->n_ranges; i++)
			fprintf(stderr, "  %llx-%llx %x\n",
			        (unsigned long long)inputs->e820->ranges[i].start_paddr,
			        (unsigned long long)inputs->e820->ranges[i].end_paddr,
			        inputs->e820->ranges[i].type);
		abort();
	}
}

static void set_up_all(struct fuzz_dice *dice, struct e820_map *map)
{
	static const struct phys_mem phys = { read_zeros, NULL };
	static const struct boot_target *const targets[] = { &target_ia32, &target_amd64 };
	struct span kernel = kernel_of(dice, map);
	struct reservation piece = reservation_make(RESERVATION_KERNEL, ORIGIN_LINUX, LIFETIME_BOOT,
	                                            kernel, "kernel", "a piece");

	e820_limit_ram(map, UINT64_C(0x101000000));
	for (unsigned i = 0; i < 4; i++) {
		struct boot_inputs inputs = {
			.target = targets[i % 2],
			.policy = i < 2 ? POLICY_SAFE : POLICY_LINUX,
			.e820 = map,
			.vacant = map,
			.kernel = kernel,
			.home_limit_paddr = UINT64_MAX,
			.phys = &phys,
			.pieces = &piece,
			.n_pieces = 1,
			.bootmap_storage = give_storage,
		};

		set_up(&inputs);
	}
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	static struct e820_range ranges[RANGES];
	static uint64_t scratch[SCRATCH / 8];
	struct fuzz_dice dice = { data, bytes };
	struct e820_map map = { ranges, 0, RANGES };
	struct uefi_faults faults;
	struct uefi_map uefi;
	uint8_t *raw = write_map(&dice, &uefi);

	REQUIRE(uefi_map_to_e820(&uefi, &map, &faults) == MAP_OK);
	free(raw);
	REQUIRE(e820_sanitize(&map, scratch, sizeof scratch, NULL) == MAP_OK);
	require_painted(&map);
	set_up_all(&dice, &map);
}
