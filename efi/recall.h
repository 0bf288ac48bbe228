/*
 * recall.h - the capture of a boot, on the volume -> that boot: what its lines say beside its map,
 * and its map.
 */
#ifndef EFI_RECALL_H
#define EFI_RECALL_H

#include "efi/state.h"
#include "handoff/capture/capture.h"
#include "handoff/capture/text.h"

/* Where captures are, what they are called, and under which second name they are written. */
#define RECALL_FOLDER      "\\bootmem\\captures"
#define RECALL_PATH        RECALL_FOLDER "\\%04u.map"
#define RECALL_SECOND      RECALL_FOLDER "\\%04u.new"
#define RECALL_LAST_NUMBER 9999

/* A larger file is no capture: some forty times a usual one. */
#define RECALL_MOST_BYTES (UINT64_C(1) << 20)

/* Lines of which a change may be a cause, in the order of enum comparison_fact_kind. */
enum recall_fact {
	RECALL_INSTALLED_BYTES,
	RECALL_CPU_COUNT,
	RECALL_BIOS_VERSION,
	RECALL_BIOS_DATE,
	RECALL_FIRMWARE_REVISION,
	RECALL_BOOT_CURRENT,
	RECALL_FACTS
};

struct recalled {
	uint32_t machine; /* equal for machines of one model, and of firmware of one width */
	char time[COMPARISON_TIME_BYTES];
	char label[COMPARISON_LABEL_BYTES];
	struct {
		char text[COMPARISON_FACT_BYTES]; /* "": there is no such line */
		uint64_t number;                  /* where it is one */
	} facts[RECALL_FACTS];
};

/* @words as text, cut to @bytes - 1; what is not printable ASCII is ?: anybody may have written it.
 */
void recall_text(char *text, size_t bytes, struct capture_words words);

/* Add what one line says to a struct recalled, the context, that was 0: a capture_emit_fn. */
void recall_line(void *context, const char *line, size_t bytes);

/* A capture that has been read: all of it is claimed memory. */
struct recalled_file {
	const char *text;
	size_t bytes;
	struct recalled said;
	struct e820_map e820; /* sanitized */
};

/*
 * Read the capture at @path. EFI_CRC_ERROR if that is no whole one, EFI_INCOMPATIBLE_VERSION if it
 * is of a later format, EFI_OUT_OF_RESOURCES, or what the firmware says. The caller gives back what
 * has been claimed, also after an error.
 */
EFI_STATUS recall_file(struct boot *boot, const char *path, struct recalled_file *ret_file);

/* The UEFI map of what has been read; without descriptors if it has none. Claimed memory. */
EFI_STATUS recall_uefi(struct boot *boot, const struct recalled_file *file,
                       struct uefi_map *ret_map);

#endif
