/* ledger.c - the maps and the fates of a view -> where its RAM went: see ledger.h. */
#include "mapdiff/map/ledger.h"

#include "bootmem/count.h"
#include "mapdiff/base/memory.h"
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
	LOSS_COUNT
};

static const char *const loss_texts[LOSS_COUNT] = {
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
	[LOSS_UNKNOWN_TYPE] = "of a type that nobody knows",
	[LOSS_OVERLAP] = "RAM that another descriptor overlaps",
	[LOSS_RESERVED] = "reserved",
};

/* Where a map leaves memory out: it does so at and above a limit, and perhaps elsewhere. */
struct hole {
	bool is_one;
	bool is_cut;
};

/* Why memory that @d describes is not usable, where the map has it as reserved or leaves it out. */
static enum loss loss_of_descriptor(const struct uefi_descriptor *d, struct hole hole)
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
	if (hole.is_one)
		return hole.is_cut ? LOSS_CUT : LOSS_LEFT_OUT;
	if ((d->attribute & UEFI_MEMORY_RUNTIME) != 0)
		return LOSS_RUNTIME_RAM;
	return (d->attribute & UEFI_MEMORY_WB) == 0 ? LOSS_NOT_WB : LOSS_OVERLAP;
}

/* @d: who describes it; NULL if nobody does, or there is no UEFI map. */
static enum loss loss_of(uint32_t e820_type, const struct uefi_descriptor *d, bool is_above_limit)
{
	struct hole hole = { e820_type == E820_NONE, is_above_limit };

	static const struct {
		uint32_t e820_type;
		enum loss loss;
	} by_type[] = {
		{ E820_RAM, LOSS_NONE },
		{ E820_ACPI, LOSS_ACPI },
		{ E820_NVS, LOSS_NVS },
		{ E820_PMEM, LOSS_PERSISTENT },
		{ E820_PRAM, LOSS_PERSISTENT },
		{ (uint32_t)E820_SOFT_RESERVED, LOSS_SPECIAL },
		{ E820_GRUB_RUNTIME_CODE, LOSS_RUNTIME },
	};

	for (size_t i = 0; i < COUNT(by_type); i++)
		if (by_type[i].e820_type == e820_type)
			return by_type[i].loss;
	if (d != NULL)
		return e820_type == E820_UNUSABLE && d->type == UEFI_UNUSABLE
		               ? LOSS_UNUSABLE
		               : loss_of_descriptor(d, hole);
	if (e820_type == E820_UNUSABLE)
		return LOSS_UNUSABLE;
	return e820_type == E820_NONE ? LOSS_NO_DRAM : LOSS_RESERVED;
}

/*
 * Reserved memory may be DRAM that the firmware keeps, or a device's. It counts as DRAM where other
 * DRAM comes after it: below 4 GiB, where devices begin, and above, each for itself.
 */
#define DEVICES_END_PADDR (UINT64_C(1) << 32)

struct account {
	uint64_t bytes[LOSS_COUNT];
	paddr_t low_end_paddr, high_end_paddr; /* of what is DRAM for sure */
};

static void account_dram(struct account *account, enum loss loss, paddr_t start_paddr,
                         paddr_t end_paddr)
{
	account->bytes[loss] += end_paddr - start_paddr;
	if (start_paddr < DEVICES_END_PADDR)
		account->low_end_paddr = min_u64(end_paddr, DEVICES_END_PADDR);
	if (end_paddr > DEVICES_END_PADDR)
		account->high_end_paddr = end_paddr;
}

static void account_reserved(struct account *account, paddr_t start_paddr, paddr_t end_paddr)
{
	paddr_t low_end_paddr = min_u64(end_paddr, account->low_end_paddr);
	paddr_t high_start_paddr = max_u64(start_paddr, DEVICES_END_PADDR);
	paddr_t high_end_paddr = min_u64(end_paddr, account->high_end_paddr);

	if (start_paddr < low_end_paddr)
		account->bytes[LOSS_RESERVED] += low_end_paddr - start_paddr;
	if (high_start_paddr < high_end_paddr)
		account->bytes[LOSS_RESERVED] += high_end_paddr - high_start_paddr;
}

/* Twice: what is DRAM for sure, then what is reserved among it. */
static void account_map(const struct view *view, struct account *account)
{
	struct e820_map descriptors = rules_descriptor_map(view->record);

	for (int pass = 0; pass < 2; pass++) {
		struct e820_walk walk = { .maps = { &view->e820, &descriptors } };

		while (e820_walk_next(&walk)) {
			enum loss loss =
				loss_of(walk.type[0], rules_descriptor(view->record, walk.type[1]),
			                walk.start_paddr >= view->ram_limit_paddr);

			if (loss == LOSS_RESERVED && pass == 1)
				account_reserved(account, walk.start_paddr, walk.end_paddr);
			else if (loss != LOSS_RESERVED && loss != LOSS_NO_DRAM && pass == 0)
				account_dram(account, loss, walk.start_paddr, walk.end_paddr);
		}
	}
}

/* No x86 has more physical addresses. */
#define MOST_INSTALLED_BYTES (UINT64_C(1) << 52)

/* Reserved memory gives way where the sum would be more than there is: some of it is no DRAM.
 * Returns false where even the rest is more, or the number is beyond all machines: the number of
 * installed bytes is not to be believed.
 */
static bool balance(struct account *account, uint64_t installed_bytes)
{
	uint64_t sure_bytes = 0;

	for (size_t loss = 0; loss < LOSS_RESERVED; loss++)
		sure_bytes += account->bytes[loss];
	if (sure_bytes > installed_bytes || installed_bytes > MOST_INSTALLED_BYTES)
		return false;
	account->bytes[LOSS_RESERVED] =
		min_u64(account->bytes[LOSS_RESERVED], installed_bytes - sure_bytes);
	return true;
}

static void make_map_ledger(struct view *view)
{
	struct account account = { { 0 }, 0, 0 };
	uint64_t installed_bytes, sum_bytes = 0;

	account_map(view, &account);
	view->has_installed =
		record_fact_number(view->record, FACT_INSTALLED_BYTES, &installed_bytes) &&
		balance(&account, installed_bytes);
	for (size_t loss = 0; loss < LOSS_NO_DRAM; loss++) {
		sum_bytes += account.bytes[loss];
		if (account.bytes[loss] > 0 || loss == LOSS_NONE)
			*MEMORY_ADD(view, ledger) =
				(struct ledger_row){ loss_texts[loss], account.bytes[loss] };
	}
	view->installed_bytes = view->has_installed ? installed_bytes : sum_bytes;
	if (view->installed_bytes > sum_bytes)
		*MEMORY_ADD(view, ledger) =
			(struct ledger_row){ "in no map", view->installed_bytes - sum_bytes };
}

/* By enum reservation_kind. */
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
};
#define N_KINDS COUNT(kind_texts)
_Static_assert(N_KINDS == RESERVATION_END, "a kind of reservations has no name");

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

/* Bytes of RAM in [start_paddr, end_paddr). */
static uint64_t ram_bytes_in(const struct e820_map *e820, paddr_t start_paddr, paddr_t end_paddr)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < e820->n_ranges; i++) {
		paddr_t low_paddr = max_u64(e820->ranges[i].start_paddr, start_paddr);
		paddr_t high_paddr = min_u64(e820->ranges[i].end_paddr, end_paddr);

		if (e820->ranges[i].type == E820_RAM && low_paddr < high_paddr)
			bytes += high_paddr - low_paddr;
	}
	return bytes;
}

static void make_target_ledger(struct view_target *target, const struct e820_map *e820,
                               paddr_t limit_paddr)
{
	uint64_t left_bytes = e820_bytes_of_type(e820, E820_RAM);
	uint64_t bytes_by_kind[N_KINDS] = { 0 }; /* 0: a kind that is none of ours */
	uint64_t pages[FATE_COUNT];

	fate_count(target, 0, pfn_down(UINT64_MAX), pages);
	for (size_t i = 0; i < target->n_runs; i++) {
		const struct view_run *run = &target->runs[i];
		size_t kind = run->fate == FATE_RESERVED ? run->reservation->kind : 0;

		if (run->fate == FATE_RESERVED)
			bytes_by_kind[kind < N_KINDS ? kind : 0] +=
				pfn_paddr(run->end_pfn - run->start_pfn);
	}
	add_row(target, "free", pfn_paddr(pages[FATE_FREE]), &left_bytes);
	for (size_t kind = 1; kind < N_KINDS; kind++)
		add_row(target, kind_texts[kind], bytes_by_kind[kind], &left_bytes);
	add_row(target, "reserved for something else", bytes_by_kind[0], &left_bytes);
	add_row(target, "reserved, and no reason is known", pfn_paddr(pages[FATE_UNKNOWN]),
	        &left_bytes);
	add_row(target, "above low memory", pfn_paddr(pages[FATE_ABOVE]), &left_bytes);
	if (target->target->cuts_isa_hole)
		add_row(target, "640 KiB to 1 MiB, no RAM for IA-32",
		        ram_bytes_in(e820, ISA_HOLE_START_PADDR,
		                     min_u64(LOW_MEGABYTE_END_PADDR, limit_paddr)),
		        &left_bytes);
	add_row(target, "above the limit of memory", ram_bytes_in(e820, limit_paddr, UINT64_MAX),
	        &left_bytes);
	add_row(target, "parts of pages", left_bytes, &left_bytes);
}

void ledger_make(struct view *view)
{
	make_map_ledger(view);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown && view->targets[i].failure == NULL)
			make_target_ledger(&view->targets[i], &view->e820, view->ram_limit_paddr);
}
