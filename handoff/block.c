/*
 * block.c - boot_setup -> the bytes of the block, and back to a node of the allocator (block.h).
 *
 * The kernel does not trust the loader: what is read here has been compared with where the block
 * ends before, and every field with its neighbours.
 */
#include "handoff/block.h"

#include <stdbool.h>
#include <stddef.h>

#include "bootmem/bits.h"
#include "bootmem/mem.h"

#define ASSERT_SAME(ours, wire) \
	_Static_assert((uint32_t)(ours) == (wire), #ours " is not " #wire " of the protocol")

ASSERT_SAME(RESERVATION_KERNEL, HANDOFF_KIND_KERNEL);
ASSERT_SAME(RESERVATION_BOOTMAP, HANDOFF_KIND_BOOTMAP);
ASSERT_SAME(RESERVATION_BLOCK, HANDOFF_KIND_BLOCK);
ASSERT_SAME(RESERVATION_STACK, HANDOFF_KIND_STACK);
ASSERT_SAME(RESERVATION_PAGE_TABLES, HANDOFF_KIND_PAGE_TABLES);
ASSERT_SAME(RESERVATION_INITRD, HANDOFF_KIND_INITRD);
ASSERT_SAME(RESERVATION_LOW_MEMORY, HANDOFF_KIND_LOW_MEMORY);
ASSERT_SAME(RESERVATION_WAKEUP, HANDOFF_KIND_WAKEUP);
ASSERT_SAME(RESERVATION_SMP_CONFIG, HANDOFF_KIND_SMP_CONFIG);
ASSERT_SAME(RESERVATION_ACPI, HANDOFF_KIND_ACPI);
ASSERT_SAME(RESERVATION_SMBIOS, HANDOFF_KIND_SMBIOS);
ASSERT_SAME(RESERVATION_FRAMEBUFFER, HANDOFF_KIND_FRAMEBUFFER);
ASSERT_SAME(RESERVATION_RUNTIME, HANDOFF_KIND_RUNTIME);
ASSERT_SAME(RESERVATION_BOOT_SERVICES, HANDOFF_KIND_BOOT_SERVICES);
ASSERT_SAME(RESERVATION_CONFIGURED, HANDOFF_KIND_CONFIGURED);
ASSERT_SAME(LIFETIME_FOREVER, HANDOFF_LIFETIME_FOREVER);
ASSERT_SAME(LIFETIME_BOOT, HANDOFF_LIFETIME_BOOT);
ASSERT_SAME(LIFETIME_ACPI, HANDOFF_LIFETIME_ACPI);
ASSERT_SAME(POLICY_SAFE, HANDOFF_POLICY_SAFE);
ASSERT_SAME(POLICY_LINUX, HANDOFF_POLICY_LINUX);
ASSERT_SAME(E820_RAM, HANDOFF_E820_RAM);
ASSERT_SAME(E820_RESERVED, HANDOFF_E820_RESERVED);
ASSERT_SAME(E820_ACPI, HANDOFF_E820_ACPI);
ASSERT_SAME(E820_NVS, HANDOFF_E820_NVS);
ASSERT_SAME(E820_UNUSABLE, HANDOFF_E820_UNUSABLE);
ASSERT_SAME(E820_PMEM, HANDOFF_E820_PMEM);
ASSERT_SAME(E820_SOFT_RESERVED, HANDOFF_E820_SOFT_RESERVED);

/* Nothing of a text is lost on the way. */
ASSERT_SAME(RESERVATION_OWNER_BYTES, sizeof(((struct handoff_reservation *)0)->owner));
ASSERT_SAME(RESERVATION_REASON_BYTES, sizeof(((struct handoff_reservation *)0)->reason));

/* UEFI 2.10 §7.2.3: the part of EFI_MEMORY_DESCRIPTOR that all versions share. */
#define UEFI_DESCRIPTOR_BYTES 40

/* The last page of the 52 bits of a physical address, and one: no node has more pages. */
#define MAX_PFN (UINT64_C(1) << (52 - PAGE_SHIFT))

#define ARRAY_ALIGN 8 /* of all that follows the command line */

uint64_t handoff_uefi_map_offset(uint32_t cmdline_bytes)
{
	return align_up(HANDOFF_BLOCK_BYTES + (uint64_t)cmdline_bytes + 1, ARRAY_ALIGN);
}

uint64_t handoff_block_room(uint32_t cmdline_bytes, uint64_t uefi_map_capacity_bytes,
                            uint64_t e820_capacity, uint64_t reservations_capacity)
{
	const uint64_t limit = HANDOFF_MAX_BLOCK_BYTES;
	uint64_t bytes = handoff_uefi_map_offset(cmdline_bytes);

	/* None of them can be the one that makes the sum wrap. */
	if (uefi_map_capacity_bytes > limit || e820_capacity > limit ||
	    reservations_capacity > limit)
		return 0;
	bytes += align_up(uefi_map_capacity_bytes, ARRAY_ALIGN);
	bytes += e820_capacity * sizeof(struct handoff_range);
	bytes += reservations_capacity * sizeof(struct handoff_reservation);
	return bytes <= limit ? bytes : 0;
}

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

/* ---- Sealing ---- */

static void seal_node(struct handoff_block *block, const struct boot_setup *setup)
{
	const bootmem_data_t *bdata = &setup->bdata;

	block->node_boot_start = bdata->node_boot_start;
	block->node_low_pfn = bdata->node_low_pfn;
	block->last_offset = bdata->last_offset;
	block->last_pos = bdata->last_pos;
	block->last_success = bdata->last_success;
	block->node_bootmem_map_paddr = pfn_paddr(bdata->node_bootmem_map_pfn);
	block->node_bootmem_map_bytes = get_mapsize(bdata);
	block->node_bootmem_map_checksum =
		handoff_checksum(bdata->node_bootmem_map, block->node_bootmem_map_bytes);
	block->free_pages = bootmem_free_pages(bdata);
	block->min_low_pfn = setup->min_low_pfn;
	block->max_low_pfn = setup->max_low_pfn;
	block->max_pfn = setup->max_pfn;
}

static void seal_inputs(struct handoff_block *block, const struct boot_inputs *inputs)
{
	block->target =
		inputs->target->word_bytes == 4 ? HANDOFF_TARGET_IA32 : HANDOFF_TARGET_AMD64;
	block->policy = (uint32_t)inputs->policy;
	block->initrd_start_paddr = inputs->initrd.start_paddr;
	block->initrd_end_paddr = inputs->initrd.end_paddr;
}

static void seal_contents(struct handoff_block *block, const struct handoff_contents *contents)
{
	block->firmware_bits = contents->firmware_bits;
	block->at_end = contents->at_end;
	block->uefi_map_bytes = contents->uefi_map_bytes;
	block->uefi_descriptor_bytes = contents->uefi_descriptor_bytes;
	block->uefi_descriptor_version = contents->uefi_descriptor_version;
	block->uefi_map_growth = contents->uefi_map_growth;
	block->rsdp_paddr = contents->rsdp_paddr;
	block->smbios_paddr = contents->smbios_paddr;
	block->smbios3_paddr = contents->smbios3_paddr;
	block->framebuffer = contents->framebuffer;
	block->cmdline_bytes = contents->cmdline_bytes;
	block->exit_attempts = contents->exit_attempts;
	block->kernel_start_paddr = contents->kernel.start_paddr;
	block->kernel_end_paddr = contents->kernel.end_paddr;
	block->kernel_entry_paddr = contents->kernel_entry_paddr;
	block->efi_system_table_paddr = contents->efi_system_table_paddr;
	block->stack_start_paddr = contents->stack.start_paddr;
	block->stack_end_paddr = contents->stack.end_paddr;
	block->page_table_paddr = contents->page_table_paddr;
	block->mapped_end_paddr = contents->mapped_end_paddr;
}

/* Copy a text up to its 0 byte into @bytes bytes that are 0: no rest of an older text gets into the
 * checksum, and the last byte stays 0. */
static void copy_text(char *to, const char *from, size_t bytes)
{
	for (size_t i = 0; i < bytes - 1 && from[i] != 0; i++)
		to[i] = from[i];
}

static void seal_reservation(struct handoff_reservation *wire, const struct reservation *ours)
{
	*wire = (struct handoff_reservation){
		.start_paddr = ours->start_paddr,
		.end_paddr = ours->end_paddr,
		.checksum = ours->is_checked ? ours->checksum : 0,
		.kind = ours->kind,
		.lifetime = ours->lifetime,
	};
	if (ours->origin == ORIGIN_LINUX)
		wire->flags |= HANDOFF_RESERVATION_LINUX;
	if (ours->is_checked)
		wire->flags |= HANDOFF_RESERVATION_CHECKED;
	copy_text(wire->owner, ours->owner, sizeof(wire->owner));
	copy_text(wire->reason, ours->reason, sizeof(wire->reason));
}

/* Puts the command line at @offset; returns where the UEFI map lies. */
static uint64_t seal_cmdline(struct handoff_block *block, paddr_t pages_paddr,
                             const struct handoff_contents *contents)
{
	const uint64_t offset = HANDOFF_BLOCK_BYTES;
	const uint64_t end = handoff_uefi_map_offset(contents->cmdline_bytes);
	char *text = (char *)block + offset;

	memset(text, 0, (size_t)(end - offset));
	if (contents->cmdline_bytes > 0)
		memcpy(text, contents->cmdline, contents->cmdline_bytes);
	block->cmdline_paddr = pages_paddr + offset;
	return end;
}

/* Puts the e820 ranges at @offset; returns where they end. */
static uint64_t seal_e820(struct handoff_block *block, paddr_t pages_paddr, uint64_t offset,
                          const struct e820_map *map)
{
	struct handoff_range *wire = (struct handoff_range *)((char *)block + offset);

	for (size_t i = 0; i < map->n_ranges; i++)
		wire[i] = (struct handoff_range){
			.start_paddr = map->ranges[i].start_paddr,
			.end_paddr = map->ranges[i].end_paddr,
			.type = map->ranges[i].type,
		};
	block->e820_paddr = pages_paddr + offset;
	block->e820_count = (uint32_t)map->n_ranges;
	block->e820_entry_bytes = sizeof(*wire);
	return offset + map->n_ranges * sizeof(*wire);
}

/* Puts the reservations at @offset; returns where they end. */
static uint64_t seal_reservations(struct handoff_block *block, paddr_t pages_paddr, uint64_t offset,
                                  const struct reservation_list *list)
{
	struct handoff_reservation *wire = (struct handoff_reservation *)((char *)block + offset);

	for (size_t i = 0; i < list->n_entries; i++)
		seal_reservation(&wire[i], &list->entries[i]);
	block->reservations_paddr = pages_paddr + offset;
	block->reservations_count = (uint32_t)list->n_entries;
	block->reservations_entry_bytes = sizeof(*wire);
	return offset + list->n_entries * sizeof(*wire);
}

void handoff_seal(void *pages, paddr_t pages_paddr, const struct handoff_contents *contents)
{
	const struct boot_setup *setup = contents->setup;
	struct handoff_block *block = pages;
	uint64_t offset, map_end;

	*block = (struct handoff_block){
		.magic = { HANDOFF_MAGIC_LOW, HANDOFF_MAGIC_HIGH },
		.version_major = HANDOFF_VERSION_MAJOR,
		.version_minor = HANDOFF_VERSION_MINOR,
		.header_bytes = HANDOFF_BLOCK_BYTES,
	};
	seal_inputs(block, setup->inputs);
	seal_node(block, setup);
	seal_contents(block, contents);

	offset = seal_cmdline(block, pages_paddr, contents);
	block->uefi_map_paddr = pages_paddr + offset;
	map_end = offset + contents->uefi_map_bytes;
	offset = align_up(map_end, ARRAY_ALIGN);
	memset((char *)pages + map_end, 0, (size_t)(offset - map_end));
	offset = seal_e820(block, pages_paddr, offset, setup->inputs->e820);
	block->block_bytes = seal_reservations(block, pages_paddr, offset, &setup->reservations);
	block->checksum = handoff_block_checksum(block);
}

/* ---- Checking ---- */

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
	[HANDOFF_BAD_BITMAP_CHECKSUM] = "the checksum of the bitmap is wrong",
	[HANDOFF_BAD_BITMAP_PADDING] = "a bit behind the last page is 0",
	[HANDOFF_BAD_BITMAP_COUNT] =
		"the bitmap does not have the number of free pages that the block says",
};
_Static_assert(sizeof(handoff_err_texts) / sizeof(handoff_err_texts[0]) == HANDOFF_ERR_COUNT,
               "an error has no text");

const char *handoff_err_text(enum handoff_err err)
{
	return (unsigned)err < HANDOFF_ERR_COUNT ? handoff_err_texts[err] : "unknown error";
}

/* Is this a block of a version that we know, whole and undamaged? All else relies on it. */
static enum handoff_err check_seal(const struct handoff_block *block, paddr_t block_paddr,
                                   paddr_t readable_end_paddr)
{
	if (block_paddr % ARRAY_ALIGN != 0 || block_paddr > readable_end_paddr ||
	    readable_end_paddr - block_paddr < HANDOFF_BLOCK_BYTES)
		return HANDOFF_UNREADABLE;
	if (block->magic[0] != HANDOFF_MAGIC_LOW || block->magic[1] != HANDOFF_MAGIC_HIGH)
		return HANDOFF_BAD_MAGIC;
	if (block->version_major != HANDOFF_VERSION_MAJOR)
		return HANDOFF_BAD_VERSION;
	if (block->header_bytes < HANDOFF_BLOCK_BYTES)
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
	if (entry_bytes < known_entry_bytes || entry_bytes % ARRAY_ALIGN != 0 ||
	    paddr % ARRAY_ALIGN != 0)
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
	    block->uefi_map_paddr % ARRAY_ALIGN != 0 ||
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
		.node_written_bits = block->node_bootmem_map_bytes << 3, /* the map is complete */
		.node_first_free = bits_next_zero(bitmap, 0, block->node_low_pfn),
	};
}
