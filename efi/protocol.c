/* protocol.c - HandleProtocol() and LocateHandleBuffer(): see protocol.h. */
#include "efi/protocol.h"

void *protocol_of(const struct firmware *firmware, EFI_HANDLE handle, const EFI_GUID *guid)
{
	VOID *protocol = NULL;
	EFI_STATUS status =
		firmware->boot_services->HandleProtocol(handle, (EFI_GUID *)guid, &protocol);

	return EFI_ERROR(status) ? NULL : protocol;
}

EFI_HANDLE *protocol_handles(const struct firmware *firmware, const EFI_GUID *guid, UINTN *ret_n)
{
	EFI_HANDLE *handles = NULL;
	UINTN n = 0;
	EFI_STATUS status = firmware->boot_services->LocateHandleBuffer(
		ByProtocol, (EFI_GUID *)guid, NULL, &n, &handles);

	*ret_n = EFI_ERROR(status) || handles == NULL ? 0 : n;
	return EFI_ERROR(status) ? NULL : handles;
}

void protocol_free(const struct firmware *firmware, EFI_HANDLE *handles)
{
	if (handles != NULL)
		firmware->boot_services->FreePool(handles);
}
