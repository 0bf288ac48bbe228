/*
 * main.c - the application's entry: bootmem, from the memory map of UEFI to a kernel with a bitmap.
 */
#include "bootmem/bootmem.h"
#include "bootmem/mem.h"
#include "efi/boot.h"
#include "efi/console.h"

/* manifest_data.S: what was signed together with this image. */
extern const char manifest_start[] __attribute__((visibility("hidden")));
extern const char manifest_end[] __attribute__((visibility("hidden")));

static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system_table);

/* A bug of ours, at a moment when there may be no firmware to tell. */
_Noreturn void bootmem_assert_fail(const char *what)
{
	(void)what;
	for (;;)
		__asm__ volatile("cli; hlt");
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *system_table)
{
	EFI_BOOT_SERVICES *bs = system_table->BootServices;
	struct boot boot;
	EFI_STATUS status;

	memset(&boot, 0, sizeof boot);
	boot.firmware.image = image;
	boot.firmware.system_table = system_table;
	boot.firmware.boot_services = bs;
	boot.trust.manifest =
		(struct manifest){ manifest_start, (UINTN)manifest_end - (UINTN)manifest_start };
	status =
		bs->HandleProtocol(image, &loaded_image_guid, (VOID **)&boot.firmware.loaded_image);
	if (EFI_ERROR(status) || boot.firmware.loaded_image == NULL)
		return console_error(&boot.firmware, EFI_ERROR(status) ? status : EFI_UNSUPPORTED,
		                     "the firmware does not say what it has started");
	return boot_run(&boot);
}
