/*
 * seal.h - the loader's side of the block (handoff.h): how large it gets, and what goes into it.
 *
 * The block's pages hold, compactly: the header, the command line with its 0 byte, the raw UEFI map
 * on a multiple of 8, the e820 ranges, the reservations. The map comes before the arrays since the
 * firmware writes it there itself, in the last call before it is gone: nothing is moved afterwards.
 */
#ifndef HANDOFF_LOAD_SEAL_H
#define HANDOFF_LOAD_SEAL_H

#include <stdint.h>

#include "handoff/handoff.h"
#include "x86/setup.h"

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

#endif
