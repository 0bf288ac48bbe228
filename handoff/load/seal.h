/*
 * seal.h - what the set-up computed, and what the loader knows beside it -> the block that a kernel
 * receives (handoff.h), compactly, in the order of layout.h.
 */
#ifndef HANDOFF_LOAD_SEAL_H
#define HANDOFF_LOAD_SEAL_H

#include <stdint.h>

#include "handoff/handoff.h"
#include "x86/setup.h"

/* What the block says beside what the set-up computed. 0 where there is none. */
struct handoff_contents {
	/* After boot_setup_run(): bitmap, e820 map, reservations; target, policy, initrd. */
	const struct boot_setup *setup;
	const char *cmdline; /* cmdline_bytes bytes and not more; need not end in a 0 byte */
	uint32_t cmdline_bytes;

	/* The map that is already in the pages, at layout_uefi_map_offset(cmdline_bytes). */
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
 * cannot fail when the pages have the room that layout_of() says. Equal contents give
 * equal bytes, whatever was in the pages.
 */
void handoff_seal(void *pages, paddr_t pages_paddr, const struct handoff_contents *contents);

#endif
