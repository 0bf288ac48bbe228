/* recall.c - see recall.h. The text is whoever's: each line is counted before there is room for it.
 */
#include "efi/recall.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/volume.h"

/* What stays when the firmware gets an update. */
static const char *const machine_keys[] = {
	"firmware-bits",  "system-vendor", "system-product",
	"system-version", "board-vendor",  "board-product",
};

static const char *const fact_keys[RECALL_FACTS] = {
	[RECALL_INSTALLED_BYTES] = "installed-bytes",     [RECALL_CPU_COUNT] = "cpu-count",
	[RECALL_BIOS_VERSION] = "bios-version",           [RECALL_BIOS_DATE] = "bios-date",
	[RECALL_FIRMWARE_REVISION] = "firmware-revision", [RECALL_BOOT_CURRENT] = "boot-current",
};

void recall_text(char *text, size_t bytes, struct capture_words words)
{
	size_t n = (size_t)min_u64(words.bytes, bytes - 1);

	for (size_t i = 0; i < n; i++)
		text[i] = words.start[i] < ' ' || words.start[i] > '~' ? '?' : words.start[i];
	text[n] = '\0';
}

static void add_fact(struct recalled *recalled, size_t fact, struct capture_words value)
{
	recall_text(recalled->facts[fact].text, sizeof recalled->facts[fact].text, value);
	if (!capture_take_number(&value, &recalled->facts[fact].number))
		recalled->facts[fact].number = 0;
}

/* The sum of the lines' checksums: their order does not matter. */
void recall_line(void *context, const char *line, size_t bytes)
{
	struct recalled *recalled = context;
	struct capture_words words = { line, bytes }, key;

	while (words.bytes > 0 && (line[words.bytes - 1] == '\n' || line[words.bytes - 1] == '\r'))
		words.bytes--;
	bytes = words.bytes;
	key = capture_take_word(&words);
	for (size_t i = 0; i < COUNT(machine_keys); i++)
		if (capture_words_are(key, machine_keys[i]))
			recalled->machine += capture_crc_line(0, line, bytes);
	for (size_t i = 0; i < RECALL_FACTS; i++)
		if (capture_words_are(key, fact_keys[i]))
			add_fact(recalled, i, words);
	if (capture_words_are(key, "time"))
		recall_text(recalled->time, sizeof recalled->time, words);
	else if (capture_words_are(key, "label"))
		recall_text(recalled->label, sizeof recalled->label, words);
}

/* How many lines are about @key. */
static size_t count_lines(const struct recalled_file *file, const char *key)
{
	struct capture_words rest = { file->text, file->bytes };
	size_t n = 0;

	while (rest.bytes > 0) {
		struct capture_words line = capture_take_line(&rest);

		n += capture_words_are(capture_take_word(&line), key);
	}
	return n;
}

static void recall_lines(const struct recalled_file *file, struct recalled *ret_said)
{
	struct capture_words rest = { file->text, file->bytes };

	*ret_said = (struct recalled){ 0 };
	while (rest.bytes > 0) {
		struct capture_words line = capture_take_line(&rest);

		recall_line(ret_said, line.start, line.bytes);
	}
}

/* Whoever wrote the text need not have sanitized the map. */
static EFI_STATUS read_e820(struct boot *boot, const struct recalled_file *file,
                            struct e820_map *map)
{
	size_t n_lines = count_lines(file, "e820");
	size_t scratch_bytes = e820_scratch_bytes(n_lines);
	void *scratch = memory_claim_bytes(&boot->memory, scratch_bytes + 1);

	map->n_ranges = 0;
	map->capacity = e820_most_ranges(n_lines);
	map->ranges = memory_claim_bytes(&boot->memory, map->capacity * sizeof map->ranges[0] + 1);
	if (scratch == NULL || map->ranges == NULL)
		return EFI_OUT_OF_RESOURCES;
	if (!capture_read_e820(file->text, file->bytes, map) ||
	    e820_sanitize(map, scratch, scratch_bytes, NULL) != MAP_OK)
		return EFI_CRC_ERROR;
	return EFI_SUCCESS;
}

static EFI_STATUS read_text(struct boot *boot, const char *path, struct recalled_file *file)
{
	EFI_FILE_HANDLE handle;
	uint64_t bytes;
	EFI_STATUS status = volume_open_file(boot->root, path, &handle, &bytes);
	char *text;

	if (EFI_ERROR(status))
		return status;
	if (bytes == 0 || bytes > RECALL_MOST_BYTES) {
		handle->Close(handle);
		return EFI_CRC_ERROR;
	}
	text = memory_claim_bytes(&boot->memory, bytes);
	status = text == NULL ? EFI_OUT_OF_RESOURCES
	                      : volume_read(handle, 0, text, bytes, NULL, NULL);
	handle->Close(handle);
	file->text = text;
	file->bytes = (size_t)bytes;
	return status;
}

EFI_STATUS recall_file(struct boot *boot, const char *path, struct recalled_file *ret_file)
{
	EFI_STATUS status = read_text(boot, path, ret_file);

	if (EFI_ERROR(status))
		return status;
	if (capture_version(ret_file->text, ret_file->bytes) > CAPTURE_VERSION)
		return EFI_INCOMPATIBLE_VERSION;
	status = read_e820(boot, ret_file, &ret_file->e820);
	if (!EFI_ERROR(status))
		recall_lines(ret_file, &ret_file->said);
	return status;
}

EFI_STATUS recall_uefi(struct boot *boot, const struct recalled_file *file,
                       struct uefi_map *ret_map)
{
	size_t n_lines = count_lines(file, "uefi");
	struct uefi_descriptor *descriptors =
		memory_claim_bytes(&boot->memory, n_lines * sizeof *descriptors + 1);

	if (descriptors == NULL)
		return EFI_OUT_OF_RESOURCES;
	*ret_map = (struct uefi_map){ .descriptors = descriptors, .stride = sizeof *descriptors };
	ret_map->map_bytes = sizeof *descriptors *
	                     capture_read_uefi(file->text, file->bytes, descriptors, n_lines);
	return EFI_SUCCESS;
}
