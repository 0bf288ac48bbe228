/*
 * memtest.h - fill what the bitmap calls free, all of it, and read it back.
 *
 * Not a test of the memory chips: what is asked is whether any of these pages belongs to somebody.
 * Each 8 bytes get a value of their own address, so that two pages that are one are noticed too.
 */
#ifndef HANDOFF_STUB_MEMTEST_H
#define HANDOFF_STUB_MEMTEST_H

#include <stdbool.h>
#include <stdint.h>

#include "bootmem/bootmem.h"
#include "handoff/stub/progress.h"

/* The number of pages that "stub.memory=SIZE" on the command line allows to be filled (SIZE in
 * bytes, or with K, M or G behind it); UINT64_MAX without it. Pure. */
uint64_t memtest_budget_pages(const char *cmdline);

/* What came of it: @n_pages pages were filled; if one was read back wrong, its first wrong word. */
struct memtest_result {
	uint64_t n_pages;
	bool is_wrong;
	paddr_t paddr;
	uint64_t expected, found;
};

/* Fill @budget_pages of the free pages, spread evenly over all of them, and read them back;
 * @progress hears of it. */
struct memtest_result memtest_run(const bootmem_data_t *bdata, uint64_t budget_pages,
                                  progress_fn *progress);

#endif
