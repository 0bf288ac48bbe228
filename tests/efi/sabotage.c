/*
 * sabotage.c - builds of the application that hand over a wrong bitmap, one page wrong in each, so
 * that a test can see the stub kernel notice it. Called by leave.c in builds with BOOTMEM_SABOTAGE.
 *
 * Bits are changed behind the allocator's back and before the block is sealed, so that checksums
 * and totals are right for the wrong bitmap.
 */
#include "bootmem/bits.h"
#include "efi/state.h"

void sabotage(struct boot *boot);

static void free_page_of(struct boot *boot, enum reservation_kind kind)
{
	const struct reservation_list *list = &boot->plan.booted->setup.reservations;
	bootmem_data_t *bdata = &boot->plan.booted->setup.bdata;

	for (size_t i = 0; i < list->n_entries; i++) {
		pfn_t pfn = pfn_down(list->entries[i].start_paddr);

		if (list->entries[i].kind != kind || pfn >= bdata->node_low_pfn)
			continue;
		bits_clear(bdata->node_bootmem_map, pfn, pfn + 1);
		return;
	}
}

void sabotage(struct boot *boot)
{
#if defined(SABOTAGE_acpi)
	free_page_of(boot, RESERVATION_ACPI);
#elif defined(SABOTAGE_runtime)
	free_page_of(boot, RESERVATION_RUNTIME);
#elif defined(SABOTAGE_block)
	free_page_of(boot, RESERVATION_BLOCK);
#elif defined(SABOTAGE_usable)
	bootmem_data_t *bdata = &boot->plan.booted->setup.bdata;
	pfn_t end_pfn, pfn = bootmem_next_free_run(bdata, 0x1000, &end_pfn);

	(void)free_page_of;
	bits_set(bdata->node_bootmem_map, pfn, pfn + 1);
#endif
}
