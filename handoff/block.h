/*
 * block.h - sealing the block that a kernel receives (handoff.h), and checking it there.
 *
 * The block's pages hold, compactly: the header, the command line with its 0 byte, the raw UEFI map
 * on a multiple of 8, the e820 ranges, the reservations. The map comes before the arrays since the
 * firmware writes it there itself, in the last call before it is gone: nothing is moved afterwards.
 */
#ifndef HANDOFF_BLOCK_H
#define HANDOFF_BLOCK_H

#include <stdint.h>

#include "bootmem/bootmem.h"
#include "handoff/handoff.h"
#include "x86/setup.h"

/* A block is never larger: no map is, and every kernel can map as much. */
#define HANDOFF_MAX_BLOCK_BYTES (UINT64_C(1) << 30)

/* Where the UEFI map begins in the block's pages; a multiple of 8. */
uint64_t handoff_uefi_map_offset(uint32_t cmdline_bytes);

/*
 * How many bytes a block takes at most, with room for that many bytes of UEFI map, e820 ranges and
 * reservations. 0 when that is more than HANDOFF_MAX_BLOCK_BYTES.
 */
uint64_t handoff_block_room(uint32_t cmdline_bytes, uint64_t uefi_map_capacity_bytes,
                            uint64_t e820_capacity, uint64_t reservations_capacity);

/* What the block says beside what the set-up computed. 0 where there is none. */
struct handoff_contents {
	/* After boot_setup_run(): bitmap, e820 map, reservations; target, policy, initrd. */
	const struct boot_setup *setup;
	const char *cmdline; /* cmdline_bytes bytes and not more; need not end in a 0 byte */
	uint32_t cmdline_bytes;

	/* The map that is already in the pages, at handoff_uefi_map_offset(cmdline_bytes). */
	uint32_t uefi_map_bytes;
	uint32_t uefi_descriptor_bytes;
	uint32_t uefi_descriptor_version;
	uint32_t uefi_map_growth;

	paddr_t rsdp_paddr;
	paddr_t smbios_paddr;
	paddr_t smbios3_paddr;
	paddr_t efi_system_table_paddr;
	struct handoff_framebuffer framebuffer;

	struct span kernel;
	paddr_t kernel_entry_paddr;
	struct span stack;
	paddr_t page_table_paddr; /* AMD64 */
	paddr_t mapped_end_paddr; /* AMD64 */
	uint32_t firmware_bits;   /* 32 or 64 */
	uint32_t at_end;          /* HANDOFF_END_* */
	uint32_t exit_attempts;
};

/*
 * Make the block in @pages, which will lie at @pages_paddr, both page-aligned: all of it but the
 * UEFI map, which is there already, and last its checksum. Runs after ExitBootServices(), and
 * cannot fail when the pages have the room that handoff_block_room() says. Equal contents give
 * equal bytes, whatever was in the pages.
 */
void handoff_seal(void *pages, paddr_t pages_paddr, const struct handoff_contents *contents);

/* What checksum is to be: over all block_bytes bytes, with the field itself taken as 0. */
uint64_t handoff_block_checksum(const struct handoff_block *block);

enum handoff_err {
	HANDOFF_OK,
	HANDOFF_UNREADABLE,
	HANDOFF_BAD_MAGIC,
	HANDOFF_BAD_VERSION,
	HANDOFF_BAD_HEADER_BYTES,
	HANDOFF_BAD_BLOCK_BYTES,
	HANDOFF_BAD_CHECKSUM,
	HANDOFF_BAD_TARGET,
	HANDOFF_BAD_FIRMWARE_BITS,
	HANDOFF_BAD_NODE,
	HANDOFF_BAD_BITMAP_BYTES,
	HANDOFF_BAD_BITMAP_PADDR,
	HANDOFF_BAD_FREE_PAGES,
	HANDOFF_BAD_ALLOCATOR_STATE,
	HANDOFF_BAD_E820_ARRAY,
	HANDOFF_BAD_E820_RANGE,
	HANDOFF_BAD_UEFI_MAP,
	HANDOFF_BAD_RESERVATIONS_ARRAY,
	HANDOFF_BAD_RESERVATION,
	HANDOFF_BAD_CMDLINE,
	HANDOFF_BAD_EXIT_ATTEMPTS,
	HANDOFF_BAD_INITRD,
	HANDOFF_BAD_KERNEL,
	HANDOFF_BAD_STACK,
	HANDOFF_BAD_PAGE_TABLE,
	HANDOFF_BAD_BITMAP_CHECKSUM,
	HANDOFF_BAD_BITMAP_PADDING,
	HANDOFF_BAD_BITMAP_COUNT,
	HANDOFF_ERR_COUNT
};

/* One sentence for each, without a full stop. */
const char *handoff_err_text(enum handoff_err err);

/*
 * What a kernel does first: is @block, which lies at @block_paddr (a multiple of 8), whole, and
 * does each field make sense? Nothing at or above @readable_end_paddr is read, and the bitmap, too,
 * lies below it. The first rule that is broken is returned. Does not read the bitmap.
 */
enum handoff_err handoff_check(const struct handoff_block *block, paddr_t block_paddr,
                               paddr_t readable_end_paddr);

/* And is the bitmap of a checked block, here at @bitmap (whole pages), the one that was sealed?
 * Before the first allocation from it. */
enum handoff_err handoff_check_bitmap(const struct handoff_block *block, const void *bitmap);

/* A node that goes on where the loader's ended, with the bitmap of a checked block at @bitmap. */
void handoff_bootmem(const struct handoff_block *block, void *bitmap, bootmem_data_t *ret_bdata);

#endif
