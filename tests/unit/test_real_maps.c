/*
 * test_real_maps.c - recorded maps of real machines and of QEMU: ours against what Linux made.
 *
 * tests/maps/NAME.map is a capture (mapdiff/FORMAT.md), with what is known of a log: where it is
 * from (origin), who translated the map for Linux (loader: a row of loaders[] below), the
 * descriptors in the order of the firmware, and the ranges that Linux printed as BIOS-e820.
 *
 * Two things are shown of each. A second, naive translator that follows the loader's rules gives
 * the very list that Linux printed, so that we know what the rules are. And ours differs from
 * it at those descriptors alone at which we mean to differ, each by a rule that has a reason.
 */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64 /* readdir() of a 32-bit program on a file system of a 64-bit one */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/capture/capture.h"
#include "x86/crc32.h"
#include "x86/uefi_map.h"

#ifndef TESTS_MAPS
#define TESTS_MAPS "tests/maps"
#endif

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SOFT         ((uint32_t)E820_SOFT_RESERVED)
#define HOLE         ((uint32_t)E820_NONE)
#define MOST         1024 /* descriptors or ranges of a map */
#define STRIDE       48

/* How those who boot Linux translate: they differ in three things. */
static const struct loader {
	const char *name;
	uint32_t runtime_code; /* e820 type for runtime code */
	uint32_t unknown;      /* and for types beyond the table */
	bool knows_sp;         /* specific-purpose memory becomes soft reserved */
} loaders[] = {
	{ "efi-stub", E820_RESERVED, HOLE, true },
	{ "efi-stub-ia32", E820_RESERVED, HOLE, false }, /* no soft reservation on 32 bits */
	{ "grub", 20, E820_RESERVED, false },            /* GRUB 2.06; its own number for code */
	{ "old-grub", 5, E820_RESERVED, false },         /* GRUB 1.9x */
};

/* By UEFI type, as all of them have it (but for runtime code, the sixth). */
static const uint32_t linux_types[16] = { 2, 1, 1, 1, 1, 2, 2, 1, 5, 3, 4, 2, 2, 2, 7, HOLE };

static bool is_linux_ram(const struct uefi_descriptor *d)
{
	return d->type < COUNT(linux_types) && linux_types[d->type] == E820_RAM;
}

static uint32_t linux_type(const struct uefi_descriptor *d, const struct loader *loader)
{
	if (d->type >= COUNT(linux_types))
		return loader->unknown;
	if (d->type == UEFI_RUNTIME_SERVICES_CODE)
		return loader->runtime_code;
	if (is_linux_ram(d) && (d->attribute & UEFI_MEMORY_SP) != 0 && loader->knows_sp)
		return SOFT;
	return linux_types[d->type];
}

/* Where we mean to differ: the first rule that applies to a descriptor says what we make of it. */
static bool is_not_wb(const struct uefi_descriptor *d)
{
	return is_linux_ram(d) && (d->attribute & UEFI_MEMORY_WB) == 0;
}

static bool is_runtime_ram(const struct uefi_descriptor *d)
{
	return is_linux_ram(d) && (d->attribute & UEFI_MEMORY_RUNTIME) != 0;
}

static bool is_special_ram(const struct uefi_descriptor *d)
{
	return is_linux_ram(d) && (d->attribute & UEFI_MEMORY_SP) != 0;
}

static bool is_runtime_code(const struct uefi_descriptor *d)
{
	return d->type == UEFI_RUNTIME_SERVICES_CODE;
}

static bool is_unaccepted(const struct uefi_descriptor *d)
{
	return d->type == UEFI_UNACCEPTED;
}

static bool is_unknown(const struct uefi_descriptor *d)
{
	return d->type >= UEFI_TYPE_COUNT;
}

static const struct {
	const char *reason;
	bool (*applies)(const struct uefi_descriptor *d);
	uint32_t ours;
} intended[] = {
	{ "RAM that is not write-back is no RAM for a kernel", is_not_wb, E820_RESERVED },
	{ "RAM that the runtime services claim is theirs", is_runtime_ram, E820_RESERVED },
	{ "specific-purpose memory is soft reserved for every kernel", is_special_ram, SOFT },
	{ "runtime code is reserved: 20 and 5 are loaders' own ideas", is_runtime_code,
	  E820_RESERVED },
	{ "unaccepted memory is reserved, and neither a hole nor RAM", is_unaccepted,
	  E820_RESERVED },
	{ "types nobody knows are reserved: in a hole PCI puts devices", is_unknown,
	  E820_RESERVED },
};

struct record {
	struct uefi_descriptor descriptors[MOST];
	size_t n_descriptors;
	struct e820_range e820[MOST]; /* what Linux made of it */
	size_t n_e820;
	const struct loader *loader; /* NULL: not known */
	uint32_t e820_crc32;         /* as the capture has it */
	bool has_origin;
};

static const struct loader *loader_named(const char *name, size_t length)
{
	for (size_t i = 0; i < COUNT(loaders); i++) {
		if (strlen(loaders[i].name) == length && memcmp(loaders[i].name, name, length) == 0)
			return &loaders[i];
	}
	fail_msg("no loader is called %.*s", (int)length, name);
	return NULL;
}

static bool is_key(const struct capture_parsed *parsed, const char *key)
{
	return parsed->key.bytes == strlen(key) &&
	       memcmp(parsed->key.start, key, parsed->key.bytes) == 0;
}

/* What else is known of the machine is passed over. */
static void take_line(const struct capture_parsed *parsed, struct record *record)
{
	assert_true(record->n_descriptors < MOST && record->n_e820 < MOST);
	if (parsed->kind == CAPTURE_UEFI)
		record->descriptors[record->n_descriptors++] = parsed->descriptor;
	else if (parsed->kind == CAPTURE_E820)
		record->e820[record->n_e820++] =
			(struct e820_range){ parsed->start, parsed->end, parsed->type, 0 };
	else if (is_key(parsed, "loader"))
		record->loader = loader_named(parsed->text.start, parsed->text.bytes);
	else if (is_key(parsed, "origin"))
		record->has_origin = parsed->text.bytes > 0;
	else if (is_key(parsed, "e820-crc32"))
		record->e820_crc32 = (uint32_t)strtoul(parsed->text.start, NULL, 0);
}

/* A capture from its first line to its checksum, which must be the last. */
static void read_record(const char *path, struct record *record)
{
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t capacity = 0;
	struct capture_parsed parsed = { .kind = CAPTURE_NOTHING };
	bool is_first = true;
	uint32_t crc = 0;

	memset(record, 0, sizeof *record);
	if (file == NULL)
		fail_msg("cannot read %s", path);
	while (getline(&line, &capacity, file) > 0) {
		size_t length = strcspn(line, "\n");

		if (parsed.kind == CAPTURE_CHECKSUM || !capture_parse_line(line, length, &parsed) ||
		    is_first != (parsed.kind == CAPTURE_BEGIN))
			fail_msg("%s: cannot read %s", path, line);
		if (parsed.kind == CAPTURE_CHECKSUM)
			assert_int_equal(parsed.value, crc);
		else if (!is_first)
			take_line(&parsed, record);
		crc = capture_crc_line(crc, line, length);
		is_first = false;
	}
	free(line);
	fclose(file);
	if (parsed.kind != CAPTURE_CHECKSUM)
		fail_msg("%s has no checksum", path);
}

/* --- the naive translator --- */

/* Descriptors that touch and have one type make one range, as in the EFI stub of Linux. */
static size_t ranges_of_types(const struct record *record, const uint32_t *types,
                              struct e820_range *ranges)
{
	size_t n = 0;

	for (size_t i = 0; i < record->n_descriptors; i++) {
		paddr_t start_paddr = record->descriptors[i].start_paddr;
		paddr_t end_paddr = start_paddr + (record->descriptors[i].n_pages << 12);

		if (types[i] == HOLE || start_paddr == end_paddr)
			continue;
		if (n > 0 && ranges[n - 1].end_paddr == start_paddr &&
		    ranges[n - 1].type == types[i])
			ranges[n - 1].end_paddr = end_paddr;
		else
			ranges[n++] = (struct e820_range){ start_paddr, end_paddr, types[i], 0 };
	}
	return n;
}

static int compare_paddr(const void *a, const void *b)
{
	paddr_t left = *(const paddr_t *)a, right = *(const paddr_t *)b;

	return (left > right) - (left < right);
}

static uint32_t highest_type_at(const struct e820_range *ranges, size_t n, paddr_t paddr)
{
	uint32_t type = HOLE;

	for (size_t i = 0; i < n; i++) {
		if (ranges[i].start_paddr <= paddr && paddr < ranges[i].end_paddr &&
		    ranges[i].type > type)
			type = ranges[i].type;
	}
	return type;
}

/* Look at each interval between two addresses that any range has. */
static size_t paint(const struct e820_range *ranges, size_t n, struct e820_range *out)
{
	paddr_t points[2 * MOST];
	size_t n_out = 0;

	for (size_t i = 0; i < n; i++) {
		points[2 * i] = ranges[i].start_paddr;
		points[2 * i + 1] = ranges[i].end_paddr;
	}
	qsort(points, 2 * n, sizeof points[0], compare_paddr);
	for (size_t i = 0; i + 1 < 2 * n; i++) {
		uint32_t type = highest_type_at(ranges, n, points[i]);
		struct e820_range *last = &out[n_out - (n_out > 0)];

		if (points[i] == points[i + 1] || type == HOLE)
			continue;
		if (n_out > 0 && last->end_paddr == points[i] && last->type == type && type != SOFT)
			last->end_paddr = points[i + 1];
		else
			out[n_out++] = (struct e820_range){ points[i], points[i + 1], type, 0 };
	}
	return n_out;
}

static size_t translate_by(const struct record *record, const uint32_t *types,
                           struct e820_range *out)
{
	static struct e820_range ranges[MOST];

	return paint(ranges, ranges_of_types(record, types, ranges), out);
}

/* --- ours --- */

static void sanitize(struct e820_map *map)
{
	size_t scratch_bytes = e820_scratch_bytes(map->n_ranges);
	void *scratch = malloc(scratch_bytes);

	assert_non_null(scratch);
	assert_int_equal(e820_sanitize(map, scratch, scratch_bytes, NULL), MAP_OK);
	free(scratch);
}

static size_t translate(const struct record *record, struct e820_range *out)
{
	static uint8_t wire[MOST * STRIDE];
	struct uefi_map map = { wire, record->n_descriptors * STRIDE, STRIDE };
	struct e820_map e820 = { out, 0, 2 * MOST };
	struct uefi_faults faults;

	for (size_t i = 0; i < record->n_descriptors; i++)
		memcpy(wire + i * STRIDE, &record->descriptors[i], sizeof record->descriptors[i]);
	assert_int_equal(uefi_map_to_e820(&map, &e820, &faults), MAP_OK);
	sanitize(&e820);
	return e820.n_ranges;
}

/* --- the comparison --- */

static struct record record;
static size_t n_as_linux, n_intended, n_unrecorded, n_uses[COUNT(intended)];

static void assert_same_ranges(const char *name, const char *what, const struct e820_range *got,
                               size_t n_got, const struct e820_range *want, size_t n_want)
{
	for (size_t i = 0; i < n_got || i < n_want; i++) {
		if (i < n_got && i < n_want && memcmp(&got[i], &want[i], sizeof got[i]) == 0)
			continue;
		if (i < n_got)
			print_message("got  %#llx-%#llx %#x\n",
			              (unsigned long long)got[i].start_paddr,
			              (unsigned long long)got[i].end_paddr, (unsigned)got[i].type);
		if (i < n_want)
			print_message(
				"want %#llx-%#llx %#x\n", (unsigned long long)want[i].start_paddr,
				(unsigned long long)want[i].end_paddr, (unsigned)want[i].type);
		fail_msg("%s: %s, at range %u", name, what, (unsigned)i);
	}
}

/* What is expected of us for each descriptor: the loader's type, but for the intended differences.
 * Returns how many descriptors these apply to. */
static size_t apply_intended(uint32_t *types)
{
	size_t n_applied = 0;

	for (size_t i = 0; i < record.n_descriptors; i++) {
		for (size_t rule = 0; rule < COUNT(intended); rule++) {
			if (!intended[rule].applies(&record.descriptors[i]))
				continue;
			if (types[i] != intended[rule].ours && record.descriptors[i].n_pages > 0) {
				n_applied++;
				n_uses[rule]++;
			}
			types[i] = intended[rule].ours;
			break;
		}
	}
	return n_applied;
}

static void compare_record(const char *name)
{
	static struct e820_range theirs[2 * MOST], expected[2 * MOST], ours[2 * MOST];
	const struct loader *loader = record.loader != NULL ? record.loader : &loaders[0];
	uint32_t types[MOST];
	size_t n_ours, n_applied;

	for (size_t i = 0; i < record.n_descriptors; i++)
		types[i] = linux_type(&record.descriptors[i], loader);
	if (record.n_e820 > 0)
		assert_same_ranges(name, "the loader's rules do not give Linux's list", theirs,
		                   translate_by(&record, types, theirs), record.e820,
		                   record.n_e820);

	n_applied = apply_intended(types);
	n_ours = translate(&record, ours);
	assert_same_ranges(name, "ours is not Linux's with the intended differences", ours, n_ours,
	                   expected, translate_by(&record, types, expected));
	if (record.n_e820 == 0) {
		n_unrecorded++;
	} else if (n_applied == 0) {
		assert_same_ranges(name, "ours is not Linux's", ours, n_ours, record.e820,
		                   record.n_e820);
		n_as_linux++;
	} else {
		n_intended++;
	}
}

/* Linux has sanitized its list already, so there is nothing for us to do. */
static void check_that_linux_list_is_canonical(const char *name)
{
	static struct e820_range ranges[2 * MOST];
	struct e820_map map = { ranges, record.n_e820, 2 * MOST };

	memcpy(ranges, record.e820, record.n_e820 * sizeof ranges[0]);
	sanitize(&map);
	assert_same_ranges(name, "sanitizing Linux's list changes it", map.ranges, map.n_ranges,
	                   record.e820, record.n_e820);
}

static const char *maps_path = TESTS_MAPS;
static size_t n_maps;

static int is_map(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && strcmp(entry->d_name + length - 4, ".map") == 0;
}

/* Calls @check with each map in the folder, in the order of their names. */
static void for_each_map(void (*check)(const char *name))
{
	struct dirent **entries;
	int n = scandir(maps_path, &entries, is_map, alphasort);
	char path[1024];

	if (n <= 0)
		fail_msg("no maps in %s", maps_path);
	n_maps = (size_t)n;
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", maps_path, entries[i]->d_name);
		read_record(path, &record);
		check(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

static void check_that_record_is_whole(const char *name)
{
	const struct e820_map e820 = { record.e820, record.n_e820, MOST };

	if (!record.has_origin)
		fail_msg("%s does not say where it is from", name);
	if (record.n_e820 > 0 && record.e820_crc32 != e820_hibernate_crc32(&e820))
		fail_msg("%s has another checksum of its e820 map", name);
	if (record.n_descriptors == 0 && record.n_e820 == 0)
		fail_msg("%s is empty", name);
	if (record.n_descriptors > 0 && record.n_e820 > 0 && record.loader == NULL)
		fail_msg("%s does not say who translated it", name);
}

static void every_map_says_what_it_must(void **state)
{
	(void)state;
	for_each_map(check_that_record_is_whole);
}

static void linux_lists_are_canonical(void **state)
{
	(void)state;
	for_each_map(check_that_linux_list_is_canonical);
}

static void compare_if_uefi(const char *name)
{
	if (record.n_descriptors > 0)
		compare_record(name);
}

static void ours_differs_from_linux_only_where_it_is_meant_to(void **state)
{
	(void)state;
	for_each_map(compare_if_uefi);
	print_message("%u maps: %u as Linux has them, %u with intended differences, %u that Linux "
	              "has not translated\n",
	              (unsigned)n_maps, (unsigned)n_as_linux, (unsigned)n_intended,
	              (unsigned)n_unrecorded);
	for (size_t i = 0; i < COUNT(intended); i++)
		print_message("  %u descriptors: %s\n", (unsigned)n_uses[i], intended[i].reason);
}

/* Most rules are for machines that are not among the maps: one descriptor for each. */
static const struct {
	const char *loader;
	struct uefi_descriptor descriptor;
} differing[COUNT(intended)] = {
	{ "efi-stub", { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, 0x1 } },
	{ "efi-stub",
	  { UEFI_CONVENTIONAL, 0, 0x1000, 0, 1, UEFI_MEMORY_WB | UEFI_MEMORY_RUNTIME } },
	{ "efi-stub-ia32", { UEFI_LOADER_DATA, 0, 0x1000, 0, 1, UEFI_MEMORY_WB | UEFI_MEMORY_SP } },
	{ "grub", { UEFI_RUNTIME_SERVICES_CODE, 0, 0x1000, 0, 1, UEFI_MEMORY_WB } },
	{ "efi-stub", { UEFI_UNACCEPTED, 0, 0x1000, 0, 1, UEFI_MEMORY_WB } },
	{ "efi-stub", { 0x80000001, 0, 0x1000, 0, 1, UEFI_MEMORY_WB } },
};

static void every_intended_difference_is_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(intended); i++) {
		const struct uefi_descriptor *d = &differing[i].descriptor;

		if (!intended[i].applies(d) ||
		    linux_type(d, loader_named(differing[i].loader, strlen(differing[i].loader))) ==
		            intended[i].ours ||
		    uefi_e820_type(d->type, d->attribute) != intended[i].ours)
			fail_msg("%s", intended[i].reason);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_map_says_what_it_must),
		cmocka_unit_test(linux_lists_are_canonical),
		cmocka_unit_test(ours_differs_from_linux_only_where_it_is_meant_to),
		cmocka_unit_test(every_intended_difference_is_one),
	};

	if (argc > 1)
		maps_path = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
