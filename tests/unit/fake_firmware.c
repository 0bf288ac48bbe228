/* fake_firmware.c - see fake_firmware.h. */
#define _GNU_SOURCE /* MAP_ANONYMOUS, MAP_FIXED_NOREPLACE */
#include "tests/unit/fake_firmware.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sanitizer/asan_interface.h>

#include "x86/crc32.h"

#define WB       UEFI_MEMORY_WB
#define GARBAGE  0xcc
#define LEFTOVER 0xdd
#define NONE     UINT64_MAX

#define POLL_MICROSECONDS 100000 /* so long a wait is for a key */

struct fake_firmware fake;

const char *const fake_service_names[FAKE_SERVICES] = {
	"AllocatePages",
	"FreePages",
	"GetMemoryMap",
	"ExitBootServices",
	"HandleProtocol",
	"LocateProtocol",
	"LocateHandleBuffer",
	"FreePool",
	"ConnectController",
	"ClearMemoryAttributes",
	"Stall",
	"OpenVolume",
	"Open",
	"Close",
	"Read",
	"SetPosition",
	"GetPosition",
	"GetInfo",
	"SetInfo",
	"Write",
	"Flush",
	"Close",
	"Delete",
	"GetTime",
	"GetVariable",
	"SetVariable",
	"OutputString",
	"SetAttribute",
	"ReadKeyStroke",
	"ResetKeys",
	"ResetSystem",
	"AllocatePool",
	"LoadImage",
	"StartImage",
	"UnloadImage",
};

static void note_violation(const char *what)
{
	if (fake.violation == NULL)
		fake.violation = what;
}

/* After an attempt to exit (UEFI 2.10 §7.4.6; firmware before 2.9 allows no more than these). */
static bool is_of_the_exit(enum fake_service service)
{
	return service == FAKE_GET_MEMORY_MAP || service == FAKE_EXIT_BOOT_SERVICES;
}

static bool is_file_service(enum fake_service service)
{
	return service >= FAKE_OPEN && service <= FAKE_DELETE;
}

/* Of the first fault whose turn it is: all of a service count its calls. */
static bool take_fault(enum fake_service service, EFI_STATUS *ret_status)
{
	bool is_taken = false;

	for (size_t i = 0; i < fake.n_faults; i++) {
		struct fake_fault *fault = &fake.faults[i];

		if (fault->service != service || fault->n_before-- > 0)
			continue;
		fault->n_before = 0;
		if (fault->n_calls > 0 && --fault->n_calls == 0)
			fault->service = FAKE_SERVICES;
		*ret_status = is_taken ? *ret_status : fault->status;
		is_taken = true;
	}
	return is_taken;
}

/* Each service begins with this: it notes the call, and fails if it is this one's turn. */
static EFI_STATUS enter(enum fake_service service)
{
	EFI_STATUS status = fake.fail_status;
	bool is_fault;

	fake.gives_nothing = false;
	if (fake.n_calls < FAKE_MOST_CALLS)
		fake.calls[fake.n_calls++] = (uint8_t)service;
	if (fake.minds_watchdog && is_file_service(service) && fake.watchdog_seconds == 0)
		note_violation("a file is at work, and the watchdog is off");
	if (fake.hangs_at == service && service != 0 && fake.n_before_hang-- == 0)
		longjmp(fake.end, FAKE_WAS_RESET);
	if (fake.is_left && service != FAKE_RESET)
		note_violation("a boot service was called after the exit");
	if (fake.n_exits > 0 && !is_of_the_exit(service) && service != FAKE_RESET)
		note_violation("neither map nor exit, after an attempt to exit");
	if (service == FAKE_FREE_PAGES || service == FAKE_FREE_POOL || service == FAKE_CLOSE ||
	    service == FAKE_RESET || service == FAKE_UNLOAD_IMAGE)
		return EFI_SUCCESS;
	is_fault = take_fault(service, &status);
	if (++fake.n_failable != fake.fail_call && !is_fault &&
	    !(fake.is_pulled_out && fake.failed != FAKE_SERVICES && is_file_service(service)))
		return EFI_SUCCESS;
	if (fake.failed == FAKE_SERVICES) {
		fake.failed = service;
		fake.failed_about_capture = fake.is_about_capture;
	}
	fake.gives_nothing = !EFI_ERROR(status);
	return status;
}

/* Memory. */

static bool is_backed(paddr_t paddr)
{
	return (paddr >= FAKE_LOW_PADDR && paddr < FAKE_LOW_END_PADDR) ||
	       (paddr >= FAKE_RAM_PADDR && paddr < FAKE_RAM_END_PADDR);
}

/* The low megabyte is searched for tables. */
void fake_guard(paddr_t start_paddr, paddr_t end_paddr, bool is_allowed)
{
	if (start_paddr < FAKE_LOW_END_PADDR)
		return;
	if (is_allowed)
		ASAN_UNPOISON_MEMORY_REGION((void *)(uintptr_t)start_paddr,
		                            (size_t)(end_paddr - start_paddr));
	else
		ASAN_POISON_MEMORY_REGION((void *)(uintptr_t)start_paddr,
		                          (size_t)(end_paddr - start_paddr));
}

void fake_set_pages(paddr_t start_paddr, paddr_t end_paddr, uint8_t type)
{
	for (pfn_t pfn = pfn_down(start_paddr); pfn < pfn_up(end_paddr); pfn++) {
		if (type == EfiConventionalMemory && !is_backed(pfn_paddr(pfn))) {
			fprintf(stderr, "free memory without memory behind it\n");
			abort();
		}
		fake.types[pfn] = type;
	}
	if (is_backed(start_paddr))
		fake_guard(start_paddr, end_paddr, type != EfiConventionalMemory);
	fake.key++;
}

static bool are_free(pfn_t start_pfn, uint64_t n_pages)
{
	if (start_pfn > FAKE_PAGES || n_pages > FAKE_PAGES - start_pfn)
		return false;
	for (pfn_t pfn = start_pfn; pfn < start_pfn + n_pages; pfn++)
		if (fake.types[pfn] != EfiConventionalMemory)
			return false;
	return true;
}

static pfn_t find_free(uint64_t n_pages, paddr_t last_paddr)
{
	pfn_t end_pfn = min_u64(pfn_down(last_paddr) + (last_paddr % PAGE_BYTES == PAGE_BYTES - 1),
	                        FAKE_PAGES);

	if (n_pages > end_pfn)
		return NONE;
	for (pfn_t i = 0; i <= end_pfn - n_pages; i++) {
		pfn_t pfn = fake.is_bottom_up ? i : end_pfn - n_pages - i;

		if (are_free(pfn, n_pages))
			return pfn;
	}
	return NONE;
}

void fake_run_on(paddr_t start_paddr, uint64_t n_pages)
{
	for (uint64_t i = 0; i < n_pages; i++)
		fake.run_on[fake.n_run_on++].paddr = start_paddr + i * PAGE_BYTES;
	fake_guard(start_paddr, start_paddr + n_pages * PAGE_BYTES, true);
}

/* FAKE_MOST_RUN_ON: it is none of them. */
static size_t run_on_page(paddr_t paddr)
{
	for (size_t i = 0; i < fake.n_run_on; i++)
		if (fake.run_on[i].paddr == paddr)
			return i;
	return FAKE_MOST_RUN_ON;
}

/* What is in a page when it is claimed or given back; but what the CPU runs on stays. */
static void fill_page(paddr_t paddr, int value)
{
	size_t i = run_on_page(paddr);

	if (i == FAKE_MOST_RUN_ON)
		memset((void *)(uintptr_t)paddr, value, PAGE_BYTES);
	else
		memcpy(fake.run_on[i].contents, (const void *)(uintptr_t)paddr, PAGE_BYTES);
}

static void fill_pages(paddr_t start_paddr, uint64_t n_pages, int value)
{
	for (uint64_t i = 0; i < n_pages; i++)
		fill_page(start_paddr + i * PAGE_BYTES, value);
}

static void check_run_on(void)
{
	for (size_t i = 0; i < fake.n_run_on; i++) {
		paddr_t paddr = fake.run_on[i].paddr;

		if (fake.is_claimed[pfn_down(paddr)] &&
		    memcmp((const void *)(uintptr_t)paddr, fake.run_on[i].contents, PAGE_BYTES) !=
		            0)
			note_violation("written to what the CPU runs on");
	}
}

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                        EFI_PHYSICAL_ADDRESS *paddr)
{
	EFI_STATUS status = enter(FAKE_ALLOCATE_PAGES);
	pfn_t start_pfn;

	if (fake.gives_nothing) {
		fake.n_nothing_pages += n_pages;
		*paddr = 0;
	}
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (type != EfiLoaderCode && type != EfiLoaderData && !fake.is_loader_running &&
	    !(type == EfiACPIReclaimMemory && how == AllocateAddress))
		note_violation("pages of a type that is not the loader's");
	if (n_pages == 0)
		note_violation("0 pages allocated");
	if (how == AllocateAddress && *paddr % PAGE_BYTES != 0)
		note_violation("allocated at an address inside a page");
	if (how == AllocateAddress)
		start_pfn = are_free(pfn_down(*paddr), n_pages) ? pfn_down(*paddr) : NONE;
	else
		start_pfn = find_free(
			n_pages, how == AllocateMaxAddress && !fake.ignores_limit ? *paddr : NONE);
	if (start_pfn == NONE)
		return how == AllocateAddress ? EFI_NOT_FOUND : EFI_OUT_OF_RESOURCES;
	*paddr = pfn_paddr(start_pfn);
	fake_set_pages(*paddr, pfn_paddr(start_pfn + n_pages), (uint8_t)type);
	fill_pages(*paddr, n_pages, GARBAGE);
	memset(&fake.is_claimed[start_pfn], true, n_pages);
	memset(&fake.is_at_address[start_pfn],
	       how == AllocateAddress && type != EfiACPIReclaimMemory, n_pages);
	fake.n_claimed_pages += n_pages;
	*paddr += fake.moves_given;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pages(EFI_PHYSICAL_ADDRESS paddr, UINTN n_pages)
{
	pfn_t start_pfn;

	enter(FAKE_FREE_PAGES);
	if (paddr == 0 && n_pages <= fake.n_nothing_pages) {
		fake.n_nothing_pages -= n_pages;
		return EFI_SUCCESS;
	}
	paddr -= fake.moves_given;
	start_pfn = pfn_down(paddr);
	for (uint64_t i = 0; i < n_pages; i++) {
		if (start_pfn + i < FAKE_PAGES && fake.is_claimed[start_pfn + i])
			continue;
		note_violation("pages given back that were not claimed");
		return EFI_NOT_FOUND;
	}
	fill_pages(paddr, n_pages, LEFTOVER);
	memset(&fake.is_claimed[start_pfn], false, n_pages);
	memset(&fake.is_at_address[start_pfn], false, n_pages);
	fake.n_claimed_pages -= n_pages;
	fake_set_pages(paddr, paddr + n_pages * PAGE_BYTES, EfiConventionalMemory);
	for (size_t i = 0; i < fake.n_run_on; i++)
		fake_guard(fake.run_on[i].paddr, fake.run_on[i].paddr + PAGE_BYTES, true);
	return EFI_SUCCESS;
}

/* The map. */

/* The firmware takes pages, no two of them side by side: two descriptors more for each. */
static void grow(unsigned n_pages)
{
	static const pfn_t start_pfn = 0x12000;

	for (pfn_t pfn = start_pfn; n_pages > 0 && pfn < FAKE_PAGES - 1; pfn += 2) {
		if (!are_free(pfn - 1, 3))
			continue;
		fake_set_pages(pfn_paddr(pfn), pfn_paddr(pfn + 1), fake.growth_type);
		n_pages--;
	}
}

static uint64_t attribute_of(uint8_t type)
{
	if (type == EfiRuntimeServicesCode || type == EfiRuntimeServicesData)
		return WB | UEFI_MEMORY_RUNTIME;
	return WB;
}

static size_t list_descriptors(struct uefi_descriptor *list)
{
	size_t n = 0;

	for (pfn_t start_pfn = 0, pfn; start_pfn < FAKE_PAGES; start_pfn = pfn) {
		uint8_t type = fake.types[start_pfn];

		for (pfn = start_pfn; pfn < FAKE_PAGES && fake.types[pfn] == type;)
			pfn++;
		if (type != FAKE_HOLE)
			list[n++] = (struct uefi_descriptor){ .type = type,
				                              .start_paddr = pfn_paddr(start_pfn),
				                              .n_pages = pfn - start_pfn,
				                              .attribute = attribute_of(type) };
	}
	memcpy(&list[n], fake.extras, fake.n_extras * sizeof list[0]);
	return n + fake.n_extras;
}

static void write_descriptors(uint8_t *to, const struct uefi_descriptor *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct uefi_descriptor *descriptor = &list[fake.is_reversed ? n - 1 - i : i];

		memset(to + i * fake.stride, GARBAGE, fake.stride);
		memcpy(to + i * fake.stride, descriptor, min_u64(fake.stride, sizeof *descriptor));
	}
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *map_bytes, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
                                        UINTN *stride, UINT32 *version)
{
	static struct uefi_descriptor list[FAKE_MOST_DESCRIPTORS];
	EFI_STATUS status = enter(FAKE_GET_MEMORY_MAP);
	UINTN capacity_bytes = *map_bytes;
	size_t n;

	if (fake.gives_nothing)
		*map_bytes = 0;
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	grow(fake.growth);
	n = list_descriptors(list);
	*map_bytes = (n - min_u64(n, fake.unreported)) * fake.stride;
	if (fake.query_sets_stride)
		*stride = fake.stride;
	if (capacity_bytes < *map_bytes)
		return EFI_BUFFER_TOO_SMALL;
	if (map != NULL) {
		write_descriptors((uint8_t *)map, list, n);
		memset((uint8_t *)map + capacity_bytes, 0, fake.overrun_bytes);
	}
	*stride = fake.stride;
	*key = fake.key;
	*version = 1;
	return EFI_SUCCESS;
}

/* Before the exit the firmware may stand anywhere, whatever its map says. */
static void check_fixed_places(void)
{
	for (pfn_t pfn = 0; pfn < FAKE_PAGES; pfn++) {
		const uint8_t *page = (const uint8_t *)(uintptr_t)pfn_paddr(pfn);

		if (fake.is_at_address[pfn] && run_on_page(pfn_paddr(pfn)) == FAKE_MOST_RUN_ON &&
		    (page[0] != GARBAGE || memcmp(page, page + 1, PAGE_BYTES - 1) != 0))
			note_violation("written to an address of the loader's choice, before the "
			               "exit");
	}
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS status = enter(FAKE_EXIT_BOOT_SERVICES);

	fake.n_exits++;
	if (image != fake.firmware.image)
		note_violation("the exit is not for our image");
	if (EFI_ERROR(status))
		return status;
	if (fake.exit_error != EFI_SUCCESS)
		return fake.exit_error;
	if (fake.n_exits <= fake.stale_exits) {
		grow(fake.growth_when_stale);
		if (fake.when_stale != NULL)
			fake.when_stale();
		fake.key++;
	}
	if (key != fake.key)
		return EFI_INVALID_PARAMETER;
	check_fixed_places();
	fake.is_left = true;
	return EFI_SUCCESS;
}

/* The volume. */

static EFI_FILE_PROTOCOL file_protocol;

static struct fake_file bootmem_folder = { .path = "\\bootmem", .is_directory = true };

static bool is_in(const char *path, const char *folder)
{
	return strncmp(path, folder, strlen(folder)) == 0 && path[strlen(folder)] == '\\';
}

/* All that is ever written. */
static bool is_about_captures(const char *path)
{
	return strcmp(path, bootmem_folder.path) == 0 || strcmp(path, FAKE_CAPTURES) == 0 ||
	       is_in(path, FAKE_CAPTURES) || strcmp(path, FAKE_CAPTURES ".txt") == 0 ||
	       strcmp(path, FAKE_CAPTURES ".new") == 0 ||
	       strncmp(path, "\\bootmem\\last-err", strlen("\\bootmem\\last-err")) == 0 ||
	       strncmp(path, "\\bootmem\\pin.", strlen("\\bootmem\\pin.")) == 0;
}

/* What may go again: not what was there, and is a capture. */
static bool may_go(const struct fake_file *file)
{
	const char *end = file->path + strlen(file->path) - strlen(".map");

	return file->room != NULL || file->may_go || !is_in(file->path, FAKE_CAPTURES) ||
	       strcasecmp(end, ".new") == 0;
}

/* A service about a file. */
static EFI_STATUS enter_about(enum fake_service service, const char *path)
{
	EFI_STATUS status;

	fake.is_about_capture = is_about_captures(path);
	status = enter(service);
	fake.is_about_capture = false;
	return status;
}

static const char *path_of(const struct fake_handle *handle)
{
	return handle->file == NULL ? "" : handle->file->path;
}

static struct fake_handle *handle_of(EFI_FILE_PROTOCOL *protocol)
{
	struct fake_handle *handle = (struct fake_handle *)protocol;

	if (!handle->is_open)
		note_violation("a file was used that is not open");
	return handle;
}

static EFI_STATUS open_handle(size_t volume, struct fake_file *file, bool is_writable,
                              EFI_FILE_PROTOCOL **ret_handle)
{
	for (size_t i = 0; i < FAKE_MOST_HANDLES; i++) {
		struct fake_handle *handle = &fake.handles[i];

		if (handle->is_open)
			continue;
		*handle = (struct fake_handle){ .protocol = file_protocol,
			                        .file = file,
			                        .volume = volume,
			                        .is_open = true,
			                        .is_writable = is_writable };
		*ret_handle = &handle->protocol;
		return EFI_SUCCESS;
	}
	return EFI_OUT_OF_RESOURCES;
}

struct fake_file *fake_find_file_on(size_t volume, const char *path)
{
	for (size_t i = 0; i < fake.n_files; i++)
		if (!fake.files[i].is_deleted && fake.files[i].volume == volume &&
		    strcasecmp(fake.files[i].path, path) == 0)
			return &fake.files[i];
	return volume == 0 && strcmp(path, bootmem_folder.path) == 0 ? &bootmem_folder : NULL;
}

/* Names in capitals are the same names. */
struct fake_file *fake_find_file(const char *path)
{
	return fake_find_file_on(0, path);
}

/* What a file that was made has: a name of its own, and room for bytes. */
struct fake_room {
	char path[64];
	uint8_t bytes[FAKE_NEW_FILE_BYTES];
	bool is_used;
};

static struct fake_room rooms[FAKE_MOST_NEW_FILES];

/* The power fails: half of a write has been done, and of nothing else a part. */
static _Noreturn void cut_power(void)
{
	for (size_t i = 0; fake.is_lazy && i < fake.n_files; i++) {
		struct fake_file *file = &fake.files[i];

		if (file->room != NULL && file->n_bytes > file->flushed_bytes)
			file->n_bytes = file->n_readable_bytes = file->flushed_bytes;
	}
	longjmp(fake.end, FAKE_POWER_CUT);
}

/* Whatever changes the volume begins with this, when it is sure to. */
static void change(void)
{
	if (++fake.n_changes == fake.cut_change)
		cut_power();
}

static struct fake_room *find_room(void)
{
	for (size_t i = 0; i < FAKE_MOST_NEW_FILES; i++)
		if (!rooms[i].is_used)
			return &rooms[i];
	return NULL;
}

static EFI_STATUS make_file(size_t volume, const char *path, bool is_directory,
                            struct fake_file **ret_file)
{
	const struct fake_file *folder = fake_find_file_on(volume, FAKE_CAPTURES);
	struct fake_room *room = find_room();

	if (!is_about_captures(path))
		note_violation("a file was made that is no capture");
	if (is_in(path, FAKE_CAPTURES) && (folder == NULL || !folder->is_directory))
		return EFI_NOT_FOUND;
	if (room == NULL || fake.n_files == FAKE_MOST_FILES)
		return EFI_VOLUME_FULL;
	change();
	room->is_used = true;
	snprintf(room->path, sizeof room->path, "%.63s", path);
	*ret_file = fake_add_file_to(volume, room->path, room->bytes, 0);
	(*ret_file)->room = room;
	(*ret_file)->is_directory = is_directory;
	(*ret_file)->modified = fake.time;
	fake.n_new_files++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI open_file(EFI_FILE_PROTOCOL *this, EFI_FILE_PROTOCOL **ret_handle,
                                   CHAR16 *wide, UINT64 mode, UINT64 attributes)
{
	bool is_writable = (mode & EFI_FILE_MODE_WRITE) != 0;
	size_t volume = handle_of(this)->volume;
	struct fake_file *file;
	EFI_STATUS status;
	char path[512];

	uefi_narrow(wide, path, sizeof path);
	status = enter_about(FAKE_OPEN, path);
	if (is_writable && !is_about_captures(path))
		note_violation("a file that is no capture was not opened for reading only");
	if (fake.when_opened != NULL)
		fake.when_opened();
	*ret_handle = NULL;
	if (EFI_ERROR(status) || fake.gives_nothing || fake.gives_null_files)
		return status;
	file = fake_find_file_on(volume, path);
	if (file != NULL && file->open_error != EFI_SUCCESS)
		return file->open_error;
	if (is_writable && fake.is_read_only)
		return fake.read_only_error;
	if (file == NULL && (mode & EFI_FILE_MODE_CREATE) != 0)
		status = make_file(volume, path, (attributes & EFI_FILE_DIRECTORY) != 0, &file);
	else if (file == NULL)
		status = EFI_NOT_FOUND;
	return EFI_ERROR(status) ? status : open_handle(volume, file, is_writable, ret_handle);
}

static EFI_STATUS EFIAPI close_file(EFI_FILE_PROTOCOL *this)
{
	struct fake_handle *handle = handle_of(this);
	bool is_written = handle->is_writable && !handle->file->is_directory;
	EFI_STATUS status =
		enter_about(is_written ? FAKE_CLOSE_WRITTEN : FAKE_CLOSE, path_of(handle));

	handle->is_open = false;
	if (fake.when_closed != NULL)
		fake.when_closed();
	return status;
}

/* EFI_FILE_INFO of a file, under a name. */
static EFI_STATUS give_info(const struct fake_file *file, const char *name, UINTN *bytes,
                            EFI_FILE_INFO *to)
{
	const size_t fixed_bytes = offsetof(EFI_FILE_INFO, FileName);
	UINTN capacity_bytes = *bytes;

	*bytes = fixed_bytes + 2 * (strlen(name) + 1);
	if (capacity_bytes < *bytes)
		return EFI_BUFFER_TOO_SMALL;
	memset(to, 0, fixed_bytes);
	to->Size = *bytes;
	to->FileSize = to->PhysicalSize = file->n_bytes;
	to->CreateTime.Month = 13; /* what the clock did not know may not be set again */
	to->ModificationTime = file->modified;
	to->Attribute = file->is_directory ? EFI_FILE_DIRECTORY : 0;
	for (size_t i = 0; i <= strlen(name); i++)
		((CHAR16 *)((uint8_t *)to + fixed_bytes))[i] = (unsigned char)name[i];
	return EFI_SUCCESS;
}

static const char *name_in(const struct fake_file *file, const struct fake_handle *folder)
{
	const char *name = file->path + strlen(folder->file->path) + 1;

	return !file->is_deleted && file->volume == folder->volume &&
	                       is_in(file->path, folder->file->path) && strchr(name, '\\') == NULL
	               ? name
	               : NULL;
}

/* The next entry of a directory; "." is the first one. Clusters may lead in a circle. */
static EFI_STATUS list_entry(struct fake_handle *handle, UINTN *bytes, EFI_FILE_INFO *to)
{
	const struct fake_file *file = handle->file;
	size_t index = handle->position;
	const char *name = index == 0 ? "." : NULL;

	if (fake.listing == FAKE_ONE_NAME)
		return give_info(file, "holiday.jpg", bytes, to);
	for (; name == NULL && index <= fake.n_files; index++) {
		file = &fake.files[index - 1];
		name = name_in(file, handle);
		if (name != NULL)
			break;
	}
	if (name == NULL && fake.listing != FAKE_ENDS) {
		handle->position = fake.listing == FAKE_REPEATS && handle->position > 1;
		return list_entry(handle, bytes, to);
	}
	if (name == NULL) {
		*bytes = 0;
		return EFI_SUCCESS;
	}
	handle->position = index + 1;
	return give_info(file, name, bytes, to);
}

/* A medium may give other bytes when it is asked again. */
static const uint8_t *bytes_at(const struct fake_file *file, uint64_t position)
{
	bool is_again = file->later_bytes != NULL && position < file->first_unread;

	return (const uint8_t *)(is_again ? file->later_bytes : file->bytes) + position;
}

static EFI_STATUS EFIAPI read_file(EFI_FILE_PROTOCOL *this, UINTN *bytes, VOID *to)
{
	struct fake_handle *handle = handle_of(this);
	EFI_STATUS status = enter_about(FAKE_READ, path_of(handle));

	if (fake.gives_nothing)
		*bytes = 0;
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (handle->file->is_directory)
		return list_entry(handle, bytes, to);
	if (handle->position > handle->file->n_bytes)
		return EFI_DEVICE_ERROR; /* UEFI 2.10 §13.5.5: past the end of the file */
	*bytes = (UINTN)min_u64(*bytes,
	                        handle->file->n_readable_bytes -
	                                min_u64(handle->position, handle->file->n_readable_bytes));
	if (fake.read_most_bytes > 0)
		*bytes = (UINTN)min_u64(*bytes, fake.read_most_bytes);
	if (*bytes > 0)
		memcpy(to, bytes_at(handle->file, handle->position), *bytes);
	handle->position += *bytes;
	handle->file->first_unread = max_u64(handle->file->first_unread, handle->position);
	*bytes += fake.overread_bytes;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI write_file(EFI_FILE_PROTOCOL *this, UINTN *bytes, VOID *from)
{
	struct fake_handle *handle = handle_of(this);
	struct fake_file *file = handle->file;
	EFI_STATUS status = enter_about(FAKE_WRITE, path_of(handle));
	UINTN asked_bytes = *bytes;
	bool is_cut = fake.n_changes + 1 == fake.cut_change;

	if (!handle->is_writable || file->room == NULL || handle->position != file->n_bytes) {
		note_violation("written over what was there");
		return EFI_ACCESS_DENIED;
	}
	if (fake.gives_nothing) {
		*bytes = 0;
		return status;
	}
	if (is_cut)
		asked_bytes = *bytes /= 2;
	*bytes = (UINTN)min_u64(asked_bytes, EFI_ERROR(status) ? 1 : fake.capacity_bytes);
	if (*bytes > FAKE_NEW_FILE_BYTES - file->n_bytes)
		return EFI_VOLUME_FULL;
	memcpy(file->room->bytes + file->n_bytes, from, *bytes);
	file->n_bytes += *bytes;
	file->n_readable_bytes = file->n_bytes;
	handle->position = file->n_bytes;
	fake.capacity_bytes -= *bytes;
	change();
	if (EFI_ERROR(status) || *bytes == asked_bytes || fake.writes_short)
		return status;
	return EFI_VOLUME_FULL;
}

static EFI_STATUS EFIAPI flush_file(EFI_FILE_PROTOCOL *this)
{
	struct fake_handle *handle = handle_of(this);
	EFI_STATUS status = enter_about(FAKE_FLUSH, path_of(handle));

	if (!EFI_ERROR(status) && !fake.gives_nothing)
		handle->file->flushed_bytes = handle->file->n_bytes;
	return EFI_ERROR(status) ? status : fake.flush_error;
}

/* UEFI 2.10 §13.5.4: closed in any case, and what cannot be deleted is a warning. */
static EFI_STATUS EFIAPI delete_file(EFI_FILE_PROTOCOL *this)
{
	struct fake_handle *handle = handle_of(this);
	EFI_STATUS status = enter_about(FAKE_DELETE, path_of(handle));

	handle->is_open = false;
	if (!may_go(handle->file))
		note_violation("a file was deleted that had been there");
	if (EFI_ERROR(status) || fake.stays || fake.gives_nothing)
		return EFI_WARN_DELETE_FAILURE;
	change();
	handle->file->is_deleted = true;
	if (handle->file->room != NULL)
		handle->file->room->is_used = false;
	fake.capacity_bytes += fake.capacity_bytes < UINT64_MAX / 2 ? handle->file->n_bytes : 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_info(EFI_FILE_PROTOCOL *this, EFI_GUID *guid, UINTN *bytes, VOID *to)
{
	static const EFI_GUID file_info_guid = EFI_FILE_INFO_ID;
	static const EFI_GUID system_info_guid = EFI_FILE_SYSTEM_INFO_ID;
	struct fake_handle *handle = handle_of(this);
	EFI_STATUS status = enter_about(FAKE_GET_INFO, path_of(handle));

	if (memcmp(guid, &system_info_guid, sizeof *guid) == 0 && handle->file == NULL &&
	    fake.all_bytes > 0) {
		EFI_FILE_SYSTEM_INFO info = { .VolumeSize = fake.all_bytes,
			                      .FreeSpace = fake.free_bytes };

		memcpy(to, &info, sizeof info);
		return status;
	}
	if (memcmp(guid, &file_info_guid, sizeof *guid) != 0)
		return EFI_UNSUPPORTED;
	return EFI_ERROR(status) || fake.gives_nothing
	               ? status
	               : give_info(handle->file, strrchr(handle->file->path, '\\') + 1, bytes, to);
}

/* Another name, in the same folder. */
static EFI_STATUS rename_file(struct fake_file *file, const CHAR16 *wide)
{
	static char paths[FAKE_MOST_FILES][64];
	char *path = file->room != NULL ? file->room->path : paths[file - fake.files];
	const char *slash = strrchr(file->path, '\\');
	char name[32], new_path[64];

	uefi_narrow(wide, name, sizeof name);
	snprintf(new_path, sizeof new_path, "%.*s\\%.31s", (int)(slash - file->path), file->path,
	         name);
	if (fake_find_file(new_path) != NULL)
		return EFI_ACCESS_DENIED;
	change();
	memcpy(path, new_path, sizeof new_path);
	file->path = path;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI set_info(EFI_FILE_PROTOCOL *this, EFI_GUID *guid, UINTN bytes, VOID *from)
{
	static const EFI_TIME no_time;
	struct fake_handle *handle = handle_of(this);
	const EFI_FILE_INFO *info = from;
	EFI_STATUS status = enter_about(FAKE_SET_INFO, path_of(handle));

	(void)guid;
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (!handle->is_writable || bytes != info->Size || info->FileSize != handle->file->n_bytes)
		note_violation("more was set than a name");
	if (memcmp(&info->CreateTime, &no_time, sizeof no_time) != 0)
		return EFI_INVALID_PARAMETER;
	if (fake.cannot_rename)
		return EFI_UNSUPPORTED;
	return fake.renames_nothing ? EFI_SUCCESS : rename_file(handle->file, info->FileName);
}

static EFI_STATUS EFIAPI set_position(EFI_FILE_PROTOCOL *this, UINT64 position)
{
	struct fake_handle *handle = handle_of(this);
	EFI_STATUS status = enter_about(FAKE_SET_POSITION, path_of(handle));

	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (handle->file == NULL || handle->file->is_directory)
		return position == 0 ? EFI_SUCCESS : EFI_UNSUPPORTED;
	handle->position = position == UINT64_MAX ? handle->file->n_bytes : position;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI get_position(EFI_FILE_PROTOCOL *this, UINT64 *ret_position)
{
	struct fake_handle *handle = handle_of(this);
	EFI_STATUS status = enter_about(FAKE_GET_POSITION, path_of(handle));

	if (!EFI_ERROR(status))
		*ret_position = fake.gives_nothing ? 0 : handle->position;
	return status;
}

static EFI_FILE_PROTOCOL file_protocol = {
	.Open = open_file,
	.Close = close_file,
	.Delete = delete_file,
	.Read = read_file,
	.Write = write_file,
	.SetPosition = set_position,
	.GetPosition = get_position,
	.Flush = flush_file,
	.GetInfo = get_info,
	.SetInfo = set_info,
};

struct fake_file *fake_add_file_to(size_t volume, const char *path, const void *bytes,
                                   uint64_t n_bytes)
{
	struct fake_file *file = fake.files;

	while (file < fake.files + fake.n_files && !file->is_deleted)
		file++;
	fake.n_files += file == fake.files + fake.n_files;
	*file = (struct fake_file){ .volume = volume,
		                    .path = path,
		                    .bytes = bytes,
		                    .n_bytes = n_bytes,
		                    .n_readable_bytes = n_bytes };
	return file;
}

struct fake_file *fake_add_file(const char *path, const void *bytes, uint64_t n_bytes)
{
	return fake_add_file_to(0, path, bytes, n_bytes);
}

size_t fake_open_files(void)
{
	size_t n = 0;

	for (size_t i = 0; i < FAKE_MOST_HANDLES; i++)
		n += fake.handles[i].is_open;
	return n;
}

/* Protocols, console, clock. */

static EFI_SIMPLE_FILE_SYSTEM_PROTOCOL file_systems[FAKE_MOST_PARTITIONS];

static EFI_STATUS EFIAPI open_volume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *this,
                                     EFI_FILE_PROTOCOL **ret_root)
{
	EFI_STATUS status = enter(FAKE_OPEN_VOLUME);

	*ret_root = NULL;
	return EFI_ERROR(status) || fake.gives_nothing || fake.gives_null_root
	               ? status
	               : open_handle((size_t)(this - file_systems), NULL, false, ret_root);
}

static const EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
static const EFI_GUID root_bridge_guid = EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL_GUID;
static const EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
static const EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static const EFI_GUID system_partition_guid = {
	0xc12a7328, 0xf81f, 0x11d2, { 0xba, 0x4b, 0x00, 0xa0, 0xc9, 0x3e, 0xc9, 0x3b }
};
static const EFI_GUID device_path_guid = EFI_DEVICE_PATH_PROTOCOL_GUID;

/* A handle of a screen is its protocol. */
static EFI_STATUS screen_protocol(EFI_HANDLE handle, const EFI_GUID *guid, VOID **ret_interface)
{
	for (unsigned i = 0; i < fake.n_gops; i++)
		if (handle == fake.gops[i] && memcmp(guid, &gop_guid, sizeof *guid) == 0) {
			*ret_interface = fake.gops[i];
			return EFI_SUCCESS;
		}
	*ret_interface = NULL;
	return fake.gives_null ? EFI_SUCCESS : EFI_UNSUPPORTED;
}

/* And that of a partition is its entry. */
static EFI_STATUS partition_protocol(size_t i, const EFI_GUID *guid, VOID **ret_interface)
{
	const struct fake_partition *partition = &fake.partitions[i];

	if (memcmp(guid, &device_path_guid, sizeof *guid) == 0 && partition->device_path != NULL) {
		*ret_interface = (VOID *)partition->device_path;
		return EFI_SUCCESS;
	}
	if (memcmp(guid, &block_io_guid, sizeof *guid) == 0 && partition->blocks != NULL) {
		*ret_interface = partition->blocks;
		return EFI_SUCCESS;
	}
	if (!partition->has_file_system || partition->is_asleep ||
	    memcmp(guid, &file_system_guid, sizeof *guid) != 0) {
		*ret_interface = NULL;
		return partition->gives_null ? EFI_SUCCESS : EFI_UNSUPPORTED;
	}
	file_systems[i].OpenVolume = open_volume;
	*ret_interface = &file_systems[i];
	return EFI_SUCCESS;
}

/* Of others there is nothing anywhere. */
static bool is_known(const EFI_GUID *guid)
{
	return memcmp(guid, &gop_guid, sizeof *guid) == 0 ||
	       memcmp(guid, &file_system_guid, sizeof *guid) == 0 ||
	       memcmp(guid, &device_path_guid, sizeof *guid) == 0 ||
	       memcmp(guid, &root_bridge_guid, sizeof *guid) == 0;
}

/* The handle has it, and nothing behind it. */
static EFI_STATUS system_partition(EFI_HANDLE handle, VOID **ret_interface)
{
	*ret_interface = NULL;
	for (size_t i = 0; i < fake.n_partitions; i++)
		if (handle == &fake.partitions[i] && fake.partitions[i].is_system)
			return EFI_SUCCESS;
	return EFI_UNSUPPORTED;
}

static bool has_blocks(EFI_HANDLE handle, const EFI_GUID *guid)
{
	for (size_t i = 0; i < fake.n_partitions; i++)
		if (handle == &fake.partitions[i])
			return fake.partitions[i].blocks != NULL &&
			       memcmp(guid, &block_io_guid, sizeof *guid) == 0;
	return false;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **ret_interface)
{
	EFI_STATUS status;

	if (memcmp(guid, &system_partition_guid, sizeof *guid) == 0)
		return system_partition(handle, ret_interface);
	if (!is_known(guid) && !has_blocks(handle, guid) && handle != &fake.loaded)
		return EFI_UNSUPPORTED; /* whether it answers so or with another error */
	status = enter(FAKE_HANDLE_PROTOCOL);

	if (fake.gives_nothing)
		*ret_interface = NULL;
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (handle == &fake.loaded) {
		*ret_interface = &fake.loaded.loaded;
		return EFI_SUCCESS;
	}
	for (size_t i = 0; i < fake.n_partitions; i++)
		if (handle == &fake.partitions[i])
			return partition_protocol(i, guid, ret_interface);
	if (memcmp(guid, &root_bridge_guid, sizeof *guid) == 0) {
		*ret_interface = handle; /* as it has nothing else */
		return EFI_SUCCESS;
	}
	return screen_protocol(handle, guid, ret_interface);
}

static EFI_STATUS EFIAPI connect_controller(EFI_HANDLE handle, EFI_HANDLE *drivers,
                                            EFI_DEVICE_PATH *remaining, BOOLEAN is_recursive)
{
	EFI_STATUS status = enter(FAKE_CONNECT);

	if (drivers != NULL || remaining != NULL || !is_recursive)
		note_violation("not everything is connected");
	if (!EFI_ERROR(status) && !fake.gives_nothing)
		((struct fake_partition *)handle)->is_asleep = false;
	return status;
}

/* UEFI 2.10, EFI_MEMORY_ATTRIBUTE_PROTOCOL, which gnu-efi does not have. */
static EFI_STATUS EFIAPI clear_attributes(VOID *this, EFI_PHYSICAL_ADDRESS paddr, UINT64 bytes,
                                          UINT64 attributes)
{
	EFI_STATUS status = enter(FAKE_CLEAR_ATTRIBUTES);

	(void)this;
	if (attributes != 0x4000 || bytes != PAGE_BYTES)
		note_violation("not the attribute XP of one page");
	if (!EFI_ERROR(status) && !fake.gives_nothing)
		fake.executable_paddr = paddr;
	return status;
}

static struct {
	VOID *get_attributes, *set_attributes;
	EFI_STATUS(EFIAPI *clear_attributes)(VOID *, EFI_PHYSICAL_ADDRESS, UINT64, UINT64);
} memory_attribute = { .clear_attributes = clear_attributes };

static EFI_STATUS EFIAPI get_event_log(VOID *this, UINT32 format, EFI_PHYSICAL_ADDRESS *start_paddr,
                                       EFI_PHYSICAL_ADDRESS *last_paddr, BOOLEAN *is_truncated)
{
	(void)this;
	if (format != fake.event_log_format)
		return EFI_INVALID_PARAMETER;
	*start_paddr = 0x200000;
	*last_paddr = 0x200000 + fake.event_log_bytes;
	*is_truncated = FALSE;
	return EFI_SUCCESS;
}

static struct {
	VOID *get_capability;
	EFI_STATUS(EFIAPI *get_event_log)
	(VOID *, UINT32, EFI_PHYSICAL_ADDRESS *, EFI_PHYSICAL_ADDRESS *, BOOLEAN *);
} tcg2 = { .get_event_log = get_event_log };

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **ret_interface)
{
	static const EFI_GUID memory_attribute_guid = {
		0xf4560cf6, 0x40ec, 0x4b4a, { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 }
	};
	static const EFI_GUID tcg2_guid = {
		0x607f766c, 0x7455, 0x42be, { 0x93, 0x0b, 0xe4, 0xd7, 0x6d, 0xb2, 0x72, 0x0f }
	};
	EFI_STATUS status;

	(void)registration;
	if (memcmp(guid, &tcg2_guid, sizeof *guid) == 0 && fake.event_log_bytes > 0) {
		*ret_interface = &tcg2;
		return EFI_SUCCESS;
	}
	if (memcmp(guid, &memory_attribute_guid, sizeof *guid) != 0)
		return EFI_NOT_FOUND; /* whether it answers so or with another error */
	status = enter(FAKE_LOCATE_PROTOCOL);
	if (EFI_ERROR(status))
		return status;
	if (!fake.is_nx || fake.gives_nothing) {
		*ret_interface = NULL;
		return fake.gives_null || fake.gives_nothing ? EFI_SUCCESS : EFI_NOT_FOUND;
	}
	*ret_interface = &memory_attribute;
	return EFI_SUCCESS;
}

static EFI_HANDLE pool[FAKE_MOST_GOPS + FAKE_MOST_PARTITIONS + 1];

static EFI_STATUS EFIAPI locate_handles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key,
                                        UINTN *ret_n_handles, EFI_HANDLE **ret_handles)
{
	EFI_STATUS status = enter(FAKE_LOCATE_HANDLES);
	UINTN n = 0;

	(void)key;
	*ret_handles = NULL;
	*ret_n_handles = fake.gives_nothing ? 0 : 3;
	if (EFI_ERROR(status) || fake.gives_nothing || fake.gives_null_handles)
		return status;
	for (size_t i = 0; i < fake.n_gops && memcmp(guid, &gop_guid, sizeof *guid) == 0; i++)
		pool[n++] = fake.gops[i];
	for (size_t i = 0; i < fake.n_partitions && memcmp(guid, &block_io_guid, sizeof *guid) == 0;
	     i++)
		pool[n++] = &fake.partitions[i];
	if (fake.bridge != NULL && memcmp(guid, &root_bridge_guid, sizeof *guid) == 0)
		pool[n++] = fake.bridge;
	if (how != ByProtocol || n == 0)
		return EFI_NOT_FOUND;
	*ret_handles = pool;
	*ret_n_handles = n;
	fake.n_pools++;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI free_pool(VOID *given)
{
	enter(FAKE_FREE_POOL);
	for (size_t i = 0; i < FAKE_POOLS; i++) {
		if (given != fake.pools[i].bytes || !fake.pools[i].is_taken)
			continue;
		fake.pools[i].is_taken = false;
		fake.n_pools--;
		return EFI_SUCCESS;
	}
	if (fake.is_loader_running)
		return EFI_INVALID_PARAMETER;
	if (given != pool || fake.n_pools == 0) {
		note_violation("a pool given back that was not given");
		return EFI_INVALID_PARAMETER;
	}
	fake.n_pools--;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI allocate_pool(EFI_MEMORY_TYPE type, UINTN bytes, VOID **ret_buffer)
{
	EFI_STATUS status = enter(FAKE_ALLOCATE_POOL);

	(void)type;
	*ret_buffer = NULL;
	for (size_t i = 0; i < FAKE_POOLS && !EFI_ERROR(status) && bytes <= FAKE_POOL_BYTES; i++) {
		if (fake.pools[i].is_taken)
			continue;
		fake.pools[i].is_taken = true;
		fake.n_pools++;
		*ret_buffer = fake.pools[i].bytes;
		return EFI_SUCCESS;
	}
	return EFI_ERROR(status) ? status : EFI_OUT_OF_RESOURCES;
}

/* Images. */

static size_t path_bytes(const uint8_t *path)
{
	size_t bytes = 0;

	while (path[bytes] != 0x7f)
		bytes += path[bytes + 2] | (size_t)path[bytes + 3] << 8;
	return bytes;
}

/* The volume at which the path begins, and so many bytes of it; FAKE_MOST_PARTITIONS: none. */
static size_t volume_of(const uint8_t *path, size_t *ret_bytes)
{
	for (size_t i = 0; i < fake.n_partitions; i++) {
		const uint8_t *head = fake.partitions[i].device_path;

		if (head == NULL || path_bytes(head) > path_bytes(path) ||
		    memcmp(head, path, path_bytes(head)) != 0)
			continue;
		*ret_bytes = path_bytes(head);
		return i;
	}
	return FAKE_MOST_PARTITIONS;
}

static EFI_STATUS EFIAPI load_image(BOOLEAN is_policy, EFI_HANDLE parent, EFI_DEVICE_PATH *path,
                                    VOID *source, UINTN bytes, EFI_HANDLE *ret_image)
{
	EFI_STATUS status = enter(FAKE_LOAD_IMAGE);
	struct fake_image *image = &fake.loaded;
	char name[256] = "";
	size_t head_bytes = 0, volume;

	if (is_policy || source != NULL || bytes != 0 || parent != fake.firmware.image)
		note_violation("an image is not loaded by its path alone");
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	volume = volume_of((const uint8_t *)path, &head_bytes);
	if (volume == FAKE_MOST_PARTITIONS)
		return EFI_NOT_FOUND;
	memset(image, 0, sizeof *image);
	memcpy(image->file_path, (const uint8_t *)path + head_bytes,
	       path_bytes((const uint8_t *)path) - head_bytes + 4);
	for (size_t i = 0; image->file_path[4 + 2 * i] != 0; i++)
		name[i] = (char)image->file_path[4 + 2 * i];
	if (fake_find_file_on(volume, name) == NULL)
		return EFI_NOT_FOUND;
	image->is_loaded = true;
	image->loaded = (EFI_LOADED_IMAGE){
		.DeviceHandle = &fake.partitions[volume],
		.FilePath = (EFI_DEVICE_PATH *)image->file_path,
		.ImageBase = image->image,
		.ImageSize = sizeof image->image,
		.ImageCodeType = fake.gives_no_types ? EfiReservedMemoryType : EfiLoaderCode,
		.ImageDataType = fake.gives_no_types ? EfiReservedMemoryType : EfiLoaderData,
	};
	*ret_image = image;
	return fake.refuses_signature ? EFI_SECURITY_VIOLATION : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI unload_image(EFI_HANDLE image)
{
	enter(FAKE_UNLOAD_IMAGE);
	if (image != &fake.loaded || !fake.loaded.is_loaded)
		note_violation("an image is unloaded that is not loaded");
	fake.loaded.is_loaded = false;
	return EFI_SUCCESS;
}

/* What returns is unloaded (UEFI 2.10 §7.4.2). */
static EFI_STATUS EFIAPI start_image(EFI_HANDLE image, UINTN *exit_bytes, CHAR16 **exit_data)
{
	EFI_STATUS status = enter(FAKE_START_IMAGE);

	(void)exit_bytes;
	if (image != &fake.loaded || !fake.loaded.is_loaded)
		note_violation("an image is started that is not loaded");
	if (fake.minds_watchdog && fake.watchdog_seconds == 0)
		note_violation("an image is started, and the watchdog is off");
	if (!EFI_ERROR(status) && !fake.gives_nothing && fake.loader != NULL) {
		fake.is_loader_running = true;
		status = fake.loader();
		fake.is_loader_running = false;
	}
	*exit_data = fake.exit_data;
	fake.loaded.is_loaded = false;
	return status;
}

static EFI_TPL EFIAPI raise_tpl(EFI_TPL tpl)
{
	EFI_TPL old = fake.tpl;

	if (tpl < old)
		note_violation("RaiseTPL() lowers it");
	fake.tpl = tpl;
	return old;
}

static VOID EFIAPI restore_tpl(EFI_TPL tpl)
{
	if (tpl > fake.tpl)
		note_violation("RestoreTPL() raises it");
	fake.tpl = tpl;
}

static EFI_STATUS EFIAPI output_string(SIMPLE_TEXT_OUTPUT_INTERFACE *this, CHAR16 *text)
{
	EFI_STATUS status = enter(FAKE_OUTPUT_STRING);

	(void)this;
	for (; !EFI_ERROR(status) && !fake.gives_nothing && *text != 0; text++) {
		if (*text != '\r' && fake.console_bytes < FAKE_CONSOLE_BYTES - 1)
			fake.console[fake.console_bytes++] = (char)*text;
	}
	fake.console[fake.console_bytes] = '\0';
	fake.key++; /* drawing characters may allocate */
	return status;
}

static EFI_STATUS EFIAPI set_attribute(SIMPLE_TEXT_OUTPUT_INTERFACE *this, UINTN attribute)
{
	(void)this;
	(void)attribute;
	return enter(FAKE_SET_ATTRIBUTE);
}

static EFI_STATUS EFIAPI read_key(SIMPLE_INPUT_INTERFACE *this, EFI_INPUT_KEY *ret_key)
{
	EFI_STATUS status = enter(FAKE_READ_KEY);

	(void)this;
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (fake.has_stale_escape) {
		*ret_key = (EFI_INPUT_KEY){ .ScanCode = SCAN_ESC };
		return EFI_SUCCESS;
	}
	if (fake.n_polls++ < fake.polls_before_keys || fake.n_keys_read == fake.n_keys)
		return EFI_NOT_READY;
	*ret_key = fake.keys[fake.n_keys_read++];
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI reset_keys(SIMPLE_INPUT_INTERFACE *this, BOOLEAN is_extended)
{
	EFI_STATUS status = enter(FAKE_RESET_KEYS);

	(void)this;
	(void)is_extended;
	if (!EFI_ERROR(status) && !fake.gives_nothing)
		fake.has_stale_escape = false;
	return status;
}

static EFI_STATUS EFIAPI stall(UINTN microseconds)
{
	EFI_STATUS status = enter(FAKE_STALL);

	if (fake.minds_watchdog && fake.watchdog_seconds != 0 && microseconds >= POLL_MICROSECONDS)
		note_violation("a key is awaited, and the watchdog runs");
	fake.now_ticks += microseconds * fake.ticks_per_stall_us;
	if (fake.stall_limit > 0 && --fake.stall_limit == 0)
		longjmp(fake.end, FAKE_WAS_RESET);
	return status;
}

static EFI_STATUS EFIAPI reset_system(EFI_RESET_TYPE type, EFI_STATUS status, UINTN bytes,
                                      CHAR16 *data)
{
	(void)status;
	(void)bytes;
	(void)data;
	fake.reset_type = type;
	enter(FAKE_RESET);
	longjmp(fake.end, FAKE_WAS_RESET);
}

static EFI_STATUS EFIAPI get_time(EFI_TIME *time, EFI_TIME_CAPABILITIES *capabilities)
{
	EFI_STATUS status = enter(FAKE_GET_TIME);

	(void)capabilities;
	if (!EFI_ERROR(status) && !fake.gives_nothing)
		*time = fake.time;
	return status;
}

static bool is_kept(const CHAR16 *name, const EFI_GUID *guid)
{
	size_t n = 0;

	while (name[n] != 0 && name[n] == fake.kept.name[n])
		n++;
	return name[n] == fake.kept.name[n] && memcmp(guid, &fake.kept.guid, sizeof *guid) == 0;
}

static EFI_STATUS EFIAPI get_variable(CHAR16 *name, EFI_GUID *guid, UINT32 *attributes,
                                      UINTN *bytes, VOID *to)
{
	EFI_STATUS status = enter(FAKE_GET_VARIABLE);

	(void)attributes;
	if (!EFI_ERROR(status))
		status = fake.get_variable_error;
	for (size_t i = 0; i < fake.n_variables && !EFI_ERROR(status) && !fake.gives_nothing; i++) {
		const struct fake_variable *variable = &fake.variables[i];
		UINTN capacity_bytes = *bytes;
		size_t n = 0;

		while (name[n] != 0 && name[n] == variable->name[n])
			n++;
		if (name[n] != variable->name[n])
			continue;
		*bytes = variable->n_bytes;
		if (capacity_bytes < variable->n_bytes)
			return EFI_BUFFER_TOO_SMALL;
		memcpy(to, variable->bytes, variable->n_bytes);
		return EFI_SUCCESS;
	}
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (fake.kept.n_bytes == 0 || !is_kept(name, guid))
		return EFI_NOT_FOUND;
	if (*bytes < fake.kept.n_bytes)
		return EFI_BUFFER_TOO_SMALL;
	*bytes = fake.kept.n_bytes;
	memcpy(to, fake.kept.bytes, fake.kept.n_bytes);
	return EFI_SUCCESS;
}

/* UEFI 2.10 §8.2.3, SetVariable(). */
static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *guid, UINT32 attributes, UINTN bytes,
                                      VOID *data)
{
	EFI_STATUS status = enter(FAKE_SET_VARIABLE);
	bool is_there = fake.kept.n_bytes > 0 && is_kept(name, guid);

	if (!EFI_ERROR(status))
		status = fake.set_variable_error;
	if (fake.when_set != NULL)
		fake.when_set();
	if (EFI_ERROR(status) || fake.gives_nothing)
		return status;
	if (bytes == 0 && !is_there)
		return EFI_NOT_FOUND;
	if (bytes > FAKE_KEPT_BYTES || (!is_there && fake.kept.n_bytes > 0))
		return EFI_OUT_OF_RESOURCES;
	if (is_there && attributes != fake.kept.attributes && bytes > 0)
		return EFI_INVALID_PARAMETER;
	fake.kept = (struct fake_kept){ .guid = *guid, .attributes = attributes, .n_bytes = bytes };
	for (size_t i = 0; name[i] != 0; i++)
		fake.kept.name[i] = name[i];
	if (bytes > 0)
		memcpy(fake.kept.bytes, data, bytes);
	return EFI_SUCCESS;
}

/* Nothing hangs here. */
static EFI_STATUS EFIAPI set_watchdog(UINTN seconds, UINT64 code, UINTN bytes, CHAR16 *data)
{
	(void)code, (void)bytes, (void)data;
	fake.watchdog_seconds = seconds;
	fake.n_arms += seconds != 0;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI enable_cursor(SIMPLE_TEXT_OUTPUT_INTERFACE *this, BOOLEAN is_visible)
{
	(void)this, (void)is_visible;
	return EFI_SUCCESS;
}

static EFI_BOOT_SERVICES boot_services;
static const EFI_BOOT_SERVICES services = {
	.Hdr.HeaderSize = sizeof boot_services,
	.AllocatePages = allocate_pages,
	.FreePages = free_pages,
	.GetMemoryMap = get_memory_map,
	.ExitBootServices = exit_boot_services,
	.HandleProtocol = handle_protocol,
	.LocateProtocol = locate_protocol,
	.LocateHandleBuffer = locate_handles,
	.FreePool = free_pool,
	.ConnectController = connect_controller,
	.Stall = stall,
	.SetWatchdogTimer = set_watchdog,
	.AllocatePool = allocate_pool,
	.LoadImage = load_image,
	.StartImage = start_image,
	.UnloadImage = unload_image,
	.RaiseTPL = raise_tpl,
	.RestoreTPL = restore_tpl,
};

bool fake_has_right_sum(void)
{
	EFI_BOOT_SERVICES table = *fake.firmware.boot_services;

	table.Hdr.CRC32 = 0;
	return fake.firmware.boot_services->Hdr.CRC32 == crc32_add(0, &table, sizeof table);
}

static EFI_RUNTIME_SERVICES runtime_services = { .GetTime = get_time,
	                                         .GetVariable = get_variable,
	                                         .SetVariable = set_variable,
	                                         .ResetSystem = reset_system };

static SIMPLE_TEXT_OUTPUT_INTERFACE console_out = { .OutputString = output_string,
	                                            .SetAttribute = set_attribute,
	                                            .EnableCursor = enable_cursor };

static SIMPLE_INPUT_INTERFACE console_in = { .Reset = reset_keys, .ReadKeyStroke = read_key };

/* What is machine code below a real loader. */

void cpu_read_state(struct cpu_state *ret_state)
{
	*ret_state = fake.cpu_state;
}

void cpu_read(struct cpu *ret_cpu)
{
	*ret_cpu = fake.cpu;
}

enum mtrr_err cpu_find_mtrrs(const struct cpu *cpu, struct mtrr_list *ret_list)
{
	const struct mtrr_source source = { .read = fake.read_msr, .has_tom2 = cpu->has_tom2 };

	ret_list->n = 0;
	return fake.read_msr != NULL ? mtrr_find(&source, ret_list) : MTRR_NONE;
}

bool cpu_copy_page_zero(void *to)
{
	if (fake.page_zero != NULL)
		memcpy(to, fake.page_zero, PAGE_BYTES);
	return fake.page_zero != NULL;
}

/* Linked with --wrap=launch_go: every call of launch_go() comes here. */
_Noreturn void __wrap_launch_go(const struct launch *pad);

_Noreturn void __wrap_launch_go(const struct launch *pad)
{
	if (!fake.is_left)
		note_violation("launched before the exit");
	check_run_on();
	if (fake.is_nx && (uintptr_t)pad + LAUNCH_CODE_OFFSET != fake.executable_paddr)
		note_violation("launched from pages that are not executable");
	fake.pad = pad;
	longjmp(fake.end, FAKE_LAUNCHED);
}

/* The machine. */

static bool map_host_memory(paddr_t start_paddr, paddr_t end_paddr)
{
	void *wanted = (void *)(uintptr_t)start_paddr;
	size_t bytes = (size_t)(end_paddr - start_paddr);
	void *got = mmap(wanted, bytes, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	/* An emulator that does not know the last flag takes the address as a wish. */
	if (got != MAP_FAILED && got != wanted)
		munmap(got, bytes);
	return got == wanted;
}

static bool map_host_memory_once(void)
{
	static enum { UNTRIED, MAPPED, REFUSED } state;

	/* An EBDA may go a page beyond the low megabyte. */
	if (state == UNTRIED)
		state = map_host_memory(FAKE_LOW_PADDR, FAKE_LOW_END_PADDR + PAGE_BYTES) &&
		                        map_host_memory(FAKE_RAM_PADDR, FAKE_RAM_END_PADDR)
		                ? MAPPED
		                : REFUSED;
	return state == MAPPED;
}

bool fake_firmware_init(void)
{
	static CHAR16 vendor[] = { 'f', 'a', 'k', 'e', 0 };
	static EFI_LOADED_IMAGE loaded_image;
	static EFI_SYSTEM_TABLE system_table;

	if (!map_host_memory_once())
		return false;
	memset(&fake, 0, sizeof fake);
	for (size_t i = 0; i < FAKE_MOST_NEW_FILES; i++)
		rooms[i].is_used = false;
	loaded_image = (EFI_LOADED_IMAGE){ .DeviceHandle = &fake.partitions[0] };
	system_table = (EFI_SYSTEM_TABLE){
		.Hdr.Revision = 2 << 16 | 70,
		.FirmwareVendor = vendor,
		.ConIn = &console_in,
		.ConOut = &console_out,
		.RuntimeServices = &runtime_services,
		.BootServices = &boot_services,
		.ConfigurationTable = fake.tables,
	};
	fake.firmware = (struct firmware){ .image = &fake,
		                           .system_table = &system_table,
		                           .boot_services = &boot_services,
		                           .loaded_image = &loaded_image };
	boot_services = services;
	fake.tpl = TPL_APPLICATION;
	fake.event_log_format = 2;
	fake.key = 1;
	fake.stride = 48;
	fake.query_sets_stride = true;
	fake.growth_type = EfiBootServicesData;
	fake.partitions[0].has_file_system = true;
	fake.n_partitions = 1;
	fake.read_only_error = EFI_WRITE_PROTECTED;
	fake.capacity_bytes = UINT64_MAX;
	fake.fail_status = EFI_DEVICE_ERROR;
	fake.failed = FAKE_SERVICES;
	fake.time = (EFI_TIME){
		.Year = 2026, .Month = 1, .Day = 2, .Hour = 3, .Minute = 4, .Second = 5
	};
	fake.cpu = (struct cpu){
		.has_long_mode = true, .has_1g_pages = true, .has_sse = true, .paddr_bits = 40
	};
	fake.cpu_state = (struct cpu_state){ .sp = UINT64_C(0x200000) };
	memset((void *)(uintptr_t)FAKE_LOW_PADDR, 0, FAKE_LOW_END_PADDR - FAKE_LOW_PADDR);
	fake_set_pages(0, FAKE_LOW_PADDR, EfiBootServicesData);
	fake_set_pages(FAKE_LOW_PADDR, 0xa0000, EfiConventionalMemory);
	fake_set_pages(0xa0000, 0xf0000, FAKE_HOLE);
	fake_set_pages(0xf0000, FAKE_LOW_END_PADDR, EfiReservedMemoryType);
	fake_set_pages(FAKE_LOW_END_PADDR, FAKE_RAM_PADDR, EfiBootServicesData);
	fake_set_pages(FAKE_RAM_PADDR, FAKE_RAM_END_PADDR, EfiConventionalMemory);
	return true;
}

bool fake_firmware_start_again(void)
{
	static struct fake_file files[FAKE_MOST_FILES];
	const struct fake_kept kept = fake.kept;
	size_t n_files = fake.n_files;

	memcpy(files, fake.files, n_files * sizeof files[0]);
	if (!fake_firmware_init())
		return false;
	memcpy(fake.files, files, n_files * sizeof files[0]);
	fake.n_files = n_files;
	fake.kept = kept;
	for (size_t i = 0; i < n_files; i++)
		if (files[i].room != NULL && !files[i].is_deleted)
			files[i].room->is_used = true;
	return true;
}

void fake_add_descriptor(uint32_t type, paddr_t start_paddr, uint64_t n_pages, uint64_t attribute)
{
	fake.extras[fake.n_extras++] = (struct uefi_descriptor){
		.type = type, .start_paddr = start_paddr, .n_pages = n_pages, .attribute = attribute
	};
}

void fake_add_table(EFI_GUID guid, paddr_t paddr)
{
	EFI_CONFIGURATION_TABLE *table =
		&fake.tables[fake.firmware.system_table->NumberOfTableEntries++];

	table->VendorGuid = guid;
	table->VendorTable = (void *)(uintptr_t)paddr;
}

size_t fake_count(enum fake_service service)
{
	size_t n = 0;

	for (size_t i = 0; i < fake.n_calls; i++)
		n += fake.calls[i] == service;
	return n;
}

bool fake_has_room_for_moves(void)
{
	bool has_room = true;

	for (uint32_t i = 0; i < fake.pad->n_moves; i++) {
		const struct launch_move *move = &fake.pad->moves[i];
		uint64_t bytes = move->copy_bytes + move->clear_bytes;

		has_room &= bytes == 0 ||
		            (is_backed(move->to_paddr) && is_backed(move->to_paddr + bytes - 1) &&
		             bytes <= FAKE_RAM_END_PADDR - FAKE_RAM_PADDR);
	}
	return has_room;
}

void fake_make_moves(void)
{
	fake_guard(FAKE_RAM_PADDR, FAKE_RAM_END_PADDR, true);
	for (uint32_t i = 0; i < fake.pad->n_moves; i++) {
		const struct launch_move *move = &fake.pad->moves[i];
		uint8_t *to = (uint8_t *)(uintptr_t)move->to_paddr;

		memcpy(to, (const void *)(uintptr_t)move->from_paddr, (size_t)move->copy_bytes);
		memset(to + move->copy_bytes, 0, (size_t)move->clear_bytes);
	}
}
