/* ledger.c - the maps and the fates of a view -> where its RAM went: see ledger.h. */
#include "mapdiff/map/ledger.h"

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/rules.h"
#include "x86/walk.h"

enum loss {
	LOSS_NONE,
	LOSS_RUNTIME,
	LOSS_ACPI,
	LOSS_NVS,
	LOSS_UNUSABLE,
	LOSS_PERSISTENT,
	LOSS_SPECIAL,
	LOSS_UNACCEPTED,
	LOSS_NOT_WB,
	LOSS_RUNTIME_RAM,
	LOSS_CUT,
	LOSS_LEFT_OUT,
	LOSS_UNKNOWN_TYPE,
	LOSS_OVERLAP,
	LOSS_RESERVED,
	LOSS_NO_DRAM, /* and so none: a device's memory, or a hole */
};

static const char *const loss_texts[] = {
	[LOSS_NONE] = "usable",
	[LOSS_RUNTIME] = "UEFI runtime services",
	[LOSS_ACPI] = "ACPI data",
	[LOSS_NVS] = "ACPI NVS",
	[LOSS_UNUSABLE] = "unusable",
	[LOSS_PERSISTENT] = "persistent",
	[LOSS_SPECIAL] = "soft reserved (specific purpose)",
	[LOSS_UNACCEPTED] = "not accepted",
	[LOSS_NOT_WB] = "RAM that is not write-back",
	[LOSS_RUNTIME_RAM] = "RAM that the runtime services claim",
	[LOSS_CUT] = "cut off by a limit",
	[LOSS_LEFT_OUT] = "RAM that the e820 map leaves out",
	[LOSS_UNKNOWN_TYPE] = "of an unknown type",
	[LOSS_OVERLAP] = "RAM that another descriptor overlaps",
	[LOSS_RESERVED] = "reserved",
};
_Static_assert(COUNT(loss_texts) == LOSS_NO_DRAM, "a loss has no name");

/* Why memory that @d describes is not usable, where e820 has it as reserved or leaves it out. */
static enum loss loss_of_descriptor(const struct uefi_descriptor *d, bool is_hole,
                                    bool is_above_limit)
{
	if (d->type == UEFI_MMIO || d->type == UEFI_MMIO_PORT_SPACE)
		return LOSS_NO_DRAM;
	if (d->type >= UEFI_TYPE_COUNT)
		return LOSS_UNKNOWN_TYPE;
	if (d->type == UEFI_UNACCEPTED)
		return LOSS_UNACCEPTED;
	if (!uefi_is_ram(d->type))
		return uefi_is_runtime(d) && d->type != UEFI_RESERVED ? LOSS_RUNTIME
		                                                      : LOSS_RESERVED;
	if (is_hole)
		return is_above_limit ? LOSS_CUT : LOSS_LEFT_OUT;
	if ((d->attribute & UEFI_MEMORY_RUNTIME) != 0)
		return LOSS_RUNTIME_RAM;
	return (d->attribute & UEFI_MEMORY_WB) == 0 ? LOSS_NOT_WB : LOSS_OVERLAP;
}

/* @d: who describes it; NULL if nobody does, or there is no UEFI map. */
static enum loss loss_of(uint32_t e820_type, const struct uefi_descriptor *d, bool is_above_limit)
{
	switch (e820_type) {
	case E820_RAM:
		return LOSS_NONE;
	case E820_ACPI:
		return LOSS_ACPI;
	case E820_NVS:
		return LOSS_NVS;
	case E820_PMEM:
	case E820_PRAM:
		return LOSS_PERSISTENT;
	case (uint32_t)E820_SOFT_RESERVED:
		return LOSS_SPECIAL;
	case E820_GRUB_RUNTIME_CODE:
		return LOSS_RUNTIME;
	}
	if (e820_type == E820_UNUSABLE && (d == NULL || d->type == UEFI_UNUSABLE))
		return LOSS_UNUSABLE;
	if (d != NULL)
		return loss_of_descriptor(d, e820_type == E820_NONE, is_above_limit);
	return e820_type == E820_NONE ? LOSS_NO_DRAM : LOSS_RESERVED;
}

/*
 * Reserved memory may be DRAM that the firmware keeps, or a device's. It counts as DRAM where other
 * DRAM comes after it: below 4 GiB, where devices begin, and above, each for itself.
 */
static void account_map(const struct view *view, uint64_t bytes[LOSS_NO_DRAM])
{
	static struct e820_range low_range = { .end_paddr = MAP_HIGH_PADDR, .type = E820_RAM };
	static const struct e820_map low = { &low_range, 1, 1 }; /* so that nothing crosses it */
	struct e820_map descriptors = rules_descriptor_map(view->record);
	struct e820_walk walk = { .maps = { &view->e820, &descriptors, &low } };
	uint64_t reserved_bytes = 0; /* behind the last DRAM */

	while (e820_walk_next(&walk)) {
		enum loss loss = loss_of(walk.type[0], rules_descriptor(view->record, walk.type[1]),
		                         walk.start_paddr >= view->ram_limit_paddr);
		uint64_t segment_bytes = walk.end_paddr - walk.start_paddr;

		if (walk.start_paddr == MAP_HIGH_PADDR)
			reserved_bytes = 0;
		if (loss == LOSS_RESERVED)
			reserved_bytes += segment_bytes;
		if (loss == LOSS_RESERVED || loss == LOSS_NO_DRAM)
			continue;
		bytes[loss] += segment_bytes;
		bytes[LOSS_RESERVED] += reserved_bytes;
		reserved_bytes = 0;
	}
}

/* Reserved memory gives way where the sum would be more than there is: some of it is no DRAM.
 * Returns false where even the rest is more, or the number is beyond all machines: the number of
 * installed bytes is not to be believed. */
static bool balance(uint64_t bytes[LOSS_NO_DRAM], uint64_t installed_bytes)
{
	uint64_t sure_bytes = 0;

	for (size_t loss = 0; loss < LOSS_RESERVED; loss++)
		sure_bytes += bytes[loss];
	if (sure_bytes > installed_bytes || installed_bytes > MAP_END_PADDR)
		return false;
	bytes[LOSS_RESERVED] = min_u64(bytes[LOSS_RESERVED], installed_bytes - sure_bytes);
	return true;
}

static void make_map_ledger(struct view *view)
{
	uint64_t bytes[LOSS_NO_DRAM] = { 0 };
	uint64_t installed_bytes, sum_bytes = 0;

	account_map(view, bytes);
	view->has_installed =
		record_fact_number(view->record, FACT_INSTALLED_BYTES, &installed_bytes) &&
		balance(bytes, installed_bytes);
	for (size_t loss = 0; loss < LOSS_NO_DRAM; loss++) {
		sum_bytes += bytes[loss];
		if (bytes[loss] > 0 || loss == LOSS_NONE)
			*MEMORY_ADD(view, ledger) =
				(struct ledger_row){ loss_texts[loss], bytes[loss] };
	}
	view->installed_bytes = view->has_installed ? installed_bytes : sum_bytes;
	if (view->installed_bytes > sum_bytes)
		*MEMORY_ADD(view, ledger) =
			(struct ledger_row){ "in no map", view->installed_bytes - sum_bytes };
}

/* What reservations are for. */
static const char *const kind_texts[] = {
	[RESERVATION_KERNEL] = "kernel",
	[RESERVATION_BOOTMAP] = "bitmap",
	[RESERVATION_BLOCK] = "hand-off block",
	[RESERVATION_STACK] = "hand-off stack",
	[RESERVATION_PAGE_TABLES] = "page tables",
	[RESERVATION_INITRD] = "initrd",
	[RESERVATION_LOW_MEMORY] = "low memory of PCs",
	[RESERVATION_WAKEUP] = "ACPI wake-up code",
	[RESERVATION_SMP_CONFIG] = "MP tables",
	[RESERVATION_ACPI] = "ACPI tables in RAM",
	[RESERVATION_SMBIOS] = "SMBIOS in RAM",
	[RESERVATION_FRAMEBUFFER] = "framebuffer in RAM",
	[RESERVATION_RUNTIME] = "UEFI runtime services in RAM",
	[RESERVATION_BOOT_SERVICES] = "UEFI boot services, kept",
	[RESERVATION_CONFIGURED] = "reserved by the configuration",
	[RESERVATION_GATES] = "handler of exceptions",
};
_Static_assert(COUNT(kind_texts) == RESERVATION_END, "a kind of reservations has no row");

/* Never more than there is left. */
static void add_row(struct view_target *target, const char *what, uint64_t bytes,
                    uint64_t *left_bytes)
{
	bytes = min_u64(bytes, *left_bytes);
	if (bytes == 0)
		return;
	*MEMORY_ADD(target, ledger) = (struct ledger_row){ what, bytes };
	*left_bytes -= bytes;
}

static void count_bytes(void *context, paddr_t start_paddr, paddr_t end_paddr)
{
	*(uint64_t *)context += end_paddr - start_paddr;
}

static void make_target_ledger(const struct view *view, struct view_target *target)
{
	uint64_t left_bytes = e820_bytes_of_type(&view->e820, E820_RAM);
	uint64_t limited_bytes = e820_bytes_of_type(&view->limited, E820_RAM);
	uint64_t target_bytes = 0; /* of that, what the target takes for RAM */
	uint64_t bytes_by_kind[RESERVATION_END] = { 0 }; /* 0: a kind that is none of ours */
	uint64_t pages[FATE_COUNT];
	uint64_t cut_bytes = left_bytes - limited_bytes;

	target_each_ram(target->target, &view->limited, count_bytes, &target_bytes);
	fate_count(target, 0, pfn_down(UINT64_MAX), pages);
	MEMORY_EACH(run, target, runs) {
		size_t kind = run->reservation != NULL ? run->reservation->kind : 0;

		if (run->reservation != NULL)
			bytes_by_kind[kind < RESERVATION_END ? kind : 0] +=
				pfn_paddr(run->end_pfn - run->start_pfn);
	}
	add_row(target, "free", pfn_paddr(pages[FATE_FREE]), &left_bytes);
	for (size_t kind = RESERVATION_KERNEL; kind < RESERVATION_END; kind++)
		add_row(target, kind_texts[kind], bytes_by_kind[kind], &left_bytes);
	add_row(target, "reserved for something else", bytes_by_kind[0], &left_bytes);
	add_row(target, "reserved, and no reason is known", pfn_paddr(pages[FATE_UNKNOWN]),
	        &left_bytes);
	add_row(target, "above low memory", pfn_paddr(pages[FATE_ABOVE]), &left_bytes);
	add_row(target, "640 KiB to 1 MiB, no RAM for IA-32", limited_bytes - target_bytes,
	        &left_bytes);
	add_row(target, "above the limit of memory", cut_bytes, &left_bytes);
	add_row(target, "parts of pages", left_bytes, &left_bytes);
}

void ledger_make(struct view *view)
{
	make_map_ledger(view);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown && view->targets[i].failure == NULL)
			make_target_ledger(view, &view->targets[i]);
}
