/*
 * result.h - what a gate says of some boots of one build: may it be shipped? For a firmware's CI,
 * which boots it some times and asks once.
 */
#ifndef MAPDIFF_GATE_RESULT_H
#define MAPDIFF_GATE_RESULT_H

#include "mapdiff/series/result.h"

/* Did the firmware honour what MemoryTypeInformation asks for? By the worst. */
enum gate_bins {
	BINS_UNKNOWN,  /* the file does not have the variable */
	BINS_HONOURED, /* each has its pages, in one piece */
	BINS_BROKEN,
	BINS_COUNT
};

struct gate_boot {
	const char *name, *machine;
	uint32_t crc32;
	bool is_same; /* its map, as that of the first boot */
	enum gate_bins bins;
	MEMORY_LIST(const char *, texts); /* what is wrong, a sentence without a full stop each */
};

struct gate {
	MEMORY_LIST(struct gate_boot, boots);
	bool is_equal; /* all maps */
	enum gate_bins bins;
	bool is_passed;
};

#endif
