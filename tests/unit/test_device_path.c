/*
 * test_device_path.c - device paths, byte by byte: how long one is, where its partition stands,
 * whether two are of the same one, and which file the last node names.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "efi/device_path.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Nodes: type, subtype, length, data (UEFI 2.10 §10.3). */
#define PCI       1, 1, 6, 0, 0, 2
#define NEXT      0x7f, 1, 4, 0
#define END       0x7f, 0xff, 4, 0
#define FILE_AB   4, 4, 10, 0, 'a', 0, 'b', 0, 0, 0
#define FILE_C    4, 4, 8, 0, 'c', 0, 0, 0
#define NO_END    4, 4, 8, 0, 'd', 0, 'e', 0
#define LONG_FILE 4, 4, 14, 0, 'f', 0, 'g', 0, 'h', 0, 'i', 0, 'j', 0
#define HALF      4, 4, 7, 0, 'k', 0, 'l'
#define CDROM     4, 2, 8, 0, 1, 0, 0, 0
#define ARRAY(...)          \
	(const uint8_t[])   \
	{                   \
		__VA_ARGS__ \
	}

static const EFI_DEVICE_PATH *path_of(const uint8_t *bytes)
{
	return (const EFI_DEVICE_PATH *)bytes;
}

static void a_path_ends(void **state)
{
	const struct {
		const uint8_t *path;
		size_t most_bytes, bytes;
	} rows[] = {
		{ ARRAY(END), 4, 4 },
		{ ARRAY(END), 3, 0 },
		{ ARRAY(END), 0, 0 },
		{ ARRAY(PCI, END), 4096, 10 },
		{ ARRAY(PCI, END), 10, 10 },
		{ ARRAY(PCI, END), 9, 0 },
		{ ARRAY(PCI, END), 6, 0 },
		{ ARRAY(PCI, END), 5, 0 },
		{ ARRAY(PCI, CDROM, END), 13, 0 },
		{ ARRAY(PCI, CDROM, END), 6, 0 },
		{ ARRAY(PCI, NEXT, FILE_C, END), 4096, 22 },
		{ ARRAY(1, 0xff, 4, 0, END), 4096, 8 },
		{ ARRAY(1, 1, 3, 0, END), 4096, 0 },
		{ ARRAY(1, 1, 0, 0, END), 4096, 0 },
		{ ARRAY(1, 1, 0, 16, END), 4096, 0 }, /* 4096 bytes, and no end */
		{ ARRAY(0x7f, 0xff, 6, 0, 0, 0), 4096, 6 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		/* Behind the most bytes nothing is read: there is nothing. */
		bool is_cut = rows[i].most_bytes < 4096;
		uint8_t *cut = malloc(rows[i].most_bytes);
		const uint8_t *path =
			is_cut ? memcpy(cut, rows[i].path, rows[i].most_bytes) : rows[i].path;

		if (device_path_bytes(path_of(path), rows[i].most_bytes) != rows[i].bytes)
			fail_msg("row %u", (unsigned)i);
		free(cut);
	}
}

static void the_last_node_names_a_file(void **state)
{
	const struct {
		const uint8_t *path;
		const char *file;
	} rows[] = {
		{ ARRAY(END), "" },
		{ ARRAY(PCI, END), "" },
		{ ARRAY(FILE_AB, END), "ab" },
		{ ARRAY(PCI, FILE_AB, END), "ab" },
		{ ARRAY(FILE_AB, PCI, END), "" },
		{ ARRAY(FILE_AB, CDROM, END), "" },
		{ ARRAY(FILE_AB, 1, 4, 4, 0, END), "" },
		{ ARRAY(FILE_AB, FILE_C, END), "c" },
		{ ARRAY(FILE_AB, NEXT, FILE_C, END), "c" },
		{ ARRAY(FILE_C, NEXT, END), "c" },
		{ ARRAY(NO_END, END), "de" },
		{ ARRAY(LONG_FILE, END), "fgh" },
		{ ARRAY(4, 4, 10, 0, 'm', 0, 1, 0, 'n', 0, END), "m\001n" },
		{ ARRAY(HALF, END), "k" },
		{ ARRAY(FILE_AB, 4, 4, 4, 0, END), "" },
		{ ARRAY(FILE_AB, 1, 1, 3, 0), "" }, /* no path */
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char text[8] = "xxxxxxx";

		device_path_file(path_of(rows[i].path), text, 4);
		if (strcmp(text, rows[i].file) != 0 || memcmp(text + 4, "xxx", 4) != 0)
			fail_msg("row %u: %s", (unsigned)i, text);
	}
}

static void a_file_has_a_name(void **state)
{
	static const char *const rows[][2] = {
		{ "", "" },
		{ "grubx64.efi", "grubx64.efi" },
		{ "\\EFI\\debian\\shimx64.efi", "shimx64.efi" },
		{ "/EFI/a\\b", "b" },
		{ "a\\b/c", "c" },
		{ "\\EFI\\", "" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++)
		assert_string_equal(device_path_name(rows[i][0]), rows[i][1]);
}

/* A partition's node (§10.3.5.1): number at 4, signature at 24, its type at 41. */
static const uint8_t *partition(unsigned bytes, unsigned changed)
{
	static uint8_t nodes[2][64];
	static unsigned n;
	uint8_t *node = nodes[n++ % 2];

	for (unsigned i = 0; i < 64; i++)
		node[i] = (uint8_t)(i + (i == changed));
	node[0] = 4;
	node[1] = 1;
	node[2] = (uint8_t)bytes;
	node[3] = 0;
	memcpy(node + bytes, ARRAY(END), 4);
	return node;
}

static void a_partition_is_found(void **state)
{
	const struct {
		const uint8_t *path;
		bool is_there;
		size_t offset;
	} rows[] = {
		{ ARRAY(PCI, CDROM, END), false, 99 },
		{ ARRAY(END), false, 99 },
		{ ARRAY(PCI, 4, 1, 41, 0, [47] = 0x7f, 0xff, 4, 0), false, 99 },
		{ ARRAY(PCI, 4, 1, 42, 0, [48] = 0x7f, 0xff, 4, 0), true, 6 },
		{ ARRAY(4, 1, 43, 0, [43] = 0x7f, 0xff, 4, 0), true, 0 },
		{ ARRAY(3, 1, 42, 0, [42] = 0x7f, 0xff, 4, 0), false, 99 },
		{ ARRAY(4, 2, 42, 0, [42] = 0x7f, 0xff, 4, 0), false, 99 },
		{ ARRAY(4, 1, 42, 0, [42] = 4, 1, 42, 0, [84] = 0x7f, 0xff, 4, 0), true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		size_t offset = 99;

		assert_int_equal(device_path_find_partition(path_of(rows[i].path), &offset),
		                 rows[i].is_there);
		assert_int_equal(offset, rows[i].offset);
	}
	assert_true(device_path_is_partition(path_of(partition(42, 0))));
	assert_false(device_path_is_partition(path_of(partition(41, 0))));
}

/* Where it begins and how long it is, a firmware may say otherwise. */
static void the_same_partition_is_known(void **state)
{
	(void)state;
	for (unsigned i = 4; i < 42; i++) {
		const EFI_DEVICE_PATH *one = path_of(partition(42, 0));
		bool is_looked_at = i < 8 || (i >= 24 && i < 40) || i == 41;

		assert_int_equal(device_path_is_same_partition(one, path_of(partition(42, i))),
		                 !is_looked_at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_ends),
		cmocka_unit_test(the_last_node_names_a_file),
		cmocka_unit_test(a_file_has_a_name),
		cmocka_unit_test(a_partition_is_found),
		cmocka_unit_test(the_same_partition_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
