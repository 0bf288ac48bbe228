/*
 * paging.h - the page tables at entry of an AMD64 kernel, as the CPU walks them, against what
 * PROTOCOL.md §2 promises of them. Shares no code with what built them (handoff/load/pgtable.c).
 */
#ifndef HANDOFF_STUB_PAGING_H
#define HANDOFF_STUB_PAGING_H

#include "handoff/stub/checks.h"
#include "handoff/stub/seen.h"

/*
 * The first entry that is wrong, and what it has to be: all that is present maps to itself, in
 * pages of 1 GiB or 2 MiB, with the bits that are promised, through tables that are reserved as
 * HANDOFF_KIND_PAGE_TABLES; nothing that must be mapped is missing; and the end is the block's
 * mapped_end_paddr. Two equal numbers if all is well. Reads the tables at their addresses.
 */
struct seen paging_look(const struct proof *proof);

#endif
