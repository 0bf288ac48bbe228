/*
 * plant.c - an odd machine for the tests to boot on: reads \plant.conf, allocates the pages that it
 * asks for, of any memory type and at any address, and then starts the loader on the map that this
 * makes. For the rows of tests/qemu/test_boot.py.
 *
 * When the loader returns, it has failed before the exit, and must have left no trace: not a page
 * of any type may have moved. Only where nothing but the firmware's own pages did, it is started
 * once or twice more: the first times make drivers fill their caches.
 *
 * plant.conf, one fact a line, numbers as in C:
 *
 *     # comment
 *     TYPE START PAGES     allocate; TYPE is an EFI_MEMORY_TYPE, or an OEM's or OS's number
 *     hook NAME [VALUE]    a service of the firmware's that fails in the loader's hands (hook.h)
 *     events N             events of 1024 bytes more in the TPM's log (events.h)
 *     variable NAME \PATH  set the firmware's own variable NAME, which it keeps, to what is in that
 * file start \PATH.EFI      what to start, on this volume; without one, all ends here case
 * \PATH.conf      copy this file to \bootmem.conf, and start it; without a line of this kind it is
 * started on the \bootmem.conf that there is
 *
 * What cannot be allocated is reported and passed over, for the row to see. Everything is said on
 * ConOut, in lines that begin with `plant: '.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "efi/uefi.h"
#include "tests/efi/events.h"
#include "tests/efi/file_path.h"
#include "tests/efi/hook.h"
#include "tests/efi/lines.h"

#define FILE_BYTES     131072
#define MAP_BYTES      262144
#define PATH_CHARS     128
#define DEBUG_EXIT     0x501 /* QEMU's isa-debug-exit, where tests/qemu/run puts it */
#define DEBUG_EXITCODE 0x12

/* Pages of each type of UEFI 2.10 §7.2.3; the last is for all that is no such type. */
#define N_TYPES 17

struct census {
	UINT64 pages[N_TYPES];
};

static EFI_SYSTEM_TABLE *system_table;
static EFI_BOOT_SERVICES *boot;
static EFI_HANDLE volume;
static char conf[FILE_BYTES];      /* plant.conf */
static char case_conf[FILE_BYTES]; /* and what a `case' line names */

/* In our own image, so that taking a map does not change it. */
static UINT8 map[MAP_BYTES] __attribute__((aligned(8)));

/* Without the error bit, which is at another place for each width. */
static unsigned error_number(EFI_STATUS status)
{
	return (unsigned)(status & 0xffff);
}

/* The tests' machine ends here; any other goes back to its firmware. */
static EFI_STATUS leave(EFI_STATUS status)
{
	lines_say("done");
	__asm__ volatile("outw %w0, %w1" : : "a"(DEBUG_EXITCODE), "Nd"(DEBUG_EXIT));
	return status;
}

static EFI_STATUS give_up(EFI_STATUS status, const char *what)
{
	lines_say("%s: error %u", what, error_number(status));
	return leave(status);
}

/* A file of our own volume. The caller closes it. */
static EFI_STATUS open_file(const CHAR16 *path, UINT64 mode, EFI_FILE_PROTOCOL **ret_file)
{
	static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	EFI_FILE_PROTOCOL *root;
	EFI_STATUS status;

	status = boot->HandleProtocol(volume, &file_system_guid, (void **)&file_system);
	if (EFI_ERROR(status))
		return status;
	status = file_system->OpenVolume(file_system, &root);
	if (EFI_ERROR(status))
		return status;
	status = root->Open(root, ret_file, (CHAR16 *)path, mode, 0);
	root->Close(root);
	return status;
}

static EFI_STATUS read_file(const CHAR16 *path, char buffer[FILE_BYTES], UINTN *ret_bytes)
{
	EFI_FILE_PROTOCOL *file;
	EFI_STATUS status = open_file(path, EFI_FILE_MODE_READ, &file);

	if (EFI_ERROR(status))
		return status;
	*ret_bytes = FILE_BYTES - 1;
	status = file->Read(file, ret_bytes, buffer);
	buffer[*ret_bytes] = '\0';
	file->Close(file);
	return status;
}

/* Written as a new file: what was there before may have been longer. */
static EFI_STATUS write_file(const CHAR16 *path, char *text, UINTN bytes)
{
	const UINT64 mode = EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE;
	EFI_FILE_PROTOCOL *file;
	EFI_STATUS status;

	if (!EFI_ERROR(open_file(path, mode, &file)))
		file->Delete(file);
	status = open_file(path, mode | EFI_FILE_MODE_CREATE, &file);
	if (EFI_ERROR(status))
		return status;
	status = file->Write(file, &bytes, text);
	file->Close(file);
	return status;
}

static bool plant_pages(const char *at)
{
	UINT32 type = (UINT32)lines_number(&at);
	EFI_PHYSICAL_ADDRESS start_paddr = lines_number(&at);
	UINTN n_pages = (UINTN)lines_number(&at);
	EFI_STATUS status;

	status = boot->AllocatePages(AllocateAddress, (EFI_MEMORY_TYPE)type, n_pages, &start_paddr);
	if (EFI_ERROR(status))
		lines_say("no pages of type 0x%x at 0x%llx: error %u", (unsigned)type,
		          (unsigned long long)start_paddr, error_number(status));
	return !EFI_ERROR(status);
}

static size_t path_length(const char *at)
{
	size_t length = 0;

	while (at[length] > ' ')
		length++;
	return length;
}

static void copy_path(CHAR16 ret_path[PATH_CHARS], const char *at)
{
	size_t length = path_length(at);

	if (length > PATH_CHARS - 1)
		length = PATH_CHARS - 1;
	for (size_t i = 0; i < length; i++)
		ret_path[i] = (CHAR16)at[i];
	ret_path[length] = 0;
}

static void plant_all(void)
{
	unsigned n_planted = 0, n_lines = 0;

	for (const char *at = conf; *at != '\0'; at = lines_next(at)) {
		if (*at < '0' || *at > '9')
			continue;
		n_lines++;
		n_planted += plant_pages(at);
	}
	lines_say("%u of %u ranges planted", n_planted, n_lines);
}

static void add_events(void)
{
	const char *line = lines_find(conf, "events ");

	if (line != NULL)
		lines_say("%llu events", (unsigned long long)events_add(boot, lines_number(&line)));
}

/* Boot0001, BootOrder and others of UEFI 2.10 §3.3. */
static void set_variable(const char *line)
{
	static EFI_GUID global_guid = EFI_GLOBAL_VARIABLE;
	CHAR16 name[PATH_CHARS], path[PATH_CHARS];
	UINTN bytes = 0;
	EFI_STATUS status;

	copy_path(name, line);
	copy_path(path, line + path_length(line) + 1);
	status = read_file(path, case_conf, &bytes);
	if (!EFI_ERROR(status))
		status = system_table->RuntimeServices->SetVariable(
			name, &global_guid,
			EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS |
				EFI_VARIABLE_RUNTIME_ACCESS,
			bytes, case_conf);
	lines_say("variable %.*s: error %u", (int)path_length(line), line, error_number(status));
}

static void set_variables(void)
{
	for (const char *line = lines_find(conf, "variable "); line != NULL;
	     line = lines_find(lines_next(line), "variable "))
		set_variable(line);
}

/* Its event is signalled while there is one, and leaves it there (UEFI 2.10 §12.3). */
static void wait_for_key(void)
{
	UINTN i;

	if (lines_find(conf, "key") == NULL)
		return;
	lines_say("waiting for a key");
	boot->WaitForEvent(1, &system_table->ConIn->WaitForKey, &i);
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

/* May an application change how many pages the firmware has of this type? Drivers are loaded and
 * buffers are filled, out of what is free. */
static bool is_firmwares_own(UINT32 type)
{
	return type == EfiBootServicesCode || type == EfiBootServicesData ||
	       type == EfiConventionalMemory;
}

static bool has_changed(const struct census *before, const struct census *after, bool any_type)
{
	for (UINT32 type = 0; type < N_TYPES; type++)
		if (before->pages[type] != after->pages[type] &&
		    (any_type || !is_firmwares_own(type)))
			return true;
	return false;
}

static void report_changes(const struct census *before, const struct census *after)
{
	for (UINT32 type = 0; type < N_TYPES; type++) {
		UINT64 old = before->pages[type], new = after->pages[type];

		if (old == new || type == EfiConventionalMemory)
			continue; /* it went to another type, or came from one, which gets a line */
		lines_say("memory %s %llu pages of type %u", new > old ? "leaked" : "lost",
		          (unsigned long long)(new > old ? new - old : old - new), (unsigned)type);
	}
}

/* The last thing before the loader starts: this program has its services as they are. */
static void install_hooks(void)
{
	for (const char *line = lines_find(conf, "hook "); line != NULL;
	     line = lines_find(lines_next(line), "hook "))
		if (!hook_install(system_table, line))
			lines_say("cannot hook %.*s", (int)path_length(line), line);
}

static EFI_STATUS start(EFI_HANDLE self, EFI_DEVICE_PATH_PROTOCOL *path)
{
	EFI_HANDLE image;
	EFI_STATUS status = boot->LoadImage(FALSE, self, path, NULL, 0, &image);

	if (EFI_ERROR(status)) {
		lines_say("cannot load it: error %u", error_number(status));
		return status;
	}
	install_hooks();
	status = boot->StartImage(image, NULL, NULL);
	hook_remove_all(system_table);
	return status;
}

static void start_and_compare(EFI_HANDLE self, EFI_DEVICE_PATH_PROTOCOL *path)
{
	struct census before, after;
	unsigned n = 0;

	do {
		EFI_STATUS status;

		before = count_pages();
		status = start(self, path);
		after = count_pages();
		lines_say("returned %s %u", EFI_ERROR(status) ? "error" : "success",
		          error_number(status));
	} while (++n < 3 && has_changed(&before, &after, true) &&
	         !has_changed(&before, &after, false));
	if (has_changed(&before, &after, true))
		report_changes(&before, &after);
	else
		lines_say("memory given back ok");
}

/* Copy the file that a `case' line names. */
static EFI_STATUS take_case(const char *line)
{
	CHAR16 path[PATH_CHARS];
	UINTN bytes;
	EFI_STATUS status;

	lines_say("case %.*s", (int)path_length(line), line);
	copy_path(path, line);
	status = read_file(path, case_conf, &bytes);
	if (!EFI_ERROR(status))
		status = write_file(L"\\bootmem.conf", case_conf, bytes);
	return status;
}

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table);

EFI_STATUS efi_main(EFI_HANDLE self, EFI_SYSTEM_TABLE *table)
{
	static EFI_GUID loaded_image_guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE_PROTOCOL *loaded;
	EFI_DEVICE_PATH_PROTOCOL *device_path;
	const char *start_line, *case_line;
	CHAR16 path[PATH_CHARS];
	EFI_STATUS status;
	UINTN bytes;

	system_table = table;
	boot = table->BootServices;
	lines_open(table);
	status = boot->HandleProtocol(self, &loaded_image_guid, (void **)&loaded);
	if (EFI_ERROR(status))
		return give_up(status, "no loaded image protocol");
	volume = loaded->DeviceHandle;
	status = read_file(L"\\plant.conf", conf, &bytes);
	if (EFI_ERROR(status))
		return give_up(status, "no plant.conf");
	set_variables();
	start_line = lines_find(conf, "start ");
	if (start_line == NULL)
		return leave(EFI_SUCCESS);
	copy_path(path, start_line);
	device_path = file_path_on(boot, volume, path);
	if (device_path == NULL)
		return give_up(EFI_UNSUPPORTED, "no device path");

	plant_all();
	add_events();
	wait_for_key();
	case_line = lines_find(conf, "case ");
	if (case_line == NULL)
		start_and_compare(self, device_path);
	for (; case_line != NULL; case_line = lines_find(lines_next(case_line), "case ")) {
		status = take_case(case_line);
		if (EFI_ERROR(status))
			return give_up(status, "cannot take the case");
		start_and_compare(self, device_path);
	}
	return leave(EFI_SUCCESS);
}
