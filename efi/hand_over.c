/*
 * hand_over.c - kernel, initrd, block, stack, GDT, page tables and bitmap get their places: see
 * hand_over.h.
 *
 * Nothing is written to an address that the firmware did not choose: what has to lie elsewhere (the
 * kernel, the bitmap, and under policy linux what follows the kernel) is built in pages of the
 * firmware's choice, and moved by the launch pad. Its place is claimed only, as far as it is free.
 */
#include "efi/hand_over.h"

#include "bootmem/bootmem.h"
#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/gates.h"
#include "efi/survey.h"
#include "efi/volume.h"
#include "handoff/load/layout.h"
#include "handoff/load/pgtable.h"

#define SPARE_TABLE_PAGES  8                   /* for what the map may grow by until the exit */
#define LOADER_LIMIT_PADDR (UINT64_C(1) << 32) /* what all pairs can reach, before and after */

/* Intel SDM 3A §2.5. */
#define CR4_PAE        (UINT32_C(1) << 5)
#define CR4_OSFXSR     (UINT32_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT32_C(1) << 10)

/* Everything that is handed over ends at or below: the kernel has it mapped, as low memory. */
static paddr_t handed_limit_paddr(const struct plan *plan)
{
	const struct boot_target *target = plan->booted->target;
	pfn_t end_pfn = min_u64(e820_end_of_ram_pfn(&plan->e820), target->low_limit_pfn);

	return min_u64(min_u64(pfn_paddr(end_pfn), target->limit_paddr), LOADER_LIMIT_PADDR);
}

/* Does 2.6.24 put bitmap and first page tables right behind the kernel? */
static bool follows_kernel(const struct plan *plan)
{
	return plan->booted == &plan->ia32 && plan->config->policy == POLICY_LINUX;
}

static bool spans_overlap(struct span a, struct span b)
{
	return a.start_paddr < b.end_paddr && b.start_paddr < a.end_paddr;
}

static EFI_STATUS refuse_place(const struct boot *boot, const char *what, struct span span,
                               const char *owner, const char *reason)
{
	return console_error(&boot->firmware, EFI_LOAD_ERROR,
	                     "%s at 0x%llx-0x%llx would lie on: %s (%s)", what,
	                     (ull)span.start_paddr, (ull)span.end_paddr, owner, reason);
}

/* What has a fixed place, kernel or, with linux-2.6.24, bitmap, must not be put over what is to be
 * kept: the initrd, tables that firmware has in RAM, what the configuration wants left alone. */
static EFI_STATUS check_is_clear(const struct boot *boot, const char *what, struct span span)
{
	const struct reservation_list *extensions = &boot->plan.extensions;

	if (spans_overlap(span, boot->plan.initrd))
		return refuse_place(boot, what, span, "the initrd", boot->config.initrd);
	for (size_t i = 0; i < extensions->n_entries; i++) {
		const struct reservation *entry = &extensions->entries[i];

		if (spans_overlap(span, (struct span){ entry->start_paddr, entry->end_paddr }))
			return refuse_place(boot, what, span, entry->owner, entry->reason);
	}
	return EFI_SUCCESS;
}

/* Nor where the kernel will be moved to: its place is claimed as far as it was free, but the
 * firmware may have been quicker with a page of it. */
static EFI_STATUS check_handed_is_clear(const struct boot *boot, const char *what,
                                        const struct handed_pages *pages)
{
	const struct kernel *kernel = &boot->handed.kernel;
	struct span span = { pages->final_paddr, pages->final_paddr + pfn_paddr(pages->n_pages) };

	for (size_t i = 0; i < kernel->n_segments; i++)
		if (spans_overlap(kernel->segments[i], span))
			return refuse_place(boot, what, span, "the kernel",
			                    "which will be moved there");
	return check_is_clear(boot, what, span);
}

/* Where a file that bootmem.conf names is: beside it, else where bootmem came from. */
static EFI_FILE_HANDLE root_with(const struct boot *boot, const char *path)
{
	return boot->loader_root == NULL || volume_has(boot->root, path) ? boot->root
	                                                                 : boot->loader_root;
}

/* All of the kernel is read before any of it is looked at, if somebody asks which file it is. */
static EFI_STATUS load_kernel(struct boot *boot, const char *path, const struct kernel_room *room)
{
	const struct trust_file file = {
		.noun = "kernel",
		.path = path,
		.name = boot->plan.booted == &boot->plan.ia32 ? MANIFEST_KERNEL_IA32
		                                              : MANIFEST_KERNEL_AMD64,
		.sums = &boot->config.kernel_sums,
		.key = "kernel-sha256",
		.sum = HANDOFF_SUM_KERNEL,
	};
	struct file_source source;
	EFI_STATUS status =
		source_open(&boot->firmware, root_with(boot, path), file.noun, path, &source);

	if (!EFI_ERROR(status) && trust_asks_for(&boot->trust, &file)) {
		status = source_copy(&source, &boot->memory);
		if (!EFI_ERROR(status))
			status = trust_check_file(&boot->firmware, &boot->trust, &file, source.copy,
			                          source.file_bytes);
	}
	if (!EFI_ERROR(status))
		status = kernel_load(&source, &boot->memory, room, &boot->handed.kernel);
	source_close(&source, &boot->memory);
	return status;
}

/* An initrd is used as it lies: it is judged where it has been read to. */
static EFI_STATUS load_initrd(struct boot *boot, const char *path, paddr_t limit_paddr)
{
	const struct trust_file file = {
		.noun = "initrd",
		.path = path,
		.name = MANIFEST_INITRD,
		.sums = &boot->config.initrd_sums,
		.key = "initrd-sha256",
		.sum = HANDOFF_SUM_INITRD,
	};
	const struct span *initrd = &boot->plan.initrd;
	struct file_source source;
	EFI_STATUS status =
		source_open(&boot->firmware, root_with(boot, path), file.noun, path, &source);

	if (!EFI_ERROR(status))
		status = initrd_load(&source, &boot->memory, limit_paddr, &boot->plan.initrd);
	if (!EFI_ERROR(status) && trust_asks_for(&boot->trust, &file))
		status = trust_check_file(&boot->firmware, &boot->trust, &file,
		                          memory_at(initrd->start_paddr),
		                          initrd->end_paddr - initrd->start_paddr);
	source_close(&source, &boot->memory);
	return status;
}

/* Room for all that there may be to hand over after the exit. */
static bool lay_out(const struct plan *plan, uint64_t stride, struct handed *handed)
{
	struct layout_needs needs = {
		.uefi_map_bytes = plan->most_descriptors * stride + MEMMAP_GUARD_BYTES,
		.n_e820_ranges = plan->e820.capacity,
		.n_reservations = plan->booted->setup.reservations.capacity,
	};

	while (plan->config->cmdline[needs.cmdline_bytes] != '\0')
		needs.cmdline_bytes++;
	if (plan->booted == &plan->amd64)
		needs.page_table_pages =
			pgtable_pages(plan->mapped, plan->n_mapped, plan->facts->cpu.has_1g_pages) +
			SPARE_TABLE_PAGES;
	handed->cmdline_bytes = needs.cmdline_bytes;
	return layout_of(&needs, &handed->layout);
}

/* What will lie right behind the kernel keeps its place before anything of the firmware's choice is
 * claimed. Without a layout there is nothing: place_handed_pages() says so. */
static void fence_followers(struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	paddr_t start_paddr = align_up(plan->kernel.end_paddr, PAGE_BYTES);
	uint64_t n_pages = bootmem_bootmap_pages(target_ia32.low_limit_pfn);

	if (!lay_out(plan, boot->snapshot.map.stride, &boot->handed))
		return;
	n_pages += boot->handed.layout.n_pages;
	memory_fence(&boot->memory, &boot->snapshot.map,
	             (struct span){ start_paddr, start_paddr + pfn_paddr(n_pages) });
}

static EFI_STATUS load_all(struct boot *boot)
{
	const struct config *config = &boot->config;
	struct plan *plan = &boot->plan;
	struct kernel_room room = {
		.target = plan->booted->target,
		.limit_paddr = handed_limit_paddr(plan),
		.e820 = &plan->e820,
		.vacant = &plan->vacant,
		.uefi_map = &boot->snapshot.map,
		.tail_pages = follows_kernel(plan) ? 1024 : 0, /* 4 MiB: pages and bitmap */
	};
	const char *path = plan->booted == &plan->ia32 ? config->kernel_ia32 : config->kernel_amd64;
	EFI_STATUS status;

	if (boot->in_use.n_lost > 0)
		return console_error(
			&boot->firmware, EFI_UNSUPPORTED,
			"the CPU runs on memory that the firmware's map calls free, in "
			"more than %u places",
			(unsigned)IN_USE_RANGES);
	status = load_kernel(boot, path, &room);
	plan->kernel = boot->handed.kernel.span;
	if (!EFI_ERROR(status) && follows_kernel(plan))
		fence_followers(boot);
	if (!EFI_ERROR(status) && config->initrd[0] != '\0')
		status = load_initrd(boot, config->initrd, room.limit_paddr);
	for (size_t i = 0; i < boot->handed.kernel.n_segments && !EFI_ERROR(status); i++)
		status = check_is_clear(boot, "kernel: segment", boot->handed.kernel.segments[i]);
	return status;
}

/* The capture of a boot whose kernel was refused needs memory, too: of a small machine, a kernel
 * and what is fenced off for it may have taken all. */
EFI_STATUS load_files(struct boot *boot)
{
	struct memory *memory = &boot->memory;
	const unsigned n_claims = memory->n_claims, n_fences = memory->n_fences;
	EFI_STATUS status = load_all(boot);

	if (EFI_ERROR(status)) {
		memory_give_back(memory, n_claims);
		memory->n_fences = n_fences;
	}
	return status;
}

/* Pages from which the pad can move something: it reaches the first 4 GiB, and for AMD64 all RAM,
 * of which the bitmap of a huge machine may take more than there is below. */
static EFI_STATUS claim_staging(struct boot *boot, uint64_t n_pages, paddr_t *ret_paddr)
{
	const struct plan *plan = &boot->plan;
	paddr_t limit_paddr = pfn_paddr(e820_end_of_ram_pfn(&plan->e820));
	EFI_STATUS status = memory_claim(&boot->memory, EfiLoaderData, n_pages, PAGE_BYTES,
	                                 LOADER_LIMIT_PADDR, ret_paddr);

	if (status != EFI_OUT_OF_RESOURCES || plan->booted != &plan->amd64 ||
	    limit_paddr <= LOADER_LIMIT_PADDR)
		return status;
	status = memory_claim(&boot->memory, EfiLoaderData, n_pages, PAGE_BYTES, limit_paddr,
	                      ret_paddr);
	if (!EFI_ERROR(status) &&
	    !e820_all_mapped(&plan->e820, *ret_paddr, *ret_paddr + pfn_paddr(n_pages), E820_RAM))
		return EFI_OUT_OF_RESOURCES;
	return status;
}

/* Keep the place of @pages free, and claim others, in which they are built. */
static EFI_STATUS claim_handed(struct boot *boot, struct handed_pages *pages)
{
	struct span place = { pages->final_paddr, pages->final_paddr + pfn_paddr(pages->n_pages) };
	paddr_t now_paddr;
	EFI_STATUS status;

	memory_fence(&boot->memory, &boot->snapshot.map, place);
	status = claim_staging(boot, pages->n_pages, &now_paddr);
	if (!EFI_ERROR(status))
		pages->now = memory_at(now_paddr);
	return status;
}

static void add_pieces(struct plan *plan, const struct handed *handed)
{
	paddr_t start_paddr = handed->pages.final_paddr;
	paddr_t stack_paddr = start_paddr + handed->layout.stack_offset;
	paddr_t gdt_paddr = start_paddr + handed->layout.gdt_offset;
	paddr_t end_paddr = start_paddr + pfn_paddr(handed->layout.n_pages);

	plan->tables = (struct span){ start_paddr, end_paddr };
	for (size_t i = 0; i < handed->kernel.n_segments; i++)
		plan_add_piece(plan, RESERVATION_KERNEL, handed->kernel.segments[i], "kernel",
		               "segments of the ELF file, as whole pages");
	plan_add_piece(plan, RESERVATION_BLOCK, (struct span){ start_paddr, stack_paddr },
	               "hand-off block", "header, command line, maps, reservations");
	plan_add_piece(plan, RESERVATION_STACK, (struct span){ stack_paddr, gdt_paddr },
	               "hand-off stack", "the stack at entry");
	plan_add_piece(plan, RESERVATION_PAGE_TABLES, (struct span){ gdt_paddr, end_paddr },
	               handed->layout.page_table_pages > 0 ? "hand-off page tables"
	                                                   : "hand-off GDT",
	               "GDT, and page tables of AMD64, at entry");
}

static EFI_STATUS claim_pad(struct memory *memory, struct launch **ret_pad)
{
	paddr_t pad_paddr;
	EFI_STATUS status = memory_claim(memory, EfiLoaderCode, LAUNCH_PAD_PAGES, PAGE_BYTES,
	                                 LOADER_LIMIT_PADDR, &pad_paddr);

	if (EFI_ERROR(status))
		return status;
	*ret_pad = memory_at(pad_paddr);
	return memory_make_executable(memory, pad_paddr + LAUNCH_CODE_OFFSET);
}

EFI_STATUS place_handed_pages(struct boot *boot)
{
	struct plan *plan = &boot->plan;
	struct handed *handed = &boot->handed;
	struct handed_pages *pages = &handed->pages;
	EFI_STATUS status;

	if (!lay_out(plan, boot->snapshot.map.stride, handed))
		return console_error(&boot->firmware, EFI_OUT_OF_RESOURCES,
		                     "the memory map is too large to hand over");
	pages->n_pages = handed->layout.n_pages;
	if (follows_kernel(plan)) {
		pages->final_paddr = align_up(plan->kernel.end_paddr, PAGE_BYTES);
		if (!e820_all_mapped(&plan->e820, pages->final_paddr,
		                     pages->final_paddr + pfn_paddr(pages->n_pages), E820_RAM))
			return console_error(&boot->firmware, EFI_LOAD_ERROR, "%s",
			                     setup_err_text(SETUP_HOME_NOT_RAM));
		status = claim_handed(boot, pages);
	} else {
		status = memory_claim(&boot->memory, EfiLoaderData, pages->n_pages, PAGE_BYTES,
		                      handed_limit_paddr(plan), &pages->final_paddr);
		pages->now = memory_at(pages->final_paddr);
	}
	if (!EFI_ERROR(status))
		status = claim_pad(&boot->memory, &handed->pad);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "no memory for what is handed over");
	memset(pages->now, 0, (size_t)pfn_paddr(pages->n_pages));
	add_pieces(plan, handed);
	return place_gates(boot, handed_limit_paddr(plan));
}

void *home_for_bootmap(void *context, paddr_t start_paddr, uint64_t n_pages)
{
	struct boot *boot = context;
	struct handed_pages *bootmap = &boot->handed.bootmap;

	if (bootmap->now == NULL) {
		bootmap->final_paddr = start_paddr;
		bootmap->n_pages = n_pages;
		if (EFI_ERROR(claim_handed(boot, bootmap)))
			return NULL;
	}
	return bootmap->n_pages >= n_pages ? bootmap->now : NULL;
}

/* The other target's bitmap is only shown. */
static void *shown_storage(void *memory, paddr_t start_paddr, uint64_t n_pages)
{
	(void)start_paddr;
	return memory_claim_bytes(memory, pfn_paddr(n_pages));
}

static bool add_handed_move(struct launch *pad, const struct handed_pages *pages)
{
	struct launch_move move = { .from_paddr = (UINTN)pages->now,
		                    .to_paddr = pages->final_paddr,
		                    .copy_bytes = pfn_paddr(pages->n_pages) };

	return launch_add_move(pad, &move);
}

/* Everything that the launch needs, up to the moves. False if these cannot be made. */
static bool fill_pad(const struct handed *handed, const struct cpu *cpu, bool is_amd64)
{
	struct launch *pad = handed->pad;
	paddr_t pad_paddr = (UINTN)pad, start_paddr = handed->pages.final_paddr;
	uint64_t gdt_offset = handed->layout.gdt_offset;
	uint32_t sse_bits = cpu->has_sse ? CR4_OSFXSR | CR4_OSXMMEXCPT : 0;
	bool fits = true;

	launch_prepare(pad, pad_paddr, (uint8_t *)handed->pages.now + gdt_offset,
	               start_paddr + gdt_offset);
	pad->entry_paddr = handed->kernel.entry_paddr;
	pad->block_paddr = start_paddr;
	pad->stack_end_paddr = start_paddr + gdt_offset;
	pad->page_table_paddr = is_amd64 ? start_paddr + handed->layout.page_tables_offset : 0;
	if (handed->gates.head != NULL)
		launch_set_idt(pad, handed->gates.head->idt_paddr,
		               (uint16_t)handed->gates.head->idt_bytes);
	pad->cr4 = sse_bits | (is_amd64 ? CR4_PAE : 0);
	for (size_t i = 0; i < handed->kernel.n_moves; i++)
		fits &= launch_add_move(pad, &handed->kernel.moves[i]);
	fits &= add_handed_move(pad, &handed->pages);
	fits &= add_handed_move(pad, &handed->bootmap);
	return fits && !launch_moves_clash(pad, pad_paddr);
}

static EFI_STATUS prepare_launch(const struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	EFI_STATUS status = check_handed_is_clear(boot, "hand-off block", &boot->handed.pages);

	if (!EFI_ERROR(status))
		status = check_handed_is_clear(boot, "bitmap", &boot->handed.bootmap);
	if (EFI_ERROR(status))
		return status;
	if (!fill_pad(&boot->handed, &boot->facts.cpu, plan->booted == &plan->amd64))
		return console_error(&boot->firmware, EFI_LOAD_ERROR,
		                     "kernel or bitmap has to lie where the loader itself is");
	if (!gates_are_clear(&boot->handed))
		return console_error(&boot->firmware, EFI_LOAD_ERROR,
		                     "kernel or bitmap has to lie where the handler of exceptions "
		                     "is; exceptions = none does without it");
	return EFI_SUCCESS;
}

/* The bitmap has its pages, of 8 * 4096 bits each: no more RAM, from here on, than they are for. */
static void limit_to_bitmap(struct plan *plan, const struct handed_pages *bootmap)
{
	pfn_t end_pfn = pfn_paddr(bootmap->n_pages) * 8;

	/* Else there is a bit for all that can need one. */
	if (end_pfn < plan->booted->target->low_limit_pfn)
		plan->bitmap_limit_paddr = pfn_paddr(end_pfn);
}

EFI_STATUS plan_bitmaps(struct boot *boot)
{
	struct plan *plan = &boot->plan;
	struct target_plan *other = plan->booted == &plan->ia32 ? &plan->amd64 : &plan->ia32;
	EFI_STATUS status = translate_snapshot(boot);
	enum setup_err err;

	if (EFI_ERROR(status))
		return status;
	err = plan_run(plan, plan->booted, home_for_bootmap, boot);
	if (err != SETUP_OK)
		return console_error(&boot->firmware, EFI_LOAD_ERROR, "%s", setup_err_text(err));
	limit_to_bitmap(plan, &boot->handed.bootmap);
	plan_run(plan, other, shown_storage, &boot->memory);
	return prepare_launch(boot);
}
