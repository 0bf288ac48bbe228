/* allocate.c - a kernel that goes on to allocate where the loader ended, with bootmem/ and block.c:
 * a page for itself, and the rest for the allocator that comes after. */
#include "handoff/block.h"
#include "handoff/example/serial.h"

void example(const struct handoff_block *block);

/* A broken rule of the allocator's, in words. */
_Noreturn void bootmem_assert_fail(const char *what)
{
	print("bootmem: verdict FAIL ");
	print(what);
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* Here the next allocator would take the pages over. */
static void take_over(void *n_taken, pfn_t first_pfn, uint64_t n_pages)
{
	(void)first_pfn;
	*(unsigned long *)n_taken += (unsigned long)n_pages;
}

/* Called by start_amd64.S and start_ia32.S, which halt when it returns. */
void example(const struct handoff_block *block)
{
	const paddr_t readable_end_paddr = UINT64_C(1) << 32; /* on AMD64, mapped at the least */
	enum handoff_err err = handoff_check(block, (uintptr_t)block, readable_end_paddr);
	void *bitmap = (void *)(uintptr_t)block->node_bootmem_map_paddr;
	unsigned long n_taken = 0;
	bootmem_data_t bdata;
	paddr_t own_paddr;

	if (err == HANDOFF_OK)
		err = handoff_check_bitmap(block, bitmap);
	if (err != HANDOFF_OK)
		bootmem_assert_fail(handoff_err_text(err));
	handoff_bootmem(block, bitmap, &bdata);
	own_paddr = alloc_bootmem_low_pages(&bdata, PAGE_BYTES);
	if (own_paddr == BOOTMEM_NONE)
		bootmem_assert_fail("no page is free");
	*(volatile uint64_t *)(uintptr_t)own_paddr = own_paddr;
	free_all_bootmem(&bdata, take_over, &n_taken);
	print_free(n_taken);
}
