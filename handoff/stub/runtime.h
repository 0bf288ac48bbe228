/*
 * runtime.h - the firmware's runtime services, called from a kernel of the firmware's own width:
 * whether they still work is the proof that nothing of theirs was given away.
 */
#ifndef HANDOFF_STUB_RUNTIME_H
#define HANDOFF_STUB_RUNTIME_H

#include <stdint.h>

#include "handoff/handoff.h"

/* EFI_STATUS: the highest bit is that of errors (UEFI 2.10 appendix D). */
typedef uintptr_t efi_status_t;
#define EFI_OK           ((efi_status_t)0)
#define EFI_ERROR_BIT    ((efi_status_t)1 << (sizeof(efi_status_t) * 8 - 1))
#define EFI_UNSUPPORTED  (EFI_ERROR_BIT | 3)
#define EFI_DEVICE_ERROR (EFI_ERROR_BIT | 7)

/* UEFI 2.10 §8.3.1, EFI_TIME. */
struct efi_time {
	uint16_t year;
	uint8_t month, day, hour, minute, second, pad1;
	uint32_t nanosecond;
	int16_t time_zone;
	uint8_t daylight, pad2;
};

enum runtime_err {
	RUNTIME_OK,
	RUNTIME_OTHER_WIDTH, /* the firmware's width is not this kernel's: nothing can be called */
	RUNTIME_NO_TABLE,    /* no system table in the block, or beyond @end_paddr */
	RUNTIME_BAD_SYSTEM_TABLE,   /* signature, length or CRC-32 of the EFI system table */
	RUNTIME_BAD_SERVICES_TABLE, /* the same of the runtime services table */
};

/* One sentence for each, without a full stop. */
const char *runtime_err_text(enum runtime_err err);

/* Find and check the tables. Nothing at or above @end_paddr is read. */
enum runtime_err runtime_find(const struct handoff_block *block, uint64_t end_paddr,
                              const void **ret_services);

/* The two services used here, of a table found by runtime_find(). */
efi_status_t runtime_get_time(const void *services, struct efi_time *ret_time);
void runtime_reset_system(const void *services, uint32_t reset_type);

/* UEFI 2.10 §8.5.1, EFI_RESET_TYPE. */
#define EFI_RESET_COLD     0
#define EFI_RESET_SHUTDOWN 2

#endif
