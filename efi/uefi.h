/*
 * uefi.h - the only header that includes gnu-efi, and the firmware as a value.
 *
 * Nothing in efi/ uses a global but pin.c, whose hooks get no context: all that the firmware offers
 * is reached through a struct firmware, so that the same code runs against a made-up one. Of
 * gnu-efi only headers, crt0 and the relocator are used, not its library.
 */
#ifndef EFI_UEFI_H
#define EFI_UEFI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <efi.h>

#include "bootmem/pfn.h"

#define FIRMWARE_TEXTS 8

struct firmware {
	EFI_HANDLE image;
	EFI_SYSTEM_TABLE *system_table;
	EFI_BOOT_SERVICES *boot_services;
	EFI_LOADED_IMAGE *loaded_image;

	/* Where text goes, once the screen is ours; until then to ConOut. */
	SIMPLE_TEXT_OUTPUT_INTERFACE *texts[FIRMWARE_TEXTS];
	unsigned n_texts;
	bool has_screen;

	struct message *error; /* where console_error() keeps what it says; NULL: nowhere */
};

/* How wide the firmware is, and so this program. */
#define FIRMWARE_BITS ((unsigned)sizeof(UINTN) * 8)

/* Text of the firmware's, cut to fit, with ? for what is no ASCII. */
static inline void uefi_narrow(const CHAR16 *wide, char *text, size_t bytes)
{
	size_t n = 0;

	for (; wide != NULL && wide[n] != 0 && n < bytes - 1; n++)
		text[n] = wide[n] < 0x7f ? (char)wide[n] : '?';
	text[n] = '\0';
}

/* Without -malign-double gcc lays the structures of IA-32 out as no firmware does. */
_Static_assert(offsetof(EFI_LOADED_IMAGE, ImageSize) % 8 == 0, "see EFI_ia32_FLAGS");

#endif
