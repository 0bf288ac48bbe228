/*
 * history.c - see history.h.
 *
 * What is on the volume may be anything: a folder whose clusters lead in a circle lists its files
 * again and again, and never ends. So a name that comes twice ends it.
 */
#include "efi/history.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/recall.h"
#include "efi/store.h"
#include "efi/watchdog.h"
#include "x86/crc32.h"

#define MOST_LISTED      32768 /* in a folder that does not end, and has no captures */
#define INDEX_KEY        "bootmem-captures"
#define INDEX_VERSION    1
#define INDEX_PATH       STORE_FOLDER "\\captures.txt"
#define INDEX_SECOND     STORE_FOLDER "\\captures.new"
#define INDEX_MOST_BYTES (UINT64_C(4) << 20) /* some 400 bytes for each capture that can be */

/* --- the folder --- */

/* FAT knows no lower case in short names. @lower is in lower case. */
static bool is_name(const char *name, const char *lower)
{
	for (; *lower != '\0'; name++, lower++)
		if (*name != *lower && (*lower < 'a' || *name != (*lower & ~0x20)))
			return false;
	return *name == '\0';
}

/* "0001" is 1; 0 for what is not four digits. */
static unsigned number_of(const char *name)
{
	unsigned number = 0;

	for (size_t i = 0; i < 4; i++, name++) {
		if (*name < '0' || *name > '9')
			return 0;
		number = number * 10 + (unsigned)(*name - '0');
	}
	return number;
}

/* False if that name has been there before. */
static bool add_name(struct history *history, const struct volume_entry *listed)
{
	unsigned number = number_of(listed->name);
	struct history_entry *entry = &history->entries[number];
	const char *end = listed->name + 4;

	if (number == 0 || !(is_name(end, ".map") || is_name(end, ".new")))
		return true;
	if (number > history->last_number)
		history->last_number = number;
	if (is_name(end, ".new")) {
		if (entry->has_second)
			return false;
		entry->has_second = true;
		return true;
	}
	if (entry->is_taken)
		return false;
	entry->is_taken = true;
	entry->is_capture = !listed->is_directory;
	entry->file_bytes = listed->file_bytes;
	entry->modified = listed->modified;
	return true;
}

static EFI_STATUS list_folder(EFI_FILE_HANDLE folder, struct history *history)
{
	struct volume_entry listed;
	size_t n_listed = 0, n_self = 0;

	for (;;) {
		EFI_STATUS status = volume_next_entry(folder, &listed);

		if (EFI_ERROR(status) || listed.name[0] == '\0')
			return status;
		n_self += is_name(listed.name, ".");
		if (!add_name(history, &listed) || n_self > 1 || ++n_listed == MOST_LISTED) {
			history->is_endless = true;
			return EFI_SUCCESS;
		}
	}
}

static void show(const struct boot *boot, unsigned n_done, unsigned n_all)
{
	watchdog_arm(&boot->firmware);
	if (boot->capture_progress.show != NULL)
		boot->capture_progress.show(boot->capture_progress.context, n_done, n_all);
}

EFI_STATUS history_list(struct boot *boot, struct history *ret_history)
{
	EFI_FILE_HANDLE folder;
	EFI_STATUS status;

	*ret_history = (struct history){ 0 };
	ret_history->entries = memory_claim_bytes(
		&boot->memory, (RECALL_LAST_NUMBER + 1) * sizeof ret_history->entries[0]);
	if (ret_history->entries == NULL)
		return EFI_OUT_OF_RESOURCES;
	show(boot, 0, 0);
	if (volume_circle(&boot->firmware, boot->device, RECALL_FOLDER) > 0) {
		ret_history->is_endless = true;
		return EFI_SUCCESS;
	}
	if (volume_is_file(boot->root, STORE_FOLDER) || volume_is_file(boot->root, RECALL_FOLDER))
		return EFI_NO_MAPPING;
	status = volume_open_directory(boot->root, RECALL_FOLDER, &folder);
	if (EFI_ERROR(status))
		return status == EFI_NOT_FOUND ? EFI_SUCCESS : status;
	status = list_folder(folder, ret_history);
	folder->Close(folder);
	return status;
}

/* --- second names --- */

static void give_text(const void *context, capture_emit_fn *emit, void *emit_context)
{
	const struct recalled_file *file = context;

	emit(emit_context, file->text, file->bytes);
}

/* The only whole one stays, and the first of two: the power was cut before that was deleted. What
 * is neither whole nor damaged (of a later bootmem, or not readable at the moment) is left alone.
 */
static void tidy(struct boot *boot, struct history_entry *entry, unsigned number)
{
	struct recalled_file first, second;
	struct stored_file file = { .text = give_text, .context = &second };
	EFI_STATUS first_status = EFI_NOT_FOUND, second_status;

	text_format(file.path, sizeof file.path, RECALL_PATH, number);
	text_format(file.second, sizeof file.second, RECALL_SECOND, number);
	if (entry->is_taken)
		first_status = recall_file(boot, file.path, &first);
	second_status = recall_file(boot, file.second, &second);
	if (first_status == EFI_SUCCESS || second_status == EFI_CRC_ERROR) {
		volume_delete(boot->root, file.second);
		return;
	}
	if (second_status != EFI_SUCCESS ||
	    (first_status != EFI_NOT_FOUND && first_status != EFI_CRC_ERROR))
		return;
	if (first_status == EFI_CRC_ERROR && volume_delete(boot->root, file.path) != EFI_SUCCESS)
		return;
	entry->is_capture = store_finish(boot->root, &file) == EFI_SUCCESS;
	entry->is_taken = true;
	entry->file_bytes = second.bytes;
	entry->modified = 0;
}

void history_tidy(struct boot *boot, struct history *history)
{
	for (unsigned number = 1; number <= history->last_number; number++) {
		unsigned n_claims = boot->memory.n_claims;

		if (history->entries[number].has_second && !history->is_endless)
			tidy(boot, &history->entries[number], number);
		memory_give_back(&boot->memory, n_claims);
	}
}

/* --- the index: FORMAT.md --- */

/* What recall_file() said: only what will be said again. */
static const struct {
	const char *name;
	EFI_STATUS status;
} states[] = {
	{ "whole", EFI_SUCCESS },
	{ "damaged", EFI_CRC_ERROR },
	{ "later", EFI_INCOMPATIBLE_VERSION },
};

static const char *state_name(EFI_STATUS status)
{
	for (size_t i = 0; i < COUNT(states); i++)
		if (states[i].status == status)
			return states[i].name;
	return NULL;
}

static bool take_state(struct capture_words *rest, EFI_STATUS *ret_status)
{
	struct capture_words word = capture_take_word(rest);

	for (size_t i = 0; i < COUNT(states); i++) {
		if (!capture_words_are(word, states[i].name))
			continue;
		*ret_status = states[i].status;
		return true;
	}
	return false;
}

/* What stands behind "whole". */
static bool take_boot(struct capture_words *rest, struct history_entry *entry)
{
	struct past_boot *boot = &entry->boot;
	uint64_t machine, crc32;
	struct capture_words time;

	if (!capture_take_number(rest, &machine) || !capture_take_number(rest, &crc32) ||
	    !capture_take_number(rest, &boot->ram_bytes))
		return false;
	entry->machine = (uint32_t)machine;
	boot->crc32 = (uint32_t)crc32;
	time = capture_take_word(rest);
	if (!capture_words_are(time, "-"))
		recall_text(boot->time, sizeof boot->time, time);
	recall_text(boot->label, sizeof boot->label, *rest);
	return true;
}

/* A line of the index. False if it is not about a file that is there as it was then. */
static bool take_entry(struct history *history, struct capture_words line)
{
	struct capture_words key = capture_take_word(&line);
	struct history_entry *entry, taken = { .is_taken = true, .is_capture = true };
	uint64_t number;

	if (!capture_words_are(key, "capture") || !capture_take_number(&line, &number) ||
	    number > RECALL_LAST_NUMBER || !capture_take_number(&line, &taken.file_bytes) ||
	    !capture_take_number(&line, &taken.modified) || !take_state(&line, &taken.status))
		return false;
	entry = &history->entries[number];
	if (!entry->is_capture || entry->file_bytes != taken.file_bytes ||
	    entry->modified != taken.modified ||
	    (taken.status == EFI_SUCCESS && !take_boot(&line, &taken)))
		return false;
	taken.is_read = true;
	taken.boot.number = (unsigned)number;
	*entry = taken;
	return true;
}

/* Is the text an index of this version, whole? *ret_lines is then what is between its first line
 * and its last one. */
static bool check_index(struct capture_words rest, struct capture_words *ret_lines)
{
	struct capture_words line = capture_take_line(&rest), words = line;
	uint64_t version, crc32;
	uint32_t crc = capture_crc_line(0, line.start, line.bytes);

	if (!capture_words_are(capture_take_word(&words), INDEX_KEY) ||
	    !capture_take_number(&words, &version) || version != INDEX_VERSION)
		return false;
	*ret_lines = rest;
	while (rest.bytes > 0) {
		words = line = capture_take_line(&rest);
		ret_lines->bytes = (size_t)(line.start - ret_lines->start);
		if (rest.bytes == 0)
			return capture_words_are(capture_take_word(&words), "checksum") &&
			       capture_take_number(&words, &crc32) && crc32 == crc;
		crc = capture_crc_line(crc, line.start, line.bytes);
	}
	return false;
}

static void take_index(struct history *history, const char *text, size_t bytes)
{
	struct capture_words lines;

	if (!check_index((struct capture_words){ text, bytes }, &lines))
		return;
	while (lines.bytes > 0)
		if (!take_entry(history, capture_take_line(&lines)))
			history->is_index_old = true;
}

static void read_index(struct boot *boot, struct history *history)
{
	unsigned n_claims = boot->memory.n_claims;
	EFI_FILE_HANDLE file;
	uint64_t bytes;
	char *text;

	if (EFI_ERROR(volume_open_file(boot->root, INDEX_PATH, &file, &bytes)))
		return;
	text = bytes > INDEX_MOST_BYTES ? NULL : memory_claim_bytes(&boot->memory, bytes + 1);
	if (text != NULL && !EFI_ERROR(volume_read(file, 0, text, bytes, NULL, NULL)))
		take_index(history, text, (size_t)bytes);
	file->Close(file);
	memory_give_back(&boot->memory, n_claims);
}

static void write_entry(struct capture_writer *writer, const struct history_entry *entry)
{
	const struct past_boot *boot = &entry->boot;
	char rest[CAPTURE_LINE_BYTES] = "";

	if (entry->status == EFI_SUCCESS)
		text_format(rest, sizeof rest, " 0x%08x 0x%08x 0x%llx %s %s",
		            (unsigned)entry->machine, (unsigned)boot->crc32, (ull)boot->ram_bytes,
		            boot->time[0] != '\0' ? boot->time : "-", boot->label);
	capture_line(writer, "capture", "%u %llu %llu %s%s", boot->number, (ull)entry->file_bytes,
	             (ull)entry->modified, state_name(entry->status), rest);
}

static void give_index(const void *context, capture_emit_fn *emit, void *emit_context)
{
	const struct history *history = context;
	struct capture_writer writer = { .emit = emit, .context = emit_context };

	capture_line(&writer, INDEX_KEY, "%u", INDEX_VERSION);
	for (unsigned number = 1; number <= history->last_number; number++) {
		const struct history_entry *entry = &history->entries[number];

		if (entry->is_read && state_name(entry->status) != NULL)
			write_entry(&writer, entry);
	}
	capture_end(&writer);
}

void history_write_index(const struct boot *boot, const struct history *history)
{
	const struct stored_file file = {
		.path = INDEX_PATH, .second = INDEX_SECOND, .text = give_index, .context = history
	};

	if (history->is_index_old)
		store_again(boot->root, &file);
}

/* --- the captures --- */

static void read_capture(struct boot *boot, struct history_entry *entry, unsigned number)
{
	char path[COMPARISON_PATH_BYTES];
	unsigned n_claims = boot->memory.n_claims;
	struct recalled_file file;

	text_format(path, sizeof path, RECALL_PATH, number);
	entry->status = recall_file(boot, path, &file);
	entry->is_read = true;
	entry->boot = (struct past_boot){ .number = number };
	if (entry->status == EFI_SUCCESS) {
		entry->machine = file.said.machine;
		memcpy(entry->boot.time, file.said.time, sizeof entry->boot.time);
		memcpy(entry->boot.label, file.said.label, sizeof entry->boot.label);
		entry->boot.crc32 = e820_hibernate_crc32(&file.e820);
		entry->boot.ram_bytes = e820_bytes_of_type(&file.e820, E820_RAM);
	}
	memory_give_back(&boot->memory, n_claims);
}

static bool must_be_read(const struct history_entry *entry)
{
	return entry->is_capture && !entry->is_read;
}

void history_read(struct boot *boot, struct history *history)
{
	unsigned n_done = 0, n_all = 0;

	read_index(boot, history);
	for (unsigned number = 1; number <= history->last_number; number++)
		n_all += must_be_read(&history->entries[number]);
	for (unsigned number = 1; number <= history->last_number; number++) {
		if (!must_be_read(&history->entries[number]))
			continue;
		show(boot, n_done, n_all);
		read_capture(boot, &history->entries[number], number);
		n_done++;
	}
	if (n_all > 0)
		show(boot, n_done, n_all);
	history->is_index_old |= n_all > 0;
}
