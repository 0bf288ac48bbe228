/* ribbon.c - counts the free pages of each cell, run by run: see ribbon.h. */
#include "efi/ribbon.h"

/* The walk: the cell that it is in, and how many free pages that has so far. */
struct walk {
	struct ribbon *ribbon;
	pfn_t end_pfn;
	uint64_t cell_pages;
	unsigned cell;
	uint64_t free_pages;
};

static pfn_t cell_end_pfn(const struct walk *walk)
{
	return min_u64((walk->cell + 1) * walk->cell_pages, walk->end_pfn);
}

/* The cell is over: nothing more of it is free. */
static void close_cell(struct walk *walk)
{
	uint64_t n_pages = cell_end_pfn(walk) - walk->cell * walk->cell_pages;
	char *character = &walk->ribbon->cells[walk->cell++];

	if (walk->free_pages == 0)
		*character = '#';
	else
		*character = walk->free_pages == n_pages ? '.' : '+';
	walk->free_pages = 0;
}

/* Closes the cells before @pfn. */
static void go_to(struct walk *walk, pfn_t pfn)
{
	while (walk->cell * walk->cell_pages < walk->end_pfn && cell_end_pfn(walk) <= pfn)
		close_cell(walk);
}

static void add_run(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	struct walk *walk = context;

	for (pfn_t pfn = first_pfn, end_pfn = first_pfn + n_pages; pfn < end_pfn;) {
		pfn_t part_end_pfn;

		go_to(walk, pfn);
		part_end_pfn = min_u64(end_pfn, cell_end_pfn(walk));
		walk->free_pages += part_end_pfn - pfn;
		pfn = part_end_pfn;
	}
}

void ribbon_make(struct ribbon *ribbon, const struct boot_setup *setup)
{
	struct walk walk = {
		.ribbon = ribbon,
		.end_pfn = setup->max_low_pfn,
		.cell_pages = setup->max_low_pfn / RIBBON_CELLS + 1,
	};

	ribbon->free_pages = bootmem_each_free_run(&setup->bdata, add_run, &walk);
	go_to(&walk, walk.end_pfn);
	ribbon->cells[walk.cell] = '\0';
}
