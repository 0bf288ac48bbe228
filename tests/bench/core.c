/*
 * core.c - the work of floors 0 and 1, over maps that are made up, in rows: what one costs.
 *
 *     valgrind --tool=callgrind --collect-atstart=no core    counts instructions, a dump a row
 *     core                                                   measures the time of each
 *     core --all                                             and of the sizes that only plots show
 *     core mixed-above                                       only rows whose names begin with that
 *
 * A line a row: its name, how many things were done, the unit of one, and nanoseconds for all of
 * them (the least of some runs). What is counted is the work alone: what it needs is made before.
 * The maps come from a fixed sequence of numbers, and memset() and its like are those of the
 * loader, where an iteration of a string instruction is an instruction: so the counts are the same
 * on each machine with the same compiler.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <valgrind/callgrind.h>

#include "bootmem/bootmem.h"
#include "bootmem/sort.h"
#include "handoff/load/bitmap_sum.h"
#include "handoff/load/sha256.h"
#include "x86/e820.h"
#include "x86/setup.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GIB          (UINT64_C(1) << 30)
#define MIB          (UINT64_C(1) << 20)

_Noreturn void bootmem_assert_fail(const char *what)
{
	fprintf(stderr, "core: %s\n", what);
	abort();
}

/* ---- What is counted ---- */

static uint64_t started_ns;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static void work_begins(void)
{
	started_ns = now_ns();
	CALLGRIND_TOGGLE_COLLECT;
}

static uint64_t work_ends(void)
{
	CALLGRIND_TOGGLE_COLLECT;
	return now_ns() - started_ns;
}

/* Does the work of a row for @size; returns how many things that were, and the time in *ret_ns. */
typedef uint64_t work_fn(uint64_t size, uint64_t *ret_ns);

static void run_row(const char *name, const char *unit, work_fn *work, uint64_t size)
{
	uint64_t best_ns = UINT64_MAX, n = 0;
	int n_runs = RUNNING_ON_VALGRIND ? 1 : 5;

	for (int run = 0; run < n_runs; run++) {
		uint64_t ns = 0;

		n = work(size, &ns);
		if (ns < best_ns)
			best_ns = ns;
	}
	printf("%s %llu %s %llu\n", name, (unsigned long long)n, unit, (unsigned long long)best_ns);
	fflush(stdout);
	CALLGRIND_DUMP_STATS_AT(name);
}

/* Knuth's numbers of 64 bits: the same on each machine. */
static uint64_t random_state;

static uint64_t random_below(uint64_t limit)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (random_state >> 33) % limit;
}

static void *pages(uint64_t bytes)
{
	void *start = mmap(NULL, (size_t)bytes, PROT_READ | PROT_WRITE,
	                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED) {
		perror("core: mmap");
		exit(2);
	}
	return start;
}

/* ---- Bitmaps ---- */

#define RAM_RUNS 47
#define RESERVED 20

struct node {
	bootmem_data_t bdata;
	void *map;
	uint64_t map_bytes;
};

static void node_open(struct node *node, uint64_t bytes)
{
	uint64_t n_pages = bytes >> PAGE_SHIFT;

	node->map_bytes = pfn_paddr(bootmem_bootmap_pages(n_pages));
	node->map = pages(node->map_bytes);
	memset(node->map, 0x55, (size_t)node->map_bytes); /* there, and not what is wanted */
	init_bootmem(&node->bdata, node->map, 0, n_pages, 8);
}

static void node_close(struct node *node)
{
	munmap(node->map, (size_t)node->map_bytes);
}

/* Runs of RAM as firmware has them: many small ones below 2 GiB, one large one to the end. */
static void free_ram(bootmem_data_t *bdata)
{
	const uint64_t step = 32 * MIB;

	for (uint64_t i = 0; i + 1 < RAM_RUNS; i++)
		free_bootmem(bdata, i * step, (i + 1) * step - (i + 1) * 3 * PAGE_BYTES);
	free_bootmem(bdata, RAM_RUNS * step, pfn_paddr(bdata->node_low_pfn));
}

static uint64_t build(uint64_t bytes, uint64_t *ret_ns)
{
	struct node node;

	node_open(&node, bytes);
	work_begins();
	free_ram(&node.bdata);
	for (uint64_t i = 0; i < RESERVED; i++)
		reserve_bootmem(&node.bdata, i * 61 * MIB + 4096, i * 61 * MIB + 3 * 4096);
	bootmem_complete(&node.bdata);
	*ret_ns = work_ends();
	node_close(&node);
	return node.map_bytes / 8;
}

/* What no builder can do without: each word is stored once. */
static uint64_t fill(uint64_t bytes, uint64_t *ret_ns)
{
	struct node node;

	node_open(&node, bytes);
	work_begins();
	memset(node.map, 0xff, (size_t)node.map_bytes);
	*ret_ns = work_ends();
	node_close(&node);
	return node.map_bytes / 8;
}

static void node_of_ram(struct node *node, uint64_t bytes)
{
	node_open(node, bytes);
	free_ram(&node->bdata);
	bootmem_complete(&node->bdata);
}

static uint64_t sum(uint64_t bytes, uint64_t *ret_ns)
{
	struct node node;
	uint64_t n_free;

	node_of_ram(&node, bytes);
	work_begins();
	bitmap_sum(&node.bdata, &n_free);
	*ret_ns = work_ends();
	node_close(&node);
	return node.map_bytes / 8;
}

static uint64_t n_runs;

static void take_over(void *context, pfn_t first_pfn, uint64_t n_pages)
{
	(void)context, (void)first_pfn, (void)n_pages;
	n_runs++;
}

static uint64_t hand_over_ram(uint64_t bytes, uint64_t *ret_ns)
{
	struct node node;

	node_of_ram(&node, bytes);
	node.bdata.node_free_first = BOOTMEM_NONE; /* as a kernel gets it: each word is looked at */
	work_begins();
	free_all_bootmem(&node.bdata, take_over, NULL);
	*ret_ns = work_ends();
	node_close(&node);
	return node.map_bytes / 8;
}

/* Every second page is free. */
static uint64_t hand_over_dense(uint64_t bytes, uint64_t *ret_ns)
{
	struct node node;

	node_open(&node, bytes);
	free_bootmem(&node.bdata, 0, bytes);
	memset(node.map, 0x55, (size_t)node.map_bytes);
	node.bdata.node_free_first = BOOTMEM_NONE;
	n_runs = 0;
	work_begins();
	free_all_bootmem(&node.bdata, take_over, NULL);
	*ret_ns = work_ends();
	node_close(&node);
	return n_runs;
}

/* ---- Blocks ---- */

#define NODE_BYTES (64 * GIB)

/* What the loop around a call costs, which the rows below have in them. */
static __attribute__((noinline)) paddr_t no_page(bootmem_data_t *bdata, uint64_t bytes,
                                                 uint64_t align, paddr_t goal_paddr,
                                                 paddr_t limit_paddr)
{
	(void)bytes, (void)align, (void)goal_paddr, (void)limit_paddr;
	__asm__ volatile("" : : "r"(bdata) : "memory");
	return 0;
}

static uint64_t take_nothing(uint64_t n, uint64_t *ret_ns)
{
	struct node node;

	node_of_ram(&node, NODE_BYTES);
	work_begins();
	for (uint64_t i = 0; i < n; i++)
		if (no_page(&node.bdata, PAGE_BYTES, PAGE_BYTES, 0, 0) == BOOTMEM_NONE)
			abort();
	*ret_ns = work_ends();
	node_close(&node);
	return n;
}

static uint64_t take_pages_of(struct node *node, uint64_t n, paddr_t goal_paddr)
{
	uint64_t ns;

	work_begins();
	for (uint64_t i = 0; i < n; i++)
		if (alloc_bootmem_core(&node->bdata, PAGE_BYTES, PAGE_BYTES, goal_paddr, 0) ==
		    BOOTMEM_NONE)
			abort();
	ns = work_ends();
	node_close(node);
	return ns;
}

static uint64_t take_first_pages(uint64_t n, uint64_t *ret_ns)
{
	struct node node;

	node_of_ram(&node, NODE_BYTES);
	*ret_ns = take_pages_of(&node, n, 0);
	return n;
}

static uint64_t take_first_pages_above(uint64_t n, uint64_t *ret_ns)
{
	struct node node;

	node_of_ram(&node, NODE_BYTES);
	*ret_ns = take_pages_of(&node, n, 16 * MIB);
	return n;
}

/* All but the last @n pages have gone before, one by one too. */
static uint64_t take_last_pages_above(uint64_t n, uint64_t *ret_ns)
{
	struct node node;
	uint64_t n_before;

	node_of_ram(&node, 4 * GIB);
	n_before = bootmem_free_pages(&node.bdata) - n;
	for (uint64_t i = 0; i < n_before; i++)
		alloc_bootmem_core(&node.bdata, PAGE_BYTES, PAGE_BYTES, 16 * MIB, 0);
	*ret_ns = take_pages_of(&node, n, 16 * MIB);
	return n;
}

/* 64 B to 2 MiB, on 8 B to 2 MiB: eight kinds. */
static const struct {
	uint64_t bytes, align;
} kinds[] = {
	{ 64, 8 },           { 200, 64 },          { 4096, 4096 },
	{ 10000, 128 },      { 3 * 4096, 4096 },   { 64 << 10, 64 << 10 },
	{ 512 << 10, 4096 }, { 2 << 20, 2 << 20 },
};

static uint64_t take_mixed_from(uint64_t n, paddr_t goal_paddr, uint64_t *ret_ns)
{
	struct node node;
	uint8_t *drawn = malloc((size_t)n);

	random_state = 1;
	for (uint64_t i = 0; i < n; i++)
		drawn[i] = (uint8_t)random_below(COUNT(kinds));
	node_of_ram(&node, NODE_BYTES);
	work_begins();
	for (uint64_t i = 0; i < n; i++)
		if (alloc_bootmem_core(&node.bdata, kinds[drawn[i]].bytes, kinds[drawn[i]].align,
		                       goal_paddr, 0) == BOOTMEM_NONE)
			abort();
	*ret_ns = work_ends();
	node_close(&node);
	free(drawn);
	return n;
}

static uint64_t take_mixed(uint64_t n, uint64_t *ret_ns)
{
	return take_mixed_from(n, 0, ret_ns);
}

static uint64_t take_mixed_above(uint64_t n, uint64_t *ret_ns)
{
	return take_mixed_from(n, 16 * MIB, ret_ns);
}

/* ---- e820 maps ---- */

static uint32_t random_type(void)
{
	static const uint32_t types[] = { E820_RAM, E820_RAM, E820_RESERVED, E820_ACPI, E820_NVS };

	return types[random_below(COUNT(types))];
}

typedef void shape_fn(struct e820_map *map, uint64_t n);

/* One behind the other, as firmware nearly has them. */
static void make_sorted(struct e820_map *map, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		e820_add(map, i * MIB, i * MIB + (1 + random_below(255)) * PAGE_BYTES,
		         random_type());
}

static void shuffle(struct e820_map *map)
{
	for (size_t i = map->n_ranges; i > 1; i--) {
		size_t other = (size_t)random_below(i);
		struct e820_range range = map->ranges[i - 1];

		map->ranges[i - 1] = map->ranges[other];
		map->ranges[other] = range;
	}
}

static void make_disjoint(struct e820_map *map, uint64_t n)
{
	make_sorted(map, n);
	shuffle(map);
}

/* Over each other, one deep on the average. */
static void make_random(struct e820_map *map, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++) {
		paddr_t start_paddr = random_below(n) * MIB;

		e820_add(map, start_paddr, start_paddr + (1 + random_below(512)) * PAGE_BYTES,
		         random_type());
	}
}

/* Each inside the one before. */
static void make_onion(struct e820_map *map, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		e820_add(map, i * MIB, (2 * n - i) * MIB, random_type());
	shuffle(map);
}

static uint64_t sanitize(uint64_t n, shape_fn *shape, uint64_t *ret_ns)
{
	size_t most = e820_most_ranges((size_t)n), scratch_bytes = e820_scratch_bytes((size_t)n);
	struct e820_map map = { .ranges = calloc(most, sizeof *map.ranges), .capacity = most };
	void *scratch = malloc(scratch_bytes);

	random_state = n;
	shape(&map, n);
	work_begins();
	if (e820_sanitize(&map, scratch, scratch_bytes, NULL) != MAP_OK)
		abort();
	*ret_ns = work_ends();
	free(scratch);
	free(map.ranges);
	return n;
}

static uint64_t sanitize_sorted(uint64_t n, uint64_t *ret_ns)
{
	return sanitize(n, make_sorted, ret_ns);
}

static uint64_t sanitize_disjoint(uint64_t n, uint64_t *ret_ns)
{
	return sanitize(n, make_disjoint, ret_ns);
}

static uint64_t sanitize_random(uint64_t n, uint64_t *ret_ns)
{
	return sanitize(n, make_random, ret_ns);
}

static uint64_t sanitize_onion(uint64_t n, uint64_t *ret_ns)
{
	return sanitize(n, make_onion, ret_ns);
}

/* What no sanitizer by sorting can do without: the two ends of each range in order. */
static int compare_keys(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t sort_by_libc(uint64_t n, uint64_t *ret_ns)
{
	uint64_t *keys = calloc((size_t)(2 * n), sizeof *keys);

	random_state = n;
	for (uint64_t i = 0; i < 2 * n; i++)
		keys[i] = random_below(UINT64_C(1) << 31);
	work_begins();
	qsort(keys, (size_t)(2 * n), sizeof *keys, compare_keys);
	*ret_ns = work_ends();
	free(keys);
	return n;
}

static uint64_t sort_by_ours(uint64_t n, uint64_t *ret_ns)
{
	struct sort_item *items = calloc((size_t)(4 * n), sizeof *items);

	random_state = n;
	for (uint64_t i = 0; i < 2 * n; i++)
		items[i].key = random_below(UINT64_C(1) << 31);
	work_begins();
	sort_by_key(items, (size_t)(2 * n), items + 2 * n);
	*ret_ns = work_ends();
	free(items);
	return n;
}

/* ---- The plan: a sanitized map -> a bitmap with everything that is reserved ---- */

static const void *read_nothing(void *context, paddr_t start_paddr, uint64_t bytes)
{
	(void)context, (void)start_paddr, (void)bytes;
	return NULL;
}

static void *storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	(void)start_paddr, (void)n_pages;
	return context;
}

static struct e820_map map_of_machine(uint64_t bytes)
{
	struct e820_map map = { .ranges = calloc(128, sizeof *map.ranges), .capacity = 128 };

	e820_add(&map, 0, 0xa0000, E820_RAM);
	for (uint64_t i = 0; i < 40; i++) {
		e820_add(&map, MIB + i * 32 * MIB, 32 * MIB + i * 32 * MIB, E820_RAM);
		e820_add(&map, 32 * MIB + i * 32 * MIB, 33 * MIB + i * 32 * MIB,
		         i % 2 == 0 ? E820_ACPI : E820_RESERVED);
	}
	e820_add(&map, 4 * GIB, 4 * GIB + bytes, E820_RAM);
	return map;
}

static uint64_t plan_for(const struct boot_target *target, uint64_t bytes, uint64_t *ret_ns)
{
	struct e820_map map = map_of_machine(bytes);
	const struct phys_mem phys = { read_nothing, NULL };
	uint64_t map_bytes = pfn_paddr(bootmem_bootmap_pages((4 * GIB + bytes) >> PAGE_SHIFT));
	void *bootmap = pages(map_bytes);
	const struct boot_inputs inputs = {
		.target = target,
		.policy = POLICY_SAFE,
		.e820 = &map,
		.vacant = &map,
		.kernel = { MIB, 2 * MIB },
		.tables = { 2 * MIB, 2 * MIB + 16 * PAGE_BYTES },
		.home_limit_paddr = UINT64_MAX,
		.phys = &phys,
		.bootmap_storage = storage,
		.context = bootmap,
	};
	struct boot_setup setup = {
		.reservations = { .entries = calloc(64, sizeof(struct reservation)),
		                  .capacity = 64 },
	};

	memset(bootmap, 0x55, (size_t)map_bytes);
	work_begins();
	if (boot_setup_run(&setup, &inputs) != SETUP_OK) {
		fprintf(stderr, "core: %s\n", setup_err_text(setup.err));
		exit(2);
	}
	*ret_ns = work_ends();
	free(setup.reservations.entries);
	munmap(bootmap, (size_t)map_bytes);
	free(map.ranges);
	return 1;
}

static uint64_t plan_amd64(uint64_t bytes, uint64_t *ret_ns)
{
	return plan_for(&target_amd64, bytes, ret_ns);
}

static uint64_t plan_ia32(uint64_t bytes, uint64_t *ret_ns)
{
	return plan_for(&target_ia32, bytes, ret_ns);
}

/* ---- The sum of a file ---- */

static uint64_t sha256(uint64_t bytes, uint64_t *ret_ns)
{
	uint8_t *file = pages(bytes), sum[SHA256_BYTES];

	random_state = bytes;
	for (uint64_t i = 0; i < bytes; i++)
		file[i] = (uint8_t)random_below(256);
	work_begins();
	sha256_of(file, (size_t)bytes, sum);
	*ret_ns = work_ends();
	munmap(file, (size_t)bytes);
	return bytes;
}

/* ---- The table ---- */

static const struct row {
	const char *name; /* what, and of which size */
	const char *unit;
	work_fn *work;
	uint64_t size;
	bool is_for_plots;
} rows[] = {
	/* clang-format off */
	{ "fill-4GiB",               "word",  fill,                   4 * GIB, false },
	{ "fill-64GiB",              "word",  fill,                   64 * GIB, false },
	{ "fill-1TiB",               "word",  fill,                   1024 * GIB, false },
	{ "build-4GiB",              "word",  build,                  4 * GIB, false },
	{ "build-64GiB",             "word",  build,                  64 * GIB, false },
	{ "build-1TiB",              "word",  build,                  1024 * GIB, false },
	{ "sum-64GiB",               "word",  sum,                    64 * GIB, false },
	{ "free-all-64GiB",          "word",  hand_over_ram,          64 * GIB, false },
	{ "free-all-dense-4GiB",     "run",   hand_over_dense,        4 * GIB, false },
	{ "sort-libc-127",           "range", sort_by_libc,           127, false },
	{ "sort-127",                "range", sort_by_ours,           127, false },
	{ "sanitize-sorted-127",     "range", sanitize_sorted,        127, false },
	{ "sanitize-disjoint-127",   "range", sanitize_disjoint,      127, false },
	{ "sanitize-random-127",     "range", sanitize_random,        127, false },
	{ "sanitize-onion-127",      "range", sanitize_onion,         127, false },
	{ "sort-libc-1024",          "range", sort_by_libc,           1024, false },
	{ "sanitize-random-1024",    "range", sanitize_random,        1024, false },
	{ "sort-libc-8192",          "range", sort_by_libc,           8192, false },
	{ "sanitize-random-8192",    "range", sanitize_random,        8192, false },
	{ "loop-100000",             "call",  take_nothing,           100000, false },
	{ "page-first-100000",       "page",  take_first_pages,       100000, false },
	{ "page-above-first-100000", "page",  take_first_pages_above, 100000, false },
	{ "page-above-last-100000",  "page",  take_last_pages_above,  100000, false },
	{ "mixed-10000",             "block", take_mixed,             10000, false },
	{ "mixed-100000",            "block", take_mixed,             100000, false },
	{ "mixed-above-10000",       "block", take_mixed_above,       10000, false },
	{ "mixed-above-100000",      "block", take_mixed_above,       100000, false },
	{ "plan-amd64-4GiB",         "plan",  plan_amd64,             4 * GIB, false },
	{ "plan-amd64-64GiB",        "plan",  plan_amd64,             64 * GIB, false },
	{ "plan-amd64-1TiB",         "plan",  plan_amd64,             1024 * GIB, false },
	{ "plan-ia32-4GiB",          "plan",  plan_ia32,              4 * GIB, false },
	{ "sha256-1MiB",             "byte",  sha256,                 MIB, false },
	{ "fill-16GiB",              "word",  fill,                   16 * GIB, true },
	{ "fill-256GiB",             "word",  fill,                   256 * GIB, true },
	{ "fill-4TiB",               "word",  fill,                   4096 * GIB, true },
	{ "fill-16TiB",              "word",  fill,                   16384 * GIB, true },
	{ "build-16GiB",             "word",  build,                  16 * GIB, true },
	{ "build-256GiB",            "word",  build,                  256 * GIB, true },
	{ "build-4TiB",              "word",  build,                  4096 * GIB, true },
	{ "build-16TiB",             "word",  build,                  16384 * GIB, true },
	{ "sort-libc-16",            "range", sort_by_libc,           16, true },
	{ "sort-libc-65536",         "range", sort_by_libc,           65536, true },
	{ "sanitize-sorted-16",      "range", sanitize_sorted,        16, true },
	{ "sanitize-sorted-1024",    "range", sanitize_sorted,        1024, true },
	{ "sanitize-sorted-8192",    "range", sanitize_sorted,        8192, true },
	{ "sanitize-sorted-65536",   "range", sanitize_sorted,        65536, true },
	{ "sanitize-disjoint-16",    "range", sanitize_disjoint,      16, true },
	{ "sanitize-disjoint-1024",  "range", sanitize_disjoint,      1024, true },
	{ "sanitize-disjoint-8192",  "range", sanitize_disjoint,      8192, true },
	{ "sanitize-disjoint-65536", "range", sanitize_disjoint,      65536, true },
	{ "sanitize-random-16",      "range", sanitize_random,        16, true },
	{ "sanitize-random-65536",   "range", sanitize_random,        65536, true },
	{ "sanitize-onion-16",       "range", sanitize_onion,         16, true },
	{ "sanitize-onion-1024",     "range", sanitize_onion,         1024, true },
	{ "sanitize-onion-8192",     "range", sanitize_onion,         8192, true },
	{ "sanitize-onion-65536",    "range", sanitize_onion,         65536, true },
	{ "mixed-1000",              "block", take_mixed,             1000, true },
	{ "mixed-above-1000",        "block", take_mixed_above,       1000, true },
	/* clang-format on */
};

int main(int argc, char **argv)
{
	bool is_all = argc > 1 && strcmp(argv[1], "--all") == 0;
	const char *prefix = argc > 1 && !is_all ? argv[1] : "";

	for (size_t i = 0; i < COUNT(rows); i++)
		if ((is_all || !rows[i].is_for_plots) &&
		    strncmp(rows[i].name, prefix, strlen(prefix)) == 0)
			run_row(rows[i].name, rows[i].unit, rows[i].work, rows[i].size);
	return 0;
}
