/*
 * literal_setup.h - setup_arch() of Linux 2.6.24, as far as it is about boot memory, told step by
 * step on the allocator of literal_bootmem.h: the expected bitmap for policy linux-2.6.24, from a
 * second source. It is written from the facts about 2.6.24 and not from x86/setup.c, and includes
 * and calls nothing of ours.
 */
#ifndef TESTS_UNIT_LITERAL_SETUP_H
#define TESTS_UNIT_LITERAL_SETUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/literal_bootmem.h"

struct literal_range {
	uint64_t start, end;
	uint32_t type; /* 1: RAM */
};

/* What setup_arch() finds. */
struct literal_machine {
	bool is_amd64, is_amd_k7;
	const struct literal_range *e820; /* sanitized */
	size_t n_e820;
	uint64_t text, end;                  /* of the kernel */
	uint64_t tables_start, tables_end;   /* its first page tables; both 0: none */
	uint64_t ramdisk_image, ramdisk_end; /* both 0: none */
	const void *(*read)(void *context, uint64_t paddr, uint64_t bytes); /* NULL: unreadable */
	void *context;
	/* find_e820_area() returns a start inside a page as it is, and the bitmap is put into the
	 * page. False: it looks from the next page on, as ours does (x86/home.h). */
	bool uses_page_before;
};

/* Where 2.6.24 goes no further; or would, but in memory that is not there. */
enum literal_end {
	LITERAL_DONE,
	LITERAL_NO_RAM,      /* nothing for a bitmap to be about */
	LITERAL_NO_HOME,     /* AMD64: panic, find_e820_area() has found nothing */
	LITERAL_HOME_IS_BAD, /* IA-32: it writes the bitmap where there is no low memory */
	LITERAL_NO_LOW_PAGE, /* panic in alloc_bootmem_low() */
};

struct literal_setup {
	enum literal_end end;
	uint64_t max_pfn;     /* end of RAM, high memory too */
	uint64_t min_low_pfn; /* the bitmap */
	bool drops_initrd;    /* "initrd extends beyond end of memory", and goes on without it */
	bool clips;           /* a reservation ended past memory, which is a BUG_ON() there */
	unsigned long_bytes;
	struct literal_node node; /* its end_pfn is max_low_pfn; with all faults */
};

/* To be given to literal_setup_free(). */
void literal_setup_arch(const struct literal_machine *machine, struct literal_setup *setup);
void literal_setup_free(struct literal_setup *setup);

#endif
