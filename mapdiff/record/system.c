/* system.c - facts of a kernel and a CPU -> numbers and names: see system.h. */
#include "mapdiff/record/system.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/count.h"

/* The first of @words, which NULL ends, that is in the fact. NULL: none is, or there is no fact. */
static const char *word_in(const struct record *record, enum fact_id id, const char *const words[])
{
	const char *text = record_fact(record, id);

	while (text != NULL && *words != NULL && strstr(text, *words) == NULL)
		words++;
	return text != NULL ? *words : NULL;
}

unsigned int system_kernel(const struct record *record)
{
	const char *text = record_fact(record, FACT_KERNEL_VERSION);
	unsigned int major, minor;

	return text != NULL && sscanf(text, "%4u.%4u", &major, &minor) == 2
	               ? SYSTEM_KERNEL(major, minor)
	               : UINT_MAX;
}

/* "6.1.135" at the start of @text. False: it is no release, but a distribution's count of its own,
 * "6.1.0-56", or a word. */
static bool read_release(const char *text, unsigned int ret_release[3])
{
	int n = 0;

	if (text == NULL || sscanf(text, "%4u.%4u%n.%4u%n", &ret_release[0], &ret_release[1], &n,
	                           &ret_release[2], &n) < 2)
		return false;
	if (text[n] == '-' && ret_release[2] == 0 && strncmp(text + n, "-rc", 3) != 0)
		return false;
	return !isdigit((unsigned char)text[n]);
}

/* "#1 SMP Debian 6.1.135-1": of this kernel, not of its compiler. */
static bool find_release(const struct record *record, unsigned int ret_release[3])
{
	const char *at = record_fact(record, FACT_KERNEL_BUILD);

	while (at != NULL && (at = strstr(at, "Debian ")) != NULL) {
		at += strlen("Debian ");
		if (sscanf(at, "%4u.%4u.%4u", &ret_release[0], &ret_release[1], &ret_release[2]) ==
		            3 &&
		    SYSTEM_KERNEL(ret_release[0], ret_release[1]) == system_kernel(record))
			return true;
	}
	return read_release(record_fact(record, FACT_KERNEL_VERSION), ret_release);
}

enum fix system_nosave_fix(const struct record *record)
{
	/* The first release of each that is kept up which has it, the first one behind the fix of 6
	 * April 2025. Debian's changelogs of 6.1.135-1 and 6.12.25-1 list it, the branches of the
	 * others had it in that month; of 6.14 that is not known: it did not apply at first. */
	static const struct {
		unsigned int release[3];
		enum fix then;
	} fixed[] = {
		{ { 5, 4, 293 }, FIX_THERE },  { { 5, 10, 237 }, FIX_THERE },
		{ { 5, 15, 181 }, FIX_THERE }, { { 6, 1, 135 }, FIX_THERE },
		{ { 6, 6, 88 }, FIX_THERE },   { { 6, 12, 24 }, FIX_THERE },
		{ { 6, 13, 12 }, FIX_THERE },  { { 6, 14, 3 }, FIX_UNKNOWN },
	};
	unsigned int release[3] = { 0, 0, 0 };

	if (system_kernel(record) == UINT_MAX)
		return FIX_UNKNOWN;
	if (system_kernel(record) >= SYSTEM_KERNEL(6, 15))
		return FIX_THERE;
	if (!find_release(record, release))
		return FIX_UNKNOWN;
	for (size_t i = 0; i < COUNT(fixed); i++)
		if (release[0] == fixed[i].release[0] && release[1] == fixed[i].release[1])
			return release[2] >= fixed[i].release[2] ? fixed[i].then : FIX_MISSING;
	return FIX_MISSING;
}

unsigned int system_kernel_bits(const struct record *record)
{
	static const char *const of_64[] = { "amd64", "x86_64", NULL };
	static const char *const of_32[] = { "686", "i386", "586", NULL };

	if (word_in(record, FACT_KERNEL_VERSION, of_64) != NULL)
		return 64;
	return word_in(record, FACT_KERNEL_VERSION, of_32) != NULL ? 32 : 0;
}

bool system_has_pae(const struct record *record)
{
	static const char *const pae[] = { "pae", "PAE", NULL };

	return word_in(record, FACT_KERNEL_VERSION, pae) != NULL;
}

const char *system_cpu_vendor(const struct record *record)
{
	static const char *const vendors[] = { "Intel",   "AMD", "Hygon", "Zhaoxin",
		                               "Centaur", "VIA", NULL };
	const char *vendor = word_in(record, FACT_CPU, vendors);

	return vendor != NULL ? vendor : record_fact(record, FACT_CPU_VENDOR); /* of a capture */
}

/* As a log prints it, or of CPUID leaf 1, EAX, which a capture has. */
bool system_cpu_family(const struct record *record, uint64_t *ret_family)
{
	const char *cpu = record_fact(record, FACT_CPU);
	const char *family = cpu != NULL ? strstr(cpu, "family: ") : NULL;
	uint64_t signature;

	if (family != NULL) {
		*ret_family = strtoul(family + strlen("family: "), NULL, 0);
		return true;
	}
	if (!record_fact_number(record, FACT_CPU_SIGNATURE, &signature))
		return false;
	*ret_family = signature >> 8 & 0xf;
	if (*ret_family == 0xf) /* Intel SDM, AMD APM, CPUID leaf 1: the extended family */
		*ret_family += signature >> 20 & 0xff;
	return true;
}
