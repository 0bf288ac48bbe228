/*
 * owners.h - a page of the bitmap -> whose it is, in the few words that a picture has room for.
 * Pure; what is known is naive.h's opinion of the page.
 */
#ifndef HANDOFF_STUB_OWNERS_H
#define HANDOFF_STUB_OWNERS_H

#include "handoff/stub/naive.h"

enum owner {
	OWNER_NONE, /* no RAM: nothing describes it, or it is of devices */
	OWNER_FREE,
	OWNER_KERNEL,   /* K: the kernel and the bitmap */
	OWNER_HANDED,   /* H: what else is handed over */
	OWNER_LOW,      /* L: what is in use of the first MiB, the ISA hole in it */
	OWNER_ACPI,     /* A: tables, NVS */
	OWNER_RUNTIME,  /* U: UEFI runtime services */
	OWNER_FIRMWARE, /* F: all others */
	OWNER_COUNT
};

/* Of those that are neither nobody's nor free. */
char owner_letter(enum owner owner);
const char *owner_name(enum owner owner);

/* Whose page @pfn is; and all up to, and without, *ret_until_pfn. @pfn < node_low_pfn. */
enum owner owner_at(const struct naive_view *view, pfn_t pfn, pfn_t *ret_until_pfn);

#endif
