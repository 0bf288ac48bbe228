/* memory.c - the ledger of claimed pages: see memory.h. */
#include "efi/memory.h"

#include "bootmem/mem.h"
#include "x86/phys.h"

#define LOW_MEGABYTE_PAGES 256

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

EFI_STATUS memory_claim_at(struct memory *memory, paddr_t start_paddr, uint64_t n_pages)
{
	EFI_PHYSICAL_ADDRESS paddr = start_paddr;
	EFI_STATUS status;

	if (n_pages > (UINTN)-1)
		return EFI_OUT_OF_RESOURCES;
	status = memory->firmware->boot_services->AllocatePages(AllocateAddress, EfiLoaderData,
	                                                        (UINTN)n_pages, &paddr);
	return EFI_ERROR(status) ? status : note(memory, start_paddr, n_pages);
}

/*
 * Allocate pages that end at or below *paddr, but none in the low megabyte, from which firmware may
 * take them all the same (the choice is its own, UEFI 2.10 §7.2.1). Those are kept until it has
 * given others, lest it gives them again.
 */
static EFI_STATUS allocate_above_low(EFI_BOOT_SERVICES *bs, EFI_MEMORY_TYPE type, UINTN n_pages,
                                     EFI_PHYSICAL_ADDRESS *paddr)
{
	const EFI_PHYSICAL_ADDRESS last_paddr = *paddr;
	uint8_t low_pfns[LOW_MEGABYTE_PAGES];
	unsigned n_low = 0;
	EFI_STATUS status;
	bool is_low;

	do {
		*paddr = last_paddr;
		status = bs->AllocatePages(AllocateMaxAddress, type, n_pages, paddr);
		is_low = !EFI_ERROR(status) && *paddr < LOW_MEGABYTE_END_PADDR;
		if (is_low)
			low_pfns[n_low++] = (uint8_t)pfn_down(*paddr);
	} while (is_low && n_low < LOW_MEGABYTE_PAGES);
	while (n_low > 0)
		bs->FreePages(pfn_paddr(low_pfns[--n_low]), n_pages);
	return is_low ? EFI_OUT_OF_RESOURCES : status;
}

/* The firmware aligns to pages only: claim more, and give back what is too much on either side. */
EFI_STATUS memory_claim(struct memory *memory, EFI_MEMORY_TYPE type, uint64_t n_pages,
                        uint64_t align_bytes, paddr_t limit_paddr, paddr_t *ret_start_paddr)
{
	EFI_BOOT_SERVICES *bs = memory->firmware->boot_services;
	EFI_PHYSICAL_ADDRESS got_paddr = min_u64(limit_paddr, memory_reach_paddr()) - 1;
	uint64_t spare_pages = align_bytes > PAGE_BYTES ? pages_of(align_bytes) - 1 : 0;
	paddr_t start_paddr;
	uint64_t head_pages;
	EFI_STATUS status;

	if (n_pages == 0 || n_pages > (UINTN)-1 - spare_pages)
		return EFI_OUT_OF_RESOURCES;
	status = allocate_above_low(bs, type, (UINTN)(n_pages + spare_pages), &got_paddr);
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
	if (protocol == NULL) /* firmware exists that answers success with it */
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
