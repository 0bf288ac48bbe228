/* target.c - the two kernels, as data: see target.h. All numbers are those of Linux 2.6.24. */
#include "x86/target.h"

#include "x86/phys.h"

const struct boot_target target_ia32 = {
	.name = "ia32",
	.word_bytes = 4,
	/* MAXMEM: 1 GiB of kernel addresses less 128 MiB for vmalloc (include/asm-x86/page_32.h).
	 */
	.low_limit_pfn = (UINT64_C(896) << 20) >> PAGE_SHIFT,
	.limit_paddr = UINT64_C(896) << 20,
	.cuts_isa_hole = true, /* copy_e820_map() */
	.trampoline = { 0x1000, 0x2000 },
	.wakeup_pages = 1,
	.sizes_ebda = false,
	.skips_amd_k7_page = true,
	.mp_ebda_bytes = 0x400,
};

const struct boot_target target_amd64 = {
	.name = "amd64",
	.word_bytes = 8,
	/* MAXMEM: 46 bits, all ones (include/asm-x86/pgtable_64.h): not the last page. */
	.low_limit_pfn = ((UINT64_C(1) << 46) - 1) >> PAGE_SHIFT,
	.limit_paddr = UINT64_C(1) << 46,
	.cuts_isa_hole = false,
	.trampoline = { 0x6000, 0x8000 },
	.wakeup_pages = 2,
	.sizes_ebda = true,
	.skips_amd_k7_page = false,
	.mp_ebda_bytes = 0x1000,
};

static void take_span(target_ram_fn *take, void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	if (start_paddr < end_paddr)
		take(context, start_paddr, end_paddr);
}

void target_each_ram(const struct boot_target *target, const struct e820_map *map,
                     target_ram_fn *take, void *context)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		paddr_t start_paddr = map->ranges[i].start_paddr;
		paddr_t end_paddr = map->ranges[i].end_paddr;

		if (map->ranges[i].type != E820_RAM)
			continue;
		if (target->cuts_isa_hole && start_paddr < LOW_MEGABYTE_END_PADDR) {
			take_span(take, context, start_paddr,
			          min_u64(end_paddr, ISA_HOLE_START_PADDR));
			start_paddr = LOW_MEGABYTE_END_PADDR;
		}
		take_span(take, context, start_paddr, end_paddr);
	}
}

bool target_is_ram(const struct boot_target *target, const struct e820_map *map,
                   paddr_t start_paddr, paddr_t end_paddr)
{
	bool is_in_hole = target->cuts_isa_hole && start_paddr < LOW_MEGABYTE_END_PADDR &&
	                  end_paddr > ISA_HOLE_START_PADDR;

	return !is_in_hole && e820_all_mapped(map, start_paddr, end_paddr, E820_RAM);
}
