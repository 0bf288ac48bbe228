/* explain.c - who describes a page, what e820 made of that, each step of either target that touched
 * it: see explain.h. */
#include "mapdiff/map/explain.h"

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/rules.h"

/* One step more, with a text made like printf's. */
#define ADD_STEP(page, is_decisive, ...)                       \
	(*MEMORY_ADD(page, steps) = (struct explanation_step){ \
		 (page)->stage, memory_printf(__VA_ARGS__), is_decisive })

/* --- the UEFI map --- */

/* Why a UEFI type becomes what it becomes. */
static const char *const type_reasons[] = {
	[UEFI_RESERVED] = "the firmware keeps it",
	[UEFI_LOADER_CODE] = "the loader's, and the kernel's when it runs",
	[UEFI_LOADER_DATA] = "the loader's, and the kernel's when it runs",
	[UEFI_BOOT_SERVICES_CODE] = "free when boot services have ended",
	[UEFI_BOOT_SERVICES_DATA] = "free when boot services have ended",
	[UEFI_RUNTIME_SERVICES_CODE] = "the firmware is called there while the system runs",
	[UEFI_RUNTIME_SERVICES_DATA] = "the firmware uses it while the system runs",
	[UEFI_CONVENTIONAL] = "free",
	[UEFI_UNUSABLE] = "the firmware found errors in it",
	[UEFI_ACPI_RECLAIM] = "free when the kernel has read the ACPI tables there",
	[UEFI_ACPI_NVS] = "the firmware's, and to be kept across sleep",
	[UEFI_MMIO] = "a device that the firmware uses while the system runs",
	[UEFI_MMIO_PORT_SPACE] = "a window to I/O ports",
	[UEFI_PAL_CODE] = "firmware code of Itanium",
	[UEFI_PERSISTENT] = "its contents stay when the power goes",
	[UEFI_UNACCEPTED] = "touching it before it is accepted is a fault",
};
_Static_assert(COUNT(type_reasons) == UEFI_TYPE_COUNT, "a UEFI memory type has no reason");

static const char *reason_of(enum rules rules, const struct uefi_descriptor *descriptor)
{
	const char *difference = rules_difference(RULES_LINUX, descriptor);

	if (rules == RULES_BOOTMEM && difference != NULL)
		return difference;
	return descriptor->type < UEFI_TYPE_COUNT ? type_reasons[descriptor->type]
	                                          : "an unknown type";
}

/* Does [start_paddr, end_paddr) have a part of the page? */
static bool has_part(const struct explanation *page, paddr_t start_paddr, paddr_t end_paddr)
{
	pfn_t pfn = pfn_down(page->paddr);

	return pfn_down(start_paddr) <= pfn && pfn < pfn_up(end_paddr);
}

/* A descriptor that has something to do with the address. Returns whether it holds it. */
static bool explain_descriptor(struct explanation *page, const struct uefi_descriptor *d)
{
	const struct record *record = page->view->record;
	size_t index = (size_t)(d - record->uefi);
	const char *type_name = uefi_type_name(d->type);
	enum rules rules = page->view->options.rules;
	paddr_t start_paddr, end_paddr;
	bool wraps, has_pages = uefi_descriptor_range(d, &start_paddr, &end_paddr, &wraps);
	bool holds = start_paddr <= page->paddr && page->paddr < end_paddr;
	uint32_t e820_type = rules_e820_type(rules, d);

	if (holds)
		ADD_STEP(page, false,
		         "descriptor %zu of %zu: %s, type %u (%s), attributes 0x%" PRIx64
		         " (%s): %s; by the rules of %s: %s",
		         index, record->n_uefi, text_range(start_paddr, end_paddr), d->type,
		         type_name, d->attribute, text_attribute(d->attribute), reason_of(rules, d),
		         rules_texts[rules],
		         e820_type == E820_NONE ? "nothing, a hole" : text_type(e820_type));
	else if (wraps && start_paddr <= page->paddr)
		ADD_STEP(page, false,
		         "descriptor %zu, type %u (%s), starts at 0x%" PRIx64
		         " and ends past 2^64: it is passed over",
		         index, d->type, type_name, start_paddr);
	else if (has_pages && has_part(page, start_paddr, end_paddr))
		ADD_STEP(page, false, "in the same page: descriptor %zu, %s, type %u (%s)", index,
		         text_range(start_paddr, end_paddr), d->type, type_name);
	return holds;
}

/* What usually lies where no map has anything. The first row that holds the address. */
static const struct {
	paddr_t start_paddr, end_paddr;
	const char *what;
} usual[] = {
	{ 0xa0000, 0xc0000, "the VGA window" },
	{ 0xc0000, 0x100000, "option ROMs and the legacy BIOS area" },
	{ 0xfec00000, 0xfec01000, "the I/O APIC" },
	{ 0xfed00000, 0xfed00400, "the HPET" },
	{ 0xfed40000, 0xfed45000, "the TPM" },
	{ 0xfee00000, 0xfee01000, "the local APICs" },
	{ 0xff000000, MAP_HIGH_PADDR, "the firmware's flash memory" },
	{ 0x80000000, MAP_HIGH_PADDR, "the PCI hole: windows of devices" },
};

static const char *usual_text(paddr_t paddr)
{
	for (size_t i = 0; i < COUNT(usual); i++)
		if (usual[i].start_paddr <= paddr && paddr < usual[i].end_paddr)
			return usual[i].what;
	return paddr >= MAP_HIGH_PADDR ? "nothing, or a window of a device"
	                               : "memory that the firmware does not tell of";
}

/* For an address that nothing in @map has: what is nearest, and what usually is there. */
static void explain_gap(struct explanation *page, const char *what, struct e820_map map)
{
	const char *below = "none is below", *above = "none is above";
	size_t n_below = sorted_n_up_to(
		SORTED(struct e820_range, end_paddr, map.ranges, map.n_ranges), page->paddr);

	if (n_below > 0)
		below = memory_printf("the one below ends at 0x%" PRIx64,
		                      map.ranges[n_below - 1].end_paddr);
	if (n_below < map.n_ranges)
		above = memory_printf("the one above starts at 0x%" PRIx64,
		                      map.ranges[n_below].start_paddr);
	ADD_STEP(page, true, "no %s holds it: %s, %s; what usually lies there: %s", what, below,
	         above, usual_text(page->paddr));
}

/* Returns the descriptor that holds the address; NULL if there is none, or there are several. */
static const struct uefi_descriptor *explain_uefi(struct explanation *page)
{
	const struct record *record = page->view->record;
	const struct uefi_descriptor *sole = NULL;
	size_t n_found = 0;

	MEMORY_EACH(descriptor, record, uefi)
		if (explain_descriptor(page, descriptor)) {
			sole = descriptor;
			n_found++;
		}
	if (record->n_uefi == 0)
		ADD_STEP(page, false, "not recorded");
	else if (n_found == 0)
		explain_gap(page, "descriptor", rules_descriptor_map(record));
	else if (n_found > 1)
		ADD_STEP(page, true,
		         "%zu descriptors overlap here: the highest e820 type number wins",
		         n_found);
	return n_found == 1 ? sole : NULL;
}

/* --- e820 --- */

static const char *e820_origin(const struct view *view)
{
	static const char *const texts[] = {
		[VIEW_NONE] = "translated",
		[VIEW_FIRMWARE] = "as the kernel got it",
		[VIEW_BOOTMEM] = "as bootmem made it",
		[VIEW_KERNEL] = "as the kernel has edited it",
		[VIEW_GRUB] = "as GRUB shows it",
		[VIEW_XEN] = "as Xen got it",
		[VIEW_DOMAIN] = "as Xen gave it to this kernel",
		[VIEW_HOLES] = "RAM alone, by its holes",
		[VIEW_LISTED] = "as another program lists it",
	};
	_Static_assert(COUNT(texts) == VIEW_COUNT, "a view of e820 has no words");

	return texts[view->is_e820_computed ? VIEW_NONE : view->record->e820_view];
}

/* Where the e820 map is another loader's: by whose rules it has @found_type there, if not by those
 * that @descriptor was explained with. */
static void explain_whose_type(struct explanation *page, const struct uefi_descriptor *descriptor,
                               uint32_t found_type)
{
	const struct view *view = page->view;
	enum rules rules = RULES_BOOTMEM;

	if (view->is_e820_computed || descriptor == NULL ||
	    rules_e820_type(view->options.rules, descriptor) == found_type)
		return;
	while (rules < RULES_COUNT && rules_e820_type(rules, descriptor) != found_type)
		rules++;
	if (rules < RULES_COUNT)
		ADD_STEP(page, false, "that follows by the rules of %s", rules_texts[rules]);
	else
		ADD_STEP(page, false,
		         "that does not follow from the descriptor by any rules known");
}

static void explain_e820(struct explanation *page, const struct uefi_descriptor *descriptor)
{
	const struct e820_map *e820 = &page->view->e820;
	const struct e820_range *range = e820_find(e820, page->paddr);

	if (range == NULL)
		explain_gap(page, "range", *e820);
	else
		ADD_STEP(page, range->type != E820_RAM, "range %zu of %zu, %s: %s %s",
		         (size_t)(range - e820->ranges), e820->n_ranges, e820_origin(page->view),
		         text_range(range->start_paddr, range->end_paddr), text_type(range->type));
	if (range == NULL && page->paddr >= page->view->ram_limit_paddr)
		ADD_STEP(page, false, "RAM is cut off at 0x%" PRIx64, page->view->ram_limit_paddr);
	else
		explain_whose_type(page, descriptor, range != NULL ? range->type : E820_NONE);
	MEMORY_EACH(other, e820, ranges)
		if (other != range && has_part(page, other->start_paddr, other->end_paddr))
			ADD_STEP(page, false, "in the same page: range %zu, %s %s",
			         (size_t)(other - e820->ranges),
			         text_range(other->start_paddr, other->end_paddr),
			         text_type(other->type));
}

/* --- the targets --- */

/* The range of RAM that has a part of the page; NULL if none does. */
static const struct e820_range *ram_in_page(const struct explanation *page)
{
	MEMORY_EACH(range, &page->view->e820, ranges)
		if (range->type == E820_RAM && has_part(page, range->start_paddr, range->end_paddr))
			return range;
	return NULL;
}

/* Why a page that RAM touches is no RAM for the target. */
static const char *not_ram_text(const struct view_target *target, const struct e820_range *ram,
                                pfn_t pfn)
{
	if (target->target->cuts_isa_hole && pfn >= pfn_down(ISA_HOLE_START_PADDR) &&
	    pfn < pfn_down(LOW_MEGABYTE_END_PADDR))
		return "640 KiB to 1 MiB are no RAM for IA-32, whatever the map says";
	if (pfn < pfn_up(ram->start_paddr) || pfn >= pfn_down(ram->end_paddr))
		return "only whole pages are freed, and RAM has a part of this one";
	return "this page is above the limit of memory";
}

static void explain_free(struct explanation *page, const struct view_target *target, pfn_t pfn,
                         enum page_fate fate)
{
	const struct e820_range *ram = ram_in_page(page);
	const char *step = target->target == &target_ia32 ? "register_bootmem_low_pages()"
	                                                  : "free_bootmem_with_active_regions()";

	if (ram == NULL)
		ADD_STEP(page, true, "%s: not RAM, so it stays reserved", step);
	else if (fate == FATE_NOT_RAM)
		ADD_STEP(page, true, "%s: in the usable range %s, but %s: it stays reserved", step,
		         text_range(ram->start_paddr, ram->end_paddr),
		         not_ram_text(target, ram, pfn));
	else
		ADD_STEP(page, fate == FATE_FREE, "%s: free, in the usable range %s", step,
		         text_range(ram->start_paddr, ram->end_paddr));
}

/* The first one is the reason, if the page is RAM that a reservation took. */
static void explain_reservations(struct explanation *page, const struct view_target *target,
                                 bool is_first)
{
	MEMORY_EACH(reservation, target, reservations) {
		if (!has_part(page, reservation->start_paddr, reservation->end_paddr))
			continue;
		ADD_STEP(page, is_first, "reserve_bootmem(): %s, for %s: %s (%s)",
		         text_range(reservation->start_paddr, reservation->end_paddr),
		         reservation->owner, reservation->reason,
		         reservation->origin == ORIGIN_LINUX ? "as 2.6.24" : "extension");
		is_first = false;
	}
}

/* A page at or above max_low_pfn. */
static void explain_no_bit(struct explanation *page, const struct view_target *target, pfn_t pfn)
{
	bool is_low_end = target->max_low_pfn < target->max_pfn;
	bool is_cut = pfn >= target->max_pfn && ram_in_page(page) != NULL;

	ADD_STEP(page, true, "no bit: page 0x%" PRIx64 " is not below %s, 0x%" PRIx64 "%s", pfn,
	         is_low_end ? "the end of low memory" : "the end of RAM", target->max_low_pfn,
	         is_cut ? "; the rest of RAM is above a limit, or no whole page" : "");
}

static void explain_target(struct explanation *page, const struct view_target *target)
{
	const char *result = "bit 1: the page is reserved";
	pfn_t pfn = pfn_down(page->paddr);
	size_t run = fate_find_run(target, pfn);
	enum page_fate fate = run < target->n_runs ? target->runs[run].fate : FATE_NOT_RAM;

	if (target->failure != NULL) {
		ADD_STEP(page, true, "no bitmap: %s", target->failure);
		return;
	}
	if (pfn >= target->max_low_pfn) {
		explain_no_bit(page, target, pfn);
		return;
	}
	ADD_STEP(page, false, "init_bootmem(): page 0x%" PRIx64 " is reserved, as all are", pfn);
	explain_free(page, target, pfn, fate);
	explain_reservations(page, target, fate == FATE_RESERVED);
	if (fate == FATE_FREE)
		result = "bit 0: the page is free";
	else if (fate == FATE_UNKNOWN)
		result = "bit 1: the page is reserved, and no reservation says why";
	ADD_STEP(page, false, "%s%s", result, target->is_recorded ? ", as the capture has it" : "");
}

static void explain_landmarks(struct explanation *page)
{
	MEMORY_EACH(landmark, page->view->record, landmarks)
		if (has_part(page, landmark->start_paddr, landmark->end_paddr))
			ADD_STEP(page, false, "%s at %s", landmark->name,
			         text_range(landmark->start_paddr, landmark->end_paddr));
}

void explain_page(const struct view *view, paddr_t paddr, struct explanation *ret_page)
{
	const struct uefi_descriptor *descriptor;

	*ret_page = (struct explanation){ view, paddr, .stage = "landmark" };
	explain_landmarks(ret_page);
	ret_page->stage = "UEFI map";
	descriptor = explain_uefi(ret_page);
	ret_page->stage = "e820";
	explain_e820(ret_page, descriptor);
	for (size_t i = 0; i < RECORD_TARGETS; i++) {
		ret_page->stage = record_target_names[i];
		if (view->targets[i].is_shown)
			explain_target(ret_page, &view->targets[i]);
	}
}
