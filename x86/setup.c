/*
 * setup.c - sanitized e820 map -> page bitmap: see setup.h.
 *
 * Two dispatchers, one a target, each in the order of its setup_arch(); below them the steps,
 * which the two share. A step that fails sets setup->err, and those after it do nothing.
 */
#include "x86/setup.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/ebda.h"
#include "x86/home.h"
#include "x86/mptable.h"

#define AMD_K7_PAGE_PADDR UINT64_C(0x9f000)

static const char *const err_texts[] = {
	[SETUP_OK] = "no error",
	[SETUP_NO_RAM] = "the memory map has no RAM that the kernel could use",
	[SETUP_NO_HOME] = "no free range of memory is large enough for the bitmap",
	[SETUP_HOME_NOT_RAM] = "the bitmap would lie where there is no free RAM",
	[SETUP_NO_STORAGE] = "no memory for the bitmap",
	[SETUP_RESERVATIONS_FULL] = "the list of reservations is full",
	[SETUP_INITRD_TOO_HIGH] = "the initrd ends above the memory that the kernel can map",
	[SETUP_NO_WAKEUP_PAGE] = "no free low page for the ACPI wake-up code",
};

const char *setup_err_text(enum setup_err err)
{
	return err < COUNT(err_texts) ? err_texts[err] : "unknown error";
}

static void fail(struct boot_setup *setup, enum setup_err err)
{
	if (setup->err == SETUP_OK)
		setup->err = err;
}

/* Nobody hears of what an error has ended. */
static void tell(const struct boot_setup *setup, enum boot_function function, struct span span,
                 const struct reservation *reservation)
{
	const struct boot_call call = { function, span, reservation };

	if (setup->err == SETUP_OK && setup->inputs->observer != NULL)
		setup->inputs->observer(setup->inputs->observer_context, setup, &call);
}

/* The entry of @wanted in the list; NULL, if it is empty, or after an error. */
static const struct reservation *list(struct boot_setup *setup, const struct reservation *wanted)
{
	struct reservation_list *reservations = &setup->reservations;

	if (setup->err == SETUP_OK && !reservation_add(reservations, wanted))
		fail(setup, SETUP_RESERVATIONS_FULL);
	if (setup->err != SETUP_OK || wanted->start_paddr >= wanted->end_paddr)
		return NULL;
	return &reservations->entries[reservations->n_entries - 1];
}

/*
 * The one way to reserve: list it in full, set its bits as far as the map goes. 2.6.24 has BUG_ON
 * for what lies outside, and each of its callers clips (reserve_bootmem_generic()).
 */
static void reserve(struct boot_setup *setup, const struct reservation *wanted)
{
	bootmem_data_t *bdata = &setup->bdata;
	paddr_t end_paddr = min_u64(wanted->end_paddr, pfn_paddr(bdata->node_low_pfn));
	struct span span = { wanted->start_paddr, max_u64(wanted->start_paddr, end_paddr) };
	const struct reservation *entry = list(setup, wanted);

	if (entry == NULL)
		return;
	tell(setup, FUNCTION_RESERVE_BOOTMEM, span, entry);
	reserve_bootmem(bdata, span.start_paddr, span.end_paddr);
}

/* A reservation of 2.6.24's own. Linux: reserve_bootmem(), on AMD64 reserve_bootmem_generic(). */
static void reserve_bootmem_generic(struct boot_setup *setup, struct span span,
                                    enum reservation_kind kind, enum reservation_lifetime lifetime,
                                    const char *owner, const char *reason)
{
	struct reservation wanted =
		reservation_make(kind, ORIGIN_LINUX, lifetime, span, owner, reason);

	reserve(setup, &wanted);
}

/* Only whole pages count. */
static void raise_max_pfn(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	struct boot_setup *setup = context;

	if (pfn_up(start_paddr) < pfn_down(end_paddr))
		setup->max_pfn = max_u64(setup->max_pfn, pfn_down(end_paddr));
}

/* The end of RAM. Linux: find_max_pfn() on IA-32, e820_end_of_ram() on AMD64. */
static void find_max_pfn(struct boot_setup *setup)
{
	setup->max_pfn = 0;
	target_each_ram(setup->inputs->target, setup->inputs->e820, raise_max_pfn, setup);
	tell(setup, FUNCTION_FIND_MAX_PFN, (struct span){ 0, pfn_paddr(setup->max_pfn) }, NULL);
}

static struct span low_memory(const struct boot_setup *setup)
{
	return (struct span){ 0, pfn_paddr(setup->max_low_pfn) };
}

/* The end of what the kernel can map of it. */
static void find_max_low_pfn(struct boot_setup *setup)
{
	setup->max_low_pfn = min_u64(setup->max_pfn, setup->inputs->target->low_limit_pfn);
	if (setup->max_low_pfn == 0)
		fail(setup, SETUP_NO_RAM);
	tell(setup, FUNCTION_FIND_MAX_LOW_PFN, low_memory(setup), NULL);
}

/*
 * What find_smp_config() finds, as the policy reserves it: 2.6.24 covers one page of the table,
 * policy safe all of it. Empty spans if there is none.
 */
static struct smp_config smp_config_to_reserve(const struct boot_inputs *inputs)
{
	struct smp_config found;

	if (find_smp_config(inputs->phys, inputs->target, &found) && inputs->policy == POLICY_SAFE)
		found.table.end_paddr =
			max_u64(found.table.end_paddr, found.table.start_paddr + found.table_bytes);
	return found;
}

#define MOST_BAD_AREAS 7

/* What bad_addr() of 2.6.24 steps over, in its order, and under policy safe the MP tables. */
static size_t find_bad_areas(const struct boot_inputs *inputs, struct span bad[MOST_BAD_AREAS])
{
	const struct smp_config smp = smp_config_to_reserve(inputs);

	bad[0] = (struct span){ 0, 0x8000 }; /* "needed for SMP startup": trampoline, wake-up */
	bad[1] = inputs->tables;
	bad[2] = inputs->initrd;
	bad[3] = inputs->kernel;
	bad[4] = ebda_find(inputs->phys, inputs->target);
	bad[5] = smp.pointer;
	bad[6] = smp.table;
	return inputs->policy == POLICY_SAFE ? MOST_BAD_AREAS : 5;
}

/* The end of where the bitmap may lie. */
static paddr_t bootmap_limit(const struct boot_setup *setup)
{
	return min_u64(pfn_paddr(setup->max_low_pfn), setup->inputs->home_limit_paddr);
}

/* Policy safe looks for a place that nobody uses, and leaves the low megabyte alone: AP start-up
 * needs it. */
static paddr_t find_vacant_area(const struct boot_setup *setup, uint64_t bytes)
{
	const struct span within = { LOW_MEGABYTE_END_PADDR, bootmap_limit(setup) };
	struct span bad[MOST_BAD_AREAS];

	return find_e820_area(setup->inputs->vacant, within, bytes, bad,
	                      find_bad_areas(setup->inputs, bad));
}

/*
 * Storage for a bitmap at @bootmap_paddr, or where an earlier run has put it. NULL, and an error,
 * if it cannot lie there: 2.6.24 writes its bitmap unasked.
 */
static void *bootmap_at(struct boot_setup *setup, paddr_t bootmap_paddr, uint64_t bootmap_pages)
{
	const struct boot_inputs *inputs = setup->inputs;
	paddr_t end_paddr;
	void *bootmap = NULL;

	if (inputs->bootmap_paddr != 0)
		bootmap_paddr = inputs->bootmap_paddr;
	end_paddr = bootmap_paddr + (bootmap_pages << PAGE_SHIFT);
	if (bootmap_paddr == BOOTMEM_NONE)
		fail(setup, SETUP_NO_HOME);
	else if (end_paddr > bootmap_limit(setup) ||
	         !target_is_ram(inputs->target, inputs->e820, bootmap_paddr, end_paddr))
		fail(setup, SETUP_HOME_NOT_RAM);
	if (setup->err == SETUP_OK)
		bootmap = inputs->bootmap_storage(inputs->context, bootmap_paddr, bootmap_pages);
	if (bootmap == NULL)
		fail(setup, SETUP_NO_STORAGE);
	else
		setup->min_low_pfn = pfn_down(bootmap_paddr);
	tell(setup, FUNCTION_FIND_HOME, (struct span){ bootmap_paddr, end_paddr }, NULL);
	return bootmap;
}

/* Free [start, end) as far as the node goes. */
static void free_clipped(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	struct boot_setup *setup = context;

	end_paddr = min_u64(end_paddr, pfn_paddr(setup->max_low_pfn));
	if (start_paddr >= end_paddr)
		return;
	tell(setup, FUNCTION_FREE_BOOTMEM, (struct span){ start_paddr, end_paddr }, NULL);
	free_bootmem(&setup->bdata, start_paddr, end_paddr);
}

static void free_ram(struct boot_setup *setup)
{
	if (setup->err == SETUP_OK)
		target_each_ram(setup->inputs->target, setup->inputs->e820, free_clipped, setup);
}

/* IA-32: what e820 calls RAM, without the ISA hole, up to max_low_pfn. */
static void register_bootmem_low_pages(struct boot_setup *setup)
{
	free_ram(setup);
}

/* AMD64: what has been registered as active, which is what e820 calls RAM. */
static void free_bootmem_with_active_regions(struct boot_setup *setup)
{
	free_ram(setup);
}

/* The bitmap's own pages: get_mapsize() bytes from min_low_pfn. */
static void reserve_bootmap(struct boot_setup *setup)
{
	paddr_t start_paddr = pfn_paddr(setup->min_low_pfn);
	paddr_t end_paddr = start_paddr + get_mapsize(&setup->bdata);

	reserve_bootmem_generic(setup, (struct span){ start_paddr, end_paddr }, RESERVATION_BOOTMAP,
	                        LIFETIME_BOOT, "bootmem bitmap", "one bit a page, 1 = reserved");
}

/* IA-32 of 2.6.24: from _text to the end of the bitmap in one, and one page more than that takes,
 * as the size is rounded up before reserve_bootmem() rounds it up again. */
static void reserve_kernel_and_bootmap(struct boot_setup *setup)
{
	paddr_t end_paddr = pfn_paddr(setup->min_low_pfn) + get_mapsize(&setup->bdata);
	struct span span = { setup->inputs->kernel.start_paddr, end_paddr + PAGE_BYTES - 1 };

	reserve_bootmem_generic(setup, span, RESERVATION_KERNEL, LIFETIME_BOOT, "kernel and bitmap",
	                        "_text to the end of the bitmap, as 2.6.24 rounds it");
}

/* Policy safe does not believe a pointer that cannot be one: page 0 of a UEFI machine may hold
 * anything. */
static void reserve_ebda_region(struct boot_setup *setup)
{
	const struct boot_inputs *inputs = setup->inputs;
	struct span ebda = ebda_find(inputs->phys, inputs->target);

	if (ebda.start_paddr == 0) /* no pointer: 2.6.24 reserves nothing either */
		return;
	if (inputs->policy == POLICY_SAFE && !ebda_is_plausible(ebda))
		return;
	reserve_bootmem_generic(setup, ebda, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "EBDA",
	                        "extended BIOS data area");
}

/* What the configuration asks for, it asks of both policies. */
static bool is_asked_for(const struct reservation *extension)
{
	return extension->kind == RESERVATION_CONFIGURED ||
	       extension->kind == RESERVATION_BOOT_SERVICES;
}

static void reserve_extensions(struct boot_setup *setup)
{
	const struct boot_inputs *inputs = setup->inputs;

	for (size_t i = 0; i < inputs->n_extensions; i++)
		if (inputs->policy == POLICY_SAFE || is_asked_for(&inputs->extensions[i]))
			reserve(setup, &inputs->extensions[i]);
}

/* The one step that allocates. */
static void acpi_reserve_bootmem(struct boot_setup *setup)
{
	uint64_t bytes = (uint64_t)setup->inputs->target->wakeup_pages << PAGE_SHIFT;
	const struct reservation *entry;
	struct reservation taken;
	struct span span;

	if (setup->err != SETUP_OK)
		return;
	span.start_paddr = alloc_bootmem_low(&setup->bdata, bytes);
	if (span.start_paddr == BOOTMEM_NONE)
		return fail(setup, SETUP_NO_WAKEUP_PAGE);
	span.end_paddr = span.start_paddr + bytes;
	taken = reservation_make(RESERVATION_WAKEUP, ORIGIN_LINUX, LIFETIME_BOOT, span,
	                         "ACPI wake-up",
	                         "low pages for the code that wakes the machine from S3");
	entry = list(setup, &taken);
	if (entry != NULL)
		tell(setup, FUNCTION_ALLOC_BOOTMEM_LOW, span, entry);
}

static void reserve_smp_config(struct boot_setup *setup)
{
	struct smp_config found = smp_config_to_reserve(setup->inputs);

	reserve_bootmem_generic(setup, found.pointer, RESERVATION_SMP_CONFIG, LIFETIME_ACPI,
	                        "MP floating pointer", "find_smp_config(): one page from _MP_");
	reserve_bootmem_generic(setup, found.table, RESERVATION_SMP_CONFIG, LIFETIME_ACPI,
	                        "MP configuration", "find_smp_config(): the table");
}

static void reserve_initrd(struct boot_setup *setup)
{
	struct span initrd = setup->inputs->initrd;

	if (initrd.start_paddr == initrd.end_paddr)
		return;
	if (initrd.end_paddr > pfn_paddr(setup->max_low_pfn))
		return fail(setup, SETUP_INITRD_TOO_HIGH);
	reserve_bootmem_generic(setup, initrd, RESERVATION_INITRD, LIFETIME_BOOT, "initrd",
	                        "initial RAM disk");
}

/* What setup_arch() of either target does once kernel and bitmap are reserved. */
static void reserve_the_rest(struct boot_setup *setup)
{
	static const struct span page_zero = { 0, PAGE_BYTES };
	static const struct span amd_k7 = { AMD_K7_PAGE_PADDR, AMD_K7_PAGE_PADDR + PAGE_BYTES };
	const struct boot_inputs *inputs = setup->inputs;

	for (size_t i = 0; i < inputs->n_pieces; i++) /* each by its own name */
		reserve(setup, &inputs->pieces[i]);
	reserve_bootmem_generic(setup, page_zero, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER,
	                        "page 0", "real-mode interrupt vectors and BIOS data area");
	reserve_ebda_region(setup);
	if (inputs->is_amd_k7 && inputs->target->skips_amd_k7_page)
		reserve_bootmem_generic(setup, amd_k7, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER,
		                        "AMD K7",
		                        "page below 640 KiB that family 6 must not prefetch");
	reserve_bootmem_generic(setup, inputs->target->trampoline, RESERVATION_LOW_MEMORY,
	                        LIFETIME_BOOT, "SMP trampoline",
	                        "where other CPUs start, in real mode");
	reserve_extensions(setup);
	/* 2.6.24 allocates before it has reserved all, and may be given a page of what comes after.
	 */
	if (inputs->policy == POLICY_LINUX)
		acpi_reserve_bootmem(setup);
	reserve_smp_config(setup);
	reserve_initrd(setup);
	if (inputs->policy == POLICY_SAFE)
		acpi_reserve_bootmem(setup);
}

/*
 * IA-32: setup_memory() and setup_bootmem_allocator() of arch/x86/kernel/setup_32.c. The bitmap of
 * 2.6.24 lies right behind the kernel's first page tables: it does not look what is there.
 */
static void setup_bootmem_allocator(struct boot_setup *setup)
{
	const struct boot_inputs *inputs = setup->inputs;
	bool is_safe = inputs->policy == POLICY_SAFE;
	paddr_t init_pg_tables_end = max_u64(inputs->kernel.end_paddr, inputs->tables.end_paddr);
	paddr_t bootmap_paddr = align_up(init_pg_tables_end, PAGE_BYTES);
	uint64_t bootmap_pages;
	void *bootmap;

	find_max_pfn(setup);
	find_max_low_pfn(setup);
	bootmap_pages = bootmem_bootmap_pages(setup->max_low_pfn);
	if (is_safe)
		bootmap_paddr = find_vacant_area(setup, bootmap_pages << PAGE_SHIFT);
	bootmap = bootmap_at(setup, bootmap_paddr, bootmap_pages);
	init_bootmem(&setup->bdata, bootmap, setup->min_low_pfn, setup->max_low_pfn,
	             inputs->target->word_bytes);
	tell(setup, FUNCTION_INIT_BOOTMEM, low_memory(setup), NULL);
	register_bootmem_low_pages(setup);
	if (is_safe)
		reserve_bootmap(setup);
	else
		reserve_kernel_and_bootmap(setup);
	reserve_the_rest(setup);
}

/* AMD64: contig_initmem_init() of arch/x86/kernel/setup_64.c, and what setup_arch() does around. */
static void contig_initmem_init(struct boot_setup *setup)
{
	const struct boot_inputs *inputs = setup->inputs;
	struct span bad[MOST_BAD_AREAS];
	uint64_t bootmap_pages;
	paddr_t bootmap_paddr;
	void *bootmap;

	find_max_pfn(setup);
	find_max_low_pfn(setup);
	bootmap_pages = bootmem_bootmap_pages(setup->max_low_pfn);
	if (inputs->policy == POLICY_SAFE)
		bootmap_paddr = find_vacant_area(setup, bootmap_pages << PAGE_SHIFT);
	else
		bootmap_paddr = find_e820_area(
			inputs->e820, (struct span){ 0, bootmap_limit(setup) },
			bootmap_pages << PAGE_SHIFT, bad, find_bad_areas(inputs, bad));
	bootmap = bootmap_at(setup, bootmap_paddr, bootmap_pages);
	init_bootmem(&setup->bdata, bootmap, setup->min_low_pfn, setup->max_low_pfn,
	             inputs->target->word_bytes);
	tell(setup, FUNCTION_INIT_BOOTMEM, low_memory(setup), NULL);
	free_bootmem_with_active_regions(setup);
	reserve_bootmap(setup);
	if (inputs->policy == POLICY_LINUX) {
		reserve_bootmem_generic(setup, inputs->tables, RESERVATION_PAGE_TABLES,
		                        LIFETIME_BOOT, "hand-off pages",
		                        "stand where 2.6.24 has its direct mapping tables");
		reserve_bootmem_generic(setup, inputs->kernel, RESERVATION_KERNEL, LIFETIME_BOOT,
		                        "kernel", "_text to _end");
	}
	reserve_the_rest(setup);
}

static void start(struct boot_setup *setup, const struct boot_inputs *inputs)
{
	setup->inputs = inputs;
	setup->min_low_pfn = 0;
	setup->err = SETUP_OK;
	setup->reservations.n_entries = 0;
	setup->reservations.n_lost = 0;
	memset(&setup->bdata, 0, sizeof setup->bdata);
}

static enum setup_err finish(struct boot_setup *setup)
{
	if (setup->err == SETUP_OK)
		bootmem_complete(&setup->bdata);
	return setup->err;
}

enum setup_err boot_setup_run(struct boot_setup *setup, const struct boot_inputs *inputs)
{
	start(setup, inputs);
	if (inputs->target == &target_ia32)
		setup_bootmem_allocator(setup);
	else
		contig_initmem_init(setup);
	return finish(setup);
}

/* Where the bitmap was: 0 if the list does not say. */
static paddr_t bootmap_among(const struct reservation *reservations, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (reservations[i].kind == RESERVATION_BOOTMAP)
			return reservations[i].start_paddr;
	return 0;
}

enum setup_err boot_setup_replay(struct boot_setup *setup, const struct boot_inputs *inputs,
                                 const struct reservation *reservations, size_t n)
{
	paddr_t bootmap_paddr = bootmap_among(reservations, n);
	uint64_t bootmap_pages;
	void *bootmap = NULL;

	start(setup, inputs);
	find_max_pfn(setup);
	find_max_low_pfn(setup);
	bootmap_pages = bootmem_bootmap_pages(setup->max_low_pfn);
	setup->min_low_pfn = pfn_down(bootmap_paddr);
	if (setup->err == SETUP_OK)
		bootmap = inputs->bootmap_storage(inputs->context, bootmap_paddr, bootmap_pages);
	if (bootmap == NULL)
		fail(setup, SETUP_NO_STORAGE);
	init_bootmem(&setup->bdata, bootmap, setup->min_low_pfn, setup->max_low_pfn,
	             inputs->target->word_bytes);
	tell(setup, FUNCTION_INIT_BOOTMEM, low_memory(setup), NULL);
	free_ram(setup);
	for (size_t i = 0; i < n; i++)
		reserve(setup, &reservations[i]);
	return finish(setup);
}
