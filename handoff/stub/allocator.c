/*
 * allocator.c - the bitmap that was handed over, used as a kernel would: see allocator.h.
 *
 * Everything that is handed out is entered into a ledger, a second bitmap, in which a page can be
 * taken only once. Ledger and a copy of the original lie in memory that was allocated first: where
 * else. At the end everything is given back, the bitmap is what it was, and free_all_bootmem()
 * hands it over as a kernel would to the allocator that comes after.
 */
#include "handoff/stub/allocator.h"

#include <stddef.h>

#include "bootmem/bootmem.h"
#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/block.h"

/* How everything is asked for: pages one by one up to here (4 GiB of them), then by blocks, and
 * what is left between those one by one again. A terabyte of single pages takes minutes in an
 * emulator. */
static const struct {
	uint64_t n_pages, most;
} blocks[] = {
	{ 1, UINT64_C(1) << 20 },
	{ UINT64_C(1) << 15, UINT64_MAX },
	{ UINT64_C(1) << 9, UINT64_MAX },
	{ 1, UINT64_MAX },
};

#define PAGES_A_TELLING 4096 /* from one word of how far it is to the next */

/* The node of a kernel that has one, on the bitmap itself. Linux: that of contig_page_data. */
static bootmem_data_t contig_bootmem_data;

struct ledger {
	bootmem_data_t original; /* on the copy of it: nothing is allocated from this */
	uint64_t *taken;         /* bit of a page: 1 = was reserved, or has been handed out since */
	uint64_t map_bytes;
	uint64_t n_taken;
	uint64_t n_in_blocks; /* of them, those that came with others of blocks[] */
	struct progress told; /* last */
	progress_fn *progress;
};

static bool is_taken(const struct ledger *ledger, pfn_t pfn)
{
	return (ledger->taken[pfn / 64] >> pfn % 64 & 1) != 0;
}

/* Enter page @pfn or, where that is the first of a word of the ledger and the block has all of it,
 * 64 pages. Returns how many; 0 if the first of them was not to be had. */
static unsigned take_some(struct ledger *ledger, pfn_t pfn, pfn_t end_pfn)
{
	uint64_t *word = &ledger->taken[pfn / 64];

	if (pfn % 64 == 0 && end_pfn - pfn >= 64 && *word == 0) {
		*word = UINT64_MAX;
		return 64;
	}
	if (is_taken(ledger, pfn))
		return 0;
	*word |= UINT64_C(1) << pfn % 64;
	return 1;
}

/* Enter a block. False, and the page, if one of its pages was not to be had. */
static bool take(struct ledger *ledger, paddr_t paddr, uint64_t bytes, pfn_t *ret_pfn)
{
	pfn_t end_pfn = min_u64(pfn_up(paddr + bytes), contig_bootmem_data.node_low_pfn);
	unsigned n_pages;

	for (pfn_t pfn = pfn_down(paddr); pfn < end_pfn; pfn += n_pages) {
		*ret_pfn = pfn;
		n_pages = take_some(ledger, pfn, end_pfn);
		if (n_pages == 0)
			return false;
		ledger->n_taken += n_pages;
	}
	if (end_pfn < pfn_up(paddr + bytes))
		*ret_pfn = end_pfn;
	return end_pfn == pfn_up(paddr + bytes);
}

static struct outcome not_free(const char *what, pfn_t pfn)
{
	return outcome_of_page(outcome_fail("%s: page 0x%llx at 0x%llx was not free", what,
	                                    (ull)pfn, (ull)pfn_paddr(pfn)),
	                       pfn, "was handed out, and was not free");
}

/* Put copy and ledger into the first allocation, and that into the ledger. */
static struct outcome open_ledger(struct ledger *ledger, const struct proof *proof)
{
	const struct handoff_block *block = proof->block;
	uint64_t copy_bytes = align_up(block->node_bootmem_map_bytes, PAGE_BYTES);
	unsigned char *copy;
	paddr_t paddr;
	pfn_t pfn;

	ledger->map_bytes = block->node_bootmem_map_bytes;
	ledger->n_taken = ledger->n_in_blocks = 0;
	ledger->told =
		(struct progress){ .what = PROGRESS_ALLOCATES, .n_whole = block->free_pages };
	ledger->progress = proof->progress;
	handoff_bootmem(block, proof->bitmap, &contig_bootmem_data);
	ledger->original = contig_bootmem_data;
	paddr = alloc_bootmem_pages(&contig_bootmem_data, 2 * copy_bytes);
	if (paddr == BOOTMEM_NONE)
		return outcome_in_brief(
			outcome_not_applicable("no room for two copies of the bitmap"), "no room");
	copy = (unsigned char *)(uintptr_t)paddr;
	memcpy(copy, proof->bitmap, (size_t)ledger->map_bytes);
	ledger->original.node_bootmem_map = copy;
	free_bootmem(&ledger->original, paddr, paddr + 2 * copy_bytes);
	if (handoff_checksum(copy, ledger->map_bytes) != block->node_bootmem_map_checksum)
		return outcome_fail("the first allocation changed more than its own bits");
	ledger->taken = (uint64_t *)(uintptr_t)(paddr + copy_bytes);
	memcpy(ledger->taken, copy, (size_t)ledger->map_bytes);
	if (!take(ledger, paddr, 2 * copy_bytes, &pfn))
		return not_free("first allocation", pfn);
	return outcome_ok(0, "%s", "");
}

/* Is there a place for the request in [from_paddr, limit_paddr)? Looked for page by page. */
static bool fits(const struct ledger *ledger, uint64_t bytes, uint64_t align, paddr_t from_paddr,
                 paddr_t limit_paddr)
{
	pfn_t end_pfn = min_u64(contig_bootmem_data.node_low_pfn, pfn_down(limit_paddr));
	uint64_t n_pages = pages_of(bytes), step = pages_of(align), n_found = 0;

	for (pfn_t pfn = align_up(pfn_up(from_paddr), step); pfn < end_pfn; pfn++) {
		if (is_taken(ledger, pfn)) {
			n_found = 0;
			continue;
		}
		if (n_found == 0 && (pfn & (step - 1)) != 0)
			continue;
		if (++n_found == n_pages)
			return true;
	}
	return false;
}

static const struct request {
	const char *name;
	uint64_t bytes, align;
	paddr_t goal_paddr, limit_paddr;
} requests[] = {
	/* clang-format off */
	{ "a page",                     0x1000,   0x1000,   0,                 0 },
	{ "a page above 16 MiB",        0x1000,   0x1000,   0x1000000,         0 },
	{ "a page below 16 MiB",        0x1000,   0x1000,   0,                 0x1000000 },
	{ "a page below 1 MiB",         0x1000,   0x1000,   0,                 0x100000 },
	{ "three pages on 64 KiB",      0x3000,   0x10000,  0x1000000,         0 },
	{ "64 KiB on 64 KiB",           0x10000,  0x10000,  0,                 0 },
	{ "2 MiB on 2 MiB",             0x200000, 0x200000, 0x1000000,         0 },
	{ "2 MiB on 2 MiB below 4 GiB", 0x200000, 0x200000, 0,                 0x100000000 },
	{ "4 MiB on 4 MiB above 4 GiB", 0x400000, 0x400000, 0x100000000,       0 },
	{ "a page above 64 TiB",        0x1000,   0x1000,   UINT64_C(1) << 46, 0 },
	/* clang-format on */
};

/* One request, and whether the answer is the one that its words promise. "At or above the goal"
 * holds from where the last block was, if that is higher: 2.6.24 searches from there. */
static struct outcome try_request(struct ledger *ledger, const struct request *request)
{
	paddr_t limit_paddr = request->limit_paddr == 0 ? UINT64_MAX : request->limit_paddr;
	paddr_t from_paddr = max_u64(request->goal_paddr, contig_bootmem_data.last_success);
	bool fits_at_goal = fits(ledger, request->bytes, request->align, from_paddr, limit_paddr);
	bool fits_at_all = fits(ledger, request->bytes, request->align, 0, limit_paddr);
	paddr_t paddr = alloc_bootmem_core(&contig_bootmem_data, request->bytes, request->align,
	                                   request->goal_paddr, request->limit_paddr);
	pfn_t pfn;

	if ((paddr != BOOTMEM_NONE) != fits_at_all)
		return outcome_fail("%s: %s", request->name,
		                    fits_at_all ? "not found, though it fits"
		                                : "found where none is");
	if (paddr == BOOTMEM_NONE)
		return outcome_ok(0, "%s", "");
	if ((paddr & (request->align - 1)) != 0 || paddr > limit_paddr - request->bytes ||
	    (fits_at_goal && paddr < request->goal_paddr))
		return outcome_fail("%s: got 0x%llx", request->name, (ull)paddr);
	if (!take(ledger, paddr, request->bytes, &pfn))
		return not_free(request->name, pfn);
	return outcome_ok(0, "%s", "");
}

/* Two small blocks in a row share a page, if the page behind the first one is free: 2.6.24 merges
 * only there. */
static struct outcome try_small_blocks(struct ledger *ledger)
{
	const uint64_t bytes = BOOTMEM_CACHE_BYTES;
	paddr_t first_paddr, second_paddr;
	bool can_share;
	pfn_t pfn;

	/* A page of their own, and not the tail of what the loader allocated last. */
	contig_bootmem_data.last_offset = 0;
	first_paddr = alloc_bootmem_core(&contig_bootmem_data, bytes, bytes, 0, 0);
	if (first_paddr == BOOTMEM_NONE)
		return outcome_ok(0, "%s", "");
	if (!take(ledger, first_paddr, bytes, &pfn))
		return not_free("a small block", pfn);
	can_share = pfn + 1 < contig_bootmem_data.node_low_pfn && !is_taken(ledger, pfn + 1);
	second_paddr = alloc_bootmem_core(&contig_bootmem_data, bytes, bytes, 0, 0);
	if (can_share && second_paddr != first_paddr + bytes)
		return outcome_fail("small blocks at 0x%llx and 0x%llx do not share their page",
		                    (ull)first_paddr, (ull)second_paddr);
	if (!can_share && second_paddr != BOOTMEM_NONE && !take(ledger, second_paddr, bytes, &pfn))
		return not_free("a small block", pfn);
	return outcome_ok(0, "%s", "");
}

static void tell(struct ledger *ledger)
{
	if (ledger->n_taken - ledger->told.n_done < PAGES_A_TELLING)
		return;
	ledger->told.n_done = ledger->n_taken;
	ledger->progress(&ledger->told);
}

/* Blocks of @n_pages pages, @most of them or until there is none left. */
static struct outcome take_all(struct ledger *ledger, uint64_t n_pages, uint64_t most)
{
	uint64_t bytes = n_pages * PAGE_BYTES;
	pfn_t pfn;

	for (; most > 0; most--) {
		paddr_t paddr = alloc_bootmem_core(&contig_bootmem_data, bytes, PAGE_BYTES, 0, 0);

		if (paddr == BOOTMEM_NONE)
			break;
		if (!take(ledger, paddr, bytes, &pfn))
			return not_free("until nothing is left", pfn);
		ledger->n_in_blocks += n_pages > 1 ? n_pages : 0;
		tell(ledger);
	}
	return outcome_ok(0, "%s", "");
}

static struct outcome use_up(struct ledger *ledger, uint64_t free_pages)
{
	struct outcome outcome = outcome_ok(0, "%s", "");

	for (size_t i = 0; outcome.kind == OUTCOME_OK && i < COUNT(requests); i++)
		outcome = try_request(ledger, &requests[i]);
	if (outcome.kind == OUTCOME_OK)
		outcome = try_small_blocks(ledger);
	for (size_t i = 0; outcome.kind == OUTCOME_OK && i < COUNT(blocks); i++)
		outcome = take_all(ledger, blocks[i].n_pages, blocks[i].most);
	if (outcome.kind != OUTCOME_OK)
		return outcome;
	if (ledger->n_taken != free_pages)
		return outcome_fail("%llu pages were handed out, %llu were free",
		                    (ull)ledger->n_taken, (ull)free_pages);
	if (memcmp(contig_bootmem_data.node_bootmem_map, ledger->taken,
	           (size_t)ledger->map_bytes) != 0)
		return outcome_fail("the bitmap is not what was handed out");
	return outcome;
}

/* The allocator that comes after, which only counts. */
struct page_allocator {
	const bootmem_data_t *original;
	uint64_t n_pages;
	uint64_t n_wrong; /* neither free, nor the bitmap's */
};

static void take_over(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	struct page_allocator *after = context;
	pfn_t map_pfn = after->original->node_bootmem_map_pfn;
	uint64_t map_pages = pages_of(get_mapsize(after->original));
	pfn_t end_pfn, free_pfn = bootmem_next_free_run(after->original, first_pfn, &end_pfn);
	bool is_free = free_pfn == first_pfn && first_pfn + n_pages <= end_pfn;

	after->n_pages += n_pages;
	if (!is_free && (first_pfn != map_pfn || n_pages != map_pages))
		after->n_wrong += n_pages;
}

/* Each page was handed out; on a large machine, and then it is said, few of them one by one. */
static struct outcome all_is_well(const struct ledger *ledger, uint64_t n_freed)
{
	char in_blocks[48] = "";

	if (ledger->n_in_blocks > 0)
		text_format(in_blocks, sizeof in_blocks, ", %llu of them in blocks",
		            (ull)ledger->n_in_blocks);
	return outcome_in_brief(
		outcome_ok(ledger->n_taken,
	                   "%llu pages handed out and given back%s, %llu freed with the bitmap's",
	                   (ull)ledger->n_taken, in_blocks, (ull)n_freed),
		"%llu pages given", (ull)ledger->n_taken);
}

/* The end of boot memory: each free page goes, and then those of the bitmap. */
static struct outcome end_boot_memory(const struct ledger *ledger)
{
	struct page_allocator after = { .original = &ledger->original };
	uint64_t expected = ledger->n_taken + pages_of(ledger->map_bytes);
	uint64_t n_said = free_all_bootmem(&contig_bootmem_data, take_over, &after);

	if (after.n_wrong != 0)
		return outcome_fail("free_all_bootmem(): %llu pages were not free",
		                    (ull)after.n_wrong);
	if (after.n_pages != expected || n_said != expected)
		return outcome_fail("free_all_bootmem(): %llu pages, and not %llu, says %llu",
		                    (ull)after.n_pages, (ull)expected, (ull)n_said);
	return all_is_well(ledger, expected);
}

/* Free what the original calls free, and compare; then the kernel needs no bitmap any more. */
static struct outcome give_back(struct ledger *ledger)
{
	pfn_t end_pfn;

	for (pfn_t pfn = bootmem_next_free_run(&ledger->original, 0, &end_pfn);
	     pfn < ledger->original.node_low_pfn;
	     pfn = bootmem_next_free_run(&ledger->original, end_pfn, &end_pfn))
		free_bootmem(&contig_bootmem_data, pfn_paddr(pfn), pfn_paddr(end_pfn));
	if (memcmp(contig_bootmem_data.node_bootmem_map, ledger->original.node_bootmem_map,
	           (size_t)ledger->map_bytes) != 0)
		return outcome_fail("after everything was given back, the bitmap is another one");
	return end_boot_memory(ledger);
}

struct outcome check_allocator(struct proof *proof)
{
	struct ledger ledger;
	struct outcome outcome = open_ledger(&ledger, proof);

	if (outcome.kind != OUTCOME_OK)
		return outcome;
	outcome = use_up(&ledger, proof->block->free_pages);
	if (outcome.kind == OUTCOME_OK)
		return give_back(&ledger);
	memcpy(proof->bitmap, ledger.original.node_bootmem_map, (size_t)ledger.map_bytes);
	return outcome;
}
