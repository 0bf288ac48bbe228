/* example.c - a kernel that checks what it was handed, and counts the pages that are free. */
#include "handoff/handoff.h"

void example(struct handoff_block *block);

static void out(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static uint8_t in(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void print(const char *text)
{
	for (; *text != '\0'; text++) {
		out(0x3f8, (uint8_t)*text);
		while ((in(0x3fd) & 0x40) == 0) /* until it is sent; 0xff without a port */
			;
	}
}

static const char *what_is_wrong(struct handoff_block *block, const uint8_t *bitmap)
{
	uint64_t checksum = block->checksum;

	if (block->magic[0] != HANDOFF_MAGIC_LOW || block->magic[1] != HANDOFF_MAGIC_HIGH)
		return "FAIL magic number\n";
	if (block->version_major != HANDOFF_VERSION_MAJOR)
		return "FAIL major version\n";
	block->checksum = 0; /* as which the field counts */
	block->checksum = handoff_checksum(block, block->block_bytes);
	if (block->checksum != checksum)
		return "FAIL checksum of the block\n";
	checksum = handoff_checksum(bitmap, block->node_bootmem_map_bytes);
	return checksum == block->node_bootmem_map_checksum ? NULL
	                                                    : "FAIL checksum of the bitmap\n";
}

static void print_free_pages(uint64_t n_pages, const uint8_t *bitmap)
{
	static char digits[24]; /* filled from behind; the last one stays 0 */
	char *first = digits + sizeof digits - 1;
	unsigned long n_free = 0;

	for (uint64_t pfn = 0; pfn < n_pages; pfn++)
		n_free += (bitmap[pfn / 8] >> pfn % 8 & 1) == 0;
	do
		*--first = (char)('0' + n_free % 10);
	while ((n_free /= 10) > 0);
	print("example: ");
	print(first);
	print(" pages free\n");
}

/* Called by start_amd64.S and start_ia32.S, which halt when it returns. */
void example(struct handoff_block *block)
{
	const uint8_t *bitmap = (const uint8_t *)(uintptr_t)block->node_bootmem_map_paddr;
	const char *wrong = what_is_wrong(block, bitmap);

	if (wrong == NULL)
		print_free_pages(block->node_low_pfn, bitmap);
	print("bootmem: verdict ");
	print(wrong == NULL ? "PASS\n" : wrong);
	if (in(0x402) == 0xe9) /* QEMU's debug console: there may be an isa-debug-exit as well */
		out(0x501, wrong == NULL ? 0x10 : 0x11);
}
