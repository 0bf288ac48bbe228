/*
 * plant.c - an odd machine for the tests to boot on: reads \plant.conf, allocates the pages that it
 * asks for, of any memory type and at any address, and then starts the loader on the map that this
 * makes. For the rows of tests/qemu/test_boot.py.
 *
 * When the loader returns, it has failed before the exit, and must have left no trace. It is
 * started a second time then: the first run also makes the firmware fill its caches, but between
 * the maps after the first and after the second run not a page of any type may have moved.
 *
 * plant.conf, one fact a line, numbers as in C:
 *
 *     # comment
 *     TYPE START PAGES     allocate; TYPE is an EFI_MEMORY_TYPE, or an OEM's or OS's number
 *     start \PATH.EFI      what to start, on this volume; the last line
 *
 * What cannot be allocated is reported and passed over, for the row to see. Everything is said on
 * ConOut, in lines that begin with `plant: '.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "efi/uefi.h"
#include "handoff/text.h"

#define CONF_BYTES     65536
#define MAP_BYTES      262144
#define PATH_CHARS     128
#define LINE_BYTES     160
#define DEBUG_EXIT     0x501 /* QEMU's isa-debug-exit, where tests/qemu/run puts it */
#define DEBUG_EXITCODE 0x12

/* Pages of each type of UEFI 2.10 §7.2.3; the last is for all that is no such type. */
#define N_TYPES 17

struct census {
	UINT64 pages[N_TYPES];
};

static EFI_SYSTEM_TABLE *system_table;
static EFI_BOOT_SERVICES *boot;
static char conf[CONF_BYTES + 1];

/* In our own image, so that taking a map does not change it. */
static UINT8 map[MAP_BYTES] __attribute__((aligned(8)));

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One line on the console. */
static void say(const char *format, ...)
{
	char line[LINE_BYTES];
	CHAR16 wide[sizeof "plant: " + LINE_BYTES + 2];
	size_t length = 0;
	va_list arguments;

	va_start(arguments, format);
	text_vformat(line, sizeof line, format, arguments);
	va_end(arguments);
	for (const char *p = "plant: "; *p != '\0'; p++)
		wide[length++] = (CHAR16)*p;
	for (const char *p = line; *p != '\0'; p++)
		wide[length++] = (CHAR16)*p;
	wide[length++] = '\r';
	wide[length++] = '\n';
	wide[length] = 0;
	system_table->ConOut->OutputString(system_table->ConOut, wide);
}

/* Without the error bit, which is at another place for each width. */
static unsigned error_number(EFI_STATUS status)
{
	return (unsigned)(status & 0xffff);
}

/* The tests' machine ends here; any other goes back to its firmware. */
static EFI_STATUS leave(EFI_STATUS status)
{
	say("done");
	__asm__ volatile("outw %w0, %w1" : : "a"(DEBUG_EXITCODE), "Nd"(DEBUG_EXIT));
	return status;
}

static EFI_STATUS give_up(EFI_STATUS status, const char *what)
{
	say("%s: error %u", what, error_number(status));
	return leave(status);
}

static EFI_STATUS read_conf(EFI_HANDLE volume)
{
	static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	static CHAR16 name[] = L"\\plant.conf";
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	EFI_FILE_PROTOCOL *root, *file;
	UINTN bytes = CONF_BYTES;
	EFI_STATUS status;

	status = boot->HandleProtocol(volume, &file_system_guid, (void **)&file_system);
	if (EFI_ERROR(status))
		return status;
	status = file_system->OpenVolume(file_system, &root);
	if (EFI_ERROR(status))
		return status;
	status = root->Open(root, &file, name, EFI_FILE_MODE_READ, 0);
	if (!EFI_ERROR(status)) {
		status = file->Read(file, &bytes, conf);
		file->Close(file);
	}
	root->Close(root);
	return status;
}

static UINT64 read_number(const char **at)
{
	UINT64 value = 0;
	UINT32 base = 10;

	while (**at == ' ')
		(*at)++;
	if ((*at)[0] == '0' && (*at)[1] == 'x') {
		base = 16;
		*at += 2;
	}
	for (;; (*at)++) {
		char c = **at;

		if (c >= '0' && c <= '9')
			value = value * base + (UINT64)(c - '0');
		else if (base == 16 && c >= 'a' && c <= 'f')
			value = value * base + (UINT64)(c - 'a' + 10);
		else
			return value;
	}
}

static bool plant_pages(const char *at)
{
	UINT32 type = (UINT32)read_number(&at);
	EFI_PHYSICAL_ADDRESS start_paddr = read_number(&at);
	UINTN n_pages = (UINTN)read_number(&at);
	EFI_STATUS status;

	status = boot->AllocatePages(AllocateAddress, (EFI_MEMORY_TYPE)type, n_pages, &start_paddr);
	if (EFI_ERROR(status))
		say("no pages of type 0x%x at 0x%llx: error %u", (unsigned)type,
		    (unsigned long long)start_paddr, error_number(status));
	return !EFI_ERROR(status);
}

/* What follows @word at @at, or NULL if it does not stand there. */
static const char *after(const char *at, const char *word)
{
	while (*word != '\0')
		if (*at++ != *word++)
			return NULL;
	return at;
}

static void copy_path(CHAR16 ret_path[PATH_CHARS], const char *at)
{
	size_t length = 0;

	while (*at > ' ' && length < PATH_CHARS - 1)
		ret_path[length++] = (CHAR16)*at++;
	ret_path[length] = 0;
}

/* Carry out the lines of plant.conf; the path of the `start' line goes to @ret_path. */
static bool plant_all(CHAR16 ret_path[PATH_CHARS])
{
	unsigned n_planted = 0, n_lines = 0;
	const char *at = conf, *path = NULL;

	while (*at != '\0' && (path = after(at, "start ")) == NULL) {
		if (*at >= '0' && *at <= '9') {
			n_lines++;
			n_planted += plant_pages(at);
		}
		while (*at != '\0' && *at++ != '\n')
			continue;
	}
	say("%u of %u ranges planted", n_planted, n_lines);
	if (path != NULL)
		copy_path(ret_path, path);
	return path != NULL;
}

static size_t node_bytes(const EFI_DEVICE_PATH_PROTOCOL *node)
{
	return (size_t)node->Length[0] | (size_t)node->Length[1] << 8;
}

/* The device path of the file @path on @volume: the volume's nodes, the file's, the end's
 * (UEFI 2.10 §10.3.5.4, file path media device path). */
static EFI_DEVICE_PATH_PROTOCOL *path_on(EFI_HANDLE volume, const CHAR16 *path)
{
	static EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;
	static UINT8 joined[1024] __attribute__((aligned(8)));
	static const UINT8 end[] = { END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, 4, 0 };
	EFI_DEVICE_PATH_PROTOCOL *node;
	size_t length = 0, file_bytes = 4;

	if (EFI_ERROR(boot->HandleProtocol(volume, &device_path_guid, (void **)&node)))
		return NULL;
	while (node->Type != END_DEVICE_PATH_TYPE) {
		size_t bytes = node_bytes(node);

		if (bytes < 4 || length + bytes > sizeof joined / 2)
			return NULL;
		boot->CopyMem(joined + length, node, bytes);
		length += bytes;
		node = (void *)((UINT8 *)node + bytes);
	}
	for (size_t i = 0; i == 0 || path[i - 1] != 0; i++, file_bytes += sizeof *path)
		boot->CopyMem(joined + length + file_bytes, (void *)&path[i], sizeof *path);
	joined[length] = MEDIA_DEVICE_PATH;
	joined[length + 1] = MEDIA_FILEPATH_DP;
	joined[length + 2] = (UINT8)file_bytes;
	joined[length + 3] = (UINT8)(file_bytes >> 8);
	boot->CopyMem(joined + length + file_bytes, (void *)end, sizeof end);
	return (void *)joined;
}

static struct census count_pages(void)
{
	struct census census = { { 0 } };
	UINTN bytes = sizeof map, key, stride;
	UINT32 version;

	if (EFI_ERROR(boot->GetMemoryMap(&bytes, (void *)map, &key, &stride, &version)))
		return census;
	for (UINTN at = 0; at < bytes; at += stride) {
		const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map + at);
		UINT32 type = descriptor->Type < N_TYPES - 1 ? descriptor->Type : N_TYPES - 1;

		census.pages[type] += descriptor->NumberOfPages;
	}
	return census;
}

/* May the first run of an application change how many pages the firmware has of this type? Drivers
 * are loaded and buffers are filled, out of what is free. */
static bool is_firmwares_own(UINT32 type)
{
	return type == EfiBootServicesCode || type == EfiBootServicesData ||
	       type == EfiConventionalMemory;
}

static bool same_pages(const struct census *before, const struct census *after, bool is_first_run)
{
	bool is_same = true;

	for (UINT32 type = 0; type < N_TYPES; type++) {
		UINT64 old = before->pages[type], new = after->pages[type];

		if (old == new || (is_first_run && is_firmwares_own(type)))
			continue;
		if (type == EfiConventionalMemory && new < old)
			continue; /* it went to another type, which gets the line */
		is_same = false;
		say("memory %s %llu pages of type %u", new > old ? "leaked" : "lost",
		    (unsigned long long)(new > old ? new - old : old - new), (unsigned)type);
	}
	return is_same;
}

static EFI_STATUS run(EFI_HANDLE self, EFI_DEVICE_PATH_PROTOCOL *path, EFI_STATUS *ret_returned)
{
	EFI_HANDLE image;
	EFI_STATUS status = boot->LoadImage(FALSE, self, path, NULL, 0, &image);

	if (!EFI_ERROR(status))
		*ret_returned = boot->StartImage(image, NULL, NULL);
	return status;
}

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
	static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	static CHAR16 path[PATH_CHARS];
	EFI_LOADED_IMAGE_PROTOCOL *loaded;
	EFI_DEVICE_PATH_PROTOCOL *device_path;
	bool is_same = true;
	EFI_STATUS status;

	system_table = table;
	boot = table->BootServices;
	status = boot->HandleProtocol(self, &loaded_image_guid, (void **)&loaded);
	if (EFI_ERROR(status))
		return give_up(status, "no loaded image protocol");
	status = read_conf(loaded->DeviceHandle);
	if (EFI_ERROR(status))
		return give_up(status, "cannot read plant.conf");
	if (!plant_all(path))
		return give_up(EFI_INVALID_PARAMETER, "no `start' line in plant.conf");
	device_path = path_on(loaded->DeviceHandle, path);
	if (device_path == NULL)
		return give_up(EFI_UNSUPPORTED, "no device path");

	for (UINT32 n = 1; n <= 2; n++) {
		struct census before = count_pages(), after;
		EFI_STATUS returned = EFI_SUCCESS;

		status = run(self, device_path, &returned);
		if (EFI_ERROR(status))
			return give_up(status, "cannot start the loader");
		after = count_pages();
		say("returned %s %u", EFI_ERROR(returned) ? "error" : "success",
		    error_number(returned));
		is_same &= same_pages(&before, &after, n == 1);
	}
	if (is_same)
		say("memory given back ok");
	return leave(EFI_SUCCESS);
}
