/* chain.c - a path -> a device path -> an image that runs: see chain.h. */
#include "efi/chain.h"

#include "bootmem/mem.h"
#include "efi/boot_entry.h"
#include "efi/device_path.h"
#include "efi/medium.h"
#include "efi/pin.h"
#include "efi/pin_report.h"
#include "efi/protocol.h"
#include "efi/volume.h"
#include "efi/watchdog.h"

#define NEXT       "next"
#define NAME_BYTES (CONFIG_PATH_BYTES + 64)
#define END_BYTES  sizeof(EFI_DEVICE_PATH)
#define NODE_BYTES (sizeof(EFI_DEVICE_PATH) + (CONFIG_PATH_BYTES + 1) * sizeof(CHAR16))

static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;

/* What will be started. */
struct next_loader {
	char name[NAME_BYTES]; /* for people */
	EFI_DEVICE_PATH *path; /* all of it. Claimed */
	const void *options;   /* claimed, or the configuration's; 0 bytes: none */
	UINTN options_bytes;
};

static size_t text_length(const char *text)
{
	size_t n = 0;

	while (text[n] != '\0')
		n++;
	return n;
}

/* --- device paths --- */

/* The first @head_bytes of @head, and then all of @tail, whose end is the last node. NULL if there
 * is no memory. */
static EFI_DEVICE_PATH *join(struct memory *memory, const EFI_DEVICE_PATH *head, size_t head_bytes,
                             const EFI_DEVICE_PATH *tail)
{
	size_t tail_bytes = device_path_bytes(tail, DEVICE_PATH_MOST_BYTES);
	uint8_t *path = memory_claim_bytes(memory, head_bytes + tail_bytes);

	if (path == NULL)
		return NULL;
	memcpy(path, head, head_bytes);
	memcpy(path + head_bytes, tail, tail_bytes);
	return (EFI_DEVICE_PATH *)path;
}

/* The node of a file, and the end (UEFI 2.10 §10.3.5.4). */
static void write_file_path(const char *path, uint8_t to[NODE_BYTES + END_BYTES])
{
	static const EFI_DEVICE_PATH end = { END_DEVICE_PATH_TYPE,
		                             END_ENTIRE_DEVICE_PATH_SUBTYPE,
		                             { END_BYTES, 0 } };
	EFI_DEVICE_PATH node = { .Type = MEDIA_DEVICE_PATH, .SubType = MEDIA_FILEPATH_DP };
	size_t bytes = sizeof node;

	if (path[0] != '\\' && path[0] != '/') {
		to[bytes++] = '\\';
		to[bytes++] = 0;
	}
	for (; *path != '\0'; path++) {
		to[bytes++] = *path == '/' ? '\\' : (uint8_t)*path;
		to[bytes++] = 0;
	}
	to[bytes++] = 0;
	to[bytes++] = 0;
	SetDevicePathNodeLength(&node, bytes);
	memcpy(to, &node, sizeof node);
	memcpy(to + bytes, &end, sizeof end);
}

/* --- a path --- */

static bool has_file(const struct firmware *firmware, EFI_HANDLE device, const char *path)
{
	EFI_FILE_HANDLE root = medium_open(firmware, device);
	bool has = root != NULL && volume_circle(firmware, device, path) == 0 &&
	           volume_is_file(root, path);

	if (root != NULL)
		root->Close(root);
	return has;
}

/* edk2 and U-Boot mark the handle of an EFI system partition with its type's number. */
static bool is_system_partition(const struct firmware *firmware, EFI_HANDLE device)
{
	static EFI_GUID system_partition_guid = {
		0xc12a7328, 0xf81f, 0x11d2, { 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b }
	};
	VOID *none = NULL;

	return !EFI_ERROR(
		firmware->boot_services->HandleProtocol(device, &system_partition_guid, &none));
}

/* The volume of the configuration, that of bootmem, and then those of the other ESPs. NULL:
 * nowhere.
 */
static EFI_HANDLE find_volume(const struct boot *boot, const char *path)
{
	const struct firmware *firmware = &boot->firmware;
	EFI_HANDLE own = firmware->loaded_image->DeviceHandle, *handles, found = NULL;
	UINTN n_handles;

	if (has_file(firmware, boot->device, path))
		return boot->device;
	if (own != boot->device && has_file(firmware, own, path))
		return own;
	handles = protocol_handles(firmware, &block_io_guid, &n_handles);
	for (UINTN i = 0; i < n_handles && found == NULL; i++)
		if (handles[i] != own && handles[i] != boot->device &&
		    is_system_partition(firmware, handles[i]) &&
		    has_file(firmware, handles[i], path))
			found = handles[i];
	protocol_free(firmware, handles);
	return found;
}

/* " on partition 2 of another disk", or of this one. */
static void name_volume(const struct boot *boot, EFI_HANDLE device, char *text, size_t bytes)
{
	const EFI_DEVICE_PATH *path = protocol_of(&boot->firmware, device, &device_path_guid);
	const EFI_DEVICE_PATH *own = protocol_of(&boot->firmware, boot->device, &device_path_guid);
	size_t offset;

	text[0] = '\0';
	if (device == boot->device)
		return;
	if (path != NULL && device_path_find_partition(path, &offset))
		text_format(text, bytes, " on partition %u of %s disk",
		            ((const uint8_t *)path)[offset + sizeof *path],
		            own != NULL && medium_are_neighbours(own, path) ? "this" : "another");
	else
		text_format(text, bytes, " on another volume");
}

static EFI_STATUS find_path(struct boot *boot, struct next_loader *ret_loader)
{
	const char *path = boot->config.chain;
	uint8_t file_path[NODE_BYTES + END_BYTES];
	EFI_HANDLE device = find_volume(boot, path);
	const EFI_DEVICE_PATH *head =
		device == NULL ? NULL : protocol_of(&boot->firmware, device, &device_path_guid);
	size_t head_bytes = head == NULL ? 0 : device_path_bytes(head, DEVICE_PATH_MOST_BYTES);
	char volume[64];

	if (device == NULL)
		return console_error(&boot->firmware, EFI_NOT_FOUND,
		                     "chain %s: not on this volume, nor on another ESP", path);
	if (head_bytes == 0)
		return console_error(&boot->firmware, EFI_UNSUPPORTED,
		                     "chain %s: its volume has no device path", path);
	write_file_path(path, file_path);
	name_volume(boot, device, volume, sizeof volume);
	text_format(ret_loader->name, sizeof ret_loader->name, "%s%s", path, volume);
	ret_loader->path = join(&boot->memory, head, head_bytes - END_BYTES,
	                        (const EFI_DEVICE_PATH *)file_path);
	return ret_loader->path != NULL ? EFI_SUCCESS
	                                : console_error(&boot->firmware, EFI_OUT_OF_RESOURCES,
	                                                "chain %s: no memory for its path", path);
}

/* --- the next entry --- */

/* HD(...)/File(...) -> the path of the device that has this partition, and File(...). */
static EFI_DEVICE_PATH *expand(struct boot *boot, const EFI_DEVICE_PATH *partition)
{
	const EFI_DEVICE_PATH *tail = NextDevicePathNode(partition);
	EFI_DEVICE_PATH *found = NULL;
	UINTN n_handles;
	EFI_HANDLE *handles = protocol_handles(&boot->firmware, &block_io_guid, &n_handles);

	for (UINTN i = 0; i < n_handles && found == NULL; i++) {
		const EFI_DEVICE_PATH *path =
			protocol_of(&boot->firmware, handles[i], &device_path_guid);
		const EFI_DEVICE_PATH *node;
		size_t offset;

		if (path == NULL || !device_path_find_partition(path, &offset))
			continue;
		node = (const EFI_DEVICE_PATH *)((const uint8_t *)path + offset);
		if (device_path_is_same_partition(node, partition))
			found = join(&boot->memory, path, offset + DevicePathNodeLength(node),
			             tail);
	}
	protocol_free(&boot->firmware, handles);
	return found;
}

/* From the bus on, and to a file. */
static bool is_full(const EFI_DEVICE_PATH *path, const char *file)
{
	return (path->Type == HARDWARE_DEVICE_PATH || path->Type == ACPI_DEVICE_PATH) &&
	       file[0] != '\0';
}

static EFI_STATUS find_next(struct boot *boot, struct next_loader *ret_loader)
{
	struct boot_entry entry;
	char file[CONFIG_PATH_BYTES];
	EFI_STATUS status = boot_entry_next(&boot->firmware, &boot->memory, &entry);

	if (EFI_ERROR(status))
		return console_error(&boot->firmware, status,
		                     "chain = next: behind the boot entry of bootmem there is no "
		                     "other that is active");
	device_path_file(entry.path, file, sizeof file);
	text_format(ret_loader->name, sizeof ret_loader->name, "%s %s", entry.name, file);
	ret_loader->options = entry.options;
	ret_loader->options_bytes = entry.options_bytes;
	if (device_path_is_partition(entry.path))
		ret_loader->path = expand(boot, entry.path);
	else if (is_full(entry.path, file))
		ret_loader->path = join(&boot->memory, entry.path, 0, entry.path);
	else
		return console_error(&boot->firmware, EFI_UNSUPPORTED,
		                     "chain = next: %s names no file of a partition: the "
		                     "firmware starts it itself, without pin",
		                     entry.name);
	return ret_loader->path != NULL
	               ? EFI_SUCCESS
	               : console_error(&boot->firmware, EFI_NOT_FOUND,
	                               "chain = next: the partition of %s is not there",
	                               ret_loader->name);
}

/* --- the start --- */

/* As text of 16-bit letters, with its 0. Those of the configuration go before those of an entry. */
static bool take_options(struct boot *boot, struct next_loader *loader)
{
	const char *text = boot->config.chain_options;
	size_t n = text_length(text);
	uint8_t *options;

	if (n > 0)
		loader->options_bytes = (n + 1) * sizeof(CHAR16);
	if (loader->options_bytes == 0)
		return true;
	options = memory_claim_bytes(&boot->memory, loader->options_bytes);
	if (options == NULL)
		return false;
	if (n == 0)
		memcpy(options, loader->options, loader->options_bytes);
	for (size_t i = 0; i < n; i++)
		options[i * sizeof(CHAR16)] = (uint8_t)text[i];
	loader->options = options;
	return true;
}

/* Or it would start itself again, until there is no memory. */
static bool is_ourselves(const struct firmware *firmware, const EFI_LOADED_IMAGE *image)
{
	char file[CONFIG_PATH_BYTES], own[CONFIG_PATH_BYTES];

	if (image->DeviceHandle != firmware->loaded_image->DeviceHandle ||
	    image->FilePath == NULL || firmware->loaded_image->FilePath == NULL)
		return false;
	device_path_file(image->FilePath, file, sizeof file);
	device_path_file(firmware->loaded_image->FilePath, own, sizeof own);
	return config_is_same_path(file, own);
}

static EFI_STATUS refuse(struct boot *boot, EFI_HANDLE image, EFI_STATUS status,
                         const struct next_loader *loader, const char *why)
{
	if (image != NULL)
		boot->firmware.boot_services->UnloadImage(image);
	return console_error(&boot->firmware, status, "chain %s: %s", loader->name, why);
}

/* Firmware may load what it will not start, and say so (UEFI 2.10 §7.4.1). */
static EFI_STATUS load(struct boot *boot, struct next_loader *loader, EFI_HANDLE *ret_image)
{
	const struct firmware *firmware = &boot->firmware;
	EFI_LOADED_IMAGE *loaded;
	EFI_STATUS status;

	*ret_image = NULL;
	status = firmware->boot_services->LoadImage(FALSE, firmware->image, loader->path, NULL, 0,
	                                            ret_image);
	if (EFI_ERROR(status))
		return refuse(boot, status == EFI_SECURITY_VIOLATION ? *ret_image : NULL, status,
		              loader, "cannot be loaded");
	loaded = *ret_image == NULL ? NULL : protocol_of(firmware, *ret_image, &loaded_image_guid);
	if (loaded == NULL)
		return refuse(boot, *ret_image, EFI_LOAD_ERROR, loader,
		              "the firmware does not say what it has loaded");
	if (is_ourselves(firmware, loaded))
		return refuse(boot, *ret_image, EFI_INVALID_PARAMETER, loader,
		              "that is bootmem itself");
	if (!take_options(boot, loader))
		return refuse(boot, *ret_image, EFI_OUT_OF_RESOURCES, loader,
		              "no memory for its options");
	loaded->LoadOptions = loader->options_bytes > 0 ? (VOID *)loader->options : NULL;
	loaded->LoadOptionsSize = (UINT32)loader->options_bytes;
	return EFI_SUCCESS;
}

/* What the next loader needs not be without: all but its options, which were claimed last. What
 * pointed to it is about nothing from here on. */
static void give_back(struct boot *boot, const struct next_loader *loader)
{
	boot->comparison = (struct comparison){ .kind = COMPARISON_NONE };
	boot->trust.config_text = NULL;
	if (boot->loader_root != NULL)
		boot->loader_root->Close(boot->loader_root);
	if (boot->root != NULL)
		boot->root->Close(boot->root);
	boot->root = boot->loader_root = NULL;
	boot->display = (struct display){ .canvas = NULL };
	while (boot->memory.n_claims > (loader->options_bytes > 0))
		memory_release(&boot->memory, 0);
}

/* One line: the map, the loader, the block. */
static void say(const struct boot *boot, const struct next_loader *loader)
{
	char block[PIN_WORDS_BYTES];

	pin_words(boot, block);
	console_print(&boot->firmware, "bootmem: %s. Starting %s%s\n", boot->answer.band.brief,
	              loader->name, block);
}

EFI_STATUS chain_start(struct boot *boot)
{
	EFI_BOOT_SERVICES *bs = boot->firmware.boot_services;
	struct next_loader loader = { .options_bytes = 0 };
	CHAR16 *exit_data = NULL;
	UINTN exit_bytes = 0;
	EFI_HANDLE image;
	EFI_STATUS status = memcmp(boot->config.chain, NEXT, sizeof NEXT) == 0
	                            ? find_next(boot, &loader)
	                            : find_path(boot, &loader);

	if (EFI_ERROR(status))
		return status;
	say(boot, &loader);
	pin_begin(boot);
	status = load(boot, &loader, &image);
	if (EFI_ERROR(status))
		return status;
	give_back(boot, &loader);
	watchdog_arm(&boot->firmware);
	status = bs->StartImage(image, &exit_bytes, &exit_data);
	if (exit_data != NULL)
		bs->FreePool(exit_data);
	console_warn(&boot->firmware, "%s has come back (%s): the firmware's next boot entry runs",
	             loader.name, status_name(status));
	return EFI_ERROR(status) ? status : EFI_NOT_STARTED;
}
