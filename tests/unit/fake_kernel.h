/*
 * fake_kernel.h - ELF files for tests of a loader: two segments of bytes that say where in the file
 * they are from, with a page between, and memory behind the second that the file says nothing of.
 */
#ifndef TESTS_UNIT_FAKE_KERNEL_H
#define TESTS_UNIT_FAKE_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

#define FAKE_KERNEL_FILE_BYTES  0x4000
#define FAKE_KERNEL_PADDR       UINT64_C(0x10400000) /* where it usually goes */
#define FAKE_KERNEL_DATA_OFFSET UINT64_C(0x3000)     /* of the second segment, in memory and file */
#define FAKE_KERNEL_CODE_BYTES  0x1800               /* of the first, from 0x1000 of the file */
#define FAKE_KERNEL_DATA_BYTES  0x0400
#define FAKE_KERNEL_BSS_BYTES   0x2200
#define FAKE_KERNEL_ENTRY       4

/* What is at an offset of such a file, headers excepted. */
uint8_t fake_kernel_byte(size_t offset);

/* The same bytes, of any length. */
void fake_kernel_fill(uint8_t *bytes, size_t n_bytes);

/* A file of FAKE_KERNEL_FILE_BYTES: ELF64 for x86-64 or ELF32 for the 386, ET_EXEC or ET_DYN, from
 * @start_paddr on. */
void fake_kernel_build(uint8_t *file, bool is_64, uint16_t file_type, paddr_t start_paddr);

/* Is all of it at @image, as it will run? NULL, or a text of what is not. */
const char *fake_kernel_fault(const uint8_t *image);

#endif
