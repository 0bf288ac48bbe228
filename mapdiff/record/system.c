/* system.c - facts of a kernel and a CPU -> numbers and names: see system.h. */
#include "mapdiff/record/system.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
