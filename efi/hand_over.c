/*
 * hand_over.c - kernel, initrd, block, stack, GDT, page tables and bitmap get their places: see
 * hand_over.h.
 *
 * What has to lie where the firmware still stands (a kernel linked to such an address, and under
 * policy linux what follows it) is put elsewhere for the time being, and is moved by the launch
 * pad.
 */
#include "efi/hand_over.h"

#include "bootmem/mem.h"
#include "efi/survey.h"
#include "handoff/load/layout.h"
#include "handoff/load/pgtable.h"

#define SPARE_TABLE_PAGES  8                   /* for what the map may grow by until the exit */
#define LOADER_LIMIT_PADDR (UINT64_C(1) << 32) /* what all pairs can reach, before and after */

/* Intel SDM 3A §2.5. */
#define CR4_PAE        (UINT32_C(1) << 5)
#define CR4_OSFXSR     (UINT32_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT32_C(1) << 10)

/* Everything that is handed over ends at or below: the kernel has it mapped, as low memory. */
static paddr_t handed_limit_paddr(const struct boot *boot)
{
	pfn_t end_pfn = min_u64(e820_end_of_ram_pfn(&boot->plan.e820), boot->target->low_limit_pfn);

	return min_u64(min_u64(pfn_paddr(end_pfn), boot->target->limit_paddr), LOADER_LIMIT_PADDR);
}

/* Does 2.6.24 put bitmap and first page tables right behind the kernel? */
static bool follows_kernel(const struct boot *boot)
{
	return boot->target == &target_ia32 && boot->config.policy == POLICY_LINUX;
}

static bool spans_overlap(struct span a, paddr_t start_paddr, paddr_t end_paddr)
{
	return a.start_paddr < end_paddr && start_paddr < a.end_paddr;
}

static EFI_STATUS refuse_place(const struct boot *boot, const char *what, struct span span,
                               const char *owner, const char *reason)
{
	return console_error(&boot->firmware, EFI_LOAD_ERROR,
	                     "%s at 0x%llx-0x%llx would lie on: %s (%s)", what,
	                     (unsigned long long)span.start_paddr,
	                     (unsigned long long)span.end_paddr, owner, reason);
}

/* What has a fixed place, kernel or, with linux-2.6.24, bitmap, must not be put over what is to be
 * kept: the initrd, tables that firmware has in RAM, what the configuration wants left alone. */
static EFI_STATUS check_is_clear(const struct boot *boot, const char *what, struct span span)
{
	const struct reservation_list *extensions = &boot->plan.extensions;
	struct span initrd = boot->plan.initrd;

	if (spans_overlap(span, initrd.start_paddr, initrd.end_paddr))
		return refuse_place(boot, what, span, "the initrd", boot->config.initrd);
	for (size_t i = 0; i < extensions->n_entries; i++) {
		const struct reservation *entry = &extensions->entries[i];

		if (spans_overlap(span, entry->start_paddr, entry->end_paddr))
			return refuse_place(boot, what, span, entry->owner, entry->reason);
	}
	return EFI_SUCCESS;
}

static EFI_STATUS check_kernel_is_clear(const struct boot *boot)
{
	EFI_STATUS status = EFI_SUCCESS;

	for (size_t i = 0; i < boot->kernel.n_segments && !EFI_ERROR(status); i++)
		status = check_is_clear(boot, "kernel: segment", boot->kernel.segments[i]);
	return status;
}

/* Nor where the kernel will be moved to: its place is claimed as far as it was free, but the
 * firmware may have been quicker with a page of it. */
static EFI_STATUS check_handed_is_clear(const struct boot *boot, const char *what,
                                        const struct handed_pages *pages)
{
	paddr_t start_paddr = pages->final_paddr;
	struct span span = { start_paddr, start_paddr + pfn_paddr(pages->n_pages) };

	for (size_t i = 0; i < boot->kernel.n_segments; i++)
		if (spans_overlap(boot->kernel.segments[i], span.start_paddr, span.end_paddr))
			return refuse_place(boot, what, span, "the kernel",
			                    "which will be moved there");
	return check_is_clear(boot, what, span);
}

EFI_STATUS load_files(struct boot *boot)
{
	const struct config *config = &boot->config;
	struct kernel_room room = {
		.target = boot->target,
		.limit_paddr = handed_limit_paddr(boot),
		.e820 = &boot->plan.e820,
		.vacant = &boot->plan.vacant,
		.uefi_map = &boot->snapshot.map,
		.tail_pages = follows_kernel(boot) ? 1024 : 0, /* 4 MiB: pages and bitmap */
	};
	const char *path =
		boot->target == &target_ia32 ? config->kernel_ia32 : config->kernel_amd64;
	EFI_STATUS status;

	status =
		kernel_load(&boot->firmware, &boot->memory, boot->root, path, &room, &boot->kernel);
	boot->plan.kernel = boot->kernel.span;
	if (!EFI_ERROR(status) && config->initrd[0] != '\0')
		status = initrd_load(&boot->firmware, &boot->memory, boot->root, config->initrd,
		                     room.limit_paddr, &boot->plan.initrd);
	return EFI_ERROR(status) ? status : check_kernel_is_clear(boot);
}

/* Claim @pages where they will lie; if the firmware stands there, claim others to be moved. */
static EFI_STATUS claim_handed(struct boot *boot, struct handed_pages *pages)
{
	paddr_t now_paddr = pages->final_paddr;
	EFI_STATUS status = memory_claim_at(&boot->memory, now_paddr, pages->n_pages);

	if (EFI_ERROR(status))
		status = memory_claim(&boot->memory, EfiLoaderData, pages->n_pages, PAGE_BYTES,
		                      LOADER_LIMIT_PADDR, &now_paddr);
	if (!EFI_ERROR(status))
		pages->now = memory_at(now_paddr);
	return status;
}

static void add_pieces(struct boot *boot)
{
	struct plan *plan = &boot->plan;
	paddr_t start_paddr = boot->handed.final_paddr;
	paddr_t stack_paddr = start_paddr + boot->layout.stack_offset;
	paddr_t gdt_paddr = start_paddr + boot->layout.gdt_offset;

	plan->tables = (struct span){ start_paddr, start_paddr + pfn_paddr(boot->handed.n_pages) };
	for (size_t i = 0; i < boot->kernel.n_segments; i++)
		plan_add_piece(plan, RESERVATION_KERNEL, boot->kernel.segments[i], "kernel",
		               "segments of the ELF file, as whole pages");
	plan_add_piece(plan, RESERVATION_BLOCK, (struct span){ start_paddr, stack_paddr },
	               "hand-off block", "header, command line, maps, reservations");
	plan_add_piece(plan, RESERVATION_STACK, (struct span){ stack_paddr, gdt_paddr },
	               "hand-off stack", "the stack at entry");
	plan_add_piece(plan, RESERVATION_PAGE_TABLES,
	               (struct span){ gdt_paddr, plan->tables.end_paddr },
	               boot->layout.page_table_pages > 0 ? "hand-off page tables" : "hand-off GDT",
	               "GDT, and page tables of AMD64, at entry");
}

static EFI_STATUS claim_pad(struct boot *boot)
{
	paddr_t pad_paddr;
	EFI_STATUS status = memory_claim(&boot->memory, EfiLoaderCode, LAUNCH_PAD_PAGES, PAGE_BYTES,
	                                 LOADER_LIMIT_PADDR, &pad_paddr);

	if (EFI_ERROR(status))
		return status;
	boot->pad = memory_at(pad_paddr);
	return memory_make_executable(&boot->memory, pad_paddr + LAUNCH_CODE_OFFSET);
}

/* Room for all that there may be to hand over after the exit. */
static bool lay_out(struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	struct layout_needs needs = {
		.uefi_map_bytes =
			plan->most_descriptors * boot->snapshot.map.stride + MEMMAP_GUARD_BYTES,
		.n_e820_ranges = plan->e820.capacity,
		.n_reservations = plan->ia32.setup.reservations.capacity,
	};

	while (boot->config.cmdline[boot->cmdline_bytes] != '\0')
		boot->cmdline_bytes++;
	needs.cmdline_bytes = boot->cmdline_bytes;
	if (boot->target == &target_amd64)
		needs.page_table_pages =
			pgtable_pages(plan->mapped, plan->n_mapped, boot->facts.cpu.has_1g_pages) +
			SPARE_TABLE_PAGES;
	return layout_of(&needs, &boot->layout);
}

EFI_STATUS place_handed_pages(struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	struct handed_pages *handed = &boot->handed;
	EFI_STATUS status;

	if (!lay_out(boot))
		return boot_fail(boot, EFI_OUT_OF_RESOURCES,
		                 "the memory map is too large to hand over");
	handed->n_pages = boot->layout.n_pages;
	if (follows_kernel(boot)) {
		handed->final_paddr = align_up(boot->kernel.span.end_paddr, PAGE_BYTES);
		if (!e820_all_mapped(&plan->e820, handed->final_paddr,
		                     handed->final_paddr + pfn_paddr(handed->n_pages), E820_RAM))
			return boot_fail(boot, EFI_LOAD_ERROR, setup_err_text(SETUP_HOME_NOT_RAM));
		status = claim_handed(boot, handed);
	} else {
		status = memory_claim(&boot->memory, EfiLoaderData, handed->n_pages, PAGE_BYTES,
		                      handed_limit_paddr(boot), &handed->final_paddr);
		handed->now = memory_at(handed->final_paddr);
	}
	if (!EFI_ERROR(status))
		status = claim_pad(boot);
	if (EFI_ERROR(status))
		return boot_fail(boot, status, "no memory for what is handed over");
	memset(handed->now, 0, (size_t)pfn_paddr(handed->n_pages));
	add_pieces(boot);
	return EFI_SUCCESS;
}

void *home_for_bootmap(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	struct boot *boot = context;

	if (boot->bootmap.now == NULL) {
		boot->bootmap.final_paddr = start_paddr;
		boot->bootmap.n_pages = n_pages;
		if (EFI_ERROR(claim_handed(boot, &boot->bootmap)))
			return NULL;
	}
	return boot->bootmap.n_pages >= n_pages ? boot->bootmap.now : NULL;
}

/* The other target's bitmap is only shown. */
static void *shown_storage(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	struct boot *boot = context;

	(void)start_paddr;
	return memory_claim_bytes(&boot->memory, pfn_paddr(n_pages));
}

static bool add_handed_move(struct launch *pad, const struct handed_pages *pages)
{
	struct launch_move move = { .from_paddr = (UINTN)pages->now,
		                    .to_paddr = pages->final_paddr,
		                    .copy_bytes = pfn_paddr(pages->n_pages) };

	return launch_add_move(pad, &move);
}

/* Everything that the launch needs, up to the moves. */
static EFI_STATUS prepare_launch(struct boot *boot)
{
	const struct handed_pages *handed = &boot->handed;
	paddr_t pad_paddr = (UINTN)boot->pad;
	uint32_t sse_bits = boot->facts.cpu.has_sse ? CR4_OSFXSR | CR4_OSXMMEXCPT : 0;
	bool is_amd64 = boot->target == &target_amd64, fits = true;
	EFI_STATUS status = check_handed_is_clear(boot, "hand-off block", handed);

	if (!EFI_ERROR(status))
		status = check_handed_is_clear(boot, "bitmap", &boot->bootmap);
	if (EFI_ERROR(status))
		return status;
	launch_prepare(boot->pad, pad_paddr, (uint8_t *)handed->now + boot->layout.gdt_offset,
	               handed->final_paddr + boot->layout.gdt_offset);
	boot->pad->entry_paddr = boot->kernel.entry_paddr;
	boot->pad->block_paddr = handed->final_paddr;
	boot->pad->stack_end_paddr = handed->final_paddr + boot->layout.gdt_offset;
	boot->pad->page_table_paddr =
		is_amd64 ? handed->final_paddr + boot->layout.page_tables_offset : 0;
	boot->pad->cr4 = sse_bits | (is_amd64 ? CR4_PAE : 0);
	for (size_t i = 0; i < boot->kernel.n_moves; i++)
		fits &= launch_add_move(boot->pad, &boot->kernel.moves[i]);
	fits &= add_handed_move(boot->pad, handed);
	fits &= add_handed_move(boot->pad, &boot->bootmap);
	if (!fits || launch_moves_clash(boot->pad, pad_paddr))
		return boot_fail(boot, EFI_LOAD_ERROR,
		                 "kernel or bitmap has to lie where the loader itself is");
	return EFI_SUCCESS;
}

/* The bitmap has its pages, of 8 * 4096 bits each: no more RAM, from here on, than they are for. */
static void limit_to_bitmap(struct boot *boot)
{
	pfn_t end_pfn = pfn_paddr(boot->bootmap.n_pages) * 8;

	if (end_pfn <
	    boot->target->low_limit_pfn) /* else there is a bit for all that can need one */
		boot->plan.bitmap_limit_paddr = pfn_paddr(end_pfn);
}

EFI_STATUS plan_bitmaps(struct boot *boot)
{
	struct target_plan *other =
		boot->booted == &boot->plan.ia32 ? &boot->plan.amd64 : &boot->plan.ia32;
	EFI_STATUS status = translate_snapshot(boot);
	enum setup_err err;

	if (EFI_ERROR(status))
		return status;
	err = plan_run(&boot->plan, boot->booted, home_for_bootmap, boot);
	if (err != SETUP_OK)
		return boot_fail(boot, EFI_LOAD_ERROR, setup_err_text(err));
	limit_to_bitmap(boot);
	plan_run(&boot->plan, other, shown_storage, boot);
	return prepare_launch(boot);
}
