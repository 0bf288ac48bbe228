/* memmap.c - GetMemoryMap() and ExitBootServices() (UEFI 2.10 §7.2.3, §7.4.6): see memmap.h. */
#include "efi/memmap.h"

#include "bootmem/mem.h"

#define GUARD_BYTE 0xa5

EFI_STATUS memmap_room(const struct firmware *firmware, UINTN n_slack, UINTN *ret_capacity_bytes,
                       UINTN *ret_stride)
{
	UINTN map_bytes = 0, key;
	UINTN stride = sizeof(struct uefi_descriptor); /* a query need not fill it in */
	UINT32 version;
	EFI_STATUS status;

	status = firmware->boot_services->GetMemoryMap(&map_bytes, NULL, &key, &stride, &version);
	if (status != EFI_BUFFER_TOO_SMALL)
		return EFI_ERROR(status) ? status : EFI_NOT_FOUND;
	if (stride < sizeof(struct uefi_descriptor) || stride > PAGE_BYTES)
		return EFI_BAD_BUFFER_SIZE;
	if (map_bytes > (UINTN)-1 - n_slack * stride - MEMMAP_GUARD_BYTES)
		return EFI_BAD_BUFFER_SIZE;
	*ret_capacity_bytes = map_bytes + n_slack * stride;
	*ret_stride = stride;
	return EFI_SUCCESS;
}

void memmap_init(struct memmap *memmap, void *buffer, UINTN capacity_bytes)
{
	memset(memmap, 0, sizeof *memmap);
	memmap->buffer = buffer;
	memmap->capacity_bytes = capacity_bytes;
	memset((uint8_t *)buffer + capacity_bytes, GUARD_BYTE, MEMMAP_GUARD_BYTES);
}

static bool guard_is_intact(const struct memmap *memmap)
{
	const uint8_t *guard = (const uint8_t *)memmap->buffer + memmap->capacity_bytes;

	for (unsigned i = 0; i < MEMMAP_GUARD_BYTES; i++)
		if (guard[i] != GUARD_BYTE)
			return false;
	return true;
}

EFI_STATUS memmap_read(const struct firmware *firmware, struct memmap *memmap)
{
	UINTN map_bytes = memmap->capacity_bytes;
	UINTN stride = sizeof(struct uefi_descriptor);
	EFI_STATUS status;

	status = firmware->boot_services->GetMemoryMap(&map_bytes, memmap->buffer, &memmap->key,
	                                               &stride, &memmap->descriptor_version);
	if (EFI_ERROR(status))
		return status;
	if (stride < sizeof(struct uefi_descriptor) || map_bytes > memmap->capacity_bytes ||
	    !guard_is_intact(memmap))
		return EFI_BAD_BUFFER_SIZE;
	memmap->map.descriptors = memmap->buffer;
	memmap->map.map_bytes = map_bytes;
	memmap->map.stride = stride;
	return EFI_SUCCESS;
}

EFI_STATUS memmap_exit(const struct firmware *firmware, struct memmap *memmap,
                       unsigned *ret_attempts)
{
	EFI_STATUS status = EFI_INVALID_PARAMETER;

	*ret_attempts = 0;
	while (status == EFI_INVALID_PARAMETER && *ret_attempts < MEMMAP_EXIT_ATTEMPTS) {
		status = memmap_read(firmware, memmap);
		if (EFI_ERROR(status))
			return status;
		++*ret_attempts;
		status = firmware->boot_services->ExitBootServices(firmware->image, memmap->key);
	}
	return status;
}
