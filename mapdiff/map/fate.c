/*
 * fate.c - e820 map, free runs and reservations of a target -> its runs: see fate.h.
 *
 * All of them are laid over each other in one e820 map, whose types are layers: the highest wins,
 * and e820_sanitize() does the work. Of reservations that overlap, the first one wins: it is the
 * one that took the page.
 */
#include "mapdiff/map/fate.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"

const char *const fate_names[] = {
	[FATE_FREE] = "free",       [FATE_RESERVED] = "reserved", [FATE_ABOVE] = "above low",
	[FATE_NOT_RAM] = "not RAM", [FATE_UNKNOWN] = "no reason",
};
_Static_assert(COUNT(fate_names) == FATE_COUNT, "a fate has no name");

/* No page of an address space of 64 bits ends above. */
#define MOST_PFN pfn_down(UINT64_MAX)

/* The lowest layer is RAM that nothing more is said about; then come reservations, the first one
 * highest; then what no reservation changes, in the order of enum page_fate. */
#define LAYER_RAM               MAP_FIRST_LAYER
#define LAYER_FIRST_RESERVATION UINT32_C(0x3fffffff)
#define LAYER_OF(fate)          (UINT32_C(0x40000000) + (fate))

static void add_pages(struct e820_map *layers, pfn_t start_pfn, pfn_t end_pfn, uint32_t layer)
{
	e820_add(layers, pfn_paddr(min_u64(start_pfn, MOST_PFN)),
	         pfn_paddr(min_u64(end_pfn, MOST_PFN)), layer);
}

/* The layers while they are laid. */
struct laying {
	struct e820_map layers;
	pfn_t last_pfn; /* the end of the RAM that has been laid */
};

/* Pages that are RAM as a whole; those before them are not. */
static void add_ram(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	struct laying *laying = context;
	pfn_t start_pfn = pfn_up(start_paddr), end_pfn = pfn_down(end_paddr);

	if (start_pfn >= end_pfn)
		return;
	add_pages(&laying->layers, laying->last_pfn, start_pfn, LAYER_OF(FATE_NOT_RAM));
	add_pages(&laying->layers, start_pfn, end_pfn, LAYER_RAM);
	laying->last_pfn = end_pfn;
}

/* Two layers a range of RAM, one more as the ISA hole divides it; what is above low memory, and
 * behind all RAM; reservations, free runs. */
static struct e820_map lay(const struct view_target *target, const struct e820_map *e820)
{
	size_t most = 2 * (e820->n_ranges + 1) + 2 + target->n_reservations + target->n_free;
	struct laying laying = { map_new(most), 0 };
	struct e820_map *layers = &laying.layers;

	target_each_ram(target->target, e820, add_ram, &laying);
	add_pages(layers, laying.last_pfn, MOST_PFN, LAYER_OF(FATE_NOT_RAM));
	for (size_t i = 0; i < target->n_reservations; i++)
		add_pages(layers, pfn_down(target->reservations[i].start_paddr),
		          pfn_up(target->reservations[i].end_paddr),
		          LAYER_FIRST_RESERVATION - (uint32_t)i);
	MEMORY_EACH(run, target, free)
		add_pages(layers, run->start_pfn, run->end_pfn, LAYER_OF(FATE_FREE));
	add_pages(layers, target->max_low_pfn, MOST_PFN, LAYER_OF(FATE_ABOVE));
	map_sanitize(layers, NULL);
	return *layers;
}

static enum page_fate fate_of(uint32_t layer)
{
	if (layer > LAYER_FIRST_RESERVATION)
		return (enum page_fate)(layer - LAYER_OF(0));
	return layer == LAYER_RAM ? FATE_UNKNOWN : FATE_RESERVED;
}

static void link_reserved(struct view_target *target)
{
	size_t next = target->n_runs;

	for (size_t i = target->n_runs; i-- > 0;) {
		if (target->runs[i].fate == FATE_RESERVED)
			next = i;
		target->runs[i].next_reserved = next;
	}
}

void fate_make_runs(struct view_target *target, const struct e820_map *e820)
{
	struct e820_map layers = lay(target, e820);
	uint64_t pages[FATE_COUNT] = { 0 };

	target->runs = memory_alloc(layers.n_ranges, sizeof *target->runs);
	MEMORY_EACH(layer, &layers, ranges) {
		struct view_run *run = &target->runs[target->n_runs++];

		run->start_pfn = pfn_down(layer->start_paddr);
		run->end_pfn = pfn_down(layer->end_paddr);
		run->fate = fate_of(layer->type);
		if (run->fate == FATE_RESERVED)
			run->reservation =
				&target->reservations[LAYER_FIRST_RESERVATION - layer->type];
		memcpy(run->pages_before, pages, sizeof pages);
		pages[run->fate] += run->end_pfn - run->start_pfn;
	}
	target->n_runs--; /* behind all RAM there is nothing to tell */
	link_reserved(target);
}

size_t fate_find_run(const struct view_target *target, pfn_t pfn)
{
	return sorted_n_up_to(SORTED(struct view_run, end_pfn, target->runs, target->n_runs), pfn);
}

/* Add the pages below @pfn that have a fate, @sign times. */
static void count_below(const struct view_target *target, pfn_t pfn, uint64_t sign,
                        uint64_t pages[FATE_COUNT])
{
	const struct view_run *run = &target->runs[fate_find_run(target, pfn)];

	for (size_t fate = 0; fate < FATE_COUNT; fate++)
		pages[fate] += sign * run->pages_before[fate];
	pages[run->fate] += sign * (pfn - run->start_pfn);
}

void fate_count(const struct view_target *target, pfn_t start_pfn, pfn_t end_pfn,
                uint64_t ret_pages[FATE_COUNT])
{
	memset(ret_pages, 0, FATE_COUNT * sizeof *ret_pages);
	count_below(target, end_pfn, 1, ret_pages);
	count_below(target, start_pfn, UINT64_MAX, ret_pages); /* minus, modulo 2^64 */
}
