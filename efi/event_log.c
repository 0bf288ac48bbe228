/*
 * event_log.c - EFI_TCG2_PROTOCOL.GetEventLog() (TCG EFI Protocol Specification 1.00 §6.5): see
 * event_log.h.
 *
 * The last event itself is not read, to whose end the log goes: it is some hundred bytes, and
 * loaders add more than that.
 */
#include "efi/event_log.h"

#include "bootmem/count.h"

struct tcg2 {
	VOID *get_capability;
	EFI_STATUS(EFIAPI *get_event_log)
	(struct tcg2 *this, UINT32 format, EFI_PHYSICAL_ADDRESS *ret_start_paddr,
	 EFI_PHYSICAL_ADDRESS *ret_last_paddr, BOOLEAN *ret_is_truncated);
};

uint64_t event_log_bytes(const struct firmware *firmware)
{
	static EFI_GUID tcg2_guid = {
		0x607f766c, 0x7455, 0x42be, { 0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f }
	};
	static const UINT32 formats[] = { 2, 1 }; /* as Linux asks: crypto agile, then TCG 1.2 */
	struct tcg2 *tcg2 = NULL;

	if (EFI_ERROR(firmware->boot_services->LocateProtocol(&tcg2_guid, NULL, (VOID **)&tcg2)) ||
	    tcg2 == NULL)
		return 0;
	for (size_t i = 0; i < COUNT(formats); i++) {
		EFI_PHYSICAL_ADDRESS start_paddr = 0, last_paddr = 0;
		BOOLEAN is_truncated = FALSE;

		if (!EFI_ERROR(tcg2->get_event_log(tcg2, formats[i], &start_paddr, &last_paddr,
		                                   &is_truncated)) &&
		    start_paddr != 0 && last_paddr > start_paddr)
			return last_paddr - start_paddr;
	}
	return 0;
}
