/*
 * trust.h - is this file the one that was meant? What the configuration says (kernel-sha256,
 * initrd-sha256), and, with Secure Boot on, what was signed together with this image.
 *
 * Firmware that has Secure Boot on starts what somebody has signed, and a signed loader that starts
 * anything opens that door again. So then kernel, initrd and configuration have to be those of the
 * list in our own image (manifest.h); without a list nothing is started. Where the firmware does
 * not say whether it is on, a list holds all the same.
 */
#ifndef EFI_TRUST_H
#define EFI_TRUST_H

#include "efi/config.h"
#include "efi/manifest.h"
#include "efi/uefi.h"

/* What was not taken, and why: for its screen. */
enum refusal_kind {
	REFUSAL_NONE,
	REFUSAL_DAMAGED,    /* the configuration gives another sum */
	REFUSAL_NOT_SIGNED, /* the list gives another sum, or none */
	REFUSAL_CONFIG,     /* a line of the configuration is not as it was signed */
	REFUSAL_NO_LIST,
};

struct refusal {
	enum refusal_kind kind;
	const char *noun; /* "kernel", "initrd", or NULL */
	const char *path;
	bool has_wanted; /* else there is no sum for it */
	uint8_t wanted[SHA256_BYTES], found[SHA256_BYTES];
	struct manifest_difference difference; /* REFUSAL_CONFIG */
};

struct trust {
	struct manifest manifest;
	uint32_t secure_boot; /* HANDOFF_SECURE_BOOT_* */
	bool is_untold;       /* there is a word on it, which could not be read */
	uint32_t sums;        /* HANDOFF_SUM_*: of which files there is one */
	uint8_t kernel_sha256[SHA256_BYTES], initrd_sha256[SHA256_BYTES];
	const char *config_text; /* as it was read; NULL, of 0 bytes, if there is no file */
	size_t config_bytes;
	struct refusal refusal;
};

/* A file that is about to be used. */
struct trust_file {
	const char *noun;               /* "kernel", "initrd" */
	const char *path;               /* as the configuration has it */
	const char *name;               /* in the list: MANIFEST_* */
	const struct config_sums *sums; /* those of the configuration */
	const char *key;                /* under which they are there */
	uint32_t sum;                   /* HANDOFF_SUM_* */
};

/* What the firmware says: UEFI 2.10 §3.3, SecureBoot and SetupMode. What is there and is no clear
 * no counts as on; what is not there, or cannot be read, is HANDOFF_SECURE_BOOT_UNKNOWN: an image
 * that was signed with a list keeps to it then, and one without starts what it is told to, as on
 * firmware of before Secure Boot; @trust->is_untold tells the two apart. */
void trust_read_secure_boot(const struct firmware *firmware, struct trust *trust);

/* Nobody knows whether somebody asks, and there is no list to keep to. */
bool trust_is_in_doubt(const struct trust *trust);

/* As Linux says it: "enabled", "disabled", "setup mode"; NULL if it is not known. */
const char *trust_secure_boot_name(uint32_t secure_boot);

/* Why only what was signed is taken: "Secure Boot is on", or "bootmem is signed", no longer. */
const char *trust_reason(const struct trust *trust);

/* Is it the configuration that was signed? EFI_SUCCESS if nobody asks. What is refused here and
 * below is said, and noted in trust->refusal. */
EFI_STATUS trust_check_config(const struct firmware *firmware, struct trust *trust,
                              const char *path);

/* Does anybody ask which file it is? Else its sum need not be taken. */
bool trust_asks_for(const struct trust *trust, const struct trust_file *file);

/* Take the sum of the @n_bytes bytes of @file, all of it, and see whether it is the right one. */
EFI_STATUS trust_check_file(const struct firmware *firmware, struct trust *trust,
                            const struct trust_file *file, const void *bytes, uint64_t n_bytes);

#endif
