/*
 * system.h - what a record says of its kernel and its CPU -> numbers and names to compare. Logs and
 * captures have them in texts of their own.
 */
#ifndef MAPDIFF_RECORD_SYSTEM_H
#define MAPDIFF_RECORD_SYSTEM_H

#include "mapdiff/record/record.h"

/* A kernel's version, by its first two numbers, of at most four digits each. UINT_MAX, which is
 * later than all: the record does not say. */
#define SYSTEM_KERNEL(major, minor) ((major)*10000u + (minor))
unsigned int system_kernel(const struct record *record);

/*
 * Does it hold ranges of e820 that share a page for what they are, when it decides which pages a
 * hibernation leaves out? Since 6.15, and in stable releases of April 2025: x86/e820: "Fix handling
 * of subpage regions when calculating nosave ranges". What a distribution calls 6.1.0-56 is not
 * known, unless its build names the release ("Debian 6.1.135-1").
 */
enum fix { FIX_UNKNOWN, FIX_MISSING, FIX_THERE };
enum fix system_nosave_fix(const struct record *record);

/* 32 or 64, and has a kernel of 32 bits PAE? By how distributions call their kernels; 0, false: not
 * known. */
unsigned int system_kernel_bits(const struct record *record);
bool system_has_pae(const struct record *record);

/* "AMD". NULL: the record does not say. */
const char *system_cpu_vendor(const struct record *record);

/* The family of the CPU. False: the record does not say. */
bool system_cpu_family(const struct record *record, uint64_t *ret_family);

#endif
