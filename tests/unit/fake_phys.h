/*
 * fake_phys.h - a physical memory for tests: a few regions, and nothing between them.
 *
 * Every read gives out a fresh copy of exactly the bytes that were asked for, at an odd address, so
 * that AddressSanitizer sees each byte read beyond them and UBSan each aligned access. A read
 * that crosses from one region into another is NULL, as is one that leaves a region.
 */
#ifndef TESTS_UNIT_FAKE_PHYS_H
#define TESTS_UNIT_FAKE_PHYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "x86/phys.h"

#define FAKE_PHYS_MOST_REGIONS 32

struct fake_region {
	paddr_t start_paddr;
	uint64_t bytes;
	uint8_t *contents;
};

struct fake_copy {
	struct fake_copy *next;
	uint8_t bytes[];
};

struct fake_phys {
	struct phys_mem phys; /* what the code under test gets */
	struct fake_region regions[FAKE_PHYS_MOST_REGIONS];
	size_t n_regions;
	struct fake_copy *copies;
	size_t n_reads;
};

/* A memory without any. Its context is @fake, which must not move afterwards. */
void fake_phys_init(struct fake_phys *fake);

/* Give up all regions and all copies. */
void fake_phys_free(struct fake_phys *fake);

/* Add a region, all 0, and return its contents, which the test may change at any time. */
uint8_t *fake_phys_add(struct fake_phys *fake, paddr_t start_paddr, uint64_t bytes);

/* The contents at @paddr, which a region must hold. */
uint8_t *fake_phys_at(struct fake_phys *fake, paddr_t paddr);

/* Is all of it in one region? */
bool fake_phys_is_readable(const struct fake_phys *fake, paddr_t start_paddr, uint64_t bytes);

/* Give up the copies that reads made. */
void fake_phys_forget(struct fake_phys *fake);

/* Little-endian numbers into a region. */
void fake_phys_set(uint8_t *at, unsigned width_bytes, uint64_t value);

/* Make the byte at @at + @sum_offset such that all @bytes bytes add up to 0. */
void fake_phys_fix_sum(uint8_t *at, size_t bytes, size_t sum_offset);

#endif
