/*
 * mixed.c - a kernel of 64 bits on firmware of 32 bits, for tests/hibernate: started as loaders do
 * that know how, at the entry that its section .compat names (Linux, Documentation/x86/boot.rst,
 * "EFI mixed mode"; a list of type 1, length, machine, entry, that ends with type 0). The load
 * options are the kernel's path, and behind a blank its own options.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/mem.h"
#include "efi/uefi.h"
#include "tests/efi/file_path.h"
#include "tests/efi/lines.h"

#define MACHINE_I386 0x14c

struct section {
	char name[8];
	UINT32 bytes, start, file_bytes, file_offset, unused[3], flags;
};

struct compat {
	UINT8 type, bytes;
	UINT16 machine;
	UINT32 entry;
} __attribute__((packed));

static EFI_BOOT_SERVICES *boot;

static EFI_LOADED_IMAGE_PROTOCOL *loaded_image(EFI_HANDLE image)
{
	static EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *loaded = NULL;

	(void)boot->HandleProtocol(image, &guid, (void **)&loaded);
	return loaded;
}

/* Offsets of the format: e_lfanew, then the COFF header, and the sections behind the optional one.
 */
static const struct compat *find_compat(const UINT8 *image)
{
	const UINT8 *pe = image + *(const UINT32 *)(image + 0x3c);
	unsigned n_sections = *(const UINT16 *)(pe + 6);
	const struct section *section = (const void *)(pe + 24 + *(const UINT16 *)(pe + 20));

	for (; n_sections > 0; n_sections--, section++)
		if (memcmp(section->name, ".compat", 8) == 0)
			return (const void *)(image + section->start);
	return NULL;
}

static const struct compat *find_machine(const struct compat *compat, UINT16 machine)
{
	while (compat != NULL && compat->type != 0 && compat->machine != machine)
		compat = (const void *)((const UINT8 *)compat + compat->bytes);
	return compat != NULL && compat->type == 1 ? compat : NULL;
}

/* The path ends where the options begin. */
static CHAR16 *split(CHAR16 *at)
{
	while (*at > ' ')
		at++;
	if (*at != '\0')
		*at++ = '\0';
	return at;
}

static UINT32 wide_bytes(const CHAR16 *text)
{
	UINT32 n = 0;

	while (text[n] != '\0')
		n++;
	return (n + 1) * sizeof *text;
}

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
	EFI_LOADED_IMAGE_PROTOCOL *own, *kernel;
	const struct compat *entry;
	EFI_HANDLE image = NULL;
	EFI_STATUS status;
	CHAR16 *options;

	boot = table->BootServices;
	lines_open(table);
	own = loaded_image(self);
	options = split(own->LoadOptions);
	status = boot->LoadImage(FALSE, self,
	                         file_path_on(boot, own->DeviceHandle, own->LoadOptions), NULL, 0,
	                         &image);
	kernel = image != NULL ? loaded_image(image) : NULL;
	entry = kernel != NULL ? find_machine(find_compat(kernel->ImageBase), MACHINE_I386) : NULL;
	lines_say("mixed: load error %u, entry 0x%x", (unsigned)(status & 0xffff),
	          entry != NULL ? (unsigned)entry->entry : 0);
	if (entry == NULL)
		return EFI_UNSUPPORTED;
	kernel->LoadOptions = options;
	kernel->LoadOptionsSize = wide_bytes(options);
	return ((EFI_IMAGE_ENTRY_POINT)((UINT8 *)kernel->ImageBase + entry->entry))(image, table);
}
