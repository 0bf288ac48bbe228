/*
 * e820.c - ranges in any order and overlapping -> the canonical map, and what it is asked for.
 *
 * e820_sanitize() walks the addresses where anything changes, in ascending order, and keeps what is
 * active there in a heap, highest type on top: what lies below the top is looked at again only
 * when the top ends. Linux 2.6.24 sanitize_e820_map() has the same walk, but searches a list at
 * each step and sorts by exchanging neighbours, which is quadratic.
 */
#include "x86/e820.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "bootmem/sort.h"

/* The types that are never merged, as e820_nomerge() of Linux decides. */
static bool is_never_merged(uint32_t type)
{
	return type == (uint32_t)E820_SOFT_RESERVED || type == E820_PRAM;
}

enum map_err e820_add(struct e820_map *map, paddr_t start_paddr, paddr_t end_paddr, uint32_t type)
{
	if (start_paddr >= end_paddr)
		return MAP_OK;
	if (map->n_ranges >= map->capacity)
		return MAP_FULL;
	map->ranges[map->n_ranges++] = (struct e820_range){ start_paddr, end_paddr, type, 0 };
	return MAP_OK;
}

enum map_err e820_add_or_lengthen(struct e820_map *map, size_t n_before, paddr_t start_paddr,
                                  paddr_t end_paddr, uint32_t type)
{
	struct e820_range *last;

	if (map->n_ranges > n_before && start_paddr < end_paddr) {
		last = &map->ranges[map->n_ranges - 1];
		if (last->end_paddr == start_paddr && last->type == type) {
			last->end_paddr = end_paddr;
			return MAP_OK;
		}
	}
	return e820_add(map, start_paddr, end_paddr, type);
}

enum map_err e820_copy(struct e820_map *map, const struct e820_map *from)
{
	if (from->n_ranges > map->capacity)
		return MAP_FULL;
	map->n_ranges = from->n_ranges;
	if (from->n_ranges > 0)
		memcpy(map->ranges, from->ranges, from->n_ranges * sizeof *map->ranges);
	return MAP_OK;
}

/*
 * An address where a range starts (or ends) is the key of an item to be sorted; the value is how
 * that range ranks against others: its type above, its index in the map below, so that one
 * comparison of integers decides.
 */
static uint64_t rank_of(uint32_t type, size_t index)
{
	return (uint64_t)type << 32 | (uint32_t)index;
}

static uint32_t rank_type(uint64_t rank)
{
	return (uint32_t)(rank >> 32);
}

static size_t rank_index(uint64_t rank)
{
	return (size_t)(rank & UINT32_MAX);
}

/*
 * The scratch space for n ranges, in this order. Both lists of points are closed by one past the
 * highest start. The result is built here and not in the map, which must stay as it was if the
 * result does not fit; while the points are sorted, its place is what they are merged into.
 */
struct workspace {
	struct sort_item *starts; /* n + 1 */
	struct sort_item *ends;   /* n + 1 */
	uint64_t *active;         /* n ranks: a heap, the highest first */
	struct e820_range *built; /* 2n */
	bool has_never_merged;    /* is one of the ranges of a type that is never merged? */
};

#define WORKSPACE_RANGE_BYTES \
	(2 * sizeof(struct sort_item) + sizeof(uint64_t) + 2 * sizeof(struct e820_range))
#define WORKSPACE_FIXED_BYTES (2 * sizeof(struct sort_item))

/* An index has 32 bits in a rank. No more fit into the memory of an IA-32 machine anyway. */
#define MOST_RANGES min_u64(UINT32_MAX, (SIZE_MAX - WORKSPACE_FIXED_BYTES) / WORKSPACE_RANGE_BYTES)

_Static_assert(sizeof(struct sort_item) <= sizeof(struct e820_range), "points are sorted in built");

size_t e820_scratch_bytes(size_t n_ranges)
{
	if (n_ranges > MOST_RANGES)
		return SIZE_MAX; /* which nobody has */
	return WORKSPACE_FIXED_BYTES + n_ranges * WORKSPACE_RANGE_BYTES;
}

size_t e820_most_ranges(size_t n_ranges)
{
	/* n ranges have at most 2n ends, and 2n points have 2n - 1 intervals between them. */
	return n_ranges == 0 ? 0 : 2 * n_ranges - 1;
}

static struct workspace workspace_in(void *scratch, size_t n_ranges)
{
	struct workspace work;

	work.starts = scratch;
	work.ends = work.starts + n_ranges + 1;
	work.active = (uint64_t *)(work.ends + n_ranges + 1);
	work.built = (struct e820_range *)(work.active + n_ranges);
	work.has_never_merged = false;
	return work;
}

/* Put @rank into a heap of @n ranks. */
static void heap_push(uint64_t *heap, size_t n, uint64_t rank)
{
	size_t at = n;

	for (; at > 0 && heap[(at - 1) / 2] < rank; at = (at - 1) / 2)
		heap[at] = heap[(at - 1) / 2];
	heap[at] = rank;
}

/* Take the highest of @n ranks out of a heap: the last one sinks from its place. */
static void heap_pop(uint64_t *heap, size_t n)
{
	uint64_t rank = heap[n - 1];
	size_t at = 0;

	for (size_t child = 1; child < n - 1; child = 2 * at + 1) {
		if (child + 1 < n - 1 && heap[child + 1] > heap[child])
			child++;
		if (heap[child] <= rank)
			break;
		heap[at] = heap[child];
		at = child;
	}
	heap[at] = rank;
}

/* The walk. The range that is being built, of the type @top has, is open: its end is not known. */
struct sweep {
	const struct e820_range *ranges; /* the map as it was */
	uint64_t *active;
	size_t n_active;
	paddr_t top_end_paddr; /* of the highest in the heap; UINT64_MAX: there is none */
	uint32_t top_type;     /* and its type; E820_NONE */
	struct e820_range *built;
	size_t n_built;
};

static void look_at_top(struct sweep *sweep)
{
	bool is_any = sweep->n_active > 0;
	uint64_t rank = sweep->active[0];

	sweep->top_end_paddr = is_any ? sweep->ranges[rank_index(rank)].end_paddr : UINT64_MAX;
	sweep->top_type = is_any ? rank_type(rank) : (uint32_t)E820_NONE;
}

/*
 * A range starts. Where it or the top outlives and outranks the other, the other will not be seen
 * again: only what may be is kept. (Ranges of one type may so come to stand in any order in the
 * heap; which of them is on top makes no difference.)
 */
static void sweep_start(struct sweep *sweep, uint64_t rank)
{
	uint32_t type = rank_type(rank);
	paddr_t end_paddr = sweep->ranges[rank_index(rank)].end_paddr;

	if (sweep->n_active > 0 && type <= sweep->top_type && end_paddr <= sweep->top_end_paddr)
		return;
	if (sweep->n_active > 0 && type >= sweep->top_type && end_paddr >= sweep->top_end_paddr)
		sweep->active[0] = rank;
	else
		heap_push(sweep->active, sweep->n_active++, rank);
	look_at_top(sweep);
}

/* Drop what is over from the top of the heap. What is over below the top is in nobody's way. */
static void sweep_end(struct sweep *sweep, paddr_t at_paddr)
{
	while (sweep->top_end_paddr <= at_paddr) {
		heap_pop(sweep->active, sweep->n_active--);
		look_at_top(sweep);
	}
}

/* From here on memory is of the type on top: close the range that is open, and open the next. */
static inline void sweep_change(struct sweep *sweep, paddr_t at_paddr)
{
	struct e820_range *open = &sweep->built[sweep->n_built];

	if (sweep->top_type == open->type && !is_never_merged(open->type))
		return;
	if (open->type != E820_NONE) {
		open->end_paddr = at_paddr;
		open = &sweep->built[++sweep->n_built];
	}
	*open = (struct e820_range){ at_paddr, at_paddr, sweep->top_type, 0 };
}

/* Build the canonical map; returns how many ranges it has. */
static size_t sweep_points(const struct e820_range *ranges, struct workspace *work)
{
	const struct sort_item *start = work->starts, *end = work->ends;
	struct sweep sweep = { .ranges = ranges,
		               .active = work->active,
		               .top_end_paddr = UINT64_MAX,
		               .built = work->built };

	sweep.built[0] = (struct e820_range){ 0, 0, E820_NONE, 0 };
	for (;;) {
		paddr_t at_paddr = min_u64(min_u64(start->key, end->key), sweep.top_end_paddr);

		if (at_paddr == UINT64_MAX)
			break;
		sweep_end(&sweep, at_paddr);
		for (; start->key == at_paddr; start++)
			sweep_start(&sweep, start->value);
		while (end->key <= at_paddr)
			end++;
		sweep_change(&sweep, at_paddr);
	}
	/* No range starts at UINT64_MAX, but one may end there. */
	sweep.top_type = E820_NONE;
	sweep_change(&sweep, UINT64_MAX);
	return sweep.n_built;
}

/* The starts of all ranges that are not empty, sorted; returns how many. And what types they have.
 */
static size_t list_starts(const struct e820_map *map, struct workspace *work)
{
	size_t n = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];

		if (range->start_paddr >= range->end_paddr)
			continue;
		work->starts[n++] =
			(struct sort_item){ range->start_paddr, rank_of(range->type, i) };
		work->has_never_merged |= is_never_merged(range->type);
	}
	sort_by_key(work->starts, n, (struct sort_item *)work->built);
	work->starts[n] = (struct sort_item){ UINT64_MAX, 0 };
	return n;
}

/*
 * The ends, for a map that has ranges that are never merged: they are split wherever anything
 * below them changes (as e820__update_table() of Linux does). Nothing else shows the end of a range
 * that is not on top, so without such ranges the list is empty.
 */
static void list_ends(const struct e820_range *ranges, size_t n, struct workspace *work)
{
	size_t n_ends = work->has_never_merged ? n : 0;

	for (size_t i = 0; i < n_ends; i++) {
		uint64_t rank = work->starts[i].value;

		work->ends[i] = (struct sort_item){ ranges[rank_index(rank)].end_paddr, rank };
	}
	sort_by_key(work->ends, n_ends, (struct sort_item *)work->built);
	work->ends[n_ends] = (struct sort_item){ UINT64_MAX, 0 };
}

/* How many ranges share bytes with one that starts before them. */
static size_t count_overlaps(const struct e820_range *ranges, const struct sort_item *starts,
                             size_t n)
{
	paddr_t highest_end_paddr = 0;
	size_t n_overlaps = 0;

	for (size_t i = 0; i < n; i++) {
		n_overlaps += starts[i].key < highest_end_paddr;
		highest_end_paddr =
			max_u64(highest_end_paddr, ranges[rank_index(starts[i].value)].end_paddr);
	}
	return n_overlaps;
}

enum map_err e820_sanitize(struct e820_map *map, void *scratch, size_t scratch_bytes,
                           size_t *ret_overlaps)
{
	if (ret_overlaps != NULL)
		*ret_overlaps = 0;
	if (map->n_ranges == 0)
		return MAP_OK;
	if (scratch_bytes < e820_scratch_bytes(map->n_ranges))
		return MAP_NO_SCRATCH;

	struct workspace work = workspace_in(scratch, map->n_ranges);
	size_t n = list_starts(map, &work);

	list_ends(map->ranges, n, &work);
	if (ret_overlaps != NULL)
		*ret_overlaps = count_overlaps(map->ranges, work.starts, n);

	size_t n_built = sweep_points(map->ranges, &work);

	if (n_built > map->capacity)
		return MAP_FULL;
	memcpy(map->ranges, work.built, n_built * sizeof *map->ranges);
	map->n_ranges = n_built;
	return MAP_OK;
}

const struct e820_range *e820_find(const struct e820_map *map, paddr_t paddr)
{
	size_t first = 0, end = map->n_ranges;

	while (first < end) { /* it is in [first, end), if anywhere */
		size_t middle = first + (end - first) / 2;
		const struct e820_range *range = &map->ranges[middle];

		if (paddr < range->start_paddr)
			end = middle;
		else if (paddr >= range->end_paddr)
			first = middle + 1;
		else
			return range;
	}
	return NULL;
}

bool e820_all_mapped(const struct e820_map *map, paddr_t start_paddr, paddr_t end_paddr,
                     uint32_t type)
{
	/* More than one step only across ranges that are never merged. */
	while (start_paddr < end_paddr) {
		const struct e820_range *range = e820_find(map, start_paddr);

		if (range == NULL || range->type != type)
			return false;
		start_paddr = range->end_paddr;
	}
	return true;
}

pfn_t e820_end_of_ram_pfn(const struct e820_map *map)
{
	pfn_t highest_pfn = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		const struct e820_range *range = &map->ranges[i];
		pfn_t end_pfn = pfn_down(range->end_paddr);

		if (range->type == E820_RAM && pfn_up(range->start_paddr) < end_pfn)
			highest_pfn = max_u64(highest_pfn, end_pfn);
	}
	return highest_pfn;
}

uint64_t e820_limit_ram(struct e820_map *map, paddr_t limit_paddr)
{
	uint64_t bytes_before = e820_bytes_of_type(map, E820_RAM);
	size_t n_kept = 0;

	for (size_t i = 0; i < map->n_ranges; i++) {
		struct e820_range range = map->ranges[i];

		if (range.type == E820_RAM)
			range.end_paddr = min_u64(range.end_paddr, limit_paddr);
		if (range.start_paddr < range.end_paddr)
			map->ranges[n_kept++] = range;
	}
	map->n_ranges = n_kept;
	return bytes_before - e820_bytes_of_type(map, E820_RAM);
}

uint64_t e820_bytes_of_type(const struct e820_map *map, uint32_t type)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < map->n_ranges; i++)
		if (map->ranges[i].type == type)
			bytes += e820_bytes(&map->ranges[i]);
	return bytes;
}

/* NULL for a number without a name. */
static const char *name_of(uint32_t type)
{
	static const struct {
		uint32_t type;
		const char *name;
	} names[] = {
		/* Linux e820_print_type(). */
		{ E820_RAM, "usable" },        { E820_RESERVED, "reserved" },
		{ E820_ACPI, "ACPI data" },    { E820_NVS, "ACPI NVS" },
		{ E820_UNUSABLE, "unusable" }, { E820_PMEM, "persistent" },
		{ E820_PRAM, "persistent" },   { (uint32_t)E820_SOFT_RESERVED, "soft reserved" },
	};

	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].type == type)
			return names[i].name;
	return NULL;
}

bool e820_type_has_name(uint32_t type)
{
	return name_of(type) != NULL;
}

const char *e820_type_name(uint32_t type)
{
	return e820_type_has_name(type) ? name_of(type) : "type";
}
