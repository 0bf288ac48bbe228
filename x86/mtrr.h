/*
 * mtrr.h - the CPU's registers for types of memory (Intel SDM volume 3A, Memory Type Range
 * Registers; AMD APM volume 2, §7.7) -> which of them says what of which range.
 *
 * No register is read but those that IA32_MTRRCAP says are there: any other is a fault of the CPU.
 */
#ifndef X86_MTRR_H
#define X86_MTRR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bootmem/pfn.h"

/* How registers are read; the program supplies it. */
struct mtrr_source {
	uint64_t (*read)(void *context, uint32_t number);
	void *context;
	bool has_tom2; /* a CPU of AMD's with SYSCFG and TOP_MEM2, which MTRRCAP does not tell */
};

enum mtrr_kind {
	MTRR_DEFAULT, /* of what no register is about: the whole of 2^52 bytes */
	MTRR_FIXED, /* below 1 MiB; neighbours of one type are one range. It beats a variable one */
	MTRR_VARIABLE, /* also AMD's RAM above 4 GiB, up to TOP_MEM2 */
	MTRR_KINDS
};

struct mtrr {
	struct span span; /* bytes */
	enum mtrr_kind kind;
	const char *type; /* "write-back": the words are Linux's */
};

/* Variable registers begin at 0x200, two each, and the first one for a fixed range is 0x250: no CPU
 * can have more. */
#define MTRR_MOST_VARIABLE 40
#define MTRR_FIXED_RANGES  88
#define MTRR_MOST          (1 + MTRR_FIXED_RANGES + MTRR_MOST_VARIABLE + 1)

struct mtrr_list {
	struct mtrr list[MTRR_MOST]; /* the default first, then fixed ones, then variable ones */
	size_t n;
};

enum mtrr_err {
	MTRR_OK,
	MTRR_NONE,     /* for callers: the CPU has none */
	MTRR_DISABLED, /* DEF_TYPE.E is 0 */
	MTRR_TOO_MANY, /* MTRRCAP.VCNT is above MTRR_MOST_VARIABLE */
	MTRR_NO_RANGE, /* a mask that is no run of ones, or a base inside its range */
	MTRR_BAD_TYPE, /* a type of memory that there is not */
};

/* What is wrong, as a sentence without a full stop. */
const char *mtrr_err_text(enum mtrr_err err);

/*
 * What all registers say; those that are not valid say nothing. All or none: with one of them left
 * out, the others would tell of memory what is not so. On an error *ret_list is empty. A mask
 * whose ones end below the CPU's address bits is one range all the same, as for Linux.
 */
enum mtrr_err mtrr_find(const struct mtrr_source *source, struct mtrr_list *ret_list);

#endif
