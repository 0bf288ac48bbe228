/* settings.c - see settings.h. */
#include "efi/settings.h"

#include "efi/console.h"
#include "efi/medium.h"
#include "efi/volume.h"
#include "handoff/capture/text.h"

/* Behind a network card there is no volume, but what loads files from a server. */
static EFI_STATUS refuse_volume(const struct firmware *firmware, EFI_STATUS status)
{
	static EFI_GUID load_file_guid = LOAD_FILE_PROTOCOL;
	void *load_file = NULL;

	if (!EFI_ERROR(firmware->boot_services->HandleProtocol(firmware->loaded_image->DeviceHandle,
	                                                       &load_file_guid, &load_file)) &&
	    load_file != NULL)
		return console_error(firmware, EFI_UNSUPPORTED,
		                     "started over the network, which bootmem does not support: "
		                     "start it from a disk or a stick");
	return console_error(firmware, status,
	                     "the volume that bootmem came from cannot be opened");
}

static EFI_STATUS parse_file(struct boot *boot, const char *path, EFI_FILE_HANDLE file,
                             uint64_t file_bytes)
{
	struct config_error *error = &boot->config_error;
	EFI_STATUS status;
	char *text;

	if (file_bytes > CONFIG_FILE_BYTES)
		return console_error(&boot->firmware, EFI_BAD_BUFFER_SIZE,
		                     "%s is larger than 64 KiB", path);
	text = memory_claim_bytes(&boot->memory, file_bytes + 1);
	status = text == NULL ? EFI_OUT_OF_RESOURCES
	                      : volume_read(file, 0, text, file_bytes, NULL, NULL);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "%s cannot be read", path);
	boot->trust.config_text = text;
	boot->trust.config_bytes = (size_t)file_bytes;
	if (config_parse(&boot->config, text, (size_t)file_bytes, error))
		return EFI_SUCCESS;
	return console_error(&boot->firmware, EFI_INVALID_PARAMETER, "%s:%u: %s%s%s%s%s", path,
	                     error->line, error->word, error->word[0] != '\0' ? ": " : "",
	                     error->what, error->hint[0] != '\0' ? ". " : "", error->hint);
}

/* On the volume that bootmem came from, or else on another one of the same disk, which is
 * boot->root then. */
static EFI_STATUS open_config(struct boot *boot, const char *path, EFI_FILE_HANDLE *ret_file,
                              uint64_t *ret_bytes)
{
	EFI_STATUS status = volume_open_file(boot->root, path, ret_file, ret_bytes);
	EFI_FILE_HANDLE data;

	if (status != EFI_NOT_FOUND)
		return status;
	data = medium_find_data(&boot->firmware);
	if (data == NULL)
		return status;
	boot->loader_root = boot->root;
	boot->root = data;
	return volume_open_file(boot->root, path, ret_file, ret_bytes);
}

static bool is_there(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE file;
	uint64_t file_bytes;

	if (EFI_ERROR(volume_open_file(root, path, &file, &file_bytes)))
		return false;
	file->Close(file);
	return true;
}

/* No file is no error, unless it was asked for. */
static EFI_STATUS read_file(struct boot *boot)
{
	const char *asked = boot->arguments.config;
	const char *path = asked[0] != '\0' ? asked : CONFIG_FILE;
	EFI_FILE_HANDLE file;
	uint64_t file_bytes;
	EFI_STATUS status = open_config(boot, path, &file, &file_bytes);

	if (status == EFI_NOT_FOUND && asked[0] == '\0') {
		if (is_there(boot->root, CONFIG_FILE ".txt"))
			return console_error(&boot->firmware, EFI_NOT_FOUND,
			                     CONFIG_FILE ".txt is not read: name it bootmem.conf. "
			                                 "File managers may hide the .txt");
		console_warn(&boot->firmware, "no %s: the defaults hold", path);
		return EFI_SUCCESS;
	}
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "%s cannot be opened", path);
	status = parse_file(boot, path, file, file_bytes);
	file->Close(file);
	return status;
}

EFI_STATUS read_settings(struct boot *boot)
{
	const struct arguments *arguments = &boot->arguments;
	EFI_STATUS status;

	config_defaults(&boot->config);
	status = volume_open(&boot->firmware, boot->firmware.loaded_image->DeviceHandle,
	                     &boot->root);
	if (EFI_ERROR(status))
		return refuse_volume(&boot->firmware, status);
	status = read_file(boot);
	if (arguments->has_label)
		text_format(boot->config.label, sizeof boot->config.label, "%s", arguments->label);
	boot->config.writes_capture |= arguments->captures_only;
	return status;
}
