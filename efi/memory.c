/* memory.c - the ledger of claimed pages: see memory.h. */
#include "efi/memory.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "x86/phys.h"

#define LOW_MEGABYTE_PAGES 256
#define NEAR_BYTES         (UINT64_C(16) << 20) /* a fence may be larger than can be tried */

/* UEFI 2.10, EFI_MEMORY_ATTRIBUTE_PROTOCOL: gnu-efi does not know it yet. */
typedef EFI_STATUS(EFIAPI clear_attributes_fn)(VOID *this, EFI_PHYSICAL_ADDRESS start_paddr,
                                               UINT64 bytes, UINT64 attributes);

struct memory_attribute_protocol {
	VOID *get_attributes, *set_attributes;
	clear_attributes_fn *clear_attributes;
};

static EFI_GUID memory_attribute_guid = {
	0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 }
};

paddr_t memory_reach_paddr(void)
{
	return sizeof(UINTN) == 8 ? UINT64_C(1) << 47 : UINT64_C(1) << 32;
}

static const void *read_direct(void *context, paddr_t start_paddr, uint64_t bytes)
{
	(void)context;
	if (bytes > memory_reach_paddr() || start_paddr > memory_reach_paddr() - bytes)
		return NULL;
	return memory_at(start_paddr);
}

const struct phys_mem memory_phys = { .read = read_direct };

static EFI_STATUS note(struct memory *memory, paddr_t start_paddr, uint64_t n_pages)
{
	if (memory->n_claims == MEMORY_CLAIMS) {
		memory->firmware->boot_services->FreePages(start_paddr, (UINTN)n_pages);
		return EFI_OUT_OF_RESOURCES;
	}
	memory->claims[memory->n_claims].start_paddr = start_paddr;
	memory->claims[memory->n_claims++].n_pages = n_pages;
	return EFI_SUCCESS;
}

/* What the firmware gave is not what it was asked for: it would lie on somebody else's. */
static EFI_STATUS refuse_given(const struct firmware *firmware, paddr_t paddr, uint64_t n_pages,
                               const char *where, paddr_t asked_paddr)
{
	firmware->boot_services->FreePages(paddr, (UINTN)n_pages);
	return console_error(firmware, EFI_PROTOCOL_ERROR,
	                     "the firmware was asked for 0x%llx pages %s 0x%llx, and gave 0x%llx",
	                     (ull)n_pages, where, (ull)asked_paddr, (ull)paddr);
}

EFI_STATUS memory_claim_at(struct memory *memory, paddr_t start_paddr, uint64_t n_pages)
{
	EFI_PHYSICAL_ADDRESS paddr = start_paddr;
	EFI_STATUS status;

	if (n_pages > (UINTN)-1)
		return EFI_OUT_OF_RESOURCES;
	status = memory->firmware->boot_services->AllocatePages(AllocateAddress, EfiLoaderData,
	                                                        (UINTN)n_pages, &paddr);
	if (!EFI_ERROR(status) && paddr != start_paddr)
		return refuse_given(memory->firmware, paddr, n_pages, "at", start_paddr);
	return EFI_ERROR(status) ? status : note(memory, start_paddr, n_pages);
}

/* Whole pages, and no byte of them above @last_paddr? */
static bool is_below(paddr_t paddr, uint64_t n_pages, paddr_t last_paddr)
{
	return paddr % PAGE_BYTES == 0 && paddr <= last_paddr &&
	       pfn_paddr(n_pages) - 1 <= last_paddr - paddr;
}

/*
 * Allocate pages that end at or below *paddr, but none in the low megabyte, from which firmware may
 * take them all the same (the choice is its own, UEFI 2.10 §7.2.1). Those are kept until it has
 * given others, lest it gives them again.
 */
static EFI_STATUS allocate_above_low(const struct firmware *firmware, EFI_MEMORY_TYPE type,
                                     UINTN n_pages, EFI_PHYSICAL_ADDRESS *paddr)
{
	EFI_BOOT_SERVICES *bs = firmware->boot_services;
	const EFI_PHYSICAL_ADDRESS last_paddr = *paddr;
	uint8_t low_pfns[LOW_MEGABYTE_PAGES];
	unsigned n_low = 0;
	EFI_STATUS status;
	bool is_low;

	do {
		*paddr = last_paddr;
		status = bs->AllocatePages(AllocateMaxAddress, type, n_pages, paddr);
		if (!EFI_ERROR(status) && !is_below(*paddr, n_pages, last_paddr))
			status = refuse_given(firmware, *paddr, n_pages, "that end below",
			                      last_paddr + 1);
		is_low = !EFI_ERROR(status) && *paddr < LOW_MEGABYTE_END_PADDR;
		if (is_low)
			low_pfns[n_low++] = (uint8_t)pfn_down(*paddr);
	} while (is_low && n_low < LOW_MEGABYTE_PAGES);
	while (n_low > 0)
		bs->FreePages(pfn_paddr(low_pfns[--n_low]), n_pages);
	return is_low ? EFI_OUT_OF_RESOURCES : status;
}

/* The firmware aligns to pages only: claim more, and give back what is too much on either side. */
static EFI_STATUS claim_once(struct memory *memory, EFI_MEMORY_TYPE type, uint64_t n_pages,
                             uint64_t align_bytes, paddr_t limit_paddr, paddr_t *ret_start_paddr)
{
	EFI_BOOT_SERVICES *bs = memory->firmware->boot_services;
	EFI_PHYSICAL_ADDRESS got_paddr = min_u64(limit_paddr, memory_reach_paddr()) - 1;
	uint64_t spare_pages = align_bytes > PAGE_BYTES ? pages_of(align_bytes) - 1 : 0;
	paddr_t start_paddr;
	uint64_t head_pages;
	EFI_STATUS status;

	if (n_pages == 0 || n_pages > (UINTN)-1 - spare_pages ||
	    n_pages + spare_pages > pfn_down(memory_reach_paddr()))
		return EFI_OUT_OF_RESOURCES;
	status = allocate_above_low(memory->firmware, type, (UINTN)(n_pages + spare_pages),
	                            &got_paddr);
	if (EFI_ERROR(status))
		return status;
	start_paddr = align_up(got_paddr, align_bytes > PAGE_BYTES ? align_bytes : PAGE_BYTES);
	head_pages = pfn_down(start_paddr - got_paddr);
	if (head_pages > 0)
		bs->FreePages(got_paddr, (UINTN)head_pages);
	if (head_pages < spare_pages)
		bs->FreePages(start_paddr + pfn_paddr(n_pages), (UINTN)(spare_pages - head_pages));
	*ret_start_paddr = start_paddr;
	return note(memory, start_paddr, n_pages);
}

/* All at once, or, where only a part is free any more, in pieces that are halved and doubled. */
static void claim_parts(struct memory *memory, pfn_t start_pfn, uint64_t n_pages)
{
	uint64_t part_pages = n_pages;

	while (n_pages > 0 && memory->n_claims < MEMORY_CLAIMS) {
		bool is_claimed;

		part_pages = min_u64(part_pages, n_pages);
		is_claimed = !EFI_ERROR(memory_claim_at(memory, pfn_paddr(start_pfn), part_pages));
		if (!is_claimed && part_pages > 1) {
			part_pages /= 2;
			continue;
		}
		start_pfn += part_pages;
		n_pages -= part_pages;
		if (is_claimed)
			part_pages *= 2;
	}
}

void memory_fence(struct memory *memory, const struct uefi_map *map, struct span span)
{
	size_t n = uefi_map_count(map);

	if (memory->n_fences < MEMORY_FENCES && span.start_paddr < span.end_paddr)
		memory->fences[memory->n_fences++] = span;
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		struct span free;
		bool wraps;

		if (descriptor.type != UEFI_CONVENTIONAL ||
		    !uefi_descriptor_range(&descriptor, &free.start_paddr, &free.end_paddr, &wraps))
			continue;
		free.start_paddr = max_u64(free.start_paddr, span.start_paddr);
		free.end_paddr = min_u64(free.end_paddr, span.end_paddr);
		if (free.start_paddr < free.end_paddr)
			claim_parts(memory, pfn_down(free.start_paddr),
			            pfn_up(free.end_paddr) - pfn_down(free.start_paddr));
	}
}

static bool touches(struct span a, struct span b)
{
	return a.start_paddr < b.end_paddr && b.start_paddr < a.end_paddr;
}

/* NULL if no part of @pages lies behind one. */
static const struct span *fence_around(const struct memory *memory, struct span pages)
{
	for (unsigned i = 0; i < memory->n_fences; i++)
		if (touches(memory->fences[i], pages))
			return &memory->fences[i];
	return NULL;
}

/* The pages @free have come free behind @fence: they are claimed, and what is free near them. */
static void close_fence(struct memory *memory, const struct span *fence, struct span free)
{
	paddr_t near_paddr = free.start_paddr - min_u64(free.start_paddr, NEAR_BYTES);
	pfn_t start_pfn = pfn_down(max_u64(near_paddr, fence->start_paddr));
	pfn_t end_pfn = pfn_up(min_u64(free.end_paddr + NEAR_BYTES, fence->end_paddr));

	claim_parts(memory, start_pfn, end_pfn - start_pfn);
}

/* What has come free behind a fence since is claimed for it, and others are asked for. */
EFI_STATUS memory_claim(struct memory *memory, EFI_MEMORY_TYPE type, uint64_t n_pages,
                        uint64_t align_bytes, paddr_t limit_paddr, paddr_t *ret_start_paddr)
{
	for (unsigned i = 0; i <= MEMORY_FENCES; i++) {
		EFI_STATUS status = claim_once(memory, type, n_pages, align_bytes, limit_paddr,
		                               ret_start_paddr);
		const struct span *fence;
		struct span given;

		if (EFI_ERROR(status))
			return status;
		given = (struct span){ *ret_start_paddr, *ret_start_paddr + pfn_paddr(n_pages) };
		fence = fence_around(memory, given);
		if (fence == NULL)
			return EFI_SUCCESS;
		memory_release(memory, memory->n_claims - 1);
		close_fence(memory, fence, given);
	}
	return EFI_OUT_OF_RESOURCES;
}

void *memory_claim_bytes(struct memory *memory, uint64_t bytes)
{
	paddr_t start_paddr;
	uint64_t n_pages = pages_of(bytes);

	if (EFI_ERROR(memory_claim(memory, EfiLoaderData, n_pages, PAGE_BYTES, memory_reach_paddr(),
	                           &start_paddr)))
		return NULL;
	return memset(memory_at(start_paddr), 0, (size_t)pfn_paddr(n_pages));
}

EFI_STATUS memory_make_executable(const struct memory *memory, paddr_t paddr)
{
	struct memory_attribute_protocol *protocol = NULL;
	EFI_STATUS status = memory->firmware->boot_services->LocateProtocol(
		&memory_attribute_guid, NULL, (VOID **)&protocol);

	if (EFI_ERROR(status))
		return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
	if (protocol == NULL) /* firmware exists that calls this a success */
		return EFI_SUCCESS;
	return protocol->clear_attributes(protocol, paddr, PAGE_BYTES, EFI_MEMORY_XP);
}

void memory_release(struct memory *memory, unsigned i)
{
	memory->firmware->boot_services->FreePages(memory->claims[i].start_paddr,
	                                           (UINTN)memory->claims[i].n_pages);
	memory->n_claims--;
	memmove(&memory->claims[i], &memory->claims[i + 1],
	        (memory->n_claims - i) * sizeof memory->claims[0]);
}

void memory_give_back(struct memory *memory, unsigned n_kept)
{
	while (memory->n_claims > n_kept)
		memory_release(memory, memory->n_claims - 1);
}
