/* rules_map.c - a map -> findings about its descriptors, and about what they leave free. */
#include "mapdiff/lint/rules_map.h"

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/text.h"
#include "mapdiff/map/linux_map.h"
#include "mapdiff/record/system.h"

/* Fixed tables of loaders and memory testers have 64, 128 or 256 entries. */
#define MANY_DESCRIPTORS 256

/* Entries that struct boot_params of Linux has: E820_MAX_ENTRIES_ZEROPAGE. */
#define BOOT_PARAMS_ENTRIES 128

/* How much Linux's realmode trampoline takes in one piece, by its releases so far. */
#define TRAMPOLINE_BYTES (UINT64_C(32) << 10)

/* --- descriptors --- */

static void check_zero_pages(struct lint *lint)
{
	MEMORY_EACH(descriptor, lint->record, uefi)
		if (descriptor->n_pages == 0)
			lint_found(lint, descriptor->start_paddr,
			           max_u64(descriptor->start_paddr + 1, 1),
			           uefi_type_name(descriptor->type));
}

static void check_many_descriptors(struct lint *lint)
{
	const struct record *record = lint->record;
	struct span first;

	if (record->n_uefi <= MANY_DESCRIPTORS)
		return;
	first = map_descriptor_span(&record->uefi[MANY_DESCRIPTORS]);
	lint_found(lint, first.start_paddr, first.end_paddr,
	           memory_printf("%zu descriptors, of which this is number %d", record->n_uefi,
	                         MANY_DESCRIPTORS + 1));
}

static void check_many_entries(struct lint *lint)
{
	const struct e820_range *first = &lint->e820.ranges[BOOT_PARAMS_ENTRIES];

	if (lint->e820.n_ranges > BOOT_PARAMS_ENTRIES)
		lint_found(lint, first->start_paddr, first->end_paddr,
		           memory_printf("%zu entries, of which this is number %d",
		                         lint->e820.n_ranges, BOOT_PARAMS_ENTRIES + 1));
}

static void check_wrap(struct lint *lint)
{
	MEMORY_EACH(descriptor, lint->record, uefi) {
		struct span span = map_descriptor_span(descriptor);

		if (descriptor->n_pages > 0 && span.start_paddr == span.end_paddr)
			lint_found(lint, span.start_paddr, UINT64_MAX,
			           memory_printf("%s, 0x%" PRIx64 " page%s",
			                         uefi_type_name(descriptor->type),
			                         descriptor->n_pages,
			                         text_plural(descriptor->n_pages)));
	}
}

/* The map, as Linux's EFI stub writes it: nothing of it has one address. */
static void check_linux_takes(struct lint *lint)
{
	if (lint->answer != LINUX_TAKES)
		lint_found(lint, 0, 0, linux_answers[lint->answer]);
}

static const char *check_unaligned(const struct lint *lint, const struct region *region)
{
	(void)lint;
	return (region->start_paddr & (PAGE_BYTES - 1)) != 0 ? region->name : NULL;
}

static void check_overlap(struct lint *lint)
{
	const struct region *widest = NULL; /* so far: the one that ends last */

	MEMORY_EACH(region, lint, regions) {
		if (widest != NULL && region->start_paddr < widest->end_paddr)
			lint_found(
				lint, region->start_paddr,
				min_u64(region->end_paddr, widest->end_paddr),
				memory_printf("%s, and %s of %s", region->name, widest->name,
			                      text_range(widest->start_paddr, widest->end_paddr)));
		if (widest == NULL || region->end_paddr > widest->end_paddr)
			widest = region;
	}
}

/* Of a kind, by their attributes. */
static const char *check_kind(const struct lint *lint, const struct region *region)
{
	if (region->kind != lint->rule->region || (region->attribute & lint->rule->clear) != 0 ||
	    (region->attribute & lint->rule->set) != lint->rule->set)
		return NULL;
	if (region->type >= UEFI_TYPE_COUNT)
		return memory_printf("type 0x%" PRIx32, region->type);
	return memory_printf("%s, attributes 0x%" PRIx64, region->name, region->attribute);
}

/* --- room and holes --- */

/* The longest run of RAM below 640 KiB that a kernel can have: without page 0. */
static struct span longest_low_run(const struct lint *lint)
{
	struct span longest = { 0, 0 };

	MEMORY_EACH(range, &lint->e820, ranges) {
		struct span run = {
			pfn_paddr(pfn_up(max_u64(range->start_paddr, PAGE_BYTES))),
			pfn_paddr(pfn_down(min_u64(range->end_paddr, ISA_HOLE_START_PADDR))),
		};

		if (range->type == E820_RAM && run.end_paddr > run.start_paddr &&
		    run.end_paddr - run.start_paddr > longest.end_paddr - longest.start_paddr)
			longest = run;
	}
	return longest;
}

static void check_no_low_memory(struct lint *lint)
{
	struct span run = longest_low_run(lint);

	if (e820_end_of_ram_pfn(&lint->e820) > 0 && run.start_paddr == run.end_paddr)
		lint_found(lint, 0, ISA_HOLE_START_PADDR, "no page of it is RAM, beside page 0");
}

static void check_little_low_memory(struct lint *lint)
{
	struct span run = longest_low_run(lint);
	uint64_t bytes = run.end_paddr - run.start_paddr;

	if (bytes > 0 && bytes < TRAMPOLINE_BYTES)
		lint_found(lint, run.start_paddr, run.end_paddr,
		           memory_printf("%s in one piece is the most", text_size(bytes)));
}

static const char *check_beyond_address_width(const struct lint *lint, const struct region *region)
{
	uint64_t bits;

	if (!record_fact_number(lint->record, FACT_CPU_ADDRESS_BITS, &bits) || bits < 32 ||
	    bits > 52 || region->kind != REGION_RAM || region->end_paddr <= UINT64_C(1) << bits)
		return NULL;
	return memory_printf("%s; the CPU has %" PRIu64 " address bits", region->name, bits);
}

static bool is_between_ram(const struct lint *lint, const struct region *region)
{
	return region > lint->regions && region[-1].kind == REGION_RAM &&
	       region[-1].end_paddr == region->start_paddr && region[1].kind == REGION_RAM &&
	       region[1].start_paddr == region->end_paddr;
}

static const char *check_mmio_in_ram(const struct lint *lint, const struct region *region)
{
	bool is_mmio = region->type == UEFI_MMIO || region->type == UEFI_MMIO_PORT_SPACE;

	return is_mmio && is_between_ram(lint, region) ? region->name : NULL;
}

/* A hole has RAM below it and above it in the same zone: what lies between zones is the BIOS's, or
 * for PCI. */
static bool is_hole(const struct lint *lint, paddr_t start_paddr, paddr_t end_paddr)
{
	static const struct span zones[] = {
		{ 0, ISA_HOLE_START_PADDR },
		{ LOW_MEGABYTE_END_PADDR, MAP_HIGH_PADDR },
		{ MAP_HIGH_PADDR, MAP_END_PADDR },
	};

	for (size_t i = 0; i < COUNT(zones); i++)
		if (start_paddr >= zones[i].start_paddr && end_paddr <= zones[i].end_paddr)
			return regions_find_ram(lint, zones[i].start_paddr, start_paddr) &&
			       regions_find_ram(lint, end_paddr, zones[i].end_paddr);
	return false;
}

static void check_hole(struct lint *lint)
{
	paddr_t end_paddr = 0; /* of what is described so far */

	MEMORY_EACH(region, lint, regions) {
		if (region->start_paddr > end_paddr &&
		    is_hole(lint, end_paddr, region->start_paddr))
			lint_found(lint, end_paddr, region->start_paddr,
			           text_size(region->start_paddr - end_paddr));
		end_paddr = max_u64(end_paddr, region->end_paddr);
	}
}

/* Runtime services memory in so many pieces is what some firmware of 2012 had: a driver, a piece.
 */
#define MANY_PIECES 8

static void check_runtime_pieces(struct lint *lint)
{
	paddr_t start_paddr = 0, end_paddr = 0;
	size_t n_pieces = 0, n_pages = 0;

	MEMORY_EACH(region, lint, regions) {
		if (region->kind != REGION_RUNTIME)
			continue;
		if (n_pieces == 0)
			start_paddr = region->start_paddr;
		n_pieces += n_pieces == 0 || region->start_paddr != end_paddr;
		end_paddr = region->end_paddr;
		n_pages += pages_of(region->end_paddr - region->start_paddr);
	}
	if (n_pieces > MANY_PIECES)
		lint_found(lint, start_paddr, end_paddr,
		           memory_printf("%zu pieces, of %zu pages together", n_pieces, n_pages));
}

/* Below 1 MiB every BIOS has them: its data area ends at 0x9fc00. */
static void check_sub_page(struct lint *lint)
{
	if (system_nosave_fix(lint->record) == FIX_THERE)
		return;
	MEMORY_EACH(range, &lint->e820, ranges)
		if (range->end_paddr > LOW_MEGABYTE_END_PADDR &&
		    ((range->start_paddr | range->end_paddr) & (PAGE_BYTES - 1)) != 0)
			lint_found(lint, range->start_paddr, range->end_paddr,
			           text_type(range->type));
}

/* --- bins --- */

/* How many pages the map has of a type, and the longest run of them. */
struct pages {
	uint64_t all, longest;
	struct span run;
};

static struct pages count_pages(const struct lint *lint, uint32_t type)
{
	struct pages pages = { .all = 0 };
	struct span run = { 0, 0 };

	MEMORY_EACH(region, lint, regions) {
		if (region->type != type)
			continue;
		if (region->start_paddr != run.end_paddr)
			run.start_paddr = region->start_paddr;
		run.end_paddr = region->end_paddr;
		pages.all += pages_of(region->end_paddr - region->start_paddr);
		if (run.end_paddr - run.start_paddr > pages.run.end_paddr - pages.run.start_paddr)
			pages.run = run;
	}
	pages.longest = pages_of(pages.run.end_paddr - pages.run.start_paddr);
	return pages;
}

/*
 * edk2 reports all of a bin as of its type, used or not, and raises the variable when a boot has
 * used more. So a bin that is in no piece of the map is one that the next boot will have; this
 * one's was too small.
 */
static enum bin_state state_of(const struct record_bin *bin, const struct pages *pages)
{
	if (pages->all < bin->n_pages)
		return BIN_UNUSED;
	if (pages->longest < bin->n_pages)
		return BIN_OVERFLOWED;
	return pages->all > bin->n_pages ? BIN_EXCEEDED : BIN_FITS;
}

/* Of types that a kernel must leave alone, and that have bins for it. What is Reserved is mostly
 * not of the bin. */
static void check_bins(struct lint *lint)
{
	MEMORY_EACH(bin, lint->record, bins) {
		enum region_kind kind = regions_kind(bin->type);
		struct pages pages = count_pages(lint, bin->type);

		if ((kind != REGION_RUNTIME && kind != REGION_ACPI) || bin->n_pages == 0 ||
		    state_of(bin, &pages) != lint->rule->bin)
			continue;
		lint_found(lint, pages.run.start_paddr, pages.run.end_paddr,
		           memory_printf("%s: %s by the variable; the map has %" PRIu64 ", %" PRIu64
		                         " of them in one piece",
		                         uefi_type_name(bin->type),
		                         text_count(bin->n_pages, "page"), pages.all,
		                         pages.longest));
	}
}

const struct lint_rule rules_map[] = {
	{ "overlap", SEVERITY_ERROR, 1, "ranges share bytes",
	  "What lies there has two types, and each loader has an idea of its own which one counts. "
	  "bootmem and Linux take the higher e820 type; others have crashed.",
	  "UEFI 2.10 §7.2.3", .check = check_overlap },
	{ "wrap", SEVERITY_ERROR, 2, "a descriptor ends past 2^64",
	  "Start and number of pages cannot both be right. It is passed over, and with it whatever "
	  "it was to protect.",
	  "UEFI 2.10 §7.2.3", .check = check_wrap, .needs = NEEDS(UEFI_MAP) },
	{ "unaligned", SEVERITY_ERROR, 3, "a range does not start at a page",
	  "Descriptors are of pages of 4 KiB, aligned to 4 KiB. The page at either end belongs to "
	  "two ranges, and kernels differ in which of the two they give it to.",
	  "UEFI 2.10 §7.2.3", .check_region = check_unaligned, .needs = NEEDS(UEFI_MAP) },
	{ "unknown-type", SEVERITY_ERROR, 4, "a type that the specification does not have",
	  "Types from 16 to 0x6fffffff are reserved. Linux's EFI stub leaves such a range out of its "
	  "e820 map, as if nothing were there; bootmem reserves it.",
	  "UEFI 2.10 §7.2, EFI_MEMORY_TYPE", .check_region = check_kind, .region = REGION_UNKNOWN,
	  .needs = NEEDS(UEFI_MAP) },
	{ "runtime-without-attribute", SEVERITY_ERROR, 7,
	  "runtime services memory without EFI_MEMORY_RUNTIME",
	  "A kernel maps for SetVirtualAddressMap() only what has the attribute. The first runtime "
	  "call that touches this range faults.",
	  "UEFI 2.10 §7.2.3", .check_region = check_kind, .region = REGION_RUNTIME,
	  .clear = UEFI_MEMORY_RUNTIME, .needs = NEEDS(UEFI_MAP) },
	{ "runtime-attribute-on-ram", SEVERITY_ERROR, 8,
	  "EFI_MEMORY_RUNTIME on memory that kernels use",
	  "By its type a kernel may use this memory, by its attribute the runtime services do. Linux "
	  "goes by the type; bootmem and Xen reserve it. What the runtime services need is of a "
	  "runtime services type.",
	  "UEFI 2.10 §7.2.3", .check_region = check_kind, .region = REGION_RAM,
	  .set = UEFI_MEMORY_RUNTIME, .needs = NEEDS(UEFI_MAP) },
	{ "no-low-memory", SEVERITY_ERROR, 9, "no memory below 640 KiB to start processors with",
	  "A processor starts in real mode, at a page below 1 MiB that the kernel must have. Without "
	  "one, only the first processor runs, and there is no resume from sleep.",
	  "Intel SDM, volume 3A, Multiple-Processor Initialization", .check = check_no_low_memory,
	  .needs = NEEDS(PC) },
	{ "beyond-address-width", SEVERITY_ERROR, 10, "RAM above what the CPU can address",
	  "Kernels cut it off, or fault when they touch it: address bits are taken by memory "
	  "encryption, or the map is wrong.",
	  "", .check_region = check_beyond_address_width, .needs = NEEDS(ADDRESS_BITS) },
	{ "runtime-attribute-on-acpi", SEVERITY_WARNING, 1, "EFI_MEMORY_RUNTIME on ACPI memory",
	  "The firmware must not ask for a virtual mapping of ACPI memory.", "UEFI 2.10 §2.3.4",
	  .check_region = check_kind, .region = REGION_ACPI, .set = UEFI_MEMORY_RUNTIME,
	  .needs = NEEDS(UEFI_MAP) },
	{ "ram-not-wb", SEVERITY_WARNING, 2, "RAM that is not write-back cacheable",
	  "Linux's EFI stub uses it all the same, and it is slow; bootmem, and Xen, do not use it. "
	  "It is memory of a device that should be reserved, or lacks EFI_MEMORY_WB.",
	  "UEFI 2.10 §7.2.3", .check_region = check_kind, .region = REGION_RAM,
	  .clear = UEFI_MEMORY_WB, .needs = NEEDS(UEFI_MAP) },
	{ "zero-pages", SEVERITY_WARNING, 3, "descriptors of no pages",
	  "They describe nothing. Loaders that compute the last byte of each descriptor, or divide by "
	  "its size, trip over them.",
	  "UEFI 2.10 §7.2.3", .check = check_zero_pages, .needs = NEEDS(UEFI_MAP),
	  .n_machines = 1 },
	{ "little-low-memory", SEVERITY_WARNING, 6,
	  "little memory below 640 KiB to start processors with",
	  "Linux's trampoline takes some 24 to 32 KiB of it in one piece, by its version; without it, "
	  "only the first processor runs.",
	  "", .check = check_little_low_memory },
	{ "mmio-in-ram", SEVERITY_WARNING, 7, "a device's registers amid RAM",
	  "RAM touches it on both sides, so a kernel that maps RAM in large pages maps it too, as "
	  "cacheable memory.",
	  "UEFI 2.10 §7.2.3", .check_region = check_mmio_in_ram, .needs = NEEDS(UEFI_MAP) },
	{ "bin-overflow", SEVERITY_WARNING, 8, "a bin was too small at this boot",
	  "The map has as many pages of the type as MemoryTypeInformation asks for, but not in one "
	  "piece. edk2 raises the variable when a boot has used more than its bin: then what did not "
	  "fit was allocated wherever there was room, and may be somewhere else on another boot, and a "
	  "hibernated Linux does not resume. The next boot should have the larger bin; if this stays, "
	  "the variable is lost between boots, or nobody reads it.",
	  "", .check = check_bins, .bin = BIN_OVERFLOWED, .needs = NEEDS(UEFI_MAP) | NEEDS(BINS) },
	{ "many-entries", SEVERITY_WARNING, 9,
	  "more e820 entries than Linux's boot_params has room for",
	  "Entries from the 129th on take another way to the kernel (SETUP_E820_EXT), which not every "
	  "loader knows, and a kernel that is started by kexec may lack them.",
	  "", .check = check_many_entries },
	{ "hole", SEVERITY_NOTE, 1, "memory between RAM that the map does not describe",
	  "It may be RAM that the firmware keeps. As it is not reserved, a kernel may put a PCI device "
	  "there.",
	  "", .check = check_hole, .n_machines = 2 },
	{ "oem-type", SEVERITY_NOTE, 3, "types of an OEM, or of an operating system's loader",
	  "Linux's EFI stub leaves them out, as if nothing were there; GRUB and bootmem reserve them.",
	  "UEFI 2.10 §7.2, EFI_MEMORY_TYPE", .check_region = check_kind, .region = REGION_OEM,
	  .needs = NEEDS(UEFI_MAP) },
	{ "bin-outside", SEVERITY_NOTE, 7, "pages of a type outside its bin",
	  "They were allocated before there were bins, or at a fixed address, and stay where they are; "
	  "or the bin was full, and they may move. `mapdiff series' over some boots tells which.",
	  "", .check = check_bins, .bin = BIN_EXCEEDED, .needs = NEEDS(UEFI_MAP) | NEEDS(BINS) },
	{ "bin-unused", SEVERITY_NOTE, 8, "fewer pages of a type than its bin has",
	  "Unused room of a bin is reported as of its type, so this bin was not made: the firmware "
	  "does not use the variable, or could not, or has raised it since for the next boot.",
	  "", .check = check_bins, .bin = BIN_UNUSED, .needs = NEEDS(UEFI_MAP) | NEEDS(BINS) },
	{ "many-descriptors", SEVERITY_NOTE, 9, "a map of many descriptors",
	  "Tools with tables of fixed size, memory testers and older loaders among them, lose the "
	  "last ones.",
	  "", .check = check_many_descriptors, .needs = NEEDS(UEFI_MAP) },
	{ "runtime-pieces", SEVERITY_NOTE, 11, "runtime services memory in many pieces",
	  "Each is an entry of its own in the kernel's maps, breaks up RAM, and may move by itself "
	  "from boot to boot. Firmware with bins has it in one piece.",
	  "", .check = check_runtime_pieces, .needs = NEEDS(UEFI_MAP), .n_machines = 2 },
	{ "sub-page", SEVERITY_NOTE, 12,
	  "ranges that do not end at a page, and a kernel that errs there",
	  "Kernels before 6.15, and stable ones before April 2025, take pages that two ranges share "
	  "for holes, or for RAM, when they hibernate or are started by kexec, and may crash.",
	  "Linux e820__register_nosave_regions()", .check = check_sub_page,
	  .needs = NEEDS(KERNEL_FIX) },
	{ "linux-refuses", SEVERITY_ERROR, 12, "Linux does not take the e820 map that follows",
	  "Of a table that it refuses, Linux takes nothing: it goes on with what a BIOS would have "
	  "said, which under UEFI is 640 KiB. Where it only cannot sort it, ranges overlap.",
	  "Linux, append_e820_table() and e820__update_table()", .check = check_linux_takes,
	  .needs = NEEDS(UEFI_MAP) | NEEDS(PC) },
	{ .id = NULL },
};
