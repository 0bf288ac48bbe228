/* made_block.c - see made_block.h. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include "made_block.h"

#include <stddef.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>

#include "bootmem/bootmem.h"
#include "bootmem/count.h"
#include "handoff/block.h"

#define IS_AMD64   (sizeof(void *) == 8)
#define END_PFN    (MADE_END_PADDR >> 12)
#define MAP_BYTES  (IS_AMD64 ? 0x2028 : 0x2024) /* 0x10103 bits in whole words */
#define RAM        7                            /* EfiConventionalMemory */
#define ACPI       9
#define WRITE_BACK 8

static const char cmdline[] = "stub.memory=1M quiet";

static const struct made_descriptor descriptors[] = {
	{ RAM, 0, 0, 0, 5, WRITE_BACK, 0 },
	{ RAM, 0, MADE_PADDR, 0, 0x100, WRITE_BACK, 0 },
	{ ACPI, 0, MADE_PADDR + 0x100000, 0, 1, WRITE_BACK, 0 },
	{ RAM, 0, MADE_PADDR + 0x101000, 0, 2, WRITE_BACK, 0 },
};

static const struct handoff_range e820[] = {
	{ 0, 0x5000, HANDOFF_E820_RAM, 0 },
	{ MADE_PADDR, MADE_PADDR + 0x100000, HANDOFF_E820_RAM, 0 },
	{ MADE_PADDR + 0x100000, MADE_PADDR + 0x101000, HANDOFF_E820_ACPI, 0 },
	{ MADE_PADDR + 0x101000, MADE_END_PADDR, HANDOFF_E820_RAM, 0 },
};

static const struct handoff_reservation reservations[] = {
	[MADE_PAGE_0] = { .end_paddr = 0x1000, .kind = HANDOFF_KIND_LOW_MEMORY, .owner = "page 0" },
	[MADE_KERNEL] = { .kind = HANDOFF_KIND_KERNEL, .owner = "kernel" },
	[MADE_MAP] = { MADE_MAP_PADDR, MADE_MAP_PADDR, .kind = HANDOFF_KIND_BOOTMAP,
	               .owner = "bootmem" },
	[MADE_BLOCK] = { MADE_BLOCK_PADDR, MADE_BLOCK_PADDR, .kind = HANDOFF_KIND_BLOCK,
	                 .owner = "hand-off block" },
	[MADE_STACK] = { MADE_STACK_PADDR, MADE_STACK_PADDR + 0x4000, .kind = HANDOFF_KIND_STACK,
	                 .owner = "hand-off stack" },
	[MADE_TABLES] = { MADE_TABLES_PADDR, MADE_TABLES_PADDR + 0x1000,
	                  .kind = HANDOFF_KIND_PAGE_TABLES, .owner = "hand-off page tables" },
	[MADE_INITRD] = { MADE_INITRD_PADDR, MADE_INITRD_PADDR + MADE_INITRD_BYTES,
	                  .kind = HANDOFF_KIND_INITRD, .owner = "initrd" },
	[MADE_SMBIOS] = { MADE_SMBIOS_PADDR, MADE_SMBIOS_PADDR + MADE_TABLE_BYTES,
	                  .kind = HANDOFF_KIND_SMBIOS, .owner = "SMBIOS 3" },
	[MADE_OTHER] = { MADE_OTHER_PADDR, MADE_OTHER_PADDR + MADE_TABLE_BYTES,
	                 .kind = HANDOFF_KIND_CONFIGURED, .owner = "a log" },
	[MADE_ACPI] = { MADE_ACPI_PADDR, MADE_ACPI_PADDR + MADE_TABLE_BYTES,
	                .kind = HANDOFF_KIND_ACPI, .owner = "ACPI FACP" },
};

/* What is at MADE_BLOCK_PADDR. */
struct image {
	struct handoff_block block;
	char cmdline[sizeof cmdline];
	_Alignas(8) struct handoff_range e820[COUNT(e820)];
	struct made_descriptor descriptors[COUNT(descriptors)];
	struct handoff_reservation reservations[MADE_RESERVATIONS + 1]; /* and one that is none */
};

static struct image *image(void)
{
	return made_at(MADE_BLOCK_PADDR);
}

struct handoff_reservation *made_reservation(int index)
{
	return &image()->reservations[index];
}

struct handoff_range *made_e820(void)
{
	return image()->e820;
}

struct made_descriptor *made_descriptors(void)
{
	return image()->descriptors;
}

static void make_memory(void)
{
	static void *memory;
	size_t bytes = MADE_END_PADDR - MADE_PADDR;

	if (memory == NULL)
		memory = mmap(made_at(MADE_PADDR), bytes, PROT_READ | PROT_WRITE,
		              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_equal(memory, made_at(MADE_PADDR));
	for (size_t i = 0; i < bytes; i++)
		((uint8_t *)memory)[i] = (uint8_t)(i * 5 + i / 253);
}

static void make_reservations(const void *kernel, uint64_t bytes)
{
	memcpy(image()->reservations, reservations, sizeof reservations);
	made_reservation(MADE_KERNEL)->start_paddr = (uintptr_t)kernel;
	made_reservation(MADE_KERNEL)->end_paddr = (uintptr_t)kernel + bytes;
	made_reservation(MADE_MAP)->end_paddr += MAP_BYTES;
	made_reservation(MADE_BLOCK)->end_paddr += sizeof(struct image);
	*made_reservation(MADE_RESERVATIONS) = (struct handoff_reservation){
		.start_paddr = MADE_ACPI_PADDR,
		.end_paddr = MADE_ACPI_PADDR + 1,
		.kind = HANDOFF_KIND_ACPI,
		.flags = HANDOFF_RESERVATION_CHECKED,
	};
	for (int i = MADE_INITRD; i < MADE_RESERVATIONS; i++) {
		struct handoff_reservation *kept = made_reservation(i);

		kept->flags = HANDOFF_RESERVATION_CHECKED;
		kept->checksum = handoff_checksum(made_at(kept->start_paddr),
		                                  kept->end_paddr - kept->start_paddr);
	}
}

/* Page by page: of RAM, what no reservation touches. */
static void make_bitmap(void)
{
	bootmem_data_t bdata;

	init_bootmem(&bdata, made_at(MADE_MAP_PADDR), MADE_MAP_PADDR >> 12, END_PFN,
	             sizeof(void *));
	for (size_t i = 0; i < COUNT(e820); i++)
		if (e820[i].type == HANDOFF_E820_RAM)
			free_bootmem(&bdata, e820[i].start_paddr, e820[i].end_paddr);
	for (int i = 0; i < MADE_RESERVATIONS; i++)
		if (i != MADE_KERNEL)
			reserve_bootmem(&bdata, made_reservation(i)->start_paddr,
			                made_reservation(i)->end_paddr);
	bootmem_complete(&bdata);
	image()->block.free_pages = bootmem_free_pages(&bdata);
}

static void make_limits(struct handoff_block *block)
{
	block->node_low_pfn = block->max_low_pfn = block->max_pfn = END_PFN;
	block->node_bootmem_map_paddr = MADE_MAP_PADDR;
	block->min_low_pfn = MADE_MAP_PADDR >> 12;
	block->node_bootmem_map_bytes = MAP_BYTES;
}

static void make_arrays(struct handoff_block *block)
{
	memcpy(image()->cmdline, cmdline, sizeof cmdline);
	memcpy(image()->e820, e820, sizeof e820);
	memcpy(image()->descriptors, descriptors, sizeof descriptors);
	block->cmdline_paddr = (uintptr_t)image()->cmdline;
	block->cmdline_bytes = sizeof cmdline - 1;
	block->e820_paddr = (uintptr_t)image()->e820;
	block->e820_count = COUNT(e820);
	block->e820_entry_bytes = sizeof e820[0];
	block->uefi_map_paddr = (uintptr_t)image()->descriptors;
	block->uefi_map_bytes = sizeof descriptors;
	block->uefi_descriptor_bytes = sizeof descriptors[0];
	block->uefi_descriptor_version = 1;
	block->reservations_paddr = (uintptr_t)image()->reservations;
	block->reservations_count = MADE_RESERVATIONS;
	block->reservations_entry_bytes = sizeof(struct handoff_reservation);
}

static void make_places(struct handoff_block *block, const void *kernel, uint64_t bytes)
{
	block->initrd_start_paddr = MADE_INITRD_PADDR;
	block->initrd_end_paddr = MADE_INITRD_PADDR + MADE_INITRD_BYTES;
	block->kernel_start_paddr = block->kernel_entry_paddr = (uintptr_t)kernel;
	block->kernel_end_paddr = (uintptr_t)kernel + bytes;
	block->stack_start_paddr = MADE_STACK_PADDR;
	block->stack_end_paddr = MADE_STACK_PADDR + 0x4000;
	block->page_table_paddr = IS_AMD64 ? MADE_TABLES_PADDR : 0;
	block->mapped_end_paddr = IS_AMD64 ? UINT64_C(1) << 32 : 0;
}

struct handoff_block *made_block(const void *kernel, uint64_t bytes)
{
	struct handoff_block *block = &image()->block;

	make_memory();
	*block = (struct handoff_block){
		.magic = { HANDOFF_MAGIC_LOW, HANDOFF_MAGIC_HIGH },
		.version_major = HANDOFF_VERSION_MAJOR,
		.version_minor = HANDOFF_VERSION_MINOR,
		.header_bytes = sizeof *block,
		.block_bytes = sizeof(struct image),
		.target = IS_AMD64 ? HANDOFF_TARGET_AMD64 : HANDOFF_TARGET_IA32,
		.firmware_bits = 64,
		.exit_attempts = 1,
	};
	make_limits(block);
	make_arrays(block);
	make_places(block, kernel, bytes);
	make_reservations(kernel, bytes);
	make_bitmap();
	made_block_seal();
	return block;
}

void made_block_seal(void)
{
	struct handoff_block *block = &image()->block;

	block->node_bootmem_map_checksum =
		handoff_checksum(made_at(MADE_MAP_PADDR), block->node_bootmem_map_bytes);
	block->checksum = handoff_block_checksum(block);
}
