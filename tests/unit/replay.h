/*
 * replay.h - what Linux 2.6.24 makes of a machine, told step by step: the expected bitmap for
 * policy linux-2.6.24, from a second source.
 *
 * It is written from the facts about 2.6.24 and not from x86/setup.c, and calls nothing of ours:
 * one byte a page, one pass a step, addresses and sizes as the kernel has them.
 */
#ifndef TESTS_UNIT_REPLAY_H
#define TESTS_UNIT_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "x86/setup.h"

/* Where 2.6.24 goes no further; or would, but in memory that is not there. */
enum replay_end {
	REPLAY_DONE,
	REPLAY_NO_RAM,      /* nothing for a bitmap to be about */
	REPLAY_NO_HOME,     /* AMD64: panic, find_e820_area() has found nothing */
	REPLAY_HOME_IS_BAD, /* IA-32: it writes the bitmap where there is no low memory */
	REPLAY_NO_LOW_PAGE, /* panic in alloc_bootmem_low() */
};

struct replay {
	enum replay_end end;
	uint64_t n_pages;      /* max_low_pfn */
	uint64_t max_pfn;      /* end of RAM, high memory too */
	uint64_t home_paddr;   /* the bitmap; AMD64 uses its page, and may mean the middle of one */
	uint64_t wakeup_paddr; /* what acpi_reserve_bootmem() got */
	bool drops_initrd;     /* "initrd extends beyond end of memory", and goes on without it */
	uint8_t *is_reserved;  /* one byte a page: 1 or 0 */
	uint8_t *bitmap;       /* the same as bits, and 1 for the padding */
	uint64_t bitmap_bytes; /* what init_bootmem() returned */
};

/*
 * Run setup_arch() of the kernel that inputs->target names on map, kernel, tables, initrd, CPU and
 * physical memory of @inputs. Nothing else of them is looked at. Where 2.6.24 has BUG_ON() for a
 * reservation past the end of memory, the replay clips it. To be given to replay_free().
 */
void replay_linux(const struct boot_inputs *inputs, struct replay *replay);

void replay_free(struct replay *replay);

#endif
