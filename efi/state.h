/*
 * state.h - all that there is of one boot: what it has of the firmware, what it is given, what is
 * planned, and what the kernel will get. The steps (boot.c) fill it in from top to bottom; what
 * they are made of takes the part that it needs.
 */
#ifndef EFI_STATE_H
#define EFI_STATE_H

#include "efi/config.h"
#include "efi/facts.h"
#include "efi/kernel.h"
#include "efi/memmap.h"
#include "efi/memory.h"
#include "efi/plan.h"
#include "handoff/launch/launch.h"
#include "handoff/load/layout.h"

/* Pages that are handed over: where they will be, and where they are until then. */
struct handed_pages {
	paddr_t final_paddr;
	void *now; /* the same place, unless the firmware stands there */
	uint64_t n_pages;
};

/* What the kernel gets (hand_over.h). */
struct handed {
	struct kernel kernel;
	uint32_t cmdline_bytes;
	struct layout layout; /* of .pages: block, stack, GDT, page tables */
	struct handed_pages pages;
	struct handed_pages bootmap;
	struct launch *pad;
};

struct boot {
	struct firmware firmware;
	struct memory memory;
	EFI_FILE_HANDLE root;        /* of the volume of bootmem.conf and the captures */
	EFI_FILE_HANDLE loader_root; /* of the one that bootmem came from; NULL: the same */

	struct config config;
	struct facts facts;
	struct memmap snapshot; /* the map at the moment, before the exit */

	struct plan plan;
	struct handed handed;
};

#endif
