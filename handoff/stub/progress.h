/* progress.h - how far a check is that takes long. */
#ifndef HANDOFF_STUB_PROGRESS_H
#define HANDOFF_STUB_PROGRESS_H

#include <stdint.h>

#include "bootmem/pfn.h"

struct progress {
	enum { PROGRESS_ALLOCATES, PROGRESS_WRITES, PROGRESS_READS_BACK } what;
	uint64_t n_done, n_whole; /* pages, of the whole check */
	pfn_t pfn;                /* all below it are done, in this pass */
};

/* Hears of it every few pages. */
typedef void progress_fn(const struct progress *progress);

#endif
