/* hook_pages.c - AllocatePages() and FreePages(): see hook.h. */
#include "bootmem/count.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

#define LOW_END_PADDR 0x100000

static UINT64 n_honest_requests;

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                        EFI_PHYSICAL_ADDRESS *paddr)
{
	bool is_loaders = type == EfiLoaderData || type == EfiLoaderCode;
	EFI_PHYSICAL_ADDRESS high_paddr;

	if (how != AllocateMaxAddress || !is_loaders)
		return hook_tables.real_boot.AllocatePages(how, type, n_pages, paddr);
	if (n_honest_requests > 0) {
		n_honest_requests--;
		return hook_tables.real_boot.AllocatePages(how, type, n_pages, paddr);
	}
	high_paddr = hook_highest_free(n_pages);
	if (high_paddr > *paddr && !EFI_ERROR(hook_tables.real_boot.AllocatePages(
					   AllocateAddress, type, n_pages, &high_paddr))) {
		*paddr = high_paddr;
		return EFI_SUCCESS;
	}
	return hook_tables.real_boot.AllocatePages(how, type, n_pages, paddr);
}

static bool pages_above(const char *at)
{
	n_honest_requests = lines_number(&at);
	hook_tables.boot->AllocatePages = allocate_pages;
	return true;
}

/* The start of the lowest @n_pages pages that are free from 1 MiB on and end below @last_paddr; 0.
 */
static EFI_PHYSICAL_ADDRESS lowest_free(UINT64 n_pages, EFI_PHYSICAL_ADDRESS last_paddr)
{
	EFI_PHYSICAL_ADDRESS lowest_paddr = 0;
	struct hook_map map;

	if (!hook_read_map(&map))
		return 0;
	for (UINTN at = 0; at < map.bytes; at += map.stride) {
		const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map.descriptors + at);
		EFI_PHYSICAL_ADDRESS paddr = descriptor->PhysicalStart;

		if (descriptor->Type == EfiConventionalMemory && paddr >= LOW_END_PADDR &&
		    descriptor->NumberOfPages >= n_pages &&
		    paddr + pfn_paddr(n_pages) - 1 <= last_paddr &&
		    (lowest_paddr == 0 || paddr < lowest_paddr))
			lowest_paddr = paddr;
	}
	return lowest_paddr;
}

static EFI_STATUS EFIAPI allocate_lowest(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                         EFI_PHYSICAL_ADDRESS *paddr)
{
	bool is_loaders = type == EfiLoaderData || type == EfiLoaderCode;
	EFI_PHYSICAL_ADDRESS low_paddr = 0;

	if (how == AllocateMaxAddress && is_loaders && n_honest_requests > 0)
		n_honest_requests--;
	else if (how == AllocateMaxAddress)
		low_paddr = lowest_free(n_pages, *paddr);
	if (low_paddr == 0 || EFI_ERROR(hook_tables.real_boot.AllocatePages(AllocateAddress, type,
	                                                                    n_pages, &low_paddr)))
		return hook_tables.real_boot.AllocatePages(how, type, n_pages, paddr);
	*paddr = low_paddr;
	return EFI_SUCCESS;
}

static bool pages_lowest(const char *at)
{
	n_honest_requests = lines_number(&at);
	hook_tables.boot->AllocatePages = allocate_lowest;
	return true;
}

/* Page 0, which was not allocated: nobody may be given it, nor give it back. */
static UINT64 n_zeros;

static EFI_STATUS EFIAPI allocate_zero(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                       EFI_PHYSICAL_ADDRESS *paddr)
{
	bool is_loaders = type == EfiLoaderData || type == EfiLoaderCode;

	if (how != AllocateMaxAddress || !is_loaders || n_zeros == 0)
		return hook_tables.real_boot.AllocatePages(how, type, n_pages, paddr);
	n_zeros--;
	*paddr = 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_all_but_zero(EFI_PHYSICAL_ADDRESS paddr, UINTN n_pages)
{
	return paddr == 0 ? EFI_SUCCESS : hook_tables.real_boot.FreePages(paddr, n_pages);
}

static bool pages_zero(const char *at)
{
	n_zeros = lines_number(&at);
	if (n_zeros == 0)
		n_zeros = UINT64_MAX;
	hook_tables.boot->AllocatePages = allocate_zero;
	hook_tables.boot->FreePages = free_all_but_zero;
	return true;
}

bool hook_pages_install(const char *line)
{
	static const struct hook hooks[] = {
		{ "pages-above", pages_above },
		{ "pages-lowest", pages_lowest },
		{ "pages-zero", pages_zero },
	};

	return hook_take(hooks, COUNT(hooks), line);
}

void hook_pages_reset(void)
{
	n_honest_requests = n_zeros = 0;
}
