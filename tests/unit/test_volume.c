/* test_volume.c - volume_next_entry(): what a folder of the firmware's says of a file, and when it
 * ends. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/volume.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Each is later than the one before it. */
static const EFI_TIME times[] = {
	{ .Year = 1980, .Month = 1, .Day = 1 },
	{ .Year = 2025, .Month = 12, .Day = 31, .Hour = 23, .Minute = 59, .Second = 59 },
	{ .Year = 2026, .Month = 1, .Day = 1 },
	{ .Year = 2026, .Month = 1, .Day = 1, .Second = 1 },
	{ .Year = 2026, .Month = 1, .Day = 1, .Minute = 1 },
	{ .Year = 2026, .Month = 1, .Day = 1, .Minute = 2 },
	{ .Year = 2026, .Month = 1, .Day = 1, .Hour = 1 },
	{ .Year = 2026, .Month = 1, .Day = 1, .Hour = 2 },
	{ .Year = 2026, .Month = 1, .Day = 2 },
	{ .Year = 2026, .Month = 1, .Day = 31, .Hour = 23 },
	{ .Year = 2026, .Month = 2, .Day = 1 },
	{ .Year = 2026, .Month = 3, .Day = 1 },
};
static size_t n_read;

static EFI_STATUS EFIAPI read(EFI_FILE_HANDLE dir, UINTN *bytes, VOID *buffer)
{
	EFI_FILE_INFO *info = buffer;

	(void)dir;
	if (n_read == N_OF(times)) {
		*bytes = 0;
		return EFI_SUCCESS;
	}
	*bytes = offsetof(EFI_FILE_INFO, FileName) + 2 * sizeof(CHAR16);
	*info = (EFI_FILE_INFO){ .Size = *bytes,
		                 .FileSize = 1000 + n_read,
		                 .ModificationTime = times[n_read],
		                 .Attribute =
		                         n_read % 2 != 0 ? EFI_FILE_DIRECTORY : EFI_FILE_ARCHIVE };
	info->FileName[0] = n_read == 0 ? 0 : (CHAR16)('a' + n_read);
	info->FileName[1] = 0;
	n_read++;
	return EFI_SUCCESS;
}

static void each_file_is_said_as_it_is(void **state)
{
	struct _EFI_FILE_HANDLE dir = { .Read = read };
	struct volume_entry entry = { 0 };
	uint64_t last = 0;

	(void)state;
	n_read = 0;
	for (size_t i = 0; i < N_OF(times); i++) {
		const char name[] = { i == 0 ? '?' : (char)('a' + i), '\0' };

		assert_int_equal(volume_next_entry(&dir, &entry), EFI_SUCCESS);
		assert_string_equal(entry.name, name);
		assert_int_equal(entry.file_bytes, 1000 + i);
		assert_int_equal(entry.is_directory, i % 2 != 0);
		assert_true(entry.modified > last);
		last = entry.modified;
	}
	assert_int_equal(volume_next_entry(&dir, &entry), EFI_SUCCESS);
	assert_string_equal(entry.name, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_is_said_as_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
