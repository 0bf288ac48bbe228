/*
 * leave.c - out of the firmware; from the exit on everything again, from the map that it accepted,
 * and only from it: see leave.h.
 */
#include "efi/leave.h"

#include "efi/hand_over.h"
#include "handoff/load/pgtable.h"
#include "handoff/load/seal.h"

#ifdef BOOTMEM_SABOTAGE
/* tests/efi/sabotage.c: builds with a wrong bitmap, which the stub kernel has to notice. */
void sabotage(struct boot *boot);
#endif

/* After the exit there is nobody to report to. */
static _Noreturn void give_up(const struct boot *boot)
{
	boot->firmware.system_table->RuntimeServices->ResetSystem(EfiResetCold, EFI_LOAD_ERROR, 0,
	                                                          NULL);
	for (;;)
		;
}

/* Is it RAM, still, where something will be moved to? The firmware stood there, and it was not ours
 * to claim. */
static bool moves_end_in_ram(const struct boot *boot)
{
	for (uint32_t i = 0; i < boot->pad->n_moves; i++) {
		const struct launch_move *move = &boot->pad->moves[i];
		paddr_t end_paddr = move->to_paddr + move->copy_bytes + move->clear_bytes;

		if (!e820_all_mapped(&boot->plan.e820, move->to_paddr, end_paddr, E820_RAM))
			return false;
	}
	return true;
}

static void build_page_tables(struct boot *boot, struct pgtable *table)
{
	const struct plan *plan = &boot->plan;

	pgtable_init(table,
	             (uint64_t *)((uint8_t *)boot->handed.now + boot->layout.page_tables_offset),
	             boot->pad->page_table_paddr, boot->layout.page_table_pages,
	             boot->facts.cpu.has_1g_pages);
	if (!pgtable_map(table, 0, UINT64_C(1) << 32))
		give_up(boot);
	for (size_t i = 0; i < plan->n_mapped; i++)
		if (!pgtable_map(table, plan->mapped[i].start_paddr, plan->mapped[i].end_paddr))
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
		.stack = { start_paddr + boot->layout.stack_offset,
		           start_paddr + boot->layout.gdt_offset },
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

EFI_STATUS leave(struct boot *boot)
{
	struct pgtable table = { 0 };
	unsigned attempts;
	EFI_STATUS status;

	memmap_init(&boot->final, (uint8_t *)boot->handed.now + boot->layout.uefi_map_offset,
	            boot->plan.most_descriptors * boot->snapshot.map.stride);
	status = memmap_exit(&boot->firmware, &boot->final, &attempts);
	if (EFI_ERROR(status) && attempts == 0)
		return boot_fail(boot, status, "the firmware gives no memory map to leave it with");
	if (EFI_ERROR(status))
		give_up(boot);

	boot->facts.uefi_map = &boot->final.map;
	if (plan_translate(&boot->plan, &boot->final.map) != MAP_OK || !moves_end_in_ram(boot) ||
	    plan_run(&boot->plan, boot->booted, home_for_bootmap, boot) != SETUP_OK)
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
