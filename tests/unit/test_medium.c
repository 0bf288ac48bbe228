/*
 * test_medium.c - which partition of the disk that the loader came from is the one for people: of
 * device paths, and of a made-up firmware with several.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>

#include "efi/medium.h"
#include "efi/volume.h"
#include "tests/unit/fake_firmware.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Nodes of device paths: type, subtype, length, data (UEFI 2.10 §10.3). A partition's have 42 bytes
 * in a firmware; what is behind the number is of no interest here. */
#define PCI(device) 1, 1, 6, 0, 0, device
#define USB(port)   3, 5, 6, 0, port, 0
#define PART(n)     4, 1, 8, 0, n, 0, 0, 0
#define CDROM(n)    4, 2, 8, 0, n, 0, 0, 0
#define NEXT        0x7f, 1, 4, 0
#define END         0x7f, 0xff, 4, 0

static const uint8_t stick[] = { PCI(1), USB(2), END };
static const uint8_t stick_1[] = { PCI(1), USB(2), PART(1), END };
static const uint8_t stick_2[] = { PCI(1), USB(2), PART(2), END };
static const uint8_t stick_3[] = { PCI(1), USB(2), PART(3), END };
static const uint8_t stick_el_torito[] = { PCI(1), USB(2), CDROM(1), END };
static const uint8_t other_stick_1[] = { PCI(1), USB(3), PART(1), END };
static const uint8_t deeper_1[] = { PCI(1), USB(2), USB(1), PART(1), END };
static const uint8_t longer_node[] = { PCI(1), USB(2), 4, 1, 9, 0, 1, 0, 0, 0, 0, END };
static const uint8_t part_alone[] = { PART(1), END };
static const uint8_t two_paths[] = { PCI(1), USB(2), NEXT, PART(1), END };
static const uint8_t node_of_no_bytes[] = { PCI(1), 3, 5, 0, 0, 2, 0 };
static const uint8_t node_of_3_bytes[] = { PCI(1), 3, 5, 3, 0 };
static uint8_t endless[8192];

static const struct {
	const char *rule;
	const void *one, *other;
	bool are_neighbours;
} pairs[] = {
	{ "two partitions of a stick", stick_1, stick_2, true },
	{ "a partition and itself", stick_1, stick_1, false },
	{ "a partition and its whole stick", stick_1, stick, false },
	{ "partitions of two sticks", stick_2, other_stick_1, false },
	{ "of a stick and of one behind the same hub", stick_2, deeper_1, false },
	{ "a partition and a CD's boot image", stick_1, stick_el_torito, false },
	{ "nodes of two lengths", stick_1, longer_node, true },
	{ "nothing before the partition", part_alone, part_alone, false },
	{ "a path that goes on as another one", stick_1, two_paths, false },
	{ "a node without a length", stick_1, node_of_no_bytes, false },
	{ "a node that is shorter than its head", stick_1, node_of_3_bytes, false },
	{ "a path without an end", stick_1, endless, false },
};

static void partitions_of_one_disk_are_neighbours(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(endless); i++)
		endless[i] = (const uint8_t[]){ 1, 1, 4, 0 }[i % 4];
	for (size_t i = 0; i < N_OF(pairs); i++)
		for (size_t swap = 0; swap < 2; swap++) {
			const void *one = swap ? pairs[i].other : pairs[i].one;
			const void *other = swap ? pairs[i].one : pairs[i].other;

			if (medium_are_neighbours(one, other) != pairs[i].are_neighbours)
				fail_msg("%s", pairs[i].rule);
		}
}

#define CONF    "\\bootmem.conf"
#define FOLDER  "\\bootmem"
#define NOWHERE FAKE_MOST_PARTITIONS

#define NO_FAT(path)        .device_path = path
#define OPENS(path)         NO_FAT(path), .has_file_system = true
#define ASLEEP(path)        OPENS(path), .is_asleep = true
#define NULL_FAT(path)      NO_FAT(path), .gives_null = true
#define OPENS_OR_NULL(path) OPENS(path), .gives_null = true

static const struct {
	const char *rule;
	struct fake_partition partitions[FAKE_MOST_PARTITIONS];
	const char *files[FAKE_MOST_PARTITIONS]; /* one on each */
	size_t found;
} media[] = {
	{ "none", { { OPENS(stick_1) } }, { FOLDER }, NOWHERE },
	{ "the loader's has no path",
	  { { OPENS(NULL) }, { OPENS(stick_1) } },
	  { NULL, CONF },
	  NOWHERE },
	{ "the other one has none",
	  { { OPENS(stick_2) }, { OPENS(NULL) } },
	  { NULL, CONF },
	  NOWHERE },
	{ "one with bootmem.conf", { { OPENS(stick_2) }, { OPENS(stick_1) } }, { NULL, CONF }, 1 },
	{ "one with the folder", { { OPENS(stick_2) }, { OPENS(stick_1) } }, { NULL, FOLDER }, 1 },
	{ "one with neither",
	  { { OPENS(stick_2) }, { OPENS(stick_1) } },
	  { NULL, "\\a" },
	  NOWHERE },
	{ "of another stick",
	  { { OPENS(stick_2) }, { OPENS(other_stick_1) } },
	  { NULL, CONF },
	  NOWHERE },
	{ "bootmem.conf goes before the folder",
	  { { OPENS(stick_2) }, { OPENS(stick_1) }, { OPENS(stick_3) } },
	  { NULL, FOLDER, CONF },
	  2 },
	{ "the first of two with bootmem.conf",
	  { { OPENS(stick_2) }, { OPENS(stick_1) }, { OPENS(stick_3) } },
	  { NULL, CONF, CONF },
	  1 },
	{ "the first of two with the folder",
	  { { OPENS(stick_2) }, { OPENS(stick_1) }, { OPENS(stick_3) } },
	  { NULL, FOLDER, FOLDER },
	  1 },
	{ "one without a file system",
	  { { OPENS(stick_2) }, { NO_FAT(stick_1) } },
	  { NULL },
	  NOWHERE },
	{ "NULL is called a success",
	  { { OPENS_OR_NULL(stick_2) },
	    { NULL_FAT(NULL) },
	    { NULL_FAT(stick_1) },
	    { OPENS_OR_NULL(stick_3) } },
	  { NULL, CONF, CONF, CONF },
	  3 },
	{ "one whose driver has not been started",
	  { { OPENS(stick_2) }, { ASLEEP(stick_1) } },
	  { NULL, CONF },
	  1 },
};

static bool arrange(size_t i)
{
	if (!fake_firmware_init())
		return false;
	for (size_t n = 0; n < FAKE_MOST_PARTITIONS; n++) {
		fake.partitions[n] = media[i].partitions[n];
		if (media[i].files[n] != NULL)
			fake_add_file_to(n, media[i].files[n], "", 0);
	}
	fake.n_partitions = FAKE_MOST_PARTITIONS;
	return true;
}

/* The number of the volume that was found; of that alone something is open. */
static size_t find(const char *rule)
{
	EFI_HANDLE device;
	EFI_FILE_HANDLE root = medium_find_data(&fake.firmware, &device);
	size_t found = root == NULL ? NOWHERE : ((struct fake_handle *)root)->volume;

	if (root != NULL && device != &fake.partitions[found])
		fail_msg("%s: the device of another one", rule);
	if (root != NULL)
		root->Close(root);
	if (fake_open_files() > 0 || fake.n_pools > 0 || fake.n_claimed_pages > 0)
		fail_msg("%s: something was not given back", rule);
	if (fake.violation != NULL)
		fail_msg("%s: %s", rule, fake.violation);
	return found;
}

static void the_one_for_people_is_known_by_its_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(media); i++) {
		if (!arrange(i))
			skip();
		if (find(media[i].rule) != media[i].found)
			fail_msg("%s", media[i].rule);
	}
}

/* What cannot be found is not there, and nothing is left open. */
static void every_call_of_the_search_may_fail(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OF(media); i++) {
		fake.failed = 0;
		for (size_t n = 1; fake.failed != FAKE_SERVICES; n++) {
			if (!arrange(i))
				skip();
			fake.fail_call = n;
			find(media[i].rule);
		}
	}
}

/* Whoever opens bootmem.conf there gets to know why it cannot be read. */
static void a_file_that_cannot_be_opened_is_there(void **state)
{
	(void)state;
	if (!arrange(3))
		skip();
	fake_find_file_on(1, CONF)->open_error = EFI_DEVICE_ERROR;
	assert_int_equal(find(media[3].rule), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partitions_of_one_disk_are_neighbours),
		cmocka_unit_test(the_one_for_people_is_known_by_its_files),
		cmocka_unit_test(every_call_of_the_search_may_fail),
		cmocka_unit_test(a_file_that_cannot_be_opened_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
