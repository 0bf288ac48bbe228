/*
 * arguments.h - the words behind the program's name, as the UEFI Shell hands them over.
 */
#ifndef EFI_ARGUMENTS_H
#define EFI_ARGUMENTS_H

#include "efi/config.h"
#include "efi/uefi.h"

/* What a run with -c returns; the Shell has it in %lasterror%. */
#define ARGUMENTS_SAME    ((EFI_STATUS)0)
#define ARGUMENTS_CHANGED ((EFI_STATUS)1)
#define ARGUMENTS_TROUBLE ((EFI_STATUS)2)

struct arguments {
	bool asks_for_help;
	bool captures_only;             /* -c: no kernel is started */
	bool has_label;                 /* -l LABEL */
	char label[CONFIG_LABEL_BYTES]; /* goes before that of the configuration */
	char config[CONFIG_PATH_BYTES]; /* -f FILE; "": CONFIG_FILE */
	char wrong[64];                 /* what is not understood, in words; "": nothing */
};

/* Find them out: of the Shell's protocol (UEFI Shell 2.2 §2.2), or else of the load options, if
 * those are words: what a boot option has there may be anything. None is no error. */
void arguments_read(const struct firmware *firmware, struct arguments *ret_arguments);

/* Of @n_words words, the program's name not among them. Pure. */
void arguments_parse(const char *const *words, size_t n_words, struct arguments *ret_arguments);

/* What -h prints. */
extern const char arguments_help[] __attribute__((visibility("hidden")));

#endif
