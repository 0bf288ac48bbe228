/* replay.c - see replay.h. To be read beside arch/x86/kernel/setup_32.c and setup_64.c of 2.6.24.
 */
#include "tests/unit/replay.h"

#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(4096)
#define KIB  UINT64_C(1024)

static uint64_t page_of(uint64_t paddr)
{
	return paddr / PAGE;
}

static uint64_t next_page_of(uint64_t paddr)
{
	return paddr / PAGE + (paddr % PAGE != 0);
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void *must(void *allocated)
{
	if (allocated == NULL)
		abort();
	return allocated;
}

/* --- the map, as the kernel has it once it has been copied --- */

struct ram {
	struct span *ranges;
	size_t n;
};

static void add_ram(struct ram *ram, uint64_t start, uint64_t end)
{
	ram->ranges[ram->n++] = (struct span){ start, end };
}

/* IA-32: "Some BIOSes claim RAM in the 640k - 1M region." */
static void copy_e820_map_ia32(const struct e820_map *map, struct ram *ram)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		uint64_t start = map->ranges[i].start_paddr, end = map->ranges[i].end_paddr;

		if (map->ranges[i].type != E820_RAM)
			continue;
		if (start < 1024 * KIB && end > 640 * KIB) {
			if (start < 640 * KIB)
				add_ram(ram, start, 640 * KIB);
			if (end <= 1024 * KIB)
				continue;
			start = 1024 * KIB;
		}
		add_ram(ram, start, end);
	}
}

static void copy_e820_map_amd64(const struct e820_map *map, struct ram *ram)
{
	for (size_t i = 0; i < map->n_ranges; i++) {
		if (map->ranges[i].type == E820_RAM)
			add_ram(ram, map->ranges[i].start_paddr, map->ranges[i].end_paddr);
	}
}

static uint64_t end_of_ram(const struct ram *ram)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < ram->n; i++) {
		uint64_t first = next_page_of(ram->ranges[i].start_paddr);
		uint64_t end = page_of(ram->ranges[i].end_paddr);

		if (first < end && end > highest)
			highest = end;
	}
	return highest;
}

/* --- mm/bootmem.c --- */

static void init_bootmem_of(struct replay *replay, uint64_t n_pages, unsigned long_bytes)
{
	replay->n_pages = n_pages;
	replay->is_reserved = must(malloc((size_t)n_pages + 1));
	memset(replay->is_reserved, 1, (size_t)n_pages);
	replay->bitmap_bytes = (n_pages + 7) / 8;
	while (replay->bitmap_bytes % long_bytes != 0)
		replay->bitmap_bytes++;
}

static void free_ram(struct replay *replay, const struct ram *ram)
{
	for (size_t i = 0; i < ram->n; i++) {
		uint64_t end = least(page_of(ram->ranges[i].end_paddr), replay->n_pages);

		for (uint64_t page = next_page_of(ram->ranges[i].start_paddr); page < end; page++)
			replay->is_reserved[page] = 0;
	}
}

static void reserve(struct replay *replay, uint64_t paddr, uint64_t size)
{
	uint64_t end = least(next_page_of(paddr + size), replay->n_pages);

	for (uint64_t page = page_of(paddr); page < end; page++)
		replay->is_reserved[page] = 1;
}

/* The lowest @n_pages free pages in a row that end below the last page of 4 GiB. */
static void alloc_low(struct replay *replay, uint64_t n_pages)
{
	uint64_t end = least(replay->n_pages, 0xfffff);

	for (uint64_t first = 0; first + n_pages <= end; first++) {
		uint64_t n_free = 0;

		while (n_free < n_pages && replay->is_reserved[first + n_free] == 0)
			n_free++;
		if (n_free < n_pages)
			continue;
		reserve(replay, first * PAGE, n_pages * PAGE);
		replay->wakeup_paddr = first * PAGE;
		return;
	}
	replay->end = REPLAY_NO_LOW_PAGE;
}

static void write_bitmap(struct replay *replay)
{
	replay->bitmap = must(malloc((size_t)replay->bitmap_bytes + 1));
	memset(replay->bitmap, 0xff, (size_t)replay->bitmap_bytes);
	for (uint64_t page = 0; page < replay->n_pages; page++) {
		if (replay->is_reserved[page] == 0)
			replay->bitmap[page / 8] -= (uint8_t)(1 << page % 8);
	}
}

/* --- what stands in memory --- */

static const uint8_t *look(const struct boot_inputs *inputs, uint64_t paddr, uint64_t bytes)
{
	return inputs->phys->read(inputs->phys->context, paddr, bytes);
}

static uint64_t word_at(const struct boot_inputs *inputs, uint64_t paddr)
{
	const uint8_t *at = look(inputs, paddr, 2);

	return at == NULL ? 0 : at[0] + 256u * at[1];
}

/* discover_ebda() */
static struct span discover_ebda(const struct boot_inputs *inputs)
{
	uint64_t paddr = word_at(inputs, 0x40e) * 16;
	uint64_t size = word_at(inputs, paddr);

	if (size == 0)
		size = 1;
	size = next_page_of(size * KIB + paddr % PAGE) * PAGE;
	if (size > 64 * KIB)
		size = 64 * KIB;
	return (struct span){ paddr, paddr + size };
}

/* smp_scan_config(): a page of the floating pointer, and a page of what it points at. */
static bool scan(struct replay *replay, const struct boot_inputs *inputs, uint64_t paddr,
                 uint64_t bytes)
{
	const uint8_t *window = look(inputs, paddr, bytes);

	for (uint64_t i = 0; window != NULL && i < bytes; i += 16) {
		const uint8_t *at = window + i;
		uint64_t table = at[4] + 256u * at[5] + 65536u * at[6] + 16777216ull * at[7];
		unsigned sum = 0;

		for (int j = 0; j < 16; j++)
			sum += at[j];
		if (memcmp(at, "_MP_", 4) != 0 || at[8] != 1 || sum % 256 != 0 ||
		    (at[9] != 1 && at[9] != 4))
			continue;
		reserve(replay, paddr + i, PAGE);
		if (table != 0)
			reserve(replay, table, PAGE);
		return true;
	}
	return false;
}

static void find_mp(struct replay *replay, const struct boot_inputs *inputs, bool is_amd64)
{
	uint64_t ebda = word_at(inputs, 0x40e) * 16;

	if (scan(replay, inputs, 0, KIB) || scan(replay, inputs, 639 * KIB, KIB) ||
	    scan(replay, inputs, 0xf0000, 64 * KIB))
		return;
	if (is_amd64)
		scan(replay, inputs, ebda, 4 * KIB);
	else if (ebda != 0)
		scan(replay, inputs, ebda, KIB);
}

static void keep_initrd(struct replay *replay, const struct boot_inputs *inputs)
{
	uint64_t start = inputs->initrd.start_paddr, end = inputs->initrd.end_paddr;

	if (start == end)
		return;
	if (end <= replay->n_pages * PAGE)
		reserve(replay, start, end - start);
	else
		replay->drops_initrd = true;
}

/* --- IA-32: setup_memory(), setup_bootmem_allocator() --- */

static void check_home_ia32(struct replay *replay, uint64_t first)
{
	for (uint64_t page = first; page < first + next_page_of(replay->bitmap_bytes); page++) {
		if (page >= replay->n_pages || replay->is_reserved[page] != 0)
			replay->end = REPLAY_HOME_IS_BAD;
	}
}

static void setup_arch_ia32(struct replay *replay, const struct boot_inputs *inputs,
                            const struct ram *ram)
{
	uint64_t init_pg_tables_end = inputs->kernel.end_paddr, min_low_pfn, ebda;

	if (inputs->tables.end_paddr > init_pg_tables_end)
		init_pg_tables_end = inputs->tables.end_paddr;
	min_low_pfn = next_page_of(init_pg_tables_end);
	replay->home_paddr = min_low_pfn * PAGE;
	replay->max_pfn = end_of_ram(ram);
	init_bootmem_of(replay, least(replay->max_pfn, 896 * KIB * KIB / PAGE), 4);
	if (replay->n_pages == 0) {
		replay->end = REPLAY_NO_RAM;
		return;
	}
	free_ram(replay, ram);
	check_home_ia32(replay, min_low_pfn);
	if (replay->end != REPLAY_DONE)
		return;

	reserve(replay, inputs->kernel.start_paddr,
	        min_low_pfn * PAGE + replay->bitmap_bytes + PAGE - 1 - inputs->kernel.start_paddr);
	reserve(replay, 0, PAGE);
	ebda = word_at(inputs, 0x40e) * 16;
	if (ebda != 0)
		reserve(replay, ebda, PAGE);
	if (inputs->is_amd_k7)
		reserve(replay, 0xa0000 - PAGE, PAGE);
	reserve(replay, PAGE, PAGE);
	alloc_low(replay, 1);
	find_mp(replay, inputs, false);
	keep_initrd(replay, inputs);
}

/* --- AMD64: setup_arch(), contig_initmem_init() --- */

/* Does [*addr, *addr + size) touch [start, end)? Then go on behind it. */
static bool touches(uint64_t *addr, uint64_t size, uint64_t start, uint64_t end)
{
	uint64_t last = *addr + size;

	if (start == end || last < start || *addr >= end)
		return false;
	*addr = next_page_of(end) * PAGE;
	return true;
}

static bool is_bad_addr(const struct boot_inputs *inputs, uint64_t *addr, uint64_t size)
{
	struct span ebda = discover_ebda(inputs);

	return touches(addr, size, 0, 0x8000) ||
	       touches(addr, size, inputs->tables.start_paddr, inputs->tables.end_paddr) ||
	       touches(addr, size, inputs->initrd.start_paddr, inputs->initrd.end_paddr) ||
	       touches(addr, size, inputs->kernel.start_paddr, inputs->kernel.end_paddr) ||
	       touches(addr, size, ebda.start_paddr, ebda.end_paddr);
}

/* find_e820_area(), which is told to stay below @end. */
static uint64_t find_area(const struct boot_inputs *inputs, const struct ram *ram, uint64_t end,
                          uint64_t size)
{
	for (size_t i = 0; i < ram->n; i++) {
		uint64_t addr = ram->ranges[i].start_paddr, ram_end = ram->ranges[i].end_paddr;
		uint64_t last;

		while (is_bad_addr(inputs, &addr, size) && addr + size <= ram_end)
			;
		last = next_page_of(addr) * PAGE + size;
		if (last <= ram_end && last <= end)
			return addr;
	}
	return UINT64_MAX;
}

static void setup_arch_amd64(struct replay *replay, const struct boot_inputs *inputs,
                             const struct ram *ram)
{
	const uint64_t maxmem = UINT64_C(0x3fffffffffff);
	uint64_t end_pfn = least(end_of_ram(ram), maxmem / PAGE);
	struct span ebda = discover_ebda(inputs);

	replay->max_pfn = end_of_ram(ram);
	init_bootmem_of(replay, end_pfn, 8);
	if (end_pfn == 0) {
		replay->end = REPLAY_NO_RAM;
		return;
	}
	replay->home_paddr =
		find_area(inputs, ram, end_pfn * PAGE, next_page_of((end_pfn + 7) / 8) * PAGE);
	if (replay->home_paddr == UINT64_MAX) {
		replay->end = REPLAY_NO_HOME;
		return;
	}
	free_ram(replay, ram);
	reserve(replay, replay->home_paddr / PAGE * PAGE, replay->bitmap_bytes);

	reserve(replay, inputs->tables.start_paddr,
	        inputs->tables.end_paddr - inputs->tables.start_paddr);
	reserve(replay, inputs->kernel.start_paddr,
	        inputs->kernel.end_paddr - inputs->kernel.start_paddr);
	reserve(replay, 0, PAGE);
	if (ebda.start_paddr != 0)
		reserve(replay, ebda.start_paddr, ebda.end_paddr - ebda.start_paddr);
	reserve(replay, 0x6000, 2 * PAGE);
	alloc_low(replay, 2);
	find_mp(replay, inputs, true);
	keep_initrd(replay, inputs);
}

void replay_linux(const struct boot_inputs *inputs, struct replay *replay)
{
	bool is_amd64 = strcmp(inputs->target->name, "amd64") == 0;
	struct ram ram = { must(calloc(2 * inputs->e820->n_ranges + 1, sizeof(struct span))), 0 };

	memset(replay, 0, sizeof *replay);
	if (is_amd64) {
		copy_e820_map_amd64(inputs->e820, &ram);
		setup_arch_amd64(replay, inputs, &ram);
	} else {
		copy_e820_map_ia32(inputs->e820, &ram);
		setup_arch_ia32(replay, inputs, &ram);
	}
	if (replay->end == REPLAY_DONE)
		write_bitmap(replay);
	free(ram.ranges);
}

void replay_free(struct replay *replay)
{
	free(replay->is_reserved);
	free(replay->bitmap);
	memset(replay, 0, sizeof *replay);
}
