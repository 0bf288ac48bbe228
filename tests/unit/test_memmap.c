/*
 * test_memmap.c - the map out of the firmware, and the exit with it: what firmware is known to do
 * to loaders there, a row each.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/memmap.h"
#include "tests/unit/fake_firmware.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define STRIDE 48

static _Alignas(8) uint8_t buffer[512 * 1024];

static void machine(void)
{
	if (fake_firmware_init())
		return;
	print_message("no memory of the host's at the addresses that this test needs\n");
	skip();
}

/* A buffer for what there is now, and the slack. */
static void prepare(struct memmap *memmap)
{
	UINTN capacity_bytes, stride;

	assert_int_equal(
		memmap_room(&fake.firmware, MEMMAP_SLACK_DESCRIPTORS, &capacity_bytes, &stride),
		EFI_SUCCESS);
	assert_in_range(capacity_bytes, 1, sizeof buffer - MEMMAP_GUARD_BYTES);
	memmap_init(memmap, buffer, capacity_bytes);
}

static void the_room_is_the_map_and_64_descriptors_more(void **state)
{
	UINTN capacity_bytes, stride, map_bytes = 0, key;
	UINT32 version;

	(void)state;
	machine();
	fake.firmware.boot_services->GetMemoryMap(&map_bytes, NULL, &key, &stride, &version);
	assert_int_equal(
		memmap_room(&fake.firmware, MEMMAP_SLACK_DESCRIPTORS, &capacity_bytes, &stride),
		EFI_SUCCESS);
	assert_int_equal(stride, STRIDE);
	assert_int_equal(capacity_bytes, map_bytes + 64 * STRIDE);
}

static const struct {
	const char *rule;
	UINTN stride;
	bool query_sets_stride;
	EFI_STATUS room, read;
} strides[] = {
	{ "a stride of 0 is none", 0, true, EFI_NOT_FOUND, EFI_SUCCESS },
	{ "a descriptor is never smaller than the specification's", 39, true, EFI_BAD_BUFFER_SIZE,
	  EFI_SUCCESS },
	{ "nor when only the map itself tells", 39, false, EFI_SUCCESS, EFI_BAD_BUFFER_SIZE },
	{ "the specification's own size is good", 40, true, EFI_SUCCESS, EFI_SUCCESS },
	{ "edk2's, larger by design, is stepped by", 48, true, EFI_SUCCESS, EFI_SUCCESS },
	{ "an odd one too", 41, true, EFI_SUCCESS, EFI_SUCCESS },
	{ "a query need not fill it in", 48, false, EFI_SUCCESS, EFI_SUCCESS },
	{ "a descriptor of a page is the largest", 4096, true, EFI_SUCCESS, EFI_SUCCESS },
	{ "a larger one is a lie", 4097, true, EFI_BAD_BUFFER_SIZE, EFI_SUCCESS },
};

static void the_stride_is_the_firmwares(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(strides); i++) {
		struct memmap memmap;
		UINTN capacity_bytes, stride;
		EFI_STATUS status;

		machine();
		fake.stride = strides[i].stride;
		fake.query_sets_stride = strides[i].query_sets_stride;
		status = memmap_room(&fake.firmware, MEMMAP_SLACK_DESCRIPTORS, &capacity_bytes,
		                     &stride);
		if (status != strides[i].room)
			fail_msg("%s: room", strides[i].rule);
		if (EFI_ERROR(status))
			continue;
		memmap_init(&memmap, buffer, capacity_bytes);
		status = memmap_read(&fake.firmware, &memmap);
		if (status != strides[i].read)
			fail_msg("%s: map", strides[i].rule);
		if (EFI_ERROR(status))
			continue;
		assert_int_equal(memmap.map.stride, strides[i].stride);
		assert_int_equal(uefi_map_get(&memmap.map, 1).start_paddr, FAKE_LOW_PADDR);
	}
}

static void the_map_is_given_out_as_it_is(void **state)
{
	struct memmap memmap;

	(void)state;
	machine();
	fake.is_reversed = true;
	fake_add_descriptor(UEFI_MMIO, UINT64_C(0xffc00000), 0x400, 0);
	prepare(&memmap);
	assert_int_equal(memmap_read(&fake.firmware, &memmap), EFI_SUCCESS);
	assert_int_equal(memmap.key, fake.key);
	assert_int_equal(memmap.descriptor_version, 1);
	assert_int_equal(uefi_map_count(&memmap.map), 6);
	assert_int_equal(uefi_map_get(&memmap.map, 0).start_paddr, UINT64_C(0xffc00000));
	assert_int_equal(uefi_map_get(&memmap.map, 5).start_paddr, 0);
}

static const struct {
	const char *rule;
	unsigned growth; /* pages of two descriptors each, with every call */
	EFI_STATUS status;
} growths[] = {
	{ "a map that grows within the slack is read", 31, EFI_SUCCESS },
	{ "up to its last descriptor", 32, EFI_SUCCESS },
	{ "one that grows beyond it needs a larger buffer", 33, EFI_BUFFER_TOO_SMALL },
};

static void the_slack_is_64_descriptors(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(growths); i++) {
		struct memmap memmap;

		machine();
		prepare(&memmap);
		fake.growth = growths[i].growth;
		if (memmap_read(&fake.firmware, &memmap) != growths[i].status)
			fail_msg("%s", growths[i].rule);
	}
}

static const struct {
	const char *rule;
	UINTN unreported, overrun_bytes;
	EFI_STATUS status;
} overruns[] = {
	{ "a map that ends at its buffer's end is good", 0, 0, EFI_SUCCESS },
	{ "one byte behind it is not", 0, 1, EFI_BAD_BUFFER_SIZE },
	{ "nor is the whole guard", 0, MEMMAP_GUARD_BYTES, EFI_BAD_BUFFER_SIZE },
	{ "what firmware forgot to count, it writes all the same (edk2, unaccepted memory)", 66, 0,
	  EFI_BAD_BUFFER_SIZE },
};

static void firmware_that_writes_past_the_buffer_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(overruns); i++) {
		struct memmap memmap;

		machine();
		fake.growth = 40; /* once, so that there is something to forget */
		fake.unreported = overruns[i].unreported;
		prepare(&memmap);
		fake.growth = 0;
		fake.overrun_bytes = overruns[i].overrun_bytes;
		if (memmap_read(&fake.firmware, &memmap) != overruns[i].status)
			fail_msg("%s", overruns[i].rule);
	}
}

static const struct {
	const char *rule;
	unsigned stale_exits;
	unsigned growth_when_stale;
	EFI_STATUS exit_error;
	size_t fail_call; /* 1: the first map, 2: the first exit, 3: the second map */
	EFI_STATUS status;
	unsigned attempts;
} exits[] = {
	{ "one attempt is enough where nothing happens in between", 0, 0, EFI_SUCCESS, 0,
	  EFI_SUCCESS, 1 },
	{ "a stale key is tried again with a new one", 1, 0, EFI_SUCCESS, 0, EFI_SUCCESS, 2 },
	{ "and the new map may be longer", 1, 8, EFI_SUCCESS, 0, EFI_SUCCESS, 2 },
	{ "as often as it takes", 15, 2, EFI_SUCCESS, 0, EFI_SUCCESS, 16 },
	{ "but not for ever", 16, 0, EFI_SUCCESS, 0, EFI_INVALID_PARAMETER, 16 },
	{ "a map that has outgrown its buffer by then is the end", 2, 40, EFI_SUCCESS, 0,
	  EFI_BUFFER_TOO_SMALL, 1 },
	{ "an error of another kind is no stale key", 0, 0, EFI_UNSUPPORTED, 0, EFI_UNSUPPORTED,
	  1 },
	{ "without a map nothing has been attempted", 0, 0, EFI_SUCCESS, 1, EFI_DEVICE_ERROR, 0 },
	{ "the firmware's own error is passed on", 0, 0, EFI_SUCCESS, 2, EFI_DEVICE_ERROR, 1 },
	{ "also when it comes with the second map", 1, 0, EFI_SUCCESS, 3, EFI_DEVICE_ERROR, 1 },
};

/* Nothing but a map and an attempt, in turns. */
static bool only_maps_and_exits_since(size_t first_call)
{
	for (size_t i = first_call; i < fake.n_calls; i++)
		if (fake.calls[i] !=
		    ((i - first_call) % 2 == 0 ? FAKE_GET_MEMORY_MAP : FAKE_EXIT_BOOT_SERVICES))
			return false;
	return true;
}

static void the_exit_is_retried_with_the_map_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(exits); i++) {
		struct memmap memmap;
		unsigned attempts = 99;
		size_t first_call;

		machine();
		prepare(&memmap);
		first_call = fake.n_calls;
		fake.stale_exits = exits[i].stale_exits;
		fake.growth_when_stale = exits[i].growth_when_stale;
		fake.exit_error = exits[i].exit_error;
		fake.n_failable = 0;
		fake.fail_call = exits[i].fail_call;
		if (memmap_exit(&fake.firmware, &memmap, &attempts) != exits[i].status)
			fail_msg("%s: status", exits[i].rule);
		if (attempts != exits[i].attempts)
			fail_msg("%s: %u attempts", exits[i].rule, attempts);
		if (fake.is_left != (exits[i].status == EFI_SUCCESS))
			fail_msg("%s: left", exits[i].rule);
		if (!only_maps_and_exits_since(first_call))
			fail_msg("%s: something else was called in between", exits[i].rule);
		assert_null(fake.violation);
	}
}

static void the_map_that_was_accepted_is_the_one_in_the_buffer(void **state)
{
	struct memmap memmap;
	unsigned attempts;
	size_t n;

	(void)state;
	machine();
	prepare(&memmap);
	assert_int_equal(memmap_read(&fake.firmware, &memmap), EFI_SUCCESS);
	n = uefi_map_count(&memmap.map);
	fake.stale_exits = 3;
	fake.growth_when_stale = 5;
	assert_int_equal(memmap_exit(&fake.firmware, &memmap, &attempts), EFI_SUCCESS);
	assert_int_equal(uefi_map_count(&memmap.map), n + 3 * 5 * 2);
	assert_ptr_equal(memmap.map.descriptors, buffer);
}

static void a_firmware_that_gives_no_map_is_told_apart(void **state)
{
	UINTN capacity_bytes, stride;

	(void)state;
	machine();
	fake.fail_call = 1;
	assert_int_equal(
		memmap_room(&fake.firmware, MEMMAP_SLACK_DESCRIPTORS, &capacity_bytes, &stride),
		EFI_DEVICE_ERROR);
	fake.unreported = FAKE_MOST_DESCRIPTORS; /* 0 bytes are enough, it says */
	assert_int_equal(
		memmap_room(&fake.firmware, MEMMAP_SLACK_DESCRIPTORS, &capacity_bytes, &stride),
		EFI_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_room_is_the_map_and_64_descriptors_more),
		cmocka_unit_test(the_stride_is_the_firmwares),
		cmocka_unit_test(the_map_is_given_out_as_it_is),
		cmocka_unit_test(the_slack_is_64_descriptors),
		cmocka_unit_test(firmware_that_writes_past_the_buffer_is_noticed),
		cmocka_unit_test(the_exit_is_retried_with_the_map_alone),
		cmocka_unit_test(the_map_that_was_accepted_is_the_one_in_the_buffer),
		cmocka_unit_test(a_firmware_that_gives_no_map_is_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
