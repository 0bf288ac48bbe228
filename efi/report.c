/* report.c - prints const structures, and changes none: see report.h. */
#include "efi/report.h"

#include "bootmem/count.h"
#include "efi/console.h"
#include "efi/ribbon.h"
#include "handoff/handoff.h"

void report_firmware(const struct firmware *firmware, const struct trust *trust)
{
	const char *secure_boot = trust_secure_boot_name(trust->secure_boot);
	const EFI_SYSTEM_TABLE *table = firmware->system_table;
	char vendor[40];

	uefi_narrow(table->FirmwareVendor, vendor, sizeof vendor);
	console_colour(firmware, EFI_WHITE);
	console_print(firmware, "bootmem: %s firmware: %s, revision 0x%x, UEFI %u.%u\n",
	              FIRMWARE_BITS == 64 ? "x64" : "ia32", vendor,
	              (unsigned)table->FirmwareRevision, (unsigned)(table->Hdr.Revision >> 16),
	              (unsigned)(table->Hdr.Revision & 0xffff) / 10);
	console_colour(firmware, EFI_LIGHTGRAY);
	console_print(firmware, "bootmem: image at 0x%llx, %u KiB\n",
	              (ull)(UINTN)firmware->loaded_image->ImageBase,
	              (unsigned)(firmware->loaded_image->ImageSize >> 10));
	if (secure_boot != NULL)
		console_print(firmware, "bootmem: Secure Boot: %s\n", secure_boot);
}

void report_trust(const struct firmware *firmware, const struct trust *trust)
{
	char text[SHA256_TEXT_BYTES];

	if ((trust->sums & HANDOFF_SUM_KERNEL) != 0)
		console_print(firmware, "bootmem: SHA-256 of the kernel: %s\n",
		              sha256_text(text, trust->kernel_sha256));
	if ((trust->sums & HANDOFF_SUM_INITRD) != 0)
		console_print(firmware, "bootmem: SHA-256 of the initrd: %s\n",
		              sha256_text(text, trust->initrd_sha256));
}

static void print_uefi_map(const struct firmware *firmware, const struct uefi_map *map)
{
	size_t n = uefi_map_count(map);

	console_print(firmware, "\nUEFI memory map: %u descriptors of %u bytes\n", (unsigned)n,
	              (unsigned)map->stride);
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		paddr_t end_paddr = descriptor.start_paddr + pfn_paddr(descriptor.n_pages);

		console_print(firmware, "  uefi %016llx-%016llx %016llx %2u %s\n",
		              (ull)descriptor.start_paddr, (ull)end_paddr,
		              (ull)descriptor.attribute, (unsigned)descriptor.type,
		              uefi_type_name(descriptor.type));
	}
}

static void print_faults(const struct firmware *firmware, const struct plan *plan)
{
	const struct uefi_faults *faults = &plan->faults;
	const struct acpi_faults *acpi = &plan->facts->acpi_faults;
	const struct {
		size_t n;
		const char *what;
	} rows[] = {
		{ faults->n_out_of_order, "descriptors out of order: sorted" },
		{ plan->n_overlaps, "overlaps: the more restrictive type wins" },
		{ faults->n_zero_pages, "descriptors of no pages: passed over" },
		{ faults->n_wraps, "descriptors that end past 2^64: passed over" },
		{ faults->n_unaligned, "descriptors that start inside a page" },
		{ faults->n_unknown_types, "descriptors of unknown type: reserved" },
		{ faults->n_ram_not_wb, "descriptors of RAM that is not write-back: reserved" },
		{ faults->n_ram_runtime, "descriptors of RAM for runtime services: reserved" },
		{ faults->n_runtime_unflagged, "runtime descriptors without the attribute" },
		{ (size_t)(plan->cut_bytes >> 20), "MiB of RAM above the limit: cut off" },
		{ acpi->n_unreadable, "ACPI tables that cannot be read: left out" },
		{ acpi->n_bad_length, "ACPI tables of impossible length: left out" },
		{ acpi->n_bad_signature, "ACPI tables that are not what they should be: left out" },
		{ acpi->n_bad_sum, "ACPI tables with a wrong checksum: kept" },
	};

	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].n > 0)
			console_print(firmware, "  note: %u %s\n", (unsigned)rows[i].n,
			              rows[i].what);
}

static void print_e820(const struct firmware *firmware, const struct plan *plan)
{
	const struct e820_map *map = &plan->e820;

	console_print(firmware, "\ne820 map: %u ranges, %u MiB usable\n", (unsigned)map->n_ranges,
	              (unsigned)(e820_bytes_of_type(map, E820_RAM) >> 20));
	for (size_t i = 0; i < map->n_ranges; i++)
		console_print(firmware, "  e820 %016llx-%016llx %u %s\n",
		              (ull)map->ranges[i].start_paddr, (ull)map->ranges[i].end_paddr,
		              (unsigned)map->ranges[i].type, e820_type_name(map->ranges[i].type));
	print_faults(firmware, plan);
}

static void print_reservations(const struct firmware *firmware, const struct target_plan *booted)
{
	const struct reservation_list *list = &booted->setup.reservations;

	console_print(firmware, "\nReservations for %s (L: as Linux 2.6.24, +: extension)\n",
	              booted->target->name);
	for (size_t i = 0; i < list->n_entries; i++) {
		const struct reservation *reservation = &list->entries[i];

		console_print(firmware, "  %c %09llx-%09llx %-20s %s\n",
		              reservation->origin == ORIGIN_LINUX ? 'L' : '+',
		              (ull)reservation->start_paddr, (ull)reservation->end_paddr,
		              reservation->owner, reservation->reason);
	}
}

static void print_target(const struct firmware *firmware, const struct target_plan *target,
                         bool is_booted)
{
	const struct boot_setup *setup = &target->setup;
	struct ribbon ribbon;

	console_print(firmware, "\nBitmap for %s%s: ", target->target->name,
	              is_booted ? " (booted)" : "");
	if (setup->err != SETUP_OK) {
		console_print(firmware, "none: %s\n", setup_err_text(setup->err));
		return;
	}
	ribbon_make(&ribbon, setup);
	console_print(firmware,
	              "pages 0 to 0x%llx, at 0x%llx, %u bytes\n"
	              "  %llu pages free, %llu reserved, %llu of RAM above low memory\n",
	              (ull)setup->max_low_pfn, (ull)pfn_paddr(setup->min_low_pfn),
	              (unsigned)get_mapsize(&setup->bdata), (ull)ribbon.free_pages,
	              (ull)(setup->max_low_pfn - ribbon.free_pages),
	              (ull)(setup->max_pfn - setup->max_low_pfn));
	console_print(firmware, "  |%s|\n", ribbon.cells);
}

void report_plan(const struct firmware *firmware, const struct uefi_map *map,
                 const struct plan *plan)
{
	print_uefi_map(firmware, map);
	print_e820(firmware, plan);
	print_reservations(firmware, plan->booted);
	print_target(firmware, &plan->ia32, plan->booted == &plan->ia32);
	print_target(firmware, &plan->amd64, plan->booted == &plan->amd64);
	console_print(firmware, "  . free  # reserved  + some of both\n");
}

void report_in_use(const struct firmware *firmware, const struct in_use *in_use)
{
	for (size_t i = 0; i < in_use->n_ranges; i++)
		console_note(firmware,
		             "%s at 0x%llx-0x%llx: the CPU uses it, though the map calls it free",
		             in_use_names[in_use->ranges[i].kind],
		             (ull)in_use->ranges[i].span.start_paddr,
		             (ull)in_use->ranges[i].span.end_paddr);
	if (in_use->is_cut)
		console_note(firmware, "more than %u page tables: not all of them were looked at",
		             (unsigned)PAGING_MOST_TABLES);
}
