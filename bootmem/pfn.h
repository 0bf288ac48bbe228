/*
 * pfn.h - the only place where bytes turn into pages.
 *
 * A physical address is always 64 bits wide, on IA-32 too (PAE): 2.6.24 kept byte addresses in
 * `unsigned long' there, and lost everything above 4 GiB. A range is half-open: [start, end).
 */
#ifndef BOOTMEM_PFN_H
#define BOOTMEM_PFN_H

#include <stdint.h>

typedef uint64_t paddr_t; /* physical address, in bytes */
typedef uint64_t pfn_t;   /* page frame number: paddr >> PAGE_SHIFT */

struct span { /* [start, end), in bytes; empty when start == end */
	paddr_t start_paddr;
	paddr_t end_paddr;
};

#define PAGE_SHIFT 12
#define PAGE_BYTES (UINT64_C(1) << PAGE_SHIFT)

/* The page that holds the byte at @paddr. Linux: PFN_DOWN. */
static inline pfn_t pfn_down(paddr_t paddr)
{
	return paddr >> PAGE_SHIFT;
}

/* The first page that starts at or after @paddr. Unlike Linux's PFN_UP it does not wrap to 0 in
 * the last page of the address space. */
static inline pfn_t pfn_up(paddr_t paddr)
{
	return (paddr >> PAGE_SHIFT) + ((paddr & (PAGE_BYTES - 1)) != 0);
}

/* The address of the first byte of page @pfn. */
static inline paddr_t pfn_paddr(pfn_t pfn)
{
	return pfn << PAGE_SHIFT;
}

/* How many pages @bytes bytes take, the last one perhaps in part. */
static inline uint64_t pages_of(uint64_t bytes)
{
	return pfn_up(bytes);
}

/* @value rounded up to a multiple of @align, a power of two. The caller knows that it fits. */
static inline uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline uint64_t align_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

static inline uint64_t distance_u64(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

#endif
