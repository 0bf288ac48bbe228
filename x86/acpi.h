/*
 * acpi.h - physical address of the RSDP -> a list of every ACPI table that can be reached from it,
 * wherever the firmware put it: what policy safe reserves and what a capture writes down.
 *
 * Nothing is interpreted but the pointers between tables, and the list of processors. Firmware
 * ships tables with wrong checksums, and operating systems use them; so such a table is in the
 * list, marked. What is not in the list is counted, so that no fault passes in silence.
 */
#ifndef X86_ACPI_H
#define X86_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"
#include "x86/phys.h"

/* What stands for a signature where it is the picture that the BGRT points at: the longest one. */
#define ACPI_IMAGE_NAME "BGRT image"
#define ACPI_NAME_BYTES 12

/*
 * Limits of our own, for lengths that firmware made up. Tables are some hundred KiB at most, and
 * four letters taken for a length are above 512 MiB: 16 MiB tells them apart with room on both
 * sides. An image of 4096 x 4096 pixels of 4 bytes is 64 MiB. Root tables name a few dozen tables.
 */
#define ACPI_TABLE_MOST_BYTES  (UINT32_C(16) << 20)
#define ACPI_IMAGE_MOST_BYTES  ((UINT32_C(64) << 20) + 4096)
#define ACPI_RSDP_MOST_BYTES   UINT32_C(4096)
#define ACPI_ROOT_MOST_ENTRIES UINT32_C(1024)

/* Something of the firmware's to be kept. All of [paddr, paddr + length_bytes) has been readable,
 * and its end is below 2^64. */
struct acpi_table {
	paddr_t paddr;
	uint32_t length_bytes;
	/* The signature, with '?' for bytes that are not printable ASCII; "RSDP"; or
	 * ACPI_IMAGE_NAME. */
	char signature[ACPI_NAME_BYTES];
	uint8_t revision;          /* 0 for the image */
	bool sum_ok;               /* the bytes add up to 0; true where there is no checksum */
	const char *found_through; /* "XSDT", say: who points at it; a constant */
};

/* What was wrong. All but n_bad_sum are about pointers to tables that are not in the list. */
struct acpi_faults {
	size_t n_unreadable;    /* what is pointed at cannot be read, or not to its end */
	size_t n_null;          /* entries of XSDT or RSDT that are 0 */
	size_t n_bad_signature; /* the structure is not the one that should be there */
	size_t n_bad_length;    /* shorter than its kind, or above the limits above */
	size_t n_bad_sum;       /* in the list all the same */
	size_t n_no_room;       /* did not fit into the caller's array, or above the entry limit */
};

/*
 * Walk from the RSDP at @rsdp_paddr and fill @tables, the caller's, with up to @capacity entries:
 * the RSDP, XSDT and RSDT (both, if there are both), then what they name, in their order, each FADT
 * followed by its FACS and DSDT, each BGRT by its image. Returns how many; no address is there
 * twice under one signature. Counts in *ret_faults what is odd; the walk goes on behind it.
 *
 * The entries of the RSDT are followed only if there is no XSDT that is whole: revision below 2,
 * no address, or anything wrong with it (ACPI 6.5 §5.2.7, §5.2.8). Where a FADT has a 32-bit and a
 * 64-bit pointer that differ, both are followed: it is not known which one a kernel will use.
 *
 * An @rsdp_paddr of 0 is a machine without ACPI: no entries, no faults. Contents may be anything:
 * a walk is at most three pointers deep and ACPI_ROOT_MOST_ENTRIES wide, so cycles end. Where
 * n_no_room is not 0, capacity + n_no_room is enough, unless it was the entry limit.
 */
size_t acpi_find_tables(const struct phys_mem *phys, paddr_t rsdp_paddr, struct acpi_table *tables,
                        size_t capacity, struct acpi_faults *ret_faults);

/*
 * How many processors the MADT among @tables has as enabled; 0 if there is none. Those that could
 * come online later are not counted.
 */
size_t acpi_enabled_processors(const struct phys_mem *phys, const struct acpi_table *tables,
                               size_t n_tables);

#endif
