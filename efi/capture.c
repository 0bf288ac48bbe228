/*
 * capture.c - finds the captures on the volume, writes the next one, compares: see capture.h.
 *
 * A file is whole or it is not there: whatever fails while it is written, it is deleted.
 */
#include "efi/capture.h"

#include "bootmem/mem.h"
#include "efi/compare.h"
#include "efi/console.h"
#include "efi/describe.h"
#include "efi/volume.h"

#define PARENT      "\\bootmem"
#define FOLDER      PARENT "\\captures"
#define LAST_NUMBER 9999
#define NAME_BYTES  sizeof "0001.map"
#define PATH_BYTES  sizeof FOLDER "\\0001.map"
#define PIECE_BYTES 4096
#define MOST_BYTES  (UINT64_C(4) << 20) /* of a capture: some hundred times a usual one */

/* The captures that are there: the highest numbers, the highest first. When the last one is
 * damaged the one before it is good enough, but not all that there ever were. */
#define MOST_KNOWN 8
struct captures {
	unsigned numbers[MOST_KNOWN];
	size_t n;
};

/* A file on its way: lines are gathered to pieces. */
struct output {
	EFI_FILE_HANDLE file;
	EFI_STATUS status; /* the first that was not EFI_SUCCESS */
	size_t n_bytes;
	char piece[PIECE_BYTES];
};

static void format_path(char path[PATH_BYTES], unsigned number)
{
	text_format(path, PATH_BYTES, FOLDER "\\%04u.map", number);
}

/* "0001.map" is 1; 0 for what is no name of a capture. FAT knows no lower case in short names. */
static unsigned number_of(const char *name)
{
	static const char end[] = ".map";
	unsigned number = 0;

	for (size_t i = 0; i < 4; i++, name++) {
		if (*name < '0' || *name > '9')
			return 0;
		number = number * 10 + (unsigned)(*name - '0');
	}
	for (size_t i = 0; i < sizeof end; i++)
		if (name[i] != end[i] && (end[i] < 'a' || name[i] != (end[i] & ~0x20)))
			return 0;
	return number;
}

/* Into its place; the lowest one falls out. */
static void add_number(struct captures *captures, unsigned number)
{
	size_t at = captures->n;

	while (at > 0 && captures->numbers[at - 1] < number)
		at--;
	if (at == MOST_KNOWN)
		return;
	captures->n += captures->n < MOST_KNOWN;
	memmove(&captures->numbers[at + 1], &captures->numbers[at],
	        (captures->n - at - 1) * sizeof captures->numbers[0]);
	captures->numbers[at] = number;
}

/* None, if the folder is not there. */
static EFI_STATUS find_captures(EFI_FILE_HANDLE root, struct captures *ret_captures)
{
	char name[VOLUME_NAME_BYTES] = ".";
	EFI_FILE_HANDLE folder;
	EFI_STATUS status;

	ret_captures->n = 0;
	status = volume_open_directory(root, FOLDER, &folder);
	if (status == EFI_NOT_FOUND)
		return EFI_SUCCESS;
	if (EFI_ERROR(status))
		return status;
	while (!EFI_ERROR(status) && name[0] != '\0') {
		status = volume_next_name(folder, name);
		if (!EFI_ERROR(status) && number_of(name) > 0)
			add_number(ret_captures, number_of(name));
	}
	folder->Close(folder);
	return status;
}

static void write_piece(struct output *output)
{
	if (output->status == EFI_SUCCESS && output->n_bytes > 0)
		output->status = volume_write(output->file, output->piece, output->n_bytes);
	output->n_bytes = 0;
}

static void write_line(void *context, const char *line, size_t bytes)
{
	struct output *output = context;

	if (bytes > PIECE_BYTES - output->n_bytes)
		write_piece(output);
	memcpy(output->piece + output->n_bytes, line, bytes);
	output->n_bytes += bytes;
}

static EFI_STATUS write_capture(const struct boot *boot, const char *path)
{
	struct output output = { .status = EFI_SUCCESS };
	EFI_STATUS status = volume_make_directory(boot->root, PARENT);

	if (!EFI_ERROR(status))
		status = volume_make_directory(boot->root, FOLDER);
	if (!EFI_ERROR(status))
		status = volume_create(boot->root, path, &output.file);
	if (EFI_ERROR(status))
		return status;
	describe_boot(boot, write_line, &output);
	write_piece(&output);
	status = volume_finish(output.file);
	if (output.status != EFI_SUCCESS)
		status = output.status;
	if (status != EFI_SUCCESS && volume_delete(boot->root, path) != EFI_SUCCESS)
		console_warn(&boot->firmware, "%s is damaged, and cannot be deleted", path);
	return status;
}

static bool is_file(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE file;
	uint64_t bytes;

	if (EFI_ERROR(volume_open_file(root, path, &file, &bytes)))
		return false;
	file->Close(file);
	return true;
}

static bool save(const struct boot *boot, unsigned number)
{
	char path[PATH_BYTES];
	EFI_STATUS status;

	if (number > LAST_NUMBER) {
		console_warn(&boot->firmware,
		             "no capture: " FOLDER "\\%u.map is the last one that there can be",
		             LAST_NUMBER);
		return false;
	}
	format_path(path, number);
	status = write_capture(boot, path);
	if (status == EFI_SUCCESS)
		console_print(&boot->firmware, "Capture of this boot: %s\n", path);
	else
		console_warn(&boot->firmware, "no capture: %s cannot be written (%s)", path,
		             is_file(boot->root, FOLDER) ? FOLDER " is a file"
		                                         : status_name(status));
	return status == EFI_SUCCESS;
}

/* EFI_SUCCESS when it has been compared with. What is too large for a capture has no room. */
static EFI_STATUS compare_with_file(struct boot *boot, const char *path)
{
	const char *name = path + sizeof FOLDER;
	EFI_FILE_HANDLE file;
	EFI_STATUS status;
	uint64_t bytes;
	char *text;

	status = volume_open_file(boot->root, path, &file, &bytes);
	if (EFI_ERROR(status))
		return status;
	text = bytes > MOST_BYTES ? NULL : memory_claim_bytes(&boot->memory, bytes + 1);
	status =
		text == NULL ? EFI_OUT_OF_RESOURCES : volume_read(file, 0, text, bytes, NULL, NULL);
	file->Close(file);
	return EFI_ERROR(status) ? status : compare_with(boot, name, text, (size_t)bytes);
}

static void say_not_compared(const struct firmware *firmware, const char *path, EFI_STATUS status)
{
	switch (status) {
	case EFI_MEDIA_CHANGED:
		console_print(firmware, "Of another machine: %s\n", path);
		break;
	case EFI_CRC_ERROR:
		console_warn(firmware, "%s is damaged, and not compared with", path);
		break;
	case EFI_INCOMPATIBLE_VERSION:
		console_warn(firmware, "%s is of a later bootmem, and not compared with", path);
		break;
	default:
		console_warn(firmware, "%s cannot be compared with (%s)", path,
		             status_name(status));
	}
}

/* The number of the capture that this boot was compared with, or 0. */
static unsigned compare(struct boot *boot, const struct captures *captures)
{
	unsigned n_claims = boot->memory.n_claims;
	char path[PATH_BYTES];

	for (size_t i = 0; i < captures->n; i++) {
		EFI_STATUS status;

		format_path(path, captures->numbers[i]);
		status = compare_with_file(boot, path);
		memory_give_back(&boot->memory, n_claims);
		if (status == EFI_SUCCESS)
			return captures->numbers[i];
		say_not_compared(&boot->firmware, path, status);
	}
	console_print(&boot->firmware, "No earlier capture of this machine to compare with\n");
	return 0;
}

EFI_STATUS take_capture(struct boot *boot)
{
	struct captures captures;
	unsigned number, before;
	EFI_STATUS status;
	bool is_saved;

	if (!boot->config.writes_capture)
		return EFI_SUCCESS;
	console_print(&boot->firmware, "\n");
	status = find_captures(boot->root, &captures);
	if (EFI_ERROR(status)) {
		console_warn(&boot->firmware, "no capture: " FOLDER " cannot be read (%s)",
		             status_name(status));
		return EFI_SUCCESS;
	}
	number = captures.n > 0 ? captures.numbers[0] + 1 : 1;
	is_saved = save(boot, number);
	before = compare(boot, &captures);
	if (is_saved && before > 0)
		console_print(&boot->firmware, "Owners and causes: mapdiff %04u.map %04u.map\n",
		              before, number);
	return EFI_SUCCESS;
}

bool capture_set_label(struct boot *boot, const char *label)
{
	(void)boot, (void)label;
	return false;
}
