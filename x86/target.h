/*
 * target.h - what differs between a kernel for IA-32 and one for AMD64, as data.
 *
 * The firmware's own width is another axis, and nothing here depends on it: firmware is called
 * ia32 or x64, as UEFI does, a target ia32 or amd64.
 */
#ifndef X86_TARGET_H
#define X86_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "x86/e820.h"

struct boot_target {
	const char *name;
	unsigned word_bytes; /* sizeof(long): how far the length of the bitmap is rounded up */
	pfn_t low_limit_pfn; /* what the kernel can map directly: the bitmap ends here at the latest
	                      */
	paddr_t limit_paddr; /* everything that is handed over lies below */
	bool cuts_isa_hole;  /* no RAM from 640 KiB to 1 MiB, whatever e820 says */

	/* setup_arch() of 2.6.24. */
	struct span trampoline; /* where other CPUs start */
	unsigned wakeup_pages;  /* low pages allocated for the ACPI wake-up code */
	bool sizes_ebda;        /* EBDA: size word read; else one page, and only if there is one */
	bool skips_amd_k7_page; /* page 0x9f is not touched on AMD family 6 */
	uint32_t mp_ebda_bytes; /* how much of the EBDA is searched for an MP floating pointer */
};

extern const struct boot_target target_ia32;
extern const struct boot_target target_amd64;

/* Takes [start_paddr, end_paddr), which is not empty. */
typedef void target_ram_fn(void *context, paddr_t start_paddr, paddr_t end_paddr);

/* Call @take, with @context, for what @target has for RAM in @map, in the map's order, to the byte:
 * the RAM ranges, for IA-32 without the ISA hole. Linux 2.6.24: copy_e820_map(). */
void target_each_ram(const struct boot_target *target, const struct e820_map *map,
                     target_ram_fn *take, void *context);

/* Is all of [start_paddr, end_paddr) such RAM? @map is sanitized; an empty range is. */
bool target_is_ram(const struct boot_target *target, const struct e820_map *map,
                   paddr_t start_paddr, paddr_t end_paddr);

#endif
