/*
 * store.h - a file of the volume that is whole, or not there, or the old one: written under a
 * second name first, and given its own when it has reached the volume.
 *
 * Whatever fails, and whenever the power is cut: the old file is there, or a whole one under one of
 * the two names. Who finds one under a second name, and none under the first, renames it.
 */
#ifndef EFI_STORE_H
#define EFI_STORE_H

#include "efi/volume.h"
#include "handoff/capture/capture.h"

#define STORE_FOLDER     "\\bootmem" /* the folder of all that bootmem writes */
#define STORE_PATH_BYTES 64

/* Gives @emit the whole file, piece by piece; each time the same. */
typedef void store_text_fn(const void *context, capture_emit_fn *emit, void *emit_context);

struct stored_file {
	char path[STORE_PATH_BYTES];   /* in a folder that is there */
	char second[STORE_PATH_BYTES]; /* in the same folder; one that is there is deleted */
	store_text_fn *text;
	const void *context;
};

/* Write a file that is not there. EFI_ACCESS_DENIED if something of its name is. */
EFI_STATUS store_new(EFI_FILE_HANDLE root, const struct stored_file *file);

/* Write it in the place of one that may be there. EFI_SUCCESS if the new one is there; else the old
 * one is, or the new one under its second name if the firmware failed in between. */
EFI_STATUS store_again(EFI_FILE_HANDLE root, const struct stored_file *file);

/* Give a whole file that was left under its second name its own. Where the firmware cannot rename
 * it is written: file->text is what is in it. */
EFI_STATUS store_finish(EFI_FILE_HANDLE root, const struct stored_file *file);

#endif
