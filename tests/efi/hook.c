/* hook.c - a table of hooks, and the functions that stand in for services: see hook.h. */
#include "tests/efi/hook.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "tests/efi/lines.h"

#define MAP_BYTES 262144
#define FOR_EVER  UINT64_MAX

#define LOW_END_PADDR 0x100000

#define ERROR_OF(number) ((EFI_STATUS)(number) | (EFI_STATUS)1 << (sizeof(EFI_STATUS) * 8 - 1))

static EFI_BOOT_SERVICES *boot;
static EFI_RUNTIME_SERVICES *runtime;

/* The tables as the firmware made them. */
static bool is_hooked;
static EFI_BOOT_SERVICES real_boot;
static EFI_RUNTIME_SERVICES real_runtime;

static UINT8 map[MAP_BYTES] __attribute__((aligned(8)));

/* --- ExitBootServices --- */

static struct {
	UINT64 n_refusals;
	EFI_STATUS error; /* of the next call */
	UINT64 n_new;     /* descriptors, at the next call */
} leaving;

/* The start of the highest @n_pages pages that are free, or 0. */
static EFI_PHYSICAL_ADDRESS highest_free(UINT64 n_pages)
{
	UINTN bytes = sizeof map, key, stride;
	EFI_PHYSICAL_ADDRESS highest_paddr = 0;
	UINT32 version;

	if (EFI_ERROR(real_boot.GetMemoryMap(&bytes, (void *)map, &key, &stride, &version)))
		return 0;
	for (UINTN at = 0; at < bytes; at += stride) {
		const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map + at);
		EFI_PHYSICAL_ADDRESS paddr =
			descriptor->PhysicalStart + pfn_paddr(descriptor->NumberOfPages - n_pages);

		if (descriptor->Type == EfiConventionalMemory &&
		    descriptor->NumberOfPages >= n_pages && paddr > highest_paddr)
			highest_paddr = paddr;
	}
	return highest_paddr;
}

/* Every second page of so many: neighbours do not merge. */
static void grow_map(UINT64 n_descriptors)
{
	EFI_PHYSICAL_ADDRESS start_paddr = highest_free(n_descriptors + 2);

	for (UINT64 i = 1; start_paddr != 0 && i <= n_descriptors; i += 2) {
		EFI_PHYSICAL_ADDRESS paddr = start_paddr + pfn_paddr(i);

		real_boot.AllocatePages(AllocateAddress, EfiACPIMemoryNVS, 1, &paddr);
	}
}

/* What the map has more from the first call on. */
static struct {
	EFI_MEMORY_DESCRIPTOR first;
	UINT64 n, stride_pages; /* so many, each so much after the one before */
	bool is_there;
} late;

static void add_late(UINT8 *end, UINTN stride)
{
	EFI_MEMORY_DESCRIPTOR descriptor = late.first;

	for (UINT64 i = 0; i < late.n; i++) {
		memset(end, 0, stride);
		memcpy(end, &descriptor, sizeof descriptor);
		descriptor.PhysicalStart += pfn_paddr(late.stride_pages);
		end += stride;
	}
}

static EFI_STATUS EFIAPI get_memory_map(UINTN *bytes, EFI_MEMORY_DESCRIPTOR *descriptors,
                                        UINTN *key, UINTN *stride, UINT32 *version)
{
	const UINTN room_bytes = *bytes;
	EFI_STATUS status = real_boot.GetMemoryMap(bytes, descriptors, key, stride, version);
	UINTN real_bytes = *bytes;

	if (EFI_ERROR(status) || !late.is_there)
		return status;
	*bytes += (UINTN)late.n * *stride;
	if (*bytes > room_bytes)
		return ERROR_OF(5); /* EFI_BUFFER_TOO_SMALL */
	add_late((UINT8 *)descriptors + real_bytes, *stride);
	return status;
}

static EFI_STATUS EFIAPI exit_boot_services(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS error = leaving.error;

	leaving.error = EFI_SUCCESS;
	if (EFI_ERROR(error))
		return error;
	if (leaving.n_new > 0)
		grow_map(leaving.n_new); /* which makes the key old */
	leaving.n_new = 0;
	if (late.n > 0 && !late.is_there)
		key = ~key;
	late.is_there = late.n > 0;
	if (leaving.n_refusals > 0) {
		leaving.n_refusals -= leaving.n_refusals != FOR_EVER;
		key = ~key; /* the firmware refuses it, and stops its timer */
	}
	return real_boot.ExitBootServices(image, key);
}

static bool exit_refused(const char *at)
{
	UINT64 n = lines_number(&at);

	leaving.n_refusals = n > 0 ? n : FOR_EVER;
	boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_error(const char *at)
{
	leaving.error = ERROR_OF(lines_number(&at));
	boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_grows(const char *at)
{
	leaving.n_new = lines_number(&at);
	boot->ExitBootServices = exit_boot_services;
	return true;
}

static bool exit_adds(const char *at)
{
	late.first = (EFI_MEMORY_DESCRIPTOR){ .Attribute = EFI_MEMORY_WB };
	late.first.Type = (UINT32)lines_number(&at);
	late.first.PhysicalStart = lines_number(&at);
	late.first.NumberOfPages = lines_number(&at);
	late.n = max_u64(lines_number(&at), 1);
	late.stride_pages = lines_number(&at);
	boot->GetMemoryMap = get_memory_map;
	boot->ExitBootServices = exit_boot_services;
	return true;
}

/* --- AllocatePages --- */

static UINT64 n_honest_requests;

static EFI_STATUS EFIAPI allocate_pages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                        EFI_PHYSICAL_ADDRESS *paddr)
{
	bool is_loaders = type == EfiLoaderData || type == EfiLoaderCode;
	EFI_PHYSICAL_ADDRESS high_paddr;

	if (how != AllocateMaxAddress || !is_loaders)
		return real_boot.AllocatePages(how, type, n_pages, paddr);
	if (n_honest_requests > 0) {
		n_honest_requests--;
		return real_boot.AllocatePages(how, type, n_pages, paddr);
	}
	high_paddr = highest_free(n_pages);
	if (high_paddr > *paddr &&
	    !EFI_ERROR(real_boot.AllocatePages(AllocateAddress, type, n_pages, &high_paddr))) {
		*paddr = high_paddr;
		return EFI_SUCCESS;
	}
	return real_boot.AllocatePages(how, type, n_pages, paddr);
}

static bool pages_above(const char *at)
{
	n_honest_requests = lines_number(&at);
	boot->AllocatePages = allocate_pages;
	return true;
}

/* The start of the lowest @n_pages pages that are free from 1 MiB on and end below @last_paddr; 0.
 */
static EFI_PHYSICAL_ADDRESS lowest_free(UINT64 n_pages, EFI_PHYSICAL_ADDRESS last_paddr)
{
	UINTN bytes = sizeof map, key, stride;
	EFI_PHYSICAL_ADDRESS lowest_paddr = 0;
	UINT32 version;

	if (EFI_ERROR(real_boot.GetMemoryMap(&bytes, (void *)map, &key, &stride, &version)))
		return 0;
	for (UINTN at = 0; at < bytes; at += stride) {
		const EFI_MEMORY_DESCRIPTOR *descriptor = (const void *)(map + at);
		EFI_PHYSICAL_ADDRESS paddr = descriptor->PhysicalStart;

		if (descriptor->Type == EfiConventionalMemory && paddr >= LOW_END_PADDR &&
		    descriptor->NumberOfPages >= n_pages &&
		    paddr + pfn_paddr(n_pages) - 1 <= last_paddr &&
		    (lowest_paddr == 0 || paddr < lowest_paddr))
			lowest_paddr = paddr;
	}
	return lowest_paddr;
}

static EFI_STATUS EFIAPI allocate_lowest(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n_pages,
                                         EFI_PHYSICAL_ADDRESS *paddr)
{
	bool is_loaders = type == EfiLoaderData || type == EfiLoaderCode;
	EFI_PHYSICAL_ADDRESS low_paddr = 0;

	if (how == AllocateMaxAddress && is_loaders && n_honest_requests > 0)
		n_honest_requests--;
	else if (how == AllocateMaxAddress)
		low_paddr = lowest_free(n_pages, *paddr);
	if (low_paddr == 0 ||
	    EFI_ERROR(real_boot.AllocatePages(AllocateAddress, type, n_pages, &low_paddr)))
		return real_boot.AllocatePages(how, type, n_pages, paddr);
	*paddr = low_paddr;
	return EFI_SUCCESS;
}

static bool pages_lowest(const char *at)
{
	n_honest_requests = lines_number(&at);
	boot->AllocatePages = allocate_lowest;
	return true;
}

/* --- runtime services --- */

static EFI_PHYSICAL_ADDRESS code_paddr; /* a page of the runtime services, or 0 */

#define CODE_GET_TIME     0x000
#define CODE_RESET_SYSTEM 0x800

/* The service whose code is at @offset of that page is these bytes, which need nothing of ours; 0
 * if there is no memory for it. */
static UINTN be_service(UINTN offset, const UINT8 *code, UINTN bytes)
{
	if (code_paddr == 0 && EFI_ERROR(real_boot.AllocatePages(
				       AllocateAnyPages, EfiRuntimeServicesCode, 1, &code_paddr)))
		return 0;
	memcpy((void *)((UINTN)code_paddr + offset), code, bytes);
	return (UINTN)code_paddr + offset;
}

static bool be_get_time(const UINT8 *code, UINTN bytes)
{
	UINTN start = be_service(CODE_GET_TIME, code, bytes);

	if (start != 0)
		runtime->GetTime = (EFI_GET_TIME)start;
	return start != 0;
}

static bool reset_returns(const char *at)
{
	static const UINT8 ret[] = { 0xc3 };
	UINTN start = be_service(CODE_RESET_SYSTEM, ret, sizeof ret);

	(void)at;
	if (start != 0)
		runtime->ResetSystem = (EFI_RESET_SYSTEM)start;
	return start != 0;
}

static bool get_time_hangs(const char *at)
{
	static const UINT8 jump_to_itself[] = { 0xeb, 0xfe };

	(void)at;
	return be_get_time(jump_to_itself, sizeof jump_to_itself);
}

static bool get_time_faults(const char *at)
{
	static const UINT8 ud2[] = { 0x0f, 0x0b };

	(void)at;
	return be_get_time(ud2, sizeof ud2);
}

static bool get_time_error(const char *at)
{
	EFI_STATUS error = ERROR_OF(lines_number(&at));
	UINT8 code[2 + sizeof error + 1] = { 0x48, 0xb8 }; /* mov rax, error */
	UINTN n = 2;

	if (sizeof error == 4)
		code[0] = 0xb8, n = 1; /* mov eax, error */
	memcpy(code + n, &error, sizeof error);
	code[n + sizeof error] = 0xc3; /* ret */
	return be_get_time(code, n + sizeof error + 1);
}

static EFI_STATUS set_variable_status;

static EFI_STATUS EFIAPI set_variable(CHAR16 *name, EFI_GUID *vendor, UINT32 attributes,
                                      UINTN bytes, VOID *data)
{
	(void)name, (void)vendor, (void)attributes, (void)bytes, (void)data;
	return set_variable_status;
}

static bool set_variable_error(const char *at)
{
	set_variable_status = ERROR_OF(lines_number(&at));
	runtime->SetVariable = set_variable;
	return true;
}

/* --- SetWatchdogTimer --- */

static UINTN watchdog_seconds;

static EFI_STATUS EFIAPI set_watchdog_timer(UINTN seconds, UINT64 code, UINTN bytes, CHAR16 *data)
{
	return real_boot.SetWatchdogTimer(seconds > 0 ? watchdog_seconds : 0, code, bytes, data);
}

static bool watchdog(const char *at)
{
	watchdog_seconds = (UINTN)lines_number(&at);
	boot->SetWatchdogTimer = set_watchdog_timer;
	return true;
}

/* --- protocols --- */

static EFI_GUID gop_guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
static EFI_GUID null_guid; /* that of which there is a NULL */

/* The machine's graphics output, and one that says something else of it. */
static EFI_GRAPHICS_OUTPUT_PROTOCOL *real_gop, gop;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE gop_mode;
static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION gop_info;
static bool has_no_gop;

static EFI_STATUS EFIAPI gop_query_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 number,
                                        UINTN *bytes, EFI_GRAPHICS_OUTPUT_MODE_INFORMATION **info)
{
	(void)this;
	return real_gop->QueryMode(real_gop, number, bytes, info);
}

static EFI_STATUS EFIAPI gop_set_mode(EFI_GRAPHICS_OUTPUT_PROTOCOL *this, UINT32 number)
{
	(void)this;
	return real_gop->SetMode(real_gop, number);
}

static EFI_STATUS EFIAPI gop_blt(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
                                 EFI_GRAPHICS_OUTPUT_BLT_PIXEL *buffer,
                                 EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, UINTN x, UINTN y,
                                 UINTN to_x, UINTN to_y, UINTN width, UINTN height,
                                 UINTN line_bytes)
{
	(void)this;
	return real_gop->Blt(real_gop, buffer, operation, x, y, to_x, to_y, width, height,
	                     line_bytes);
}

static bool is_guid(const EFI_GUID *a, const EFI_GUID *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

/* What is made of a protocol that the firmware has, or says not to have. */
static EFI_STATUS change(const EFI_GUID *guid, EFI_STATUS status, VOID **interface)
{
	if (is_guid(guid, &null_guid)) {
		*interface = NULL;
		return EFI_SUCCESS;
	}
	if (EFI_ERROR(status) || !is_guid(guid, &gop_guid) || (real_gop == NULL && !has_no_gop))
		return status;
	*interface = &gop;
	return has_no_gop ? EFI_UNSUPPORTED : EFI_SUCCESS;
}

static EFI_STATUS EFIAPI handle_protocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
	return change(guid, real_boot.HandleProtocol(handle, guid, interface), interface);
}

static EFI_STATUS EFIAPI locate_protocol(EFI_GUID *guid, VOID *registration, VOID **interface)
{
	return change(guid, real_boot.LocateProtocol(guid, registration, interface), interface);
}

static void hook_protocols(void)
{
	boot->HandleProtocol = handle_protocol;
	boot->LocateProtocol = locate_protocol;
}

static bool null_protocol(const char *at)
{
	static const struct {
		const char *name;
		EFI_GUID guid;
	} rows[] = {
		{ "gop", EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID },
		{ "file-system", EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID },
		{ "loaded-image", EFI_LOADED_IMAGE_PROTOCOL_GUID },
		{ "device-path", EFI_DEVICE_PATH_PROTOCOL_GUID },
		{ "memory-attribute",
		  { 0xf4560cf6,
		    0x40ec,
		    0x4b4a,
		    { 0xa1, 0x92, 0xbf, 0x1d, 0x57, 0xd0, 0xb1, 0x89 } } },
	};

	hook_protocols();
	for (size_t i = 0; i < COUNT(rows); i++)
		if (lines_after(at, rows[i].name) != NULL) {
			null_guid = rows[i].guid;
			return true;
		}
	return false;
}

/* A graphics output of ours, as the machine's is: a hook changes something of it. */
static bool have_gop(void)
{
	if (real_gop != NULL)
		return true;
	if (EFI_ERROR(real_boot.LocateProtocol(&gop_guid, NULL, (VOID **)&real_gop)))
		return false;
	gop_info = *real_gop->Mode->Info;
	gop_mode = *real_gop->Mode;
	gop_mode.Info = &gop_info;
	gop = (EFI_GRAPHICS_OUTPUT_PROTOCOL){ gop_query_mode, gop_set_mode, gop_blt, &gop_mode };
	hook_protocols();
	return true;
}

static bool gop_none(const char *at)
{
	(void)at;
	has_no_gop = true;
	hook_protocols();
	return true;
}

static bool gop_no_mode(const char *at)
{
	(void)at;
	if (!have_gop())
		return false;
	gop.Mode = NULL;
	return true;
}

static bool gop_no_info(const char *at)
{
	(void)at;
	if (!have_gop())
		return false;
	gop_mode.Info = NULL;
	return true;
}

static bool gop_blt_only(const char *at)
{
	(void)at;
	if (!have_gop())
		return false;
	gop_info.PixelFormat = PixelBltOnly;
	return true;
}

static bool gop_at(const char *at)
{
	if (!have_gop())
		return false;
	gop_mode.FrameBufferBase = lines_number(&at);
	return true;
}

static bool gop_bytes(const char *at)
{
	if (!have_gop())
		return false;
	gop_mode.FrameBufferSize = (UINTN)lines_number(&at);
	return true;
}

static bool gop_pitch(const char *at)
{
	if (!have_gop())
		return false;
	gop_info.PixelsPerScanLine = (UINT32)lines_number(&at);
	return true;
}

/* --- all of them --- */

static const struct {
	const char *name;
	bool (*install)(const char *argument);
} hooks[] = {
	{ "exit-refused", exit_refused },
	{ "exit-error", exit_error },
	{ "exit-grows", exit_grows },
	{ "exit-adds", exit_adds },
	{ "pages-above", pages_above },
	{ "pages-lowest", pages_lowest },
	{ "reset-returns", reset_returns },
	{ "get-time-hangs", get_time_hangs },
	{ "get-time-faults", get_time_faults },
	{ "get-time-error", get_time_error },
	{ "set-variable-error", set_variable_error },
	{ "watchdog", watchdog },
	{ "null-protocol", null_protocol },
	{ "gop-none", gop_none },
	{ "gop-no-mode", gop_no_mode },
	{ "gop-no-info", gop_no_info },
	{ "gop-blt-only", gop_blt_only },
	{ "gop-at", gop_at },
	{ "gop-bytes", gop_bytes },
	{ "gop-pitch", gop_pitch },
};

/* A kernel holds the tables against their checksums (UEFI 2.10 §4.2). */
static void seal(EFI_TABLE_HEADER *header)
{
	UINT32 crc32 = 0;

	header->CRC32 = 0;
	real_boot.CalculateCrc32(header, header->HeaderSize, &crc32);
	header->CRC32 = crc32;
}

static void begin(EFI_SYSTEM_TABLE *table)
{
	boot = table->BootServices;
	runtime = table->RuntimeServices;
	if (!is_hooked) {
		real_boot = *boot;
		real_runtime = *runtime;
	}
	is_hooked = true;
}

static bool ends(const char *at)
{
	return *at <= ' ';
}

bool hook_install(EFI_SYSTEM_TABLE *table, const char *line)
{
	bool is_installed = false;

	begin(table);
	for (size_t i = 0; i < COUNT(hooks); i++) {
		const char *rest = lines_after(line, hooks[i].name);

		if (rest == NULL || !ends(rest))
			continue;
		while (*rest == ' ')
			rest++;
		is_installed = hooks[i].install(rest);
	}
	seal(&boot->Hdr);
	seal(&runtime->Hdr);
	return is_installed;
}

void hook_remove_all(EFI_SYSTEM_TABLE *table)
{
	begin(table);
	*boot = real_boot;
	*runtime = real_runtime;
	if (code_paddr != 0)
		boot->FreePages(code_paddr, 1);
	code_paddr = 0;
	real_gop = NULL;
	null_guid = (EFI_GUID){ 0 };
	has_no_gop = false;
}
