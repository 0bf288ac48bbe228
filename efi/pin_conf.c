/* pin_conf.c - see pin_conf.h. */
#include "efi/pin_conf.h"

#include "bootmem/mem.h"
#include "efi/describe.h"
#include "efi/history.h"
#include "efi/recall.h"
#include "efi/store.h"
#include "x86/pin_home.h"

#define SECOND     STORE_FOLDER "\\pin.new"
#define KEY        "bootmem-pin"
#define VERSION    1
#define MOST_BYTES 256

#define DAMAGED                                                                               \
	PIN_CONF_PATH " is damaged. Delete it, and the next boot finds an address anew: the " \
		      "first resume after that is refused"

/* --- the file --- */

static void give_text(const void *context, capture_emit_fn *emit, void *emit_context)
{
	const paddr_t *paddr = context;
	struct capture_writer writer = { .emit = emit, .context = emit_context };

	capture_line(&writer, KEY, "%u", VERSION);
	capture_line(&writer, "address", "0x%llx", (ull)*paddr);
	capture_end(&writer);
}

/* What the file has to be, to the last letter, once the address is known. */
struct expected {
	char text[MOST_BYTES];
	size_t bytes;
};

static void expect(void *context, const char *text, size_t bytes)
{
	struct expected *expected = context;

	if (bytes > MOST_BYTES - expected->bytes)
		return;
	memcpy(expected->text + expected->bytes, text, bytes);
	expected->bytes += bytes;
}

/* So nobody has to say what is wrong with a file: it is this one, or none. */
static bool parse(const char *text, size_t bytes, paddr_t *ret_paddr)
{
	struct capture_words rest = { text, bytes }, line;
	struct expected expected = { .bytes = 0 };
	uint64_t paddr;

	capture_take_line(&rest);
	line = capture_take_line(&rest);
	capture_take_word(&line);
	if (!capture_take_number(&line, &paddr))
		return false;
	give_text(&paddr, expect, &expected);
	*ret_paddr = paddr;
	return expected.bytes == bytes && memcmp(expected.text, text, bytes) == 0;
}

static EFI_STATUS read_address(const struct boot *boot, paddr_t *ret_paddr)
{
	char text[MOST_BYTES];
	EFI_FILE_HANDLE file;
	uint64_t bytes;
	EFI_STATUS status;

	if (volume_circle(&boot->firmware, boot->device, PIN_CONF_PATH) > 0)
		return EFI_CRC_ERROR;
	status = volume_open_file(boot->root, PIN_CONF_PATH, &file, &bytes);
	if (EFI_ERROR(status))
		return status;
	status =
		bytes > sizeof text ? EFI_CRC_ERROR : volume_read(file, 0, text, bytes, NULL, NULL);
	file->Close(file);
	if (EFI_ERROR(status))
		return status;
	return parse(text, (size_t)bytes, ret_paddr) &&
	                       pin_home_is_good(*ret_paddr, boot->config.pin_pages)
	               ? EFI_SUCCESS
	               : EFI_CRC_ERROR;
}

static EFI_STATUS write_address(const struct boot *boot, paddr_t paddr)
{
	const struct stored_file file = {
		.path = PIN_CONF_PATH, .second = SECOND, .text = give_text, .context = &paddr
	};
	EFI_STATUS status = volume_make_directory(boot->root, STORE_FOLDER);

	return EFI_ERROR(status) ? status : store_new(boot->root, &file);
}

/* --- the first time --- */

/* A capture of this machine: what was free then. One without a UEFI map says nothing. */
static bool add_capture(struct boot *boot, unsigned number, struct pin_home *home)
{
	char path[COMPARISON_PATH_BYTES];
	struct recalled_file file;
	struct uefi_map map;
	EFI_STATUS status;

	text_format(path, sizeof path, RECALL_PATH, number);
	status = recall_file(boot, path, &file);
	if (!EFI_ERROR(status))
		status = recall_uefi(boot, &file, &map);
	if (!EFI_ERROR(status) && uefi_map_count(&map) > 0)
		pin_home_add_map(home, &map);
	return !EFI_ERROR(status);
}

static bool add_captures(struct boot *boot, struct pin_home *home)
{
	struct recalled said = { 0 };
	struct history history;
	bool is_good;

	describe_conditions(boot, recall_line, &said);
	is_good = !EFI_ERROR(history_list(boot, &history)) && !history.is_endless;
	if (is_good)
		history_read(boot, &history);
	for (unsigned number = 1; is_good && number <= history.last_number; number++) {
		const struct history_entry *entry = &history.entries[number];
		unsigned n_claims = boot->memory.n_claims;

		if (entry->is_capture && entry->is_read && entry->status == EFI_SUCCESS &&
		    entry->machine == said.machine)
			is_good = add_capture(boot, number, home);
		memory_give_back(&boot->memory, n_claims);
	}
	return is_good;
}

static const char *choose(struct boot *boot, paddr_t *ret_paddr)
{
	unsigned n_claims = boot->memory.n_claims;
	struct pin_home home;
	bool is_good;

	pin_home_init(&home, boot->config.pin_pages);
	pin_home_add_map(&home, &boot->snapshot.map);
	is_good = add_captures(boot, &home);
	memory_give_back(&boot->memory, n_claims);
	if (!is_good)
		return "what was free in earlier boots is not known: the captures cannot be read";
	if (!pin_home_find(&home, ret_paddr))
		return "no range from 64 MiB to 2 GiB is free in this and all captured boots, and "
		       "more than 64 MiB long";
	return NULL;
}

const char *pin_conf_find(struct boot *boot, paddr_t *ret_paddr)
{
	EFI_STATUS status = read_address(boot, ret_paddr);
	const char *why;
	paddr_t paddr;

	if (status == EFI_SUCCESS)
		return NULL;
	if (status == EFI_CRC_ERROR || status == EFI_END_OF_FILE)
		return DAMAGED;
	if (status != EFI_NOT_FOUND)
		return PIN_CONF_PATH " cannot be read";
	why = choose(boot, &paddr);
	if (why != NULL)
		return why;
	if (write_address(boot, paddr) != EFI_SUCCESS)
		return PIN_CONF_PATH " cannot be written, so the address would not last";
	return read_address(boot, ret_paddr) == EFI_SUCCESS && *ret_paddr == paddr ? NULL
	                                                                           : PIN_CONF_PATH
	               " is not as it was written";
}
