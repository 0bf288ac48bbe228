/*
 * answer.h - a comparison -> the answer, in words: would Linux resume, why not, what to do.
 *
 * The same words stand on the screen, on serial lines, and in the block for the kernel.
 */
#ifndef EFI_SCREEN_ANSWER_H
#define EFI_SCREEN_ANSWER_H

#include "efi/comparison.h"
#include "handoff/screen/view.h"

#define ANSWER_TEXT_BYTES 192
#define ANSWER_WHEN_BYTES 64

/* What Linux itself adds to the map, which no capture has: see PIN below. */
struct answer_limits {
	bool has_tpm_log; /* a TPM event log, a copy of which Linux's stub makes */
	bool has_rng;     /* a random number protocol, whose seed it keeps */
};

struct answer {
	struct view_band band;
	char cause_name[12]; /* "Cause", "Means", ...; "": there is no such line */
	char cause[ANSWER_TEXT_BYTES];
	char to_do[ANSWER_TEXT_BYTES];
};

/* @comparison -> words; pure. */
void answer_make(const struct comparison *comparison, const struct answer_limits *limits,
                 struct answer *ret_answer);

/* What a fact was and is, in words: "512 MiB". */
void answer_fact(const struct comparison_fact *fact, char before[COMPARISON_FACT_BYTES],
                 char after[COMPARISON_FACT_BYTES]);

/* "27 Nov 13:22 (docked)", "0001.map (docked)" where the clock was not known; cut to @bytes - 1.
 * Of another year than @now, with it. */
void answer_when(char *text, size_t bytes, const struct past_boot *boot,
                 const struct past_boot *now);

/* "27 Nov 13:22" of "2026-11-27T13:22:00"; "" of "". */
void answer_time(char *text, size_t bytes, const char *time, const char *now);

#endif
