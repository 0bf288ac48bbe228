/*
 * pin.c - the block, the hooks, the record: see pin.h.
 *
 * A hook gets no context: here, and nowhere else, efi/ has a variable of its own.
 */
#include "efi/pin.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/device_path.h"
#include "efi/pin_conf.h"
#include "efi/survey.h"
#include "efi/variable.h"
#include "x86/crc32.h"
#include "x86/pin_block.h"

#define CALLER ((UINTN)__builtin_return_address(0))

static struct {
	EFI_BOOT_SERVICES *table; /* NULL: not hooked */
	EFI_BOOT_SERVICES real;
	EFI_RUNTIME_SERVICES *runtime;
	UINT32 attributes; /* of the variable */
	bool is_told;      /* the record has been written */
	struct pin_block block;
	struct pin_record record; /* as it is written: SetVariable() may come back here */
} pin;

/* Ours alone: a number that was drawn. */
static EFI_GUID vendor_guid = {
	0x4f1b2d6e, 0x93c8, 0x4a57, { 0xb0, 0x1e, 0x6c, 0x2f, 0x88, 0x5d, 0x37, 0xa4 }
};
static CHAR16 variable_name[] = L"BootmemPin";
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

/* --- the hooks --- */

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                        EFI_PHYSICAL_ADDRESS *paddr)
{
	uint64_t bytes = n_pages > PIN_MOST_PAGES ? UINT64_MAX : pfn_paddr(n_pages);
	bool is_served = type == EfiACPIReclaimMemory && n_pages > 0 && paddr != NULL &&
	                 (how == AllocateAnyPages || how == AllocateMaxAddress);

	pin_block_note_other(&pin.block, type, bytes);
	if (is_served &&
	    pin_block_take(&pin.block, true, bytes,
	                   how == AllocateMaxAddress ? *paddr : PIN_NO_LIMIT, CALLER, paddr))
		return EFI_SUCCESS;
	return pin.real.AllocatePages(how, type, n_pages, paddr);
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **ret_buffer)
{
	paddr_t paddr;

	pin_block_note_other(&pin.block, type, bytes);
	if (type != EfiACPIReclaimMemory || ret_buffer == NULL ||
	    !pin_block_take(&pin.block, false, bytes, PIN_NO_LIMIT, CALLER, &paddr))
		return pin.real.AllocatePool(type, bytes, ret_buffer);
	*ret_buffer = (VOID *)(UINTN)paddr;
	return EFI_SUCCESS;
}

/* What is wrong is so as in edk2 (Page.c, Pool.c). */
static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS paddr, UINTN n_pages)
{
	enum pin_free freed = pin_block_free_pages(&pin.block, paddr, n_pages);

	if (freed == PIN_NOT_OURS)
		return pin.real.FreePages(paddr, n_pages);
	return freed == PIN_FREED ? EFI_SUCCESS : EFI_NOT_FOUND;
}

static EFI_STATUS EFIAPI free_pool(VOID *buffer)
{
	enum pin_free freed = pin_block_free_pool(&pin.block, (UINTN)buffer);

	if (freed == PIN_NOT_OURS)
		return pin.real.FreePool(buffer);
	return freed == PIN_FREED ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
}

/* shim 16.1 loads images without types: they take them as types of their own memory, and 0 stays.
 */
static void give_types(EFI_LOADED_IMAGE *image)
{
	pin.block.record.n_untyped_images += image->ImageCodeType == EfiReservedMemoryType ||
	                                     image->ImageDataType == EfiReservedMemoryType;
	if (image->ImageCodeType == EfiReservedMemoryType)
		image->ImageCodeType = EfiLoaderCode;
	if (image->ImageDataType == EfiReservedMemoryType)
		image->ImageDataType = EfiLoaderData;
}

static EFI_STATUS EFIAPI load_image(BOOLEAN is_policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path,
                                    VOID *source, UINTN bytes, EFI_HANDLE *ret_image)
{
	EFI_STATUS status = pin.real.LoadImage(is_policy, parent, path, source, bytes, ret_image);
	EFI_LOADED_IMAGE *image = NULL;
	char file[CONFIG_PATH_BYTES] = "";

	if (EFI_ERROR(status) || ret_image == NULL || *ret_image == NULL ||
	    EFI_ERROR(pin.real.HandleProtocol(*ret_image, &loaded_image_guid, (VOID **)&image)) ||
	    image == NULL)
		return status;
	give_types(image);
	if (image->FilePath != NULL)
		device_path_file(image->FilePath, file, sizeof file);
	pin_block_add_image(&pin.block, (UINTN)image->ImageBase, image->ImageSize,
	                    device_path_name(file));
	return status;
}

/* Before the firmware's, the first time only: then the map's key may be stale, and whoever leaves
 * tries again (UEFI 2.10 §7.4.6). */
static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
	if (!pin.is_told) {
		pin.is_told = true;
		pin.record = pin.block.record;
		pin.runtime->SetVariable(variable_name, &vendor_guid, pin.attributes,
		                         sizeof pin.record, &pin.record);
	}
	return pin.real.ExitBootServices(image, key);
}

/* UEFI 2.10 §4.2.1. What was there before need not have been right: shim's is not. */
static void correct_sum(EFI_TABLE_HEADER *head)
{
	head->CRC32 = 0;
	if (head->HeaderSize <= PAGE_BYTES) /* else it is no size */
		head->CRC32 = crc32_add(0, head, head->HeaderSize);
}

#define PUT_BACK(service, hook) \
	(pin.table->service == (hook) ? (pin.table->service = pin.real.service, true) : false)

void pin_begin(const struct boot *boot)
{
	EFI_TPL tpl;

	if (!boot->pinned.is_held)
		return;
	pin.table = boot->firmware.boot_services;
	pin.real = *pin.table;
	pin.runtime = boot->firmware.system_table->RuntimeServices;
	tpl = pin.real.RaiseTPL(TPL_HIGH_LEVEL);
	pin.table->AllocatePages = allocate_pages;
	pin.table->AllocatePool = allocate_pool;
	pin.table->FreePages = free_pages;
	pin.table->FreePool = free_pool;
	pin.table->LoadImage = load_image;
	pin.table->ExitBootServices = exit_boot_services;
	correct_sum(&pin.table->Hdr);
	pin.real.RestoreTPL(tpl);
}

/* False if somebody has hooked ours. */
static bool unhook(void)
{
	EFI_TPL tpl = pin.real.RaiseTPL(TPL_HIGH_LEVEL);
	unsigned n = PUT_BACK(AllocatePages, allocate_pages);

	n += PUT_BACK(AllocatePool, allocate_pool);
	n += PUT_BACK(FreePages, free_pages);
	n += PUT_BACK(FreePool, free_pool);
	n += PUT_BACK(LoadImage, load_image);
	n += PUT_BACK(ExitBootServices, exit_boot_services);
	correct_sum(&pin.table->Hdr);
	pin.real.RestoreTPL(tpl);
	pin.table = NULL;
	return n == 6;
}

void pin_end(struct boot *boot)
{
	if (pin.table != NULL && !unhook())
		console_warn(&boot->firmware, "a loader has put hooks of its own over those of "
		                              "pin, and left them behind");
	if (boot->pinned.is_held && pin.block.n_pieces == 0)
		boot->firmware.boot_services->FreePages(boot->pinned.paddr, boot->pinned.n_pages);
	boot->pinned.is_held = false;
}

/* --- the block --- */

/* The record of the last boot, where it was kept; it goes, as this boot's may have other
 * attributes.
 */
static void recall(struct boot *boot)
{
	struct pin_record last;
	UINTN bytes = sizeof last;
	EFI_STATUS status =
		variable_read(&boot->firmware, variable_name, &vendor_guid, &last, &bytes);

	if (!EFI_ERROR(status) && bytes == sizeof last && last.version == PIN_RECORD_VERSION)
		boot->pinned.last = last;
	if (status != EFI_NOT_FOUND)
		boot->firmware.system_table->RuntimeServices->SetVariable(variable_name,
		                                                          &vendor_guid, 0, 0, NULL);
}

/* NULL, or why there is none. Firmware that gives other pages gets them back. */
static const char *get_block(struct boot *boot)
{
	EFI_BOOT_SERVICES *bs = boot->firmware.boot_services;
	struct pinned *pinned = &boot->pinned;
	EFI_PHYSICAL_ADDRESS paddr;
	const char *why;

	if (boot->config.chain[0] == '\0')
		return "there is no chain =, and the kernels of bootmem need no pin";
	why = pin_conf_find(boot, &pinned->paddr);
	if (why != NULL)
		return why;
	paddr = pinned->paddr;
	pinned->n_pages = boot->config.pin_pages;
	if (EFI_ERROR(bs->AllocatePages(AllocateAddress, EfiACPIReclaimMemory, pinned->n_pages,
	                                &paddr)))
		return "its place is not free in this boot: the address is that of " PIN_CONF_PATH;
	if (paddr != pinned->paddr) {
		bs->FreePages(paddr, pinned->n_pages);
		return "the firmware gives other pages than those of " PIN_CONF_PATH;
	}
	memset(memory_at(paddr), 0, (size_t)pfn_paddr(pinned->n_pages));
	return NULL;
}

EFI_STATUS pin_hold(struct boot *boot)
{
	const char *why;

	if (!boot->config.pins)
		return EFI_SUCCESS;
	if (!boot->pinned.is_held) {
		recall(boot);
		why = get_block(boot);
		boot->pinned.is_held = why == NULL;
		if (why != NULL)
			console_warn(&boot->firmware, "not pinned: %s", why);
		memset(&pin, 0, sizeof pin);
		pin.attributes = EFI_VARIABLE_BOOTSERVICE_ACCESS | EFI_VARIABLE_RUNTIME_ACCESS |
		                 (boot->config.remembers ? EFI_VARIABLE_NON_VOLATILE : 0);
		pin_block_init(&pin.block, boot->pinned.paddr, boot->config.pin_pages);
	}
	return boot->pinned.is_held ? translate_snapshot(boot) : EFI_SUCCESS;
}
