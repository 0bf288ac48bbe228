/*
 * history.h - the folder of captures -> what each of them is of: by its line in an index, or read
 * anew where that has none for the file as it is now. The index can be deleted at any time.
 */
#ifndef EFI_HISTORY_H
#define EFI_HISTORY_H

#include "efi/state.h"

/* A number, and what the folder has under it. */
struct history_entry {
	bool is_taken;   /* there is something of that name: a folder, too */
	bool is_capture; /* and it is a file */
	bool has_second; /* a second name (store.h) */
	bool is_read;    /* then the rest is known: */
	uint64_t file_bytes, modified;
	EFI_STATUS status; /* of recall_file(); all below only if EFI_SUCCESS */
	uint32_t machine;
	struct past_boot boot;
};

struct history {
	struct history_entry *entries; /* RECALL_LAST_NUMBER + 1 of them, by number. Claimed */
	unsigned last_number;          /* the highest that is taken; 0: none */
	bool is_endless;               /* the folder contains itself: nothing is written to it */
	bool is_index_old;             /* it does not say what has been read */
};

/* List the folder; none is an empty one. After an error the history is that of the part that could
 * be read; without any if EFI_OUT_OF_RESOURCES. */
EFI_STATUS history_list(struct boot *boot, struct history *ret_history);

/* What the power was cut in: captures under a second name get their own, or go if there is a whole
 * one, or they are none. */
void history_tidy(struct boot *boot, struct history *history);

/* Read what the captures are, of the index or of themselves; boot->capture_progress is told. */
void history_read(struct boot *boot, struct history *history);

/* Write the index, if it is old. Failing does no harm. */
void history_write_index(const struct boot *boot, const struct history *history);

#endif
