/* seal.c - boot_setup and what the loader knows -> the bytes of the block: see seal.h. */
#include "handoff/load/seal.h"

#include <stddef.h>

#include "bootmem/mem.h"
#include "handoff/block.h"
#include "handoff/load/bitmap_sum.h"
#include "handoff/load/layout.h"

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
ASSERT_SAME(RESERVATION_GATES, HANDOFF_KIND_GATES);
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
	block->node_bootmem_map_checksum = bitmap_sum(bdata, &block->free_pages);
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
	reservation_copy_text(wire->owner, sizeof wire->owner, ours->owner);
	reservation_copy_text(wire->reason, sizeof wire->reason, ours->reason);
}

static void end_text(char *text, size_t bytes)
{
	text[bytes - 1] = '\0';
}

static void seal_answer(struct handoff_block *block)
{
	end_text(block->answer_lines[0], sizeof block->answer_lines[0]);
	end_text(block->answer_lines[1], sizeof block->answer_lines[1]);
	end_text(block->answer_brief, sizeof block->answer_brief);
	end_text(block->answer_to_do, sizeof block->answer_to_do);
	end_text(block->capture_name, sizeof block->capture_name);
}

/* Puts the command line behind the header; returns where the UEFI map lies. */
static uint64_t seal_cmdline(struct handoff_block *block, paddr_t pages_paddr, const char *cmdline)
{
	const uint64_t offset = HANDOFF_BLOCK_BYTES;
	const uint64_t end = layout_uefi_map_offset(block->cmdline_bytes);
	char *text = (char *)block + offset;

	memset(text, 0, (size_t)(end - offset));
	if (block->cmdline_bytes > 0)
		memcpy(text, cmdline, block->cmdline_bytes);
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

void handoff_seal(void *pages, paddr_t pages_paddr, const struct handoff_block *known,
                  const char *cmdline, const struct boot_setup *setup)
{
	struct handoff_block *block = pages;
	uint64_t offset, map_end;

	*block = *known;
	block->magic[0] = HANDOFF_MAGIC_LOW;
	block->magic[1] = HANDOFF_MAGIC_HIGH;
	block->version_major = HANDOFF_VERSION_MAJOR;
	block->version_minor = HANDOFF_VERSION_MINOR;
	block->header_bytes = HANDOFF_BLOCK_BYTES;
	seal_inputs(block, setup->inputs);
	seal_node(block, setup);
	seal_answer(block);

	offset = seal_cmdline(block, pages_paddr, cmdline);
	block->uefi_map_paddr = pages_paddr + offset;
	map_end = offset + block->uefi_map_bytes;
	offset = align_up(map_end, HANDOFF_ARRAY_ALIGN);
	memset((char *)pages + map_end, 0, (size_t)(offset - map_end));
	offset = seal_e820(block, pages_paddr, offset, setup->inputs->e820);
	block->block_bytes = seal_reservations(block, pages_paddr, offset, &setup->reservations);
	block->checksum = handoff_block_checksum(block);
}
