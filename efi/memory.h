/*
 * memory.h - pages claimed from the firmware, each noted, so that a boot that fails gives all of
 * them back.
 *
 * Where the place does not matter, it is never below 1 MiB: page 0 is nobody's, and other CPUs need
 * room to start.
 */
#ifndef EFI_MEMORY_H
#define EFI_MEMORY_H

#include "efi/uefi.h"
#include "x86/phys.h"
#include "x86/uefi_map.h"

#define MEMORY_CLAIMS 256
#define MEMORY_FENCES 160 /* a kernel's segments, what the CPU runs on, reserve lines, a few */

struct memory {
	const struct firmware *firmware;
	struct {
		paddr_t start_paddr;
		uint64_t n_pages;
	} claims[MEMORY_CLAIMS];
	unsigned n_claims;
	struct span fences[MEMORY_FENCES];
	unsigned n_fences;
};

/* Claim the @n_pages pages from @start_paddr, as EfiLoaderData; below 1 MiB too. The same for
 * firmware that gives others. */
EFI_STATUS memory_claim_at(struct memory *memory, paddr_t start_paddr, uint64_t n_pages);

/*
 * Claim what @map calls free of the whole pages of @span, lest anything else is put there: a place
 * that something will be moved to, or that only the map calls free. Nothing is written to it. What
 * was given away since, or does not fit into the ledger, stays as it is; what comes free of it
 * later, memory_claim() passes over.
 */
void memory_fence(struct memory *memory, const struct uefi_map *map, struct span span);

/*
 * Claim @n_pages pages of @type (EfiLoaderData, or EfiLoaderCode for what will be run), anywhere
 * from 1 MiB to @limit_paddr but behind no fence, aligned to @align_bytes, a power of two. The
 * firmware picks, usually from the top. EFI_OUT_OF_RESOURCES if there is nothing. Firmware that
 * gives something else than whole pages below the limit is refused by name, with
 * EFI_PROTOCOL_ERROR.
 */
EFI_STATUS memory_claim(struct memory *memory, EFI_MEMORY_TYPE type, uint64_t n_pages,
                        uint64_t align_bytes, paddr_t limit_paddr, paddr_t *ret_start_paddr);

/* The same for this program's own use: data anywhere that it can reach, cleared. NULL if none. */
void *memory_claim_bytes(struct memory *memory, uint64_t bytes);

/*
 * Let the page at @paddr be executed. Firmware may keep it from all memory, EfiLoaderCode too,
 * until it is asked (UEFI 2.10, EFI_MEMORY_ATTRIBUTE_PROTOCOL); if it cannot be asked, nothing is
 * to do.
 */
EFI_STATUS memory_make_executable(const struct memory *memory, paddr_t paddr);

/* Give back the claim number @i, from 0; those behind it count one less then. */
void memory_release(struct memory *memory, unsigned i);

/* Give all claims back but the first @n_kept, the last one first. */
void memory_give_back(struct memory *memory, unsigned n_kept);

/* Reads whatever this program can reach with a pointer, mapped or not. */
extern const struct phys_mem memory_phys;

/* One past the last byte that this program can reach with a pointer. */
paddr_t memory_reach_paddr(void);

/* What lies at @paddr, which this program can reach: firmware maps memory 1:1 (UEFI 2.10 §2.3.2,
 * §2.3.4). */
static inline void *memory_at(paddr_t paddr)
{
	return (void *)(UINTN)paddr;
}

#endif
