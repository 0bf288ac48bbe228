/*
 * mptable.h - the search for the MP floating pointer, in the places and the order of Linux 2.6.24,
 * and what it reserves then.
 *
 * A page of each, blindly: 2.6.24 cannot reach the configuration table yet when it searches. A
 * table that is longer is covered only in policy safe, for which its length is told here.
 */
#ifndef X86_MPTABLE_H
#define X86_MPTABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "bootmem/pfn.h"
#include "x86/phys.h"
#include "x86/target.h"

struct smp_config {
	struct span pointer; /* a page's size from the floating pointer on: not page-aligned */
	struct span table; /* a page's size from the configuration table on, which nobody has read;
	                    * empty if the pointer names none. Not clipped to max_low_pfn, which
	                    * 2.6.24 does for IA-32 */
	/* How long the configuration table is, base and extended entries together. 0 if there is
	 * none, or if there is none where the pointer leads (no PCMP, length below its header,
	 * unreadable). */
	uint32_t table_bytes;
};

/*
 * Search the @bytes bytes at @start_paddr, both multiples of 16, for an MP floating pointer (MP 1.4
 * §4.1): on each 16 bytes, magic _MP_, length 1, revision 1 or 4, checksum 0. A KiB of it that
 * cannot be read is passed over. *ret_found is all empty when it returns false.
 */
bool smp_scan_config(const struct phys_mem *phys, paddr_t start_paddr, uint32_t bytes,
                     struct smp_config *ret_found);

/*
 * The first KiB, the last KiB of 640 KiB, the BIOS ROM (0xf0000 to 0xfffff), then the EBDA: as
 * much of it as target->mp_ebda_bytes. The first hit wins. False, and *ret_found all empty, if
 * there is none. (IA-32 of 2.6.24 searches no EBDA at a pointer of 0; the KiB there it has
 * searched.)
 */
bool find_smp_config(const struct phys_mem *phys, const struct boot_target *target,
                     struct smp_config *ret_found);

#endif
