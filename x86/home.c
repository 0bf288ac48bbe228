/*
 * home.c - a map -> a place in it for the bitmap: see home.h.
 *
 * What is stepped over is known by address alone, before there is a bitmap to look into.
 */
#include "x86/home.h"

#include "bootmem/count.h"
#include "x86/ebda.h"

/* Does a block of @bytes at *paddr run into @bad? Then step over it. Touching counts, as there. */
static bool step_over(paddr_t *paddr, uint64_t bytes, struct span bad)
{
	if (bad.start_paddr >= bad.end_paddr || *paddr >= bad.end_paddr)
		return false;
	if (*paddr < bad.start_paddr && bad.start_paddr - *paddr > bytes)
		return false;
	*paddr = align_up(bad.end_paddr, PAGE_BYTES);
	return true;
}

struct smp_config smp_config_to_reserve(const struct boot_inputs *inputs)
{
	struct smp_config found;

	if (find_smp_config(inputs->phys, inputs->target, &found) && inputs->policy == POLICY_SAFE)
		found.table.end_paddr =
			max_u64(found.table.end_paddr, found.table.start_paddr + found.table_bytes);
	return found;
}

/* What bad_addr() of 2.6.24 knows, and what policy safe keeps off beyond it. */
struct bad_areas {
	struct span linux_areas[5];
	struct smp_config smp; /* all empty under policy linux */
};

static struct bad_areas bad_areas(const struct boot_inputs *inputs)
{
	struct bad_areas bad = {
		.linux_areas = {
			{ 0, 0x8000 }, /* "needed for SMP startup": trampoline, wake-up code */
			inputs->tables,
			inputs->initrd,
			inputs->kernel,
			ebda_find(inputs->phys, inputs->target),
		},
	};

	if (inputs->policy == POLICY_SAFE)
		bad.smp = smp_config_to_reserve(inputs);
	return bad;
}

/* Linux 2.6.24 bad_addr(). */
static bool bad_addr(const struct bad_areas *bad, paddr_t *paddr, uint64_t bytes)
{
	for (size_t i = 0; i < COUNT(bad->linux_areas); i++)
		if (step_over(paddr, bytes, bad->linux_areas[i]))
			return true;
	return step_over(paddr, bytes, bad->smp.pointer) || step_over(paddr, bytes, bad->smp.table);
}

paddr_t find_e820_area(const struct boot_inputs *inputs, const struct e820_map *map,
                       paddr_t start_paddr, paddr_t end_paddr, uint64_t bytes)
{
	struct bad_areas bad = bad_areas(inputs);

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];
		paddr_t paddr = max_u64(range->start_paddr, start_paddr);
		paddr_t last_paddr = align_down(min_u64(range->end_paddr, end_paddr), PAGE_BYTES);

		if (range->type != E820_RAM || paddr >= last_paddr)
			continue;
		paddr = align_up(paddr, PAGE_BYTES);
		while (paddr < last_paddr && bad_addr(&bad, &paddr, bytes))
			;
		if (paddr < last_paddr && last_paddr - paddr >= bytes)
			return paddr;
	}
	return BOOTMEM_NONE;
}
