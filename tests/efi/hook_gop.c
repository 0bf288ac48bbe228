/* hook_gop.c - the graphics output that the machine has, with something changed: see hook.h. */
#include "bootmem/count.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

/* The machine's graphics output, and one that says something else of it. */
static EFI_GRAPHICS_OUTPUT_PROTOCOL *real_gop, gop;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE gop_mode;
static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION gop_info;
static bool has_no_gop;
static EFI_STATUS blt_error;

static EFI_STATUS EFIAPI gop_query_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 number,
                                        UINTN *bytes, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **info)
{
	(void)this;
	return real_gop->QueryMode(real_gop, number, bytes, info);
}

static EFI_STATUS EFIAPI gop_set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 number)
{
	(void)this;
	return real_gop->SetMode(real_gop, number);
}

static EFI_STATUS EFIAPI gop_blt(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
                                 EFI_GRAPHICS_OUTPUT_BLT_PIXEL *buffer,
                                 EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, UINTN x, UINTN y,
                                 UINTN to_x, UINTN to_y, UINTN width, UINTN height,
                                 UINTN line_bytes)
{
	(void)this;
	if (EFI_ERROR(blt_error))
		return blt_error;
	return real_gop->Blt(real_gop, buffer, operation, x, y, to_x, to_y, width, height,
	                     line_bytes);
}

EFI_STATUS hook_gop_change(const EFI_GUID *guid, EFI_STATUS status, VOID **interface)
{
	if (EFI_ERROR(status) || !hook_is_guid(guid, &gop_guid) ||
	    (real_gop == NULL && !has_no_gop))
		return status;
	*interface = &gop;
	return has_no_gop ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

/* A graphics output of ours, as the machine's is: a hook changes something of it. */
static bool have_gop(void)
{
	if (real_gop != NULL)
		return true;
	if (EFI_ERROR(hook_tables.real_boot.LocateProtocol(&gop_guid, NULL, (VOID **)&real_gop)))
		return false;
	gop_info = *real_gop->Mode->Info;
	gop_mode = *real_gop->Mode;
	gop_mode.Info = &gop_info;
	gop = (EFI_GRAPHICS_OUTPUT_PROTOCOL){ gop_query_mode, gop_set_mode, gop_blt, &gop_mode };
	hook_protocols();
	return true;
}

static bool gop_none(const char *at)
{
	(void)at;
	has_no_gop = true;
	hook_protocols();
	return true;
}

static bool gop_no_mode(const char *at)
{
	(void)at;
	if (!have_gop())
		return false;
	gop.Mode = NULL;
	return true;
}

static bool gop_no_info(const char *at)
{
	(void)at;
	if (!have_gop())
		return false;
	gop_mode.Info = NULL;
	return true;
}

static bool gop_blt_only(const char *at)
{
	(void)at;
	if (!have_gop())
		return false;
	gop_info.PixelFormat = PixelBltOnly;
	return true;
}

static bool gop_blt_error(const char *at)
{
	blt_error = HOOK_ERROR(lines_number(&at));
	return have_gop();
}

static bool gop_at(const char *at)
{
	if (!have_gop())
		return false;
	gop_mode.FrameBufferBase = lines_number(&at);
	return true;
}

static bool gop_bytes(const char *at)
{
	if (!have_gop())
		return false;
	gop_mode.FrameBufferSize = (UINTN)lines_number(&at);
	return true;
}

static bool gop_pitch(const char *at)
{
	if (!have_gop())
		return false;
	gop_info.PixelsPerScanLine = (UINT32)lines_number(&at);
	return true;
}

bool hook_gop_install(const char *line)
{
	static const struct hook hooks[] = {
		{ "gop-none", gop_none },       { "gop-no-mode", gop_no_mode },
		{ "gop-no-info", gop_no_info }, { "gop-blt-only", gop_blt_only },
		{ "gop-at", gop_at },           { "gop-bytes", gop_bytes },
		{ "gop-pitch", gop_pitch },     { "gop-blt-error", gop_blt_error },
	};

	return hook_take(hooks, COUNT(hooks), line);
}

void hook_gop_reset(void)
{
	real_gop = NULL;
	has_no_gop = false;
	blt_error = EFI_SUCCESS;
}
