/*
 * explain.c - a view, and an address -> everything about the page that it is in, in the order of
 * events: who describes it, what e820 made of that, each step of either target that touched it.
 */
#include "mapdiff/map/explain.h"

#include <stdarg.h>

#include "bootmem/count.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/text.h"
#include "mapdiff/map/fate.h"
#include "mapdiff/map/rules.h"

__attribute__((format(printf, 4, 5))) static void add_step(struct explanation *explanation,
                                                           const char *stage, bool is_decisive,
                                                           const char *format, ...)
{
	struct explanation_step *step = MEMORY_ADD(explanation, steps);
	va_list args;
	char *text;

	va_start(args, format);
	text = memory_vprintf(format, args);
	va_end(args);
	*step = (struct explanation_step){ stage, text, is_decisive };
}

/* --- the UEFI map --- */

#define STAGE_UEFI "UEFI map"
#define STAGE_E820 "e820"

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
	                                          : "a type that nobody knows";
}

static const char *e820_text(uint32_t type)
{
	return type == E820_NONE ? "nothing, a hole" : text_type(type);
}

/* Does [start_paddr, end_paddr) have a part of the page? */
static bool is_in_page(const struct explanation *explanation, paddr_t start_paddr,
                       paddr_t end_paddr)
{
	pfn_t pfn = pfn_down(explanation->paddr);

	return pfn_down(start_paddr) <= pfn && pfn < pfn_up(end_paddr);
}

/* A descriptor that has something to do with the address. Returns whether it holds it. */
static bool explain_descriptor(struct explanation *explanation, size_t index)
{
	const struct record *record = explanation->view->record;
	const struct uefi_descriptor *d = &record->uefi[index];
	const char *type_name = uefi_type_name(d->type);
	enum rules rules = explanation->view->options.rules;
	paddr_t start_paddr, end_paddr;
	bool wraps, has_pages = uefi_descriptor_range(d, &start_paddr, &end_paddr, &wraps);
	bool holds = start_paddr <= explanation->paddr && explanation->paddr < end_paddr;

	if (holds)
		add_step(explanation, STAGE_UEFI, false,
		         "descriptor %zu of %zu: %s, type %u (%s), attributes 0x%" PRIx64
		         " (%s): %s; by the rules of %s: %s",
		         index, record->n_uefi, text_range(start_paddr, end_paddr), d->type,
		         type_name, d->attribute, text_attribute(d->attribute), reason_of(rules, d),
		         rules_texts[rules], e820_text(rules_e820_type(rules, d)));
	else if (wraps && start_paddr <= explanation->paddr)
		add_step(explanation, STAGE_UEFI, false,
		         "descriptor %zu, type %u (%s), starts at 0x%" PRIx64
		         " and ends past 2^64: it is passed over",
		         index, d->type, type_name, start_paddr);
	else if (has_pages && is_in_page(explanation, start_paddr, end_paddr))
		add_step(explanation, STAGE_UEFI, false,
		         "in the same page: descriptor %zu, %s, type %u (%s)", index,
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
	{ 0xff000000, UINT64_C(0x100000000), "the firmware's flash memory" },
	{ 0x80000000, UINT64_C(0x100000000), "the PCI hole: windows of devices" },
};

static const char *usual_text(paddr_t paddr)
{
	for (size_t i = 0; i < COUNT(usual); i++)
		if (usual[i].start_paddr <= paddr && paddr < usual[i].end_paddr)
			return usual[i].what;
	return paddr >= UINT64_C(0x100000000) ? "nothing, or a window of a device"
	                                      : "memory that the firmware does not tell of";
}

/* For an address that nothing in @map has: what is nearest, and what usually is there. */
static void explain_gap(struct explanation *explanation, const char *stage, const char *what,
                        struct e820_map map)
{
	const char *below = "none is below", *above = "none is above";
	size_t n_below = 0;

	while (n_below < map.n_ranges && map.ranges[n_below].end_paddr <= explanation->paddr)
		n_below++;
	if (n_below > 0)
		below = memory_printf("the one below ends at 0x%" PRIx64,
		                      map.ranges[n_below - 1].end_paddr);
	if (n_below < map.n_ranges)
		above = memory_printf("the one above starts at 0x%" PRIx64,
		                      map.ranges[n_below].start_paddr);
	add_step(explanation, stage, true, "no %s holds it: %s, %s; what usually lies there: %s",
	         what, below, above, usual_text(explanation->paddr));
}

/* Returns the descriptor that holds the address; NULL if there is none, or there are several. */
static const struct uefi_descriptor *explain_uefi(struct explanation *explanation)
{
	const struct record *record = explanation->view->record;
	const struct uefi_descriptor *sole = NULL;
	size_t n_found = 0;

	for (size_t i = 0; i < record->n_uefi; i++) {
		if (!explain_descriptor(explanation, i))
			continue;
		sole = &record->uefi[i];
		n_found++;
	}
	if (record->n_uefi == 0)
		add_step(explanation, STAGE_UEFI, false, "not recorded");
	else if (n_found == 0)
		explain_gap(explanation, STAGE_UEFI, "descriptor", rules_descriptor_map(record));
	else if (n_found > 1)
		add_step(explanation, STAGE_UEFI, true,
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
	};

	return texts[view->is_e820_computed ? VIEW_NONE : view->record->e820_view];
}

/* Where the e820 map is another loader's: by whose rules it has @found_type there, if not by those
 * that @descriptor was explained with. */
static void explain_whose_type(struct explanation *explanation,
                               const struct uefi_descriptor *descriptor, uint32_t found_type)
{
	const struct view *view = explanation->view;
	enum rules rules = RULES_BOOTMEM;

	if (found_type == E820_NONE && explanation->paddr >= view->ram_limit_paddr) {
		add_step(explanation, STAGE_E820, false, "RAM is cut off at 0x%" PRIx64,
		         view->ram_limit_paddr);
		return;
	}
	if (view->is_e820_computed || descriptor == NULL ||
	    rules_e820_type(view->options.rules, descriptor) == found_type)
		return;
	while (rules < RULES_COUNT && rules_e820_type(rules, descriptor) != found_type)
		rules++;
	if (rules < RULES_COUNT)
		add_step(explanation, STAGE_E820, false, "that follows by the rules of %s",
		         rules_texts[rules]);
	else
		add_step(explanation, STAGE_E820, false,
		         "that does not follow from the descriptor by any rules known");
}

static void explain_e820(struct explanation *explanation, const struct uefi_descriptor *descriptor)
{
	const struct e820_map *e820 = &explanation->view->e820;
	const struct e820_range *range = e820_find(e820, explanation->paddr);

	if (range == NULL)
		explain_gap(explanation, STAGE_E820, "range", *e820);
	else
		add_step(explanation, STAGE_E820, range->type != E820_RAM,
		         "range %zu of %zu, %s: %s %s", (size_t)(range - e820->ranges),
		         e820->n_ranges, e820_origin(explanation->view),
		         text_range(range->start_paddr, range->end_paddr), text_type(range->type));
	explain_whose_type(explanation, descriptor,
	                   range != NULL ? range->type : (uint32_t)E820_NONE);
	for (size_t i = 0; i < e820->n_ranges; i++) {
		const struct e820_range *other = &e820->ranges[i];

		if (other != range && is_in_page(explanation, other->start_paddr, other->end_paddr))
			add_step(explanation, STAGE_E820, false,
			         "in the same page: range %zu, %s %s", i,
			         text_range(other->start_paddr, other->end_paddr),
			         text_type(other->type));
	}
}

/* --- the targets --- */

/* The range of RAM that has a part of the page; NULL if none does. */
static const struct e820_range *ram_in_page(const struct explanation *explanation)
{
	const struct e820_map *e820 = &explanation->view->e820;

	for (size_t i = 0; i < e820->n_ranges; i++) {
		const struct e820_range *range = &e820->ranges[i];

		if (range->type == E820_RAM &&
		    is_in_page(explanation, range->start_paddr, range->end_paddr))
			return range;
	}
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

static void explain_free(struct explanation *explanation, const struct view_target *target,
                         pfn_t pfn, enum page_fate fate)
{
	const struct e820_range *ram = ram_in_page(explanation);
	const char *step = target->target == &target_ia32 ? "register_bootmem_low_pages()"
	                                                  : "free_bootmem_with_active_regions()";

	if (ram == NULL)
		add_step(explanation, target->target->name, true,
		         "%s: not RAM, so it stays reserved", step);
	else if (fate == FATE_NOT_RAM)
		add_step(explanation, target->target->name, true,
		         "%s: in the usable range %s, but %s: it stays reserved", step,
		         text_range(ram->start_paddr, ram->end_paddr),
		         not_ram_text(target, ram, pfn));
	else
		add_step(explanation, target->target->name, fate == FATE_FREE,
		         "%s: free, in the usable range %s", step,
		         text_range(ram->start_paddr, ram->end_paddr));
}

/* The first one is the reason, if the page is RAM that a reservation took. */
static void explain_reservations(struct explanation *explanation, const struct view_target *target,
                                 bool is_first)
{
	for (size_t i = 0; i < target->n_reservations; i++) {
		const struct reservation *reservation = &target->reservations[i];

		if (!is_in_page(explanation, reservation->start_paddr, reservation->end_paddr))
			continue;
		add_step(explanation, target->target->name, is_first,
		         "reserve_bootmem(): %s, for %s: %s (%s)",
		         text_range(reservation->start_paddr, reservation->end_paddr),
		         reservation->owner, reservation->reason,
		         reservation->origin == ORIGIN_LINUX ? "as 2.6.24" : "extension");
		is_first = false;
	}
}

/* A page at or above max_low_pfn. */
static void explain_no_bit(struct explanation *explanation, const struct view_target *target,
                           pfn_t pfn)
{
	bool is_low_end = target->max_low_pfn < target->max_pfn;
	bool is_cut = pfn >= target->max_pfn && ram_in_page(explanation) != NULL;

	add_step(explanation, target->target->name, true,
	         "no bit: page 0x%" PRIx64 " is not below %s, 0x%" PRIx64 "%s", pfn,
	         is_low_end ? "the end of low memory" : "the end of RAM", target->max_low_pfn,
	         is_cut ? "; the rest of RAM is above a limit, or no whole page" : "");
}

static void explain_target(struct explanation *explanation, const struct view_target *target)
{
	const char *stage = target->target->name;
	const char *result = "bit 1: the page is reserved";
	pfn_t pfn = pfn_down(explanation->paddr);
	size_t run = fate_find_run(target, pfn);
	enum page_fate fate = run < target->n_runs ? target->runs[run].fate : FATE_NOT_RAM;

	if (target->failure != NULL) {
		add_step(explanation, stage, true, "no bitmap: %s", target->failure);
		return;
	}
	if (pfn >= target->max_low_pfn) {
		explain_no_bit(explanation, target, pfn);
		return;
	}
	add_step(explanation, stage, false,
	         "init_bootmem(): page 0x%" PRIx64 " is reserved, as all are", pfn);
	explain_free(explanation, target, pfn, fate);
	explain_reservations(explanation, target, fate == FATE_RESERVED);
	if (fate == FATE_FREE)
		result = "bit 0: the page is free";
	else if (fate == FATE_UNKNOWN)
		result = "bit 1: the page is reserved, and no reservation says why";
	add_step(explanation, stage, false, "%s%s", result,
	         target->is_recorded ? ", as the capture has it" : "");
}

static void explain_landmarks(struct explanation *explanation)
{
	const struct record *record = explanation->view->record;

	for (size_t i = 0; i < record->n_landmarks; i++) {
		const struct landmark *landmark = &record->landmarks[i];

		if (is_in_page(explanation, landmark->start_paddr, landmark->end_paddr))
			add_step(explanation, "landmark", false, "%s at %s", landmark->name,
			         text_range(landmark->start_paddr, landmark->end_paddr));
	}
}

void explain_page(const struct view *view, paddr_t paddr, struct explanation *ret_explanation)
{
	const struct uefi_descriptor *descriptor;

	*ret_explanation = (struct explanation){ .view = view, .paddr = paddr };
	explain_landmarks(ret_explanation);
	descriptor = explain_uefi(ret_explanation);
	explain_e820(ret_explanation, descriptor);
	for (size_t i = 0; i < RECORD_TARGETS; i++)
		if (view->targets[i].is_shown)
			explain_target(ret_explanation, &view->targets[i]);
}
