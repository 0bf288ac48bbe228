/* literal_setup.c - see literal_setup.h. To be read beside arch/x86/kernel/setup_32.c, e820_32.c,
 * setup_64.c and e820_64.c of 2.6.24. */
#include "tests/unit/literal_setup.h"

#include <stdlib.h>
#include <string.h>

#define PAGE UINT64_C(4096)
#define KIB  UINT64_C(1024)
#define RAM  1

#define LOW_LIMIT UINT64_C(0xffffffff) /* ARCH_LOW_ADDRESS_LIMIT */
#define CACHE     128                  /* SMP_CACHE_BYTES */

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

/* --- the map, as the kernel has it once it has been copied --- */

struct ram {
	struct literal_range *ranges;
	size_t n;
};

static void add_ram(struct ram *ram, uint64_t start, uint64_t end)
{
	ram->ranges[ram->n++] = (struct literal_range){ start, end, RAM };
}

/* IA-32: "Some BIOSes claim RAM in the 640k - 1M region." AMD64 trusts e820 completely. */
static void copy_e820_map(const struct literal_machine *machine, struct ram *ram)
{
	ram->ranges = calloc(2 * machine->n_e820 + 1, sizeof *ram->ranges);
	ram->n = 0;
	if (ram->ranges == NULL)
		abort();
	for (size_t i = 0; i < machine->n_e820; i++) {
		uint64_t start = machine->e820[i].start, end = machine->e820[i].end;

		if (machine->e820[i].type != RAM)
			continue;
		if (!machine->is_amd64 && start < 1024 * KIB && end > 640 * KIB) {
			if (start < 640 * KIB)
				add_ram(ram, start, 640 * KIB);
			if (end <= 1024 * KIB)
				continue;
			start = 1024 * KIB;
		}
		add_ram(ram, start, end);
	}
}

/* find_max_pfn(); e820_end_of_ram() */
static uint64_t end_of_ram(const struct ram *ram)
{
	uint64_t highest = 0;

	for (size_t i = 0; i < ram->n; i++) {
		uint64_t first = next_page_of(ram->ranges[i].start);
		uint64_t end = page_of(ram->ranges[i].end);

		if (first < end && end > highest)
			highest = end;
	}
	return highest;
}

/* register_bootmem_low_pages(); free_bootmem_with_active_regions() */
static void free_ram(struct literal_setup *setup, const struct ram *ram)
{
	for (size_t i = 0; i < ram->n; i++) {
		uint64_t first = next_page_of(ram->ranges[i].start);
		uint64_t end = least(page_of(ram->ranges[i].end), setup->node.end_pfn);

		if (first < end)
			literal_free_bootmem(&setup->node, first * PAGE, (end - first) * PAGE);
	}
}

/* Its callers clip, or there is a BUG_ON(). */
static void reserve(struct literal_setup *setup, uint64_t paddr, uint64_t size)
{
	uint64_t end = setup->node.end_pfn * PAGE;

	if (size > 0 && next_page_of(paddr + size) > setup->node.end_pfn)
		setup->clips = true;
	if (paddr >= end)
		return;
	size = least(size, end - paddr);
	if (size > 0)
		literal_reserve_bootmem(&setup->node, paddr, size);
}

/* acpi_reserve_bootmem() */
static void reserve_wakeup(struct literal_setup *setup, uint64_t n_pages)
{
	if (literal_alloc_bootmem_core(&setup->node, n_pages * PAGE, CACHE, 0, LOW_LIMIT) ==
	    LITERAL_NONE)
		setup->end = LITERAL_NO_LOW_PAGE;
}

/* --- what stands in memory --- */

static uint64_t word_at(const struct literal_machine *machine, uint64_t paddr)
{
	const uint8_t *at = machine->read(machine->context, paddr, 2);

	return at == NULL ? 0 : at[0] + 256u * at[1];
}

static uint64_t ebda_pointer(const struct literal_machine *machine)
{
	return word_at(machine, 0x40e) * 16;
}

/* AMD64: discover_ebda() */
static uint64_t ebda_size(const struct literal_machine *machine)
{
	uint64_t paddr = ebda_pointer(machine), size = word_at(machine, paddr);

	if (size == 0)
		size = 1;
	size = next_page_of(size * KIB + paddr % PAGE) * PAGE;
	return least(size, 64 * KIB);
}

/* smp_scan_config(): a page of the floating pointer, and a page of what it points at. */
static bool scan(struct literal_setup *setup, const struct literal_machine *machine, uint64_t paddr,
                 uint64_t bytes)
{
	const uint8_t *window = machine->read(machine->context, paddr, bytes);

	for (uint64_t i = 0; window != NULL && i < bytes; i += 16) {
		const uint8_t *at = window + i;
		uint64_t table = at[4] + 256u * at[5] + 65536u * at[6] + 16777216ull * at[7];
		unsigned sum = 0;

		for (int j = 0; j < 16; j++)
			sum += at[j];
		if (memcmp(at, "_MP_", 4) != 0 || at[8] != 1 || sum % 256 != 0 ||
		    (at[9] != 1 && at[9] != 4))
			continue;
		reserve(setup, paddr + i, PAGE);
		if (table != 0)
			reserve(setup, table, PAGE);
		return true;
	}
	return false;
}

/* find_smp_config() */
static void find_mp(struct literal_setup *setup, const struct literal_machine *machine)
{
	uint64_t ebda = ebda_pointer(machine);

	if (scan(setup, machine, 0, KIB) || scan(setup, machine, 639 * KIB, KIB) ||
	    scan(setup, machine, 0xf0000, 64 * KIB))
		return;
	if (machine->is_amd64)
		scan(setup, machine, ebda, 4 * KIB);
	else if (ebda != 0)
		scan(setup, machine, ebda, KIB);
}

static void keep_initrd(struct literal_setup *setup, const struct literal_machine *machine)
{
	uint64_t start = machine->ramdisk_image, end = machine->ramdisk_end;

	if (start == end)
		return;
	if (end <= setup->node.end_pfn * PAGE)
		reserve(setup, start, end - start);
	else
		setup->drops_initrd = true;
}

/* --- IA-32: setup_memory(), setup_bootmem_allocator() --- */

/* It writes the bitmap without a look. */
static void look_at_home(struct literal_setup *setup, uint64_t mapsize)
{
	for (uint64_t pfn = setup->min_low_pfn; pfn < setup->min_low_pfn + next_page_of(mapsize);
	     pfn++)
		if (pfn >= setup->node.end_pfn || setup->node.is_reserved[pfn] != 0)
			setup->end = LITERAL_HOME_IS_BAD;
}

static void setup_ia32(struct literal_setup *setup, const struct literal_machine *machine,
                       const struct ram *ram)
{
	uint64_t init_pg_tables_end = machine->end, mapsize;

	if (machine->tables_end > init_pg_tables_end)
		init_pg_tables_end = machine->tables_end;
	setup->min_low_pfn = next_page_of(init_pg_tables_end);
	literal_init_bootmem(&setup->node, 0, least(setup->max_pfn, 896 * KIB * KIB / PAGE),
	                     LITERAL_FAULTS);
	mapsize = literal_get_mapsize(&setup->node, 4);
	if (setup->node.end_pfn == 0) {
		setup->end = LITERAL_NO_RAM;
		return;
	}
	free_ram(setup, ram);
	look_at_home(setup, mapsize);
	if (setup->end != LITERAL_DONE)
		return;

	reserve(setup, machine->text,
	        setup->min_low_pfn * PAGE + mapsize + PAGE - 1 - machine->text);
	reserve(setup, 0, PAGE);
	if (ebda_pointer(machine) != 0)
		reserve(setup, ebda_pointer(machine), PAGE);
	if (machine->is_amd_k7)
		reserve(setup, 0xa0000 - PAGE, PAGE);
	reserve(setup, PAGE, PAGE);
	reserve_wakeup(setup, 1);
	find_mp(setup, machine);
	keep_initrd(setup, machine);
}

/* --- AMD64: setup_arch(), contig_initmem_init() --- */

/* Does [*addr, *addr + size) touch [start, end)? Then go on behind it. */
static bool touches(uint64_t *addr, uint64_t size, uint64_t start, uint64_t end)
{
	if (*addr + size < start || *addr >= end)
		return false;
	*addr = next_page_of(end) * PAGE;
	return true;
}

static bool bad_addr(const struct literal_machine *machine, uint64_t *addr, uint64_t size)
{
	uint64_t ebda = ebda_pointer(machine);

	if (*addr < 0x8000) {
		*addr = 0x8000;
		return true;
	}
	return touches(addr, size, machine->tables_start, machine->tables_end) ||
	       touches(addr, size, machine->ramdisk_image, machine->ramdisk_end) ||
	       touches(addr, size, machine->text, machine->end) ||
	       touches(addr, size, ebda, ebda + ebda_size(machine));
}

static uint64_t find_e820_area_of(const struct literal_machine *machine, const struct ram *ram,
                                  uint64_t end, uint64_t size)
{
	for (size_t i = 0; i < ram->n; i++) {
		uint64_t addr = ram->ranges[i].start, ram_end = ram->ranges[i].end, last;

		if (!machine->uses_page_before && next_page_of(addr) > page_of(ram_end))
			continue;
		if (!machine->uses_page_before)
			addr = next_page_of(addr) * PAGE;
		while (bad_addr(machine, &addr, size) && addr + size <= ram_end)
			;
		last = next_page_of(addr) * PAGE + size;
		if (last <= ram_end && last <= end)
			return addr;
	}
	return UINT64_MAX;
}

static void setup_amd64(struct literal_setup *setup, const struct literal_machine *machine,
                        const struct ram *ram)
{
	const uint64_t maxmem = UINT64_C(0x3fffffffffff);
	uint64_t end_pfn = least(setup->max_pfn, maxmem / PAGE), bootmap;

	literal_init_bootmem(&setup->node, 0, end_pfn, LITERAL_FAULTS);
	if (end_pfn == 0) {
		setup->end = LITERAL_NO_RAM;
		return;
	}
	bootmap = find_e820_area_of(machine, ram, end_pfn * PAGE,
	                            next_page_of((end_pfn + 7) / 8) * PAGE);
	if (bootmap == UINT64_MAX) {
		setup->end = LITERAL_NO_HOME;
		return;
	}
	setup->min_low_pfn = page_of(bootmap);
	free_ram(setup, ram);
	reserve(setup, setup->min_low_pfn * PAGE, literal_get_mapsize(&setup->node, 8));

	reserve(setup, machine->tables_start, machine->tables_end - machine->tables_start);
	reserve(setup, machine->text, machine->end - machine->text);
	reserve(setup, 0, PAGE);
	if (ebda_pointer(machine) != 0)
		reserve(setup, ebda_pointer(machine), ebda_size(machine));
	reserve(setup, 0x6000, 2 * PAGE);
	reserve_wakeup(setup, 2);
	find_mp(setup, machine);
	keep_initrd(setup, machine);
}

void literal_setup_arch(const struct literal_machine *machine, struct literal_setup *setup)
{
	struct ram ram;

	memset(setup, 0, sizeof *setup);
	copy_e820_map(machine, &ram);
	setup->max_pfn = end_of_ram(&ram);
	setup->long_bytes = machine->is_amd64 ? 8 : 4;
	if (machine->is_amd64)
		setup_amd64(setup, machine, &ram);
	else
		setup_ia32(setup, machine, &ram);
	free(ram.ranges);
}

void literal_setup_free(struct literal_setup *setup)
{
	literal_node_free(&setup->node);
	memset(setup, 0, sizeof *setup);
}
