/*
 * boot.c - the order of a boot, as a table of steps: see boot.h.
 *
 * Everything that can fail does so in a step before leave(), which does not return when it
 * succeeds: up to there nothing has been done that cannot be undone.
 */
#include "efi/boot.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/report.h"
#include "efi/volume.h"

#define STACK_PAGES           4
#define SPARE_TABLE_PAGES     8                   /* for what the map may grow by until the exit */
#define LOADER_LIMIT_PADDR    (UINT64_C(1) << 32) /* what all pairs can reach, before and after */
#define STATE_AFTER_FAILURE   EfiResetCold
#define KEY_POLL_MICROSECONDS 100000
#define KEY_POLLS_PER_SECOND  10
#define KEY_ESC               0x17 /* UEFI 2.10 §12.1.2, Table 12.2 */

#define CR4_PAE        (UINT32_C(1) << 5)
#define CR4_OSFXSR     (UINT32_C(1) << 9)
#define CR4_OSXMMEXCPT (UINT32_C(1) << 10)

#ifdef BOOTMEM_SABOTAGE
/* tests/efi/sabotage.c: builds with a wrong bitmap, which the stub kernel has to notice. */
void sabotage(struct boot *boot);
#endif

static EFI_STATUS fail(const struct boot *boot, EFI_STATUS status, const char *what)
{
	return console_error(&boot->firmware, status, "%s", what);
}

/* Step 1: the volume and its configuration. No file is no error: everything has a default. */
static EFI_STATUS read_config(struct boot *boot)
{
	struct config_error error;
	EFI_FILE_HANDLE file;
	uint64_t file_bytes;
	EFI_STATUS status;
	char *text;

	config_defaults(&boot->config);
	status = volume_open(&boot->firmware, &boot->root);
	if (EFI_ERROR(status))
		return fail(boot, status, "the volume that bootmem came from cannot be opened");
	status = volume_open_file(boot->root, CONFIG_FILE, &file, &file_bytes);
	if (status == EFI_NOT_FOUND) {
		console_warn(&boot->firmware, "no %s: the defaults hold", CONFIG_FILE);
		return EFI_SUCCESS;
	}
	if (EFI_ERROR(status))
		return fail(boot, status, CONFIG_FILE " cannot be opened");
	if (file_bytes > CONFIG_FILE_BYTES) {
		file->Close(file);
		return fail(boot, EFI_BAD_BUFFER_SIZE, CONFIG_FILE " is larger than 64 KiB");
	}
	text = memory_claim_bytes(&boot->memory, file_bytes + 1);
	status = text == NULL ? EFI_OUT_OF_RESOURCES
	                      : volume_read(file, 0, text, file_bytes, NULL, NULL);
	file->Close(file);
	if (EFI_ERROR(status))
		return fail(boot, status, CONFIG_FILE " cannot be read");
	if (config_parse(&boot->config, text, (size_t)file_bytes, &error))
		return EFI_SUCCESS;
	return console_error(&boot->firmware, EFI_INVALID_PARAMETER, "%s:%u: %s: %s", CONFIG_FILE,
	                     error.line, error.word, error.what);
}

/* The map as it is now, into the buffer that there is, or into a larger one. */
static EFI_STATUS take_snapshot(struct boot *boot)
{
	UINTN capacity_bytes, stride;
	EFI_STATUS status;
	void *buffer;

	if (boot->snapshot.buffer != NULL) {
		status = memmap_read(&boot->firmware, &boot->snapshot);
		if (status != EFI_BUFFER_TOO_SMALL)
			return status;
	}
	status = memmap_room(&boot->firmware, &capacity_bytes, &stride);
	if (EFI_ERROR(status))
		return status;
	buffer = memory_claim_bytes(&boot->memory, capacity_bytes + MEMMAP_GUARD_BYTES);
	if (buffer == NULL)
		return EFI_OUT_OF_RESOURCES;
	memmap_init(&boot->snapshot, buffer, capacity_bytes);
	return memmap_read(&boot->firmware, &boot->snapshot);
}

static EFI_STATUS translate_snapshot(struct boot *boot)
{
	EFI_STATUS status = take_snapshot(boot);
	enum map_err err;

	if (EFI_ERROR(status))
		return fail(boot, status, "the firmware gives no usable memory map");
	err = plan_translate(&boot->plan, &boot->snapshot.map);
	if (err == MAP_OK)
		err = plan_find_vacant(&boot->plan, &boot->snapshot.map);
	if (err != MAP_OK)
		return fail(boot, EFI_LOAD_ERROR, map_err_text(err));
	boot->planned_descriptors = uefi_map_count(&boot->snapshot.map);
	return EFI_SUCCESS;
}

/* What the configuration wants left alone is claimed, as far as it is free, lest anything that is
 * handed over is put there. */
static void fence_reserves(struct boot *boot)
{
	const struct e820_map *vacant = &boot->plan.vacant;

	for (size_t i = 0; i < boot->config.n_reserves; i++) {
		const struct reservation *reserve = &boot->config.reserves[i];

		for (size_t j = 0; j < vacant->n_ranges; j++) {
			pfn_t start_pfn = pfn_down(
				max_u64(reserve->start_paddr, vacant->ranges[j].start_paddr));
			pfn_t end_pfn =
				pfn_up(min_u64(reserve->end_paddr, vacant->ranges[j].end_paddr));

			if (vacant->ranges[j].type == E820_RAM && start_pfn < end_pfn)
				memory_claim_at(&boot->memory, pfn_paddr(start_pfn),
				                end_pfn - start_pfn);
		}
	}
}

/* Step 2: what machine this is, and what its memory map makes. */
static EFI_STATUS survey(struct boot *boot)
{
	EFI_STATUS status = take_snapshot(boot);
	size_t most_descriptors;

	if (EFI_ERROR(status))
		return fail(boot, status, "the firmware gives no usable memory map");
	most_descriptors = boot->snapshot.capacity_bytes / boot->snapshot.map.stride +
	                   MEMMAP_SLACK_DESCRIPTORS;
	status = facts_find(&boot->firmware, &boot->memory, &boot->snapshot.map, &boot->facts);
	if (!EFI_ERROR(status))
		status = plan_init(&boot->plan, &boot->memory, &boot->config, &boot->facts,
		                   most_descriptors);
	if (EFI_ERROR(status))
		return fail(boot, status, "no memory to work in");
	status = translate_snapshot(boot);
	if (EFI_ERROR(status) || boot->config.n_reserves == 0)
		return status;
	fence_reserves(boot);
	return translate_snapshot(boot); /* what is fenced off is not vacant any more */
}

/* Step 3: auto is amd64 if CPU and configuration allow it. */
static EFI_STATUS choose_target(struct boot *boot)
{
	const struct config *config = &boot->config;
	bool can_amd64 = boot->facts.cpu.has_long_mode && config->kernel_amd64[0] != '\0';
	bool is_amd64 = config->target == CONFIG_TARGET_AMD64 ||
	                (config->target == CONFIG_TARGET_AUTO &&
	                 (can_amd64 || config->kernel_ia32[0] == '\0'));

	boot->target = is_amd64 ? &target_amd64 : &target_ia32;
	boot->booted = plan_of(&boot->plan, boot->target);
	if (is_amd64 && !boot->facts.cpu.has_long_mode)
		return fail(boot, EFI_UNSUPPORTED,
		            "the CPU has no long mode: a kernel for amd64 cannot run on it");
	if ((is_amd64 ? config->kernel_amd64 : config->kernel_ia32)[0] == '\0')
		return fail(boot, EFI_NOT_FOUND,
		            "the configuration names no kernel for the target");
	return EFI_SUCCESS;
}

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

/* Must @reservation stay as it is? Boot services need their memory until the exit only. */
static bool must_stay_clear(const struct reservation *reservation, struct span span)
{
	return reservation->kind != RESERVATION_BOOT_SERVICES &&
	       spans_overlap(span, reservation->start_paddr, reservation->end_paddr);
}

/* What has a fixed place, kernel or, with linux-2.6.24, bitmap, must not be put over what is to be
 * kept: the initrd, tables that firmware has in RAM, what the configuration wants left alone. */
static EFI_STATUS check_is_clear(const struct boot *boot, const char *what, struct span span)
{
	const struct reservation_list *extensions = &boot->plan.extensions;
	struct span initrd = boot->plan.initrd;
	const char *owner = NULL;

	if (spans_overlap(span, initrd.start_paddr, initrd.end_paddr))
		owner = "the initrd";
	for (size_t i = 0; i < extensions->n_entries; i++)
		if (must_stay_clear(&extensions->entries[i], span))
			owner = extensions->entries[i].owner;
	for (size_t i = 0; i < boot->config.n_reserves; i++)
		if (must_stay_clear(&boot->config.reserves[i], span))
			owner = boot->config.reserves[i].reason;
	if (owner == NULL)
		return EFI_SUCCESS;
	return console_error(
		&boot->firmware, EFI_LOAD_ERROR, "%s at 0x%llx-0x%llx would lie on: %s", what,
		(unsigned long long)span.start_paddr, (unsigned long long)span.end_paddr, owner);
}

static EFI_STATUS check_kernel_is_clear(const struct boot *boot)
{
	EFI_STATUS status = EFI_SUCCESS;

	for (size_t i = 0; i < boot->kernel.n_segments && !EFI_ERROR(status); i++)
		status = check_is_clear(boot, "kernel: segment", boot->kernel.segments[i]);
	return status;
}

static EFI_STATUS check_handed_is_clear(const struct boot *boot, const char *what,
                                        const struct handed_pages *pages)
{
	paddr_t start_paddr = pages->final_paddr;

	return check_is_clear(
		boot, what, (struct span){ start_paddr, start_paddr + pfn_paddr(pages->n_pages) });
}

/* Step 4. */
static EFI_STATUS load_files(struct boot *boot)
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
	if (!EFI_ERROR(status))
		status = check_kernel_is_clear(boot);
	if (!EFI_ERROR(status) && config->initrd[0] != '\0')
		status = initrd_load(&boot->firmware, &boot->memory, boot->root, config->initrd,
		                     room.limit_paddr, &boot->plan.initrd);
	boot->plan.kernel = boot->kernel.span;
	return status;
}

/* Must be mapped for the kernel beside the first 4 GiB: RAM, and what tells it about the machine.
 */
static bool is_mapped_type(uint32_t e820_type)
{
	return e820_type == E820_RAM || e820_type == E820_ACPI || e820_type == E820_NVS;
}

static bool is_mapped_kind(const struct reservation *reservation)
{
	return reservation->kind == RESERVATION_ACPI || reservation->kind == RESERVATION_SMBIOS ||
	       reservation->kind == RESERVATION_FRAMEBUFFER ||
	       reservation->kind == RESERVATION_RUNTIME;
}

/* Map all of it; false if the table pages do not suffice. */
static bool map_all(const struct plan *plan, struct pgtable *table)
{
	bool fits = pgtable_map(table, 0, UINT64_C(1) << 32);

	for (size_t i = 0; i < plan->e820.n_ranges; i++)
		if (is_mapped_type(plan->e820.ranges[i].type))
			fits &= pgtable_map(table, plan->e820.ranges[i].start_paddr,
			                    plan->e820.ranges[i].end_paddr);
	for (size_t i = 0; i < plan->extensions.n_entries; i++)
		if (is_mapped_kind(&plan->extensions.entries[i]))
			pgtable_map(table, plan->extensions.entries[i].start_paddr,
			            plan->extensions.entries[i].end_paddr);
	return fits;
}

/* Enough pages for what map_all() maps. */
static EFI_STATUS count_table_pages(struct boot *boot, uint64_t *ret_pages)
{
	const struct plan *plan = &boot->plan;
	size_t n = 0;
	struct span *spans = memory_claim_bytes(
		&boot->memory, (plan->e820.n_ranges + plan->extensions.n_entries) * sizeof *spans);

	if (spans == NULL)
		return EFI_OUT_OF_RESOURCES;
	for (size_t i = 0; i < plan->e820.n_ranges; i++)
		if (is_mapped_type(plan->e820.ranges[i].type))
			spans[n++] = (struct span){ plan->e820.ranges[i].start_paddr,
				                    plan->e820.ranges[i].end_paddr };
	for (size_t i = 0; i < plan->extensions.n_entries; i++)
		if (is_mapped_kind(&plan->extensions.entries[i]))
			spans[n++] = (struct span){ plan->extensions.entries[i].start_paddr,
				                    plan->extensions.entries[i].end_paddr };
	*ret_pages = pgtable_pages(spans, n, boot->facts.cpu.has_1g_pages) + SPARE_TABLE_PAGES;
	return EFI_SUCCESS;
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
	paddr_t stack_paddr = start_paddr + boot->stack_offset;
	paddr_t gdt_paddr = start_paddr + boot->gdt_offset;

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
	               boot->page_table_pages > 0 ? "hand-off page tables" : "hand-off GDT",
	               "GDT, and page tables of AMD64, at entry");
}

/* Step 5: block, stack, GDT and page tables get their place; and the launch pad. */
static EFI_STATUS place_handed_pages(struct boot *boot)
{
	const struct plan *plan = &boot->plan;
	struct handed_pages *handed = &boot->handed;
	uint64_t block_bytes;
	paddr_t pad_paddr;
	EFI_STATUS status = EFI_SUCCESS;

	while (boot->config.cmdline[boot->cmdline_bytes] != '\0')
		boot->cmdline_bytes++;
	block_bytes = handoff_block_room(
		boot->cmdline_bytes,
		plan->most_descriptors * boot->snapshot.map.stride + MEMMAP_GUARD_BYTES,
		plan->e820.capacity, plan->ia32.setup.reservations.capacity);
	if (block_bytes == 0)
		return fail(boot, EFI_OUT_OF_RESOURCES, "the memory map is too large to hand over");
	if (boot->target == &target_amd64)
		status = count_table_pages(boot, &boot->page_table_pages);
	boot->block_pages = pages_of(block_bytes);
	boot->stack_offset = pfn_paddr(boot->block_pages);
	boot->gdt_offset = boot->stack_offset + pfn_paddr(STACK_PAGES);
	boot->page_tables_offset = boot->gdt_offset + PAGE_BYTES;
	handed->n_pages = pfn_down(boot->page_tables_offset) + boot->page_table_pages;
	if (!EFI_ERROR(status) && follows_kernel(boot)) {
		handed->final_paddr = align_up(boot->kernel.span.end_paddr, PAGE_BYTES);
		if (!e820_all_mapped(&plan->e820, handed->final_paddr,
		                     handed->final_paddr + pfn_paddr(handed->n_pages), E820_RAM))
			return fail(boot, EFI_LOAD_ERROR, setup_err_text(SETUP_HOME_NOT_RAM));
		status = claim_handed(boot, handed);
	} else if (!EFI_ERROR(status)) {
		status = memory_claim(&boot->memory, EfiLoaderData, handed->n_pages, PAGE_BYTES,
		                      handed_limit_paddr(boot), &handed->final_paddr);
		handed->now = memory_at(handed->final_paddr);
	}
	if (!EFI_ERROR(status))
		status = memory_claim(&boot->memory, EfiLoaderCode, LAUNCH_PAD_PAGES, PAGE_BYTES,
		                      LOADER_LIMIT_PADDR, &pad_paddr);
	if (EFI_ERROR(status))
		return fail(boot, status, "no memory for what is handed over");
	memset(handed->now, 0, (size_t)pfn_paddr(handed->n_pages));
	boot->pad = memory_at(pad_paddr);
	add_pieces(boot);
	return EFI_SUCCESS;
}

/* boot_inputs.bootmap_storage of the target that is booted: its home if it is free, or pages that
 * are moved there. */
static void *bootmap_storage(void *context, paddr_t start_paddr, uint64_t n_pages)
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
	launch_prepare(boot->pad, pad_paddr, (uint8_t *)handed->now + boot->gdt_offset,
	               handed->final_paddr + boot->gdt_offset);
	boot->pad->entry_paddr = boot->kernel.entry_paddr;
	boot->pad->block_paddr = handed->final_paddr;
	boot->pad->stack_end_paddr = handed->final_paddr + boot->gdt_offset;
	boot->pad->page_table_paddr = is_amd64 ? handed->final_paddr + boot->page_tables_offset : 0;
	boot->pad->cr4 = sse_bits | (is_amd64 ? CR4_PAE : 0);
	for (size_t i = 0; i < boot->kernel.n_moves; i++)
		fits &= launch_add_move(boot->pad, &boot->kernel.moves[i]);
	fits &= add_handed_move(boot->pad, handed);
	fits &= add_handed_move(boot->pad, &boot->bootmap);
	if (!fits || launch_moves_clash(boot->pad, pad_paddr))
		return fail(boot, EFI_LOAD_ERROR,
		            "kernel or bitmap has to lie where the loader itself is");
	return EFI_SUCCESS;
}

/* Step 6: both bitmaps; the one that is booted has its final place afterwards. */
static EFI_STATUS plan_bitmaps(struct boot *boot)
{
	struct target_plan *other =
		boot->booted == &boot->plan.ia32 ? &boot->plan.amd64 : &boot->plan.ia32;
	EFI_STATUS status = translate_snapshot(boot);
	enum setup_err err;

	if (EFI_ERROR(status))
		return status;
	err = plan_run(&boot->plan, boot->booted, bootmap_storage, boot);
	if (err != SETUP_OK)
		return fail(boot, EFI_LOAD_ERROR, setup_err_text(err));
	plan_run(&boot->plan, other, shown_storage, boot);
	return prepare_launch(boot);
}

/* Step 7: show it, and wait as long as the configuration says. A key stops the clock; then Enter
 * goes on, and Esc goes back to the firmware at any time. */
static EFI_STATUS show_and_wait(struct boot *boot)
{
	SIMPLE_INPUT_INTERFACE *in = boot->firmware.system_table->ConIn;
	uint64_t polls = boot->config.timeout_seconds * KEY_POLLS_PER_SECOND;
	bool is_stopped = false;
	EFI_INPUT_KEY key;

	report_plan(boot);
	if (polls > 0 && in != NULL)
		console_print(&boot->firmware,
		              "\nStarting in %u s: any key stops, Esc goes back to the firmware\n",
		              (unsigned)boot->config.timeout_seconds);
	while (in != NULL && (polls > 0 || is_stopped)) {
		if (EFI_ERROR(in->ReadKeyStroke(in, &key))) {
			boot->firmware.boot_services->Stall(KEY_POLL_MICROSECONDS);
			polls -= polls > 0;
		} else if (key.ScanCode == KEY_ESC) {
			console_print(&boot->firmware, "bootmem: back to the firmware\n");
			return EFI_ABORTED;
		} else if (is_stopped && key.UnicodeChar == '\r') {
			break;
		} else if (!is_stopped) {
			is_stopped = true;
			console_print(&boot->firmware, "Stopped: Enter starts the kernel\n");
		}
	}
	console_print(&boot->firmware, "\nbootmem: leaving the firmware, entering the kernel\n");
	return EFI_SUCCESS;
}

/* After the exit there is nobody to report to. */
static _Noreturn void give_up(const struct boot *boot)
{
	boot->firmware.system_table->RuntimeServices->ResetSystem(STATE_AFTER_FAILURE,
	                                                          EFI_LOAD_ERROR, 0, NULL);
	for (;;)
		;
}

static void build_page_tables(struct boot *boot, struct pgtable *table)
{
	pgtable_init(table, (uint64_t *)((uint8_t *)boot->handed.now + boot->page_tables_offset),
	             boot->pad->page_table_paddr, boot->page_table_pages,
	             boot->facts.cpu.has_1g_pages);
	if (!map_all(&boot->plan, table))
		give_up(boot);
}

static void seal(struct boot *boot, const struct pgtable *table, unsigned attempts)
{
	paddr_t start_paddr = boot->handed.final_paddr;
	size_t n_descriptors = uefi_map_count(&boot->final.map);
	struct handoff_contents contents = {
		.setup = &boot->booted->setup,
		.cmdline = boot->config.cmdline,
		.cmdline_bytes = boot->cmdline_bytes,
		.uefi_map_bytes = (uint32_t)boot->final.map.map_bytes,
		.uefi_descriptor_bytes = (uint32_t)boot->final.map.stride,
		.uefi_descriptor_version = boot->final.descriptor_version,
		.rsdp_paddr = boot->facts.rsdp_paddr,
		.smbios_paddr = boot->facts.smbios_paddr,
		.smbios3_paddr = boot->facts.smbios3_paddr,
		.efi_system_table_paddr = (UINTN)boot->firmware.system_table,
		.framebuffer = boot->facts.framebuffer,
		.kernel = boot->kernel.span,
		.kernel_entry_paddr = boot->kernel.entry_paddr,
		.stack = { start_paddr + boot->stack_offset, start_paddr + boot->gdt_offset },
		.page_table_paddr = boot->pad->page_table_paddr,
		.mapped_end_paddr = table->mapped_end_paddr,
		.firmware_bits = FIRMWARE_BITS,
		.at_end = boot->config.at_end,
		.exit_attempts = attempts,
	};

	if (n_descriptors > boot->planned_descriptors)
		contents.uefi_map_growth = (uint32_t)(n_descriptors - boot->planned_descriptors);
	handoff_seal(boot->handed.now, start_paddr, &contents);
}

/* Step 8: out of the firmware. From the exit on, everything again, from the map that it accepted.
 */
static EFI_STATUS leave(struct boot *boot)
{
	struct pgtable table = { 0 };
	unsigned attempts;
	EFI_STATUS status;

	memmap_init(&boot->final,
	            (uint8_t *)boot->handed.now + handoff_uefi_map_offset(boot->cmdline_bytes),
	            boot->plan.most_descriptors * boot->snapshot.map.stride);
	status = memmap_exit(&boot->firmware, &boot->final, &attempts);
	if (EFI_ERROR(status) && attempts == 0)
		return fail(boot, status, "the firmware gives no memory map to leave it with");
	if (EFI_ERROR(status))
		give_up(boot);

	boot->facts.uefi_map = &boot->final.map;
	if (plan_translate(&boot->plan, &boot->final.map) != MAP_OK ||
	    plan_run(&boot->plan, boot->booted, bootmap_storage, boot) != SETUP_OK)
		give_up(boot);
	plan_record_checksums(&boot->plan, boot->booted);
	if (boot->target == &target_amd64)
		build_page_tables(boot, &table);
#ifdef BOOTMEM_SABOTAGE
	sabotage(boot);
#endif
	seal(boot, &table, attempts);
	launch_go(boot->pad);
}

EFI_STATUS boot_run(struct boot *boot)
{
	static EFI_STATUS (*const steps[])(struct boot *) = {
		read_config,        survey,       choose_target, load_files,
		place_handed_pages, plan_bitmaps, show_and_wait, leave,
	};
	EFI_STATUS status = EFI_SUCCESS;

	boot->memory.firmware = &boot->firmware;
	report_firmware(boot);
	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && !EFI_ERROR(status); i++)
		status = steps[i](boot);
	if (boot->root != NULL)
		boot->root->Close(boot->root);
	memory_give_back(&boot->memory);
	return status;
}
