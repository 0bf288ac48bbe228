/*
 * state.h - all that there is of one boot: what it has of the firmware, what it is given, what is
 * planned, and what the kernel will get. The steps (boot.c) fill it in from top to bottom; what
 * they are made of takes the part that it needs.
 */
#ifndef EFI_STATE_H
#define EFI_STATE_H

#include "efi/arguments.h"
#include "efi/comparison.h"
#include "efi/config.h"
#include "efi/console.h"
#include "efi/facts.h"
#include "efi/fat.h"
#include "efi/kernel.h"
#include "efi/memmap.h"
#include "efi/memory.h"
#include "efi/plan.h"
#include "efi/remember.h"
#include "efi/screen/answer.h"
#include "efi/screen/display.h"
#include "efi/trust.h"
#include "handoff/launch/launch.h"
#include "handoff/load/gates.h"
#include "handoff/load/layout.h"
#include "x86/pin_block.h"

/* Pages that are handed over: where they will be, and where they are until then. */
struct handed_pages {
	paddr_t final_paddr;
	void *now; /* pages of the firmware's choice: the same, where the place is not given */
	uint64_t n_pages;
};

/* The IDT that the kernel is entered with, and what it leads to, where it will stay (gates.h). */
struct handed_gates {
	struct gates *head; /* NULL: no IDT */
	paddr_t paddr;
	uint64_t n_pages;
};

/* What the kernel gets (hand_over.h). */
struct handed {
	struct kernel kernel;
	uint32_t cmdline_bytes;
	struct layout layout; /* of .pages: block, stack, GDT, page tables */
	struct handed_pages pages;
	struct handed_pages bootmap;
	struct handed_gates gates;
	struct launch *pad;
};

/* Told before the folder of captures is listed (0 of 0), before each capture that has to be read,
 * and after the last one, how many have been read. Not, if .show is NULL. */
struct capture_progress {
	void (*show)(void *context, unsigned n_done, unsigned n_all);
	void *context;
};

/* A file of ours that has been followed through the volume's table, and is sound. */
#define MOST_FOLLOWED 3
struct followed {
	EFI_HANDLE device;
	const char *noun; /* "kernel ", or "" */
	const char *path;
	struct fat_chain chain;
};

/* The block that memory that stays is served from: pin.h. */
struct pinned {
	bool is_held;
	paddr_t paddr;
	uint32_t n_pages;
	struct pin_record last; /* of the last boot; its .version is 0 if it is not known */
};

struct boot {
	struct firmware firmware;
	struct memory memory;
	EFI_FILE_HANDLE root;        /* of the volume of bootmem.conf and the captures */
	EFI_HANDLE device;           /* of .root; that of the other one is in .firmware */
	EFI_FILE_HANDLE loader_root; /* of the one that bootmem came from; NULL: the same */
	struct capture_progress capture_progress;

	struct arguments arguments;
	struct config config;
	struct followed followed[MOST_FOLLOWED]; /* configuration, kernel, initrd */
	unsigned n_followed;
	struct trust trust;
	struct facts facts;
	struct memmap snapshot; /* the map at the moment, before the exit */
	EFI_STATUS first_snapshot;
	UINTN slack_descriptors; /* that it may grow by */
	bool is_outgrown;        /* it has, by more than was planned for: see survey.h */
	bool has_no_map;         /* of facts and plan nothing may be read */
	struct {
		unsigned first_claim, end_claim, n_fences;
	} planned;            /* what planning has claimed, and the fences that were there before */
	struct in_use in_use; /* what the CPU runs on, though the map calls it free */

	struct plan plan;
	struct handed handed;
	uint64_t ticks_per_10ms; /* of the time stamp counter; 0: it cannot be used */

	struct pinned pinned;
	struct remember remember;
	char time[COMPARISON_TIME_BYTES]; /* by the firmware's clock; "": it has none */
	struct comparison comparison;     /* with the captures on the volume */
	struct answer answer;
	struct display display;
	struct message error;
	struct config_error config_error; /* where the configuration is wrong; line 0: nowhere */
};

#endif
