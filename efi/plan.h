/*
 * plan.h - memory map -> e820 -> bitmap of either target, on buffers that are claimed once and are
 * large enough for a later, larger map: what is planned before the exit is done again after it,
 * silently, on the map that the firmware accepted.
 */
#ifndef EFI_PLAN_H
#define EFI_PLAN_H

#include "efi/config.h"
#include "efi/facts.h"
#include "efi/kernel.h"
#include "efi/memory.h"
#include "x86/e820.h"
#include "x86/extensions.h"
#include "x86/setup.h"
#include "x86/uefi_map.h"

/* A kernel as the set-up sees it: what is handed over, piece by piece. */
#define PLAN_PIECES (KERNEL_SEGMENTS + 8)

/* The set-up of one target. */
struct target_plan {
	const struct boot_target *target;
	struct boot_inputs inputs;
	struct boot_setup setup;
};

struct plan {
	struct memory *memory;
	const struct config *config;
	const struct facts *facts;
	size_t most_descriptors; /* what the buffers are large enough for */

	/* The map, and what it becomes. */
	struct uefi_faults faults;
	size_t n_overlaps;
	uint64_t cut_bytes;         /* RAM above mem= or the CPU's address width */
	struct e820_map whole_e820; /* before its RAM was cut: what the firmware gave */
	struct e820_map e820;
	struct e820_map vacant;
	void *scratch;
	size_t scratch_bytes;
	struct extension_facts extension_facts;
	struct reservation_list extensions;
	struct span *mapped; /* what an AMD64 kernel has mapped beside the first 4 GiB */
	size_t n_mapped;

	/* What is handed over; filled in while it is put into place. */
	struct span tables;
	struct span initrd;
	struct span kernel;
	struct reservation pieces[PLAN_PIECES];
	size_t n_pieces;

	/* RAM at or above has no bits in the bitmap that has been put into place; 0: none has. */
	paddr_t bitmap_limit_paddr;

	struct target_plan ia32, amd64;
	struct target_plan *booted; /* one of the two; the other is only shown */
};

/* Claim buffers for maps of up to @most_descriptors descriptors. */
EFI_STATUS plan_init(struct plan *ret_plan, struct memory *memory, const struct config *config,
                     const struct facts *facts, size_t most_descriptors);

/* Translate, sanitize and limit @map; collect the extensions, and what is to be mapped. Silent,
 * allocates nothing. */
enum map_err plan_translate(struct plan *plan, const struct uefi_map *map);

/* Of a translated map: what is free at the moment, beside what firmware and loader use. */
enum map_err plan_find_vacant(struct plan *plan, const struct uefi_map *map);

/* Add what is handed over to the pieces. */
void plan_add_piece(struct plan *plan, enum reservation_kind kind, struct span span,
                    const char *owner, const char *reason);

/*
 * The bitmap of @target, with storage from @storage. When the bitmap has been put somewhere by an
 * earlier run, it stays there.
 */
enum setup_err plan_run(struct plan *plan, struct target_plan *target,
                        void *(*storage)(void *context, paddr_t start_paddr, uint64_t n_pages),
                        void *context);

/* Record checksums of what must not change any more, tables and the initrd, for the kernel. */
void plan_record_checksums(struct plan *plan);

#endif
