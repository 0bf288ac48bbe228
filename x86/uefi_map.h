/*
 * uefi_map.h - the door: the UEFI memory map, as raw bytes, becomes e820 ranges. Nothing behind it
 * knows UEFI's types.
 *
 * Descriptors are a wire format (UEFI 2.10 §7.2.3): they are stepped through by the size that the
 * firmware names, which is larger than the structure (edk2: 48) so that sloppy loops fail.
 */
#ifndef X86_UEFI_MAP_H
#define X86_UEFI_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "x86/e820.h"
#include "x86/map_err.h"

/* UEFI 2.10 §7.2, EFI_MEMORY_TYPE. */
enum uefi_type {
	UEFI_RESERVED,
	UEFI_LOADER_CODE,
	UEFI_LOADER_DATA,
	UEFI_BOOT_SERVICES_CODE,
	UEFI_BOOT_SERVICES_DATA,
	UEFI_RUNTIME_SERVICES_CODE,
	UEFI_RUNTIME_SERVICES_DATA,
	UEFI_CONVENTIONAL,
	UEFI_UNUSABLE,
	UEFI_ACPI_RECLAIM,
	UEFI_ACPI_NVS,
	UEFI_MMIO,
	UEFI_MMIO_PORT_SPACE,
	UEFI_PAL_CODE,
	UEFI_PERSISTENT,
	UEFI_UNACCEPTED,
	UEFI_TYPE_COUNT /* from here on: reserved, OEM (0x7...), OS loader (0x8...) */
};

/* The ranges of numbers that the notes to that table give away. */
#define UEFI_TYPE_OEM_FIRST UINT32_C(0x70000000)
#define UEFI_TYPE_OS_FIRST  UINT32_C(0x80000000)

/* UEFI 2.10 §7.2.3, EFI_MEMORY_DESCRIPTOR.Attribute. */
#define UEFI_MEMORY_WB      UINT64_C(0x0000000000000008)
#define UEFI_MEMORY_SP      UINT64_C(0x0000000000040000)
#define UEFI_MEMORY_RUNTIME UINT64_C(0x8000000000000000)

/* The part of EFI_MEMORY_DESCRIPTOR that all versions share; wire format, 40 bytes. */
struct uefi_descriptor {
	uint32_t type;
	uint32_t pad;
	uint64_t start_paddr;
	uint64_t start_vaddr;
	uint64_t n_pages;
	uint64_t attribute;
};

/* A map as GetMemoryMap() fills it in: n descriptors of @stride bytes. The caller's bytes. */
struct uefi_map {
	const void *descriptors;
	size_t map_bytes;
	size_t stride; /* DescriptorSize */
};

/* How many whole descriptors there are; 0 if the stride is no stride. */
size_t uefi_map_count(const struct uefi_map *map);

/* Descriptor @index, below uefi_map_count(): a copy, as the wire may be unaligned. */
struct uefi_descriptor uefi_map_get(const struct uefi_map *map, size_t index);

/*
 * The range of a descriptor. False, and an empty range, for one that describes none: zero pages, or
 * an end at or past 2^64 (then *ret_wraps is true).
 */
bool uefi_descriptor_range(const struct uefi_descriptor *descriptor, paddr_t *ret_start_paddr,
                           paddr_t *ret_end_paddr, bool *ret_wraps);

/* What is odd about a map: each is handled, and worth a line in the report. */
struct uefi_faults {
	size_t n_zero_pages;        /* descriptors of no pages: passed over */
	size_t n_wraps;             /* an end past 2^64: passed over */
	size_t n_unaligned;         /* a start inside a page */
	size_t n_out_of_order;      /* a start below the one before */
	size_t n_unknown_types;     /* 16 and above: reserved */
	size_t n_ram_not_wb;        /* RAM types without WB: reserved */
	size_t n_ram_runtime;       /* RAM types with RUNTIME: reserved */
	size_t n_runtime_unflagged; /* runtime services without RUNTIME: reserved all the same */
};

/*
 * The e820 type for a UEFI type and its attributes (ACPI 6.5 §15.3, Table 15.6). RAM is only what
 * is RAM by type, and write-back cacheable, and not claimed by the runtime services, and not
 * specific-purpose memory; what is not known, and what is not accepted yet, is reserved.
 */
uint32_t uefi_e820_type(uint32_t type, uint64_t attribute);

/* Is it RAM by type, whatever its attributes: once the firmware has left, the kernel's? */
bool uefi_is_ram(uint32_t type);

/* Boot services code or data, which is RAM, but in use until the exit. */
bool uefi_is_boot_services(uint32_t type);

/* Used by the runtime services, by type or by attribute. */
bool uefi_is_runtime(const struct uefi_descriptor *descriptor);

/* The name of the type as the specification has it, "Conventional" say; "OEM", "OS", "unknown". */
const char *uefi_type_name(uint32_t type);

/*
 * Append the e820 ranges of @map to @out, in the order of the descriptors, and count in *ret_faults
 * what was odd. Descriptors that follow each other, touch and become the same type make one range,
 * as in Linux's EFI stub: what is allocated from a device's memory does not split its soft
 * reserved range. One of no pages, which the stub writes down like any other, ends what comes
 * before it, unless it goes on there. MAP_BAD_STRIDE for a stride below 40; MAP_FULL: @out is then
 * as it was.
 */
enum map_err uefi_map_to_e820(const struct uefi_map *map, struct e820_map *out,
                              struct uefi_faults *ret_faults);

#endif
