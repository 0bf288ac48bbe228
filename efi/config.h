/*
 * config.h - bootmem.conf -> struct config. A pure function of the text; esp/bootmem.conf has the
 * manual in its comments.
 *
 * Lines of `key = value'; what follows # at the start of a line is a comment. What is not
 * understood is an error that names the line: a loader that guesses is a loader that boots
 * something else.
 */
#ifndef EFI_CONFIG_H
#define EFI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handoff/load/sha256.h"
#include "x86/setup.h"

#define CONFIG_FILE          "\\bootmem.conf"
#define CONFIG_FILE_BYTES    UINT64_C(0x10000) /* the largest that is read */
#define CONFIG_PATH_BYTES    256
#define CONFIG_CMDLINE_BYTES 2048
#define CONFIG_LABEL_BYTES   128
#define CONFIG_OPTIONS_BYTES 512
#define CONFIG_RESERVES      16
#define CONFIG_SUMS          4 /* of kernels, and as many of initrds */

/* No seconds: the answer stays until a key is pressed. */
#define CONFIG_TIMEOUT_NEVER UINT64_MAX

#define CONFIG_CAPTURES_ALL UINT32_MAX

enum config_target { CONFIG_TARGET_AUTO, CONFIG_TARGET_IA32, CONFIG_TARGET_AMD64 };

/* What a file has to be. */
struct config_sum {
	uint8_t sha256[SHA256_BYTES];
	char path[CONFIG_PATH_BYTES]; /* of which file; "": of any */
};

struct config_sums {
	struct config_sum sums[CONFIG_SUMS];
	size_t n_sums;
};

struct config {
	char kernel_ia32[CONFIG_PATH_BYTES]; /* "": no kernel for this target */
	char kernel_amd64[CONFIG_PATH_BYTES];
	char initrd[CONFIG_PATH_BYTES];
	char cmdline[CONFIG_CMDLINE_BYTES];
	char chain[CONFIG_PATH_BYTES]; /* the loader that is started; "next"; "": none, a kernel */
	char chain_options[CONFIG_OPTIONS_BYTES];
	bool pins;
	uint32_t pin_pages;
	uint32_t most_captures; /* CONFIG_CAPTURES_ALL; 0: not said */
	uint32_t target;        /* enum config_target */
	uint32_t policy;        /* enum boot_policy */
	uint32_t at_end;        /* HANDOFF_END_* */
	bool keep_boot_services;
	uint64_t mem_limit_paddr; /* 0: none */
	uint64_t timeout_seconds; /* or CONFIG_TIMEOUT_NEVER */
	bool waits_on_error;
	bool paints_exceptions;
	bool writes_capture;
	bool remembers;                 /* in a variable of the firmware's, how far it gets */
	char label[CONFIG_LABEL_BYTES]; /* "": none */
	struct config_sums kernel_sums, initrd_sums;
	struct reservation reserves[CONFIG_RESERVES];
	size_t n_reserves;
};

#define CONFIG_SHOWN_LINES 3  /* of the file: the wrong one, and those before it */
#define CONFIG_SHOWN_BYTES 72 /* of each: cut to fit */

struct config_error {
	unsigned line;    /* from 1 */
	const char *what; /* one sentence without a full stop */
	char word[64];    /* the key or value that it is about, cut to fit */
	char hint[96];    /* what may have been meant, or what to do: a sentence; "": nothing */

	/* The place: lines of the file, the last one is the wrong one, "" for those that are not
	 * there; and where the word is in it. */
	char shown[CONFIG_SHOWN_LINES][CONFIG_SHOWN_BYTES];
	unsigned column, length;
	bool is_about_label; /* so that the capture has none */
};

/* What holds when the file says nothing. */
void config_defaults(struct config *ret_config);

/* Read @bytes bytes of text into *config, which has its defaults. False, and *ret_error about the
 * first line that is wrong; all other lines count all the same, and a key whose value is wrong has
 * its default. */
bool config_parse(struct config *config, const char *text, size_t bytes,
                  struct config_error *ret_error);

/* Are these paths of one file? Capitals, and / or \, do not matter, as to a FAT; nor whether it
 * starts with one. */
bool config_is_same_path(const char *path, const char *other);

/* Is @sum one of the file at @path? */
bool config_sum_is_of(const struct config_sum *sum, const char *path);

/*
 * The lines that count: what is left of a configuration without comments, blank lines, and the
 * lines of those keys that say nothing about what is started or how. Two configurations with the
 * same lines that count, in the same order, start the same.
 */
struct config_line {
	unsigned number;         /* from 1 */
	const char *key, *value; /* in the text: blanks around them, and CR, are cut off */
	size_t key_chars, value_chars;
};

/* The first such line at or behind *at, a place in the text that ends at @end, which moves to what
 * follows; *number counts all lines, from 0. False if there is none. At first *at is what
 * config_start() says. */
bool config_next_line(const char **at, const char *end, unsigned *number,
                      struct config_line *ret_line);

/* Where the first line begins: behind the mark that some editors put before UTF-8. */
const char *config_start(const char *text, size_t bytes);

#endif
