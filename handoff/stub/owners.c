/* owners.c - see owners.h. */
#include "handoff/stub/owners.h"

#include "bootmem/count.h"

#define LOW_END_PFN 0x100 /* 1 MiB */

static const struct {
	char letter;
	const char *name;
} owners[] = {
	[OWNER_NONE] = { ' ', "no RAM" },   [OWNER_FREE] = { '.', "free" },
	[OWNER_KERNEL] = { 'K', "kernel" }, [OWNER_HANDED] = { 'H', "hand-off" },
	[OWNER_LOW] = { 'L', "low MiB" },   [OWNER_ACPI] = { 'A', "ACPI" },
	[OWNER_RUNTIME] = { 'U', "UEFI" },  [OWNER_FIRMWARE] = { 'F', "firmware" },
};
_Static_assert(COUNT(owners) == OWNER_COUNT, "an owner has no name");

char owner_letter(enum owner owner)
{
	return owners[owner].letter;
}

const char *owner_name(enum owner owner)
{
	return owners[owner].name;
}

static enum owner owner_of_kind(uint16_t kind)
{
	switch (kind) {
	case HANDOFF_KIND_KERNEL:
	case HANDOFF_KIND_BOOTMAP:
		return OWNER_KERNEL;
	case HANDOFF_KIND_BLOCK:
	case HANDOFF_KIND_STACK:
	case HANDOFF_KIND_PAGE_TABLES:
	case HANDOFF_KIND_GATES:
	case HANDOFF_KIND_INITRD:
		return OWNER_HANDED;
	case HANDOFF_KIND_LOW_MEMORY:
	case HANDOFF_KIND_WAKEUP:
		return OWNER_LOW;
	case HANDOFF_KIND_ACPI:
		return OWNER_ACPI;
	case HANDOFF_KIND_RUNTIME:
		return OWNER_RUNTIME;
	default:
		return OWNER_FIRMWARE;
	}
}

/* UEFI 2.10 §7.2, EFI_MEMORY_TYPE; §7.2.3, the attributes that say how it may be cached. */
#define CACHEABILITY UINT64_C(0xf) /* UC, WC, WT, WB */
#define UNCACHED     UINT64_C(0x1)

static enum owner owner_of_descriptor(const struct naive_descriptor *descriptor)
{
	switch (descriptor->type) {
	case 0: /* reserved: RAM that the firmware keeps, or registers (PCI Express, on OVMF) */
		return (descriptor->attribute & CACHEABILITY) == UNCACHED ? OWNER_NONE
		                                                          : OWNER_FIRMWARE;
	case 5: /* runtime services code, data */
	case 6:
		return OWNER_RUNTIME;
	case 9: /* ACPI reclaim, NVS */
	case 10:
		return OWNER_ACPI;
	case 11: /* memory-mapped I/O, and its port space */
	case 12:
		return OWNER_NONE;
	default:
		return OWNER_FIRMWARE;
	}
}

static enum owner owner_of(const struct naive_view *view, const struct naive_page *page)
{
	struct naive_descriptor descriptor;

	switch (page->why) {
	case NAIVE_FREE:
		return OWNER_FREE;
	case NAIVE_RESERVED:
		return owner_of_kind(naive_reservation(view, page->index)->kind);
	case NAIVE_NOT_RAM:
		if (page->index == NAIVE_NONE)
			return OWNER_NONE;
		descriptor = naive_descriptor(view, page->index);
		return owner_of_descriptor(&descriptor);
	case NAIVE_CUT_OFF:
	case NAIVE_ISA_HOLE:
		break;
	}
	return OWNER_NONE;
}

enum owner owner_at(const struct naive_view *view, pfn_t pfn, pfn_t *ret_until_pfn)
{
	struct naive_page page = naive_page(view, pfn);
	enum owner owner = owner_of(view, &page);

	*ret_until_pfn = page.until_pfn;
	if (pfn >= LOW_END_PFN)
		return owner;
	*ret_until_pfn = min_u64(page.until_pfn, LOW_END_PFN);
	/* All of it is the PC's own business, unless it is free or ours (policy linux-2.6.24). */
	return owner == OWNER_FREE || owner == OWNER_KERNEL || owner == OWNER_HANDED ? owner
	                                                                             : OWNER_LOW;
}
