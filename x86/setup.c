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
	[SETUP_HOME_NOT_RAM] = "the bitmap would lie behind the kernel, where there is no free RAM",
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

/*
 * The one way to reserve: list it in full, set its bits as far as the map goes. 2.6.24 has BUG_ON
 * for what lies outside, and each of its callers clips (reserve_bootmem_generic()).
 */
static void reserve(struct boot_setup *setup, const struct reservation *wanted)
{
	bootmem_data_t *bdata = &setup->bdata;
	paddr_t end_paddr = min_u64(wanted->end_paddr, pfn_paddr(bdata->node_low_pfn));

	if (setup->err != SETUP_OK)
		return;
	if (!reservation_add(&setup->reservations, wanted))
		fail(setup, SETUP_RESERVATIONS_FULL);
	else if (wanted->start_paddr < end_paddr)
		reserve_bootmem(bdata, wanted->start_paddr, end_paddr);
}

/* A reservation of 2.6.24's own. */
static void reserve_linux(struct boot_setup *setup, struct span span, enum reservation_kind kind,
                          enum reservation_lifetime lifetime, const char *owner, const char *reason)
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

/* Linux: find_max_pfn() and find_max_low_pfn(), e820_end_of_ram(). */
static void find_limits(struct boot_setup *setup)
{
	setup->max_pfn = 0;
	target_each_ram(setup->inputs->target, setup->inputs->e820, raise_max_pfn, setup);
	setup->max_low_pfn = min_u64(setup->max_pfn, setup->inputs->target->low_limit_pfn);
	if (setup->max_low_pfn == 0)
		fail(setup, SETUP_NO_RAM);
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

/* In @map, beside what bad_addr() of 2.6.24 steps over and, under policy safe, the MP tables. */
static paddr_t find_area(const struct boot_inputs *inputs, const struct e820_map *map,
                         struct span within, uint64_t bytes)
{
	const struct smp_config smp = smp_config_to_reserve(inputs);
	const struct span bad[] = {
		{ 0, 0x8000 }, /* "needed for SMP startup": trampoline, wake-up code */
		inputs->tables, inputs->initrd,
		inputs->kernel, ebda_find(inputs->phys, inputs->target),
		smp.pointer, /* from here on: policy safe */
		smp.table,
	};

	return find_e820_area(map, within, bytes, bad,
	                      inputs->policy == POLICY_SAFE ? COUNT(bad) : COUNT(bad) - 2);
}

/*
 * Where the bitmap goes. IA-32 of 2.6.24 puts it behind the kernel's first page tables without
 * looking. Policy safe looks for a place that nobody uses, and leaves the low megabyte alone: AP
 * start-up needs it.
 */
static paddr_t find_home(const struct boot_inputs *inputs, paddr_t limit_paddr, uint64_t bytes)
{
	if (inputs->bootmap_paddr != 0)
		return inputs->bootmap_paddr;
	if (inputs->policy == POLICY_SAFE)
		return find_area(inputs, inputs->vacant,
		                 (struct span){ LOW_MEGABYTE_END_PADDR, limit_paddr }, bytes);
	if (inputs->target == &target_amd64)
		return find_area(inputs, inputs->e820, (struct span){ 0, limit_paddr }, bytes);
	return align_up(max_u64(inputs->kernel.end_paddr, inputs->tables.end_paddr), PAGE_BYTES);
}

/* Limits, home, storage, and a node of which every page is reserved. */
static void init_node(struct boot_setup *setup)
{
	const struct boot_inputs *inputs = setup->inputs;
	uint64_t bootmap_pages = bootmem_bootmap_pages(setup->max_low_pfn);
	uint64_t bytes = bootmap_pages << PAGE_SHIFT;
	paddr_t limit_paddr = min_u64(pfn_paddr(setup->max_low_pfn), inputs->home_limit_paddr);
	paddr_t home_paddr;
	void *bootmap;

	if (setup->err != SETUP_OK)
		return;
	home_paddr = find_home(inputs, limit_paddr, bytes);
	if (home_paddr == BOOTMEM_NONE)
		return fail(setup, SETUP_NO_HOME);
	/* 2.6.24 writes its bitmap unasked. */
	if (home_paddr + bytes > limit_paddr ||
	    !target_is_ram(inputs->target, inputs->e820, home_paddr, home_paddr + bytes))
		return fail(setup, SETUP_HOME_NOT_RAM);
	bootmap = inputs->bootmap_storage(inputs->context, home_paddr, bootmap_pages);
	if (bootmap == NULL)
		return fail(setup, SETUP_NO_STORAGE);
	setup->min_low_pfn = pfn_down(home_paddr);
	init_bootmem(&setup->bdata, bootmap, setup->min_low_pfn, setup->max_low_pfn,
	             inputs->target->word_bytes);
}

/* Free [start, end) as far as the node goes. */
static void free_clipped(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	struct boot_setup *setup = context;

	end_paddr = min_u64(end_paddr, pfn_paddr(setup->max_low_pfn));
	if (start_paddr < end_paddr)
		free_bootmem(&setup->bdata, start_paddr, end_paddr);
}

/* Linux: register_bootmem_low_pages() on IA-32, free_bootmem_with_active_regions() on AMD64. */
static void free_usable_ranges(struct boot_setup *setup)
{
	if (setup->err == SETUP_OK)
		target_each_ram(setup->inputs->target, setup->inputs->e820, free_clipped, setup);
}

/* The bitmap's own pages: get_mapsize() bytes from min_low_pfn. */
static void reserve_bootmap(struct boot_setup *setup)
{
	paddr_t start_paddr = pfn_paddr(setup->min_low_pfn);

	reserve_linux(setup, (struct span){ start_paddr, start_paddr + get_mapsize(&setup->bdata) },
	              RESERVATION_BOOTMAP, LIFETIME_BOOT, "bootmem bitmap",
	              "one bit a page, 1 = reserved");
}

/* IA-32 of 2.6.24: from _text to the end of the bitmap in one, and one page more than that takes,
 * as the size is rounded up before reserve_bootmem() rounds it up again. */
static void reserve_kernel_and_bootmap(struct boot_setup *setup)
{
	struct span span = { setup->inputs->kernel.start_paddr, pfn_paddr(setup->min_low_pfn) +
		                                                        get_mapsize(&setup->bdata) +
		                                                        PAGE_BYTES - 1 };

	reserve_linux(setup, span, RESERVATION_KERNEL, LIFETIME_BOOT, "kernel and bitmap",
	              "_text to the end of the bitmap, as 2.6.24 rounds it");
}

static void reserve_tables_and_kernel(struct boot_setup *setup)
{
	reserve_linux(setup, setup->inputs->tables, RESERVATION_PAGE_TABLES, LIFETIME_BOOT,
	              "hand-off pages", "stand where 2.6.24 has its direct mapping tables");
	reserve_linux(setup, setup->inputs->kernel, RESERVATION_KERNEL, LIFETIME_BOOT, "kernel",
	              "_text to _end");
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
	reserve_linux(setup, ebda, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "EBDA",
	              "extended BIOS data area");
}

static void reserve_low_memory(struct boot_setup *setup)
{
	static const struct span page_zero = { 0, PAGE_BYTES };
	static const struct span amd_k7_page = { AMD_K7_PAGE_PADDR,
		                                 AMD_K7_PAGE_PADDR + PAGE_BYTES };
	const struct boot_target *target = setup->inputs->target;

	reserve_linux(setup, page_zero, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "page 0",
	              "real-mode interrupt vectors and BIOS data area");
	reserve_ebda_region(setup);
	if (setup->inputs->is_amd_k7 && target->skips_amd_k7_page)
		reserve_linux(setup, amd_k7_page, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER,
		              "AMD K7", "page below 640 KiB that family 6 must not prefetch");
	reserve_linux(setup, target->trampoline, RESERVATION_LOW_MEMORY, LIFETIME_BOOT,
	              "SMP trampoline", "where other CPUs start, in real mode");
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
	paddr_t start_paddr;

	if (setup->err != SETUP_OK)
		return;
	start_paddr = alloc_bootmem_low(&setup->bdata, bytes);
	if (start_paddr == BOOTMEM_NONE)
		return fail(setup, SETUP_NO_WAKEUP_PAGE);
	reserve_linux(setup, (struct span){ start_paddr, start_paddr + bytes }, RESERVATION_WAKEUP,
	              LIFETIME_BOOT, "ACPI wake-up",
	              "low pages for the code that wakes the machine from S3");
}

static void reserve_smp_config(struct boot_setup *setup)
{
	struct smp_config found = smp_config_to_reserve(setup->inputs);

	reserve_linux(setup, found.pointer, RESERVATION_SMP_CONFIG, LIFETIME_ACPI,
	              "MP floating pointer", "find_smp_config(): one page from _MP_");
	reserve_linux(setup, found.table, RESERVATION_SMP_CONFIG, LIFETIME_ACPI, "MP configuration",
	              "find_smp_config(): the table");
}

static void reserve_initrd(struct boot_setup *setup)
{
	struct span initrd = setup->inputs->initrd;

	if (initrd.start_paddr == initrd.end_paddr)
		return;
	if (initrd.end_paddr > pfn_paddr(setup->max_low_pfn))
		return fail(setup, SETUP_INITRD_TOO_HIGH);
	reserve_linux(setup, initrd, RESERVATION_INITRD, LIFETIME_BOOT, "initrd",
	              "initial RAM disk");
}

/* What setup_arch() of either target does once the bitmap stands. */
static void reserve_the_rest(struct boot_setup *setup)
{
	for (size_t i = 0; i < setup->inputs->n_pieces; i++) /* each by its own name */
		reserve(setup, &setup->inputs->pieces[i]);
	reserve_low_memory(setup);
	reserve_extensions(setup);
	/* 2.6.24 allocates before it has reserved all, and may be given a page of what comes after.
	 */
	if (setup->inputs->policy == POLICY_LINUX)
		acpi_reserve_bootmem(setup);
	reserve_smp_config(setup);
	reserve_initrd(setup);
	if (setup->inputs->policy == POLICY_SAFE)
		acpi_reserve_bootmem(setup);
}

/* IA-32: setup_bootmem_allocator() of arch/x86/kernel/setup_32.c. */
static void setup_bootmem_allocator(struct boot_setup *setup)
{
	init_node(setup);
	free_usable_ranges(setup); /* register_bootmem_low_pages() */
	if (setup->inputs->policy == POLICY_LINUX)
		reserve_kernel_and_bootmap(setup);
	else
		reserve_bootmap(setup);
	reserve_the_rest(setup);
}

/* AMD64: contig_initmem_init() of arch/x86/kernel/setup_64.c, and what setup_arch() does after. */
static void contig_initmem(struct boot_setup *setup)
{
	init_node(setup);
	free_usable_ranges(setup); /* free_bootmem_with_active_regions() */
	reserve_bootmap(setup);
	if (setup->inputs->policy == POLICY_LINUX)
		reserve_tables_and_kernel(setup);
	reserve_the_rest(setup);
}

enum setup_err boot_setup_run(struct boot_setup *setup, const struct boot_inputs *inputs)
{
	setup->inputs = inputs;
	setup->min_low_pfn = 0;
	setup->err = SETUP_OK;
	setup->reservations.n_entries = 0;
	setup->reservations.n_lost = 0;
	memset(&setup->bdata, 0, sizeof setup->bdata);

	find_limits(setup);
	if (inputs->target == &target_ia32)
		setup_bootmem_allocator(setup);
	else
		contig_initmem(setup);
	if (setup->err == SETUP_OK)
		bootmem_complete(&setup->bdata);
	return setup->err;
}
