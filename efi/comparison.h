/*
 * comparison.h - what the captures on the volume say about this boot's map: a result. capture.c
 * fills it in, answer.c puts it into words.
 */
#ifndef EFI_COMPARISON_H
#define EFI_COMPARISON_H

#include "efi/uefi.h"
#include "x86/step.h"

#define COMPARISON_TIME_BYTES  sizeof "2026-11-27T13:22:00"
#define COMPARISON_LABEL_BYTES 128
#define COMPARISON_PATH_BYTES  64
#define COMPARISON_FACTS       8
#define COMPARISON_FACT_BYTES  64

enum comparison_kind {
	COMPARISON_NONE,      /* not asked for */
	COMPARISON_FAILED,    /* there are captures of this machine, and none that can be read */
	COMPARISON_FIRST,     /* the first boot of this machine */
	COMPARISON_UNCHANGED, /* the map of the last boot */
	COMPARISON_CHANGED,
};

/* A boot of this machine, as its capture has it. */
struct past_boot {
	unsigned number;                    /* 2: 0002.map */
	char time[COMPARISON_TIME_BYTES];   /* by the machine's clock; "": not known */
	char label[COMPARISON_LABEL_BYTES]; /* "": none */
	uint32_t crc32;                     /* of its e820 map: equal ones are one map */
	uint64_t ram_bytes;
	unsigned map; /* 0 for the first map on the volume, 1, ... */
};

/* Something beside the map that the captures of both boots have, and that differs. In the order in
 * which they may be causes: installed memory, CPUs, firmware, ... */
struct comparison_fact {
	enum comparison_fact_kind {
		FACT_INSTALLED_BYTES,
		FACT_CPU_COUNT,
		FACT_FIRMWARE_VERSION, /* its build, or the date of it */
		FACT_BOOT_OPTION,
		FACT_KINDS
	} kind;
	char before[COMPARISON_FACT_BYTES];
	char after[COMPARISON_FACT_BYTES];
};

struct comparison {
	enum comparison_kind kind;

	/* Those of this machine, oldest first; the last one is this boot. Claimed memory. */
	struct past_boot *boots;
	size_t n_boots;
	unsigned n_maps;           /* how many maps they have */
	unsigned n_with_this_map;  /* of the earlier boots */
	unsigned n_other_machines; /* captures of other machines: passed over */
	unsigned n_damaged;        /* captures that cannot be read, and one of them */
	unsigned damaged_number;

	/* Of the earlier boots the last one; and the newest whose map differs, which is where the
	 * step starts. NULL: there is none. */
	const struct past_boot *last, *other;
	struct step step;
	struct comparison_fact facts[COMPARISON_FACTS];
	size_t n_facts;

	/* The capture of this boot. */
	unsigned number;
	char path[COMPARISON_PATH_BYTES];
	EFI_STATUS saved; /* EFI_SUCCESS, or why it is not there */
};

#endif
