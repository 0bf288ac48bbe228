/*
 * framebuffer.h - graphics output protocol -> the framebuffer that a kernel is handed, or why there
 * is none.
 */
#ifndef EFI_FRAMEBUFFER_H
#define EFI_FRAMEBUFFER_H

#include "efi/uefi.h"
#include "handoff/handoff.h"
#include "x86/uefi_map.h"

enum framebuffer_err {
	FRAMEBUFFER_OK,
	FRAMEBUFFER_NO_PROTOCOL,
	FRAMEBUFFER_NO_MODE,   /* or nothing about it */
	FRAMEBUFFER_BLT_ONLY,  /* PixelBltOnly: the firmware draws, a kernel cannot */
	FRAMEBUFFER_PIXELS,    /* masks of a pixel that is narrower than 32 bits */
	FRAMEBUFFER_LINES,     /* with fewer pixels than are visible of them */
	FRAMEBUFFER_NO_PLACE,  /* at address 0 */
	FRAMEBUFFER_BEYOND,    /* above what the CPU can address */
	FRAMEBUFFER_BETWEEN,   /* a pixel does not lie at a multiple of its 4 bytes */
	FRAMEBUFFER_TOO_SMALL, /* and behind it is memory */
};

/* One clause: "there is no graphics output". NULL for FRAMEBUFFER_OK. */
const char *framebuffer_err_text(enum framebuffer_err err);

/*
 * The first framebuffer that there is: the protocol of the console splitter, which stands for
 * several screens, may have none. *ret_framebuffer is all 0 if there is none; the error is that of
 * the last protocol that was looked at.
 *
 * Firmware exists whose FrameBufferSize is below what its lines need: then the framebuffer is as
 * long as these, which is more than *ret_said_bytes. Where @uefi_map has memory there, there is
 * none.
 */
enum framebuffer_err framebuffer_find(const struct firmware *firmware,
                                      const struct uefi_map *uefi_map, unsigned paddr_bits,
                                      struct handoff_framebuffer *ret_framebuffer,
                                      uint64_t *ret_said_bytes);

#endif
