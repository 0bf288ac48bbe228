/*
 * made_view.h - a machine of a few ranges, as the stub kernel sees it: a UEFI map, the e820 map
 * that follows from it, reservations.
 */
#ifndef TESTS_UNIT_MADE_VIEW_H
#define TESTS_UNIT_MADE_VIEW_H

#include "handoff/stub/naive.h"

struct made_range {
	uint32_t type; /* EFI_MEMORY_TYPE */
	paddr_t start_paddr, end_paddr;
	uint64_t attribute; /* 0: of RAM */
};

/* All pages of it up to the end of the last RAM. What is pointed to is there until the next one is
 * made; @reservations stay the caller's. */
struct naive_view made_view(const struct made_range *ranges, size_t n_ranges,
                            const struct handoff_reservation *reservations, size_t n_reservations);

#endif
