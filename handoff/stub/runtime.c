/*
 * runtime.c - see runtime.h. The tables are read by offsets: their pointers are as wide as the
 * firmware, and so is everything here, as a table of the other width is not looked at.
 */
#include "handoff/stub/runtime.h"

#include <stdbool.h>
#include <stddef.h>

#include "handoff/device/io.h"
#include "handoff/stub/entry.h"
#include "x86/crc32.h"

/* UEFI calls: the Microsoft convention on x64, plain C on IA-32 (UEFI 2.10 §2.3). */
#if defined(__x86_64__)
#define EFIAPI __attribute__((ms_abi))
#else
#define EFIAPI
#endif

/* UEFI 2.10 §4.2, EFI_TABLE_HEADER. */
struct efi_table_header {
	uint64_t signature;
	uint32_t revision;
	uint32_t header_bytes;
	uint32_t crc32;
	uint32_t reserved;
};

#define SYSTEM_TABLE_SIGNATURE  UINT64_C(0x5453595320494249) /* "IBI SYST" */
#define RUNTIME_TABLE_SIGNATURE UINT64_C(0x56524553544e5552) /* "RUNTSERV" */
#define MOST_HEADER_BYTES       4096

#define PIC1_MASK_PORT 0x21
#define PIC2_MASK_PORT 0xa1

/* UEFI 2.10 §4.3. The revision is followed by padding where pointers have 8 bytes. */
struct efi_system_table {
	struct efi_table_header header;
	uintptr_t firmware_vendor;
	uint32_t firmware_revision;
	uintptr_t console[6]; /* three handles, three protocols */
	uintptr_t runtime_services;
};

/* UEFI 2.10 §4.5, up to what is called here. */
struct efi_runtime_services {
	struct efi_table_header header;
	efi_status_t(EFIAPI *get_time)(struct efi_time *time, void *capabilities);
	uintptr_t set_time, get_wakeup_time, set_wakeup_time;
	uintptr_t set_virtual_address_map, convert_pointer;
	uintptr_t get_variable, get_next_variable_name, set_variable;
	uintptr_t get_next_high_monotonic_count;
	void(EFIAPI *reset_system)(uint32_t type, efi_status_t status, uintptr_t bytes, void *data);
};

_Static_assert(offsetof(struct efi_system_table, runtime_services) == (STUB_BITS == 64 ? 88 : 56),
               "UEFI 2.10 §4.3");
_Static_assert(sizeof(struct efi_time) == 16, "UEFI 2.10 §8.3.1");

static const char *const err_texts[] = {
	[RUNTIME_OK] = "no error",
	[RUNTIME_OTHER_WIDTH] = "the firmware is not as wide as this kernel",
	[RUNTIME_NO_TABLE] = "no EFI system table within reach",
	[RUNTIME_BAD_SYSTEM_TABLE] = "the EFI system table is damaged",
	[RUNTIME_BAD_SERVICES_TABLE] = "the table of the runtime services is damaged",
};

const char *runtime_err_text(enum runtime_err err)
{
	return err_texts[err];
}

/* With the field crc32 itself taken as 0 (UEFI 2.10 §4.2). */
static uint32_t table_crc32(const struct efi_table_header *header)
{
	static const uint32_t zero;
	const size_t field = offsetof(struct efi_table_header, crc32), rest = field + sizeof zero;
	uint32_t crc = crc32_add(crc32_add(0, header, field), &zero, sizeof zero);

	return crc32_add(crc, (const char *)header + rest, header->header_bytes - rest);
}

/* Is there an intact table of at least @least_bytes bytes at @paddr? */
static bool table_is_good(uint64_t paddr, uint64_t end_paddr, uint64_t signature,
                          size_t least_bytes)
{
	const struct efi_table_header *header = (const void *)(uintptr_t)paddr;

	return paddr != 0 && paddr % sizeof(uintptr_t) == 0 && paddr < end_paddr &&
	       end_paddr - paddr >= MOST_HEADER_BYTES && header->signature == signature &&
	       header->header_bytes >= least_bytes && header->header_bytes <= MOST_HEADER_BYTES &&
	       table_crc32(header) == header->crc32;
}

enum runtime_err runtime_find(const struct handoff_block *block, uint64_t end_paddr,
                              const void **ret_services)
{
	const struct efi_system_table *system;
	uint64_t system_paddr = block->efi_system_table_paddr;

	if (block->firmware_bits != STUB_BITS)
		return RUNTIME_OTHER_WIDTH;
	if (system_paddr == 0 || system_paddr >= end_paddr)
		return RUNTIME_NO_TABLE;
	if (!table_is_good(system_paddr, end_paddr, SYSTEM_TABLE_SIGNATURE, sizeof *system))
		return RUNTIME_BAD_SYSTEM_TABLE;
	system = (const void *)(uintptr_t)system_paddr;
	if (!table_is_good(system->runtime_services, end_paddr, RUNTIME_TABLE_SIGNATURE,
	                   sizeof(struct efi_runtime_services)))
		return RUNTIME_BAD_SERVICES_TABLE;
	*ret_services = (const void *)system->runtime_services;
	return RUNTIME_OK;
}

efi_status_t runtime_get_time(const void *services, struct efi_time *ret_time)
{
	const struct efi_runtime_services *runtime = services;
	efi_status_t status;

	/* Firmware may let interrupts in meanwhile: none of the PICs', whose vectors may be those
	 * of exceptions, and none afterwards. */
	outb(PIC1_MASK_PORT, 0xff);
	outb(PIC2_MASK_PORT, 0xff);
	status = runtime->get_time(ret_time, NULL);
	io_no_interrupts();
	return status;
}

void runtime_reset_system(const void *services, uint32_t reset_type)
{
	const struct efi_runtime_services *runtime = services;

	runtime->reset_system(reset_type, EFI_OK, 0, NULL);
}
