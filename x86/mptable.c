/*
 * mptable.c - find_smp_config() of 2.6.24 (mpparse_32.c, mpparse_64.c): the same search twice
 * there, once here; what differs is how the EBDA is searched, and is in the target.
 */
#include "x86/mptable.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/ebda.h"
#include "x86/wire.h"

/* MP 1.4 §4.1, MP Floating Pointer Structure. */
#define POINTER_BYTES       16
#define POINTER_SIGNATURE   UINT32_C(0x5f504d5f) /* "_MP_", as one word: most places have none */
#define POINTER_TABLE_PADDR 4
#define POINTER_LENGTH      8 /* in units of 16 bytes */
#define POINTER_REVISION    9

/* MP 1.4 §4.2, MP Configuration Table Header. */
#define TABLE_HEADER_BYTES   44
#define TABLE_LENGTH         4
#define TABLE_EXTENDED_BYTES 40

/* How much is asked for at once: all windows are whole KiB, and one that reaches into memory that
 * cannot be read (an EBDA below the VGA window) is searched as far as it can be. */
#define SCAN_BYTES UINT32_C(0x400)

static const struct scan_window {
	paddr_t start_paddr;
	uint32_t bytes;
} scan_windows[] = {
	{ 0x00000, 0x400 },   /* not in MP 1.4 §4, but in 2.6.24 */
	{ 0x9fc00, 0x400 },   /* the EBDA, if it is the last KiB of 640 KiB */
	{ 0xf0000, 0x10000 }, /* the BIOS ROM */
};

static bool is_floating_pointer(const uint8_t *at)
{
	return wire_u32(at) == POINTER_SIGNATURE && at[POINTER_LENGTH] == 1 &&
	       (at[POINTER_REVISION] == 1 || at[POINTER_REVISION] == 4) &&
	       wire_byte_sum(at, POINTER_BYTES) == 0;
}

/* Extended entries follow the base table, and are not part of its length. */
static uint32_t config_table_bytes(const struct phys_mem *phys, paddr_t table_paddr)
{
	const uint8_t *header = phys_read(phys, table_paddr, TABLE_HEADER_BYTES);
	uint32_t bytes;

	if (header == NULL || memcmp(header, "PCMP", 4) != 0)
		return 0;
	bytes = wire_u16(header + TABLE_LENGTH);
	if (bytes < TABLE_HEADER_BYTES)
		return 0;
	bytes += wire_u16(header + TABLE_EXTENDED_BYTES);
	return phys_read(phys, table_paddr, bytes) == NULL ? 0 : bytes;
}

static struct smp_config smp_config_at(const struct phys_mem *phys, paddr_t paddr,
                                       const uint8_t *pointer)
{
	paddr_t table_paddr = wire_u32(pointer + POINTER_TABLE_PADDR);
	struct smp_config found = { .pointer = { paddr, paddr + PAGE_BYTES } };

	if (table_paddr != 0) {
		found.table = (struct span){ table_paddr, table_paddr + PAGE_BYTES };
		found.table_bytes = config_table_bytes(phys, table_paddr);
	}
	return found;
}

/* The offset of the first floating pointer in @bytes bytes, or @bytes. */
static uint32_t scan(const uint8_t *window, uint32_t bytes)
{
	uint32_t offset = 0;

	while (offset < bytes && !is_floating_pointer(window + offset))
		offset += POINTER_BYTES;
	return offset;
}

bool smp_scan_config(const struct phys_mem *phys, paddr_t start_paddr, uint32_t bytes,
                     struct smp_config *ret_found)
{
	memset(ret_found, 0, sizeof *ret_found);
	for (uint64_t at = 0; at < bytes; at += SCAN_BYTES) {
		uint32_t part_bytes = (uint32_t)min_u64(bytes - at, SCAN_BYTES);
		const uint8_t *part = phys_read(phys, start_paddr + at, part_bytes);
		uint32_t offset = part != NULL ? scan(part, part_bytes) : part_bytes;

		if (offset < part_bytes) {
			*ret_found = smp_config_at(phys, start_paddr + at + offset, part + offset);
			return true;
		}
	}
	return false;
}

bool find_smp_config(const struct phys_mem *phys, const struct boot_target *target,
                     struct smp_config *ret_found)
{
	paddr_t ebda_paddr;

	for (size_t i = 0; i < COUNT(scan_windows); i++)
		if (smp_scan_config(phys, scan_windows[i].start_paddr, scan_windows[i].bytes,
		                    ret_found))
			return true;
	if (!ebda_pointer(phys, &ebda_paddr))
		return false;
	return smp_scan_config(phys, ebda_paddr, target->mp_ebda_bytes, ret_found);
}
