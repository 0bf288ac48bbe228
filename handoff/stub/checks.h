/*
 * checks.h - the parts of the proof. A check computes and says what came of it; verdict.h prints
 * that. In the order of main.c; check_entry() stands in state.h, check_allocator() in allocator.h.
 */
#ifndef HANDOFF_STUB_CHECKS_H
#define HANDOFF_STUB_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "bootmem/pfn.h"
#include "handoff/handoff.h"
#include "handoff/stub/naive.h"
#include "handoff/stub/outcome.h"
#include "handoff/stub/progress.h"

/* The checks, in the order in which they run. */
enum check_id {
	CHECK_BLOCK,
	CHECK_ENTRY,
	CHECK_LIMITS,
	CHECK_BITMAP,
	CHECK_ALLOCATOR,
	CHECK_MEMORY,
	CHECK_ACPI,
	CHECK_SMBIOS,
	CHECK_INITRD,
	CHECK_OTHERS,
	CHECK_UNCHANGED,
	CHECK_RUNTIME,
	CHECK_COUNT
};

/* What the proof is about. */
struct proof {
	const struct handoff_block *block;
	paddr_t end_paddr; /* nothing at or above it is touched; the first check lowers it */
	uint64_t image_checksum;
	progress_fn *progress;

	/* Filled in by the first check, when it is content. */
	struct naive_view view;
	unsigned char *bitmap;
	const char *cmdline;
};

/* The beginning: the block that start_*.S was given, and the checksum of our own image. */
void proof_init(struct proof *proof, progress_fn *progress);

/* Is there a block at all: its magic number, where memory can be read? */
bool check_is_block(const struct proof *proof);

typedef struct outcome check_fn(struct proof *proof);

check_fn check_block;  /* the block, field by field */
check_fn check_limits; /* max_pfn and so on; e820 against the UEFI map */
check_fn check_bitmap; /* every bit; what must be reserved is */
check_fn check_memory; /* all free pages, filled and read back */
check_fn check_acpi;   /* contents of reservations, by their checksums */
check_fn check_smbios;
check_fn check_initrd;
check_fn check_others;
check_fn check_unchanged; /* block, bitmap and our own image are what they were */
check_fn check_runtime;   /* the firmware's GetTime() */

#endif
