/* layout.c - block, stack, GDT, page tables, one behind the other: see layout.h. */
#include "handoff/load/layout.h"

#include "bootmem/pfn.h"
#include "handoff/block.h"

#define STACK_PAGES 4 /* PROTOCOL.md §2: 16 KiB */
#define GDT_PAGES   1

uint64_t layout_uefi_map_offset(uint32_t cmdline_bytes)
{
	return align_up(HANDOFF_BLOCK_BYTES + (uint64_t)cmdline_bytes + 1, HANDOFF_ARRAY_ALIGN);
}

/* 0 when it is more than a block can have. */
static uint64_t block_bytes_of(const struct layout_needs *needs)
{
	const uint64_t limit = HANDOFF_MAX_BLOCK_BYTES;
	uint64_t bytes = layout_uefi_map_offset(needs->cmdline_bytes);

	/* None of them can be the one that makes the sum wrap. */
	if (needs->uefi_map_bytes > limit || needs->n_e820_ranges > limit ||
	    needs->n_reservations > limit)
		return 0;
	bytes += align_up(needs->uefi_map_bytes, HANDOFF_ARRAY_ALIGN);
	bytes += needs->n_e820_ranges * sizeof(struct handoff_range);
	bytes += needs->n_reservations * sizeof(struct handoff_reservation);
	return bytes <= limit ? bytes : 0;
}

bool layout_of(const struct layout_needs *needs, struct layout *ret_layout)
{
	const uint64_t block_bytes = block_bytes_of(needs);
	const pfn_t stack = pages_of(block_bytes);
	const pfn_t gdt = stack + STACK_PAGES, page_tables = gdt + GDT_PAGES;

	*ret_layout = (struct layout){
		.uefi_map_offset = layout_uefi_map_offset(needs->cmdline_bytes),
		.block_bytes = block_bytes,
		.stack_offset = pfn_paddr(stack),
		.gdt_offset = pfn_paddr(gdt),
		.page_tables_offset = pfn_paddr(page_tables),
		.page_table_pages = needs->page_table_pages,
		.n_pages = page_tables + needs->page_table_pages,
	};
	return block_bytes != 0 && needs->page_table_pages <= LAYOUT_MAX_PAGES - page_tables;
}
