/*
 * seal.h - what the set-up computed, and what the loader knows beside it -> the block that a kernel
 * receives (handoff.h), compactly, in the order of layout.h.
 */
#ifndef HANDOFF_LOAD_SEAL_H
#define HANDOFF_LOAD_SEAL_H

#include <stdint.h>

#include "handoff/handoff.h"
#include "x86/setup.h"

/*
 * Make the block in @pages, which will lie at @pages_paddr, both page-aligned: all of it but the
 * UEFI map, which is there already, and last its checksum. Runs after ExitBootServices(), and
 * cannot fail when the pages have the room that layout_of() says. Equal arguments give equal bytes,
 * whatever was in the pages.
 *
 * @known has what the loader knows, 0 where there is none: firmware_bits, at_end, exit_attempts;
 * sizes, version and growth of the UEFI map, which lies at layout_uefi_map_offset(cmdline_bytes);
 * RSDP, SMBIOS, framebuffer, EFI system table; kernel, entry point, stack, page table and the end
 * of what that maps; the answer, whose texts are cut to what fits; Secure Boot and the sums;
 * cmdline_bytes, the bytes of @cmdline, which need not end in a 0 byte. All other fields are made
 * here, from @setup after boot_setup_run(): bitmap, e820 map, reservations; target, policy, initrd.
 */
void handoff_seal(void *pages, paddr_t pages_paddr, const struct handoff_block *known,
                  const char *cmdline, const struct boot_setup *setup);

#endif
