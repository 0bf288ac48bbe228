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

/* What is wrong is told up to the fault; a folder on the way can only go in a circle. */
static EFI_STATUS refuse_chain(const struct boot *boot, const char *noun, const char *path,
                               const struct fat_chain *chain)
{
	char part[CONFIG_PATH_BYTES];

	text_format(part, min_u64(chain->path_bytes + 1, sizeof part), "%s", path);
	if (chain->fault == FAT_CIRCLE)
		return console_error(&boot->firmware, EFI_VOLUME_CORRUPTED,
		                     "%s%s is damaged: the clusters of %s lead in a circle. chkdsk "
		                     "or fsck repairs the volume",
		                     noun, path, part);
	return console_error(&boot->firmware, EFI_VOLUME_CORRUPTED,
	                     "%s%s is damaged: %s after %llu of %llu bytes. Repair the volume with "
	                     "chkdsk or fsck, then copy the file to it again",
	                     noun, path, fat_fault_text(chain->fault), (ull)chain->held_bytes,
	                     (ull)chain->file_bytes);
}

/* One of the two goes on as the other one; which, only their contents tell. */
static EFI_STATUS refuse_shared(const struct boot *boot, const struct followed *one,
                                const struct followed *other)
{
	return console_error(&boot->firmware, EFI_VOLUME_CORRUPTED,
	                     "%s%s and %s%s are damaged: both have the same clusters. Repair the "
	                     "volume with chkdsk or fsck, then copy the files to it again",
	                     one->noun, one->path, other->noun, other->path);
}

/* Once it is known which two files share clusters, if both are among those that were followed. */
static EFI_STATUS refuse_crossed(const struct boot *boot)
{
	for (unsigned i = 0; i < boot->n_followed; i++)
		if (boot->followed[i].chain.fault == FAT_CROSSED)
			return refuse_chain(boot, boot->followed[i].noun, boot->followed[i].path,
			                    &boot->followed[i].chain);
	return EFI_SUCCESS;
}

/* Before it is opened; @ret_is_there, if it can be told. Of what is sound, or crossed,
 * boot->followed has the chain. */
static EFI_STATUS follow_file(struct boot *boot, EFI_HANDLE device, const char *noun,
                              const char *path, bool *ret_is_there)
{
	struct followed *file = &boot->followed[boot->n_followed];
	struct fat_chain *chain = &file->chain;

	*file = (struct followed){ .device = device, .noun = noun, .path = path };
	volume_follow(&boot->firmware, device, path, chain);
	*ret_is_there = chain->entry_offset != 0;
	if (chain->fault != FAT_SOUND && chain->fault != FAT_LONG && chain->fault != FAT_CROSSED)
		return refuse_chain(boot, noun, path, chain);
	for (unsigned i = 0; i < boot->n_followed; i++)
		if (boot->followed[i].device == device &&
		    fat_shares(&boot->followed[i].chain, chain))
			return refuse_shared(boot, &boot->followed[i], file);
	boot->n_followed += *ret_is_there;
	return EFI_SUCCESS;
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

static EFI_STATUS open_followed(struct boot *boot, const char *path, EFI_FILE_HANDLE *ret_file,
                                uint64_t *ret_bytes)
{
	bool is_there;
	EFI_STATUS status = follow_file(boot, boot->device, "", path, &is_there);

	status = EFI_ERROR(status) ? status : refuse_crossed(boot);
	return EFI_ERROR(status) ? status : volume_open_file(boot->root, path, ret_file, ret_bytes);
}

/* On the volume that bootmem came from, or else on another one of the same disk, which is
 * boot->root then. */
static EFI_STATUS open_config(struct boot *boot, const char *path, EFI_FILE_HANDLE *ret_file,
                              uint64_t *ret_bytes)
{
	EFI_STATUS status = open_followed(boot, path, ret_file, ret_bytes);
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
	return open_followed(boot, path, ret_file, ret_bytes);
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
		return boot->error.status != EFI_SUCCESS
		               ? status /* which is said */
		               : console_error(&boot->firmware, status, "%s %s", path,
		                               volume_why(status));
	status = parse_file(boot, path, file, file_bytes);
	file->Close(file);
	return status;
}

/* Nothing that lies on a volume whose folder of ours cannot be opened is read or written. */
static EFI_STATUS check_folder(struct boot *boot)
{
	struct fat_chain chain;

	volume_follow(&boot->firmware, boot->device, STORE_FOLDER, &chain);
	if (chain.fault != FAT_CIRCLE)
		return EFI_SUCCESS;
	boot->root->Close(boot->root);
	boot->root = NULL;
	return refuse_chain(boot, "", STORE_FOLDER, &chain);
}

/* Where it is read from: on the volume of the configuration, or else on the one that bootmem came
 * from. What is no FAT has files that cannot be followed. */
static EFI_STATUS check_path(struct boot *boot, const char *noun, const char *path)
{
	const EFI_HANDLE devices[] = { boot->device, boot->firmware.loaded_image->DeviceHandle };
	EFI_STATUS status = EFI_SUCCESS;
	bool is_there = false;

	for (size_t i = 0; i < COUNT(devices) && !EFI_ERROR(status) && !is_there; i++)
		if (i == 0 || (devices[i] != devices[0] && !volume_is_file(boot->root, path)))
			status = follow_file(boot, devices[i], noun, path, &is_there);
	return status;
}

EFI_STATUS check_files(struct boot *boot)
{
	const struct config *config = &boot->config;
	EFI_STATUS status = check_path(
		boot, "kernel ",
		boot->plan.booted == &boot->plan.ia32 ? config->kernel_ia32 : config->kernel_amd64);

	if (!EFI_ERROR(status) && config->initrd[0] != '\0')
		status = check_path(boot, "initrd ", config->initrd);
	return EFI_ERROR(status) ? status : refuse_crossed(boot);
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
