/* SPDX-License-Identifier: 0BSD */
/*
 * handoff.h - what bootmem hands to a kernel: the block, and the state of the CPU at its entry.
 *
 * PROTOCOL.md beside this file is the normative text; the two are all that a kernel needs. C11 and
 * later, C++11 and later, and (constants only) assembly. Every field has a fixed width and lies on
 * a multiple of it, so the layout is the same for 32-bit and 64-bit kernels and for host tools. All
 * values are little-endian. Addresses are physical, page frame numbers are address / 4096, ranges
 * are half-open: [start, end).
 */
#ifndef HANDOFF_HANDOFF_H
#define HANDOFF_HANDOFF_H

/* "BOOTMEM1", the first eight bytes of the block. */
#define HANDOFF_MAGIC_LOW  0x544f4f42
#define HANDOFF_MAGIC_HIGH 0x314d454d

/* In EAX when an IA-32 kernel is entered (EBX: address of the block). "BTM2". */
#define HANDOFF_ENTRY_MAGIC 0x324d5442

/* A kernel accepts a block of its own major version; a higher minor version only adds fields at the
 * end of a structure, whose size is in the block. */
#define HANDOFF_VERSION_MAJOR 1
#define HANDOFF_VERSION_MINOR 1

/* handoff_block.target */
#define HANDOFF_TARGET_IA32  1
#define HANDOFF_TARGET_AMD64 2

/* handoff_block.policy */
#define HANDOFF_POLICY_SAFE  0
#define HANDOFF_POLICY_LINUX 1 /* linux-2.6.24 */

/* handoff_block.at_end: what the user wants a kernel to do that has nothing more to do. */
#define HANDOFF_END_HALT     0
#define HANDOFF_END_RESET    1
#define HANDOFF_END_POWEROFF 2

/* handoff_block.answer: this boot's memory map beside those of the machine's earlier boots. */
#define HANDOFF_ANSWER_NONE      0 /* nobody asked */
#define HANDOFF_ANSWER_FAILED    1 /* it could not be compared */
#define HANDOFF_ANSWER_FIRST     2 /* there is no earlier boot */
#define HANDOFF_ANSWER_UNCHANGED 3
#define HANDOFF_ANSWER_CHANGED   4

/* handoff_block.secure_boot: what the firmware says. */
#define HANDOFF_SECURE_BOOT_UNKNOWN 0 /* nothing */
#define HANDOFF_SECURE_BOOT_OFF     1
#define HANDOFF_SECURE_BOOT_ON      2
#define HANDOFF_SECURE_BOOT_SETUP   3 /* off, as it has no keys yet */

/* handoff_block.sums: which of the sums are there. */
#define HANDOFF_SUM_KERNEL 0x1
#define HANDOFF_SUM_INITRD 0x2

/* handoff_range.type: e820 numbers. */
#define HANDOFF_E820_RAM           1
#define HANDOFF_E820_RESERVED      2
#define HANDOFF_E820_ACPI          3
#define HANDOFF_E820_NVS           4
#define HANDOFF_E820_UNUSABLE      5
#define HANDOFF_E820_PMEM          7
#define HANDOFF_E820_SOFT_RESERVED 0xefffffff

/* handoff_reservation.kind: what lies there. */
#define HANDOFF_KIND_KERNEL        1 /* a segment of the kernel */
#define HANDOFF_KIND_BOOTMAP       2 /* the bitmap itself */
#define HANDOFF_KIND_BLOCK         3 /* the block and all that it points into */
#define HANDOFF_KIND_STACK         4 /* the stack at entry */
#define HANDOFF_KIND_PAGE_TABLES   5 /* AMD64: the page tables at entry, and the GDT for both */
#define HANDOFF_KIND_INITRD        6
#define HANDOFF_KIND_LOW_MEMORY    7  /* page 0, EBDA, trampoline pages, VGA window */
#define HANDOFF_KIND_WAKEUP        8  /* page(s) for the ACPI wake-up code */
#define HANDOFF_KIND_SMP_CONFIG    9  /* MP floating pointer, MP configuration table */
#define HANDOFF_KIND_ACPI          10 /* an ACPI table, RSDP and FACS among them */
#define HANDOFF_KIND_SMBIOS        11
#define HANDOFF_KIND_FRAMEBUFFER   12
#define HANDOFF_KIND_RUNTIME       13 /* UEFI runtime services code or data */
#define HANDOFF_KIND_BOOT_SERVICES 14 /* kept because the configuration says so */
#define HANDOFF_KIND_CONFIGURED    15 /* a `reserve' line of the configuration */
#define HANDOFF_KIND_GATES         16 /* from 1.1: the IDT at entry, and the handler it leads to */

/* handoff_reservation.lifetime: when the kernel may free it. */
#define HANDOFF_LIFETIME_FOREVER 0 /* never: firmware or hardware uses it */
#define HANDOFF_LIFETIME_BOOT    1 /* when the kernel itself no longer uses it */
#define HANDOFF_LIFETIME_ACPI    2 /* when the ACPI tables have been read */

/* handoff_reservation.flags */
#define HANDOFF_RESERVATION_LINUX   0x0001 /* 2.6.24 reserves it too; else it is an extension */
#define HANDOFF_RESERVATION_CHECKED 0x0002 /* .checksum holds the checksum of its contents */

/* handoff_framebuffer.format: the bytes of a pixel, lowest address first. */
#define HANDOFF_FORMAT_NONE 0 /* no framebuffer */
#define HANDOFF_FORMAT_RGBX 1
#define HANDOFF_FORMAT_BGRX 2
#define HANDOFF_FORMAT_MASK 3 /* 32-bit pixels by the masks */

/* Offsets into the block, for assembly; asserted below. */
#define HANDOFF_OFFSET_MAGIC                  0x0
#define HANDOFF_OFFSET_VERSION_MAJOR          0x8
#define HANDOFF_OFFSET_HEADER_BYTES           0xc
#define HANDOFF_OFFSET_BLOCK_BYTES            0x10
#define HANDOFF_OFFSET_CHECKSUM               0x18
#define HANDOFF_OFFSET_TARGET                 0x20
#define HANDOFF_OFFSET_NODE_LOW_PFN           0x38
#define HANDOFF_OFFSET_NODE_BOOTMEM_MAP_PADDR 0x58
#define HANDOFF_OFFSET_NODE_BOOTMEM_MAP_BYTES 0x60
#define HANDOFF_OFFSET_FREE_PAGES             0x70
#define HANDOFF_OFFSET_MAX_PFN                0x88
#define HANDOFF_OFFSET_E820_PADDR             0x90
#define HANDOFF_OFFSET_E820_COUNT             0x98
#define HANDOFF_OFFSET_UEFI_MAP_PADDR         0xa0
#define HANDOFF_OFFSET_UEFI_MAP_BYTES         0xa8
#define HANDOFF_OFFSET_UEFI_DESCRIPTOR_BYTES  0xac
#define HANDOFF_OFFSET_RESERVATIONS_PADDR     0xb8
#define HANDOFF_OFFSET_RESERVATIONS_COUNT     0xc0
#define HANDOFF_OFFSET_RSDP_PADDR             0xc8
#define HANDOFF_OFFSET_FRAMEBUFFER            0xe0
#define HANDOFF_OFFSET_CMDLINE_PADDR          0x110
#define HANDOFF_OFFSET_INITRD_START_PADDR     0x120
#define HANDOFF_OFFSET_INITRD_END_PADDR       0x128
#define HANDOFF_OFFSET_KERNEL_START_PADDR     0x130
#define HANDOFF_OFFSET_KERNEL_END_PADDR       0x138
#define HANDOFF_OFFSET_STACK_END_PADDR        0x158
#define HANDOFF_OFFSET_PAGE_TABLE_PADDR       0x160
#define HANDOFF_OFFSET_ANSWER                 0x170
#define HANDOFF_OFFSET_SECURE_BOOT            0x2f8
#define HANDOFF_BLOCK_BYTES_1_0               0x170 /* what a block of version 1.0 has */
#define HANDOFF_BLOCK_BYTES                   0x340

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>

/* A range of the sanitized e820 map: sorted by address, without overlaps, neighbours of one type
 * merged (soft reserved ones excepted). */
struct handoff_range {
	uint64_t start_paddr;
	uint64_t end_paddr;
	uint32_t type; /* HANDOFF_E820_*, or another number of the firmware's: not RAM */
	uint32_t reserved;
};

/* A range that the bitmap has as reserved though it may be RAM, and why. */
struct handoff_reservation {
	uint64_t start_paddr; /* as asked for: bytes. The bitmap rounds outward to pages */
	uint64_t end_paddr;
	uint64_t checksum; /* handoff_checksum() of the bytes, where CHECKED says so */
	uint16_t kind;     /* HANDOFF_KIND_* */
	uint16_t lifetime; /* HANDOFF_LIFETIME_* */
	uint32_t flags;    /* HANDOFF_RESERVATION_* */
	char owner[24];    /* whose it is, "ACPI FACP" say; ends in a 0 byte */
	char reason[72];   /* why, in words; ends in a 0 byte */
};

struct handoff_framebuffer {
	uint64_t paddr;
	uint64_t bytes;
	uint32_t width; /* in pixels */
	uint32_t height;
	uint32_t pitch_bytes; /* from one line to the next */
	uint32_t format;      /* HANDOFF_FORMAT_* */
	uint32_t red_mask;    /* all formats have them filled in */
	uint32_t green_mask;
	uint32_t blue_mask;
	uint32_t reserved;
};

struct handoff_block {
	/* The block itself. */
	uint32_t magic[2]; /* HANDOFF_MAGIC_LOW, HANDOFF_MAGIC_HIGH */
	uint16_t version_major;
	uint16_t version_minor;
	uint32_t header_bytes; /* of this structure, as the loader knows it */
	uint64_t block_bytes;  /* of all: this structure and the arrays that follow it */
	uint64_t checksum; /* handoff_checksum() over block_bytes bytes, this field taken as 0 */
	uint32_t target;   /* HANDOFF_TARGET_* */
	uint32_t firmware_bits; /* 32 or 64: the width of the UEFI firmware */
	uint32_t policy;        /* HANDOFF_POLICY_* */
	uint32_t at_end;        /* HANDOFF_END_* */

	/* bootmem_data_t of Linux 2.6.24, and the limits that setup_arch() computes. */
	uint64_t node_boot_start; /* always 0 */
	uint64_t node_low_pfn;    /* pages that the bitmap is about: 0 up to this one */
	uint64_t last_offset;
	uint64_t last_pos;
	uint64_t last_success;
	uint64_t node_bootmem_map_paddr; /* the bitmap: bit n is page n, 1 = reserved */
	uint64_t node_bootmem_map_bytes; /* whole words: of 4 bytes for IA-32, 8 for AMD64 */
	uint64_t node_bootmem_map_checksum;
	uint64_t free_pages;  /* bits that are 0 */
	uint64_t min_low_pfn; /* first page of the bitmap */
	uint64_t max_low_pfn; /* end of low memory: = node_low_pfn */
	uint64_t max_pfn;     /* end of the highest RAM page, low or not */

	/* What the bitmap was made of. */
	uint64_t e820_paddr; /* handoff_range[e820_count] */
	uint32_t e820_count;
	uint32_t e820_entry_bytes;
	uint64_t uefi_map_paddr; /* the map that ExitBootServices() accepted, raw */
	uint32_t uefi_map_bytes;
	uint32_t uefi_descriptor_bytes; /* the stride: larger than the structure of the spec */
	uint32_t uefi_descriptor_version;
	uint32_t uefi_map_growth;    /* descriptors more than when the boot was planned */
	uint64_t reservations_paddr; /* handoff_reservation[reservations_count] */
	uint32_t reservations_count;
	uint32_t reservations_entry_bytes;

	/* Where things are; 0 where there is none. */
	uint64_t rsdp_paddr;
	uint64_t smbios_paddr;  /* 32-bit entry point (_SM_) */
	uint64_t smbios3_paddr; /* 64-bit entry point (_SM3_) */
	struct handoff_framebuffer framebuffer;
	uint64_t cmdline_paddr; /* a string that ends in a 0 byte; never 0, the string may be empty
	                         */
	uint32_t cmdline_bytes; /* without the 0 byte */
	uint32_t exit_attempts; /* calls of ExitBootServices() that it took: 1 or more */
	uint64_t initrd_start_paddr;
	uint64_t initrd_end_paddr;
	uint64_t kernel_start_paddr; /* lowest and highest byte of the kernel's segments */
	uint64_t kernel_end_paddr;
	uint64_t kernel_entry_paddr;
	uint64_t efi_system_table_paddr;
	uint64_t stack_start_paddr; /* the stack at entry */
	uint64_t stack_end_paddr;
	uint64_t page_table_paddr; /* AMD64: CR3 at entry */
	uint64_t mapped_end_paddr; /* AMD64: one past the highest address that is mapped */

	/* From version 1.1 on: is the map that of earlier boots? In words, for people: printable
	 * ASCII, each text ends in a 0 byte and may be empty. */
	uint32_t answer; /* HANDOFF_ANSWER_* */
	uint32_t reserved_1_1;
	char answer_lines[2][72]; /* "since 27 Nov 13:22 (docked)." and what follows from it */
	char answer_brief[80];    /* all of it in one line */
	char answer_to_do[144];   /* what to do about it */
	char capture_name[16];    /* "0002.map": the file that was written of this boot */

	/* Is what was loaded what was meant? Sums are taken where somebody asks for them. */
	uint32_t secure_boot;      /* HANDOFF_SECURE_BOOT_* */
	uint32_t sums;             /* HANDOFF_SUM_*, or-ed */
	uint8_t kernel_sha256[32]; /* of the files: SHA-256 (FIPS 180-4) */
	uint8_t initrd_sha256[32];
};

/*
 * The checksum of the block, of the bitmap and of what reservations keep: the sum of the 32-bit
 * little-endian words, and the sum of those sums, both modulo 2^32, in the low and the high half. A
 * last part of a word counts as padded with 0.
 */
static inline uint64_t handoff_checksum(const void *start, uint64_t bytes)
{
	const unsigned char *p = (const unsigned char *)start;
	uint32_t sum = 0, sums = 0;

	for (; bytes >= 4; bytes -= 4, p += 4) {
		sum += p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
		sums += sum;
	}
	if (bytes > 0) {
		sum += p[0];
		if (bytes > 1)
			sum += (uint32_t)p[1] << 8;
		if (bytes > 2)
			sum += (uint32_t)p[2] << 16;
		sums += sum;
	}
	return (uint64_t)sums << 32 | sum;
}

#ifdef __cplusplus
#define HANDOFF_ASSERT(condition, text) static_assert(condition, text)
#else
#define HANDOFF_ASSERT(condition, text) _Static_assert(condition, text)
#endif
#define HANDOFF_ASSERT_OFFSET(type, field, offset) \
	HANDOFF_ASSERT(offsetof(struct type, field) == (offset), #field " has moved")

HANDOFF_ASSERT_OFFSET(handoff_range, start_paddr, 0x0);
HANDOFF_ASSERT_OFFSET(handoff_range, end_paddr, 0x8);
HANDOFF_ASSERT_OFFSET(handoff_range, type, 0x10);
HANDOFF_ASSERT_OFFSET(handoff_range, reserved, 0x14);
HANDOFF_ASSERT(sizeof(struct handoff_range) == 0x18, "handoff_range has changed its size");

HANDOFF_ASSERT_OFFSET(handoff_reservation, start_paddr, 0x0);
HANDOFF_ASSERT_OFFSET(handoff_reservation, end_paddr, 0x8);
HANDOFF_ASSERT_OFFSET(handoff_reservation, checksum, 0x10);
HANDOFF_ASSERT_OFFSET(handoff_reservation, kind, 0x18);
HANDOFF_ASSERT_OFFSET(handoff_reservation, lifetime, 0x1a);
HANDOFF_ASSERT_OFFSET(handoff_reservation, flags, 0x1c);
HANDOFF_ASSERT_OFFSET(handoff_reservation, owner, 0x20);
HANDOFF_ASSERT_OFFSET(handoff_reservation, reason, 0x38);
HANDOFF_ASSERT(sizeof(struct handoff_reservation) == 0x80,
               "handoff_reservation has changed its size");

HANDOFF_ASSERT_OFFSET(handoff_framebuffer, paddr, 0x0);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, bytes, 0x8);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, width, 0x10);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, height, 0x14);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, pitch_bytes, 0x18);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, format, 0x1c);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, red_mask, 0x20);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, green_mask, 0x24);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, blue_mask, 0x28);
HANDOFF_ASSERT_OFFSET(handoff_framebuffer, reserved, 0x2c);
HANDOFF_ASSERT(sizeof(struct handoff_framebuffer) == 0x30,
               "handoff_framebuffer has changed its size");

HANDOFF_ASSERT_OFFSET(handoff_block, magic, HANDOFF_OFFSET_MAGIC);
HANDOFF_ASSERT_OFFSET(handoff_block, version_major, HANDOFF_OFFSET_VERSION_MAJOR);
HANDOFF_ASSERT_OFFSET(handoff_block, version_minor, 0xa);
HANDOFF_ASSERT_OFFSET(handoff_block, header_bytes, HANDOFF_OFFSET_HEADER_BYTES);
HANDOFF_ASSERT_OFFSET(handoff_block, block_bytes, HANDOFF_OFFSET_BLOCK_BYTES);
HANDOFF_ASSERT_OFFSET(handoff_block, checksum, HANDOFF_OFFSET_CHECKSUM);
HANDOFF_ASSERT_OFFSET(handoff_block, target, HANDOFF_OFFSET_TARGET);
HANDOFF_ASSERT_OFFSET(handoff_block, firmware_bits, 0x24);
HANDOFF_ASSERT_OFFSET(handoff_block, policy, 0x28);
HANDOFF_ASSERT_OFFSET(handoff_block, at_end, 0x2c);
HANDOFF_ASSERT_OFFSET(handoff_block, node_boot_start, 0x30);
HANDOFF_ASSERT_OFFSET(handoff_block, node_low_pfn, HANDOFF_OFFSET_NODE_LOW_PFN);
HANDOFF_ASSERT_OFFSET(handoff_block, last_offset, 0x40);
HANDOFF_ASSERT_OFFSET(handoff_block, last_pos, 0x48);
HANDOFF_ASSERT_OFFSET(handoff_block, last_success, 0x50);
HANDOFF_ASSERT_OFFSET(handoff_block, node_bootmem_map_paddr, HANDOFF_OFFSET_NODE_BOOTMEM_MAP_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, node_bootmem_map_bytes, HANDOFF_OFFSET_NODE_BOOTMEM_MAP_BYTES);
HANDOFF_ASSERT_OFFSET(handoff_block, node_bootmem_map_checksum, 0x68);
HANDOFF_ASSERT_OFFSET(handoff_block, free_pages, HANDOFF_OFFSET_FREE_PAGES);
HANDOFF_ASSERT_OFFSET(handoff_block, min_low_pfn, 0x78);
HANDOFF_ASSERT_OFFSET(handoff_block, max_low_pfn, 0x80);
HANDOFF_ASSERT_OFFSET(handoff_block, max_pfn, HANDOFF_OFFSET_MAX_PFN);
HANDOFF_ASSERT_OFFSET(handoff_block, e820_paddr, HANDOFF_OFFSET_E820_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, e820_count, HANDOFF_OFFSET_E820_COUNT);
HANDOFF_ASSERT_OFFSET(handoff_block, e820_entry_bytes, 0x9c);
HANDOFF_ASSERT_OFFSET(handoff_block, uefi_map_paddr, HANDOFF_OFFSET_UEFI_MAP_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, uefi_map_bytes, HANDOFF_OFFSET_UEFI_MAP_BYTES);
HANDOFF_ASSERT_OFFSET(handoff_block, uefi_descriptor_bytes, HANDOFF_OFFSET_UEFI_DESCRIPTOR_BYTES);
HANDOFF_ASSERT_OFFSET(handoff_block, uefi_descriptor_version, 0xb0);
HANDOFF_ASSERT_OFFSET(handoff_block, uefi_map_growth, 0xb4);
HANDOFF_ASSERT_OFFSET(handoff_block, reservations_paddr, HANDOFF_OFFSET_RESERVATIONS_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, reservations_count, HANDOFF_OFFSET_RESERVATIONS_COUNT);
HANDOFF_ASSERT_OFFSET(handoff_block, reservations_entry_bytes, 0xc4);
HANDOFF_ASSERT_OFFSET(handoff_block, rsdp_paddr, HANDOFF_OFFSET_RSDP_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, smbios_paddr, 0xd0);
HANDOFF_ASSERT_OFFSET(handoff_block, smbios3_paddr, 0xd8);
HANDOFF_ASSERT_OFFSET(handoff_block, framebuffer, HANDOFF_OFFSET_FRAMEBUFFER);
HANDOFF_ASSERT_OFFSET(handoff_block, cmdline_paddr, HANDOFF_OFFSET_CMDLINE_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, cmdline_bytes, 0x118);
HANDOFF_ASSERT_OFFSET(handoff_block, exit_attempts, 0x11c);
HANDOFF_ASSERT_OFFSET(handoff_block, initrd_start_paddr, HANDOFF_OFFSET_INITRD_START_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, initrd_end_paddr, HANDOFF_OFFSET_INITRD_END_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, kernel_start_paddr, HANDOFF_OFFSET_KERNEL_START_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, kernel_end_paddr, HANDOFF_OFFSET_KERNEL_END_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, kernel_entry_paddr, 0x140);
HANDOFF_ASSERT_OFFSET(handoff_block, efi_system_table_paddr, 0x148);
HANDOFF_ASSERT_OFFSET(handoff_block, stack_start_paddr, 0x150);
HANDOFF_ASSERT_OFFSET(handoff_block, stack_end_paddr, HANDOFF_OFFSET_STACK_END_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, page_table_paddr, HANDOFF_OFFSET_PAGE_TABLE_PADDR);
HANDOFF_ASSERT_OFFSET(handoff_block, mapped_end_paddr, 0x168);
HANDOFF_ASSERT_OFFSET(handoff_block, answer, HANDOFF_OFFSET_ANSWER);
HANDOFF_ASSERT_OFFSET(handoff_block, reserved_1_1, 0x174);
HANDOFF_ASSERT_OFFSET(handoff_block, answer_lines, 0x178);
HANDOFF_ASSERT_OFFSET(handoff_block, answer_brief, 0x208);
HANDOFF_ASSERT_OFFSET(handoff_block, answer_to_do, 0x258);
HANDOFF_ASSERT_OFFSET(handoff_block, capture_name, 0x2e8);
HANDOFF_ASSERT_OFFSET(handoff_block, secure_boot, HANDOFF_OFFSET_SECURE_BOOT);
HANDOFF_ASSERT_OFFSET(handoff_block, sums, 0x2fc);
HANDOFF_ASSERT_OFFSET(handoff_block, kernel_sha256, 0x300);
HANDOFF_ASSERT_OFFSET(handoff_block, initrd_sha256, 0x320);
HANDOFF_ASSERT(sizeof(struct handoff_block) == HANDOFF_BLOCK_BYTES,
               "handoff_block has changed its size");

#endif /* __ASSEMBLER__ */
#endif
