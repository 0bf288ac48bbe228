/* example.c - a kernel that checks what it was handed, and counts the pages that are free. */
#include "handoff/example/serial.h"
#include "handoff/handoff.h"

void example(const struct handoff_block *block);

/* Called by start_amd64.S and start_ia32.S, which halt when it returns. */
void example(const struct handoff_block *block)
{
	const uint8_t *bitmap = (const uint8_t *)(uintptr_t)block->node_bootmem_map_paddr;
	unsigned long n_free = 0;

	if (block->magic[0] != HANDOFF_MAGIC_LOW || block->magic[1] != HANDOFF_MAGIC_HIGH ||
	    block->version_major != HANDOFF_VERSION_MAJOR)
		return print("bootmem: verdict FAIL not a block that this kernel knows\n");
	if (handoff_checksum(bitmap, block->node_bootmem_map_bytes) !=
	    block->node_bootmem_map_checksum)
		return print("bootmem: verdict FAIL checksum of the bitmap\n");
	for (uint64_t pfn = 0; pfn < block->node_low_pfn; pfn++)
		n_free += (bitmap[pfn / 8] >> pfn % 8 & 1) == 0;
	print_free(n_free);
}
