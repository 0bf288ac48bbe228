/* framebuffer.c - see framebuffer.h. UEFI 2.10 §12.9.2.1, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION. */
#include "efi/framebuffer.h"

#include "bootmem/mem.h"

static EFI_GUID graphics_output_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;

static const char *const err_texts[] = {
	[FRAMEBUFFER_OK] = NULL,
	[FRAMEBUFFER_NO_PROTOCOL] = "there is no graphics output",
	[FRAMEBUFFER_NO_MODE] = "the graphics output has no mode",
	[FRAMEBUFFER_BLT_ONLY] = "only the firmware draws (BltOnly)",
	[FRAMEBUFFER_PIXELS] = "its pixels are not of 32 bits",
	[FRAMEBUFFER_LINES] = "its lines are too short",
	[FRAMEBUFFER_NO_PLACE] = "its framebuffer is nowhere",
	[FRAMEBUFFER_BEYOND] = "its framebuffer is beyond the CPU",
	[FRAMEBUFFER_BETWEEN] = "it is at no multiple of 4",
	[FRAMEBUFFER_TOO_SMALL] = "its framebuffer overlaps memory",
};

const char *framebuffer_err_text(enum framebuffer_err err)
{
	return err_texts[err];
}

/* A pixel by masks is as wide as the highest bit of them; narrower ones than 32 bits exist in the
 * specification only. */
static bool is_32_bits_wide(const EFI_PIXEL_BITMASK *mask)
{
	uint32_t bits = mask->RedMask | mask->GreenMask | mask->BlueMask | mask->ReservedMask;

	return bits >> 24 != 0;
}

static enum framebuffer_err read_format(const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info,
                                        struct handoff_framebuffer *fb)
{
	switch (info->PixelFormat) {
	case PixelRedGreenBlueReserved8BitPerColor:
		fb->format = HANDOFF_FORMAT_RGBX;
		fb->red_mask = 0x0000ff, fb->green_mask = 0x00ff00, fb->blue_mask = 0xff0000;
		return FRAMEBUFFER_OK;
	case PixelBlueGreenRedReserved8BitPerColor:
		fb->format = HANDOFF_FORMAT_BGRX;
		fb->red_mask = 0xff0000, fb->green_mask = 0x00ff00, fb->blue_mask = 0x0000ff;
		return FRAMEBUFFER_OK;
	case PixelBitMask:
		if (!is_32_bits_wide(&info->PixelInformation))
			return FRAMEBUFFER_PIXELS;
		fb->format = HANDOFF_FORMAT_MASK;
		fb->red_mask = info->PixelInformation.RedMask;
		fb->green_mask = info->PixelInformation.GreenMask;
		fb->blue_mask = info->PixelInformation.BlueMask;
		return FRAMEBUFFER_OK;
	default:
		return FRAMEBUFFER_BLT_ONLY;
	}
}

/* Is there anything in [start, end) that somebody else keeps there? */
static bool holds_memory(const struct uefi_map *map, paddr_t start_paddr, paddr_t end_paddr)
{
	size_t n = uefi_map_count(map);

	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		paddr_t its_start_paddr, its_end_paddr;
		bool wraps;

		if (descriptor.type == UEFI_RESERVED || descriptor.type == UEFI_UNUSABLE ||
		    descriptor.type == UEFI_MMIO || descriptor.type == UEFI_MMIO_PORT_SPACE)
			continue;
		if (uefi_descriptor_range(&descriptor, &its_start_paddr, &its_end_paddr, &wraps) &&
		    its_start_paddr < end_paddr && start_paddr < its_end_paddr)
			return true;
	}
	return false;
}

/* Lines that fit into it, all of it where the CPU reaches; longer than it was said to be, if need
 * be. */
static enum framebuffer_err fit(struct handoff_framebuffer *fb, const struct uefi_map *map,
                                unsigned paddr_bits, uint64_t *ret_said_bytes)
{
	const paddr_t limit_paddr = paddr_bits < 64 ? UINT64_C(1) << paddr_bits : UINT64_MAX;
	const uint64_t needed_bytes = (uint64_t)fb->pitch_bytes * fb->height;
	const uint64_t said_bytes = fb->bytes;

	*ret_said_bytes = said_bytes;
	if (fb->pitch_bytes / 4 < fb->width || needed_bytes == 0)
		return FRAMEBUFFER_LINES;
	if (fb->paddr == 0)
		return FRAMEBUFFER_NO_PLACE;
	if (fb->paddr > limit_paddr || max_u64(said_bytes, needed_bytes) > limit_paddr - fb->paddr)
		return FRAMEBUFFER_BEYOND;
	if (fb->paddr % 4 != 0)
		return FRAMEBUFFER_BETWEEN;
	if (said_bytes >= needed_bytes)
		return FRAMEBUFFER_OK;
	if (holds_memory(map, fb->paddr + said_bytes, fb->paddr + needed_bytes))
		return FRAMEBUFFER_TOO_SMALL;
	fb->bytes = needed_bytes;
	return FRAMEBUFFER_OK;
}

/* Firmware exists that answers success with NULL. */
static enum framebuffer_err read_mode(const EFI_GRAPHICS_OUTPUT_PROTOCOL *gop,
                                      struct handoff_framebuffer *fb)
{
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info;

	if (gop == NULL)
		return FRAMEBUFFER_NO_PROTOCOL;
	if (gop->Mode == NULL || gop->Mode->Info == NULL)
		return FRAMEBUFFER_NO_MODE;
	info = gop->Mode->Info;
	fb->paddr = gop->Mode->FrameBufferBase;
	fb->bytes = gop->Mode->FrameBufferSize;
	fb->width = info->HorizontalResolution;
	fb->height = info->VerticalResolution;
	fb->pitch_bytes =
		info->PixelsPerScanLine <= UINT32_MAX / 4 ? info->PixelsPerScanLine * 4 : 0;
	return read_format(info, fb);
}

enum framebuffer_err framebuffer_find(const struct firmware *firmware,
                                      const struct uefi_map *uefi_map, unsigned paddr_bits,
                                      struct handoff_framebuffer *ret_framebuffer,
                                      uint64_t *ret_said_bytes)
{
	EFI_BOOT_SERVICES *bs = firmware->boot_services;
	enum framebuffer_err err = FRAMEBUFFER_NO_PROTOCOL;
	EFI_HANDLE *handles;
	UINTN n_handles;

	memset(ret_framebuffer, 0, sizeof *ret_framebuffer);
	*ret_said_bytes = 0;
	if (EFI_ERROR(bs->LocateHandleBuffer(ByProtocol, &graphics_output_guid, NULL, &n_handles,
	                                     &handles)))
		return FRAMEBUFFER_NO_PROTOCOL;
	for (UINTN i = 0; i < n_handles; i++) {
		struct handoff_framebuffer fb = { 0 };
		EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = NULL;

		if (EFI_ERROR(bs->HandleProtocol(handles[i], &graphics_output_guid, (VOID **)&gop)))
			continue;
		err = read_mode(gop, &fb);
		if (err == FRAMEBUFFER_OK)
			err = fit(&fb, uefi_map, paddr_bits, ret_said_bytes);
		if (err != FRAMEBUFFER_OK)
			continue;
		*ret_framebuffer = fb;
		break;
	}
	bs->FreePool(handles);
	return err;
}
