/*
 * test_console.c - where text goes once the display is ours: to no output that draws on it.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "efi/console.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

/* A handle, and what it has: text, a display beside it. */
static struct made_handle {
	SIMPLE_TEXT_OUTPUT_INTERFACE text;
	bool has_text, has_display;
	unsigned n_strings;
} handles[4];
static EFI_HANDLE list[4];

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *this, CHAR16 *text)
{
	(void)text;
	((struct made_handle *)this)->n_strings++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *this, BOOLEAN is_visible)
{
	(void)this, (void)is_visible;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI find(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key, UINTN *ret_n,
                              EFI_HANDLE **ret_handles)
{
	(void)how, (void)guid, (void)key;
	*ret_n = 0;
	for (size_t i = 0; i < N_OF(handles); i++)
		if (handles[i].has_text)
			list[(*ret_n)++] = &handles[i];
	*ret_handles = list;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **ret_interface)
{
	static const EFI_GUID text_guid = EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID;
	struct made_handle *made = handle;

	*ret_interface = made;
	return memcmp(guid, &text_guid, sizeof *guid) == 0 || made->has_display ? EFI_SUCCESS
	                                                                        : EFI_UNSUPPORTED;
}

static EFI_STATUS EFIAPI free_pool(VOID *pool)
{
	(void)pool;
	return EFI_SUCCESS;
}

static void text_goes_where_nothing_is_drawn(void **state)
{
	/* Handles 0 and 1 are those of ConOut and StdErr. */
	static const struct {
		const char *rule;
		bool has_text[4], has_display[4], gets_text[4];
	} rows[] = {
		{ "a display and a serial line", { 1, 1, 1, 1 }, { 0, 0, 1, 0 }, { 0, 0, 0, 1 } },
		{ "the console has a display, too",
		  { 1, 1, 1, 1 },
		  { 1, 0, 1, 0 },
		  { 0, 0, 0, 1 } },
		{ "a display alone", { 1, 1, 1, 0 }, { 0, 0, 1, 0 }, { 0, 0, 0, 0 } },
		{ "nothing tells which draws", { 1, 0, 0, 0 }, { 0, 0, 0, 0 }, { 1, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		EFI_BOOT_SERVICES services = { .LocateHandleBuffer = find,
			                       .HandleProtocol = protocol,
			                       .FreePool = free_pool };
		EFI_SYSTEM_TABLE table = { .ConOut = &handles[0].text,
			                   .ConsoleOutHandle = &handles[0],
			                   .StandardErrorHandle = &handles[1] };
		struct firmware firmware = { .system_table = &table, .boot_services = &services };

		for (size_t j = 0; j < N_OF(handles); j++)
			handles[j] = (struct made_handle){
				.text = { .OutputString = output, .EnableCursor = cursor },
				.has_text = rows[i].has_text[j],
				.has_display = rows[i].has_display[j],
			};
		console_leave_display(&firmware);
		console_print(&firmware, "text");
		for (size_t j = 0; j < N_OF(handles); j++)
			if (handles[j].n_strings != rows[i].gets_text[j])
				fail_msg("%s: output %u", rows[i].rule, (unsigned)j);
	}
}

/* UEFI 2.10 Appendix D: errors 1 to 35, of which 29 and 30 are nobody's, and warnings 1 to 7. */
static void each_status_of_the_specification_has_a_name(void **state)
{
	(void)state;
	for (EFI_STATUS code = 0; code <= 40; code++) {
		bool is_error = code >= 1 && code <= 35 && code != 29 && code != 30;
		const char *error = status_name(EFIERR(code)), *warning = status_name(code);

		if ((strcmp(error, "unknown status") != 0) != is_error)
			fail_msg("error %u: %s", (unsigned)code, error);
		if ((strcmp(warning, "unknown status") != 0) != (code <= 7))
			fail_msg("warning %u: %s", (unsigned)code, warning);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_status_of_the_specification_has_a_name),
		cmocka_unit_test(text_goes_where_nothing_is_drawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
