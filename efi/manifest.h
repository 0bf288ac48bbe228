/*
 * manifest.h - what a signed image says about the files beside it: the list that it carries -> is
 * this file the one that was signed, and if the configuration is not, which line.
 *
 * The list is text: `bootmem-manifest 1'; NAME SUM for each file, where NAME is kernel-ia32,
 * kernel-amd64, initrd or config; and `line KEY = VALUE' for each line of the configuration that
 * counts (config.h), of which the sum of the configuration is made, an LF behind each. Pure, and
 * shared with the program that writes it (esp/manifest.c).
 */
#ifndef EFI_MANIFEST_H
#define EFI_MANIFEST_H

#include "efi/config.h"

#define MANIFEST_FIRST_LINE   "bootmem-manifest 1"
#define MANIFEST_KERNEL_IA32  "kernel-ia32"
#define MANIFEST_KERNEL_AMD64 "kernel-amd64"
#define MANIFEST_INITRD       "initrd"
#define MANIFEST_CONFIG       "config"
#define MANIFEST_LINE         "line"

struct manifest {
	const char *text; /* ends in LF */
	size_t bytes;     /* 0: there is none */
};

bool manifest_is_there(const struct manifest *manifest);

/* The sum under @name. False if there is none, or it is not one. */
bool manifest_sum(const struct manifest *manifest, const char *name, uint8_t ret_sum[SHA256_BYTES]);

/* The sum of what counts of a configuration. */
void manifest_sum_config(const char *text, size_t bytes, uint8_t ret_sum[SHA256_BYTES]);

enum manifest_change {
	MANIFEST_SAME,
	MANIFEST_CHANGED,
	MANIFEST_ADDED,
	MANIFEST_REMOVED,
	MANIFEST_MOVED
};

#define MANIFEST_SHOWN_BYTES 68
struct manifest_difference {
	enum manifest_change change;
	unsigned number;                   /* of the line in the file; 0: it is not there */
	char found[MANIFEST_SHOWN_BYTES];  /* "KEY = VALUE", cut to fit, printable; "": nothing */
	char wanted[MANIFEST_SHOWN_BYTES]; /* as it was signed; "": nothing */
};

/*
 * The first line of a configuration that is not as it was signed: another value, a line that was
 * not there, one that is not there any more, one that has another place. MANIFEST_SAME if all are.
 */
void manifest_compare(const struct manifest *manifest, const char *text, size_t bytes,
                      struct manifest_difference *ret_difference);

#endif
