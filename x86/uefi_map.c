/*
 * uefi_map.c - the UEFI memory map becomes e820 ranges: one table, and three attributes.
 *
 * For the loader before and after the exit, for the stub kernel, which checks it again, and for
 * mapdiff. Descriptors are taken in the order in which firmware listed them: sorting and overlaps
 * are e820_sanitize()'s. Stricter than Linux's EFI stub where that believes the type alone: RAM
 * without WB or with RUNTIME is reserved here, and so is what has no known type, which the stub
 * leaves out (and a hole is where Linux puts PCI devices).
 */
#include "x86/uefi_map.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/wire.h"

#define UEFI_DESCRIPTOR_BYTES 40

/* ACPI 6.5 §15.3, Table 15.6: UEFI memory types and the e820 types they become. */
static const uint8_t e820_of_uefi[] = {
	[UEFI_RESERVED] = E820_RESERVED,
	[UEFI_LOADER_CODE] = E820_RAM,
	[UEFI_LOADER_DATA] = E820_RAM,
	[UEFI_BOOT_SERVICES_CODE] = E820_RAM,
	[UEFI_BOOT_SERVICES_DATA] = E820_RAM,
	[UEFI_RUNTIME_SERVICES_CODE] = E820_RESERVED,
	[UEFI_RUNTIME_SERVICES_DATA] = E820_RESERVED,
	[UEFI_CONVENTIONAL] = E820_RAM,
	[UEFI_UNUSABLE] = E820_UNUSABLE,
	[UEFI_ACPI_RECLAIM] = E820_ACPI,
	[UEFI_ACPI_NVS] = E820_NVS,
	[UEFI_MMIO] = E820_RESERVED,
	[UEFI_MMIO_PORT_SPACE] = E820_RESERVED,
	[UEFI_PAL_CODE] = E820_RESERVED,
	[UEFI_PERSISTENT] = E820_PMEM,
	[UEFI_UNACCEPTED] = E820_RESERVED, /* touching it before it is accepted is a fault */
};

_Static_assert(sizeof e820_of_uefi == UEFI_TYPE_COUNT, "a UEFI memory type has no e820 type");

/* The identifiers of UEFI 2.10 §7.2, without Efi before and Memory or MemoryType after. */
static const char *const uefi_type_names[] = {
	[UEFI_RESERVED] = "Reserved",
	[UEFI_LOADER_CODE] = "LoaderCode",
	[UEFI_LOADER_DATA] = "LoaderData",
	[UEFI_BOOT_SERVICES_CODE] = "BootServicesCode",
	[UEFI_BOOT_SERVICES_DATA] = "BootServicesData",
	[UEFI_RUNTIME_SERVICES_CODE] = "RuntimeServicesCode",
	[UEFI_RUNTIME_SERVICES_DATA] = "RuntimeServicesData",
	[UEFI_CONVENTIONAL] = "Conventional",
	[UEFI_UNUSABLE] = "Unusable",
	[UEFI_ACPI_RECLAIM] = "ACPIReclaim",
	[UEFI_ACPI_NVS] = "ACPIMemoryNVS",
	[UEFI_MMIO] = "MemoryMappedIO",
	[UEFI_MMIO_PORT_SPACE] = "MemoryMappedIOPortSpace",
	[UEFI_PAL_CODE] = "PalCode",
	[UEFI_PERSISTENT] = "Persistent",
	[UEFI_UNACCEPTED] = "Unaccepted",
};

_Static_assert(COUNT(uefi_type_names) == UEFI_TYPE_COUNT, "a UEFI memory type has no name");

size_t uefi_map_count(const struct uefi_map *map)
{
	if (map->stride < UEFI_DESCRIPTOR_BYTES)
		return 0;
	return map->map_bytes / map->stride; /* what is left over is not a descriptor */
}

struct uefi_descriptor uefi_map_get(const struct uefi_map *map, size_t index)
{
	const uint8_t *at = (const uint8_t *)map->descriptors + index * map->stride;

	return (struct uefi_descriptor){
		.type = wire_u32(at),
		.pad = wire_u32(at + 4),
		.start_paddr = wire_u64(at + 8),
		.start_vaddr = wire_u64(at + 16),
		.n_pages = wire_u64(at + 24),
		.attribute = wire_u64(at + 32),
	};
}

bool uefi_descriptor_range(const struct uefi_descriptor *descriptor, paddr_t *ret_start_paddr,
                           paddr_t *ret_end_paddr, bool *ret_wraps)
{
	paddr_t start_paddr = descriptor->start_paddr;

	*ret_start_paddr = start_paddr;
	*ret_end_paddr = start_paddr;
	*ret_wraps = descriptor->n_pages > pfn_down(UINT64_MAX - start_paddr);
	if (*ret_wraps || descriptor->n_pages == 0)
		return false;
	*ret_end_paddr = start_paddr + pfn_paddr(descriptor->n_pages);
	return true;
}

bool uefi_is_ram(uint32_t type)
{
	return type < UEFI_TYPE_COUNT && e820_of_uefi[type] == E820_RAM;
}

static bool is_runtime_type(uint32_t type)
{
	return type == UEFI_RUNTIME_SERVICES_CODE || type == UEFI_RUNTIME_SERVICES_DATA;
}

uint32_t uefi_e820_type(uint32_t type, uint64_t attribute)
{
	if (type >= UEFI_TYPE_COUNT)
		return E820_RESERVED;
	if (!uefi_is_ram(type))
		return e820_of_uefi[type];
	if ((attribute & UEFI_MEMORY_RUNTIME) != 0 || (attribute & UEFI_MEMORY_WB) == 0)
		return E820_RESERVED;
	if ((attribute & UEFI_MEMORY_SP) != 0)
		return (uint32_t)E820_SOFT_RESERVED;
	return E820_RAM;
}

bool uefi_is_boot_services(uint32_t type)
{
	return type == UEFI_BOOT_SERVICES_CODE || type == UEFI_BOOT_SERVICES_DATA;
}

bool uefi_is_runtime(const struct uefi_descriptor *descriptor)
{
	return is_runtime_type(descriptor->type) ||
	       (descriptor->attribute & UEFI_MEMORY_RUNTIME) != 0;
}

const char *uefi_type_name(uint32_t type)
{
	if (type < UEFI_TYPE_COUNT)
		return uefi_type_names[type];
	if (type >= UEFI_TYPE_OS_FIRST)
		return "OS";
	return type >= UEFI_TYPE_OEM_FIRST ? "OEM" : "unknown";
}

/* What is odd about a descriptor that has pages, and comes after one at @last_start_paddr. */
static void count_odd(const struct uefi_descriptor *descriptor, paddr_t last_start_paddr,
                      struct uefi_faults *faults)
{
	bool is_ram = uefi_is_ram(descriptor->type);
	bool has_wb = (descriptor->attribute & UEFI_MEMORY_WB) != 0;
	bool has_runtime = (descriptor->attribute & UEFI_MEMORY_RUNTIME) != 0;

	faults->n_unaligned += (descriptor->start_paddr & (PAGE_BYTES - 1)) != 0;
	faults->n_out_of_order += descriptor->start_paddr < last_start_paddr;
	faults->n_unknown_types += descriptor->type >= UEFI_TYPE_COUNT;
	faults->n_ram_not_wb += is_ram && !has_wb;
	faults->n_ram_runtime += is_ram && has_runtime;
	faults->n_runtime_unflagged += is_runtime_type(descriptor->type) && !has_runtime;
}

/* Does @range go on where the last one ends? */
static bool goes_on(const struct e820_map *map, const struct e820_range *range)
{
	const struct e820_range *last;

	if (map->n_ranges == 0)
		return false;
	last = &map->ranges[map->n_ranges - 1];
	return last->end_paddr == range->start_paddr && last->type == range->type;
}

enum map_err uefi_map_to_e820(const struct uefi_map *map, struct e820_map *out,
                              struct uefi_faults *ret_faults)
{
	size_t n_descriptors = uefi_map_count(map), n_before = out->n_ranges;
	size_t n_closed = n_before; /* ranges that nothing lengthens */
	paddr_t last_start_paddr = 0;

	memset(ret_faults, 0, sizeof *ret_faults);
	if (map->stride < UEFI_DESCRIPTOR_BYTES)
		return MAP_BAD_STRIDE;
	for (size_t i = 0; i < n_descriptors; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		struct e820_range range = { .type = uefi_e820_type(descriptor.type,
			                                           descriptor.attribute) };
		bool wraps;

		if (!uefi_descriptor_range(&descriptor, &range.start_paddr, &range.end_paddr,
		                           &wraps)) {
			ret_faults->n_wraps += wraps;
			ret_faults->n_zero_pages += !wraps;
			if (!wraps && !goes_on(out, &range))
				n_closed = out->n_ranges;
			continue;
		}
		count_odd(&descriptor, last_start_paddr, ret_faults);
		last_start_paddr = range.start_paddr;
		if (e820_add_or_lengthen(out, n_closed, range.start_paddr, range.end_paddr,
		                         range.type) != MAP_OK) {
			out->n_ranges = n_before;
			return MAP_FULL;
		}
	}
	return MAP_OK;
}
