/* capture.c - the order in which a capture is written, compared, and written again: see capture.h.
 *
 * This boot's own comes first: whatever happens while others are read, it is there. It is not in
 * the index: the next boot reads it, whatever label it has been given in between.
 */
#include "efi/capture.h"

#include "bootmem/mem.h"
#include "efi/compare.h"
#include "efi/console.h"
#include "efi/describe.h"
#include "efi/store.h"
#include "efi/thin.h"
#include "x86/crc32.h"

static void give_boot(const void *context, capture_emit_fn *emit, void *emit_context)
{
	describe_boot(context, emit, emit_context);
}

/* How this boot's file is called, and what is in it. */
static struct stored_file file_of(const struct boot *boot)
{
	struct stored_file file = { .text = give_boot, .context = boot };

	text_format(file.path, sizeof file.path, RECALL_PATH, boot->comparison.number);
	text_format(file.second, sizeof file.second, RECALL_SECOND, boot->comparison.number);
	return file;
}

/* What its own capture will say of this boot. */
static void describe_now(struct boot *boot, struct recalled *ret_said)
{
	struct past_boot *now = &boot->comparison.now;

	memcpy(now->time, boot->time, sizeof now->time);
	*ret_said = (struct recalled){ 0 };
	describe_conditions(boot, recall_line, ret_said);
	memcpy(now->label, ret_said->label, sizeof now->label);
	now->crc32 = e820_hibernate_crc32(&boot->plan.whole_e820);
	now->ram_bytes = e820_bytes_of_type(&boot->plan.whole_e820, E820_RAM);
}

static EFI_STATUS write_new(struct boot *boot)
{
	const struct stored_file file = file_of(boot);
	EFI_STATUS status = volume_make_directory(boot->root, STORE_FOLDER);

	if (!EFI_ERROR(status))
		status = volume_make_directory(boot->root, RECALL_FOLDER);
	return EFI_ERROR(status) ? status : store_new(boot->root, &file);
}

static void warn(const struct boot *boot)
{
	const struct comparison *comparison = &boot->comparison;
	const struct firmware *firmware = &boot->firmware;

	if (comparison->saved == EFI_END_OF_MEDIA)
		console_warn(firmware,
		             "no capture: " RECALL_PATH " is the last one that there can be",
		             RECALL_LAST_NUMBER);
	else if (comparison->saved == EFI_VOLUME_CORRUPTED)
		console_warn(firmware, "no capture: " RECALL_FOLDER
		                       " is damaged: chkdsk or fsck repairs the volume");
	else if (comparison->saved == EFI_NO_MAPPING)
		console_warn(firmware, "no capture: a file is where the folder " RECALL_FOLDER
		                       " has to be: rename it");
	else if (comparison->saved == EFI_VOLUME_FULL && comparison->number == 0)
		console_warn(firmware, "no capture: less than a tenth of the volume is free");
	else if (comparison->number == 0)
		console_warn(firmware, "no capture: " RECALL_FOLDER " cannot be read (%s)",
		             status_name(comparison->saved));
	else
		console_warn(firmware, "no capture: %s cannot be written (%s)", comparison->path,
		             status_name(comparison->saved));
}

/* Behind all that are there. @listed is whether they are known. */
static void save(struct boot *boot, const struct history *history, EFI_STATUS listed)
{
	struct comparison *comparison = &boot->comparison;

	comparison->saved = listed;
	if (history->is_endless)
		comparison->saved = EFI_VOLUME_CORRUPTED;
	else if (history->last_number == RECALL_LAST_NUMBER)
		comparison->saved = EFI_END_OF_MEDIA;
	else if (comparison->saved == EFI_SUCCESS && !thin_has_room(boot))
		comparison->saved = EFI_VOLUME_FULL;
	if (comparison->saved == EFI_SUCCESS) {
		comparison->number = history->last_number + 1;
		text_format(comparison->path, sizeof comparison->path, RECALL_PATH,
		            comparison->number);
		comparison->saved = write_new(boot);
	}
	if (comparison->saved == EFI_SUCCESS)
		comparison->now.number = comparison->number;
	else
		warn(boot);
}

EFI_STATUS take_capture(struct boot *boot)
{
	unsigned n_claims = boot->memory.n_claims;
	struct history history;
	struct recalled said;
	EFI_STATUS listed;

	boot->comparison = (struct comparison){ .n_claims = n_claims, .saved = EFI_NO_MEDIA };
	if (!boot->config.writes_capture || boot->root == NULL)
		return EFI_SUCCESS;
	describe_now(boot, &said);
	listed = history_list(boot, &history);
	if (!EFI_ERROR(listed))
		history_tidy(boot, &history);
	save(boot, &history, listed);
	boot->comparison.kind = COMPARISON_FAILED;
	if (history.entries != NULL) {
		history_read(boot, &history);
		compare_boots(boot, &history, &said);
		if (boot->comparison.saved == EFI_SUCCESS) {
			thin_out(boot, &history, said.machine);
			history_write_index(boot, &history);
		}
		memory_release(&boot->memory, n_claims); /* history.entries */
	}
	return EFI_SUCCESS;
}

EFI_STATUS capture_set_label(struct boot *boot, const char *text)
{
	struct comparison *comparison = &boot->comparison;
	char old[CONFIG_LABEL_BYTES];
	struct stored_file file;
	struct recalled said = { 0 };
	EFI_STATUS status = comparison->saved;

	if (status != EFI_SUCCESS)
		return status;
	memcpy(old, boot->config.label, sizeof old);
	text_format(boot->config.label, sizeof boot->config.label, "%s", text);
	file = file_of(boot);
	status = store_again(boot->root, &file);
	if (status != EFI_SUCCESS) {
		memcpy(boot->config.label, old, sizeof old);
		if (!volume_has(boot->root, file.path)) /* a stick that is gone has it still */
			comparison->saved = status;
		return status;
	}
	describe_conditions(boot, recall_line, &said);
	memcpy(comparison->now.label, said.label, sizeof said.label);
	if (comparison->n_boots > 0)
		memcpy(comparison->boots[comparison->n_boots - 1].label, said.label,
		       sizeof said.label);
	return EFI_SUCCESS;
}
