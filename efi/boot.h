/*
 * boot.h - one boot, from the configuration to the kernel's first instruction.
 */
#ifndef EFI_BOOT_H
#define EFI_BOOT_H

#include "efi/config.h"
#include "efi/console.h"
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

struct boot {
	struct firmware firmware;
	struct memory memory;
	EFI_FILE_HANDLE root;
	struct config config;
	struct facts facts;
	struct plan plan;

	const struct boot_target *target;
	struct target_plan *booted; /* the plan of that target */
	struct memmap snapshot;     /* the map at the moment, before the exit */
	struct kernel kernel;

	/* The pages beside kernel and bitmap, and what lies in them where. */
	struct handed_pages handed;
	struct layout layout;
	uint32_t cmdline_bytes;
	struct handed_pages bootmap;

	struct memmap final; /* the map inside the block */
	size_t planned_descriptors;
	struct launch *pad;
};

/*
 * Boot. Returns only with an error, when nothing has been changed for good: it has been reported,
 * and all memory has been given back. (EFI_ABORTED: the user wants back to the firmware.)
 */
EFI_STATUS boot_run(struct boot *boot);

/* For the steps (survey.h, hand_over.h, leave.h): say what failed; returns @status. */
static inline EFI_STATUS boot_fail(const struct boot *boot, EFI_STATUS status, const char *what)
{
	return console_error(&boot->firmware, status, "%s", what);
}

#endif
