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
static void reserve_linux(struct boot_setup *setup, paddr_t start_paddr, paddr_t end_paddr,
                          enum reservation_kind kind, enum reservation_lifetime lifetime,
                          const char *owner, const char *reason)
{
	struct reservation wanted = reservation_make(kind, ORIGIN_LINUX, lifetime, owner, reason);

	wanted.start_paddr = start_paddr;
	wanted.end_paddr = end_paddr;
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
 * Where the bitmap goes. IA-32 of 2.6.24 puts it behind the kernel's first page tables without
 * looking. Policy safe looks for a place that nobody uses, and leaves the low megabyte alone: AP
 * start-up needs it.
 */
static paddr_t find_home(const struct boot_inputs *inputs, paddr_t limit_paddr, uint64_t bytes)
{
	if (inputs->bootmap_paddr != 0)
		return inputs->bootmap_paddr;
	if (inputs->policy == POLICY_SAFE)
		return find_e820_area(inputs, inputs->vacant, LOW_MEGABYTE_END_PADDR, limit_paddr,
		                      bytes);
	if (inputs->target == &target_amd64)
		return find_e820_area(inputs, inputs->e820, 0, limit_paddr, bytes);
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

	reserve_linux(setup, start_paddr, start_paddr + get_mapsize(&setup->bdata),
	              RESERVATION_BOOTMAP, LIFETIME_BOOT, "bootmem bitmap",
	              "one bit a page, 1 = reserved");
}

/* IA-32 of 2.6.24: from _text to the end of the bitmap in one, and one page more than that takes,
 * as the size is rounded up before reserve_bootmem() rounds it up again. */
static void reserve_kernel_and_bootmap(struct boot_setup *setup)
{
	reserve_linux(setup, setup->inputs->kernel.start_paddr,
	              pfn_paddr(setup->min_low_pfn) + get_mapsize(&setup->bdata) + PAGE_BYTES - 1,
	              RESERVATION_KERNEL, LIFETIME_BOOT, "kernel and bitmap",
	              "_text to the end of the bitmap, as 2.6.24 rounds it");
}

static void reserve_kernel(struct boot_setup *setup)
{
	reserve_linux(setup, setup->inputs->kernel.start_paddr, setup->inputs->kernel.end_paddr,
	              RESERVATION_KERNEL, LIFETIME_BOOT, "kernel", "_text to _end");
}

static void reserve_tables(struct boot_setup *setup)
{
	reserve_linux(setup, setup->inputs->tables.start_paddr, setup->inputs->tables.end_paddr,
	              RESERVATION_PAGE_TABLES, LIFETIME_BOOT, "hand-off pages",
	              "stand where 2.6.24 has its direct mapping tables");
}

/* Kernel segments, block, stack, ...: each by its own name. */
static void reserve_pieces(struct boot_setup *setup)
{
	for (size_t i = 0; i < setup->inputs->n_pieces; i++)
		reserve(setup, &setup->inputs->pieces[i]);
}

static void reserve_page_zero(struct boot_setup *setup)
{
	reserve_linux(setup, 0, PAGE_BYTES, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "page 0",
	              "real-mode interrupt vectors and BIOS data area");
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
	reserve_linux(setup, ebda.start_paddr, ebda.end_paddr, RESERVATION_LOW_MEMORY,
	              LIFETIME_FOREVER, "EBDA", "extended BIOS data area");
}

static void reserve_amd_k7_page(struct boot_setup *setup)
{
	if (setup->inputs->is_amd_k7 && setup->inputs->target->skips_amd_k7_page)
		reserve_linux(setup, AMD_K7_PAGE_PADDR, AMD_K7_PAGE_PADDR + PAGE_BYTES,
		              RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, "AMD K7",
		              "page below 640 KiB that family 6 must not prefetch");
}

static void reserve_trampoline(struct boot_setup *setup)
{
	const struct boot_target *target = setup->inputs->target;

	reserve_linux(setup, target->trampoline_start_paddr, target->trampoline_end_paddr,
	              RESERVATION_LOW_MEMORY, LIFETIME_BOOT, "SMP trampoline",
	              "where other CPUs start, in real mode");
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
	struct reservation wakeup =
		reservation_make(RESERVATION_WAKEUP, ORIGIN_LINUX, LIFETIME_BOOT, "ACPI wake-up",
	                         "low pages for the code that wakes the machine from S3");

	if (setup->err != SETUP_OK)
		return;
	wakeup.start_paddr = alloc_bootmem_low(&setup->bdata, bytes);
	if (wakeup.start_paddr == BOOTMEM_NONE)
		return fail(setup, SETUP_NO_WAKEUP_PAGE);
	wakeup.end_paddr = wakeup.start_paddr + bytes;
	reserve(setup, &wakeup);
}

static void reserve_smp_config(struct boot_setup *setup)
{
	struct smp_config found = smp_config_to_reserve(setup->inputs);

	reserve_linux(setup, found.pointer.start_paddr, found.pointer.end_paddr,
	              RESERVATION_SMP_CONFIG, LIFETIME_ACPI, "MP floating pointer",
	              "find_smp_config(): one page from _MP_");
	reserve_linux(setup, found.table.start_paddr, found.table.end_paddr, RESERVATION_SMP_CONFIG,
	              LIFETIME_ACPI, "MP configuration", "find_smp_config(): the table");
}

static void reserve_initrd(struct boot_setup *setup)
{
	struct span initrd = setup->inputs->initrd;

	if (initrd.start_paddr == initrd.end_paddr)
		return;
	if (initrd.end_paddr > pfn_paddr(setup->max_low_pfn))
		return fail(setup, SETUP_INITRD_TOO_HIGH);
	reserve_linux(setup, initrd.start_paddr, initrd.end_paddr, RESERVATION_INITRD,
	              LIFETIME_BOOT, "initrd", "initial RAM disk");
}

/* What setup_arch() of either target does once the bitmap stands. */
static void reserve_the_rest(struct boot_setup *setup)
{
	reserve_pieces(setup);
	reserve_page_zero(setup);
	reserve_ebda_region(setup);
	reserve_amd_k7_page(setup);
	reserve_trampoline(setup);
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
	if (setup->inputs->policy == POLICY_LINUX) {
		reserve_tables(setup);
		reserve_kernel(setup);
	}
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
