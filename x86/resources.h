/*
 * resources.h - a list of resources as ACPI writes it, which firmware gave for a PCI host bridge ->
 * the ranges of memory in it.
 */
#ifndef X86_RESOURCES_H
#define X86_RESOURCES_H

#include "x86/phys.h"

/* Our own limit for the descriptors of one list: a bridge has five or six. */
#define RESOURCES_MOST 32

enum resources_err {
	RESOURCES_OK,
	RESOURCES_UNREADABLE, /* it lies, or goes on, where nothing can be read */
	RESOURCES_UNKNOWN,    /* something that is no QWORD address space descriptor, nor the end */
	RESOURCES_NO_END,     /* none after RESOURCES_MOST descriptors */
};

/* What is wrong, as a sentence without a full stop. */
const char *resources_err_text(enum resources_err err);

/*
 * The ranges of memory, of a byte at least, of the list at @list_paddr: QWORD address space
 * descriptors (ACPI 6.5 §6.4.3.5.1) up to an end tag (§6.4.2.9), which is the form of UEFI 2.10
 * §14.2, Configuration(). *ret_n of them, in their order, also when the list then turns out to be
 * damaged; those that wrap are left out.
 */
enum resources_err resources_find(const struct phys_mem *phys, paddr_t list_paddr,
                                  struct span ret_spans[RESOURCES_MOST], size_t *ret_n);

#endif
