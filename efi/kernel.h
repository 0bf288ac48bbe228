/*
 * kernel.h - an ELF file of the volume -> a kernel in memory, where it belongs or, where the
 * firmware still stands in the way, beside it, with the moves that the launch has to make.
 */
#ifndef EFI_KERNEL_H
#define EFI_KERNEL_H

#include "efi/memory.h"
#include "efi/source.h"
#include "efi/uefi.h"
#include "handoff/launch/launch.h"
#include "handoff/load/elf.h"
#include "x86/e820.h"
#include "x86/target.h"
#include "x86/uefi_map.h"

#define KERNEL_SEGMENTS 64

/* Where it may go. */
struct kernel_room {
	const struct boot_target *target;
	paddr_t limit_paddr;           /* all of it lies below */
	const struct e820_map *e820;   /* sanitized: segments lie in RAM */
	const struct e820_map *vacant; /* the same, with what is in use as not RAM */
	const struct uefi_map *uefi_map;
	uint64_t tail_pages; /* a PIE is put where this much is free behind it too, if it can be */
};

struct kernel {
	struct elf_kernel elf;
	struct span span; /* lowest to highest byte */
	paddr_t entry_paddr;
	struct span segments[KERNEL_SEGMENTS]; /* ascending; those that share a page are one */
	size_t n_segments;
	struct launch_move moves[KERNEL_SEGMENTS]; /* from where it was read to its place */
	size_t n_moves;
};

/*
 * Load the kernel in @source. What is wrong with it is printed, with the file and the reason, and
 * an error returned; memory that was claimed is the ledger's to give back.
 */
EFI_STATUS kernel_load(const struct file_source *source, struct memory *memory,
                       const struct kernel_room *room, struct kernel *ret_kernel);

/* Load all of @source, as it is, somewhere below @limit_paddr; the same for errors. */
EFI_STATUS initrd_load(const struct file_source *source, struct memory *memory, paddr_t limit_paddr,
                       struct span *ret_initrd);

#endif
