/*
 * allocator.h - the check that uses the bitmap as a kernel would.
 */
#ifndef HANDOFF_STUB_ALLOCATOR_H
#define HANDOFF_STUB_ALLOCATOR_H

#include "handoff/stub/checks.h"

/* bootmem on the bitmap, until nothing is left; then all of it is given back, and freed. */
check_fn check_allocator;

#endif
