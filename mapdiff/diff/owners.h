/*
 * owners.h - a range of a record, or a change between two -> whose memory it is: what has a name
 * and an address in there, and what UEFI's and e820's types say. Where nothing tells, the owner
 * says what is known all the same, and never more.
 */
#ifndef MAPDIFF_DIFF_OWNERS_H
#define MAPDIFF_DIFF_OWNERS_H

#include "mapdiff/diff/result.h"

/* The names of landmarks in [start_paddr, end_paddr) of @record, and no more. */
struct owner owner_of_range(const struct record *record, paddr_t start_paddr, paddr_t end_paddr);

/* Whose @change is, by both sides. Nobody's where all of it is RAM. */
struct owner owner_of_change(const struct diff *diff, const struct step_change *change);

/* Is it "ACPI data" of which nothing tells whose it is? */
bool owner_is_nobody(const struct owner *owner);

/* Does a UEFI type say that it is @kind's? */
bool owner_is(const struct owner *owner, enum owner_kind kind);

/* "runtime services data (SMBIOS)", "ACPI FACP, DSDT, ...", "unknown without a UEFI map"; "" where
 * nothing but RAM changed. */
const char *owner_text(const struct owner *owner);

#endif
