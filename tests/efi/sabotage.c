/*
 * sabotage.c - a build of the application that hands over what is wrong, so that a test can see the
 * stub kernel notice it: what is wrong, `cmdline = sabotage=NAME' says. Called by leave.c in a
 * build with BOOTMEM_SABOTAGE.
 *
 * It is done before the block is sealed, and bits are changed behind the allocator's back, so that
 * the sums of the block and totals are right for what is wrong.
 */
#include "bootmem/bits.h"
#include "bootmem/count.h"
#include "efi/state.h"
#include "tests/efi/lines.h"

void sabotage(struct boot *boot);

/* And nothing is known of the bitmap any more. */
static void change_bits(bootmem_data_t *bdata, void (*change)(void *, uint64_t, uint64_t),
                        pfn_t pfn)
{
	change(bdata->node_bootmem_map, pfn, pfn + 1);
	bdata->node_free_first = BOOTMEM_NONE;
}

static void free_page_of(struct boot *boot, enum reservation_kind kind)
{
	const struct reservation_list *list = &boot->plan.booted->setup.reservations;
	bootmem_data_t *bdata = &boot->plan.booted->setup.bdata;

	for (size_t i = 0; i < list->n_entries; i++) {
		pfn_t pfn = pfn_down(list->entries[i].start_paddr);

		if (list->entries[i].kind != kind || pfn >= bdata->node_low_pfn)
			continue;
		change_bits(bdata, bits_clear, pfn);
		return;
	}
}

/* As if it had changed since. */
static void spoil_sum_of(struct boot *boot, enum reservation_kind kind)
{
	struct reservation_list *list = &boot->plan.booted->setup.reservations;

	for (size_t i = 0; i < list->n_entries; i++) {
		struct reservation *reservation = &list->entries[i];

		if (reservation->kind != kind)
			continue;
		reservation->is_checked = true;
		reservation->checksum++;
		return;
	}
}

static void reserve_usable(struct boot *boot, enum reservation_kind kind)
{
	bootmem_data_t *bdata = &boot->plan.booted->setup.bdata;
	pfn_t end_pfn, pfn = bootmem_next_free_run(bdata, 0x1000, &end_pfn);

	(void)kind;
	change_bits(bdata, bits_set, pfn);
}

static void move_kernel(struct boot *boot, enum reservation_kind kind)
{
	(void)kind;
	boot->handed.kernel.span.start_paddr += PAGE_BYTES;
}

static void add_page_of_ram(struct boot *boot, enum reservation_kind kind)
{
	(void)kind;
	boot->plan.booted->setup.max_pfn++;
}

static const struct {
	const char *name;
	void (*run)(struct boot *boot, enum reservation_kind kind);
	enum reservation_kind kind; /* for those that need one */
} rows[] = {
	{ "acpi-free", free_page_of, RESERVATION_ACPI },
	{ "runtime-free", free_page_of, RESERVATION_RUNTIME },
	{ "block-free", free_page_of, RESERVATION_BLOCK },
	{ "usable-reserved", reserve_usable, 0 },
	{ "kernel-elsewhere", move_kernel, 0 },
	{ "more-ram", add_page_of_ram, 0 },
	{ "acpi-changed", spoil_sum_of, RESERVATION_ACPI },
	{ "smbios-changed", spoil_sum_of, RESERVATION_SMBIOS },
	{ "initrd-changed", spoil_sum_of, RESERVATION_INITRD },
	{ "runtime-changed", spoil_sum_of, RESERVATION_RUNTIME },
};

void sabotage(struct boot *boot)
{
	const char *name = lines_after(boot->config.cmdline, "sabotage=");

	for (size_t i = 0; i < COUNT(rows) && name != NULL; i++) {
		const char *end = lines_after(name, rows[i].name);

		if (end != NULL && *end == '\0')
			rows[i].run(boot, rows[i].kind);
	}
}
