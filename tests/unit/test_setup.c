/*
 * test_setup.c - the set-up of both targets under both policies: rule by rule, against a
 * literal Linux 2.6.24 (literal_setup.h), and on recorded maps.
 *
 * Of each run that succeeds, whatever it is made for, the same is asked: the list of reservations
 * is the truth. The bitmap is RAM without what the list touches, bit for bit; under policy linux it
 * is 2.6.24's; and a second run at the same home gives the same bytes.
 */
#define _POSIX_C_SOURCE   200809L
#define _FILE_OFFSET_BITS 64 /* readdir() of a 32-bit program on a file system of a 64-bit one */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/capture/capture.h"
#include "tests/unit/fake_phys.h"
#include "tests/unit/literal_setup.h"
#include "tests/unit/setup_case.h"
#include "x86/extensions.h"
#include "x86/setup.h"
#include "x86/uefi_map.h"

#ifndef TESTS_MAPS
#define TESTS_MAPS "tests/maps"
#endif

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MOST_RANGES  2048
#define MOST_ENTRIES 2048
#define MIB          (UINT64_C(1) << 20)

/* 32 GiB: the literal one takes a byte a page, and its time. */
#define MOST_LITERAL_PAGES (UINT64_C(1) << 23)

/* --- a machine, and a loader's plans for it --- */

static struct e820_range e820_ranges[MOST_RANGES], vacant_ranges[MOST_RANGES];
static struct e820_map e820 = { e820_ranges, 0, MOST_RANGES };
static struct e820_map vacant = { vacant_ranges, 0, MOST_RANGES };
static struct reservation extensions[MOST_ENTRIES], pieces[2];
static struct fake_phys fake;
static struct boot_inputs inputs;

/* Where boot_setup_run() is to put the bitmap: a buffer of the test's, of the size asked for. */
struct storage {
	void *pages;
	paddr_t start_paddr; /* as asked for */
	uint64_t n_pages;
	bool has_none;
	unsigned n_calls;
};

struct run {
	struct boot_setup setup;
	struct reservation entries[MOST_ENTRIES];
	struct storage storage;
};

static struct run runs[2]; /* policy safe, policy linux */
static struct run second_run;

static void *give_storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	struct storage *storage = context;

	storage->n_calls++;
	storage->start_paddr = start_paddr;
	storage->n_pages = n_pages;
	if (storage->has_none)
		return NULL;
	free(storage->pages);
	storage->pages = aligned_alloc(PAGE_BYTES, (size_t)(n_pages << PAGE_SHIFT));
	assert_non_null(storage->pages);
	memset(storage->pages, 0xa5, (size_t)(n_pages << PAGE_SHIFT));
	return storage->pages;
}

static void sanitize(struct e820_map *map)
{
	size_t scratch_bytes = e820_scratch_bytes(map->n_ranges);
	void *scratch = malloc(scratch_bytes);

	assert_non_null(scratch);
	assert_int_equal(e820_sanitize(map, scratch, scratch_bytes, NULL), MAP_OK);
	free(scratch);
}

static void stop_machine(void)
{
	fake_phys_free(&fake);
	for (size_t i = 0; i < COUNT(runs); i++) {
		free(runs[i].storage.pages);
		runs[i].storage.pages = NULL;
	}
	free(second_run.storage.pages);
	second_run.storage.pages = NULL;
}

/* Page 0 to the end of what an EBDA can reach: all that 2.6.24 reads. */
static void start_machine(void)
{
	stop_machine(); /* that of a test that has failed */
	fake_phys_init(&fake);
	fake_phys_add(&fake, 0, 0x120000);
	e820.n_ranges = 0;
	vacant.n_ranges = 0;
	memset(&inputs, 0, sizeof inputs);
	inputs.e820 = &e820;
	inputs.vacant = &vacant;
	inputs.home_limit_paddr = UINT64_MAX;
	inputs.phys = &fake.phys;
	inputs.pieces = pieces;
	inputs.extensions = extensions;
	inputs.bootmap_storage = give_storage;
}

/* What is loaded: the pieces are the whole of kernel and tables, as the loader has them. */
static void load(struct span kernel, struct span tables, struct span initrd)
{
	inputs.kernel = kernel;
	inputs.tables = tables;
	inputs.initrd = initrd;
	pieces[0] = reservation_make(RESERVATION_KERNEL, ORIGIN_LINUX, LIFETIME_BOOT, kernel,
	                             "kernel", "a piece");
	pieces[1] = reservation_make(RESERVATION_BLOCK, ORIGIN_EXTENSION, LIFETIME_BOOT, tables,
	                             "block", "a piece");
	inputs.n_pieces = 2;
}

static void copy_map(struct e820_map *to, const struct e820_map *from)
{
	memcpy(to->ranges, from->ranges, from->n_ranges * sizeof *from->ranges);
	to->n_ranges = from->n_ranges;
}

static void plant_ebda(unsigned segment, unsigned kib)
{
	fake_phys_set(fake_phys_at(&fake, (paddr_t)segment << 4), 2, kib);
	fake_phys_set(fake_phys_at(&fake, 0x40e), 2, segment);
}

static void plant_mp_pointer(paddr_t paddr, paddr_t table_paddr)
{
	uint8_t *at = fake_phys_at(&fake, paddr);

	memcpy(at, "_MP_", 4);
	fake_phys_set(at + 4, 4, table_paddr);
	fake_phys_set(at + 8, 2, 0x0401);
	fake_phys_fix_sum(at, 16, 10);
}

/* Its base part; none if it is in no memory that can be read. */
static void plant_mp_table(paddr_t paddr, unsigned bytes)
{
	uint8_t *at = fake_phys_add(&fake, paddr, 0x10000);

	memcpy(at, "PCMP", 4);
	fake_phys_set(at + 4, 2, bytes);
}

/* --- one run, and what is always true of it --- */

static enum setup_err run(struct run *run, const struct boot_target *target,
                          enum boot_policy policy)
{
	struct boot_inputs *own = &inputs;
	enum setup_err err;

	own->target = target;
	own->policy = policy;
	own->context = &run->storage;
	run->storage.n_calls = 0;
	memset(&run->setup, 0xa5, sizeof run->setup);
	run->setup.reservations.entries = run->entries;
	run->setup.reservations.capacity = MOST_ENTRIES;
	err = boot_setup_run(&run->setup, own);
	fake_phys_forget(&fake);
	assert_int_equal(err, run->setup.err);
	return err;
}

static bool is_one(const struct boot_setup *setup, uint64_t bit)
{
	const uint8_t *bitmap = setup->bdata.node_bootmem_map;

	return (bitmap[bit / 8] >> bit % 8 & 1) != 0;
}

/* Are all bits of [first, end) what @value says? */
static bool is_run_of(const struct boot_setup *setup, uint64_t first, uint64_t end, bool value)
{
	const uint8_t *bitmap = setup->bdata.node_bootmem_map;

	while (first < end) {
		if (first % 8 == 0 && end - first >= 8) {
			if (bitmap[first / 8] != (value ? 0xff : 0))
				return false;
			first += 8;
		} else if (is_one(setup, first++) != value) {
			return false;
		}
	}
	return true;
}

static int compare_pfn(const void *a, const void *b)
{
	pfn_t left = *(const pfn_t *)a, right = *(const pfn_t *)b;

	return (left > right) - (left < right);
}

static bool is_ram_page(const struct boot_setup *setup, pfn_t pfn)
{
	const struct boot_inputs *in = setup->inputs;
	paddr_t start_paddr = pfn << PAGE_SHIFT, end_paddr = (pfn + 1) << PAGE_SHIFT;

	if (in->target == &target_ia32 && pfn >= 0xa0 && pfn < 0x100)
		return false;
	for (size_t i = 0; i < in->e820->n_ranges; i++) {
		const struct e820_range *range = &in->e820->ranges[i];

		if (range->type == E820_RAM && range->start_paddr <= start_paddr &&
		    end_paddr <= range->end_paddr)
			return true;
	}
	return false;
}

/* The first entry of the list that touches the page, from @from on, or NULL. */
static const struct reservation *toucher(const struct boot_setup *setup, pfn_t pfn, size_t from)
{
	paddr_t start_paddr = pfn << PAGE_SHIFT, end_paddr = (pfn + 1) << PAGE_SHIFT;

	for (size_t i = from; i < setup->reservations.n_entries; i++) {
		const struct reservation *entry = &setup->reservations.entries[i];

		if (entry->start_paddr < end_paddr && start_paddr < entry->end_paddr)
			return entry;
	}
	return NULL;
}

/* Pages at which anything begins or ends: between two of them all pages are alike. */
static size_t list_edges(const struct boot_setup *setup, pfn_t *edges)
{
	const struct e820_map *map = setup->inputs->e820;
	size_t n = 0;

	edges[n++] = 0;
	edges[n++] = 0xa0;
	edges[n++] = 0x100;
	edges[n++] = setup->max_low_pfn;
	for (size_t i = 0; i < map->n_ranges; i++) {
		edges[n++] = pfn_up(map->ranges[i].start_paddr);
		edges[n++] = pfn_down(map->ranges[i].end_paddr);
	}
	for (size_t i = 0; i < setup->reservations.n_entries; i++) {
		edges[n++] = pfn_down(setup->reservations.entries[i].start_paddr);
		edges[n++] = pfn_up(setup->reservations.entries[i].end_paddr);
	}
	qsort(edges, n, sizeof edges[0], compare_pfn);
	return n;
}

static void check_that_list_is_truth(const char *name, const struct boot_setup *setup)
{
	static pfn_t edges[2 * (MOST_RANGES + MOST_ENTRIES) + 4];
	size_t n = list_edges(setup, edges);
	uint64_t map_bits = get_mapsize(&setup->bdata) * 8;

	for (size_t i = 0; i + 1 < n && edges[i] < setup->max_low_pfn; i++) {
		pfn_t first = edges[i], end = edges[i + 1];
		bool is_free;

		if (first == end)
			continue;
		is_free = is_ram_page(setup, first) && toucher(setup, first, 0) == NULL;
		if (!is_run_of(setup, first, min_u64(end, setup->max_low_pfn), !is_free))
			fail_msg("%s: pages %#llx to %#llx are not all %s", name,
			         (unsigned long long)first, (unsigned long long)end,
			         is_free ? "free" : "reserved");
	}
	if (!is_run_of(setup, setup->max_low_pfn, map_bits, true))
		fail_msg("%s: the padding is not all 1", name);
}

/* Whose what 2.6.24 reserves is. */
static const struct {
	uint8_t kind, lifetime;
	const char *owner;
} owners[] = {
	{ RESERVATION_KERNEL, LIFETIME_BOOT, "kernel" },
	{ RESERVATION_KERNEL, LIFETIME_BOOT, "kernel and bitmap" },
	{ RESERVATION_BOOTMAP, LIFETIME_BOOT, "bootmem bitmap" },
	{ RESERVATION_PAGE_TABLES, LIFETIME_BOOT, "hand-off pages" },
	{ RESERVATION_INITRD, LIFETIME_BOOT, "initrd" },
	{ RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "EBDA" },
	{ RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "page 0" },
	{ RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "AMD K7" },
	{ RESERVATION_LOW_MEMORY, LIFETIME_BOOT, "SMP trampoline" },
	{ RESERVATION_WAKEUP, LIFETIME_BOOT, "ACPI wake-up" },
	{ RESERVATION_SMP_CONFIG, LIFETIME_ACPI, "MP floating pointer" },
	{ RESERVATION_SMP_CONFIG, LIFETIME_ACPI, "MP configuration" },
};

static bool has_its_owner(const struct reservation *entry)
{
	for (size_t i = 0; i < COUNT(owners); i++)
		if (entry->kind == owners[i].kind && entry->lifetime == owners[i].lifetime &&
		    strcmp(entry->owner, owners[i].owner) == 0)
			return true;
	return entry->origin != ORIGIN_LINUX;
}

/* Nobody has to be told what the list says for it to be fit to be told. */
static void check_entries(const char *name, const struct boot_setup *setup)
{
	for (size_t i = 0; i < setup->reservations.n_entries; i++) {
		const struct reservation *entry = &setup->reservations.entries[i];

		if (entry->start_paddr >= entry->end_paddr || entry->owner[0] == '\0' ||
		    entry->reason[0] == '\0')
			fail_msg("%s: entry %u is of nothing, or of nobody", name, (unsigned)i);
		if (!has_its_owner(entry))
			fail_msg("%s: entry %u is of %s", name, (unsigned)i, entry->owner);
		if (setup->inputs->policy == POLICY_LINUX && entry->origin == ORIGIN_EXTENSION &&
		    entry->kind != RESERVATION_BLOCK && entry->kind != RESERVATION_BOOT_SERVICES &&
		    entry->kind != RESERVATION_CONFIGURED)
			fail_msg("%s: an extension under policy linux", name);
	}
	assert_int_equal(setup->reservations.n_lost, 0);
}

/* What 2.6.24 got is what policy linux gets: success and failure, every byte, and the allocator as
 * it left it. That of 2.6.24 can reach all memory. */
static void check_against_literal(const char *name, const struct boot_setup *setup)
{
	char fault[200];

	if (setup->max_low_pfn <= MOST_LITERAL_PAGES &&
	    setup->inputs->home_limit_paddr == UINT64_MAX &&
	    !setup_case_is_literal(setup, fault, sizeof fault))
		fail_msg("%s: %s", name, fault);
	fake_phys_forget(&fake);
}

/* The loader runs it again after the exit, at the home that it has found before. */
static void check_second_run(const char *name, const struct run *first)
{
	const struct boot_setup *setup = &first->setup;

	inputs.bootmap_paddr = pfn_paddr(setup->min_low_pfn);
	if (run(&second_run, inputs.target, inputs.policy) != SETUP_OK ||
	    second_run.setup.min_low_pfn != setup->min_low_pfn ||
	    second_run.setup.reservations.n_entries != setup->reservations.n_entries ||
	    memcmp(second_run.entries, first->entries,
	           setup->reservations.n_entries * sizeof first->entries[0]) != 0 ||
	    memcmp(second_run.setup.bdata.node_bootmem_map, setup->bdata.node_bootmem_map,
	           (size_t)get_mapsize(&setup->bdata)) != 0)
		fail_msg("%s: a second run gives another result", name);
	inputs.bootmap_paddr = 0;
}

/* What was reserved, made again, is the same bitmap. */
static void check_replay(const char *name, const struct run *first)
{
	const struct boot_setup *setup = &first->setup;

	inputs.context = &second_run.storage;
	second_run.setup.reservations.entries = second_run.entries;
	second_run.setup.reservations.capacity = setup->reservations.n_entries;
	if (boot_setup_replay(&second_run.setup, &inputs, first->entries,
	                      setup->reservations.n_entries) != SETUP_OK ||
	    second_run.setup.reservations.n_entries != setup->reservations.n_entries ||
	    memcmp(second_run.setup.bdata.node_bootmem_map, setup->bdata.node_bootmem_map,
	           (size_t)get_mapsize(&setup->bdata)) != 0)
		fail_msg("%s: what was reserved, made again, is another bitmap", name);
}

static bool is_below(const struct boot_setup *setup, paddr_t limit_paddr)
{
	return pfn_paddr(setup->min_low_pfn + bootmem_bootmap_pages(setup->max_low_pfn)) <=
	       limit_paddr;
}

/* Run it, and check all that is true of each run. Returns how the run ended. */
static enum setup_err check_run(const char *name, const struct boot_target *target,
                                enum boot_policy policy)
{
	struct run *own = &runs[policy];
	enum setup_err err = run(own, target, policy);
	const struct boot_setup *setup = &own->setup;

	if (policy == POLICY_LINUX)
		check_against_literal(name, setup);
	if (err != SETUP_OK)
		return err;
	assert_int_equal(own->storage.n_calls, 1);
	assert_int_equal(own->storage.start_paddr, pfn_paddr(setup->min_low_pfn));
	assert_int_equal(own->storage.n_pages, bootmem_bootmap_pages(setup->max_low_pfn));
	assert_true(is_below(setup, pfn_paddr(setup->max_low_pfn)));
	check_entries(name, setup);
	check_that_list_is_truth(name, setup);
	check_second_run(name, own);
	check_replay(name, own);
	return SETUP_OK;
}

/* --- rows --- */

enum { IA32_LINUX, AMD64_LINUX, IA32_SAFE, AMD64_SAFE, N_WAYS };

static const struct way {
	const char *name;
	const struct boot_target *target;
	enum boot_policy policy;
} ways[N_WAYS] = {
	[IA32_LINUX] = { "ia32, linux", &target_ia32, POLICY_LINUX },
	[AMD64_LINUX] = { "amd64, linux", &target_amd64, POLICY_LINUX },
	[IA32_SAFE] = { "ia32, safe", &target_ia32, POLICY_SAFE },
	[AMD64_SAFE] = { "amd64, safe", &target_amd64, POLICY_SAFE },
};

/* How a run that fails is written in a row. */
static const char *const err_names[] = {
	[SETUP_OK] = "OK",
	[SETUP_NO_RAM] = "NO_RAM",
	[SETUP_NO_HOME] = "NO_HOME",
	[SETUP_HOME_NOT_RAM] = "HOME_NOT_RAM",
	[SETUP_NO_STORAGE] = "NO_STORAGE",
	[SETUP_RESERVATIONS_FULL] = "RESERVATIONS_FULL",
	[SETUP_INITRD_TOO_HIGH] = "INITRD_TOO_HIGH",
	[SETUP_NO_WAKEUP_PAGE] = "NO_WAKEUP_PAGE",
};

/*
 * Unless a row says otherwise: kernel from 1 MiB to 2 MiB, 64 KiB of tables behind it, 16 MiB of
 * RAM without the ISA hole, no EBDA, no MP tables. Then IA-32 of 2.6.24 has its bitmap in page
 * 0x210 and reserves 0x211 too, AMD64 has it in page 8, policy safe in page 0x210; the wake-up code
 * is in page 2 of IA-32, in 1 and 2 of AMD64.
 */
#define RAM16 "0-a0000 100000-1000000"

struct row {
	const char *rule;
	const char *map; /* start-end in hex, RAM unless there is /type */
	/* The runs of free pages, in hex, or the error; NULL: not asked. */
	const char *free[N_WAYS];
	struct span kernel, tables, initrd;
	unsigned ebda_segment, ebda_kib;
	paddr_t mp_paddr, mp_table_paddr;
	unsigned mp_table_bytes; /* the length that the table gives itself; 0: it has no header */
	bool is_amd_k7, has_no_tables;
	const char *vacant;     /* NULL: the map */
	const char *extensions; /* NULL: none */
	paddr_t home_limit_paddr;
};

static void parse_map(const char *text, struct e820_map *map)
{
	char *at = (char *)(uintptr_t)text;

	map->n_ranges = 0;
	while (*at != '\0') {
		paddr_t start_paddr = strtoull(at, &at, 16);
		paddr_t end_paddr = strtoull(at + 1, &at, 16);
		uint32_t type = *at == '/' ? (uint32_t)strtoul(at + 1, &at, 10) : E820_RAM;

		assert_int_equal(e820_add(map, start_paddr, end_paddr, type), MAP_OK);
		while (*at == ' ')
			at++;
	}
}

static void parse_extensions(const char *text)
{
	struct e820_range ranges[8];
	struct e820_map spans = { ranges, 0, COUNT(ranges) };

	parse_map(text, &spans);
	for (size_t i = 0; i < spans.n_ranges; i++) {
		struct span span = { ranges[i].start_paddr, ranges[i].end_paddr };

		extensions[i] = reservation_make(RESERVATION_ACPI, ORIGIN_EXTENSION, LIFETIME_ACPI,
		                                 span, "ACPI TEST", "an extension");
	}
	inputs.n_extensions = spans.n_ranges;
}

static void arrange(const struct row *row)
{
	static const struct span kernel = { 0x100000, 0x200000 }, tables = { 0x200000, 0x210000 };
	static const struct span none = { 0, 0 };
	struct span own_tables = row->tables.end_paddr != 0 ? row->tables : tables;

	start_machine();
	parse_map(row->map != NULL ? row->map : RAM16, &e820);
	if (row->vacant != NULL)
		parse_map(row->vacant, &vacant);
	else
		copy_map(&vacant, &e820);
	if (row->extensions != NULL)
		parse_extensions(row->extensions);
	if (row->home_limit_paddr != 0)
		inputs.home_limit_paddr = row->home_limit_paddr;
	load(row->kernel.end_paddr != 0 ? row->kernel : kernel,
	     row->has_no_tables ? none : own_tables, row->initrd);
	if (row->ebda_segment != 0 || row->ebda_kib != 0)
		plant_ebda(row->ebda_segment, row->ebda_kib);
	if (row->mp_table_bytes != 0)
		plant_mp_table(row->mp_table_paddr, row->mp_table_bytes);
	if (row->mp_paddr != 0)
		plant_mp_pointer(row->mp_paddr, row->mp_table_paddr);
	inputs.is_amd_k7 = row->is_amd_k7;
}

/* The runs of free pages of a run, or its error, as rows have them. */
static void describe(const struct boot_setup *setup, char *text, size_t bytes)
{
	size_t n = 0;
	pfn_t pfn = 0, end_pfn;

	text[0] = '\0';
	if (setup->err != SETUP_OK) {
		snprintf(text, bytes, "%s", err_names[setup->err]);
		return;
	}
	while ((pfn = bootmem_next_free_run(&setup->bdata, pfn, &end_pfn)) < end_pfn) {
		n += (size_t)snprintf(text + n, bytes - n, "%s%llx-%llx", n == 0 ? "" : " ",
		                      (unsigned long long)pfn, (unsigned long long)end_pfn);
		assert_true(n < bytes);
		pfn = end_pfn;
	}
}

static void check_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < N_WAYS; j++) {
			char got[400], name[200];

			if (rows[i].free[j] == NULL)
				continue;
			snprintf(name, sizeof name, "%s (%s)", rows[i].rule, ways[j].name);
			arrange(&rows[i]);
			check_run(name, ways[j].target, ways[j].policy);
			describe(&runs[ways[j].policy].setup, got, sizeof got);
			if (strcmp(got, rows[i].free[j]) != 0)
				fail_msg("%s: free is %s, and not %s", name, got, rows[i].free[j]);
			stop_machine();
		}
	}
}

/* clang-format off */

static const struct row whole_maps[] = {
	{ "no map at all",
	  .map = "", .free = { "NO_RAM", "NO_RAM", "NO_RAM", "NO_RAM" } },
	{ "no RAM in it",
	  .map = "0-a0000/2 100000-1000000/4", .free = { "NO_RAM", "NO_RAM", "NO_RAM", "NO_RAM" } },
	{ "no RAM as large as a page",
	  .map = "1-1fff 2000-2fff", .free = { "NO_RAM", "NO_RAM", "NO_RAM", "NO_RAM" } },
	{ "IA-32 has none between 640 KiB and 1 MiB",
	  .map = "a0000-100000", .free = { "NO_RAM", "a3-100", "NO_RAM", "NO_HOME" } },
	{ "one range is a map: 2.6.24 would have made up another",
	  .map = "0-1000000",
	  .free = { "3-a0 212-1000", "3-6 9-100 210-1000", "3-a0 211-1000", "3-6 8-100 211-1000" } },
	{ "page 0, trampoline, wake-up code, kernel, bitmap: nothing else of plain RAM",
	  .free = { "3-a0 212-1000", "3-6 9-a0 210-1000", "3-a0 211-1000", "3-6 8-a0 211-1000" } },
	{ "640 KiB to 1 MiB is cut for IA-32 alone",
	  .map = "0-9ffff 9ffff-a0001 a0001-1000000",
	  .free = { "3-9f 212-1000", "3-6 9-9f a1-100 210-1000" } },
	{ "RAM that starts in the cut starts behind it",
	  .map = "0-80000 c0000-1000000",
	  .free = { "3-80 212-1000", "3-6 9-80 c0-100 210-1000", "3-80 211-1000" } },
	{ "RAM that ends in the cut ends before it",
	  .map = "0-c0000 100000-1000000",
	  .free = { "3-a0 212-1000", "3-6 9-c0 210-1000", "3-a0 211-1000" } },
	{ "memory ends at the cut, if there is RAM only in it and below",
	  .map = "0-c0000", .kernel = { 0x10000, 0x20000 }, .has_no_tables = true,
	  .free = { "3-10 22-a0", "3-6 9-10 20-c0" } },
	{ "and below it, if there is a hole before it",
	  .map = "0-50000 b0000-c0000", .kernel = { 0x10000, 0x20000 }, .has_no_tables = true,
	  .free = { "3-10 22-50", "3-6 9-10 20-50 b0-c0" } },
	{ "no home in the cut",
	  .map = "0-1000000", .kernel = { 0x90000, 0xa0000 }, .has_no_tables = true,
	  .free = { "HOME_NOT_RAM", "3-6 9-90 a0-1000", "3-90 101-1000" } },
	{ "ranges that are not whole pages are rounded inward",
	  .map = "0-9fc00 100000-7ff001 7ff001-7ff003/3 7ff003-fff800",
	  .free = { "3-9f 212-7ff 800-fff", "3-6 9-9f 210-7ff 800-fff",
	            "3-9f 211-7ff 800-fff", "3-6 8-9f 211-7ff 800-fff" } },
	{ "two ranges in one page give none of it",
	  .map = "0-a0000 100000-800800 800800-801000/2 801000-801800 801800-802000/3 802000-1000000",
	  .free = { "3-a0 212-800 802-1000", "3-6 9-a0 210-800 802-1000" } },
	{ "what is not RAM stays reserved, whatever it is",
	  .map = "0-a0000 100000-300000 300000-301000/2 301000-302000/3 302000-303000/4 "
	         "303000-304000/5 304000-305000/7 305000-306000/99 306000-307000",
	  .free = { "3-a0 212-300 306-307", "3-6 9-a0 210-300 306-307",
	            "3-a0 211-300 306-307", "3-6 8-a0 211-300 306-307" } },
};

/* Mind: 896 MiB are 0x38000 pages, and 7 pages of bitmap. */
static const struct row limits[] = {
	{ "a page below 896 MiB: low memory is all there is",
	  .map = "0-a0000 100000-37fff000",
	  .free = { "3-a0 218-37fff", "3-6 f-a0 210-37fff", "3-a0 217-37fff", "3-6 8-a0 217-37fff" } },
	{ "896 MiB: 7 pages of bitmap, 8 reserved",
	  .map = "0-a0000 100000-38000000",
	  .free = { "3-a0 218-38000", "3-6 f-a0 210-38000", "3-a0 217-38000", "3-6 8-a0 217-38000" } },
	{ "a page more is high memory for IA-32",
	  .map = "0-a0000 100000-38001000",
	  .free = { "3-a0 218-38000", "3-6 10-a0 210-38001",
	            "3-a0 217-38000", "3-6 8-a0 218-38001" } },
	{ "a bitmap of whole pages takes one more as well: 2.6.24 rounds up twice",
	  .map = "0-a0000 100000-8000000",
	  .free = { "3-a0 212-8000", "3-6 9-a0 210-8000", "3-a0 211-8000", "3-6 8-a0 211-8000" } },
	{ "and one that is a word longer",
	  .map = "0-a0000 100000-8001000",
	  .free = { "3-a0 213-8001", "3-6 a-a0 210-8001", "3-a0 212-8001", "3-6 8-a0 212-8001" } },
	{ "RAM above 4 GiB is AMD64's",
	  .map = "0-a0000 100000-c0000000 100000000-140000000",
	  .free = { "3-a0 218-38000", "3-6 30-a0 210-c0000 100000-140000",
	            "3-a0 217-38000", "3-6 8-a0 238-c0000 100000-140000" } },
	{ "only high memory: a bitmap of low memory that has none",
	  .map = "38000000-40000000",
	  .free = { "HOME_NOT_RAM", NULL, "NO_HOME", NULL } },
	{ "a kernel that leaves the bitmap just enough low memory",
	  .map = "0-a0000 100000-40000000", .has_no_tables = true,
	  .kernel = { 0x37f00000, 0x37ff9000 },
	  .free = { "3-a0 100-37f00", "3-6 10-a0 100-37f00 37ff9-40000",
	            "3-a0 107-37f00 37ff9-38000", NULL } },
	{ "a kernel that does not: high memory is no home",
	  .map = "0-a0000 100000-40000000", .has_no_tables = true,
	  .kernel = { 0x37f00000, 0x37ff9001 },
	  .free = { "HOME_NOT_RAM", NULL, "3-a0 107-37f00 37ffa-38000", NULL } },
	{ "low memory that ends in the middle of the bitmap is no home either",
	  .map = "0-a0000 100000-37ffa000 38000000-40000000", .has_no_tables = true,
	  .kernel = { 0x37f00000, 0x37ff9000 },
	  .free = { "HOME_NOT_RAM", NULL, NULL, NULL } },
};

static const struct row ebda_rows[] = {
	{ "no pointer: nothing is reserved, and AMD64 steps over what the word in page 0 says",
	  .ebda_kib = 64,
	  .free = { "3-a0 212-1000", "3-6 8-10 11-a0 210-1000",
	            "3-a0 211-1000", "3-6 8-a0 211-1000" } },
	{ "the commonest, 1 KiB below 640 KiB",
	  .ebda_segment = 0x9fc0, .ebda_kib = 1,
	  .free = { "3-9f 212-1000", "3-6 9-9f 210-1000", "3-9f 211-1000", "3-6 8-9f 211-1000" } },
	{ "it takes the page behind 640 KiB too, where there is RAM",
	  .map = "0-1000000", .ebda_segment = 0x9fc0, .ebda_kib = 1,
	  .free = { "3-9f 212-1000", "3-6 9-9f a1-100 210-1000",
	            "3-9f 211-1000", "3-6 8-9f a1-100 211-1000" } },
	{ "the last paragraph below 640 KiB: for AMD64 it runs past it, and is not believed",
	  .ebda_segment = 0x9fff, .ebda_kib = 1,
	  .free = { "3-9f 212-1000", "3-6 9-9f 210-1000", "3-9f 211-1000", "3-6 8-a0 211-1000" } },
	{ "IA-32 takes a page, AMD64 what it says: 16 KiB",
	  .ebda_segment = 0x9000, .ebda_kib = 16,
	  .free = { "3-90 91-a0 212-1000", "3-6 9-90 94-a0 210-1000",
	            "3-90 91-a0 211-1000", "3-6 8-90 94-a0 211-1000" } },
	{ "a pointer that cannot be one is believed by 2.6.24 alone",
	  .ebda_segment = 0x3000, .ebda_kib = 0xffff,
	  .free = { "3-30 31-a0 212-1000", "3-6 9-30 40-a0 210-1000",
	            "3-a0 211-1000", "3-6 8-a0 211-1000" } },
	{ "and one to the end of the first MiB; but no bitmap is put there",
	  .ebda_segment = 0xffff, .ebda_kib = 64, .map = "0-1000000",
	  .kernel = { 0x200000, 0x300000 }, .tables = { 0x300000, 0x310000 },
	  .free = { "3-a0 101-200 312-1000", "3-6 9-ff 110-200 310-1000",
	            "3-a0 100-101 102-200 310-1000", "3-6 8-110 111-200 310-1000" } },
};

static const struct row low_memory[] = {
	{ "AMD family 6: IA-32 keeps off the page below 640 KiB",
	  .is_amd_k7 = true,
	  .free = { "3-9f 212-1000", "3-6 9-a0 210-1000", "3-9f 211-1000", "3-6 8-a0 211-1000" } },
	{ "the wake-up code goes to the lowest free page, or two in a row",
	  .map = "0-1000 3000-4000 5000-a0000 100000-1000000",
	  .free = { "5-a0 212-1000", "3-4 5-6 b-a0 210-1000",
	            "5-a0 211-1000", "3-4 5-6 a-a0 211-1000" } },
	{ "two in a row are not the page before the trampoline and the one behind",
	  .map = "5000-6000 8000-9000 100000-1000000",
	  .free = { "8-9 212-1000", "5-6 212-1000", "8-9 211-1000", "5-6 8-9 213-1000" } },
	{ "no low memory at all: behind the kernel",
	  .map = "100000-1000000",
	  .free = { "213-1000", "213-1000", "212-1000", "213-1000" } },
	{ "no page left for it",
	  .map = "100000-211000",
	  .free = { "NO_WAKEUP_PAGE", "NO_WAKEUP_PAGE", "NO_WAKEUP_PAGE", "NO_WAKEUP_PAGE" } },
	{ "one page left: enough for IA-32, if its bitmap does not take it as 2.6.24 does",
	  .map = "100000-212000",
	  .free = { "NO_WAKEUP_PAGE", "NO_WAKEUP_PAGE", "", "NO_WAKEUP_PAGE" } },
	{ "two pages left",
	  .map = "100000-213000",
	  .free = { "", "", "212-213", "" } },
	{ "two pages just below the last one of 4 GiB",
	  .map = "fffdb000-110000000", .kernel = { 0x100000000, 0x100001000 }, .has_no_tables = true,
	  .free = { NULL, "fffff-100000 100001-110000", NULL, NULL } },
	{ "that one itself is above the limit of low allocations",
	  .map = "fffdc000-110000000", .kernel = { 0x100000000, 0x100001000 }, .has_no_tables = true,
	  .free = { NULL, "NO_WAKEUP_PAGE", NULL, NULL } },
	{ "the initrd is reserved after the wake-up code: 2.6.24 may put one into the other",
	  .map = "100000-1000000", .initrd = { 0x212000, 0x214000 },
	  .free = { "214-1000", "214-1000", "214-1000", "211-212 216-1000" } },
};

static const struct row mp_rows[] = {
	{ "first KiB: a page's size from its end on is in pages 0 and 1",
	  .mp_paddr = 0x3f0, .mp_table_paddr = 0x5000,
	  .free = { "3-5 6-a0 212-1000", "3-5 9-a0 210-1000",
	            "3-5 6-a0 211-1000", "4-5 8-a0 211-1000" } },
	{ "behind the first KiB: not seen",
	  .mp_paddr = 0x400, .mp_table_paddr = 0x5000,
	  .free = { "3-a0 212-1000", NULL, "3-a0 211-1000", NULL } },
	{ "the EBDA at address 0 is searched for AMD64, 4 KiB of it",
	  .mp_paddr = 0xff0, .mp_table_paddr = 0x5000,
	  .free = { "3-a0 212-1000", "3-5 9-a0 210-1000",
	            "3-a0 211-1000", "4-5 8-a0 211-1000" } },
	{ "last KiB of 640 KiB: a page's size from the pointer on is two pages",
	  .mp_paddr = 0x9fc10, .mp_table_paddr = 0x9f000, .map = "0-1000000",
	  .free = { "3-9f 212-1000", "3-6 9-9f a1-100 210-1000",
	            "3-9f 211-1000", "3-6 8-9f a1-100 211-1000" } },
	{ "ROM",
	  .mp_paddr = 0xf5b20, .mp_table_paddr = 0x9e000,
	  .free = { "3-9e 9f-a0 212-1000", "3-6 9-9e 9f-a0 210-1000",
	            "3-9e 9f-a0 211-1000", "3-6 8-9e 9f-a0 211-1000" } },
	{ "EBDA: its first KiB",
	  .ebda_segment = 0x9000, .ebda_kib = 4, .mp_paddr = 0x903f0, .mp_table_paddr = 0x80000,
	  .free = { "3-80 81-90 92-a0 212-1000", "3-6 9-80 81-90 92-a0 210-1000",
	            "3-80 81-90 92-a0 211-1000", "3-6 8-80 81-90 92-a0 211-1000" } },
	{ "EBDA: 4 KiB of it for AMD64 alone",
	  .ebda_segment = 0x9000, .ebda_kib = 4, .mp_paddr = 0x90400, .mp_table_paddr = 0x80000,
	  .free = { "3-90 91-a0 212-1000", "3-6 9-80 81-90 92-a0 210-1000",
	            "3-90 91-a0 211-1000", "3-6 8-80 81-90 92-a0 211-1000" } },
	{ "a pointer to no table",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0,
	  .free = { "3-9f 212-1000", "3-6 9-9f 210-1000", "3-9f 211-1000", "3-6 8-9f 211-1000" } },
	{ "a table as long as a page",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0x400000, .mp_table_bytes = 0x1000,
	  .free = { "3-9f 212-400 401-1000", "3-6 9-9f 210-400 401-1000",
	            "3-9f 211-400 401-1000", "3-6 8-9f 211-400 401-1000" } },
	{ "a longer one is covered to its end by policy safe alone",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0x400000, .mp_table_bytes = 0x1001,
	  .free = { "3-9f 212-400 401-1000", "3-6 9-9f 210-400 401-1000",
	            "3-9f 211-400 402-1000", "3-6 8-9f 211-400 402-1000" } },
	{ "a table in the last page is clipped",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0xfff010,
	  .free = { "3-9f 212-fff", "3-6 9-9f 210-fff", "3-9f 211-fff", "3-6 8-9f 211-fff" } },
	{ "one above memory is nobody's page",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0xfee00000,
	  .free = { "3-9f 212-1000", "3-6 9-9f 210-1000", "3-9f 211-1000", "3-6 8-9f 211-1000" } },
};

static const struct row initrd_rows[] = {
	{ "low, and not in whole pages",
	  .initrd = { 0x300800, 0x301801 },
	  .free = { "3-a0 212-300 302-1000", "3-6 9-a0 210-300 302-1000",
	            "3-a0 211-300 302-1000", "3-6 8-a0 211-300 302-1000" } },
	{ "up to the last byte of memory",
	  .initrd = { 0xf00000, 0x1000000 },
	  .free = { "3-a0 212-f00", "3-6 9-a0 210-f00", "3-a0 211-f00", "3-6 8-a0 211-f00" } },
	{ "a byte more",
	  .initrd = { 0xf00000, 0x1000001 },
	  .free = { "INITRD_TOO_HIGH", "INITRD_TOO_HIGH", "INITRD_TOO_HIGH", "INITRD_TOO_HIGH" } },
	{ "in high memory",
	  .map = "0-a0000 100000-40000000", .initrd = { 0x37fff000, 0x38001000 },
	  .free = { "INITRD_TOO_HIGH", "3-6 10-a0 210-37fff 38001-40000",
	            "INITRD_TOO_HIGH", "3-6 8-a0 218-37fff 38001-40000" } },
	{ "right behind the kernel: IA-32 of 2.6.24 puts its bitmap on it and does not look",
	  .initrd = { 0x210000, 0x220000 },
	  .free = { "3-a0 220-1000", "3-6 9-a0 220-1000", "3-a0 221-1000", "3-6 8-a0 221-1000" } },
};

/* AMD64 under policy linux: find_e820_area(). The bitmap of 16 MiB is a page. */
static const struct row areas[] = {
	{ "from 0x8000 on",
	  .free = { NULL, "3-6 9-a0 210-1000", NULL, NULL } },
	{ "the start of a range that is higher",
	  .map = "0-7000 30000-a0000 100000-1000000",
	  .free = { NULL, "3-6 31-a0 210-1000", NULL, NULL } },
	{ "behind tables that stand at 0x8000",
	  .tables = { 0x8000, 0xb000 },
	  .free = { NULL, "3-6 c-a0 200-1000", NULL, NULL } },
	{ "touching counts: a page before tables is none",
	  .tables = { 0x9000, 0xb000 },
	  .free = { NULL, "3-6 8-9 c-a0 200-1000", NULL, NULL } },
	{ "two pages before them are one",
	  .tables = { 0xa000, 0xb000 },
	  .free = { NULL, "3-6 9-a b-a0 200-1000", NULL, NULL } },
	{ "behind the kernel",
	  .kernel = { 0x8000, 0x10001 }, .has_no_tables = true,
	  .free = { NULL, "3-6 12-a0 100-1000", NULL, NULL } },
	{ "behind the initrd, in whole pages",
	  .initrd = { 0x8010, 0x8020 },
	  .free = { NULL, "3-6 a-a0 210-1000", NULL, NULL } },
	{ "behind the EBDA",
	  .ebda_segment = 0x800, .ebda_kib = 8,
	  .free = { NULL, "3-6 b-a0 210-1000", NULL, NULL } },
	{ "over all of them in turn",
	  .tables = { 0x9000, 0xa000 }, .initrd = { 0xb000, 0xc000 }, .kernel = { 0xd000, 0xe000 },
	  .ebda_segment = 0xf00, .ebda_kib = 4,
	  .free = { NULL, "3-6 8-9 a-b c-d e-f 11-a0 100-1000", NULL, NULL } },
	{ "what ends with its range fits",
	  .map = "0-1000 8000-9000 100000-1000000",
	  .free = { NULL, "212-1000", NULL, NULL } },
	{ "what is a byte short does not: next range",
	  .map = "0-1000 8000-8fff 100000-1000000",
	  .free = { NULL, "213-1000", NULL, NULL } },
	{ "not enough room below 640 KiB: behind the kernel",
	  .map = "0-9000 100000-10000000",
	  .free = { NULL, "3-6 8-9 212-10000", NULL, NULL } },
	{ "a range that starts inside a page is taken from its first whole page",
	  .map = "100800-200000", .kernel = { 0x180000, 0x1f0000 }, .has_no_tables = true,
	  .free = { NULL, "104-180 1f0-200", NULL, "104-180 1f0-200" } },
	{ "and that page must be clear itself",
	  .map = "100800-200000", .kernel = { 0x101801, 0x1f0000 }, .has_no_tables = true,
	  .free = { NULL, "1f3-200", NULL, "1f3-200" } },
	{ "no room at all",
	  .map = "0-8000 100000-210000",
	  .free = { NULL, "NO_HOME", NULL, "NO_HOME" } },
	{ "RAM in the last page of the address space has no first whole page",
	  .map = "0-8000 100000-210000 fffffffffffff001-ffffffffffffffff",
	  .free = { NULL, "NO_HOME", NULL, "NO_HOME" } },
	{ "none but above what the loader can reach",
	  .map = "0-8000 100000-220000", .home_limit_paddr = 0x210fff,
	  .free = { "HOME_NOT_RAM", "NO_HOME", "NO_HOME", "NO_HOME" } },
	{ "just within reach",
	  .map = "0-8000 100000-220000", .home_limit_paddr = 0x211000,
	  .free = { "3-8 212-220", "3-6 211-220", "3-8 211-220", "3-6 211-220" } },
};

static const struct row safe_rows[] = {
	{ "the bitmap keeps off the MP table, which 2.6.24 does not",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0x210000,
	  .free = { "3-9f 212-1000", NULL, "3-9f 212-1000", "3-6 8-9f 212-1000" } },
	{ "and off all of a long one",
	  .mp_paddr = 0x9fc00, .mp_table_paddr = 0x210800, .mp_table_bytes = 0x1801,
	  .free = { NULL, NULL, "3-9f 214-1000", "3-6 8-9f 214-1000" } },
	{ "the bitmap keeps off what is not vacant",
	  .vacant = "0-a0000 100000-210000 210000-400000/2 400000-1000000",
	  .free = { "3-a0 212-1000", "3-6 9-a0 210-1000",
	            "3-a0 210-400 401-1000", "3-6 8-a0 210-400 401-1000" } },
	{ "and off the low megabyte, though it is vacant",
	  .vacant = "0-a0000",
	  .free = { NULL, NULL, "NO_HOME", "NO_HOME" } },
	{ "nothing is vacant",
	  .vacant = "",
	  .free = { "3-a0 212-1000", "3-6 9-a0 210-1000", "NO_HOME", "NO_HOME" } },
	{ "vacant in the snapshot, not RAM in the map",
	  .map = "0-a0000 100000-210000 400000-1000000", .vacant = "210000-220000",
	  .free = { NULL, NULL, "HOME_NOT_RAM", "HOME_NOT_RAM" } },
	{ "extensions in RAM are reserved by policy safe alone",
	  .extensions = "500800-501001 fff000-2000000",
	  .free = { "3-a0 212-1000", "3-6 9-a0 210-1000",
	            "3-a0 211-500 502-fff", "3-6 8-a0 211-500 502-fff" } },
	{ "the wake-up code keeps off them",
	  .extensions = "2000-3000",
	  .free = { "3-a0 212-1000", "3-6 9-a0 210-1000",
	            "4-a0 211-1000", "1-2 5-6 8-a0 211-1000" } },
	{ "and off MP tables",
	  .mp_paddr = 0x3f0, .mp_table_paddr = 0x2000,
	  .free = { "3-a0 212-1000", "3-6 9-a0 210-1000",
	            "4-a0 211-1000", "5-6 8-a0 211-1000" } },
};

/* clang-format on */

static void the_map_says_what_is_free(void **state)
{
	(void)state;
	check_rows(whole_maps, COUNT(whole_maps));
}

static void low_memory_ends_where_the_kernel_can_map_no_more(void **state)
{
	(void)state;
	check_rows(limits, COUNT(limits));
}

static void the_ebda_is_reserved_as_2_6_24_finds_it(void **state)
{
	(void)state;
	check_rows(ebda_rows, COUNT(ebda_rows));
}

static void the_lowest_free_pages_are_for_the_wake_up_code(void **state)
{
	(void)state;
	check_rows(low_memory, COUNT(low_memory));
}

static void mp_tables_are_reserved_wherever_they_are_found(void **state)
{
	(void)state;
	check_rows(mp_rows, COUNT(mp_rows));
}

static void an_initrd_in_low_memory_is_reserved(void **state)
{
	(void)state;
	check_rows(initrd_rows, COUNT(initrd_rows));
}

static void the_bitmap_of_amd64_goes_to_the_first_area_with_room(void **state)
{
	(void)state;
	check_rows(areas, COUNT(areas));
}

static void policy_safe_keeps_off_what_others_use(void **state)
{
	(void)state;
	check_rows(safe_rows, COUNT(safe_rows));
}

/* --- errors that no map makes --- */

static void plain_machine(void)
{
	static const struct row plain = { .rule = "plain" };

	arrange(&plain);
}

static void no_storage_is_an_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		plain_machine();
		runs[0].storage.has_none = true;
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_NO_STORAGE);
		runs[0].storage.has_none = false;
		assert_int_equal(runs[0].setup.reservations.n_entries, 0);
		assert_int_equal(runs[0].setup.max_low_pfn, 0x1000);
		stop_machine();
	}
}

/* The configuration is the user's word: it holds under policy linux too, as no extension does. */
static void what_the_configuration_asks_for_holds_under_both_policies(void **state)
{
	static const enum reservation_kind kinds[] = { RESERVATION_CONFIGURED,
		                                       RESERVATION_BOOT_SERVICES,
		                                       RESERVATION_ACPI };

	(void)state;
	for (size_t i = 0; i < N_WAYS * COUNT(kinds); i++) {
		enum reservation_kind kind = kinds[i % COUNT(kinds)];
		bool is_safe = ways[i / COUNT(kinds)].policy == POLICY_SAFE;

		plain_machine();
		parse_extensions("500000-501000");
		extensions[0].kind = (uint8_t)kind;
		assert_int_equal(
			run(&runs[0], ways[i / COUNT(kinds)].target, ways[i / COUNT(kinds)].policy),
			SETUP_OK);
		assert_int_equal(bootmem_is_free(&runs[0].setup.bdata, 0x500),
		                 !is_safe && kind == RESERVATION_ACPI);
		stop_machine();
	}
}

/* A list of any size that is too small is an error; one that is not gives the same bitmap. */
static void a_full_list_is_an_error_and_never_a_shorter_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		struct boot_setup *setup = &runs[0].setup;
		size_t n_entries;

		plain_machine();
		parse_extensions("500000-501000 600000-601000");
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_OK);
		n_entries = setup->reservations.n_entries;
		assert_true(n_entries <= SETUP_OWN_RESERVATIONS + 2 + 2);
		for (size_t capacity = 0; capacity <= n_entries; capacity++) {
			bool is_enough = capacity == n_entries;

			setup->reservations.capacity = capacity;
			assert_int_equal(boot_setup_run(setup, &inputs),
			                 is_enough ? SETUP_OK : SETUP_RESERVATIONS_FULL);
			assert_int_equal(setup->reservations.n_entries, capacity);
			assert_int_equal(setup->reservations.n_lost, is_enough ? 0 : 1);
		}
		stop_machine();
	}
}

/* After the exit the map may have changed: what was a home need not be one. */
static void a_home_of_an_earlier_run_is_checked_again(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		plain_machine();
		inputs.bootmap_paddr = 0x500000;
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_OK);
		assert_int_equal(runs[0].setup.min_low_pfn, 0x500);
		parse_map("0-a0000 100000-500000 501000-1000000", &e820);
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_HOME_NOT_RAM);
		parse_map("0-a0000 100000-400000", &e820);
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_HOME_NOT_RAM);
		stop_machine();
	}
}

/* Nothing of page 0 can be read: there is no EBDA and no MP table, and that is all. */
static void memory_that_cannot_be_read_is_no_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		plain_machine();
		fake_phys_free(&fake);
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_OK);
		check_that_list_is_truth("unreadable", &runs[0].setup);
		stop_machine();
	}
}

/* A call as an observer hears it: the letter of its function, its pages, and how many were free. */
static char heard[1024];

static void hear(void *context, const struct boot_setup *setup, const struct boot_call *call)
{
	static const char letters[FUNCTION_COUNT] = {
		[FUNCTION_FIND_MAX_PFN] = 'm',      [FUNCTION_FIND_MAX_LOW_PFN] = 'l',
		[FUNCTION_FIND_HOME] = 'h',         [FUNCTION_INIT_BOOTMEM] = 'i',
		[FUNCTION_FREE_BOOTMEM] = 'f',      [FUNCTION_RESERVE_BOOTMEM] = 'r',
		[FUNCTION_ALLOC_BOOTMEM_LOW] = 'a',
	};
	size_t at = strlen(heard);
	uint64_t n_free =
		call->function >= FUNCTION_INIT_BOOTMEM ? bootmem_free_pages(&setup->bdata) : 0;

	assert_ptr_equal(context, heard);
	if (call->reservation != NULL)
		assert_ptr_equal(call->reservation,
		                 &setup->reservations.entries[setup->reservations.n_entries - 1]);
	snprintf(heard + at, sizeof heard - at, "%c%llx-%llx:%llx ", letters[call->function],
	         (unsigned long long)call->span.start_paddr >> PAGE_SHIFT,
	         (unsigned long long)pfn_up(call->span.end_paddr), (unsigned long long)n_free);
}

/* Of frees and reservations before they are made, of what is found and taken after. */
static void an_observer_hears_of_each_call_in_its_order(void **state)
{
	static const char *const expected[N_WAYS] = {
		[IA32_LINUX] = "m0-1000:0 l0-1000:0 h210-211:0 i0-1000:0 f0-a0:0 f100-1000:a0 "
			       "r100-212:fa0 r100-200:e8e r200-210:e8e r0-1:e8e r1-2:e8d "
			       "a2-3:e8b ",
		[AMD64_LINUX] = "m0-1000:0 l0-1000:0 h8-9:0 i0-1000:0 f0-a0:0 f100-1000:a0 "
				"r8-9:fa0 r200-210:f9f r100-200:f8f r100-200:e8f r200-210:e8f "
				"r0-1:e8f r6-8:e8e a1-3:e8a ",
		[IA32_SAFE] = "m0-1000:0 l0-1000:0 h210-211:0 i0-1000:0 f0-a0:0 f100-1000:a0 "
			      "r210-211:fa0 r100-200:f9f r200-210:e9f r0-1:e8f r1-2:e8e "
			      "a2-3:e8c ",
		[AMD64_SAFE] = "m0-1000:0 l0-1000:0 h210-211:0 i0-1000:0 f0-a0:0 f100-1000:a0 "
			       "r210-211:fa0 r100-200:f9f r200-210:e9f r0-1:e8f r6-8:e8e "
			       "a1-3:e8a ",
	};

	(void)state;
	for (size_t i = 0; i < N_WAYS; i++) {
		plain_machine();
		inputs.observer = hear;
		inputs.observer_context = heard;
		heard[0] = '\0';
		assert_int_equal(run(&runs[0], ways[i].target, ways[i].policy), SETUP_OK);
		assert_string_equal(heard, expected[i]);
		stop_machine();
	}
}

/* As a run fails: a list that has no room, no storage, no RAM. */
static void a_replay_fails_as_a_run_does(void **state)
{
	struct boot_setup *setup = &second_run.setup;
	const struct reservation *list = runs[0].entries;

	(void)state;
	plain_machine();
	assert_int_equal(run(&runs[0], &target_amd64, POLICY_SAFE), SETUP_OK);
	inputs.context = &second_run.storage;
	setup->reservations.entries = second_run.entries;
	setup->reservations.capacity = 2;
	assert_int_equal(boot_setup_replay(setup, &inputs, list, 2), SETUP_OK);
	assert_int_equal(boot_setup_replay(setup, &inputs, list, 3), SETUP_RESERVATIONS_FULL);
	second_run.storage.has_none = true;
	assert_int_equal(boot_setup_replay(setup, &inputs, list, 2), SETUP_NO_STORAGE);
	second_run.storage.has_none = false;
	e820.n_ranges = 0;
	assert_int_equal(boot_setup_replay(setup, &inputs, list, 2), SETUP_NO_RAM);
	stop_machine();
}

/* What an error ends is not told of. */
static void an_observer_hears_nothing_behind_an_error(void **state)
{
	(void)state;
	plain_machine();
	inputs.observer = hear;
	inputs.observer_context = heard;
	heard[0] = '\0';
	runs[0].storage.has_none = true;
	assert_int_equal(run(&runs[0], &target_amd64, POLICY_SAFE), SETUP_NO_STORAGE);
	runs[0].storage.has_none = false;
	assert_string_equal(heard, "m0-1000:0 l0-1000:0 ");
	stop_machine();
}

static void every_error_has_a_sentence(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(err_names); i++) {
		const char *text = setup_err_text((enum setup_err)i);

		assert_non_null(text);
		assert_true(strlen(text) > 5 && text[strlen(text) - 1] != '.');
	}
}

/* --- the property --- */

static uint64_t random_state;

static uint64_t random_below(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % n;
}

static bool one_in(uint64_t n)
{
	return random_below(n) == 0;
}

/* Ranges one after the other, up to @n_pages pages; a few of them not in whole pages. */
static void random_map(uint64_t n_pages, bool has_ragged_ends)
{
	static const uint32_t types[] = { 0, 1, 1, 1, 1, 1, 2, 3, 4, 5, 7 };
	paddr_t end_paddr = n_pages << PAGE_SHIFT,
		at = one_in(4) ? random_below(0x9000) & ~0xfffu : 0;
	uint64_t longest = end_paddr / (1 + random_below(20)) + 1;

	e820.n_ranges = 0;
	while (at < end_paddr && e820.n_ranges < 100) {
		paddr_t next = at + 1 + random_below(one_in(3) ? 0x10000 : longest);
		uint32_t type = types[random_below(COUNT(types))];

		if (!has_ragged_ends || one_in(2))
			next = align_up(next, PAGE_BYTES);
		next = min_u64(next, end_paddr);
		if (type != 0)
			assert_int_equal(e820_add(&e820, at, next, type), MAP_OK);
		at = next;
	}
	sanitize(&e820);
}

/* Somewhere in a range of RAM, mostly. */
static struct span random_span(uint64_t n_pages, uint64_t most_pages, bool is_whole)
{
	paddr_t start_paddr = random_below(n_pages << PAGE_SHIFT);
	uint64_t bytes = 1 + random_below(most_pages << PAGE_SHIFT);

	if (e820.n_ranges > 0 && !one_in(4)) {
		const struct e820_range *range = &e820.ranges[random_below(e820.n_ranges)];
		uint64_t range_bytes = range->end_paddr - range->start_paddr;

		start_paddr = range->start_paddr + (one_in(2) ? random_below(range_bytes) : 0);
		bytes = 1 + random_below(min_u64(range_bytes, most_pages << PAGE_SHIFT));
	}
	if (is_whole) {
		start_paddr = align_down(start_paddr, PAGE_BYTES);
		bytes = align_up(bytes, PAGE_BYTES);
	}
	return (struct span){ start_paddr, start_paddr + bytes };
}

static void random_load(uint64_t n_pages)
{
	struct span kernel = random_span(n_pages, 64, false), tables = { 0, 0 }, initrd = { 0, 0 };

	kernel.start_paddr = align_down(kernel.start_paddr, PAGE_BYTES);
	if (!one_in(4))
		tables = random_span(n_pages, 16, true);
	if (inputs.target == &target_ia32 && tables.end_paddr != 0) {
		uint64_t bytes = tables.end_paddr - tables.start_paddr;

		tables.start_paddr = align_up(kernel.end_paddr, PAGE_BYTES);
		tables.end_paddr = tables.start_paddr + bytes;
	}
	if (one_in(2))
		initrd = random_span(n_pages, 300, false);
	load(kernel, tables, initrd);
}

static void random_firmware(uint64_t n_pages)
{
	static const unsigned segments[] = { 0x9fc0, 0x9fff, 0x9f00, 0x8000, 0x0800, 0xffff, 1 };
	static const paddr_t pointers[] = { 0x10,    0x3f0,   0x400,   0xff0,   0x9fbf0, 0x9fc00,
		                            0x9fff0, 0xf0000, 0xffff0, 0x80000, 0x803f0, 0x80400 };
	paddr_t table_paddr = one_in(3) ? 0 : random_below(n_pages << PAGE_SHIFT);

	if (one_in(2))
		plant_ebda(one_in(3) ? (unsigned)random_below(0x10000)
		                     : segments[random_below(COUNT(segments))],
		           (unsigned)random_below(one_in(3) ? 0x10000 : 70));
	if (one_in(2))
		plant_mp_pointer(pointers[random_below(COUNT(pointers))], table_paddr);
	if (one_in(8))
		plant_ebda(0, (unsigned)random_below(70));
	inputs.is_amd_k7 = one_in(2);
}

/* Extensions, and with other things they are laid over what is vacant. */
static void random_neighbours(uint64_t n_pages)
{
	copy_map(&vacant, &e820);
	inputs.n_extensions = random_below(6);
	for (size_t i = 0; i < inputs.n_extensions + 2; i++) {
		struct span span = random_span(n_pages, 16, false);

		assert_int_equal(e820_add(&vacant, span.start_paddr, span.end_paddr, E820_RESERVED),
		                 MAP_OK);
		if (i >= inputs.n_extensions)
			continue;
		extensions[i] = reservation_make(RESERVATION_ACPI, ORIGIN_EXTENSION, LIFETIME_ACPI,
		                                 span, "ACPI TEST", "an extension");
	}
	sanitize(&vacant);
}

static uint64_t random_size(void)
{
	if (one_in(100))
		return 0x37ff0 + random_below(0x20); /* 896 MiB */
	if (one_in(20))
		return 1 + random_below(0x9100); /* more than a page of bitmap */
	return one_in(4) ? 1 + random_below(0x110) : 0x100 + random_below(0x500);
}

/* Is it a page that 2.6.24 took for itself, and policy safe for itself elsewhere? */
static bool is_moved(const struct boot_setup *linux_setup, pfn_t pfn)
{
	const struct reservation *entry = toucher(linux_setup, pfn, 0);

	return entry != NULL &&
	       (entry->kind == RESERVATION_BOOTMAP || entry->kind == RESERVATION_WAKEUP ||
	        strcmp(entry->owner, "kernel and bitmap") == 0 ||
	        strcmp(entry->owner, "EBDA") == 0);
}

static void check_that_safe_frees_no_more(void)
{
	const struct boot_setup *safe = &runs[POLICY_SAFE].setup;
	const struct boot_setup *theirs = &runs[POLICY_LINUX].setup;

	for (pfn_t pfn = 0; pfn < safe->max_low_pfn; pfn++) {
		if (!is_one(safe, pfn) && is_one(theirs, pfn) && !is_moved(theirs, pfn))
			fail_msg("page %#llx is free under policy safe alone",
			         (unsigned long long)pfn);
	}
}

/* Under policy safe nothing that is reserved for one thing is handed to another. */
static void check_that_nothing_is_given_twice(const struct boot_setup *setup)
{
	const struct reservation_list *list = &setup->reservations;

	for (size_t i = 0; i < list->n_entries; i++) {
		const struct reservation *given = &list->entries[i];

		if (given->kind != RESERVATION_BOOTMAP && given->kind != RESERVATION_WAKEUP)
			continue;
		for (pfn_t pfn = pfn_down(given->start_paddr); pfn < pfn_up(given->end_paddr);
		     pfn++) {
			if (toucher(setup, pfn, 0) != given || toucher(setup, pfn, i + 1) != NULL)
				fail_msg("page %#llx is given to two", (unsigned long long)pfn);
		}
	}
}

static void check_random_machine(const struct boot_target *target, unsigned *n_ok)
{
	uint64_t n_pages = random_size();
	enum setup_err safe, theirs;

	start_machine();
	inputs.target = target;
	random_map(n_pages, one_in(4));
	random_load(n_pages);
	random_firmware(n_pages);
	random_neighbours(n_pages);
	inputs.n_pieces = random_below(3); /* they are part of kernel and tables, or left out */
	theirs = check_run("linux", target, POLICY_LINUX);
	inputs.n_pieces = 2;
	safe = check_run("safe", target, POLICY_SAFE);
	if (safe == SETUP_OK && theirs == SETUP_OK)
		check_that_safe_frees_no_more();
	if (safe == SETUP_OK)
		check_that_nothing_is_given_twice(&runs[POLICY_SAFE].setup);
	n_ok[POLICY_SAFE] += safe == SETUP_OK;
	n_ok[POLICY_LINUX] += theirs == SETUP_OK;
	stop_machine();
}

/* Each seed is a machine, so that one that fails can be looked at alone. */
static void check_random_machines(const struct boot_target *target, unsigned n)
{
	unsigned n_ok[2] = { 0, 0 };

	for (unsigned seed = 1; seed <= n; seed++) {
		random_state = seed * UINT64_C(0x9e3779b97f4a7c15);
		check_random_machine(target, n_ok);
	}
	if (n_ok[POLICY_SAFE] < n / 4 || n_ok[POLICY_LINUX] < n / 4)
		fail_msg("too few machines boot to show anything: %u and %u of %u",
		         n_ok[POLICY_SAFE], n_ok[POLICY_LINUX], n);
}

static void ia32_is_2_6_24_on_random_machines(void **state)
{
	(void)state;
	check_random_machines(&target_ia32, 2000);
}

static void amd64_is_2_6_24_on_random_machines(void **state)
{
	(void)state;
	check_random_machines(&target_amd64, 2000);
}

/* --- recorded maps: the format is told in test_real_maps.c --- */

#define STRIDE 48

static uint8_t wire[MOST_RANGES / 2 * STRIDE];
static struct uefi_map uefi_map = { wire, 0, STRIDE };

static void read_line(const char *line)
{
	struct capture_parsed parsed;

	assert_true(capture_parse_line(line, strcspn(line, "\n"), &parsed));
	if (parsed.kind == CAPTURE_E820) {
		assert_int_equal(e820_add(&e820, parsed.start, parsed.end, parsed.type), MAP_OK);
	} else if (parsed.kind == CAPTURE_UEFI) {
		assert_true(uefi_map.map_bytes + STRIDE <= sizeof wire);
		memcpy(wire + uefi_map.map_bytes, &parsed.descriptor, sizeof parsed.descriptor);
		uefi_map.map_bytes += STRIDE;
	}
}

/* Where there is a UEFI map, it is that and not what Linux made of it. */
static void read_machine(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[400];
	struct uefi_faults faults;

	if (file == NULL)
		fail_msg("cannot read %s", path);
	uefi_map.map_bytes = 0;
	while (fgets(line, sizeof line, file) != NULL)
		read_line(line);
	fclose(file);
	if (uefi_map.map_bytes > 0) {
		e820.n_ranges = 0;
		assert_int_equal(uefi_map_to_e820(&uefi_map, &e820, &faults), MAP_OK);
	}
	sanitize(&e820);
}

/* As the loader has it: RAM that the firmware has in use is not vacant, nor are extensions. */
static void find_vacant(const struct reservation_list *list)
{
	copy_map(&vacant, &e820);
	for (size_t i = 0; i < uefi_map_count(&uefi_map); i++) {
		struct uefi_descriptor descriptor = uefi_map_get(&uefi_map, i);
		paddr_t start_paddr, end_paddr;
		bool wraps;

		if (descriptor.type != UEFI_CONVENTIONAL &&
		    uefi_descriptor_range(&descriptor, &start_paddr, &end_paddr, &wraps))
			assert_int_equal(e820_add(&vacant, start_paddr, end_paddr, E820_RESERVED),
			                 MAP_OK);
	}
	for (size_t i = 0; i < list->n_entries; i++)
		assert_int_equal(e820_add(&vacant, list->entries[i].start_paddr,
		                          list->entries[i].end_paddr, E820_RESERVED),
		                 MAP_OK);
	sanitize(&vacant);
}

static void check_real_machine(const char *name, const char *path)
{
	struct extension_facts facts = { .uefi_map = &uefi_map };
	struct reservation_list list = { extensions, 0, MOST_ENTRIES / 2, 0 };

	for (size_t i = 0; i < N_WAYS; i++) {
		enum setup_err err;
		char what[400];

		snprintf(what, sizeof what, "%s (%s)", name, ways[i].name);
		start_machine();
		read_machine(path);
		list.n_entries = 0;
		/* Asked for, it would hold under policy linux as well, and 2.6.24 knows it not.
		 */
		facts.keep_boot_services = ways[i].policy == POLICY_SAFE;
		extensions_collect(&facts, &list);
		assert_int_equal(list.n_lost, 0);
		assert_true(list.n_entries <= extensions_most(&facts, uefi_map_count(&uefi_map)));
		inputs.n_extensions = list.n_entries;
		find_vacant(&list);
		load((struct span){ 1 * MIB, 3 * MIB + 0x123 },
		     (struct span){ 3 * MIB + 0x1000, 3 * MIB + 0x11000 }, (struct span){ 0, 0 });
		err = check_run(what, ways[i].target, ways[i].policy);
		if (err != SETUP_OK)
			fail_msg("%s: %s", what, setup_err_text(err));
		stop_machine();
	}
}

static const char *maps_path = TESTS_MAPS;

static int is_map(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);

	return length > 4 && strcmp(entry->d_name + length - 4, ".map") == 0;
}

static void every_recorded_machine_boots_either_kernel(void **state)
{
	struct dirent **entries;
	int n = scandir(maps_path, &entries, is_map, alphasort);
	char path[1024];

	(void)state;
	if (n <= 0)
		fail_msg("no maps in %s", maps_path);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%s", maps_path, entries[i]->d_name);
		check_real_machine(entries[i]->d_name, path);
		free(entries[i]);
	}
	free(entries);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_map_says_what_is_free),
		cmocka_unit_test(low_memory_ends_where_the_kernel_can_map_no_more),
		cmocka_unit_test(the_ebda_is_reserved_as_2_6_24_finds_it),
		cmocka_unit_test(the_lowest_free_pages_are_for_the_wake_up_code),
		cmocka_unit_test(mp_tables_are_reserved_wherever_they_are_found),
		cmocka_unit_test(an_initrd_in_low_memory_is_reserved),
		cmocka_unit_test(the_bitmap_of_amd64_goes_to_the_first_area_with_room),
		cmocka_unit_test(policy_safe_keeps_off_what_others_use),
		cmocka_unit_test(no_storage_is_an_error),
		cmocka_unit_test(what_the_configuration_asks_for_holds_under_both_policies),
		cmocka_unit_test(a_full_list_is_an_error_and_never_a_shorter_list),
		cmocka_unit_test(a_home_of_an_earlier_run_is_checked_again),
		cmocka_unit_test(memory_that_cannot_be_read_is_no_error),
		cmocka_unit_test(an_observer_hears_of_each_call_in_its_order),
		cmocka_unit_test(an_observer_hears_nothing_behind_an_error),
		cmocka_unit_test(a_replay_fails_as_a_run_does),
		cmocka_unit_test(every_error_has_a_sentence),
		cmocka_unit_test(ia32_is_2_6_24_on_random_machines),
		cmocka_unit_test(amd64_is_2_6_24_on_random_machines),
		cmocka_unit_test(every_recorded_machine_boots_either_kernel),
	};
	int n_failed;

	if (argc > 1)
		maps_path = argv[1];
	n_failed = cmocka_run_group_tests(tests, NULL, NULL);
	stop_machine();
	return n_failed;
}
