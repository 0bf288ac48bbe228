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
	COMPARISON_FAILED,    /* there may be captures of this machine, and none can be read */
	COMPARISON_FIRST,     /* the first boot of this machine */
	COMPARISON_UNCHANGED, /* the map of the last boot */
	COMPARISON_CHANGED,
};

/* A boot of this machine, as its capture has it. */
struct past_boot {
	unsigned number;                    /* 2: 0002.map; 0: this boot, and there is no capture */
	char time[COMPARISON_TIME_BYTES];   /* by the machine's clock; "": not known */
	char label[COMPARISON_LABEL_BYTES]; /* "": none */
	uint32_t crc32;                     /* of its e820 map: equal ones are one map */
	uint64_t ram_bytes;
	unsigned map; /* 0 for the first map of this machine on the volume, 1, ... */
};

/* Something beside the map that the captures of both boots have, and that differs. In the order in
 * which they may be causes: installed memory, CPUs, firmware, ...; at most one of a kind. */
struct comparison_fact {
	enum comparison_fact_kind {
		FACT_INSTALLED_BYTES,
		FACT_CPU_COUNT,
		FACT_FIRMWARE_VERSION, /* its build; or the date of it, or its revision */
		FACT_BOOT_OPTION,      /* 3: Boot0003 */
		FACT_KINDS
	} kind;
	/* As the captures have it (FORMAT.md); and where that is a number, the number. */
	char before[COMPARISON_FACT_BYTES];
	char after[COMPARISON_FACT_BYTES];
	uint64_t before_number, after_number;
};

struct comparison {
	enum comparison_kind kind;

	/* This boot. When its label changes, it does so here, and in .boots. */
	struct past_boot now;

	/* Those of this machine, oldest first; the last one is this boot. Claimed memory; NULL if
	 * there was none. */
	struct past_boot *boots;
	size_t n_boots;
	unsigned n_maps;           /* how many maps they have */
	unsigned n_with_this_map;  /* of the earlier boots */
	unsigned n_other_machines; /* captures of other machines: passed over */

	/* Captures that cannot be read, the newest of them, and why: EFI_CRC_ERROR (damaged),
	 * EFI_INCOMPATIBLE_VERSION (of a later bootmem), or what the firmware says. */
	unsigned n_damaged;
	unsigned damaged_number;
	EFI_STATUS damaged_status;

	/* Of the earlier boots the last one; and the newest whose map differs, which is where the
	 * step starts. NULL: there is none, and the step is empty. .other_e820 is its map. */
	const struct past_boot *last, *other;
	struct e820_map other_e820;
	struct step step;
	struct comparison_fact facts[COMPARISON_FACTS];
	size_t n_facts;

	/*
	 * The capture of this boot. EFI_SUCCESS, or why it is not there: EFI_END_OF_MEDIA if 9999
	 * is taken, EFI_VOLUME_CORRUPTED if the list of the folder's files has no end, EFI_NO_MEDIA
	 * if none is wanted or there is no volume, or what the firmware says, as EFI_VOLUME_FULL or
	 * EFI_WRITE_PROTECTED.
	 */
	unsigned number;
	char path[COMPARISON_PATH_BYTES];
	EFI_STATUS saved;
	unsigned n_claims; /* how many claims of memory there were: the footprint that it tells */
};

#endif
