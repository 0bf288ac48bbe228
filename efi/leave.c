/*
 * leave.c - out of the firmware; from the exit on everything again, from the map that it accepted,
 * and only from it: see leave.h.
 */
#include "efi/leave.h"

#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/gates.h"
#include "efi/hand_over.h"
#include "efi/last_words.h"
#include "handoff/capture/text.h"
#include "handoff/load/pgtable.h"
#include "handoff/load/seal.h"

#ifdef BOOTMEM_SABOTAGE
/* tests/efi/sabotage.c: something is wrong, which the stub kernel has to notice. */
void sabotage(struct boot *boot);
#endif

static _Noreturn void give_up_exit(struct boot *boot, EFI_STATUS status, unsigned attempts)
{
	bool is_refused = status == EFI_INVALID_PARAMETER && attempts == MEMMAP_EXIT_ATTEMPTS;
	char detail[64];

	text_format(detail, sizeof detail, "%s, after %u call%s of ExitBootServices()",
	            status_name(status), attempts, attempts == 1 ? "" : "s");
	last_words(boot, is_refused ? FAILURE_EXIT_REFUSED : FAILURE_EXIT_ERROR, detail);
}

/* It has to be RAM, still, where something will be moved to. The firmware stood there, and it was
 * not ours to claim. */
static void check_moves(struct boot *boot)
{
	const struct launch *pad = boot->handed.pad;
	char detail[64];

	for (uint32_t i = 0; i < pad->n_moves; i++) {
		const struct launch_move *move = &pad->moves[i];
		paddr_t end_paddr = move->to_paddr + move->copy_bytes + move->clear_bytes;

		if (e820_all_mapped(&boot->plan.e820, move->to_paddr, end_paddr, E820_RAM))
			continue;
		text_format(detail, sizeof detail, "not all of it is RAM: 0x%llx-0x%llx",
		            (ull)move->to_paddr, (ull)end_paddr);
		last_words(boot, FAILURE_MOVES, detail);
	}
}

/* There may be too few pages for them, with what the map has grown by. */
static void build_page_tables(struct boot *boot, struct pgtable *ret_table)
{
	const struct plan *plan = &boot->plan;
	const struct handed *handed = &boot->handed;
	const struct layout *layout = &handed->layout;
	char detail[64];
	uint8_t *tables = (uint8_t *)handed->pages.now + layout->page_tables_offset;
	bool fits;

	pgtable_init(ret_table, (uint64_t *)tables, handed->pad->page_table_paddr,
	             layout->page_table_pages, plan->facts->cpu.has_1g_pages);
	fits = pgtable_map(ret_table, 0, UINT64_C(1) << 32);
	for (size_t i = 0; i < plan->n_mapped && fits; i++)
		fits = pgtable_map(ret_table, plan->mapped[i].start_paddr,
		                   plan->mapped[i].end_paddr);
	if (fits)
		return;
	text_format(detail, sizeof detail, "they have %llu pages", (ull)layout->page_table_pages);
	last_words(boot, FAILURE_PAGE_TABLES, detail);
}

/* The kernel shows what the person came for, beside what it has found itself. */
static void put_answer(const struct boot *boot, struct handoff_block *known)
{
	static const uint32_t kinds[] = {
		[COMPARISON_NONE] = HANDOFF_ANSWER_NONE,
		[COMPARISON_FAILED] = HANDOFF_ANSWER_FAILED,
		[COMPARISON_FIRST] = HANDOFF_ANSWER_FIRST,
		[COMPARISON_UNCHANGED] = HANDOFF_ANSWER_UNCHANGED,
		[COMPARISON_CHANGED] = HANDOFF_ANSWER_CHANGED,
	};
	const struct view_band *band = &boot->answer.band;

	known->answer = kinds[boot->comparison.kind];
	if (known->answer == HANDOFF_ANSWER_NONE)
		return;
	for (size_t i = 0; i < 2; i++)
		text_format(known->answer_lines[i], sizeof known->answer_lines[i], "%s",
		            band->lines[i]);
	text_format(known->answer_brief, sizeof known->answer_brief, "%s", band->brief);
	text_format(known->answer_to_do, sizeof known->answer_to_do, "%s", boot->answer.to_do);
	if (boot->comparison.saved == EFI_SUCCESS)
		text_format(known->capture_name, sizeof known->capture_name, "%04u.map",
		            boot->comparison.number);
}

static void put_sums(const struct trust *trust, struct handoff_block *known)
{
	known->secure_boot = trust->secure_boot;
	known->sums = trust->sums;
	memcpy(known->kernel_sha256, trust->kernel_sha256, sizeof known->kernel_sha256);
	memcpy(known->initrd_sha256, trust->initrd_sha256, sizeof known->initrd_sha256);
}

static void seal(const struct boot *boot, const struct memmap *accepted,
                 const struct pgtable *table, unsigned attempts)
{
	const struct handed *handed = &boot->handed;
	paddr_t start_paddr = handed->pages.final_paddr;
	size_t n_planned = uefi_map_count(&boot->snapshot.map);
	size_t n_descriptors = uefi_map_count(&accepted->map);
	struct handoff_block known = {
		.firmware_bits = FIRMWARE_BITS,
		.at_end = boot->config.at_end,
		.uefi_map_bytes = (uint32_t)accepted->map.map_bytes,
		.uefi_descriptor_bytes = (uint32_t)accepted->map.stride,
		.uefi_descriptor_version = accepted->descriptor_version,
		.rsdp_paddr = boot->facts.rsdp_paddr,
		.smbios_paddr = boot->facts.smbios_paddr,
		.smbios3_paddr = boot->facts.smbios3_paddr,
		.framebuffer = boot->facts.framebuffer,
		.cmdline_bytes = handed->cmdline_bytes,
		.exit_attempts = attempts,
		.kernel_start_paddr = handed->kernel.span.start_paddr,
		.kernel_end_paddr = handed->kernel.span.end_paddr,
		.kernel_entry_paddr = handed->kernel.entry_paddr,
		.efi_system_table_paddr = (UINTN)boot->firmware.system_table,
		.stack_start_paddr = start_paddr + handed->layout.stack_offset,
		.stack_end_paddr = start_paddr + handed->layout.gdt_offset,
		.page_table_paddr = handed->pad->page_table_paddr,
		.mapped_end_paddr = table->mapped_end_paddr,
	};

	put_answer(boot, &known);
	put_sums(&boot->trust, &known);
	if (n_descriptors > n_planned)
		known.uefi_map_growth = (uint32_t)(n_descriptors - n_planned);
	handoff_seal(handed->pages.now, start_paddr, &known, boot->config.cmdline,
	             &boot->plan.booted->setup);
}

EFI_STATUS leave(struct boot *boot)
{
	struct plan *plan = &boot->plan;
	struct handed *handed = &boot->handed;
	struct pgtable table = { 0 };
	struct memmap accepted; /* inside the block */
	enum map_err map_err;
	enum setup_err setup_err;
	unsigned attempts;
	EFI_STATUS status;

	last_words_prepare(boot);
	memmap_init(&accepted, (uint8_t *)handed->pages.now + handed->layout.uefi_map_offset,
	            plan->most_descriptors * boot->snapshot.map.stride);
	status = memmap_exit(&boot->firmware, &accepted, &attempts);
	if (EFI_ERROR(status) && attempts == 0)
		return console_error(&boot->firmware, status,
		                     "the firmware gives no memory map to leave it with");
	if (EFI_ERROR(status))
		give_up_exit(boot, status, attempts);

	boot->facts.uefi_map = &accepted.map;
	map_err = plan_translate(plan, &accepted.map);
	if (map_err != MAP_OK)
		last_words(boot, FAILURE_MAP, map_err_text(map_err));
	setup_err = plan_run(plan, plan->booted, home_for_bootmap, boot);
	if (setup_err != SETUP_OK)
		last_words(boot, FAILURE_BITMAP, setup_err_text(setup_err));
	check_moves(boot);
	plan_record_checksums(plan);
	if (plan->booted == &plan->amd64)
		build_page_tables(boot, &table);
	gates_tell_mapped(handed, &table);
#ifdef BOOTMEM_SABOTAGE
	sabotage(boot);
#endif
	seal(boot, &accepted, &table, attempts);
	launch_go(handed->pad);
}
