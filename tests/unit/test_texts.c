/* test_texts.c - console_leave_display(): where text still goes when the display has a picture on
 * it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/console.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* More than there is room for. Handle 0 has the display, 1 is that of ConOut, which copies to all.
 */
#define DEVICES (FIRMWARE_TEXTS + 4)

static SIMPLE_TEXT_OUTPUT_INTERFACE outs[DEVICES];
static EFI_HANDLE handles[DEVICES];
static size_t n_devices;
static bool has_display;
static unsigned n_pools;

static EFI_STATUS EFIAPI locate(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key, UINTN *ret_n,
                                EFI_HANDLE **ret_handles)
{
	(void)how, (void)guid, (void)key;
	if (n_devices == 0)
		return EFI_NOT_FOUND;
	for (size_t i = 0; i < n_devices; i++)
		handles[i] = &outs[i];
	*ret_n = n_devices;
	*ret_handles = handles;
	n_pools++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **ret_interface)
{
	static const EFI_GUID text_guid = EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID;
	bool is_text = memcmp(guid, &text_guid, sizeof *guid) == 0;

	*ret_interface = is_text || (has_display && handle == &outs[0]) ? handle : NULL;
	return *ret_interface != NULL ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI free_pool(VOID *pool)
{
	(void)pool;
	n_pools--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI enable_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *this, BOOLEAN is_visible)
{
	(void)this, (void)is_visible;
	return EFI_SUCCESS;
}

static void text_goes_where_no_picture_is(void **state)
{
	static const struct {
		const char *rule;
		size_t n_devices;
		bool has_display;
		size_t first, n_texts; /* of the devices */
	} rows[] = {
		{ "firmware that does not tell: ConOut", 0, false, 1, 1 },
		{ "nor does one without a display among them", 4, false, 1, 1 },
		{ "a display, and ConOut", 2, true, 2, 0 },
		{ "a serial port beside them", 3, true, 2, 1 },
		{ "as many as there is room for", FIRMWARE_TEXTS + 2, true, 2, FIRMWARE_TEXTS },
		{ "and more", DEVICES, true, 2, FIRMWARE_TEXTS },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		EFI_BOOT_SERVICES services = { .LocateHandleBuffer = locate,
			                       .HandleProtocol = handle_protocol,
			                       .FreePool = free_pool };
		EFI_SYSTEM_TABLE table = { .ConOut = &outs[1], .ConsoleOutHandle = &outs[1] };
		struct firmware firmware = { .system_table = &table, .boot_services = &services };

		outs[1].EnableCursor = enable_cursor;
		n_devices = rows[i].n_devices;
		has_display = rows[i].has_display;
		console_leave_display(&firmware);
		if (firmware.n_texts != rows[i].n_texts)
			fail_msg("%s: %u", rows[i].rule, (unsigned)firmware.n_texts);
		for (size_t j = 0; j < rows[i].n_texts; j++)
			if (firmware.texts[j] != &outs[rows[i].first + j])
				fail_msg("%s: text %u", rows[i].rule, (unsigned)j);
		assert_int_equal(n_pools, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_goes_where_no_picture_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
