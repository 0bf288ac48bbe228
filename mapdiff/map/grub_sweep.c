/*
 * grub_sweep.c - ranges in any order -> GRUB's sorted ones: see grub_sweep.h.
 *
 * Where ranges overlap, the type of the one that started first counts until it ends; then the type
 * of the one that started last. A range's end takes away the newest range of its type, whichever
 * that is. Addresses wrap as GRUB's do: a range that ends past 2^64 ends before it starts, and so
 * hides all that is above its start.
 */
#include "mapdiff/map/grub_sweep.h"

#include "bootmem/sort.h"
#include "mapdiff/base/memory.h"

#define NOBODY SIZE_MAX

/* GRUB's memory types are e820's, up to GRUB_MEMORY_CODE. */
#define TYPES (E820_GRUB_RUNTIME_CODE + 1)

struct sweep {
	struct boot_table out;
	uint32_t type; /* that counts: E820_NONE, there is none */
	/* Those that wait, by type: when the newest of them started, and the one before it. */
	size_t newest[TYPES];
	size_t *older;
	size_t n_started;
	paddr_t since_paddr; /* all is of the type that counts */
};

static void start(struct sweep *sweep, uint32_t type)
{
	if (sweep->type == E820_NONE) {
		sweep->type = type;
		return;
	}
	sweep->older[sweep->n_started] = sweep->newest[type];
	sweep->newest[type] = sweep->n_started++;
}

/* The newest of those of @type that wait is gone. */
static void take(struct sweep *sweep, uint32_t type)
{
	if (sweep->newest[type] != NOBODY)
		sweep->newest[type] = sweep->older[sweep->newest[type]];
}

static uint32_t newest_type(const struct sweep *sweep)
{
	uint32_t newest = E820_NONE;

	for (uint32_t type = 1; type < TYPES; type++)
		if (sweep->newest[type] != NOBODY &&
		    (newest == E820_NONE || sweep->newest[type] > sweep->newest[newest]))
			newest = type;
	return newest;
}

static void end(struct sweep *sweep, uint32_t type)
{
	if (sweep->type == E820_NONE)
		return;
	if (sweep->type == type)
		type = sweep->type = newest_type(sweep);
	if (type != E820_NONE)
		take(sweep, type);
}

static void step(struct sweep *sweep, paddr_t at_paddr, bool is_start, uint32_t type)
{
	uint32_t before = sweep->type;

	if (is_start)
		start(sweep, type);
	else
		end(sweep, type);
	if (sweep->type == before)
		return;
	if (before != E820_NONE && sweep->since_paddr != at_paddr)
		boot_table_add(&sweep->out,
		               &(struct boot_entry){ sweep->since_paddr,
		                                     at_paddr - sweep->since_paddr, before });
	sweep->since_paddr = at_paddr;
}

/* Starts and ends by address, at one address the starts first. The value is 2 * index, plus 1 for
 * an end. */
static struct sort_item *points_of(const struct boot_table *ranges)
{
	size_t n = ranges->n_entries;
	struct sort_item *points = memory_alloc(2 * n, sizeof *points);
	struct sort_item *spare = memory_alloc(2 * n, sizeof *spare);

	for (size_t i = 0; i < n; i++) {
		const struct boot_entry *range = &ranges->entries[i];

		points[i] = (struct sort_item){ range->start_paddr, 2 * i };
		points[n + i] = (struct sort_item){ range->start_paddr + range->bytes, 2 * i + 1 };
	}
	sort_by_key(points, 2 * n, spare);
	memory_give_back(spare);
	return points;
}

struct boot_table grub_sweep(const struct boot_table *ranges)
{
	struct sort_item *points = points_of(ranges);
	struct sweep sweep = { .older = memory_alloc(ranges->n_entries, sizeof *sweep.older) };

	for (size_t i = 0; i < TYPES; i++)
		sweep.newest[i] = NOBODY;
	for (size_t i = 0; i < 2 * ranges->n_entries; i++)
		step(&sweep, points[i].key, points[i].value % 2 == 0,
		     ranges->entries[points[i].value / 2].type);
	memory_give_back(points);
	memory_give_back(sweep.older);
	return sweep.out;
}
