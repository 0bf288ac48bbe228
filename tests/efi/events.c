/* events.c - EFI_TCG2_PROTOCOL (TCG EFI Protocol Specification 1.00 §6): see events.h. */
#include "tests/efi/events.h"

#define EVENT_BYTES 1024
#define EVENT_TYPE  0x0d /* EV_IPL */
#define PCR         12

struct event {
	UINT32 size; /* all of it */
	UINT32 header_size;
	UINT16 header_version;
	UINT32 pcr;
	UINT32 type;
	UINT8 bytes[EVENT_BYTES];
} __attribute__((packed));

struct tcg2 {
	VOID *get_capability;
	VOID *get_event_log;
	EFI_STATUS(EFIAPI *hash_log_extend_event)
	(struct tcg2 *this, UINT64 flags, EFI_PHYSICAL_ADDRESS data_paddr, UINT64 data_bytes,
	 struct event *event);
};

UINT64 events_add(EFI_BOOT_SERVICES *boot, UINT64 n)
{
	static EFI_GUID tcg2_guid = {
		0x607f766c, 0x7455, 0x42be, { 0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f }
	};
	static struct event event = { .size = sizeof event,
		                      .header_size = 14,
		                      .header_version = 1,
		                      .pcr = PCR,
		                      .type = EVENT_TYPE };
	struct tcg2 *tcg2 = NULL;
	UINT64 n_added = 0;

	if (EFI_ERROR(boot->LocateProtocol(&tcg2_guid, NULL, (VOID **)&tcg2)) || tcg2 == NULL)
		return 0;
	while (n_added < n && !EFI_ERROR(tcg2->hash_log_extend_event(tcg2, 0, (UINTN)event.bytes,
	                                                             sizeof event.bytes, &event)))
		n_added++;
	return n_added;
}
