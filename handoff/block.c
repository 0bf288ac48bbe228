/*
 * block.c - the bytes of a block -> what is wrong with them, or a node of the allocator: see
 * block.h.
 *
 * The kernel does not trust the loader: what is read here has been compared with where the block
 * ends before, and every field with its neighbours.
 */
#include "handoff/block.h"

#include <stddef.h>

#include "bootmem/bits.h"
#include "bootmem/count.h"

/* UEFI 2.10 §7.2.3: the part of EFI_MEMORY_DESCRIPTOR that all versions share. */
#define UEFI_DESCRIPTOR_BYTES 40

/* The last page of the 52 bits of a physical address, and one: no node has more pages. */
#define MAX_PFN (UINT64_C(1) << (52 - PAGE_SHIFT))

uint64_t handoff_block_checksum(const struct handoff_block *block)
{
	const uint64_t sums = handoff_checksum(block, block->block_bytes);
	const uint64_t n_words = (block->block_bytes + 3) >> 2;
	const uint32_t low = (uint32_t)block->checksum, high = (uint32_t)(block->checksum >> 32);
	const uint32_t low_index = HANDOFF_OFFSET_CHECKSUM / 4;
	/* Word i is in the sum once, and in the sum of sums once for each word from it on. */
	const uint32_t sum = (uint32_t)sums - low - high;
	const uint32_t sum_of_sums = (uint32_t)(sums >> 32) -
	                             low * (uint32_t)(n_words - low_index) -
	                             high * (uint32_t)(n_words - low_index - 1);

	return (uint64_t)sum_of_sums << 32 | sum;
}

static const char *const handoff_err_texts[] = {
	[HANDOFF_OK] = "no error",
	[HANDOFF_UNREADABLE] = "the block does not lie in readable memory on a multiple of 8",
	[HANDOFF_BAD_MAGIC] = "the magic number is not that of a block",
	[HANDOFF_BAD_VERSION] = "the major version of the protocol is another one",
	[HANDOFF_BAD_HEADER_BYTES] = "the header is shorter than its version requires",
	[HANDOFF_BAD_BLOCK_BYTES] =
		"the block is shorter than its header, or ends past 1 GiB or readable memory",
	[HANDOFF_BAD_CHECKSUM] = "the checksum of the block is wrong",
	[HANDOFF_BAD_TARGET] = "the target is neither IA-32 nor AMD64",
	[HANDOFF_BAD_FIRMWARE_BITS] = "the firmware has neither 32 nor 64 bits",
	[HANDOFF_BAD_NODE] = "the page numbers of the node contradict each other",
	[HANDOFF_BAD_BITMAP_BYTES] = "the length of the bitmap does not follow from its pages",
	[HANDOFF_BAD_BITMAP_PADDR] = "the bitmap does not lie at min_low_pfn in readable memory",
	[HANDOFF_BAD_FREE_PAGES] = "there are more free pages than pages",
	[HANDOFF_BAD_ALLOCATOR_STATE] = "the last allocation lies outside the node",
	[HANDOFF_BAD_E820_ARRAY] = "the e820 ranges do not lie within the block",
	[HANDOFF_BAD_E820_RANGE] =
		"an e820 range is empty, or out of order, or overlaps another one",
	[HANDOFF_BAD_UEFI_MAP] = "the UEFI map does not lie within the block",
	[HANDOFF_BAD_RESERVATIONS_ARRAY] = "the reservations do not lie within the block",
	[HANDOFF_BAD_RESERVATION] = "a reservation ends before it starts, or its text does not end",
	[HANDOFF_BAD_CMDLINE] = "the command line does not lie within the block, or does not end",
	[HANDOFF_BAD_EXIT_ATTEMPTS] = "ExitBootServices() was never called",
	[HANDOFF_BAD_INITRD] = "the initrd ends before it starts",
	[HANDOFF_BAD_KERNEL] = "the kernel is empty, or its entry point lies outside of it",
	[HANDOFF_BAD_STACK] = "the stack is empty, or its end is not on a multiple of 16",
	[HANDOFF_BAD_PAGE_TABLE] = "there are no page tables, or they do not map the first 4 GiB",
	[HANDOFF_BAD_ANSWER] = "the answer is of an unknown kind, or its text is none",
	[HANDOFF_BAD_SUMS] =
		"the state of Secure Boot is unknown, or there is a sum of something unknown",
	[HANDOFF_BAD_BITMAP_CHECKSUM] = "the checksum of the bitmap is wrong",
	[HANDOFF_BAD_BITMAP_PADDING] = "a bit behind the last page is 0",
	[HANDOFF_BAD_BITMAP_COUNT] =
		"the bitmap does not have the number of free pages that the block says",
};
_Static_assert(COUNT(handoff_err_texts) == HANDOFF_ERR_COUNT, "an error has no text");

const char *handoff_err_text(enum handoff_err err)
{
	return (unsigned)err < HANDOFF_ERR_COUNT ? handoff_err_texts[err] : "unknown error";
}

/* Is this a block of a version that we know, whole and undamaged? All else relies on it. */
static enum handoff_err check_seal(const struct handoff_block *block, paddr_t block_paddr,
                                   paddr_t readable_end_paddr)
{
	if (block_paddr % HANDOFF_ARRAY_ALIGN != 0 || block_paddr > readable_end_paddr ||
	    readable_end_paddr - block_paddr < HANDOFF_BLOCK_BYTES_1_0)
		return HANDOFF_UNREADABLE;
	if (block->magic[0] != HANDOFF_MAGIC_LOW || block->magic[1] != HANDOFF_MAGIC_HIGH)
		return HANDOFF_BAD_MAGIC;
	if (block->version_major != HANDOFF_VERSION_MAJOR)
		return HANDOFF_BAD_VERSION;
	if (block->header_bytes < HANDOFF_BLOCK_BYTES_1_0)
		return HANDOFF_BAD_HEADER_BYTES;
	if (block->block_bytes < block->header_bytes ||
	    block->block_bytes > HANDOFF_MAX_BLOCK_BYTES ||
	    block->block_bytes > readable_end_paddr - block_paddr)
		return HANDOFF_BAD_BLOCK_BYTES;
	if (block->checksum != handoff_block_checksum(block))
		return HANDOFF_BAD_CHECKSUM;
	return HANDOFF_OK;
}

/* Policies and ends of a later minor version are no error (PROTOCOL.md §11). */
static enum handoff_err check_choices(const struct handoff_block *block)
{
	if (block->target != HANDOFF_TARGET_IA32 && block->target != HANDOFF_TARGET_AMD64)
		return HANDOFF_BAD_TARGET;
	if (block->firmware_bits != 32 && block->firmware_bits != 64)
		return HANDOFF_BAD_FIRMWARE_BITS;
	if (block->exit_attempts == 0)
		return HANDOFF_BAD_EXIT_ATTEMPTS;
	return HANDOFF_OK;
}

static unsigned word_bytes_of(const struct handoff_block *block)
{
	return block->target == HANDOFF_TARGET_IA32 ? 4 : 8;
}

static enum handoff_err check_node(const struct handoff_block *block, paddr_t readable_end_paddr)
{
	const paddr_t map_paddr = block->node_bootmem_map_paddr;
	const uint64_t map_bytes = block->node_bootmem_map_bytes;

	if (block->node_boot_start != 0 || block->node_low_pfn == 0 ||
	    block->max_low_pfn != block->node_low_pfn || block->max_pfn < block->max_low_pfn ||
	    block->max_pfn > MAX_PFN)
		return HANDOFF_BAD_NODE;
	if (map_bytes != align_up((block->node_low_pfn + 7) >> 3, word_bytes_of(block)))
		return HANDOFF_BAD_BITMAP_BYTES;
	if (map_paddr != pfn_paddr(block->min_low_pfn) || map_paddr > readable_end_paddr ||
	    map_bytes > readable_end_paddr - map_paddr)
		return HANDOFF_BAD_BITMAP_PADDR;
	if (block->free_pages > block->node_low_pfn)
		return HANDOFF_BAD_FREE_PAGES;
	if (block->last_offset >= PAGE_BYTES || block->last_pos >= block->node_low_pfn ||
	    block->last_success > pfn_paddr(block->node_low_pfn))
		return HANDOFF_BAD_ALLOCATOR_STATE;
	return HANDOFF_OK;
}

/* What lies at @paddr in the block, @bytes bytes behind its header, or NULL. */
static const void *in_block(const struct handoff_block *block, paddr_t block_paddr, paddr_t paddr,
                            uint64_t bytes)
{
	const uint64_t offset = paddr - block_paddr; /* of what lies below the block: too large */

	if (offset < block->header_bytes || offset > block->block_bytes ||
	    bytes > block->block_bytes - offset)
		return NULL;
	return (const char *)block + (size_t)offset;
}

/* The same for an array. A later minor version may have longer entries. */
static const void *array_in_block(const struct handoff_block *block, paddr_t block_paddr,
                                  paddr_t paddr, uint32_t count, uint32_t entry_bytes,
                                  uint32_t known_entry_bytes)
{
	if (entry_bytes < known_entry_bytes || entry_bytes % HANDOFF_ARRAY_ALIGN != 0 ||
	    paddr % HANDOFF_ARRAY_ALIGN != 0)
		return NULL;
	return in_block(block, block_paddr, paddr, (uint64_t)count * entry_bytes);
}

static enum handoff_err check_e820(const struct handoff_block *block, paddr_t block_paddr)
{
	const char *at = array_in_block(block, block_paddr, block->e820_paddr, block->e820_count,
	                                block->e820_entry_bytes, sizeof(struct handoff_range));
	paddr_t end_paddr = 0;

	if (at == NULL || block->e820_count == 0)
		return HANDOFF_BAD_E820_ARRAY;
	for (uint32_t i = 0; i < block->e820_count; i++, at += block->e820_entry_bytes) {
		const struct handoff_range *range = (const struct handoff_range *)at;

		if (range->start_paddr < end_paddr || range->end_paddr <= range->start_paddr)
			return HANDOFF_BAD_E820_RANGE;
		end_paddr = range->end_paddr;
	}
	return HANDOFF_OK;
}

static enum handoff_err check_uefi_map(const struct handoff_block *block, paddr_t block_paddr)
{
	if (block->uefi_descriptor_bytes < UEFI_DESCRIPTOR_BYTES ||
	    block->uefi_map_bytes < block->uefi_descriptor_bytes ||
	    block->uefi_map_paddr % HANDOFF_ARRAY_ALIGN != 0 ||
	    in_block(block, block_paddr, block->uefi_map_paddr, block->uefi_map_bytes) == NULL)
		return HANDOFF_BAD_UEFI_MAP;
	return HANDOFF_OK;
}

static bool text_ends(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		if (text[i] == 0)
			return true;
	return false;
}

static enum handoff_err check_reservations(const struct handoff_block *block, paddr_t block_paddr)
{
	const char *at = array_in_block(block, block_paddr, block->reservations_paddr,
	                                block->reservations_count, block->reservations_entry_bytes,
	                                sizeof(struct handoff_reservation));

	if (at == NULL)
		return HANDOFF_BAD_RESERVATIONS_ARRAY;
	for (uint32_t i = 0; i < block->reservations_count;
	     i++, at += block->reservations_entry_bytes) {
		const struct handoff_reservation *reservation =
			(const struct handoff_reservation *)at;

		if (reservation->start_paddr > reservation->end_paddr ||
		    !text_ends(reservation->owner, sizeof(reservation->owner)) ||
		    !text_ends(reservation->reason, sizeof(reservation->reason)))
			return HANDOFF_BAD_RESERVATION;
	}
	return HANDOFF_OK;
}

static enum handoff_err check_cmdline(const struct handoff_block *block, paddr_t block_paddr)
{
	const char *text = in_block(block, block_paddr, block->cmdline_paddr,
	                            (uint64_t)block->cmdline_bytes + 1);

	return text != NULL && text[block->cmdline_bytes] == 0 ? HANDOFF_OK : HANDOFF_BAD_CMDLINE;
}

static enum handoff_err check_ranges(const struct handoff_block *block)
{
	if (block->initrd_start_paddr > block->initrd_end_paddr)
		return HANDOFF_BAD_INITRD;
	if (block->kernel_start_paddr >= block->kernel_end_paddr ||
	    block->kernel_entry_paddr < block->kernel_start_paddr ||
	    block->kernel_entry_paddr >= block->kernel_end_paddr)
		return HANDOFF_BAD_KERNEL;
	if (block->stack_start_paddr >= block->stack_end_paddr || block->stack_end_paddr % 16 != 0)
		return HANDOFF_BAD_STACK;
	if (block->target == HANDOFF_TARGET_AMD64 &&
	    (block->page_table_paddr == 0 || block->page_table_paddr % PAGE_BYTES != 0 ||
	     block->mapped_end_paddr < UINT64_C(1) << 32))
		return HANDOFF_BAD_PAGE_TABLE;
	return HANDOFF_OK;
}

bool handoff_has_answer(const struct handoff_block *block)
{
	return block->header_bytes >= HANDOFF_BLOCK_BYTES;
}

/* Printable ASCII up to a 0 byte. */
static bool is_printable(const char *text, size_t bytes)
{
	for (size_t i = 0; i < bytes && text[i] != 0; i++)
		if (text[i] < ' ' || text[i] > '~')
			return false;
	return text_ends(text, bytes);
}

/* A kind of a later minor version is no error, but one that ours does not have is. */
static enum handoff_err check_answer(const struct handoff_block *block)
{
	if (!handoff_has_answer(block))
		return HANDOFF_OK;
	if (block->version_minor <= HANDOFF_VERSION_MINOR && block->answer > HANDOFF_ANSWER_CHANGED)
		return HANDOFF_BAD_ANSWER;
	if (!is_printable(block->answer_lines[0], sizeof(block->answer_lines[0])) ||
	    !is_printable(block->answer_lines[1], sizeof(block->answer_lines[1])) ||
	    !is_printable(block->answer_brief, sizeof(block->answer_brief)) ||
	    !is_printable(block->answer_to_do, sizeof(block->answer_to_do)) ||
	    !is_printable(block->capture_name, sizeof(block->capture_name)))
		return HANDOFF_BAD_ANSWER;
	return HANDOFF_OK;
}

static bool is_zero(const uint8_t *bytes, size_t n_bytes)
{
	for (size_t i = 0; i < n_bytes; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* The same for later minor versions. What is not filled in is 0. */
static enum handoff_err check_sums(const struct handoff_block *block)
{
	if (!handoff_has_answer(block) || block->version_minor > HANDOFF_VERSION_MINOR)
		return HANDOFF_OK;
	if (block->secure_boot > HANDOFF_SECURE_BOOT_SETUP ||
	    (block->sums & ~(uint32_t)(HANDOFF_SUM_KERNEL | HANDOFF_SUM_INITRD)) != 0 ||
	    ((block->sums & HANDOFF_SUM_KERNEL) == 0 &&
	     !is_zero(block->kernel_sha256, sizeof(block->kernel_sha256))) ||
	    ((block->sums & HANDOFF_SUM_INITRD) == 0 &&
	     !is_zero(block->initrd_sha256, sizeof(block->initrd_sha256))))
		return HANDOFF_BAD_SUMS;
	return HANDOFF_OK;
}

enum handoff_err handoff_check(const struct handoff_block *block, paddr_t block_paddr,
                               paddr_t readable_end_paddr)
{
	enum handoff_err err = check_seal(block, block_paddr, readable_end_paddr);

	if (err == HANDOFF_OK)
		err = check_choices(block);
	if (err == HANDOFF_OK)
		err = check_node(block, readable_end_paddr);
	if (err == HANDOFF_OK)
		err = check_e820(block, block_paddr);
	if (err == HANDOFF_OK)
		err = check_uefi_map(block, block_paddr);
	if (err == HANDOFF_OK)
		err = check_reservations(block, block_paddr);
	if (err == HANDOFF_OK)
		err = check_cmdline(block, block_paddr);
	if (err == HANDOFF_OK)
		err = check_ranges(block);
	if (err == HANDOFF_OK)
		err = check_answer(block);
	if (err == HANDOFF_OK)
		err = check_sums(block);
	return err;
}

enum handoff_err handoff_check_bitmap(const struct handoff_block *block, const void *bitmap)
{
	const uint64_t bytes = block->node_bootmem_map_bytes;

	if (handoff_checksum(bitmap, bytes) != block->node_bootmem_map_checksum)
		return HANDOFF_BAD_BITMAP_CHECKSUM;
	if (bits_count_zero(bitmap, block->node_low_pfn, bytes << 3) != 0)
		return HANDOFF_BAD_BITMAP_PADDING;
	if (bits_count_zero(bitmap, 0, block->node_low_pfn) != block->free_pages)
		return HANDOFF_BAD_BITMAP_COUNT;
	return HANDOFF_OK;
}

void handoff_bootmem(const struct handoff_block *block, void *bitmap, bootmem_data_t *ret_bdata)
{
	*ret_bdata = (bootmem_data_t){
		.node_boot_start = block->node_boot_start,
		.node_low_pfn = block->node_low_pfn,
		.node_bootmem_map = bitmap,
		.last_offset = block->last_offset,
		.last_pos = block->last_pos,
		.last_success = block->last_success,
		.node_bootmem_map_pfn = pfn_down(block->node_bootmem_map_paddr),
		.word_bytes = word_bytes_of(block),
		.node_written_bits = block->node_low_pfn, /* the map is complete */
		.node_first_free = bits_next_zero(bitmap, 0, block->node_low_pfn),
		.node_free_first = BOOTMEM_NONE,
		.page_goal_paddr = BOOTMEM_NONE,
		.page_from = BOOTMEM_NONE,
	};
}
