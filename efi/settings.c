/* settings.c - see settings.h. */
#include "efi/settings.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/console.h"
#include "efi/medium.h"
#include "efi/protocol.h"
#include "efi/store.h"
#include "efi/volume.h"
#include "handoff/capture/text.h"

/* Behind a network card there is no volume, but what loads files from a server. */
static EFI_STATUS refuse_volume(const struct firmware *firmware, EFI_STATUS status)
{
	static EFI_GUID load_file_guid = LOAD_FILE_PROTOCOL;

	if (protocol_of(firmware, firmware->loaded_image->DeviceHandle, &load_file_guid) != NULL)
		return console_error(firmware, EFI_UNSUPPORTED,
		                     "started over the network, which bootmem does not support: "
		                     "start it from a disk or a stick");
	return console_error(firmware, status,
	                     "the volume that bootmem came from cannot be opened");
}

static EFI_STATUS refuse_circle(const struct boot *boot, const char *noun, const char *path,
                                size_t bytes)
{
	char part[CONFIG_PATH_BYTES];

	text_format(part, min_u64(bytes + 1, sizeof part), "%s", path);
	return console_error(&boot->firmware, EFI_VOLUME_CORRUPTED,
	                     "%s%s is damaged: the clusters of %s lead in a circle. chkdsk or fsck "
	                     "repairs the volume",
	                     noun, path, part);
}

static EFI_STATUS parse_file(struct boot *boot, const char *path, EFI_FILE_HANDLE file,
                             uint64_t file_bytes)
{
	const size_t circle_bytes = volume_circle(&boot->firmware, boot->device, path);
	struct config_error *error = &boot->config_error;
	EFI_STATUS status;
	char *text;

	if (circle_bytes > 0)
		return refuse_circle(boot, "", path, circle_bytes);
	if (file_bytes > CONFIG_FILE_BYTES)
		return console_error(&boot->firmware, EFI_BAD_BUFFER_SIZE,
		                     "%s is larger than 64 KiB", path);
	text = memory_claim_bytes(&boot->memory, file_bytes + 1);
	status = text == NULL ? EFI_OUT_OF_RESOURCES
	                      : volume_read(file, 0, text, file_bytes, NULL, NULL);
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "%s cannot be read", path);
	if (file_bytes == 0)
		console_warn(&boot->firmware, "%s is empty: the defaults hold", path);
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
	EFI_HANDLE device;

	if (status != EFI_NOT_FOUND)
		return status;
	data = medium_find_data(&boot->firmware, &device);
	if (data == NULL)
		return status;
	boot->loader_root = boot->root;
	boot->root = data;
	boot->device = device;
	return volume_open_file(boot->root, path, ret_file, ret_bytes);
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
		if (volume_is_file(boot->root, CONFIG_FILE ".txt"))
			return console_error(&boot->firmware, EFI_NOT_FOUND,
			                     CONFIG_FILE ".txt is not read: name it bootmem.conf. "
			                                 "File managers may hide the .txt");
		console_warn(&boot->firmware,
		             "no %s on a sound FAT volume of this disk: the defaults hold", path);
		return EFI_SUCCESS;
	}
	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status, "%s %s", path, volume_why(status));
	status = parse_file(boot, path, file, file_bytes);
	file->Close(file);
	return status;
}

/* Nothing that lies on a volume whose folder of ours cannot be opened is read or written. */
static EFI_STATUS check_folder(struct boot *boot)
{
	size_t bytes = volume_circle(&boot->firmware, boot->device, STORE_FOLDER);

	if (bytes == 0)
		return EFI_SUCCESS;
	boot->root->Close(boot->root);
	boot->root = NULL;
	return refuse_circle(boot, "", STORE_FOLDER, bytes);
}

/* On the volume of the configuration, and on the one that bootmem came from. */
static EFI_STATUS check_path(const struct boot *boot, const char *noun, const char *path)
{
	const EFI_HANDLE devices[] = { boot->device, boot->firmware.loaded_image->DeviceHandle };

	for (size_t i = 0; i < COUNT(devices); i++) {
		size_t bytes = volume_circle(&boot->firmware, devices[i], path);

		if (bytes > 0)
			return refuse_circle(boot, noun, path, bytes);
	}
	return EFI_SUCCESS;
}

EFI_STATUS check_files(struct boot *boot)
{
	const struct config *config = &boot->config;
	EFI_STATUS status = check_path(
		boot, "kernel ",
		boot->plan.booted == &boot->plan.ia32 ? config->kernel_ia32 : config->kernel_amd64);

	return EFI_ERROR(status) || config->initrd[0] == '\0'
	               ? status
	               : check_path(boot, "initrd ", config->initrd);
}

EFI_STATUS read_settings(struct boot *boot)
{
	const struct arguments *arguments = &boot->arguments;
	EFI_STATUS status, checked;

	config_defaults(&boot->config);
	status = volume_open(&boot->firmware, boot->firmware.loaded_image->DeviceHandle,
	                     &boot->root);
	if (EFI_ERROR(status))
		return refuse_volume(&boot->firmware, status);
	boot->device = boot->firmware.loaded_image->DeviceHandle;
	status = read_file(boot);
	checked = check_folder(boot);
	status = EFI_ERROR(status) ? status : checked;
	if (arguments->has_label)
		text_format(boot->config.label, sizeof boot->config.label, "%s", arguments->label);
	boot->config.writes_capture |= arguments->captures_only;
	return status;
}
