/* hook_protocol.c - what handles have, what the image is told, and the consoles: see hook.h. */
#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
static EFI_GUID null_guid; /* that of which there is a NULL */

bool hook_is_guid(const EFI_GUID *a, const EFI_GUID *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* What the image is told of itself. */
static bool has_no_device, has_no_path;

static EFI_STATUS change_loaded_image(const EFI_GUID *guid, EFI_STATUS status, VOID **interface)
{
	static EFI_LOADED_IMAGE image;

	if (EFI_ERROR(status) || !hook_is_guid(guid, &loaded_image_guid))
		return status;
	image = *(const EFI_LOADED_IMAGE *)*interface;
	if (has_no_device)
		image.DeviceHandle = NULL;
	if (has_no_path)
		image.FilePath = NULL;
	*interface = &image;
	return status;
}

static EFI_STATUS change(const EFI_GUID *guid, EFI_STATUS status, VOID **interface)
{
	if (hook_is_guid(guid, &null_guid)) {
		*interface = NULL;
		return EFI_SUCCESS;
	}
	status = hook_gop_change(guid, status, interface);
	status = hook_file_change(guid, status, interface);
	return change_loaded_image(guid, status, interface);
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
	return change(guid, hook_tables.real_boot.HandleProtocol(handle, guid, interface),
	              interface);
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **interface)
{
	return change(guid, hook_tables.real_boot.LocateProtocol(guid, registration, interface),
	              interface);
}

void hook_protocols(void)
{
	hook_tables.boot->HandleProtocol = handle_protocol;
	hook_tables.boot->LocateProtocol = locate_protocol;
}

static bool null_protocol(const char *at)
{
	static const struct {
		const char *name;
		EFI_GUID guid;
	} rows[] = {
		{ "gop", EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID },
		{ "file-system", EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID },
		{ "loaded-image", EFI_LOADED_IMAGE_PROTOCOL_GUID },
		{ "device-path", EFI_DEVICE_PATH_PROTOCOL_GUID },
		{ "block-io", EFI_BLOCK_IO_PROTOCOL_GUID },
		{ "text-output", EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL_GUID },
		{ "memory-attribute",
		  { 0xf4560cf6,
		    0x40ec,
		    0x4b4a,
		    { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } } },
	};

	hook_protocols();
	for (size_t i = 0; i < COUNT(rows); i++)
		if (lines_after(at, rows[i].name) != NULL) {
			null_guid = rows[i].guid;
			return true;
		}
	return false;
}

/* Three of them, and no list. */
static EFI_STATUS EFIAPI locate_null_handles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key,
                                             UINTN *n_handles, EFI_HANDLE **handles)
{
	(void)how, (void)guid, (void)key;
	*n_handles = 3;
	*handles = NULL;
	return EFI_SUCCESS;
}

static bool null_handles(const char *at)
{
	(void)at;
	hook_tables.boot->LocateHandleBuffer = locate_null_handles;
	return true;
}

static bool no_device(const char *at)
{
	(void)at;
	has_no_device = true;
	hook_protocols();
	return true;
}

static bool no_file_path(const char *at)
{
	(void)at;
	has_no_path = true;
	hook_protocols();
	return true;
}

static bool no_con_in(const char *at)
{
	(void)at;
	hook_tables.system->ConsoleInHandle = NULL;
	hook_tables.system->ConIn = NULL;
	return true;
}

static bool no_con_out(const char *at)
{
	(void)at;
	hook_tables.system->ConsoleOutHandle = NULL;
	hook_tables.system->ConOut = NULL;
	return true;
}

static bool no_std_err(const char *at)
{
	(void)at;
	hook_tables.system->StandardErrorHandle = NULL;
	hook_tables.system->StdErr = NULL;
	return true;
}

bool hook_protocol_install(const char *line)
{
	static const struct hook hooks[] = {
		{ "null-protocol", null_protocol }, { "null-handles", null_handles },
		{ "no-device", no_device },         { "no-file-path", no_file_path },
		{ "no-con-in", no_con_in },         { "no-con-out", no_con_out },
		{ "no-std-err", no_std_err },
	};

	return hook_take(hooks, COUNT(hooks), line);
}

void hook_protocol_reset(void)
{
	null_guid = (EFI_GUID){ 0 };
	has_no_device = has_no_path = false;
}
