/*
 * test_step.c - step_find() on pictures of the maps of two boots: whose each change is; and
 * owner.h's tables.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"
#include "tests/unit/drawn.h"
#include "x86/crc32.h"
#include "x86/step.h"

/* A boot: its e820 map, and up to two pictures of its UEFI map, which overlap, the higher one
 * first. */
struct boot {
	const char *e820, *uefi, *uefi_too;
};

/* A change, whose it is by UEFI, and behind | by e820. */
static const struct {
	const char *rule;
	struct boot before, after;
	const char *step;
} rows[] = {
	{ "one map", { "ur", "Cd", "" }, { "ur", "Cd", "" }, "" },
	{ "the kind of the descriptor",
	  { "uruu", "CdCC", "" },
	  { "uuru", "CCdC", "" },
	  "moved r1-2 r2-3 1 runtime services data|unknown, ~grew u0-1 u0-2 1 |, ~shrank u2-4 u3-4 1 |" },
	{ "without UEFI maps nothing is known of reserved memory",
	  { "u", "", "" },
	  { "ur", "", "" },
	  "appeared r1-2 1 |unknown" },
	{ "with one map, what that tells",
	  { "ur", "Cc", "" },
	  { "u", "", "" },
	  "vanished r1-2 1 runtime services code|unknown" },
	{ "of both sides",
	  { "ur", "CM", "" },
	  { "urr", "CUU", "" },
	  "grew r1-2 r1-3 1 MMIO+unaccepted memory|unknown" },
	{ "all that lie in the range",
	  { "u", "C", "" },
	  { "urrrr", "CcdMO", "" },
	  "appeared r1-5 4 runtime services data+runtime services code+MMIO+an OEM's own type|unknown" },
	{ "not what starts where it ends, nor what ends where it starts",
	  { "urn", "MdM", "" },
	  { "utn", "M0M", "" },
	  "retyped r1-2 t1-2 1 runtime services data|runtime services code" },
	{ "one before the range reaches into it",
	  { "uur", "CCM", "" },
	  { "urr", "CMM", "" },
	  "grew r2-3 r1-3 1 MMIO|unknown, ~shrank u0-2 u0-1 1 |" },
	{ "one that starts before the last one does, too",
	  { "uuu", "CCC", "" },
	  { "urr", "MMM", "0.d" },
	  "appeared r1-3 2 runtime services data+MMIO|unknown, ~shrank u0-3 u0-1 2 |" },
	{ "one that lies inside another of its kind does not end that",
	  { "uuu", "CCC", "" },
	  { "uur", "MMM", ".M" },
	  "appeared r2-3 1 MMIO|unknown, ~shrank u0-3 u0-2 1 |" },
	{ "nothing for RAM", { "u", "C", "" }, { "uu", "CC", "" }, "grew u0-1 u0-2 1 |" },
	{ "type 0 is the firmware's",
	  { "u", "C", "" },
	  { "ur", "C0", "" },
	  "appeared r1-2 1 firmware|unknown" },
	{ "where no other kind is known",
	  { "u", "C", "" },
	  { "urr", "C0M", "" },
	  "appeared r1-3 2 MMIO|unknown" },
	{ "and the range is reserved",
	  { "u", "C", "" },
	  { "ua", "C0", "" },
	  "appeared a1-2 1 |ACPI tables" },
	{ "types that tell no more than e820's",
	  { "u", "C", "" },
	  { "ura", "CAA", "" },
	  "appeared r1-2 1 |unknown, appeared a2-3 1 |ACPI tables" },
	{ "NVS is the firmware's, by e820",
	  { "u", "C", "" },
	  { "un", "CN", "" },
	  "appeared n1-2 1 |firmware" },
	{ "what a type is, not what it was",
	  { "ux", "", "" },
	  { "un", "", "" },
	  "retyped x1-2 n1-2 1 |firmware" },
};

static struct uefi_map overlaid(const struct boot *boot)
{
	struct uefi_map low = drawn_uefi(boot->uefi), high = drawn_uefi(boot->uefi_too);
	char *both = malloc(low.map_bytes + high.map_bytes + 1);

	memcpy(both, high.descriptors, high.map_bytes);
	memcpy(both + high.map_bytes, low.descriptors, low.map_bytes);
	free((void *)low.descriptors);
	free((void *)high.descriptors);
	return (struct uefi_map){ both, low.map_bytes + high.map_bytes, low.stride };
}

static void print_set(char *text, size_t bytes, owner_set owners)
{
	const char *separator = "";

	for (unsigned kind = 0; kind < OWNER_KINDS; kind++)
		if ((owners & owner_bit((enum owner_kind)kind)) != 0) {
			size_t length = strlen(text);

			snprintf(text + length, bytes - length, "%s%s", separator,
			         owner_kind_name((enum owner_kind)kind));
			separator = "+";
		}
}

static void print_step(char *text, size_t bytes, const struct step *step)
{
	text[0] = '\0';
	for (size_t i = 0; i < step->n_changes; i++) {
		const struct step_change *one = &step->changes[i];

		strcat(text, i > 0 ? ", " : "");
		drawn_change(text + strlen(text), bytes - strlen(text), &one->change);
		strcat(text, " ");
		print_set(text, bytes, one->uefi);
		strcat(text, "|");
		strcat(text, owner_kind_name(one->e820));
		assert_int_equal(one->change.is_consequence, i >= step->n_telling);
	}
}

static void each_change_has_its_owners(void **state)
{
	(void)state;
	for (size_t row = 0; row < COUNT(rows); row++) {
		const struct boot *boots[SIDES] = { &rows[row].before, &rows[row].after };
		struct e820_map maps[SIDES];
		struct step_side sides[SIDES];
		struct step_change changes[20];
		struct step step = { .changes = changes, .capacity = COUNT(changes) };
		char text[500];
		size_t scratch_bytes;
		void *scratch;

		for (enum side side = BEFORE; side < SIDES; side++) {
			maps[side] = drawn_e820(boots[side]->e820);
			sides[side] = (struct step_side){ &maps[side], overlaid(boots[side]) };
		}
		scratch_bytes = step_scratch_bytes(sides);
		scratch = malloc(scratch_bytes + 1);
		assert_int_equal(step_find(sides, &step, scratch, scratch_bytes), MAP_OK);
		print_step(text, sizeof text, &step);
		if (strcmp(text, rows[row].step) != 0)
			fail_msg("%s: %s, not %s", rows[row].rule, text, rows[row].step);
		for (enum side side = BEFORE; side < SIDES; side++) {
			assert_true(step.crc32[side] == e820_hibernate_crc32(&maps[side]));
			assert_true(step.ram_crc32[side] == e820_ram_crc32(&maps[side]));
			free(maps[side].ranges);
			free((void *)sides[side].uefi.descriptors);
		}
		assert_int_equal(step.is_one_map, step.n_changes == 0);
		free(scratch);
	}
}

static void descriptors_that_wrap_or_are_empty_own_nothing(void **state)
{
	struct uefi_descriptor descriptors[] = {
		{ .type = UEFI_MMIO, .start_paddr = 0x1000, .n_pages = 0 },
		{ .type = UEFI_MMIO, .start_paddr = 0x1000, .n_pages = UINT64_MAX >> 12 },
		{ .type = UEFI_PAL_CODE, .start_paddr = 0, .n_pages = (UINT64_MAX >> 12) },
	};
	struct e820_map before = drawn_e820("u"), after = drawn_e820("ur");
	struct step_side sides[SIDES] = {
		{ &before, { NULL, 0, 0 } },
		{ &after, { descriptors, sizeof descriptors, sizeof descriptors[0] } },
	};
	struct step_change changes[2];
	struct step step = { .changes = changes, .capacity = COUNT(changes) };
	size_t bytes = step_scratch_bytes(sides);
	void *scratch = malloc(bytes);

	(void)state;
	assert_int_equal(step_find(sides, &step, scratch, bytes), MAP_OK);
	assert_int_equal(step.n_changes, 1);
	assert_int_equal(changes[0].uefi, owner_bit(OWNER_PAL_CODE));
	free(before.ranges);
	free(after.ranges);
	free(scratch);
}

static void what_does_not_fit_is_said(void **state)
{
	struct e820_map before = drawn_e820("uurruu"), after = drawn_e820("uuurru");
	struct step_side sides[SIDES] = { { .e820 = &before }, { .e820 = &after } };
	struct step_change changes[3];
	struct step step = { .changes = changes, .capacity = COUNT(changes) };
	size_t bytes = step_scratch_bytes(sides);
	void *scratch = malloc(bytes);

	(void)state;
	assert_int_equal(step_find(sides, &step, scratch, bytes - 1), MAP_NO_SCRATCH);
	assert_int_equal(step_find(sides, &step, scratch, bytes), MAP_OK);
	assert_int_equal(step.n_changes, 3);
	assert_int_equal(step.n_telling, 1);
	step.capacity = 2;
	assert_int_equal(step_find(sides, &step, scratch, bytes), MAP_FULL);
	assert_int_equal(step.n_changes, 0);
	assert_int_equal(step.n_telling, 0);
	before.n_ranges = SIZE_MAX / 100;
	assert_int_equal(step_scratch_bytes(sides), SIZE_MAX);
	free(before.ranges);
	free(after.ranges);
	free(scratch);
}

static void what_only_ram_sees_is_the_same(void **state)
{
	struct e820_map before = drawn_e820("uurru"), after = drawn_e820("uunnu");
	struct step_side sides[SIDES] = { { .e820 = &before }, { .e820 = &after } };
	struct step_change changes[5];
	struct step step = { .changes = changes, .capacity = COUNT(changes) };
	size_t bytes = step_scratch_bytes(sides);
	void *scratch = malloc(bytes);

	(void)state;
	assert_int_equal(step_find(sides, &step, scratch, bytes), MAP_OK);
	assert_false(step.is_one_map);
	assert_true(step.ram_crc32[BEFORE] == step.ram_crc32[AFTER]);
	free(before.ranges);
	free(after.ranges);
	free(scratch);
}

/* --- owners --- */

static const struct {
	uint32_t type;
	enum owner_kind kind;
} by_uefi[] = {
	{ UEFI_RESERVED, OWNER_FIRMWARE },
	{ UEFI_LOADER_CODE, OWNER_NONE },
	{ UEFI_RUNTIME_SERVICES_CODE, OWNER_RUNTIME_CODE },
	{ UEFI_RUNTIME_SERVICES_DATA, OWNER_RUNTIME_DATA },
	{ UEFI_CONVENTIONAL, OWNER_NONE },
	{ UEFI_UNUSABLE, OWNER_NONE },
	{ UEFI_ACPI_RECLAIM, OWNER_NONE },
	{ UEFI_ACPI_NVS, OWNER_NONE },
	{ UEFI_MMIO, OWNER_MMIO },
	{ UEFI_MMIO_PORT_SPACE, OWNER_MMIO_PORTS },
	{ UEFI_PAL_CODE, OWNER_PAL_CODE },
	{ UEFI_PERSISTENT, OWNER_PERSISTENT },
	{ UEFI_UNACCEPTED, OWNER_UNACCEPTED },
	{ UEFI_TYPE_COUNT, OWNER_NONE },
	{ 0x6fffffff, OWNER_NONE },
	{ 0x70000000, OWNER_OEM },
	{ 0x7fffffff, OWNER_OEM },
	{ 0x80000000, OWNER_OS },
	{ UINT32_MAX, OWNER_OS },
}, by_e820[] = {
	{ E820_NONE, OWNER_NONE },
	{ E820_RAM, OWNER_NONE },
	{ E820_RESERVED, OWNER_UNKNOWN },
	{ E820_ACPI, OWNER_ACPI },
	{ E820_NVS, OWNER_FIRMWARE },
	{ E820_UNUSABLE, OWNER_FAULTY },
	{ E820_DISABLED, OWNER_UNKNOWN },
	{ E820_PMEM, OWNER_PERSISTENT },
	{ E820_PRAM, OWNER_PERSISTENT },
	{ E820_COREBOOT, OWNER_COREBOOT },
	{ E820_GRUB_RUNTIME_CODE, OWNER_RUNTIME_CODE },
	{ (uint32_t)E820_SOFT_RESERVED, OWNER_SPECIAL },
	{ 77, OWNER_UNKNOWN },
};

static void types_have_owners(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(by_uefi); i++)
		assert_int_equal(owner_of_uefi_type(by_uefi[i].type), by_uefi[i].kind);
	for (size_t i = 0; i < COUNT(by_e820); i++)
		assert_int_equal(owner_of_e820_type(by_e820[i].type), by_e820[i].kind);
}

static void every_owner_has_a_name_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(owner_kind_name(OWNER_NONE), "");
	assert_string_equal(owner_kind_name(OWNER_ACPI), "ACPI tables");
	for (unsigned i = 0; i < OWNER_KINDS; i++)
		for (unsigned j = 0; j < i; j++)
			assert_true(strcmp(owner_kind_name((enum owner_kind)i),
			                   owner_kind_name((enum owner_kind)j)) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_has_its_owners),
		cmocka_unit_test(descriptors_that_wrap_or_are_empty_own_nothing),
		cmocka_unit_test(what_does_not_fit_is_said),
		cmocka_unit_test(what_only_ram_sees_is_the_same),
		cmocka_unit_test(types_have_owners),
		cmocka_unit_test(every_owner_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
