/*
 * block.h - the kernel's side of the block (handoff.h): is it whole, and does each field make
 * sense; and the node of the allocator, which goes on where the loader's ended.
 *
 * A kernel that wants the allocator links this file's block.c and bootmem/, and nothing else.
 */
#ifndef HANDOFF_BLOCK_H
#define HANDOFF_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "bootmem/bootmem.h"
#include "handoff/handoff.h"

/* A block is never larger: no map is, and every kernel can map as much. */
#define HANDOFF_MAX_BLOCK_BYTES (UINT64_C(1) << 30)

/* All that follows the command line lies on a multiple of it. */
#define HANDOFF_ARRAY_ALIGN 8

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
	HANDOFF_BAD_ANSWER,
	HANDOFF_BAD_SUMS,
	HANDOFF_BAD_BITMAP_CHECKSUM,
	HANDOFF_BAD_BITMAP_PADDING,
	HANDOFF_BAD_BITMAP_COUNT,
	HANDOFF_ERR_COUNT
};

/* One sentence for each, without a full stop. */
const char *handoff_err_text(enum handoff_err err);

/* Has a block that is whole the fields of version 1.1? */
bool handoff_has_answer(const struct handoff_block *block);

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
