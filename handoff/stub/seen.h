/* seen.h - two numbers that have to be equal: what is there, and what PROTOCOL.md promises. */
#ifndef HANDOFF_STUB_SEEN_H
#define HANDOFF_STUB_SEEN_H

#include <stdint.h>

struct seen {
	uint64_t value, promised;
};

#endif
